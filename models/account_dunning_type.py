import ast

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..engine import TypeRule
from .account_collection_plan import OPEN_STATES


class AccountDunningType(models.Model):
    _name = "account.dunning.type"
    _description = "Dunning Type"
    _inherit = ["mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(default=10, help="The first type whose rule matches a customer takes him.")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company.root_id,
        domain=[("parent_id", "=", False)],
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    default = fields.Boolean(
        string="Default Type",
        tracking=True,
        help="Takes the customers that the rule of no other type matches.",
    )
    level_ids = fields.One2many("account.dunning.level", "type_id", string="Levels", copy=True)
    partner_domain = fields.Char(
        string="Customers", default="[]", help="Together with the tags: customers must match both."
    )
    category_ids = fields.Many2many(
        "res.partner.category", string="Customer Tags", help="The customer has any of these tags."
    )
    minimum_amount = fields.Monetary(
        help="A customer who owes less than this overdue, net of his credits, gets no notice.", tracking=True
    )
    grace_days = fields.Integer(
        help="An item counts as overdue when it is late by more than these days.", tracking=True
    )
    escalation = fields.Selection(
        [("sequential", "One Level After the Other"), ("catch_up", "Catch Up to the Level Reached")],
        required=True,
        default="sequential",
        tracking=True,
        help="One Level After the Other: no level is ever skipped, however late the item is.\n"
        "Catch Up: an item gets the highest level that its delay reaches.",
    )
    grouping = fields.Selection(
        [("customer", "One Notice a Customer"), ("level", "One Notice a Level")],
        required=True,
        default="customer",
        help="A notice has the text of the highest level among its items.",
    )
    min_days_between = fields.Integer(
        string="Days Between Two Notices",
        help="Least number of days between two notices of this type to one customer.",
    )
    recipient_rule = fields.Selection(
        [("customer", "One Address for the Customer"), ("invoice", "The Contact of Each Invoice")],
        string="Recipient",
        required=True,
        default="customer",
        help="One Address: the customer's dunning contact, else the contact that all the invoices share, "
        "else the invoice address.\nThe Contact of Each Invoice: a notice for each contact.",
    )
    unrecovered_days = fields.Integer(
        string="Unrecovered After (days)",
        default=30,
        tracking=True,
        help="Days from the last notice of the last level until a plan that is still open counts as unrecovered; days "
        "on hold or paused are not counted. 0: never by itself.",
    )
    plan_count = fields.Integer(compute="_compute_plan_count")

    _default_unique = models.UniqueIndex(
        '(company_id) WHERE "default" AND active', "A company can have only one default dunning type."
    )
    _amounts = models.Constraint(
        "CHECK (minimum_amount >= 0 AND grace_days >= 0 AND min_days_between >= 0"
        " AND COALESCE(unrecovered_days, 0) >= 0)",
        "The minimum amount, the grace days, the days between two notices and the days until unrecovered cannot be "
        "negative.",
    )

    def _compute_plan_count(self):
        counts = dict(
            self.env["account.collection.plan"]._read_group(
                [("type_id", "in", self.ids), ("state", "in", OPEN_STATES)], ["type_id"], ["__count"]
            )
        )
        for dunning_type in self:
            dunning_type.plan_count = counts.get(dunning_type, 0)

    @api.constrains("partner_domain")
    def _check_partner_domain(self):
        for dunning_type in self:
            dunning_type._check_rule_fields()

    def _check_rule_fields(self):
        """Refuse a rule that cannot be read or that names a field the database cannot search."""
        try:
            domain = self._get_rule_domain()
            for condition in domain.iter_conditions():
                self._check_rule_field(condition.field_expr)
            self.env["res.partner"].search_count(domain, limit=1)
        except ValidationError:
            raise
        except Exception as error:
            raise ValidationError(
                self.env._(
                    "The rule of the dunning type “%(type)s” cannot be read: %(error)s",
                    type=self.name,
                    error=error,
                )
            ) from error

    def _check_rule_field(self, path):
        model = self.env["res.partner"]
        for name in path.split("."):
            field = model._fields.get(name)
            if field is None or not (field.store or field.company_dependent):
                raise ValidationError(
                    self.env._(
                        "The rule of the dunning type “%(type)s” uses “%(field)s”, which is not stored in the "
                        "database. Use stored fields of the customer only, or tags.",
                        type=self.name,
                        field=path,
                    )
                )
            model = self.env[field.comodel_name] if field.relational else model

    @api.constrains("level_ids", "active")
    def _check_levels(self):
        for dunning_type in self.filtered("active"):
            if not dunning_type._count_levels():
                raise ValidationError(
                    self.env._(
                        "The dunning type “%(type)s” has no level. Add at least one that is due after the due date.",
                        type=dunning_type.name,
                    )
                )
        self._check_level_count()

    def _count_levels(self):
        """The number of active levels; reminders do not count."""
        return len(self.level_ids.filtered(lambda level: level.active and not level.reminder))

    def _check_level_count(self):
        """Refuse a type with more levels than its company allows; reminders do not count."""
        for dunning_type in self.filtered("active"):
            count = dunning_type._count_levels()
            maximum = dunning_type.company_id.dunning_max_levels
            if count > maximum:
                raise ValidationError(
                    self.env._(
                        "The dunning type “%(type)s” has %(count)s levels, but the dunning settings allow %(maximum)s. "
                        "Remove levels, or raise the maximum in the settings.",
                        type=dunning_type.name,
                        count=count,
                        maximum=maximum,
                    )
                )

    @api.constrains("active")
    def _check_archive(self):
        for dunning_type in self.filtered(lambda dunning_type: not dunning_type.active):
            if dunning_type.plan_count:
                raise UserError(
                    self.env._(
                        "The dunning type “%(type)s” has %(count)s open collection plans. "
                        "Wait until they are closed before you archive it.",
                        type=dunning_type.name,
                        count=dunning_type.plan_count,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        for model in ("account.dunning.notice", "account.collection.plan"):
            used = self.env[model].sudo().search([("type_id", "in", self.ids)], limit=1)
            if used:
                raise UserError(
                    self.env._(
                        "The dunning type “%(type)s” was used and cannot be deleted. Archive it instead.",
                        type=used.type_id.name,
                    )
                )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for dunning_type, vals in zip(self, vals_list, strict=True):
            vals["default"] = False
            if not (default or {}).get("name"):
                vals["name"] = self.env._("%(type)s (copy)", type=dunning_type.name)
        return vals_list

    def action_open_plans(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_collection_plan_action")
        return {**action, "domain": [("type_id", "=", self.id)], "context": {"search_default_open": 1}}

    def action_open_customers(self):
        """Show the customers that the rule of the type matches."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customers of %(type)s", type=self.name),
            "res_model": "res.partner",
            "view_mode": "list,form",
            "domain": list(self._get_rule_domain()),
            "help": Markup("<p class='o_view_nocontent_smiling_face'>%s</p>")
            % self.env._("The rule of this dunning type matches no customer"),
        }

    def _get_rule_domain(self):
        """Domain on ``res.partner`` of the customers that the rule takes; an empty rule takes nobody. Hook."""
        self.ensure_one()
        domain = Domain(ast.literal_eval((self.partner_domain or "").strip() or "[]"))
        tagged = bool(self.category_ids)
        if domain.is_true() and not tagged:
            return Domain.FALSE
        if tagged:
            domain &= Domain("category_id", "in", self.category_ids.ids)
        return domain

    def _to_rule(self):
        """The type and its active levels as a value of the engine."""
        self.ensure_one()
        return TypeRule(
            id=self.id,
            levels=tuple(level._to_rule() for level in self.level_ids.filtered("active")),
            sequential=self.escalation == "sequential",
            grace_days=self.grace_days,
            minimum=self.minimum_amount,
            min_days_between=self.min_days_between,
            by_level=self._splits_by_level(),
            by_contact=self.recipient_rule == "invoice" and self.company_id.dunning_mode == "invoice",
        )

    def _splits_by_level(self):
        """True where a customer gets a notice for each level. A customer-based plan is always at one level."""
        self.ensure_one()
        return self.grouping == "level" and self.company_id.dunning_mode == "invoice"
