"""Booked charges go with their plan to an agency: claimed, listed, told about, given back (rules §8)."""

import io

from openpyxl import load_workbook

from odoo.tests import tagged

from .test_charges_booked import BookedCommon
from .test_handover import HandoverCommon
from .test_write_off import WriteOffCommon


class ChargesAwayCommon(BookedCommon, HandoverCommon, WriteOffCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settings.charges = "booked"
        cls.level_1.interest = False

    def charges(self, plan):
        """The invoices of the plan's charges."""
        return plan.notice_line_ids.notice_id.sudo().charge_move_ids

    def rows(self, handover):
        sheet = load_workbook(io.BytesIO(handover.table_id.raw)).active
        headers, *rows = sheet.iter_rows(values_only=True)
        return [dict(zip(headers, row, strict=True)) for row in rows]

    def claims(self, handover):
        return [(line.amount, line.amount_settled, line.amount_open, line.state) for line in handover.line_ids]


@tagged("post_install", "-at_install")
class TestChargesAway(ChargesAwayCommon):
    def test_claimed_and_listed(self):
        plan = self.dunned(self.partner_a)
        self.assertEqual(self.dialog(plan).line_ids.charges, "$\N{NO-BREAK SPACE}10.00")
        handover = self.hand_over(plan)
        self.assertEqual(self.claims(handover), [(110, 0, 110, "handed_over")])
        self.assertEqual(
            [(row["Invoice"], row["Kind"], row["Open Amount"], row["Collection Plan"]) for row in self.rows(handover)],
            [
                (plan.move_id.name, "Debt", 100, plan.name),
                (self.charges(plan).name, "Dunning charges", 10, plan.name),
            ],
        )
        line = handover.line_ids
        self.assertEqual(line._get_totals(), [(plan.currency_id, 110)])
        self.assertIn(self.charges(plan).name, [title for title, _document in line._get_documents()])

    def test_in_a_foreign_currency(self):
        for mode, amount in (("invoice", 120), ("customer", 60)):
            with self.subTest(mode), self.env.cr.savepoint() as savepoint:
                self.settings.mode = mode
                self.invoice(self.partner_a, 12, currency_id=self.other_currency.id)
                self.dun()
                plan = self.env["account.collection.plan"].search([("partner_id", "=", self.partner_a.id)])
                handover = self.hand_over(plan)
                self.assertEqual(self.claims(handover), [(amount, 0, amount, "handed_over")])
                self.assertEqual([row["Open Amount"] for row in self.rows(handover)], [100, 20])
                savepoint.rollback()
            self.env.invalidate_all()

    def test_paid_and_waived_charges_are_none(self):
        plan = self.dunned(self.partner_a)
        self.pay(self.charges(plan))
        handover = self.hand_over(plan)
        self.assertEqual(self.claims(handover), [(100, 0, 100, "handed_over")])
        self.assertEqual(len(self.rows(handover)), 1)

    def test_the_agency_is_told_what_becomes_of_them(self):
        plan = self.dunned(self.partner_a)
        handover = self.hand_over(plan)
        self.pay(self.charges(plan), 4.0)
        self.assertEqual(self.claims(handover), [(110, 4, 106, "handed_over")])
        self.assertIn("106.00", self.to_tell(plan)[0])
        self.pay(plan.move_id)
        self.assertEqual((plan.state, self.claims(handover)), ("recovered", [(110, 104, 6, "handed_over")]))
        self.waive(plan.notice_line_ids.notice_id.sudo())
        self.env.cr.precommit.run()
        self.assertEqual(self.claims(handover), [(110, 110, 0, "paid")])

    def test_written_off_before_or_after(self):
        for steps in (("hand_over", "write_off"), ("write_off", "hand_over")):
            with self.subTest(steps), self.env.cr.savepoint() as savepoint:
                plan = self.dunned(self.partner_a)
                for step in steps:
                    getattr(self, step)(plan)
                handover = plan.handover_id
                self.assertEqual(self.claims(handover), [(110, 0, 110, "handed_over")])
                self.assertFalse(self.to_tell(plan))
                self.assertEqual([amount for _item, amount in plan._get_claimed_items()[plan]], [100, 10])
                self.go(1)
                WriteOffCommon.credit(self, 105.0)
                self.end(plan, kind="income", account_id=self.income)
                self.assertEqual(self.claims(handover), [(110, 105, 5, "handed_over")])
                self.assertEqual([amount for _item, amount in plan._get_claimed_items()[plan]], [5])
                savepoint.rollback()
            self.env.invalidate_all()
            self.frozen.move_to("2026-06-01")

    def test_a_reversed_write_off_leaves_them_there(self):
        plan = self.dunned(self.partner_a)
        handover = self.hand_over(plan)
        self.write_off(plan)
        self.end(plan)
        self.assertEqual(self.claims(handover), [(110, 0, 110, "handed_over")])
        self.assertFalse(self.to_tell(plan))

    def test_recalled(self):
        plan = self.dunned(self.partner_a)
        handover = self.hand_over(plan)
        self.recall(plan)
        self.pay(self.charges(plan))
        self.assertEqual(self.claims(handover), [(110, 0, 110, "recalled")])
        self.assertFalse(self.to_tell(plan))
        self.assertEqual((plan.state, plan._get_claim()), ("ongoing", 100))

    def test_of_a_notice_about_several_plans(self):
        """They go with the last of the plans, once."""
        moves = self.invoice(self.partner_a, 12) + self.invoice(self.partner_a, 12)
        self.dun()
        first, second = moves.collection_plan_id.sorted("id")
        alone = self.hand_over(second)
        self.assertEqual(self.claims(alone), [(100, 0, 100, "handed_over")])
        handover = self.hand_over(first)
        self.assertEqual(self.claims(handover), [(110, 0, 110, "handed_over")])
        self.recall(second)
        self.assertEqual(self.claims(self.hand_over(second)), [(100, 0, 100, "handed_over")], "claimed already")
        both = self.hand_over_again(first + second)
        self.assertEqual(sorted(line.amount for line in both.line_ids), [100, 110])

    def hand_over_again(self, plans):
        self.recall(plans)
        return self.hand_over(plans)
