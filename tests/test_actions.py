"""Actions of levels: by a person or by themselves, blocking the next level, charging saved payment methods."""

from unittest.mock import patch

import requests

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Date
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import TODAY, DunningCommon, StubLetters


class ActionsCommon(StubLetters, DunningCommon):
    def action(self, kind="activity", **values):
        """Make an action and put it on the first level; a server action posts *did it* on the plans."""
        if kind == "server_action":
            values["server_action_id"] = self.server_action("records.message_post(body='did it')").id
        action = self.env["account.dunning.action"].create({"name": "Do It", "kind": kind, **values})
        self.level_1.action_ids += action
        return action

    def server_action(self, code):
        return self.env["ir.actions.server"].create(
            {
                "name": "Do",
                "model_id": self.env["ir.model"]._get_id("account.collection.plan"),
                "state": "code",
                "code": code,
            }
        )

    def plan_of(self, move):
        return move.collection_plan_ids

    def dunned(self, days_overdue=12, partner=None, **values):
        """Post an invoice, send its first notice, and return its plan."""
        move = self.invoice(partner or self.partner_a, days_overdue, **values)
        self.dun()
        return self.plan_of(move)

    def times_done(self, plan):
        return "".join(plan.message_ids.mapped("body")).count("did it")


@tagged("post_install", "-at_install")
class TestActions(ActionsCommon):
    def test_automatic_server_action_runs_at_once(self):
        self.action("server_action")
        plan = self.dunned()
        self.assertEqual(self.times_done(plan), 1)
        self.assertFalse(plan.activity_ids)

    def test_manual_action_waits_for_a_person(self):
        action = self.action("server_action", mode="manual", user_id=self.collector.id, activity_days=3)
        plan = self.dunned()
        self.assertEqual(self.times_done(plan), 0)
        self.assertRecordValues(
            plan.activity_ids,
            [
                {
                    "summary": "Do It",
                    "user_id": self.collector.id,
                    "dunning_action_id": action.id,
                    "date_deadline": Date.add(TODAY, days=3),
                    "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
                }
            ],
        )
        self.assertEqual((plan.dunning_activity_ids, plan.manual_action_count), (plan.activity_ids, 1))
        plan.with_user(self.collector).action_start_manual()
        self.assertEqual(self.times_done(plan), 1)
        self.env.invalidate_all()
        self.assertFalse(plan.activity_ids)
        self.assertEqual(plan.manual_action_count, 0)
        with self.refused(UserError, "No action waits"):
            plan.with_user(self.collector).action_start_manual()

    def test_start_one_of_two(self):
        first = self.action("server_action", mode="manual")
        self.action("server_action", mode="manual", name="Other")
        plan = self.dunned()
        activity = plan.activity_ids.filtered(lambda activity: activity.dunning_action_id == first)
        activity.with_user(self.collector).action_start_dunning()
        self.env.invalidate_all()
        self.assertEqual(self.times_done(plan), 1)
        self.assertEqual(plan.activity_ids.summary, "Other")

    def test_a_manual_action_that_fails_stays_to_do(self):
        action = self.action("server_action", mode="manual")
        action.server_action_id = self.server_action("raise UserError('no way')")
        plan = self.dunned()
        with self.refused(UserError, "no way"), mute_logger("odoo.addons.base.models.ir_actions"):
            plan.with_user(self.collector).action_start_manual()
        self.assertTrue(plan.activity_ids.active)

    def test_only_collectors_start_actions(self):
        self.action("server_action", mode="manual", user_id=self.collector.id)
        plan = self.dunned()
        clerk = self.new_user("clerk", "account.group_account_invoice")
        plan.activity_ids.sudo().user_id = clerk
        with self.assertRaises(AccessError):
            plan.activity_ids.with_user(clerk).action_start_dunning()
        plan.activity_ids.with_user(clerk).action_done()
        self.env.invalidate_all()
        self.assertFalse(plan.activity_ids, "who got the activity may mark it done")

    def test_nobody_makes_up_an_activity_of_an_action(self):
        action = self.action("server_action", mode="manual")
        plan, other = self.dunned(), self.dunned(partner=self.partner_b)
        values = {
            "res_model_id": self.env["ir.model"]._get_id(plan._name),
            "res_id": plan.id,
            "dunning_action_id": action.id,
        }
        activities = self.env["mail.activity"].with_user(self.collector)
        with self.refused(AccessError, "Only the levels"):
            activities.create(values)
        plain = activities.create({**values, "dunning_action_id": False})
        with self.refused(AccessError, "Only the levels"):
            plain.dunning_action_id = action
        with self.refused(AccessError, "Only the levels"):
            plan.dunning_activity_ids.with_user(self.collector).res_id = other.id
        plain.res_id = other.id

    def test_closing_the_plan_takes_the_activities_away(self):
        self.action(blocking=True)
        plan = self.dunned()
        self.assertTrue(plan.activity_ids)
        self.pay(plan.move_id)
        self.env.invalidate_all()
        self.assertEqual((plan.state, len(plan.activity_ids)), ("recovered", 0))

    def test_actions_can_be_started_on_ongoing_plans_only(self):
        self.action("server_action", mode="manual")
        plan = self.dunned()
        plan.sudo().state = "stopped"
        with self.refused(UserError, "ongoing"):
            plan.action_start_manual()

    def two_currencies(self):
        """A customer who is dunned as a whole, in two currencies; returns his plan."""
        self.settings.mode = "customer"
        self.invoice(self.partner_a, 13, currency_id=self.other_currency.id)
        self.dunned()
        plan = self.env["account.collection.plan"].search([("partner_id", "=", self.partner_a.id)])
        self.assertEqual(len(plan.notice_line_ids.notice_id.currency_id), 2)
        return plan

    def test_one_step_starts_its_actions_once(self):
        """A notice in each currency, together one step of the plan."""
        self.action("server_action")
        plan = self.two_currencies()
        self.assertEqual(self.times_done(plan), 1)
        self.go(10)
        self.level_2.action_ids = self.level_1.action_ids
        self.assertEqual(len(self.dun()), 2)
        self.assertEqual((self.times_done(plan), plan.level_id), (2, self.level_2), "another run is another step")

    def test_a_repeated_level_is_a_new_step(self):
        self.action("server_action")
        self.level_1.write({"repeat_every": 7, "repeat_max": 3, "deadline_days": 0})
        self.level_2.active = self.level_3.active = False
        plan = self.dunned()
        run = plan.notice_line_ids.notice_id.run_id
        self.go(7)
        notice = self.run_day().notice_ids
        notice.sudo().run_id = run
        self.send(notice)
        self.assertEqual(notice.line_ids.plan_id, plan)
        self.assertEqual(self.times_done(plan), 2, "in one run, too, as the nightly one may stay open for long")

    def test_no_second_activity_while_one_is_open(self):
        self.action()
        self.level_1.write({"repeat_every": 7, "repeat_max": 3, "deadline_days": 0})
        self.level_2.active = self.level_3.active = False
        plan = self.dunned()
        self.go(7)
        self.assertTrue(self.dun())
        self.assertEqual(len(plan.activity_ids), 1)
        plan.activity_ids.action_done()
        self.go(7)
        self.dun()
        self.env.invalidate_all()
        self.assertEqual(len(plan.activity_ids), 1)

    def test_starting_is_done_with_few_queries(self):
        action = self.action(blocking=True, responsible="salesperson")
        for days in range(12, 18):
            self.invoice(self.partner_a, days)
        plans = self.dun().line_ids.plan_id

        def count(plans):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            action._schedule(plans)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        plans.activity_ids.unlink()
        few = count(plans[:2])
        plans.activity_ids.unlink()
        self.assertLessEqual(count(plans), few + 3, "a constant number, whatever the number of plans")
        self.assertEqual(len(plans.activity_ids), 6)

    def test_reminders_have_no_actions(self):
        action = self.action()
        dunning_type = self.make_type("Friendly", (-3, 10))
        reminder = dunning_type.level_ids[0]
        with self.refused(ValidationError, "cannot start actions"):
            reminder.action_ids = action
        with self.refused(ValidationError, "(nothing to send|sends no document)"):
            reminder.document = "none"
        with self.refused(ValidationError, "cannot start actions"):
            dunning_type.level_ids[1].write({"action_ids": action.ids, "reminder": True, "days": -1})

    def test_form_of_a_level_that_becomes_a_reminder(self):
        self.action()
        with Form(self.level_1) as form:
            form.reminder = True
            self.assertFalse(form.action_ids)
            form.name = "Reminder"
        self.assertFalse(self.level_1.action_ids)


