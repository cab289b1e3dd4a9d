"""Collection plans: opened by a sent notice, closed in the transaction that settles the debt (rules §6)."""

from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.fields import Command, Date
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import TODAY, DunningCommon, StubLetters


@tagged("post_install", "-at_install")
class TestPlans(StubLetters, DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls.stage.invoice(cls.partner_a, 12, 100.0)
        cls.stage.dun()
        cls.plan = cls.move.collection_plan_ids

    def test_the_latest_of_the_plans_of_an_invoice_goes_on(self):
        """Of the plans that an invoice had, a returned payment reopens one."""
        self.pay(self.move)
        second = self.plan.sudo().copy({"state": "recovered", "close_reason": "paid"})
        self.item(self.move).remove_move_reconcile()
        self.env.cr.precommit.run()
        self.assertEqual((self.plan.state, second.state), ("recovered", "ongoing"))

    def credit(self, move, amount=None):
        """Credit the invoice, wholly or in part, by the wizard, and reconcile."""
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": move.journal_id.id, "date": self.today})
        )
        refund = self.env["account.move"].browse(wizard.refund_moves()["res_id"])
        if amount:
            refund.invoice_line_ids.price_unit = amount
        refund.action_post()
        self.reconcile(move, refund)
        return refund

    def reconcile(self, *moves):
        lines = self.env["account.move.line"].concat(*(self.item(move) for move in moves))
        if not all(lines.mapped("reconciled")):
            lines.filtered(lambda line: not line.reconciled).reconcile()
        self.env.cr.precommit.run()

    def test_opened_by_the_first_notice(self):
        self.assertRecordValues(
            self.plan,
            [
                {
                    "name": self.move.name,
                    "partner_id": self.partner_a.id,
                    "type_id": self.dunning_type.id,
                    "state": "ongoing",
                    "opened_on": TODAY,
                    "level_id": self.level_1.id,
                    "amount_due": 100.0,
                    "leading_due_date": Date.subtract(TODAY, days=12),
                    "next_level_id": self.level_2.id,
                    "next_date": Date.add(TODAY, days=8),
                }
            ],
        )
        self.assertEqual(self.plan.notice_line_ids.notice_id.state, "sent")
        self.assertEqual(self.move.dunning_level_id, self.level_1)
        self.assertEqual(self.item(self.move).dunning_last_notice_date, TODAY)
        self.assertIn("Opened", self.plan.timeline)

    def test_second_notice_joins_the_plan(self):
        self.go(8)
        self.dun()
        self.assertEqual(self.move.collection_plan_ids, self.plan)
        self.assertEqual(self.plan.level_id, self.level_2)

    def test_recovered_by_payment(self):
        self.pay(self.move)
        self.assertRecordValues(
            self.plan,
            [
                {
                    "state": "recovered",
                    "close_reason": "paid",
                    "closed_on": TODAY,
                    "amount_due": 0.0,
                    "next_date": False,
                }
            ],
        )

    def test_part_payment_keeps_it_open(self):
        self.pay(self.move, 40.0)
        self.assertEqual((self.plan.state, self.plan.amount_due), ("ongoing", 60.0))
        self.pay(self.move)
        self.assertEqual(self.plan.state, "recovered")

    def test_recovered_with_all_instalments_only(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 60}),
                ],
            }
        )
        move = self.invoice(self.partner_b, 20, invoice_payment_term_id=term.id)
        self.dun()
        plan = move.collection_plan_ids
        self.pay(move, 50.0)
        self.assertEqual(plan.state, "ongoing")
        self.pay(move, 50.0)
        self.assertEqual(plan.state, "recovered")

    def test_settled_by_its_credit_note(self):
        self.credit(self.move)
        self.assertEqual((self.plan.state, self.plan.close_reason), ("stopped", "credited"))

    def test_credited_in_part_and_paid_is_recovered(self):
        self.credit(self.move, 30.0)
        self.assertEqual((self.plan.state, self.plan.amount_due), ("ongoing", 70.0))
        self.pay(self.move)
        self.assertEqual(self.plan.state, "recovered")

    def test_set_off_against_another_credit_is_recovered(self):
        other = self.invoice(self.partner_a, 0, 100.0)
        self.pay(other)
        refund = self.env["account.move"].browse(
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=other.ids)
            .create({"journal_id": other.journal_id.id, "date": self.today})
            .refund_moves()["res_id"]
        )
        refund.action_post()
        self.reconcile(self.move, refund)
        self.assertEqual((self.plan.state, self.plan.close_reason), ("recovered", "paid"))

    def test_reset_to_draft(self):
        self.move.button_draft()
        self.env.cr.precommit.run()
        self.assertEqual((self.plan.state, self.plan.close_reason), ("stopped", "cancelled"))

    def test_blocked_invoice_that_is_paid(self):
        self.move.action_toggle_block_payment()
        self.pay(self.move)
        self.assertEqual(self.move.payment_state, "blocked", "core leaves it so")
        self.assertEqual(self.plan.state, "recovered")

    def test_payment_set_back_to_draft_reopens(self):
        payment = self.pay(self.move)
        payment.action_draft()
        self.env.cr.precommit.run()
        self.assertEqual((self.plan.state, self.plan.amount_due), ("ongoing", 100.0))
        payment.action_post()
        self.env.cr.precommit.run()
        self.assertEqual(self.plan.state, "recovered")

    def test_unreconciling_reopens_at_its_level(self):
        self.pay(self.move)
        self.go(30)
        self.item(self.move).remove_move_reconcile()
        self.env.cr.precommit.run()
        self.assertRecordValues(
            self.plan,
            [{"state": "ongoing", "close_reason": False, "closed_on": False, "level_id": self.level_1.id}],
        )
        self.assertFalse(self.run_day().notice_ids, "it waits the minimum days of the level")
        # the payment is an unallocated credit now, which covers the claim
        self.go(7)
        self.assertIn("credits", self.run_day().skipped_ids.mapped("reason"))

    def test_one_payment_for_many_invoices(self):
        moves = self.move + self.invoice(self.partner_a, 13) + self.invoice(self.partner_a, 14)
        self.dun()
        self.pay(moves)
        self.assertEqual(set(moves.collection_plan_ids.mapped("state")), {"recovered"})

    def test_failure_never_blocks_a_payment(self):
        plans = type(self.plan)
        with (
            patch.object(plans, "_settle", side_effect=ValueError("broken")),
            mute_logger("odoo.addons.account_dunning.models.plan.outlook"),
        ):
            self.pay(self.move)
        self.assertEqual(self.move.payment_state, "paid")
        self.assertEqual(self.plan.state, "ongoing")
        self.env["account.dunning.run"].sudo()._start_nightly(self.company)
        self.work()
        self.assertEqual(self.plan.state, "recovered", "the night makes up for it")

    def test_new_plan_after_a_recovered_one(self):
        """A recovered plan keeps out nothing: debt that comes back otherwise is dunned on."""
        self.pay(self.move)
        again = self.invoice(self.partner_a, 12)
        self.dun()
        self.assertEqual(again.collection_plan_ids.state, "ongoing")

    def test_due_date_moved_into_the_future(self):
        self.item(self.move).date_maturity = Date.add(TODAY, days=5)
        self.env.cr.precommit.run()
        self.assertEqual((self.plan.state, self.plan.close_reason), ("stopped", "moved"))
        self.assertFalse(self.state(self.move).level_id)
        self.go(15)
        self.assertEqual(self.dun().level_id, self.level_1, "from the first level again")

    def test_foreign_currency(self):
        move = self.invoice(self.partner_b, 12, 100.0, currency_id=self.other_currency.id)
        self.dun()
        plan = move.collection_plan_ids
        self.assertEqual((plan.currency_id, plan.amount_due), (self.other_currency, 100.0))
        self.pay(move)
        self.assertEqual((plan.state, plan.close_reason), ("recovered", "paid"))

    def test_collector_of_the_plan(self):
        self.partner_b.dunning_user_id = self.collector
        move = self.invoice(self.partner_b, 12)
        self.dun()
        self.assertEqual(move.collection_plan_ids.user_id, self.collector)

    def test_no_notice_opens_a_plan_before_it_is_sent(self):
        move = self.invoice(self.partner_b, 12)
        self.issue(self.run_day().notice_ids)
        self.assertFalse(move.collection_plan_ids)

    def test_two_plans_for_an_invoice_are_refused(self):
        with self.refused(IntegrityError, ""):
            self.plan.sudo().copy({"move_id": self.move.id})
            self.env.flush_all()


