from odoo import models
from odoo.fields import Command

from ..base.names import MANAGERS


class AccountDunningType(models.Model):
    """A type can be simulated with other settings."""

    _inherit = "account.dunning.type"

    def action_simulate(self):
        """Open a new simulation with a copy of the type, whose settings can be changed."""
        self._check_role(MANAGERS)
        self.check_access("read")
        self.ensure_one()
        simulation = self.env["account.dunning.simulation"].create(
            {
                "company_id": self.company_id.id,
                "name": self.env._("%(type)s, changed", type=self.name),
                "type_ids": [Command.create({"type_id": self.id})],
            }
        )
        return simulation._get_records_action()
