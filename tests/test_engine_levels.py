"""Which level is due: the published cases A to G, and rules §4 one by one."""

from dataclasses import replace
from datetime import date, timedelta

from odoo.tests import BaseCase

from ..engine import Item, Level, TypeRule, decide, outlook

DUE = date(2026, 1, 1)


def item(**values):
    return Item(**{"id": 1, "due": DUE, "residual": 100.0, "company_residual": 100.0, "currency": 1, **values})


def ladder(*days, **values):
    levels = tuple(Level(id=index, days=day) for index, day in enumerate(days, 1))
    return TypeRule(**{"id": 1, "levels": levels, **values})


def on(days):
    """The day on which the item is ``days`` overdue."""
    return DUE + timedelta(days)


class TestPublishedCases(BaseCase):
    """Published cases, named by their letters (rules §10)."""

    def test_a_sequential_starts_at_the_first_level(self):
        rule = ladder(5, 20, 40)
        self.assertEqual(decide(item(), rule, on(30)).level.id, 1)
        self.assertEqual(decide(item(), rule, on(31)).level.id, 1, "unsent: still the first level")
        sent = item(reached=5, last_notice=on(30))
        self.assertEqual(decide(sent, rule, on(37)).level.id, 2, "sent: the second")

    def test_b_grace_days(self):
        late = item(due=date(2026, 3, 12))
        self.assertTrue(ladder(0).overdue(late, date(2026, 3, 13)))
        self.assertEqual(late.days_overdue(date(2026, 3, 13)), 1)
        self.assertFalse(ladder(0, grace_days=3).overdue(late, date(2026, 3, 13)))

    def test_c_interval_between_levels(self):
        rule = replace(ladder(10, 20, 30), levels=(Level(1, 10), Level(2, 20, min_days=10), Level(3, 30)))
        sent = item(due=date(2026, 1, 10), reached=10, last_notice=date(2026, 2, 1))
        self.assertIsNone(decide(sent, rule, date(2026, 2, 5)).level)
        self.assertEqual(decide(sent, rule, date(2026, 2, 11)).level.id, 2)

    def test_d_no_level_is_skipped(self):
        rule = ladder(10, 20, 30)
        for days in range(10, 60):
            self.assertEqual(decide(item(), rule, on(days)).level.id, 1)

    def test_e_due_today_is_not_dunned(self):
        decision = decide(item(), ladder(10), DUE)
        self.assertIsNone(decision.level)
        self.assertEqual(decision.next_date, on(10))

    def test_f_the_interval_needs_a_notice_before_it(self):
        rule = TypeRule(1, (Level(1, 5, min_days=7),))
        self.assertEqual(decide(item(), rule, on(20)).level.id, 1)


