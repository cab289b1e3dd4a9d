"""What a policy would have sent: against the replay's own plain rules, against the engine's nights, beside itself."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..engine import (
    Account,
    BalanceRule,
    Course,
    Credit,
    CreditCourse,
    Customer,
    Fee,
    InterestRule,
    Item,
    Keeping,
    Level,
    Rate,
    Settling,
    Step,
    Tariff,
    TypeRule,
    assess,
    charge,
    compare,
    simulate,
)
from .test_replay import SMALL, load

DAY = date(2026, 1, 1)
RULE = TypeRule(1, (Level(1, 3), Level(2, 10), Level(3, 20)))
LAST = DAY + timedelta(90)


def on(days):
    return DAY + timedelta(days)


def course(number, due, amount=100.0, booked=0, paid=None, kept=(), **values):
    """An item due on a day after the first, booked, and paid (a day), on days after it."""
    settled = (Settling(on(paid), amount, amount),) if paid is not None else ()
    item = Item(number, on(due), amount, amount, 1, type=1, **values)
    return Course(item, on(booked), settled, tuple(kept), plan=number)


def play(*courses, rules=None, **values):
    """The steps of one customer: (days after the first, item, level)."""
    account = Account(1, courses, **{name: values.pop(name) for name in ("credits", "balance") if name in values})
    result = simulate(account, rules or {1: RULE}, DAY, LAST, **values)
    return [
        ((notice.day - DAY).days, verdict.item.id, verdict.level.id)
        for notice in result.notices
        for verdict in notice.verdicts
    ]


class TestSimulate(BaseCase):
    def test_the_ladder_until_it_is_paid(self):
        self.assertEqual(play(course(1, 0)), [(3, 1, 1), (10, 1, 2), (20, 1, 3)])
        self.assertEqual(play(course(1, 0, paid=11)), [(3, 1, 1), (10, 1, 2)])
        self.assertEqual(play(course(1, 0, paid=10)), [(3, 1, 1)], "what is paid on a day comes before its night")
        self.assertEqual(play(course(1, 0, booked=5)), [(5, 1, 1), (12, 1, 2), (20, 1, 3)])

    def test_an_item_goes_on_from_the_state_it_begins_with(self):
        reached = course(1, -5, reached=3, last_notice=on(-2), times=1)
        self.assertEqual(play(reached), [(5, 1, 2), (15, 1, 3)])

    def test_holds_delay_and_their_end_makes_it_wait(self):
        self.assertEqual(play(course(1, 0, kept=[Keeping(on(0), on(6))])), [(7, 1, 1), (14, 1, 2), (21, 1, 3)])
        held = Keeping(on(5), on(11))
        self.assertEqual(play(course(1, 0, kept=[held])), [(3, 1, 1), (19, 1, 2), (26, 1, 3)])
        released = replace(held, release=True)
        self.assertEqual(play(course(1, 0, kept=[released])), [(3, 1, 1), (12, 1, 2), (20, 1, 3)])
        self.assertEqual(play(course(1, 0, kept=[Keeping(on(0))])), [])
        part = simulate(Account(1, (course(1, 0, kept=[Keeping(on(0), None, 30.0)]),)), {1: RULE}, DAY, on(3))
        self.assertEqual(part.notices[0].amount, 70.0)

    def test_credits_cover_while_they_are_there(self):
        credit = CreditCourse(Credit(9, 100.0, 1), 100.0, on(0), (Settling(on(8), 100.0, 100.0),))
        self.assertEqual(play(course(1, 0), credits=(credit,)), [(8, 1, 1), (15, 1, 2), (22, 1, 3)])

    def test_what_cannot_leave_raises_no_level(self):
        self.assertEqual(play(course(1, 0), leaves=lambda proposal: proposal.level.id != 2), [(3, 1, 1)])

    def test_a_debt_at_the_end_of_its_ladder_is_stopped(self):
        """Its claim does not count for the minimum any more."""
        rule = replace(RULE, levels=(Level(1, 3),), minimum=150.0)
        items = (course(1, 0), course(2, 0), course(3, 40, amount=60.0))
        self.assertEqual(play(*items, rules={1: rule}), [(3, 1, 1), (3, 2, 1), (43, 3, 1)])
        self.assertEqual(play(*items, rules={1: rule}, endings={1: 30}), [(3, 1, 1), (3, 2, 1)])
        self.assertEqual(play(*items, rules={1: rule}, endings={1: 41}), [(3, 1, 1), (3, 2, 1), (43, 3, 1)])

    def test_a_reminder_that_a_demand_keeps_back_comes_the_night_after(self):
        rule = replace(RULE, levels=(Level(1, -2), Level(2, 40)))
        self.assertEqual(play(course(1, 42), course(2, 0), rules={1: rule}), [(40, 2, 2), (41, 1, 1), (82, 1, 2)])

    def test_what_comes_in_late_by_the_levels_reached(self):
        items = (course(1, 0, paid=0), course(2, 0, paid=2), course(3, 0, paid=12))
        result = simulate(Account(1, items), {1: RULE}, DAY, LAST)
        self.assertEqual([(one.item, one.rung, one.amount) for one in result.received], [(2, 0, 100.0), (3, 2, 100.0)])

    def test_a_file_as_the_replay_foresees_it(self):
        check = load("replay_check")
        invoices = check.read(SMALL)
        for rules in (check.Rules(), check.Rules(mode="customer"), check.Rules((2, 4, 9, 30), 3, 3)):
            ladder = tuple(
                Level(number, days, rules.min_days, deadline_days=rules.deadline_days)
                for number, days in enumerate(rules.days, 1)
            )
            found = []
            for customer in {invoice.customer for invoice in invoices}:
                account = self.to_account(customer, invoices, rules.mode)
                notices = simulate(account, {1: TypeRule(1, ladder)}, date(2024, 1, 1), date(2024, 6, 1)).notices
                found += [(one.day, verdict.item.id, verdict.level.id) for one in notices for verdict in one.verdicts]
            expected = [(one.day, one.invoice, one.level) for one in check.foresee(invoices, rules).dunned]
            numbers = {number: invoice.number for number, invoice in enumerate(invoices)}
            self.assertEqual(sorted((day, numbers[item], level) for day, item, level in found), sorted(expected))

    def to_account(self, customer, invoices, mode):
        """A customer of a file of the replay."""
        courses = []
        for number, one in enumerate(invoices):
            if one.customer == customer:
                kept = (Keeping(one.held_from, one.settled - timedelta(1)),) if one.held_from else ()
                settled = (Settling(one.settled, one.amount, one.amount),)
                item = Item(number, one.due, one.amount, one.amount, 1, type=1)
                courses.append(Course(item, one.date, settled, kept, plan=number))
        return Account(1, tuple(courses), balance=BalanceRule() if mode == "customer" else None)


@st.composite
def ledgers(draw):
    """A customer with some items over a hundred days, and the rule of his type."""
    courses = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        booked = draw(st.integers(-20, 40))
        kept = []
        if draw(st.booleans()):
            first = draw(st.integers(-5, 50))
            kept = [Keeping(on(first), draw(st.sampled_from((None, on(first + 4), on(first + 15)))))]
        paid = draw(st.none() | st.integers(max(booked, 0), 90))
        due, amount = booked + draw(st.integers(0, 30)), draw(st.sampled_from((20.0, 60.0, 100.0)))
        courses.append(course(number, due, amount, booked=booked, paid=paid, kept=kept))
    days = sorted(draw(st.sets(st.integers(-5, 40), min_size=1, max_size=4)) | {40})
    levels = tuple(Level(number, day, draw(st.integers(0, 10))) for number, day in enumerate(days, 1))
    rule = TypeRule(
        1,
        levels,
        sequential=draw(st.booleans()),
        grace_days=draw(st.integers(0, 4)),
        minimum=draw(st.sampled_from((0.0, 70.0))),
        min_days_between=draw(st.sampled_from((0, 5))),
    )
    credits = ()
    if draw(st.booleans()):
        credits = (CreditCourse(Credit(9, 50.0, 1), 50.0, on(draw(st.integers(-3, 30)))),)
    balance = draw(st.sampled_from((None, BalanceRule(), BalanceRule(True, False))))
    return Account(1, tuple(courses), credits, balance=balance), rule


def to_steps(result):
    return [Step(verdict.item.id, one.day, verdict.level.id) for one in result.notices for verdict in one.verdicts]


class TestProperties(BaseCase):
    @settings(max_examples=80, deadline=None)
    @given(ledgers(), st.sampled_from((None, {1: 10})))
    def test_a_policy_beside_itself_differs_nowhere(self, ledger, endings):
        account, rule = ledger
        sides = [to_steps(simulate(account, {1: rule}, DAY, LAST, endings=endings)) for _side in range(2)]
        kinds = {difference.kind for side in compare(*sides) for difference in side}
        self.assertLessEqual(kinds, {"same"})

    @settings(max_examples=80, deadline=None)
    @given(ledgers())
    def test_no_night_is_passed_over(self, ledger):
        """Played day by day without looking ahead: the engine asked each night sends the same."""
        account, rule = ledger
        states = {each.item.id: each.item for each in account.items}
        found, last_notices = [], {}
        for number in range((LAST - DAY).days + 1):
            day = on(number)
            customer = self.read_day(account, states, last_notices, day)
            for proposal in assess(customer, {1: rule}, day).proposals:
                for verdict in proposal.verdicts:
                    found.append(Step(verdict.item.id, day, verdict.level.id))
                    self.dun(states, verdict, day)
                if not proposal.level.reminder:
                    last_notices[1] = day
        self.assertEqual(to_steps(simulate(account, {1: rule}, DAY, LAST)), found)

    def read_day(self, account, states, last_notices, day):
        items = []
        for each in account.items:
            open_amount = each.item.residual - sum(one.amount for one in each.settled if one.day <= day)
            if each.since <= day and open_amount > 0:
                for keeping in each.kept:
                    if keeping.last and keeping.last + timedelta(1) == day and states[each.item.id].reached is not None:
                        states[each.item.id] = replace(states[each.item.id], resumed=day)
                held = any(keeping.first <= day <= (keeping.last or day) for keeping in each.kept)
                items.append(replace(states[each.item.id], obstacles=("hold",) if held else ()))
        credits = tuple(each.credit for each in account.credits if each.since <= day)
        balance = None
        if account.balance:
            late = [one for one in items if not account.balance.overdue_only or one.due < day]
            balance = sum(one.residual for one in late)
            balance -= sum(one.amount for one in credits) if account.balance.with_credits else 0.0
        return Customer(1, tuple(items), credits, last_notices=dict(last_notices), balance=balance)

    def dun(self, states, verdict, day):
        item, level = states[verdict.item.id], verdict.level
        if level.reminder:
            states[item.id] = replace(item, reminded=level.days)
        else:
            states[item.id] = replace(item, reached=level.days, last_notice=day, times=1, resumed=None)


class TestCompare(BaseCase):
    def compare(self, here, there):
        """The kinds of both sides; steps are (item, days, level)."""
        sides = [[Step(item, on(days), level) for item, days, level in side] for side in (here, there)]
        return tuple([difference.kind for difference in side] for side in compare(*sides))

    def test_the_kinds(self):
        self.assertEqual(self.compare([(1, 3, 1)], [(1, 3, 1)]), (["same"], ["same"]))
        self.assertEqual(self.compare([(1, 3, 1)], [(1, 5, 1)]), (["other_day"], ["other_day"]))
        self.assertEqual(self.compare([(1, 3, 1)], [(1, 3, 2)]), (["other_level"], ["other_level"]))
        self.assertEqual(self.compare([(1, 3, 1)], []), (["only"], []))
        self.assertEqual(self.compare([(1, 3, 1)], [(2, 3, 1)]), (["only"], ["only"]))

    def test_a_level_belongs_to_the_same_level_first(self):
        """Levels that come a week later: none of them is another level on the same day."""
        here, there = [(1, 3, 1), (1, 10, 2)], [(1, 10, 1), (1, 17, 2)]
        self.assertEqual(self.compare(here, there), (["other_day"] * 2, ["other_day"] * 2))

    def test_repetitions_belong_together_in_their_order(self):
        here, there = [(1, 3, 1), (1, 10, 1)], [(1, 3, 1), (1, 12, 1), (1, 20, 1)]
        self.assertEqual(self.compare(here, there), (["same", "other_day"], ["same", "other_day", "only"]))


class TestCharge(BaseCase):
    def charge(self, tariff, *courses):
        notices = simulate(Account(1, courses), {1: RULE}, DAY, LAST).notices
        return charge(notices, {each.item.id: each for each in courses}, tariff)

    def test_fees(self):
        per_notice = Tariff({2: Fee("fixed", 5.0), 3: Fee("percent", percent=10.0)})
        self.assertEqual(self.charge(per_notice, course(1, 0), course(2, 0)), [0.0, 5.0, 20.0])
        once = Tariff(dict.fromkeys((1, 2), Fee("fixed", 4.0, per="item")))
        self.assertEqual(self.charge(once, course(1, 0), course(2, 0)), [8.0, 0.0, 0.0])

    def test_interest_is_charged_as_far_as_it_is_new(self):
        """100 at 36.5 %: ten cents a day."""
        tariff = Tariff(interest={2, 3}, rules={1: InterestRule((Rate(date(2000, 1, 1), 36.5),))})
        self.assertEqual(self.charge(tariff, course(1, 0)), [0.0, 1.0, 1.0])
        minimum = Tariff(interest={2, 3}, rules={1: InterestRule((Rate(date(2000, 1, 1), 36.5),), minimum=1.5)})
        self.assertEqual(self.charge(minimum, course(1, 0)), [0.0, 0.0, 2.0])

    def test_in_company_currency(self):
        item = replace(course(1, 0), item=Item(1, DAY, 100.0, 50.0, 2, type=1))
        self.assertEqual(self.charge(Tariff({1: Fee("percent", percent=10.0)}), item), [5.0, 0.0, 0.0])
