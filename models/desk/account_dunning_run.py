from odoo import api, models


class AccountDunningRun(models.Model):
    """Before a night proposes, promises are judged: what was not kept is due."""

    _inherit = "account.dunning.run"

    @api.model
    def _prepare_night(self):
        super()._prepare_night()
        for company in self._get_nightly_companies():
            promises = self.env["account.dunning.promise"]
            promises._judge_due(company)
            promises._remind_late(company)
