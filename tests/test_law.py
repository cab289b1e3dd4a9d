"""What notices claim by the law: whose law, which kind of debtor, what is refused and why, on real invoices."""

from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import ChargesCommon
from .shipped_law import load

VAT = "DE136695976"


class LawCommon(ChargesCommon):
    """A German company and its customer, a business with a valid VAT number, on 1 June 2026; the law says all."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.germany = cls.env.ref("base.de")
        cls.company.country_id = cls.germany
        cls.partner_a.write({"country_id": cls.germany.id, "is_company": True, "vat": VAT})
        cls.partner_b.write({"country_id": cls.germany.id, "is_company": False, "vat": False})
        cls.dunning_type.law_mode = "statutory"
        cls.settings.default_ground = "date"

    def owe(self, days_overdue=10, amount=10000.0, partner=None, **values):
        """An invoice in euros."""
        return self.invoice(
            partner or self.partner_a, days_overdue, amount, currency_id=self.other_currency.id, **values
        )

    def parts(self, notice):
        """What the notice claims by law: sums by part."""
        charges = notice.charge_ids.filtered("law_part")
        return {
            part: sum(rows.mapped("amount"))
            for part, rows in charges.grouped("law_part").items()
            if sum(rows.mapped("amount"))
        }

    def codes(self, notice):
        return {code.split(":")[0]: code.split(":")[1] for code in (notice.line_ids[:1].law_refusals or "").split()}


@tagged("post_install", "-at_install")
class TestStatutory(LawCommon):
    def test_a_business(self):
        """S1 without its second half: 17 days of May, 10.27 %."""
        self.owe(17)
        notice = self.propose()
        self.assertEqual(self.parts(notice), {"interest": 47.83, "compensation": 40.0})
        interest = notice.charge_ids.filtered(lambda charge: charge.kind == "interest")
        self.assertEqual(
            (interest.percent, interest.days, interest.law_rule), (10.27, 17, "BGB § 288 Abs. 2: 1.27 + 9 %")
        )
        self.assertEqual(notice.amount_total, 10087.83)
        self.assertEqual(self.codes(notice), {"costs": "none", "fee": "not_by_law"})
        self.assertIn("No costs: the law gives none", notice.law_why)

    def test_a_consumer(self):
        self.owe(17, partner=self.partner_b)
        self.assertEqual(self.parts(self.propose()), {"interest": 29.2})

    def test_nothing_without_touching_a_setting(self):
        """Nobody has said that the due date was agreed: default begins with the first letter, which claims nothing."""
        self.settings.default_ground = "none"
        self.owe(17)
        first = self.dun()
        self.assertEqual((self.parts(first), first.amount_charges), ({}, 0.0))
        self.assertEqual(self.codes(first)["interest"], "no_demand")
        self.go(10)
        second = self.dun()
        interest = second.charge_ids.filtered(lambda charge: charge.kind == "interest")
        self.assertEqual(interest.date_from, date(2026, 6, 5), "posted on Monday, received on Thursday")
        self.assertEqual(self.parts(second)["compensation"], 40.0)

    def test_the_ground_of_an_invoice_or_customer_comes_first(self):
        self.settings.default_ground = "none"
        self.partner_a.dunning_ground = "date"
        move = self.owe(17)
        notice = self.propose()
        self.assertIn("interest", self.parts(notice))
        move.dunning_ground = "none"
        notice._charge()
        self.assertFalse(self.parts(notice))

    def test_compensation_is_claimed_once_and_told_again(self):
        self.owe(17)
        self.dun()
        self.go(10)
        second = self.dun()
        self.assertNotIn("compensation", self.parts(second))
        self.assertEqual((self.codes(second)["compensation"], second.amount_earlier), ("once", 40.0))

    def test_a_level_may_claim_nothing(self):
        self.level_1.by_law = False
        self.owe(17)
        notice = self.propose()
        self.assertEqual((notice.amount_charges, notice.law_why), (0.0, False))

    def test_interest_that_is_booked(self):
        """What was booked by law and has not accrued, as is known later, is given back."""
        self.settings.charges = "booked"
        move = self.owe(17)
        notice = self.dun()
        self.assertEqual(notice.charge_move_ids.amount_untaxed, 87.83)
        self.go(10)
        second = self.dun()
        self.assertEqual(second.amount_interest, 28.14, "ten days more")
        self.assertTrue(move.amount_residual)

    def test_queries_do_not_grow_with_customers(self):
        """Ten customers more cost no query each."""
        counts = []
        for number in (2, 12):
            partners = self.env["res.partner"].create(
                [
                    {"name": f"P{n}", "is_company": True, "vat": VAT, "country_id": self.germany.id, "email": "a@b.com"}
                    for n in range(number)
                ]
            )
            self.invoice_each(partners, 17, currency_id=self.other_currency.id)
            notices = self.run_day().notice_ids.filtered(lambda notice, own=partners: notice.partner_id in own)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            notices._charge()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(notices), number)
            self.assertTrue(all(self.parts(notice) for notice in notices))
        self.assertLess(counts[1] - counts[0], 5)


@tagged("post_install", "-at_install")
class TestWhoseLaw(LawCommon):
    def code(self, notice):
        """Why nothing at all is claimed."""
        [code] = set(self.codes(notice).values())
        return code

    def refusal(self):
        return self.code(self.propose())

    def test_no_evidence_is_a_consumer(self):
        for values, kind in (
            ({"vat": VAT}, "business"),
            ({"vat": "DE136695975"}, "consumer"),
            ({"vat": False}, "consumer"),
            ({"vat": VAT, "is_company": False}, "consumer"),
            ({"vat": VAT, "country_id": False}, "consumer"),
            ({"vat": False, "company_registry": "Aachen HRA 11223", "is_company": True}, "business"),
        ):
            with self.subTest(values):
                self.partner_a.write({"is_company": True, "country_id": self.germany.id, "company_registry": False})
                self.partner_a.write(values)
                self.assertEqual(self.partner_a.dunning_kind, kind)
                self.assertTrue(self.partner_a.dunning_kind_evidence)

    def test_spain_tells_by_the_letter(self):
        self.partner_a.country_id = self.env.ref("base.es")
        for vat, kind in (("ESA13585625", "business"), ("ES54362315K", "consumer")):
            self.partner_a.vat = vat
            self.assertEqual(self.partner_a.dunning_kind, kind)

    def test_a_person_says_what_it_is(self):
        self.partner_b.dunning_kind_set = "public"
        self.assertEqual(self.partner_b.dunning_kind, "public")
        self.assertIn("Public Body", self.partner_b.message_ids[:1].body)

    def test_no_country(self):
        self.partner_a.country_id = False
        self.owe(17)
        self.assertEqual(self.refusal(), "no_country")

    def test_a_country_without_law(self):
        self.company.country_id = self.env.ref("base.us")
        self.owe(17)
        self.assertEqual(self.refusal(), "no_country")

    def test_a_debtor_abroad(self):
        austria = self.env.ref("base.at")
        self.partner_a.write({"country_id": austria.id, "vat": "ATU13585627"})
        self.owe(17)
        notice = self.propose()
        self.assertEqual(self.code(notice), "foreign")
        with self.assertRaisesRegex(ValidationError, "Say where the law of Germany was agreed"):
            self.partner_a.dunning_law_country_id = self.germany
        self.partner_a.write({"dunning_law_country_id": self.germany.id, "dunning_law_reason": "Contract of 1 May"})
        self.assertIn("Contract of 1 May", self.partner_a.message_ids[:1].body)
        notice._charge()
        self.assertEqual(self.parts(notice)["compensation"], 40.0)
        self.partner_a.vat = False
        notice._charge()
        self.assertEqual(self.code(notice), "foreign_consumer")

    def test_a_currency_that_cannot_be_converted(self):
        yen = self.env.ref("base.JPY")
        yen.active = True
        yen.rate_ids.unlink()
        self.invoice(self.partner_a, 17, 10000.0, currency_id=yen.id)
        self.assertEqual(self.refusal(), "currency")

    def test_a_rate_that_is_missing(self):
        series = self.env.ref("account_dunning.series_de_base")
        series.sudo().rate_ids.filtered(lambda rate: rate.valid_from >= date(2026, 1, 1)).active = False
        self.owe(17)
        self.assertEqual(self.codes(self.propose())["interest"], "no_rate")

    def test_a_law_that_was_to_be_reviewed(self):
        law = self.env.ref("account_dunning.law_de_trade")
        law.sudo().reviewed_until = date(2026, 5, 31)
        self.owe(17)
        notice = self.propose()
        self.assertEqual(self.code(notice), "review")
        with self.assertRaises(AccessError):
            law.with_user(self.collector).action_confirm()
        law.with_user(self.manager).action_confirm()
        law.invalidate_recordset()
        self.assertTrue(law.is_confirmed)
        notice._charge()
        self.assertIn("interest", self.parts(notice))

    def test_days_with_a_rate_where_a_person_confirms(self):
        denmark = self.env.ref("base.dk")
        self.company.country_id = denmark
        self.partner_a.write({"country_id": denmark.id, "vat": "DK13585628"})
        self.env.ref("base.DKK").write(
            {"active": True, "rate_ids": [(0, 0, {"name": "2026-01-01", "rate": 7.0, "company_id": self.company.id})]}
        )
        self.frozen.move_to("2026-07-10")
        self.owe(40)
        notice = self.propose()
        self.assertEqual(self.codes(notice)["interest"], "no_rate")
        self.env.ref("account_dunning.law_dk_trade").with_user(self.manager).action_confirm_rates()
        notice._charge()
        interest = notice.charge_ids.filtered(lambda charge: charge.kind == "interest")
        self.assertEqual((interest.date_to, interest.percent), (date(2026, 6, 30), 9.75))


@tagged("post_install", "-at_install")
class TestWithin(LawCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dunning_type.law_mode = "within"
        cls.level_1.write({"interest": True, "fee_kind": "fixed", "fee_amount": 5.0})

    def test_own_rate_and_fee_are_cut(self):
        self.rate.line_ids.percent = 12.0
        self.owe(17, partner=self.partner_b)
        notice = self.propose()
        self.assertEqual(self.parts(notice)["interest"], 29.2, "6.27 %, not 12")
        fee = notice.charge_ids.filtered(lambda charge: charge.law_part == "fee")
        self.assertEqual(fee.amount, 1.2)
        self.assertIn("at most", fee.law_rule)

    def test_fees_by_bands_are_cut_too(self):
        band = {"amount_from": 0.0, "fee_amount": 7.0}
        self.level_1.write({"fee_kind": "bands", "fee_band_ids": [Command.create(band)]})
        self.owe(17, partner=self.partner_b)
        fee = self.propose().charge_ids.filtered(lambda charge: charge.law_part == "fee")
        self.assertEqual(fee.amount, 1.2)
        self.assertIn("at most", fee.law_rule)

    def test_own_rate_below_the_law(self):
        self.rate.line_ids.percent = 4.0
        self.owe(17, partner=self.partner_b)
        interest = self.propose().charge_ids.filtered(lambda charge: charge.kind == "interest")
        self.assertEqual((interest.amount, interest.law_rule), (18.63, "own rate, within BGB § 288 Abs. 1"))

    def test_what_the_law_does_not_allow_is_refused(self):
        italy = self.env.ref("base.it")
        self.company.country_id = self.partner_b.country_id = italy
        self.owe(17, partner=self.partner_b)
        notice = self.propose()
        self.assertEqual((self.codes(notice), notice.amount_fees), ({"fee": "none"}, 0.0))
        self.assertIn("No fee: the law gives none", notice.law_why)

    def test_new_types_are_within_the_law_where_there_is_one(self):
        self.assertEqual(self.make_type("New", (10,)).law_mode, "within")
        self.company.country_id = self.env.ref("base.us")
        self.assertEqual(self.make_type("New in the US", (10,)).law_mode, "contract")

    def test_a_contract_needs_its_reason(self):
        with self.assertRaisesRegex(ValidationError, "by which contract"):
            self.dunning_type.law_mode = "contract"
        self.dunning_type.write({"law_mode": "contract", "law_reason": "Terms of 2026, § 7"})
        self.owe(17, partner=self.partner_b)
        notice = self.propose()
        self.assertEqual((notice.law_why, self.parts(notice)), (False, {}))
        self.assertGreater(notice.amount_fees, 1.2)


@tagged("post_install", "-at_install")
class TestFree(LawCommon):
    """The Netherlands: a free letter that names the costs; then the costs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.country_id = cls.partner_b.country_id = cls.env.ref("base.nl")

    def test_costs_only_after_the_letter_that_names_them(self):
        self.owe(17, 400.0, partner=self.partner_b)
        first = self.dun()
        self.assertNotIn("costs", self.parts(first))
        [text] = first._get_law_texts()
        self.assertIn("veertien dagen vanaf de dag nadat deze brief bij u is bezorgd", text)
        self.assertIn("60.00", text)
        self.go(17)  # sent on Monday, received on Wednesday, 3 June: fourteen days until 17 June
        second = self.dun()
        self.assertEqual(self.parts(second)["costs"], 60.0)
        self.assertFalse(second._get_law_texts())

    def test_costs_of_one_letter_are_those_of_the_sum(self):
        for _number in range(3):
            self.owe(17, 100.0, partner=self.partner_b)
        first = self.dun()
        self.assertIn("45.00", first._get_law_texts()[0])
        self.go(17)
        self.assertEqual(self.parts(self.dun())["costs"], 45.0, "not three times forty")
        self.go(17)
        self.assertNotIn("costs", self.parts(self.dun()), "once")


