"""When customers will pay: shrinking, survival, and that it learns of invoices as they are."""

import doctest
import importlib.util
import random
import sys
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..engine import Delays, History, get_habit, payment_forecast
from .test_replay import ROOT

DUE = date(2026, 5, 31)
DAYS = st.lists(st.integers(-40, 120), max_size=20)


class TestHabit(BaseCase):
    def test_doctests(self):
        self.assertFalse(doctest.testmod(payment_forecast).failed)

    def test_one_invoice_weighs_as_much_as_all_others(self):
        habit = get_habit(Delays([20]), 10.0, 0.4)
        self.assertEqual((habit.delay, habit.invoices), (15, 1))
        self.assertAlmostEqual(habit.late, (1 + 5 * 0.4) / 6)
        self.assertEqual(habit.find_day(DUE), DUE + timedelta(15))

    def test_who_has_paid_nothing_pays_as_all_do(self):
        habit = get_habit(Delays(), 10.0, 0.4)
        self.assertEqual((habit.delay, habit.late, habit.invoices), (10, 0.4, 0))

    @given(DAYS, DAYS)
    def test_between_his_own_and_those_of_all(self, own, others):
        everybody, mine = Delays(own + others), Delays(own)
        habit = History(everybody, {1: mine}).get_habit(1)
        low, high = sorted((mine.median, everybody.median)) if own else (everybody.median,) * 2
        self.assertTrue(low - 1e-9 <= habit.delay <= high + 1e-9)
        self.assertTrue(0 <= habit.late <= 1)


class TestSurvival(BaseCase):
    def test_the_rule(self):
        history = History(Delays([0, 5, 10, 20]), {1: Delays([0, 10])})
        self.assertAlmostEqual(history.find_open_share(1, 5), (2 * 0.5 + 5 * 0.5) / 7)
        self.assertAlmostEqual(history.find_open_share(2, 5), 0.5, msg="of all where he has none")
        self.assertEqual(History(Delays()).find_open_share(1, 99), 1, "nothing is known")
        paid = history.find_paid_share(2, DUE, DUE, DUE + timedelta(10))
        self.assertAlmostEqual(paid, 1 - 0.25 / 0.75)

    def test_nobody_was_ever_as_late(self):
        history = History(Delays([0, 5]))
        self.assertEqual(history.find_paid_share(1, DUE, DUE + timedelta(9), DUE + timedelta(20)), 0)

    @given(DAYS, st.integers(-50, 130), st.integers(0, 60), st.integers(0, 60))
    def test_shares_of_two_periods_make_that_of_both(self, days, day, first, second):
        history = History(Delays(days), {1: Delays(days[::2])})
        one, two = DUE + timedelta(day + first), DUE + timedelta(day + first + second)
        start = DUE + timedelta(day)
        a, b = history.find_paid_share(1, DUE, start, one), history.find_paid_share(1, DUE, one, two)
        if history.find_open_share(1, day + first):
            self.assertAlmostEqual(history.find_paid_share(1, DUE, start, two), a + (1 - a) * b)
        self.assertTrue(0 <= a <= 1)


class TestMeasure(BaseCase):
    """``make forecast`` on invoices whose customers have habits of their own."""

    def measure(self, invoices):
        sys.path.insert(0, str(ROOT / "dev"))
        self.addCleanup(sys.path.remove, str(ROOT / "dev"))
        spec = importlib.util.spec_from_file_location("measure_forecast", ROOT / "dev" / "forecast.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        invoice = sys.modules["replay_check"].Invoice
        made = [invoice(str(n), *row[:4], False, row[4]) for n, row in enumerate(invoices)]
        return module.measure(sorted(made, key=lambda invoice: (invoice.date, invoice.number)))

    def make(self, spread, customers=40, each=12, seed=3):
        rng = random.Random(seed)
        for customer in range(customers):
            habit = rng.gauss(8, 14)
            for _invoice in range(each):
                day = date(2025, 1, 1) + timedelta(rng.randrange(700))
                due = day + timedelta(rng.choice((14, 30)))
                settled = max(day, due + timedelta(round(habit + rng.gauss(0, spread))))
                yield customer, day, due, rng.randint(20, 900), settled

    def test_better_than_the_due_date_by_far(self):
        found = self.measure(self.make(5))
        self.assertLess(found["mae_days"], 0.75 * found["due_date"]["mae_days"])
        self.assertLess(found["cash_wape"], 0.6 * found["due_date"]["cash_wape"])
        self.assertLess(found["brier"], found["due_date"]["brier"])
        self.assertGreater(found["within_7_days"], found["due_date"]["within_7_days"])

    def test_nothing_of_the_future_is_known(self):
        """An invoice that is settled later than another one is made says nothing about it."""
        first = (1, date(2025, 1, 1), date(2025, 1, 31), 100, date(2025, 1, 31))
        late = (1, date(2025, 3, 1), date(2025, 3, 31), 100, date(2025, 6, 1))
        third = (1, date(2025, 4, 10), date(2025, 5, 10), 100, date(2025, 5, 10))
        self.assertEqual(self.measure([first, late, third])["mae_days"], (62 + 0) / 2)
