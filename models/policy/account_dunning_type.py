from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...engine import TypeRule
from ...tools import whole
from ...tools.domains import find_closed, find_unstored, parse_domain
from ...tools.given import Given
from .type_shipped import ShippedTypes

SAVES_TYPE = Given()  # a type is saved with its levels: it checks them itself when all are written


class AccountDunningType(ShippedTypes, models.Model):
    _name = "account.dunning.type"
    _description = "Dunning Type"
    _inherit = ["mail.thread", "account.dunning.guard"]
    _order = "sequence, id"
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of  # invoices of branches may have one, too

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
    dunning_mode = fields.Selection(related="company_id.dunning_settings_ids.mode")
    default = fields.Boolean(
        string="Default Type",
        tracking=True,
        help="Takes the customers that the rule of no other type matches.",
    )
    level_ids = whole.One2many("account.dunning.level", "type_id", string="Levels", copy=True)
    partner_domain = fields.Char(
        string="Customers", default="[]", help="Together with the tags: customers must match both."
    )
    category_ids = fields.Many2many(
        "res.partner.category",
        string="Customer Tags",
        context={"active_test": False},  # without a tag that was archived the rule would take more customers
        help="The customer has any of these tags.",
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
    posting_days = fields.Integer(
        string="Days After Posting",
        tracking=True,
        help="An invoice that was made out, or confirmed, less than these days ago gets no first notice yet, however "
        "late it is by its due date.",
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

    _default_unique = models.UniqueIndex(
        '(company_id) WHERE "default" AND active', "A company can have only one default dunning type."
    )
    _amounts = models.Constraint(
        "CHECK (minimum_amount >= 0 AND grace_days >= 0 AND min_days_between >= 0"
        " AND COALESCE(unrecovered_days, 0) >= 0)",
        "The minimum amount, the grace days, the days between two notices and the days until unrecovered cannot be "
        "negative.",
    )
    _bounds = models.Constraint(
        "CHECK (GREATEST(grace_days, min_days_between, unrecovered_days, posting_days) <= 3650"
        " AND COALESCE(posting_days, 0) >= 0)",
        "The days of a dunning type cannot be more than 3650 (ten years), nor the days after posting negative.",
    )

    @api.constrains("partner_domain")
    def _check_partner_domain(self):
        for dunning_type in self:
            dunning_type._check_rule_fields()

    def _check_rule_fields(self):
        """Refuse a rule that cannot be read or that names a field the database cannot search."""
        partners = self.env["res.partner"]
        try:
            domain = self._get_rule_domain()
            unstored = find_unstored(partners, domain)
            closed = not unstored and find_closed(partners, domain)
            if not (unstored or closed):
                partners.search_count(domain, limit=1)
        except Exception as error:
            raise ValidationError(
                self.env._(
                    "The rule of the dunning type “%(type)s” cannot be read: %(error)s",
                    type=self.name,
                    error=error,
                )
            ) from error
        if unstored:
            raise ValidationError(
                self.env._(
                    "The rule of the dunning type “%(type)s” uses “%(field)s”, which is not stored in the "
                    "database. Use stored fields of the customer only, or tags.",
                    type=self.name,
                    field=unstored,
                )
            )
        if closed:
            raise ValidationError(
                self.env._(
                    "The rule of the dunning type “%(type)s” looks into “%(field)s”, which is closed to rules. Use "
                    "fields of the customer, of his companies, contacts, countries, tags and terms.",
                    type=self.name,
                    field=closed,
                )
            )

    @api.constrains("level_ids")
    def _check_level_days(self):
        self.level_ids._refuse_same_days()

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
            maximum = dunning_type.company_id._get_dunning_settings().max_levels
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

    def _refuse_used(self, model):
        """Refuse to delete types that records of ``model`` have as their ``type_id``."""
        # what is in use anywhere stays
        used = self.env[model].sudo().search([("type_id", "in", self.ids)], limit=1)
        if used:
            raise UserError(
                self.env._(
                    "The dunning type “%(type)s” was used and cannot be deleted. Archive it instead.",
                    type=used.type_id.name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        """A new default type takes the place of the company's old one. The days of the levels are checked together."""
        for vals in vals_list:
            if vals.get("default") and vals.get("active", True):
                company_id = vals.get("company_id") or self.default_get(["company_id"])["company_id"]
                self._take_default([company_id], vals.get("name"))
        return (
            super(AccountDunningType, self.with_context(dunning_saves_type=SAVES_TYPE))
            .create(vals_list)
            .with_env(self.env)
        )

    def write(self, vals):
        """Keep one default type, as ``create`` does. A type out of the archive is not default if another one is now."""
        if vals.get("active") and "default" not in vals:
            late = self.filtered(lambda dunning_type: dunning_type.default and not dunning_type.active)
            taken = self.search(
                [("default", "=", True), ("active", "=", True), ("company_id", "in", late.company_id.ids)]
            ).company_id
            late.filtered(lambda dunning_type: dunning_type.company_id in taken).default = False
        new = self if vals.get("active") else self.filtered("active")
        if vals.get("default") and vals.get("active", True) and new:
            company_ids = [vals["company_id"]] if vals.get("company_id") else new.company_id.ids
            new._take_default(company_ids, vals.get("name") or new[0].name)
        return super(AccountDunningType, self.with_context(dunning_saves_type=SAVES_TYPE)).write(vals)

    def _take_default(self, company_ids, name):
        """Take the default flag from other types of the companies; ``self``, called ``name``, is about to get it."""
        others = self.search(
            [
                ("default", "=", True),
                ("active", "=", True),
                ("company_id", "in", company_ids),
                ("id", "not in", self.ids),
            ]
        )
        if others:
            others.default = False
            note = self.env._("No longer the default type: “%(type)s” took its place.", type=name)
            others._message_log_batch(bodies=dict.fromkeys(others.ids, note))
            others.flush_recordset(["default"])

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for dunning_type, vals in zip(self, vals_list, strict=True):
            vals["default"] = False
            if not (default or {}).get("name"):
                vals["name"] = self.env._("%(type)s (copy)", type=dunning_type.name)
        return vals_list

    def _get_rule_domain(self):
        """Domain on ``res.partner`` of the customers that the rule takes; an empty rule takes nobody. Hook."""
        self.ensure_one()
        domain = parse_domain(self.partner_domain)
        tagged = bool(self.category_ids)
        if domain.is_true() and not tagged:
            return Domain.FALSE
        if tagged:
            domain &= Domain("category_id", "in", self.category_ids.ids)
        return domain

    def _check_tag_moves(self, others):
        """Refuse to give or take a tag where the rule has a condition and no ``others``: it would take others."""
        self.ensure_one()
        if not others and not parse_domain(self.partner_domain).is_true():
            raise UserError(
                self.env._(
                    "The rule of the dunning type “%(type)s” has a condition, which customers must match together with "
                    "its tags. Change the tags there, so that you see which customers it takes.",
                    type=self.name,
                )
            )

    def _to_rule(self):
        """The type and its active levels as a value of the engine.

        A customer-based notice has one level and one recipient for all items, whatever the type says.
        """
        self.ensure_one()
        return TypeRule(
            id=self.id,
            levels=tuple(level._to_rule() for level in self.level_ids.filtered("active")),
            sequential=self.escalation == "sequential",
            grace_days=self.grace_days,
            minimum=self.minimum_amount,
            min_days_between=self.min_days_between,
            posting_days=self.posting_days,
            by_level=self._splits_by_level(),
            by_contact=self.recipient_rule == "invoice" and self.company_id._get_dunning_settings().mode == "invoice",
        )

    def _splits_by_level(self):
        """True where a customer gets a notice for each level. A customer-based plan is always at one level."""
        self.ensure_one()
        return self.grouping == "level" and self.company_id._get_dunning_settings().mode == "invoice"
