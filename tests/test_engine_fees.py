"""Which fee, and what a notice claims in all: the published cases 3 to 5, 8, 9, rules §8, properties (Hypothesis)."""

import doctest
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..engine import Claim, Fee, FeeBand, FeeLine, InterestRule, Rate, accrue, charge_fee, claim_total, fees, to_charge
from ..engine.money import exact, rounded, total

DUE = date(2026, 1, 1)
NONE = Fee()
TEN = Fee("fixed", amount=10.0)
PERCENT = Fee("percent", percent=15.0)


def amounts(fee, claims, rounding=0.01):
    return [line.amount for line in charge_fee(fee, claims, rounding)]


def on_one(fee, overdue, credit=0.0, rounding=0.01):
    """What ``fee`` charges on one item."""
    return sum(amounts(fee, [Claim(1, overdue, credit)], rounding))


class TestPublishedCases(BaseCase):
    """Published cases, named by their numbers (rules §10)."""

    def test_cases_with_interest_and_a_fixed_fee(self):
        for case, amount, percent, days, fee, expected in (
            ("3", 500.0, 12.5, 14, 40.0, 542.40),
            ("4", 5000.0, 12.5, 45, 70.0, 5147.05),
            ("5", 262.25, 8.5, 139, 40.0, 310.74),
            ("8", 100.0, 10.0, 15, 10.0, 110.41),
        ):
            with self.subTest(case=case):
                rule = InterestRule((Rate(date(2000, 1, 1), percent),))
                interest = to_charge(accrue(DUE, amount, (), DUE + timedelta(days), rule, 0.01))
                claims = [Claim(1, amount)]
                self.assertEqual(claim_total(claims, [interest, *amounts(Fee("fixed", fee), claims)]), expected)

    def test_case_8_charges(self):
        self.assertEqual(claim_total([], [0.41, 10.0]), 10.41)

    def test_case_9_earlier_fees_are_claimed_again(self):
        claims = [Claim(1, 100.0)]
        first = amounts(TEN, claims)
        self.assertEqual(claim_total(claims, first), 110.0)
        second = amounts(PERCENT, claims)
        self.assertEqual(second, [15.0], "of what is dunned, not of the earlier fee")
        self.assertEqual(claim_total(claims, second + first), 125.0)
        self.assertEqual(claim_total(claims, second), 115.0, "the earlier fee was waived")


class TestAmount(BaseCase):
    def test_kinds(self):
        for fee, expected in (
            (NONE, 0.0),
            (TEN, 10.0),
            (PERCENT, 30.0),
            (replace(TEN, amount=0.0), 0.0),
            (replace(PERCENT, percent=0.0), 0.0),
            (replace(TEN, minimum=20.0, maximum=5.0), 10.0),
        ):
            with self.subTest(fee=fee):
                self.assertEqual(on_one(fee, 200.0), expected)

    def test_minimum_and_maximum(self):
        fee = replace(PERCENT, minimum=5.0, maximum=50.0)
        for base, expected in (
            (33.33, 5.0),
            (33.34, 5.0),
            (33.40, 5.01),
            (333.33, 50.0),
            (333.26, 49.99),
            (9999.0, 50.0),
        ):
            with self.subTest(base=base):
                self.assertEqual(on_one(fee, base), expected)
        self.assertEqual(on_one(replace(fee, maximum=0.0), 9999.0), 1499.85, "0: no maximum")
        self.assertEqual(on_one(replace(fee, minimum=60.0), 100.0), 50.0, "the maximum wins")

    def test_a_bound_that_decides_is_named(self):
        """Not where the percentage comes to the same, nor of a fixed fee."""
        fee = replace(PERCENT, minimum=5.0, maximum=50.0)
        for case, base, expected in (
            (fee, 20.0, "minimum"),
            (fee, 33.33, ""),
            (fee, 33.34, ""),
            (fee, 333.33, ""),
            (fee, 333.4, "maximum"),
            (replace(fee, minimum=60.0), 100.0, "minimum"),
            (replace(TEN, minimum=20.0), 100.0, ""),
        ):
            with self.subTest(base=base):
                [line] = charge_fee(case, [Claim(1, base)], 0.01)
                self.assertEqual(line.bound, expected)

    def test_net_of_credits(self):
        for credit, expected in ((0.0, 30.0), (50.0, 22.5), (199.99, 0.0), (200.0, 0.0), (300.0, 0.0)):
            with self.subTest(credit=credit):
                self.assertEqual(on_one(PERCENT, 200.0, credit), expected)

    def test_no_minimum_where_nothing_is_claimed(self):
        fee = replace(PERCENT, minimum=5.0)
        for credit, expected in ((199.99, 5.0), (200.0, 0.0), (200.01, 0.0)):
            with self.subTest(credit=credit):
                self.assertEqual(on_one(fee, 200.0, credit), expected)

    def test_rounding(self):
        for rounding, expected in ((1.0, 3.0), (0.05, 2.65), (0.01, 2.67), (0.001, 2.667)):
            with self.subTest(rounding=rounding):
                self.assertEqual(on_one(PERCENT, 17.78, rounding=rounding), expected)
        self.assertEqual(on_one(PERCENT, 0.1), 0.02, "half up")
        self.assertEqual(on_one(Fee("fixed", 2.5), 100.0, rounding=1.0), 3.0)


