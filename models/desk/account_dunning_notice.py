from odoo import api, fields, models
from odoo.tools import format_amount, format_date

ENDED = ("failed", "cancelled")  # those that left are told by their plans


class AccountDunningNotice(models.Model):
    """The placeholder of what the customer has promised; cases follow notices that failed."""

    _inherit = "account.dunning.notice"

    promise_text = fields.Char(compute="_compute_promise_text", groups=fields.NO_ACCESS)

    @api.depends("partner_id", "company_id")
    @api.depends_context("lang")
    def _compute_promise_text(self):
        """What the customer has promised about items that are not on the notice, in a sentence; of all at once."""
        promises = self.env["account.dunning.promise"].search(
            [("partner_id", "in", self.partner_id.ids), ("state", "=", "open")]
        )
        for notice in self:
            own = promises.filtered(
                lambda each, notice=notice: (
                    each.partner_id == notice.partner_id
                    and each.company_id == notice.company_id
                    and not each.item_ids.move_line_id <= notice.line_ids.move_line_id
                )
            )
            notice.promise_text = " ".join(notice._describe_promise(promise) for promise in own)

    def _describe_promise(self, promise):
        return self.env._(
            "Your promise to pay %(amount)s until %(date)s is noted.",
            amount=format_amount(self.env, promise.amount, promise.currency_id),
            date=format_date(self.env, promise.last_on),
        )

    def _get_placeholder_values(self):
        return {**super()._get_placeholder_values(), "promise": self.sudo().promise_text or ""}  # of this notice

    def _after_state(self):
        super()._after_state()
        self.env["account.collection.case"]._touch_customers(
            {(notice.company_id.id, notice.partner_id.id) for notice in self if notice.state in ENDED}
        )
