"""Fees and interest on real invoices, payments and notices, where charges are on the letter only (rules §8)."""

from datetime import date

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import ChargesCommon


@tagged("post_install", "-at_install")
class TestPublishedCases(ChargesCommon):
    """Published cases, named by their numbers (rules §10)."""

    def test_case_1(self):
        self.level_1.interest = True
        self.rate.line_ids.percent = 12.0
        self.invoice(self.partner_a, 90, 5000.0)
        notice = self.propose()
        self.assertEqual((notice.amount_interest, notice.amount_total), (147.95, 5147.95))

    def test_case_8(self):
        self.level_1.write({"interest": True, "fee_kind": "fixed", "fee_amount": 10.0})
        self.invoice(self.partner_a, 15)
        notice = self.propose()
        self.assertEqual((notice.amount_interest, notice.amount_fees), (0.41, 10.0))
        self.assertEqual((notice.amount_charges, notice.amount_total), (10.41, 110.41))

    def test_case_9(self):
        self.level_1.write({"fee_kind": "fixed", "fee_amount": 10.0})
        self.level_2.write({"fee_kind": "percent", "fee_percent": 15.0})
        self.invoice(self.partner_a, 10)
        first = self.dun()
        self.assertEqual(first.amount_total, 110.0)
        self.go(10)
        second = self.dun()
        self.assertEqual((second.amount_fees, second.amount_earlier), (15.0, 10.0))
        self.assertEqual(second.amount_total, 125.0)
        self.assertEqual(second.charge_ids.origin_id, first.charge_ids)

    def test_case_10(self):
        self.level_1.interest = True
        self.rate.line_ids.percent = 5.0
        move = self.invoice(self.partner_a, 120, 1000.0)  # due on 1 February; paid 59 and 120 days later
        due = self.item(move).date_maturity
        self.frozen.move_to(fields.Date.add(due, days=59))
        self.pay(move, 500.0)
        self.frozen.move_to(fields.Date.add(due, days=120))
        self.pay(move, 200.0)
        notice = self.propose()
        rows = notice.charge_ids.sorted("date_from")
        self.assertEqual(rows.mapped("base"), [1000.0, 500.0])
        self.assertEqual(rows.mapped("days"), [59, 61])
        self.assertEqual(rows.mapped("amount"), [8.08, 4.18])
        self.assertEqual((notice.amount_interest, notice.amount_total), (12.26, 312.26))
        self.assertEqual(rows[0].date_from, fields.Date.add(due, days=1))
        self.assertEqual(rows[0].date_to, fields.Date.add(rows[1].date_from, days=-1))
        self.go(1)
        self.send(notice)
        self.assertEqual((notice.charge_ids.mapped("base")[-1], notice.charge_ids.mapped("days")[-1]), (300.0, 1))


