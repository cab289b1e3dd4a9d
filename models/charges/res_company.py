from odoo import api, fields, models
from odoo.exceptions import ValidationError

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


class ResCompany(models.Model):
    """Where dunning charges are booked, and what stands in the way of booking them."""

    _inherit = "res.company"

    dunning_charge_known = fields.Boolean(
        compute="_compute_dunning_charge_known", help="An account for charges was chosen, or can be made."
    )
    dunning_charge_hint = fields.Text(compute="_compute_dunning_charge_hint", string="Before Booking Charges")

    @api.depends("dunning_charge_account_id", "chart_template")
    def _compute_dunning_charge_known(self):
        for company in self:
            chosen = company.sudo().dunning_charge_account_id  # the setting, for who may not see settings
            company.dunning_charge_known = bool(chosen or company._find_dunning_charge_code())

    @api.depends("dunning_charge_account_id", "chart_template", "account_fiscal_country_id")
    def _compute_dunning_charge_hint(self):
        for company in self:
            company.dunning_charge_hint = "\n".join(company._get_dunning_charge_hints()) or False

    def _get_dunning_charge_hints(self):
        """What to know before charges are booked: sentences. Hook."""
        self.ensure_one()
        company = self.sudo()  # the settings page is open to who may not read products or companies
        hints = []
        if not company.dunning_charge_known:
            hints.append(
                self.env._(
                    "Choose an income account for charges: which one is right in this chart of accounts is not known."
                )
            )
        country = company.account_fiscal_country_id.code
        if country in TAX_ON_EVERY_LINE and not company._has_dunning_charge_taxes():
            hints.append(
                self.env._(
                    "In this country each line of an invoice needs a tax: set one on the products Dunning fee and "
                    "Default interest, or no charges can be booked."
                )
            )
        if company._validates_invoices():
            hints.append(
                self.env._("Invoices are validated before they are posted: charges are left as drafts, with a to-do.")
            )
        return hints

    def _has_dunning_charge_taxes(self):
        """True if both products of charges bear a tax of the company."""
        # the settings are open to who may not read products
        products = self.env["account.dunning.notice"].sudo()._get_charge_products()
        return all(product.taxes_id._filter_taxes_by_company(self) for product in products)

    def _validates_invoices(self):
        """True where OCA's ``account_move_tier_validation`` asks for a validation of customer invoices."""
        definitions = self.env.get("tier.definition")
        if definitions is None or not hasattr(self.env["account.move"], "validate_tier"):
            return False
        domain = [("model", "=", "account.move"), ("company_id", "in", (False, self.id))]
        # whether there is any, for who may not read definitions
        return bool(definitions.sudo().search_count(domain, limit=1))

    def _get_dunning_charge_account(self):
        """The income account of dunning charges; it is made where none was chosen and its place is known.

        :raise ValidationError: where no place is known: a person chooses
        """
        self.ensure_one()
        company = self.sudo()  # who books charges may not make accounts
        if not company.dunning_charge_account_id:
            code = company._find_dunning_charge_code()
            if not code:
                raise ValidationError(
                    self.env._(
                        "Choose an account for dunning charges of %(company)s in the dunning settings: which one is "
                        "right in its chart of accounts is not known.",
                        company=self.name,
                    )
                )
            company.dunning_charge_account_id = (
                self.env["account.account"]
                # the account is ours; see above
                .sudo()
                .with_company(company)
                .create(
                    {
                        "name": self.env._("Dunning Charges"),
                        "code": code,
                        "account_type": "income_other",
                        "company_ids": [fields.Command.set(company.ids)],
                    }
                )
            )
        return company.dunning_charge_account_id

    def _find_dunning_charge_code(self):
        """A free code for an account of charges, where ``PLACES`` says; False if chart or account are unknown."""
        self.ensure_one()
        # codes of accounts, for who books charges
        accounts = self.env["account.account"].sudo().with_company(self)
        for chart in self.env["account.chart.template"]._get_parent_template(self.sudo().chart_template):
            if chart in PLACES:
                beside, first = PLACES[chart]
                there = accounts.search([("code", "=like", f"{beside}%"), ("company_ids", "in", self.ids)])
                code = min(
                    (account.code for account in there if not account.code[len(beside) :].strip("0")), default=""
                )
                if code and first:
                    return accounts._search_new_account_code(first.ljust(len(code), "0"), cache=set())
                return code and accounts._search_new_account_code(code)
        return False
