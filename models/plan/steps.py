from odoo import api
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..base.names import OPEN_STATES

# What a person may do with a plan, and in which states; the state machine of rules §6. Beside it stand only what the
# debt does (account_collection_plan_debt) and the end of the ladder.
STEPS = {
    "pause": ("ongoing",),
    "resume": ("paused",),
    "stop": OPEN_STATES,
    "allow": ("stopped", "unrecovered"),
    "switch": OPEN_STATES,
    "level": OPEN_STATES,
    "postpone": ("ongoing",),
    "undo": OPEN_STATES,
    "write_off": (*OPEN_STATES, "unrecovered"),
    "hand_over": (*OPEN_STATES, "unrecovered"),
    "recall": ("unrecovered",),
}


class PlanSteps:
    """What a person may do with a plan: each step is in the chatter with who, from what, to what, why."""

    __slots__ = ()

    # buttons

    def action_pause(self):
        """Open the dialog that pauses the plans."""
        return self.env["account.collection.plan.change"]._open(self, "pause")

    def action_resume(self):
        """Let paused plans go on today."""
        self._as_collector()._check_step("resume")
        # what comes next follows the work: nobody may write it
        for company, plans in self.sudo().grouped("company_id").items():
            plans._resume(company._dunning_today())

    def action_stop(self):
        """Open the dialog that stops the plans for good."""
        return self.env["account.collection.plan.change"]._open(self, "stop")

    def action_switch(self):
        """Open the dialog that switches the plans to another dunning type."""
        return self.env["account.collection.plan.change"]._open(self, "switch")

    def action_set_level(self):
        """Open the dialog that sets or skips a level."""
        return self.env["account.collection.plan.change"]._open(self, "level")

    def action_postpone(self):
        """Open the dialog that postpones the next notice."""
        return self.env["account.collection.plan.change"]._open(self, "postpone")

    def action_undo(self):
        """Open the dialog that undoes the latest notice."""
        return self.env["account.collection.plan.change"]._open(self, "undo")

    def action_allow_new(self):
        """Allow that what the closed plans were about is dunned again, in a new plan."""
        self._as_collector()._check_step("allow")
        # what comes next follows the work: nobody may write it
        plans = self.sudo()
        plans.write({"keeps_out": False})
        plans._note(self.env._("A new plan may be opened."))

    # what is possible

    def _as_collector(self, refusal=None):
        """The plans to work on, with all rights, for a collector who may write them."""
        plans = super()._as_collector(refusal)
        self.check_access("write")
        return plans

    def _check_step(self, step):
        """Refuse ``step`` (a key of STEPS) with a message where any of the plans does not allow it."""
        for plan, why in self._get_refusals(step).items():
            raise UserError(self.env._("%(plan)s: %(why)s", plan=plan.display_name, why=why))

    def _get_refusals(self, step):
        """Why ``step`` is not possible (a text), by plan, for the plans on which it is not. Hook."""
        labels = dict(self._fields["state"]._description_selection(self.env))
        refusals = {}
        for plan in self:
            if plan.state not in STEPS[step]:
                refusals[plan] = self.env._("Not possible, the plan is “%(state)s”.", state=labels[plan.state])
            elif step == "allow" and not plan.keeps_out:
                refusals[plan] = self.env._("A new plan is possible already.")
            elif step == "undo" and (why := plan._get_undo_refusal()):
                refusals[plan] = why
        return refusals

    def _get_undo_refusal(self):
        """Why the latest notice cannot be undone, or None where it can. Hook."""
        return self.env._("No notice was sent.")

    def _withdraw_notices(self):
        """Withdraw what was to be sent about the items of the plans; true where anything was. Hook."""
        return False

    # the steps

    def _pause(self, reason, until):
        """Pause until the day ``until``, on which the plans resume; notices on their way are withdrawn."""
        for company, plans in self.grouped("company_id").items():
            today = company._dunning_today()
            if until <= today:
                raise UserError(
                    self.env._("A pause ends on a later day than today (%(date)s).", date=format_date(self.env, today))
                )
            plans.write({"state": "paused", "paused_on": today, "paused_until": until, "reason_id": reason.id})
        self._settle(withdraw=True)

    def _resume(self, day):
        """Go on from ``day``: an item dunned before waits the minimum days of its level (rules §4)."""
        for plan in self:
            start = max(filter(None, (plan.paused_on, plan.last_notice_date)))
            plan.write(
                {
                    "state": "ongoing",
                    "idle_days": plan.idle_days + max((day - start).days, 0),
                    "paused_on": False,
                    "paused_until": False,
                    "reason_id": False,
                }
            )
        self.item_state_ids._resume(day)
        self._note(self.env._("Resumed."))
        self._settle()

    @api.model
    def _end_pauses(self):
        """Scheduled action: resume the plans whose pause ends today or has ended; none where the clock went back."""
        for company, paused in self.search([("state", "=", "paused")]).grouped("company_id").items():
            today = company._dunning_today()
            in_time = not company._has_clock_gone_back()
            due = paused.filtered(lambda plan: in_time and plan.paused_until <= today)  # noqa: B023
            for day, plans in due.grouped("paused_until").items():
                plans._resume(day)

    def _stop(self, reason):
        """Stop for good; what the plans held is kept out until a person allows a new plan."""
        self._settle()
        self.write({"reason_id": reason.id})
        self.filtered(lambda plan: plan.state in OPEN_STATES)._close("stopped", "person", keeps_out=True)
        self._settle(withdraw=True)

    def _switch_type(self, dunning_type, level):
        """Go on in ``dunning_type`` at its ``level`` (empty: before the first one)."""
        self.write({"type_id": dunning_type.id})
        self._set_level(level)

    def _set_level(self, level):
        """Set the level that the items have reached (empty: none); nothing is sent."""
        self._settle()
        self.item_state_ids.write({"level_id": level.id, "times": 1 if level else 0})
        for status, plans in self.grouped(lambda plan: plan._get_collection_status(level)).items():
            plans.write({"level_id": level.id, "collection_status": status})
        self._settle(withdraw=True)

    def _postpone(self, day):
        """Send nothing before ``day``."""
        self._settle()
        self.item_state_ids._postpone(dict.fromkeys(self.item_state_ids.ids, day))
        self._settle(withdraw=True)

    # opening by hand
