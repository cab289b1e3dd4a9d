from odoo import api, fields, models

from ..base.account_dunning_guard import colleagues


class AccountDunningTarget(models.Model):
    """What a collector is to collect in a month."""

    _name = "account.dunning.target"
    _description = "Target of a Collector"
    _inherit = ["account.dunning.guard"]
    _order = "month desc, user_id"
    _rec_name = "user_id"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company.root_id,
        domain=[("parent_id", "=", False)],
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one("res.users", string="Collector", required=True, domain=colleagues("company_id"))
    month = fields.Date(required=True, default=lambda self: self.env.company._dunning_today().replace(day=1))
    amount = fields.Monetary(string="To Collect", required=True)

    _one_a_month = models.Constraint(
        "UNIQUE (company_id, user_id, month)", "This collector has a target for the month."
    )
    _amount_positive = models.Constraint("CHECK (amount > 0)", "A target is more than zero.")

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._normalize(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._normalize(vals))

    @api.model
    def _normalize(self, vals):
        """A month is its first day, a company the root one."""
        vals = dict(vals)
        if vals.get("month"):
            vals["month"] = fields.Date.to_date(vals["month"]).replace(day=1)
        if vals.get("company_id"):
            vals["company_id"] = self.env["res.company"].browse(vals["company_id"]).root_id.id
        return vals