class TestDecide(BaseCase):
    def test_boundary_days(self):
        rule = ladder(10, grace_days=3)
        self.assertIsNone(decide(item(), rule, on(9)).level)
        self.assertEqual(decide(item(), rule, on(10)).level.id, 1)

    def test_grace_days_hold_back_an_early_level(self):
        rule = ladder(0, grace_days=3)
        self.assertEqual(decide(item(), rule, on(3)).next_date, on(4))
        self.assertEqual(decide(item(), rule, on(4)).level.id, 1)

    def test_catch_up_takes_the_highest_level_reached(self):
        rule = ladder(10, 20, 30, sequential=False)
        self.assertEqual(decide(item(), rule, on(25)).level.id, 2)
        self.assertEqual(decide(item(), rule, on(99)).level.id, 3)

    def test_catch_up_before_any_level(self):
        decision = decide(item(), ladder(10, 20, sequential=False), on(4))
        self.assertEqual((decision.level, decision.next_level.id, decision.next_date), (None, 1, on(10)))

    def test_catch_up_after_a_hold_rises_by_one_level(self):
        rule = ladder(10, 20, 30, sequential=False)
        held = item(reached=10, last_notice=on(10), resumed=on(40))
        self.assertIsNone(decide(held, rule, on(46)).level)
        self.assertEqual(decide(held, rule, on(46)).reason, "resumed")
        self.assertEqual(decide(held, rule, on(47)).level.id, 2)

    def test_a_hold_before_the_first_notice_delays_nothing(self):
        self.assertEqual(decide(item(resumed=on(20)), ladder(10), on(20)).level.id, 1)

    def test_printed_deadline_counts_where_it_is_longer(self):
        sent = item(reached=10, last_notice=on(10), deadline_days=14)
        rule = ladder(10, 20)
        self.assertEqual(decide(sent, rule, on(24)).reason, "interval")
        self.assertEqual(decide(sent, rule, on(25)).level.id, 2)

    def test_the_deadline_is_the_last_day_to_pay(self):
        """With 7 and 7 the next level comes on day 8; without a document minimum days alone count."""
        rule = ladder(10, 11)
        for deadline_days, day in ((7, 18), (6, 17), (0, 17)):
            sent = item(reached=10, last_notice=on(10), deadline_days=deadline_days)
            self.assertEqual(decide(sent, rule, on(12)).next_date, on(day), deadline_days)
            self.assertIsNone(decide(sent, rule, on(day - 1)).level)
            self.assertEqual(decide(sent, rule, on(day)).level.id, 2)

    def test_never_two_levels_on_one_day(self):
        rule = TypeRule(1, (Level(1, 10, min_days=0), Level(2, 20, min_days=0)))
        self.assertIsNone(decide(item(reached=10, last_notice=on(30)), rule, on(30)).level)
        self.assertEqual(decide(item(reached=10, last_notice=on(30)), rule, on(31)).level.id, 2)

    def test_days_between_notices_to_the_customer(self):
        rule = ladder(10, min_days_between=5)
        self.assertEqual(decide(item(), rule, on(12), customer_last=on(8)).reason, "customer")
        self.assertEqual(decide(item(), rule, on(13), customer_last=on(8)).level.id, 1)

    def test_end_of_the_ladder(self):
        decision = decide(item(reached=20, last_notice=on(20)), ladder(10, 20), on(90))
        self.assertEqual((decision.level, decision.reason, decision.next_date), (None, "end", None))

    def test_archived_level_goes_on_with_the_next_by_days(self):
        """The level at day 15 was archived: its item goes on with the next active one."""
        decision = decide(item(reached=15, last_notice=on(15)), ladder(10, 20, 30), on(40))
        self.assertEqual(decision.level.id, 2)

    def test_unordered_levels(self):
        rule = TypeRule(1, (Level(3, 30), Level(1, 10), Level(2, 20)))
        self.assertEqual(decide(item(), rule, on(40)).level.id, 1)


class TestRepeat(BaseCase):
    def setUp(self):
        super().setUp()
        self.rule = TypeRule(1, (Level(1, 10, repeat_every=5, repeat_max=2), Level(2, 30)))

    def test_repeats_every_n_days(self):
        sent = item(reached=10, last_notice=on(10), times=1)
        self.assertIsNone(decide(sent, self.rule, on(14)).level)
        decision = decide(sent, self.rule, on(15))
        self.assertEqual((decision.level.id, decision.reason), (1, "repeat"))

    def test_not_before_the_day_after_the_deadline(self):
        sent = item(reached=10, last_notice=on(10), times=1, deadline_days=9)
        self.assertEqual(decide(sent, self.rule, on(19)).next_date, on(20))
        self.assertIsNone(decide(sent, self.rule, on(19)).level)
        self.assertEqual(decide(sent, self.rule, on(20)).reason, "repeat")

    def test_at_most_m_times(self):
        self.assertEqual(decide(item(reached=10, last_notice=on(15), times=2), self.rule, on(20)).reason, "repeat")
        decision = decide(item(reached=10, last_notice=on(20), times=3), self.rule, on(25))
        self.assertEqual((decision.level, decision.next_level.id), (None, 2))

    def test_a_higher_level_goes_first(self):
        sent = item(reached=10, last_notice=on(20), times=2)
        self.assertEqual(decide(sent, self.rule, on(30)).level.id, 2)

    def test_not_before_its_day_where_the_due_date_was_moved(self):
        sent = item(reached=10, last_notice=on(2), times=1)
        self.assertEqual(decide(sent, self.rule, on(9)).next_date, on(10))
        self.assertEqual(decide(sent, self.rule, on(10)).reason, "repeat")

    def test_the_last_level_repeats(self):
        rule = TypeRule(1, (Level(1, 10, repeat_every=10, repeat_max=1),))
        self.assertEqual(decide(item(reached=10, last_notice=on(10), times=1), rule, on(20)).reason, "repeat")
        self.assertEqual(decide(item(reached=10, last_notice=on(20), times=2), rule, on(40)).reason, "end")


