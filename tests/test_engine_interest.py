"""How much interest: the published cases 1 to 8 and 10, rules §8, and properties (Hypothesis)."""

import doctest
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase
from odoo.tools.float_utils import float_round

from ..engine import DAY_COUNTS, InterestRule, Payment, Rate, accrue, interest, money, rates_over, to_charge
from ..engine.money import exact, rounded, total

DUE = date(2026, 1, 1)
LONG_AGO = date(2000, 1, 1)
ROUNDINGS = (1.0, 0.05, 0.01, 0.001)


def on(days):
    """The day on which the item is ``days`` overdue."""
    return DUE + timedelta(days)


def flat(percent, **values):
    return InterestRule((Rate(LONG_AGO, percent),), **values)


def claim(amount, percent, days, payments=(), **values):
    """The slices of an item that is ``days`` overdue, at one rate."""
    return accrue(DUE, amount, payments, on(days), flat(percent, **values), 0.01)


def show(slices):
    """(days overdue at its start, at its end, principal, percent, amount) of each slice."""
    return [
        ((part.since - DUE).days, (part.until - DUE).days, part.principal, part.percent, part.amount) for part in slices
    ]


class TestPublishedCases(BaseCase):
    """Published cases (rules §10); those with a fee are completed in test_engine_fees."""

    def test_cases_1_to_6_and_8(self):
        for case, amount, percent, days, expected in (
            ("1", 5000.0, 12.0, 90, 147.95),
            ("2a", 1000.0, 12.5, 30, 10.27),
            ("2b", 1000.0, 12.5, 90, 30.82),
            ("2c", 1000.0, 12.5, 1, 0.34),
            ("3", 500.0, 12.5, 14, 2.40),
            ("4", 5000.0, 12.5, 45, 77.05),
            ("5", 262.25, 8.5, 139, 8.49),
            ("6", 1000.0, 5.12, 25, 3.51),
            ("8", 100.0, 10.0, 15, 0.41),
        ):
            with self.subTest(case=case):
                [part] = claim(amount, percent, days)
                self.assertEqual((part.days, part.amount), (days, expected))

    def test_case_7_months_of_30_days(self):
        rule = flat(6.0, day_count="30E/360")
        [part] = accrue(date(2024, 12, 31), 10000.0, (), date(2025, 7, 30), rule, 0.01)
        self.assertEqual((part.days, part.year, part.amount), (210, 360, 350.0))

    def test_case_10_slices(self):
        payments = (Payment(date(2021, 3, 1), 500.0), Payment(date(2021, 5, 1), 200.0))
        slices = accrue(date(2021, 1, 1), 1000.0, payments, date(2021, 5, 1), flat(5.0), 0.01)
        self.assertEqual([(s.principal, s.days, s.amount) for s in slices], [(1000.0, 59, 8.08), (500.0, 61, 4.18)])
        self.assertEqual(to_charge(slices), 12.26)
        [*_before, last] = accrue(date(2021, 1, 1), 1000.0, payments, date(2021, 5, 2), flat(5.0), 0.01)
        self.assertEqual((last.principal, last.days), (300.0, 1), "principal left: 300")


