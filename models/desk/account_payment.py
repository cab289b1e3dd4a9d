from odoo import models


class AccountPayment(models.Model):
    """Money that is matched with nothing yet may keep a promise."""

    _inherit = "account.payment"

    def _touch_collection_plans(self):
        super()._touch_collection_plans()
        # accountants need not see cases, which follow all the same
        cases = self.env["account.collection.case"].sudo()
        cases.search([("partner_id", "in", self.partner_id.commercial_partner_id.ids)])._touch()
