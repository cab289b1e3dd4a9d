from odoo import api
from odoo.fields import Domain

from ...tools.bulk import bulk_update
from ..base.names import OPEN_STATES

# The collection status that a reason for closing gives.
CLOSED_STATUSES = {"written_off": "uncollectable", "handed_over": "agency"}
# Reasons that the work gives every day: the timeline tells them, and the chatter does not repeat it.
EVERYDAY = {"paid", "set_off", "credited"}


class PlanClosing:
    """How a plan ends, and the collection status that it leaves (rules §3)."""

    __slots__ = ()

    def _close(self, state, reason, keeps_out=False):
        """Close the plans as ``state`` for ``reason``; what was planned for them is done.

        With ``keeps_out``, a person must allow a new plan before the debt is dunned again. What the plans had set is
        taken back, unless they are unrecovered.
        """
        if not self:
            return
        days = {company: company._dunning_today() for company in self.company_id}
        bulk_update(
            self,
            {
                plan.id: {**plan._prepare_closed_vals(state, reason, keeps_out), "closed_on": days[plan.company_id]}
                for plan in self
            },
        )
        self._after_close(reason)
        self._after_change()

    def _prepare_closed_vals(self, state, reason, keeps_out=False):
        """Values of the plan where it is closed as ``state`` for ``reason``, but for the day. Hook."""
        self.ensure_one()
        return {
            "state": state,
            "close_reason": reason,
            "keeps_out": keeps_out,
            "paused_on": False,
            "paused_until": False,
            "reason_id": self.reason_id.id if reason == "person" else False,
            "collection_status": self._get_closed_status(state, reason),
            "below_minimum": False,
            "next_level_id": False,
            "next_date": False,
        }

    def _after_close(self, reason):
        """The plans were closed for ``reason``: what was planned for them is done."""
        self._get_planned_activities().unlink()
        if reason not in EVERYDAY:
            self._note(self.env._("%(state)s: %(reason)s.", **self[:1]._get_ending()))

    def _get_ending(self):
        """As what the plan was closed, and why, in words."""
        self.ensure_one()
        states = dict(self._fields["state"]._description_selection(self.env))
        reasons = dict(self._fields["close_reason"]._description_selection(self.env))
        return {"state": states[self.state], "reason": reasons.get(self.close_reason, "")}

    def _get_planned_activities(self):
        """The activities that are out of date once the plans are closed. Hook."""
        return self.activity_ids.filtered("automated")

    def _get_closed_status(self, state, reason):
        """The collection status of the plan where it is closed as ``state`` for ``reason``. Hook."""
        if reason in CLOSED_STATUSES:
            return CLOSED_STATUSES[reason]
        return self.collection_status if state == "unrecovered" else False

    def _reset_collection_status(self):
        """Give closed plans that go on the collection status of their levels again."""
        for level, plans in self.grouped("level_id").items():
            plans.collection_status = self._get_level_status(level)

    def _get_collection_status(self, level):
        """The collection status now that ``level`` is the plan's: an open plan takes that of a level newly given. Hook.

        An unrecovered plan keeps what it has; it takes one only where what was credited is owed again.
        """
        self.ensure_one()
        if self.state in OPEN_STATES:
            given = level != self.level_id
        else:
            given = self.state == "unrecovered" and not self.collection_status
        return self._get_level_status(level) if given else self.collection_status

    @api.model
    def _get_level_status(self, level):
        """The collection status of an open plan that reaches ``level`` (one record, or none)."""
        return level.collection_status or "dunning"

    def _get_standing(self):
        """Where the plan stands, in words: the reason for what it sets on the customer, or takes back."""
        self.ensure_one()
        if self.state in OPEN_STATES:
            level = self.level_id.name or self.env._("no level")
            return self.env._("collection plan “%(plan)s” is at level “%(level)s”", plan=self.name, level=level)
        if self.state == "unrecovered" and not self.collection_status:
            return self.env._("nothing is owed any more on the collection plan “%(plan)s”", plan=self.name)
        state = dict(self._fields["state"]._description_selection(self.env))[self.state]
        return self.env._("the status of collection plan “%(plan)s” is “%(state)s”", plan=self.name, state=state)

    def _note(self, bodies):
        """Log a note on each plan: one text for all, or a list with one for each."""
        if isinstance(bodies, str):
            bodies = [bodies] * len(self)
        if self:
            self._message_log_batch(bodies=dict(zip(self.ids, bodies, strict=True)))

    @api.model
    def _end_for_other_customers(self, moves):
        """End the plans of invoices that were reset and have another customer now; he begins anew (rules §3)."""
        plans = self.search(
            Domain("mode", "=", "invoice")
            & Domain("move_id", "in", moves.ids)
            & (Domain("state", "in", OPEN_STATES) | Domain("close_reason", "=", "cancelled"))
        )
        plans = plans.filtered(lambda plan: plan.partner_id != plan.move_id.commercial_partner_id)
        open_plans = plans.filtered(lambda plan: plan.state in OPEN_STATES)
        open_plans._close("stopped", "other_customer")
        (plans - open_plans).close_reason = "other_customer"
        (plans - open_plans)._note(self.env._("The invoice has another customer now, who begins anew."))
