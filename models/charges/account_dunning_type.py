from odoo import api, fields, models

from ...engine import InterestRule


class AccountDunningType(models.Model):
    """The interest that the levels of a dunning type charge (rules §8)."""

    _inherit = "account.dunning.type"

    interest_rate_id = fields.Many2one(
        "account.dunning.interest.rate",
        check_company=True,
        domain="[('company_id', '=', company_id)]",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        help="The rate of the interest that levels charge. Whether a level charges interest is said there.",
    )
    interest_day_count = fields.Selection(
        [("act/365", "Actual / 365"), ("act/360", "Actual / 360"), ("30E/360", "30E / 360")],
        string="Day Count",
        required=True,
        default="act/365",
        help="How days are counted, and how many a year has.\n30E / 360: each month has 30 days.",
    )
    interest_free_days = fields.Integer(
        string="Free Days",
        help="An item that is late by no more than these days bears no interest; a later one bears it from the day "
        "after its due date.",
    )
    interest_minimum = fields.Monetary(
        string="Minimum Interest", help="Less interest than this is not charged yet, but goes on accruing."
    )
    _interest = models.Constraint(
        "CHECK (COALESCE(interest_free_days, 0) BETWEEN 0 AND 3650 AND COALESCE(interest_minimum, 0) >= 0)",
        "The free days and the minimum of interest cannot be negative, nor the free days more than 3650 (ten years).",
    )

    @api.constrains("interest_rate_id", "level_ids")
    def _check_interest_rate(self):
        self.level_ids._check_interest()

    def _to_interest_rule(self, factor):
        """How items bear interest, as a value of the engine; ``factor`` converts the minimum."""
        self.ensure_one()
        return InterestRule(
            rates=self.interest_rate_id._to_rates(),
            day_count=self.interest_day_count,
            free_days=self.interest_free_days,
            minimum=self.interest_minimum * factor,
        )
