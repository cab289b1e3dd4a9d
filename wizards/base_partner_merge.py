from odoo import api, models

from ..models.account_collection_plan import OPEN_STATES


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """A customer has one customer-based plan only, so those of merged customers become one before."""
        plans = self.env["account.collection.plan"].sudo()
        plans._merge_customers(src_partners, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        merged = plans.search([("partner_id", "=", dst_partner.id), ("state", "in", OPEN_STATES)])
        merged._evaluate()
        merged._plan_next()
        return result
