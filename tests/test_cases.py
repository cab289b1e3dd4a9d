from odoo.fields import Date
from odoo.tests import tagged

from .common import DunningCommon, StubLetters


@tagged("post_install", "-at_install")
class TestCases(StubLetters, DunningCommon):
    """The case of a customer follows what he owes, and what happens (rules §12)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls.stage.invoice(cls.partner_a, 40, 1200)
        cls.cases = cls.env["account.collection.case"]

    def case(self, partner=None):
        partner = partner or self.partner_a
        return self.cases.search([("partner_id", "=", partner.id), ("company_id", "=", self.company.id)])

    def refresh(self):
        self.cases._refresh(self.company)
        self.cases.invalidate_model()

    def test_by_night_who_is_overdue_gets_a_case(self):
        self.invoice(self.partner_a, -10, 300)
        self.invoice(self.partner_b, -10, 300)
        self.refresh()
        case = self.case()
        self.assertRecordValues(
            case,
            [
                {
                    "amount_overdue": 1200,
                    "amount_not_due": 300,
                    "amount_total": 1500,
                    "aged_31": 1200,
                    "days_overdue": 40,
                }
            ],
        )
        self.assertFalse(self.case(self.partner_b), "nothing of his is overdue")

    def test_a_payment_refreshes_the_case_at_once(self):
        self.refresh()
        self.pay(self.move, 500)
        self.cases.invalidate_model()
        self.assertEqual(self.case().amount_overdue, 700)
        self.pay(self.move)
        self.cases.invalidate_model()
        self.assertRecordValues(self.case(), [{"amount_overdue": 0, "on_desk": False}])

    def test_the_desk_says_why(self):
        self.refresh()
        case = self.case()
        self.assertTrue(case.on_desk)
        self.assertIn("40 days overdue", case.why)
        self.assertIn("Never contacted", case.why)
        self.assertEqual(case.queue, "never_contacted")

    def test_a_merge_joins_the_cases(self):
        self.invoice(self.partner_b, 20, 300)
        self.refresh()
        kept, gone = self.case(self.partner_a), self.case(self.partner_b)
        gone.message_post(body="Said something", message_type="comment")
        gone.activity_schedule("mail.mail_activity_data_todo", summary="Look")
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.partner_a | self.partner_b).ids, self.partner_a)
        self.env.cr.precommit.run()
        self.env.invalidate_all()
        self.assertFalse(gone.exists())
        self.assertRecordValues(kept, [{"amount_overdue": 1500}])
        self.assertIn("Said something", " ".join(kept.message_ids.mapped("body")))
        self.assertEqual(kept.activity_ids.mapped("summary"), ["Look"])

    def test_filing_under_another_customer_joins_the_cases(self):
        self.invoice(self.partner_b, 20, 300)
        self.refresh()
        gone = self.case(self.partner_b)
        self.partner_b.parent_id = self.partner_a
        self.env.cr.precommit.run()
        self.env.invalidate_all()
        self.assertFalse(gone.exists())
        self.assertEqual(self.case(self.partner_a).amount_overdue, 1200 + 300)

    def test_a_customers_reply_reaches_the_collector(self):
        self.refresh()
        self.case().user_id = self.collector
        message = self.case().message_post(body="I have paid", message_type="email", author_id=self.partner_a.id)
        self.assertIn(self.collector.partner_id, message.notified_partner_ids)

    def test_the_collector_of_the_case_is_the_customers(self):
        self.refresh()
        self.case().with_user(self.collector).user_id = self.collector
        self.assertEqual(self.partner_a.with_company(self.company).dunning_user_id, self.collector)
        self.partner_a.with_company(self.company).dunning_user_id = self.manager
        self.env.cr.precommit.run()
        self.env.invalidate_all()
        self.assertEqual(self.case().user_id, self.manager)

    def test_a_collector_corrects_how_the_customer_is_reached(self):
        self.refresh()
        contact = self.env["res.partner"].create({"name": "Anna", "parent_id": self.partner_a.id})
        case = self.case().with_user(self.collector)
        case.dunning_contact_id = contact
        case.phone = "+1 555 0100"
        self.assertEqual(contact.phone, "+1 555 0100")
        self.assertEqual(self.partner_a.with_company(self.company).dunning_contact_id, contact)

    def test_the_substitute_sees_the_cases_as_own(self):
        self.refresh()
        self.case().user_id = self.collector
        own = [("mine", "=", True)]
        self.assertFalse(self.cases.with_user(self.manager).search(own))
        self.collector.write(
            {
                "dunning_substitute_id": self.manager.id,
                "dunning_absent_from": self.today,
                "dunning_absent_until": Date.add(self.today, days=5),
            }
        )
        self.assertEqual(self.cases.with_user(self.manager).search(own), self.case())
        self.go(6)
        self.assertFalse(self.cases.with_user(self.manager).search(own))

    def test_skip_until(self):
        self.refresh()
        case = self.case().with_user(self.collector)
        action = case.action_skip()
        dialog = self.env["account.dunning.skip"].with_user(self.collector).with_context(**action["context"])
        dialog.create({"until": "2026-06-05", "reason": "on holiday"}).action_apply()
        self.env.cr.precommit.run()
        self.env.invalidate_all()
        self.assertFalse(case.on_desk)
        self.go(4)
        self.refresh()
        self.assertTrue(case.on_desk)

    def test_remind_now(self):
        self.refresh()
        case = self.case().with_user(self.collector)
        dialog = self.env["account.dunning.remind"].with_user(self.collector).browse(case.action_remind()["res_id"])
        self.assertEqual(dialog.notice_ids.level_id, self.level_1)
        dialog.action_issue()
        self.work()
        self.assertIn(dialog.notice_ids.state, ("to_print", "sent"))

    def test_remind_now_says_why_nothing_is_due(self):
        self.refresh()
        self.dun()
        case = self.case().with_user(self.collector)
        dialog = self.env["account.dunning.remind"].with_user(self.collector).browse(case.action_remind()["res_id"])
        self.assertFalse(dialog.notice_ids)
        self.assertIn("the last notice is too recent", dialog.refusal)

    def test_what_was_left_in_the_dialog_is_dropped_by_night(self):
        self.refresh()
        case = self.case().with_user(self.collector)
        dialog = self.env["account.dunning.remind"].browse(case.action_remind()["res_id"])
        run = dialog.notice_ids.run_id
        self.env["account.dunning.run"].sudo()._prepare_night()
        self.assertFalse(run.exists())

    def test_postpone_from_the_case(self):
        self.refresh()
        self.dun()
        action = self.case().with_user(self.collector).action_postpone()
        self.assertEqual(action["context"]["default_kind"], "postpone")

    def test_discarding_leaves_nothing(self):
        self.refresh()
        case = self.case().with_user(self.collector)
        dialog = self.env["account.dunning.remind"].with_user(self.collector).browse(case.action_remind()["res_id"])
        run = dialog.notice_ids.run_id
        dialog.action_discard()
        self.assertFalse(run.exists())

    def test_queues_have_counts_and_sums(self):
        self.refresh()
        found = self.cases.with_user(self.collector).search_panel_select_range(
            "queue", enable_counters=True, search_domain=[("on_desk", "=", True)]
        )
        labels = {value["id"]: (value["display_name"], value["__count"]) for value in found["values"]}
        self.assertEqual(labels["never_contacted"], ("Never contacted · $\xa01,200", 1))

    def test_write_to_the_customer(self):
        self.refresh()
        action = self.case().with_user(self.collector).action_send()
        dialog = self.env["account.dunning.send"].with_user(self.collector).with_context(**action["context"]).create({})
        self.assertIn(self.item(self.move).dunning_number, dialog.body)
        dialog.with_statement = True
        dialog.action_send()
        mail = self.env["mail.mail"].search([("model", "=", "account.collection.case")])
        self.assertEqual(mail.recipient_ids, self.partner_a)
        self.assertEqual(len(mail.attachment_ids), 1)
        self.assertEqual(mail.state, "outgoing", "queued")

    def test_the_timeline_tells_of_all_that_happened(self):
        self.refresh()
        self.dun()
        self.pay(self.move, 200)
        case = self.case().with_user(self.collector)
        case.message_post(body="Called his secretary", message_type="comment")
        hold = {"move_id": self.move.id, "reason_id": self.shipped("reason_dispute").id, "note": "wrong price"}
        self.env["account.dunning.hold"].with_user(self.collector).create(hold)
        self.env.invalidate_all()
        timeline = str(case.timeline)
        for part in ("Test 10", "Payment", "200.00", "Called his secretary", "Dispute", "wrong price"):
            self.assertIn(part, timeline)

    def test_what_comes_next(self):
        self.refresh()
        self.dun()
        self.env.invalidate_all()
        self.assertIn("Test 20", str(self.case().coming))
