from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .desk_common import DeskCommon


@tagged("post_install", "-at_install")
class TestContacts(DeskCommon):
    """A contact is logged in one dialog, and does what its outcome says; all as a user who is only a collector."""

    def test_a_plain_outcome_is_logged(self):
        self.log("outcome_no_answer", note="nobody there")
        contact = self.case.contact_ids
        self.assertRecordValues(
            contact, [{"user_id": self.collector.id, "note": "nobody there", "right_party": False, "channel": "call"}]
        )
        self.assertEqual(self.case.contact_on, self.today)
        self.assertNotIn("ever contacted", self.case.why)

    def test_only_the_right_person_counts_as_reached(self):
        self.log("outcome_reached")
        self.assertTrue(self.case.contact_ids.right_party)

    def test_call_back_makes_an_activity_that_comes_up_on_the_day(self):
        self.log("outcome_call_back", call_back_at="2026-06-03 14:00:00")
        todo = self.case.activity_ids
        self.assertRecordValues(todo, [{"user_id": self.collector.id, "dunning_call_back": True}])
        self.assertEqual(str(todo.date_deadline), "2026-06-03")
        self.assertNotEqual(self.case.queue, "call_back")
        self.go(2)
        self.refresh()
        self.assertEqual((self.case.queue, self.case.next_action), ("call_back", "call_back"))
        self.assertIn("To be called back", self.case.why)
        self.log("outcome_no_answer")
        self.assertTrue(self.case.activity_ids, "he was not reached")
        self.log("outcome_reached")
        self.assertFalse(self.case.activity_ids, "the call was made")

    def test_says_paid_asks_the_accountant(self):
        self.settings.accountant_id = self.manager
        self.log("outcome_says_paid", note="by transfer on Monday")
        todo = self.move.activity_ids
        self.assertEqual(todo.user_id, self.manager)
        self.assertIn("by transfer on Monday", todo.note)

    def test_insolvent_stops_everything(self):
        self.dun()
        self.assertEqual(self.move.collection_plan_id.state, "ongoing")
        self.log("outcome_insolvent", note="letter of the administrator")
        plan = self.move.collection_plan_id
        self.assertRecordValues(plan, [{"state": "stopped", "close_reason": "insolvent"}])
        hold = self.env["account.dunning.hold"].search([("partner_id", "=", self.partner_a.id)])
        self.assertRecordValues(hold, [{"date_until": False, "ended_on": False}])
        self.go(30)
        self.assertFalse(self.run_day().notice_ids)
        self.assertTrue(self.partner_a.activity_ids, "the accountant is asked")

    def test_disputes_come_of_the_same_dialog(self):
        self.log("outcome_disputes", note="wrong goods")
        hold = self.env["account.dunning.hold"].search([("move_line_id", "=", self.item(self.move).id)])
        self.assertTrue(hold.dispute)
        self.assertEqual(self.case.amount_disputed, 1000)
        self.assertFalse(self.case.on_desk, "all of it is disputed")

    def test_an_entry_stands_from_the_next_day_on(self):
        self.log("outcome_no_answer")
        contact = self.case.contact_ids.with_user(self.collector)
        contact.note = "mailbox full"
        with self.refused(AccessError, "follows the work"):
            contact.outcome_id = self.outcome("outcome_reached")
        self.go(1)
        with self.refused(UserError, "can no longer be changed"):
            contact.note = "something else"

    def test_what_is_no_longer_to_come_is_asked_for(self):
        with self.refused(UserError, "day and time to come"):
            self.log("outcome_call_back", call_back_at="2026-05-01 10:00:00")

    def test_contacts_with_the_right_person_are_counted(self):
        days = self.env["account.dunning.contact.days"]
        self.settings.write({"contact_most": 1, "contact_within": 7})
        self.log("outcome_no_answer")
        self.assertEqual(days._next_contact_day(self.company, self.partner_a), (self.today, None))
        self.log("outcome_reached")
        day, why = days._next_contact_day(self.company, self.partner_a)
        self.assertGreater(day, self.today)
        action = self.case.with_user(self.collector).action_log_call()
        log = self.env["account.dunning.log"].with_user(self.collector).with_context(**action["context"])
        self.assertIn(why, log.new({"case_id": self.case.id}).wait)

    def test_instalments_fall_on_business_days(self):
        action = self.case.with_user(self.collector).action_promise()
        logs = self.env["account.dunning.log"].with_user(self.collector).with_context(**action["context"])
        form = Form(logs)
        form.instalments = 6
        form.first_percent = 50
        log = form.save()
        self.assertFalse([part.date for part in log.part_ids if part.date.weekday() > 4])
        self.assertEqual(log.part_ids.mapped("amount"), [500, 100, 100, 100, 100, 100])

    def test_items_of_others_are_refused(self):
        other = self.item(self.invoice(self.partner_b, 20))
        with self.refused(UserError, "Choose items of"):
            self.log("outcome_disputes", item_ids=[(6, 0, other.ids)])

    def test_who_is_no_collector_cannot_log(self):
        clerk = self.new_user("clerk", "account.group_account_invoice")
        with self.refused(AccessError, "."):
            self.case.with_user(clerk).action_log_call()

    def test_the_dialog_opens_with_what_is_overdue(self):
        later = self.invoice(self.partner_a, -5)
        action = self.case.with_user(self.collector).action_promise()
        form = Form(self.env["account.dunning.log"].with_user(self.collector).with_context(**action["context"]))
        self.assertEqual(form.item_ids.ids, self.item(self.move).ids)
        self.assertEqual(form.kind, "promise")
        with form.part_ids.edit(0) as part:
            self.assertEqual(part.amount, 1000)
        self.assertNotIn(self.item(later).id, form.item_ids.ids)

    def test_ticks_are_the_customers_items_or_nothing(self):
        other = self.item(self.invoice(self.partner_b, 20))
        later = self.item(self.invoice(self.partner_a, -5))
        case = self.case.with_user(self.collector)
        self.assertEqual(case._get_chosen(later.ids), later)
        self.assertEqual(case._get_chosen(other.ids), self.item(self.move))
