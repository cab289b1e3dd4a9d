"""The day of the next look, against the assessment of each day in between (Hypothesis)."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..engine import Credit, Customer, Item, Level, TypeRule, assess, first_after, next_look

DAY = date(2026, 6, 1)
FAR = 80  # days; nothing drawn here turns later


def days(first, last):
    return st.integers(first, last).map(lambda offset: DAY + timedelta(offset))


@st.composite
def type_rules(draw, number):
    levels = draw(st.lists(st.integers(-12, 40), min_size=1, max_size=4, unique=True))
    return TypeRule(
        number,
        tuple(
            Level(
                10 * number + index,
                level,
                min_days=draw(st.integers(0, 15)),
                repeat_every=draw(st.sampled_from((0, 0, 5, 11))),
                repeat_max=draw(st.integers(1, 2)),
                min_balance=draw(st.sampled_from((0.0, 0.0, 120.0))),
                min_amount=draw(st.sampled_from((0.0, 0.0, 50.0, 150.0))),
                min_share=draw(st.sampled_from((0.0, 0.0, 60.0))),
                deadline_days=draw(st.sampled_from((0, 6))),
            )
            for index, level in enumerate(levels, 1)
        ),
        sequential=draw(st.booleans()),
        grace_days=draw(st.sampled_from((0, 0, 4))),
        minimum=draw(st.sampled_from((0.0, 100.0))),
        min_days_between=draw(st.sampled_from((0, 9))),
        posting_days=draw(st.sampled_from((0, 8))),
        by_level=draw(st.booleans()),
    )


RULES = st.tuples(type_rules(1), type_rules(2)).map(lambda pair: {rule.id: rule for rule in pair})
RESIDUALS = st.sampled_from((20.0, 60.0, 110.0))


@st.composite
def items(draw, number, rules):
    rule = rules[draw(st.sampled_from(sorted(rules)))]
    reached = draw(st.sampled_from((None, *(level.days for level in rule.ladder))))
    residual = draw(RESIDUALS)
    obstacles = draw(st.sampled_from(((), (), (), ("hold",), ("pending",), ("charge",))))
    return Item(
        number,
        draw(days(-50, 40)),
        residual,
        residual,
        currency=1,
        type=draw(st.sampled_from((rule.id, rule.id, rule.id, None))),
        obstacles=obstacles,
        owed="charge" not in obstacles,
        contested=draw(st.sampled_from((0.0, 0.0, 10.0))),
        reached=reached,
        last_notice=None if reached is None else draw(days(-30, 0)),
        deadline_days=draw(st.sampled_from((0, 6, 14))),
        times=draw(st.integers(0, 2)) if reached is not None else 0,
        resumed=draw(st.one_of(st.none(), days(-20, 10))),
        not_before=draw(st.one_of(st.none(), st.none(), days(-5, 20))),
        reminded=draw(st.sampled_from((None, *(level.days for level in rule.reminders)))),
        issued=draw(st.one_of(st.none(), days(-20, 5))),
    )


@st.composite
def customers(draw):
    rules = draw(RULES)
    count = draw(st.integers(1, 4))
    return rules, Customer(
        1,
        tuple(draw(items(number, rules)) for number in range(1, count + 1)),
        draw(st.sampled_from(((), (), (Credit(9, 70.0, 1),)))),
        last_notices=draw(st.dictionaries(st.sampled_from(sorted(rules)), days(-30, 3), max_size=2)),
        balance=draw(st.sampled_from((None, None, 130.0))),
    )


def says(rules, customer, day):
    """All that an assessment says, but for the day itself and what counts the days up to it."""
    assessment = assess(customer, rules, day)
    verdicts = [
        (
            verdict.item.id,
            verdict.level and verdict.level.id,
            verdict.reason,
            verdict.below,
            verdict.credit,
            verdict.decision and (verdict.decision.reason, verdict.decision.next_level, verdict.decision.next_date),
            # what a run lists as left out
            verdict.item.days_overdue(day) > (verdict.rule.grace_days if verdict.rule else 0),
        )
        for verdict in assessment.verdicts
    ]
    proposals = [(notice.type, notice.level.id, notice.recipient, notice.dunned) for notice in assessment.proposals]
    return verdicts, proposals, assessment.owing, [item.id for item in assessment.owed], assessment.in_debt


class TestNextLook(BaseCase):
    @settings(max_examples=100, deadline=None)
    @given(customers())
    def test_nothing_changes_before(self, drawn):
        rules, customer = drawn
        day, known = DAY, {}
        while day < DAY + timedelta(FAR):
            following = next_look(customer, rules, day, known)
            self.assertEqual(following, next_look(customer, rules, day), "whatever is known of others")
            expected = says(rules, customer, day)
            end = min(following or date.max, DAY + timedelta(FAR))
            self.assertGreater(end, day)
            while day < end:
                self.assertEqual(says(rules, customer, day), expected, f"{day}, next look on {following}")
                day += timedelta(1)

    @settings(max_examples=50, deadline=None)
    @given(customers())
    def test_balance_of_what_is_overdue(self, drawn):
        """A balance may count an item from the day after it fell due, whatever keeps it out."""
        rules, customer = drawn
        customer = replace(customer, balance=0.0)
        due = [item.due + timedelta(1) for item in customer.items]
        expected = first_after(DAY, due)
        self.assertLessEqual(next_look(customer, rules, DAY) or date.max, expected or date.max)

    def test_plain_customer(self):
        rule = TypeRule(1, (Level(1, 10), Level(2, 20, min_days=7)))
        item = Item(1, DAY, 100.0, 100.0, 1, type=1)
        customer = Customer(1, (item,))
        looks = [DAY]
        while looks[-1]:
            looks.append(next_look(customer, {1: rule}, looks[-1]))
        self.assertEqual(looks, [DAY, DAY + timedelta(1), DAY + timedelta(10), None])
        sent = replace(item, reached=10, last_notice=DAY + timedelta(10), times=1, deadline_days=14)
        customer = Customer(1, (sent,), last_notices={1: DAY + timedelta(10)})
        self.assertEqual(next_look(customer, {1: rule}, DAY + timedelta(10)), DAY + timedelta(25), "after the deadline")

    def test_nothing_open(self):
        self.assertIsNone(next_look(Customer(1, ()), {}, DAY))

    def test_no_type(self):
        """Without a type an item is listed as left out from the day after its due date."""
        customer = Customer(1, (Item(1, DAY + timedelta(5), 100.0, 100.0, 1),))
        self.assertEqual(next_look(customer, {}, DAY), DAY + timedelta(6))
        self.assertIsNone(next_look(customer, {}, DAY + timedelta(6)))
