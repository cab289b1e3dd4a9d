from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

# Where an account for dunning fees and default interest stands, by chart of accounts: beside interest on receivables,
# else other financial or operating income. The account that is there in the chart, and the first code to try if that
# is not the next one.
PLACES = {
    "at": ("4860", "4880"),  # other operating income
    "be": ("756", None),  # miscellaneous financial income
    "ch": ("6950", None),  # financial revenues
    "de_skr03": ("2650", None),  # other interest and similar income
    "de_skr04": ("7110", None),  # other interest income
    "dk": ("3490", None),  # interest receivable on trade debtors
    "es_common": ("769", None),  # other financial income
    "fi": ("9170", None),  # interest income, sales receivables
    "fr": ("763100", None),  # income from commercial debts receivable
    "generic_coa": ("4500", None),  # other income
    "ie": ("77", None),  # other interest receivable and similar income
    "it": ("5110", None),  # interest income from customers
    "nl": ("4950", None),  # other income
    "no": ("8055", None),  # interest income from trade debtors
    "pl": ("75.000.300", None),  # interest received
    "se": ("8310", "8313"),  # interest income on current assets: on short-term receivables
    "uk": ("491000", "492000"),  # interest received
}

# Charts whose localisation refuses a line of an invoice without a tax.
TAX_ON_EVERY_LINE = ("AR", "SA")


