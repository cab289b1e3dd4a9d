from odoo import fields, models

from ...models.base.names import MANAGERS


class AccountDunningMore(models.TransientModel):
    """The rarer things that can be done from a case, each with a line that says when."""

    _name = "account.dunning.more"
    _description = "More to Do with a Case"
    _inherit = ["account.dunning.dialog"]

    case_id = fields.Many2one("account.collection.case", required=True, readonly=True)
    item_ids = fields.Many2many("account.move.line", readonly=True)

    def action_pause(self):
        return self._get_plans().action_pause()

    def action_set_level(self):
        return self._get_plans().action_set_level()

    def action_switch(self):
        return self._get_plans().action_switch()

    def action_stop(self):
        return self._get_plans().action_stop()

    def action_undo(self):
        self._check_role(MANAGERS)
        return self._get_plans().action_undo()

    def action_hand_over(self):
        self._check_role(MANAGERS)
        return self._get_plans().action_hand_over()

    def action_write_off(self):
        self._check_role(MANAGERS)
        return self._get_plans().action_write_off()

    def action_hold(self):
        return self.case_id._open_hold(self.item_ids)

    def action_revoke_links(self):
        self.ensure_one()
        return self.case_id.action_revoke_links()

    def _get_plans(self):
        self.ensure_one()
        return self.case_id._get_open_plans(self.item_ids)
