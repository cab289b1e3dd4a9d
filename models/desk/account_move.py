from odoo import models


class AccountMove(models.Model):
    """The invoice of the fee of an agreement gives no credit."""

    _inherit = "account.move"

    def _passes_credit_stop(self):
        promises = self.env["account.dunning.promise"].sudo()  # a yes or no
        return super()._passes_credit_stop() or bool(promises.search_count([("fee_move_id", "=", self.id)], limit=1))
