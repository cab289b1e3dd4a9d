from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountDunningWaive(models.TransientModel):
    """Waives fees, with a reason."""

    _name = "account.dunning.waive"
    _description = "Waive Fees"
    _inherit = ["account.dunning.dialog"]

    charge_ids = fields.Many2many("account.dunning.charge", required=True)
    reason = fields.Char(required=True)

    @api.model
    def _open(self, charges):
        """Ask for the reason to waive ``charges``."""
        charges.notice_id._as_manager()
        charges = charges.filtered("can_waive")
        if not charges:
            raise UserError(self.env._("There is no fee to waive: none is claimed, or all are waived."))
        return self._show_new(self.env._("Waive"), charge_ids=charges)

    def action_waive(self):
        """Waive the fees."""
        self.ensure_one()
        self.charge_ids._waive(self.reason)
