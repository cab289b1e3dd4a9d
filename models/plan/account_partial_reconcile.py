from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._touch_collection_plans()
        return partials

    def unlink(self):
        self._touch_collection_plans()
        return super().unlink()

    def _touch_collection_plans(self):
        if self:  # core deletes none many times
            self.env["account.collection.plan"]._touch(self.debit_move_id.ids + self.credit_move_id.ids)
