from odoo import fields, models
from odoo.tools import format_date

from ...models.base.names import MANAGERS


class AccountDunningResetDay(models.TransientModel):
    """A dunning manager says why today is right although the nightly job was on a later day."""

    _name = "account.dunning.reset.day"
    _description = "Reset the Day of Dunning"
    _inherit = ["account.dunning.dialog"]

    run_id = fields.Many2one("account.dunning.run", required=True)
    reason = fields.Char(required=True)

    def action_reset(self):
        """Take today for the day of the nightly job; the reason is kept in the chatter of the run."""
        self.ensure_one()
        self._check_role(MANAGERS)
        self.run_id.check_access("write")
        company = self.run_id.company_id
        message = self.env._(
            "The day of dunning was reset from %(last)s to %(today)s: %(reason)s",
            last=format_date(self.env, company._get_dunning_day()),
            today=format_date(self.env, company._dunning_today()),
            reason=self.reason,
        )
        company._get_dunning_settings().last_night = company._dunning_today()
        self.run_id.message_post(body=message)
        warning = self.run_id._get_warning_type()
        self.run_id.sudo().activity_ids.filtered(  # the warnings of all managers
            lambda activity: activity.automated and activity.activity_type_id == warning
        ).unlink()
