"""What money is set against by law: costs and interest of a debt before its principal, the oldest debt first."""

import doctest
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..engine import imputation
from ..engine.imputation import Money, Open, impute, names_any
from ..engine.money import total

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)
OLD, NEW = Open(1, 100.0, MAY, MAY), Open(2, 50.0, JUNE, JUNE)
OLD_CHARGES = Open(3, 8.0, JUNE, JULY, charged_for=MAY)
NEW_CHARGES = Open(4, 4.0, JUNE, JULY, charged_for=JUNE)
ITEMS = (NEW, NEW_CHARGES, OLD, OLD_CHARGES)

days = st.integers(1, 28).map(lambda day: date(2026, 5, day))
amounts = st.integers(1, 10**6).map(lambda cents: cents / 100)
items = st.lists(st.tuples(amounts, days, days, st.none() | days), max_size=6).map(
    lambda rows: [Open(key, *row) for key, row in enumerate(rows)]
)
money = st.lists(st.tuples(amounts, days), max_size=4).map(
    lambda rows: [Money(key, *row) for key, row in enumerate(rows)]
)


def told(amount, day=JULY, among=ITEMS):
    return [(share.item, share.amount) for share in impute([Money(9, amount, day)], among)]


class TestImputation(BaseCase):
    def test_charges_of_the_oldest_debt_then_its_principal(self):
        self.assertEqual(told(5.0), [(3, 5.0)])
        self.assertEqual(told(60.0), [(3, 8.0), (1, 52.0)])
        self.assertEqual(told(110.0), [(3, 8.0), (1, 100.0), (4, 2.0)])
        self.assertEqual(told(500.0), [(3, 8.0), (1, 100.0), (4, 4.0), (2, 50.0)])

    def test_what_did_not_exist_when_it_was_paid_gets_nothing(self):
        self.assertEqual(told(60.0, day=date(2026, 5, 20)), [(1, 60.0)], "no charges yet")
        self.assertEqual(told(60.0, day=date(2026, 4, 30)), [])

    def test_payments_in_the_order_of_their_days(self):
        paid = [Money(8, 20.0, JULY), Money(9, 6.0, JUNE)]
        shares = [(share.money, share.item, share.amount) for share in impute(paid, ITEMS)]
        self.assertEqual(shares, [(9, 3, 6.0), (8, 3, 2.0), (8, 1, 18.0)])

    def test_a_payment_that_names_an_invoice(self):
        number = "INV/2026/00012"
        for text, named in (
            ("INV/2026/00012", True), ("inv 2026 00012", True), ("Rechnung 12 vom Mai", True), ("No. 00012", True),
            ("RE 2026/12", True), ("Rechnung 13", False), ("danke", False), ("", False), ("112", False),
        ):  # fmt: skip
            self.assertEqual(names_any(text, [number]), named, text)
        self.assertFalse(names_any("Zahlung 5", ["INV/5"]), "one digit may be anything")
        self.assertTrue(names_any("INV5", ["INV/5"]))
        self.assertFalse(names_any("anything", ["", "–"[:0]]))

    @settings(deadline=None)
    @given(money, items)
    def test_no_more_than_there_is(self, paid, among):
        """Nothing is set against more than is open, or paid; nothing is kept back that could be set against."""
        shares = impute(paid, among)
        for entry in paid:
            used = total(share.amount for share in shares if share.money == entry.key)
            self.assertLessEqual(used, entry.amount)
            if used < entry.amount:
                for item in among:
                    if item.since <= entry.day:
                        filled = total(share.amount for share in shares if share.item == item.key)
                        self.assertEqual(filled, item.amount)
        for item in among:
            self.assertLessEqual(total(share.amount for share in shares if share.item == item.key), item.amount)

    def test_examples_in_docstrings(self):
        outcome = doctest.testmod(imputation)
        self.assertTrue(outcome.attempted)
        self.assertFalse(outcome.failed)