class TestPer(BaseCase):
    def setUp(self):
        super().setUp()
        self.claims = [Claim(7, 100.0), Claim(8, 60.0, 20.0), Claim(9, 30.0, charged=True)]

    def test_per_notice(self):
        """On the sum; whether its items have borne a fee before makes no difference."""
        self.assertEqual(charge_fee(PERCENT, self.claims, 0.01), (FeeLine(None, 170.0, 15.0, 25.5),))
        self.assertEqual(charge_fee(TEN, self.claims, 0.01), (FeeLine(None, 170.0, 0.0, 10.0),))

    def test_a_fixed_fee_shows_no_percentage(self):
        [line] = charge_fee(replace(TEN, percent=15.0), self.claims, 0.01)
        self.assertEqual((line.percent, line.amount), (0.0, 10.0))

    def test_per_item_once_in_its_life(self):
        lines = charge_fee(replace(PERCENT, per="item"), self.claims, 0.01)
        self.assertEqual(lines, (FeeLine(7, 100.0, 15.0, 15.0), FeeLine(8, 40.0, 15.0, 6.0)))
        self.assertEqual(charge_fee(replace(TEN, per="item"), [Claim(9, 30.0, charged=True)], 0.01), ())

    def test_the_bounds_hold_for_each_item(self):
        fee = replace(PERCENT, per="item", minimum=7.0, maximum=12.0)
        self.assertEqual(amounts(fee, self.claims), [12.0, 7.0])
        self.assertEqual(amounts(replace(fee, per="notice"), self.claims), [12.0])

    def test_an_item_that_credits_cover_bears_no_percentage(self):
        claims = [Claim(7, 100.0, 100.0), Claim(8, 100.0)]
        fee = replace(PERCENT, per="item", minimum=5.0)
        self.assertEqual([line.item for line in charge_fee(fee, claims, 0.01)], [8])

    def test_nothing_to_claim(self):
        for fee in (NONE, PERCENT, replace(PERCENT, minimum=5.0), replace(TEN, per="item")):
            with self.subTest(fee=fee):
                self.assertEqual(charge_fee(fee, [], 0.01), ())


class TestTotal(BaseCase):
    def test_overdue_less_credits_plus_charges(self):
        claims = [Claim(1, 100.1), Claim(2, 50.2, 20.1)]
        self.assertEqual(claim_total(claims, ()), 130.2)
        self.assertEqual(claim_total(claims, (0.1, 0.2, 10.0)), 140.5)
        self.assertEqual(claim_total((), ()), 0.0)

    def test_examples_in_docstrings(self):
        outcome = doctest.testmod(fees)
        self.assertTrue(outcome.attempted)
        self.assertFalse(outcome.failed)


