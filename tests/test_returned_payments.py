"""Payments that the bank returns: the books, the plan, the call (rules §6)."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Date
from odoo.tests import Form, tagged

from .common import DunningCommon, StubLetters


class ReturnCommon(StubLetters, DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fees = cls.company_data["default_account_expense"].copy({"name": "Bank Fees"})
        cls.clerk = cls.new_user("clerk", "account.group_account_invoice")
        cls.bank = cls.company_data["default_journal_bank"]

    def dunned(self, days_overdue=12, amount=100.0, **values):
        move = self.invoice(self.partner_a, days_overdue, amount, **values)
        self.dun()
        return move

    def dialog(self, payments, **values):
        action = payments.with_user(self.clerk).action_dunning_return()
        with Form(self.env[action["res_model"]].with_user(self.clerk).with_context(**action["context"])) as form:
            form.reason = "Insufficient funds"
            for name, value in values.items():
                setattr(form, name, value)
        return form.record

    def give_back(self, payments, **values):
        self.dialog(payments, **values).action_apply()
        self.env.cr.precommit.run()
        self.env.invalidate_all()
        return payments.dunning_return_move_id

    def plan_of(self, move):
        return move.collection_plan_ids.sorted("id")[-1:]

    def calls(self, record):
        call = self.env.ref("mail.mail_activity_data_call")
        return record.activity_ids.filtered(lambda activity: activity.activity_type_id == call)

    def receivable(self, payment):
        return payment.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")


@tagged("post_install", "-at_install")
class TestReturn(ReturnCommon):
    def test_just_the_invoice_is_open_again(self):
        move = self.dunned()
        payment = self.pay(move)
        liquidity = payment._seek_for_lines()[0]
        self.assertEqual(self.plan_of(move).state, "recovered")
        self.go(3)
        entry = self.give_back(payment)
        self.assertRecordValues(entry, [{"state": "posted", "date": self.today, "journal_id": self.bank.id}])
        self.assertEqual(
            sorted((line.account_id.id, line.balance) for line in entry.line_ids),
            sorted([(self.item(move).account_id.id, 100.0), (liquidity.account_id.id, -100.0)]),
        )
        self.assertEqual(self.item(move).amount_residual, 100.0)
        self.assertTrue(self.receivable(payment).reconciled, "no credit hangs about")
        self.assertTrue(entry.line_ids.filtered(lambda line: line.account_type == "asset_receivable").reconciled)
        self.assertEqual(move.payment_state, "not_paid")
        self.assertEqual(payment.dunning_returned_on, self.today)

    def test_the_plan_goes_on_at_its_level_and_somebody_calls(self):
        self.partner_a.dunning_user_id = self.collector
        move = self.dunned()
        self.go(8)
        self.dun()
        payment = self.pay(move)
        plan = self.plan_of(move)
        self.go(20)
        self.give_back(payment)
        self.assertRecordValues(
            plan, [{"state": "ongoing", "level_id": self.level_2.id, "amount_due": 100.0, "close_reason": False}]
        )
        self.assertEqual(plan.next_date, Date.add(self.today, days=7), "the minimum days from the return")
        self.assertRecordValues(
            self.calls(plan),
            [{"user_id": self.collector.id, "summary": "Call: a payment came back (Insufficient funds)"}],
        )

    def test_unreconciling_by_hand_asks_for_no_call(self):
        move = self.dunned()
        self.pay(move)
        self.item(move).remove_move_reconcile()
        self.env.cr.precommit.run()
        self.assertEqual(self.plan_of(move).state, "ongoing")
        self.assertFalse(self.calls(self.plan_of(move)))

    def test_an_invoice_that_was_never_dunned(self):
        move = self.invoice(self.partner_a, 2)
        payment = self.pay(move)
        self.give_back(payment)
        self.assertEqual(move.amount_residual, 100.0)
        self.assertEqual(len(self.calls(move)), 1, "a call all the same")

    def test_with_an_agency(self):
        """The collector of the plan calls, not the salesperson of the invoice."""
        agency = self.env["res.partner"].create({"name": "Debt & Co"})
        for amount, state in ((None, "recovered"), (60.0, "unrecovered")):
            with self.subTest(state):
                move = self.dunned()
                plan = self.plan_of(move)
                plan.sudo().user_id = self.collector
                plan.sudo()._hand_over(agency, "")
                payment = self.pay(move, amount)
                self.assertEqual(plan.state, state)
                self.give_back(payment)
                self.assertRecordValues(plan, [{"state": "unrecovered", "amount_due": 100.0, "agency_id": agency.id}])
                self.assertRecordValues(
                    self.calls(plan),
                    [{"user_id": self.collector.id, "summary": "Call: a payment came back (Insufficient funds)"}],
                )
                self.assertFalse(self.calls(move))

    def test_after_the_last_level(self):
        move = self.dunned()
        payment = self.pay(move, 60.0)
        plan = self.plan_of(move)
        plan.sudo().user_id = self.collector
        plan.sudo()._close("unrecovered", "exhausted")
        self.give_back(payment)
        self.assertRecordValues(plan, [{"state": "unrecovered", "amount_due": 100.0, "next_date": False}])
        self.assertEqual(self.calls(plan).user_id, self.collector)
        self.assertFalse(self.calls(move))

    def test_the_plan_that_pursues_the_debt_now_gets_the_call(self):
        """Where several plans were about the invoice, the open one, and only that."""
        move = self.dunned()
        payment = self.pay(move, 60.0)
        former = self.plan_of(move)
        former.sudo()._close("unrecovered", "exhausted")
        self.go(30)
        self.dun()
        plan = self.plan_of(move)
        self.assertNotEqual(plan, former)
        self.give_back(payment)
        self.assertTrue(self.calls(plan))
        self.assertFalse(self.calls(former) + self.calls(move))

    def test_the_fee_of_the_bank(self):
        move = self.dunned()
        payment = self.pay(move)
        entry = self.give_back(payment, fee=4.5, fee_account_id=self.fees)
        outstanding = payment._seek_for_lines()[0].account_id
        balances = {}
        for line in entry.line_ids:
            balances[line.account_id] = balances.get(line.account_id, 0.0) + line.balance
        self.assertEqual(balances[self.fees], 4.5)
        self.assertEqual(balances[outstanding], -104.5)
        self.assertEqual(self.item(move).amount_residual, 100.0, "the customer owes no more than before")
        other = self.pay(self.invoice(self.partner_b, 12))
        self.assertEqual(self.dialog(other).fee_account_id, self.fees, "remembered")

    def euro_payment(self, move):
        """A payment of the invoice to a bank account in euros, whose accounts admit nothing else."""
        euros = self.env["account.journal"].create(
            {"name": "Euros", "code": "EUB", "type": "bank", "currency_id": self.other_currency.id}
        )
        outstanding = euros.default_account_id.copy({"name": "Outstanding", "currency_id": self.other_currency.id})
        euros.inbound_payment_method_line_ids.payment_account_id = outstanding
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=move.ids)
        payment = wizard.create({"payment_date": self.today, "journal_id": euros.id})._create_payments()
        self.env.cr.precommit.run()
        self.assertEqual(payment._seek_for_lines()[0].account_id, outstanding)
        return payment

    def fee_lines(self, entry):
        lines = entry.line_ids.filtered(lambda line: line.name.startswith("Bank fee"))
        return [(line.account_id, line.currency_id, line.amount_currency, line.balance) for line in lines]

    def test_the_fee_of_a_bank_account_in_another_currency(self):
        """It is in the currency of the bank account, as on its statement: 4 euros are 2 dollars."""
        move = self.dunned()
        payment = self.euro_payment(move)
        dialog = self.dialog(payment, fee=4.0, fee_account_id=self.fees)
        self.assertEqual(dialog.currency_id, self.other_currency)
        dialog.action_apply()
        euro, outstanding = self.other_currency, payment._seek_for_lines()[0].account_id
        self.assertEqual(
            self.fee_lines(payment.dunning_return_move_id),
            [(self.fees, euro, 4.0, 2.0), (outstanding, euro, -4.0, -2.0)],
        )
        self.assertEqual(self.item(move).amount_residual, 100.0)

    def test_the_fee_of_bank_accounts_in_several_currencies(self):
        """It is in the currency of the company then, and in their own where they admit nothing else."""
        payments = self.euro_payment(self.dunned()) + self.pay(self.invoice(self.partner_b, 12))
        dialog = self.dialog(payments, fee=2.0, fee_account_id=self.fees)
        dollar, euro = self.company.currency_id, self.other_currency
        self.assertEqual(dialog.currency_id, dollar)
        dialog.action_apply()
        for payment, expected in zip(payments, ((euro, -4.0, -2.0), (dollar, -2.0, -2.0)), strict=True):
            outstanding = payment._seek_for_lines()[0].account_id
            self.assertEqual(
                self.fee_lines(payment.dunning_return_move_id),
                [(self.fees, dollar, 2.0, 2.0), (outstanding, *expected)],
            )

    def test_a_fee_needs_an_account(self):
        payment = self.pay(self.dunned())
        dialog = self.dialog(payment)
        dialog.fee = 3.0
        with self.refused(UserError, "Account of the Fee"):
            dialog.action_apply()

    def test_several_invoices_and_a_part(self):
        moves = self.invoice(self.partner_a, 15) + self.invoice(self.partner_a, 12)
        self.dun()
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=moves.ids)
        payment = wizard.create({"payment_date": self.today, "group_payment": True, "amount": 150.0})._create_payments()
        self.env.cr.precommit.run()
        self.assertEqual(moves.mapped("amount_residual"), [0.0, 50.0])
        self.give_back(payment)
        self.assertEqual(moves.mapped("amount_residual"), [100.0, 100.0])
        self.assertEqual(moves.collection_plan_ids.mapped("state"), ["ongoing", "ongoing"])
        self.assertEqual(moves.collection_plan_ids.mapped("amount_due"), [100.0, 100.0])
        self.assertEqual(len(self.calls(moves.collection_plan_ids)), 2)

    def test_several_payments_at_once(self):
        moves = self.invoice(self.partner_a, 15) + self.invoice(self.partner_b, 12)
        self.dun()
        payments = self.pay(moves[0]) + self.pay(moves[1])
        self.assertEqual(len(self.give_back(payments)), 2)
        self.assertEqual(moves.mapped("amount_residual"), [100.0, 100.0])

    def test_foreign_currency(self):
        move = self.dunned(currency_id=self.other_currency.id, invoice_date=Date.subtract(self.today, days=200))
        payment = self.pay(move)
        entry = self.give_back(payment)
        self.assertAlmostEqual(sum(entry.line_ids.mapped("balance")), 0.0)
        self.assertRecordValues(
            self.item(move), [{"amount_residual_currency": 100.0, "amount_residual": self.item(move).balance}]
        )
        self.assertRecordValues(self.receivable(payment), [{"amount_residual": 0.0, "amount_residual_currency": 0.0}])
        self.assertEqual(self.plan_of(move).amount_due, 100.0)

    def test_customer_based(self):
        self.settings.mode = "customer"
        move = self.dunned()
        other = self.invoice(self.partner_a, 11)
        self.go(10)
        self.dun()
        payment = self.pay(move)
        [plan] = self.env["account.collection.plan"].search([])
        self.assertEqual((plan.state, plan.amount_due), ("ongoing", 100.0))
        self.give_back(payment)
        self.assertEqual((plan.state, plan.amount_due), ("ongoing", 200.0))
        self.assertEqual(self.state(move).resumed_on, self.today)
        self.assertFalse(self.state(other).resumed_on)
        self.assertEqual(len(self.calls(plan)), 1)

    def test_a_payment_without_entry_is_rejected(self):
        move = self.dunned()
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.partner_a.id,
                "amount": 100.0,
                "date": self.today,
                "invoice_ids": [Command.set(move.ids)],
            }
        )
        self.env.flush_all()
        # without the outstanding account of Community, as Enterprise and direct debits do
        self.env.cr.execute(
            "UPDATE account_payment SET state = 'in_process', outstanding_account_id = NULL WHERE id = %s", [payment.id]
        )
        self.env.invalidate_all()
        self.go(1)
        self.assertFalse(self.run_day().notice_ids, "a payment in process")
        self.give_back(payment)
        self.assertEqual(payment.state, "rejected")
        self.assertEqual(len(self.calls(self.plan_of(move))), 1)
        self.go(8)
        self.assertEqual(self.dun().level_id, self.level_2)

    def test_undone(self):
        move = self.dunned()
        payment = self.pay(move)
        entry = self.give_back(payment)
        entry._reverse_moves([{"date": self.today}], cancel=True)
        self.assertFalse(payment.dunning_returned_on)
        self.assertEqual(self.receivable(payment).amount_residual, -100.0)
        (self.receivable(payment) + self.item(move)).reconcile()
        self.env.cr.precommit.run()
        self.assertEqual(self.plan_of(move).state, "recovered")
        self.give_back(payment)
        self.assertEqual(move.amount_residual, 100.0)


@tagged("post_install", "-at_install")
class TestRefusals(ReturnCommon):
    def test_what_cannot_be_returned(self):
        payment = self.pay(self.dunned())
        draft = self.env["account.payment"].create({"partner_id": self.partner_a.id, "amount": 1.0})
        outbound = draft.copy({"payment_type": "outbound"})
        for wrong, why in ((draft, "not confirmed"), (outbound, "payments of customers")):
            with self.refused(UserError, why):
                wrong.with_user(self.clerk).action_dunning_return()
        dialog = self.dialog(payment)
        dialog.action_apply()
        with self.refused(UserError, "returned already"):
            dialog.action_apply()
        with self.refused(UserError, "Select payments"):
            self.env["account.payment"].with_user(self.clerk).action_dunning_return()

    def test_before_it_was_made(self):
        payment = self.pay(self.dunned())
        with self.refused(UserError, "cannot come back before"):
            self.give_back(payment, date=Date.subtract(self.today, days=1))

    def test_after_today_and_a_negative_fee(self):
        payment = self.pay(self.dunned())
        with self.refused(UserError, "after today, 06/01/2026"):
            self.give_back(payment, date=Date.add(self.today, days=1))
        with self.refused(UserError, "cannot be negative"):
            self.give_back(payment, fee=-5.0, fee_account_id=self.fees)
        dialog = self.dialog(payment, fee=5.0, fee_account_id=self.fees)
        with self.refused(UserError, "cannot be chosen"):
            dialog.fee_account_id = self.company_data["default_account_receivable"]

    def test_closed_books(self):
        payment = self.pay(self.dunned())
        self.go(10)
        self.company.fiscalyear_lock_date = Date.subtract(self.today, days=3)
        with self.refused(UserError, "The books are closed"):
            self.give_back(payment, date=Date.subtract(self.today, days=5))
        self.assertFalse(payment.dunning_return_move_id)

    def test_rights(self):
        payment = self.pay(self.dunned())
        dialog = self.dialog(payment)
        with self.refused(AccessError, "Only users of invoicing"):
            payment.with_user(self.collector).action_dunning_return()
        with self.refused(AccessError, ""):
            dialog.with_user(self.collector).action_apply()


@tagged("post_install", "-at_install")
class TestBankTransaction(ReturnCommon):
    """A line of a bank statement settled the invoice itself, without a payment."""

    def bank_line(self, move, amount=100.0):
        line = self.env["account.bank.statement.line"].create(
            {"journal_id": self.bank.id, "date": self.today, "amount": amount, "partner_id": move.partner_id.id}
        )
        _liquidity, suspense, _other = line._seek_for_lines()
        suspense.with_context(skip_account_move_synchronization=True).account_id = self.item(move).account_id
        (suspense + self.item(move)).reconcile()
        self.env.cr.precommit.run()
        return line.move_id

    def test_just_the_invoice_is_open_again(self):
        move = self.dunned()
        entry = self.bank_line(move)
        plan = self.plan_of(move)
        self.assertEqual((plan.state, move.amount_residual), ("recovered", 0.0))
        self.assertTrue(entry.with_user(self.clerk).dunning_can_return)
        self.assertFalse(move.with_user(self.clerk).dunning_can_return)
        self.go(3)
        self.dialog(entry, fee=3.0, fee_account_id=self.fees).action_apply()
        self.env.cr.precommit.run()
        self.env.invalidate_all()
        self.assertEqual((move.amount_residual, plan.state), (100.0, "ongoing"))
        self.assertEqual(len(self.calls(plan)), 1)
        settled = entry.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        self.assertTrue(settled.reconciled, "no credit hangs about")
        back = settled.matched_debit_ids.debit_move_id.move_id
        waiting = back.line_ids.filtered(
            lambda line: line.account_type != "asset_receivable" and line.account_id != self.fees
        )
        self.assertEqual((back.date, sum(waiting.mapped("balance"))), (self.today, -103.0))
        self.assertEqual(len(waiting.account_id), 1)
        self.assertTrue(waiting.account_id.reconcile, "the bank's own transaction is matched there")
        with self.refused(UserError, "settles no invoice"):
            entry.with_user(self.clerk).action_dunning_return()

    def test_what_cannot_be_returned(self):
        move = self.dunned()
        with self.refused(UserError, "Only posted bank transactions"):
            move.with_user(self.clerk).action_dunning_return()
        entry = self.bank_line(move)
        with self.refused(AccessError, "Only users of invoicing"):
            entry.with_user(self.collector).action_dunning_return()
        with self.refused(UserError, "after today"):
            self.dialog(entry, date=Date.add(self.today, days=1)).action_apply()
