from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountDunningMoveLevel(models.TransientModel):
    """Moves proposed notices to another level of their type; the nightly run keeps that level."""

    _name = "account.dunning.move.level"
    _description = "Move to Another Level"
    _inherit = ["account.dunning.dialog"]

    notice_ids = fields.Many2many("account.dunning.notice", required=True)
    type_id = fields.Many2one("account.dunning.type", required=True)
    level_id = fields.Many2one(
        "account.dunning.level",
        required=True,
        domain="[('type_id', '=', type_id), ('reminder', '=', False)]",
    )

    @api.model
    def _open(self, notices):
        notices._as_manager()
        if len(notices.type_id) != 1 or notices.filtered(lambda notice: notice.state != "proposed"):
            raise UserError(self.env._("Select proposed notices of one dunning type."))
        return self._show_new(self.env._("Move to Another Level"), notice_ids=notices, type_id=notices.type_id)

    def action_move(self):
        """Give the notices and their lines the level."""
        self.ensure_one()
        self.notice_ids._move_to_level(self.level_id)
