"""The deadline on a letter binds, and a letter bears the day on which it was printed (rules §4)."""

from datetime import timedelta

from odoo.fields import Command, Datetime
from odoo.tests import tagged

from .common import TODAY, DunningCommon, StubLetters


@tagged("post_install", "-at_install")
class TestDeadline(StubLetters, DunningCommon):
    def setUp(self):
        super().setUp()
        self.dunning_type.level_ids.write({"min_days": 7, "deadline_days": 7})

    def days_dunned(self, days):
        """The days (from today) on which notices leave, of the next ``days``."""
        result = []
        for day in range(days):
            if self.dun():
                result.append(day)
            self.go(1)
        return result

    def test_with_seven_and_seven_the_next_level_comes_on_day_eight(self):
        move = self.invoice(self.partner_a, 40)
        self.dun()
        self.assertEqual(move.collection_plan_ids.next_date, TODAY + timedelta(8))
        self.go(1)
        self.assertEqual(self.days_dunned(16), [7, 15])

    def test_a_repetition_waits_for_the_deadline(self):
        self.level_1.write({"repeat_every": 3, "repeat_max": 1, "deadline_days": 9})
        self.level_2.days, self.level_3.days = 90, 99
        self.invoice(self.partner_a, 12)
        self.assertEqual(self.days_dunned(13), [0, 10])

    def test_without_a_document_minimum_days_alone_bind(self):
        self.level_1.write({"document": "none", "credit_stop": True})
        move = self.invoice(self.partner_a, 40)
        self.assertEqual(self.days_dunned(8), [0, 7])
        self.assertEqual(move.collection_plan_ids.next_date, TODAY + timedelta(15))

    def test_the_forecast_waits_for_deadlines_too(self):
        self.invoice(self.partner_a, 40)
        action = self.env["account.dunning.forecast.line"]._open()
        lines = self.env["account.dunning.forecast.line"].search(action["domain"])
        self.assertEqual([(line.date - TODAY).days for line in lines], [0, 8])

    def test_a_letter_confirmed_on_a_later_day_is_made_anew(self):
        move = self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        self.issue(notice)
        self.go(5)
        notice._confirm_printed()
        self.assertEqual((notice.state, move.collection_plan_ids.ids), ("queued", []))
        self.work()
        self.assertRecordValues(
            notice, [{"state": "to_print", "date": self.today, "deadline_date": self.today + timedelta(7)}]
        )
        notice._confirm_printed()
        self.assertEqual((notice.state, notice.sent_on), ("sent", self.today))

    def test_sent_on_is_the_day_of_printing(self):
        """Printed before midnight, confirmed after it."""
        self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        self.issue(notice)
        self.frozen.move_to("2026-06-02 00:05:00")
        notice._confirm_printed(Datetime.to_datetime("2026-06-01 23:55:00"))
        self.assertEqual((notice.state, notice.sent_on), ("sent", TODAY))

    def test_migration(self):
        self.level_1.write({"document": "none", "credit_stop": True})
        moves = self.invoice(self.partner_a, 12)
        self.dun()
        self.go(3)
        self.dunning_type.level_ids.document = "letter"
        moves += self.invoice(self.partner_b, 12)
        self.dun()
        states = self.env["account.dunning.item"].sudo().search([("move_id", "in", moves.ids)], order="id")
        states.deadline_days = 7
        self.env.flush_all()
        self.migration("19.0.1.5.0", "post-deadline").migrate(self.env.cr, "19.0.1.4.0")
        states.invalidate_recordset()
        self.assertEqual(states.mapped("deadline_days"), [0, 7])


@tagged("post_install", "-at_install")
class TestRunsByLevel(StubLetters, DunningCommon):
    def setUp(self):
        super().setUp()
        self.first, self.second = self.invoice(self.partner_a, 12, 50.0), self.invoice(self.partner_a, 25, 70.0)
        self.send(self.run_day().notice_ids)
        self.go(8)
        self.new = self.invoice(self.partner_a, 15, 30.0)  # level 1; the others are at level 2

    def run_for(self, level):
        return self.run_day(level_ids=[Command.set(level.ids)])

    def test_items_of_that_level_as_with_one_notice_a_level(self):
        run = self.run_for(self.level_1)
        self.assertEqual(run.notice_ids.line_ids.move_id, self.new)
        self.assertEqual((run.notice_ids.level_id, run.notice_ids.amount_total), (self.level_1, 30.0))
        self.assertRecordValues(run.skipped_ids, [{"reason": "other_level", "item_count": 2, "amount": 120.0}])

    def test_the_highest_level_alone_too(self):
        run = self.run_for(self.level_2)
        self.assertEqual(run.notice_ids.line_ids.move_id, self.first + self.second)
        self.assertRecordValues(run.skipped_ids, [{"reason": "other_level", "item_count": 1, "amount": 30.0}])

    def test_what_is_left_comes_with_another_run(self):
        first, second = self.run_for(self.level_1), self.run_for(self.level_2)
        self.assertEqual(second.notice_ids.line_ids.move_id, self.first + self.second)
        self.assertEqual((first + second).notice_ids.line_ids.move_id, self.first + self.second + self.new)

    def test_who_is_at_another_level_only_is_not_listed(self):
        self.invoice(self.partner_b, 15, 30.0)
        run = self.run_for(self.level_2)
        self.assertEqual(run.skipped_ids.partner_id, self.partner_a)
