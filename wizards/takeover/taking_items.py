"""The levels that items have reached, and the notices that were sent of them."""

from collections import defaultdict
from datetime import date

from ...tools.bulk import bulk_insert, bulk_update
from .reached import Reached


class TakingItems:
    """Enters levels by the import of levels, and the history as notices without a document."""

    def take_items(self):
        found = [item for item in self.found.items if not self.rows.is_done("item", item.table, item.id)]
        if not found:
            return
        check = Reached(self, found)
        if check.right:
            # dunning states and plans are written by their work only; the wizard checks who asks
            self.env["account.dunning.import"].create({"company_id": self.company.id})._import(check)
        # the states that the import has made
        states = self.env["account.dunning.item"].search([("move_line_id", "in", list(check.results))])
        self.states = {state.move_line_id.id: state for state in states}
        later = {}
        for item in found:
            self.note_item(item, check.results[item.move_line_id], check.lines[item.move_line_id])
            state = self.states.get(item.move_line_id)
            if item.not_before and state and not check.results[item.move_line_id]["wrong"]:
                later[state.id] = item.not_before
        self.env["account.dunning.item"].browse(later)._postpone(later)

    def note_item(self, item, result, line):
        there = self.names.get(item.level_id) or self.env._("Reminder %(number)s", number=item.nth or "?")
        level = self.env["account.dunning.level"].browse(result["level_id"] or ())
        self.rows.add(
            "item",
            item.table,
            item.id,
            line.dunning_number,
            result["error"] or result["differs"],
            None if result["wrong"] else self.states[item.move_line_id],
            level_there=there,
            level_here=level.name if not result["wrong"] else False,
            partner_id=line.partner_id.id,
            move_line_id=line.id,
        )

    # history

    def take_history(self):
        """One notice for what went together there; of items without a customer or level here there is none."""
        groups, before = defaultdict(list), {}
        known = self.find_levels_of_sent()
        for sent in sorted(self.found.sent, key=lambda sent: (sent.day or date.min, sent.level_id or sent.nth or 0)):
            level = known.get((sent.table, sent.id)) if sent.day else None
            done = self.rows.is_done("notice", sent.table, sent.id)
            if not done and level and sent.partner_id:
                groups[sent.partner_id, sent.currency_id, level.id, sent.key].append(
                    (sent, before.get(sent.move_line_id))
                )
            elif not done:
                self.note_left(sent)
            if level:
                before[sent.move_line_id] = (level, sent.day)
        self.write_history(groups)

    def find_levels_of_sent(self):
        """The level here of each row that was sent, by table and id; reminders have that of their type, by number."""
        ladders = {}
        for sent in self.found.sent:
            if sent.nth is not None:
                ladders.setdefault(sent.move_line_id, None)
        ladders = self.find_ladders(ladders)
        levels = {}
        for sent in self.found.sent:
            if sent.nth is None:
                levels[sent.table, sent.id] = self.levels.get(sent.level_id)
            elif ladder := ladders.get(sent.move_line_id):
                levels[sent.table, sent.id] = ladder[min(max(sent.nth, 1), len(ladder)) - 1]
        return levels

    def find_ladders(self, move_line_ids):
        """The levels by which items are dunned here, in order: of their state, else of the company's default type."""
        types = self.env["account.dunning.type"]
        default = types.search([("company_id", "=", self.company.id), ("default", "=", True)], limit=1)
        states = self.env["account.dunning.item"].search([("move_line_id", "in", list(move_line_ids))])
        own = {state.move_line_id.id: state.level_id.type_id for state in states}
        ladders = {
            dunning_type: dunning_type.level_ids.filtered(lambda level: level.active and not level.reminder).sorted(
                "days"
            )
            for dunning_type in types.union(default, *own.values())
        }
        return {line_id: ladders.get(own.get(line_id) or default) for line_id in move_line_ids}

    def note_left(self, sent):
        word = self.env._("Its level was not taken over.")
        if not sent.partner_id:
            word = self.env._("It has no customer.")
        elif not sent.day:
            word = self.env._("It is not known when it was sent.")
        there = self.names.get(sent.level_id, False)
        self.rows.add(
            "notice", sent.table, sent.id, sent.number, word, level_there=there, move_line_id=sent.move_line_id
        )

    def write_history(self, groups):
        """Insert the notices of ``groups``, their lines, and name them as the last ones of their items."""
        if not groups:
            return
        levels = {level.id: level for level in self.env["account.dunning.level"].browse({key[2] for key in groups})}
        common = {"run_id": self.make_run().id, **self.env["account.dunning.notice"]._prepare_blank_totals()}
        notices = bulk_insert(
            self.env["account.dunning.notice"],
            [
                {**common, **self.prepare_notice(key, levels[key[2]], [sent for sent, _before in group])}
                for key, group in groups.items()
            ],
        )
        lines, last = [], {}
        for notice_id, ((_partner, _currency, level_id, _key), group) in zip(notices.ids, groups.items(), strict=True):
            for sent, before in group:
                lines.append(self.prepare_line(notice_id, levels[level_id], sent, before))
                last[sent.move_line_id] = (notice_id, level_id)
                self.note_sent(sent, levels[level_id], notices.browse(notice_id))
        bulk_insert(self.env["account.dunning.notice.line"], lines)
        self.name_last(last)

    def make_run(self):
        """The run that the notices belong to: it is over, and was none of ours."""
        return self.env["account.dunning.run"].create(
            {
                "name": self.env._("Taken over from %(title)s", title=self.source.title),
                "company_id": self.company.id,
                "date": self.company._dunning_today(),
                "state": "done",
            }
        )

    def prepare_notice(self, key, level, group):
        partner_id, currency_id, _level, _key = key
        oldest, day = min(sent.due for sent in group), group[0].day
        amount = sum(sent.open for sent in group)
        return {
            "company_id": self.company.id,
            "partner_id": partner_id,
            "recipient_id": partner_id,
            "type_id": level.type_id.id,
            "level_id": level.id,
            "currency_id": currency_id,
            "document": "none",
            "reminder": level.reminder,
            "state": "sent",
            "date": day,
            "sent_on": day,
            "oldest_due_date": oldest,
            "days_overdue": (day - oldest).days,
            "amount_dunned": amount,
            "amount_credit": 0.0,
            "amount_total": amount,
            "line_count": len(group),
            "imported": True,
        }

    def prepare_line(self, notice_id, level, sent, before):
        state = self.states.get(sent.move_line_id)
        former, day = before or (None, False)
        return {
            "notice_id": notice_id,
            "move_line_id": sent.move_line_id,
            "move_id": sent.move_id,
            "plan_id": state.plan_id.id if state else False,
            "level_id": level.id,
            "name": sent.number,
            "due_date": sent.due,
            "days_overdue": (sent.day - sent.due).days,
            "amount_original": sent.amount,
            "claim": sent.open,
            "amount_credit": 0.0,
            "amount_contested": 0.0,
            "dunned": not level.reminder,
            "started": True,
            "pending": False,
            "previous_level_id": former.id if former else False,
            "previous_date": day,
            "previous_times": 1 if former else 0,
            "reason": "reminder" if level.reminder else "due",
        }

    def note_sent(self, sent, level, notice):
        self.rows.add(
            "notice",
            sent.table,
            sent.id,
            sent.number,
            record=notice,
            level_there=self.names.get(sent.level_id, False),
            level_here=level.name,
            partner_id=sent.partner_id,
            move_line_id=sent.move_line_id,
        )

    def name_last(self, last):
        """The notice by which an item has reached its level is its last one."""
        updates = {
            state.id: {"last_notice_id": last[line_id][0]}
            for line_id, state in self.states.items()
            if line_id in last and state.level_id.id == last[line_id][1]
        }
        bulk_update(self.env["account.dunning.item"], updates)
