"""When one may write or call: business days, quiet hours, and at most so many contacts (rules §7)."""

from datetime import date, datetime, time, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..engine import Contact, ContactRules, next_contact

WEEK = frozenset(range(5))
# 2026-06-05 is a Friday.
FRIDAY, SATURDAY, MONDAY = datetime(2026, 6, 5, 10), datetime(2026, 6, 6, 10), datetime(2026, 6, 8)
NIGHT = {"quiet_from": time(20), "quiet_until": time(8)}

patient = settings(suppress_health_check=[HealthCheck.too_slow])  # the first draw of a process takes a second
BEGIN = datetime(2026, 6, 1)
moments = st.integers(0, 60 * 24 * 60).map(lambda minutes: BEGIN + timedelta(minutes=minutes))
hours = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
weeks = st.sampled_from((None, WEEK, frozenset(range(6)), frozenset({2}), frozenset()))
rule_sets = st.tuples(weeks, hours, hours, st.integers(0, 3), st.integers(1, 14)).map(
    lambda parts: ContactRules(*parts)
)
days = st.integers(-20, 90).map(lambda count: BEGIN.date() + timedelta(count))


class TestContactDays(BaseCase):
    def assert_moved(self, now, rules, expected, why, **values):
        self.assertEqual(next_contact(now, rules, **values), Contact(expected, why))

    def test_without_rules_at_once(self):
        for now in (FRIDAY, SATURDAY, datetime(2026, 6, 7, 3)):
            self.assert_moved(now, ContactRules(), now, None, contacts=(now.date(),) * 9)

    def test_business_days(self):
        rules = ContactRules(weekdays=WEEK)
        self.assert_moved(FRIDAY, rules, FRIDAY, None)
        self.assert_moved(SATURDAY, rules, MONDAY, "weekday")
        self.assert_moved(FRIDAY, rules, MONDAY, "holiday", holidays=frozenset({FRIDAY.date()}))
        whit = frozenset({MONDAY.date()})
        self.assert_moved(SATURDAY, rules, MONDAY + timedelta(days=1), "weekday", holidays=whit)

    def test_holidays_alone(self):
        rules = ContactRules()
        self.assert_moved(FRIDAY, rules, datetime(2026, 6, 6), "holiday", holidays=frozenset({FRIDAY.date()}))

    def test_a_calendar_without_days_says_nothing(self):
        self.assert_moved(FRIDAY, ContactRules(weekdays=frozenset()), FRIDAY, None)

    def test_quiet_over_midnight(self):
        rules = ContactRules(**NIGHT)
        for hour, expected in (
            (datetime(2026, 6, 5, 7, 59), datetime(2026, 6, 5, 8)),
            (datetime(2026, 6, 5, 20), datetime(2026, 6, 6, 8)),
            (datetime(2026, 6, 5, 1), datetime(2026, 6, 5, 8)),
        ):
            self.assert_moved(hour, rules, expected, "quiet")
        for hour in (datetime(2026, 6, 5, 8), datetime(2026, 6, 5, 19, 59)):
            self.assert_moved(hour, rules, hour, None)

    def test_quiet_at_noon(self):
        rules = ContactRules(quiet_from=time(12), quiet_until=time(14))
        self.assert_moved(datetime(2026, 6, 5, 12, 30), rules, datetime(2026, 6, 5, 14), "quiet")
        self.assert_moved(datetime(2026, 6, 5, 14), rules, datetime(2026, 6, 5, 14), None)

    def test_quiet_into_the_weekend(self):
        rules = ContactRules(weekdays=WEEK, **NIGHT)
        self.assert_moved(datetime(2026, 6, 5, 21), rules, datetime(2026, 6, 8, 8), "quiet")
        self.assert_moved(SATURDAY, rules, datetime(2026, 6, 8, 8), "weekday")

    def test_at_most_so_many(self):
        rules = ContactRules(cap=1, within=3)
        wednesday = date(2026, 6, 3)
        self.assert_moved(FRIDAY, rules, datetime(2026, 6, 6), "cap", contacts=(wednesday,))
        self.assert_moved(FRIDAY, rules, FRIDAY, None, contacts=(wednesday - timedelta(days=1),))
        self.assert_moved(FRIDAY, ContactRules(cap=2, within=3), FRIDAY, None, contacts=(wednesday,))
        self.assert_moved(FRIDAY, rules, FRIDAY, None, contacts=(date(2026, 6, 6),))

    def test_a_cap_puts_off_by_five_days_at_most(self):
        rules = ContactRules(cap=1, within=30)
        self.assert_moved(FRIDAY, rules, datetime(2026, 6, 10), "cap", contacts=(FRIDAY.date(),))
        business = ContactRules(weekdays=WEEK, cap=1, within=30)
        thursday = datetime(2026, 6, 4, 10)
        self.assert_moved(thursday, business, datetime(2026, 6, 9), "cap", contacts=(thursday.date(),))
        monday = datetime(2026, 6, 1, 10)
        self.assert_moved(monday, business, datetime(2026, 6, 5), "cap", contacts=(monday.date(),))

    def test_never_beyond_the_last_day(self):
        rules = ContactRules(weekdays=WEEK, **NIGHT)
        self.assert_moved(SATURDAY, rules, SATURDAY, None, last=date(2026, 6, 7))
        self.assert_moved(SATURDAY, rules, datetime(2026, 6, 8, 8), "weekday", last=MONDAY.date())
        early = datetime(2026, 6, 6, 3)
        self.assert_moved(early, rules, datetime(2026, 6, 6, 8), "quiet", last=date(2026, 6, 7))
        late = datetime(2026, 6, 7, 22)
        self.assert_moved(late, rules, late, None, last=date(2026, 6, 7))

    @patient
    @given(moments, rule_sets, st.frozensets(days, max_size=8), st.lists(days, max_size=8), st.none() | days)
    def test_only_ever_later_and_never_beyond(self, now, rules, holidays, contacts, last):
        found = next_contact(now, rules, holidays, tuple(contacts), last)
        self.assertGreaterEqual(found.moment, now)
        self.assertEqual(found.moment == now, found.why is None)
        if last and now.date() <= last:
            self.assertLessEqual(found.moment.date(), last)
        without = ContactRules(rules.weekdays, rules.quiet_from, rules.quiet_until)
        plain = next_contact(now, without, holidays, (), last)
        self.assertLessEqual((found.moment.date() - plain.moment.date()).days, 5)

    @patient
    @given(moments, rule_sets, st.frozensets(days, max_size=8))
    def test_what_is_found_is_allowed(self, now, rules, holidays):
        rules = ContactRules(rules.weekdays or WEEK, rules.quiet_from, rules.quiet_until)
        found = next_contact(now, rules, holidays)
        self.assertIn(found.moment.weekday(), rules.weekdays)
        self.assertNotIn(found.moment.date(), holidays)
        self.assertEqual(next_contact(found.moment, rules, holidays), Contact(found.moment), "nothing to wait for")
