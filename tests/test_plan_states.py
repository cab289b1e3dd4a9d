"""The life of a collection plan: every step from every state, allowed and forbidden, in both modes (spec §6)."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Date
from odoo.tests import new_test_user, tagged

from .common import TODAY, DunningCommon, StubLetters

STATES = ("ongoing", "paused", "recovered", "unrecovered", "stopped")

# What a person may do: for each step the states in which it is allowed, and the state after it. Nothing else is allowed.
STEPS = {
    "pause": {"ongoing": "paused"},
    "resume": {"paused": "ongoing"},
    "stop": {"ongoing": "stopped", "paused": "stopped"},
    "allow": {"unrecovered": "unrecovered", "stopped": "stopped"},
    "switch": {"ongoing": "ongoing", "paused": "paused"},
    "level": {"ongoing": "ongoing", "paused": "paused"},
    "postpone": {"ongoing": "ongoing"},
    "undo": {"ongoing": "stopped", "paused": "stopped"},
}

# What the debt does: the state and the close reason afterwards, from each state in which there is a debt.
EVENTS = {
    "pay": {
        "ongoing": ("recovered", "paid"),
        "paused": ("recovered", "paid"),
        "unrecovered": ("recovered", "paid"),
        "stopped": ("stopped", "person"),
    },
    "pay_part": {
        "ongoing": ("ongoing", False),
        "paused": ("paused", False),
        "unrecovered": ("unrecovered", "exhausted"),
        "stopped": ("stopped", "person"),
    },
    "credit": {
        "ongoing": ("stopped", "credited"),
        "paused": ("stopped", "credited"),
        "unrecovered": ("unrecovered", "exhausted"),
        "stopped": ("stopped", "person"),
    },
    "draft": {
        "ongoing": ("stopped", "cancelled"),
        "paused": ("stopped", "cancelled"),
        "unrecovered": ("unrecovered", "exhausted"),
        "stopped": ("stopped", "person"),
    },
    "move_due": {
        "ongoing": ("stopped", "moved"),
        "paused": ("stopped", "moved"),
    },
}


class PlanStates:
    """Plans of one invoice of 100, 12 days overdue, in the mode of the class."""

    mode = "invoice"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.dunning_mode = cls.mode
        cls.dunning_type.unrecovered_days = 10
        cls.other_type = cls.make_type("Other", (5, 15, 25))
        cls.reason = cls.env.ref("account_dunning.reason_payment_announced")

    # how to get there

    def make(self, state):
        """A plan in ``state``, with its invoice in ``self.move``."""
        self.move = self.invoice(self.partner_a, 12)
        self.dun()
        plan = self.move.collection_plan_id
        getattr(self, f"make_{state}")(plan)
        self.assertEqual(plan.state, state)
        return plan

    def make_ongoing(self, plan):
        self.assertEqual((plan.mode, plan.level_id), (self.mode, self.level_1))

    def make_paused(self, plan):
        self.step("pause", plan)

    def make_recovered(self, plan):
        self.pay(self.move)

    def make_unrecovered(self, plan):
        for days in (8, 10):
            self.go(days)
            self.dun()
        self.go(10)
        self.run_day()

    def make_stopped(self, plan):
        self.step("stop", plan)

    # steps of a person, and events

    def step(self, kind, plan, user=None, **values):
        """Do what a person does, through the button or the dialog; gives the dialog, if there is one."""
        plan = plan.with_user(user or self.manager)
        if kind in ("resume", "allow"):
            return getattr(plan, {"resume": "action_resume", "allow": "action_allow_new"}[kind])()
        button = {"level": "action_set_level"}.get(kind, f"action_{kind}")
        action = getattr(plan, button)()
        defaults = {
            "pause": {"reason_id": self.reason.id, "date": Date.add(self.today, days=5)},
            "stop": {"reason_id": self.reason.id},
            "switch": {"type_id": self.other_type.id, "level_id": self.other_type.level_ids[1].id},
            "level": {"type_id": plan.sudo().type_id[:1].id, "level_id": self.level_2.id},
            "postpone": {"date": Date.add(self.today, days=30)},
            "undo": {},
        }
        dialog = (
            self.env[action["res_model"]]
            .with_user(user or self.manager)
            .with_context(**action["context"])
            .create({"note": "Because of a test", **defaults[kind], **values})
        )
        dialog.action_apply()
        return dialog

    def event(self, kind):
        if kind == "pay":
            self.pay(self.move)
        elif kind == "pay_part":
            self.pay(self.move, 40.0)
        elif kind == "credit":
            self.move._reverse_moves([{"date": self.today, "invoice_date": self.today}]).action_post()
        elif kind == "draft":
            self.move.button_draft()
        else:
            self.item(self.move).date_maturity = Date.add(self.today, days=60)
        self.env.cr.precommit.run()

    def snapshot(self, plan):
        self.env.invalidate_all()
        items = self.env["account.dunning.item"].search([("partner_id", "=", plan.partner_id.id)])
        names = ("state", "close_reason", "level_id", "type_id", "next_date", "keeps_out", "paused_until", "idle_days")
        return plan.read(names), items.read(["level_id", "last_notice_date", "plan_id", "not_before", "resumed_on"])

    def each_state(self, states=STATES):
        """Go through the states, each undone at the end."""
        for state in states:
            with self.subTest(state=state), self.env.cr.savepoint() as savepoint:
                self.frozen.move_to(TODAY)
                yield state, self.make(state)
                savepoint.rollback()
                self.env.invalidate_all()

    # the tables

    def test_steps_of_a_person(self):
        for kind, allowed in STEPS.items():
            for state, plan in self.each_state():
                with self.subTest(kind=kind):
                    before, messages = self.snapshot(plan), plan.message_ids
                    if state in allowed:
                        self.step(kind, plan)
                        self.assertEqual(plan.state, allowed[state], kind)
                        new = plan.message_ids - messages
                        self.assertIn(self.manager.partner_id, new.author_id, "the chatter tells who did it")
                    else:
                        with self.refused(UserError, "Not possible|None of the plans can be changed"):
                            self.step(kind, plan)
                        self.assertEqual(self.snapshot(plan), before, f"{kind} from {state} changes nothing")

    def test_what_the_debt_does(self):
        for kind, outcomes in EVENTS.items():
            for state, plan in self.each_state(tuple(outcomes)):
                with self.subTest(kind=kind):
                    self.event(kind)
                    self.assertEqual((plan.state, plan.close_reason), outcomes[state], kind)

    def test_only_recovered_plans_are_reopened(self):
        for state, plan in self.each_state(("ongoing", "unrecovered", "stopped")):
            self.pay(self.move)
            paid_as = plan.state
            self.item(self.move).remove_move_reconcile()
            self.env.cr.precommit.run()
            expected = {"ongoing": "ongoing", "unrecovered": "ongoing", "stopped": "stopped"}
            self.assertEqual((paid_as == "recovered", plan.state), (state != "stopped", expected[state]))

    # what the steps mean

    def test_paused(self):
        plan = self.make("paused")
        self.assertFalse(plan.next_date)
        self.go(4)
        self.assertFalse(self.run_day().notice_ids)
        self.assertEqual(plan.state, "paused")
        self.go(1)
        self.assertFalse(self.run_day().notice_ids)
        self.assertEqual((plan.state, plan.idle_days), ("ongoing", 5), "it resumes by itself on the day")
        self.assertEqual(plan.next_date, Date.add(self.today, days=7), "and waits the minimum days of the level")

    def test_after_a_pause_one_level_at_most(self):
        self.dunning_type.escalation = "catch_up"
        plan = self.make("paused")
        self.go(40)
        self.dun()
        self.assertEqual(plan.level_id, self.level_2)

    def test_a_pause_ends_later_than_today(self):
        plan = self.make("ongoing")
        with self.refused(UserError, "later day than today"):
            self.step("pause", plan, date=self.today)

    def test_notices_on_their_way_are_withdrawn(self):
        for kind in ("pause", "stop"):
            for issued in (False, True):
                with self.subTest(kind=kind, issued=issued), self.env.cr.savepoint() as savepoint:
                    self.frozen.move_to(TODAY)
                    plan = self.make("ongoing")
                    self.go(8)
                    notice = self.run_day().notice_ids
                    if issued:
                        self.issue(notice)
                        self.assertEqual(notice.state, "to_print")
                    self.step(kind, plan)
                    self.work()
                    self.assertFalse(notice.exists().filtered(lambda n: n.state not in ("cancelled",)))
                    savepoint.rollback()
                    self.env.invalidate_all()

    def test_stopped_until_a_person_allows_a_new_plan(self):
        plan = self.make("stopped")
        self.assertTrue(plan.keeps_out)
        self.go(20)
        self.assertNotIn(self.move, self.run_day().notice_ids.line_ids.move_id)
        other = self.invoice(self.partner_a, 12, 70.0)
        self.assertEqual(self.dun().line_ids.move_id, other, "another invoice is dunned all the same")
        self.step("allow", plan)
        self.assertFalse(plan.keeps_out)
        self.go(8)
        self.assertIn(self.move, self.dun().line_ids.move_id)
        new = self.move.collection_plan_id
        self.assertEqual((new.state, new == plan), ("ongoing", False))

    def test_unrecovered_keeps_out(self):
        plan = self.make("unrecovered")
        self.assertRecordValues(plan, [{"close_reason": "exhausted", "keeps_out": True, "next_date": False}])
        self.go(30)
        self.assertFalse(self.run_day().notice_ids)

    def test_days_paused_and_on_hold_do_not_count_for_unrecovered(self):
        plan = self.make("ongoing")
        for days in (8, 10):
            self.go(days)
            self.dun()
        self.step("pause", plan, date=Date.add(self.today, days=6))
        self.go(6)
        self.run_day()
        hold = self.env["account.dunning.hold"].create({"move_id": self.move.id, "reason_id": self.reason.id})
        self.go(4)
        hold.action_end()
        self.go(9)
        self.run_day()
        self.assertEqual(plan.state, "ongoing", "ten days, without six of pause and four of hold, have not passed")
        self.go(1)
        self.run_day()
        self.assertEqual(plan.state, "unrecovered")

    def test_unrecovered_never_by_itself(self):
        self.dunning_type.unrecovered_days = 0
        plan = self.make("ongoing")
        for days in (8, 10, 300):
            self.go(days)
            self.dun()
        self.assertEqual((plan.state, plan.level_id), ("ongoing", self.level_3))

    def test_switch_of_type(self):
        plan = self.make("ongoing")
        self.step("switch", plan)
        self.assertEqual((plan.type_id, plan.level_id), (self.other_type, self.other_type.level_ids[1]))
        self.assertEqual(plan.next_level_id, self.other_type.level_ids[2])
        self.assertRegex("".join(plan.message_ids.mapped("body")), "switched from “Test” to “Other”.*Because of a test")
        self.go(13)
        [notice] = self.dun()
        self.assertEqual((notice.type_id, notice.level_id), (self.other_type, self.other_type.level_ids[2]))

    def test_switch_before_the_first_level(self):
        plan = self.make("ongoing")
        self.step("switch", plan, level_id=False)
        self.assertEqual((plan.level_id.id, plan.next_level_id), (False, self.other_type.level_ids[0]))

    def test_switch_to_the_same_type_is_refused(self):
        plan = self.make("ongoing")
        with self.refused(UserError, "this dunning type already"):
            self.step("switch", plan, type_id=self.dunning_type.id)

    def test_skip_a_level(self):
        plan = self.make("ongoing")
        self.step("level", plan)
        self.assertEqual((plan.level_id, plan.next_level_id), (self.level_2, self.level_3))
        self.assertRegex("".join(plan.message_ids.mapped("body")), "from “Test 10” to “Test 20”")
        self.go(18)
        self.assertEqual(self.dun().level_id, self.level_3)

    def test_postpone(self):
        plan = self.make("ongoing")
        self.step("postpone", plan)
        day = Date.add(TODAY, days=30)
        self.assertEqual(plan.next_date, day)
        self.go(29)
        self.assertFalse(self.run_day().notice_ids)
        self.go(1)
        self.assertEqual(self.dun().level_id, self.level_2)
        self.assertEqual(plan.next_date, Date.add(day, days=7), "it counts once only")

    def test_postpone_to_the_past_is_refused(self):
        plan = self.make("ongoing")
        with self.refused(UserError, "in the future"):
            self.step("postpone", plan, date=self.today)

    def test_undo_the_first_notice(self):
        plan = self.make("ongoing")
        notice = plan.notice_line_ids.notice_id
        self.step("undo", plan)
        self.assertRecordValues(plan, [{"state": "stopped", "close_reason": "undone", "keeps_out": False}])
        self.assertRecordValues(notice, [{"state": "cancelled", "cancel_reason": "Because of a test"}])
        self.assertRecordValues(self.state(self.move), [{"level_id": False, "last_notice_date": False, "times": 0}])
        self.go(6)
        self.assertFalse(self.run_day().notice_ids, "the next notice waits the minimum days of the level")
        self.go(1)
        self.assertEqual(self.dun().level_id, self.level_1)
        self.assertNotEqual(self.move.collection_plan_id, plan)

    def test_undo_and_dun_again_at_once(self):
        plan = self.make("ongoing")
        self.step("undo", plan, at_once=True)
        self.assertEqual(self.dun().level_id, self.level_1)

    def test_undo_the_second_notice(self):
        plan = self.make("ongoing")
        first = plan.notice_line_ids.notice_id
        self.go(8)
        second = self.dun()
        self.step("undo", plan)
        self.assertEqual((plan.state, plan.level_id, plan.last_notice_date), ("ongoing", self.level_1, TODAY))
        self.assertEqual((first.state, second.state), ("sent", "cancelled"))
        self.assertEqual(plan.next_date, Date.add(self.today, days=7))
        self.step("undo", plan)
        self.assertEqual((plan.state, first.state), ("stopped", "cancelled"), "one after the other")

    def test_undo_is_for_managers(self):
        plan = self.make("ongoing")
        with self.refused(AccessError, "dunning managers"):
            self.step("undo", plan, user=self.collector)
        self.step("pause", plan, user=self.collector)
        self.assertEqual(plan.state, "paused", "the other steps are for collectors")

    def test_others_may_do_nothing(self):
        clerk = new_test_user(
            self.env,
            login="dunning_clerk",
            groups="base.group_user,account.group_account_invoice",
            company_ids=[Command.set(self.company.ids)],
            company_id=self.company.id,
        )
        plan = self.make("paused")
        with self.refused(AccessError, ""):
            plan.with_user(clerk).action_resume()

    def test_nobody_writes_the_state(self):
        plan = self.make("ongoing")
        for vals in ({"state": "recovered"}, {"level_id": self.level_3.id}, {"keeps_out": True}, {"type_id": 1}):
            with self.refused(AccessError, "follow the debt"):
                plan.with_user(self.manager).write(vals)

    def test_opened_by_hand(self):
        move = self.invoice(self.partner_a, 2)
        opener = move if self.mode == "invoice" else self.partner_a
        action = opener.with_user(self.collector).action_open_dunning_plan()
        plan = self.env["account.collection.plan"].browse(action["res_id"])
        self.assertRecordValues(
            plan,
            [{"state": "ongoing", "level_id": False, "amount_due": 100.0, "next_date": Date.add(TODAY, days=8)}],
        )
        with self.refused(UserError, "already an open collection plan"):
            opener.with_user(self.collector).action_open_dunning_plan()
        self.go(8)
        self.dun()
        self.assertEqual((move.collection_plan_id, plan.level_id), (plan, self.level_1))
        self.pay(move)
        self.assertEqual(plan.state, "recovered")

    def test_opened_by_hand_with_nothing_overdue(self):
        self.invoice(self.partner_a, -5)
        with self.refused(UserError, "nothing is overdue"):
            self.partner_a.action_open_dunning_plan()

    def test_opened_by_hand_after_a_stop(self):
        self.make("stopped")
        with self.refused(UserError, "was stopped"):
            self.move.action_open_dunning_plan()

    def test_posted_again(self):
        """The items take the level that the invoice had, also where the journal items were made anew."""
        for anew in (False, True):
            with self.subTest(anew=anew), self.env.cr.savepoint() as savepoint:
                self.frozen.move_to(TODAY)
                plan = self.make("ongoing")
                self.event("draft")
                if anew:
                    self.state(self.move).sudo().move_line_id = False
                self.move.action_post()
                self.env.cr.precommit.run()
                self.assertEqual((plan.state, plan.close_reason), ("stopped", "cancelled"))
                self.assertEqual(self.state(self.move).level_id, self.level_1)
                self.assertEqual(len(self.state(self.move)), 1)
                self.go(8)
                self.dun()
                self.assertEqual((self.move.dunning_level_id, plan.state), (self.level_2, "stopped"))
                savepoint.rollback()
                self.env.invalidate_all()

    def test_posted_again_with_a_later_due_date(self):
        self.make("ongoing")
        self.event("draft")
        self.state(self.move).sudo().move_line_id = False
        self.move.invoice_date_due = Date.add(self.today, days=30)
        self.move.action_post()
        self.assertFalse(self.state(self.move).level_id)

    def test_dunned_invoices_stay_editable(self):
        plan = self.make("ongoing")
        self.event("draft")
        self.move.invoice_line_ids.price_unit = 250.0
        self.move.action_post()
        self.env.cr.precommit.run()
        self.assertEqual((plan.state, self.move.amount_residual), ("stopped", 250.0))
        self.assertEqual(self.state(self.move).level_id, self.level_1)

    def test_dialog_tells_what_can_and_what_cannot(self):
        plan = self.make("ongoing")
        other = self.invoice(self.partner_b, 12)
        self.dun()
        paused = other.collection_plan_id
        self.step("pause", paused)
        dialog = self.step("stop", plan + paused)
        self.assertEqual((plan + paused).mapped("state"), ["stopped", "stopped"])
        self.assertEqual((dialog.kind, len(dialog.line_ids)), ("stop", 2))
        with self.refused(UserError, "None of the plans can be changed"):
            self.step("pause", plan + paused)

    def test_below_the_minimum(self):
        plan = self.make("ongoing")
        self.dunning_type.minimum_amount = 80.0
        self.pay(self.move, 40.0)
        self.run_day()
        if self.mode == "invoice":
            self.assertRecordValues(plan, [{"state": "ongoing", "next_date": False, "below_minimum": True}])
        else:
            self.assertEqual((plan.state, plan.close_reason), ("recovered", "paid"))

    def test_minimum_balance_of_a_level(self):
        plan = self.make("ongoing")
        self.level_2.min_balance = 150.0
        self.go(20)
        run = self.run_day()
        self.assertFalse(run.notice_ids, "the level waits, it is not skipped")
        self.assertIn("level_minimum", run.left_out_ids.mapped("reason"))
        self.level_2.min_balance = 100.0
        self.dun()
        self.assertEqual(plan.level_id, self.level_2)


@tagged("post_install", "-at_install")
class TestInvoicePlanStates(PlanStates, StubLetters, DunningCommon):
    mode = "invoice"


@tagged("post_install", "-at_install")
class TestCustomerPlanStates(PlanStates, StubLetters, DunningCommon):
    mode = "customer"
