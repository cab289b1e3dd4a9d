from dataclasses import replace

from odoo import fields

from ...engine import Item, decide, outlook


class PlanTimeline:
    """What was done about a plan, and what will be, as its form shows it."""

    __slots__ = ()

    def _render_timeline(self, done):
        """What was sent and done, and what comes next and when, as a list for the form.

        :param done: the messages that tell of activities of the plan that were done
        """
        self.ensure_one()
        entries = [entry for entry in self._get_past_entries(done) if entry["date"]]
        entries.sort(key=lambda entry: entry["date"])
        return self.env["ir.qweb"]._render(
            "account_dunning.collection_plan_timeline",
            {"past": entries, "coming": self._get_coming_entries(), "plan": self},
        )

    def _get_past_entries(self, done):
        """What happened in the plan: dicts with date, title, detail; ``done`` as of :meth:`_render_timeline`. Hook."""
        self.ensure_one()
        entries = [{"date": self.opened_on, "title": self.env._("Opened"), "detail": "", "undone": False}]
        for message in done:
            day = fields.Date.context_today(self, message.date)
            title = message.mail_activity_type_id.name
            entries.append({"date": day, "title": title, "detail": message.author_id.name or "", "undone": False})
        if self.closed_on:
            ending = self._get_ending()
            entries.append(
                {"date": self.closed_on, "title": ending["state"], "detail": ending["reason"], "undone": False}
            )
        return entries

    def _get_coming_entries(self):
        """What comes for the leading item while nothing is paid: dicts with date, title, detail."""
        self.ensure_one()
        if self.state != "ongoing" or not self.next_level_id:
            return []
        levels = self.env["account.dunning.level"]
        today = self.company_id._dunning_today()
        rule = self.type_id.sudo()._to_rule()  # who may read a plan may see what comes next
        leading = self._get_leading_item(rule, today)
        steps = outlook(leading, rule, today) if leading else []
        entries = [
            {
                "date": day,
                "title": levels.browse(level.id).name,
                "detail": self.env._("repeated") if repeated else "",
            }
            for day, level, repeated in steps
        ]
        if steps and self.type_id.unrecovered_days:
            end = fields.Date.add(steps[-1][0], days=self.type_id.unrecovered_days)
            entries.append({"date": end, "title": self.env._("Unrecovered"), "detail": ""})
        return entries

    def _get_leading_item(self, rule, today):
        """The item that decides what comes next, as a value of the engine: the oldest with the plan's next level.

        The plan says what comes next, and when, since it was last settled; the customer is not read again.
        """
        self.ensure_one()
        states = self.item_state_ids.filtered("due_date")
        states = states.filtered(lambda item: item.amount_open > 0) or states  # a returned payment leaves it at zero
        items = [item._to_item() for item in states] or [self._to_silent_item()]
        items = sorted(items, key=lambda item: (item.due, item.id))
        decisions = [(item, decide(item, rule, today)) for item in items]
        found = [pair for pair in decisions if pair[1].next_level and pair[1].next_level.id == self.next_level_id.id]
        exact = [pair for pair in found if pair[1].next_date == self.next_date]
        for item, _decision in exact or found:
            return replace(item, not_before=self.next_date)
        return None

    def _to_silent_item(self):
        """What the plan is about, as a value of the engine, where it was opened by hand: nothing was sent yet."""
        self.ensure_one()
        amount, currency = self.amount_due, self.currency_id.id
        return Item(id=0, due=self.leading_due_date, residual=amount, company_residual=amount, currency=currency)

    def _get_document_lines(self):
        """The journal items of what invoice-based plans are about: of the invoice, or the item of an entry."""
        return self.move_line_id + self.filtered(lambda plan: not plan.move_line_id).move_id.line_ids
