from odoo import models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            self._touch_collection_plans()
        return result

    def _touch_collection_plans(self):
        """A payment that is rejected or set back to draft opens its items again, and the other way round."""
        lines = self.move_id.line_ids
        partials = lines.matched_debit_ids + lines.matched_credit_ids
        if partials:
            partials._touch_collection_plans()
