import re

from odoo import api, fields

# What smtplib says of a refusal: "(450, b'4.2.0 Greylisted')". A final one beside it counts more.
TEMPORARY = re.compile(r"\(4\d\d, ")
FINAL = re.compile(r"\(5\d\d, ")
FIRST_WAIT = 10  # minutes
MAX_TRIES = 8  # the waits double: more than a day and a half in all


class NoticeRetry:
    """E-mails that the mail server refused for the time being (4xx) are tried again by themselves."""

    __slots__ = ()

    def _plan_retry(self, message):
        """Have failed notices tried again, where ``message`` is a temporary refusal; the managers are told."""
        temporary = TEMPORARY.search(message or "") and not FINAL.search(message or "")
        notices = self.filtered(lambda notice: notice.document == "email" and (notice.tries or 0) < MAX_TRIES)
        if not temporary or not notices:
            return
        for tries, group in notices.grouped("tries").items():
            moment = fields.Datetime.add(fields.Datetime.now(), minutes=FIRST_WAIT * 2 ** (tries or 0))
            group.write({"retry_on": moment, "tries": (tries or 0) + 1})
            self.env["ir.cron"]._trigger_dunning(moment)
        notices._after_refusal()

    def _after_refusal(self):
        """The mail server refused the e-mails for the time being. Hook."""

    @api.model
    def _retry_refused(self):
        """Queue the refused notices whose time has come."""
        self.search([("state", "=", "failed"), ("retry_on", "<=", fields.Datetime.now())])._queue()
