"""Modules beside this one: what they add to keep items out, payment orders, who else duns, returns."""

from types import SimpleNamespace
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from ..models.receivables.obstacle import Obstacle
from .common import DunningCommon, StubLetters


@tagged("post_install", "-at_install")
class TestNeighbours(StubLetters, DunningCommon):
    def add_obstacle(self, moves):
        """What another module does: the reader extended by an obstacle. Gives the questions that it was asked."""
        reader, asked = type(self.env["account.dunning.reader"]), []
        known, line_ids = reader._get_obstacles, [self.item(move).id for move in moves]

        def where(question):
            asked.append(question)
            return SQL("line.id IN (SELECT id FROM sold)")

        def _get_obstacles(records):
            table = SQL("SELECT id FROM account_move_line WHERE id = ANY(%s)", line_ids)
            sold = Obstacle("sold", "Sold to a factor", 25, where, tables=lambda question: {"sold": table})
            return [*known(records), sold]

        self.patch(reader, "_get_obstacles", _get_obstacles)
        return asked

    def why(self, move):
        action = move.action_dunning_why()
        return self.env[action["res_model"]].browse(action["res_id"]).line_ids.mapped("answer")

    def has_modules(self, *names):
        modules = self.env["ir.module.module"]
        for name in names:
            module = modules.search([("name", "=", name)]) or modules.create({"name": name, "shortdesc": name})
            module.state = "installed"

    def test_another_module_adds_an_obstacle(self):
        sold = self.invoice(self.partner_a, 12)
        moves = sold + self.invoice(self.partner_a, 15) + self.invoice(self.partner_b, 12)
        asked = self.add_obstacle(sold)
        run = self.run_day()
        both = sorted(moves.partner_id.ids)
        self.assertEqual(sum(sorted(each.partner_ids) == both for each in asked), 1, "all customers at once")
        self.assertEqual(run.notice_ids.line_ids.move_id, moves - sold)
        self.assertRecordValues(
            run.skipped_ids, [{"partner_id": self.partner_a.id, "reason": "sold", "item_count": 1, "amount": 100.0}]
        )
        self.assertIn("Sold to a factor", run.skipped_ids.display_name)
        self.assertEqual(self.why(sold), ["Sold to a factor"])

    def test_an_obstacle_that_comes_later_drops_the_item(self):
        sold, other = self.invoice(self.partner_a, 12), self.invoice(self.partner_a, 15)
        alone = self.invoice(self.partner_b, 12)
        notices = self.run_day().notice_ids
        self.add_obstacle(sold + alone)
        self.assertEqual(self.why(sold), ["Sold to a factor"], "it weighs more than the notice that waits")
        self.issue(notices)
        left, dropped = notices.sorted(lambda notice: notice.partner_id == self.partner_b)
        self.assertEqual(left.line_ids.move_id, other)
        self.assertEqual((dropped.state, dropped.cancel_reason), ("cancelled", "Sold to a factor"))

    def test_a_plan_whose_item_is_kept_out_stays_open(self):
        self.settings.mode = "customer"
        move = self.invoice(self.partner_a, 12)
        self.dun()
        self.add_obstacle(move)
        plan = move.collection_plan_ids or self.env["account.collection.plan"].search(
            [("partner_id", "=", self.partner_a.id)]
        )
        plan._settle()
        self.assertEqual(plan.state, "ongoing")

    def test_items_in_an_open_payment_order(self):
        moves = [self.invoice(self.partner_a, 12, 10.0 + number) for number in range(4)]
        moves.append(self.invoice(self.partner_b, 12))
        self.assertFalse(self.env["account.dunning.reader"]._has_payment_orders())
        self.env.cr.execute("CREATE TABLE account_payment_order (id int, state varchar)")
        self.env.cr.execute("CREATE TABLE account_payment_line (move_line_id int, order_id int)")
        states = ("draft", "open", "generated", "cancel", "done")
        for number, (move, state) in enumerate(zip(moves, states, strict=True)):
            self.env.cr.execute("INSERT INTO account_payment_order VALUES (%s, %s)", [number, state])
            self.env.cr.execute("INSERT INTO account_payment_line VALUES (%s, %s)", [self.item(move).id, number])
        line = SimpleNamespace(_fields={"move_line_id": None, "order_id": None})
        with patch.dict(self.env.registry.models, {"account.payment.line": line}):
            with self.assertLogs("odoo.sql_db", level="DEBUG") as log:
                self.env["account.dunning.reader"]._assess(
                    self.company, (self.partner_a + self.partner_b).ids, self.today
                )
            self.assertEqual(len([text for text in log.output if "JOIN account_payment_order" in text]), 1)
            run = self.run_day()
            self.assertEqual(self.why(moves[0]), ["In an open payment order"])
        self.assertEqual(run.notice_ids.line_ids.move_id, moves[3] + moves[4])
        self.assertRecordValues(run.skipped_ids, [{"reason": "payment_order", "item_count": 3, "amount": 33.0}])

    def test_the_first_run_tells_of_another_module_that_duns(self):
        self.has_modules("account_credit_control", "account_payment_return")
        self.invoice(self.partner_a, 12)
        runs = self.env["account.dunning.run"].search([("company_id", "=", self.company.id)])
        self.assertFalse(runs)
        first, second = self.run_day(), self.run_day()
        told = [" ".join(run.message_ids.mapped("body")) for run in (first, second)]
        self.assertIn("account_credit_control is installed", told[0])
        self.assertIn("account_payment_return is installed", told[0])
        self.assertNotIn("is installed", told[1])

    def test_nobody_is_warned_without_need(self):
        self.assertNotIn("is installed", " ".join(self.run_day().message_ids.mapped("body")))

    def test_a_return_of_another_module_asks_for_the_call(self):
        move = self.invoice(self.partner_a, 12)
        self.dun()
        payment = self.pay(move)
        self.assertEqual(move.collection_plan_ids.state, "recovered")
        moves = self.env["account.move"]
        self.assertTrue(moves._is_returned_elsewhere({"returned_payment": True}))
        self.assertFalse(moves._is_returned_elsewhere({"returned_payment": False, "ref": "x"}))
        payment.move_id.line_ids.remove_move_reconcile()
        self.patch(type(moves), "_is_returned_elsewhere", lambda records, vals: vals.get("ref") == "returned")
        clerk = self.new_user("clerk", "account.group_account_invoice")
        move.with_user(clerk).write({"ref": "returned"})
        plan = move.collection_plan_ids.sorted("id")[-1]
        call = self.env.ref("mail.mail_activity_data_call")
        self.assertEqual(plan.state, "ongoing")
        self.assertEqual(plan.activity_ids.filtered(lambda a: a.activity_type_id == call).mapped("res_id"), plan.ids)
