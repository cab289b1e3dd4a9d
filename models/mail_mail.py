from odoo import models


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _postprocess_sent_message(self, success_pids, success_emails, failure_reason=False, failure_type=None):
        """Tell the dunning notices what became of their mails."""
        notices = self.env["account.dunning.notice"].sudo().search([("mail_id", "in", self.ids)])
        failed = notices if failure_type or failure_reason else notices.browse()
        failed._set_failed(failure_reason or failure_type)
        (notices - failed)._set_sent()
        return super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type
        )