@tagged("post_install", "-at_install")
class TestShown(LawCommon):
    def test_why(self):
        move = self.owe(17)
        wizard = self.env["account.dunning.why"].browse(move.action_dunning_why()["res_id"])
        self.assertIn("Interest", wizard.line_ids.law)
        self.assertIn("40.00", wizard.line_ids.law)
        self.assertIn("No costs: the law gives none", wizard.line_ids.law)

    def test_statutory_by_one_click(self):
        """Before it is saved, the form shows what it would claim of three customers."""
        self.dunning_type.write({"law_mode": "contract", "law_reason": "Terms"})
        self.owe(17)
        self.owe(17, partner=self.partner_b)
        with Form(self.dunning_type.with_user(self.manager)) as form:
            form.law_mode = "statutory"
            for text in ("partner_a", "partner_b", "47.83", "29.20", "BGB § 288 Abs. 5"):
                self.assertIn(text, form.law_preview)

    def test_letter(self):
        self.owe(17)
        notice = self.propose()
        html = self.env["ir.qweb"]._render("account_dunning.report_dunning_letter_charges", {"o": notice})
        self.assertIn("BGB § 288 Abs. 2: 1.27 + 9 %", html)
        self.assertIn("BGB § 288 Abs. 5", html)


@tagged("post_install", "-at_install")
class TestRecords(LawCommon):
    def test_rates_are_only_added(self):
        rate = self.env.ref("account_dunning.rate_de_base_2026_01_01")
        with self.assertRaisesRegex(UserError, "only added, never changed"):
            rate.with_user(self.manager).percent = 5.0
        with self.assertRaises(AccessError):
            rate.with_user(self.manager).unlink()

    def test_a_rate_ahead_of_a_release(self):
        """It counts for the company of its manager, whatever is shipped; the difference is shown."""
        series = self.env.ref("account_dunning.series_de_base")
        values = {"series_id": series.id, "valid_from": "2027-01-01", "percent": 2.0, "source": "Bundesbank"}
        own = self.env["account.dunning.reference.rate"].with_user(self.manager).create(values)
        self.assertEqual((own.company_id, series.until), (self.company, date(2027, 6, 30)))
        rates = self.env["account.dunning.reference.rate"].sudo()
        shipped = rates.create({**values, "percent": 2.5})
        self.assertEqual(own.differs, "shipped: 2.5")
        [percent] = {r.percent for r in series._to_series(self.company).rates if r.since == date(2027, 1, 1)}
        self.assertEqual(percent, 2.0)
        other = self.env["res.company"].create({"name": "Other"})
        self.assertIn(2.5, [rate.percent for rate in series._to_series(other).rates])
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            rates.create(values)
        self.assertTrue(shipped)

    def test_drafts_are_not_used(self):
        draft = self.env.ref("account_dunning.law_fr_public")
        self.assertFalse(draft.active)
        with self.assertRaises(AccessError):
            draft.with_user(self.manager).active = True
        draft.active = True  # an administrator, since all companies share it
        self.assertTrue(draft.active)

    def test_a_scale_that_cannot_be_read(self):
        with self.assertRaisesRegex(ValidationError, "is no scale"):
            self.env.ref("account_dunning.law_de_trade").sudo().compensation = "forty"

    def test_what_is_shipped_is_what_the_engine_is_tested_with(self):
        for entry in load("law_data").read_laws():
            record = self.env.ref(f"account_dunning.{entry.facts['id']}")
            self.assertEqual(record._to_law(), entry.law, entry.facts["id"])


