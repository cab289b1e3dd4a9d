from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine import choose_arm, shift
from ...tools.domains import parse_domain
from .findings import ExperimentFindings

# As ``choose_arm`` of the engine.
ARM = "get_byte(decode(md5(%s || ':' || %s), 'hex'), 0) %% 2"


class AccountDunningExperiment(ExperimentFindings, models.Model):
    """Two dunning types, each for one half of a group of customers, for a time: what they bring, side by side.

    Who is in which half follows from the customer and the experiment alone, so that a customer with all his contacts
    and branches stays in his.
    """

    _name = "account.dunning.experiment"
    _description = "Experiment with Two Dunning Types"
    _inherit = ["account.dunning.guard"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company.root_id,
        domain=[("parent_id", "=", False)],
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    type_a_id = fields.Many2one(
        "account.dunning.type",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('company_id', '=', company_id)]",
    )
    type_b_id = fields.Many2one(
        "account.dunning.type",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('company_id', '=', company_id)]",
    )
    partner_domain = fields.Char(
        string="Customers",
        default="[]",
        help="Together with the tags: customers must match both. Empty: all customers.",
    )
    category_ids = fields.Many2many(
        "res.partner.category",
        string="Customer Tags",
        context={"active_test": False},
        help="The customer has any of these tags.",
    )
    date_from = fields.Date(string="From", required=True)
    date_to = fields.Date(string="To", required=True)
    days = fields.Integer(
        string="Paid Within (days)",
        required=True,
        default=30,
        help="What is paid so many days after its due date counts; an invoice is looked at once they are over.",
    )
    state = fields.Selection(
        [("draft", "New"), ("started", "Started"), ("stopped", "Stopped")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    result = fields.Html(compute="_compute_result", sanitize=False)

    _dates = models.Constraint("CHECK (date_from <= date_to)", "The experiment ends before it begins.")
    _types = models.Constraint("CHECK (type_a_id <> type_b_id)", "Choose two different dunning types.")
    _days = models.Constraint("CHECK (days BETWEEN 0 AND 365)", "The days to pay are between 0 and 365.")

    @api.constrains("partner_domain", "category_ids")
    def _check_group(self):
        """A group is a rule as that of a dunning type."""
        types = self.env["account.dunning.type"]
        for experiment in self:
            rule = {"name": experiment.name, "partner_domain": experiment.partner_domain}
            types.new({**rule, "category_ids": experiment.category_ids.ids})._check_rule_fields()

    @api.constrains("state", "date_from", "date_to")
    def _check_alone(self):
        """One experiment at a time in a company, or neither could tell anything."""
        for experiment in self.filtered(lambda each: each.state == "started"):
            others = self.sudo().search(  # a constraint sees all
                Domain("company_id", "=", experiment.company_id.id)
                & Domain("state", "=", "started")
                & Domain("id", "!=", experiment.id)
                & Domain("date_from", "<=", experiment.date_to)
                & Domain("date_to", ">=", experiment.date_from),
                limit=1,
            )
            if others:
                raise ValidationError(
                    self.env._(
                        "“%(other)s” runs at the same time. Choose days after it, or stop it first.", other=others.name
                    )
                )

    def write(self, vals):
        """What an experiment has started with stays, or its outcome would say nothing."""
        if not self.env.su and set(vals) - {"name", "days"}:
            started = self.filtered(lambda experiment: experiment.state != "draft")
            if started:
                raise UserError(
                    self.env._(
                        "“%(experiment)s” has started: its customers, types and days stay. Stop it and make a new one.",
                        experiment=started[0].name,
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        if started := self.filtered(lambda experiment: experiment.state == "started"):
            raise UserError(self.env._("“%(experiment)s” has started. Stop it first.", experiment=started[0].name))

    def action_start(self):
        """Let the types take their halves from the first day on, today at the earliest."""
        for experiment in self._as_manager().filtered(lambda each: each.state == "draft"):
            if experiment.date_from < experiment.company_id._dunning_today():
                raise UserError(
                    self.env._(
                        "“%(experiment)s” would begin in the past. Let it begin today or later.",
                        experiment=experiment.name,
                    )
                )
            inactive = (experiment.type_a_id + experiment.type_b_id).filtered(lambda each: not each.active)
            if inactive:
                raise UserError(self.env._("The dunning type “%(type)s” is archived.", type=inactive[0].name))
            experiment.state = "started"

    def action_stop(self):
        """End it now: from the next night on the customers have their types again. Open plans keep theirs."""
        for experiment in self._as_manager().filtered(lambda each: each.state == "started"):
            yesterday = shift(experiment.company_id._dunning_today(), -1)
            last = max(min(experiment.date_to, yesterday), experiment.date_from)
            experiment.write({"state": "stopped", "date_to": last})

    def action_open_customers(self):
        """Show the customers of the group."""
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "res.partner",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", self._get_customer_ids())],
            "context": {"active_test": False},
        }

    # who is in it

    def _get_customer_ids(self):
        """The ids of the company's customers in the group, but those who name a type, or whose parents do."""
        self.ensure_one()
        # ids only; they are shown as far as the user may read them
        partners = self.env["res.partner"].sudo().with_company(self.company_id).with_context(active_test=False)
        known = self.type_a_id._get_all_customer_ids()
        types = self.env["account.dunning.type"].sudo().search([("company_id", "=", self.company_id.id)])
        own = self.env["account.dunning.reader"].sudo()._get_named_types(self.company_id, known, types)
        rest = [partner_id for partner_id in known if partner_id not in own]
        return partners.search(self._get_group_domain() & Domain("id", "in", rest)).ids

    def _get_group_domain(self):
        """Domain on ``res.partner`` of the group."""
        self.ensure_one()
        domain = parse_domain(self.partner_domain)
        return domain & Domain("category_id", "in", self.category_ids.ids) if self.category_ids else domain

    def _get_arm_domain(self, arm):
        """Domain on ``res.partner`` of the customers in one half of the group: 0 has type A, 1 type B."""
        self.ensure_one()
        key = self.id
        half = Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                f"{ARM} = %s", str(key), SQL("%s::text", SQL.identifier(alias, "id")), arm
            ),
            predicate=lambda partner: choose_arm(key, partner.id) == arm,
        )
        return self._get_group_domain() & half

    @api.model
    def _get_running(self, company):
        """The experiment of the root ``company`` that runs today, if any."""
        today = company._dunning_today()
        return self.search(
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "started")
            & Domain("date_from", "<=", today)
            & Domain("date_to", ">=", today),
            limit=1,
        )
