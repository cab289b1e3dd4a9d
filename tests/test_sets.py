"""Sending and closing go in sets: however many notices and plans, as many queries."""

from contextlib import contextmanager
from datetime import date
from functools import partial
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from ..models.notice import issuing
from .common import DunningCommon

FEW, MANY = 5, 50


@tagged("post_install", "-at_install")
class TestSets(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.level_1.write({"document": "none", "collection_status": "legal"})

    def make_customers(self, count):
        """Customers who owe one invoice each, as invoices."""
        partners = self.env["res.partner"].create([{"name": f"Customer {n}", "city": "X"} for n in range(count)])
        return self.invoice_each(partners, 12)

    def propose(self, moves):
        return self.run_day(partner_ids=[Command.set(moves.partner_id.ids)]).notice_ids.sudo()

    def send(self, notices):
        notices._queue()
        notices._issue_next()

    def count(self, work):
        """How many queries ``work`` takes, when nothing is in the cache."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_sending(self):
        counts = []
        for number in (FEW, FEW, MANY):
            notices = self.propose(self.make_customers(number))
            notices._queue()
            counts.append(self.count(notices._issue_next))
            self.assertEqual(set(notices.mapped("state")), {"sent"})
            self.assertEqual(len(notices.line_ids.plan_id), number)
            self.assertEqual(notices.line_ids.plan_id.level_id, self.level_1)
        self.assertEqual(counts[1], counts[2], counts)

    def test_sending_to_a_higher_level(self):
        self.level_2.write({"document": "none", "collection_status": "agency"})
        counts = []
        for number in (FEW, FEW, MANY):
            moves = self.make_customers(number)
            self.send(self.propose(moves))
            self.go(15)
            notices = self.propose(moves)
            notices._queue()
            counts.append(self.count(notices._issue_next))
            self.assertEqual(notices.line_ids.plan_id.mapped("collection_status"), ["agency"] * number)
            self.frozen.move_to("2026-06-01")
        self.assertEqual(counts[1], counts[2], counts)

    def test_closing(self):
        counts = []
        for number in (FEW, FEW, MANY):
            moves = self.make_customers(number)
            notices = self.propose(moves)
            self.send(notices)
            plans = notices.line_ids.plan_id
            self.pay_together(moves)
            counts.append(self.count(plans._settle_touched))
            self.assertEqual(set(plans.mapped("close_reason")), {"paid"})
            self.assertFalse(any(plans.mapped("next_date")))
        self.assertEqual(counts[1], counts[2], counts)

    def test_paying_in_part(self):
        counts = []
        for number in (FEW, FEW, MANY):
            moves = self.make_customers(number)
            notices = self.propose(moves)
            self.send(notices)
            plans = notices.line_ids.plan_id
            self.pay_together(moves, 0.5)
            counts.append(self.count(plans._settle_touched))
            self.assertEqual(plans.mapped("amount_due"), [50.0] * number)
        self.assertEqual(counts[1], counts[2], counts)

    def test_settling(self):
        """Nothing is written where all is so already."""
        counts = []
        for number in (FEW, FEW, MANY):
            notices = self.propose(self.make_customers(number))
            self.send(notices)
            plans = notices.line_ids.plan_id
            with self.updates() as updates:
                counts.append(self.count(plans._settle))
            self.assertFalse(updates)
        self.assertEqual(counts[1], counts[2], counts)

    def test_steps_of_a_person(self):
        reason = self.shipped("reason_payment_announced")
        steps = {
            "pause": lambda plans: plans._pause(reason, date(2026, 7, 1)),
            "resume": lambda plans: plans._resume(date(2026, 6, 1)),
            "postpone": lambda plans: plans._postpone(date(2026, 7, 1)),
            "level": lambda plans: plans._set_level(self.level_2),
            "stop": lambda plans: plans._stop(reason),
        }
        counts = {name: [] for name in steps}
        for number in (FEW, FEW, MANY):
            notices = self.propose(self.make_customers(number))
            self.send(notices)
            plans = self.env["account.collection.plan"].sudo().browse(notices.line_ids.plan_id.ids)
            for name, step in steps.items():
                counts[name].append(self.count(partial(step, plans)))
        for name, (_first, few, many) in counts.items():
            self.assertLessEqual(many - few, 3, f"{name}: core inserts messages by the hundred: {counts}")

    @contextmanager
    def updates(self):
        """A list that takes the statements that update rows meanwhile."""
        found = []
        cursor = type(self.env.cr)
        original = cursor.execute

        def execute(cr, query, *args, **options):
            code = query.code if hasattr(query, "code") else str(query)
            if code.lstrip().startswith("UPDATE"):
                found.append(code)
            return original(cr, query, *args, **options)

        with patch.object(cursor, "execute", execute):
            yield found

    def test_a_new_plan_is_written_once(self):
        notices = self.propose(self.make_customers(FEW))
        notices._queue()
        with self.updates() as updates:
            notices._issue_next()
        self.assertFalse([code for code in updates if "account_collection_plan" in code])
        plans = notices.line_ids.plan_id
        self.assertEqual(plans.mapped("amount_due"), [100.0] * FEW)
        self.assertEqual(plans.next_level_id, self.level_2)

    def pay_together(self, moves, part=1.0):
        """Settle the invoices by one entry of the bank; the plans follow before the commit."""
        bank = self.company_data["default_journal_bank"]
        items = moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        credit = [
            {"account_id": item.account_id.id, "partner_id": item.partner_id.id, "credit": item.balance * part}
            for item in items
        ]
        debit = {"account_id": bank.default_account_id.id, "debit": sum(items.mapped("balance")) * part}
        entry = self.env["account.move"].create(
            {"journal_id": bank.id, "line_ids": [Command.create(vals) for vals in [*credit, debit]]}
        )
        entry.action_post()
        paid = entry.line_ids.filtered("partner_id").grouped("partner_id")
        items._reconcile_plan([item + paid[item.partner_id] for item in items])

    def test_the_timeline_tells_what_the_chatter_does_not(self):
        """That a plan was opened, and that it was paid; once it is reopened, the chatter keeps how it had ended."""
        move = self.make_customers(1)
        self.send(self.propose(move))
        plan = self.state(move).plan_id
        self.assertFalse(plan.message_ids)
        payment = self.pay(move)
        self.assertEqual(plan.state, "recovered")
        self.assertFalse(plan.message_ids)
        for text in ("Opened", self.level_1.name, "Recovered", "Paid"):
            self.assertIn(text, plan.timeline)
        payment.action_draft()
        self.env.cr.precommit.run()
        self.assertEqual(plan.state, "ongoing")
        self.assertIn("Since 06/01/2026: Recovered, Paid.", str(plan.message_ids[:1].body))

    def test_a_step_of_a_person_is_in_the_chatter(self):
        move = self.make_customers(1)
        self.send(self.propose(move))
        plan = self.state(move).plan_id
        plan.sudo()._stop(self.env["account.dunning.reason"].search([("company_id", "=", self.company.id)], limit=1))
        self.assertIn("Stopped", str(plan.message_ids[:1].body))

    def test_chunks_without_documents_are_larger(self):
        """A customer who waits for a letter too is in a chunk of those who get documents."""
        moves = self.make_customers(3)
        notices = self.propose(moves)
        notices[0].document = "letter"
        notices._queue()
        with patch.object(issuing, "ISSUE_CHUNK", 1):
            quiet = notices._take_chunk()
            self.assertEqual(quiet, notices[1:].sorted("id"))
            quiet._issue()
            self.assertEqual(notices._take_chunk(), notices[0])

    def test_a_quiet_notice_gets_its_number_when_it_leaves(self):
        notices = self.propose(self.make_customers(2))
        notices._queue()
        notices._issue_next()
        self.assertTrue(all(notices.mapped("name")))
        self.assertEqual(len(set(notices.mapped("name"))), 2)

    def test_what_has_not_changed_is_not_written(self):
        notices = self.propose(self.make_customers(2))
        self.env.flush_all()
        with self.updates() as updates:
            notices._refresh()
        self.assertFalse(updates)
