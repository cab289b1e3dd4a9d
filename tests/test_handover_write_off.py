"""Written off and handed over to an agency, in either order: the agency goes on claiming the whole debt."""

import io

from lxml import etree
from openpyxl import load_workbook

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .test_handover import HandoverCommon
from .test_write_off import WriteOffCommon

ORDERS = ("handed over, then written off", "written off, then handed over")


class BothCommon(HandoverCommon, WriteOffCommon):
    def away(self, order=ORDERS[0], **values):
        """The plan of a new invoice that is written off and with the agency."""
        plan = self.dunned(self.partner_a, **values)
        plan.user_id = self.collector
        for step in order.split(", then "):
            if step == "handed over":
                self.hand_over(plan)
            else:
                self.write_off(plan)
            self.go(1)
        return plan

    def orders(self):
        """Try both orders, each on a database as it was before."""
        for order in ORDERS:
            with self.subTest(order), self.env.cr.savepoint() as savepoint:
                yield self.away(order)
                savepoint.rollback()
            self.env.invalidate_all()
            self.frozen.move_to("2026-06-01")

    def found(self, name):
        """The plans that a filter of their list finds."""
        arch = etree.fromstring(self.env["account.collection.plan"].get_view(view_type="search")["arch"])
        [node] = arch.xpath(f"//filter[@name='{name}']")
        return self.env["account.collection.plan"].search(safe_eval(node.get("domain")))

    def rows(self, handover):
        sheet = load_workbook(io.BytesIO(handover.table_id.raw)).active
        headers, *rows = sheet.iter_rows(values_only=True)
        return [dict(zip(headers, row, strict=True)) for row in rows]


@tagged("post_install", "-at_install")
class TestBoth(BothCommon):
    def test_the_agency_claims_the_whole_amount(self):
        for plan in self.orders():
            self.assertRecordValues(
                plan,
                [
                    {
                        "state": "unrecovered",
                        "close_reason": "written_off",
                        "collection_status": "agency",
                        "keeps_out": True,
                        "amount_due": 0,
                        "amount_written_off": 100,
                    }
                ],
            )
            line = plan.handover_line_ids
            self.assertRecordValues(
                line, [{"amount": 100, "amount_open": 100, "amount_settled": 0, "state": "handed_over"}]
            )
            self.assertFalse(self.to_tell(plan))
            self.assertEqual(plan.move_id.collection_status, "agency")
            self.assertIn(plan, self.found("with_agency"))
            self.assertNotIn(plan, self.found("paid_after_handover"))
            plan._settle()
            self.assertEqual((plan.collection_status, self.to_tell(plan)), ("agency", []))

    def test_table_and_dossier_list_what_was_written_off(self):
        plan = self.away(ORDERS[1])
        [row] = self.rows(plan.handover_id)
        self.assertEqual((row["Invoice"], row["Amount"], row["Open Amount"]), (plan.move_id.name, 100, 100))
        line = plan.handover_line_ids
        self.assertEqual(line._get_totals(), [(plan.currency_id, 100)])
        self.assertIn((plan.move_id.name, None), line._get_documents())
        self.assertNotIn(plan.move_id.name, line._get_contents(), "it could not be printed here")

    def test_part_paid_before(self):
        plan = self.dunned(self.partner_a)
        self.pay(plan.move_id, 30)
        self.write_off(plan)
        handover = self.hand_over(plan)
        self.assertEqual(handover.line_ids.amount, 70)
        self.assertEqual(self.rows(handover)[0]["Open Amount"], 70)

    def test_nothing_to_hand_over_once_all_was_paid_late(self):
        plan = self.dunned(self.partner_a)
        self.write_off(plan)
        self.credit(100)
        self.end(plan, kind="income", account_id=self.income)
        self.assertIn("Nothing is open", plan._get_refusals("hand_over")[plan])

    def test_what_is_to_be_told_stays_to_be_told(self):
        plan = self.dunned(self.partner_a)
        self.hand_over(plan)
        self.pay(plan.move_id, 30)
        told = self.to_tell(plan)
        self.write_off(plan)
        self.assertEqual(len(told), 1)
        self.assertEqual(self.to_tell(plan), told)
        self.assertRecordValues(plan.handover_line_ids, [{"amount": 100, "amount_open": 70, "amount_settled": 30}])

    def test_nobody_duns_it_nor_allows_a_new_plan(self):
        for plan in self.orders():
            self.assertIn("recall it first", plan._get_refusals("allow")[plan])
            self.go(30)
            self.assertFalse(self.dun())


