"""E-mails from the queue to the mail server and back: sent, failed, bounced, withdrawn, answered (rules §7)."""

from email import message_from_string, policy
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MockEmail

from .common import DunningCommon, StubLetters


@tagged("post_install", "-at_install")
class TestDelivery(StubLetters, MockEmail, DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dunning_type.level_ids.document = "email"
        cls.env["res.lang"]._activate_lang("fr_FR")

    def queue(self, partner=None):
        """Issue a notice by e-mail; it waits in the queue of Odoo."""
        self.move = self.invoice(partner or self.partner_a, 12)
        notice = self.run_day().notice_ids.filtered("line_ids.pending")
        self.issue(notice)
        return notice.sudo()

    def deliver(self, notice, error=None):
        """Let the mail server take the e-mail, or refuse it with ``error``."""
        with self.mock_mail_gateway():
            if error:
                self.send_email_mocked.side_effect = error
            notice.mail_id.send()

    def test_queued_with_the_letter_attached(self):
        notice = self.queue()
        mail = notice.mail_id
        self.assertEqual((notice.state, mail.state), ("queued", "outgoing"))
        self.assertEqual(mail.attachment_ids, notice.attachment_id)
        self.assertEqual(mail.recipient_ids, self.partner_a)
        self.assertTrue(mail.message_id, "the Message-ID is fixed when it is queued")
        self.assertIn(
            "please pay $\N{NO-BREAK SPACE}100.00", str(mail.body_html).replace("&nbsp;", "\N{NO-BREAK SPACE}")
        )
        self.assertIn(self.move.name, mail.body_html)
        self.assertIn(notice.name, mail.subject)
        self.assertFalse(self.state(self.move), "not sent: no level")

    def test_message_id_stays_the_same(self):
        notice = self.queue()
        message_id = notice.mail_id.message_id
        self.deliver(notice)
        self.assertEqual(self._mails[0]["message_id"], message_id)

    def test_sent_when_the_mail_left(self):
        notice = self.queue()
        self.deliver(notice)
        self.assertEqual((notice.state, notice.sent_on), ("sent", self.today))
        self.assertEqual(self.state(self.move).level_id, self.level_1)
        self.assertEqual(self.move.collection_plan_ids.state, "ongoing")

    def test_in_the_language_of_the_recipient(self):
        self.level_1.with_context(lang="fr_FR").text = "<p>Bonjour {customer}, payez {total}.</p>"
        self.partner_a.lang = "fr_FR"
        notice = self.queue()
        self.assertEqual(notice.lang, "fr_FR")
        self.assertIn("Bonjour", notice.mail_id.body_html)

    def test_refused_by_the_server(self):
        notice = self.queue()
        self.deliver(notice, ConnectionRefusedError("no connection"))
        self.assertEqual(notice.state, "failed")
        self.assertIn("no connection", notice.failure)
        self.assertFalse(self.state(self.move))
        self.assertFalse(self.run_day().notice_ids, "a failed notice keeps its items")
        notice.action_retry()
        self.work()
        self.deliver(notice)
        self.assertEqual((notice.state, self.state(self.move).times), ("sent", 1))

    def test_printed_instead(self):
        notice = self.queue()
        self.deliver(notice, ConnectionRefusedError("no connection"))
        notice.action_print_instead()
        self.work()
        self.assertEqual((notice.state, notice.document), ("to_print", "letter"))

    def test_email_else_letter(self):
        self.dunning_type.level_ids.document = "email_letter"
        notice = self.queue()
        self.deliver(notice, ConnectionRefusedError("no connection"))
        self.assertEqual((notice.state, notice.document), ("failed", "email"), "the server is down, not the address")
        notice.action_retry()
        self.work()
        self.partner_a.email = "nonsense"
        self.deliver(notice)
        self.work()
        self.assertEqual((notice.state, notice.document), ("to_print", "letter"))

    def test_without_recipients_nothing_was_sent(self):
        self.level_1.mail_template_id = self.level_1.mail_template_id.copy({"partner_to": False})
        notice = self.queue()
        self.deliver(notice)
        self.assertEqual(notice.state, "failed")
        self.assertFalse(self.state(self.move))

    def test_paid_while_the_letters_were_made(self):
        """A payment that the issuing transaction could not see: the items are read again before the mail leaves."""
        notice = self.queue()
        with patch.object(type(notice), "_requeue"):
            self.pay(self.move)
        self.assertEqual(notice.mail_id.state, "outgoing")
        mail = notice.mail_id
        self.deliver(notice)
        self.assertEqual(mail.state, "cancel")
        self.assertFalse(self._mails)
        self.work()
        self.assertEqual(notice.state, "cancelled")

    def test_a_mail_of_yesterday_is_made_anew(self):
        notice = self.queue()
        self.go(1)
        self.deliver(notice)
        self.assertFalse(self._mails)
        self.work()
        self.assertEqual((notice.state, notice.date), ("queued", self.today))
        self.deliver(notice)
        self.assertEqual(notice.state, "sent")

    def test_an_error_after_sending_neither_loses_nor_repeats_the_mail(self):
        notice = self.queue()
        with (
            patch.object(type(notice), "_raise_levels", side_effect=ValueError("broken")),
            mute_logger("odoo.addons.account_dunning.models.notice.mail_mail"),
        ):
            self.deliver(notice)
        self.assertEqual((notice.mail_id.state, notice.state), ("sent", "queued"))
        self.env["account.dunning.notice"].sudo()._sweep_mails()
        self.assertEqual((notice.state, self.state(self.move).times), ("sent", 1))

    def test_cancelled_in_the_queue(self):
        notice = self.queue()
        notice.mail_id.state = "cancel"
        self.env["account.dunning.notice"].sudo()._sweep_mails()
        self.assertEqual(notice.state, "failed")

    def test_withdrawn_when_paid(self):
        notice = self.queue()
        mail = notice.mail_id
        self.pay(self.move)
        self.assertEqual((notice.state, mail.state), ("queued", "cancel"))
        self.work()
        self.assertEqual((notice.state, notice.cancel_reason), ("cancelled", "Settled in the meantime"))

    def test_made_anew_when_paid_in_part(self):
        notice = self.queue()
        first = notice.mail_id
        self.pay(self.move, 60.0)
        self.work()
        self.assertEqual((first.state, notice.mail_id.state), ("cancel", "outgoing"))
        self.assertEqual(notice.amount_total, 40.0)

    def test_bounce(self):
        notice = self.queue()
        self.deliver(notice)
        plan = self.move.collection_plan_ids
        notice.sudo()._come_back("The e-mail to a@example.com came back.")
        self.assertEqual(self.state(self.move).level_id, self.level_1, "somebody has to say that it did not arrive")
        self.assertTrue(plan.activity_ids)
        notice.action_confirm_bounce()
        self.assertEqual((notice.state, notice.document), ("failed", "letter"))
        self.assertFalse(self.state(self.move).level_id, "the level goes back")
        self.assertEqual((plan.state, plan.close_reason), ("stopped", "undone"))
        notice.action_retry()
        self.work()
        notice._confirm_printed()
        self.assertEqual(self.state(self.move).level_id, self.level_1)
        self.assertEqual(self.move.collection_plan_ids.filtered(lambda p: p.state == "ongoing").level_id, self.level_1)

    def test_bounce_of_a_second_notice(self):
        self.deliver(self.queue())
        self.go(8)
        notice = self.run_day().notice_ids
        self.issue(notice)
        self.deliver(notice.sudo())
        self.assertEqual(self.state(self.move).level_id, self.level_2)
        self.come_back(notice)
        self.assertRecordValues(
            self.state(self.move),
            [{"level_id": self.level_1.id, "times": 1, "last_notice_date": notice.line_ids.previous_date}],
        )
        self.assertEqual(self.move.collection_plan_ids.state, "ongoing")
        self.assertEqual(self.move.collection_plan_ids.level_id, self.level_1)

    def test_late_bounce_with_the_next_level_proposed(self):
        first = self.queue()
        self.deliver(first)
        self.go(8)
        second = self.run_day().notice_ids
        self.come_back(first)
        self.assertEqual((first.state, second.state), ("failed", "cancelled"))
        self.assertFalse(self.state(self.move).level_id)

    def test_late_bounce_with_the_next_level_sent(self):
        first = self.queue()
        self.deliver(first)
        self.go(8)
        second = self.run_day().notice_ids.sudo()
        self.issue(second)
        self.deliver(second)
        self.come_back(first)
        self.assertEqual(first.state, "sent")
        self.assertEqual(self.state(self.move).level_id, self.level_2)
        self.assertTrue(self.move.collection_plan_ids.activity_ids, "the collector learns of it")

    def test_bounce_on_a_notice_sent_by_post(self):
        """Its e-mail came back, so that it was sent as a letter; a second report about that e-mail changes nothing."""
        notice = self.queue()
        self.deliver(notice)
        report = message_from_string(self.report(notice), policy=policy.default)
        notice._receive_report(report)
        self.assertTrue(notice.bounced, "the report is one that counts")
        notice.action_confirm_bounce()
        notice.action_retry()
        self.work()
        notice._confirm_printed()
        notice._receive_report(report)
        self.assertEqual((notice.state, notice.bounced), ("sent", False))
        self.assertEqual(self.state(self.move).level_id, self.level_1)

    def report(self, notice):
        """The report of final failure (RFC 3464) that the customer's mail server sends about the notice's e-mail."""
        return f"""From: MAILER-DAEMON@mx.example.com
To: bounce@example.com
Subject: Undelivered Mail Returned to Sender
Message-ID: <report@mx.example.com>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=limit="

--=limit=
Content-Type: text/plain

I could not deliver your mail.

--=limit=
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; a@example.com
Action: failed
Status: 5.1.1

--=limit=
Content-Type: message/rfc822

Message-ID: {notice.mail_id.message_id}
Subject: Payment reminder

Dear customer

--=limit=--
"""

    def test_a_reply_arrives_in_the_plan(self):
        notice = self.queue()
        self.deliver(notice)
        notice.message_post(
            body="We shall pay on Friday.",
            message_type="email",
            author_id=self.partner_a.id,
            subtype_xmlid="mail.mt_comment",
        )
        plan = self.move.collection_plan_ids
        self.assertIn("Friday", "".join(plan.message_ids.mapped("body")))

    def test_invoices_attached(self):
        self.level_1.attach_invoices = True
        self.move = self.invoice(self.partner_a, 12)
        invoice_pdf = self.env["ir.attachment"].create(
            {
                "name": "invoice.pdf",
                "raw": b"%PDF-1.4",
                "res_model": "account.move",
                "res_id": self.move.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        self.move.invalidate_recordset()
        notice = self.run_day().notice_ids
        self.issue(notice)
        self.assertEqual(notice.sudo().mail_id.attachment_ids, notice.attachment_id + invoice_pdf)

    def test_broken_template_fails_its_notice_only(self):
        template = self.level_1.mail_template_id.copy({"subject": "{{ object.nonsense }}"})
        other = self.make_type("Other", (5,), document="email", sequence=1)
        other.level_ids.mail_template_id = template
        self.partner_b.write({"email": "b@example.com", "dunning_type_id": other.id})
        self.invoice(self.partner_a, 12)
        self.invoice(self.partner_b, 12)
        run = self.run_day()
        self.issue(run.notice_ids)
        states = {notice.partner_id: notice.state for notice in run.notice_ids}
        self.assertEqual(states, {self.partner_a: "queued", self.partner_b: "failed"})
        failed = run.notice_ids.filtered(lambda notice: notice.state == "failed")
        self.assertIn("nonsense", failed.failure)

    def test_no_mail_is_sent_inside_the_transaction(self):
        with patch.object(type(self.env["mail.mail"]), "send") as send:
            self.queue()
        send.assert_not_called()

    def test_two_recipients_two_mails(self):
        self.dunning_type.recipient_rule = "invoice"
        contacts = self.env["res.partner"].create(
            [{"name": f"Contact {n}", "parent_id": self.partner_a.id, "email": f"{n}@example.com"} for n in "xy"]
        )
        for contact in contacts:
            self.invoice(contact, 12)
        run = self.run_day(partner_ids=[Command.set(self.partner_a.ids)])
        self.issue(run.notice_ids)
        self.assertEqual(run.notice_ids.sudo().mail_id.recipient_ids, contacts)
