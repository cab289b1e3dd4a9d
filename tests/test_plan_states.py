"""The states of a collection plan: every transition, allowed and forbidden, in both modes (rules §6)."""

from contextlib import closing, contextmanager
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import TODAY, DunningCommon, StubLetters

STATES = ("ongoing", "paused", "recovered", "unrecovered", "stopped")
CLOSED = ("recovered", "unrecovered", "stopped")

# What a person does, and the state that each state goes to; a state that is missing refuses it.
STEPS = {
    "pause": {"ongoing": "paused"},
    "resume": {"paused": "ongoing"},
    "stop": {"ongoing": "stopped", "paused": "stopped"},
    "allow": {"unrecovered": "unrecovered", "stopped": "stopped"},
    "switch": {"ongoing": "ongoing", "paused": "paused"},
    "switch_none": {"ongoing": "ongoing", "paused": "paused"},
    "level": {"ongoing": "ongoing", "paused": "paused"},
    "level_none": {"ongoing": "ongoing", "paused": "paused"},
    "skip": {"ongoing": "ongoing", "paused": "paused"},
    "postpone": {"ongoing": "ongoing"},
    "undo": {"ongoing": "stopped", "paused": "stopped"},
    "undo_at_once": {"ongoing": "stopped", "paused": "stopped"},
}

# What happens to the debt: from each state to (state, how it closed). "=" leaves the plan as it was; what is missing
# cannot happen. No plan that a debt closed keeps its items out.
SAME = ("=", "=")
EVENTS = {
    "pay": {
        "ongoing": ("recovered", "paid"),
        "paused": ("recovered", "paid"),
        "unrecovered": ("recovered", "paid"),
        "stopped": SAME,
    },
    "pay_in_part": dict.fromkeys(("ongoing", "paused", "unrecovered", "stopped"), SAME),
    "credit": {
        "ongoing": ("stopped", "credited"),
        "paused": ("stopped", "credited"),
        "unrecovered": SAME,
        "stopped": SAME,
    },
    "draft": {
        "ongoing": ("stopped", "cancelled"),
        "paused": ("stopped", "cancelled"),
        "recovered": SAME,
        "unrecovered": SAME,
        "stopped": SAME,
    },
    "move_due_date": {
        "ongoing": ("stopped", "moved"),
        "paused": ("stopped", "moved"),
        "recovered": SAME,
        "unrecovered": SAME,
        "stopped": SAME,
    },
    "unreconcile": {"recovered": ("ongoing", False)},
    "return_payment": {"recovered": ("ongoing", False)},
    "nights": {
        "ongoing": ("unrecovered", "exhausted"),
        "paused": ("ongoing", False),
        "recovered": SAME,
        "unrecovered": SAME,
        "stopped": SAME,
    },
}


