"""Disputes of many items at once, what their reasons bring along, how they end, and the list; as a collector."""

import re

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Date
from odoo.tests import Form, tagged

from .common import TODAY
from .test_disputes import DisputeCommon

REASONS = ("price", "quantity", "quality", "not_received", "wrong_address", "duplicate", "already_paid", "dispute")


@tagged("post_install", "-at_install")
class TestReasons(DisputeCommon):
    """The reason says who looks after a hold, and when."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.price = cls.shipped("reason_price")
        cls.specialist = cls.new_user("specialist", "account_dunning.group_dunning_collector")
        cls.price.write({"user_id": cls.specialist.id, "review_days": 5})
        cls.move = cls.stage.invoice(cls.partner_a, 12)

    def make(self, reason, **values):
        holds = self.env["account.dunning.hold"].with_user(self.collector)
        return holds.create({"move_id": self.move.id, "reason_id": reason.id, **values})

    def test_every_company_has_those_that_are_shipped(self):
        for name in REASONS:
            self.assertTrue(self.shipped(f"reason_{name}").dispute, name)
        for name in REASONS[:-1]:
            self.assertTrue(self.shipped(f"reason_{name}").review_days, name)
        self.assertFalse(self.other_reason.dispute)

    def test_a_hold_over_rpc_gets_owner_and_review(self):
        hold = self.make(self.price)
        self.assertEqual((hold.user_id, hold.review_date), (self.specialist, Date.add(TODAY, days=5)))

    def test_what_was_chosen_stays(self):
        day = Date.add(TODAY, days=1)
        hold = self.make(self.price, user_id=self.collector.id, review_date=day)
        self.assertEqual((hold.user_id, hold.review_date), (self.collector, day))
        hold = self.make(self.price, user_id=False, review_date=False)
        self.assertFalse(hold.user_id)
        self.assertFalse(hold.review_date)

    def test_a_reason_that_says_nothing(self):
        hold = self.make(self.other_reason)
        self.assertEqual((hold.user_id, hold.review_date), (self.collector, False))

    def test_no_review_in_the_past_nor_after_the_end(self):
        hold = self.make(self.price, date_from=Date.subtract(TODAY, days=30))
        self.assertEqual(hold.review_date, Date.add(TODAY, days=5))
        self.assertFalse(self.make(self.price, date_until=Date.add(TODAY, days=4)).review_date)
        self.assertTrue(self.make(self.price, date_until=Date.add(TODAY, days=5)).review_date)

    def test_an_owner_who_left_is_no_owner(self):
        self.specialist.active = False
        self.assertEqual(self.make(self.price).user_id, self.collector)
        self.specialist.active = True
        self.specialist.group_ids -= self.env.ref("account_dunning.group_dunning_collector")
        self.assertEqual(self.make(self.price).user_id, self.collector)

    def test_the_form_shows_it_at_once(self):
        holds = self.env["account.dunning.hold"].with_user(self.collector)
        form = Form(holds.with_context(default_move_id=self.move.id))
        self.assertEqual(form.user_id, self.collector)
        form.reason_id = self.price
        self.assertEqual((form.user_id, form.review_date), (self.specialist, Date.add(TODAY, days=5)))
        form.user_id = self.collector
        self.assertEqual(form.save().user_id, self.collector)

    def test_another_reason_fills_only_what_is_empty(self):
        hold = self.make(self.other_reason)
        hold.reason_id = self.price
        self.assertEqual((hold.user_id, hold.review_date), (self.collector, Date.add(TODAY, days=5)))
        hold.write({"user_id": False, "reason_id": self.other_reason.id})
        hold.reason_id = self.price
        self.assertEqual(hold.user_id, self.specialist)

    def test_who_may_be_an_owner(self):
        clerk = self.new_user("clerk", "account.group_account_invoice")
        with self.refused(ValidationError, "cannot be chosen"):
            self.price.with_user(self.manager).user_id = clerk
        with self.refused(AccessError, ""):
            self.price.with_user(self.collector).review_days = 1


@tagged("post_install", "-at_install")
class TestReasonsOfExistingCompanies(DisputeCommon):
    """The migration gives what is missing, and doubles nothing."""

    def migrate(self):
        self.env.flush_all()
        self.migration("19.0.1.8.0", "post-disputes").migrate(self.env.cr, "19.0.1.7.1")
        self.env.invalidate_all()

    def of_company(self):
        return self.env["account.dunning.reason"].sudo().search([("company_id", "=", self.company.id)])

    def test_existing_companies_get_what_is_missing(self):
        before = self.of_company()
        (self.shipped("reason_price") + self.shipped("reason_quality")).sudo().unlink()
        own = self.env["account.dunning.reason"].create({"name": " Price dispute", "dispute": True})
        self.migrate()
        self.assertEqual(len(self.of_company()), len(before))
        self.assertEqual(self.shipped("reason_price"), own)
        self.assertEqual(own.name, " Price dispute")
        self.assertTrue(self.shipped("reason_quality").dispute)
        self.migrate()
        self.assertEqual(len(self.of_company()), len(before), "once more changes nothing")

    def test_the_one_of_before_is_what_is_left(self):
        self.dispute.sudo().write({"name": "Dispute", "sequence": 1})
        self.shipped("reason_insolvency").sudo().sequence = 40
        self.migrate()
        self.assertEqual((self.dispute.name, self.dispute.sequence), ("Other Dispute", 8))
        self.assertEqual(self.shipped("reason_insolvency").sequence, 40, "somebody has moved it")
        self.dispute.sudo().name = "Quarrel"
        self.migrate()
        self.assertEqual(self.dispute.name, "Quarrel")


@tagged("post_install", "-at_install")
class TestDialog(DisputeCommon):
    """*Dispute* on what is ticked in the list of open items, or on a plan."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.moves = cls.stage.invoices(cls.partner_a, 12, [100.0, 70.0, 30.0])
        cls.price = cls.shipped("reason_price")

    def items(self, moves=None):
        return self.item(moves or self.moves)

    def item(self, moves):
        lines = moves.line_ids
        return lines.filtered(lambda line: line.account_type == "asset_receivable").with_user(self.collector)

    def open(self, items):
        return self.fill(items.action_dunning_dispute())

    def fill(self, action):
        dialogs = self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"])
        return Form(dialogs)

    def holds(self):
        return self.env["account.dunning.hold"].search([("commercial_partner_id", "=", self.partner_a.id)])

    def test_one_hold_for_each_ticked_item(self):
        form = self.open(self.items())
        form.reason_id = self.price
        form.note = "Agreed on less by telephone"
        review = Date.add(TODAY, days=self.price.review_days)
        self.assertEqual(form.review_date, review)
        self.assertIn("200.00", form.summary)
        form.save().action_dispute()
        holds = self.holds()
        self.assertEqual(holds.move_line_id, self.items().with_env(self.env))
        self.assertEqual(len(holds), 3)
        for hold in holds:
            self.assertEqual((hold.reason_id, hold.user_id, hold.amount), (self.price, self.collector, 0.0))
            self.assertEqual((hold.review_date, hold.note), (review, "Agreed on less by telephone"))
        self.assertFalse(self.run_day().notice_ids)

    def test_a_part_of_one_item(self):
        form = self.open(self.items(self.moves[0]))
        form.reason_id = self.price
        form.part = 100.01
        dialog = form.save()
        with self.refused(ValidationError, "Only .*100.00"):
            dialog.action_dispute()
        dialog.part = 40.0
        dialog.action_dispute()
        self.assertEqual(self.holds().amount, 40.0)
        self.assertEqual(self.run_day().notice_ids.amount_total, 160.0)

    def test_a_part_is_of_one_item_only(self):
        form = self.open(self.items())
        self.assertTrue(form._get_modifier("part", "invisible"))
        form.reason_id = self.price
        dialog = form.save()
        dialog.part = 5.0
        dialog.action_dispute()
        self.assertEqual(self.holds().mapped("amount"), [0.0, 0.0, 0.0])

    def test_from_a_plan(self):
        self.dun()
        plan = self.moves[1].collection_plan_ids.with_user(self.collector)
        form = self.fill(plan.action_dispute())
        form.reason_id = self.price
        form.save().action_dispute()
        self.assertEqual(self.holds().move_line_id, self.items(self.moves[1]).with_env(self.env))
        self.assertIn("Wrong Price", plan.hold_banner)

    def test_from_the_plan_of_a_customer(self):
        self.settings.mode = "customer"
        self.dun()
        plan = self.partner_a.collection_plan_ids.with_user(self.collector)
        form = self.fill(plan.action_dispute())
        form.reason_id = self.price
        form.save().action_dispute()
        self.assertEqual(len(self.holds()), 3)

    def test_several_disputes_of_one_customer(self):
        for move, name in zip(self.moves, ("price", "quality", "duplicate"), strict=True):
            form = self.open(self.items(move))
            form.reason_id = self.shipped(f"reason_{name}")
            form.save().action_dispute()
        self.assertEqual(len(self.holds().reason_id), 3)

    def test_what_is_in_dispute_is_left_out(self):
        self.hold(self.moves[0])
        self.hold(self.moves[1], amount=10.0)
        form = self.open(self.items())
        self.assertEqual(len(form.item_ids), 2)
        form.reason_id = self.price
        dialog = form.save()
        self.hold(self.moves[2])
        with self.refused(UserError, "meanwhile"):
            dialog.action_dispute()
        with self.refused(UserError, "in dispute already"):
            self.open(self.items(self.moves[0]))

    def test_what_a_client_may_not_send(self):
        dialogs = self.env["account.dunning.dispute"].with_user(self.collector)
        values = {"company_id": self.company.id, "item_ids": [Command.set(self.items().ids)]}
        with self.refused((UserError, ValidationError), "why|cannot be chosen"):
            dialogs.create({**values, "reason_id": self.other_reason.id}).action_dispute()
        with self.refused(UserError, "why the customer"):
            dialogs.create(values).action_dispute()
        other = self.moves[0].line_ids - self.items().with_env(self.env)
        with self.refused((UserError, ValidationError), "settled"):
            dialogs.create(
                {**values, "item_ids": [Command.set(other.ids)], "reason_id": self.price.id}
            ).action_dispute()
        foreign = self.setup_other_company()["company"]
        with self.refused((AccessError, UserError, ValidationError), ""):
            dialogs.create({**values, "company_id": foreign.id, "reason_id": self.price.id}).action_dispute()
        clerk = self.new_user("clerk", "account.group_account_invoice")
        with self.refused(AccessError, ""):
            self.items().with_user(clerk).action_dunning_dispute()

    def test_credits_and_settled_items_cannot_be_contested(self):
        refund = self.invoice(self.partner_a, 2, 50.0, move_type="out_refund")
        self.pay(self.moves[0])
        with self.refused(UserError, "Nothing that a customer could contest"):
            self.open(self.items(refund + self.moves[0]))
        with self.refused(UserError, "Select open items first"):
            self.open(self.items().browse())

    def test_the_customer_gets_no_message(self):
        """Nothing is written by opening or closing a dispute, though he follows all that is about it."""
        self.dun()
        plans = self.moves.collection_plan_ids
        for record in (*self.moves, *plans, self.partner_a):
            record.message_subscribe(self.partner_a.ids)
        before = self.env["mail.mail"].search([])
        notified = [("res_partner_id", "=", self.partner_a.id)]
        count = self.env["mail.notification"].search_count(notified)
        form = self.open(self.items())
        form.reason_id = self.price
        form.save().action_dispute()
        for hold, outcome in zip(self.holds(), ("accepted", "rejected", "withdrawn"), strict=True):
            self.end(hold, outcome).action_end()
        self.env.cr.precommit.run()
        self.env.flush_all()
        mails = self.env["mail.mail"].search([]) - before
        self.assertNotIn(self.partner_a, mails.recipient_ids)
        self.assertNotIn("a@example.com", ",".join(filter(None, mails.mapped("email_to"))))
        self.assertEqual(self.env["mail.notification"].search_count(notified), count)

    def end(self, holds, outcome, user=None):
        user = user or self.collector
        action = holds.with_user(user).action_open_end()
        form = Form(self.env[action["res_model"]].with_user(user).with_context(**action["context"]))
        form.outcome = outcome
        return form.save()

    def test_an_accepted_dispute_asks_an_accountant_for_the_credit_note(self):
        accountant = self.new_user("accountant", "account.group_account_invoice")
        self.hold(self.items(self.moves[0]).with_env(self.env), amount=40.0)
        dialog = self.end(self.holds(), "accepted")
        self.assertFalse(dialog.may_credit)
        self.assertIn("accountant is asked", dialog.warning)
        dialog.action_end()
        activity = self.moves[0].activity_ids
        self.assertRegex(activity.summary, r"credit note of .*40\.00")
        self.assertTrue(activity.user_id.has_group("account.group_account_invoice"))
        self.assertIn(self.company, activity.user_id.company_ids)
        self.assertTrue(accountant)
        with self.refused(AccessError, "invoicing may make credit notes"):
            dialog.action_end_and_credit()

    def test_a_manager_who_is_an_accountant_is_asked_first(self):
        first = self.new_user("first", "account.group_account_invoice")
        both = self.new_user("both", "account_dunning.group_dunning_manager,account.group_account_invoice")
        chosen = self.env["res.users"]._get_dunning_accountant(self.company)
        self.assertIn("account_dunning.group_dunning_manager", chosen.all_group_ids.get_external_id().values())
        self.assertNotEqual(chosen, first)
        self.assertTrue(both)

    def test_whoever_may_makes_the_credit_note(self):
        clerk = self.new_user("both", "account_dunning.group_dunning_collector,account.group_account_invoice")
        hold = self.hold(self.moves[0])
        dialog = self.end(hold, "accepted", clerk)
        self.assertTrue(dialog.may_credit)
        action = dialog.action_end_and_credit()
        self.assertEqual((hold.outcome, hold.ended_on), ("accepted", TODAY))
        self.assertFalse(self.moves[0].activity_ids)
        reversals = self.env[action["res_model"]].with_user(clerk).with_context(**action["context"])
        reversal = reversals.create({"journal_id": self.moves[0].journal_id.id})
        reversal.reverse_moves()
        self.assertEqual(reversal.new_move_ids.reversed_entry_id, self.moves[0])

    def test_no_credit_note_where_the_claim_stands(self):
        clerk = self.new_user("both", "account_dunning.group_dunning_collector,account.group_account_invoice")
        for outcome in ("rejected", "withdrawn"):
            hold = self.hold(self.moves[0])
            dialog = self.end(hold, outcome, clerk)
            self.assertFalse(dialog.may_credit)
            self.assertFalse(dialog.warning)
            dialog.action_end()
            self.assertEqual(hold.outcome, outcome)
            self.assertFalse(self.moves[0].activity_ids)
        self.assertEqual(self.run_day().notice_ids.amount_total, 200.0, "dunning goes on")


