"""The least that must be owed at a level, and the level before where it is not (rules §4)."""

import doctest
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..engine import Credit, Customer, Item, Level, TypeRule, assess, forecast, minimums
from ..engine.levels import decide

TODAY = date(2026, 3, 31)
AGO = TODAY - timedelta(30)


def item(number, days, amount=100.0, **values):
    return Item(number, TODAY - timedelta(days), amount, amount, currency=1, type=1, **values)


def ladder(*levels, **values):
    return TypeRule(1, levels, **{"sequential": False, **values})


def told(items, rule, *credits, **values):
    """The ids of level and refused level, and the reason, by item."""
    assessment = assess(Customer(7, tuple(items), tuple(credits), **values), {1: rule}, TODAY)
    return {
        verdict.item.id: (
            verdict.level and verdict.level.id,
            verdict.refused and verdict.refused.id,
            verdict.reason,
        )
        for verdict in assessment.verdicts
    }


class TestFallBack(BaseCase):
    first, second, third = Level(1, 10), Level(2, 20, min_amount=100.0), Level(3, 40, min_amount=500.0)

    def test_from_level_to_level(self):
        rule = ladder(self.first, self.second, self.third)
        for amount, expected in (
            (500.0, (3, None, "due")),
            (499.99, (2, 3, "due")),
            (99.99, (1, 3, "due")),
        ):
            with self.subTest(amount=amount):
                self.assertEqual(told([item(1, 50, amount)], rule), {1: expected})

    def test_none_where_not_even_the_lowest_has_enough(self):
        rule = ladder(Level(1, 10, min_amount=50.0), self.second)
        self.assertEqual(told([item(1, 50, 49.0)], rule), {1: (None, 2, "level_minimum")})

    def test_the_level_reached_comes_again_only_if_it_is_repeated(self):
        sent = {"reached": 10, "last_notice": AGO, "times": 1}
        for sequential in (False, True):
            rule = ladder(self.first, self.second, sequential=sequential)
            self.assertEqual(told([item(1, 50, 60.0, **sent)], rule), {1: (None, 2, "level_minimum")})
            again = ladder(Level(1, 10, repeat_every=9, repeat_max=2), self.second, sequential=sequential)
            self.assertEqual(told([item(1, 50, 60.0, **sent)], again), {1: (1, 2, "repeat")})
            often = {**sent, "times": 3}
            self.assertEqual(told([item(1, 50, 60.0, **often)], again), {1: (None, 2, "level_minimum")})

    def test_a_lower_level_waits_for_its_own_days(self):
        """It is not passed over for one below."""
        slow = Level(2, 20, min_days=40)
        rule = ladder(self.first, Level(4, 15), slow, Level(3, 40, min_amount=500.0))
        sent = {"reached": 10, "last_notice": AGO}
        self.assertEqual(told([item(1, 50, 60.0, **sent)], rule), {1: (None, 3, "level_minimum")})

    def test_what_is_at_the_level_or_above_counts(self):
        rule = ladder(self.first, self.second, Level(3, 40))
        both = [item(1, 50, 40.0), item(2, 25, 60.0)]
        self.assertEqual(told(both, rule), {1: (3, None, "due"), 2: (2, None, "due")})
        lower = [item(1, 12, 40.0), item(2, 25, 60.0)]
        self.assertEqual(told(lower, rule), {1: (1, None, "due"), 2: (1, 2, "due")}, "the first is below")
        waiting = item(1, 30, 40.0, reached=20, last_notice=TODAY - timedelta(1))
        self.assertEqual(told([waiting, item(2, 25, 60.0)], rule)[2], (2, None, "due"), "it has reached the level")

    def test_what_falls_back_counts_where_it_falls_to(self):
        rule = ladder(self.first, self.second, self.third)
        pair = [item(1, 50, 60.0), item(2, 25, 40.0)]
        self.assertEqual(told(pair, rule), {1: (2, 3, "due"), 2: (2, None, "due")})

    def test_net_of_credits(self):
        rule = ladder(self.first, self.second)
        self.assertEqual(told([item(1, 25)], rule, Credit(9, 0.02, 1)), {1: (1, 2, "due")})

    def test_share_of_all_that_is_open(self):
        rule = ladder(self.first, Level(2, 20, min_share=50.0))
        for rest, expected in ((100.0, 2), (100.1, 1)):
            with self.subTest(rest=rest):
                self.assertEqual(told([item(1, 25), item(2, -5, rest)], rule)[1][0], expected)
        held = item(2, 30, 100.1, obstacles=("hold",))
        self.assertEqual(told([item(1, 25), held], rule)[1][0], 1, "held is open, too")
        gone = item(2, 30, 100.1, obstacles=("stopped",), owed=False)
        self.assertEqual(told([item(1, 25), gone], rule)[1][0], 2, "what is out for good is not")

    def test_customer_based_all_follow_the_leading_item(self):
        rule = ladder(self.first, Level(2, 20, min_amount=300.0))
        both = [item(1, 25), item(2, 3)]
        self.assertEqual(told(both, rule, balance=200.0), {1: (1, 2, "due"), 2: (1, 2, "due")})

    def test_the_forecast_falls_back_too(self):
        rule = ladder(Level(1, 10), Level(2, 20, min_days=5), Level(3, 40, min_days=20, min_amount=500.0))
        notices = forecast(Customer(7, (item(1, 12),)), {1: rule}, TODAY, TODAY + timedelta(90))
        self.assertEqual([notice.level.id for notice in notices], [1, 2])
        late = item(1, 50, reached=10, last_notice=TODAY - timedelta(3))
        notices = forecast(Customer(7, (late,)), {1: rule}, TODAY, TODAY + timedelta(90))
        self.assertEqual([(notice.level.id, notice.day) for notice in notices], [(2, TODAY + timedelta(17))])

    def test_doctests(self):
        self.assertEqual(doctest.testmod(minimums).failed, 0)


