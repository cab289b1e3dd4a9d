from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine import InterestRule


class AccountDunningType(models.Model):
    """The interest that the levels of a dunning type charge (rules §8)."""

    _inherit = "account.dunning.type"

    law_mode = fields.Selection(
        [("statutory", "As the Law Says"), ("within", "Own, Within the Law"), ("contract", "By Contract")],
        string="Charges",
        required=True,
        compute="_compute_law_mode",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="As the Law Says: interest, compensation, costs and fee that the law of the company's country gives.\n"
        "Own, Within the Law: interest and fees of the levels, refused or cut where the law does not allow them.\n"
        "By Contract: interest and fees of the levels, whatever the law says: somebody takes the responsibility.",
    )
    law_reason = fields.Char(
        string="By Which Contract",
        tracking=True,
        help="Why fees and interest may be charged as they are, e.g. the terms that customers have accepted.",
    )
    law_preview = fields.Html(compute="_compute_law_preview", string="Three Customers", sanitize=False)
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

    @api.depends("company_id")
    def _compute_law_mode(self):
        """New types are within the law, where there is one; without any there is only what was agreed."""
        for dunning_type in self:
            company = (dunning_type.company_id or self.env.company).root_id
            known = not company.country_id or self.env["account.dunning.law"]._is_known(company.country_id)
            dunning_type.law_mode = dunning_type.law_mode or ("within" if known else "contract")

    @api.constrains("law_mode", "law_reason")
    def _check_law_reason(self):
        """Who leaves the law says why; where none is shipped, there is none to leave."""
        for dunning_type in self:
            country = dunning_type.company_id.country_id
            if dunning_type.law_mode == "contract" and not dunning_type.law_reason:
                if country and self.env["account.dunning.law"]._is_known(country):
                    raise ValidationError(
                        self.env._(
                            "Say by which contract the dunning type “%(type)s” charges other than the law says.",
                            type=dunning_type.name,
                        )
                    )

    @api.depends("law_mode", "company_id")
    def _compute_law_preview(self):
        for dunning_type in self:
            dunning_type.law_preview = dunning_type._preview_law() if dunning_type.law_mode == "statutory" else False

    def _preview_law(self):
        """What the law would let claim today of three customers with overdue items. HTML."""
        company = (self.company_id or self.env.company).root_id
        claims = self.env["account.dunning.charger"]._preview_claims(company)
        return self.env["ir.qweb"]._render("account_dunning.law_preview", {"claims": claims})

    def _charges_by_law(self):
        """True where the law says, or bounds, what is charged."""
        self.ensure_one()
        return self.law_mode != "contract"

    def write(self, vals):
        result = super().write(vals)
        if "law_mode" in vals:
            self.env.registry.clear_cache()  # _is_charging
        return result

    def _to_interest_rule(self, factor):
        """How items bear interest, as a value of the engine; ``factor`` converts the minimum."""
        self.ensure_one()
        return InterestRule(
            rates=self.interest_rate_id._to_rates() if self.interest_rate_id else (),
            day_count=self.interest_day_count,
            free_days=self.interest_free_days,
            minimum=self.interest_minimum * factor,
        )