@tagged("post_install", "-at_install")
class TestHolds(StubLetters, DunningCommon):
    def hold(self, **values):
        reason = self.shipped("reason_dispute")
        return self.env["account.dunning.hold"].create({"reason_id": reason.id, **values})

    def end_holds(self):
        self.env["account.dunning.hold"].sudo()._cron_end_holds()

    def skipped(self):
        run = self.run_day()
        self.assertFalse(run.notice_ids)
        return run.skipped_ids.mapped("reason")

    def test_on_invoice_item_and_customer(self):
        move = self.invoice(self.partner_a, 12)
        for target in (
            {"move_id": move.id},
            {"move_line_id": self.item(move).id},
            {"partner_id": self.partner_a.id},
        ):
            hold = self.hold(**target)
            self.assertEqual(self.skipped(), ["hold"], target)
            self.assertTrue(self.item(move).dunning_on_hold)
            self.assertTrue(move.dunning_on_hold)
            hold.action_end()
            self.env.invalidate_all()
            self.assertFalse(move.dunning_on_hold)
        self.assertTrue(self.run_day().notice_ids)

    def test_of_a_contact_holds_the_commercial_partner(self):
        contact = self.partner_a.create({"name": "Branch", "parent_id": self.partner_a.id})
        self.hold(partner_id=contact.id)
        self.invoice(self.partner_a, 12)
        self.assertEqual(self.skipped(), ["hold"])

    def test_part_of_an_amount(self):
        move = self.invoice(self.partner_a, 12, 100.0)
        self.hold(move_id=move.id, amount=30.0)
        notice = self.run_day().notice_ids
        self.assertEqual(notice.amount_total, 70.0)
        self.pay(move, 70.0)
        notice._as_manager().action_cancel()
        self.assertEqual(self.skipped(), ["hold"], "payments settle the uncontested part first")

    def test_part_of_an_invoice_with_instalments(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 5}),
                ],
            }
        )
        move = self.invoice(self.partner_a, 20, 100.0, invoice_payment_term_id=term.id)
        self.hold(move_id=move.id, amount=60.0)
        notice = self.run_day().notice_ids
        self.assertEqual(notice.line_ids.mapped("claim"), [40.0])

    def test_until_a_date(self):
        self.invoice(self.partner_a, 12)
        self.hold(partner_id=self.partner_a.id, date_until=Date.add(TODAY, days=3))
        self.go(3)
        self.end_holds()
        self.assertEqual(self.skipped(), ["hold"])
        self.go(1)
        self.end_holds()
        self.assertTrue(self.run_day().notice_ids)

    def test_dunned_item_waits_after_the_hold(self):
        move = self.invoice(self.partner_a, 45)
        self.dun()
        hold = self.hold(move_id=move.id, date_until=Date.add(TODAY, days=20))
        self.assertFalse(move.collection_plan_ids.next_date, "nothing comes next while it is on hold")
        self.go(30)
        self.end_holds()
        self.assertEqual(hold.ended_on, Date.add(TODAY, days=21))
        self.assertEqual(move.collection_plan_ids.next_date, Date.add(TODAY, days=28), "it has a next date again")
        self.assertEqual(self.state(move).resumed_on, Date.add(TODAY, days=21))
        self.end_holds()
        self.assertEqual(hold.ended_on, Date.add(TODAY, days=21), "nothing is done twice")
        self.assertEqual(self.dun().level_id, self.level_2)
        self.assertFalse(self.state(move).resumed_on)

    def test_a_proposal_is_withdrawn_by_a_hold(self):
        move = self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        self.issue(notice)
        self.assertEqual(notice.state, "to_print")
        self.hold(move_id=move.id)
        self.work()
        self.assertEqual((notice.state, notice.cancel_reason), ("cancelled", "On hold"))


