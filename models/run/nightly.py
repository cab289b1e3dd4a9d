import logging

from odoo import api
from odoo.fields import Domain

from ...tools.attempt import attempt

_logger = logging.getLogger(__name__)


class RunNightly:
    """The night: each company gets its run, which issues what may be issued by itself, or calls the managers."""

    __slots__ = ()

    def _issue_automatically(self):
        """Issue as the user whom the settings name; where he may not any more, the notices wait for a manager.

        First letters that would lack something wait, too.
        """
        if missing := self._get_missing_for_night():
            self._tell_missing(missing)
            return
        user = self.company_id._get_dunning_settings().issue_user_id
        if user._can_issue_dunning(self.company_id):
            self._get_automatic_notices()._queue(user)
        else:
            self._message_log(
                body=self.env._(
                    "Nothing was issued automatically: %(user)s is no dunning manager of %(company)s.",
                    user=user.name or self.env._("Nobody"),
                    company=self.company_id.name,
                )
            )

    def _get_automatic_notices(self):
        """The proposed notices that may be issued without a person. Hook."""
        return self.env["account.dunning.notice"].search(
            Domain("run_id", "=", self.id)
            & Domain("state", "=", "proposed")
            & Domain("level_id.manual_release", "=", False)
        )

    def _schedule_review(self):
        """One to-do for each dunning manager, as long as the run waits for them."""
        todo = self.env.ref("mail.mail_activity_data_todo")
        summary, asked = self._get_review_summary(), self.activity_ids.filtered("automated")
        asked.filtered(lambda activity: activity.summary != summary).summary = summary
        for user in self._get_reviewers() - asked.user_id:
            self.activity_schedule(
                activity_type_id=todo.id,
                summary=summary,
                user_id=user.id,
                automated=True,
            )

    def _get_review_summary(self):
        """What the to-do of a nightly run asks for. Hook."""
        if missing := self.company_id._get_dunning_settings().auto_issue and self._get_missing_for_night():
            return self.env._("Complete the company before its first dunning letters: %(missing)s", missing=missing)
        return self.env._("Review and issue the dunning notices")

    def _get_reviewers(self):
        """The users who are asked to review a nightly run. Hook."""
        return self.env.user._get_dunning_managers(self.company_id)

    @api.model
    def _cron_nightly(self):
        """Scheduled action: bring the nightly run of each company up to date, and issue where set so."""
        self._prepare_night()
        for company in self._get_nightly_companies():
            with attempt(self.env, alone=True) as outcome:
                self._start_nightly(company)
            if outcome.error:
                _logger.error(
                    "The nightly dunning run of %s could not be started", company.name, exc_info=outcome.error
                )
        self._cron_continue()

    @api.model
    def _prepare_night(self):
        """What ends today is over before anything is proposed. Hook."""
        self.env["account.dunning.hold"]._cron_end_holds()
        self.env["account.dunning.hold"]._ask_reviews()
        self.env["account.collection.plan"]._end_pauses()

    @api.model
    def _get_nightly_companies(self):
        """The root companies that have an active dunning type."""
        return self.env["account.dunning.type"].search([]).company_id

    @api.model
    def _start_nightly(self, company):
        """Open the nightly run of ``company``, or bring the open one up to date, once a day."""
        if not self._keep_day(company):
            return
        today = company._dunning_today()
        if self.search_count([("company_id", "=", company.id), ("nightly", "=", True), ("date", "=", today)], limit=1):
            return
        self._requeue_stale(company)
        run = self.search(
            [
                ("company_id", "=", company.id),
                ("nightly", "=", True),
                ("state", "not in", ("unfinished", "done", "cancelled")),
            ],
            order="id desc",
            limit=1,
        )
        if not run:
            run = self.create({"company_id": company.id, "date": today, "nightly": True})
        run._start_proposing(today)

    @api.model
    def _requeue_stale(self, company):
        """Make letters anew that were not printed on the day on which they were made."""
        self.env["account.dunning.notice"].search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "to_print"),
                ("date", "<", company._dunning_today()),
            ]
        )._requeue()