@tagged("post_install", "-at_install")
class TestBlocking(ActionsCommon):
    def reasons(self):
        return self.run_day().skipped_ids.mapped("reason")

    def obstacles(self, line):
        """What keeps the journal item out today."""
        self.env.flush_all()
        reader = self.env["account.dunning.reader"]
        assessments = reader._assess(self.company, line.partner_id.ids, self.today)
        [obstacles] = [v.item.obstacles for a in assessments.values() for v in a.verdicts if v.item.id == line.id]
        return obstacles

    def test_the_plan_waits_until_the_activity_is_done(self):
        self.action(blocking=True)
        plan = self.dunned()
        self.assertFalse(plan.next_date, "nothing comes as long as the action is not done")
        self.go(8)
        self.assertFalse(self.dun())
        self.assertEqual(self.reasons(), ["action"])
        wizard = self.env["account.dunning.why"].browse(plan.action_why()["res_id"])
        self.assertEqual(wizard.line_ids.answer, "An action must be done first")
        plan.activity_ids.with_user(self.collector).action_done()
        self.assertEqual((plan.next_level_id, plan.next_date), (self.level_2, self.today))
        self.assertEqual(self.dun().level_id, self.level_2)

    def test_a_cancelled_activity_lets_the_plan_go_on(self):
        self.action(blocking=True)
        plan = self.dunned()
        plan.activity_ids.with_user(self.collector).unlink()
        self.assertEqual(plan.next_date, Date.add(TODAY, days=8))

    def test_a_plain_activity_holds_up_nothing(self):
        self.action()
        plan = self.dunned()
        self.assertEqual(plan.next_date, Date.add(TODAY, days=8))
        plan.activity_schedule("mail.mail_activity_data_todo", user_id=self.collector.id)
        self.go(8)
        self.assertEqual(self.dun().level_id, self.level_2)

    def test_starting_a_manual_action_lets_the_plan_go_on(self):
        self.action("server_action", mode="manual", blocking=True)
        plan = self.dunned()
        self.assertFalse(plan.next_date)
        plan.with_user(self.collector).action_start_manual()
        self.assertEqual(plan.next_date, Date.add(TODAY, days=8))

    def test_other_customers_and_invoices_go_on(self):
        self.action(blocking=True)
        plan = self.dunned()
        same, other = self.invoice(self.partner_a, 13), self.invoice(self.partner_b, 13)
        self.go(3)
        notices = self.dun()
        self.assertEqual(notices.line_ids.move_id, same + other)
        self.assertNotIn(plan, notices.line_ids.plan_id)

    def test_other_instalments_of_the_invoice_wait_too(self):
        self.action(blocking=True)
        term = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 5}),
                ],
            }
        )
        plan = self.dunned(invoice_payment_term_id=term.id)
        self.go(4)
        self.assertEqual(set(self.reasons()), {"action"})
        self.assertEqual(len(plan.notice_line_ids), 1)

    def test_a_customer_plan_holds_up_all_his_items(self):
        self.settings.mode = "customer"
        self.action(blocking=True)
        self.dunned()
        plan = self.env["account.collection.plan"].search([("partner_id", "=", self.partner_a.id)])
        other = self.item(self.invoice(self.partner_a, 15))
        self.assertEqual(self.obstacles(other), ("action",))
        plan.activity_ids.action_done()
        self.assertFalse(self.obstacles(other))

    def test_what_was_issued_before_is_not_withdrawn(self):
        """The second of two notices of a step leaves although the first has started a blocking action."""
        self.invoice(self.partner_a, 12)
        self.dun()
        self.go(8)
        notice = self.run_day().notice_ids
        plan = notice.line_ids.move_id.collection_plan_ids
        action = self.env["account.dunning.action"].create({"name": "Call", "blocking": True})
        action._schedule(plan)
        notice.action_issue()
        self.work()
        notice._recheck()
        self.assertEqual(notice.state, "to_print")
        notice._confirm_printed()
        self.assertEqual((notice.state, plan.level_id), ("sent", self.level_2))

    def test_what_was_only_proposed_is(self):
        self.invoice(self.partner_a, 12)
        self.dun()
        self.go(8)
        run = self.run_day()
        plan = run.notice_ids.line_ids.move_id.collection_plan_ids
        self.env["account.dunning.action"].create({"name": "Call", "blocking": True})._schedule(plan)
        run.action_propose()
        self.work()
        self.assertFalse(run.notice_ids)
        self.assertEqual(run.skipped_ids.reason, "action")


