from odoo import api


class RunOutcome:
    """The managers are told what the mail server refuses; the form says what became of the notices."""

    __slots__ = ()

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

    def _tell_refused(self):
        """A to-do for the managers on each run whose e-mails the mail server refuses for the time being; once."""
        warning = self._get_warning_type()
        summary = self.env._("The mail server refuses e-mails for the time being; they are tried again")
        for run in self:
            told = run.activity_ids.filtered(lambda activity: activity.activity_type_id == warning).user_id
            for user in run._get_reviewers() - told:
                run.activity_schedule(activity_type_id=warning.id, summary=summary, user_id=user.id, automated=True)
