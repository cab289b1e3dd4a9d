from odoo import api, models


class AccountCollectionPlan(models.Model):
    """What plans have set on their customers follows them."""

    _inherit = "account.collection.plan"

    def _after_change(self):
        super()._after_change()
        self.env["account.dunning.consequence"]._follow(self)

    @api.model
    def _get_customer_models(self):
        return (*super()._get_customer_models(), "account.dunning.consequence")

    @api.model
    def _after_customer_change(self, companies, customers):
        super()._after_customer_change(companies, customers)
        self.env["account.dunning.consequence"]._follow_customers(companies, customers)

    @api.model
    def _hand_on_settings(self, source, target):
        super()._hand_on_settings(source, target)
        self.env["account.dunning.consequence"]._merge(source, target)
