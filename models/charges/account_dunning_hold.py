from odoo import models


class AccountDunningHold(models.Model):
    _inherit = "account.dunning.hold"

    def _after_outcome(self, items):
        """What was contested and not found to be due bears no interest: some may be booked too much."""
        super()._after_outcome(items)
        items.env["account.dunning.notice"]._credit_excess(items.ids)
