"""Properties that hold for any ladder, any delay and any sequence of days (Hypothesis)."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..engine import Credit, Customer, Item, Level, TypeRule, assess, decide

DUE = date(2026, 1, 1)


@st.composite
def rules(draw):
    days = draw(st.lists(st.integers(-20, 90), min_size=1, max_size=6, unique=True))
    levels = tuple(
        Level(
            id=number,
            days=day,
            min_days=draw(st.integers(0, 15)),
            repeat_every=draw(st.sampled_from((0, 0, 3, 10))),
            repeat_max=draw(st.integers(1, 3)),
        )
        for number, day in enumerate(days, 1)
    )
    return TypeRule(
        1,
        levels,
        sequential=draw(st.booleans()),
        grace_days=draw(st.integers(0, 5)),
        min_days_between=draw(st.integers(0, 9)),
    )


@st.composite
def twins(draw):
    """A rule, and the histories of two items that differ in one value at most."""
    rule = draw(rules())
    days = [level.days for level in rule.levels]
    values = {
        "due": [DUE + timedelta(offset) for offset in (0, 20, 40, 70)],
        "reached": [None, *(day for day in days if day >= 0)],
        "last_notice": [None, DUE + timedelta(30), DUE + timedelta(45)],
        "deadline_days": [0, 7, 25],
        "times": [0, 1, 2, 3],
        "resumed": [None, DUE + timedelta(50), DUE + timedelta(58)],
        "not_before": [None, DUE + timedelta(50), DUE + timedelta(70)],
        "reminded": [None, *(day for day in days if day < 0)],
    }
    history = {name: draw(st.sampled_from(choices)) for name, choices in values.items()}
    name = draw(st.sampled_from(list(values)))
    return rule, history, {**history, name: draw(st.sampled_from(values[name]))}


def play(rule, days_run, deadline=7):
    """Send whatever is due on each of ``days_run`` (days after due); yields (day, item before, decision)."""
    item = Item(1, DUE, 100.0, 100.0, 1, type=1)
    last = None
    for offset in sorted(set(days_run)):
        today = DUE + timedelta(offset)
        decision = decide(item, rule, today, last)
        if decision.level is None:
            continue
        yield today, item, decision
        if decision.level.reminder:
            item = replace(item, reminded=decision.level.days)
            continue
        repeated = decision.level.days == item.reached
        item = replace(
            item,
            reached=decision.level.days,
            times=item.times + 1 if repeated else 1,
            last_notice=today,
            deadline_days=deadline,
        )
        last = today


class TestProperties(BaseCase):
    @settings(max_examples=300, deadline=None)
    @given(rules(), st.sets(st.integers(-30, 200), max_size=60))
    def test_any_schedule(self, rule, days_run):
        seen = []
        for today, item, decision in play(rule, days_run):
            level = decision.level
            if level.reminder:
                self.assertLess(today, item.due)
                self.assertNotIn(level.id, seen, "a reminder goes once")
            else:
                self.assertTrue(rule.overdue(item, today))
                self.assertGreaterEqual(item.days_overdue(today), level.days)
                self.check_order(rule, item, level, seen)
                self.check_interval(item, level, decision, today)
            seen.append(level.id)

    def check_order(self, rule, item, level, seen):
        self.assertGreaterEqual(level.days, item.reached if item.reached is not None else 0)
        self.assertLessEqual(seen.count(level.id), level.repeat_max if level.repeat_every else 0)
        if rule.sequential:
            below = [lower.id for lower in rule.ladder if lower.days < level.days]
            self.assertLessEqual(set(below), set(seen), "no level is skipped")

    def check_interval(self, item, level, decision, today):
        if item.last_notice:
            self.assertGreater((today - item.last_notice).days, item.deadline_days, "the deadline binds")
        if item.last_notice and decision.reason == "due":
            self.assertGreaterEqual((today - item.last_notice).days, level.min_days)
        if decision.reason == "repeat":
            self.assertGreaterEqual((today - item.last_notice).days, level.repeat_every)

    @settings(max_examples=200, deadline=None)
    @given(rules(), st.sets(st.integers(-30, 120), max_size=20), st.integers(-30, 150))
    def test_the_next_date_is_true(self, rule, days_run, offset):
        """Nothing is due before the date that is announced, and something is on it."""
        item, last = Item(1, DUE, 100.0, 100.0, 1, type=1), None
        for today, before, decision in play(rule, {day for day in days_run if day < offset}):
            item = (
                before
                if decision.level.reminder
                else replace(before, reached=decision.level.days, last_notice=today, times=1, deadline_days=7)
            )
            last = last if decision.level.reminder else today
        today = DUE + timedelta(offset)
        decision = decide(item, rule, today, last)
        if decision.level is None and decision.next_date and decision.next_date > today:
            self.assertIsNotNone(decide(item, rule, decision.next_date, last).level)
            self.assertIsNone(decide(item, rule, decision.next_date - timedelta(1), last).level)

    @settings(max_examples=200, deadline=None)
    @given(
        st.lists(st.tuples(st.integers(-40, 120), st.floats(0.01, 5000), st.integers(1, 2)), max_size=8),
        st.lists(st.tuples(st.floats(0.01, 9000), st.integers(1, 2)), max_size=4),
        rules(),
        st.floats(0, 500),
    )
    def test_claims_never_exceed_the_debt(self, debts, credits, rule, minimum):
        """Over all notices, what is claimed is at most what is overdue net of credits, per currency."""
        today = date(2026, 6, 1)
        items = tuple(
            Item(number, today - timedelta(days), round(amount, 2), round(amount, 2), currency, type=1)
            for number, (days, amount, currency) in enumerate(debts)
        )
        pool = tuple(Credit(number, round(amount, 2), currency) for number, (amount, currency) in enumerate(credits))
        rule = replace(rule, minimum=minimum)
        assessment = assess(Customer(1, items, pool), {1: rule}, today)
        self.assertEqual(len(assessment.verdicts), len(items), "an answer for every item")
        for currency in (1, 2):
            proposals = [p for p in assessment.proposals if p.currency == currency and not p.level.reminder]
            claimed = sum(p.dunned - p.credit for p in proposals)
            owed = sum(i.residual for i in items if i.currency == currency and rule.overdue(i, today))
            credit = sum(c.amount for c in pool if c.currency == currency)
            self.assertLessEqual(claimed, max(owed - credit, 0) + 0.01)
            self.assertTrue(all(p.dunned - p.credit > -0.001 for p in proposals))

    @settings(max_examples=3000, deadline=None)
    @given(twins(), st.tuples(*[st.sampled_from((None, DUE + timedelta(58)))] * 2))
    def test_like_items_are_decided_alike(self, twins, last_notices):
        """What is decided for one customer holds for the next: the same answers as without remembering them."""
        today = DUE + timedelta(60)
        rule, *histories = twins
        customers = [
            Customer(
                number,
                (Item(number, residual=100.0, company_residual=100.0, currency=1, type=1, **history),),
                last_notices={1: last} if last else {},
            )
            for number, (history, last) in enumerate(zip(histories, last_notices, strict=True))
        ]
        decided = {}
        self.assertEqual(
            [assess(customer, {1: rule}, today, decided=decided) for customer in customers],
            [assess(customer, {1: rule}, today) for customer in customers],
        )