@tagged("post_install", "-at_install")
class TestPaidLater(BothCommon):
    def test_booked_as_income(self):
        for plan in self.orders():
            self.credit(40)
            [told] = self.to_tell(plan)
            self.assertIn("the customer has paid", told)
            self.assertEqual(plan.handover_line_ids.amount_settled, 0, "it may have paid something else")
            self.end(plan, kind="income", account_id=self.income)
            self.assertRecordValues(
                plan.handover_line_ids, [{"amount_open": 60, "amount_settled": 40, "state": "handed_over"}]
            )
            [told] = self.to_tell(plan)
            self.assertIn("60.00 is open now", told)
            [(_item, claim)] = plan._get_claimed_items()[plan]
            self.assertEqual(claim, 60)
            self.credit(60)
            self.end(plan, kind="income", account_id=self.income)
            self.assertRecordValues(
                plan.handover_line_ids, [{"amount_open": 0, "amount_settled": 100, "state": "paid"}]
            )
            self.assertEqual((plan.handover_id.paid_count, plan.close_reason), (1, "written_off"))
            self.assertFalse(plan.collection_status)
            self.assertEqual(plan._get_claimed_items()[plan], [])
            self.assertIn(plan, self.found("paid_after_handover"))
            self.assertNotIn(plan, self.found("with_agency"))

    def test_reversed_and_matched(self):
        for plan in self.orders():
            self.credit(40)
            self.end(plan)
            self.assertRecordValues(
                plan,
                [
                    {
                        "state": "unrecovered",
                        "close_reason": "handed_over",
                        "collection_status": "agency",
                        "keeps_out": True,
                        "amount_due": 60,
                        "amount_written_off": 0,
                    }
                ],
            )
            [told] = self.to_tell(plan)
            self.assertIn("60.00 is open now", told)
            self.pay(plan.move_id)
            self.assertEqual((plan.state, plan.handover_line_ids.state), ("recovered", "paid"))

    def test_reversed_and_paid_in_full(self):
        plan = self.away()
        self.credit(100)
        self.end(plan)
        self.assertEqual((plan.state, plan.close_reason, plan.handover_line_ids.state), ("recovered", "paid", "paid"))
        [told] = self.to_tell(plan)
        self.assertIn(" 0.00 is open now", told.replace("\N{NO-BREAK SPACE}", " ").replace("$", ""))

    def test_a_reversal_is_nothing_to_the_agency(self):
        for plan in self.orders():
            self.end(plan)
            self.assertFalse(self.to_tell(plan))
            self.assertRecordValues(
                plan,
                [
                    {
                        "state": "unrecovered",
                        "close_reason": "handed_over",
                        "collection_status": "agency",
                        "keeps_out": True,
                        "amount_due": 100,
                        "amount_written_off": 0,
                    }
                ],
            )
            self.assertEqual(plan.handover_line_ids.amount_open, 100)
            self.go(30)
            self.assertFalse(self.dun())

    def test_a_reversal_after_a_part_was_booked_as_income(self):
        """What was paid settles the debt now, and the agency has known it."""
        plan = self.away()
        self.credit(40)
        self.end(plan, kind="income", account_id=self.income)
        plan.activity_ids.action_feedback()
        self.end(plan)
        self.assertFalse(self.to_tell(plan))
        self.assertRecordValues(plan, [{"amount_due": 60, "amount_written_off": 0, "amount_paid_late": 0}])

    def test_a_payment_for_something_else_is_nothing_to_the_agency(self):
        plan = self.away()
        self.pay(self.invoice(self.partner_a, 1))
        self.assertFalse(self.to_tell(plan))
        self.credit(40, self.partner_b)
        self.assertFalse(self.to_tell(plan))

    def test_an_earlier_payment_comes_back(self):
        plan = self.dunned(self.partner_a)
        payment = self.pay(plan.move_id, 30)
        self.write_off(plan)
        self.hand_over(plan)
        payment.action_draft()
        self.finish()
        self.assertRecordValues(plan, [{"amount_due": 30, "amount_written_off": 70, "close_reason": "written_off"}])
        self.assertEqual(plan.handover_line_ids.amount_open, 100)
        self.assertEqual([claim for _item, claim in plan._get_claimed_items()[plan]], [100])
        payment.unlink()
        self.finish()
        self.write_off(plan)
        self.assertEqual((plan.amount_written_off, plan.handover_line_ids.amount_open), (100, 100))

    def test_a_payment_that_comes_back_reopens_it_with_the_agency(self):
        plan = self.away()
        self.end(plan)
        payment = self.pay(plan.move_id)
        self.assertEqual(plan.state, "recovered")
        payment.action_draft()
        self.finish()
        self.assertRecordValues(plan, [{"state": "unrecovered", "close_reason": "handed_over", "keeps_out": True}])

    def test_an_entry_reversed_by_hand(self):
        """In the accounting, past the collection plan: nothing is claimed twice."""
        plan = self.away()
        plan.write_off_move_ids._reverse_moves([{"date": self.today}], cancel=True)
        self.finish()
        self.assertRecordValues(plan, [{"amount_due": 100, "amount_written_off": 0, "collection_status": "agency"}])
        self.assertEqual(plan.handover_line_ids.amount_open, 100)
        self.assertFalse(self.to_tell(plan))


