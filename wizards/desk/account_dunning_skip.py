from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class AccountDunningSkip(models.TransientModel):
    """Takes cases off the desk until a day."""

    _name = "account.dunning.skip"
    _description = "Skip a Case"
    _inherit = ["account.dunning.dialog"]

    case_ids = fields.Many2many("account.collection.case", string="Cases", required=True, readonly=True)
    until = fields.Date(required=True, default=lambda self: self._get_default_until())
    reason = fields.Char(required=True)

    @api.model
    def _get_default_until(self):
        return fields.Date.add(self.env.company._dunning_today(), days=7)

    def action_apply(self):
        """Take the cases off the desk; nothing about dunning changes."""
        self.ensure_one()
        cases = self.case_ids._as_collector()
        for company, own in cases.grouped("company_id").items():
            today = company._dunning_today()
            if self.until <= today:
                raise UserError(self.env._("Choose a day after today (%(today)s).", today=format_date(self.env, today)))
            own.write({"skip_until": self.until, "skip_reason": self.reason})
        note = self.env._(
            "Skipped until %(date)s: %(reason)s", date=format_date(self.env, self.until), reason=self.reason
        )
        cases.with_env(self.env)._message_log_batch(bodies=dict.fromkeys(cases.ids, note))
        cases._touch()