class PlanStatesCommon(StubLetters, DunningCommon):
    """A plan at the first level of an invoice of 100 that is 12 days overdue; ``mode`` is the dunning mode."""

    mode = "invoice"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settings.mode = cls.mode
        cls.other_type = cls.make_type("Other", (15, 25))
        cls.reason = cls.shipped("reason_payment_announced")
        cls.move = cls.stage.invoice(cls.partner_a, 12, 100.0)
        cls.stage.dun()
        cls.plan = cls.stage.plans()

    def plans(self, partner=None):
        return self.env["account.collection.plan"].search([("partner_id", "=", (partner or self.partner_a).id)])

    @contextmanager
    def trial(self, **params):
        """A try that leaves no trace."""
        with self.subTest(**params), closing(self.env.cr.savepoint()):
            now = self.today
            yield
        self.frozen.move_to(now)
        self.env.cr.precommit.clear()
        self.env.invalidate_all()

    def put(self, state):
        """Bring the plan to ``state``."""
        if state == "paused":
            self.change("pause", date=self.today + timedelta(14))
        elif state == "recovered":
            self.pay(self.move)
        elif state == "stopped":
            self.change("stop")
        elif state == "unrecovered":
            self.change("level", level_id=self.level_3)
            self.go(30)
            self.run_day()
        self.assertEqual(self.plan.state, state)

    def change(self, kind, plans=None, user=None, **values):
        """Change plans by the dialog, as ``user`` (the dunning manager)."""
        buttons = {"level": "action_set_level"}
        plans = (self.plan if plans is None else plans).with_user(user or self.manager)
        action = getattr(plans, buttons.get(kind, f"action_{kind}"))()
        defaults = {
            "pause": {"reason_id": self.reason, "date": self.today + timedelta(14)},
            "stop": {"reason_id": self.reason},
            "switch": {"type_id": self.other_type},
            "postpone": {"date": self.today + timedelta(20)},
        }
        values = {"note": "So agreed.", **defaults.get(kind, {}), **values}
        with Form(plans.env[action["res_model"]].with_context(**action["context"])) as form:
            for name, value in values.items():
                setattr(form, name, value)
        form.record.action_apply()
        self.env.cr.precommit.run()

    def snapshot(self):
        self.env.flush_all()
        fields = (
            "state",
            "close_reason",
            "level_id",
            "next_date",
            "keeps_out",
            "type_id",
            "paused_until",
            "amount_due",
        )
        return (
            [[plan[name] for name in fields] for plan in self.plan],
            [(item.level_id, item.not_before, item.resumed_on) for item in self.plan.item_state_ids],
            self.env["account.dunning.notice"].search([]).mapped("state"),
            len(self.plan.message_ids),
        )

    def in_days(self, days):
        return TODAY + timedelta(days)

    def chatter(self, before):
        return "".join(self.plan.message_ids.filtered(lambda message: message.id > before).mapped("body"))

    # what a person does

    def do_resume(self):
        self.plan.with_user(self.manager).action_resume()

    def do_allow(self):
        self.plan.with_user(self.manager).action_allow_new()

    def do_switch(self):
        self.change("switch", level_id=self.other_type.level_ids[0])

    def do_switch_none(self):
        self.change("switch", level_id=self.env["account.dunning.level"])

    def do_level(self):
        self.change("level", level_id=self.level_3)

    def do_level_none(self):
        self.change("level", level_id=self.env["account.dunning.level"])

    def do_skip(self):
        self.change("level", level_id=self.level_2)

    def do_undo_at_once(self):
        self.change("undo", at_once=True)

    def do(self, name):
        """Do a step or an event by its name."""
        method = getattr(self, f"do_{name}", None)
        return method() if method else self.change(name)

    # what happens to the debt

    def do_pay(self):
        self.pay(self.move)

    def do_pay_in_part(self):
        self.pay(self.move, 40.0)

    def do_credit(self):
        refund = self.move._reverse_moves([{"date": self.today, "invoice_date": self.today}])
        refund.action_post()
        lines = self.item(self.move) + self.item(refund)
        lines.filtered(lambda line: not line.reconciled).reconcile()
        self.env.cr.precommit.run()

    def do_draft(self):
        self.move.button_draft()
        self.env.cr.precommit.run()

    def do_move_due_date(self):
        self.item(self.move).date_maturity = self.today + timedelta(60)
        self.env.cr.precommit.run()

    def do_unreconcile(self):
        self.item(self.move).remove_move_reconcile()
        self.env.cr.precommit.run()

    def do_return_payment(self):
        self.move.matched_payment_ids.action_draft()
        self.env.cr.precommit.run()

    def do_nights(self):
        """All notices were sent, and the days until unrecovered pass; a pause of 14 days is not counted."""
        if self.plan.state in ("ongoing", "paused"):
            self.change("level", level_id=self.level_3)
        self.go(30)
        self.run_day()


