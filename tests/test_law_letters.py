"""Letters that claim by law, to a business and to a consumer of each country: a line for each amount, and the wording.

``make law-letters`` writes them as PDF to look at.
"""

import os
import re
from datetime import date
from pathlib import Path

from odoo.tests import tagged
from odoo.tools import format_amount, html2plaintext

from .law_customers import PLACES
from .test_law import LawCommon

FOLDER = os.environ.get("DUNNING_WRITE_LETTERS")

# The parts that the third letter claims, of 12 000 that a business owes and 400 that a consumer does: the first one
# was sent ten days after the due date, the third one 52 days after it. A business has agreed the date; a consumer has
# not, so that the first letter is the demand.
CLAIMED = {
    "DE": ({"interest", "compensation"}, {"interest"}),
    "AT": ({"interest", "compensation"}, {"interest"}),
    "CH": ({"interest"}, {"interest"}),
    "FR": ({"interest", "compensation"}, set()),  # the rate towards consumers is not known from July on
    "NL": ({"interest", "costs"}, {"interest", "costs"}),
    "BE": ({"compensation"}, {"interest", "costs", "fee"}),  # that between businesses is a draft from July on
    "ES": ({"interest", "compensation"}, {"interest"}),
    "IT": ({"interest", "compensation"}, {"interest"}),
    "PL": ({"interest", "compensation"}, {"interest"}),
    "SE": ({"interest", "compensation"}, {"interest", "fee"}),
    "DK": ({"compensation", "fee"}, {"fee"}),  # no rate is known from July on
    "NO": ({"interest", "compensation"}, {"interest", "fee"}),
    "FI": ({"interest", "compensation"}, {"interest", "fee"}),
    "GB": ({"interest", "compensation"}, set()),
    "IE": ({"interest", "compensation"}, set()),
}

# What the first letter to a consumer has to say.
WORDING = {
    "FR": "mise en demeure de payer",
    "NL": "niet binnen veertien dagen vanaf de dag nadat deze brief bij u is bezorgd",
    "BE": "veertien kalenderdagen",
    "ES": "Por la presente le requerimos el pago",
    "SE": "skyldighet att betala ränta",
}

# By when it asks to be paid, where the law demands that it gives a time: fourteen days after it was received.
TERMS = {"NL": date(2026, 6, 17), "BE": date(2026, 6, 17)}


