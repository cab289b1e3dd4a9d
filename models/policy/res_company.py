from contextlib import contextmanager
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, ormcache

from ...tools.prefetch import PREFETCH
from ...tools.refusals import name_some, refusal
from ..base.names import ACCOUNTANTS, COLLECTORS, OPEN_STATES

# What may read other records than the company is for those who may read them, too.
NO_LOSS = ("asset_receivable", "liability_payable", "off_balance")


class ResCompany(models.Model):
    _inherit = "res.company"

    dunning_mode = fields.Selection(
        [
            ("invoice", "Invoice-Based: a Plan for Each Invoice"),
            ("customer", "Customer-Based: a Plan for Each Customer"),
        ],
        required=True,
        default="invoice",
        help="Settle this first. It can be changed only while no collection plan is open and all runs are finished.",
        prefetch=PREFETCH,
    )
    dunning_balance_id = fields.Many2one(
        "account.dunning.balance",
        string="Customer Balance to Use",
        groups=COLLECTORS,
        domain="[('company_id', '=', id)]",
        ondelete="restrict",
        help="Customer-based dunning begins and ends by this balance. Empty: the default balance.",
        prefetch=PREFETCH,
    )
    dunning_invoice_type_ids = fields.Many2many(
        "account.dunning.invoice.type",
        string="Invoice Types to Dun",
        groups=COLLECTORS,
        domain="[('company_id', '=', id)]",
    )
    dunning_max_levels = fields.Integer(
        string="Maximum Number of Dunning Levels",
        default=5,
        prefetch=PREFETCH,
    )
    dunning_auto_issue = fields.Boolean(
        string="Issue Dunning Notices Automatically",
        prefetch=PREFETCH,
    )
    dunning_issue_user_id = fields.Many2one(
        "res.users",
        string="Issue as User",
        domain=lambda self: [
            ("share", "=", False),
            ("all_group_ids", "in", self.env.ref("account_dunning.group_dunning_manager").ids),
        ],
        ondelete="restrict",
        help="A dunning manager of the company. What is issued automatically counts as issued by this user, and the "
        "server actions of levels run with the user's rights.",
        prefetch=PREFETCH,
    )
    dunning_letter_sent = fields.Selection(
        [("confirmed", "When a person has printed them"), ("made", "When the PDF is made")],
        string="Letters Count as Sent",
        required=True,
        default="confirmed",
        prefetch=PREFETCH,
    )
    dunning_charges = fields.Selection(
        [("letter", "On the letter only"), ("booked", "As a customer invoice when the notice is sent")],
        required=True,
        default="letter",
        prefetch=PREFETCH,
    )
    dunning_charge_account_id = fields.Many2one(
        "account.account",
        string="Account for Charges",
        groups=ACCOUNTANTS,
        domain="[('account_type', 'in', ('income', 'income_other'))]",
        ondelete="restrict",
        help="The income account of dunning fees and default interest. Empty: one is created.",
        prefetch=PREFETCH,
    )
    dunning_charge_journal_id = fields.Many2one(
        "account.journal",
        string="Journal for Charges",
        groups=ACCOUNTANTS,
        domain="[('type', '=', 'sale')]",
        ondelete="restrict",
        help="Empty: the first sales journal.",
        prefetch=PREFETCH,
    )
    dunning_start_date = fields.Date(
        string="Dun Items Due From",
        prefetch=PREFETCH,
    )
    dunning_write_off_account_id = fields.Many2one(
        "account.account",
        string="Write-off Account",
        groups=ACCOUNTANTS,
        domain=[("account_type", "not in", NO_LOSS)],
        check_company=True,
        ondelete="set null",
        help="Proposed where collection plans are written off.",
        prefetch=PREFETCH,
    )
    dunning_write_off_tax = fields.Boolean(
        string="Correct the Tax of Write-offs",
        help="Proposed where collection plans are written off.",
        prefetch=PREFETCH,
    )
    dunning_return_fee_account_id = fields.Many2one(
        "account.account",
        check_company=True,
        ondelete="set null",
        groups=fields.NO_ACCESS,
        help="Where the bank's fee for a returned payment was booked last; proposed for the next.",
        prefetch=PREFETCH,
    )
    dunning_tz = fields.Selection(
        related="partner_id.tz",
        readonly=False,
        string="Time Zone",
        help="The dates of dunning are those of this time zone: when an item is overdue, and what day a notice bears. "
        "Empty: the time zone of the first user of the company.",
    )

    _dunning_max_levels_bounds = models.Constraint(
        "CHECK (COALESCE(dunning_max_levels, 1) BETWEEN 1 AND 1000)",
        "The maximum number of dunning levels is between 1 and 1000.",
    )

    def _dunning_today(self, moment=None):
        """The date of today, or of ``moment`` (UTC, as Odoo stores it), in the company's time zone."""
        self.ensure_one()
        zone = ZoneInfo(self._get_dunning_zone())
        return (moment.replace(tzinfo=timezone.utc).astimezone(zone) if moment else datetime.now(zone)).date()

    def _get_dunning_zone(self):
        """The company's time zone, or where it has none that of its first user who has one, whoever asks."""
        # the date of a head office for its branches, too
        zone, known = self.sudo().partner_id.tz, self.env.cr.cache.setdefault("account_dunning.zones", {})
        if not zone and self.id not in known:
            domain = [("company_ids", "in", self.ids), ("share", "=", False), ("tz", "!=", False)]
            known[self.id] = self.env["res.users"].sudo().search(domain, order="id", limit=1).tz or "UTC"
        return zone or known[self.id]

    @ormcache("self.id")
    def _get_dunning_branches(self):
        """The ids of the company and its branches, active ones, the company first."""
        # ids only, for queries that say whose rows they read
        return tuple(self.sudo().search([("id", "child_of", self.id)], order="parent_path")._ids)

    def _get_dunning_user_companies(self, user):
        """Those of the company and its branches in which ``user`` works, the company first."""
        self.ensure_one()
        return self.browse(self._get_dunning_branches()) & user.sudo().company_ids  # ids only

    def _check_books_open(self, date, tax, journal):
        """Refuse to book on ``date`` in a period that is closed; ``tax``: whether taxes are booked."""
        self.ensure_one()
        locks = self._get_violated_lock_dates(date, tax, journal)
        if locks:
            raise UserError(
                self.env._(
                    "The books are closed on %(date)s: %(locks)s. Choose a later date.",
                    date=format_date(self.env, date),
                    locks=self._format_lock_dates(locks),
                )
            )

    @api.constrains("dunning_auto_issue", "dunning_issue_user_id")
    def _check_dunning_issue_user(self):
        for company in self.filtered("dunning_auto_issue"):
            user = company.sudo().dunning_issue_user_id  # only managers may read whom the settings name
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

    def _find_dunning_issuer(self):
        """Who issues for the company unless somebody is named: the user, for the system the first dunning manager."""
        self.ensure_one()
        user = self.env.user
        if user.id == SUPERUSER_ID:
            user = user._get_dunning_managers(self).sorted("id")[:1]
        return user._get_dunning_issuer(self)

    @api.constrains("dunning_max_levels")
    def _check_dunning_max_levels(self):
        for company in self:
            if company.dunning_max_levels < 1:
                raise ValidationError(self.env._("The maximum number of dunning levels must be at least 1."))
            # a constraint sees all
            types = self.env["account.dunning.type"].sudo().search([("company_id", "=", company.id)])
            too_long = types.filtered(lambda t, maximum=company.dunning_max_levels: t._count_levels() > maximum)
            if too_long:
                message = self.env._(
                    "These dunning types have more than %(maximum)s levels: %(types)s. Remove levels there first.",
                    maximum=company.dunning_max_levels,
                    types=", ".join(too_long.mapped("name")),
                )
                raise refusal(
                    message, too_long, "account_dunning.account_dunning_type_action", self.env._("Show the Types")
                )

    @api.constrains("dunning_charges", "dunning_charge_account_id", "dunning_charge_journal_id")
    def _check_dunning_charges(self):
        """What is chosen for charges belongs to the company, and is there where they are booked."""
        for company in self.sudo():  # who creates companies need not be an accountant
            booked = company.dunning_charges == "booked"
            journal = company._get_dunning_charge_journal() if booked else company.dunning_charge_journal_id
            account = company._get_dunning_charge_account() if booked else company.dunning_charge_account_id
            if (booked or journal) and (journal.type != "sale" or company not in journal.company_id.parent_ids):
                raise ValidationError(
                    self.env._("%(company)s needs a sales journal to book dunning charges.", company=company.name)
                )
            own = account.account_type in ("income", "income_other") and company in account.company_ids
            if (booked or account) and not own:
                raise ValidationError(
                    self.env._(
                        "Choose an income account of %(company)s for dunning charges.",
                        company=company.name,
                    )
                )

    @api.constrains("dunning_write_off_account_id", "dunning_return_fee_account_id")
    def _check_dunning_accounts(self):
        """Accounts that dialogs propose are of the company; losses are on no receivable or payable account."""
        self = self.sudo()  # who creates companies need not be an accountant
        self._check_company(["dunning_write_off_account_id", "dunning_return_fee_account_id"])
        for company in self:
            if company.dunning_write_off_account_id.account_type in NO_LOSS:
                raise ValidationError(
                    self.env._(
                        "%(account)s takes no losses: choose an account for write-offs that is neither receivable "
                        "nor payable.",
                        account=company.dunning_write_off_account_id.display_name,
                    )
                )

    def _get_dunning_charge_journal(self):
        """The journal in which dunning charges are booked (one record, or none)."""
        self.ensure_one()
        journals = self.env["account.journal"].sudo()  # charges are booked for whoever sends the notice
        # the setting, for who may not see settings
        return self.sudo().dunning_charge_journal_id or journals.search(
            [("type", "=", "sale"), ("company_id", "=", self.id)], limit=1
        )

    @api.constrains("dunning_balance_id", "dunning_invoice_type_ids")
    def _check_dunning_own_records(self):
        for company in self.sudo():  # a constraint sees all
            records = company.dunning_balance_id, company.dunning_invoice_type_ids
            if any(record.company_id not in (company, self.browse()) for chosen in records for record in chosen):
                raise ValidationError(
                    self.env._(
                        "Customer balance and invoice types of %(company)s must be its own.", company=company.name
                    )
                )

    @api.constrains("dunning_invoice_type_ids")
    def _check_dunning_invoice_types(self):
        for company in self.sudo():  # who creates companies need not be a collector
            if not company.parent_id and not company.dunning_invoice_type_ids.filtered("active"):
                raise ValidationError(self.env._("Choose at least one invoice type to dun."))

    @api.model_create_multi
    def create(self, vals_list):
        """A new root company gets its own of what is shipped, and duns commercial invoices."""
        companies = super().create(vals_list)
        # who makes companies may do no dunning
        companies.sudo()._adopt_dunning_templates()
        return companies

    @api.model
    def _adopt_all_dunning_templates(self):
        """At installation: all root companies get their own of what is shipped."""
        self.with_context(active_test=False).search([])._adopt_dunning_templates()

    def _adopt_dunning_templates(self):
        """Give the root companies among these their own of what is shipped; without a choice they dun what is usual."""
        roots = self.filtered(lambda company: not company.parent_id)
        self.env["account.dunning.shipped.mixin"]._adopt_templates(roots)
        types = self.env["account.dunning.invoice.type"]
        roots._replace_dunning_templates()
        for company in roots.filtered(lambda company: not company.dunning_invoice_type_ids):
            company.dunning_invoice_type_ids = types._get_shipped("invoice_type_commercial", company)

    def _replace_dunning_templates(self):
        """Where a shipped record was chosen, the company's own copy of it was meant."""
        for company in self:
            for field in ("dunning_balance_id", "dunning_invoice_type_ids"):
                chosen = company[field]
                templates = chosen.filtered(lambda record: not record.company_id)
                if templates:
                    names = [name for name, template in chosen._get_templates().items() if template in templates]
                    company[field] = (
                        chosen
                        - templates
                        + chosen.search([("shipped_as", "in", names), ("company_id", "=", company.id)])
                    )

    def write(self, vals):
        """Refuse to change the mode, or to take away an invoice type, while plans or runs rest on it.

        Who lets notices be issued automatically issues them, unless another user is named.
        """
        if vals.get("dunning_auto_issue") and "dunning_issue_user_id" not in vals:
            # only managers may read whom the settings name
            for company in self.filtered(lambda company: not company.sudo().dunning_issue_user_id):
                super(ResCompany, company).write({"dunning_issue_user_id": company._find_dunning_issuer().id})
        if not {"dunning_mode", "dunning_invoice_type_ids", "dunning_balance_id"} & set(vals):
            return super().write(vals)
        modes = {company: company.dunning_mode for company in self}
        with self._keep_dunning_invoice_types():
            result = super().write(vals)
            self.sudo()._replace_dunning_templates()  # only the superuser reads what is shipped
        for company in self:
            if company.dunning_mode != modes[company]:
                # a constraint sees all
                company.sudo()._check_dunning_mode_free()
        return result

    def _check_dunning_mode_free(self):
        """Refuse if an open plan or an unfinished run stands in the way of another mode."""
        self.ensure_one()
        own = Domain("company_id", "=", self.id)
        plans = self.env["account.collection.plan"].search(own & Domain("state", "in", OPEN_STATES))
        runs = self.env["account.dunning.run"].search(own & Domain("state", "not in", ("done", "cancelled")))
        if not (plans or runs):
            return
        parts = [self.env._("The dunning mode of %(company)s cannot be changed now.", company=self.name)]
        if plans:
            parts.append(
                self.env._("Open collection plans (%(count)s): %(names)s.", count=len(plans), names=name_some(plans))
            )
        if runs:
            parts.append(
                self.env._("Dunning runs under way (%(count)s): %(names)s.", count=len(runs), names=name_some(runs))
            )
        message = " ".join(parts)
        if plans:
            action, button = "account_dunning.account_collection_plan_action", self.env._("Show the Plans")
            raise refusal(message, plans, action, button)
        raise refusal(message, runs, "account_dunning.account_dunning_run_action", self.env._("Show the Runs"))

    @contextmanager
    def _keep_dunning_invoice_types(self):
        """Refuse what is done in the block if an open plan loses the invoice type on which it rests.

        Whatever takes it away: another choice in the settings, or a change of a type.
        """
        # a constraint sees all
        companies = self.sudo().filtered(lambda company: not company.parent_id)
        before = {company: company._get_dunning_move_domain() for company in companies}
        yield
        for company, domain in before.items():
            after = company._get_dunning_move_domain()
            plans = company._get_plans_resting_on(domain & ~after) if domain != after else None
            if plans:
                message = self.env._(
                    "Open collection plans (%(count)s) rest on an invoice type that would not be dunned any more: "
                    "%(names)s. Wait until they are closed, or stop them.",
                    count=len(plans),
                    names=name_some(plans),
                )
                action = "account_dunning.account_collection_plan_action"
                raise refusal(message, plans, action, self.env._("Show the Plans"))

    def _get_dunning_move_domain(self):
        """Domain on ``account.move`` of the documents that are dunned."""
        self.ensure_one()
        types = self.sudo().dunning_invoice_type_ids  # whoever asks: the domain is of the company
        return types.filtered("active")._get_move_domain()

    def _get_plans_resting_on(self, move_domain):
        """The open plans whose invoice, or one of whose customer's overdue items, is in ``move_domain``."""
        self.ensure_one()
        domain = Domain("company_id", "=", self.id) & Domain("state", "in", OPEN_STATES)
        moves = Domain("move_id", "any", move_domain)
        if self.dunning_mode == "invoice":
            # a constraint sees all
            return self.env["account.collection.plan"].sudo().search(domain & moves)
        # a constraint sees all
        lines = self.env["account.move.line"].sudo()
        items = lines._search(
            lines._get_open_item_domain()
            & Domain("company_id", "child_of", self.id)
            & Domain("amount_residual", ">", 0)
            & Domain("dunning_due_date", "<", self._dunning_today())
            & moves
        )
        customers = items.subselect(SQL.identifier("account_move_line", "partner_id"))
        # a constraint sees all
        return self.env["account.collection.plan"].sudo().search(domain & Domain("partner_id", "in", customers))

    def _get_dunning_balance(self):
        """The customer balance by which customer-based dunning begins and ends (one record)."""
        self.ensure_one()
        # the setting, for who may not see settings
        return self.sudo().dunning_balance_id or self.env["account.dunning.balance"]._get_default(self)

    # letters

    def _get_dunning_sender_line(self):
        """The sender in one line, to be read in the window of the envelope."""
        partner = self.partner_id
        place = " ".join(filter(None, (partner.zip, partner.city)))
        return " · ".join(filter(None, (partner.name, partner.street, place)))

    def _get_dunning_bank_account(self, moves, currency):
        """The bank account to pay to: the one that the invoices ``moves`` name, else one of the company in the
        ``currency``, else the company's first."""
        named = moves.partner_bank_id
        if len(named) == 1 and named.partner_id == self.partner_id:
            return named
        banks = self.partner_id.bank_ids.filtered(lambda bank: bank.company_id in (self.env["res.company"], self))
        return banks.filtered(lambda bank: bank.currency_id == currency)[:1] or banks[:1]
