from odoo import api
from odoo.tools import format_date


class RunClock:
    """A night on which the clock went back does nothing until a manager has reset the day."""

    __slots__ = ()

    def _compute_clock_banner(self):
        went_back = {company: company._has_clock_gone_back() for company in self.company_id}
        for run in self:
            run.clock_banner = went_back.get(run.company_id) and run._get_clock_message()

    @api.model
    def _keep_day(self, company):
        """Note today as the day of the last night of ``company``. False, and managers told, if the clock went back."""
        if not company._has_clock_gone_back():
            company._get_dunning_settings().last_night = company._dunning_today()
            return True
        run = self.search([("company_id", "=", company.id)], order="nightly desc, id desc", limit=1)
        run._schedule_clock_reset()
        return False

    def _get_clock_message(self):
        company = self.company_id
        return self.env._(
            "The clock of the server went back: the nightly run was on %(last)s, and today is %(today)s. No notices "
            "are proposed by night until the clock is right again, or a dunning manager resets the day.",
            last=format_date(self.env, company._get_dunning_day()),
            today=format_date(self.env, company._dunning_today()),
        )

    @api.model
    def _get_warning_type(self):
        """The type of the activities that warn managers: that of warnings, or a to-do if somebody has deleted it."""
        warning = self.env.ref("mail.mail_activity_data_warning", raise_if_not_found=False)
        return warning or self.env.ref("mail.mail_activity_data_todo")

    def _schedule_clock_reset(self):
        """Tell the dunning managers on this run, once, that the clock went back."""
        warning = self._get_warning_type()
        told = self.activity_ids.filtered(lambda activity: activity.activity_type_id == warning).user_id
        for user in (self._get_reviewers() - told) if self else ():
            self.activity_schedule(
                activity_type_id=warning.id, summary=self._get_clock_message(), user_id=user.id, automated=True
            )

    def action_reset_day(self):
        """Open the wizard that takes today for the day of the nightly job."""
        self.ensure_one()
        self.env["account.dunning.reset.day"].check_access("create")
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reset the Day"),
            "res_model": "account.dunning.reset.day",
            "view_mode": "form",
            "target": "new",
            "context": {"default_run_id": self.id},
        }
