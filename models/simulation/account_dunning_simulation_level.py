from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine import Fee, Level
from ..charges.account_dunning_level import BANDED

COPIED = (
    *("name", "days", "min_days", "deadline_days", "min_balance", "min_amount", "min_share"),
    *("repeat_every", "repeat_max", "document"),
    *("interest", "fee_kind", "fee_amount", "fee_percent", "fee_minimum", "fee_maximum", "fee_per"),
)


def as_in(name):
    """The choices of the field ``name`` of levels."""
    return lambda self: self.env["account.dunning.level"]._fields[name]._description_selection(self.env)


class AccountDunningSimulationLevel(models.Model):
    """A level of a changed type: a copy of a live one, or a new one."""

    _name = "account.dunning.simulation.level"
    _description = "Changed Dunning Level"
    _check_company_auto = True
    _inherit = ["account.dunning.guard"]
    _order = "simulation_type_id, days, id"

    simulation_type_id = fields.Many2one(
        "account.dunning.simulation.type", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="simulation_type_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    level_id = fields.Many2one(
        "account.dunning.level",
        string="Live Level",
        ondelete="set null",
        index="btree_not_null",
        check_company=True,
        domain="[('company_id', '=', company_id)]",
        help="The level of which this one is a copy. It is taken for the same level when both policies are compared.",
    )
    name = fields.Char(required=True)
    days = fields.Integer(string="Due (days)", required=True, help="After the due date; negative for a reminder.")
    min_days = fields.Integer(string="Wait (days)", default=7, help="Least number of days since the last notice.")
    deadline_days = fields.Integer(string="Deadline (days)", default=7)
    min_balance = fields.Monetary(string="Minimum Balance")
    min_amount = fields.Monetary(string="Minimum at the Level")
    min_share = fields.Float(string="Minimum Share (%)", digits=(5, 2))
    repeat_every = fields.Integer(string="Repeat Every (days)")
    repeat_max = fields.Integer(string="Repeat at Most (times)", default=1)
    document = fields.Selection(as_in("document"), required=True, default="email_letter")
    interest = fields.Boolean(string="Charge Interest")
    fee_kind = fields.Selection(as_in("fee_kind"), string="Fee", required=True, default="none")
    fee_amount = fields.Monetary()
    fee_percent = fields.Float(string="Fee (%)", digits=(7, 3))
    fee_minimum = fields.Monetary(string="Minimum Fee")
    fee_maximum = fields.Monetary(string="Maximum Fee")
    fee_per = fields.Selection(as_in("fee_per"), string="Charged", required=True, default="notice")

    _days_unique = models.Constraint(
        "UNIQUE (simulation_type_id, days)", "Two levels of a changed type cannot be due on the same day."
    )
    _bounds = models.Constraint(
        "CHECK (days BETWEEN -3650 AND 3650 AND LEAST(min_days, deadline_days, repeat_every) >= 0"
        " AND GREATEST(min_days, deadline_days, repeat_every) <= 3650"
        " AND COALESCE(repeat_max, 0) BETWEEN 0 AND 1000"
        " AND LEAST(COALESCE(min_balance, 0), COALESCE(min_amount, 0)) >= 0"
        " AND COALESCE(min_share, 0) BETWEEN 0 AND 100)",
        "The days of a level cannot be more than 3650 (ten years); its waiting time, deadline and minimum amounts "
        "cannot be negative, nor its minimum share be more than 100 percent.",
    )
    _fees = models.Constraint(
        "CHECK (COALESCE(fee_percent, 0) BETWEEN 0 AND 100"
        " AND LEAST(COALESCE(fee_amount, 0), COALESCE(fee_minimum, 0), COALESCE(fee_maximum, 0)) >= 0)",
        "The fee of a level cannot be negative, and is at most 100 percent.",
    )

    @api.constrains("level_id", "simulation_type_id")
    def _check_level(self):
        for level in self.filtered("level_id"):
            others = level.simulation_type_id.level_ids - level
            if level.level_id.type_id != level.simulation_type_id.type_id or level.level_id in others.level_id:
                raise ValidationError(
                    self.env._(
                        "“%(level)s” is not a level of the live type, or stands twice in the changed one.",
                        level=level.level_id.name,
                    )
                )

    @api.constrains("days", "interest", "fee_kind", "document")
    def _check_charges(self):
        for level in self:
            if (level.days < 0 or level.document == "none") and (level.interest or level.fee_kind != "none"):
                raise ValidationError(
                    self.env._(
                        "“%(level)s” cannot charge anything: it is a reminder, or sends no document.", level=level.name
                    )
                )

    @api.constrains("fee_kind", "level_id")
    def _check_bands(self):
        for level in self:
            if level.fee_kind in BANDED and level.level_id.fee_kind not in BANDED:
                raise ValidationError(
                    self.env._(
                        "“%(level)s” has no bands to charge by: a changed level takes those of the live one. Choose "
                        "another fee, or set up the bands there first.",
                        level=level.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        levels = super().create(vals_list)
        levels.simulation_type_id.simulation_id._check_open()
        return levels

    def write(self, vals):
        self.simulation_type_id.simulation_id._check_open()
        return super().write(vals)

    def unlink(self):
        changed = self.simulation_type_id
        changed.simulation_id._check_open()
        result = super().unlink()
        changed.exists()._check_levels()
        return result

    @api.model
    def _prepare_copy(self, level):
        """Values of a copy of the live ``level``."""
        return {"level_id": level.id, **{name: level[name] for name in COPIED}}

    def _get_key(self):
        """By what the engine knows the level: the id of the live one, or a negative number of its own."""
        self.ensure_one()
        return self.level_id.id or -self.id

    def _to_rule(self):
        """The level as a value of the engine."""
        self.ensure_one()
        return Level(
            id=self._get_key(),
            days=self.days,
            min_days=self.min_days,
            repeat_every=self.repeat_every,
            repeat_max=self.repeat_max,
            min_balance=self.min_balance,
            min_amount=self.min_amount,
            min_share=self.min_share,
            deadline_days=0 if self.document == "none" else self.deadline_days,
        )

    def _to_fee(self):
        """The fee as a value of the engine, in company currency. The bands are those of the live level."""
        self.ensure_one()
        amounts = (self.fee_amount, self.fee_percent, self.fee_minimum, self.fee_maximum)
        bands = self.level_id._to_bands(1.0) if self.fee_kind in BANDED else ()
        return Fee(self.fee_kind, *amounts, self.fee_per, bands)
