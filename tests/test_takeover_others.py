"""Taking over from Odoo Mates, from OCA's overdue reminders, and from Enterprise: of tables that they left behind."""

from odoo.fields import Date
from odoo.tests import tagged
from odoo.tools import SQL

from .takeover_common import (
    ENTERPRISE,
    ENTERPRISE_COLUMNS,
    MATES,
    MATES_COLUMNS,
    REMINDERS,
    REMINDERS_COLUMNS,
    TakeoverCommon,
)


class OthersCommon(TakeoverCommon):
    def ago(self, days):
        return Date.subtract(self.today, days=days)

    def by_company(self, value):
        """A value that is kept by company."""
        return {self.company.id: value}

    def type_of(self, name):
        return self.env["account.dunning.type"].search([("name", "=", name)])


@tagged("post_install", "-at_install")
class TestOdooMates(OthersCommon):
    def setUp(self):
        super().setUp()
        self.make(MATES, MATES_COLUMNS)
        self.plan = self.add("followup_followup", company_id=self.company.id)
        self.lines = [self.add_level(-3, "Soon"), self.add_level(10, "First"), self.add_level(20, "Second")]

    def add_level(self, delay, name, plan=None, **values):
        return self.add(
            "followup_line",
            **{
                "followup_id": plan or self.plan,
                "name": name,
                "delay": delay,
                "description": {"en_US": "Dear %(partner_name)s, pay 100 %%."},
                "send_email": True,
                "send_letter": False,
                **values,
            },
        )

    def test_one_plan_a_company(self):
        self.add_level(30, "Call", send_email=False, manual_action=True, manual_action_note="Call him\nsoon")
        self.add_level(40, "Both", send_letter=True)
        rows = self.take()
        record = self.type_of(self.company.name)
        self.assertRecordValues(record, [{"default": True, "grouping": "customer"}])
        self.assertRecordValues(
            record.level_ids,
            [
                {"days": -3, "reminder": True, "document": "email_letter"},
                {"days": 10, "reminder": False, "document": "email_letter"},
                {"days": 20, "reminder": False, "document": "email_letter"},
                {"days": 30, "reminder": False, "document": "none"},
                {"days": 40, "reminder": False, "document": "email_letter"},
            ],
        )
        self.assertEqual(record.level_ids[1].text, "<p>Dear {customer}, pay 100 %.</p>")
        self.assertRecordValues(record.level_ids[3].action_ids, [{"name": "Call him", "responsible": "collector"}])
        self.assertIn("both an e-mail and a letter", self.words(rows, "level")[f"{record.name} / Both"])

    def test_items_bear_their_level(self):
        first, soon, odd, drafted = self.invoice_each([self.partner_a] * 4, 25)
        self.set(self.item(first), followup_line_id=self.lines[1], followup_date=self.ago(12))
        self.set(self.item(soon), followup_line_id=self.lines[0], followup_date=self.ago(28))
        self.set(self.item(odd), followup_line_id=self.lines[1])
        self.set(self.item(drafted), followup_line_id=self.lines[2], followup_date=Date.add(self.today, days=1))
        rows = self.take()
        self.assertRecordValues(self.state(first), [{"last_notice_date": self.ago(12), "deadline_days": 0}])
        self.assertEqual(self.state(first).level_id.days, 10)
        words = self.words(rows, "item")
        self.assertFalse(words[first.name])
        self.assertIn("no level to be reached", words[soon.name])
        self.assertIn("counts as today", words[odd.name])
        self.assertEqual(self.state(odd).last_notice_date, self.today)
        self.assertIn("in the future", words[drafted.name])
        self.assertFalse(self.state(soon) | self.state(drafted))
        [line] = [line for line in self.run_day().notice_ids.line_ids if line.move_id == first]
        self.assertEqual(line.level_id.days, 20)

    def test_several_plans(self):
        self.make(
            {},
            {
                "followup_followup": "name varchar, is_default bool",
                "res_partner": "followup_plan_id jsonb, followup_excluded jsonb, followup_exclusion_reason jsonb,"
                " followup_promise_date jsonb, followup_promise_amount jsonb",
                "account_move": "followup_disputed bool",
            },
        )
        plan = self.add("followup_followup", company_id=self.company.id, name="Firm", is_default=True)
        self.add_level(5, "Firm first", plan)
        promised, disputed = self.invoice(self.partner_a, 25), self.invoice(self.partner_a, 26)
        late = self.invoice(self.partner_b, 25)
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.partner_a.id})
        self.set(
            self.partner_a,
            followup_plan_id=self.by_company(self.plan),
            followup_promise_date=self.by_company(Date.add(self.today, days=5)),
            followup_promise_amount=self.by_company(60),
        )
        self.set(
            self.partner_b,
            followup_plan_id={"999999": self.plan},
            followup_excluded=self.by_company("true"),
            followup_exclusion_reason=self.by_company("Friend"),
            followup_promise_date=self.by_company(self.ago(1)),
        )
        self.set(contact, followup_excluded=self.by_company("true"))
        self.set(disputed, followup_disputed=True)
        rows = self.take()
        self.assertTrue(self.type_of("Firm").default)
        self.assertEqual(self.partner_a.dunning_type_id, self.type_of(self.company.name))
        self.assertFalse(self.partner_b.dunning_type_id, "that of another company")
        promise = self.env["account.dunning.promise"].search([])
        self.assertRecordValues(
            promise, [{"partner_id": self.partner_a.id, "amount": 60, "last_on": Date.add(self.today, days=5)}]
        )
        self.assertEqual(promise.state, "open")
        self.assertIn("is past", self.words(rows, "promise")[self.partner_b.name])
        holds = self.env["account.dunning.hold"].search([("promise_id", "=", False)], order="id")
        self.assertRecordValues(
            holds,
            [
                {"partner_id": self.partner_b.id, "move_id": False, "note": "Friend", "dispute": False},
                {"partner_id": False, "move_id": disputed.id, "note": "Disputed there", "dispute": True},
            ],
        )
        self.assertIn("contact of a customer", self.words(rows, "review")["Contact"])
        self.assertFalse(self.run_day().notice_ids.line_ids.filtered(lambda line: line.move_id in late | disputed))
        self.assertTrue(promised)


