from odoo import models

from ..base.names import MANAGERS


class AccountDunningSettings(models.Model):
    """The first hour can be found again."""

    _inherit = "account.dunning.settings"

    def action_open_start(self):
        """Open the first hour of the company."""
        self.ensure_one()
        self._check_role(MANAGERS)
        self.check_access("read")
        return self.env["account.dunning.start"]._open(self.company_id)
