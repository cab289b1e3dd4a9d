"""Random lives of collection plans in both modes, against what must always hold (rules §3, §4, §6; Hypothesis)."""

from contextlib import closing
from datetime import timedelta
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from .common import TODAY, DunningCommon, StubLetters

CUSTOMER, CHOICE = st.integers(0, 1), st.integers(0, 9)
AMOUNT = st.integers(20, 120).map(float)
TYPES = st.fixed_dictionaries(
    {
        "escalation": st.sampled_from(("sequential", "sequential", "catch_up")),
        "grace_days": st.sampled_from((0, 3)),
        "minimum_amount": st.sampled_from((0.0, 0.0, 80.0)),
        "unrecovered_days": st.sampled_from((10, 30)),
    }
)
NIGHT = st.tuples(st.just("night"), st.sampled_from((1, 4, 8, 10)), st.sampled_from(("leave", "print", "send", "send")))
EVENTS = st.one_of(
    NIGHT,
    NIGHT,
    NIGHT,
    st.tuples(st.just("invoice"), CUSTOMER, st.sampled_from((-5, 0, 4, 12, 30)), AMOUNT),
    st.tuples(st.just("pay"), CHOICE, st.sampled_from((0.5, 1.0, 1.0))),
    st.tuples(st.just("pay_and_return"), CHOICE, st.sampled_from(("unreconcile", "draft"))),
    st.tuples(st.just("unreconcile"), CHOICE),
    st.tuples(st.just("return_payment"), CHOICE),
    st.tuples(st.just("credit"), CHOICE),
    st.tuples(st.just("draft_and_post"), CHOICE, st.sampled_from((None, 0.8))),
    st.tuples(st.just("move_due_date"), CHOICE, st.sampled_from((-9, 3, 20))),
    st.tuples(st.just("hold"), CHOICE, st.sampled_from((0, 3, 9))),
    st.tuples(st.just("end_hold"), CHOICE),
    st.tuples(st.just("pause"), CHOICE, st.sampled_from((2, 9, 20))),
    st.tuples(st.just("resume"), CHOICE),
    st.tuples(st.just("stop"), CHOICE),
    st.tuples(st.just("allow"), CHOICE),
    st.tuples(st.just("postpone"), CHOICE, st.sampled_from((2, 12))),
    st.tuples(st.just("set_level"), CHOICE, st.integers(0, 3)),
    st.tuples(st.just("undo"), CHOICE, st.booleans()),
    st.tuples(st.just("open_by_hand"), CHOICE),
)


def lives(examples):
    """Settings and strategies of a test. What fails is short enough to read; shrinking it takes minutes."""

    def decorate(test):
        test = given(TYPES, st.sampled_from((12, 19, 50)), st.lists(EVENTS, min_size=6, max_size=11))(test)
        return settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )(test)

    return decorate