@tagged("post_install", "-at_install")
class TestLawLetters(LawCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dunning_type.write({"active": False, "default": False})
        cls.type = cls.env["account.dunning.type"].with_context(active_test=False)
        cls.type = cls.type.search([("company_id", "=", cls.company.id), ("name", "=", "Standard")], limit=1)
        cls.type.write({"active": True, "default": True, "law_mode": "statutory", "posting_days": 0})
        cls.type.level_ids.write({"document": "letter", "manual_release": False})
        cls.settings.write({"default_ground": "none", "fee_agreed": True})
        cls.company.paperformat_id = cls.env.ref("base.paperformat_euro")

    def settle_in(self, place):
        """The company is there, and its customers; they speak the language of the country."""
        self.env["res.lang"]._activate_lang(place.lang)
        self.env["ir.module.module"]._load_module_terms(["account_dunning"], [place.lang])
        for name, rate in (("EUR", 0.9), (place.currency, 4.0)):
            currency = self.env.ref(f"base.{name}")
            currency.active = True
            if not currency.rate_ids:
                currency.rate_ids = [(0, 0, {"name": "2026-01-01", "rate": rate, "company_id": self.company.id})]
        self.company.write(place.to_company(self.env))
        self.company.partner_id.bank_ids.acc_number = place.iban
        customers = self.env["res.partner"].create(
            [place.to_customer(self.env, business, place.lang) for business in (True, False)]
        )
        customers[0].dunning_ground = "date"
        moves = self.env["account.move"]
        for customer, amount in zip(customers, (12000.0, 400.0), strict=True):
            moves += self.invoice(
                customer, 10, amount, currency_id=self.env.ref(f"base.{place.currency}").id, dunning_proof=True
            )
        return customers

    def write_letters(self, country, number, customers, notices):
        """To look at, where the folder for it is given."""
        report = self.env.ref("account_dunning.action_report_dunning_letter").sudo()
        for kind, customer in zip(("business", "consumer"), customers, strict=True):
            notice = notices.filtered(lambda notice, customer=customer: notice.partner_id == customer)
            html = report._render_qweb_html(report, notice.ids)[0]
            yield notice, html.decode()
            if FOLDER:
                folder = Path(FOLDER)
                folder.mkdir(parents=True, exist_ok=True)
                document = self.print_letter(notice)
                (folder / f"{country}-{kind}-{number}.pdf").write_bytes(document)

    def print_letter(self, notice):
        """The PDF of a letter; the class prints none."""
        report = self.env.ref("account_dunning.action_report_dunning_letter").sudo()
        report = report.with_context(force_report_rendering=True).with_company(notice.company_id)
        return report._render_each(notice.sudo())[notice.id]

    def check_country(self, country):
        place = PLACES[country]
        customers = self.settle_in(place)
        for number in range(1, 4):
            notices = self.dun()
            self.assertEqual(notices.partner_id, customers)
            for index, (notice, html) in enumerate(self.write_letters(country, number, customers, notices)):
                with self.subTest(number=number, business=not index):
                    self.check_letter(notice, html)
                    text = html2plaintext(html)
                    wording = WORDING.get(country) if index and number == 1 else None
                    if wording:
                        self.assertIn(wording, " ".join(text.split()))
                    if number == 1 and country in TERMS:
                        self.assertEqual(notice.deadline_date, TERMS[country] if index else date(2026, 6, 8))
                    if number == 1 and index:
                        self.assertFalse(self.parts(notice), "the first one is the demand")
                        self.assertEqual(len(notice._get_law_texts()), bool(wording))
                    if number == 3:
                        self.assertEqual(set(self.claimed(notice)), CLAIMED[country][index])
            self.go(21)

    def claimed(self, notice):
        """The parts that the notice claims, also those of earlier letters that it claims again."""
        charges = notice.charge_ids
        return {part for part in (charges + charges.origin_id).mapped("law_part") if part}

    def check_letter(self, notice, html):
        """Each amount has its own line, with its rule once; their sum and the principal are what it claims."""
        charges = notice.charge_ids
        self.assertEqual(notice.amount_total, notice.currency_id.round(notice.amount_dunned + notice.amount_charges))
        rows = re.findall(r"<tr[^>]*>(.*?)</tr>", html, re.DOTALL)
        told = [" ".join(html2plaintext(row).split()) for row in rows]
        for charge in charges:
            amount = format_amount(self.env, charge.amount, charge.currency_id, notice._get_lang())
            amount = " ".join(amount.split())
            rule = charge.law_rule if charge.law_rule and charge.kind != "interest" else ""
            begin = f"{charge.name} {rule}".strip()
            lines = [line for line in told if line.startswith(f"{begin} ") and amount in line]
            self.assertEqual(len(lines), 1, (begin, amount, told))
        for rule in notice._get_interest_rules():
            self.assertEqual(told.count(rule), 1)
        for charge in charges.filtered(lambda charge: "+" in (charge.law_rule or "")):
            parts = re.findall(r"[\d,.]+", charge.law_rule.split(":")[-1])
            told_rate = sum(float(part.replace(",", ".")) for part in parts)
            self.assertAlmostEqual(told_rate, charge.percent, 6, "the sum that is told is the rate")

    def test_a_law_text_is_told_with_the_law(self):
        """Every text that is shipped is looked at here."""
        texts = self.env["account.dunning.law"].search([("letter_text", "!=", False)])
        self.assertLessEqual(set(texts.country_id.mapped("code")), set(WORDING))
        self.assertEqual(set(texts.country_id.mapped("code")), set(WORDING))


def add_tests():
    for country in PLACES:

        def test(self, country=country):
            self.check_country(country)

        setattr(TestLawLetters, f"test_{country.lower()}", test)


add_tests()