class PlanStates:
    """The tests of both modes; mixed in before :class:`PlanStatesCommon`."""

    def test_every_step_in_every_state(self):
        for state in STATES:
            with self.trial(state=state):
                self.put(state)
                before = self.snapshot()
                for step, results in STEPS.items():
                    with self.trial(step=step):
                        self.check_step(step, results.get(state), before)

    def check_step(self, step, result, before):
        """The ``step`` brings the plan to the state ``result``; without one it is refused, and all is as ``before``."""
        if result:
            message = max(self.plan.message_ids.ids, default=0)
            self.do(step)
            self.assertEqual(self.plan.state, result)
            self.check_traces(message)
        else:
            label = dict(self.plan._fields["state"].selection)[self.plan.state]
            with self.refused(UserError, f"(?s){self.plan.name}.*{label}|Not possible.*{label}"):
                self.do(step)
            self.assertEqual(self.snapshot(), before, "what is refused changes nothing")

    def check_traces(self, message):
        """The chatter names who and what; an open plan has a next date unless it is paused or at its end."""
        messages = self.plan.message_ids.filtered(lambda entry: entry.id > message)
        self.assertTrue(messages)
        self.assertEqual(messages.author_id, self.manager.partner_id, "who")
        if self.plan.state in ("paused", *CLOSED):
            self.assertFalse(self.plan.next_date)

    def test_every_event_in_every_state(self):
        for state in STATES:
            with self.trial(state=state):
                self.put(state)
                for event, results in EVENTS.items():
                    if state in results:
                        with self.trial(event=event):
                            self.check_event(event, results[state])

    def check_event(self, event, result):
        """The ``event`` brings the plan to the state and the close reason of ``result``."""
        same, kept_out = (self.plan.state, self.plan.close_reason), self.plan.keeps_out
        self.do(event)
        expected = tuple(old if new == "=" else new for old, new in zip(same, result, strict=True))
        self.assertEqual((self.plan.state, self.plan.close_reason), expected)
        if result == SAME:
            self.assertEqual(self.plan.keeps_out, kept_out)
        else:
            self.assertEqual(self.plan.keeps_out, expected[0] == "unrecovered")
        self.assertEqual(bool(self.plan.closed_on), self.plan.state in CLOSED)
        if self.plan.state in CLOSED:
            self.assertFalse(self.plan.next_date or self.plan.next_level_id or self.plan.paused_until)

    def test_keeps_out_by_state(self):
        for state, kept_out in {"recovered": False, "unrecovered": True, "stopped": True}.items():
            with self.trial(state=state):
                self.put(state)
                self.assertEqual(self.plan.keeps_out, kept_out)

    def test_who_from_what_to_what_and_why(self):
        expected = {
            "pause": ("06/15/2026", "Payment Announced", "So agreed."),
            "stop": ("Stopped by a person", "Payment Announced", "So agreed."),
            "switch": ("“Test”", "“Other”", "“Other 15”", "So agreed."),
            "switch_none": ("“Test”", "“Other”", "“none”", "So agreed."),
            "level": ("“Test 10”", "“Test 30”", "So agreed."),
            "level_none": ("“Test 10”", "“none”", "So agreed."),
            "postpone": ("06/09/2026", "06/21/2026", "So agreed."),
            "undo": (self.plan.notice_line_ids.notice_id.name, "So agreed."),
        }
        for step, words in expected.items():
            with self.trial(step=step):
                message = max(self.plan.message_ids.ids, default=0)
                self.do(step)
                text = self.chatter(message)
                for word in words:
                    self.assertIn(word, text)

    def test_what_is_missing_is_asked_for(self):
        nothing = {"pause": "reason_id", "stop": "reason_id", "switch": "note", "level": "note", "postpone": "note"}
        for kind, name in {**nothing, "undo": "note"}.items():
            with self.trial(kind=kind):
                action = getattr(self.plan, "action_set_level" if kind == "level" else f"action_{kind}")()
                change = self.env[action["res_model"]].with_context(**action["context"]).create({"date": "2026-07-01"})
                change.reason_id = False if name == "reason_id" else self.reason
                with self.refused(UserError, "Please fill in"):
                    change.action_apply()

    # pause and resume

    def test_pause_and_resume_by_hand(self):
        self.put("paused")
        self.assertRecordValues(
            self.plan,
            [
                {
                    "paused_until": self.in_days(14),
                    "reason_id": self.reason.id,
                    "next_date": False,
                    "level_id": self.level_1.id,
                }
            ],
        )
        self.go(9)
        self.assertEqual(self.run_day().skipped_ids.mapped("reason"), ["paused"])
        self.do("resume")
        self.assertRecordValues(
            self.plan,
            [{"state": "ongoing", "reason_id": False, "paused_until": False, "next_date": self.in_days(9 + 7)}],
        )
        self.go(6)
        self.assertFalse(self.run_day().notice_ids)
        self.go(1)
        self.assertEqual(self.dun().level_id, self.level_2, "one level, after the minimum days")

    def test_resumes_by_itself_on_the_day(self):
        self.dunning_type.escalation = "catch_up"
        self.put("paused")
        self.go(13)
        self.run_day()
        self.assertEqual(self.plan.state, "paused")
        message = max(self.plan.message_ids.ids, default=0)
        self.go(7)
        self.assertFalse(self.run_day().notice_ids)
        self.assertEqual(
            (self.plan.state, self.plan.next_date), ("ongoing", self.in_days(14 + 7)), "the day of the end"
        )
        self.assertIn("Resumed", self.chatter(message))
        self.go(1)
        self.assertEqual(self.dun().level_id, self.level_2, "one level at most, catch-up too")

    def test_a_pause_ends_later_than_today(self):
        for days in (0, -1):
            with self.trial(days=days):
                before = self.snapshot()
                with self.refused(UserError, "later day than today"):
                    self.change("pause", date=self.today + timedelta(days))
                self.assertEqual(self.snapshot(), before)

    def test_a_plan_without_notice_resumes_at_once(self):
        plan = self.open_by_hand(self.invoice(self.partner_b, 9))
        self.change("pause", plan)
        self.go(2)
        plan.with_user(self.collector).action_resume()
        self.assertEqual(self.dun().level_id, self.level_1)
        self.assertEqual(plan.level_id, self.level_1)

    def test_pausing_and_stopping_withdraw_notices(self):
        self.go(8)
        for step in ("pause", "stop", "postpone", "level_none"):
            for stage in ("proposed", "queued", "to_print"):
                with self.trial(step=step, stage=stage):
                    notice = self.run_day().notice_ids
                    if stage != "proposed":
                        notice.action_issue()
                    if stage == "to_print":
                        self.work()
                    self.assertEqual(notice.state, stage)
                    self.do(step)
                    self.work()
                    self.assertEqual(notice.state, "cancelled")
                    self.assertTrue(notice.cancel_reason)
                    self.assertFalse(notice.line_ids.filtered("pending"))
                    self.assertEqual(self.state(self.move).last_notice_date, TODAY)

    def test_pausing_leaves_other_plans_alone(self):
        other = self.invoice(self.partner_b, 12)
        notice = self.run_day().notice_ids
        self.issue(notice)
        self.put("paused")
        self.work()
        self.assertEqual((notice.state, notice.line_ids.move_id), ("to_print", other))

    # stop, and allow a new plan

    def test_stopped_keeps_out_until_a_person_allows_it(self):
        self.put("stopped")
        self.assertEqual((self.plan.close_reason, self.plan.reason_id), ("person", self.reason))
        later = self.invoice(self.partner_a, 11, 30.0)
        run = self.run_day()
        self.assertEqual(run.skipped_ids.mapped("reason"), ["stopped"])
        self.assertEqual(run.notice_ids.line_ids.move_id, later, "later invoices are dunned")
        run.action_cancel()
        self.go(30)
        self.do("allow")
        self.assertEqual((self.plan.state, self.plan.keeps_out), ("stopped", False))
        with self.refused(UserError, "possible already"):
            self.do("allow")
        notices = self.dun()
        self.assertIn(self.move, notices.line_ids.move_id)
        self.assertEqual(self.state(self.move).level_id, self.level_2, "the level of the item goes on")
        new = self.plans() - self.plan
        self.assertEqual(set(new.mapped("state")), {"ongoing"})
        self.assertEqual(self.plan.state, "stopped", "a stopped plan is final")

    def test_unrecovered_keeps_out_until_a_person_allows_it(self):
        self.put("unrecovered")
        self.assertEqual(self.run_day().skipped_ids.mapped("reason"), ["stopped"])
        self.do("allow")
        self.assertFalse(self.run_day().skipped_ids)

    def test_recovered_keeps_out_nothing(self):
        self.put("recovered")
        later = self.invoice(self.partner_a, 12)
        self.assertEqual(self.dun().line_ids.move_id, later)

    # type and level

    def test_switch_at_a_level_and_at_none(self):
        first, second = self.other_type.level_ids
        for level, following, day in ((first, second, 13), (self.env["account.dunning.level"], first, 7)):
            with self.trial(level=level.name):
                self.change("switch", level_id=level)
                self.assertRecordValues(
                    self.plan,
                    [
                        {
                            "type_id": self.other_type.id,
                            "level_id": level.id,
                            "next_level_id": following.id,
                            "next_date": self.in_days(day),
                        }
                    ],
                )
                self.go(day - 1)
                self.assertFalse(self.run_day().notice_ids)
                self.go(1)
                self.assertEqual(self.dun().level_id, following)
                self.assertEqual(self.plan.state, "ongoing", "the plan is the same")

    def test_a_switch_proposes_the_level_that_matches(self):
        self.other_type.level_ids = [Command.create({"name": "Late", "days": 40, "text": "<p>Late.</p>"})]
        for level, expected in (
            (self.level_1, ""),
            (self.level_2, "Other 15"),
            (self.level_3, "Other 25"),
            (self.env["account.dunning.level"], ""),
        ):
            with self.trial(level=level.name):
                self.change("level", level_id=level)
                action = self.plan.with_user(self.manager).action_switch()
                with Form(self.plan.env[action["res_model"]].with_context(**action["context"])) as form:
                    self.assertFalse(form.level_id)
                    form.type_id = self.other_type
                    self.assertEqual(form.level_id.name or "", expected)
                    form.note = "So agreed."

    def test_set_and_skip_a_level(self):
        for level, following, day in (
            (self.level_2, self.level_3, 18),
            (self.env["account.dunning.level"], self.level_1, 7),
            (self.level_3, self.env["account.dunning.level"], None),
        ):
            with self.trial(level=level.name):
                self.change("level", level_id=level)
                self.assertRecordValues(
                    self.plan,
                    [
                        {
                            "level_id": level.id,
                            "next_level_id": following.id,
                            "next_date": day and self.in_days(day),
                            "last_notice_date": TODAY,
                        }
                    ],
                )
                self.assertEqual(self.state(self.move).level_id, level)

    def test_the_next_level_is_proposed_to_be_skipped(self):
        context = self.plan.with_user(self.manager).action_set_level()["context"]
        self.assertEqual(context["default_level_id"], self.level_2.id)

    def test_postpone(self):
        self.do("postpone")
        self.assertEqual((self.plan.next_level_id, self.plan.next_date), (self.level_2, self.in_days(20)))
        self.go(19)
        self.assertFalse(self.run_day().notice_ids)
        self.go(1)
        self.dun()
        self.assertEqual((self.plan.level_id, self.plan.next_date), (self.level_2, self.in_days(27)))

    def test_postponing_to_the_past_is_refused(self):
        before = self.snapshot()
        with self.refused(UserError, "future"):
            self.change("postpone", date=TODAY)
        self.assertEqual(self.snapshot(), before)

    # undo

    def test_undo_of_the_first_notice(self):
        notice = self.plan.notice_line_ids.notice_id
        self.do("undo")
        self.assertRecordValues(self.plan, [{"state": "stopped", "close_reason": "undone", "keeps_out": False}])
        self.assertEqual((notice.state, notice.cancel_reason), ("cancelled", "So agreed."))
        self.assertFalse(self.state(self.move).level_id or self.state(self.move).last_notice_date)
        self.go(6)
        self.assertFalse(self.run_day().notice_ids)
        self.go(1)
        self.assertEqual(self.dun().level_id, self.level_1, "after the minimum days, in a new plan")
        self.assertEqual((self.plans() - self.plan).state, "ongoing")

    def test_undo_of_the_first_notice_at_once(self):
        self.do("undo_at_once")
        self.assertEqual(self.dun().level_id, self.level_1)

    def test_undo_of_the_second_notice(self):
        self.go(8)
        second = self.dun()
        for step, days in (("undo", 7), ("undo_at_once", 0)):
            with self.trial(step=step):
                self.do(step)
                self.assertRecordValues(
                    self.plan,
                    [
                        {
                            "state": "ongoing",
                            "level_id": self.level_1.id,
                            "last_notice_date": TODAY,
                            "next_level_id": self.level_2.id,
                            "next_date": self.in_days(8 + days),
                        }
                    ],
                )
                self.assertEqual(second.state, "cancelled")
                self.go(days)
                self.assertEqual(self.dun().level_id, self.level_2)

    def test_undo_of_one_notice_after_the_other(self):
        self.go(8)
        second = self.dun()
        self.do("undo_at_once")
        self.assertEqual(second.state, "cancelled")
        self.do("undo_at_once")
        self.assertEqual((self.plan.state, self.plan.close_reason), ("stopped", "undone"))

    def test_undo_only_where_no_other_notice_is_on_its_way(self):
        self.go(8)
        notice = self.run_day().notice_ids
        self.issue(notice)
        before = self.snapshot()
        with self.refused(UserError, "on its way"):
            self.do("undo")
        self.assertEqual(self.snapshot(), before)
        notice.action_cancel()
        self.do("undo")
        self.assertEqual(self.plan.state, "stopped")

    def test_undo_drops_what_was_proposed_since(self):
        self.go(8)
        notice = self.run_day().notice_ids
        self.do("undo")
        self.assertEqual(notice.state, "cancelled")

    # the debt

    def edit_nothing(self):
        pass

    def edit_price(self):
        self.move.invoice_line_ids.price_unit = 80.0

    def edit_payment_term(self):
        """The journal items are made anew: two instead of one, both overdue."""
        halves = [Command.create({"value": "percent", "value_amount": 50, "nb_days": days}) for days in (0, 1)]
        self.move.invoice_payment_term_id = self.env["account.payment.term"].create(
            {"name": "Halves", "line_ids": halves}
        )

    def test_levels_after_reset_to_draft(self):
        for edit in ("nothing", "price", "payment_term"):
            with self.trial(edit=edit):
                self.do_draft()
                getattr(self, f"edit_{edit}")()
                self.move.action_post()
                self.env.cr.precommit.run()
                items = self.move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
                self.assertEqual(len(items), 2 if edit == "payment_term" else 1)
                self.assertEqual([item.dunning_level_id for item in items], [self.level_1] * len(items))
                self.assertFalse(self.plan.keeps_out, "no permission is needed")
                self.go(8)
                self.assertEqual(self.dun().level_id, self.level_2)
                self.assertEqual((self.plans() - self.plan).level_id, self.level_2, "a new plan goes on")
                self.assertEqual(self.plan.state, "stopped")

    def test_level_and_wait_after_a_returned_payment(self):
        for event in ("unreconcile", "return_payment"):
            with self.trial(event=event):
                self.put("recovered")
                self.go(20)
                self.do(event)
                self.assertRecordValues(
                    self.plan,
                    [{"state": "ongoing", "level_id": self.level_1.id, "amount_due": 100.0, "keeps_out": False}],
                )
                # A payment that is only un-reconciled is a credit: it covers the debt until somebody allocates it.
                self.assertEqual(self.plan.next_date, self.in_days(27) if event == "return_payment" else False)

    def test_level_of_a_moved_item(self):
        self.do_move_due_date()
        self.assertFalse(self.state(self.move).level_id or self.state(self.move).plan_id)
        self.go(60 + 10)
        self.assertEqual(self.dun().level_id, self.level_1)

    def test_amount_after_a_part_payment(self):
        self.do_pay_in_part()
        self.assertEqual(
            (self.plan.state, self.plan.amount_due, self.plan.next_date), ("ongoing", 60.0, self.in_days(8))
        )

    # the end of the ladder

    def test_unrecovered_after_the_days_of_the_type(self):
        self.dunning_type.unrecovered_days = 12
        self.go(8)
        self.dun()
        self.go(10)
        self.dun()
        self.assertEqual((self.plan.level_id, self.plan.next_date), (self.level_3, False))
        self.go(11)
        self.run_day()
        self.assertEqual(self.plan.state, "ongoing")
        self.go(1)
        self.run_day()
        self.assertRecordValues(
            self.plan,
            [{"state": "unrecovered", "close_reason": "exhausted", "keeps_out": True, "level_id": self.level_3.id}],
        )
        self.pay(self.move)
        self.assertEqual((self.plan.state, self.plan.close_reason, self.plan.keeps_out), ("recovered", "paid", False))

    def test_never_unrecovered_by_itself(self):
        self.dunning_type.unrecovered_days = 0
        self.do("level")
        self.go(400)
        self.run_day()
        self.assertEqual(self.plan.state, "ongoing")

    def test_unrecovered_after_the_last_repetition(self):
        self.level_3.write({"repeat_every": 20, "repeat_max": 1})
        self.do("level")
        self.go(20)
        self.assertEqual(self.dun().level_id, self.level_3)
        self.go(29)
        self.run_day()
        self.assertEqual(self.plan.state, "ongoing", "30 days from the repetition")
        self.go(1)
        self.run_day()
        self.assertEqual(self.plan.state, "unrecovered")

    def test_pauses_and_holds_are_not_counted(self):
        for kind in ("pause", "hold"):
            with self.trial(kind=kind):
                self.do("level")
                self.go(5)
                if kind == "pause":
                    self.change("pause", date=self.today + timedelta(20))
                else:
                    self.hold(self.today + timedelta(19))
                self.go(30 - 5 + 20 - 1)
                self.run_day()
                self.assertEqual(self.plan.state, "ongoing")
                self.go(1)
                self.run_day()
                self.assertEqual(self.plan.state, "unrecovered")

    def hold(self, until):
        return self.env["account.dunning.hold"].create(
            {"move_id": self.move.id, "reason_id": self.reason.id, "date_until": until}
        )

    def test_not_unrecovered_while_something_waits(self):
        self.do("level")
        self.hold(False)
        self.go(60)
        self.run_day()
        self.assertEqual(self.plan.state, "ongoing")

    # opening by hand

    def open_by_hand(self, move, user=None):
        action = move.with_user(user or self.collector).action_open_dunning_plan()
        return self.env["account.collection.plan"].browse(action["res_id"])

    def test_opened_by_hand_at_no_level(self):
        move = self.invoice(self.partner_b, 3, 70.0)
        plan = self.open_by_hand(move)
        self.assertRecordValues(
            plan,
            [
                {
                    "state": "ongoing",
                    "mode": self.mode,
                    "level_id": False,
                    "amount_due": 70.0,
                    "next_level_id": self.level_1.id,
                    "next_date": self.in_days(7),
                }
            ],
        )
        self.assertIn("by hand", plan.message_ids.body)
        self.assertEqual(plan.message_ids.author_id, self.collector.partner_id)
        self.assertEqual(move.collection_plan_id, plan)
        self.go(7)
        self.dun()
        self.assertEqual((plan.level_id, len(self.plans(self.partner_b))), (self.level_1, 1))

    def test_undo_of_a_plan_that_got_no_notice(self):
        plan = self.open_by_hand(self.invoice(self.partner_b, 3))
        with self.refused(UserError, "No notice was sent"):
            self.change("undo", plan)

    def test_opened_by_hand_refused(self):
        with self.trial(why="not overdue"), self.refused(UserError, "nothing is overdue"):
            self.open_by_hand(self.invoice(self.partner_b, 0))
        with self.trial(why="plan"), self.refused(UserError, "already an open"):
            self.open_by_hand(self.move)
        with self.trial(why="type"), self.refused(UserError, "No dunning type"):
            move = self.invoice(self.partner_b, 3)
            self.dunning_type.default = False
            self.open_by_hand(move)
        with self.trial(why="stopped"), self.refused(UserError, "stopped"):
            self.put("stopped")
            self.open_by_hand(self.move)
        with self.trial(why="document"), self.refused(UserError, "not dunned"):
            self.open_by_hand(self.invoice(self.partner_b, 3, move_type="out_receipt"))

    # the dialog

    def test_the_dialog_says_what_can_be_changed_and_why_not(self):
        other = self.invoice(self.partner_b, 12)
        self.dun()
        plans = self.plan + self.plans(self.partner_b)
        self.put("paused")
        action = plans.with_user(self.collector).action_pause()
        wizard = plans.with_user(self.collector).env[action["res_model"]].with_context(**action["context"])
        with Form(wizard) as form:
            self.assertEqual((form.possible_count, form.refused_count), (1, 1))
            refusals = {line["plan_id"]: line["refusal"] for line in form.line_ids._records}
            self.assertIn("Paused", refusals[self.plan.id])
            self.assertFalse(refusals[plans[1].id])
            form.reason_id = self.reason
        form.record.action_apply()
        self.assertEqual(plans.mapped("state"), ["paused", "paused"])
        self.assertEqual(self.plan.paused_until, self.in_days(14), "the one that was paused stays as it is")
        self.assertTrue(other)

    def test_the_dialog_refuses_the_same_type_and_levels_of_another(self):
        before = self.snapshot()
        with self.refused(UserError, "has this dunning type already"):
            self.change("switch", type_id=self.dunning_type)
        with self.refused(UserError, "cannot be chosen as “Level Reached”"):
            self.change("switch", level_id=self.level_2)
        with self.refused(UserError, "has another dunning type"):
            self.change("level", type_id=self.other_type, level_id=self.other_type.level_ids[0])
        with self.refused(UserError, "Select collection plans first"):
            self.plan.browse().action_pause()
        self.assertEqual(self.snapshot(), before)

    def test_levels_of_plans_of_several_types(self):
        """The dialog asks of which type; the plans of the others stay as they are."""
        self.partner_b.dunning_type_id = self.other_type
        self.invoice(self.partner_b, 16)
        self.dun()
        other = self.plans(self.partner_b)
        self.change("level", self.plan + other, type_id=self.dunning_type, level_id=self.level_3)
        self.assertEqual((self.plan.level_id, other.level_id), (self.level_3, self.other_type.level_ids[0]))

    def test_who_may(self):
        for step in ("pause", "stop", "switch", "level", "postpone"):
            with self.trial(step=step):
                self.change(step, user=self.collector)
        with self.refused(AccessError, "dunning managers"):
            self.change("undo", user=self.collector)
        clerk = self.new_user(f"clerk_{self.mode}", "account.group_account_invoice")
        for step in ("pause", "stop", "switch", "postpone", "undo"):
            with self.trial(step=step), self.refused(AccessError, ""):
                self.change(step, user=clerk)
        for method in ("action_resume", "action_allow_new"):
            with self.trial(method=method), self.refused(AccessError, ""):
                getattr(self.plan.with_user(clerk), method)()
        with self.refused(AccessError, ""):
            self.open_by_hand(self.invoice(self.partner_b, 3), clerk)

    def test_every_step_has_a_public_button(self):
        """Nothing private is needed over RPC, and nothing private can be called."""
        names = {name for name in dir(type(self.plan)) if not name.startswith("_")}
        for method in ("pause", "resume", "stop", "switch", "set_level", "postpone", "undo", "allow_new"):
            self.assertIn(f"action_{method}", names)
        for method in ("pause", "close", "stop", "reopen", "set_level", "evaluate"):
            self.assertNotIn(method, names)