@tagged("post_install", "-at_install")
class TestOverdueReminders(OthersCommon):
    def setUp(self):
        super().setUp()
        self.make(REMINDERS, REMINDERS_COLUMNS)

    def remind(self, move, counter, days, kind="mail", **values):
        action = self.add(
            "overdue_reminder_action",
            commercial_partner_id=move.partner_id.id,
            date=self.ago(days),
            user_id=self.collector.id,
            reminder_type=kind,
            company_id=move.company_id.id,
            **values,
        )
        return self.add("account_invoice_overdue_reminder", invoice_id=move.id, action_id=action, counter=counter)

    def test_the_nth_reminder_is_level_n(self):
        twice, often, quiet = self.invoice_each([self.partner_a, self.partner_a, self.partner_b], 40)
        for counter, days in ((1, 25), (2, 14)):
            self.remind(twice, counter, days)
        for counter in range(1, 6):
            self.remind(often, counter, 20 - counter)
        self.set(quiet, no_overdue_reminder=True)
        rows = self.take()
        self.assertEqual([self.state(move).level_id.days for move in (twice, often)], [20, 30])
        self.assertEqual(self.state(twice).last_notice_date, self.ago(14))
        self.assertIn("5 reminders there; its type here has 3 levels", self.words(rows, "item")[often.name])
        notices = self.env["account.dunning.notice"].search([("imported", "=", True)])
        self.assertEqual(len(notices.line_ids.filtered(lambda line: line.move_id == twice)), 2)
        self.assertEqual(self.env["account.dunning.hold"].search([]).move_id, quiet)
        [line] = [line for line in self.run_day().notice_ids.line_ids if line.move_id == twice]
        self.assertEqual(line.level_id, self.level_3)
        self.assertEqual(self.take(), rows, "nothing twice")

    def test_without_a_day_it_counts_as_today(self):
        move = self.invoice(self.partner_a, 40)
        self.add("account_invoice_overdue_reminder", invoice_id=move.id, action_id=None, counter=None)
        rows = self.take()
        self.assertRecordValues(self.state(move), [{"last_notice_date": self.today, "level_id": self.level_1.id}])
        self.assertIn("counts as today", self.words(rows, "item")[move.name])
        self.assertIn("not known when", self.words(rows, "notice")[move.name])

    def test_calls_go_to_the_log_of_contacts(self):
        move = self.invoice(self.partner_a, 40)
        self.remind(move, 1, 20, kind="phone", result_notes="He pays on Monday")
        self.set(self.partner_b, no_overdue_reminder=True)
        self.take()
        contact = self.env["account.dunning.contact"].search([])
        self.assertRecordValues(
            contact,
            [
                {
                    "partner_id": self.partner_a.id,
                    "day": self.ago(20),
                    "channel": "call",
                    "note": "He pays on Monday",
                    "user_id": self.collector.id,
                }
            ],
        )
        self.assertEqual(self.env["account.dunning.hold"].search([]).partner_id, self.partner_b)