class TestDays(BaseCase):
    def test_the_first_day_is_the_one_after_the_due_date(self):
        for days, expected in ((-5, 0), (0, 0), (1, 1), (2, 2)):
            with self.subTest(days=days):
                self.assertEqual(sum(part.days for part in claim(1000.0, 10.0, days)), expected)

    def test_day_counts(self):
        for since, until, actual, thirty in (
            (date(2026, 1, 31), date(2026, 2, 28), 28, 28),
            (date(2026, 2, 28), date(2026, 3, 1), 1, 3),
            (date(2024, 2, 28), date(2024, 3, 1), 2, 3),
            (date(2026, 3, 30), date(2026, 3, 31), 1, 0),
            (date(2026, 3, 31), date(2026, 4, 1), 1, 1),
            (date(2026, 1, 15), date(2027, 1, 15), 365, 360),
            (date(2024, 1, 15), date(2025, 1, 15), 366, 360),
            (date(2025, 12, 31), date(2026, 12, 31), 365, 360),
        ):
            with self.subTest(since=since, until=until):
                for name, expected in (
                    ("act/365", (actual, 365)),
                    ("act/360", (actual, 360)),
                    ("30E/360", (thirty, 360)),
                ):
                    count, year = DAY_COUNTS[name]
                    self.assertEqual((count(since, until), year), expected)

    def test_a_leap_year_bears_366_days_of_365(self):
        [part] = accrue(date(2023, 12, 31), 365.0, (), date(2024, 12, 31), flat(100.0), 0.01)
        self.assertEqual((part.days, part.amount), (366, 366.0))

    def test_the_year_divides(self):
        for day_count, expected in (("act/365", 98.63), ("act/360", 100.0)):
            [part] = claim(1000.0, 10.0, 360, day_count=day_count)
            self.assertEqual(part.amount, expected)

    def test_a_slice_without_days_is_skipped(self):
        """Paid on the 30th and on the 31st, which are one day in 30E/360."""
        rule = flat(6.0, day_count="30E/360")
        payments = (Payment(date(2026, 1, 30), 100.0), Payment(date(2026, 1, 31), 100.0))
        slices = accrue(DUE, 1000.0, payments, date(2026, 2, 10), rule, 0.01)
        self.assertEqual([(part.principal, part.days) for part in slices], [(1000.0, 29), (800.0, 10)])

    def test_free_days_decide_whether_not_since_when(self):
        for days, expected in ((9, 0), (10, 0), (11, 11)):
            with self.subTest(days=days):
                slices = claim(1000.0, 10.0, days, free_days=10)
                self.assertEqual(sum(part.days for part in slices), expected)

    def test_what_was_settled_within_the_free_days_bears_nothing(self):
        self.assertEqual(claim(1000.0, 10.0, 60, (Payment(on(10), 1000.0),), free_days=10), ())
        self.assertEqual(len(claim(1000.0, 10.0, 60, (Payment(on(11), 1000.0),), free_days=10)), 1)

    def test_a_part_paid_within_the_free_days_bears_interest_if_the_rest_is_late(self):
        slices = claim(1000.0, 10.0, 60, (Payment(on(5), 400.0),), free_days=10)
        self.assertEqual([(part.principal, part.days) for part in slices], [(1000.0, 5), (600.0, 55)])


class TestPayments(BaseCase):
    def principals(self, payments, **values):
        slices = accrue(DUE, 1000.0, payments, on(90), flat(10.0), 0.01, **values)
        return [(since, until, principal) for since, until, principal, *_rest in show(slices)]

    def test_the_day_of_the_payment_bears_interest_on_the_old_principal(self):
        self.assertEqual(self.principals((Payment(on(30), 600.0),)), [(0, 30, 1000.0), (30, 90, 400.0)])

    def test_up_to_the_due_date_a_payment_lowers_the_principal_from_the_start(self):
        for days in (-20, 0):
            with self.subTest(days=days):
                self.assertEqual(self.principals((Payment(on(days), 600.0),)), [(0, 90, 400.0)])

    def test_a_correcting_credit_note_counts_from_the_due_date(self):
        self.assertEqual(self.principals((Payment(on(30), 600.0, corrects=True),)), [(0, 90, 400.0)])
        self.assertEqual(self.principals((Payment(on(30), 1000.0, corrects=True),)), [])

    def test_what_comes_after_the_notice_does_not_count(self):
        for corrects in (False, True):
            with self.subTest(corrects=corrects):
                self.assertEqual(self.principals((Payment(on(91), 600.0, corrects),)), [(0, 90, 1000.0)])

    def test_on_the_day_of_the_notice(self):
        """A payment changes nothing yet, a correcting credit note is known already."""
        self.assertEqual(self.principals((Payment(on(90), 600.0),)), [(0, 90, 1000.0)])
        self.assertEqual(self.principals((Payment(on(90), 600.0, corrects=True),)), [(0, 90, 400.0)])

    def test_payments_of_one_day_are_one_split(self):
        payments = (Payment(on(50), 100.0), Payment(on(30), 200.0), Payment(on(30), 300.0))
        self.assertEqual(self.principals(payments), [(0, 30, 1000.0), (30, 50, 500.0), (50, 90, 400.0)])

    def test_an_overpaid_item_bears_nothing(self):
        self.assertEqual(self.principals((Payment(on(30), 1200.0),)), [(0, 30, 1000.0)])

    def test_what_is_contested_bears_nothing_and_is_settled_last(self):
        payments = (Payment(on(30), 500.0), Payment(on(60), 400.0))
        self.assertEqual(self.principals(payments, contested=300.0), [(0, 30, 700.0), (30, 60, 200.0)])
        self.assertEqual(self.principals((), contested=1000.0), [])

    def test_no_noise_of_floats(self):
        payments = tuple(Payment(on(day), 0.1) for day in (10, 20))
        slices = accrue(DUE, 0.3, payments, on(30), flat(10.0), 0.01)
        self.assertEqual([part.principal for part in slices], [0.3, 0.2, 0.1])


