from odoo import api, fields, models

from ..base.names import COLLECTORS


class MailActivity(models.Model):
    """An activity on a case may be the call back that a customer asked for; cases follow their activities."""

    _inherit = "mail.activity"

    dunning_call_back = fields.Boolean(readonly=True, copy=False, groups=COLLECTORS)

    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        activities._touch_cases()
        return activities

    def write(self, vals):
        result = super().write(vals)
        if {"date_deadline", "active", "res_id"} & set(vals):
            self._touch_cases()
        return result

    def unlink(self):
        self._touch_cases()
        return super().unlink()

    def _touch_cases(self):
        """The cases of the activities, and of those of collection plans, follow before the commit."""
        pairs = set()
        for model in ("account.collection.case", "account.collection.plan"):
            own = self.filtered(lambda activity, model=model: activity.res_model == model)
            records = self.env[model].sudo().browse(own.mapped("res_id")).exists()  # ids only
            pairs |= {(record.company_id.id, record.partner_id.id) for record in records}
        if pairs:
            self.env["account.collection.case"]._touch_customers(pairs)
