from odoo import Command
from odoo.exceptions import UserError
from odoo.fields import Date
from odoo.tests import tagged

from .desk_common import DeskCommon


@tagged("post_install", "-at_install")
class TestPromisesLedger(DeskCommon):
    """What the ledger says of promises where it is not plain: several on an item, money on its way, late booking."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settings.write({"promise_tolerance": 2, "promise_by_bank": False})
        cls.bank = cls.company_data["default_journal_bank"]
        cls.cash = cls.company_data["default_journal_cash"]

    def judge(self, days=0):
        self.go(days)
        self.promises._judge_due(self.company)
        self.commit()

    def bank_line(self, amount, day=None, journal=None, partner=None):
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": (journal or self.bank).id,
                "date": day or self.today,
                "amount": amount,
                "partner_id": (partner or self.partner_a).id,
                "payment_ref": "x",
            }
        )

    def test_only_promises_on_covered_items_are_replaced(self):
        older = self.invoice(self.partner_a, 30, 100)
        first = self.promise((7, 1000), moves=self.move)
        second = self.promise((7, 100), moves=older + self.move)
        self.assertEqual(second.item_ids.move_line_id, self.item(older), "the oldest first")
        self.assertRecordValues(first | second, [{"state": "open", "level": 1}, {"state": "open", "level": 1}])

    def test_what_the_next_one_does_not_cover_is_due_at_once(self):
        other = self.invoice(self.partner_a, 11, 500)
        self.dun()
        self.go(1)
        first = self.promise((7, 1500), moves=self.move + other)
        self.promise((9, 1000), moves=self.move)
        self.assertEqual(first.state, "replaced")
        self.assertTrue(self.state(other).released_on)
        self.assertFalse(self.state(self.move).released_on)
        self.assertTrue(self.item(self.move).dunning_on_hold)
        self.assertFalse(self.item(other).dunning_on_hold)

    def test_two_that_were_kept_open_again_together(self):
        """Both payments of one item come back within the windows: the newer promise stays, the older is replaced."""
        first = self.promise((7, 400))
        payment_1 = self.pay(self.move, 400)
        second = self.promise((7, 600))
        payment_2 = self.pay(self.move, 600)
        self.assertEqual((first.state, second.state), ("kept", "kept"))
        (payment_1 + payment_2).action_draft()
        self.commit()
        self.assertEqual((first.state, second.state), ("replaced", "open"))

    def test_a_payment_and_its_bank_line_count_once(self):
        promise = self.promise((7, 1000))
        self.pay(self.move, 500)
        self.bank_line(500)
        self.judge()
        self.assertRecordValues(promise, [{"state": "open", "amount_received": 500}])

    def test_money_at_the_bank_counts_before_it_is_matched(self):
        promise = self.promise((7, 1000))
        self.bank_line(1000)
        self.promises._judge_customers(self.company.id, self.partner_a.ids)
        self.assertEqual(promise.state, "kept")

    def test_the_cash_box_says_nothing_of_the_bank(self):
        self.settings.promise_by_bank = True
        self.bank_line(1, partner=self.partner_b)
        promise = self.promise((1, 1000))
        self.go(10)
        self.bank_line(1, journal=self.cash, partner=self.partner_b)
        self.judge()
        self.assertEqual(promise.state, "open")

    def test_a_late_booking_is_found_by_night(self):
        promise = self.promise((1, 1000))
        self.judge(4)
        self.assertEqual(promise.state, "broken")
        self.bank_line(1000, Date.subtract(self.today, days=2))
        self.assertEqual(promise.state, "broken", "nobody has matched it")
        self.judge()
        self.assertEqual(promise.state, "kept")

    def test_the_level_follows_what_became_of_the_earlier_one(self):
        first = self.promise((1, 400))
        self.judge(4)
        second = self.promise((7, 1000))
        self.assertEqual((first.state, second.level), ("broken", 2))
        self.bank_line(400, Date.subtract(self.today, days=2))
        self.judge()
        self.assertEqual((first.state, second.level), ("kept", 1))

    def test_what_is_not_pursued_is_not_promised_by_itself(self):
        """Nothing ticked is what is overdue and pursued, as the case counts it."""
        other = self.invoice(self.partner_a, 40, 500)
        self.item(other).no_followup = True
        self.env.invalidate_all()
        self.assertEqual(self.case.with_user(self.collector)._get_chosen(()), self.item(self.move))
        self.assertEqual(self.case.with_user(self.collector)._get_chosen(self.item(other).ids), self.item(other))
        self.item(self.move).no_followup = True
        self.env.invalidate_all()
        items = self.item(other) + self.item(self.move)
        self.assertEqual(self.case.with_user(self.collector)._get_chosen(()), items, "of an unrecovered debt, too")

    def test_a_credit_note_for_another_invoice_is_no_money(self):
        promise = self.promise((7, 1000))
        refund = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.partner_a.id,
                "invoice_date": self.today,
                "invoice_line_ids": [Command.create({"name": "Back", "price_unit": 300, "tax_ids": []})],
            }
        )
        refund.action_post()
        (self.item(refund) + self.item(self.move)).reconcile()
        self.commit()
        self.assertRecordValues(promise, [{"state": "open", "amount_received": 0, "amount_owed": 700}])

    def test_kept_leaves_nothing_waiting(self):
        """The uncovered rest was never on hold."""
        self.dun()
        self.promise((7, 400))
        self.pay(self.move, 400)
        self.assertFalse(self.state(self.move).resumed_on)

    def test_the_hold_of_a_promise_is_not_changed_by_hand(self):
        promise = self.promise((7, 400))
        hold = promise.hold_ids.with_user(self.collector)
        for values in ({"amount": 100}, {"date_until": self.today}):
            with self.refused(UserError, "Withdraw the promise"):
                hold.write(values)
        dialog = self.env["account.dunning.hold.end"].with_user(self.collector)
        with self.refused(UserError, "Withdraw the promise"):
            dialog.create({"hold_ids": [Command.set(hold.ids)]}).action_end()

    def test_insolvent_ends_promises_and_reminders(self):
        agreement = self.promise((1, 400), (31, 300), (61, 300))
        self.log("outcome_insolvent")
        self.assertEqual(agreement.state, "withdrawn")
        self.go(5)
        self.night()
        self.assertFalse(self.env["mail.mail"].search([("subject", "like", "instalment")]))

    def test_who_has_no_address_is_called(self):
        self.partner_a.email = False
        self.promise((1, 400), (31, 300), (61, 300))
        self.go(5)
        self.night()
        self.assertTrue(self.case.activity_ids.filtered(lambda todo: "instalment is late" in todo.summary))

    def test_the_fee_passes_a_credit_stop_and_is_not_dunned(self):
        self.settings.write({"charges": "booked", "agreement_fee": 15})
        self.level_1.credit_stop = True
        self.dun()
        self.assertTrue(self.partner_a.with_company(self.company).dunning_credit_stop)
        fee = self.promise((5, 400), (35, 300), (65, 300)).sudo().fee_move_id
        self.assertEqual(fee.state, "posted")
        self.go(40)
        self.assertNotIn(fee, self.run_day().notice_ids.line_ids.move_id)

    def test_a_fee_that_cannot_be_booked_undoes_nothing(self):
        self.settings.write({"charges": "booked", "agreement_fee": 15})
        self.patch(type(self.env["account.move"]), "_post", lambda move, soft=True: 1 / 0)
        agreement = self.promise((5, 400), (35, 300), (65, 300))
        self.assertEqual(agreement.state, "open")
        self.assertFalse(agreement.sudo().fee_move_id)
        self.assertTrue(self.partner_a.activity_ids, "the accountant is asked")

    def test_an_item_that_goes_to_another_customer_takes_its_promise_along(self):
        promise = self.promise((7, 1000))
        self.item(self.move).partner_id = self.partner_b
        self.commit()
        self.assertEqual(promise.partner_id, self.partner_b)

    def test_the_letter_tells_of_other_items_only(self):
        self.level_1.text = "<p>Pay {total}. {promise}</p>"
        other = self.invoice(self.partner_a, 12, 500)
        self.promise((7, 400), moves=other)
        notice = self.run_day().notice_ids
        self.assertEqual(notice.line_ids.move_id, self.move + other, "100 of the other is not promised")
        self.assertNotIn("Your promise", notice._get_text())