class TestRates(BaseCase):
    def rates(self, *rates, payments=()):
        rule = InterestRule(tuple(Rate(on(day), percent) for day, percent in rates))
        return [
            (since, until, percent)
            for since, until, _principal, percent, _amount in show(accrue(DUE, 1000.0, payments, on(90), rule, 0.01))
        ]

    def test_a_rate_counts_from_its_date(self):
        """Day 30 bears the new rate already."""
        self.assertEqual(self.rates((-10, 4.0), (30, 5.0)), [(0, 29, 4.0), (29, 90, 5.0)])

    def test_at_the_edges_of_the_period(self):
        for day, expected in (
            (0, [(0, 90, 5.0)]),
            (1, [(0, 90, 5.0)]),
            (2, [(0, 1, 4.0), (1, 90, 5.0)]),
            (90, [(0, 89, 4.0), (89, 90, 5.0)]),
            (91, [(0, 90, 4.0)]),
        ):
            with self.subTest(day=day):
                self.assertEqual(self.rates((-10, 4.0), (day, 5.0)), expected)

    def test_in_any_order(self):
        self.assertEqual(self.rates((60, 6.0), (-10, 4.0), (30, 5.0)), [(0, 29, 4.0), (29, 59, 5.0), (59, 90, 6.0)])

    def test_no_interest_before_the_first_rate(self):
        self.assertEqual(self.rates((30, 5.0)), [(29, 90, 5.0)])
        self.assertEqual(self.rates((91, 5.0)), [])
        self.assertEqual(self.rates(), [])

    def test_the_same_rate_again_is_one_slice(self):
        self.assertEqual(self.rates((-10, 4.0), (30, 4.0)), [(0, 90, 4.0)])

    def test_no_interest_at_zero_or_below(self):
        self.assertEqual(self.rates((-10, 4.0), (30, 0.0), (50, -1.0), (60, 4.0)), [(0, 29, 4.0), (59, 90, 4.0)])

    def test_from_the_first_day_of_the_calendar(self):
        [part] = accrue(DUE, 365.0, (), on(1), InterestRule((Rate(date.min, 100.0),)), 0.01)
        self.assertEqual(part.amount, 1.0)

    def test_a_payment_and_a_rate_of_one_day_split_twice(self):
        """The day itself: the new rate on the old principal."""
        rates = ((-10, 4.0), (30, 5.0))
        self.assertEqual(
            self.rates(*rates, payments=(Payment(on(30), 1.0),)), [(0, 29, 4.0), (29, 30, 5.0), (30, 90, 5.0)]
        )

    def test_reference_rate_and_margin(self):
        """The German base rate of 2016, 2023 and 2024; a rate below zero lowers the sum."""
        reference = (Rate(date(2016, 7, 1), -0.88), Rate(date(2023, 1, 1), 1.62), Rate(date(2024, 1, 1), 3.62))
        self.assertEqual([rate.percent for rate in rates_over(reference, 9.0)], [8.12, 10.62, 12.62])
        self.assertEqual([rate.since for rate in rates_over(reference, 9.0)], [rate.since for rate in reference])

    def test_a_sum_below_zero_bears_nothing(self):
        rule = InterestRule(rates_over((Rate(LONG_AGO, -0.88), Rate(on(30), 1.62)), 0.5))
        self.assertEqual(show(accrue(DUE, 1000.0, (), on(90), rule, 0.01)), [(29, 90, 1000.0, 2.12, 3.54)])


