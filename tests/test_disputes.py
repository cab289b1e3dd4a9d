"""Disputes and holds: review, outcome, the plans' chatter, and runs that include what is disputed."""

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Date
from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from odoo.addons.account_dunning.models.receivables import hold_review

from .common import TODAY, DunningCommon, StubLetters


class DisputeCommon(StubLetters, DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dispute = cls.shipped("reason_dispute")
        cls.other_reason = cls.shipped("reason_payment_announced")

    def hold(self, target, reason=None, **values):
        field = {"account.move": "move_id", "account.move.line": "move_line_id", "res.partner": "partner_id"}
        return self.env["account.dunning.hold"].create(
            {field[target._name]: target.id, "reason_id": (reason or self.dispute).id, **values}
        )

    def setUp(self):
        super().setUp()
        self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda *args, **kwargs: 60)

    def night(self):
        self.env["account.dunning.run"].sudo()._cron_nightly()


@tagged("post_install", "-at_install")
class TestReview(DisputeCommon):
    def due(self):
        arch = self.env["account.dunning.hold"].get_view(view_type="search")["arch"]
        self.assertIn("('active_now', '=', True), ('review_date', '&lt;=', 'today')", arch)
        return self.env["account.dunning.hold"].search([("active_now", "=", True), ("review_date", "<=", "today")])

    def test_list_of_what_is_due_for_review(self):
        move = self.invoice(self.partner_a, 12)
        due = self.hold(move, review_date=TODAY)
        late = self.hold(self.partner_a, review_date=Date.add(TODAY, days=3))
        self.hold(move)
        self.hold(move, review_date=TODAY).action_end()
        self.assertEqual(self.due(), due)
        self.go(3)
        self.assertEqual(self.due(), due + late)

    def test_the_owner_is_asked_once(self):
        hold = self.hold(
            self.invoice(self.partner_a, 12), user_id=self.collector.id, review_date=Date.add(TODAY, days=2)
        )
        self.night()
        self.assertFalse(hold.activity_ids)
        self.go(2)
        for _night in range(3):
            self.night()
            self.assertEqual(hold.activity_ids.user_id, self.collector)
            self.assertEqual(hold.activity_ids.date_deadline, hold.review_date)
            self.go(1)
        self.assertTrue(hold.active_now, "a review ends nothing")
        hold.activity_ids.action_done()
        self.night()
        self.assertFalse(hold.activity_ids)

    def test_another_review(self):
        hold = self.hold(self.invoice(self.partner_a, 12), user_id=self.collector.id, review_date=TODAY)
        self.night()
        hold.with_user(self.collector).review_date = Date.add(TODAY, days=5)
        self.assertFalse(hold.activity_ids, "what asked for the review of the day before is gone")
        self.go(5)
        self.night()
        self.assertEqual(hold.activity_ids.date_deadline, self.today)

    def test_a_new_owner_takes_the_review(self):
        hold = self.hold(self.invoice(self.partner_a, 12), user_id=self.collector.id, review_date=TODAY)
        self.night()
        hold.with_user(self.collector).user_id = self.manager
        self.assertEqual(hold.activity_ids.user_id, self.manager)
        hold.user_id = False
        self.assertFalse(hold.activity_ids)

    def test_who_is_asked(self):
        for owner, collector, expected in (
            (self.manager, self.collector, self.manager),
            (False, self.collector, self.collector),
            (False, False, False),
        ):
            self.partner_a.dunning_user_id = collector
            hold = self.hold(self.invoice(self.partner_a, 12), user_id=owner and owner.id, review_date=TODAY)
            self.night()
            self.assertEqual(hold.activity_ids.user_id, expected or self.env["res.users"])
            self.assertEqual(hold.review_asked, bool(expected))

    def test_one_owner_who_cannot_be_asked_stops_nobody(self):
        ask = self.env.registry["account.dunning.hold"]._ask_review

        def broken(holds, owner):
            if owner == self.manager:
                raise ValueError
            ask(holds, owner)

        self.patch(self.env.registry["account.dunning.hold"], "_ask_review", broken)
        move = self.invoice(self.partner_a, 12)
        bad, good = (self.hold(move, user_id=user.id, review_date=TODAY) for user in (self.manager, self.collector))
        with self.assertLogs(hold_review.__name__, "ERROR"):
            self.night()
        self.assertFalse(bad.activity_ids)
        self.assertTrue(good.activity_ids)

    def test_the_end_takes_the_question_back(self):
        hold = self.hold(self.invoice(self.partner_a, 12), review_date=TODAY)
        self.night()
        hold.action_end()
        self.assertFalse(hold.activity_ids)

    def test_review_not_before_the_beginning(self):
        with self.refused(IntegrityError, "_review"):
            self.hold(self.invoice(self.partner_a, 12), review_date=Date.subtract(TODAY, days=1))

    def test_owners_are_collectors(self):
        domain = self.env["account.dunning.hold"].fields_get(["user_id"])["user_id"]["domain"]
        domain = safe_eval(domain, {"company_id": self.company.id})
        clerk = self.new_user("clerk", "account.group_account_invoice")
        users = self.env["res.users"].search(domain)
        self.assertLessEqual(self.collector + self.manager, users)
        self.assertNotIn(clerk, users)


