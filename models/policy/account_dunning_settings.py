from contextlib import contextmanager, nullcontext
from typing import NamedTuple

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ...tools import public_holidays
from ...tools.plain import keep_plain
from ...tools.refusals import name_some, refusal
from ...tools.shipped import ensure_scheduled_actions
from ..base.account_dunning_shipped_mixin import SHIPPED_MODELS


class Hindrance(NamedTuple):
    """What keeps the dunning mode from being changed: records, as what they are counted, and where they are shown."""

    label: str  # "Open collection plans"
    records: models.BaseModel
    action: str  # external id of the window action that lists them
    button: str  # "Show the Plans"
    count: int = 0  # where there are more than ``records``

    def describe(self):
        return f"{self.label} ({self.count or len(self.records)}): {name_some(self.records)}"


class AccountDunningSettings(models.Model):
    """How a root company duns, with its branches. Made with the company, and gone with it (rules §5, §9).

    Code asks ``company._get_dunning_settings()``, which answers as superuser. Rooms above add their own settings.
    """

    _name = "account.dunning.settings"
    _description = "Dunning Settings"
    _inherit = ["account.dunning.guard"]
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    mode = fields.Selection(
        [
            ("invoice", "Invoice-Based: a Plan for Each Invoice"),
            ("customer", "Customer-Based: a Plan for Each Customer"),
        ],
        string="Dunning Mode",
        required=True,
        default="invoice",
        help="Settle this first. It can be changed only while no collection plan is open and all runs are finished.",
    )
    in_the_way = fields.Text(
        string="Open",
        compute="_compute_in_the_way",
        help="Open collection plans and runs under way. While there are any, the dunning mode stays.",
    )
    invoice_type_ids = fields.Many2many(
        "account.dunning.invoice.type",
        string="Invoice Types to Dun",
        domain="[('company_id', '=', company_id)]",
        check_company=True,
    )
    max_levels = fields.Integer(string="Maximum Number of Dunning Levels", default=5)
    auto_issue = fields.Boolean(string="Issue Dunning Notices Automatically")
    issue_user_id = fields.Many2one(
        "res.users",
        string="Issue as User",
        domain=lambda self: (
            "[('share', '=', False), ('company_ids', 'in', company_id), "
            f"('all_group_ids', 'in', {self.env.ref('account_dunning.group_dunning_manager').ids})]"
        ),
        ondelete="restrict",
        help="A dunning manager of the company. What is issued automatically counts as issued by this user, and the "
        "server actions of levels run with the user's rights.",
    )
    letter_sent = fields.Selection(
        [("confirmed", "When a person has printed them"), ("made", "When the PDF is made")],
        string="Letters Count as Sent",
        required=True,
        default="confirmed",
    )
    start_date = fields.Date(string="Dun Items Due From")
    parent_type = fields.Boolean(
        string="Subsidiaries Take Their Parent's Type",
        help="A customer without a dunning type who is a company under another company is dunned by the type of the "
        "nearest parent that has one, before any rule.",
    )
    tz = fields.Selection(
        related="company_id.partner_id.tz",
        readonly=False,
        string="Time Zone",
        help="The dates of dunning are those of this time zone: when an item is overdue, and what day a notice bears. "
        "Empty: the time zone of the first user of the company.",
    )
    contact_business_days = fields.Boolean(
        string="Only on Business Days",
        help="Notices leave, and customers are called, on the working days of the company's calendar only.",
    )
    contact_holidays = fields.Boolean(
        string="Not on Public Holidays",
        help="Those of the customer's country, else of the company's. This needs the Python package “holidays”.",
    )
    contact_quiet = fields.Boolean(
        string="Quiet Hours",
        help="No e-mail leaves, and nobody is called, in these hours of the customer's time zone, else the company's.",
    )
    contact_quiet_from = fields.Float(string="Quiet From", default=20.0)
    contact_quiet_until = fields.Float(string="Quiet Until", default=8.0)
    contact_most = fields.Integer(
        string="At Most",
        help="So many times a customer is reached within the days. 0: any number. A notice waits five days at most.",
    )
    contact_within = fields.Integer(string="Within Days", default=7)

    last_night = fields.Date(
        readonly=True, groups=fields.NO_ACCESS, help="The latest day on which the nightly job ran."
    )

    _company_unique = models.Constraint("UNIQUE (company_id)", "A company has dunning settings once.")
    _contact_hours = models.Constraint(
        "CHECK (COALESCE(contact_quiet_from, 0) >= 0 AND COALESCE(contact_quiet_from, 0) < 24"
        " AND COALESCE(contact_quiet_until, 0) >= 0 AND COALESCE(contact_quiet_until, 0) < 24)",
        "Quiet hours are between 0:00 and 23:59.",
    )
    _contact_cap = models.Constraint(
        "CHECK (COALESCE(contact_most, 0) BETWEEN 0 AND 1000 AND COALESCE(contact_within, 7) BETWEEN 1 AND 365)",
        "At most so many contacts: 0 to 1000, within 1 to 365 days.",
    )
    _max_levels_bounds = models.Constraint(
        "CHECK (COALESCE(max_levels, 1) BETWEEN 1 AND 1000)",
        "The maximum number of dunning levels is between 1 and 1000.",
    )

    @api.depends("company_id")
    def _compute_display_name(self):
        for settings in self:
            settings.display_name = self.env._("Dunning Settings of %(company)s", company=settings.company_id.name)

    @api.depends("company_id", "mode")
    def _compute_in_the_way(self):
        for settings in self:
            settings.in_the_way = "\n".join(hindrance.describe() for hindrance in settings._get_hindrances())

    @api.onchange("auto_issue")
    def _onchange_auto_issue(self):
        if self.auto_issue and not self.issue_user_id:
            self.issue_user_id = self.env.user._get_dunning_issuer(self.company_id)

    # making and writing

    @api.model
    def _make_for(self, companies):
        """Give each of the root ``companies`` what it lacks: its settings, or in them what is usually dunned."""
        own = [("company_id", "in", companies.ids)]
        self.create([{"company_id": company.id} for company in companies - self.search(own).company_id])
        types = self.env["account.dunning.invoice.type"]
        for settings in self.search(own):
            settings._replace_templates()
            if not settings.invoice_type_ids:
                settings.invoice_type_ids = types._get_shipped("invoice_type_commercial", settings.company_id)

    @api.model_create_multi
    def create(self, vals_list):
        settings = super().create(vals_list)
        self.env.registry.clear_cache()  # the ids by company
        return settings

    def write(self, vals):
        """Refuse to change the mode, or to take away an invoice type, while something open rests on it.

        People write plain values, and records that they may read. Who lets notices be issued automatically issues
        them, unless another user is named.
        """
        if not self.env.su:
            return self._as_administrator(vals).write(keep_plain(self, vals, self._get_people_fields(False)))
        if vals.get("auto_issue") and "issue_user_id" not in vals:
            for settings in self.filtered(lambda settings: not settings.issue_user_id):
                super(AccountDunningSettings, settings).write({"issue_user_id": settings._find_issuer().id})
        modes = {settings: settings.mode for settings in self}
        with self._keep_invoice_types() if "invoice_type_ids" in vals else nullcontext():
            result = super().write(vals)
            if vals.keys() & self._get_shipped_fields():
                self._replace_templates()
        for settings in self.filtered(lambda settings: settings.mode != modes[settings]):
            settings._check_mode_free()
        return result

    def _as_administrator(self, vals):
        """The settings as superuser, once the user may write ``vals``. Deleted scheduled actions are made anew."""
        self.check_access("write")
        for settings in self:
            self._check_administrator(settings.company_id)
        for name in self._fields.keys() & vals:
            self._check_field_access(self._fields[name], "write")
        ensure_scheduled_actions(self.env)
        # administrators need not be able to write contacts, or what is made of a choice
        return self.sudo()

    @api.model
    def _check_administrator(self, company):
        """Refuse users who are no accounting or system administrators, or who may not work in ``company``."""
        if not self.env.user.has_groups("account.group_account_manager,base.group_system"):
            raise AccessError(self.env._("Only accounting administrators may change the dunning settings."))
        if company not in self.env.user.company_ids:
            raise AccessError(
                self.env._(
                    "The dunning settings belong to %(company)s, which is none of your companies.",
                    company=company.sudo().name,  # of a head office that he may not see
                )
            )

    @api.model
    def _open(self):
        """Open the settings of the root company of the user's current company."""
        company = self.env.company.root_id
        self._check_administrator(company)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Dunning Settings"),
            "res_model": self._name,
            "res_id": company._get_dunning_settings().id,
            "view_mode": "form",
            "target": "current",
        }

    # what a company chooses of what is shipped

    @api.model
    def _get_shipped_fields(self):
        """The names of the fields whose records each company has of its own."""
        return [name for name, field in self._fields.items() if field.comodel_name in SHIPPED_MODELS]

    def _replace_templates(self):
        """Take the company's own copy of a shipped record where the shipped one was chosen."""
        for settings in self:
            for field in self._get_shipped_fields():
                chosen = settings[field]
                templates = chosen.filtered(lambda record: not record.company_id)
                if templates:
                    names = [name for name, template in chosen._get_templates().items() if template in templates]
                    copies = [("shipped_as", "in", names), ("company_id", "=", settings.company_id.id)]
                    settings[field] = chosen - templates + chosen.search(copies)

    @api.model
    def _get_choices(self):
        """None: each setting has a check of its own, whose refusal says more than that of the guard."""
        return []

    @api.constrains(lambda self: self._get_shipped_fields())
    def _check_own_records(self):
        for settings in self.sudo():  # a constraint sees all
            company = settings.company_id
            chosen = (record for name in self._get_shipped_fields() for record in settings[name])
            if any(record.company_id not in (company, company.browse()) for record in chosen):
                raise ValidationError(
                    self.env._(
                        "Customer balance and invoice types of %(company)s must be its own.", company=company.name
                    )
                )

    @api.constrains("company_id")
    def _check_root(self):
        for settings in self:
            if settings.company_id.parent_id:
                raise ValidationError(self.env._("Branches have the dunning settings of their main company."))

    @api.constrains("invoice_type_ids")
    def _check_invoice_types(self):
        if any(not settings.invoice_type_ids.filtered("active") for settings in self.sudo()):  # a constraint sees all
            raise ValidationError(self.env._("Choose at least one invoice type to dun."))

    # the mode

    def _get_hindrances(self):
        """The :class:`Hindrance` of each kind that keeps the mode as it is. Hook."""
        self.ensure_one()
        return []

    def _check_mode_free(self):
        """Refuse if something stands in the way of another mode; the button shows the first kind of it."""
        hindrances = self._get_hindrances()
        if hindrances:
            changed = self.env._("The dunning mode of %(company)s cannot be changed now.", company=self.company_id.name)
            first = hindrances[0]
            message = " ".join([changed, *(f"{hindrance.describe()}." for hindrance in hindrances)])
            raise refusal(message, first.records, first.action, first.button)

    # when customers are reached

    def _has_contact_rules(self):
        """True where any rule says when customers may be reached."""
        self.ensure_one()
        return self.contact_business_days or self.contact_holidays or self.contact_quiet or bool(self.contact_most)

    @api.constrains("contact_holidays")
    def _check_holidays(self):
        if any(self.mapped("contact_holidays")) and not public_holidays.is_installed():
            raise ValidationError(
                self.env._(
                    "Public holidays come from the Python package “holidays”, which is not installed on this server. "
                    "Have it installed there (pip install holidays), restart Odoo, and switch the setting on again."
                )
            )

    # which documents are dunned

    def _get_move_domain(self):
        """Domain on ``account.move`` of the documents that are dunned."""
        self.ensure_one()
        return self.invoice_type_ids.filtered("active")._get_move_domain()

    @contextmanager
    def _keep_invoice_types(self):
        """Refuse what is done in the block if something open loses the invoice type on which it rests.

        Whatever takes it away: another choice in the settings, or a change of a type.
        """
        before = {settings: settings._get_move_domain() for settings in self}
        yield
        for settings, domain in before.items():
            after = settings._get_move_domain()
            if domain != after:
                settings._check_none_rests_on(domain & ~after)

    def _check_none_rests_on(self, move_domain):
        """Refuse if something open rests on a document in ``move_domain``, which is not dunned any more. Hook."""
        self.ensure_one()

    # levels

    @api.constrains("max_levels")
    def _check_max_levels(self):
        for settings in self:
            if settings.max_levels < 1:
                raise ValidationError(self.env._("The maximum number of dunning levels must be at least 1."))
            # a constraint sees all
            types = self.env["account.dunning.type"].sudo().search([("company_id", "=", settings.company_id.id)])
            too_long = types.filtered(lambda t, maximum=settings.max_levels: t._count_levels() > maximum)
            if too_long:
                message = self.env._(
                    "These dunning types have more than %(maximum)s levels: %(types)s. Remove levels there first.",
                    maximum=settings.max_levels,
                    types=", ".join(too_long.mapped("name")),
                )
                raise refusal(
                    message, too_long, "account_dunning.account_dunning_type_action", self.env._("Show the Types")
                )

    # who issues

    @api.constrains("auto_issue", "issue_user_id")
    def _check_issue_user(self):
        for settings in self.filtered("auto_issue"):
            company, user = settings.company_id, settings.issue_user_id
            if not user:
                raise ValidationError(
                    self.env._(
                        "Choose the user as whom dunning notices of %(company)s are issued automatically.",
                        company=company.name,
                    )
                )
            if not user._can_issue_dunning(company):
                raise ValidationError(
                    self.env._(
                        "%(user)s cannot issue dunning notices of %(company)s: choose an internal user of this company "
                        "who is a dunning manager.",
                        user=user.name,
                        company=company.name,
                    )
                )

    def _find_issuer(self):
        """Who issues for the company unless somebody is named: the user, for the system the first dunning manager."""
        self.ensure_one()
        user, company = self.env.user, self.company_id
        if user.id == SUPERUSER_ID:
            user = user._get_dunning_managers(company).sorted("id")[:1]
        return user._get_dunning_issuer(company)
