from odoo import api, models


class AccountDunningLevel(models.Model):
    _inherit = "account.dunning.level"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_reached(self):
        self._refuse_used("account.dunning.item")
