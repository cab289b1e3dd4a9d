from odoo.fields import Domain

from ..base.names import OPEN_STATES


class ReturnedPayments:
    """Items whose payment came back."""

    __slots__ = ()

    def _reopen_returned(self, day, why):
        """The payment of these items came back on ``day``: reopen their plans, and ask for a call (rules §6).

        The collector calls, also where an agency has the plan, where it is unrecovered, or where only its charges are
        open; without a plan the salesperson.
        """
        plans = self.env["account.collection.plan"]
        plans._settle_lines(self.ids)
        self.dunning_item_state_ids._resume(day)
        plans = plans.search(
            Domain("state", "in", (*OPEN_STATES, "unrecovered"))
            & (Domain("move_id", "in", self.move_id.ids) | Domain("item_state_ids.move_line_id", "in", self.ids))
            & (Domain("move_line_id", "=", False) | Domain("move_line_id", "in", self.ids))
        )
        open_plans = plans.filtered(lambda plan: plan.state in OPEN_STATES)
        open_plans._settle()
        plans = open_plans + (plans - open_plans)._get_reopenable()
        message = self.env._("Call: a payment came back (%(why)s)", why=why)
        for plan in plans:
            plan.activity_schedule(
                "mail.mail_activity_data_call", summary=message, user_id=plan.user_id.id or self.env.uid
            )
        for move in self.move_id - plans.move_id - plans.item_state_ids.move_id:
            user = move.collection_plan_id.user_id or move.invoice_user_id
            move.activity_schedule("mail.mail_activity_data_call", summary=message, user_id=user.id or self.env.uid)