@st.composite
def ladders(draw):
    days = draw(st.lists(st.integers(1, 60), min_size=1, max_size=5, unique=True))
    levels = [
        Level(
            number,
            day,
            min_days=draw(st.sampled_from((0, 7, 30))),
            repeat_every=draw(st.sampled_from((0, 9))),
            min_balance=draw(st.sampled_from((0.0, 90.0))),
            min_amount=draw(st.sampled_from((0.0, 50.0, 150.0))),
            min_share=draw(st.sampled_from((0.0, 40.0, 100.0))),
        )
        for number, day in enumerate(days, 1)
    ]
    return ladder(*levels, sequential=draw(st.booleans()))


@st.composite
def customers(draw, rule):
    found = []
    for number in range(draw(st.integers(1, 5))):
        reached = draw(st.sampled_from((None, *(level.days for level in rule.ladder))))
        sent = {} if reached is None else {"reached": reached, "last_notice": AGO, "times": draw(st.integers(1, 3))}
        found.append(item(number, draw(st.integers(-20, 90)), draw(st.sampled_from((20.0, 60.0, 120.0))), **sent))
    credits = [Credit(99, draw(st.sampled_from((10.0, 70.0))), 1)] if draw(st.booleans()) else []
    return Customer(7, tuple(found), tuple(credits), balance=draw(st.sampled_from((None, 100.0))))


class TestProperties(BaseCase):
    @settings(max_examples=300, deadline=None)
    @given(st.data())
    def test_the_level_chosen(self, data):
        """Never above the candidate, never below what was reached, and there is enough for it."""
        rule = data.draw(ladders())
        customer = data.draw(customers(rule))
        verdicts = assess(customer, {1: rule}, TODAY).verdicts
        for verdict in verdicts:
            if not verdict.level or verdict.level.reminder:
                continue
            own = decide(verdict.item, rule, TODAY)
            if customer.balance is None:
                self.assertLessEqual(verdict.level.days, own.level.days)
                self.assertGreaterEqual(verdict.level.days, verdict.item.reached or 0)
                self.assertEqual(verdict.refused, own.level if own.level is not verdict.level else None)
            counted = [one for one in verdicts if one.item.claim and rule.overdue(one.item, TODAY)]
            standing = [
                one for one in counted if (one.level.days if one.level else one.item.reached or 0) >= verdict.level.days
            ]
            net = sum(one.item.claim - one.credit for one in standing)
            still = sum(one.item.claim - one.credit for one in counted)
            still += sum(one.item.residual for one in verdicts if one not in counted)
            self.assertGreaterEqual(net, verdict.level.min_amount - 0.01)
            self.assertGreaterEqual(net, still * verdict.level.min_share / 100 - 0.01)

    @settings(max_examples=200, deadline=None)
    @given(st.data())
    def test_without_minimums_nothing_falls_back(self, data):
        rule = ladder(*(Level(number, 10 * number) for number in range(1, 4)))
        for verdict in assess(data.draw(customers(rule)), {1: rule}, TODAY).verdicts:
            self.assertIsNone(verdict.refused)
