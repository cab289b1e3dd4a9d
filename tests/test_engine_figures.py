"""The formulas of the key figures, with the published examples, and properties that hold for any ledger."""

import doctest
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..engine import Owed, Receivables, Settled, figures, get_bucket, get_key_figures, ledger, sum_up
from ..engine.figures import Countback, count_back, find_dso, find_effectiveness, split_months, weigh

DAY = date(2026, 5, 31)
AMOUNTS = st.integers(-500_00, 499_99).map(lambda cents: (cents if cents < 0 else cents + 1) / 100)
OWED = st.lists(st.tuples(st.integers(-60, 200), AMOUNTS), max_size=30).map(
    lambda rows: [Owed(DAY - timedelta(days), amount) for days, amount in rows]
)


class TestFormulas(BaseCase):
    def test_doctests(self):
        for module in (figures, ledger):
            self.assertFalse(doctest.testmod(module).failed)

    def test_days_sales_outstanding(self):
        self.assertEqual(find_dso(15_000, 10_000, 30), 45)
        self.assertEqual(find_dso(4_000, 10_000, 30), 12)
        self.assertAlmostEqual(find_dso(10_869, 5_538 + 4_566 + 7_570, 90), 55.35, 2)
        self.assertIsNone(find_dso(100, 0, 90))
        self.assertIsNone(find_dso(100, -20, 90), "more was credited than sold")

    def test_countback(self):
        months = [(30, 100_000), (30, 80_000), (30, 70_000)]
        self.assertAlmostEqual(count_back(212_000, months).days, 73.71, 2)
        self.assertEqual(count_back(0, months), Countback(0))
        self.assertEqual(count_back(250_000, months), Countback(90))
        self.assertEqual(count_back(250_001, months), Countback(90, complete=False), "older than what is known")
        self.assertEqual(count_back(120_000, [(31, 100_000), (28, -5), (31, 9e9)]), Countback(31, complete=False))

    def test_collection_effectiveness(self):
        self.assertAlmostEqual(find_effectiveness(100e3, 1_000e3, 120e3, 100e3), 98.0, 1)
        self.assertAlmostEqual(find_effectiveness(6_200, 3_630, 6_340, 3_590), 55.9, 1)
        self.assertIsNone(find_effectiveness(0, 100, 100, 100), "nothing was due")

    def test_weighted_days(self):
        self.assertEqual(weigh([(1_000, 15), (3_000, 30), (2_000, 45)]), 32.5)
        self.assertAlmostEqual(weigh([(10, 5), (100, 10)]), 9.55, 2)
        self.assertAlmostEqual(weigh([(100, 10), (1_000, 20)]), 19.09, 2)
        self.assertIsNone(weigh([]))


class TestKeyFigures(BaseCase):
    def figures(self, day=DAY, standing=None, opening=None, sales=None, settled=()):
        empty = Receivables()
        return get_key_figures(day, standing or empty, opening or empty, sales or {}, settled)

    def test_delinquent_days_are_the_difference(self):
        standing = Receivables(ages=(4_000.0, 11_000.0, 0.0, 0.0, 0.0))
        found = self.figures(standing=standing, sales={DAY: 30_000.0})
        self.assertEqual((found.dso, found.best_dso, found.delinquent), (45, 12, 33))

    def test_ninety_days_of_sales(self):
        sales = {DAY: 1.0, DAY - timedelta(89): 2.0, DAY - timedelta(90): 4.0}
        self.assertEqual(self.figures(sales=sales).sales, 3)

    def test_credits_settle_what_is_overdue_first(self):
        found = self.figures(standing=Receivables(ages=(100.0, 40.0, 0.0, 0.0, 0.0), credits=50.0), sales={DAY: 90.0})
        self.assertEqual((found.dso, found.best_dso), (90, 90))

    def test_more_credits_than_debts(self):
        found = self.figures(standing=Receivables(credits=50.0), sales={DAY: 90.0})
        self.assertEqual((found.dso, found.best_dso, found.countback), (0, 0, Countback(0)))

    def test_days_late_of_what_was_settled(self):
        paid = [
            Settled(100.0, DAY - timedelta(40), DAY - timedelta(10), DAY),
            Settled(100.0, DAY - timedelta(20), DAY + timedelta(10), DAY),
        ]
        found = self.figures(settled=paid)
        self.assertEqual((found.days_late, found.signed_days_late, found.days_to_pay), (5, 0, 30))

    def test_months_of_the_countback(self):
        sales = {date(2026, 3, 1): 1.0, date(2026, 2, 28): 2.0, date(2026, 3, 10): 4.0, date(2026, 3, 11): 8.0}
        months = list(split_months(sales, date(2026, 3, 10)))
        self.assertEqual(months[:3], [(10, 5.0), (28, 2.0), (31, 0.0)])


class TestLedger(BaseCase):
    def test_buckets(self):
        days = (-1, 0, 1, 30, 31, 60, 61, 90, 91, 400)
        buckets = [get_bucket(DAY - timedelta(number), DAY) for number in days]
        self.assertEqual(buckets, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4])

    @given(OWED)
    def test_the_sums_are_those_of_the_items(self, items):
        found = sum_up(items, DAY)
        self.assertAlmostEqual(found.net, sum(item.amount for item in items), 6)
        self.assertAlmostEqual(found.open, found.current + found.overdue, 6)
        self.assertEqual(found.items, sum(item.amount > 0 for item in items))
        self.assertLessEqual(found.net_current, max(found.net, 0.0))

    @given(OWED, st.integers(1, 40))
    def test_time_alone_moves_amounts_to_older_buckets_only(self, items, days):
        now, later = sum_up(items, DAY), sum_up(items, DAY + timedelta(days))
        self.assertEqual((now.net, now.credits), (later.net, later.credits))
        self.assertLessEqual(later.current, now.current)
        self.assertGreaterEqual(later.ages[-1], now.ages[-1])

    def test_grouped_items_are_as_many_as_they_stand_for(self):
        one = sum_up([Owed(DAY, 30.0, count=3, disputed=10.0, agency=5.0)], DAY)
        self.assertEqual((one.items, one.current, one.disputed, one.agency), (3, 30, 10, 5))