@tagged("post_install", "-at_install")
class TestTakenBack(ActionsCommon):
    """What the actions of a level have asked for, after its notice was undone, bounced, or cancelled."""

    def setUp(self):
        super().setUp()
        self.plan = self.dunned()
        self.level_2.action_ids = self.action("server_action") + self.action() + self.action("payment_retry")
        self.level_1.action_ids = False
        self.go(8)
        self.notice = self.dun()
        self.assertEqual(self.open_actions(), ["activity", "payment_retry"])

    def open_actions(self):
        self.env.invalidate_all()
        plan = self.plan.sudo()
        return [
            *plan.activity_ids.filtered("dunning_action_id").mapped("dunning_kind"),
            *plan.retry_action_id.mapped("kind"),
        ]

    def test_undone(self):
        self.notice.sudo()._undo("A mistake", at_once=True)
        self.assertFalse(self.open_actions())
        self.assertEqual((self.plan.state, self.plan.level_id), ("ongoing", self.level_1))
        self.dun()
        self.assertEqual(self.open_actions(), ["activity", "payment_retry"])
        self.assertEqual(self.times_done(self.plan), 2, "it is another notice")

    def test_bounced_and_sent_as_a_letter(self):
        self.bounce()
        self.assertEqual(self.open_actions(), ["activity", "payment_retry"], "the letter is on its way")
        self.notice.action_retry()
        self.work()
        self.notice._confirm_printed()
        self.assertEqual((self.plan.level_id, self.times_done(self.plan)), (self.level_2, 1))

    def test_bounced_and_cancelled(self):
        self.bounce()
        self.notice.action_cancel()
        self.assertFalse(self.open_actions())

    def bounce(self):
        self.notice.sudo().document = "email"
        self.come_back(self.notice)
        self.assertRecordValues(self.notice, [{"state": "failed", "document": "letter"}])
        self.assertEqual(self.plan.level_id, self.level_1)

    def test_sent_by_an_earlier_version(self):
        line = self.notice.sudo().line_ids
        line.started = False
        self.env.flush_all()
        self.migration("19.0.1.2.0").set_started(self.env.cr)
        self.env.invalidate_all()
        self.assertTrue(line.started)

    def test_another_notice_of_the_step_keeps_them(self):
        self.plan.sudo()._stop(self.shipped("reason_dispute"))
        self.level_1.action_ids = self.action()
        self.settings.mode = "customer"
        for currency in self.company.currency_id + self.other_currency:
            self.invoice(self.partner_b, 12, currency_id=currency.id)
        first, second = self.dun().sudo()
        self.plan = first.line_ids.plan_id
        self.assertEqual((len(self.plan), second.line_ids.plan_id), (1, self.plan))
        first._undo("A mistake", at_once=False)
        self.assertEqual(self.open_actions(), ["activity"])
        second._undo("A mistake", at_once=False)
        self.assertFalse(self.open_actions())
        self.assertEqual(self.plan.close_reason, "undone")


