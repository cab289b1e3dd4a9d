from odoo import api, models


class AccountDunningLevel(models.Model):
    """Letters may mention what the customer has promised about other items."""

    _inherit = "account.dunning.level"

    @api.model
    def _get_placeholders(self):
        return (*super()._get_placeholders(), "promise")
