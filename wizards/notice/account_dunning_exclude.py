from odoo import api, fields, models
from odoo.exceptions import UserError

HOLD_DAYS = 7


class AccountDunningExclude(models.TransientModel):
    """Takes notices, or single lines of them, out of a run: a hold on their items until a date."""

    _name = "account.dunning.exclude"
    _description = "Exclude from Dunning"
    _inherit = ["account.dunning.dialog"]
    _check_company_auto = True

    notice_ids = fields.Many2many("account.dunning.notice", check_company=True)
    line_ids = fields.Many2many("account.dunning.notice.line", check_company=True)
    company_id = fields.Many2one("res.company", compute="_compute_company_id", precompute=True, store=True)
    reason_id = fields.Many2one(
        "account.dunning.reason",
        compute="_compute_reason_id",
        precompute=True,
        store=True,
        readonly=False,
        required=True,
        check_company=True,
    )
    note = fields.Text()
    date_until = fields.Date(
        string="Until",
        required=True,
        default=lambda self: fields.Date.add(self.env.company._dunning_today(), days=HOLD_DAYS),
        help="The items are on hold up to and including this day.",
    )

    @api.model
    def _open(self, notices, **records):
        """Open the dialog for ``notices`` of one company, or for lines of them: ``notice_ids`` or ``line_ids``."""
        self.check_access("create")
        self._get_company_of(notices, self.env._("Select notices of one company."))
        return self._show_new(self.env._("Exclude"), **records)

    @api.depends("notice_ids", "line_ids")
    def _compute_company_id(self):
        for dialog in self:
            dialog.company_id = (dialog.notice_ids or dialog.line_ids.notice_id).company_id[:1]

    @api.depends("company_id")
    def _compute_reason_id(self):
        for dialog in self:
            dialog.reason_id = self.env["account.dunning.reason"]._get_shipped("reason_excluded", dialog.company_id)

    def action_exclude(self):
        """Put the items on hold, and take them off the notices."""
        self.ensure_one()
        lines = (self.line_ids or self.notice_ids.line_ids).filtered("move_line_id")
        notices = lines.notice_id._as_manager()
        if notices.company_id - self.company_id:
            raise UserError(self.env._("Select notices of one company."))
        lines = lines.sudo()  # lines of notices follow the work; the rights are checked above
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