@tagged("post_install", "-at_install")
class TestRecall(BothCommon):
    def test_it_stays_written_off(self):
        for plan in self.orders():
            line = plan.handover_line_ids
            self.recall(plan)
            self.assertRecordValues(
                plan,
                [
                    {
                        "state": "unrecovered",
                        "close_reason": "written_off",
                        "collection_status": "uncollectable",
                        "keeps_out": False,
                        "handover_id": False,
                    }
                ],
            )
            self.assertRecordValues(line, [{"amount_open": 100, "amount_settled": 0, "state": "recalled"}])
            self.end(plan)
            self.assertEqual((plan.state, plan.amount_due), ("ongoing", 100), "as any other")
            self.assertEqual(line.amount_open, 100)

    def test_a_reversed_one_goes_on_and_the_whole_time_is_a_pause(self):
        plan = self.dunned(self.partner_a)
        self.hand_over(plan)
        self.go(10)
        self.write_off(plan)
        self.go(10)
        self.end(plan)
        self.recall(plan)
        self.assertEqual((plan.state, plan.idle_days), ("ongoing", 20))

    def test_what_was_paid_late_is_no_more_uncollectable(self):
        plan = self.away()
        self.credit(100)
        self.end(plan, kind="income", account_id=self.income)
        self.recall(plan)
        self.assertFalse(plan.collection_status)


@tagged("post_install", "-at_install")
class TestBothForCustomers(BothCommon):
    def test_in_two_currencies(self):
        """100 dollars and 50 euros, at 2 euros a dollar; 110 dollars come in: they settle the oldest items."""
        self.settings.mode = "customer"
        self.invoice(self.partner_a, 15, 100)
        self.invoice(self.partner_a, 12, 50, currency_id=self.other_currency.id)
        self.dun()
        plan = self.env["account.collection.plan"].search([("partner_id", "=", self.partner_a.id)])
        self.write_off(plan)
        handover = self.hand_over(plan)
        self.assertEqual((plan.amount_written_off, handover.line_ids.amount), (125, 125))
        self.assertEqual(
            [(row["Open Amount"], row["Currency"]) for row in self.rows(handover)], [(100, "USD"), (50, "EUR")]
        )
        self.credit(110)
        self.end(plan, kind="income", account_id=self.income)
        self.assertEqual(handover.line_ids.amount_open, 15)
        [(item, claim)] = plan._get_claimed_items()[plan]
        self.assertEqual((item.currency_id, claim), (self.other_currency, 30))

    def test_instalments(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Two parts",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 30, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 70, "nb_days": 3}),
                ],
            }
        )
        move = self.invoice(self.partner_a, 20, invoice_payment_term_id=term.id)
        self.dun()
        plan = self.plan(move)
        self.hand_over(plan)
        self.write_off(plan)
        self.credit(40)
        self.end(plan, kind="income", account_id=self.income)
        self.assertEqual([claim for _item, claim in plan._get_claimed_items()[plan]], [60])
