from odoo import fields, models


class AccountDunningSettings(models.Model):
    """What is known of how all customers pay."""

    _inherit = "account.dunning.settings"

    general_delay = fields.Float(readonly=True, groups=fields.NO_ACCESS, help="Median days after due, of all invoices.")
    general_late = fields.Float(readonly=True, groups=fields.NO_ACCESS, help="The share of invoices paid late, 0 to 1.")
    cash_expected = fields.Json(readonly=True, groups=fields.NO_ACCESS, help="By week, as of the last night.")