@tagged("post_install", "-at_install")
class TestInvoicePlanStates(PlanStates, PlanStatesCommon):
    mode = "invoice"

    def test_below_the_minimum(self):
        self.dunning_type.minimum_amount = 80.0
        self.do_pay_in_part()
        self.go(1)
        self.assertFalse(self.run_day().skipped_ids, "no level is due")
        self.assertRecordValues(
            self.plan, [{"state": "ongoing", "below_minimum": True, "next_date": False, "next_level_id": False}]
        )
        self.go(7)
        self.assertEqual(self.run_day().skipped_ids.mapped("reason"), ["minimum"])
        self.assertEqual((self.plan.state, self.plan.below_minimum), ("ongoing", True))
        self.invoice(self.partner_a, 3, 20.0)
        self.run_day()
        self.assertEqual((self.plan.below_minimum, self.plan.next_date), (False, self.in_days(8)), "together enough")

    def test_an_instalment_never_dunned_is_withdrawn_too(self):
        halves = [Command.create({"value": "percent", "value_amount": 50, "nb_days": days}) for days in (0, 10)]
        term = self.env["account.payment.term"].create({"name": "Halves", "line_ids": halves})
        move = self.invoice(self.partner_b, 12, invoice_payment_term_id=term.id)
        self.dun()
        plan = self.plans(self.partner_b)
        self.go(8)
        notice = self.run_day().notice_ids.filtered(lambda notice: notice.partner_id == self.partner_b)
        self.issue(notice)
        self.assertEqual((notice.state, len(notice.line_ids)), ("to_print", 2))
        self.change("pause", plan)
        self.work()
        self.assertEqual((notice.state, move.collection_plan_id.state), ("cancelled", "paused"))

    def test_plans_of_the_other_mode_are_never_reopened(self):
        self.put("recovered")
        self.env["account.dunning.run"].search([("state", "!=", "done")]).action_cancel()
        self.settings.mode = "customer"
        self.do_unreconcile()
        self.assertEqual(self.plan.state, "recovered")