class TestCharging(BaseCase):
    def test_less_what_is_booked(self):
        slices = claim(1000.0, 5.0, 59)
        for booked, expected in ((0.0, 8.08), (5.0, 3.08), (8.08, 0.0), (10.1, -2.02)):
            with self.subTest(booked=booked):
                self.assertEqual(to_charge(slices, booked), expected)

    def test_a_later_credit_note_asks_for_interest_back(self):
        booked = to_charge(claim(1000.0, 5.0, 59))
        today = claim(1000.0, 5.0, 70, (Payment(on(65), 900.0, corrects=True),))
        self.assertEqual((to_charge(today), to_charge(today, booked)), (0.96, -7.12))

    def test_waived_interest_is_neither_charged_again_nor_given_back(self):
        slices = claim(1000.0, 5.0, 59)
        for booked, waived, expected in (
            (5.0, 5.0, 3.08),
            (10.1, 10.1, 0.0),
            (10.1, 3.0, 0.0),
            (10.1, 2.02, 0.0),
            (10.1, 2.01, -0.01),
            (20.0, 3.0, -8.92),
        ):
            with self.subTest(booked=booked, waived=waived):
                self.assertEqual(to_charge(slices, booked, waived), expected)

    def test_interest_to_charge_goes_on_where_the_booked_ends(self):
        """What is charged bit by bit is in the end what is charged at once."""
        booked = 0.0
        for days in range(1, 60):
            booked = total((booked, to_charge(claim(1000.0, 5.0, days), booked)))
        self.assertEqual(booked, 8.08)

    def test_the_minimum_of_a_notice(self):
        rule = flat(5.0, minimum=5.0)
        for amounts, expected in (
            ((), False),
            ((4.99,), False),
            ((5.0,), True),
            ((2.0, 3.0), True),
            ((6.0, -1.01), False),
            ((0.1,) * 50, True),
            ((-8.0,), False),
        ):
            with self.subTest(amounts=amounts):
                self.assertEqual(rule.reaches_minimum(amounts, 0.01), expected)
        self.assertTrue(flat(5.0).reaches_minimum((0.01,), 0.01))
        self.assertFalse(flat(5.0).reaches_minimum((0.0,), 0.01), "nothing is no charge")


