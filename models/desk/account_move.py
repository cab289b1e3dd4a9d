from odoo import fields, models

from ...tools.prefetch import PREFETCH


class AccountMove(models.Model):
    """The invoice of the fee of an agreement gives no credit."""

    _inherit = "account.move"

    dunning_agreement_fee = fields.Boolean(readonly=True, copy=False, prefetch=PREFETCH)

    def _passes_credit_stop(self):
        return super()._passes_credit_stop() or self.sudo().dunning_agreement_fee  # a yes or no
