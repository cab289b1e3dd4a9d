"""What a customer can rely on, and who was sent what: reports about e-mails, evidence, answers, printing."""

import contextlib
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from unittest.mock import patch

from odoo.exceptions import LockError, UserError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import MockEmail

from ..tools.refusals import lock
from .common import DunningCommon, StubLetters


class TrustCase(StubLetters, MockEmail, DunningCommon):
    def sent_by_email(self):
        """A notice by e-mail that has left."""
        self.level_1.document = "email"
        self.move = self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids.sudo()
        self.issue(notice)
        with self.mock_mail_gateway():
            notice.mail_id.send()
        self.env.cr.precommit.run()
        self.plan = self.move.collection_plan_ids
        return notice

    def printable(self):
        self.move = self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids.sudo()
        self.issue(notice)
        self.assertEqual(notice.state, "to_print")
        return notice

    def dialog(self, notices):
        return self.env["account.dunning.print"].browse(notices.action_print()["res_id"])


@tagged("post_install", "-at_install")
class TestReports(TrustCase):
    """Reports of mail servers about the e-mails of notices (RFC 3464)."""

    def setUp(self):
        super().setUp()
        self.notice = self.sent_by_email()

    def report(self, action="failed", recipient="a@example.com", message_id=None, returned=True, headers=False):
        status, server, mail, original = Message(), Message(), Message(), Message()
        status["Content-Type"] = "message/delivery-status"
        server["Reporting-MTA"] = "dns; mx.example.com"
        mail["Final-Recipient"] = f"rfc822; {recipient}"
        mail["Action"] = action
        status.attach(server)
        status.attach(mail)
        original["Message-ID"] = message_id or self.notice.mail_id.message_id
        original["Subject"] = "Payment reminder"
        original.set_payload("Dear customer")
        parts = [MIMEText("I could not deliver your mail."), status]
        if headers:
            part = MIMEBase("text", "rfc822-headers")
            part.set_payload(f"Message-ID: {original['Message-ID']}\nSubject: x\n")
            parts.append(part)
        elif returned:
            parts.append(MIMEMessage(original))
        report = MIMEMultipart("report", None, parts, report_type="delivery-status")
        report["From"] = "MAILER-DAEMON@mx.example.com"
        report["To"] = "bounce@example.com"
        report["Subject"] = "Delivery Status Notification"
        report["Message-ID"] = f"<{id(report)}@mx.example.com>"
        report["References"] = self.notice.mail_id.message_id
        with self.mock_mail_gateway():
            self.env["mail.thread"].sudo().message_process(False, report.as_string())

    def check_unmoved(self):
        self.assertEqual((self.notice.state, self.notice.bounced), ("sent", False))
        self.assertEqual(self.state(self.move).level_id, self.level_1)

    def test_only_final_failure_counts(self):
        for action in ("delayed", "relayed", "delivered", "expanded", "", "nonsense"):
            with self.subTest(action=action):
                self.report(action)
                self.check_unmoved()

    def test_only_for_the_recipient_of_the_notice(self):
        self.report(recipient="somebody@example.org")
        self.check_unmoved()

    def test_only_about_the_mail_of_the_notice(self):
        self.report(message_id="<other@example.com>")
        self.report(returned=False)
        self.check_unmoved()

    def test_a_report_takes_nothing_back_until_a_person_confirms(self):
        self.plan.user_id = self.collector
        self.report("Failed")
        self.assertEqual((self.notice.state, self.notice.bounced), ("failed", True))
        self.assertIn("a@example.com", self.notice.failure)
        self.assertEqual((self.state(self.move).level_id, self.plan.state), (self.level_1, "ongoing"))
        self.assertEqual(self.plan.activity_ids.user_id, self.collector)
        self.go(30)
        self.assertFalse(self.run_day().notice_ids, "what would follow waits")
        self.notice.with_user(self.collector).action_confirm_bounce()
        self.assertEqual((self.notice.state, self.notice.bounced, self.notice.document), ("failed", False, "letter"))
        self.assertFalse(self.state(self.move).level_id)
        self.notice.with_user(self.manager).action_retry()
        self.work()
        self.assertEqual(self.notice.state, "to_print")

    def test_a_report_in_headers_and_without_collector(self):
        self.plan.user_id = False
        self.report(headers=True)
        self.assertTrue(self.notice.bounced)
        self.assertIn(self.manager, self.plan.activity_ids.user_id)

    def test_dismissed(self):
        self.report()
        self.notice.with_user(self.collector).action_dismiss_bounce()
        self.check_unmoved()
        self.go(30)
        self.assertEqual(self.run_day().notice_ids.level_id, self.level_2)

    def test_retry_confirms(self):
        self.report()
        self.notice.with_user(self.manager).action_retry()
        self.assertEqual((self.notice.state, self.notice.bounced), ("queued", False))
        self.assertFalse(self.state(self.move).level_id)

    def test_the_plan_is_paused_meanwhile(self):
        """The lines of what has left are evidence."""
        self.report()
        lines = self.notice.line_ids
        self.plan.sudo()._pause(self.env["account.dunning.reason"].search([], limit=1), self.today.replace(day=20))
        self.assertTrue(lines.exists())
        self.assertFalse(any(lines.mapped("pending")))


