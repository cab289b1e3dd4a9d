from odoo import api, fields, models
from odoo.exceptions import UserError

HOLD_DAYS = 7


class AccountDunningExclude(models.TransientModel):
    """Takes notices, or single lines of them, out of a run: a hold on their items until a date."""

    _name = "account.dunning.exclude"
    _description = "Exclude from Dunning"
    _inherit = ["account.dunning.guard"]

    notice_ids = fields.Many2many("account.dunning.notice")
    line_ids = fields.Many2many("account.dunning.notice.line")
    reason_id = fields.Many2one(
        "account.dunning.reason",
        required=True,
        default=lambda self: self.env.ref("account_dunning.reason_excluded", raise_if_not_found=False),
    )
    note = fields.Text()
    date_until = fields.Date(
        string="Until",
        required=True,
        default=lambda self: fields.Date.add(self.env.company._dunning_today(), days=HOLD_DAYS),
        help="The items are on hold up to and including this day.",
    )

    @api.model
    def _open(self, context):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Exclude"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": context,
        }

    def action_exclude(self):
        """Put the items on hold, and take them off the notices."""
        self.ensure_one()
        lines = (self.line_ids or self.notice_ids.line_ids).filtered("move_line_id")
        notices = lines.notice_id._as_manager()
        lines = lines.sudo()
        if any(notice.state not in ("proposed", "failed") for notice in notices):
            raise UserError(self.env._("Only notices that are proposed or failed can be excluded."))
        self.env["account.dunning.hold"].create(
            [
                {
                    "company_id": line.notice_id.company_id.id,
                    "move_line_id": line.move_line_id.id,
                    "reason_id": self.reason_id.id,
                    "note": self.note,
                    "date_until": self.date_until,
                }
                for line in lines
            ]
        )
        whole = notices.filtered(lambda notice: not notice.line_ids - lines)
        whole._exclude(self.reason_id.name)
        rest = notices - whole
        (lines & rest.line_ids).unlink()
        rest._refresh()