class TestReminder(BaseCase):
    def setUp(self):
        super().setUp()
        self.rule = TypeRule(1, (Level(9, -10), Level(8, -3), Level(1, 10)))

    def test_window(self):
        self.assertIsNone(decide(item(), self.rule, on(-11)).level)
        self.assertEqual(decide(item(), self.rule, on(-10)).level.id, 9)
        self.assertEqual(decide(item(), self.rule, on(-7)).level.id, 9, "the exact day was missed")
        self.assertEqual(decide(item(), self.rule, on(-3)).level.id, 8, "only the latest")
        self.assertEqual(decide(item(), self.rule, on(-1)).level.id, 8)
        self.assertIsNone(decide(item(), self.rule, DUE).level)

    def test_once(self):
        decision = decide(item(reminded=-10), self.rule, on(-8))
        self.assertEqual((decision.level, decision.next_level.id, decision.next_date), (None, 8, on(-3)))
        decision = decide(item(reminded=-3), self.rule, on(-2))
        self.assertEqual((decision.level, decision.next_level.id, decision.next_date), (None, 1, on(10)))

    def test_no_level_to_be_reached(self):
        """A reminder sent does not count as a notice: the first level waits for nothing."""
        self.assertEqual(decide(item(reminded=-3), self.rule, on(10)).level.id, 1)

    def test_reminders_are_no_candidates_after_the_due_date(self):
        self.assertIsNone(decide(item(), self.rule, on(5)).level)


class TestOutlook(BaseCase):
    """What is still to come while nothing is paid and each notice leaves on its first day."""

    def outlook(self, item, rule, today, **values):
        return [((day - DUE).days, level.id, repeated) for day, level, repeated in outlook(item, rule, today, **values)]

    def test_a_whole_ladder(self):
        self.assertEqual(
            self.outlook(item(), ladder(10, 20, 40), on(1)), [(10, 1, False), (20, 2, False), (40, 3, False)]
        )

    def test_what_is_late_comes_today_and_the_next_after_the_interval(self):
        self.assertEqual(
            self.outlook(item(), ladder(10, 20, 40), on(30)), [(30, 1, False), (37, 2, False), (44, 3, False)]
        )

    def test_deadlines_on_the_letters_to_come(self):
        rule = TypeRule(1, (Level(1, 10, deadline_days=14), Level(2, 20, deadline_days=7), Level(3, 21)))
        self.assertEqual(self.outlook(item(), rule, on(1)), [(10, 1, False), (25, 2, False), (33, 3, False)])

    def test_it_goes_on_from_the_level_reached(self):
        sent = item(reached=10, last_notice=on(10), times=1)
        self.assertEqual(self.outlook(sent, ladder(10, 20, 40), on(12)), [(20, 2, False), (40, 3, False)])

    def test_catch_up_skips_what_has_passed_only(self):
        rule = ladder(10, 20, 40, sequential=False)
        self.assertEqual(self.outlook(item(), rule, on(25)), [(25, 2, False), (40, 3, False)])

    def test_repetitions(self):
        rule = TypeRule(1, (Level(1, 10, repeat_every=5, repeat_max=2), Level(2, 40)))
        self.assertEqual(
            self.outlook(item(), rule, on(1)), [(10, 1, False), (15, 1, True), (20, 1, True), (40, 2, False)]
        )

    def test_a_resumed_item_waits_once(self):
        resumed = item(reached=10, last_notice=on(10), times=1, resumed=on(50))
        self.assertEqual(self.outlook(resumed, ladder(10, 20, 40), on(50)), [(57, 2, False), (64, 3, False)])

    def test_a_postponed_item_waits_once(self):
        postponed = item(reached=10, last_notice=on(10), times=1, not_before=on(60))
        self.assertEqual(self.outlook(postponed, ladder(10, 20, 40), on(50)), [(60, 2, False), (67, 3, False)])

    def test_reminders_come_before(self):
        rule = TypeRule(1, (Level(9, -10), Level(8, -3), Level(1, 10)))
        self.assertEqual(self.outlook(item(), rule, on(-30)), [(-10, 9, False), (-3, 8, False), (10, 1, False)])

    def test_days_between_notices_to_the_customer(self):
        rule = ladder(10, 20, min_days_between=15)
        self.assertEqual(self.outlook(item(), rule, on(1)), [(10, 1, False), (25, 2, False)])
        self.assertEqual(self.outlook(item(), rule, on(10), customer_last=on(8)), [(23, 1, False), (38, 2, False)])

    def test_nothing_comes_after_the_end(self):
        self.assertEqual(self.outlook(item(reached=20, last_notice=on(20), times=1), ladder(10, 20), on(30)), [])
