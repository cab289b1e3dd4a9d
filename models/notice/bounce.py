from email.parser import HeaderParser

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, email_normalize_all

from ..base.names import OPEN_STATES
from .mail_mail import NOTICE_MODEL


class NoticeBounce:
    """E-mails that come back (rules §7).

    Who received an e-mail knows every secret in it and can forge a report about it. So a report never takes a level
    back: the notice fails, nothing follows, and a person looks.
    """

    __slots__ = ()

    def action_confirm_bounce(self):
        """The e-mails were not delivered: level and charges go back, and the next try is a letter."""
        notices = self._as_collector().filtered("bounced")
        if not notices:
            raise UserError(self.env._("None of the selected notices has come back."))
        notices._confirm_bounces()

    def action_dismiss_bounce(self):
        """The e-mails were delivered all the same: all stays as it was before the report."""
        notices = self._as_collector().filtered("bounced")
        notices.write({"state": "sent", "failure": False, "bounced": False})
        notices.line_ids.write({"pending": False})
        notices._message_log_batch(bodies=dict.fromkeys(notices.ids, self.env._("The e-mail was delivered.")))
        notices.line_ids.plan_id.filtered(lambda plan: plan.state in OPEN_STATES)._settle()
        notices._after_state()

    def _confirm_bounces(self):
        """A person goes on with the notices: those that have come back are taken back before."""
        for notice in self.filtered("bounced"):
            notice._take_back(notice.failure)

    # reports of mail servers

    def _receive_report(self, email_message):
        """Read a report (RFC 3464) about the e-mail of the notice; one of final failure for its recipient counts.

        :param email_message: what the mail server sent, an :class:`email.message.EmailMessage`
        """
        self.ensure_one()
        mail, returned_id = self.mail_id, _get_returned_id(email_message)
        again = self.resent_mail_ids.filtered(lambda mail: (mail.message_id or "").strip() == returned_id)
        if again and _get_failed_recipients(email_message):
            self._tell_not_resent(self.env._("the e-mail to %(email)s came back", email=again[0].email_to))
        if self.state != "sent" or self.document != "email" or not mail.message_id:
            return
        if returned_id != mail.message_id.strip():
            return
        failed = _get_failed_recipients(email_message) & self._get_mail_addresses()
        if failed:
            self._come_back(self.env._("The e-mail to %(email)s came back.", email=", ".join(sorted(failed))))

    def _get_mail_addresses(self):
        """The addresses of the notice's recipient, as a set; those of copies do not count."""
        recipients = self.mail_id.recipient_ids & self.recipient_id
        texts = recipients.mapped("email") if recipients else [self.mail_id.email_to, self.recipient_id.email]
        return {address for text in texts if text for address in email_normalize_all(text)}

    def _come_back(self, message):
        """The e-mail was probably not delivered, as ``message`` says: nothing follows until a person has looked."""
        if self._is_latest():
            self.write({"state": "failed", "failure": message, "bounced": True})
            self.line_ids.filtered(lambda line: line._is_free()).write({"pending": True})
            self.line_ids._drop_proposals()
            self.line_ids.plan_id.filtered(lambda plan: plan.state in OPEN_STATES)._settle()
            self._after_state()
        self._message_log(body=message)
        self._ask_collectors(message)

    def _is_latest(self):
        """True while no later notice about any of its items was issued; of a reminder, until the due date."""
        items = self.env["account.dunning.item"].search([("move_line_id", "in", self.line_ids.move_line_id.ids)])
        items |= items.search([("move_line_id", "in", items.heir_line_id.ids)])  # where the debts are now
        later = self.line_ids.search_count(
            [
                ("move_line_id", "in", self.line_ids.move_line_id.ids),
                ("notice_id", "!=", self.id),
                ("pending", "=", True),
                ("notice_id.state", "!=", "proposed"),
            ],
            limit=1,
        )
        if later or self.reminder:
            return not later and self.oldest_due_date > self.company_id._dunning_today()
        return items.last_notice_id == self

    def _ask_collectors(self, message):
        """One activity for each collector of the notice's plans; where there is none, for each dunning manager."""
        self.ensure_one()
        plans = self.line_ids.plan_id.sorted(
            lambda plan: (plan.state not in OPEN_STATES, plan.leading_due_date, plan.id)
        )
        todo, asked = "mail.mail_activity_data_todo", self.env["res.users"]
        for plan in plans:
            for user in (plan.user_id.filtered("active") or self._get_reviewers()) - asked:
                plan.activity_schedule(todo, summary=message, user_id=user.id)
                asked += user
        if not plans:
            self._ask_reviewers(f"{self.display_name}: {message}")

    def _ask_reviewers(self, summary):
        """Ask those who review notices to look at this one, which is about no plan. Hook."""

    def _take_back(self, message):
        """Undo what the sent notices raised; they are failed and keep their items for a letter."""
        notices = self.filtered(lambda notice: notice.state == "sent" or notice.bounced)
        items = self.env["account.dunning.item"].union(*(item for _line, item in notices.line_ids._pair_items()))
        plans = notices.line_ids.plan_id | items.plan_id
        notices.line_ids._drop_proposals()
        notices.line_ids._restore_items()
        notices._after_undone(message)
        notices.write({"state": "failed", "failure": message, "document": "letter", "sent_on": False, "bounced": False})
        notices.line_ids.filtered(lambda line: line._is_free()).write({"pending": True})
        plans._close_undone()
        notices.line_ids.filtered(lambda line: line.plan_id.state not in OPEN_STATES).write({"started": False})
        notices._after_state()

    # answers of customers

    def _message_post_after_hook(self, message, msg_vals):
        """What a customer answers to the notice appears on its plans, with its files; collectors learn of it."""
        result = super()._message_post_after_hook(message, msg_vals)
        if message.message_type == "email":
            notice = self.sudo()  # the mail gateway, or whoever the alias belongs to
            for plan in notice.line_ids.plan_id:
                plan.message_post(
                    body=message.body,
                    subject=message.subject,
                    author_id=message.author_id.id,
                    email_from=message.email_from,
                    message_type="comment",
                    subtype_xmlid="mail.mt_comment",
                    attachment_ids=message.sudo().attachment_ids.ids,  # the customer's files, for who reads the plan
                )
            # whether a colleague writes; the gateway may read no users
            if not any(user._is_internal() for user in message.author_id.sudo().user_ids):
                notice._ask_collectors(
                    self.env._("The customer has answered: %(subject)s", subject=message.subject or "")
                )
        return result


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        """Reports about dunning notices are read by the notices; others cost nothing."""
        result = super()._routing_handle_bounce(email_message, message_dict)
        message = message_dict.get("bounced_message")
        if message and message.model == NOTICE_MODEL:
            # the mail gateway, whoever it runs as
            self.env[NOTICE_MODEL].sudo().browse(message.res_id).exists()._receive_report(email_message)
        return result


def _get_returned_id(email_message):
    """The Message-ID of the mail that a report returns, or of which it returns the header; None where it does not."""
    for part in email_message.walk():
        kind = part.get_content_type()
        if kind == "message/rfc822":
            return (part.get_payload(0)["Message-ID"] or "").strip()
        if kind == "text/rfc822-headers":
            text = part.get_payload(decode=True).decode(errors="replace")
            return (HeaderParser().parsestr(text)["Message-ID"] or "").strip()
    return None


def _get_failed_recipients(email_message):
    """The addresses for which a report (RFC 3464) says *failed*, which is final; as a set."""
    failed = set()
    for part in email_message.walk():
        if part.get_content_type() == "message/delivery-status":
            for fields_of_one in part.get_payload():
                action = (fields_of_one["Action"] or "").strip().lower()
                for name in ("Final-Recipient", "Original-Recipient") if action == "failed" else ():
                    address = email_normalize((fields_of_one[name] or "").rpartition(";")[2].strip())
                    failed |= {address} if address else set()
    return failed
