from odoo import models
from odoo.tools import format_amount, format_date

ENDED = ("failed", "cancelled")  # those that left are told by their plans


class AccountDunningNotice(models.Model):
    """The placeholder of what the customer has promised; cases follow notices that failed."""

    _inherit = "account.dunning.notice"

    def _get_placeholder_values(self):
        return {**super()._get_placeholder_values(), "promise": self._get_promise_text()}

    def _get_promise_text(self):
        """What the customer has promised about items that are not on the notice; empty where there is nothing."""
        promises = self.env["account.dunning.promise"].search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("state", "=", "open"),
            ]
        )
        return " ".join(
            self.env._(
                "Your promise to pay %(amount)s until %(date)s is noted.",
                amount=format_amount(self.env, promise.amount, promise.currency_id),
                date=format_date(self.env, promise.last_on),
            )
            for promise in promises
        )

    def _after_state(self):
        super()._after_state()
        self.env["account.collection.case"]._touch_customers(
            {(notice.company_id.id, notice.partner_id.id) for notice in self if notice.state in ENDED}
        )
