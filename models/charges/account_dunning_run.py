from odoo import api, models


class AccountDunningRun(models.Model):
    _inherit = "account.dunning.run"

    def _after_proposed(self, notices):
        """Charge what the levels charge; where none of the company's does, nothing is read."""
        super()._after_proposed(notices)
        if self.env["account.dunning.level"]._is_charging(self.company_id.id):
            notices._charge()

    @api.model
    def _prepare_night(self):
        """Managers are asked about laws and rates by which nothing is charged any more, where their company charges."""
        super()._prepare_night()
        for company in self._get_nightly_companies():
            types = self.env["account.dunning.type"].search([("company_id", "=", company.id)])
            by_law = any(dunning_type._charges_by_law() for dunning_type in types)
            if by_law and self.env["account.dunning.level"]._is_charging(company.id):
                self.env["account.dunning.law"]._ask_managers(company, company._dunning_today())
