from odoo import fields, models
from odoo.fields import Domain

from ..base.names import COLLECTORS

# Online payments by the document that they are for: of whole invoices, as core has them, and of chosen items.
PAID_ONLINE = """(SELECT invoice_id AS move_id, transaction_id FROM account_invoice_transaction_rel
                   UNION ALL
                  SELECT line.move_id, rel.transaction_id FROM account_dunning_item_transaction_rel rel
                    JOIN account_move_line line ON line.id = rel.line_id)"""


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

    def _get_domain_of(self, moves):
        """Domain of the online payments of ``moves``: of the whole document, or of items of it."""
        return Domain("invoice_ids", "in", moves.ids) | Domain("dunning_item_ids.move_id", "in", moves.ids)
