import logging

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from ...tools.attempt import attempt
from .mail_text import PlainText

_logger = logging.getLogger(__name__)

NOTICE_MODEL = "account.dunning.notice"
SEND_CHUNK = 50
UNDELIVERABLE = ("mail_email_invalid", "mail_email_missing")


class MailMail(PlainText, models.Model):
    """The e-mails of dunning notices. Others are told by their model, which core reads anyway: they cost nothing."""

    _inherit = "mail.mail"

    def _send(self, *args, **kwargs):
        """Right before dunning notices leave, read their items again; what was settled is withdrawn."""
        ours = self._of_dunning()
        if not ours:
            return super()._send(*args, **kwargs)
        if others := self - ours:
            super(MailMail, others)._send(*args, **kwargs)
        for ids in split_every(SEND_CHUNK, ours.ids):
            mails = self.browse(ids)
            mails.invalidate_recordset(["state"])
            mails._get_dunning_notices()._recheck()
            super(MailMail, mails)._send(*args, **kwargs)
        return True

    def _postprocess_sent_message(self, success_pids, success_emails, failure_reason=False, failure_type=None):
        """Tell the dunning notices what became of their mails."""
        if ours := self._of_dunning():
            ours._tell_notices(failure_reason, failure_type)
        return super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_dunning_notices(self):
        """What was sent is the record of it; mails that never left may go."""
        if ours := self._of_dunning().filtered(lambda mail: mail.state == "sent"):
            notices = ours._get_dunning_notices() | ours._get_resent_notices()
            if any(notice._has_left() for notice in notices):
                raise UserError(self.env._("The e-mails of notices that were sent cannot be deleted."))

    def _of_dunning(self):
        """The mails that carry dunning notices. It takes no query, since core has read all fields of what it sends."""
        return self.filtered(lambda mail: mail.model == NOTICE_MODEL)

    def _get_dunning_notices(self):
        # A mail server's scheduled action, or any user, sends them: the notices follow all the same.
        return self.env[NOTICE_MODEL].sudo().search([("mail_id", "in", self.ids)])

    def _get_resent_notices(self):
        """The notices that the mails carry once more."""
        # whoever sends them, see above
        return self.env[NOTICE_MODEL].sudo().search([("resent_mail_ids", "in", self.ids)])

    def _tell_notices(self, failure_reason, failure_type):
        """Let the notices follow their mails.

        The mails have left by now: nothing may undo that. What fails here is made up for by ``_sweep_mails``.
        """
        with attempt(self.env, outside=True) as outcome:
            notices = self._get_dunning_notices()
            sent = notices.filtered(lambda notice: notice.mail_id.state == "sent")
            sent._set_sent()
            for notice in notices - sent:
                reason = failure_reason or notice.mail_id.failure_reason or failure_type
                notice._set_failed(reason, undeliverable=failure_type in UNDELIVERABLE)
            for mail in (self - notices.mail_id).filtered(lambda mail: mail.state == "exception"):
                for notice in mail._get_resent_notices():
                    notice._tell_not_resent(failure_reason or mail.failure_reason or failure_type)
        if outcome.error:
            _logger.error(
                "Dunning notices could not follow their e-mails; the next scheduled action will do it.",
                exc_info=outcome.error,
            )
            # scheduled actions are closed to who sends mails
            self.env["ir.cron"].sudo()._trigger_dunning()
