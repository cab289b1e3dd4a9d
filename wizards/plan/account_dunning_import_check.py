"""What the lines of an import of levels mean, and what is wrong with them."""

import re
from collections import defaultdict

from odoo.fields import Domain

from ...tools.tables import parse_date

ASSESS_BATCH = 1000


class WrongLine(Exception):
    """A line that cannot be imported; the argument says why, for the user."""


class ReachedCheck:
    """Whether receivable ``items`` (journal items) of ``company`` can be entered at a level, by what they owe today.

    Asks some queries per 1,000 customers. ``results`` has, by what the caller calls each, what is entered:
    move_line_id, type_id, level_id and date, with ``wrong`` and why as ``error``.
    """

    def __init__(self, company, items):
        self.company = company
        self.env = company.env
        self.today = company._dunning_today()
        self.assessments = self._assess(items)
        self.verdicts = {v.item.id: v for assessment in self.assessments.values() for v in assessment.verdicts}
        self.obstacles = self.env["account.dunning.reader"]._get_reason_labels()
        self.results = {}

    @property
    def right(self):
        """The results of what can be entered."""
        return [result for result in self.results.values() if not result["wrong"]]

    def in_debt(self, partner_id):
        """True where customer-based dunning pursues the customer (rules §5)."""
        return self.assessments[partner_id].in_debt

    def _assess(self, items):
        partner_ids = items.partner_id.ids
        result = {}
        for start in range(0, len(partner_ids), ASSESS_BATCH):
            batch = partner_ids[start : start + ASSESS_BATCH]
            result.update(self.env["account.dunning.reader"]._assess(self.company, batch, self.today))
        return result

    def _check_item(self, item):
        """The rule of the dunning type that the item has, where it can be dunned."""
        verdict = self.verdicts.get(item.id)
        if verdict is None:
            raise WrongLine(self.env._("Nothing of it is open."))
        if not verdict.item.owed:
            reason = self.obstacles.get(verdict.item.obstacle, verdict.item.obstacle)
            raise WrongLine(self.env._("It is kept out of dunning: %(reason)s.", reason=reason))
        if verdict.rule is None:
            raise WrongLine(self.env._("It has no dunning type."))
        if not verdict.rule.overdue(verdict.item, self.today):
            raise WrongLine(self.env._("It is not overdue."))
        if verdict.item.reached is not None and not self._is_entered(item):
            raise WrongLine(self.env._("It has reached a level here already."))
        return verdict.rule

    def _is_entered(self, item):
        """True where the level that ``item`` has may be replaced: it was entered, too."""
        return False

    def _check_day(self, day, item):
        """The ``day`` of the last notice, where it can be."""
        if day > self.today:
            raise WrongLine(self.env._("The date lies in the future."))
        if day < (item.invoice_date or item.date):
            raise WrongLine(self.env._("The date lies before the date of the invoice."))
        return day


