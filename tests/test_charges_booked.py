"""Fees and interest booked as customer invoices, and charges on the letter that are booked when paid (spec §8)."""

from ast import literal_eval
from unittest.mock import patch

from lxml import etree

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import ChargesCommon
from .test_write_off import WriteOffCommon


class BookedCommon(ChargesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.level_1.write({"interest": True, "fee_kind": "fixed", "fee_amount": 10.0})
        cls.level_2.write({"interest": True, "fee_kind": "fixed", "fee_amount": 20.0})

    def booked(self, notice):
        """The invoices and credit notes of the notice's charges, the oldest first."""
        return self.env["account.move"].search([("dunning_notice_id", "in", notice.ids)], order="id")

    def waive(self, record, reason="goodwill"):
        action = record.with_user(self.manager).action_waive()
        wizard = Form(self.env[action["res_model"]].with_user(self.manager).with_context(**action["context"]))
        wizard.reason = reason
        wizard.save().action_waive()

    def charge_income(self):
        """What is booked on the account of charges, as income; in company currency."""
        lines = self.env["account.move.line"].search(
            [("account_id", "=", self.company.dunning_charge_account_id.id), ("parent_state", "=", "posted")]
        )
        return self.company.currency_id.round(-sum(lines.mapped("balance")))

    def owed(self, partner):
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "=", partner.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
        return self.company.currency_id.round(sum(lines.mapped("balance")))


@tagged("post_install", "-at_install")
class TestBooked(BookedCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.dunning_charges = "booked"

    def test_a_filter_finds_invoices_of_charges(self):
        self.invoice(self.partner_a, 15, 1000.0)
        notice = self.dun()
        view = self.env.ref("account.view_account_invoice_filter")
        arch = self.env["account.move"].with_user(self.collector).get_view(view.id, "search")["arch"]
        domain = etree.fromstring(arch).find(".//filter[@name='dunning_charges']").get("domain")
        found = self.env["account.move"].with_user(self.collector).search(literal_eval(domain))
        self.assertEqual(found, self.booked(notice).with_user(self.collector))

    def test_only_what_is_sent_is_booked(self):
        self.invoice(self.partner_a, 15, 1000.0)
        notice = self.propose()
        self.issue(notice)
        self.assertFalse(self.booked(notice))
        notice._confirm_printed()
        move = self.booked(notice)
        self.assertRecordValues(
            move,
            [{"state": "posted", "amount_total": 14.11, "amount_tax": 0.0, "invoice_date_due": notice.deadline_date}],
        )
        self.assertEqual(move.partner_id, self.partner_a)
        self.assertEqual(move.invoice_line_ids.mapped("price_unit"), [10.0, 4.11])
        self.assertEqual(move.invoice_line_ids.account_id, self.company.dunning_charge_account_id)
        self.assertEqual(move.invoice_line_ids.product_id.mapped("name"), ["Dunning fee", "Default interest"])
        self.assertIn("05/18/2026 to 06/01/2026", move.invoice_line_ids[1].name)
        self.assertEqual((self.charge_income(), self.owed(self.partner_a)), (14.11, 1014.11))

    def test_the_next_notice_charges_the_difference(self):
        self.invoice(self.partner_a, 15, 1000.0)
        first = self.dun()
        self.go(10)
        second = self.dun()
        self.assertEqual(self.amounts(second, "interest", "booked"), [6.85, -4.11])
        self.assertEqual((second.amount_interest, second.amount_fees, second.amount_earlier), (2.74, 20.0, 14.11))
        self.assertEqual(second.amount_total, 1036.85)
        self.assertEqual(self.booked(second).amount_total, 22.74)
        self.assertEqual(self.owed(self.partner_a), second.amount_total, "the letter claims what the books say")
        self.assertIn(self.booked(first).name, second.charge_ids.filtered(lambda c: c.kind == "earlier").name)

    def test_a_paid_invoice_of_charges_is_claimed_no_more(self):
        self.invoice(self.partner_a, 15, 1000.0)
        first = self.dun()
        self.go(10)
        second = self.propose()
        self.issue(second)
        self.assertEqual(second.amount_earlier, 14.11)
        self.pay(self.booked(first), 4.0)
        self.assertEqual(second.state, "queued", "made anew")
        self.work()
        self.assertEqual(second.amount_earlier, 10.11)

    def test_never_dunned(self):
        self.dunning_type.minimum_amount = 1010.0
        move = self.invoice(self.partner_a, 15, 1005.0)
        self.dunning_type.minimum_amount = 0.0
        charge = self.booked(self.dun())
        self.dunning_type.minimum_amount = 1010.0
        self.go(30)
        run = self.run_day()
        self.assertFalse(run.notice_ids, "charges count in no minimum")
        self.assertIn("charge", run.left_out_ids.mapped("reason"))
        self.pay(move)
        self.dunning_type.minimum_amount = 0.0
        self.assertFalse(self.run_day().notice_ids)
        self.assertFalse(self.state(charge))
        wizard = self.env["account.dunning.why"].browse(charge.action_dunning_why()["res_id"])
        self.assertEqual(wizard.line_ids.answer, "Invoice of dunning charges")
        with self.refused(UserError, "Invoice of dunning charges"):
            charge.action_open_dunning_plan()

    def test_in_no_customer_balance(self):
        self.invoice(self.partner_a, 15, 1000.0)
        self.dun()
        self.go(30)
        for balance in self.env["account.dunning.balance"].search([]):
            amounts = balance._get_amounts(self.company, self.partner_a.ids, self.today)
            self.assertEqual(amounts[self.partner_a.id], 1000.0, balance.name)

    def test_passes_the_credit_stop(self):
        self.level_1.credit_stop = True
        self.invoice(self.partner_a, 15, 1000.0)
        first = self.dun()
        self.assertTrue(self.partner_a.dunning_credit_stop)
        self.assertEqual(self.booked(first).state, "posted", "the stop is in force when it is booked")
        self.go(10)
        self.assertEqual(self.booked(self.dun()).state, "posted")
        with self.refused(UserError, "credit stop"):
            self.invoice(self.partner_a, 0)

    def test_belongs_to_the_plan(self):
        move = self.invoice(self.partner_a, 15, 1000.0)
        charge = self.booked(self.dun())
        plan = move.collection_plan_id
        self.assertEqual(charge.collection_plan_id, plan)
        self.assertEqual(plan.charge_move_count, 1)
        self.assertEqual(self.env["account.move"].search(plan.action_open_charge_moves()["domain"]), charge)
        self.assertFalse(charge.collection_plan_ids)
        self.pay(move)
        self.assertEqual(plan.state, "recovered", "open charges keep no plan open")

    def test_undo(self):
        move = self.invoice(self.partner_a, 15, 1000.0)
        notice = self.dun()
        notice.sudo()._undo("a mistake", at_once=True)
        self.assertEqual((self.charge_income(), self.owed(self.partner_a)), (0.0, 1000.0))
        self.assertEqual(self.booked(notice).mapped("amount_residual"), [0.0, 0.0])
        again = self.dun()
        self.assertEqual((again.amount_charges, self.booked(again).amount_total), (14.11, 14.11))
        self.assertEqual(move.amount_residual, 1000.0)

    def test_undo_of_paid_charges_leaves_a_credit(self):
        self.invoice(self.partner_a, 15, 1000.0)
        notice = self.dun()
        self.pay(self.booked(notice))
        notice.sudo()._undo("a mistake", at_once=True)
        self.assertEqual((self.charge_income(), self.owed(self.partner_a)), (0.0, 985.89))

    def test_undo_of_the_second(self):
        self.invoice(self.partner_a, 15, 1000.0)
        first = self.dun()
        self.go(10)
        second = self.dun()
        second.sudo()._undo("a mistake", at_once=True)
        self.assertEqual(self.owed(self.partner_a), 1014.11)
        self.assertEqual(self.booked(first).amount_residual, 14.11)
        third = self.dun()
        self.assertEqual((third.amount_interest, self.owed(self.partner_a)), (2.74, 1036.85))

    def test_bounce(self):
        self.dunning_type.level_ids.document = "email"
        self.invoice(self.partner_a, 15, 1000.0)
        notice = self.propose()
        self.issue(notice)
        notice.sudo()._set_sent()
        self.assertEqual(self.charge_income(), 14.11)
        notice.sudo()._message_receive_bounce("a@example.com", self.partner_a)
        self.assertEqual((notice.state, self.charge_income(), self.owed(self.partner_a)), ("failed", 0.0, 1000.0))
        notice.action_retry()
        self.work()
        notice._confirm_printed()
        self.assertEqual((notice.state, self.charge_income(), self.owed(self.partner_a)), ("sent", 14.11, 1014.11))

    def test_waive_by_credit_note(self):
        self.invoice(self.partner_a, 15, 1000.0)
        first = self.dun()
        self.waive(first)
        self.assertEqual((self.charge_income(), self.owed(self.partner_a)), (0.0, 1000.0))
        self.assertEqual(self.booked(first).mapped("amount_residual"), [0.0, 0.0])
        self.go(10)
        second = self.dun()
        self.assertEqual(
            (second.amount_earlier, second.amount_interest), (0.0, 2.74), "waived interest counts as booked"
        )

    def test_waive_the_fee_alone(self):
        self.invoice(self.partner_a, 15, 1000.0)
        first = self.dun()
        self.waive(first.charge_ids.filtered(lambda charge: charge.kind == "fee"))
        self.assertEqual((self.charge_income(), self.owed(self.partner_a)), (4.11, 1004.11))
        first.sudo()._undo("a mistake", at_once=True)
        self.assertEqual((self.charge_income(), self.owed(self.partner_a)), (0.0, 1000.0))

    def test_waive_what_is_left_of_it(self):
        self.invoice(self.partner_a, 15, 1000.0)
        first = self.dun()
        self.pay(self.booked(first), 5.0)
        self.go(10)
        second = self.propose()
        self.assertEqual(second.amount_earlier, 9.11)
        self.waive(second.charge_ids.filtered(lambda charge: charge.kind == "earlier"))
        self.assertEqual((self.charge_income(), second.amount_earlier), (5.0, 0.0))

    def test_below_zero_a_draft_credit_note(self):
        move = self.invoice(self.partner_a, 15, 1000.0)
        self.dun()
        self.level_2.fee_kind = "none"
        note = move._reverse_moves([{"invoice_date": self.today}])
        note.invoice_line_ids.price_unit = 900.0
        note.action_post()
        (self.item(note) + self.item(move)).reconcile()
        self.go(10)
        second = self.dun()
        self.assertEqual(second.amount_interest, -3.43)
        credit = self.booked(second)
        self.assertRecordValues(credit, [{"move_type": "out_refund", "state": "draft", "amount_total": 3.43}])
        self.assertIn("check this credit note", credit.activity_ids.summary)
        self.go(10)
        self.level_3.interest = True
        third = self.dun()
        self.assertEqual(third.amount_interest, 0.28, "the credit note counts, so that it is not made twice")

    def test_foreign_currency(self):
        move = self.invoice(self.partner_a, 15, 1000.0, currency_id=self.other_currency.id)
        notice = self.dun()
        charge = self.booked(notice)
        self.assertEqual(charge.currency_id, self.other_currency)
        self.assertEqual(charge.amount_total, notice.amount_charges)
        self.assertAlmostEqual(sum(charge.line_ids.mapped("balance")), 0.0)
        principal = self.item(move).balance
        notice.sudo()._undo("a mistake", at_once=True)
        self.assertEqual((self.charge_income(), self.owed(self.partner_a)), (0.0, principal))

    def test_a_failure_is_told_and_mended(self):
        self.invoice(self.partner_a, 15, 1000.0)
        self.invoice(self.partner_b, 15, 1000.0)
        notices = self.run_day().notice_ids
        bad = notices.filtered(lambda notice: notice.partner_id == self.partner_b)
        original = type(notices)._prepare_charge_move_vals

        def prepare(notice, *args):
            if notice.partner_id == self.partner_b:
                raise ValueError("no way")
            return original(notice, *args)

        with patch.object(type(notices), "_prepare_charge_move_vals", prepare):
            self.send(notices)
        self.assertEqual(set(notices.mapped("state")), {"sent"})
        self.assertEqual(len(self.booked(notices)), 1)
        self.assertIn("no way", bad.message_ids[0].body)
        self.assertTrue(bad.can_book_charges)
        with self.refused(AccessError, "dunning managers"):
            bad.with_user(self.collector).action_book_charges()
        bad.with_user(self.manager).action_book_charges()
        self.assertEqual(self.booked(bad).amount_total, 14.11)
        with self.refused(UserError, "no charges to book"):
            bad.action_book_charges()

    def test_many_notices_in_one_go(self):
        def count(customers):
            partners = self.env["res.partner"].create(
                [{"name": f"C{n}", "street": "S", "zip": "1", "city": "H"} for n in range(customers)]
            )
            for partner in partners:
                self.invoice(partner, 15)
            notices = self.run_day(partner_ids=[Command.set(partners.ids)]).notice_ids
            self.issue(notices)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            notices.sudo()._book_charges()
            self.assertEqual(len(self.booked(notices)), customers)
            return self.env.cr.sql_log_count - before

        count(2)
        few, many = count(4), count(12)
        self.assertLess(many, 3 * few, "the posting of core itself takes some queries an invoice")

    def test_interest_booked_counts_on_the_letter_too(self):
        self.invoice(self.partner_a, 15, 1000.0)
        self.dun()
        self.company.dunning_charges = "letter"
        self.go(10)
        second = self.dun()
        self.assertEqual((second.amount_interest, second.amount_earlier), (2.74, 14.11))
        self.assertFalse(self.booked(second))


@tagged("post_install", "-at_install")
class TestPaidCharges(BookedCommon):
    """Charges on the letter only; money above the principal is offered for booking them."""

    def setUp(self):
        super().setUp()
        self.move = self.invoice(self.partner_a, 15, 1000.0)
        self.notice = self.dun()
        self.plan = self.move.collection_plan_id

    def test_nothing_is_booked(self):
        self.assertFalse(self.booked(self.notice))
        self.assertFalse(self.plan.charges_paid)
        with self.refused(UserError, "No charges were paid"):
            self.plan.action_book_charges_paid()

    def test_paid_in_full(self):
        self.pay(self.move)
        self.credit(self.partner_a, 20.0)
        self.assertEqual(self.plan.state, "recovered")
        self.assertIn("14.11", self.plan.charges_paid)
        plans = self.env["account.collection.plan"]
        self.assertIn(self.plan, plans.search([("charges_paid", "!=", False)]))
        self.assertNotIn(self.plan, plans.search([("charges_paid", "=", False)]))
        with self.refused(AccessError, "dunning managers"):
            self.plan.with_user(self.collector).action_book_charges_paid()
        self.plan.with_user(self.manager).action_book_charges_paid()
        self.assertRecordValues(self.booked(self.notice), [{"amount_total": 14.11, "amount_residual": 0.0}])
        self.assertEqual((self.charge_income(), self.owed(self.partner_a)), (14.11, -5.89))
        self.plan.invalidate_recordset()
        self.assertFalse(self.plan.charges_paid)
        self.assertNotIn(self.plan, plans.search([("charges_paid", "!=", False)]))

    def test_fees_first_and_the_rest_later(self):
        self.pay(self.move)
        self.credit(self.partner_a, 12.0)
        self.plan.action_book_charges_paid()
        self.assertEqual(self.booked(self.notice).invoice_line_ids.mapped("price_unit"), [10.0, 2.0])
        self.credit(self.partner_a, 50.0)
        self.plan.action_book_charges_paid()
        self.assertEqual((self.charge_income(), self.booked(self.notice).mapped("amount_total")), (14.11, [12.0, 2.11]))

    def test_credit_for_the_principal_is_none(self):
        self.credit(self.partner_a, 500.0)
        self.assertFalse(self.plan.charges_paid)

    def test_booked_charges_are_claimed_once(self):
        self.credit(self.partner_a, 1012.0)
        self.assertIn("12.00", self.plan.charges_paid)
        self.plan.action_book_charges_paid()
        self.assertEqual(self.owed(self.partner_a), 0.0)
        self.invoice(self.partner_a, 40, 100.0)
        self.go(10)
        self.level_1.fee_kind = "none"
        second = self.run_day().notice_ids
        self.assertEqual(second.amount_earlier, 0.0, "the fee is booked, and the new item never bore it")

    def test_waived_charges_are_not_booked(self):
        self.waive(self.notice)
        self.pay(self.move)
        self.credit(self.partner_a, 20.0)
        self.assertIn("4.11", self.plan.charges_paid)


@tagged("post_install", "-at_install")
class TestSettings(BookedCommon):
    def test_account_is_created_when_booked(self):
        self.assertFalse(self.company.dunning_charge_account_id)
        self.company.dunning_charges = "booked"
        account = self.company.dunning_charge_account_id
        self.assertEqual((account.account_type, account.company_ids), ("income_other", self.company))
        self.company.dunning_charges = "letter"
        self.company.dunning_charges = "booked"
        self.assertEqual(self.company.dunning_charge_account_id, account)

    def test_refused(self):
        self.company.dunning_charges = "booked"
        with self.refused(ValidationError, "income account"):
            self.company.dunning_charge_account_id = self.company_data["default_account_receivable"]
        with self.refused(ValidationError, "sales journal"):
            self.company.dunning_charge_journal_id = self.company_data["default_journal_purchase"]

    def test_products_bear_no_tax(self):
        for name in ("fee", "interest"):
            product = self.env.ref(f"account_dunning.product_{name}").sudo()
            self.assertFalse(product.taxes_id)

    def test_a_tax_of_the_product_is_added(self):
        self.company.dunning_charges = "booked"
        self.env.ref("account_dunning.product_fee").taxes_id = self.company_data["default_tax_sale"]
        self.invoice(self.partner_a, 15, 1000.0)
        move = self.booked(self.dun())
        self.assertEqual((move.amount_untaxed, move.amount_tax), (14.11, 1.5))  # 15 % of the fee alone


@tagged("post_install", "-at_install")
class TestWriteOffOfCharges(BookedCommon, WriteOffCommon):
    """Invoices of charges are written off with the plans that they belong to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.dunning_charges = "booked"
        cls.level_1.interest = False

    def lost(self):
        """What is booked as lost, in company currency."""
        lines = self.env["account.move.line"].search(
            [("account_id", "=", self.loss.id), ("parent_state", "=", "posted")]
        )
        return self.company.currency_id.round(sum(lines.mapped("balance")))

    def test_with_the_plan(self):
        plan = self.dunned()
        self.assertEqual((self.owed(self.partner_a), self.charge_income()), (110.0, 10.0))
        dialog = self.open_dialog(plan)
        self.assertIn("110.00", dialog.totals)
        self.assertEqual((dialog.line_ids.amount_due, dialog.line_ids.charges), (100.0, "$\N{NO-BREAK SPACE}10.00"))
        move = self.write_off(plan)
        self.assertEqual((len(move), self.owed(self.partner_a), self.lost()), (1, 0.0, 110.0))
        self.assertEqual(plan.notice_line_ids.notice_id.sudo().charge_move_ids.payment_state, "paid")
        self.assertEqual((plan.close_reason, plan.amount_written_off), ("written_off", 110.0), "with the charges")

    def test_of_an_unrecovered_plan(self):
        plan = self.dunned()
        plan.sudo()._close("unrecovered", "exhausted")
        dialog = self.open_dialog(plan)
        self.assertEqual(
            (dialog.totals, dialog.line_ids.charges), ("$\N{NO-BREAK SPACE}110.00", "$\N{NO-BREAK SPACE}10.00")
        )
        self.write_off(plan)
        self.assertEqual(self.lost(), 110.0)

    def test_migration_counts_the_charges(self):
        plan = self.dunned()
        self.write_off(plan)
        plan.sudo().amount_written_off = 100.0
        self.migration("19.0.1.4.0").count_charges(self.env)
        self.assertEqual((plan.amount_written_off, plan.close_reason), (110.0, "written_off"))

    def test_a_later_payment_of_all_is_income(self):
        plan = self.dunned()
        entry = self.write_off(plan)
        self.go(3)
        credit = WriteOffCommon.credit(self, 110.0)
        self.end(plan, kind="income", account_id=self.income)
        income = plan.write_off_move_ids - entry
        self.assertEqual(self.balances(income), {self.income: -110.0, credit.account_id: 110.0})
        self.assertTrue(credit.reconciled)
        self.assertRecordValues(plan, [{"amount_paid_late": 110.0, "paid_late": False, "state": "unrecovered"}])

    def test_a_later_payment_of_all_in_a_foreign_currency(self):
        plan = self.dunned(currency_id=self.other_currency.id)
        self.write_off(plan)
        charges = plan.notice_line_ids.notice_id.sudo().charge_move_ids.amount_total
        self.assertEqual((charges, plan.amount_written_off), (20.0, 120.0), "10 dollars are 20 euros")
        self.go(3)
        credit = WriteOffCommon.credit(self, 120.0, currency_id=self.other_currency.id)
        self.end(plan, kind="income", account_id=self.income)
        self.assertTrue(credit.reconciled)
        self.assertRecordValues(plan, [{"amount_paid_late": 120.0, "paid_late": False}])

    def test_reversed_with_the_write_off(self):
        plan = self.dunned()
        self.write_off(plan)
        self.end(plan)
        self.assertEqual((self.owed(self.partner_a), self.lost(), self.charge_income()), (110.0, 0.0, 10.0))
        self.assertEqual((plan.state, plan.amount_due), ("ongoing", 100.0))
        self.assertEqual(plan.notice_line_ids.notice_id.sudo().charge_move_ids.amount_residual, 10.0)

    def test_with_the_last_plan_of_their_notice(self):
        moves = self.invoice(self.partner_a, 12) + self.invoice(self.partner_a, 12)
        self.dun()
        first, second = moves.collection_plan_id.sorted("id")
        self.assertFalse(self.open_dialog(first).line_ids.charges, "the other plan goes on")
        self.write_off(first)
        self.assertEqual((self.owed(self.partner_a), self.lost()), (110.0, 100.0))
        self.write_off(second)
        self.assertEqual((self.owed(self.partner_a), self.lost()), (0.0, 210.0))

    def test_once_with_all_plans_of_their_notice(self):
        moves = self.invoice(self.partner_a, 12) + self.invoice(self.partner_a, 12)
        self.dun()
        entries = self.write_off(moves.collection_plan_id)
        self.assertEqual((len(entries), self.owed(self.partner_a), self.lost()), (2, 0.0, 210.0))

    def test_paid_and_waived_charges_are_none(self):
        plan = self.dunned()
        self.pay(plan.notice_line_ids.notice_id.sudo().charge_move_ids)
        self.assertFalse(self.open_dialog(plan).line_ids.charges)
        self.write_off(plan)
        self.assertEqual(self.lost(), 100.0)

    def test_customer_based(self):
        self.company.dunning_mode = "customer"
        plan = self.dunned()
        self.write_off(plan)
        self.assertEqual((plan.mode, self.owed(self.partner_a), self.lost()), ("customer", 0.0, 110.0))
