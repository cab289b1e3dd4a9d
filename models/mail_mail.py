import logging

from odoo import models
from odoo.tools import split_every

_logger = logging.getLogger(__name__)

SEND_CHUNK = 50
UNDELIVERABLE = ("mail_email_invalid", "mail_email_missing")


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _send(self, *args, **kwargs):
        """Right before dunning notices leave, read their items again; what was settled is withdrawn."""
        if not self._get_dunning_notices():
            return super()._send(*args, **kwargs)
        for ids in split_every(SEND_CHUNK, self.ids):
            mails = self.browse(ids)
            mails.invalidate_recordset(["state"])
            mails._get_dunning_notices()._recheck()
            super(MailMail, mails)._send(*args, **kwargs)
        return True

    def _postprocess_sent_message(self, success_pids, success_emails, failure_reason=False, failure_type=None):
        """Tell the dunning notices what became of their mails.

        The mail has left by now: nothing may undo that. What fails here is made up for by the
        notices' ``_sweep_mails``.
        """
        notices = self._get_dunning_notices()
        try:
            with self.env.cr.savepoint():
                sent = notices.filtered(lambda notice: notice.mail_id.state == "sent")
                sent._set_sent()
                for notice in notices - sent:
                    reason = failure_reason or notice.mail_id.failure_reason or failure_type
                    notice._set_failed(reason, undeliverable=failure_type in UNDELIVERABLE)
        except Exception:
            self.env.invalidate_all(flush=False)
            _logger.exception("Dunning notices could not follow their e-mails; the next scheduled action will do it.")
            self.env["account.dunning.run"]._trigger()
        return super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type
        )

    def _get_dunning_notices(self):
        return self.env["account.dunning.notice"].sudo().search([("mail_id", "in", self.ids)])
