from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...engine import Rate, rates_over


class AccountDunningInterestRate(models.Model):
    """A dated table of annual rates: its own, or that of a reference rate plus a margin (rules §8)."""

    _name = "account.dunning.interest.rate"
    _description = "Interest Rate"
    _inherit = ["account.dunning.guard"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company.root_id,
        domain=[("parent_id", "=", False)],
    )
    reference_id = fields.Many2one(
        "account.dunning.interest.rate",
        string="Reference Rate",
        check_company=True,
        domain="[('company_id', '=', company_id), ('reference_id', '=', False), ('id', '!=', id)]",
        ondelete="restrict",
        index="btree_not_null",
        help="Another rate, such as the base rate of a central bank, to which the margin is added. "
        "Empty: the rate has a table of its own.",
    )
    margin = fields.Float(
        digits=(7, 3),
        aggregator=None,
        help="Percentage points added to the reference rate, e.g. 8 by directive 2011/7/EU.",
    )
    line_ids = fields.One2many("account.dunning.interest.rate.line", "rate_id", string="Rates", copy=True)
    percent_today = fields.Float(
        string="Rate Today (%)", digits=(7, 3), aggregator=None, compute="_compute_percent_today"
    )
    type_ids = fields.One2many("account.dunning.type", "interest_rate_id", string="Dunning Types", readonly=True)

    _margin_bounds = models.Constraint(
        "CHECK (COALESCE(margin, 0) BETWEEN -1000 AND 1000)",
        "The margin of an interest rate is between -1000 and 1000 percentage points.",
    )

    @api.depends(
        "line_ids.date", "line_ids.percent", "reference_id.line_ids.date", "reference_id.line_ids.percent", "margin"
    )
    def _compute_percent_today(self):
        for rate in self:
            today = (rate.company_id or self.env.company)._dunning_today()
            past = [entry for entry in rate._to_rates() if entry.since and entry.since <= today]
            rate.percent_today = max(past, key=lambda entry: entry.since).percent if past else 0.0

    @api.constrains("reference_id", "line_ids", "active")
    def _check_table(self):
        """A rate has its own table or a reference rate that has one, and nothing refers to itself."""
        for rate in self.filtered("active"):
            if rate.reference_id and (rate.line_ids or rate.reference_id == rate):
                raise ValidationError(
                    self.env._(
                        "The interest rate “%(rate)s” refers to another rate, so it has no table of its own. "
                        "Remove its rates, or the reference rate.",
                        rate=rate.name,
                    )
                )
            if not rate.reference_id and not rate.line_ids:
                raise ValidationError(
                    self.env._(
                        "The interest rate “%(rate)s” has no rates. Add at least one with the day since which it "
                        "counts, or choose a reference rate.",
                        rate=rate.name,
                    )
                )
            referring = self.search([("reference_id", "=", rate.id)], limit=1)
            if rate.reference_id.reference_id or (rate.reference_id and referring):
                raise ValidationError(
                    self.env._(
                        "A reference rate has a table of its own; “%(rate)s” has a reference rate itself.",
                        rate=(rate if referring else rate.reference_id).name,
                    )
                )

    @api.constrains("active")
    def _check_archive(self):
        for rate in self.filtered(lambda rate: not rate.active):
            users = rate.type_ids or self.search([("reference_id", "=", rate.id)])
            if users:
                raise UserError(
                    self.env._(
                        "The interest rate “%(rate)s” is in use by %(users)s. Choose another one there first.",
                        rate=rate.name,
                        users=", ".join(users.mapped("name")),
                    )
                )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if not (default or {}).get("name"):
            for rate, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%(rate)s (copy)", rate=rate.name)
        return vals_list

    def _to_rates(self):
        """The table as values of the engine (a tuple of :class:`engine.Rate`)."""
        self.ensure_one()
        lines = (self.reference_id or self).line_ids.filtered("date")
        own = tuple(Rate(line.date, line.percent) for line in lines)
        return rates_over(own, self.margin) if self.reference_id else own
