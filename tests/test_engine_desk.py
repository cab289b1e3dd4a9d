"""Whom to call first: score, reasons, queue and next action of a case (rules §12)."""

import doctest

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..engine import Case, PointRule, desk, rank

BROKEN = PointRule(1, "broken_promises", points=30, further=10, most=50)
SOON = PointRule(2, "promise_soon", points=15)
CALL_BACK = PointRule(3, "call_back", points=40)
RETURNED = PointRule(4, "returned_payment", points=25)
AMOUNT = PointRule(5, "amount", points=0, at_least=0, further=1, unit=0.08, most=25)
DAYS = PointRule(6, "days_overdue", points=0, at_least=0, further=1, unit=5, most=20)
LADDER = PointRule(7, "ladder_ended", points=15)
NEVER = PointRule(8, "days_never_contacted", points=10, at_least=16)
RECENT = PointRule(9, "days_since_contact", points=-20, at_least=0, at_most=3)
RULES = (BROKEN, SOON, CALL_BACK, RETURNED, AMOUNT, DAYS, LADDER, NEVER, RECENT)


class TestScore(BaseCase):
    def points(self, rule, **facts):
        return rank(Case(**facts), [rule]).score

    def test_sum_of_the_rules_that_apply(self):
        standing = rank(Case(broken=1, call_back=True, contacted=1, overdue=100.0), [BROKEN, CALL_BACK, RECENT])
        self.assertEqual(standing.score, 50)
        self.assertEqual(
            [(r.fact, r.points, r.value) for r in standing.reasons],
            [
                ("call_back", 40, 1),
                ("broken_promises", 30, 1),
                ("days_since_contact", -20, 1),
            ],
        )

    def test_each_further_broken_promise_up_to_a_limit(self):
        self.assertEqual([self.points(BROKEN, broken=number) for number in range(5)], [0, 30, 40, 50, 50])

    def test_a_point_for_five_days(self):
        self.assertEqual([self.points(DAYS, days_overdue=days) for days in (0, 4, 5, 62, 400)], [0, 0, 1, 12, 20])

    def test_the_amount_against_the_median(self):
        points = [self.points(AMOUNT, overdue=amount, median=100.0) for amount in (50.0, 100.0, 1000.0, 1e4, 1e6)]
        self.assertEqual(points, [0, 0, 12, 25, 25])
        self.assertEqual(self.points(AMOUNT, overdue=1000.0, credits=900.0, median=100.0), 0)
        self.assertEqual(self.points(AMOUNT, overdue=1000.0), 0, "there is no median yet")

    def test_contacts(self):
        self.assertEqual(self.points(NEVER, days_overdue=15), 0)
        self.assertEqual(self.points(NEVER, days_overdue=16), 10)
        self.assertEqual(self.points(NEVER, days_overdue=90, contacted=80), 0)
        self.assertEqual([self.points(RECENT, contacted=days) for days in (0, 3, 4)], [-20, -20, 0])

    def test_examples(self):
        outcome = doctest.testmod(desk)
        self.assertGreaterEqual(outcome.attempted, 1)
        self.assertFalse(outcome.failed)


class TestDesk(BaseCase):
    def on_desk(self, **facts):
        return rank(Case(**{"overdue": 500.0, "days_overdue": 40, **facts}), RULES).on_desk

    def test_what_is_overdue_is_on_the_desk(self):
        self.assertTrue(self.on_desk())

    def test_nothing_to_call_about(self):
        self.assertFalse(self.on_desk(credits=500.0))
        self.assertFalse(self.on_desk(minimum=500.0))
        self.assertTrue(self.on_desk(minimum=499.0))
        self.assertFalse(self.on_desk(disputed=500.0))
        self.assertFalse(self.on_desk(promised=300.0, disputed=200.0))
        self.assertTrue(self.on_desk(promised=300.0, disputed=100.0))
        self.assertFalse(self.on_desk(days_overdue=2, contacted=1), "nothing speaks for a call")

    def test_what_is_due_today_is_always_there(self):
        for fact in ("call_back", "promise_today", "review_due", "failed", "returned"):
            self.assertTrue(self.on_desk(disputed=500.0, contacted=1, days_overdue=0, **{fact: True}), fact)

    def test_queues_in_their_order(self):
        facts = {
            "call_back": {"call_back": True},
            "broken": {"broken": 1},
            "due_today": {"activity_due": True},
            "promised_today": {"promise_today": True},
            "dispute": {"review_due": True},
            "failed": {"failed": True},
            "never_contacted": {"contacted": None},
            "rest": {"contacted": 9},
        }
        self.assertEqual(tuple(facts), desk.QUEUES)
        together = {"contacted": 9}
        for queue in reversed(desk.QUEUES):
            together |= facts[queue]
            self.assertEqual(rank(Case(**together), RULES).queue, queue)

    def test_what_to_do_next(self):
        for action, facts in (
            ("call", {}),
            ("hand_over", {"ladder_ended": True}),
            ("instalments", {"ladder_ended": True, "broken": 2, "called_since": True}),
            ("next_level", {"level_due": True, "broken": 2, "called_since": True}),
            ("send_copies", {"wants_copy": True, "level_due": True}),
            ("manager", {"broken": 2, "wants_copy": True}),
            ("next_level", {"broken": 2, "level_due": True, "wants_copy": True}),
            ("call", {"broken": 1, "wants_copy": True, "ladder_ended": True}),
            ("send_copies", {"broken": 1, "wants_copy": True, "called_since": True}),
            ("check_return", {"broken": 1, "returned": True}),
            ("call_back", {"call_back": True, "returned": True}),
        ):
            with self.subTest(action=action, **facts):
                self.assertEqual(rank(Case(**facts), RULES).action, action)

    @given(
        st.builds(
            Case,
            overdue=st.floats(0, 1e7),
            credits=st.floats(0, 1e6),
            median=st.floats(0, 1e4),
            days_overdue=st.integers(0, 5000),
            broken=st.integers(0, 9),
            contacted=st.none() | st.integers(0, 900),
            call_back=st.booleans(),
            ladder_ended=st.booleans(),
        )
    )
    def test_the_reasons_explain_the_score(self, case):
        standing = rank(case, RULES)
        self.assertEqual(standing.score, sum(reason.points for reason in standing.reasons))
        self.assertTrue(all(reason.points for reason in standing.reasons))
        self.assertLessEqual(standing.score, 50 + 15 + 40 + 25 + 25 + 20 + 15 + 10)
