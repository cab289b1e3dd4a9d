"""What becomes of payments on the customer's page (rules §13): failed, pending, twice, disputed, with charges."""

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tests.common import JsonRpcException

from .test_portal_pay import PayCommon

OPEN = [60.0, 50.0, 70.0, 100.0]


@tagged("post_install", "-at_install")
class TestOutcomes(PayCommon):
    def noticed(self):
        """The items of which a run ten days later writes."""
        self.go(10)
        return self.run_day().notice_ids.line_ids.move_line_id

    def test_it_fails_or_is_cancelled(self):
        for state in ("error", "cancel"):
            with self.subTest(state):
                transaction = self.pay_online(self.overdue, state)
                self.assertEqual(transaction.state, state)
                self.assertEqual(self.residuals(), OPEN)
                self.assertFalse(self.payments())
                self.assertEqual(set(self.plans().mapped("state")), {"ongoing"})
                page = self.get()
                self.assertEqual({int(each) for each in page.filled("pay")["item_ids"]}, set(self.overdue.ids))
        self.assertLessEqual(set(self.overdue.ids), set(self.noticed().ids), "nothing keeps them out")

    def test_no_discount_that_the_page_did_not_show(self):
        """Core would book what an early payment leaves out; here what was asked for is paid, all of it."""
        terms = self.env["account.payment.term"].create(
            {
                "name": "10 % within 30 days",
                "early_discount": True,
                "discount_percentage": 10,
                "discount_days": 30,
                "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 5})],
            }
        )
        move = self.invoice(self.ann, 12, 100.0, invoice_payment_term_id=terms.id)
        line = self.item(move)
        self.assertEqual(line.discount_amount_currency, 90.0)
        form = self.tick(line)
        self.assertEqual(float(form.payment["amount"]), 100.0)
        self.finish(self.begin(form))
        self.assertEqual(line.amount_residual, 0.0)
        self.assertEqual(self.payments().amount, 100.0)
        self.assertEqual(len(line.matched_credit_ids), 1, "no entry for a discount")
        self.assertFalse(self.credits_of(self.ann))

    def test_then_it_is_paid(self):
        self.pay_online(self.overdue, "error")
        self.pay_online(self.overdue)
        self.assertEqual(self.residuals(), [0.0] * 4)

    def test_pending_keeps_the_items_out_of_the_next_run(self):
        chosen = self.item(self.small) + self.item(self.contacts)
        transaction = self.begin(self.tick(chosen))
        self.assertEqual(transaction.state, "draft")
        self.finish(transaction, "pending")
        self.assertEqual(transaction.state, "pending")
        self.assertEqual(self.residuals(), OPEN)
        page = self.get()
        self.assertFalse(set(chosen.ids) & page.offered(), "it is not asked for again")
        self.assertRefused(self.act("pay", item_ids=chosen.ids, currency_id=chosen.currency_id.id))
        self.assertEqual(self.noticed(), self.overdue - chosen)
        skipped = self.env["account.dunning.skipped"].search(
            [("partner_id", "=", self.ann.id), ("reason", "=", "online")]
        )
        self.assertRecordValues(skipped, [{"item_count": 2, "amount": 120.0}])
        transaction._set_done()
        transaction._post_process()
        self.env.cr.precommit.run()
        self.assertEqual(self.residuals(), [60.0, 0.0, 0.0, 100.0])

    def test_pending_and_cancelled(self):
        transaction = self.begin(self.tick(self.overdue))
        self.finish(transaction, "pending")
        transaction._set_canceled()
        self.assertEqual(self.noticed(), self.overdue)

    def test_only_begun_keeps_nothing_out(self):
        self.begin(self.tick(self.overdue))
        self.assertEqual(self.noticed(), self.overdue)


