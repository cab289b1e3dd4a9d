from odoo import api, models


class AccountDunningReader(models.AbstractModel):
    """While an experiment runs, the types of its halves take their customers before any rule does."""

    _inherit = "account.dunning.reader"

    @api.model
    def _get_type_rules(self, company, types):
        rules = super()._get_type_rules(company, types)
        # decides on all customers, whoever asks
        experiment = self.env["account.dunning.experiment"].sudo()._get_running(company)
        halves = enumerate((experiment.type_a_id, experiment.type_b_id)) if experiment else ()
        return [(each.id, experiment._get_arm_domain(arm)) for arm, each in halves if each in types] + rules
