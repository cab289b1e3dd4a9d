"""When customers are reached: notices and e-mails wait for business days and hours, and say so (rules §7)."""

from datetime import datetime
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.fields import Command, Date
from odoo.tests import tagged

from odoo.addons.account_dunning.tools import public_holidays

from .common import DunningCommon, StubLetters

FRIDAY, SATURDAY, SUNDAY, MONDAY = (Date.to_date(f"2026-06-0{day}") for day in (5, 6, 7, 8))


@tagged("post_install", "-at_install")
class TestContactDays(StubLetters, DunningCommon):
    """The tests begin on a Friday at 10:00 UTC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.frozen.move_to(datetime(2026, 6, 5, 10))
        cls.dunning_type.level_ids.document = "email"
        cls.move = cls.stage.invoice(cls.partner_a, 12)
        cls.days = cls.env["account.dunning.contact.days"]

    def setUp(self):
        super().setUp()
        self.frozen.move_to(datetime(2026, 6, 5, 10))

    def at(self, *moment):
        self.frozen.move_to(datetime(2026, 6, *moment))

    def issued(self):
        notice = self.run_day().notice_ids
        self.issue(notice)
        return notice.sudo()

    def business_days(self):
        self.settings.contact_business_days = True

    # the function

    def test_off_at_first(self):
        self.at(7, 3)
        self.assertFalse(self.settings._has_contact_rules())
        self.assertEqual(self.days._next_contact_day(self.company, self.partner_a), (SUNDAY, None))
        notice = self.issued()
        self.assertEqual((notice.mail_id.state, notice.mail_id.scheduled_date), ("outgoing", False))
        self.assertFalse(notice.wait_until)

    def test_the_calendar_of_the_company(self):
        self.business_days()
        self.at(6, 10)
        self.assertEqual(self.days._next_contact_day(self.company, self.partner_a), (MONDAY, "no business day"))
        self.env["resource.calendar.leaves"].sudo().create(
            {
                "name": "Closed",
                "calendar_id": self.company.resource_calendar_id.id,
                "date_from": datetime(2026, 6, 8, 0),
                "date_to": datetime(2026, 6, 8, 23),
            }
        )
        day, _why = self.days._next_contact_day(self.company, self.partner_a)
        self.assertEqual(day, Date.add(MONDAY, days=1))

    def test_quiet_hours_of_the_customer(self):
        self.settings.write({"contact_quiet": True, "contact_quiet_from": 20.5, "contact_quiet_until": 8.0})
        self.at(5, 6, 30)
        self.partner_a.tz, self.partner_b.tz = "Europe/Berlin", "America/New_York"
        found = self.days._get_next_contacts(self.company, self.partner_a + self.partner_b)
        self.assertNotIn(self.partner_a.id, found, "it is half past eight there")
        self.assertEqual(found[self.partner_b.id].moment, datetime(2026, 6, 5, 12))
        self.partner_b.tz = False
        found = self.days._get_next_contacts(self.company, self.partner_b)
        self.assertEqual(found[self.partner_b.id].moment, datetime(2026, 6, 5, 8), "by the clock of the company")
        self.assertFalse(self.days._get_next_contacts(self.company, self.partner_b, hours=False), "a letter")

    def test_reached_contacts_count(self):
        self.settings.write({"contact_most": 2, "contact_within": 3})
        asked = []

        def reached(days, company, partners, since):
            asked.append((company, partners, since))
            return {self.partner_a.id: [FRIDAY, Date.add(FRIDAY, days=-1)]}

        self.patch(self.registry["account.dunning.contact.days"], "_get_reached_contacts", reached)
        found = self.days._get_next_contacts(self.company, self.partner_a + self.partner_b)
        self.assertEqual([*found], [self.partner_a.id])
        self.assertEqual((found[self.partner_a.id].day, found[self.partner_a.id].why), (SUNDAY, self.words("cap")))
        self.assertEqual(asked, [(self.company, self.partner_a + self.partner_b, Date.add(FRIDAY, days=-3))])

    def words(self, why):
        return self.days._get_labels()[why]

    def test_in_sets(self):
        self.business_days()
        self.settings.write({"contact_quiet": True, "contact_most": 1})
        partners = self.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(20)])

        def count(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.days._get_next_contacts(self.company, some)
            return self.env.cr.sql_log_count - before

        count(partners)
        self.assertEqual(count(partners[:2]), count(partners))

    # the settings

    def test_holidays_need_their_package(self):
        with patch.object(public_holidays, "holidays", None):
            with self.refused(ValidationError, "pip install holidays"):
                self.settings.contact_holidays = True
            self.assertFalse(public_holidays.get_public_holidays("DE", None, 1999))

    def test_public_holidays_of_the_customer(self):
        class Package:
            @staticmethod
            def country_holidays(country, subdiv=None, years=None):
                if country != "DE" or subdiv not in (None, "BY"):
                    raise NotImplementedError
                return {Date.to_date(f"{years}-06-05"): "Somebody's day"}

        public_holidays.get_public_holidays.cache_clear()
        self.addCleanup(public_holidays.get_public_holidays.cache_clear)
        self.patch(public_holidays, "holidays", Package)
        self.settings.contact_holidays = True
        self.company.country_id = self.env.ref("base.us")
        self.partner_a.country_id = self.env.ref("base.de")
        self.partner_a.state_id = self.env["res.country.state"].search([("country_id.code", "=", "DE")], limit=1)
        found = self.days._get_next_contacts(self.company, self.partner_a + self.partner_b)
        self.assertEqual([*found], [self.partner_a.id])
        self.assertEqual(
            (found[self.partner_a.id].day, found[self.partner_a.id].why), (SATURDAY, self.words("holiday"))
        )

    def test_without_the_package_a_set_company_goes_on(self):
        self.patch(public_holidays, "holidays", object())
        self.settings.contact_holidays = True
        self.patch(public_holidays, "holidays", None)
        public_holidays.get_public_holidays.cache_clear()
        self.assertFalse(self.days._get_next_contacts(self.company, self.partner_a))

    def test_hours_and_numbers_that_cannot_be(self):
        for values in ({"contact_quiet_from": 24.0}, {"contact_quiet_until": -1.0}, {"contact_within": 0}):
            with self.refused(Exception, "contact"):
                self.settings.write(values)
                self.env.flush_all()

    # notices

    def test_a_notice_waits_for_monday(self):
        self.business_days()
        self.at(6, 10)
        notice = self.issued()
        self.assertEqual((notice.state, notice.mail_id.id), ("queued", False))
        self.assertEqual((notice.wait_until, notice.wait_reason), (datetime(2026, 6, 8), "no business day"))
        self.assertFalse(self.env["account.dunning.run"]._count_work(), "nothing to do meanwhile")
        self.assertFalse(self.run_day().notice_ids, "it keeps its items")
        self.at(7, 12)
        self.work()
        self.assertFalse(notice.mail_id)
        self.at(8, 6)
        self.work()
        deadline = Date.add(MONDAY, days=self.level_1.deadline_days)
        self.assertEqual((notice.date, notice.deadline_date), (MONDAY, deadline))
        self.assertEqual(notice.days_overdue, 15)
        notice._set_sent()
        self.assertEqual((notice.state, notice.sent_on), ("sent", MONDAY))

    def test_paid_while_it_waits(self):
        self.business_days()
        self.at(6, 10)
        notice = self.issued()
        self.pay(self.move)
        self.at(8, 6)
        self.work()
        self.assertEqual(notice.state, "cancelled")

    def test_an_email_waits_for_the_hour(self):
        self.settings.contact_quiet = True
        self.at(5, 6)
        notice = self.issued()
        self.assertEqual((notice.state, notice.date), ("queued", FRIDAY))
        self.assertEqual(notice.mail_id.scheduled_date, datetime(2026, 6, 5, 8))
        self.env["mail.mail"].process_email_queue()
        self.assertEqual(notice.mail_id.state, "outgoing")

    def test_in_the_evening_it_waits_for_the_day(self):
        self.settings.contact_quiet = True
        self.at(5, 21)
        notice = self.issued()
        self.assertFalse(notice.mail_id)
        self.assertEqual(notice.wait_until, datetime(2026, 6, 6, 8))
        self.at(6, 8)
        self.work()
        self.assertEqual((notice.date, notice.mail_id.scheduled_date), (SATURDAY, False))

    def test_letters_wait_for_days_only(self):
        self.dunning_type.level_ids.document = "letter"
        self.settings.contact_quiet = True
        self.at(5, 6)
        self.assertEqual(self.issued().state, "to_print")

    def test_what_makes_no_document_waits_for_nothing(self):
        call = self.env["account.dunning.action"].create({"name": "Call", "kind": "activity"})
        self.dunning_type.level_ids.write({"action_ids": [Command.link(call.id)], "document": "none"})
        self.business_days()
        self.at(6, 10)
        self.assertEqual(self.issued().state, "sent")

    def test_one_who_waits_keeps_nobody_else(self):
        self.settings.contact_quiet = True
        self.partner_b.write({"email": "b@example.com", "tz": "Asia/Tokyo"})
        self.invoice(self.partner_b, 12)
        self.at(5, 3)
        notices = self.run_day().notice_ids
        self.issue(notices)
        waits = {notice.partner_id: bool(notice.mail_id.scheduled_date) for notice in notices.sudo()}
        self.assertEqual(waits, {self.partner_a: True, self.partner_b: False})

    def test_a_reminder_does_not_wait_beyond_its_window(self):
        self.business_days()
        reminder = {"name": "Reminder", "days": -3, "reminder": True, "document": "email", "text": "<p>Soon</p>"}
        self.dunning_type.level_ids = [Command.create(reminder)]
        self.at(6, 10)
        late = self.invoice(self.partner_b, -2)
        self.partner_b.email = "b@example.com"
        run = self.run_day()
        notice = run.notice_ids.filtered("reminder")
        self.assertEqual(notice.line_ids.move_id, late)
        self.issue(notice)
        self.assertTrue(notice.sudo().mail_id, "due on Monday: it leaves on Saturday")

    def test_a_person_who_issues_it_waits_too_and_sees_why(self):
        self.business_days()
        self.at(6, 10)
        notice = self.issued()
        arch = notice.get_view(view_type="form")["arch"]
        self.assertIn('name="wait_until"', arch)
        notice._requeue()
        self.assertEqual(notice.wait_until, datetime(2026, 6, 8))

    def test_why_names_it(self):
        self.business_days()
        self.at(6, 10)
        action = self.move.with_user(self.collector).action_dunning_why()
        wizard = self.env[action["res_model"]].with_user(self.collector).browse(action["res_id"])
        self.assertRegex(wizard.summary, r"leaves on 06/08/2026 \(no business day\)")
        wizard.date = Date.add(MONDAY, days=1)
        self.assertNotIn("leaves on", wizard.summary)
        wizard.date = Date.add(MONDAY, days=5)
        self.assertIn("leaves on 06/15/2026", wizard.summary)

    def test_what_is_sent_again_waits_too(self):
        notice = self.issued()
        notice._set_sent()
        self.settings.contact_quiet = True
        self.at(5, 21)
        action = notice.with_user(self.collector).action_resend()
        dialogs = self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"])
        dialogs.create({}).action_send()
        self.assertEqual(notice.resent_mail_ids.scheduled_date, datetime(2026, 6, 6, 8))
