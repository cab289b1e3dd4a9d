from odoo import api, models


class AccountDunningType(models.Model):
    _inherit = "account.dunning.type"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_noticed(self):
        self._refuse_used("account.dunning.notice")
