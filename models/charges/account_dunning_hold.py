from odoo import models


class AccountDunningHold(models.Model):
    _inherit = "account.dunning.hold"

    def _after_outcome(self, items):
        """Credit interest that is booked on what was contested and found not to be due: it bears none."""
        super()._after_outcome(items)
        items.env["account.dunning.notice"]._credit_excess(items.ids)
