import re

from odoo import api, fields, models

# What smtplib says of a refusal: "(450, b'4.2.0 Greylisted')". A final one beside it counts more.
TEMPORARY = re.compile(r"\(4\d\d, ")
FINAL = re.compile(r"\(5\d\d, ")
FIRST_WAIT = 10  # minutes
MAX_TRIES = 8  # the waits double: more than a day and a half in all


class AccountDunningNotice(models.Model):
    """E-mails that the mail server refused for the time being (4xx) are tried again by themselves."""

    _inherit = "account.dunning.notice"

    retry_on = fields.Datetime(
        string="Tried Again At",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The mail server refused the e-mail for the time being.",
    )
    tries = fields.Integer(string="Automatic Tries", readonly=True, copy=False)

    def _plan_retry(self, message):
        """Have failed notices tried again, where ``message`` is a temporary refusal; the managers are told."""
        temporary = TEMPORARY.search(message or "") and not FINAL.search(message or "")
        notices = self.filtered(lambda notice: notice.document == "email" and (notice.tries or 0) < MAX_TRIES)
        if not temporary or not notices:
            return
        for tries, group in notices.grouped("tries").items():
            moment = fields.Datetime.add(fields.Datetime.now(), minutes=FIRST_WAIT * 2 ** (tries or 0))
            group.write({"retry_on": moment, "tries": (tries or 0) + 1})
            self.env["account.dunning.run"]._trigger_at(moment)
        notices.run_id._tell_refused()

    @api.model
    def _retry_refused(self):
        """Queue the refused notices whose time has come."""
        self.search([("state", "=", "failed"), ("retry_on", "<=", fields.Datetime.now())])._queue()


class AccountDunningRun(models.Model):
    """The managers are told what the mail server refuses; the form says what became of the notices."""

    _inherit = "account.dunning.run"

    outcome = fields.Char(string="What Became of It", compute="_compute_outcome")
    failures = fields.Text(compute="_compute_outcome", help="What went wrong, with the number of notices.")

    @api.depends("state")
    def _compute_outcome(self):
        rows = self.env["account.dunning.notice"]._read_group(
            [("run_id", "in", self.ids), ("state", "=", "failed")],
            ["run_id", "failure"],
            ["__count"],
            order="__count desc",
        )
        for run in self:
            run.outcome = run._get_outcome() if run.state in ("issuing", "unfinished", "done") else False
            causes = [f"{count} × {cause or ''}".replace("\n", " ") for found, cause, count in rows if found == run]
            run.failures = "\n".join(causes)

    def _get_outcome(self):
        """How many notices left, wait to be printed, failed and wait to leave, as one sentence."""
        texts = [
            (self.sent_count, self.env._("%(count)s left", count=self.sent_count)),
            (self.queued_count, self.env._("%(count)s are about to leave", count=self.queued_count)),
            (self.to_print_count, self.env._("%(count)s wait to be printed", count=self.to_print_count)),
            (self.failed_count, self.env._("%(count)s failed", count=self.failed_count)),
        ]
        found = ", ".join(text for count, text in texts if count)
        return self.env._("Notices: %(found)s.", found=found) if found else False

    @api.model
    def _trigger_at(self, moment):
        """Have the workers look again at ``moment`` (UTC)."""
        for worker in self._get_workers():
            worker._trigger(moment)

    def _tell_refused(self):
        """A to-do for the managers on each run whose e-mails the mail server refuses for the time being; once."""
        warning = self._get_warning_type()
        summary = self.env._("The mail server refuses e-mails for the time being; they are tried again")
        for run in self:
            told = run.activity_ids.filtered(lambda activity: activity.activity_type_id == warning).user_id
            for user in run._get_reviewers() - told:
                run.activity_schedule(activity_type_id=warning.id, summary=summary, user_id=user.id, automated=True)
