from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

COPIED = ("escalation", "grace_days", "minimum_amount", "min_days_between", "posting_days")


class AccountDunningSimulationType(models.Model):
    """A dunning type with other settings, for a simulation alone: no run can ever pick it up."""

    _name = "account.dunning.simulation.type"
    _description = "Changed Dunning Type"
    _check_company_auto = True
    _inherit = ["account.dunning.guard"]
    _order = "simulation_id, id"
    _rec_name = "type_id"

    simulation_id = fields.Many2one("account.dunning.simulation", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="simulation_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    type_id = fields.Many2one(
        "account.dunning.type",
        string="Dunning Type",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        domain="[('company_id', '=', company_id)]",
    )
    escalation = fields.Selection(
        lambda self: self.env["account.dunning.type"]._fields["escalation"]._description_selection(self.env),
        required=True,
        default="sequential",
    )
    grace_days = fields.Integer()
    minimum_amount = fields.Monetary()
    min_days_between = fields.Integer(string="Days Between Two Notices")
    posting_days = fields.Integer(string="Days After Posting")
    level_ids = fields.One2many(
        "account.dunning.simulation.level",
        "simulation_type_id",
        string="Levels",
        copy=True,
    )

    _type_unique = models.Constraint(
        "UNIQUE (simulation_id, type_id)", "A simulation has one changed copy of a dunning type."
    )
    _bounds = models.Constraint(
        "CHECK (minimum_amount >= 0 AND LEAST(grace_days, min_days_between, posting_days) >= 0"
        " AND GREATEST(grace_days, min_days_between, posting_days) <= 3650)",
        "The minimum amount and the days cannot be negative, nor the days more than 3650 (ten years).",
    )

    @api.onchange("type_id")
    def _onchange_type(self):
        if self.type_id:
            self.update({"level_ids": [Command.clear()], **self._prepare_copy(self.type_id)})

    @api.model
    def _prepare_copy(self, live):
        """Values of a copy of the ``live`` type, with its active levels."""
        levels = self.env["account.dunning.simulation.level"]
        return {
            **{name: live[name] for name in COPIED},
            "level_ids": [Command.create(levels._prepare_copy(level)) for level in live.level_ids.filtered("active")],
        }

    @api.constrains("level_ids", "type_id")
    def _check_levels(self):
        for changed in self:
            if all(level.days < 0 for level in changed.level_ids):
                raise ValidationError(
                    self.env._(
                        "The changed type “%(type)s” has no level. Add at least one that is due after the due date.",
                        type=changed.type_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """What is not given is as in the live type."""
        types = self.env["account.dunning.type"]
        copied = [{**self._prepare_copy(types.browse(vals.get("type_id"))), **vals} for vals in vals_list]
        changed = super().create(copied)
        changed.simulation_id._check_open()
        return changed

    def write(self, vals):
        self.simulation_id._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        self.simulation_id._check_open()

    def _change(self, policy):
        """Put the changed type into the ``policy``, in the place of the live one."""
        self.ensure_one()
        live, levels = self.type_id, self.level_ids
        policy.rules[live.id] = replace(
            policy.rules[live.id],
            levels=tuple(level._to_rule() for level in levels),
            sequential=self.escalation == "sequential",
            grace_days=self.grace_days,
            minimum=self.minimum_amount,
            min_days_between=self.min_days_between,
            posting_days=self.posting_days,
        )
        for level in levels:
            key = level._get_key()
            policy.names[key], policy.documents[key] = level.name, level.document
            policy.fees[key] = level._to_fee()
            policy.interest.discard(key)
            if level.interest:
                policy.interest.add(key)
            if level.level_id and level.days != level.level_id.days:
                policy.reached[level.level_id.id] = level.days