class PlanLives(StubLetters, DunningCommon):
    """What happens, and what must hold; the tests of both modes derive from it."""

    mode = "invoice"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settings.mode = cls.mode
        cls.reason = cls.shipped("reason_payment_announced")
        cls.levels = cls.dunning_type.level_ids
        cls.level_2.write({"repeat_every": 9, "repeat_max": 1})

    def live(self, type_values, days_overdue, events):
        with closing(self.env.cr.savepoint()):
            self.frozen.move_to(TODAY)
            self.dunning_type.write(type_values)
            self.customers = [self.partner_a.copy({"name": name}) for name in ("Ann", "Bob")]
            self.moves = self.env["account.move"]
            self.drafted = self.env["account.move"]
            self.history = []
            self.before = {}
            for name, *args in [
                ("invoice", 0, days_overdue, 90.0),
                ("invoice", 1, 14, 60.0),
                ("invoice", 0, 2, 50.0),
                ("night", 1, "send"),
                *events,
                ("night", 8, "send"),
            ]:
                self.history.append((name, *args))
                getattr(self, f"do_{name}")(*args)
                self.env.cr.precommit.run()
                self.work()
                self.check()
        self.env.cr.precommit.clear()
        self.env.invalidate_all()

    # picking

    def plans(self, *states):
        domain = [("partner_id", "in", [customer.id for customer in self.customers])]
        plans = self.env["account.collection.plan"].sudo().search(domain, order="id")
        return plans.filtered(lambda plan: plan.state in states) if states else plans

    def pick(self, index, records):
        return records[index % len(records)] if records else records

    def pick_move(self, index, condition):
        return self.pick(index, self.moves.filtered(lambda move: move.state == "posted").filtered(condition))

    def owed(self, move):
        """What is open of an invoice. Core leaves it reconciled with a payment that is set back to draft."""
        if move.state != "posted":
            return 0.0
        drafts = self.item(move).matched_credit_ids.filtered(lambda part: part.credit_move_id.parent_state != "posted")
        return self.company.currency_id.round(self.item(move).amount_residual + sum(drafts.mapped("amount")))

    def overdue(self, move):
        days = (self.today - self.item(move).date_maturity).days
        return self.owed(move) > 0 and days > self.dunning_type.grace_days

    def held(self, move):
        holds = self.env["account.dunning.hold"].search([("move_id", "=", move.id), ("ended_on", "=", False)])
        return bool(holds.filtered(lambda hold: not hold.date_until or hold.date_until >= self.today))

    def kept_out(self, move):
        """A person stopped the plan that held it, or it ended unrecovered."""
        plans = self.plans("stopped", "unrecovered").filtered("keeps_out")
        return bool(plans & (move.collection_plan_ids + self.state(move).plan_id))

    def in_debt(self, customer):
        """The entry condition of customer-based dunning: the default balance, and something overdue."""
        moves = self.moves.filtered(lambda move: move.partner_id == customer)
        balance = sum(self.owed(move) for move in moves)
        enough = balance >= max(self.dunning_type.minimum_amount, 0.01) - 0.001
        return enough and any(self.overdue(move) and not self.kept_out(move) for move in moves)

    # what happens

    def do_invoice(self, customer, days_overdue, amount):
        self.moves += self.invoice(self.customers[customer], days_overdue, amount)

    def do_pay(self, index, part):
        move = self.pick_move(index, lambda move: self.item(move).amount_residual > 0)
        if move:
            self.pay(move, self.company.currency_id.round(self.item(move).amount_residual * part))

    def do_pay_and_return(self, index, how):
        """A plan that the payment closes is open again once it is taken back."""
        move = self.pick_move(index, lambda move: self.item(move).amount_residual > 0)
        if not move:
            return
        plans = self.plans("ongoing", "paused")
        payment = self.pay(move)
        self.check()
        closed = plans.filtered(lambda plan: plan.state == "recovered")
        if how == "unreconcile":
            self.item(move).remove_move_reconcile()
        else:
            payment.action_draft()
        self.env.cr.precommit.run()
        self.assertEqual(set(closed.mapped("state")) - {"ongoing"}, set(), self.history)

    def do_unreconcile(self, index):
        move = self.pick_move(index, lambda move: self.item(move).matched_credit_ids)
        if move:
            self.item(move).remove_move_reconcile()

    def do_return_payment(self, index):
        payments = self.moves.matched_payment_ids.filtered(lambda payment: payment.state != "draft").sorted("id")
        if payments:
            self.pick(index, payments).action_draft()

    def do_credit(self, index):
        move = self.pick_move(index, lambda move: self.item(move).amount_residual > 0)
        if move:
            refund = move._reverse_moves([{"date": self.today, "invoice_date": self.today}])
            refund.action_post()
            lines = (self.item(move) + self.item(refund)).filtered(lambda line: not line.reconciled)
            if len(lines) == 2:
                lines.reconcile()

    def do_draft_and_post(self, index, factor):
        move = self.pick_move(index, lambda move: True)
        move.button_draft()
        self.drafted += move
        self.env.cr.precommit.run()
        self.check()
        if factor:
            move.invoice_line_ids.price_unit *= factor
        move.action_post()

    def do_move_due_date(self, index, days):
        move = self.pick_move(index, lambda move: self.owed(move) > 0)
        if move:
            self.item(move).date_maturity = self.today + timedelta(days)

    def do_hold(self, index, days):
        move = self.pick_move(index, lambda move: not self.held(move))
        if move:
            until = self.today + timedelta(days) if days else False
            self.env["account.dunning.hold"].create(
                {"move_id": move.id, "reason_id": self.reason.id, "date_until": until}
            )

    def do_end_hold(self, index):
        holds = self.env["account.dunning.hold"].search([("move_id", "in", self.moves.ids)], order="id")
        self.pick(index, holds.filtered("active_now")).action_end()

    def do_pause(self, index, days):
        plan = self.pick(index, self.plans("ongoing"))
        if plan:
            plan._pause(self.reason, self.today + timedelta(days))

    def do_resume(self, index):
        self.pick(index, self.plans("paused")).action_resume()

    def do_stop(self, index):
        plan = self.pick(index, self.plans("ongoing", "paused"))
        if plan:
            plan._stop(self.reason)

    def do_allow(self, index):
        self.pick(index, self.plans("stopped", "unrecovered").filtered("keeps_out")).action_allow_new()

    def do_postpone(self, index, days):
        plan = self.pick(index, self.plans("ongoing"))
        if plan:
            plan._postpone(self.today + timedelta(days))

    def do_set_level(self, index, number):
        plan = self.pick(index, self.plans("ongoing", "paused"))
        if plan:
            plan._set_level(self.levels[number - 1] if number else self.levels.browse())

    def do_undo(self, index, at_once):
        plans = self.plans("ongoing", "paused")
        plan = self.pick(index, plans.filtered(lambda plan: not plan._get_refusals("undo")))
        if plan:
            plan._get_latest_notice()._undo("Wrong", at_once)

    def do_open_by_hand(self, index):
        known = self.plans("ongoing", "paused")
        move = self.pick_move(
            index,
            lambda move: (
                self.overdue(move)
                and not self.kept_out(move)
                and (move not in known.move_id if self.mode == "invoice" else move.partner_id not in known.partner_id)
                and (self.mode == "invoice" or self.in_debt(move.partner_id))
            ),
        )
        if move:
            self.env["account.collection.plan"].sudo()._open_by_hand(self.company, self.item(move))

    def do_night(self, days, how):
        self.go(days)
        states = self.item_states()
        self.env["account.dunning.hold"].sudo()._cron_end_holds()
        self.env["account.collection.plan"].sudo()._end_pauses()
        old = self.notices().line_ids
        self.env["account.dunning.run"].sudo()._start_nightly(self.company)
        self.work()
        self.check_proposals(self.notices("proposed").line_ids - old, states)
        self.check()
        self.check_night()
        if how != "leave":
            proposed = self.notices("proposed")
            if proposed:
                self.issue(proposed)
            if how == "send":
                self.check_leaving(self.notices("to_print"))
                self.notices("to_print")._confirm_printed()
                self.env.cr.precommit.run()
        self.assertFalse(self.run_day().notice_ids, "a second run on the same day proposes nothing new")

    def notices(self, *states):
        domain = [("company_id", "=", self.company.id), ("partner_id", "in", [each.id for each in self.customers])]
        notices = self.env["account.dunning.notice"].sudo().search(domain, order="id")
        return notices.filtered(lambda notice: notice.state in states) if states else notices

    def item_states(self):
        self.env.flush_all()
        items = self.env["account.dunning.item"].search([("move_id", "in", self.moves.ids)])
        return {
            item.move_line_id: (item.level_id, item.last_notice_date, item.deadline_days)
            for item in items
            if item.move_line_id
        }

    # what must hold

    def check(self):
        self.env.flush_all()
        self.env.invalidate_all()
        plans = self.plans()
        keys = [plan.move_id or plan.partner_id for plan in plans.filtered(lambda p: p.state in ("ongoing", "paused"))]
        self.assertEqual(len(keys), len(set(keys)), self.history)
        for plan in plans:
            with_history = f"{plan.name}: {self.history}"
            self.assertEqual(plan.mode, self.mode)
            if plan.state in ("ongoing", "paused"):
                self.check_open(plan, with_history)
            else:
                self.check_closed(plan, with_history)
        self.before = {plan: plan.state for plan in plans}
        pending = self.notices().line_ids.filtered("pending")
        self.assertEqual(len(pending.move_line_id), len(pending), "in one unissued notice at most")
        self.assertFalse(pending.filtered(lambda line: line.notice_state not in ("proposed", "queued", "to_print")))

    def check_open(self, plan, message):
        self.assertFalse(plan.keeps_out or plan.close_reason or plan.closed_on, message)
        self.assertEqual(bool(plan.paused_until), plan.state == "paused", message)
        self.assertFalse(plan.state == "paused" and plan.next_date, message)
        if self.mode == "invoice":
            self.assertGreater(self.owed(plan.move_id), 0.0, message)
            self.assertAlmostEqual(plan.amount_due, self.owed(plan.move_id), msg=message)
        else:
            self.assertTrue(self.in_debt(plan.partner_id), message)
        dunned = [
            (item.move_line_id.date_maturity, item.move_line_id.id, item.level_id)
            for item in plan.item_state_ids
            if item.level_id and self.owed(item.move_id) > 0
        ]
        leading = min(dunned)[2] if dunned else self.levels.browse()
        self.assertEqual(plan.level_id, leading, message)

    def check_closed(self, plan, message):
        self.assertFalse(plan.next_date or plan.next_level_id or plan.paused_until or plan.below_minimum, message)
        self.assertTrue(plan.closed_on and plan.close_reason, message)
        if plan.keeps_out:
            self.assertIn(
                (plan.state, plan.close_reason), {("stopped", "person"), ("unrecovered", "exhausted")}, message
            )
        self.assertEqual(plan.state == "recovered", plan.close_reason == "paid", message)
        open_now = self.before.get(plan, "ongoing") in ("ongoing", "paused")
        if open_now and plan.close_reason in ("paid", "credited", "below"):
            self.check_gone(plan, message)
        elif plan.state == "recovered" and self.mode == "invoice" and plan.move_id not in self.drafted:
            moved = self.owed(plan.move_id) and self.item(plan.move_id).date_maturity > self.today
            others = plan.move_id.collection_plan_ids.filtered(lambda other: other.state in ("ongoing", "paused"))
            if not moved and not others and self.state(plan.move_id).plan_id == plan:
                self.check_gone(plan, message)

    def check_gone(self, plan, message):
        """The debt of the plan is gone, by the definition of the mode."""
        if self.mode == "invoice":
            self.assertEqual(self.owed(plan.move_id), 0.0, message)
        else:
            self.assertFalse(self.in_debt(plan.partner_id), message)

    def check_proposals(self, lines, states):
        """Levels rise by one step, and not before the interval is over; the leading item decides."""
        nothing = (self.levels.browse(), None, 0)
        for notice in lines.notice_id:
            groups = [notice.line_ids[:1]] if self.mode == "customer" else notice.line_ids
            for line in groups:
                level, last, deadline = states.get(line.move_line_id, nothing)
                message = f"{line.name} from {level.name} to {line.level_id.name}: {self.history}"
                self.assertGreaterEqual(line.days_overdue, line.level_id.days, message)
                if line.level_id == level:
                    self.assertTrue(level.repeat_every, message)
                    self.assertGreaterEqual((self.today - last).days, level.repeat_every, message)
                    continue
                above = [each for each in self.levels if not level or each.days > level.days]
                self.assertIn(line.level_id, above, message)
                if self.dunning_type.escalation == "sequential":
                    self.assertEqual(line.level_id, above[0], message)
                if last:
                    self.assertGreaterEqual(
                        (self.today - last).days, max(line.level_id.min_days, deadline + 1), message
                    )
            if self.mode == "customer":
                self.assertEqual(notice.line_ids.level_id, notice.level_id, "one step for the customer")

    def check_leaving(self, notices):
        """Letters that are ready to be printed hold only what may be dunned, with what is open today."""
        for line in notices.line_ids:
            message = f"{line.name}: {self.history}"
            plan = line.move_id.collection_plan_id
            self.assertFalse(self.held(line.move_id), message)
            self.assertFalse(plan.state == "paused", message)
            self.assertFalse(self.kept_out(line.move_id), message)
            self.assertTrue(self.overdue(line.move_id), message)
            self.assertAlmostEqual(line.claim, self.owed(line.move_id), msg=message)
            self.assertEqual(line.notice_id.date, self.today)

    def check_night(self):
        """After the night every open plan is up to date."""
        for plan in self.plans("ongoing", "paused"):
            message = f"{plan.name}: {self.history}"
            if self.mode == "customer":
                mine = self.moves.filtered(lambda move, plan=plan: move.partner_id == plan.partner_id)
                owed = mine.filtered(lambda move: self.overdue(move) and not self.kept_out(move))
                self.assertAlmostEqual(plan.amount_due, sum(map(self.owed, owed)), msg=message)
                self.assertEqual(plan.leading_due_date, min(self.item(move).date_maturity for move in owed), message)
                self.assertLessEqual(owed, plan.item_state_ids.move_id, message)
            if plan.below_minimum:
                self.assertFalse(plan.next_date, message)
                self.assertEqual(self.mode, "invoice", "below the minimum a customer leaves")