@tagged("post_install", "-at_install")
class TestOutcome(DisputeCommon):
    def dialog(self, holds):
        action = holds.with_user(self.collector).action_open_end()
        return Form(self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"]))

    def test_outcomes(self):
        for outcome in ("accepted", "rejected", "settled"):
            hold = self.hold(self.invoice(self.partner_a, 12))
            with self.dialog(hold) as form:
                form.outcome = outcome
                form.note = "Said so"
            form.record.action_end()
            self.assertEqual((hold.outcome, hold.outcome_note, hold.ended_on), (outcome, "Said so", TODAY))

    def test_a_dispute_needs_an_outcome(self):
        hold = self.hold(self.invoice(self.partner_a, 12))
        wizard = self.env["account.dunning.hold.end"].create({"hold_ids": [Command.set(hold.ids)]})
        with self.refused(UserError, "how the dispute ended"):
            wizard.action_end()
        self.assertTrue(hold.active_now)

    def test_other_holds_need_none(self):
        hold = self.hold(self.invoice(self.partner_a, 12), self.other_reason)
        form = self.dialog(hold)
        self.assertFalse(form.dispute)
        form.note = "Did not pay"
        form.save().action_end()
        self.assertFalse(hold.outcome)
        self.assertEqual(hold.outcome_note, "Did not pay")
        self.assertEqual(hold.ended_on, TODAY)

    def test_many_at_once(self):
        disputes = self.hold(self.invoice(self.partner_a, 12)) + self.hold(self.invoice(self.partner_b, 12))
        other = self.hold(self.partner_b, self.other_reason)
        with self.dialog(disputes + other) as form:
            form.outcome = "rejected"
        form.record.action_end()
        self.assertEqual(disputes.mapped("outcome"), ["rejected", "rejected"])
        self.assertFalse(other.outcome)
        self.assertFalse((disputes + other).filtered("active_now"))

    def test_outcome_of_a_dispute_that_ran_out(self):
        hold = self.hold(self.invoice(self.partner_a, 12), date_until=TODAY)
        self.go(1)
        self.night()
        self.assertEqual((hold.ended_on, hold.outcome), (self.today, False))
        missing = [("reason_id.dispute", "=", True), ("ended_on", "!=", False), ("outcome", "=", False)]
        self.assertEqual(hold.search(missing), hold)
        self.go(5)
        with self.dialog(hold) as form:
            form.outcome = "rejected"
        form.record.action_end()
        self.assertEqual(hold.outcome, "rejected")
        self.assertEqual(hold.ended_on, Date.subtract(self.today, days=5), "it ended when it ended")
        with self.refused(UserError, "have ended"):
            hold.action_open_end()

    def test_warning_while_no_credit_note_is_there(self):
        move = self.invoice(self.partner_a, 12, 100.0)
        hold = self.hold(move, amount=30.0)
        form = self.dialog(hold)
        for outcome, warned in ((False, False), ("rejected", False), ("accepted", True), ("settled", True)):
            form.outcome = outcome
            self.assertEqual(bool(form.warning), warned, outcome)
        self.assertIn("30.00", form.warning)
        self.pay(move)
        form = self.dialog(hold)
        form.outcome = "accepted"
        self.assertFalse(form.warning, "nothing is open")

    def test_an_ended_dispute_is_not_contested_whatever_its_outcome(self):
        assess = self.env["account.dunning.reader"]._assess
        for amount in (0.0, 40.0):
            for outcome in ("accepted", "rejected", "settled"):
                partner = self.partner_a.copy()
                move = self.invoice(partner, 12, 100.0)
                hold = self.hold(move, amount=amount)
                [verdict] = assess(self.company, partner.ids, TODAY)[partner.id].verdicts
                self.assertEqual(verdict.item.contested, amount)
                self.assertEqual(verdict.reason, "due" if amount else "hold")
                hold._end_today(outcome)
                [verdict] = assess(self.company, partner.ids, TODAY)[partner.id].verdicts
                self.assertEqual((verdict.item.contested, verdict.item.claim), (0.0, 100.0))
                self.assertEqual(verdict.reason, "due")

    def test_credit_note_of_an_accepted_dispute(self):
        """The way of an accepted dispute: the credit note first, then the end; what is left is dunned."""
        move = self.invoice(self.partner_a, 12, 100.0)
        hold = self.hold(move, amount=30.0)
        refund = self.invoice(self.partner_a, 0, 30.0, move_type="out_refund")
        (self.item(move) + self.item(refund)).reconcile()
        hold._end_today("accepted")
        self.assertEqual(self.run_day().notice_ids.amount_total, 70.0)


@tagged("post_install", "-at_install")
class TestWhereAndHowMuch(DisputeCommon):
    def test_from_item_invoice_plan_and_customer(self):
        move = self.invoice(self.partner_a, 12)
        self.dun()
        plan = move.collection_plan_ids
        for record, field, target in (
            (self.item(move), "move_line_id", self.item(move)),
            (move, "move_id", move),
            (plan, "move_id", move),
            (self.partner_a, "partner_id", self.partner_a),
        ):
            record = record.with_user(self.collector)
            action = record.action_hold() if record == plan else record.action_dunning_hold()
            with Form(
                self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"])
            ) as form:
                form.reason_id = self.dispute
                form.review_date = Date.add(TODAY, days=7)
            hold = form.record
            self.assertEqual(hold[field], target)
            self.assertEqual((hold.user_id, hold.amount), (self.collector, 0.0))
            hold.action_end()

    def test_back_to_the_hold(self):
        move = self.invoice(self.partner_a, 12)
        self.dun()
        hold = self.hold(self.item(move), amount=20.0)
        self.assertIn("20.00", move.dunning_hold_banner)
        self.assertIn("Dispute", move.collection_plan_ids.hold_banner)
        for record in (move, self.partner_a):
            action = record.with_user(self.collector).action_open_dunning_holds()
            self.assertEqual(hold.search(action["domain"]), hold)
        action = move.collection_plan_ids.with_user(self.collector).action_open_holds()
        self.assertEqual(hold.search(action["domain"]), hold)

    def test_open_amount(self):
        move = self.invoice(self.partner_a, 12, 100.0)
        self.pay(move, 30.0)
        for target, expected in ((move, 70.0), (self.item(move), 70.0), (self.partner_a, 0.0)):
            self.assertEqual(self.hold(target).amount_open, expected)

    def test_no_more_than_the_amount(self):
        move = self.invoice(self.partner_a, 12, 100.0)
        refund = self.invoice(self.partner_a, 12, 50.0, move_type="out_refund")
        self.hold(move, amount=100.0)
        for target, amount in ((move, 100.01), (self.item(move), 150.0), (refund, 50.0)):
            with self.refused(ValidationError, "whole amount is"):
                self.hold(target, amount=amount)
        with self.refused(ValidationError, "whole customer"):
            self.hold(self.partner_a, amount=10.0)

    def test_form_asks_no_amount_of_a_customer(self):
        form = Form(self.env["account.dunning.hold"].with_context(default_partner_id=self.partner_a.id))
        self.assertTrue(form._get_modifier("amount", "invisible"))
        move = self.invoice(self.partner_a, 12)
        form = Form(self.env["account.dunning.hold"].with_context(default_move_id=move.id))
        self.assertTrue(form._get_modifier("amount", "invisible"), "all of it is held")
        form.reason_id = self.shipped("reason_dispute")
        form.extent = "part"
        self.assertFalse(form._get_modifier("amount", "invisible"))
        with self.refused(ValidationError, "Enter the part"):
            form.save()
        form.amount = 30.0
        hold = form.save()
        self.assertEqual((hold.amount, hold.extent), (30.0, "part"))
        hold.extent = "all"
        self.assertEqual(hold.amount, 0.0)


@tagged("post_install", "-at_install")
class TestChatterOfPlans(DisputeCommon):
    def notes(self, plan):
        return " ".join(plan.message_ids.mapped("body"))

    def test_begin_and_end_are_noted(self):
        move, other = self.invoice(self.partner_a, 12, 100.0), self.invoice(self.partner_b, 12)
        self.dun()
        plan = move.collection_plan_ids
        for target, amount, text in (
            (move, 40.0, "40.00"),
            (self.item(move), 0.0, "Dispute"),
            (self.partner_a, 0.0, "Dispute"),
        ):
            before = plan.message_ids
            hold = self.hold(target, amount=amount).with_user(self.collector)
            begin = plan.message_ids - before
            self.assertIn(text, begin.body)
            hold._end_today("rejected", "Goods were <complete>")
            end = plan.message_ids - before - begin
            self.assertIn("Rejected: the claim stands", end.body)
            self.assertIn("Goods were &lt;complete&gt;", end.body)
            self.assertEqual(end.author_id, self.collector.partner_id)
        self.assertNotIn("hold", self.notes(other.collection_plan_ids).lower())

    def test_two_holds_are_one_note(self):
        moves = self.invoice(self.partner_a, 12) + self.invoice(self.partner_a, 13)
        self.settings.mode = "customer"
        self.dun()
        plan = self.partner_a.collection_plan_ids
        before = plan.message_ids
        self.env["account.dunning.hold"].create([{"move_id": move.id, "reason_id": self.dispute.id} for move in moves])
        self.assertEqual(len(plan.message_ids - before), 1)

    def test_closed_plans_are_left_alone(self):
        move = self.invoice(self.partner_a, 12)
        self.dun()
        self.pay(move)
        plan = move.collection_plan_ids
        before = plan.message_ids
        self.hold(self.partner_a)
        self.assertEqual(plan.message_ids, before)


@tagged("post_install", "-at_install")
class TestIncludeDisputed(DisputeCommon):
    def test_proposes_what_is_disputed(self):
        whole, part, other, customer = (
            self.invoice(partner, 12, 100.0)
            for partner in self.env["res.partner"].create(
                [
                    {"name": name, "street": "1", "zip": "1", "city": "Here"}
                    for name in ("Whole", "Part", "Other", "All")
                ]
            )
        )
        self.hold(whole)
        self.hold(part, amount=60.0)
        self.hold(other, self.other_reason)
        self.hold(customer.partner_id)
        mixed = self.invoice(self.partner_a, 12)
        self.hold(mixed)
        self.hold(mixed, self.other_reason)
        run = self.run_day()
        self.assertEqual({n.partner_id.name: n.amount_total for n in run.notice_ids}, {"Part": 40.0})
        self.assertEqual(set(run.skipped_ids.mapped("reason")), {"hold"})
        self.assertEqual(len(run.skipped_ids), 4)
        run.action_cancel()
        run = self.run_day(include_disputed=True)
        amounts = {notice.partner_id.name: notice.amount_total for notice in run.notice_ids}
        self.assertEqual(amounts, {"Whole": 100.0, "Part": 100.0, "All": 100.0})
        self.assertEqual(set(run.skipped_ids.partner_id.mapped("name")), {"Other", "partner_a"})

    def test_items_stay_when_they_are_read_again(self):
        move = self.invoice(self.partner_a, 12, 100.0)
        self.hold(move, amount=60.0)
        notice = self.run_day(include_disputed=True).notice_ids
        self.pay(move, 10.0)
        self.issue(notice)
        self.assertEqual((notice.state, notice.amount_total), ("to_print", 90.0))
        self.hold(move)
        self.work()
        self.assertEqual((notice.state, notice.amount_total), ("to_print", 90.0), "another dispute changes nothing")
        notice._recheck()
        self.assertEqual(notice.state, "to_print")
        notice._confirm_printed()
        self.assertEqual(self.state(move).level_id, self.level_1)

    def test_another_hold_withdraws_the_item(self):
        move = self.invoice(self.partner_a, 12, 100.0)
        self.hold(move)
        notice = self.run_day(include_disputed=True).notice_ids
        self.hold(move, self.other_reason)
        self.issue(notice)
        self.assertEqual((notice.state, notice.cancel_reason), ("cancelled", "On hold"))

    def test_two_runs_are_judged_each_by_its_option(self):
        plain = self.invoice(self.partner_a, 12, 100.0)
        first = self.run_day().notice_ids
        disputed = self.invoice(self.partner_a, 12, 50.0)
        self.hold(disputed)
        second = self.run_day(include_disputed=True).notice_ids
        self.assertEqual(second.line_ids.move_id, disputed)
        self.hold(plain)
        self.issue(first + second)
        self.assertEqual((first.state, second.state), ("cancelled", "to_print"))

    def test_a_level_set_by_a_person_is_kept(self):
        move = self.invoice(self.partner_a, 12)
        self.hold(move)
        run = self.run_day(include_disputed=True)
        run.notice_ids._move_to_level(self.level_2)
        run.action_propose()
        self.work()
        self.assertEqual((run.notice_ids.level_id, run.notice_ids.state), (self.level_2, "proposed"))

    def test_the_plan_still_waits_for_the_dispute(self):
        move = self.invoice(self.partner_a, 12)
        self.dun()
        plan = move.collection_plan_ids
        self.hold(move)
        self.assertFalse(plan.next_date)
        self.go(10)
        run = self.run_day(include_disputed=True)
        self.assertEqual(run.notice_ids.level_id, self.level_2)
        self.assertFalse(plan.next_date, "the night does not include it")
        self.send(run.notice_ids)
        self.assertEqual(plan.level_id, self.level_2)
        self.assertFalse(plan.next_date)

    def test_customer_based(self):
        self.settings.mode = "customer"
        leading = self.invoice(self.partner_a, 22, 100.0)
        self.invoice(self.partner_a, 12, 50.0)
        self.hold(leading)
        run = self.run_day()
        self.assertEqual(run.notice_ids.amount_total, 50.0)
        run.action_cancel()
        notice = self.run_day(include_disputed=True).notice_ids
        self.assertEqual(notice.amount_total, 150.0)
        self.send(notice)
        self.assertEqual((notice.state, notice.amount_total), ("sent", 150.0))

    def test_by_hand_only(self):
        with self.refused(IntegrityError, "_nightly_heeds_disputes"):
            self.env["account.dunning.run"].sudo().create({"nightly": True, "include_disputed": True})
        self.hold(self.invoice(self.partner_a, 12))
        self.night()
        self.work()
        run = self.env["account.dunning.run"].search([("nightly", "=", True), ("company_id", "=", self.company.id)])
        self.assertFalse(run.notice_ids)


@tagged("post_install", "-at_install")
class TestRights(DisputeCommon):
    def test_strangers(self):
        hold = self.hold(self.invoice(self.partner_a, 12))
        other = self.setup_other_company(name="Other")["company"]
        stranger = self.new_user("stranger", "account_dunning.group_dunning_manager")
        stranger.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        for user in (stranger, self.new_user("clerk", "account.group_account_invoice")):
            with self.assertRaises(AccessError):
                hold.with_user(user).action_end()
            with self.assertRaises(AccessError):
                hold.with_user(user).action_open_end()
        wizard = self.env["account.dunning.hold.end"].with_user(stranger)
        with self.assertRaises(AccessError):
            wizard.create({"hold_ids": [Command.set(hold.ids)], "outcome": "rejected"}).action_end()
        self.assertTrue(hold.active_now)
