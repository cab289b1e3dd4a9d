from odoo import api, models

from ...models.base.names import OPEN_STATES


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """A customer has one customer-based plan only, so those of merged customers become one before.

        What their plans had set is taken back before, and set on the one that stays.
        """
        # whoever merges customers
        plans = self.env["account.collection.plan"].sudo()
        plans._merge_customers(src_partners, dst_partner)
        consequences = self.env["account.dunning.consequence"]
        consequences._merge(src_partners, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        plans.invalidate_model()
        merged = plans.search([("partner_id", "=", dst_partner.id)])
        ongoing = merged.filtered(lambda plan: plan.state in OPEN_STATES)
        ongoing._settle()
        consequences._follow(merged)
        return result
