from odoo import fields
from odoo.fields import Domain

from ...engine import outlook


class PlanTimeline:
    """What was done about a plan, and what will be, as its form shows it."""

    __slots__ = ()

    def _compute_timeline(self):
        """What was sent and done, and what comes next and when, as a list for the form."""
        outlooks = self._get_outlooks()
        for plan in self:
            entries = [entry for entry in plan._get_past_entries() if entry["date"]]
            entries.sort(key=lambda entry: entry["date"])
            plan.timeline = self.env["ir.qweb"]._render(
                "account_dunning.collection_plan_timeline",
                {"past": entries, "coming": outlooks.get(plan.id, []), "plan": plan},
            )

    def _get_past_entries(self):
        """What happened in the plan: dicts with date, title, detail. Hook."""
        self.ensure_one()
        entries = [{"date": self.opened_on, "title": self.env._("Opened"), "detail": "", "undone": False}]
        for message in self._get_done_activities():
            day = fields.Date.context_today(self, message.date)
            title = message.mail_activity_type_id.name
            entries.append({"date": day, "title": title, "detail": message.author_id.name or "", "undone": False})
        if self.closed_on:
            ending = self._get_ending()
            entries.append(
                {"date": self.closed_on, "title": ending["state"], "detail": ending["reason"], "undone": False}
            )
        return entries

    def _get_done_activities(self):
        """The messages of the plan that tell of activities that were done."""
        done = Domain("model", "=", self._name) & Domain("res_id", "in", self.ids)
        done &= Domain("mail_activity_type_id", "!=", False)
        # who reads the plan reads its chatter
        return self.env["mail.message"].sudo().search_fetch(done, ["date", "mail_activity_type_id", "author_id"])

    def _get_outlooks(self):
        """What comes next by plan id, for the ongoing plans: dicts with date, title, detail."""
        result = {}
        ongoing = self.filtered(lambda plan: plan.state == "ongoing" and plan.next_level_id)
        for company, plans in ongoing.grouped("company_id").items():
            today = company._dunning_today()
            assessments = self.env["account.dunning.reader"]._assess(company, plans.partner_id.ids, today)
            verdicts = self._get_verdicts(assessments)
            for plan in plans:
                leading = self._get_leading(verdicts[plan.id])
                result[plan.id] = plan._get_coming_entries(leading, today) if leading else []
        return result

    def _get_coming_entries(self, verdict, today):
        """What comes for the leading item of ``verdict`` while nothing is paid: dicts with date, title, detail."""
        self.ensure_one()
        levels = self.env["account.dunning.level"]
        steps = outlook(verdict.item, verdict.rule, today)
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

    def _compute_hold_banner(self):
        """The text of the hold that keeps the invoice, or the whole customer, out of dunning."""
        for plan in self:
            plan.hold_banner = plan._get_holds().filtered("active_now")[:1]._get_banner()

    def _get_holds(self):
        """The holds of its company on the customer of the plan, and on its invoice and the items of it."""
        self.ensure_one()
        documents = Domain("partner_id", "=", self.partner_id.id)
        if self.move_id:
            documents |= Domain("move_id", "=", self.move_id.id)
        if self.move_line_id:
            documents |= Domain("move_line_id", "=", self.move_line_id.id)
        elif self.move_id:
            documents |= Domain("move_line_id.move_id", "=", self.move_id.id)
        # the invoice may be of a branch that the user may not read; holds are the company's
        holds = self.env["account.dunning.hold"].sudo()
        holds = holds.search(Domain("company_id", "=", self.company_id.id) & documents)
        # those of the customer first, then those of the invoice
        return holds.sorted(lambda hold: (not hold.partner_id, not hold.move_id, -hold.id)).with_env(self.env)

    def _get_document_lines(self):
        """The journal items of what invoice-based plans are about: of the invoice, or the item of an entry."""
        return self.move_line_id + self.filtered(lambda plan: not plan.move_line_id).move_id.line_ids