@tagged("post_install", "-at_install")
class TestInvoicePlanLives(PlanLives):
    mode = "invoice"

    @lives(12)
    def test_any_life(self, type_values, days_overdue, events):
        self.live(type_values, days_overdue, events)


@tagged("post_install", "-at_install")
class TestCustomerPlanLives(PlanLives):
    mode = "customer"

    @lives(12)
    def test_any_life(self, type_values, days_overdue, events):
        self.live(type_values, days_overdue, events)


@tagged("post_install", "-at_install")
class TestForeseenPlans(PlanLives):
    """Plans that notices without document open are written once, and say what they say when they settle."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.levels.write({"document": "none", "collection_status": "legal"})
        cls.opened = 0

    @lives(12)
    def test_any_life(self, type_values, days_overdue, events):
        notice_model = type(self.env["account.dunning.notice"])
        original = notice_model._raise_levels

        def raise_levels(notices, facts=None):
            self.assertTrue(facts)
            newest = self.env["account.collection.plan"].sudo().search([], order="id desc", limit=1).id
            fresh = original(notices, facts)
            plans = fresh.plan_id.filtered(lambda plan: plan.id > newest)
            self.check_settled(plans)
            return fresh

        with patch.object(notice_model, "_raise_levels", raise_levels):
            self.live(type_values, days_overdue, events)
        self.assertTrue(self.opened)

    def check_settled(self, plans):
        plans.invalidate_recordset()
        names = [name for name, field in plans._fields.items() if field.store and field.column_type]
        written = plans.read(names, load=None)
        plans._settle()
        plans.invalidate_recordset()
        self.assertEqual(plans.read(names, load=None), written, self.history)
        type(self).opened += len(plans)