cents = st.integers(0, 10**7).map(lambda number: number / 100)
percents = st.integers(0, 10000).map(lambda number: number / 100)
roundings = st.sampled_from((1.0, 0.05, 0.01, 0.001))
percentages = st.builds(
    Fee, st.just("percent"), percent=percents, minimum=cents, maximum=cents, per=st.sampled_from(("notice", "item"))
)
claim_lists = st.lists(st.tuples(cents, cents, st.booleans()), max_size=6).map(
    lambda rows: [Claim(number, *row) for number, row in enumerate(rows)]
)


class TestProperties(BaseCase):
    @settings(max_examples=150, deadline=None)
    @given(percentages, claim_lists, roundings)
    def test_between_minimum_and_maximum(self, fee, claims, rounding):
        for line in charge_fee(fee, claims, rounding):
            self.assertGreater(line.base, 0.0)
            if fee.maximum:
                self.assertLessEqual(line.amount, rounded(exact(fee.maximum), rounding))
            if not fee.maximum or fee.minimum <= fee.maximum:
                self.assertGreaterEqual(line.amount, rounded(exact(fee.minimum), rounding))

    @settings(max_examples=150, deadline=None)
    @given(percentages, cents, cents, roundings)
    def test_monotone_in_the_base(self, fee, base, more, rounding):
        smaller, larger = on_one(fee, base, rounding=rounding), on_one(fee, total((base, more)), rounding=rounding)
        self.assertLessEqual(smaller, larger)
        self.assertLessEqual(on_one(fee, base, more, rounding), smaller, "credits lower it")

    @settings(max_examples=150, deadline=None)
    @given(percentages, claim_lists, roundings)
    def test_a_line_explains_itself(self, fee, claims, rounding):
        """Percent of the base, unless it names a bound of the fee."""
        for line in charge_fee(fee, claims, rounding):
            plain = line.base * line.percent / 100
            bounds = {rounded(exact(bound), rounding) for bound in (fee.minimum, fee.maximum)}
            if line.bound:
                self.assertIn(line.amount, bounds)
                self.assertEqual(line.bound == "minimum", line.amount > plain)
            else:
                self.assertLessEqual(abs(line.amount - plain), rounding / 2 + 1e-6)
            self.assertEqual((exact(line.amount) / exact(rounding)).denominator, 1)

    @settings(max_examples=150, deadline=None)
    @given(percentages, claim_lists, cents)
    def test_charged_once(self, fee, claims, amount):
        """A second notice, at whatever level, takes no fee per item again."""
        for first in (fee, Fee("fixed", amount, per=fee.per)):
            lines = charge_fee(first, claims, 0.01)
            borne = {line.item for line in lines}
            again = charge_fee(
                first, [replace(claim, charged=claim.charged or claim.item in borne) for claim in claims], 0.01
            )
            self.assertEqual(again, lines if fee.per == "notice" else ())

    @settings(max_examples=150, deadline=None)
    @given(claim_lists, st.lists(cents, max_size=4))
    def test_total(self, claims, charges):
        expected = sum(round(claim.overdue * 100) - round(claim.credit * 100) for claim in claims)
        expected += sum(round(charge * 100) for charge in charges)
        self.assertEqual(claim_total(claims, charges), expected / 100)


# Business Central, “Additional Fee Setup”: thresholds of the remaining amount, each with a fee and a percentage.
BANDS = (FeeBand(0.0, 5.0), FeeBand(1000.0, 10.0, 1.0), FeeBand(5000.0, 20.0, 2.0))


