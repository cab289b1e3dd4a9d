from odoo import api
from odoo.exceptions import UserError

from ...tools.shipped import get_record

RESEND_TEMPLATE = "account_dunning.mail_template_dunning_resend"


class NoticeResend:
    """Sent notices that go to the customer once more: the same letter. Level, deadline and dates stay as they are.

    Each e-mail that carries a notice again is kept in ``resent_mail_ids``: it is evidence as the first one is.
    """

    __slots__ = ()

    def action_resend(self):
        """Open the dialog that sends the notices again, by e-mail or as a print."""
        return self.env["account.dunning.resend"]._open(self)

    def _get_resendable(self):
        """Those of the notices, for a collector, that can be sent again: their letter has left, and is kept."""
        return self._as_collector().filtered(lambda notice: notice.state == "sent" and notice.attachment_id)

    def _get_resend_texts(self):
        """What an e-mail with the letter says, each in its recipient's language: dicts by notice id."""
        template = get_record(self.env, RESEND_TEMPLATE)
        return template._generate_template(self.ids, ("subject", "body_html", "email_from"))

    def _resend(self, vals_by_id):
        """Queue an e-mail with the stored letter for each of the notices (as superuser), and say so where it is told.

        :param vals_by_id: subject, ``body_html``, ``email_from``, ``email_to`` and ``email_cc`` by notice id
        """
        template = get_record(self.env, RESEND_TEMPLATE)
        for notice in self:
            vals_by_id[notice.id]["body_html"] = notice._frame_mail(template, vals_by_id[notice.id]["body_html"])
        mails = self.env["mail.mail"].create([self._prepare_resend_vals(notice, vals_by_id) for notice in self])
        self._complete_mails(dict(zip(self, mails, strict=True)))
        for notice, mail in zip(self, mails, strict=True):
            notice.resent_mail_ids += mail
            addresses = ", ".join(filter(None, (mail.email_to, mail.email_cc)))
            notice._note_on_plans(
                self.env._("%(notice)s was sent again to %(addresses)s", notice=notice.name, addresses=addresses)
            )
        self._delay_resent(dict(zip(self, mails, strict=True)))
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    def _delay_resent(self, mails):
        """Have the e-mails, by notice, leave when their customers may be reached."""
        days = self.env["account.dunning.contact.days"]
        for company, notices in self.grouped("company_id").items():
            found = days._get_next_contacts(company, notices.partner_id)
            for notice in notices.filtered(lambda notice: notice.partner_id.id in found):  # noqa: B023
                notice._delay_mail(mails[notice], found[notice.partner_id.id])

    @api.model
    def _prepare_resend_vals(self, notice, vals_by_id):
        """Values of the e-mail that carries the letter of ``notice`` again. Hook."""
        vals = vals_by_id[notice.id]
        return {
            **vals,
            "body": vals["body_html"],
            "model": notice._name,
            "res_id": notice.id,
            "author_id": self.env.user.partner_id.id,
            "message_type": "email_outgoing",
            "attachment_ids": notice.attachment_id.ids,
            "auto_delete": False,
        }

    def _print_again(self):
        """Show the stored letter of the notice, and say where it is told that it was printed again."""
        self.ensure_one()
        self._note_on_plans(self.env._("%(notice)s was printed again", notice=self.name))
        url = f"/web/content/{self.attachment_id.id}?download=true"
        return {"type": "ir.actions.act_url", "url": url, "target": "download"}

    def _tell_not_resent(self, reason):
        """An e-mail with the notice could not be delivered again, for a ``reason`` in words: collectors are asked."""
        self.ensure_one()
        message = self.env._("%(notice)s could not be sent again: %(reason)s", notice=self.name, reason=reason or "")
        self._note_on_plans(message)
        self._ask_collectors(message)

    def _refuse_unsendable(self):
        """Refuse where the letter of a notice is not there to be sent again."""
        if self - self._get_resendable().with_env(self.env):
            raise UserError(
                self.env._("Only notices that were sent, and whose letter is kept, can be sent again: choose those.")
            )
