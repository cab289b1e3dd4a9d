from odoo import api, fields, models

from ...engine import PointRule
from ...tools.shipped import get_record

FACTS = [
    ("broken_promises", "Promises broken in the last 14 days"),
    ("promise_soon", "A promise falls due today or tomorrow"),
    ("call_back", "A call back is due"),
    ("returned_payment", "A payment came back"),
    ("amount", "Net amount overdue against the median (powers of ten)"),
    ("days_overdue", "Days overdue of the oldest item"),
    ("ladder_ended", "No level comes any more"),
    ("page_opened", "The customer's page was opened in the last 14 days, and not paid"),
    ("late_probability", "Probability of paying late"),
    ("days_never_contacted", "Days overdue without any contact"),
    ("days_since_contact", "Days since the last contact"),
]


class AccountDunningScoreRule(models.Model):
    """A rule of the desk: how many points a fact about a customer gives his case (rules §12)."""

    _name = "account.dunning.score.rule"
    _description = "Score Rule of the Desk"
    _inherit = ["account.dunning.shipped.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    fact = fields.Selection(FACTS, required=True)
    points = fields.Integer(help="Negative points take a case down.")
    at_least = fields.Float(default=1.0, help="The least value of the fact that gives points.")
    at_most = fields.Float(help="The greatest value that gives points; 0: there is none.")
    further = fields.Integer(string="Further Points", help="For each whole unit above the least value.")
    unit = fields.Float(default=1.0)
    most = fields.Integer(string="Most Points", help="The most points in all; 0: no limit.")

    _unit_positive = models.Constraint("CHECK (unit > 0)", "A unit is more than zero.")
    _bounds = models.Constraint(
        "CHECK (at_most = 0 OR at_most >= at_least)", "The greatest value is not below the least."
    )

    def _to_rule(self):
        """The rule as a value of the engine."""
        self.ensure_one()
        return PointRule(
            id=self.id,
            fact=self.fact,
            points=self.points,
            at_least=self.at_least,
            at_most=self.at_most or None,
            further=self.further,
            unit=self.unit,
            most=self.most or None,
        )

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._follow_desk()
        return rules

    def write(self, vals):
        result = super().write(vals)
        self._follow_desk()
        return result

    def unlink(self):
        companies = self.company_id
        result = super().unlink()
        self._rank_anew(companies)
        return result

    def _follow_desk(self):
        self._rank_anew(self.company_id)

    @api.model
    def _rank_anew(self, companies):
        """The desks of ``companies`` are ranked by the rules of now, soon: there may be many cases."""
        if companies and self.env["account.collection.case"].sudo().search_count([], limit=1):
            companies._get_dunning_settings().desk_day = False
            get_record(self.env, "account_dunning.ir_cron_dunning_desk")._trigger()
