from datetime import date

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .desk_common import DeskCommon


@tagged("post_install", "-at_install")
class TestPromises(DeskCommon):
    """Promises to pay, judged from the ledger (rules §11): the published cases, and what follows of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settings.write({"promise_tolerance": 2, "promise_by_bank": False})

    def judged(self, days=0):
        """Let ``days`` pass, then the night judges."""
        self.go(days)
        self.env["account.dunning.promise"]._judge_due(self.company)
        self.commit()

    def holds(self, promise):
        return promise.hold_ids.filtered(lambda hold: not hold.ended_on)

    def test_p1_a_new_promise_replaces_the_open_one(self):
        first = self.promise((7, 1000))
        self.assertRecordValues(first, [{"level": 1, "state": "open"}])
        second = self.promise((9, 1000))
        self.assertRecordValues(first | second, [{"level": 1, "state": "replaced"}, {"level": 2, "state": "open"}])
        self.assertEqual(first.replaced_by_id, second)
        self.assertFalse(self.holds(first))
        self.assertEqual(self.holds(second).move_line_id, self.item(self.move), "the hold is handed on")

    def test_p1_after_partly_kept_or_broken_the_level_rises(self):
        first = self.promise((1, 1000))
        self.pay(self.move, 200)
        self.judged(4)
        self.assertEqual(first.state, "partly")
        second = self.promise((1, 800))
        self.judged(4)
        self.assertRecordValues(second, [{"state": "broken", "level": 2}])
        self.assertEqual(self.promise((1, 800)).level, 3)

    def test_p2_a_withdrawn_promise_counts(self):
        first = self.promise((7, 1000))
        first.with_user(self.collector).action_withdraw()
        self.assertEqual(first.state, "withdrawn")
        self.assertFalse(self.holds(first))
        self.assertEqual(self.promise((7, 1000)).level, 2)

    def test_p3_after_a_kept_part_promise_the_level_stays(self):
        first = self.promise((7, 400))
        self.pay(self.move, 400)
        self.assertEqual(first.state, "kept")
        self.assertEqual(self.promise((7, 600)).level, 1)

    def test_p5_money_in_the_window_decides(self):
        moves = self.invoices(self.partner_a, 12, [500, 500, 500])
        nothing, part, whole = (self.promise((3, 500), moves=move) for move in moves)
        self.pay(moves[1], 200)
        self.pay(moves[2], 500)
        self.assertEqual(whole.state, "kept", "at the moment of reconciliation")
        self.judged(6)
        self.assertRecordValues(
            nothing | part,
            [{"state": "broken", "amount_received": 0}, {"state": "partly", "amount_received": 200}],
        )

    def test_p6_the_threshold_is_enough(self):
        self.settings.promise_threshold = 95
        moves = self.invoices(self.partner_a, 12, [100, 100])
        enough, short = (self.promise((3, 100), moves=move) for move in moves)
        self.pay(moves[0], 95)
        self.pay(moves[1], 94.99)
        self.judged(6)
        self.assertEqual((enough.state, short.state), ("kept", "partly"))

    def credit_note(self, move, amount):
        refund = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": move.partner_id.id,
                "invoice_date": self.today,
                "reversed_entry_id": move.id,
                "invoice_line_ids": [Command.create({"name": "Back", "price_unit": amount, "tax_ids": []})],
            }
        )
        refund.action_post()
        self.assertTrue(self.item(refund).reconciled, "core settles what it reverses")
        self.commit()

    def test_p7_a_credit_note_lowers_what_is_promised(self):
        move = self.invoice(self.partner_a, 12, 300)
        promise = self.promise((7, 300), moves=move)
        self.credit_note(move, 100)
        self.assertRecordValues(promise, [{"state": "open", "amount_owed": 200}])
        self.pay(move, 200)
        self.assertEqual(promise.state, "kept")

    def test_p8_nothing_left_makes_it_void(self):
        move = self.invoice(self.partner_a, 12, 300)
        promise = self.promise((7, 300), moves=move)
        self.credit_note(move, 300)
        self.assertRecordValues(promise, [{"state": "void", "level": 1}])
        self.assertFalse(self.holds(promise))

    def test_p9_a_returned_payment_judges_anew(self):
        promise = self.promise((7, 1000))
        payment = self.pay(self.move)
        self.assertEqual(promise.state, "kept")
        self.assertFalse(self.holds(promise))
        payment.action_draft()
        self.commit()
        self.assertEqual(promise.state, "open", "the window runs")
        self.assertTrue(self.holds(promise))
        payment.action_post()
        self.commit()
        self.assertEqual(promise.state, "kept", "the money is there, though matched with nothing")
        self.go(20)
        payment.action_draft()
        self.commit()
        self.assertEqual(promise.state, "broken", "the window is over")
        self.assertFalse(self.holds(promise))

    def test_p10_free_money_serves_the_older_promise_first(self):
        moves = self.invoices(self.partner_a, 12, [100, 100])
        older, newer = (self.promise((7, 100), moves=move) for move in moves)
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.partner_a.id,
                "payment_type": "inbound",
                "partner_type": "customer",
                "amount": 150,
                "date": self.today,
            }
        )
        payment.action_post()
        self.commit()
        self.assertEqual(older.state, "kept", "at once")
        self.judged(10)
        self.assertRecordValues(newer, [{"state": "partly", "amount_received": 50}])

    def test_p11_an_agreement_ends_at_the_level_it_had(self):
        self.dun()
        level = self.state(self.move).level_id
        self.assertTrue(level)
        agreement = self.promise((5, 400), (35, 300), (65, 300))
        self.assertTrue(agreement.agreement)
        self.go(5)
        self.pay(self.move, 400)
        self.judged(30)
        self.assertEqual(agreement.state, "open")
        self.judged(3)
        self.assertEqual(agreement.part_ids.mapped("state"), ["kept", "late", "open"])
        self.assertFalse(self.run_day().notice_ids, "still in the agreement")
        self.judged(11)
        self.assertEqual(agreement.state, "open", "day 14")
        self.judged(1)
        self.assertEqual(agreement.state, "broken", "day 15")
        self.assertEqual(self.state(self.move).level_id, level)
        self.assertTrue(self.run_day().notice_ids, "due at once")

    def test_p12_the_rest_of_the_customer_is_dunned(self):
        other = self.invoice(self.partner_a, 12, 50)
        self.promise((7, 1000), moves=self.move)
        notice = self.run_day().notice_ids
        self.assertEqual(notice.line_ids.move_id, other)

    def test_p12_the_last_item_is_covered_in_part(self):
        other = self.invoice(self.partner_a, 11, 500)
        promise = self.promise((7, 1200))
        self.assertEqual(promise.item_ids.mapped("amount"), [1000, 200])
        notice = self.run_day().notice_ids
        self.assertRecordValues(notice.line_ids, [{"move_id": other.id, "claim": 300}])

    def test_p14_it_is_open_till_the_end_of_the_day(self):
        self.company.partner_id.tz = "Europe/Brussels"
        self.settings.promise_tolerance = 0
        self.frozen.move_to("2026-05-01 08:00:00")
        promise = self.promise((0, 1000), moves=self.move)
        self.frozen.move_to("2026-05-01 21:59:00")  # 23:59 in Brussels
        self.promises._judge_due(self.company)
        self.assertEqual(promise.state, "open")
        self.frozen.move_to("2026-05-01 22:01:00")
        self.promises._judge_due(self.company)
        self.commit()
        self.assertEqual(promise.state, "broken")

    def test_a_broken_promise_is_due_at_once(self):
        self.dun()
        self.go(10)  # the next level is due: 22 days overdue
        promise = self.promise((1, 1000))
        self.assertFalse(self.run_day().notice_ids)
        self.judged(4)
        self.assertEqual(promise.state, "broken")
        notices = self.run_day().notice_ids
        self.assertEqual(notices.level_id, self.level_2)

    def test_a_broken_promise_takes_no_minimum_days(self):
        self.level_2.days = 13
        self.level_2.min_days = 30
        self.level_1.deadline_days = 0
        self.dun()
        promise = self.promise((0, 1000))
        self.judged(3)
        self.assertEqual(promise.state, "broken")
        self.assertEqual(self.run_day().notice_ids.level_id, self.level_2, "not 30 days after the first")

    def test_days_after_a_broken_promise(self):
        self.settings.promise_wait = 5
        self.dun()
        self.go(10)
        self.promise((1, 1000))
        self.judged(4)
        self.assertFalse(self.run_day().notice_ids)
        self.go(5)
        self.assertTrue(self.run_day().notice_ids)

    def test_late_booking_puts_a_broken_promise_right(self):
        self.dun()
        promise = self.promise((1, 1000))
        self.judged(4)
        self.assertEqual(promise.state, "broken")
        self.assertTrue(self.state(self.move).released_on)
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=self.move.ids)
            .create({"payment_date": date(2026, 6, 2), "amount": 1000})
        )
        wizard._create_payments()
        self.commit()
        self.assertEqual(promise.state, "kept")
        self.assertFalse(self.state(self.move).released_on)

    def test_the_bank_is_waited_for(self):
        self.settings.promise_by_bank = True
        journal = self.company_data["default_journal_bank"]
        line = self.env["account.bank.statement.line"].create(
            {"journal_id": journal.id, "date": self.today, "amount": 1, "payment_ref": "x"}
        )
        promise = self.promise((1, 1000))
        self.judged(10)
        self.assertEqual(promise.state, "open", "nothing is booked since")
        line.copy({"date": self.today})
        self.judged(0)
        self.assertEqual(promise.state, "broken")

    def test_more_than_is_open_is_no_promise(self):
        with self.refused(UserError, "only .* is open"):
            self.promise((7, 2000))
        with self.refused(UserError, "is past"):
            self.promise((-1, 100))
        with self.refused(UserError, "Say what is promised"):
            self.promise()

    def test_a_hold_of_a_promise_ends_with_it(self):
        promise = self.promise((7, 1000))
        with self.refused(UserError, "Withdraw the promise"):
            promise.hold_ids.with_user(self.collector).action_end()

    def test_the_desk_leads_with_it_the_next_day(self):
        self.promise((1, 1000))
        self.commit()
        self.assertFalse(self.case.on_desk, "all is promised")
        self.go(1)
        self.refresh()
        self.assertEqual(self.case.queue, "promised_today")
        self.assertTrue(self.case.on_desk)
        self.go(3)
        self.night()
        self.assertRecordValues(self.case, [{"queue": "broken", "on_desk": True, "next_action": "call"}])
        self.assertIn("broken today", self.case.why)

    def test_confirmed_in_the_customers_language(self):
        self.promise((7, 1000), confirm=True)
        mails = self.env["mail.mail"].search([("model", "=", "account.collection.case")])
        self.assertEqual(mails.recipient_ids, self.partner_a)
        self.assertIn("1,000.00", mails.body_html)

    def test_the_fee_of_an_agreement_is_invoiced(self):
        self.settings.write({"charges": "booked", "agreement_fee": 15})
        agreement = self.promise((5, 400), (35, 300), (65, 300))
        fee = agreement.sudo().fee_move_id
        self.assertRecordValues(fee, [{"state": "posted", "amount_untaxed": 15, "partner_id": self.partner_a.id}])
        self.assertEqual(str(fee.invoice_date_due), "2026-06-06")
        self.assertFalse(self.promise((5, 900)).sudo().fee_move_id, "a plain promise costs nothing")

    def test_the_agreement_is_a_document(self):
        self.promise((5, 400), (35, 300), (65, 300))
        agreement = self.promises.search([("case_id", "=", self.case.id)])
        report = self.env["ir.actions.report"].with_user(self.collector)
        html, _type = report._render_qweb_html("account_dunning.report_agreement", agreement.ids)
        text = html.decode()
        for part in ("Instalment Agreement", "400.00", "300.00", "14 days after its date", "signature"):
            self.assertIn(part, text)

    def test_what_is_sent_is_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["ir.module.module"].search([("name", "=", "account_dunning")])._update_translations(["de_DE"])
        self.partner_a.lang = "de_DE"
        self.promise((5, 400), (35, 300), (65, 300), confirm=True)
        agreement = self.promises.search([("case_id", "=", self.case.id)])
        html, _type = self.env["ir.actions.report"]._render_qweb_html("account_dunning.report_agreement", agreement.ids)
        for part in ("Ratenzahlungsvereinbarung", "14 Tage nach ihrem Datum", "Unterschrift"):
            self.assertIn(part, html.decode())
        mail = self.env["mail.mail"].search([("model", "=", "account.collection.case")])
        self.assertIn("Ihre Zahlung wie vereinbart", mail.subject)
        for part in ("Guten Tag partner_a,", "Bis dahin erhalten Sie", "Mit freundlichen"):
            self.assertIn(part, mail.body_html)
        action = self.case.with_user(self.collector).action_send()
        dialog = self.env["account.dunning.send"].with_user(self.collector).with_context(**action["context"]).create({})
        self.assertIn("offene Rechnungen", dialog.subject)

    def test_a_late_instalment_is_reminded_of_once(self):
        self.promise((5, 400), (35, 300), (65, 300))
        self.go(8)
        self.night()
        mails = [("model", "=", "account.collection.case"), ("subject", "like", "instalment is missing")]
        self.assertEqual(self.env["mail.mail"].search_count(mails), 1)
        self.go(1)
        self.night()
        self.assertEqual(self.env["mail.mail"].search_count(mails), 1)

    def test_letters_mention_the_promise(self):
        self.level_1.text = "<p>Pay {total}. {promise}</p>"
        self.invoice(self.partner_a, 12, 50)
        self.promise((7, 1000), moves=self.move)
        self.assertIn("Your promise to pay", self.run_day().notice_ids._get_text())