@tagged("post_install", "-at_install")
class TestEvidence(TrustCase):
    """Nothing that ever left can be deleted."""

    def setUp(self):
        super().setUp()
        self.level_1.write({"fee_kind": "fixed", "fee_amount": 5.0})

    def check_kept(self, notice):
        run, letter, charges = notice.run_id, notice.attachment_id, notice.charge_ids
        self.assertTrue(letter and charges)
        kept = [run, notice, notice.line_ids, charges, letter, self.move.collection_plan_ids]
        kept += notice.mail_id
        for record in kept:
            with self.subTest(model=record._name), self.refused(UserError, "cannot be deleted"):
                record.sudo().unlink()

    def test_sent(self):
        notice = self.printable()
        notice._confirm_printed()
        self.check_kept(notice)

    def test_undone(self):
        notice = self.printable()
        notice._confirm_printed()
        notice._undo("A mistake", False)
        self.assertEqual(notice.state, "cancelled")
        self.check_kept(notice)

    def test_bounced(self):
        notice = self.sent_by_email()
        self.assertTrue(notice.mail_id)
        self.check_kept(notice)
        notice._come_back("It came back")
        self.check_kept(notice)
        notice.action_confirm_bounce()
        with self.refused(UserError, "cannot be deleted"):
            notice.run_id.sudo().unlink()

    def test_what_never_left_goes(self):
        self.invoice(self.partner_a, 12)
        run = self.run_day()
        notices = run.notice_ids
        charges = notices.charge_ids
        run.sudo().unlink()
        self.assertFalse(notices.exists() or charges.exists())


@tagged("post_install", "-at_install")
class TestOtherMails(TrustCase):
    """A mail that is none of ours costs nothing, and nothing happens in the middle of sending it."""

    def test_without_work_the_worker_does_not_call_itself(self):
        workers = self.env["ir.cron"].sudo()._get_dunning_workers()
        triggers = self.env["ir.cron.trigger"].sudo()
        triggers.search([]).unlink()
        self.env["account.dunning.notice"].sudo()._sweep_mails()
        self.assertFalse(triggers.search([("cron_id", "in", workers.ids)]))

    def mails(self, count):
        return (
            self.env["mail.mail"]
            .sudo()
            .create([{"subject": "x", "body_html": "x", "email_to": f"{n}@example.com"} for n in range(count)])
        )

    def send(self, mails, without=False):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        with self.mock_mail_gateway(), contextlib.ExitStack() as stack:
            for name in ("_send", "_postprocess_sent_message") if without else ():
                [ours] = [
                    cls
                    for cls in type(mails).__mro__
                    if cls.__module__.endswith("account_dunning.models.notice.mail_mail")
                ]
                below = type(mails).__mro__[type(mails).__mro__.index(ours) + 1 :]
                base = next(vars(cls)[name] for cls in below if name in vars(cls))
                stack.enter_context(patch.object(ours, name, base))
            mails.send()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_no_query_more_and_no_callback(self):
        self.send(self.mails(1))
        without = self.send(self.mails(10), without=True)
        called = []
        mails = self.mails(10)
        self.env.cr.precommit.add(lambda: called.append(1))
        self.assertLessEqual(self.send(mails), without)
        self.assertFalse(called)
        self.assertEqual(set(mails.exists().mapped("state")) - {"sent"}, set())

    def test_ours_and_others_together(self):
        self.level_1.document = "email"
        self.move = self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids.sudo()
        self.issue(notice)
        other = self.mails(2)
        with self.mock_mail_gateway():
            (other + notice.mail_id).send()
        self.assertEqual(notice.state, "sent")
        self.assertEqual(len(self._mails), 3)