@tagged("post_install", "-at_install")
class TestList(DisputeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.moves = cls.stage.invoices(cls.partner_a, 12, [100.0, 70.0])

    def test_what_a_row_says(self):
        whole = self.hold(self.moves[0], review_date=Date.add(TODAY, days=2))
        part = self.hold(self.item(self.moves[1]), amount=30.0, review_date=False)
        customer = self.hold(self.partner_a, self.other_reason)
        later = self.hold(self.moves[1], self.other_reason, date_from=Date.add(TODAY, days=9))
        holds = (whole + part + customer + later).with_user(self.collector)
        self.assertEqual(holds.mapped("amount_held"), [100.0, 30.0, 170.0, 70.0])
        self.assertEqual(holds.mapped("document"), [self.moves[0].name, self.moves[1].name, False, self.moves[1].name])
        self.assertEqual(holds.mapped("status"), ["waiting", "waiting", "waiting", "later"])
        self.pay(self.moves[1], 50.0)
        holds.invalidate_recordset()
        self.assertEqual(holds.mapped("amount_held"), [100.0, 20.0, 120.0, 20.0])
        self.go(2)
        holds.invalidate_recordset()
        self.assertEqual(holds.mapped("status"), ["review", "waiting", "waiting", "later"])
        self.assertEqual(holds.mapped("days"), [2, 2, 2, 0])
        whole.action_end()
        self.go(3)
        holds.invalidate_recordset()
        self.assertEqual((whole.status, whole.amount_held, whole.days), ("ended", 0.0, 2))

    def test_queries_do_not_grow(self):
        def count(moves):
            holds = self.hold(moves[0])
            for move in moves[1:]:
                holds += self.hold(move)
            holds = holds.with_user(self.collector)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            holds.read(["commercial_partner_id", "document", "amount_held", "days", "status", "review_date"])
            return self.env.cr.sql_log_count - before

        count(self.moves)
        few = count(self.moves)
        self.assertLessEqual(count(self.invoices(self.partner_b, 12, [10.0] * 12)), few + 1)

    def test_the_sum_is_there_and_only_a_due_review_is_orange(self):
        arch = self.env["account.dunning.hold"].with_user(self.collector).get_view(view_type="list")["arch"]
        self.assertRegex(arch, r'name="amount_held"[^>]*sum=')
        self.assertEqual(len(re.findall(r"decoration-warning=\"status == 'review'\"", arch)), 2)
        self.assertEqual(len(re.findall("decoration-(warning|danger)", arch)), 2)
