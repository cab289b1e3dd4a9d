"""What became of a run: nothing that failed or waits is done silently, and who did what is kept."""

from smtplib import SMTPRecipientsRefused
from unittest.mock import patch

from odoo.fields import Datetime
from odoo.tests import tagged

from odoo.addons.mail.tests.common import MockEmail

from .common import DunningCommon, StubLetters


class OutcomeCommon(StubLetters, MockEmail, DunningCommon):
    def propose(self):
        self.first, self.second = self.invoice(self.partner_a, 12), self.invoice(self.partner_b, 12)
        run = self.run_day()
        self.by_manager = run.notice_ids.with_user(self.manager)
        return run


@tagged("post_install", "-at_install")
class TestOutcome(OutcomeCommon):
    def test_a_run_with_letters_to_print_is_not_done(self):
        run = self.propose()
        self.issue(run.notice_ids)
        self.assertEqual(run.state, "unfinished")
        self.assertEqual(run.outcome, "Notices: 2 wait to be printed.")
        run.notice_ids[0]._confirm_printed()
        run.invalidate_recordset()
        self.assertEqual((run.state, run.outcome), ("unfinished", "Notices: 1 left, 1 wait to be printed."))
        run.notice_ids._confirm_printed()
        run.invalidate_recordset()
        self.assertEqual((run.state, run.outcome), ("done", "Notices: 2 left."))

    def test_failures_by_cause(self):
        run = self.propose()

        def broken(report, notices):
            raise ValueError("cannot be rendered")

        with patch.object(type(self.env["ir.actions.report"]), "_render_dunning_letters", broken):
            self.issue(run.notice_ids)
        self.assertEqual((run.state, run.failures), ("unfinished", "2 × cannot be rendered"))
        action = run.action_open_failures()
        self.assertEqual(
            self.env[action["res_model"]].search(action["domain"]), run.notice_ids.sorted("id", reverse=True)
        )
        run.action_retry()
        self.work()
        run.invalidate_recordset()
        self.assertFalse(run.failures)
        self.send_all(run)
        self.assertEqual(run.state, "done")

    def send_all(self, run):
        run.notice_ids._confirm_printed()

    def test_an_unfinished_run_can_be_cancelled(self):
        run = self.propose()
        self.issue(run.notice_ids)
        run.with_user(self.manager).action_cancel()
        self.assertEqual(run.state, "cancelled")
        self.assertEqual(run.notice_ids.ended_by_id, self.manager)

    def test_the_night_makes_a_run_of_its_own_beside_it(self):
        runs = self.env["account.dunning.run"].sudo()
        self.invoice(self.partner_a, 12)
        runs._start_nightly(self.company)
        self.work()
        run = runs.search([("nightly", "=", True)], limit=1)
        self.issue(run.notice_ids)
        self.assertEqual(run.state, "unfinished")
        self.go(1)
        runs._start_nightly(self.company)
        self.work()
        self.assertEqual((run.state, run.notice_ids.state), ("unfinished", "to_print"))

    def test_migration(self):
        run = self.propose()
        self.issue(run.notice_ids)
        run.sudo().state = "done"
        self.env.flush_all()
        self.migration("19.0.1.5.0", "post-unfinished").migrate(self.env.cr, "19.0.1.4.0")
        run.invalidate_recordset()
        self.assertEqual(run.state, "unfinished")


@tagged("post_install", "-at_install")
class TestWho(OutcomeCommon):
    def logs(self, record):
        return "\n".join(str(body) for body in record.sudo().message_ids.mapped("body"))

    def test_who_issued_and_printed(self):
        run = self.propose()
        self.by_manager.action_issue()
        self.work()
        self.by_manager.with_user(self.collector)._confirm_printed()
        notice = run.notice_ids[0].sudo()
        self.assertEqual((notice.issued_by_id, notice.printed_by_id), (self.manager, self.collector))
        self.assertIn("2 notices issued", self.logs(run))
        self.assertIn("2 letters printed", self.logs(run))

    def test_the_invoice_tells_of_its_notices(self):
        run = self.propose()
        self.send(run.notice_ids)
        notice = run.notice_ids.filtered(lambda notice: notice.partner_id == self.partner_a)
        self.assertIn(f"Dunning notice {notice.name} was sent: {self.level_1.name}", self.logs(self.first))
        self.assertNotIn(notice.name, self.logs(self.second))
        notice.sudo()._undo("wrong", at_once=True)
        self.assertIn(f"Dunning notice {notice.name} was undone", self.logs(self.first))
        self.assertNotIn("undone", self.logs(self.second))

    def test_an_invoice_tells_nothing_where_the_customer_got_nothing(self):
        action = self.env["account.dunning.action"].create({"name": "Call", "kind": "activity"})
        self.level_1.write({"document": "none", "action_ids": action.ids})
        self.send(self.propose().notice_ids)
        self.assertTrue(self.first.collection_plan_ids)
        self.assertNotIn("was sent", self.logs(self.first))

    def test_who_excluded_and_cancelled(self):
        run = self.propose()
        first, second = self.by_manager
        wizard = self.env["account.dunning.exclude"].with_user(self.manager).create({"notice_ids": [(6, 0, first.ids)]})
        wizard.action_exclude()
        second.action_cancel()
        self.assertEqual(run.notice_ids.ended_by_id, self.manager)
        self.assertIn("Excluded", self.logs(first))
        self.assertIn("Cancelled by", self.logs(second))
        self.assertEqual(first.sudo().message_ids[0].author_id, self.manager.partner_id)


@tagged("post_install", "-at_install")
class TestRefused(OutcomeCommon):
    def queue(self):
        self.level_1.document = "email"
        self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids.sudo()
        self.issue(notice)
        return notice

    def refuse(self, notice, code):
        error = SMTPRecipientsRefused({"a@example.com": (code, b"4.2.0 Greylisted")})
        with self.mock_mail_gateway():
            self.send_email_mocked.side_effect = error
            notice.mail_id.send()

    def test_a_temporary_refusal_is_tried_again(self):
        notice = self.queue()
        self.refuse(notice, 450)
        self.assertEqual((notice.state, notice.tries), ("failed", 1))
        self.assertEqual(notice.retry_on, Datetime.add(Datetime.now(), minutes=10))
        self.assertIn(self.manager, notice.run_id.activity_ids.user_id)
        self.env["account.dunning.notice"]._sweep_mails()
        self.assertEqual(notice.state, "failed", "not before its time")
        self.frozen.tick(601)
        self.env["account.dunning.notice"].sudo()._sweep_mails()
        self.assertEqual(notice.state, "queued")
        self.work()
        with self.mock_mail_gateway():
            notice.mail_id.send()
        self.assertEqual((notice.state, notice.retry_on), ("sent", False))

    def test_the_waits_grow_and_end(self):
        notice = self.queue()
        notice.tries = 8
        self.refuse(notice, 421)
        self.assertEqual((notice.state, notice.retry_on), ("failed", False))

    def test_a_final_refusal_is_not(self):
        notice = self.queue()
        self.refuse(notice, 550)
        self.assertFalse(notice.retry_on)

    def test_a_person_who_retries_begins_anew(self):
        notice = self.queue()
        self.refuse(notice, 450)
        notice.with_user(self.manager).action_retry()
        self.assertEqual((notice.state, notice.tries, notice.retry_on), ("queued", 0, False))
