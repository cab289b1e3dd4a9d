from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountDunningReferenceRate(models.Model):
    """A reference rate since a day. Rates are only added.

    What is shipped has no company. A manager may add a rate for his company ahead of a release: it counts there
    whatever a later release says, which is only compared.
    """

    _name = "account.dunning.reference.rate"
    _description = "Reference Rate"
    _inherit = ["account.dunning.guard"]
    _order = "series_id, valid_from desc, id"
    _rec_name = "valid_from"

    series_id = fields.Many2one("account.dunning.reference.series", required=True, index=True, ondelete="cascade")
    valid_from = fields.Date(required=True, help="The first day that bears this rate.")
    percent = fields.Float(digits=(7, 3), required=True, aggregator=None, help="Percent a year; it may be negative.")
    confidence = fields.Selection(
        [("high", "High"), ("medium", "Medium"), ("low", "Low")], required=True, default="high"
    )
    active = fields.Boolean(default=True, readonly=True, help="A draft is none: its rate was not confirmed.")
    source = fields.Char(required=True, help="Who has published it, and where.")
    checked_on = fields.Date(required=True, default=fields.Date.context_today)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        ondelete="cascade",
        domain=[("parent_id", "=", False)],
        help="Empty: shipped.",
    )
    differs = fields.Char(compute="_compute_differs", string="Shipped")

    _once = models.UniqueIndex(
        "(series_id, valid_from, COALESCE(company_id, 0))", "There is a rate of this day already in the series."
    )
    _percent_bounds = models.Constraint(
        "CHECK (percent BETWEEN -1000 AND 1000)", "A reference rate is between -1000 and 1000 percent a year."
    )

    @api.depends("series_id.rate_ids.percent")
    @api.depends_context("lang")
    def _compute_differs(self):
        """Where the company's own rate is not the shipped one of the day: that one. Drafts are none."""
        for rate in self:
            shipped = rate.series_id.rate_ids.filtered(
                lambda other, rate=rate: not other.company_id and other.valid_from == rate.valid_from
            )
            other = rate.company_id and shipped and shipped.percent != rate.percent
            rate.differs = self.env._("shipped: %(percent)s", percent=shipped.percent) if other else False

    @api.model_create_multi
    def create(self, vals_list):
        """Rates of people are those of a company; only what is shipped has none."""
        if not self.env.su:
            own = self.env.company.root_id.id
            vals_list = [{**vals, "company_id": vals.get("company_id") or own} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            raise UserError(self.env._("Reference rates are only added, never changed: letters rest on them."))
        return super().write(vals)
