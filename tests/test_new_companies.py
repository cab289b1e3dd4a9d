"""What a company gets with its chart of accounts: a dunning type, and a place for the account of charges."""

from unittest.mock import patch

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools.misc import file_open

from ..models.charges.account_dunning_settings import PLACES
from ..models.policy.type_shipped import read_terms
from .common import ChargesCommon, DunningCommon

# The chart's data in Odoo's own modules, by the names in PLACES.
CHARTS = {
    "at": "l10n_at",
    "be": "l10n_be",
    "ch": "l10n_ch",
    "de_skr03": "l10n_de",
    "de_skr04": "l10n_de",
    "dk": "l10n_dk",
    "es_common": "l10n_es",
    "fi": "l10n_fi",
    "fr": "l10n_fr_account",
    "generic_coa": "account",
    "ie": "l10n_ie",
    "it": "l10n_it",
    "nl": "l10n_nl",
    "no": "l10n_no",
    "pl": "l10n_pl",
    "se": "l10n_se",
    "uk": "l10n_uk",
}


@tagged("post_install", "-at_install")
class TestTypesOfNewCompanies(DunningCommon):
    def new_company(self, **values):
        company = self.env["res.company"].create({"name": "New", "country_id": self.env.ref("base.us").id, **values})
        self.env.user.company_ids += company
        return company

    def types(self, company):
        return self.env["account.dunning.type"].sudo().search([("company_id", "=", company.id)])

    def load(self, company):
        self.env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)

    def test_a_company_gets_a_usable_type_with_its_chart(self):
        company = self.new_company()
        self.assertFalse(self.types(company), "no accounts, no dunning")
        self.load(company)
        dunning_type = self.types(company)
        shipped = self.env.ref("account_dunning.type_standard").sudo()
        self.assertEqual((dunning_type.name, dunning_type.default, len(dunning_type.level_ids)), ("Standard", True, 3))
        for level, own in zip(shipped.level_ids, dunning_type.level_ids, strict=True):
            for name in ("name", "days", "min_days", "deadline_days", "document", "manual_release", "text"):
                self.assertEqual(own[name], level[name], name)
            self.assertTrue(own.mail_template_id)
        self.load(company)
        self.assertEqual(self.types(company), dunning_type, "once")
        branch = self.new_company(name="Branch of New", parent_id=company.id)
        self.assertFalse(self.types(branch))

    def test_who_has_a_type_gets_no_other(self):
        company = self.new_company()
        own = self.make_type("Own", (5,), company_id=company.id, active=False)
        self.load(company)
        self.assertFalse(self.types(company), "an archived one counts, too")
        self.assertTrue(own.exists())

    def test_it_speaks_the_installed_languages(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.assertTrue(read_terms("de_DE"))
        company = self.new_company()
        company.partner_id.lang = "de_DE"
        self.load(company)
        for level in self.types(company).level_ids:
            self.assertEqual(level.with_context(lang="de_DE").name, read_terms("de_DE")[level.name])
        level = self.types(company).level_ids[0]
        self.assertNotEqual(level.with_context(lang="de_DE").text, level.with_context(lang="en_US").text)
        self.assertIn("{total}", level.with_context(lang="de_DE").text)

    def test_it_learns_languages_that_are_installed_later(self):
        """What somebody has written stays, in English and in the new language."""
        self.env["res.lang"]._activate_lang("fr_FR")
        company = self.new_company()
        self.load(company)
        self.env["res.lang"]._activate_lang("de_DE")
        dunning_type = self.types(company)
        first, second, third = dunning_type.level_ids
        first.with_context(lang="en_US").text = "<p>Please pay.</p>"
        second.with_context(lang="de_DE").text = "<p>Bitte zahlen.</p>"
        french = third.with_context(lang="fr_FR").text
        names = {level: level.with_context(lang="en_US").name for level in dunning_type.level_ids}
        for _twice in range(2):
            self.env["ir.module.module"]._load_module_terms(["account_dunning"], ["de_DE"])
            german = {level: level.with_context(lang="de_DE") for level in dunning_type.level_ids}
            self.assertIn("Please pay.", german[first].text)
            self.assertIn("Bitte zahlen.", german[second].text)
            self.assertNotEqual(german[third].text, third.with_context(lang="en_US").text)
            self.assertIn("{total}", german[third].text)
            for level, name in names.items():
                self.assertEqual(german[level].name, read_terms("de_DE")[name])
            self.assertEqual(third.with_context(lang="fr_FR").text, french)


@tagged("post_install", "-at_install")
class TestPlaceOfCharges(ChargesCommon):
    def read_chart(self, chart):
        with file_open(f"{CHARTS[chart]}/data/template/account.account-{chart}.csv") as file:
            return file.read()

    def test_the_places_are_in_the_charts(self):
        """The account beside which charges stand is one of the chart, as Odoo ships it."""
        self.assertEqual(set(PLACES), set(CHARTS))
        for chart, (beside, _first) in PLACES.items():
            self.assertRegex(self.read_chart(chart), f'(?m)[",]{beside}[",]', chart)

    def test_the_account_stands_beside_its_like(self):
        self.settings.charges = "booked"
        account = self.settings.charge_account_id
        self.assertEqual((account.code, account.account_type), ("450001", "income_other"))

    def test_a_deleted_product_is_made_anew_beside_other_companies(self):
        """Odoo gives a new product the default taxes of all companies: those of charges are none."""
        self.setup_other_company(name="Other")
        fee, _interest = self.env["account.dunning.notice"]._get_charge_products()
        fee.product_tmpl_id.unlink()
        again, _interest = self.env["account.dunning.notice"]._get_charge_products()
        self.assertTrue(again.exists())
        self.assertFalse(again.sudo().taxes_id)

    def test_where_no_place_is_known_it_stands_beside_other_income(self):
        for values in ({"chart_template": "xx"}, {"chart_template": False}):
            self.company.write(values)
            self.assertTrue(self.settings.charge_known)
            self.assertIn("beside 450000 Other Income", self.settings.charge_hint)
            self.settings.charges = "booked"
            account = self.settings.charge_account_id
            self.assertEqual((account.code, account.account_type), ("450001", "income_other"))
            self.assertFalse(self.settings.charge_hint)
            self.settings.write({"charges": "letter", "charge_account_id": False})
            account.unlink()

    def test_without_other_income_it_stands_beside_sales(self):
        self.company.chart_template = "xx"
        self.put_away_other_income()
        self.settings.charges = "booked"
        account, sales = self.settings.charge_account_id, self.company.income_account_id
        self.assertEqual((account.code[:5], account.account_type), (sales.code[:5], "income"))
        self.assertGreater(account.code, sales.code)

    def put_away_other_income(self):
        other = [("account_type", "=", "income_other"), ("company_ids", "in", self.company.ids)]
        self.env["account.account"].search(other).write({"account_type": "income"})

    def test_where_no_income_is_known_the_setting_asks(self):
        self.put_away_other_income()
        self.company.income_account_id = False
        for values in ({"chart_template": "xx"}, {"chart_template": False}):
            self.company.write(values)
            self.assertFalse(self.settings.charge_known)
            self.assertIn("Choose an income account", self.settings.charge_hint)
            before = self.env["account.account"].search_count([])
            with self.refused(ValidationError, "which one is right in its chart of accounts is not known"):
                self.settings.charges = "booked"
            self.assertEqual(self.env["account.account"].search_count([]), before)
            income = self.company_data["default_account_revenue"]
            self.settings.write({"charges": "booked", "charge_account_id": income.id})
            self.assertFalse(self.settings.charge_hint)
            self.settings.write({"charges": "letter", "charge_account_id": False})

    def test_a_place_of_another_length_or_with_a_first_code(self):
        find = self.settings._find_charge_code
        with patch.dict(PLACES, {"generic_coa": ("4500", "4512")}):
            self.assertEqual(find(), "451200")
        with patch.dict(PLACES, {"generic_coa": ("4999", None)}):
            self.assertFalse(find(), "the chart was changed: its account is gone")

    def test_a_tax_on_every_line_is_told_before(self):
        self.company.account_fiscal_country_id = self.env.ref("base.ar")
        self.assertIn("needs a tax", self.settings.charge_hint)
        products = self.env["account.dunning.notice"]._get_charge_products()
        for product in products:
            product.taxes_id = [Command.link(self.company_data["default_tax_sale"].id)]
        self.env.invalidate_all()
        self.assertNotIn("needs a tax", self.settings.charge_hint or "")

    def test_what_must_be_validated_stays_a_draft(self):
        self.settings.charges = "booked"
        self.level_1.write({"fee_kind": "fixed", "fee_amount": 5.0})
        moves = self.env.registry["account.move"]
        move = self.invoice(self.partner_a, 12)
        with patch.object(moves, "_post_dunning_charges", lambda moves: None):
            [notice] = self.dun()
        charge = notice.charge_move_ids
        self.assertEqual((notice.state, charge.state, charge.amount_total), ("sent", "draft", 5.0))
        self.assertIn("validated", charge.activity_ids.summary)
        self.assertIn("a draft", "".join(move.collection_plan_ids.message_ids.mapped("body")))
        charge.action_post()
        self.assertFalse(notice.can_book_charges)