@tagged("post_install", "-at_install")
class TestResponsible(ActionsCommon):
    def setUp(self):
        super().setUp()
        self.salesperson = self.new_user("salesperson", "account.group_account_invoice")
        self.plan = self.dunned()
        self.plan.user_id = self.collector
        self.plan.move_id.invoice_user_id = self.salesperson

    def responsible(self, rule, **values):
        action = self.env["account.dunning.action"].create({"name": "Call", "responsible": rule, **values})
        return action._get_responsible(self.plan)

    def test_rules(self):
        self.assertEqual(self.responsible("collector"), self.collector)
        self.assertEqual(self.responsible("salesperson"), self.salesperson)
        self.assertEqual(self.responsible("user", user_id=self.manager.id), self.manager)

    def test_the_next_best(self):
        self.plan.user_id = False
        self.assertEqual(self.responsible("collector"), self.salesperson)
        self.plan.user_id = self.collector
        self.plan.move_id.invoice_user_id = False
        self.assertEqual(self.responsible("salesperson"), self.collector)
        self.partner_a.user_id = self.salesperson
        self.assertEqual(self.responsible("salesperson"), self.salesperson)

    def test_an_archived_user_gets_nothing(self):
        action = self.env["account.dunning.action"].create({"name": "Call", "user_id": self.manager.id})
        self.manager.active = False
        self.assertEqual(action._get_responsible(self.plan), self.collector)

    def test_a_user_of_another_company_gets_nothing(self):
        other = self.setup_other_company(name="Other")["company"]
        self.collector.write({"company_id": other.id, "company_ids": [Command.set(other.ids)]})
        self.assertEqual(self.responsible("collector"), self.salesperson)

    def test_a_dunning_manager_where_nobody_is_named(self):
        self.plan.user_id = self.plan.move_id.invoice_user_id = False
        root = self.env.ref("base.user_root")
        self.plan.with_user(root).sudo().move_id.invoice_user_id = root
        user = self.responsible("collector")
        self.assertTrue(user.has_group("account_dunning.group_dunning_manager"))
        self.assertTrue(user.active)
        self.assertNotEqual(user, root)

    def test_the_oldest_invoice_of_a_customer_plan(self):
        older = self.invoice(self.partner_a, 40, invoice_user_id=self.manager.id)
        self.dun()
        self.plan.sudo().move_id = False
        self.state(older).sudo().plan_id = self.plan
        self.assertEqual(self.responsible("salesperson"), self.manager)

    def test_a_fixed_user_must_be_named(self):
        with self.refused(ValidationError, "Choose the user"):
            self.responsible("user")
        action = self.env["account.dunning.action"].create({"name": "Call", "user_id": self.manager.id})
        self.assertEqual(action.responsible, "user")
        action.responsible = "salesperson"
        self.assertFalse(action.user_id)

    def test_negative_days(self):
        with self.refused(ValidationError, "cannot be due before"):
            self.responsible("collector", activity_days=-1)

    def test_migration(self):
        fixed, free = self.env["account.dunning.action"].create(
            [{"name": "Fixed", "user_id": self.manager.id, "active": False}, {"name": "Free"}]
        )
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_dunning_action SET responsible = 'collector'")
        self.env.invalidate_all()
        self.migration("19.0.1.1.0").set_responsible(self.env)
        self.assertEqual((fixed.responsible, fixed.user_id), ("user", self.manager))
        self.assertEqual(free.responsible, "collector")

    def test_form(self):
        with Form(self.env["account.dunning.action"].with_user(self.manager)) as form:
            form.name = "Call"
            self.assertTrue(form._get_modifier("mode", "invisible"))
            self.assertFalse(form._get_modifier("blocking", "invisible"))
            form.kind = "payment_retry"
            self.assertFalse(form._get_modifier("mode", "invisible"))
            self.assertTrue(form._get_modifier("blocking", "invisible"))
            form.mode = "manual"
            self.assertFalse(form._get_modifier("blocking", "invisible"))
            form.blocking = True
            form.responsible = "user"
            form.user_id = self.collector
        action = form.record
        self.assertRecordValues(
            action,
            [{"kind": "payment_retry", "mode": "manual", "blocking": True, "user_id": self.collector.id}],
        )

    def test_form_of_the_plan(self):
        self.env["account.dunning.action"].create({"name": "Call"})._schedule(self.plan)
        with Form(self.plan.with_user(self.collector)) as form:
            self.assertEqual(len(form.dunning_activity_ids), 1)
            form.user_id = self.manager