@tagged("post_install", "-at_install")
class TestAtOnce(PayCommon):
    def test_two_browsers_pay_the_same(self):
        """Both have begun before either is done: what came second is an open credit, and somebody is told."""
        first = self.begin(self.tick(self.overdue))
        with self.another_browser():
            second = self.begin(self.tick(self.overdue))
            self.finish(second)
        self.assertEqual(self.residuals(), [0.0] * 4)
        self.assertFalse(self.to_do())
        self.finish(first)
        self.assertEqual((first + second).mapped("state"), ["done", "done"])
        self.assertEqual(self.residuals(), [0.0] * 4)
        self.assertEqual(self.credits_of(self.ann), [-280.0])
        self.assertEqual(self.rest.amount_residual, 100.0, "it pays nothing that was not ticked")
        [task] = self.to_do()
        self.assertIn("280", task.summary)
        self.assertEqual(len(self.payments()), 2)

    def test_part_of_it_was_settled_meanwhile(self):
        transaction = self.begin(self.tick(self.overdue))
        self.pay(self.contacts)
        self.finish(transaction)
        self.assertEqual(self.residuals(), [0.0] * 4)
        self.assertEqual(self.credits_of(self.ann), [-70.0])
        self.assertIn("70", self.to_do().summary)

    def test_the_second_tab_begins_too_late(self):
        first, second = self.tick(self.overdue), self.tick(self.overdue)
        self.finish(self.begin(first))
        with self.assertRaises(JsonRpcException):
            self.begin(second)
        self.assertEqual(self.transactions().mapped("amount"), [280.0])

    def test_a_second_tab_while_the_first_is_pending(self):
        first, second = self.tick(self.overdue), self.tick(self.overdue)
        self.finish(self.begin(first), "pending")
        with self.assertRaises(JsonRpcException):
            self.begin(second)

    def test_two_tabs_of_one_browser(self):
        """The session knows the second one only; the first is brought to its end by the scheduled action."""
        first, second = self.begin(self.tick(self.item(self.small))), self.begin(self.tick(self.item(self.contacts)))
        for transaction in first + second:
            self.finish(transaction)
        self.assertFalse(first.is_post_processed)
        first._post_process()
        self.env.cr.precommit.run()
        self.assertEqual(self.residuals(), [60.0, 0.0, 0.0, 100.0])
        self.assertFalse(self.credits_of(self.ann))

    def test_the_answer_comes_twice(self):
        transaction = self.pay_online(self.overdue)
        self.finish(transaction)
        transaction._post_process()
        self.assertEqual(len(self.payments()), 1)
        self.assertFalse(self.credits_of(self.ann))

    def test_paid_and_disputed_at_once(self):
        """Who disputes while his payment is under way has paid what he had ticked."""
        transaction = self.begin(self.tick(self.overdue))
        with self.another_browser():
            answer = self.act(
                "dispute",
                item_id=self.item(self.small).id,
                reason_id=self.shipped("reason_price").id,
                text="Too much",
                amount="20",
            )
            self.assertEqual(answer.status, 303, answer.alert)
        self.finish(transaction)
        self.assertEqual(self.residuals(), [0.0] * 4)
        self.assertFalse(self.credits_of(self.ann))
        self.assertEqual(set(self.plans().mapped("state")), {"recovered"})

    def test_disputed_before_the_button(self):
        """What was signed is not what is asked for any more."""
        form = self.tick(self.overdue)
        with self.another_browser():
            self.act(
                "dispute",
                item_id=self.item(self.small).id,
                reason_id=self.shipped("reason_price").id,
                text="Too much",
                amount="20",
            )
        with self.assertRaises(JsonRpcException):
            self.begin(form)
        self.assertFalse(self.transactions())

    def test_a_promise_is_kept_by_it(self):
        self.act(
            "promise",
            item_ids=self.overdue.ids,
            currency_id=self.company.currency_id.id,
            date="2026-06-08",
            amount="280",
        )
        [promise] = self.case.promise_ids
        self.assertEqual({int(each) for each in self.get().filled("pay")["item_ids"]}, set(self.overdue.ids))
        self.pay_online(self.overdue)
        self.assertEqual(promise.state, "kept")


@tagged("post_install", "-at_install")
class TestCharges(PayCommon):
    """Fees that stand on letters only are offered, and booked once they are paid."""

    @classmethod
    def make_debts(cls, stage):
        cls.level_1.write({"fee_kind": "fixed", "fee_amount": 10.0})
        super().make_debts(stage)

    def fee(self):
        """What the letters have claimed in fees."""
        notices = self.env["account.dunning.notice"].search([("partner_id", "=", self.ann.id), ("state", "=", "sent")])
        return sum(notices.charge_ids.filtered(lambda charge: charge.kind == "fee").mapped("amount"))

    def charge_moves(self):
        return self.env["account.dunning.notice"].search([("partner_id", "=", self.ann.id)]).charge_move_ids

    def test_they_are_shown_apart(self):
        page, fee = self.get(), self.fee()
        self.assertTrue(fee)
        self.assertIn(f"{fee:.2f}", page.text)
        self.assertTrue([each for each in page.controls("pay") if each.get("name") == "charges"])

    def test_paid_with_the_items(self):
        fee = self.fee()
        self.assertFalse(self.charge_moves())
        transaction = self.pay_online(self.overdue, charges="1")
        self.assertEqual(transaction.amount, 280.0 + fee)
        self.assertEqual(self.residuals(), [0.0] * 4)
        booked = self.charge_moves()
        self.assertEqual(sum(booked.mapped("amount_total")), fee)
        self.assertEqual(set(booked.mapped("payment_state")), {"paid"})
        self.assertFalse(self.credits_of(self.ann))
        self.assertEqual(set(self.plans().mapped("state")), {"recovered"})
        self.assertFalse(self.to_do())

    def test_left_out(self):
        transaction = self.pay_online(self.overdue)
        self.assertEqual(transaction.amount, 280.0)
        self.assertEqual(self.residuals(), [0.0] * 4)
        self.assertFalse(self.charge_moves())
        self.assertFalse(self.credits_of(self.ann))

    def test_nothing_is_booked_before_they_are_paid(self):
        for state in ("error", "pending"):
            self.pay_online(self.overdue, state, charges="1")
            self.assertFalse(self.charge_moves())
        self.assertEqual(self.residuals(), OPEN)

    def test_twice_by_two_browsers(self):
        """They are booked once; the rest is a credit."""
        first = self.begin(self.tick(self.overdue, charges="1"))
        with self.another_browser():
            self.finish(self.begin(self.tick(self.overdue, charges="1")))
        booked, fee = self.charge_moves(), self.fee()
        self.finish(first)
        self.assertEqual(self.charge_moves(), booked)
        self.assertEqual(sum(self.credits_of(self.ann)), -280.0 - fee)

    def test_booked_ones_are_items_like_others(self):
        self.settings.charges = "booked"
        self.level_2.write({"fee_kind": "fixed", "fee_amount": 10.0})
        self.go(10)
        self.dun()
        booked = self.charge_moves()
        self.assertTrue(booked)
        page = self.get()
        self.assertLessEqual({self.item(move).id for move in booked}, page.offered())
        self.assertIn(booked[:1].name, page.text)
