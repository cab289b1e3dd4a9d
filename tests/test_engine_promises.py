"""Promises to pay: the engine's judgement (rules §11)."""

import doctest
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..engine import Movement, Part, Promise, allocate, judge, next_level, promises

MADE = date(2026, 3, 2)


def day(number):
    return date(2026, 3, number)


def promise(*parts, open=None, **values):
    """A promise of 2 March: ``parts`` are pairs of a day of March and an amount, all of it still open."""
    parts = tuple(Part(day(number), amount) for number, amount in parts)
    return Promise(MADE, parts, sum(part.amount for part in parts) if open is None else open, **values)


class JudgeCase(BaseCase):
    def check(self, expected, made, movements=(), today=9, **options):
        judged = judge(made, movements, day(today), **options)
        self.assertEqual(judged.state, expected)
        return judged

    def states(self, made, movements=(), today=9, **options):
        return [part.state for part in judge(made, movements, day(today), **options).parts]


class TestPromise(JudgeCase):
    def test_paid_on_monday_what_was_promised_for_saturday(self):
        """SAP's example: tolerance decides."""
        money = [Movement(day(9), 100.0)]
        self.check("kept", promise((7, 100.0), open=0.0, tolerance=2), money)
        self.check("broken", promise((7, 100.0), open=100.0, tolerance=1))
        self.check("broken", promise((7, 100.0), open=0.0, tolerance=1), money)

    def test_nothing_some_or_all_of_it(self):
        for paid, state in ((0.0, "broken"), (200.0, "partly"), (500.0, "kept")):
            with self.subTest(paid=paid):
                money = [Movement(day(6), paid)] if paid else []
                self.check(state, promise((7, 500.0), open=500.0 - paid), money)

    def test_kept_at_the_moment_it_is_paid_else_open_until_the_day_is_over(self):
        made = promise((7, 500.0), open=0.0)
        self.check("kept", made, [Movement(day(4), 500.0)], today=4)
        judged = self.check("open", promise((7, 500.0), open=300.0), [Movement(day(4), 200.0)], today=7)
        self.assertEqual((judged.received, judged.turns_on), (200.0, day(8)))
        self.check("partly", promise((7, 500.0), open=300.0), [Movement(day(4), 200.0)], today=8)

    def test_a_promise_without_parts_promises_nothing(self):
        judged = self.check("void", promise(open=100.0), [Movement(day(5), 40.0)])
        self.assertEqual((judged.promised, judged.received, judged.parts, judged.turns_on), (0.0, 0.0, (), None))

    def test_threshold(self):
        for paid, state in ((95.0, "kept"), (94.99, "partly")):
            made = promise((7, 100.0), open=100.0 - paid, threshold=0.95)
            self.check(state, made, [Movement(day(5), paid)])

    def test_a_credit_note_lowers_what_is_promised(self):
        lowered = Movement(day(3), 100.0, "lowered")
        judged = self.check("kept", promise((7, 300.0), open=0.0), [lowered, Movement(day(5), 200.0)])
        self.assertEqual((judged.promised, judged.received), (200.0, 200.0))
        self.check("open", promise((7, 300.0), open=200.0), [lowered], today=5)

    def test_money_on_account_after_a_credit_note(self):
        """The money is matched with nothing, so that 200 are still open."""
        made = promise((7, 300.0), open=200.0)
        self.check("kept", made, [Movement(day(3), 100.0, "lowered"), Movement(day(5), 200.0, "free")])

    def test_nothing_left_to_pay(self):
        self.check("void", promise((7, 300.0), open=0.0), [Movement(day(5), 300.0, "lowered")], today=5)

    def test_a_credit_note_after_the_window_changes_nothing(self):
        self.check("broken", promise((7, 300.0), open=0.0), [Movement(day(8), 300.0, "lowered")])
        self.check("broken", promise((7, 300.0), open=0.0), [Movement(day(8), 300.0)])

    def test_money_of_the_day_before_does_not_count(self):
        before = Movement(date(2026, 3, 1), 100.0)
        self.check("open", promise((7, 100.0), open=100.0), [before], today=5)

    def test_returned_payment(self):
        """It is no movement any more: open while the window runs, else by what is left."""
        self.check("open", promise((7, 100.0), tolerance=3), today=10)
        self.check("broken", promise((7, 100.0), tolerance=3), today=11)

    def test_the_bank_is_not_booked_yet(self):
        made = promise((7, 100.0), tolerance=1)
        self.check("open", made, today=20, booked_until=day(7))
        self.check("broken", made, today=20, booked_until=day(8))

    def test_yen(self):
        self.check("partly", promise((7, 100.0), open=1.0, rounding=1.0), [Movement(day(5), 99.0)])
        self.check("kept", promise((7, 100.4), open=0.4, rounding=1.0), [Movement(day(5), 100.0)])