class TestBands(BaseCase):
    def test_one_band(self):
        """*Single Dynamic*: the fee of the band in which the amount falls, its percentage on all of it."""
        fee = Fee("band", bands=BANDS)
        for overdue, expected in ((0.01, 5.0), (999.99, 5.0), (1000.0, 20.0), (4000.0, 50.0), (6000.0, 140.0)):
            with self.subTest(overdue=overdue):
                self.assertEqual(on_one(fee, overdue), expected)

    def test_accumulated(self):
        """*Accumulated Dynamic*: each part at the rate of its band, and the fees of all bands reached."""
        fee = Fee("bands", bands=BANDS)
        for overdue, expected in ((999.99, 5.0), (1000.0, 15.0), (4000.0, 45.0), (6000.0, 95.0)):
            with self.subTest(overdue=overdue):
                self.assertEqual(on_one(fee, overdue), expected)

    def test_below_the_first_band_and_of_nothing(self):
        for kind in ("band", "bands"):
            self.assertEqual(amounts(Fee(kind, bands=BANDS[1:], minimum=9.0), [Claim(1, 999.0)]), [])
            self.assertEqual(amounts(Fee(kind, bands=BANDS, minimum=9.0), [Claim(1, 50.0, 50.0)]), [])
            self.assertEqual(amounts(Fee(kind), [Claim(1, 50.0)]), [])

    def test_bounds(self):
        [line] = charge_fee(Fee("bands", bands=BANDS, minimum=8.0), [Claim(1, 500.0)], 0.01)
        self.assertEqual((line.amount, line.bound), (8.0, "minimum"))
        [line] = charge_fee(Fee("band", bands=BANDS, maximum=40.0), [Claim(1, 6000.0)], 0.01)
        self.assertEqual((line.amount, line.bound, line.percent), (40.0, "maximum", 2.0))

    def test_per_item(self):
        lines = charge_fee(Fee("band", bands=BANDS, per="item"), [Claim(1, 500.0), Claim(2, 1000.0)], 0.01)
        self.assertEqual([(line.item, line.amount) for line in lines], [(1, 5.0), (2, 20.0)])


@st.composite
def band_lists(draw, fixed=True):
    starts = sorted(draw(st.lists(st.integers(0, 5000), min_size=1, max_size=5, unique=True)))
    some = st.sampled_from((0.0, 2.5, 40.0)) if fixed else st.just(0.0)
    return tuple(FeeBand(float(start), draw(some), draw(st.sampled_from((0.0, 0.5, 3.0, 10.0)))) for start in starts)


BASES = st.integers(1, 800000).map(lambda value: value / 100)


class TestBandProperties(BaseCase):
    @settings(max_examples=150, deadline=None)
    @given(band_lists(), BASES, BASES)
    def test_accumulated_is_monotone(self, bands, base, more):
        fee = Fee("bands", bands=bands)
        self.assertLessEqual(on_one(fee, base), on_one(fee, total((base, more))))

    @settings(max_examples=150, deadline=None)
    @given(band_lists(fixed=False))
    def test_accumulated_is_continuous(self, bands):
        """A cent more never costs more than that cent's share: no step where a band begins."""
        fee = Fee("bands", bands=bands)
        for band in bands[1:]:
            before, after = (on_one(fee, band.start + cent, rounding=0.0001) for cent in (-0.01, 0.0))
            self.assertLessEqual(after - before, 0.01 * 10 / 100 + 0.0002)

    @settings(max_examples=150, deadline=None)
    @given(band_lists(), BASES, st.sampled_from(("band", "bands")))
    def test_the_parts_give_the_fee(self, bands, base, kind):
        for line in charge_fee(Fee(kind, bands=bands), [Claim(1, base)], 0.01):
            parts = sum(part.band.amount + part.base * part.band.percent / 100 for part in line.parts)
            self.assertLessEqual(abs(parts - line.amount), 0.005 + 1e-6)
            self.assertEqual(
                total(part.base for part in line.parts), base if kind == "band" else total((base, -bands[0].start))
            )

    @settings(max_examples=150, deadline=None)
    @given(st.sampled_from((0.0, 7.0)), st.sampled_from((0.5, 3.0)), BASES)
    def test_a_single_band_from_zero_is_a_plain_fee(self, amount, percent, base):
        bands = (FeeBand(0.0, amount, percent),)
        plain = on_one(Fee("percent", percent=percent), base, rounding=0.0001)
        for kind in ("band", "bands"):
            charged = on_one(Fee(kind, bands=bands), base, rounding=0.0001)
            self.assertLessEqual(abs(charged - plain - amount), 0.0002)