@tagged("post_install", "-at_install")
class TestInterest(ChargesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.level_1.interest = True

    def bases(self, notice):
        rows = notice.charge_ids.filtered(lambda charge: charge.kind == "interest").sorted("date_from")
        return list(zip(rows.mapped("base"), rows.mapped("days"), strict=True))

    def correct(self, move, amount):
        """A credit note that reverses a part of the invoice."""
        wizard = self.env["account.move.reversal"].create(
            {"move_ids": [Command.set(move.ids)], "journal_id": move.journal_id.id, "date": self.today}
        )
        wizard.reverse_moves()
        note = wizard.new_move_ids
        note.invoice_line_ids.price_unit = amount
        note.action_post()
        (self.item(note) + self.item(move)).reconcile()

    def test_a_payment_counts_at_its_own_date(self):
        move = self.invoice(self.partner_a, 50, 1000.0)
        payment = self.credit(self.partner_a, 400.0, days_ago=30)
        lines = payment.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        (lines + self.item(move)).reconcile()
        self.assertEqual(self.bases(self.propose()), [(1000.0, 20), (600.0, 30)])

    def test_a_rejected_payment_is_none(self):
        move = self.invoice(self.partner_a, 50, 1000.0)
        payment = self.pay(move, 400.0)
        payment.action_reject()
        self.env.cr.precommit.run()
        self.assertEqual(self.bases(self.propose()), [(1000.0, 50)])

    def test_a_credit_note_that_corrects_counts_from_the_due_date(self):
        move = self.invoice(self.partner_a, 50, 1000.0)
        self.correct(move, 400.0)
        self.assertEqual(self.bases(self.propose()), [(600.0, 50)])

    def test_a_credit_note_made_for_no_invoice_corrects_the_one_that_it_settles(self):
        """As for the plan, which is stopped as credited by it."""
        move = self.invoice(self.partner_a, 50, 1000.0)
        note = self.invoice(self.partner_a, 10, 400.0, move_type="out_refund")
        (self.item(note) + self.item(move)).reconcile()
        self.assertEqual(self.bases(self.propose()), [(600.0, 50)])

    def test_other_credit_notes_count_from_their_date(self):
        """One for another invoice, and one of charges, are money."""
        self.invoice(self.partner_b, 12)
        of_charges = {"dunning_notice_id": self.dun().id}
        paid = self.invoice(self.partner_b, 0)
        self.pay(paid)
        for values, work in (({"reversed_entry_id": paid.id}, {}), ({}, of_charges)):
            with self.subTest(values=values):
                partner = self.partner_a.copy({"name": "Other"})
                move = self.invoice(partner, 50, 1000.0)
                note = self.invoice(partner, 10, 400.0, move_type="out_refund", **values)
                note.sudo().write(work)
                (self.item(note) + self.item(move)).reconcile()
                notice = self.propose(partner_ids=[Command.set(partner.ids)])
                self.assertEqual(self.bases(notice), [(1000.0, 40), (600.0, 10)])

    def test_rates_change(self):
        self.rate.line_ids = [Command.create({"date": "2026-05-12", "percent": 12.0})]
        self.invoice(self.partner_a, 50, 1000.0)
        rows = self.propose().charge_ids.sorted("date_from")
        self.assertEqual(rows.mapped("percent"), [10.0, 12.0])
        self.assertEqual(rows.mapped("days"), [29, 21])
        self.assertEqual(rows[1].date_from, date(2026, 5, 12))

    def test_reference_rate_and_margin(self):
        base = self.make_rate("Base", {"2016-07-01": -0.88, "2026-05-12": 1.62})
        rate = self.make_rate("B2B", {}, reference_id=base.id, margin=9.0)
        self.assertAlmostEqual(rate.percent_today, 10.62)
        self.dunning_type.interest_rate_id = rate
        self.invoice(self.partner_a, 50, 1000.0)
        self.assertEqual(self.propose().charge_ids.mapped("percent"), [8.12, 10.62])

    def test_day_count(self):
        for day_count, amount in (("act/365", 13.70), ("act/360", 13.89), ("30E/360", 13.61)):
            with self.subTest(day_count=day_count):
                self.dunning_type.interest_day_count = day_count
                move = self.invoice(self.partner_a, 50, 1000.0)  # due on 12 April: 49 days in 30E/360
                notice = self.propose()
                self.assertEqual(notice.amount_interest, amount)
                notice.action_cancel()
                self.pay(move)

    def test_free_days(self):
        self.dunning_type.interest_free_days = 15
        self.invoice(self.partner_a, 15, 1000.0)
        notice = self.propose()
        self.assertFalse(notice.charge_ids)
        self.go(1)
        notice._refresh()
        self.assertEqual(self.bases(notice), [(1000.0, 16)])

    def test_minimum(self):
        self.dunning_type.interest_minimum = 4.39
        self.invoice(self.partner_a, 15, 1000.0)
        notice = self.propose()
        self.assertFalse(notice.amount_charges, "4.11 is not charged yet")
        self.go(1)
        notice._refresh()
        self.assertFalse(notice.amount_charges, "4.38 is not charged yet")
        self.dunning_type.interest_minimum = 4.38
        notice._refresh()
        self.assertEqual(notice.amount_interest, 4.38)

    def test_each_notice_claims_all_interest(self):
        self.level_2.interest = True
        self.invoice(self.partner_a, 10, 1000.0)
        self.assertEqual(self.dun().amount_interest, 2.74)
        self.go(10)
        second = self.dun()
        self.assertEqual((second.amount_interest, second.amount_earlier), (5.48, 0.0))

    def test_a_contested_part_bears_none(self):
        move = self.invoice(self.partner_a, 50, 1000.0)
        self.env["account.dunning.hold"].create(
            {"move_id": move.id, "amount": 400.0, "reason_id": self.shipped("reason_excluded").id}
        )
        notice = self.propose()
        self.assertEqual(self.bases(notice), [(600.0, 50)])
        self.assertEqual(notice.line_ids.amount_contested, 400.0)

    def dispute(self, reason="dispute", **values):
        reason = self.shipped(f"reason_{reason}")
        return self.env["account.dunning.hold"].create({"reason_id": reason.id, **values})

    def test_what_was_contested_bears_interest_only_if_the_claim_stands(self):
        move = self.invoice(self.partner_a, 50, 1000.0)
        hold = self.dispute(move_id=move.id, amount=400.0)
        notice = self.propose()
        stands, falls = ("rejected", "withdrawn"), ("accepted", "settled", False)
        for outcome, base in [*((one, 1000.0) for one in stands), *((one, 600.0) for one in falls)]:
            with self.subTest(outcome=outcome):
                hold.sudo().write({"ended_on": self.today, "outcome": outcome})
                notice._refresh()
                self.assertEqual((notice.amount_dunned, notice.line_ids.amount_contested), (1000.0, 0.0))
                self.assertEqual(self.bases(notice), [(base, 50)], "from the due date")

    def test_a_hold_that_was_no_dispute_bears_interest_once_it_ended(self):
        move = self.invoice(self.partner_a, 50, 1000.0)
        self.dispute("payment_announced", move_id=move.id, amount=400.0).action_end()
        self.assertEqual(self.bases(self.propose()), [(1000.0, 50)])

    def test_what_a_run_includes_although_it_is_contested_bears_none(self):
        move = self.invoice(self.partner_a, 50, 1000.0)
        other = self.invoice(self.partner_b, 50, 1000.0)
        self.dispute(move_line_id=self.item(move).id, amount=400.0)
        self.dispute(move_id=other.id)
        run = self.env["account.dunning.run"].create({"company_id": self.company.id, "include_disputed": True})
        run.action_propose()
        self.work()
        by_customer = run.notice_ids.grouped("partner_id")
        self.assertEqual(by_customer[self.partner_a].amount_dunned, 1000.0)
        self.assertEqual(self.bases(by_customer[self.partner_a]), [(600.0, 50)])
        self.assertEqual(by_customer[self.partner_b].amount_dunned, 1000.0)
        self.assertFalse(self.bases(by_customer[self.partner_b]), "all of it is contested")

    def test_a_customer_contested_what_he_had_then(self):
        self.invoice(self.partner_a, 50, 1000.0)
        hold = self.dispute(partner_id=self.partner_a.id)
        hold.action_end()
        hold.sudo().outcome = "accepted"
        self.go(5)
        self.invoice(self.partner_a, 4, 300.0, invoice_date=self.today)
        self.go(20)
        notice = self.propose()
        self.assertEqual(notice.amount_dunned, 1300.0)
        self.assertEqual({base for base, _days in self.bases(notice)}, {300.0})

    def test_a_credit_note_settles_what_was_contested(self):
        move = self.invoice(self.partner_a, 50, 1000.0)
        hold = self.dispute(move_id=move.id, amount=400.0)
        hold.action_end()
        hold.sudo().outcome = "accepted"
        self.correct(move, 300.0)
        notice = self.propose()
        self.assertEqual(notice.amount_dunned, 700.0)
        self.assertEqual(self.bases(notice), [(600.0, 50)], "100 are still contested")

    def test_a_contested_part_lies_on_the_last_instalment(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Two halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": days}) for days in (0, 10)
                ],
            }
        )
        move = self.invoice(self.partner_a, 50, 1000.0, invoice_payment_term_id=term.id, invoice_date_due=False)
        hold = self.dispute(move_id=move.id, amount=600.0)
        hold.action_end()
        hold.sudo().outcome = "settled"
        self.assertEqual(self.bases(self.propose()), [(400.0, 50)], "500 of the second, 100 of the first")

    def test_the_lines_own_level_decides(self):
        self.level_1.interest = False
        self.level_2.interest = True
        self.dunning_type.escalation = "catch_up"
        self.invoice(self.partner_a, 12, 1000.0)
        self.invoice(self.partner_a, 25, 1000.0)
        self.assertEqual(self.bases(self.propose()), [(1000.0, 25)])

    def test_fresh_on_the_day_it_leaves(self):
        move = self.invoice(self.partner_a, 20, 1000.0)
        notice = self.propose()
        self.assertEqual(notice.amount_interest, 5.48)
        self.go(10)
        self.pay(move, 400.0)
        self.send(notice)
        self.assertEqual((notice.amount_interest, notice.amount_total), (8.22, 608.22))

    def test_what_drops_out_is_not_charged(self):
        paid = self.invoice(self.partner_a, 20, 1000.0)
        self.invoice(self.partner_a, 20, 500.0)
        notice = self.propose()
        self.assertEqual(notice.amount_interest, 8.22)
        self.pay(paid)
        self.send(notice)
        self.assertEqual((notice.amount_interest, notice.amount_total), (2.74, 502.74))

    def test_no_interest_before_it_is_due(self):
        self.make_type("With Reminder", (-7, 10), partner_domain=[("id", "=", self.partner_b.id)])
        self.invoice(self.partner_b, -5, 1000.0)
        self.assertFalse(self.propose().amount_charges)


