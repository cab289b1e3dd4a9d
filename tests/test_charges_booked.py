"""Fees and interest booked as customer invoices, and charges on the letter that are booked when paid (rules §8)."""

from ast import literal_eval
from unittest.mock import patch

from lxml import etree

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

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

    def correct(self, move, amount):
        """A credit note of today that reverses a part of the invoice."""
        note = move._reverse_moves([{"invoice_date": self.today}])
        note.invoice_line_ids.price_unit = amount
        note.action_post()
        (self.item(note) + self.item(move)).filtered(lambda line: not line.reconciled).reconcile()
        self.env.cr.precommit.run()

    def charge_income(self):
        """What is booked on the account of charges, as income; in company currency."""
        lines = self.env["account.move.line"].search(
            [("account_id", "=", self.settings.charge_account_id.id), ("parent_state", "=", "posted")]
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
        cls.settings.charges = "booked"

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
        self.assertEqual(move.invoice_line_ids.account_id, self.settings.charge_account_id)
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

    def test_a_returned_payment_of_charges_asks_the_collector(self):
        """Also where the plan is closed: what is open is its charges."""
        self.partner_a.dunning_user_id = self.collector
        invoice = self.invoice(self.partner_a, 15, 1000.0, invoice_user_id=self.manager.id)
        charges = self.booked(self.dun())
        self.pay(invoice)
        self.assertEqual(invoice.collection_plan_id.state, "recovered")
        payment = self.pay(charges)
        payment._return({"date": self.today, "fee": 0.0, "ref": "Insufficient funds"})._reopen_returned(
            self.today, "Insufficient funds"
        )
        call = self.env.ref("mail.mail_activity_data_call")
        activity = charges.activity_ids.filtered(lambda activity: activity.activity_type_id == call)
        self.assertEqual(activity.user_id, self.collector)

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

    def test_only_a_document_that_tells_of_it_claims_what_is_about_other_items(self):
        call = self.env["account.dunning.action"].create(
            {"name": "Call", "kind": "activity", "activity_type_id": self.env.ref("mail.mail_activity_data_call").id}
        )
        reminding, telling = self.make_type("Reminding", (-7, 30)), self.make_type("Telling", (10,))
        calling = self.make_type("Calling", (10, 20))
        calling.level_ids[0].write({"document": "none", "action_ids": [Command.set(call.ids)]})
        old = self.invoice(self.partner_a, 15, 1000.0)
        self.dun()
        self.pay(old)
        self.go(10)
        claims = {}
        for dunning_type, days in ((reminding, -5), (calling, 12), (telling, 12)):
            self.invoice(self.partner_a, days, dunning_type_id=dunning_type.id)
            notices = self.run_day().notice_ids
            claims[dunning_type.name] = {notice.type_id.name: notice.amount_earlier for notice in notices}
            notices.run_id.notice_ids.action_cancel()
        self.assertEqual(
            claims,
            {
                "Reminding": {"Reminding": 0.0},
                "Calling": {"Reminding": 0.0, "Calling": 0.0},
                "Telling": {"Reminding": 0.0, "Calling": 0.0, "Telling": 14.11},
            },
        )

    def test_never_dunned(self):
        self.dunning_type.minimum_amount = 1010.0
        move = self.invoice(self.partner_a, 15, 1005.0)
        self.dunning_type.minimum_amount = 0.0
        charge = self.booked(self.dun())
        self.dunning_type.minimum_amount = 1010.0
        self.go(30)
        run = self.run_day()
        self.assertFalse(run.notice_ids, "charges count in no minimum")
        self.assertIn("charge", run.skipped_ids.mapped("reason"))
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
        self.come_back(notice)
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
        self.correct(move, 900.0)
        self.go(10)
        second = self.dun()
        self.assertEqual(second.amount_interest, -3.43)
        credit = self.booked(second)
        self.assertRecordValues(credit, [{"move_type": "out_refund", "state": "draft", "amount_total": 3.43}])
        self.assertIn("check this credit note", credit.activity_ids.summary)
        self.assertFalse(credit.dunning_notice_id.charge_ids.filtered(lambda c: c.move_id == credit and c.can_waive))
        self.go(10)
        self.level_3.interest = True
        third = self.dun()
        self.assertEqual(third.amount_interest, 0.28, "the credit note counts, so that it is not made twice")

    def test_waived_interest_is_not_given_back(self):
        move = self.invoice(self.partner_a, 15, 1000.0)
        self.waive(self.dun())
        self.correct(move, 900.0)
        self.go(10)
        second = self.dun()
        self.assertEqual(second.amount_interest, 0.0, "0.68 accrued, 4.11 was booked and waived")
        self.assertEqual((self.booked(second).mapped("move_type"), second.amount_fees), (["out_invoice"], 20.0))

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
        self.assertIn("no way", " ".join(bad.message_ids.mapped("body")))
        self.assertTrue(bad.can_book_charges)
        with self.refused(AccessError, "dunning managers"):
            bad.with_user(self.collector).action_book_charges()
        bad.with_user(self.manager).action_book_charges()
        self.assertEqual(self.booked(bad).amount_total, 14.11)
        with self.refused(UserError, "no charges to book"):
            bad.action_book_charges()

    def dun_unbooked(self):
        """Notices of today whose charges cannot be booked."""
        notice_class = type(self.env["account.dunning.notice"])
        with patch.object(notice_class, "_prepare_charge_move_vals", side_effect=ValueError("no way")):
            return self.dun()

    def test_a_failure_is_told_the_managers_once(self):
        self.invoice(self.partner_a, 15, 1000.0)
        self.invoice(self.partner_b, 15, 1000.0)
        notices = self.dun_unbooked()
        run = notices.run_id
        self.assertEqual((len(notices), run.state), (2, "done"))
        self.assertEqual(run.activity_ids.user_id, run._get_reviewers())
        self.assertIn(self.manager, run.activity_ids.user_id)
        self.assertEqual(len(run.activity_ids), len(run._get_reviewers()), "one each, not one a notice")
        arch = notices.with_user(self.manager).get_view(view_type="search")["arch"]
        domain = literal_eval(etree.fromstring(arch).find(".//filter[@name='not_booked']").get("domain"))
        found = notices.with_user(self.manager).search(domain)
        self.assertEqual(found.sudo(), notices)
        found[0].action_book_charges()
        self.assertEqual(notices.search(domain), found[1].sudo())
        self.assertTrue(run.activity_ids)
        found[1].action_book_charges()
        self.assertFalse(notices.search(domain))
        self.assertFalse(run.activity_ids, "done")
        self.assertEqual(notices.search_count([("can_book_charges", "=", False), ("id", "in", notices.ids)]), 2)

    def test_interest_that_a_later_notice_has_booked_is_not_booked_again(self):
        self.invoice(self.partner_a, 15, 1000.0)
        first = self.dun_unbooked()
        self.go(10)
        second = self.dun()
        self.assertEqual((self.booked(second).amount_total, second.amount_earlier), (26.85, 10.0))
        first.action_book_charges()
        self.assertEqual(self.booked(first).amount_total, 10.0, "the fee")
        self.assertFalse(first.can_book_charges)

    def test_many_notices_in_one_go(self):
        def count(customers):
            partners = self.env["res.partner"].create(
                [{"name": f"C{n}", "street": "S", "zip": "1", "city": "H"} for n in range(customers)]
            )
            for partner in partners:
                self.invoice(partner, 15)
            notices = self.run_day(partner_ids=[Command.set(partners.ids)]).notice_ids
            self.issue(notices)
            notices.sudo().write({"state": "sent", "sent_on": self.today})
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
        self.settings.charges = "letter"
        self.go(10)
        second = self.dun()
        self.assertEqual((second.amount_interest, second.amount_earlier), (2.74, 14.11))
        self.assertFalse(self.booked(second))


@tagged("post_install", "-at_install")
class TestExcess(BookedCommon):
    """Interest on settled items that was booked beyond what has accrued, as turns out later: 4.11 for 15 days."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settings.charges = "booked"
        cls.move = cls.stage.invoice(cls.partner_a, 15, 1000.0)
        cls.notice = cls.stage.dun()
        cls.plan = cls.move.collection_plan_id

    def settle(self, days_ago, move=None, user=None):
        """Reconcile an invoice with a payment of ``days_ago``, imported today."""
        move = move or self.move
        payment = self.credit(move.partner_id, move.amount_total, days_ago)
        lines = payment.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        (lines + self.item(move)).with_user(user or self.env.user).reconcile()
        self.env.cr.precommit.run()
        self.env.invalidate_all()

    def refunds(self, notice=None):
        return self.booked(notice or self.notice).filtered(lambda move: move.move_type == "out_refund")

    def check_refund(self, amount):
        refund = self.refunds()
        self.assertRecordValues(refund, [{"state": "draft", "amount_total": amount, "partner_id": self.partner_a.id}])
        self.assertEqual(refund.invoice_line_ids.product_id.name, "Default interest")
        self.assertIn("check this credit note", refund.activity_ids.summary)
        self.assertIn(refund.activity_ids.user_id, self.notice.run_id._get_reviewers())
        self.assertIn(f"{amount}", "".join(self.plan.message_ids.mapped("body")))
        return refund

    def test_a_payment_dated_before_the_notice_is_imported_later(self):
        self.go(3)
        self.settle(13)  # five days after the due date: 1.37
        self.assertEqual((self.plan.state, self.plan.close_reason), ("recovered", "paid"))
        self.check_refund(2.74)

    def test_the_invoice_is_credited_fully(self):
        self.correct(self.move, 1000.0)
        self.assertEqual((self.plan.state, self.plan.close_reason), ("stopped", "credited"))
        self.check_refund(4.11)

    def test_the_invoice_is_cancelled(self):
        self.move.button_draft()
        self.env.cr.precommit.run()
        self.assertFalse(self.refunds(), "it may be posted again")
        self.move.button_cancel()
        self.env.cr.precommit.run()
        self.check_refund(4.11)

    def test_whoever_pays(self):
        self.settle(10, user=self.new_user("clerk", "account.group_account_invoice"))
        self.check_refund(2.74)

    def test_whatever_the_state_of_the_plan(self):
        self.plan.sudo()._close("stopped", "person")
        self.settle(10)
        self.check_refund(2.74)

    def test_customer_based_and_on_the_letter_only_since(self):
        self.settle(0)
        self.settings.mode = "customer"
        self.move = self.invoice(self.partner_a, 15, 1000.0)
        self.notice = self.dun()
        self.plan = self.state(self.move).plan_id
        self.settings.charges = "letter"
        self.settle(10)
        self.assertEqual(self.plan.state, "recovered")
        self.check_refund(2.74)

    def test_what_has_accrued_stays(self):
        self.settle(0)
        self.assertEqual(self.plan.state, "recovered")
        self.assertFalse(self.refunds())
        self.assertFalse(self.notice.run_id.activity_ids)
        self.assertFalse(self.plan.message_ids)

    def test_not_while_the_item_is_open(self):
        """The next notice takes it off."""
        self.correct(self.move, 900.0)
        self.assertFalse(self.refunds())

    def test_once(self):
        self.settle(10)
        refund = self.check_refund(2.74)
        self.item(self.move).remove_move_reconcile()
        self.settle(12)  # three days after the due date: 0.82
        self.assertEqual(sorted(self.refunds().mapped("amount_total")), [0.55, 2.74])
        self.assertIn(refund, self.refunds())

    def test_of_several_notices(self):
        """4.11 and 2.74 were booked; the latest notice bears the credit note."""
        self.go(10)
        self.notice = self.dun()
        self.settle(20)
        self.check_refund(5.48)

    def test_waived_interest_is_not_given_back(self):
        self.waive(self.notice)
        self.settle(10)
        self.assertEqual(self.refunds().mapped("amount_total"), [14.11], "that of the waiving")

    def test_an_accepted_dispute(self):
        reason = self.shipped("reason_dispute")
        hold = self.env["account.dunning.hold"].create({"reason_id": reason.id, "move_id": self.move.id})
        self.settle(0)
        self.assertFalse(self.refunds(), "nobody knows yet")
        hold._end_today("accepted")
        self.check_refund(4.11)

    def test_a_rejected_dispute(self):
        reason = self.shipped("reason_dispute")
        hold = self.env["account.dunning.hold"].create({"reason_id": reason.id, "move_id": self.move.id})
        self.settle(0)
        hold._end_today("rejected")
        self.assertFalse(self.refunds())

    def test_it_is_no_claim(self):
        """Neither waived, nor booked once more, nor shown by the letter."""
        total, letter = self.notice.amount_total, self.notice._get_letter_charges("interest", "booked")
        self.settle(10)
        refund = self.check_refund(2.74)
        self.assertEqual(self.notice.amount_total, total)
        self.assertEqual(self.notice._get_letter_charges("interest", "booked"), letter)
        excess = self.notice.charge_ids.filtered(lambda charge: charge.move_id == refund)
        self.assertFalse(excess.can_waive)
        refund.button_cancel()
        self.assertFalse(self.notice.can_book_charges, "a person has decided")

    def test_undo_takes_it_back(self):
        self.settle(10)
        refund = self.check_refund(2.74)
        self.notice.sudo()._undo("a mistake", at_once=True)
        self.env.cr.precommit.run()
        self.assertEqual((refund.state, self.charge_income()), ("cancel", 0.0))
        self.assertNotIn("draft", self.refunds().mapped("state"))

    def test_undo_of_the_latest_notice(self):
        """What is left of the first one, 4.11, is too much too."""
        self.go(10)
        first, self.notice = self.notice, self.dun()
        self.settle(20)
        self.notice.sudo()._undo("a mistake", at_once=True)
        self.env.cr.precommit.run()
        self.assertRecordValues(self.refunds(first), [{"state": "draft", "amount_total": 2.74}])

    def test_without_a_rate_nothing_can_be_said(self):
        self.dunning_type.level_ids.interest = False
        self.dunning_type.interest_rate_id = False
        self.settle(10)
        self.assertFalse(self.refunds())

    def test_a_failure_blocks_no_payment_and_is_told(self):
        other = self.invoice(self.partner_b, 15, 1000.0)
        notice = self.dun()
        original = type(notice)._prepare_charge_move_vals

        def prepare(record, *args):
            if record.partner_id == self.partner_a:
                raise ValueError("no way")
            return original(record, *args)

        payments = self.credit(self.partner_a, 1000.0, 10) + self.credit(self.partner_b, 1000.0, 10)
        with (
            patch.object(type(notice), "_prepare_charge_move_vals", prepare),
            mute_logger("odoo.addons.account_dunning.models.charges.booking"),
        ):
            for payment, move in zip(payments, self.move + other, strict=True):
                lines = payment.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
                (lines + self.item(move)).reconcile()
            self.env.cr.precommit.run()
        self.assertEqual((self.plan.state, self.move.payment_state), ("recovered", self.move.payment_state))
        self.assertIn("no way", self.plan.message_ids[0].body)
        self.assertIn(self.manager, self.notice.run_id.activity_ids.user_id)
        self.assertFalse(self.refunds())
        self.assertEqual(self.refunds(notice).amount_total, 2.74)

    def test_set_based(self):
        def count(items):
            partner = self.partner_a.copy({"name": "Other"})
            moves = self.env["account.move"].concat(*(self.invoice(partner, 15, 1000.0) for _n in range(items)))
            notice = self.run_day(partner_ids=[Command.set(partner.ids)]).notice_ids
            self.send(notice)
            payment = self.credit(partner, 1000.0 * items, 10)
            lines = (payment.move_id + moves).line_ids
            lines.filtered(lambda line: line.account_type == "asset_receivable").reconcile()
            self.env.cr.precommit.data.pop("account_dunning.touched")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            notice.sudo()._credit_excess([self.item(move).id for move in moves])
            self.env.flush_all()
            queries = self.env.cr.sql_log_count - before
            self.assertAlmostEqual(self.refunds(notice).amount_total, 2.74 * items)
            self.env.cr.precommit.run()
            return queries

        count(1)
        few, many = count(2), count(20)
        self.assertLessEqual(many, few + 18, "core looks for the analytic accounts of each line of an invoice")

    def test_nothing_is_read_where_nothing_is_booked(self):
        self.move = self.invoice(self.partner_b, 5)
        with patch.object(type(self.notice), "_credit_excess") as credit:
            self.settle(2, self.move)
        self.assertFalse(any(call.args[-1] for call in credit.call_args_list))


@tagged("post_install", "-at_install")
class TestPaidCharges(BookedCommon):
    """Charges on the letter only; money above the principal is offered for booking them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls.stage.invoice(cls.partner_a, 15, 1000.0)
        cls.notice = cls.stage.dun()
        cls.plan = cls.move.collection_plan_id

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

    def pay_charges(self):
        """Have 14.11 of charges booked as paid, which also takes 1000 of credit; that is used for another invoice."""
        payment = self.credit(self.partner_a, 1014.11)
        self.plan.action_book_charges_paid()
        lines = payment.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        (lines + self.item(self.invoice(self.partner_a, 0, 1000.0))).reconcile()
        self.env.cr.precommit.run()

    def test_interest_below_zero_is_not_set_off_against_fees(self):
        """The second notice claims 20 of fee less 3.43 of interest, which is given back by a credit note of its own."""
        self.pay_charges()
        self.correct(self.move, 900.0)
        self.go(10)
        second = self.dun()
        self.assertEqual((second.amount_fees, second.amount_interest), (20.0, -3.43))
        self.credit(self.partner_a, 100.0 + 20.0)
        self.assertIn("20.00", self.plan.charges_paid)
        self.plan.action_book_charges_paid()
        self.assertRecordValues(
            self.booked(second), [{"move_type": "out_invoice", "amount_total": 20.0, "amount_residual": 0.0}]
        )

    def test_a_part_of_the_fee_takes_no_interest(self):
        """The chosen charges are worth what is booked, also where some of them are below zero."""
        self.pay_charges()
        self.go(10)
        second = self.dun()
        self.assertEqual(self.amounts(second, "fee", "interest", "booked"), [20.0, 6.85, -4.11])
        for paid, lines, charges in ((1019.0, [19.0], 1), (2.0, [1.0, 1.0], 3), (9.0, [1.74], 1)):
            with self.subTest(paid=paid):
                before = self.booked(second)
                self.credit(self.partner_a, paid)
                self.plan.action_book_charges_paid()
                move = self.booked(second) - before
                self.assertEqual(move.invoice_line_ids.mapped("price_unit"), lines)
                self.assertEqual([charge.move_id for charge in second.charge_ids].count(move), charges)

    def test_waived_charges_are_not_booked(self):
        self.waive(self.notice)
        self.pay(self.move)
        self.credit(self.partner_a, 20.0)
        self.assertIn("4.11", self.plan.charges_paid)


@tagged("post_install", "-at_install")
class TestSettings(BookedCommon):
    def test_account_is_created_when_booked(self):
        self.assertFalse(self.settings.charge_account_id)
        self.settings.charges = "booked"
        account = self.settings.charge_account_id
        self.assertEqual((account.account_type, account.company_ids), ("income_other", self.company))
        self.settings.charges = "letter"
        self.settings.charges = "booked"
        self.assertEqual(self.settings.charge_account_id, account)

    def test_refused(self):
        self.settings.charges = "booked"
        with self.refused(ValidationError, "income account"):
            self.settings.charge_account_id = self.company_data["default_account_receivable"]
        with self.refused(ValidationError, "sales journal"):
            self.settings.charge_journal_id = self.company_data["default_journal_purchase"]

    def test_products_bear_no_tax(self):
        for name in ("fee", "interest"):
            product = self.env.ref(f"account_dunning.product_{name}").sudo()
            self.assertFalse(product.taxes_id)

    def test_a_tax_of_the_product_is_added(self):
        self.settings.charges = "booked"
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
        cls.settings.charges = "booked"
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
        self.settings.mode = "customer"
        plan = self.dunned()
        self.write_off(plan)
        self.assertEqual((plan.mode, self.owed(self.partner_a), self.lost()), ("customer", 0.0, 110.0))
