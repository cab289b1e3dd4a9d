from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountDunningWaive(models.TransientModel):
    """Waives fees, with a reason."""

    _name = "account.dunning.waive"
    _description = "Waive Fees"
    _inherit = ["account.dunning.guard"]

    charge_ids = fields.Many2many("account.dunning.charge", required=True)
    reason = fields.Char(required=True)

    @api.model
    def _open(self, charges):
        """Ask for the reason to waive ``charges``."""
        charges.notice_id._as_manager()
        charges = charges.filtered("can_waive")
        if not charges:
            raise UserError(self.env._("There is no fee to waive: none is claimed, or all are waived."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Waive"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_charge_ids": [fields.Command.set(charges.ids)]},
        }

    def action_waive(self):
        """Waive the fees."""
        self.ensure_one()
        self.charge_ids._waive(self.reason)