@tagged("post_install", "-at_install")
class TestAnswers(TrustCase):
    def answer(self, notice, author):
        attachment = self.env["ir.attachment"].sudo().create({"name": "receipt.pdf", "raw": b"%PDF-1.4"})
        return notice.message_post(
            body="We paid on Friday.",
            subject="Re: reminder",
            message_type="email",
            author_id=author.id,
            subtype_xmlid="mail.mt_comment",
            attachment_ids=attachment.ids,
        )

    def test_the_collector_learns_of_it_with_the_files(self):
        notice = self.sent_by_email()
        self.plan.user_id = self.collector
        before = self.plan.activity_ids
        message = self.answer(notice, self.partner_a)
        copy = self.plan.message_ids[0]
        self.assertIn("Friday", copy.body)
        self.assertEqual(copy.attachment_ids, message.attachment_ids)
        self.assertTrue(copy.attachment_ids.with_user(self.collector).raw)
        activity = self.plan.activity_ids - before
        self.assertEqual(activity.user_id, self.collector)
        self.assertIn("Re: reminder", activity.summary)

    def test_without_collector_the_managers_do(self):
        notice = self.sent_by_email()
        self.plan.user_id = False
        self.answer(notice, self.partner_a)
        self.assertIn(self.manager, self.plan.activity_ids.user_id)

    def test_answers_of_colleagues_ask_nobody(self):
        notice = self.sent_by_email()
        before = self.plan.activity_ids
        self.answer(notice, self.manager.partner_id)
        self.assertEqual(self.plan.activity_ids, before)


@tagged("post_install", "-at_install")
class TestPrinting(TrustCase):
    """Items are read again before letters are printed (rules §7)."""

    def setUp(self):
        super().setUp()
        merge = "odoo.addons.account_dunning.wizards.notice.account_dunning_print.merge_pdf"
        self.startPatcher(patch(merge, side_effect=b"".join))  # stubs are no whole files

    def unseen(self):
        """What happens is not seen by the transaction that makes the letter."""
        return patch.object(type(self.env["account.collection.plan"]), "_settle_lines")

    def test_paid_meanwhile(self):
        notice = self.printable()
        with self.unseen():
            self.pay(self.move)
        dialog = self.dialog(notice.with_user(self.collector))
        self.assertFalse(dialog.document)
        self.assertIn("Settled in the meantime", dialog.skipped)
        self.assertEqual((notice.state, notice.cancel_reason), ("cancelled", "Settled in the meantime"))

    def test_paid_in_part_or_held(self):
        notice = self.printable()
        with self.unseen():
            self.pay(self.move, 60.0)
        self.assertIn("anew", self.dialog(notice).skipped)
        self.work()
        self.assertEqual((notice.state, notice.amount_total), ("to_print", 40.0))
        dialog = self.dialog(notice)
        self.assertTrue(dialog.document)
        self.assertFalse(dialog.skipped)

    def test_confirming_a_cancelled_letter_says_so(self):
        notice = self.printable()
        dialog = self.dialog(notice)
        notice._cancel("Agreed on the phone")
        with self.refused(UserError, "Agreed on the phone"):
            dialog.action_confirm()

    def test_confirming_the_others(self):
        self.invoice(self.partner_b, 12)
        self.invoice(self.partner_a, 12)
        notices = self.run_day().notice_ids.sudo()
        self.issue(notices)
        dialog = self.dialog(notices)
        notices[0]._cancel("Agreed on the phone")
        dialog.invalidate_recordset()
        self.assertIn("Agreed on the phone", dialog.action_confirm()["params"]["message"])
        self.assertEqual(notices[1].state, "sent")

    def test_losers_of_a_race_see_a_sentence(self):
        with (
            patch.object(type(self.partner_a), "try_lock_for_update", lambda self: self.browse()),
            self.refused(LockError, "Somebody else is working on this just now: .*partner_a"),
        ):
            lock(self.partner_a)
