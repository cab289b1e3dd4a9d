from odoo import fields, models
from odoo.fields import Domain


class AccountMove(models.Model):
    """When an invoice is expected to be paid."""

    _inherit = "account.move"

    dunning_payment_outlook = fields.Char(
        string="Payment Forecast",
        compute="_compute_dunning_payment_outlook",
        groups="account_dunning.group_dunning_collector",
    )

    # without dependencies: posting and paying would mark it at each of their steps
    def _compute_dunning_payment_outlook(self):
        self.dunning_payment_outlook = False
        unpaid = self.filtered_domain(
            Domain("state", "=", "posted")
            & Domain("move_type", "=", "out_invoice")
            & Domain("amount_residual", "!=", 0)
        )
        for root, moves in unpaid.grouped(lambda move: move.company_id.sudo().root_id).items():  # of a branch's user
            dues = {move: (move.commercial_partner_id.id, move.invoice_date_due) for move in moves}
            sentences = self.env["account.dunning.payment.forecast"]._get_sentences(root, dues)
            for move in moves:
                move.dunning_payment_outlook = sentences[move]
