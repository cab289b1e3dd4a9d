from typing import NamedTuple

from markupsafe import Markup

from odoo import SUPERUSER_ID

from ...tools.given import Given, given
from ..notice.mail_frame import LAYOUT, MailFrame

LETTER = "dunning_case_letter"  # the key in the context, see Letter


class Letter(NamedTuple):
    """What the frame of an e-mail from a case is about."""

    lang: str  # the language of its words
    sums: tuple  # of Sum
    recipient_id: int = 0  # the partner who gets it; 0 for an address without one


class CaseSending(MailFrame):
    """What a collector sends to a customer from his case, besides notices; answers come back to the case."""

    __slots__ = ()

    def action_send(self, ticked_ids=()):
        """Open the composer with what can be sent to the customer now."""
        self.ensure_one()
        return self._open_send(self._get_chosen(ticked_ids))

    def _open_send(self, items, copies=False):
        """Open the composer about ``items``; ``copies``: with the copies of their invoices."""
        self.ensure_one()
        self.check_access("read")
        return self.env["account.dunning.send"]._show_new(
            self.env._("Send to %(customer)s", customer=self.partner_id.display_name),
            case_id=self,
            item_ids=items,
            kind="copies" if copies else "reminder",
        )

    def _send(self, subject, body, recipients, lang, sums=(), cc=False, attachments=None):
        """Send an e-mail to ``recipients`` (partners) and to the addresses ``cc``, told in the case; it is queued.

        What the customer had asked for, he has now got.

        :param lang: the language of ``body``: that of the frame around it
        :param sums: what is shown in large letters (``Sum``)
        """
        self.ensure_one()
        letter = Given(Letter(lang, tuple(sums)))
        message = self.with_context(mail_notify_force_send=False, **{LETTER: letter}).message_post(
            body=Markup(body or ""),  # what the composer took, sanitized
            subject=subject,
            partner_ids=recipients.ids,
            outgoing_email_to=cc or False,
            attachment_ids=attachments.ids if attachments else [],
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            email_layout_xmlid=LAYOUT,
        )
        wishes = self.contact_ids.filtered(lambda contact: contact.outcome_id.kind == "copy" and not contact.answered)
        wishes.sudo().answered = True  # which the work notes
        self._touch()
        return message

    def _notify_get_classified_recipients_iterator(self, message, recipients_data, **kwargs):
        """Each recipient of a letter gets an e-mail of his own: the address of the page is his alone."""
        letter = given(self.env, LETTER)
        if not letter:
            yield from super()._notify_get_classified_recipients_iterator(message, recipients_data, **kwargs)
            return
        for data in recipients_data:
            own = Given(letter._replace(recipient_id=data["id"] or 0))
            yield from super(
                CaseSending, self.with_context(**{LETTER: own})
            )._notify_get_classified_recipients_iterator(message, [{**data, "lang": letter.lang}], **kwargs)

    def _get_page_url(self, recipient):
        """The address of the page where ``recipient``, a contact of the customer, sees and pays what is open. Hook.

        False where there is none.
        """
        self.ensure_one()
        return False

    def _send_sms(self, recipient):
        """Send ``recipient``, a contact of the customer, the link to his page as a text message; returns it."""
        self.ensure_one()
        values = {"company_id": self.company_id.id, "recipient_id": recipient.id, "case_id": self.id}
        return self.env["account.dunning.sms"]._make([values])

    def _get_sms_body(self, recipient):
        """The usual words in the language of ``recipient``, with his link; an empty string where there is no page."""
        lang = self.env["account.dunning.statement"]._get_lang(recipient.sudo(), self.company_id.sudo())
        url = self._get_page_url(recipient)
        values = {"company": self.company_id.name, "customer": recipient.name or self.partner_id.name, "link": url}
        return self.env["account.dunning.level"].with_context(lang=lang)._get_sms_text(None, values) if url else ""

    # the frame of an e-mail

    def _get_mail_contact(self):
        return self.user_id.filtered(lambda user: user.id != SUPERUSER_ID).partner_id  # OdooBot is nobody to ask

    def _get_mail_sums(self):
        return given(self.env, LETTER).sums

    def _get_mail_url(self):
        """A colleague who follows the case, or a further address, gets no address that speaks for the customer."""
        recipient = self.env["res.partner"].browse(given(self.env, LETTER).recipient_id or ())
        own = recipient.commercial_partner_id == self.partner_id
        return own and self._get_page_url(recipient)