@tagged("post_install", "-at_install")
class TestPaymentRetry(ActionsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls.env["payment.provider"].search(
            [("code", "=", "demo"), ("company_id", "=", cls.company.id)], limit=1
        ) or cls.env["payment.provider"].search([("code", "=", "demo")], limit=1).copy({"company_id": cls.company.id})
        cls.provider.write({"state": "test", "journal_id": cls.company_data["default_journal_bank"].id})
        cls.method = cls.env["payment.method"].search([("code", "=", "demo")], limit=1)
        cls.method.active = True
        cls.env["account.payment.method.line"].search(
            [("payment_provider_id", "=", cls.provider.id)]
        ).payment_account_id = cls.inbound_payment_method_line.payment_account_id

    def setUp(self):
        super().setUp()
        self.retry = self.action("payment_retry", user_id=self.collector.id)

    def token(self, state="done", partner=None, **values):
        return self.env["payment.token"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.method.id,
                "payment_details": "1234",
                "partner_id": (partner or self.partner_a).id,
                "provider_ref": "token",
                "demo_simulated_state": state,
                **values,
            }
        )

    def charge(self):
        """Do what the scheduled action does; returns the transactions of dunning."""
        plans = self.env["account.collection.plan"]
        for _plan in range(20):
            if not plans._retry_next():
                break
            self.env.cr.precommit.run()
        return self.env["payment.transaction"].sudo().search([("dunning_plan_id", "!=", False)], order="id")

    def chatter(self, plan):
        return "".join(plan.message_ids.mapped("body"))

    def test_a_charge_pays_the_invoice(self):
        self.token()
        plan = self.dunned(amount=80.0)
        self.assertEqual(plan.state, "ongoing", "nothing is charged while notices are sent")
        transaction = self.charge()
        self.assertRecordValues(
            transaction,
            [
                {
                    "state": "done",
                    "amount": 80.0,
                    "operation": "offline",
                    "invoice_ids": plan.move_id.ids,
                    "dunning_plan_id": plan.id,
                    "is_post_processed": True,
                }
            ],
        )
        self.assertEqual(plan.move_id.amount_residual, 0.0)
        self.assertEqual((plan.state, plan.close_reason), ("recovered", "paid"))
        self.assertIn(transaction.reference, self.chatter(plan))

    def test_a_refused_charge_is_noted(self):
        for state in ("error", "cancel"):
            with self.subTest(state), self.env.cr.savepoint() as savepoint:
                self.token(state)
                plan = self.dunned()
                self.assertEqual(self.charge().state, state)
                self.assertEqual((plan.state, plan.amount_due), ("ongoing", 100.0))
                self.assertIn("was not charged", self.chatter(plan))
                self.assertEqual(plan.activity_ids.user_id, self.collector)
                self.assertFalse(plan.dunning_activity_ids, "it holds up nothing")
                savepoint.rollback()
                self.env.invalidate_all(flush=False)

    def test_without_a_saved_payment_method(self):
        self.token(partner=self.partner_b)
        self.token(active=False)
        plan = self.dunned()
        self.assertFalse(self.charge())
        self.assertIn("no saved payment method", self.chatter(plan))
        self.assertEqual((plan.activity_ids.summary, plan.activity_ids.user_id), ("Do It", self.collector))

    def test_a_disabled_provider_is_not_asked(self):
        self.token()
        plan = self.dunned()
        self.provider.with_context(install_mode=True)._write({"state": "disabled"})
        self.assertFalse(self.charge())
        self.assertIn("no saved payment method", self.chatter(plan))

    def test_the_token_of_the_contact_comes_first(self):
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.partner_a.id})
        own, _company = self.token(partner=contact), self.token()
        self.dunned(partner=contact)
        self.assertEqual(self.charge().token_id, own)
        own.active = False
        self.dunned(partner=contact)
        self.assertEqual(self.charge()[-1].token_id, _company)

    def test_no_second_charge_while_one_is_pending(self):
        self.token("pending")
        plan = self.dunned()
        self.assertEqual(self.charge().state, "pending")
        plan._queue_retry(self.retry)
        self.assertEqual(len(self.charge()), 1)
        self.assertIn("nothing to charge", self.chatter(plan))
        for _time in range(2):
            self.go(11)
            plan._queue_retry(self.retry)
            self.assertEqual(len(self.charge()), 1, "whoever charges again must know that no money was taken")
        self.assertIn("not known whether", self.chatter(plan))
        self.assertEqual(plan.activity_ids.user_id, self.collector)
        self.assertTrue(plan.with_user(self.collector).has_unclear_retries)
        plan.with_user(self.collector).action_retry_took_nothing()
        plan.invalidate_recordset()
        self.assertFalse(plan.has_unclear_retries)
        plan._queue_retry(self.retry)
        self.assertEqual(self.charge().mapped("state"), ["error", "pending"])

    def test_no_second_charge_while_a_customers_own_is_pending(self):
        token = self.token()
        plan = self.dunned()
        plan.sudo().retry_action_id = False
        self.env["payment.transaction"].sudo().create(
            {**plan._prepare_retry_vals(self.retry, plan.move_id, 100.0, token), "dunning_plan_id": False}
        )
        self.go(30)
        plan._queue_retry(self.retry)
        self.assertFalse(self.charge())
        self.assertIn("not known whether", self.chatter(plan))

    def test_no_second_charge_where_no_answer_came(self):
        """Core takes whatever goes wrong for a refusal; a dropped line is none."""
        self.token()
        plan = self.dunned()

        def send(transaction):
            try:
                raise why
            except (requests.exceptions.RequestException, ValueError) as error:
                raise ValidationError(repr(error)) from error

        def answer(status):
            response = requests.Response()
            response.status_code = status
            return requests.exceptions.HTTPError(response=response)

        for why, again in (
            (requests.exceptions.Timeout(), False),
            (requests.exceptions.ConnectionError(), False),
            (answer(500), False),
            (answer(402), True),
            (ValueError(), True),
        ):
            with self.subTest(why=repr(why)), self.env.cr.savepoint() as savepoint:
                with patch.object(type(self.env["payment.transaction"]), "_send_payment_request", send):
                    self.assertEqual(self.charge().state, "error")
                self.go(11)
                plan._queue_retry(self.retry)
                self.assertEqual(len(self.charge()), 2 if again else 1)
                self.assertEqual(plan.has_unclear_retries, not again)
                savepoint.rollback()
                self.env.invalidate_all(flush=False)

    def test_a_pending_charge_may_fail_later(self):
        self.token("pending")
        plan = self.dunned()
        transaction = self.charge()
        self.assertFalse(plan.activity_ids)
        transaction.action_demo_set_error()
        self.assertEqual(plan.activity_ids.user_id, self.collector)

    def test_no_second_charge_before_the_first_is_booked(self):
        self.token()
        plan = self.dunned()
        with (
            patch.object(type(self.env["payment.transaction"]), "_create_payment", side_effect=ValueError("broken")),
            mute_logger("odoo.addons.account_dunning.models.actions.payment_transaction"),
        ):
            transaction = self.charge()
        self.assertEqual((transaction.state, transaction.is_post_processed), ("done", False))
        plan._queue_retry(self.retry)
        self.assertEqual(self.charge(), transaction)
        transaction._post_process()
        self.env.cr.precommit.run()
        self.assertEqual(plan.state, "recovered", "Odoo's own scheduled action books it")

    def test_an_unclear_charge_stays_pending(self):
        self.token()
        plan = self.dunned()
        transactions = type(self.env["payment.transaction"])
        with (
            patch.object(transactions, "_send_payment_request", side_effect=OSError("line dropped")),
            mute_logger("odoo.addons.account_dunning.models.actions.payment_transaction"),
        ):
            transaction = self.charge()
        self.assertEqual(transaction.state, "pending")
        self.assertIn("line dropped", self.chatter(plan))
        self.assertEqual(plan.activity_ids.user_id, self.collector)

    def test_what_is_held_or_disputed_is_not_charged(self):
        self.token()
        move = self.invoice(self.partner_a, 12, 100.0)
        reason = self.shipped("reason_dispute").id
        self.dun()
        plan = self.plan_of(move)
        hold = self.env["account.dunning.hold"].create({"move_id": move.id, "reason_id": reason})
        self.assertFalse(self.charge())
        self.assertIn("nothing to charge", self.chatter(plan))
        hold.amount = 30.0
        plan._queue_retry(self.retry)
        self.assertEqual(self.charge().amount, 70.0)

    def test_credits_are_taken_off(self):
        self.token()
        self.dunned(amount=100.0)
        other = self.invoice(self.partner_a, 0, 40.0)
        self.pay(other)
        refund = self.env["account.move"].browse(
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=other.ids)
            .create({"journal_id": other.journal_id.id, "date": self.today})
            .refund_moves()["res_id"]
        )
        refund.action_post()
        self.assertEqual(self.charge().amount, 60.0)

    def test_what_is_not_overdue_is_not_charged(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 60}),
                ],
            }
        )
        self.token()
        plan = self.dunned(20, invoice_payment_term_id=term.id)
        self.assertEqual(self.charge().amount, 50.0)
        self.assertEqual(plan.move_id.amount_residual, 50.0)

    def test_foreign_currency(self):
        self.token()
        self.env["res.currency.rate"].search([("currency_id", "=", self.other_currency.id)]).unlink()
        plan = self.dunned(amount=90.0, currency_id=self.other_currency.id)
        transaction = self.charge()
        self.assertEqual((transaction.currency_id, transaction.amount), (self.other_currency, 90.0))
        self.assertEqual(plan.state, "recovered")

    def test_a_customer_plan_charges_each_of_its_invoices(self):
        self.token()
        self.settings.mode = "customer"
        moves = self.invoice(self.partner_a, 13, amount=50.0) + self.invoice(self.partner_a, 12)
        self.dun()
        plan = self.env["account.collection.plan"].search([("partner_id", "=", self.partner_a.id)])
        transactions = self.charge()
        self.assertEqual(sorted(transactions.mapped("amount")), [50.0, 100.0])
        self.assertEqual(transactions.dunning_plan_id, plan)
        self.assertEqual(sum(moves.mapped("amount_residual")), 0.0)

    def test_manual(self):
        self.retry.write({"mode": "manual", "blocking": True})
        self.token()
        plan = self.dunned()
        self.assertFalse(self.charge())
        plan.with_user(self.collector).action_start_manual()
        self.env.invalidate_all()
        self.assertFalse(plan.activity_ids)
        self.assertEqual(self.charge().state, "done")
        self.assertEqual(plan.state, "recovered")

    def test_another_blocking_action_does_not_keep_it_from_charging(self):
        self.action(blocking=True)
        self.token()
        plan = self.dunned()
        self.assertTrue(plan.dunning_activity_ids)
        self.charge()
        self.assertEqual(plan.state, "recovered")

    def test_the_scheduled_action_charges_all(self):
        self.token()
        self.token(partner=self.partner_b)
        plans = self.dunned() + self.dunned(partner=self.partner_b)
        cron = type(self.env["ir.cron"])
        states = []

        def commit(cron, processed=0, **kwargs):
            transactions = cron.env["payment.transaction"].search([("dunning_plan_id", "in", plans.ids)])
            states.append(sorted(transactions.mapped("state")))
            return 1

        with patch.object(cron, "_commit_progress", commit):
            self.env["account.collection.plan"]._cron_retry()
        self.env.cr.precommit.run()
        self.assertEqual(set(plans.mapped("state")), {"recovered"})
        self.assertEqual(states[0], ["pending"], "stored before the provider is asked")
        self.assertEqual(states[-1], ["done", "done"])

    def test_a_plan_that_fails_holds_up_no_other(self):
        self.token(partner=self.partner_b)
        broken, plan = self.dunned(), self.dunned(partner=self.partner_b)
        plans = type(plan)
        get_chargeable = plans._get_retryable

        def fail(plan):
            if plan == broken:
                raise ValueError("broken")
            return get_chargeable(plan)

        with (
            patch.object(plans, "_get_retryable", fail),
            mute_logger("odoo.addons.account_dunning.models.actions.account_collection_plan"),
        ):
            self.charge()
        self.assertIn("broken", self.chatter(broken))
        self.assertEqual(broken.activity_ids.user_id, self.collector)
        self.assertEqual(plan.state, "recovered")

    def test_a_closed_plan_charges_nothing(self):
        self.token()
        plan = self.dunned()
        self.pay(plan.move_id)
        self.assertFalse(self.charge())

    def test_nobody_queues_a_charge_by_hand(self):
        plan = self.dunned()
        for user in (self.collector, self.manager):
            with self.assertRaises(AccessError):
                plan.with_user(user).write({"retry_action_id": self.retry.id})
