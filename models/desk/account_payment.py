from odoo import models


class AccountPayment(models.Model):
    """Money that is matched with nothing yet may keep a promise."""

    _inherit = "account.payment"

    def _touch_collection_plans(self):
        super()._touch_collection_plans()
        self.env["account.collection.plan"]._touch(self._get_counterparts().ids)
