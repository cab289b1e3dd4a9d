from odoo import fields, models

from ..base.names import COLLECTORS


class PaymentTransaction(models.Model):
    """An online payment of chosen items: core knows payments of whole invoices only."""

    _name = "payment.transaction"
    _inherit = ["payment.transaction", "account.dunning.guard"]

    dunning_item_ids = fields.Many2many(
        "account.move.line",
        "account_dunning_item_transaction_rel",
        "transaction_id",
        "line_id",
        string="Paid Items",
        readonly=True,
        copy=False,
        groups=COLLECTORS,
        help="The open items that the payment is for, with the credits that stand against them.",
    )