@tagged("post_install", "-at_install")
class TestFees(ChargesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.level_1.write({"fee_kind": "fixed", "fee_amount": 10.0})

    def test_percentage_of_what_is_overdue_net_of_credits(self):
        for credit, minimum, maximum, fee in (
            (0.0, 0.0, 0.0, 30.0),
            (50.0, 0.0, 0.0, 22.5),
            (0.0, 40.0, 0.0, 40.0),
            (0.0, 0.0, 20.0, 20.0),
        ):
            with self.subTest(credit=credit, minimum=minimum, maximum=maximum):
                self.level_1.write(
                    {"fee_kind": "percent", "fee_percent": 15.0, "fee_minimum": minimum, "fee_maximum": maximum}
                )
                partner = self.partner_a.copy({"name": "Other"})
                self.invoice(partner, 12, 200.0)
                if credit:
                    self.credit(partner, credit)
                notice = self.propose(partner_ids=[Command.set(partner.ids)])
                self.assertEqual((notice.amount_fees, notice.amount_total), (fee, 200.0 - credit + fee))

    def test_per_notice_once_whatever_the_items(self):
        self.invoice(self.partner_a, 12)
        self.invoice(self.partner_a, 15)
        self.assertEqual(self.amounts(self.propose()), [10.0])

    def test_per_notice_by_its_highest_level(self):
        self.level_2.write({"fee_kind": "fixed", "fee_amount": 25.0})
        self.dunning_type.escalation = "catch_up"
        self.invoice(self.partner_a, 12)
        self.invoice(self.partner_a, 25)
        self.assertEqual(self.amounts(self.propose()), [25.0])

    def test_per_item_once_in_its_life(self):
        for level in self.dunning_type.level_ids:
            level.write({"fee_kind": "fixed", "fee_amount": 10.0, "fee_per": "item"})
        old = self.invoice(self.partner_a, 12)
        first = self.dun()
        self.assertEqual(first.charge_ids.move_line_id, self.item(old))
        self.go(10)
        new = self.invoice(self.partner_a, 12)
        second = self.dun()
        fees = second.charge_ids.filtered(lambda charge: charge.kind == "fee")
        self.assertEqual(fees.move_line_id, self.item(new))
        self.assertEqual((second.amount_fees, second.amount_earlier, second.amount_total), (10.0, 10.0, 220.0))

    def test_an_undone_fee_may_be_charged_again(self):
        self.level_1.fee_per = "item"
        self.invoice(self.partner_a, 12)
        first = self.dun()
        first.sudo()._undo("a mistake", at_once=True)
        self.assertEqual(self.amounts(self.propose(), "fee"), [10.0])

    def test_an_undone_fee_is_not_claimed(self):
        self.invoice(self.partner_a, 12)
        self.dun()
        self.go(10)
        second = self.dun()
        self.assertEqual(second.amount_earlier, 10.0)
        second.sudo()._undo("a mistake", at_once=True)
        self.go(10)
        third = self.dun()
        self.assertEqual((third.level_id, third.amount_earlier), (self.level_2, 10.0))

    def test_each_earlier_fee_is_claimed_by_one_notice(self):
        """One notice, later two: the items have parted company."""
        self.level_2.write({"fee_kind": "fixed", "fee_amount": 5.0})
        contacts = self.env["res.partner"].create(
            [{"name": name, "parent_id": self.partner_a.id, "email": "x@example.com"} for name in ("One", "Two")]
        )
        for contact in contacts:
            self.invoice(contact, 12)
        self.assertEqual(len(self.dun()), 1)
        self.go(10)
        self.dunning_type.recipient_rule = "invoice"
        notices = self.run_day().notice_ids
        self.assertEqual(len(notices), 2)
        self.assertEqual(sorted(notices.mapped("amount_earlier")), [0.0, 10.0])
        self.send(notices[0])
        self.send(notices[1])
        self.assertEqual(sorted(notices.mapped("amount_earlier")), [0.0, 10.0], "also once the other one was sent")

    def test_fees_of_others_are_not_claimed(self):
        paid = self.invoice(self.partner_a, 12)
        self.dun()
        self.pay(paid)
        self.go(10)
        self.invoice(self.partner_a, 12)
        self.assertEqual(self.propose().amount_earlier, 0.0)

    def test_foreign_currency(self):
        self.level_1.write({"fee_kind": "percent", "fee_percent": 1.0, "fee_minimum": 10.0, "interest": True})
        self.dunning_type.interest_minimum = 2.0
        move = self.invoice(self.partner_a, 15, 1000.0, currency_id=self.other_currency.id)
        notice = self.propose()
        factor = self.other_currency._get_conversion_rate(
            self.company.currency_id, self.other_currency, self.company, self.today
        )
        self.assertEqual(notice.currency_id, self.other_currency)
        self.assertNotEqual(factor, 1.0)
        self.assertEqual(notice.amount_fees, self.other_currency.round(max(10.0, 10.0 * factor)))
        self.assertEqual(notice.amount_interest, 4.11)
        self.assertEqual(notice.amount_total, self.item(move).amount_currency + notice.amount_charges)
        self.dunning_type.interest_minimum = 4.2 / factor
        notice._refresh()
        self.assertFalse(notice.amount_interest)

    def test_moved_to_another_level(self):
        self.level_2.write({"fee_kind": "fixed", "fee_amount": 25.0, "interest": True})
        self.invoice(self.partner_a, 15, 1000.0)
        notice = self.propose()
        notice._move_to_level(self.level_2)
        self.assertEqual((notice.amount_fees, notice.amount_interest), (25.0, 4.11))
        self.assertEqual(notice.amount_total, 1029.11)
        notice._move_to_level(self.level_3)
        self.assertEqual((notice.charge_ids.ids, notice.amount_total), ([], 1000.0))

    def test_brought_up_to_date_by_the_next_night(self):
        self.invoice(self.partner_a, 12)
        notice = self.propose()
        self.level_1.fee_amount = 12.0
        notice.run_id.action_propose()
        self.work()
        self.assertEqual((notice.exists().amount_total, self.amounts(notice)), (112.0, [12.0]))
        self.level_1.fee_kind = "none"
        notice.run_id.action_propose()
        self.work()
        self.assertEqual((notice.amount_total, self.amounts(notice)), (100.0, []))


@tagged("post_install", "-at_install")
class TestWaive(ChargesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for level in cls.dunning_type.level_ids:
            level.write({"fee_kind": "fixed", "fee_amount": 10.0})
        cls.move = cls.stage.invoice(cls.partner_a, 12)

    def waive(self, record, reason="goodwill"):
        action = record.with_user(self.manager).action_waive()
        model = self.env[action["res_model"]].with_user(self.manager).with_context(**action["context"])
        wizard = Form(model)
        wizard.reason = reason
        wizard.save().action_waive()

    def test_no_later_notice_claims_it(self):
        first = self.dun()
        self.waive(first.charge_ids)
        self.assertIn("goodwill", first.message_ids[0].body)
        self.assertIn("goodwill", self.move.collection_plan_id.message_ids[0].body)
        self.assertEqual(first.amount_total, 110.0, "the letter said so")
        self.go(10)
        self.assertEqual(self.dun().amount_total, 110.0)

    def test_before_it_leaves(self):
        notice = self.propose()
        self.waive(notice)
        self.assertEqual((notice.amount_fees, notice.amount_total), (0.0, 100.0))
        notice.run_id.action_propose()
        self.work()
        self.assertEqual((notice.amount_total, notice.charge_ids.waive_reason), (100.0, "goodwill"))
        self.send(notice)
        self.assertEqual(notice.amount_total, 100.0)
        self.go(10)
        self.assertEqual(self.dun().amount_total, 110.0)

    def test_a_proposed_notice_claims_it_no_longer(self):
        first = self.dun()
        self.go(10)
        second = self.propose()
        self.assertEqual(second.amount_total, 120.0)
        self.waive(first)
        self.assertEqual(second.amount_total, 110.0)

    def test_a_letter_not_printed_is_made_anew(self):
        self.dun()
        self.go(10)
        second = self.propose()
        self.issue(second)
        letter = second.attachment_id
        self.waive(second.charge_ids.filtered("origin_id"))
        self.assertEqual(second.state, "queued")
        self.work()
        self.assertEqual((second.state, second.amount_total), ("to_print", 110.0))
        self.assertNotEqual(second.attachment_id, letter)

    def test_refused(self):
        first = self.dun()
        self.waive(first)
        with self.refused(UserError, "no fee to waive"):
            first.with_user(self.manager).action_waive()
        with self.refused(AccessError, "dunning managers"):
            first.with_user(self.collector).action_waive()

    def test_a_waived_fee_per_item_is_charged_no_more(self):
        self.dunning_type.level_ids.fee_per = "item"
        self.waive(self.dun())
        self.go(10)
        self.assertEqual(self.dun().amount_charges, 0.0)


@tagged("post_install", "-at_install")
class TestConfiguration(ChargesCommon):
    def test_refused_levels(self):
        self.make_type("Reminding", (-5, 10))
        reminder = self.env["account.dunning.level"].search([("reminder", "=", True)], limit=1)
        action = self.env["account.dunning.action"].create(
            {"name": "Call", "kind": "activity", "activity_type_id": self.env.ref("mail.mail_activity_data_call").id}
        )
        for level, values, message in (
            (self.level_1, {"fee_kind": "fixed"}, "more than zero"),
            (self.level_1, {"fee_kind": "percent"}, "more than 0"),
            (self.level_1, {"fee_kind": "percent", "fee_percent": 101.0}, "at most 100"),
            (self.level_1, {"fee_kind": "percent", "fee_percent": 5.0, "fee_minimum": -1.0}, "negative"),
            (
                self.level_1,
                {"fee_kind": "percent", "fee_percent": 5.0, "fee_minimum": 9.0, "fee_maximum": 8.0},
                "less than its minimum",
            ),
            (reminder, {"fee_kind": "fixed", "fee_amount": 5.0}, "nothing is overdue"),
            (
                self.level_1,
                {"fee_kind": "fixed", "fee_amount": 5.0, "document": "none", "action_ids": [Command.set(action.ids)]},
                "sends no document",
            ),
        ):
            with self.subTest(values=values), self.refused(ValidationError, message):
                level.write(values)

    def test_no_interest_without_a_rate(self):
        self.level_1.interest = True
        with self.refused(ValidationError, "has no interest rate"):
            self.dunning_type.interest_rate_id = False
        self.dunning_type.write(
            {"interest_rate_id": False, "level_ids": [Command.update(self.level_1.id, {"interest": False})]}
        )
        with self.refused(ValidationError, "has no interest rate"):
            self.level_1.interest = True
        self.dunning_type.write(
            {"interest_rate_id": self.rate.id, "level_ids": [Command.update(self.level_1.id, {"interest": True})]}
        )

    def test_refused_rates(self):
        rates = self.env["account.dunning.interest.rate"]
        derived = self.make_rate("Derived", {}, reference_id=self.rate.id, margin=1.0)
        line = [Command.create({"date": "2026-01-01", "percent": 1.0})]
        with self.refused(ValidationError, "has no rates"):
            rates.create({"name": "Empty"})
        with self.refused(ValidationError, "no table of its own"):
            derived.line_ids = line
        with self.refused(ValidationError, "cannot be chosen as “Reference Rate”"):
            self.make_rate("Third", {}, reference_id=derived.id)
        with self.refused(IntegrityError, "date_unique"):
            self.rate.line_ids = [Command.create({"date": "2000-01-01", "percent": 1.0})]
        with self.refused(UserError, "in use by Test"):
            self.rate.active = False
        self.dunning_type.interest_rate_id = derived
        with self.refused(UserError, "in use by Derived"):
            self.rate.active = False
        self.assertEqual(self.rate.copy().name, "Ten (copy)")

    def test_forms(self):
        with Form(self.env["account.dunning.interest.rate"].with_user(self.manager)) as form:
            form.name = "Mine"
            with form.line_ids.new() as line:
                line.date = "2026-01-01"
                line.percent = 4.125
        self.assertEqual(form.record.percent_today, 4.125)
        with Form(self.dunning_type.with_user(self.manager)) as form:
            form.interest_rate_id = form.interest_rate_id.search([("name", "=", "Mine")])
            form.interest_free_days = 3

    def test_placeholder(self):
        self.level_1.write({"fee_kind": "fixed", "fee_amount": 10.0, "text": "<p>{charges} of {total}</p>"})
        self.invoice(self.partner_a, 12)
        notice = self.propose()
        self.assertIn("10.00", notice._get_text())
        self.assertIn("110.00", notice._get_text())

    def test_queries_do_not_grow(self):
        self.level_1.write({"interest": True, "fee_kind": "fixed", "fee_amount": 10.0})
        self.level_2.write({"interest": True, "fee_kind": "fixed", "fee_amount": 10.0, "fee_per": "item"})

        def count(customers):
            partners = self.env["res.partner"].create(
                [{"name": f"C{n}", "email": "c@example.com"} for n in range(customers)]
            )
            for partner in partners:
                self.invoice(partner, 12)
            self.env.flush_all()
            run = self.env["account.dunning.run"].create(
                {"company_id": self.company.id, "partner_ids": [Command.set(partners.ids)]}
            )
            run.action_propose()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.work()
            self.assertEqual(len(run.notice_ids.charge_ids), 2 * customers)
            return self.env.cr.sql_log_count - before

        count(2)
        few, many = count(3), count(30)
        self.assertLessEqual(many, few + 3)

    def test_without_charges_nothing_is_read(self):
        self.assertFalse(self.env["account.dunning.level"]._is_charging(self.company.id))
        self.level_1.interest = True
        self.assertTrue(self.env["account.dunning.level"]._is_charging(self.company.id))
