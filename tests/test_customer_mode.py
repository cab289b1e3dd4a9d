"""Customer-based dunning: one plan for all that a customer owes overdue (rules §4 to §6)."""

from odoo.fields import Date
from odoo.tests import tagged

from .common import TODAY, DunningCommon, StubLetters


class CustomerModeCommon(StubLetters, DunningCommon):
    """The company of DunningCommon, dunned by customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settings.mode = "customer"

    def plan(self, partner=None, state=("ongoing", "paused")):
        return self.env["account.collection.plan"].search(
            [("partner_id", "=", (partner or self.partner_a).id), ("state", "in", state)]
        )

    def levels(self, *moves):
        return [self.state(move).level_id for move in moves]


@tagged("post_install", "-at_install")
class TestCustomerMode(CustomerModeCommon):
    def test_one_plan_for_all_invoices(self):
        old, new = self.invoice(self.partner_a, 12, 100.0), self.invoice(self.partner_a, 2, 50.0)
        future = self.invoice(self.partner_a, -3, 70.0)
        [notice] = self.dun()
        self.assertEqual(notice.line_ids.move_id, old + new)
        plan = self.plan()
        self.assertRecordValues(
            plan,
            [
                {
                    "name": self.partner_a.name,
                    "mode": "customer",
                    "move_id": False,
                    "level_id": self.level_1.id,
                    "amount_due": 150.0,
                    "leading_due_date": Date.subtract(TODAY, days=12),
                    "next_level_id": self.level_2.id,
                    "next_date": Date.add(TODAY, days=8),
                }
            ],
        )
        self.assertEqual(self.levels(old, new), [self.level_1, self.level_1])
        self.assertFalse(self.state(future))
        self.assertEqual((old + new).collection_plan_id, plan)

    def test_invoices_that_fall_due_later_join(self):
        old = self.invoice(self.partner_a, 12)
        late = self.invoice(self.partner_a, -3, 30.0)
        self.dun()
        self.go(5)
        self.assertFalse(self.run_day().notice_ids, "nothing is due between the levels")
        self.assertEqual(self.state(late).plan_id, self.plan())
        self.assertEqual((self.plan().amount_due, self.state(late).level_id.id), (130.0, False))
        self.go(3)
        self.dun()
        self.assertEqual(self.levels(old, late), [self.level_2, self.level_2])

    def test_level_falls_only_where_an_undunned_item_leads(self):
        old = self.invoice(self.partner_a, 22)
        self.dun()
        self.go(8)
        self.dun()
        self.assertEqual(self.plan().level_id, self.level_2)
        older = self.invoice(self.partner_a, 40)
        self.dun()
        self.assertEqual(self.levels(old, older), [self.level_1, self.level_1])

    def test_two_currencies_are_one_step(self):
        euro = self.invoice(self.partner_a, 3, 10.0, currency_id=self.other_currency.id)
        dollar = self.invoice(self.partner_a, 12, 100.0)
        notices = self.dun()
        self.assertEqual(notices.currency_id, euro.currency_id + dollar.currency_id)
        self.assertEqual(notices.level_id, self.level_1)
        self.assertEqual(len(self.plan()), 1)
        self.go(8)
        notices = self.dun()
        self.assertEqual((len(notices), notices.level_id), (2, self.level_2))
        self.assertEqual(notices.line_ids.plan_id, self.plan())

    def test_entry_and_exit_at_the_minimum(self):
        self.dunning_type.minimum_amount = 100.0
        move = self.invoice(self.partner_a, 12, 99.99)
        self.assertFalse(self.run_day().notice_ids)
        other = self.invoice(self.partner_a, 12, 0.01)
        self.dun()
        plan = self.plan()
        self.assertEqual(plan.state, "ongoing", "at the minimum the customer is dunned")
        self.pay(other)
        self.assertEqual((plan.state, plan.close_reason), ("recovered", "paid"))
        self.assertFalse(self.run_day().notice_ids, "entry is the very contrary of exit")
        self.assertEqual(self.state(move).level_id, self.level_1)

    def test_a_new_debt_after_the_exit_opens_a_new_plan(self):
        self.dunning_type.minimum_amount = 100.0
        move, other = self.invoice(self.partner_a, 12, 60.0), self.invoice(self.partner_a, 12, 60.0)
        self.dun()
        old = self.plan()
        self.pay(other)
        self.invoice(self.partner_a, 1, 50.0)
        self.go(8)
        self.dun()
        self.assertEqual(old.state, "recovered")
        self.assertTrue(self.plan() and self.plan() != old)
        self.assertEqual(self.state(move).level_id, self.level_2, "the level of the item goes on")

    def test_exit_with_nothing_overdue(self):
        move = self.invoice(self.partner_a, 12)
        self.invoice(self.partner_a, -30, 500.0)
        self.dun()
        plan = self.plan()
        self.pay(move)
        self.assertEqual((plan.state, plan.close_reason), ("recovered", "paid"))

    def test_a_hold_is_no_exit(self):
        move = self.invoice(self.partner_a, 12)
        self.dun()
        self.env["account.dunning.hold"].create({"move_id": move.id, "reason_id": self.shipped("reason_dispute").id})
        self.go(10)
        self.assertFalse(self.run_day().notice_ids)
        self.assertEqual(self.plan().state, "ongoing")

    def test_credited_cancelled_and_moved(self):
        for how in ("credit", "draft", "move"):
            with self.subTest(how=how), self.env.cr.savepoint() as savepoint:
                move = self.invoice(self.partner_a, 12)
                self.dun()
                plan = self.plan()
                if how == "credit":
                    move._reverse_moves([{"date": self.today, "invoice_date": self.today}]).action_post()
                elif how == "draft":
                    move.button_draft()
                else:
                    self.item(move).date_maturity = Date.add(self.today, days=30)
                self.env.cr.precommit.run()
                expected = {"credit": "credited", "draft": "cancelled", "move": "moved"}
                self.assertEqual((plan.state, plan.close_reason), ("stopped", expected[how]))
                self.assertFalse(plan.keeps_out)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_returned_payment_reopens(self):
        move = self.invoice(self.partner_a, 12)
        self.dun()
        plan = self.plan()
        self.pay(move)
        self.assertEqual(plan.state, "recovered")
        self.item(move).remove_move_reconcile()
        self.env.cr.precommit.run()
        self.assertEqual((plan.state, plan.level_id), ("ongoing", self.level_1))

    def test_returned_payment_while_another_plan_is_open(self):
        move = self.invoice(self.partner_a, 12)
        self.dun()
        old = self.plan()
        self.pay(move)
        other = self.invoice(self.partner_a, 12)
        self.go(8)
        self.dun()
        self.item(move).remove_move_reconcile()
        self.env.cr.precommit.run()
        self.assertEqual(old.state, "recovered")
        self.assertEqual(self.plan().item_state_ids.move_id, move + other, "what is open again joins the open plan")

    def test_balance_with_credits(self):
        """With the full receivable balance, money on account ends the plan before it is allocated."""
        self.settings.balance_id = self.shipped("balance_receivable")
        self.invoice(self.partner_a, 12)
        self.dun()
        plan = self.plan()
        self.env["account.payment"].create(
            {"partner_id": self.partner_a.id, "payment_type": "inbound", "amount": 100.0, "date": self.today}
        ).action_post()
        self.run_day()
        self.assertEqual((plan.state, plan.close_reason), ("recovered", "paid"))

    def test_plans_of_the_other_mode_stay_closed(self):
        move = self.invoice(self.partner_a, 12)
        self.dun()
        plan = self.plan()
        payments = self.pay(move)
        self.env["account.dunning.run"].search([]).filtered(lambda run: run.state != "done").action_cancel()
        self.settings.mode = "invoice"
        payments.action_draft()
        self.env.cr.precommit.run()
        self.assertEqual(plan.state, "recovered")
        self.go(8)
        self.dun()
        self.assertEqual((move.collection_plan_id.mode, move.dunning_level_id), ("invoice", self.level_2))