@tagged("post_install", "-at_install")
class TestClosingMany(StubLetters, DunningCommon):
    """One payment that settles many dunned invoices costs as many queries as one that settles few."""

    def count_queries(self, customer, number):
        """Dun ``number`` invoices of the customer, pay them at once; the queries that bring the plans up to date."""
        moves = self.env["account.move"].concat(*(self.invoice(customer, 12) for _ in range(number)))
        self.dun()
        plans = self.env["account.collection.plan"].search([("partner_id", "=", customer.id)])
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=moves.ids)
        wizard.create({"group_payment": True})._create_payments()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.env.cr.precommit.run()
        self.env.flush_all()
        queries = self.env.cr.sql_log_count - before
        self.assertEqual(set(plans.mapped("state")), {"recovered"})
        return queries, len(plans)

    def check(self, plans):
        customers = self.env["res.partner"].create(
            [{"name": f"Payer {number}", "street": "1 Main Street", "city": "Here", "zip": "1"} for number in range(3)]
        )
        self.count_queries(customers[0], 2)  # fills what is cached
        few, few_plans = self.count_queries(customers[1], 3)
        many, many_plans = self.count_queries(customers[2], 30)
        self.assertEqual((few_plans, many_plans), plans)
        self.assertEqual(many, few)

    def test_invoice_based(self):
        self.check((3, 30))

    def test_customer_based(self):
        self.settings.mode = "customer"
        self.check((1, 1))