@tagged("post_install", "-at_install")
class TestEnterprise(OthersCommon):
    def setUp(self):
        super().setUp()
        self.make(ENTERPRISE, ENTERPRISE_COLUMNS)
        values = {"company_id": self.company.id, "send_email": True}
        self.levels = [
            self.add("account_followup_followup_line", name={"en_US": f"Day {days}"}, delay=days, **values)
            for days in (10, 20, 35)
        ]

    def test_the_oldest_item_is_at_the_level_of_the_customer(self):
        old, young = self.invoice(self.partner_a, 25), self.invoice(self.partner_a, 12)
        by_hand = self.invoice(self.partner_b, 25)
        self.set(
            self.partner_a,
            followup_line_id=self.by_company(self.levels[1]),
            followup_next_action_date=self.by_company(Date.add(self.today, days=9)),
            followup_responsible_id=self.by_company(self.collector.id),
        )
        self.set(self.partner_b, followup_reminder_type=self.by_company("manual"), followup_line_id={"999999": 1})
        rows = self.take()
        record = self.type_of(f"Follow-up of {self.company.name}")
        self.assertEqual(record.level_ids.mapped("days"), [10, 20, 35])
        self.assertIn("no text there", self.words(rows, "level")[f"{record.name} / Day 10"])
        self.assertRecordValues(
            self.state(old),
            [
                {
                    "level_id": record.level_ids[1].id,
                    "last_notice_date": self.ago(6),
                    "not_before": Date.add(self.today, days=9),
                }
            ],
        )
        self.assertIn("computed from the next one", self.words(rows, "item")[old.name])
        self.assertFalse(self.state(young) | self.state(by_hand))
        self.assertEqual(self.partner_a.dunning_user_id, self.collector)
        self.assertEqual(self.env["account.dunning.hold"].search([]).partner_id, self.partner_b)
        proposed = self.run_day().notice_ids.line_ids
        self.assertEqual({line.move_id: line.level_id.days for line in proposed}, {young: 10})

    def test_without_the_columns_the_levels_come(self):
        """What is missing is passed over."""
        for column in ENTERPRISE_COLUMNS["res_partner"].split(", "):
            self.env.cr.execute(SQL("ALTER TABLE res_partner DROP COLUMN %s", SQL.identifier(column.split()[0])))
        rows = self.take()
        self.assertEqual(set(rows.mapped("kind")), {"type", "level", "default"})

    def test_several_modules_are_found(self):
        self.make(MATES, MATES_COLUMNS)
        wizard = self.env["account.dunning.takeover"].with_user(self.manager)
        self.assertEqual([code for code, _title in wizard._get_found()], ["om", "enterprise"])
        self.assertFalse(wizard.with_user(self.collector)._get_found())
