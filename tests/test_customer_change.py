"""Posted items that go to another customer take their dunning with them (rules §3)."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_entry_documents import EntryCommon


@tagged("post_install", "-at_install")
class TestCustomerChange(EntryCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        address = {"street": "1 Main Street", "zip": "12345", "city": "Springfield"}
        cls.john = cls.env["res.partner"].create({"name": "John", "email": "john@example.com", **address})
        cls.firm = cls.env["res.partner"].create({"name": "Firm", "is_company": True, **address})

    def file(self):
        """File John under his firm, as a clerk without any rights in dunning."""
        clerk = self.new_user("clerk", "base.group_partner_manager,account.group_account_invoice")
        self.john.with_user(clerk).parent_id = self.firm
        self.env.cr.precommit.run()

    def test_plans_go_with_their_items(self):
        move = self.invoice(self.john, 15)
        self.dun()
        plan = move.collection_plan_id
        self.file()
        self.assertEqual(self.item(move).partner_id, self.firm)
        self.assertRecordValues(
            plan,
            [{"partner_id": self.firm.id, "state": "ongoing", "amount_due": 100, "level_id": self.level_1.id}],
        )
        self.assertTrue(plan.next_date)
        self.assertEqual(self.state(move).partner_id, self.firm)
        self.go(10)
        notice = self.dun()
        self.assertEqual((notice.partner_id, notice.level_id, notice.line_ids.plan_id), (self.firm, self.level_2, plan))
        self.pay(move)
        self.assertEqual(plan.state, "recovered")

    def test_customer_based_plans_go_or_join(self):
        for existing in (False, True):
            with self.subTest(existing=existing), self.env.cr.savepoint() as savepoint:
                self.settings.mode = "customer"
                move = self.invoice(self.john, 15)
                other = self.invoice(self.firm, 15) if existing else move
                self.dun()
                plan = other.collection_plan_id
                self.file()
                open_plans = self.plans.search([("company_id", "=", self.company.id), ("state", "=", "ongoing")])
                self.assertEqual(open_plans, plan)
                self.assertRecordValues(
                    plan, [{"partner_id": self.firm.id, "name": "Firm", "amount_due": 200 if existing else 100}]
                )
                savepoint.rollback()
                self.env.invalidate_all()

    def test_what_keeps_him_out_keeps_out_his_items(self):
        moves = {name: self.invoice(self.john, 15) for name in ("stopped", "paused", "held")}
        self.dun()
        moves["stopped"].collection_plan_id.sudo()._stop(self.reason)
        moves["paused"].collection_plan_id.sudo()._pause(self.reason, self.today + timedelta(90))
        hold = self.env["account.dunning.hold"].create({"move_id": moves["held"].id, "reason_id": self.reason.id})
        self.go(20)
        self.file()
        self.assertFalse(self.run_day().notice_ids)
        self.assertEqual(moves["paused"].collection_plan_id.state, "paused")
        self.assertEqual(hold.commercial_partner_id, self.firm)

    def test_what_was_set_for_him_is_set_for_the_firm(self):
        move = self.invoice(self.john, 15)
        hold = self.env["account.dunning.hold"].create({"partner_id": self.john.id, "reason_id": self.reason.id})
        self.john.action_dunning_stop_credit()
        self.file()
        self.assertEqual(hold.partner_id, self.firm)
        self.assertTrue(self.john.dunning_on_hold)
        self.assertFalse(self.run_day().notice_ids)
        draft = move.copy({"invoice_date": self.today})
        with self.refused(UserError, "credit stop"):
            draft.action_post()

    def test_notices_on_their_way_are_withdrawn(self):
        move = self.invoice(self.john, 15)
        proposed = self.run_day().notice_ids
        self.assertEqual(proposed.line_ids.move_id, move)
        self.file()
        self.assertFalse(proposed.exists().line_ids)
        self.assertEqual(self.run_day().notice_ids.partner_id, self.firm)

    def test_an_entry_moves_by_item(self):
        items = self.opening((self.john, 100, "R-1", 15), (self.partner_b, 200, "R-2", 15))
        self.dun()
        plans = self.about(items)
        self.file()
        self.assertEqual([plan.partner_id for plan in plans], [self.firm, self.partner_b])
        self.assertEqual(plans.mapped("state"), ["ongoing", "ongoing"])

    def test_an_invoice_for_another_customer_begins_anew(self):
        for same_transaction in (False, True):
            with self.subTest(same_transaction=same_transaction), self.env.cr.savepoint() as savepoint:
                move = self.invoice(self.john, 15)
                self.dun()
                plan = move.collection_plan_id
                move.button_draft()
                if not same_transaction:
                    self.env.cr.precommit.run()
                move.partner_id = self.partner_b
                move.action_post()
                self.env.cr.precommit.run()
                self.assertRecordValues(plan, [{"state": "stopped", "close_reason": "other_customer"}])
                self.assertFalse(self.state(move).level_id)
                self.go(10)
                notice = self.dun()
                self.assertEqual((notice.partner_id, notice.level_id), (self.partner_b, self.level_1))
                self.assertEqual(notice.line_ids.plan_id.partner_id, self.partner_b)
                self.go(-10)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_an_invoice_for_the_same_customer_goes_on(self):
        move = self.invoice(self.john, 15)
        self.dun()
        move.button_draft()
        self.env.cr.precommit.run()
        move.action_post()
        self.env.cr.precommit.run()
        self.assertEqual(self.state(move).level_id, self.level_1)