class TestParts(JudgeCase):
    def test_the_first_part_that_is_broken_breaks_it(self):
        self.check("broken", promise((4, 100.0), (20, 100.0)), today=5)

    def test_a_part_kept_in_part_leaves_it_open_until_the_last(self):
        made, money = promise((4, 100.0), (8, 100.0), open=150.0), [Movement(day(3), 50.0)]
        self.assertEqual(self.states(made, money, today=5), ["partly", "open"])
        self.check("open", made, money, today=5)
        self.check("partly", made, money, today=9)
        self.check("kept", promise((4, 100.0), (8, 100.0), open=0.0), [*money, Movement(day(8), 150.0)], today=9)

    def test_each_against_the_sum_up_to_it(self):
        """Too much for the first part is for the second."""
        made = promise((4, 100.0), (8, 100.0), open=50.0)
        judged = judge(made, [Movement(day(3), 150.0)], day(6))
        first, second = judged.parts
        self.assertEqual((first.state, first.due, first.received), ("kept", 100.0, 150.0))
        self.assertEqual(second.state, "open")

    def test_turns_on_the_first_day_that_can_change_it(self):
        judged = judge(promise((4, 100.0), (8, 100.0), tolerance=2), [], MADE)
        self.assertEqual(judged.turns_on, day(7))


class TestAgreement(JudgeCase):
    def agreed(self, paid):
        return promise((3, 100.0), (10, 100.0), (17, 100.0), open=300.0 - paid, default_days=14, tolerance=3)

    def test_a_part_that_is_late_ends_it_after_some_days(self):
        made, money = self.agreed(100.0), [Movement(day(3), 100.0)]
        self.assertEqual(self.states(made, money, today=13), ["kept", "open", "open"])
        self.assertEqual(self.states(made, money, today=14), ["kept", "late", "open"])
        self.check("open", made, money, today=24)
        self.check("broken", made, money, today=25)

    def test_late_and_made_good(self):
        money = [Movement(day(3), 100.0), Movement(day(22), 100.0)]
        self.assertEqual(self.states(self.agreed(200.0), money, today=22), ["kept", "kept", "late"])

    def test_kept(self):
        money = [Movement(day(number), 100.0) for number in (3, 10, 17)]
        self.check("kept", self.agreed(300.0), money, today=17)

    def test_ended_stays_ended(self):
        self.check("broken", self.agreed(300.0), [Movement(day(3), 100.0), Movement(day(26), 200.0)], today=27)


