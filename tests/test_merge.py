"""Partners with open plans, merged by Odoo's own wizard."""

from odoo.fields import Date
from odoo.tests import tagged

from .common import DunningCommon, StubLetters


@tagged("post_install", "-at_install")
class TestMerge(StubLetters, DunningCommon):
    def merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo().create({})
        wizard._merge((source + target).ids, target, extra_checks=False)
        self.env.invalidate_all()

    def open_plans(self):
        return self.env["account.collection.plan"].search(
            [("company_id", "=", self.company.id), ("state", "in", ("ongoing", "paused"))]
        )

    def prepare(self, mode):
        self.settings.mode = mode
        self.old = self.invoice(self.partner_b, 22)
        self.new = self.invoice(self.partner_a, 2)
        self.dun()
        self.go(8)
        self.dun()

    def test_customer_based_plans_become_one(self):
        self.prepare("customer")
        kept, joined = self.new.collection_plan_id, self.old.collection_plan_id
        self.assertEqual((kept.level_id, joined.level_id), (self.level_1, self.level_2))
        notices = self.env["account.dunning.notice"].search(
            [("partner_id", "in", (self.partner_a + self.partner_b).ids)]
        )
        self.merge(self.partner_b, self.partner_a)
        self.assertRecordValues(joined, [{"state": "stopped", "close_reason": "merged", "keeps_out": False}])
        self.assertEqual(self.open_plans(), kept)
        self.assertRecordValues(
            kept,
            [
                {
                    "partner_id": self.partner_a.id,
                    "amount_due": 200.0,
                    "level_id": self.level_2.id,
                    "leading_due_date": self.item(self.old).date_maturity,
                }
            ],
        )
        self.assertEqual(notices.exists().partner_id, self.partner_a, "no notice is lost")
        self.assertEqual(len(notices.exists()), len(notices))
        self.go(10)
        [notice] = self.dun()
        self.assertEqual((notice.level_id, notice.line_ids.move_id), (self.level_3, self.old + self.new))

    def test_a_plan_without_a_counterpart_moves(self):
        self.settings.mode = "customer"
        move = self.invoice(self.partner_b, 12)
        self.dun()
        plan = move.collection_plan_id
        self.merge(self.partner_b, self.partner_a)
        self.assertRecordValues(
            plan, [{"state": "ongoing", "partner_id": self.partner_a.id, "next_date": Date.add(self.today, days=8)}]
        )

    def test_invoice_based_plans_move(self):
        self.prepare("invoice")
        plans = (self.old + self.new).collection_plan_ids
        self.merge(self.partner_b, self.partner_a)
        self.assertEqual(plans.mapped("state"), ["ongoing", "ongoing"])
        self.assertEqual(plans.partner_id, self.partner_a)
        self.assertEqual([plan.level_id for plan in self.old.collection_plan_ids], [self.level_2])
        self.go(10)
        [notice] = self.dun()
        self.assertEqual(notice.line_ids.move_id, self.old + self.new)

    def test_proposed_notices_are_proposed_anew(self):
        for mode in ("invoice", "customer"):
            with self.subTest(mode=mode), self.env.cr.savepoint() as savepoint:
                self.settings.mode = mode
                moves = self.invoice(self.partner_a, 12) + self.invoice(self.partner_b, 12)
                run = self.run_day()
                self.assertEqual(len(run.notice_ids), 2)
                self.merge(self.partner_b, self.partner_a)
                run.action_propose()
                self.work()
                self.assertEqual(len(run.notice_ids), 1)
                self.assertEqual(run.notice_ids.line_ids.move_id, moves)
                savepoint.rollback()
                self.env.invalidate_all()
