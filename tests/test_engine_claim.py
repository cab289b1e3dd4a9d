"""`make claim`: zeros with a reason, or one clear line, whatever it is asked."""

import io
import json
import unittest
from contextlib import redirect_stdout

from odoo.tests import BaseCase

from .shipped_law import DEV, load

ASKED = {
    "COUNTRY": "DE",
    "KIND": "business",
    "AMOUNT": "10000",
    "CURRENCY": "EUR",
    "DUE": "2026-05-15",
    "DAY": "2026-08-15",
    "GROUND": "date",
}


@unittest.skipUnless(DEV.is_dir(), "needs the checkout")
class TestClaim(BaseCase):
    def ask(self, **changes):
        """The lines that are printed, and the last one as read from JSON."""
        with redirect_stdout(io.StringIO()) as output:
            load("claim").main({**ASKED, **changes})
        *lines, last = output.getvalue().splitlines()
        return lines, json.loads(last)

    def test_each_amount_with_its_rule_and_slices(self):
        lines, told = self.ask()
        self.assertEqual((told["interest"], told["compensation"]), (262.01, 40.0))
        self.assertIn("262.01 EUR  BGB § 288 Abs. 2", lines[0])
        self.assertIn("2026-05-16 to 2026-06-30: 46 days × 10.27 % on 10000.00 / 365 = 129.43", lines[1])
        self.assertIn("40.00 EUR  BGB § 288 Abs. 5", lines[3])
        self.assertIn("no costs: the law gives none", lines)
        self.assertEqual(sum(part["amount"] for part in told["slices"]), 262.01)
        self.assertEqual(told["rules"], ["interest: BGB § 288 Abs. 2", "compensation: BGB § 288 Abs. 5"])

    def test_letters_case_does_not_matter(self):
        self.assertEqual(self.ask(COUNTRY="de", KIND="Business", CURRENCY="eur"), self.ask())

    def test_letters_and_what_was_agreed(self):
        facts = {"COUNTRY": "BE", "KIND": "consumer", "AMOUNT": "400", "DUE": "2026-02-01", "AGREED_FEE": "1"}
        for letters, day, costs in (
            ("2026-03-02:email:0:1", "2026-03-17", 55.0),
            ("2026-03-02:email", "2026-03-16", 0.0),
            ("2026-03-02:letter:0:2026-03-04", "2026-03-19", 55.0),
            ("2026-03-02:letter:0:0", "2026-03-19", 0.0),
            ("", "2026-03-19", 0.0),
        ):
            with self.subTest(letters):
                _lines, told = self.ask(**facts, LETTERS=letters, DAY=day)
                self.assertEqual(told["costs"], costs)
        _lines, told = self.ask(PAID="2026-07-01:4000,2026-07-20:6000")
        self.assertEqual([part["principal"] for part in told["slices"]], [10000.0, 10000.0, 6000.0])

    def test_nothing_and_why(self):
        for changes, why in (
            ({"COUNTRY": ""}, "no law of this country is shipped"),
            ({"COUNTRY": "XX"}, "no law of this country is shipped"),
            ({"COUNTRY": "US", "CURRENCY": "USD"}, "no law of this country is shipped"),
            ({"COUNTRY": "UK", "CURRENCY": "GBP"}, "no law of this country is shipped"),
            ({"KIND": ""}, "the kind of debtor is not known"),
            ({"KIND": "trade"}, "the kind of debtor is not known"),
            ({"KIND": "alien"}, "the kind of debtor is not known"),
            ({"CURRENCY": ""}, "the currency is not that of the law"),
            ({"CURRENCY": "USD"}, "the currency is not that of the law"),
            ({"COUNTRY": "FR", "KIND": "public"}, "no law that is in force"),
            ({"COUNTRY": "NO", "CURRENCY": "NOK", "DUE": "2025-05-15", "DAY": "2025-08-15"}, "no law that is in force"),
        ):
            with self.subTest(changes):
                lines, told = self.ask(**changes)
                self.assertEqual([told[part] for part in ("interest", "compensation", "costs", "fee")], [0.0] * 4)
                self.assertEqual((told["slices"], told["rules"]), ([], []))
                self.assertEqual((len(lines), len(told["why_not"])), (4, 4))
                for reason in told["why_not"]:
                    self.assertIn(why, reason)

    def test_what_is_not_given_counts_as_not_so(self):
        _lines, told = self.ask(GROUND="")
        self.assertIn("interest: not in default: no date was agreed, and no demand was received", told["why_not"])

    def test_one_line_says_what_cannot_be_read(self):
        for name, text in (
            ("AMOUNT", ""), ("AMOUNT", "abc"), ("AMOUNT", "10,000"), ("AMOUNT", "-5"), ("AMOUNT", "nan"),
            ("AMOUNT", "inf"), ("AMOUNT", "1e300"), ("DUE", ""), ("DUE", "15.05.2026"), ("DUE", "2026-02-30"),
            ("DUE", "0001-01-01"), ("DAY", ""), ("DAY", "9999-12-31"), ("DEMAND", "tomorrow"), ("GROUND", "agreed"),
            ("PAID", "2026-07-01"), ("PAID", "2026-07-01:4:3"), ("PAID", "2026-07-01:-4"), ("PAID", "soon:4"),
            ("LETTERS", "2026-07-01:fax"), ("LETTERS", "2026-07-01:email:x"), ("LETTERS", "2026-07-01:email:0:maybe"),
            ("LETTERS", "2026-07-01:email:0:1:9"), ("LETTERS", "2026-07-01:letter:0:2026-06-01"),
            ("AGREED_FEE", "yes"), ("VAT_DEDUCT", "2"), ("DELIVERED", "x"), ("CONFIRMED", "x"), ("DRAFTS", "x"),
        ):  # fmt: skip
            with self.subTest(name=name, text=text), self.assertRaisesRegex(ValueError, f"^{name}=[^\n]*: [^\n]+$"):
                self.ask(**{name: text})