class TestAllocation(BaseCase):
    def test_the_older_promise_first(self):
        first, second = promise((7, 100.0)), promise((8, 100.0))
        given = allocate([first, second], [[], []], [Movement(day(5), 150.0, "free")])
        self.assertEqual([[each.amount for each in own] for own in given], [[100.0], [50.0]])
        self.assertEqual(judge(first, given[0], day(5)).state, "kept")
        self.assertEqual(judge(second, given[1], day(9)).state, "partly")

    def test_only_what_a_promise_lacks(self):
        own = [[Movement(day(4), 80.0)], []]
        given = allocate([promise((7, 100.0), open=20.0), promise((8, 50.0))], own, [Movement(day(5), 150.0, "free")])
        self.assertEqual([[each.amount for each in one] for one in given], [[80.0, 20.0], [50.0]])

    def test_money_whose_day_does_not_count(self):
        given = allocate([promise((7, 100.0))], [[]], [Movement(day(8), 100.0, "free")])
        self.assertEqual(given, [[]])

    @given(
        st.lists(st.tuples(st.integers(3, 20), st.integers(1, 300), st.integers(0, 300)), min_size=1, max_size=4),
        st.lists(st.tuples(st.integers(1, 25), st.integers(1, 400)), max_size=5),
    )
    def test_nothing_is_given_twice(self, promises, money):
        promises = [promise((number, amount * 1.0), open=open * 1.0) for number, amount, open in promises]
        free = [Movement(day(number), amount * 1.0, "free") for number, amount in money]
        given = allocate(promises, [[] for _promise in promises], free)
        for one, own in zip(promises, given, strict=True):
            self.assertLessEqual(sum(each.amount for each in own), min(one.open, one.parts[0].amount) + 0.001)
            self.assertTrue(all(one.counts(each) for each in own))
        for number in range(1, 26):
            used = sum(each.amount for own in given for each in own if each.day == day(number))
            self.assertLessEqual(used, sum(each.amount for each in free if each.day == day(number)) + 0.001)


class TestLevel(BaseCase):
    def test_examples(self):
        outcome = doctest.testmod(promises)
        self.assertGreaterEqual(outcome.attempted, 1)
        self.assertFalse(outcome.failed)

    def test_what_came_to_nothing_counts(self):
        """SAP's three examples, and a void one."""
        for state, level in (("open", 2), ("partly", 2), ("broken", 2), ("withdrawn", 2), ("kept", 1), ("void", 1)):
            self.assertEqual(next_level(1, state), level, state)


AMOUNTS = st.integers(0, 300).map(float)


class TestAnyLedger(BaseCase):
    @given(
        st.lists(st.tuples(st.integers(0, 20), st.integers(1, 200)), min_size=1, max_size=3),
        st.lists(st.tuples(st.integers(0, 30), st.integers(1, 200), st.sampled_from(("paid", "free", "lowered")))),
        AMOUNTS,
        st.sampled_from((None, 3)),
        st.integers(0, 4),
    )
    def test_what_is_decided_by_the_calendar_is_decided_on_its_day(self, parts, movements, open, default, tolerance):
        """Between two days with nothing in the ledger, only ``turns_on`` changes the answer."""
        parts = tuple(Part(MADE + timedelta(offset), amount * 1.0) for offset, amount in sorted(parts))
        made = Promise(MADE, parts, open, tolerance=tolerance, default_days=default)
        movements = [Movement(MADE + timedelta(offset), amount * 1.0, kind) for offset, amount, kind in movements]
        today = MADE + timedelta(31)
        before = judge(made, movements, today)
        for _day in range(40):
            today += timedelta(1)
            after = judge(made, movements, today)
            if before.turns_on is None or today < before.turns_on:
                self.assertEqual(after, before)
            before = after
        self.assertNotEqual(before.state, "open")
        self.assertIsNone(before.turns_on)

    @given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 90)), max_size=4), st.integers(1, 90))
    def test_more_money_is_never_worse(self, money, more):
        order = {"broken": 0, "partly": 1, "kept": 2}
        parts = (Part(day(5), 60.0), Part(day(9), 60.0))
        movements = [Movement(MADE + timedelta(offset), amount * 1.0, "free") for offset, amount in money]
        made = Promise(MADE, parts, 120.0)
        states = [
            judge(made, moved, day(30)).state for moved in (movements, [*movements, Movement(day(4), more, "free")])
        ]
        self.assertLessEqual(order[states[0]], order[states[1]])