@tagged("post_install", "-at_install")
class TestCustomerPlanStates(PlanStates, PlanStatesCommon):
    mode = "customer"

    def test_an_invoice_not_yet_due_comes_not_next(self):
        """At the end of the ladder nothing comes: what falls due later follows the leading item."""
        self.invoice(self.partner_a, -20, 50.0)
        self.do("level")
        self.run_day()
        self.assertEqual((self.plan.next_level_id.id, self.plan.next_date), (False, False))
        self.dunning_type.unrecovered_days = 15
        self.go(15)
        self.run_day()
        self.assertEqual(self.plan.state, "unrecovered", "nor does it put off the end")

    def test_the_next_date_is_that_of_the_leading_item(self):
        older = self.invoice(self.partner_a, 40, 50.0)
        self.hold_move(older)
        self.run_day()
        self.assertEqual((self.plan.next_level_id, self.plan.next_date), (self.level_2, self.in_days(8)))

    def hold_move(self, move):
        self.env["account.dunning.hold"].create({"move_id": move.id, "reason_id": self.reason.id})

    def test_a_later_invoice_of_a_stopped_plan(self):
        """What the plan held is kept out, what falls due later is not."""
        held = self.invoice(self.partner_a, 3, 30.0)
        later = self.invoice(self.partner_a, -1, 40.0)
        self.put("stopped")
        self.go(11)
        self.assertEqual(self.dun().line_ids.move_id, later)
        self.assertIn(self.state(held).plan_id, self.plan)
        self.pay(later)
        self.assertEqual((self.plans() - self.plan).state, "recovered")
        self.assertTrue(self.plan.keeps_out)

    def test_opened_by_hand_below_the_minimum(self):
        self.dunning_type.minimum_amount = 80.0
        with self.refused(UserError, "minimum|nothing is overdue"):
            self.open_by_hand(self.invoice(self.partner_b, 3, 70.0))

    def test_plans_of_the_other_mode_are_never_reopened(self):
        self.put("recovered")
        self.env["account.dunning.run"].search([("state", "!=", "done")]).action_cancel()
        self.settings.mode = "invoice"
        self.do_unreconcile()
        self.assertEqual(self.plan.state, "recovered")


@tagged("post_install", "-at_install")
class TestLevelMinimum(StubLetters, DunningCommon):
    def test_a_level_waits_for_its_minimum_balance(self):
        self.level_2.min_balance = 150.0
        move = self.invoice(self.partner_a, 12, 100.0)
        self.dun()
        self.go(30)
        run = self.run_day()
        self.assertEqual((run.notice_ids.ids, run.skipped_ids.mapped("reason")), ([], ["level_minimum"]))
        plan = move.collection_plan_id
        self.assertEqual((plan.state, plan.level_id, plan.next_level_id), ("ongoing", self.level_1, self.level_2))
        self.invoice(self.partner_a, 5, 50.0)
        self.assertEqual(self.dun().level_id, self.level_2, "the level is not skipped")
        self.assertEqual(plan.level_id, self.level_2)