class AccountDunningSettings(models.Model):
    """Where dunning charges are booked, and what stands in the way of booking them."""

    _inherit = "account.dunning.settings"

    charges = fields.Selection(
        [("letter", "On the letter only"), ("booked", "As a customer invoice when the notice is sent")],
        string="Fees and Interest",
        required=True,
        default="letter",
    )
    charge_account_id = fields.Many2one(
        "account.account",
        string="Account for Charges",
        domain="[('account_type', 'in', ('income', 'income_other')), ('company_ids', 'in', company_id)]",
        ondelete="restrict",
        help="The income account of dunning fees and default interest. Empty: one is created.",
    )
    charge_journal_id = fields.Many2one(
        "account.journal",
        string="Journal for Charges",
        domain="[('type', '=', 'sale'), ('company_id', '=', company_id)]",
        ondelete="restrict",
        help="Empty: the first sales journal.",
    )
    charge_known = fields.Boolean(
        compute="_compute_charge_known",
        compute_sudo=True,
        help="An account for charges was chosen, or can be made.",
    )
    charge_hint = fields.Text(compute="_compute_charge_hint", compute_sudo=True, string="Before Booking Charges")

    @api.constrains("charges", "charge_account_id", "charge_journal_id")
    def _check_charges(self):
        """What is chosen for charges belongs to the company, and is there where they are booked."""
        for settings in self.sudo():  # a constraint sees all
            company, booked = settings.company_id, settings.charges == "booked"
            journal = settings._get_charge_journal() if booked else settings.charge_journal_id
            account = settings._get_charge_account() if booked else settings.charge_account_id
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

    def _get_charge_journal(self):
        """The journal in which dunning charges are booked (one record, or none)."""
        self.ensure_one()
        journals = self.env["account.journal"].sudo()  # charges are booked for whoever sends the notice
        return self.charge_journal_id or journals.search(
            [("type", "=", "sale"), ("company_id", "=", self.company_id.id)], limit=1
        )

    @api.depends("charge_account_id", "company_id.chart_template")
    def _compute_charge_known(self):
        for settings in self:
            settings.charge_known = bool(settings.charge_account_id or settings._find_place() or settings._guess_like())

    @api.depends("charge_account_id", "company_id.chart_template", "company_id.account_fiscal_country_id")
    def _compute_charge_hint(self):
        for settings in self:
            settings.charge_hint = "\n".join(settings._get_charge_hints()) or False

    def _get_charge_hints(self):
        """What to know before charges are booked: sentences. Hook."""
        hints = []
        if not self.charge_known:
            hints.append(
                self.env._(
                    "Choose an income account for charges: which one is right in this chart of accounts is not known."
                )
            )
        elif not (self.charge_account_id or self._find_place()):
            hints.append(
                self.env._(
                    "The account for charges is created beside %(account)s: where it stands in this chart of accounts "
                    "is not known. Choose another one if that is wrong.",
                    account=self._guess_like().display_name,
                )
            )
        country = self.company_id.account_fiscal_country_id.code
        if country in TAX_ON_EVERY_LINE and not self._has_charge_taxes():
            hints.append(
                self.env._(
                    "In this country each line of an invoice needs a tax: set one on the products Dunning fee and "
                    "Default interest, or no charges can be booked."
                )
            )
        if self._validates_invoices():
            hints.append(
                self.env._("Invoices are validated before they are posted: charges are left as drafts, with a to-do.")
            )
        return hints

    def _has_charge_taxes(self):
        """True if both products of charges bear a tax of the company."""
        products = self.env["account.dunning.notice"]._get_charge_products()
        return all(product.taxes_id._filter_taxes_by_company(self.company_id) for product in products)

    def _validates_invoices(self):
        """True where OCA's ``account_move_tier_validation`` asks for a validation of customer invoices."""
        definitions = self.env.get("tier.definition")
        if definitions is None or not hasattr(self.env["account.move"], "validate_tier"):
            return False
        domain = [("model", "=", "account.move"), ("company_id", "in", (False, self.company_id.id))]
        return bool(definitions.search_count(domain, limit=1))

    def _get_charge_account(self):
        """The income account of dunning charges; it is made where none was chosen and its place is known.

        :raise ValidationError: where the company has no income account at all: a person chooses
        """
        self.ensure_one()
        if not self.charge_account_id:
            company, code, kind = self.company_id, self._find_charge_code(), "income_other"
            if not code and (like := self._guess_like()):
                code, kind = like.with_company(company)._search_new_account_code(like.code), like.account_type
            if not code:
                raise ValidationError(
                    self.env._(
                        "Choose an account for dunning charges of %(company)s in the dunning settings: which one is "
                        "right in its chart of accounts is not known.",
                        company=company.name,
                    )
                )
            self.charge_account_id = (
                self.env["account.account"]
                # who books charges may not make accounts
                .sudo()
                .with_company(company)
                .create(
                    {
                        "name": self.env._("Dunning Charges"),
                        "code": code,
                        "account_type": kind,
                        "company_ids": [fields.Command.set(company.ids)],
                    }
                )
            )
        return self.charge_account_id

    def _guess_like(self):
        """The account beside which charges stand where their place is not known: the first of other income, else that
        of sales; none where there are no such accounts."""
        company = self.company_id
        # codes of accounts, for who books charges
        accounts = self.env["account.account"].sudo().with_company(company)
        other = [("account_type", "=", "income_other"), ("company_ids", "in", company.ids)]
        like = accounts.search(other, order="code", limit=1) or company.sudo().income_account_id.with_company(company)
        return like.filtered("code")

    def _find_charge_code(self):
        """A free code for an account of charges, where ``PLACES`` says; False if chart or account are unknown."""
        place = self._find_place()
        if not place:
            return False
        start, taken = place
        # codes of accounts, for who books charges
        accounts = self.env["account.account"].sudo().with_company(self.company_id)
        return accounts._search_new_account_code(start, cache=taken)

    def _find_place(self):
        """The first code to try for an account of charges, and the codes not to take, or None if none is known."""
        company = self.company_id
        # codes of accounts, for who books charges
        accounts = self.env["account.account"].sudo().with_company(company)
        for chart in self._get_charts(company.chart_template):
            if chart in PLACES:
                beside, first = PLACES[chart]
                there = accounts.search([("code", "=like", f"{beside}%"), ("company_ids", "in", company.ids)])
                code = min(
                    (account.code for account in there if not account.code[len(beside) :].strip("0")), default=""
                )
                if code:
                    return (first.ljust(len(code), "0"), set()) if first else (code, {code})
        return None

    @api.model
    @ormcache("chart_template")
    def _get_charts(self, chart_template):
        """The codes of a chart of accounts and of those that it builds on.

        They stand in the code of modules, and Odoo looks through all of these for them, with a query for each country.
        """
        return tuple(self.env["account.chart.template"]._get_parent_template(chart_template))
