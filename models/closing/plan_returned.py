from odoo import api
from odoo.tools import format_date


class PlanReturned:
    """What a plan does after a return: it is charged again, or not, and the collector gets the next step."""

    __slots__ = ()

    def _follow_return(self, code, count, day, why):
        """A payment of the plan came back on ``day``, for the ``count``-th time, with ``code`` (a record, or none)."""
        self.ensure_one()
        retry = code._get_retry_text(count)
        if retry:
            self._note(self.env._("A payment came back (%(why)s): %(retry)s.", why=why, retry=retry))
        collect = False
        if code.retry == "yes" and code._may_retry(count):
            collect = code._get_retry_day(day, count)
            if self._can_charge():
                self.return_retry_on, collect = collect, False
        else:
            self.return_retry_on = False
        if collect:
            summary = self.env._("Collect again from %(day)s on (%(why)s)", day=format_date(self.env, collect), why=why)
            self._ask_after_return("mail.mail_activity_data_todo", summary, retry, collect)
        if code._asks_for_step(count):
            self._ask_after_return(code._get_activity_type(), code._get_step_text(why), retry)

    def _ask_after_return(self, activity_type, summary, note, deadline=None):
        today = self.company_id._dunning_today()
        self.activity_schedule(
            activity_type,
            date_deadline=max(deadline or today, today),
            summary=summary,
            note=note,
            user_id=self.user_id.id or self.env.uid,
        )

    def _get_retry_action(self):
        """The payment retry with which a returned payment is charged again: the first that the company has, or none."""
        domain = [("kind", "=", "payment_retry"), ("company_id", "=", self.company_id.id)]
        return self.env["account.dunning.action"].search(domain, limit=1)

    def _can_charge(self):
        """Whether the plan can be charged by itself: with a payment retry, and a payment method for each invoice."""
        moves = self.move_id or self.item_state_ids.move_id
        return bool(self._get_retry_action()) and bool(moves) and all(self._find_tokens(moves).values())

    @api.model
    def _cron_retry(self):
        self._queue_returned()
        return super()._cron_retry()

    @api.model
    def _queue_returned(self):
        """Queue the plans whose returned payments are charged again today; paused ones wait until they go on."""
        domain = [("return_retry_on", "!=", False), ("state", "=", "ongoing"), ("retry_action_id", "=", False)]
        for company, plans in self.sudo().search(domain).grouped("company_id").items():  # scheduled action
            today = company._dunning_today()
            due = plans.filtered(lambda plan: plan.return_retry_on <= today)  # noqa: B023
            if due and (action := due[:1]._get_retry_action()):
                due._queue_retry(action)
                due.return_retry_on = False

    def _get_retryable(self):
        """Nothing is charged again before the day that the return code gives."""
        amounts = super()._get_retryable()
        last = self.env["account.dunning.returned"]._get_last(self.env["account.move"].concat(*amounts))
        today = self.company_id._dunning_today()
        waiting = {move for move, (retry_on, _moment) in last.items() if retry_on and retry_on > today}
        return {move: amount for move, amount in amounts.items() if move not in waiting}

    def _find_tokens(self, moves):
        """What came back and may not be charged again is charged on payment methods only that were saved since."""
        tokens = super()._find_tokens(moves)
        last = self.env["account.dunning.returned"]._get_last(self.env["account.move"].concat(*tokens))
        for move, (retry_on, moment) in last.items():
            if not retry_on and tokens[move] and tokens[move].create_date <= moment:
                tokens[move] = tokens[move].browse()
        return tokens