class TestRounding(BaseCase):
    def test_half_up(self):
        for rounding, principal, expected in (
            (0.01, 2.675, 2.68),
            (0.01, 2.665, 2.67),
            (0.01, 1.005, 1.01),
            (0.01, 1.00499, 1.0),
            (0.05, 2.675, 2.7),
            (0.05, 2.67, 2.65),
            (1.0, 2.5, 3.0),
            (1.0, 3.5, 4.0),
            (0.001, 1.0005, 1.001),
        ):
            with self.subTest(rounding=rounding, principal=principal):
                [part] = accrue(DUE, principal, (), on(365), flat(100.0), rounding)
                self.assertEqual(part.amount, expected)
                self.assertEqual(rounded(-exact(principal), rounding), -expected, "away from zero")

    def test_each_slice_is_rounded_and_their_sum_claimed(self):
        """Three times 0.005 are three cents, not two."""
        payments = tuple(Payment(on(day), 0.01) for day in (1, 2))
        slices = accrue(DUE, 0.52, payments, on(3), flat(365.0), 0.01)
        self.assertEqual([part.amount for part in slices], [0.01, 0.01, 0.01])
        self.assertEqual(to_charge(slices), 0.03)
        self.assertEqual(sum(part.exact_amount for part in slices), Fraction("0.0153"))

    @settings(max_examples=150, deadline=None)
    @given(st.integers(-(10**9), 10**9), st.sampled_from(ROUNDINGS))
    def test_as_odoo_rounds(self, thousandths, rounding):
        value = thousandths / 1000
        self.assertAlmostEqual(rounded(exact(value), rounding), float_round(value, precision_rounding=rounding), 6)

    def test_examples_in_docstrings(self):
        for module in (money, interest):
            outcome = doctest.testmod(module)
            self.assertTrue(outcome.attempted)
            self.assertFalse(outcome.failed, module.__name__)


money_values = st.integers(0, 10**8).map(lambda cents: cents / 100)
days_around = st.integers(-30, 400)


@st.composite
def histories(draw):
    """An item, its payments and a rule, without free days."""
    payments = st.builds(
        lambda day, amount, corrects: Payment(on(day), amount, corrects), days_around, money_values, st.booleans()
    )
    rates = st.builds(lambda day, tenths: Rate(on(day), tenths / 10), days_around, st.integers(-20, 150))
    rule = InterestRule(
        tuple(draw(st.lists(rates, max_size=5, unique_by=lambda rate: rate.since))),
        draw(st.sampled_from(sorted(DAY_COUNTS))),
    )
    return draw(money_values), tuple(draw(st.lists(payments, max_size=5))), rule


def exact_interest(slices):
    return sum(part.exact_amount for part in slices)


