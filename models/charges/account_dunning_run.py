from odoo import models


class AccountDunningRun(models.Model):
    _inherit = "account.dunning.run"

    def _after_proposed(self, notices):
        """Charge what the levels charge; where none of the company's does, nothing is read."""
        super()._after_proposed(notices)
        if self.env["account.dunning.level"]._is_charging(self.company_id.id):
            notices._charge()
