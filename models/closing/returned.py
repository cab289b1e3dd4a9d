from odoo.fields import Domain

from ..base.names import OPEN_STATES


class ReturnedPayments:
    """Items whose payment came back."""

    __slots__ = ()

    def _reopen_returned(self, day, why, code=None):
        """The payment of these items came back on ``day``: reopen their plans, and do what the return code says.

        Without a code a call is asked for (rules §6). The collector gets the activity, also where an agency has the
        plan, where it is unrecovered, or where only its charges are open; without a plan the salesperson.
        """
        code = code or self.env["account.dunning.return.code"]
        counts = self.env["account.dunning.returned"]._record(self, day, why, code)
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
        pursued = code._stop_customers(self, why)
        plans = plans.filtered(lambda plan: plan.partner_id in pursued.partner_id.commercial_partner_id)
        for plan in plans:
            own = pursued.filtered(lambda line: line.move_id in plan.move_id + plan.item_state_ids.move_id)  # noqa: B023
            plan._follow_return(code, max((counts[line] for line in own), default=1), day, why)
        code._pause_plans(plans, day)
        for move, lines in pursued.grouped("move_id").items():
            count = max(counts[line] for line in lines)
            if move not in plans.move_id + plans.item_state_ids.move_id and code._asks_for_step(count):
                user = move.collection_plan_id.user_id or move.invoice_user_id
                move.activity_schedule(
                    code._get_activity_type(),
                    summary=code._get_step_text(why),
                    note=code._get_retry_text(count),
                    user_id=user.id or self.env.uid,
                )
