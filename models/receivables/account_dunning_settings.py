from odoo import fields, models


class AccountDunningSettings(models.Model):
    """By which balance customers are dunned."""

    _inherit = "account.dunning.settings"

    balance_id = fields.Many2one(
        "account.dunning.balance",
        string="Customer Balance to Use",
        domain="[('company_id', '=', company_id)]",
        check_company=True,
        ondelete="restrict",
        help="Customer-based dunning begins and ends by this balance. Empty: the default balance.",
    )

    def _get_balance(self):
        """The customer balance by which customer-based dunning begins and ends (one record)."""
        self.ensure_one()
        return self.balance_id or self.env["account.dunning.balance"]._get_default(self.company_id)
