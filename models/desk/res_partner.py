from odoo import models


class ResPartner(models.Model):
    """The way from a customer to his case."""

    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        if "dunning_user_id" in vals:
            company = self.env.company.root_id
            self.env["account.collection.case"]._touch_customers(
                {(company.id, partner.commercial_partner_id.id) for partner in self}
            )
        return result

    def unlink(self):
        """A case of which nothing is told goes with its customer."""
        cases = self.env["account.collection.case"].sudo().search([("partner_id", "in", self.ids)])  # empty ones
        cases.filtered(lambda case: not case._has_story()).unlink()
        return super().unlink()

    def action_open_dunning_case(self):
        """Open the customer's case in the current company."""
        self.ensure_one()
        cases = self.env["account.collection.case"]
        cases.check_access("read")
        self.check_access("read")
        return cases._get_for(self.env.company.root_id, self.commercial_partner_id)._get_records_action()