class LineCheck(ReachedCheck):
    """Looks up the invoices and levels of all lines together, with some queries per 1,000 customers.

    ``lines`` are dicts with number, invoice, due, level and date_text. ``results`` has values of
    ``account.dunning.import.line`` by the number of the line.
    """

    def __init__(self, company, lines):
        self.items = self._find_items(company, {line["invoice"] for line in lines if line["invoice"]})
        # items of all branches are looked up by number
        super().__init__(company, company.env["account.move.line"].sudo().concat(*self.items.values()))
        self.date_format = self.env["res.lang"]._get_data(code=self.env.user.lang or "en_US").date_format
        self.levels = self._find_levels()
        self.seen = {}
        self.results = {line["number"]: self._judge(line) for line in lines}

    # facts

    def _find_items(self, company, numbers):
        """The receivable items of the invoices, by number, the earliest due first.

        An item of a journal entry is found by its own number and by that of the entry.
        """
        numbers = list(numbers)
        # items of all branches are looked up by number
        model = company.env["account.move.line"].sudo()
        by_label = Domain("name", "in", numbers) | (Domain("name", "in", (False, "")) & Domain("ref", "in", numbers))
        lines = model.search_fetch(
            Domain("account_type", "=", "asset_receivable")
            & Domain("company_id", "child_of", company.id)
            & (
                Domain("move_name", "in", numbers)
                | (Domain("move_id.move_type", "=", "entry") & by_label)
                | Domain("dunning_item_state_ids.number", "in", numbers)
            ),
            [
                "move_id",
                "move_name",
                "name",
                "ref",
                "partner_id",
                "parent_state",
                "date_maturity",
                "date",
                "invoice_date",
            ],
            order="date_maturity, id",
        )
        found = defaultdict(model.browse)
        for line in lines:
            for number in {line.dunning_number, line.move_name}:
                found[number] += line
        return found

    def _find_levels(self):
        """The levels of the company's types by what they may be called: “Level” or “Type / Level”."""
        levels = (
            self.env["account.dunning.level"]
            # looked up by number or name within the company
            .sudo()
            .search([("company_id", "=", self.company.id), ("type_id.active", "=", True)])
        )
        result = defaultdict(list)
        for level in levels:
            result[_plain(level.name)].append(level)
            result[_plain(f"{level.type_id.name} / {level.name}")].append(level)
        return result

    # one line

    def _judge(self, line):
        """The result of one line: what it means as far as that is clear, and the first thing that is wrong."""
        result = dict.fromkeys(("move_line_id", "partner_id", "type_id", "level_id", "date"), False)
        error = False
        try:
            item = self._find_item(line)
            result.update(move_line_id=item.id, partner_id=item.partner_id.id)
            rule = self._check_item(item)
            result["type_id"] = rule.id
            result["level_id"] = self._find_level(line["level"], rule).id
            result["date"] = self._find_date(line["date_text"], item)
            self._check_twice(line, item)
        except WrongLine as wrong:
            error = wrong.args[0]
        return {**result, "error": error, "wrong": bool(error)}

    def _find_item(self, line):
        """The item (a journal item) that the line is about."""
        if not line["invoice"]:
            raise WrongLine(self.env._("No invoice is named."))
        items = self.items.get(line["invoice"])
        if not items:
            raise WrongLine(self.env._("No invoice has this number."))
        items = items.filtered(lambda item: item.parent_state == "posted")
        if not items:
            raise WrongLine(self.env._("The invoice is not posted."))
        if len(items.move_id) > 1:
            raise WrongLine(self.env._("Several invoices have this number."))
        if line["due"]:
            due = self._parse(line["due"])
            items = items.filtered(lambda item: item.dunning_due_date == due)
            if not items:
                raise WrongLine(self.env._("Nothing of the invoice is due on that day."))
        if len(items) > 1:
            raise WrongLine(self.env._("The invoice has %(count)s such items: name the due date.", count=len(items)))
        return items

    def _find_level(self, name, rule):
        """The level called ``name`` of the item's dunning type."""
        if not name:
            raise WrongLine(self.env._("No level is named."))
        levels = self.levels.get(_plain(name), [])
        if not levels:
            raise WrongLine(self.env._("There is no level of this name."))
        own = [level for level in levels if level.type_id.id == rule.id]
        if not own:
            # the type by which the item is dunned
            dunning_type = self.env["account.dunning.type"].sudo().browse(rule.id)
            raise WrongLine(
                self.env._(
                    "The level belongs to “%(other)s”, but the dunning type of the item is “%(type)s”.",
                    other=levels[0].type_id.name,
                    type=dunning_type.name,
                )
            )
        if len(own) > 1:
            raise WrongLine(self.env._("Several levels have this name."))
        if own[0].reminder:
            raise WrongLine(self.env._("A reminder before the due date is no level to be reached."))
        return own[0]

    def _find_date(self, text, item):
        """The day of the last notice."""
        if not text:
            raise WrongLine(self.env._("No date is given."))
        return self._check_day(self._parse(text), item)

    def _check_twice(self, line, item):
        first = self.seen.setdefault(item.id, line["number"])
        if first != line["number"]:
            raise WrongLine(self.env._("The same item stands in line %(number)s.", number=first))

    def _parse(self, text):
        day = parse_date(text, self.date_format)
        if day is None:
            raise WrongLine(self.env._("“%(text)s” is no date.", text=text))
        return day


def _plain(name):
    """A name as it is compared: without case, and with a single space where there is any."""
    return re.sub(r"\s*/\s*", " / ", " ".join((name or "").split())).casefold()
