"""A sent notice goes out once more: the same letter, to whom and where is kept; as a collector (rules §7)."""

from email import message_from_string, policy

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.mail.tests.common import MockEmail

from .common import DunningCommon, StubLetters

BOUNCE = """From: MAILER-DAEMON@example.com
To: bounce@example.com
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It came back.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.com

Final-Recipient: rfc822; other@example.com
Action: failed
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}
Subject: Notice

--b--
"""


@tagged("post_install", "-at_install")
class TestResend(StubLetters, MockEmail, DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.moves = cls.stage.invoices(cls.partner_a, 12, [100.0, 70.0])
        cls.stage.dun()
        cls.sent = cls.env["account.dunning.notice"].search([("partner_id", "=", cls.partner_a.id)])
        cls.notice = cls.sent[:1].with_user(cls.collector)

    def open(self, notices, user=None):
        user = user or self.collector
        action = notices.with_user(user).action_resend()
        return Form(self.env[action["res_model"]].with_user(user).with_context(**action["context"]))

    def mails(self):
        return self.sent.sudo().resent_mail_ids

    def test_the_same_letter_to_the_same_address(self):
        notice = self.notice.sudo()
        before = notice.read(["state", "level_id", "date", "deadline_date", "sent_on", "attachment_id", "mail_id"])
        plans = notice.line_ids.plan_id
        dates = plans.mapped("next_date")
        self.go(3)
        form = self.open(self.notice)
        self.assertEqual(form.email_to, "a@example.com")
        form.save().action_send()
        mail = self.mails()
        self.assertEqual((mail.state, mail.email_to), ("outgoing", "a@example.com"), "queued, not sent")
        self.assertEqual(mail.attachment_ids, notice.attachment_id)
        self.assertEqual(mail.attachment_ids.raw, b"%PDF-1.4 stub")
        self.assertEqual(notice.read([*before[0]][1:]), before)
        self.assertEqual(plans.mapped("next_date"), dates)
        with self.mock_mail_gateway():
            mail.send()
        [sent] = self._mails
        self.assertEqual(sent["attachments"], [(notice.attachment_id.name, b"%PDF-1.4 stub", "application/pdf")])
        self.assertTrue(mail.exists(), "it is kept")
        self.assertEqual(notice.read([*before[0]][1:]), before)

    def test_to_another_address(self):
        form = self.open(self.notice)
        form.email_to = "Other <other@example.com>; more@example.com"
        form.email_cc = "boss@example.com"
        form.subject = "As you asked"
        form.save().action_send()
        mail = self.mails()
        self.assertEqual(mail.email_to, "other@example.com, more@example.com")
        self.assertEqual((mail.email_cc, mail.subject), ("boss@example.com", "As you asked"))
        self.assertFalse(mail.recipient_ids)
        with self.mock_mail_gateway():
            mail.send()
        everybody = " ".join(address for sent in self._mails for address in sent["email_to"])
        self.assertIn("other@example.com", everybody)
        self.assertNotIn("a@example.com", everybody)

    def test_it_is_told_who_sent_it_where(self):
        plan = self.notice.sudo().line_ids.plan_id
        before = plan.message_ids
        form = self.open(self.notice)
        form.email_to = "other@example.com"
        form.save().action_send()
        for record in (self.notice, *plan):
            told = (record.message_ids - before).filtered(lambda note: "sent again" in (note.body or ""))
            self.assertIn("other@example.com", told.body)
            self.assertEqual(told.author_id, self.collector.partner_id)

    def test_what_was_sent_again_cannot_be_deleted(self):
        self.open(self.notice).save().action_send()
        mail = self.mails()
        with self.mock_mail_gateway():
            mail.send()
        with self.refused(UserError, "cannot be deleted"):
            mail.unlink()
        with self.refused(UserError, "cannot be deleted"):
            mail.attachment_ids.unlink()

    def test_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("de_DE")
        template = self.env.ref("account_dunning.mail_template_dunning_resend").with_context(lang="de_DE")
        template.subject = "Kopie: {{ object.name }}"
        template.body_html = "<p>hiermit erhalten Sie <t t-out='object.name'/></p>"
        self.notice.sudo().lang = "de_DE"
        form = self.open(self.notice)
        self.assertIn("Kopie", form.subject)
        self.assertIn("hiermit erhalten Sie", form.body)
        self.assertIn(self.notice.name, form.body)

    def test_printed_again(self):
        action = self.open(self.notice).save().action_print()
        self.assertIn(f"/web/content/{self.notice.attachment_id.id}", action["url"])
        self.assertIn("printed again", " ".join(self.notice.message_ids.mapped("body")))
        self.assertFalse(self.mails())
        self.assertEqual(self.notice.with_user(self.collector).attachment_id.raw, b"%PDF-1.4 stub")

    def test_several_at_once(self):
        other = self.invoice(self.partner_b, 12)
        self.partner_b.email = "b@example.com"
        self.dun()
        both = self.notice.sudo() + self.env["account.dunning.notice"].search([("line_ids.move_id", "=", other.id)])
        form = self.open(both)
        self.assertTrue(form._get_modifier("email_to", "invisible"))
        dialog = form.save()
        dialog.action_send()
        self.assertEqual(both.resent_mail_ids.mapped("email_to"), ["a@example.com", "b@example.com"])
        self.assertIn(both[1].name, both[1].resent_mail_ids.subject)
        with self.refused(UserError, "one letter at a time"):
            dialog.action_print()

    def test_what_is_no_address(self):
        form = self.open(self.notice)
        form.email_to = "nobody, a@example.com"
        dialog = form.save()
        with self.refused(UserError, "is no e-mail address"):
            dialog.action_send()
        dialog.email_to = False
        with self.refused(UserError, "has no e-mail address"):
            dialog.action_send()
        dialog.write({"email_to": "a@example.com", "email_cc": "x@example.com\nBcc: all@example.com"})
        with self.refused(UserError, "is no e-mail address"):
            dialog.action_send()

    def test_only_what_has_left(self):
        self.invoice(self.partner_b, 12)
        proposed = self.run_day().notice_ids
        with self.refused(UserError, "None of the selected"):
            self.open(proposed)
        dialogs = self.env["account.dunning.resend"].with_user(self.collector)
        dialog = dialogs.create({"notice_ids": [Command.set(proposed.ids)], "email_to": "a@example.com"})
        for button in (dialog.action_send, dialog.action_print):
            with self.refused(UserError, "Only notices that were sent"):
                button()
        dialog = self.open(self.notice).save()
        self.notice.sudo()._undo("A mistake", at_once=False)
        with self.refused(UserError, "Only notices that were sent"):
            dialog.action_send()

    def test_nobody_else(self):
        clerk = self.new_user("clerk", "account.group_account_invoice")
        with self.refused(AccessError, ""):
            self.notice.with_user(clerk).action_resend()

    def test_a_server_that_refuses(self):
        self.open(self.notice).save().action_send()
        with self.mock_mail_gateway():
            self.send_email_mocked.side_effect = ConnectionRefusedError("no connection")
            self.mails().send()
        notice = self.notice.sudo()
        self.assertEqual((self.mails().state, notice.state), ("exception", "sent"))
        self.assertIn("could not be sent again", " ".join(notice.line_ids.plan_id.activity_ids.mapped("summary")))

    def test_a_copy_that_comes_back(self):
        form = self.open(self.notice)
        form.email_to = "other@example.com"
        form.save().action_send()
        report = BOUNCE.format(message_id=self.mails().message_id)
        notice = self.notice.sudo()
        notice._receive_report(message_from_string(report, policy=policy.SMTP))
        self.assertEqual(notice.state, "sent", "the notice itself has arrived")
        self.assertFalse(notice.bounced)
        self.assertIn("came back", " ".join(notice.line_ids.plan_id.activity_ids.mapped("summary")))