@tagged("post_install", "-at_install")
class TestQuestions(LawCommon):
    def ask(self):
        self.env["account.dunning.run"].with_user(1)._prepare_night()
        return self.law.activity_ids

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.law = cls.env.ref("account_dunning.law_de_trade")

    def test_managers_are_asked_once_a_half_year(self):
        """At first nothing; in 2027 its rate is missing, and from July on the law is to be reviewed."""
        self.assertFalse(self.ask())
        self.frozen.move_to("2027-01-04")
        asked = self.ask()
        self.assertIn(self.manager, asked.user_id)
        self.assertIn("Germany: base rate", asked[:1].summary)
        self.frozen.move_to("2027-02-04")
        self.assertEqual(self.ask(), asked)
        asked.action_feedback()
        self.frozen.move_to("2027-07-08")
        self.assertTrue(self.ask())

    def test_nobody_is_asked_who_charges_nothing_by_law(self):
        self.dunning_type.write({"law_mode": "contract", "law_reason": "Terms"})
        self.frozen.move_to("2027-01-04")
        self.assertFalse(self.ask())


@tagged("post_install", "-at_install")
class TestMigration(LawCommon):
    def test_own_interest_and_fees_go_on(self):
        self.level_1.write({"interest": True})
        other = self.make_type("Free", (10,))
        self.env.flush_all()
        self.cr.execute("ALTER TABLE account_dunning_type ALTER law_mode DROP NOT NULL")
        self.cr.execute("UPDATE account_dunning_type SET law_mode = NULL, law_reason = NULL")
        self.migration("19.0.1.10.0", "pre-law").migrate(self.cr, "19.0.1.9.0")
        self.env.invalidate_all()
        self.assertEqual((self.dunning_type.law_mode, bool(self.dunning_type.law_reason)), ("contract", True))
        self.assertEqual((other.law_mode, other.law_reason), ("within", False))
