from odoo import fields, models


class AccountDunningItem(models.Model):
    _inherit = "account.dunning.item"

    last_notice_id = fields.Many2one("account.dunning.notice", index="btree_not_null", ondelete="set null")

    def _reset(self):
        super()._reset()
        self.last_notice_id = False