class TestProperties(BaseCase):
    @settings(max_examples=150, deadline=None)
    @given(histories(), st.integers(0, 400), st.integers(0, 400))
    def test_additive_before_rounding(self, history, first, second):
        """Until the second day = until the first day + the rest, taken as an item due on the first."""
        amount, payments, rule = history
        payments = tuple(replace(payment, corrects=False) for payment in payments)
        middle, end = on(first), on(first + second)
        whole = accrue(DUE, amount, payments, end, rule, 0.01)
        start = accrue(DUE, amount, payments, middle, rule, 0.01)
        rest = accrue(middle, amount, payments, end, rule, 0.01)
        self.assertEqual(exact_interest(whole), exact_interest(start) + exact_interest(rest))

    @settings(max_examples=100, deadline=None)
    @given(histories(), st.integers(0, 400), st.integers(0, 30), money_values)
    def test_monotone_in_days_and_principal(self, history, days, more_days, more):
        """Payments after the first day are left out: what becomes known later may lower what has accrued."""
        amount, payments, rule = history
        payments = tuple(payment for payment in payments if payment.on <= on(days))
        slices = accrue(DUE, amount, payments, on(days), rule, 0.01)
        longer = accrue(DUE, amount, payments, on(days + more_days), rule, 0.01)
        larger = accrue(DUE, total((amount, more)), payments, on(days), rule, 0.01)
        contested = accrue(DUE, amount, payments, on(days), rule, 0.01, contested=more)
        self.assertLessEqual(exact_interest(slices), exact_interest(longer))
        self.assertLessEqual(exact_interest(slices), exact_interest(larger))
        self.assertLessEqual(exact_interest(contested), exact_interest(slices))
        self.assertLessEqual(to_charge(slices), to_charge(larger), "rounded too")
        self.assertLessEqual(to_charge(slices), to_charge(longer), "rounded too")

    @settings(max_examples=100, deadline=None)
    @given(histories(), days_around)
    def test_zero_on_zero(self, history, days):
        amount, payments, rule = history
        self.assertEqual(accrue(DUE, 0.0, payments, on(days), rule, 0.01), ())
        self.assertEqual(accrue(DUE, amount, payments, on(min(days, 0)), rule, 0.01), ())
        self.assertEqual(accrue(DUE, amount, (Payment(DUE, amount),), on(days), rule, 0.01), ())
        self.assertEqual(accrue(DUE, amount, payments, on(days), InterestRule(()), 0.01), ())

    @settings(max_examples=150, deadline=None)
    @given(histories(), days_around)
    def test_slices_cover_each_day_once(self, history, days):
        """Every day that has principal and rate is in one slice, with that principal and rate; no other day is."""
        amount, payments, rule = history
        rule = replace(rule, day_count="act/365")
        slices = accrue(DUE, amount, payments, on(days), rule, 0.01)
        covered = {}
        for part in slices:
            for offset in range(1, part.days + 1):
                day = part.since + timedelta(offset)
                self.assertNotIn(day, covered)
                covered[day] = (part.principal, part.percent)
        expected = {on(offset): self.terms_on(on(offset), history, on(days)) for offset in range(1, days + 1)}
        self.assertEqual(covered, {day: terms for day, terms in expected.items() if min(terms) > 0})
        for before, after in pairwise(slices):
            self.assertLessEqual(before.until, after.since)
            if before.until == after.since:
                self.assertNotEqual((before.principal, before.percent), (after.principal, after.percent), "one slice")

    def terms_on(self, day, history, until):
        """Principal and rate of one day, found day by day."""
        amount, payments, rule = history
        settled = [p.amount for p in payments if p.on <= until and (p.corrects or p.on < day)]
        rates = [rate for rate in sorted(rule.rates, key=lambda rate: rate.since) if rate.since <= day]
        return max(total((amount, *(-paid for paid in settled))), 0.0), rates[-1].percent if rates else 0.0

    @settings(max_examples=100, deadline=None)
    @given(histories(), days_around)
    def test_30e_360_differs_in_counting_only(self, history, days):
        amount, payments, rule = history
        actual, thirty = (
            accrue(DUE, amount, payments, on(days), replace(rule, day_count=name), 0.01)
            for name in ("act/365", "30E/360")
        )
        count, year = DAY_COUNTS["30E/360"]
        recounted = [replace(part, days=count(part.since, part.until), year=year) for part in actual]
        recounted = [replace(part, amount=rounded(part.exact_amount, 0.01)) for part in recounted if part.days]
        self.assertEqual(list(thirty), recounted)

    @settings(max_examples=100, deadline=None)
    @given(histories(), days_around, st.sampled_from(ROUNDINGS))
    def test_slices_are_rounded_by_the_currency(self, history, days, rounding):
        amount, payments, rule = history
        for part in accrue(DUE, amount, payments, on(days), rule, rounding):
            self.assertEqual((exact(part.amount) / exact(rounding)).denominator, 1)
            self.assertLessEqual(abs(exact(part.amount) - part.exact_amount), exact(rounding) / 2)

    @settings(max_examples=100, deadline=None)
    @given(histories(), days_around)
    def test_a_slice_explains_itself(self, history, days):
        """principal × percent / 100 × days / days of the year, in plain floats."""
        amount, payments, rule = history
        for part in accrue(DUE, amount, payments, on(days), rule, 0.01):
            plain = part.principal * part.percent / 100 * part.days / part.year
            self.assertLessEqual(abs(plain - part.amount), 0.005 + 1e-6)

    @settings(max_examples=100, deadline=None)
    @given(histories(), days_around, st.integers(0, 100))
    def test_free_days_are_all_or_nothing(self, history, days, free_days):
        amount, payments, rule = history
        without = accrue(DUE, amount, payments, on(days), rule, 0.01)
        free = accrue(DUE, amount, payments, on(days), replace(rule, free_days=free_days), 0.01)
        self.assertIn(free, ((), without))
        if days <= free_days:
            self.assertEqual(free, ())
