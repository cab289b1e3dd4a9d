from markupsafe import Markup


class CaseSending:
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

    def _send(self, subject, body, recipients, cc=False, attachments=None):
        """Send an e-mail to ``recipients`` (partners) and to the addresses ``cc``, told in the case; it is queued.

        What the customer had asked for, he has now got.
        """
        self.ensure_one()
        message = self.with_context(mail_notify_force_send=False).message_post(
            body=Markup(body or ""),  # what the composer took, sanitized
            subject=subject,
            partner_ids=recipients.ids,
            outgoing_email_to=cc or False,
            attachment_ids=attachments.ids if attachments else [],
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        wishes = self.contact_ids.filtered(lambda contact: contact.outcome_id.kind == "copy" and not contact.answered)
        wishes.sudo().answered = True  # which the work notes
        self._touch()
        return message
