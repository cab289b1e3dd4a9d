import threading
from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, fields
from odoo.tests import tagged

from odoo.addons.mail.tests.common import MockEmail

from .browser import TourCase
from .common import TODAY, DunningCommon


@tagged("post_install", "-at_install", "is_tour")
class TestTours(MockEmail, DunningCommon, TourCase):
    """Tours in a browser. The clock starts on the day of :class:`DunningCommon` and goes on from there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_clock(TODAY)
        address = {"street": "1 Main Street", "zip": "12345", "city": "Springfield"}
        cls.ann, cls.ben = cls.partner_a, cls.partner_b
        cls.ann.name, cls.ben.name = "Ann", "Ben"
        cls.cora, cls.dora = cls.env["res.partner"].create([{"name": name, **address} for name in ("Cora", "Dora")])

    def test_configure_type(self):
        self.tour("configure_type", self.manager)
        dunning_type = self.env["account.dunning.type"].search([("name", "=", "Key Accounts")])
        self.assertRecordValues(
            dunning_type, [{"company_id": self.company.id, "create_uid": self.manager.id, "grace_days": 3}]
        )
        self.assertRecordValues(
            dunning_type.level_ids,
            [
                {"name": "Kind Reminder", "days": 5, "document": "letter"},
                {"name": "Second Notice", "days": 15, "document": "letter"},
                {"name": "Last Notice", "days": 30, "document": "letter"},
            ],
        )
        texts = [str(level.text) for level in dunning_type.level_ids]
        self.assertIn("Dear {customer}, please pay {total} by {deadline}.", texts[0])
        self.assertIn("Dear {customer}, you still owe us {total}.", texts[1])
        self.assertIn("{customer}: pay {total} now, {days_overdue} days after {oldest_due_date}.", texts[2])

    @contextmanager
    def scheduled_actions(self):
        """Do the work of the scheduled actions, which see nothing of what a test stores.

        It is done after the browser has read a run at work twice: it has shown then how far the run is, and
        it follows it.
        """
        looks, done = threading.Semaphore(0), threading.Event()
        failures = []
        run_class = self.env.registry["account.dunning.run"]
        read = run_class.web_read

        @api.readonly
        def web_read(runs, specification):
            result = read(runs, specification)
            if "progress" in specification and runs.filtered(lambda run: run.state in ("proposing", "issuing")):
                looks.release()
            return result

        def work():
            while True:
                looks.acquire()
                looks.acquire()
                if done.is_set():
                    return
                try:
                    self.do_scheduled_work()
                except Exception as error:
                    failures.append(error)

        thread = threading.Thread(target=work, name="scheduled actions of the test")
        with patch.object(run_class, "web_read", web_read):
            thread.start()
            try:
                yield
            finally:
                done.set()
                looks.release(2)
                thread.join()
                if failures:
                    raise failures[0]

    def do_scheduled_work(self):
        """Propose, issue, and send e-mails until nothing is left, in transactions like those of the actions."""
        more = True
        while more:
            with self.registry.cursor() as cr:
                more = api.Environment(cr, SUPERUSER_ID, {})["account.dunning.run"]._continue_next()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["account.dunning.notice"].search([("state", "=", "queued")]).mail_id.send()

    def test_review_and_issue(self):
        self.dunning_type.level_ids.document = "email_letter"
        moves = {
            partner: self.invoice(partner, days, amount)
            for partner, days, amount in (
                (self.ann, 12, 100),
                (self.ben, 35, 200),
                (self.cora, 15, 300),
                (self.dora, 25, 400),
            )
        }
        continue_cron = self.env.ref("account_dunning.ir_cron_dunning_continue")
        triggers = [("cron_id", "=", continue_cron.id)]
        triggered = self.env["ir.cron.trigger"].search_count(triggers)
        with self.mock_mail_gateway(), self.scheduled_actions():
            self.tour("review_run", self.manager)

        run = self.env["account.dunning.run"].search([("create_uid", "=", self.manager.id)])
        self.assertRecordValues(
            run, [{"state": "done", "date": TODAY, "nightly": False, "company_id": self.company.id}]
        )
        # Each of proposing, issuing one and issuing all has called the scheduled action.
        self.assertGreaterEqual(self.env["ir.cron.trigger"].search_count(triggers) - triggered, 3)
        notices = run.notice_ids.sorted(lambda notice: notice.partner_id.name)
        self.assertRecordValues(
            notices,
            [
                {"partner_id": self.ann.id, "state": "sent", "level_id": self.level_1.id, "document": "email"},
                {"partner_id": self.ben.id, "state": "sent", "level_id": self.level_2.id, "document": "letter"},
                {"partner_id": self.cora.id, "state": "excluded", "level_id": self.level_1.id, "document": "letter"},
                {"partner_id": self.dora.id, "state": "sent", "level_id": self.level_1.id, "document": "letter"},
            ],
        )
        self.assertEqual(notices.mapped("level_manual"), [False, True, False, False])
        self.assertEqual(notices[0].mail_id.state, "sent")
        self.assertEqual([mail["email_to"] for mail in self._mails], [['"Ann" <a@example.com>']])
        for notice in notices - notices[2]:
            self.assertEqual(notice.sent_on, TODAY)
            self.assertTrue(notice.attachment_id.raw.startswith(b"%PDF"))
        self.assertFalse(notices[2].attachment_id)

        levels = {partner: self.state(move).level_id for partner, move in moves.items()}
        none = self.env["account.dunning.level"]
        self.assertEqual(
            levels, {self.ann: self.level_1, self.ben: self.level_2, self.cora: none, self.dora: self.level_1}
        )
        plans = self.env["account.collection.plan"].search([("partner_id", "in", [p.id for p in moves])])
        self.assertEqual(
            {plan.partner_id: (plan.move_id, plan.state, plan.level_id) for plan in plans},
            {partner: (moves[partner], "ongoing", levels[partner]) for partner in (self.ann, self.ben, self.dora)},
        )
        hold = self.env["account.dunning.hold"].search([("move_line_id", "=", self.item(moves[self.cora]).id)])
        self.assertRecordValues(
            hold, [{"note": "She has called", "date_until": fields.Date.add(TODAY, days=7), "active_now": True}]
        )

    def test_register_payment(self):
        move = self.invoice(self.ann, 12)
        other = self.invoice(self.ben, 12)
        self.dun()
        plan, other_plan = move.collection_plan_ids, other.collection_plan_ids
        self.assertEqual((plan + other_plan).mapped("state"), ["ongoing", "ongoing"])
        clerk = self.new_user("clerk", "account.group_account_invoice,account_dunning.group_dunning_collector")

        self.tour("register_payment", clerk)
        self.assertRecordValues(plan, [{"state": "recovered", "close_reason": "paid", "closed_on": TODAY}])
        self.assertEqual(move.amount_residual, 0)
        self.assertEqual(move.matched_payment_ids.create_uid, clerk)
        self.assertEqual(other_plan.state, "ongoing")

    def test_why(self):
        move = self.invoice(self.ann, 12)
        self.dun()
        plan = move.collection_plan_ids
        before = plan.read()
        self.tour("why", self.collector)
        self.assertEqual(plan.read(), before, "asking changes nothing")
        # The answer was true.
        self.frozen.move_to(date(2026, 6, 9))
        self.assertRecordValues(self.run_day().notice_ids, [{"level_id": self.level_2.id}])

    def test_pause_and_resume(self):
        move = self.invoice(self.ann, 12)
        self.dun()
        plan = move.collection_plan_ids
        self.tour("pause_and_resume", self.collector)
        self.assertRecordValues(
            plan, [{"state": "ongoing", "paused_until": False, "next_date": fields.Date.add(TODAY, days=8)}]
        )
        self.assertEqual(self.state(move).resumed_on, TODAY)
        notes = plan.message_ids.filtered(lambda message: message.author_id == self.collector.partner_id)
        self.assertEqual(len(notes), 2, "who paused it, and who let it go on")

    def test_mass_action(self):
        moves = [self.invoice(partner, 12) for partner in (self.ann, self.ben, self.cora)]
        self.dun()
        plans = self.env["account.collection.plan"].concat(*(move.collection_plan_ids for move in moves))
        until = fields.Date.add(TODAY, days=3)
        reason = self.shipped("reason_dispute")
        plans[2].sudo()._pause(reason, until)
        self.tour("pause_many", self.collector)
        self.assertEqual(plans.mapped("state"), ["paused"] * 3)
        self.assertEqual(plans[2].paused_until, until, "what could not be changed is as it was")
        self.assertEqual(plans[:2].reason_id, self.shipped("reason_insolvency"))

    def check_settings(self, tour, user):
        self.assertNotEqual(self.settings.max_levels, 7)
        self.settings.write({"auto_issue": False, "letter_sent": "confirmed"})
        self.tour(tour, user)
        self.assertRecordValues(self.settings, [{"max_levels": 7, "auto_issue": True, "letter_sent": "made"}])

    def test_dunning_settings(self):
        """An accounting administrator, who is no system administrator."""
        self.check_settings("settings", self.new_user("accountant", "account.group_account_manager"))

    def test_general_settings(self):
        self.company.tax_exigibility = True  # else the page opens with a warning about the chart's taxes
        administrator = self.new_user("administrator", "base.group_system,account.group_account_manager")
        self.check_settings("general_settings", administrator)

    def test_write_off(self):
        self.settings.write_off_account_id = self.company_data["default_account_expense"]
        self.manager.group_ids += self.env.ref("account.group_account_invoice")
        for partner in (self.ann, self.ben, self.cora):
            self.invoice(partner, 12)
        self.dun()
        payment = self.env["account.payment"].create({"partner_id": self.ann.id, "amount": 100.0, "date": TODAY})
        payment.action_post()
        self.tour("write_off", self.manager)
        plans = self.env["account.collection.plan"].search([]).sorted(lambda plan: plan.partner_id.name)
        self.assertEqual(plans.partner_id, self.ann + self.ben + self.cora)
        self.assertEqual(plans.mapped("state"), ["recovered", "unrecovered", "ongoing"])
        self.assertEqual(plans[1].close_reason, "written_off")

    def test_returned_payment(self):
        move = self.invoice(self.ann, 12)
        self.dun()
        payment = self.pay(move)
        plan = move.collection_plan_ids
        self.assertEqual(plan.state, "recovered")
        clerk = self.new_user("clerk", "account.group_account_invoice,account_dunning.group_dunning_collector")
        self.tour("returned_payment", clerk, f"/odoo/action-account.action_account_payments/{payment.id}")
        self.assertRecordValues(payment.dunning_return_move_id, [{"state": "posted", "date": TODAY}])
        self.assertEqual((plan.state, move.amount_residual), ("ongoing", 100.0))
        self.assertIn("Account closed", plan.activity_ids.summary)

    def test_hand_over(self):
        agency = self.env["res.partner"].create({"name": "Debt & Co"})
        ann, ben, cora = (self.invoice(partner, 12) for partner in (self.ann, self.ben, self.cora))
        self.dun()
        reason = self.shipped("reason_dispute")
        self.env["account.dunning.hold"].create({"move_id": cora.id, "reason_id": reason.id})
        self.tour("hand_over", self.manager)
        handover = self.env["account.dunning.handover"].search([("partner_id", "=", agency.id)])
        self.assertEqual(handover.create_uid, self.manager)
        self.assertEqual(handover.line_ids.plan_id, (ann + ben).collection_plan_ids)
        plans = [move.collection_plan_ids for move in (ann, ben, cora)]
        self.assertEqual([plan.state for plan in plans], ["unrecovered", "ongoing", "ongoing"])
        self.assertEqual([plan.handover_id for plan in plans], [handover, handover.browse(), handover.browse()])

    def test_a_click_on_a_figure_opens_its_rows(self):
        move = self.invoice(self.ann, 15)
        notice = self.run_day().notice_ids.sudo()
        notice._queue()
        notice.write({"state": "to_print"})
        notice._set_sent()
        self.pay(move, 20)
        self.tour("analysis", self.collector)
