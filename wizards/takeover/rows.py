"""What became of each row of the other module, collected until it is written, or shown as a preview."""

from collections import Counter

from ...tools.bulk import bulk_insert, bulk_update

DONE = ("taken", "differs")


class Rows:
    """The rows of one take-over, and those of earlier ones, by kind, table and key."""

    def __init__(self, company, source):
        self.env = company.env
        self.company = company
        self.source = source
        self.new = {}
        self.known = self._read_known()

    def _read_known(self):
        # rows are written by the work only; the wizard checks who asks
        rows = self.env["account.dunning.takeover.row"].sudo()
        found = rows.search_fetch(
            [("company_id", "=", self.company.id), ("source", "=", self.source)],
            ["kind", "source_table", "source_key", "outcome", "became_model", "became_id", "move_line_id"],
        )
        return {(row.kind, row.source_table, row.source_key): row for row in found}

    def is_done(self, kind, table, key):
        """True where the row was taken over, now or before."""
        name = (kind, table, str(key))
        known = self.known.get(name)
        return name in self.new or bool(known and known.outcome in DONE)

    def find(self, kind, table, key, model):
        """The record of ``model`` that the row became before (one, or none), if it is still there."""
        known = self.known.get((kind, table, str(key)))
        done = known and known.outcome in DONE and known.became_model == model
        return self.env[model].sudo().browse(known.became_id if done else ()).exists()

    def add(self, kind, table, key, name, word=None, record=None, **values):
        """Note what became of a row: with a ``record`` (or ``differs=…``) it was taken over, else not.

        :param word: why it differs, or was left
        """
        outcome = values.pop("outcome", None) or ("left" if record is None else "differs" if word else "taken")
        self.new[kind, table, str(key)] = {
            "name": name or False,
            "became": False,
            "level_there": False,
            "level_here": False,
            "partner_id": False,
            "move_line_id": False,
            **values,
            "outcome": outcome,
            "word": word or False,
            "became_model": record._name if record else False,
            "became_id": record.id if record else False,
        }

    def store(self):
        """Store what was noted: rows that were left before are brought up to date, the others are added."""
        rows = self.env["account.dunning.takeover.row"].sudo()  # see _read_known
        updates = {self.known[name].id: values for name, values in self.new.items() if name in self.known}
        added = [
            {
                "company_id": self.company.id,
                "source": self.source,
                "kind": kind,
                "source_table": table,
                "source_key": key,
                **values,
            }
            for (kind, table, key), values in self.new.items()
            if (kind, table, key) not in self.known
        ]
        bulk_update(rows, updates, compare=True)
        return rows.browse(updates) + bulk_insert(rows, added)

    def as_preview(self):
        """The same as lines of the preview; notices are summed up by their levels."""
        lines, notices = [], Counter()
        for (kind, _table, _key), values in self.new.items():
            if kind == "notice":
                notices[tuple(values[name] for name in ("level_there", "level_here", "outcome", "word"))] += 1
            else:
                lines.append({"kind": kind, **{name: values[name] for name in PREVIEWED}})
        for (there, here, outcome, word), count in notices.items():
            blank = dict.fromkeys(PREVIEWED, False)
            name = self.env._("%(count)s items on notices", count=count)
            lines.append(
                {
                    **blank,
                    "kind": "notice",
                    "name": name,
                    "level_there": there,
                    "level_here": here,
                    "outcome": outcome,
                    "word": word,
                }
            )
        return lines

    def count(self):
        """How many rows of each kind ended how: numbers by kind and outcome."""
        return Counter((kind, values["outcome"]) for (kind, _table, _key), values in self.new.items())


PREVIEWED = ("name", "became", "level_there", "level_here", "outcome", "word", "partner_id", "move_line_id")
