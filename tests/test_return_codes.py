"""What follows of a payment that the bank returned, by its code (ISO 20022, US ACH)."""

import base64

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Date
from odoo.tests import Form, tagged

from .test_returned_payments import ReturnCommon


class CodesCommon(ReturnCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.codes = cls.env["account.dunning.return.code"]._get_all_of(cls.company)
        cls.partner_a.dunning_user_id = cls.collector
        cls.retry = cls.env["account.dunning.action"].create({"name": "Charge again", "kind": "payment_retry"})
        cls.retry.company_id = cls.company

    def token(self, **values):
        return self.env["payment.token"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.method.id,
                "partner_id": self.partner_a.id,
                "provider_ref": "token",
                "payment_details": "1234",
                "demo_simulated_state": "done",
                **values,
            }
        )

    def returned(self, code, move=None, **values):
        """The plan of an invoice whose payment came back with ``code``."""
        move = move or self.dunned()
        payment = self.pay(move)
        self.give_back(payment, code_id=self.codes[code], **values)
        return self.plan_of(move)

    def summaries(self, record):
        return record.activity_ids.sorted("id").mapped("summary")


@tagged("post_install", "-at_install")
class TestReturnCodes(CodesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        demo = cls.env["payment.provider"].search([("code", "=", "demo")])
        own = demo.filtered(lambda provider: provider.company_id == cls.company)[:1]
        cls.provider = own or demo[:1].copy({"company_id": cls.company.id})
        cls.provider.write({"state": "test", "journal_id": cls.company_data["default_journal_bank"].id})
        cls.method = cls.env["payment.method"].search([("code", "=", "demo")], limit=1)
        cls.method.active = True
        lines = cls.env["account.payment.method.line"].search([("payment_provider_id", "=", cls.provider.id)])
        lines.payment_account_id = cls.inbound_payment_method_line.payment_account_id

    def test_every_code_of_the_table_is_shipped(self):
        expected = (
            "AM04 AM06 MS03 MS02 MD06 MD01 MD02 AC01 AC04 AC13 RC01 AC06 AG01 SL01 MD07 AM05 DUPL BE05 FF01 FF05 AG02 "
            "RR01 RR02 RR03 RR04 TM01 DNOR CNOR ED05 R01 R09 R02 R03 R04 R07 R10 R29"
        )
        self.assertEqual(set(self.codes), set(expected.split()))

    def test_no_cover_is_charged_again_by_itself(self):
        self.token()
        plan = self.returned("AM04")
        self.assertEqual(plan.return_retry_on, Date.add(self.today, days=3))
        self.assertEqual((plan.state, plan.paused_until), ("paused", Date.add(self.today, days=3)))
        self.assertFalse(plan.activity_ids, "nobody has to do anything about the first one")
        self.assertEqual(plan._get_retryable(), {})
        plan._queue_returned()
        self.assertFalse(plan.sudo().retry_action_id, "too early")
        self.go(3)
        plan.sudo()._resume(self.today)
        plan._queue_returned()
        self.assertEqual((plan.sudo().retry_action_id, plan.return_retry_on), (self.retry, False))
        self.assertEqual(plan._get_retryable(), {plan.move_id: 100.0})
        plan._retry_next()
        [transaction] = self.env["payment.transaction"].search([("dunning_plan_id", "=", plan.id)])
        self.assertEqual((transaction.state, transaction.amount), ("done", 100.0))

    def test_the_second_one_calls_and_the_third_is_not_charged(self):
        self.token()
        move = self.dunned()
        for number, (retry, words) in enumerate(((True, 0), (True, 1), (False, 1)), 1):
            plan = self.returned("AM04", move)
            self.assertEqual(bool(plan.return_retry_on), retry, number)
            self.assertEqual(len(self.calls(plan)), words, number)
            if number < 3:
                self.assertTrue(plan._find_tokens(move)[move])
        self.assertFalse(plan._find_tokens(move)[move], "the payment method that was saved before")
        self.assertIn("it came back 3 times", self.calls(plan)[-1].note)

    def test_only_returns_of_the_last_days_count(self):
        self.token()
        move = self.dunned()
        for _each in range(2):
            self.returned("R01", move)
        self.go(200)
        plan = self.returned("R01", move)
        self.assertTrue(plan.return_retry_on)
        self.codes["R01"].retry_within = 0
        self.assertFalse(self.returned("R01", move).return_retry_on)

    def test_without_a_saved_payment_method_somebody_collects_again(self):
        plan = self.returned("AM04")
        self.assertFalse(plan.return_retry_on)
        [activity] = plan.activity_ids
        self.assertEqual((activity.user_id, activity.date_deadline), (self.collector, Date.add(self.today, days=3)))
        self.assertTrue(activity.summary.startswith("Collect again from"))
        self.assertIn("1 of at most 2 times", activity.note)

    def test_next_steps_in_words(self):
        for code, words, retry in (
            ("MS03", "Call", "may be charged again after that, 1 of at most 1 times"),
            ("MS02", "Call", "not to be charged again on the same payment method"),
            ("AC04", "Ask for the right bank account", "not to be charged"),
            ("AC06", "Ask for another way to pay", "not to be charged"),
            ("MD01", "Ask for a new mandate", "never to be charged again without a new mandate"),
            ("AM05", "Check whether it was collected twice", "not to be charged"),
            ("BE05", "Have the data put right", "after that"),
        ):
            with self.subTest(code):
                plan = self.returned(code)
                [activity] = plan.activity_ids
                self.assertTrue(activity.summary.startswith(f"{words}: a payment came back"), activity.summary)
                self.assertEqual(activity.user_id, self.collector)
                self.assertIn(retry, activity.note)
                self.assertEqual(plan.state == "paused", bool(self.codes[code].pause_days))

    def test_a_wrong_account_is_not_charged_again_but_a_new_one_is(self):
        old = self.token()
        plan = self.returned("AC04")
        move = plan.move_id
        self.assertTrue(old.active)
        self.assertFalse(plan._find_tokens(move)[move])
        new = self.token()
        self.env.cr.execute(
            "UPDATE payment_token SET create_date = create_date + interval '1 day' WHERE id = %s", (new.id,)
        )
        new.invalidate_recordset()
        self.assertEqual(plan._find_tokens(move)[move], new)

    def test_a_missing_mandate_archives_what_was_charged(self):
        token, other = self.token(), self.token(provider_ref="other")
        move = self.dunned()
        payment = self.pay(move)
        payment.payment_token_id = token
        self.give_back(payment, code_id=self.codes["MD01"])
        self.assertFalse(token.active)
        self.assertTrue(other.active)
        plan = self.plan_of(move)
        self.assertFalse(plan._find_tokens(move)[move])

    def test_deceased(self):
        other = self.invoice(self.partner_a, 15)
        plan = self.returned("MD07")
        self.assertEqual((plan.state, plan.close_reason), ("stopped", "deceased"))
        [hold] = self.env["account.dunning.hold"].search([("partner_id", "=", self.partner_a.id)])
        self.assertEqual(hold.reason_id, self.shipped("reason_deceased"))
        self.assertEqual(self.partner_a.activity_ids.mapped("summary"), [f"Deceased: {self.partner_a.name}"])
        self.assertFalse(plan.activity_ids + plan.move_id.activity_ids)
        self.go(60)
        self.assertFalse(self.run_day().notice_ids, other.name)

    def test_what_a_manager_changes_counts(self):
        code = self.codes["AC04"].with_user(self.manager)
        with Form(code) as form:
            form.retry = "yes"
            form.retry_max = 5
            form.retry_days = 10
            form.step = "none"
            form.pause_days = 0
        self.token()
        plan = self.returned("AC04")
        self.assertEqual(plan.return_retry_on, Date.add(self.today, days=10))
        self.assertFalse(plan.activity_ids)
        self.assertEqual(plan.state, "ongoing")
        self.env["account.dunning.return.code"]._copy_templates(self.company)
        self.assertEqual((code.retry, code.retry_days), ("yes", 10), "an update keeps it")
        self.assertEqual(self.env["account.dunning.return.code"].search_count([("code", "=", "AC04")]), 1)

    def test_limits(self):
        with self.refused(CheckViolation, "return_code_numbers"):
            self.codes["AC04"].retry_days = -1
            self.env.flush_all()
        with self.refused(UniqueViolation, "return_code_code_unique"):
            self.codes["AC04"].copy({"code": " ac 01"})
        with self.refused(AccessError, ""):
            self.codes["AC04"].with_user(self.collector).step = "none"

    def test_the_code_is_found_in_the_reason(self):
        payment = self.pay(self.dunned())
        dialog = self.dialog(payment, reason="RETURN/AC04/ACCOUNT CLOSED")
        self.assertEqual(dialog.code_id, self.codes["AC04"])
        self.assertIn("Ask for the right bank account", dialog.code_text)
        action = payment.with_user(self.clerk).action_dunning_return()
        form = Form(self.env[action["res_model"]].with_user(self.clerk).with_context(**action["context"]))
        form.code_id = self.codes["MD06"]
        self.assertEqual(form.reason, "MD06: Refund claimed by the debtor")
        form.reason = "as the bank says"
        self.assertEqual(form.save().code_id, self.codes["MD06"], "what was chosen stays")


@tagged("post_install", "-at_install")
class TestReturnFile(CodesCommon):
    def hand_in(self, text=None, file=None):
        dialogs = self.env["account.dunning.return.file"].with_user(self.clerk)
        dialog = dialogs.create({"text": text, "file": file and base64.b64encode(file.encode())})
        dialog.action_read()
        return dialog

    def camt(self, *transactions):
        parts = "".join(
            f"<TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs><Amt Ccy='{currency}'>{amount}</Amt>"
            f"<RtrInf><Rsn><Cd>{code}</Cd></Rsn></RtrInf></TxDtls>"
            for reference, amount, currency, code in transactions
        )
        return f"<Document><Ntry><BookgDt><Dt>{self.today}</Dt></BookgDt><NtryDtls>{parts}</NtryDtls></Ntry></Document>"

    def test_a_file_is_matched_booked_and_the_rest_is_listed(self):
        moves = self.invoices(self.partner_a, 12, [100.0, 60.0, 30.0, 20.0])
        self.dun()
        payments = [self.pay(move) for move in moves]
        dialog = self.hand_in(
            file=self.camt(
                (payments[0].name, "100.00", "USD", "AM04"),
                (moves[1].name, "60.00", "USD", "AC04"),
                (payments[2].name, "31.00", "USD", "AC04"),
                ("UNKNOWN", "20.00", "USD", "MD01"),
                (payments[3].name, "20.00", "EUR", "MD01"),
                (payments[0].name, "100.00", "USD", "AM04"),
            )
        )
        self.assertEqual((dialog.matched_count, dialog.left_count), (2, 4))
        self.assertEqual(dialog.line_ids.mapped("payment_id"), payments[0] + payments[1])
        self.assertEqual(
            dialog.line_ids.mapped("why"),
            [
                False,
                False,
                "No payment with this reference has this amount.",
                "No payment has this reference.",
                "No payment with this reference has this amount.",
                "The file names this payment more than once.",
            ],
        )
        self.assertFalse(payments[0].dunning_returned_on, "nothing is booked yet")
        dialog.action_apply()
        self.env.cr.precommit.run()
        self.assertEqual(moves.mapped("amount_residual"), [100.0, 60.0, 0.0, 0.0])
        self.assertEqual(dialog.left_count, 4)
        self.assertTrue(self.summaries(self.plan_of(moves[1]))[0].startswith("Ask for the right bank account"))
        again = self.hand_in(file=self.camt((payments[0].name, "100.00", "USD", "AM04")))
        self.assertEqual(again.line_ids.why, "It was returned already.")

    def test_pasted_text(self):
        move = self.dunned()
        self.pay(move)
        dialog = self.hand_in(f"Return AM04 {move.name} 100.00\nsomething else")
        self.assertEqual(dialog.matched_count, 1)
        self.assertEqual(dialog.line_ids.code_id, self.codes["AM04"])
        self.assertEqual(dialog.action_apply()["type"], "ir.actions.act_window_close")
        self.assertEqual(move.amount_residual, 100.0)

    def test_a_bank_transaction_that_settled_the_invoice_itself(self):
        move = self.dunned()
        statement = self.env["account.bank.statement.line"].create(
            {"journal_id": self.bank.id, "date": self.today, "payment_ref": "paid", "amount": 100.0}
        )
        suspense = statement.move_id.line_ids.filtered(lambda line: line.account_id == self.bank.suspense_account_id)
        suspense.write({"account_id": self.item(move).account_id.id, "partner_id": self.partner_a.id})
        (suspense + self.item(move)).reconcile()
        dialog = self.hand_in(file=self.camt((move.name, "100.00", "USD", "AC04")))
        self.assertEqual(dialog.line_ids.move_id, statement.move_id)
        dialog.action_apply()
        self.assertEqual(move.amount_residual, 100.0)

    def test_what_cannot_be_read(self):
        for values, words in (
            ({}, "Choose a file"),
            ({"text": "nothing"}, "No return code was found"),
            ({"file": "<Document>"}, "damaged"),
            ({"file": "<Invoice/>"}, "none of camt.053"),
        ):
            with self.refused(UserError, words):
                self.hand_in(**values)
        dialog = self.hand_in("AM04 UNKNOWN")
        with self.refused(UserError, "No payment of the file was found"):
            dialog.action_apply()

    def test_only_who_does_invoicing(self):
        dialogs = self.env["account.dunning.return.file"]
        with self.refused(AccessError, ""):
            dialogs.with_user(self.collector).create({"text": "AM04"})
        dialog = self.hand_in("AM04 UNKNOWN")
        with self.refused(AccessError, ""):
            dialog.line_ids.why = False
        with self.refused(AccessError, ""):
            dialogs.with_user(self.clerk).create({"text": "AM04", "line_ids": [Command.create({"why": "x"})]})

    def test_as_many_queries_for_many(self):
        moves = self.invoices(self.partner_a, 12, [10.0] * 12)
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=moves.ids)
        payments = wizard.create({"payment_date": self.today, "group_payment": False})._create_payments()
        few = self.camt(*((payment.name, "10.00", "USD", "AM04") for payment in payments[:3]))
        many = self.camt(*((payment.name, "10.00", "USD", "AM04") for payment in payments))
        self.hand_in(file=few)
        counts = []
        for file in (few, many):
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.hand_in(file=file)
            counts.append(self.env.cr.sql_log_count - start)
        self.assertLess(counts[1] - counts[0], 9, counts)
