from odoo import api, fields, models

from ...engine import FeeBand


class AccountDunningFeeBand(models.Model):
    """From which amount on a level charges how much (rules §8)."""

    _name = "account.dunning.fee.band"
    _description = "Fee Band"
    _inherit = ["account.dunning.guard"]
    _order = "level_id, amount_from, id"

    level_id = fields.Many2one("account.dunning.level", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="level_id.company_id")
    currency_id = fields.Many2one(related="level_id.currency_id")
    amount_from = fields.Monetary(
        string="From",
        aggregator=None,
        help="The band begins where this much is overdue, net of credits, and reaches up to the next one.",
    )
    fee_amount = fields.Monetary(string="Fee", aggregator=None)
    fee_percent = fields.Float(string="And Percent", digits=(7, 3), aggregator=None)

    _start_unique = models.Constraint(
        "UNIQUE (level_id, amount_from)", "Two bands of a fee cannot begin at one amount."
    )
    _amounts = models.Constraint(
        "CHECK (LEAST(COALESCE(amount_from, 0), COALESCE(fee_amount, 0)) >= 0"
        " AND COALESCE(fee_percent, 0) BETWEEN 0 AND 100)",
        "The amounts of a band cannot be negative, and its percentage is between 0 and 100.",
    )

    @api.constrains("level_id", "fee_amount", "fee_percent")
    def _check_level(self):
        self.level_id._check_fee()

    def unlink(self):
        levels = self.level_id
        result = super().unlink()
        levels.exists()._check_fee()
        return result

    def _to_band(self, factor):
        """The band as a value of the engine; ``factor`` converts its amounts to the currency of the notice."""
        self.ensure_one()
        return FeeBand(self.amount_from * factor, self.fee_amount * factor, self.fee_percent)
