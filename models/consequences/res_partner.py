from odoo import api, fields, models
from odoo.fields import Domain


class ResPartner(models.Model):
    """The credit stop of a customer, in the current company."""

    _inherit = "res.partner"

    dunning_credit_stop = fields.Boolean(
        string="Credit Stop",
        compute="_compute_dunning_credit_stop",
        search="_search_dunning_credit_stop",
        groups="base.group_user",
        help="New invoices of the customer cannot be confirmed in the current company.",
    )
    dunning_credit_banner = fields.Char(compute="_compute_dunning_credit_stop", groups="base.group_user")

    @api.depends_context("company")
    @api.depends("commercial_partner_id")
    def _compute_dunning_credit_stop(self):
        company = self.env.company.root_id
        stops = self.env["account.dunning.consequence"]._find_stops(company, self.commercial_partner_id)
        for partner in self:
            stop = stops.get((company.id, partner.commercial_partner_id._origin.id))
            partner.dunning_credit_stop = bool(stop)
            partner.dunning_credit_banner = stop and stop._get_banner()

    def _search_dunning_credit_stop(self, operator, value):
        if operator != "in":
            return NotImplemented
        stops = (
            self.env["account.dunning.consequence"]
            # ids only, of the current company
            .sudo()
            ._search([("company_id", "=", self.env.company.root_id.id), ("credit_stop", "=", True)])
        )
        return Domain("commercial_partner_id", "in", stops.subselect("partner_id"))

    def action_dunning_stop_credit(self):
        """Stop credit of the customer in the current company."""
        self._choose_credit_stop(True)

    def action_dunning_lift_credit_stop(self):
        """Lift the credit stop of the customer in the current company."""
        self._choose_credit_stop(False)

    def _choose_credit_stop(self, stop):
        consequences = self.env["account.dunning.consequence"]._as_manager()
        self.check_access("read")
        consequences._get_for(self.env.company.root_id, self.commercial_partner_id)._choose(stop)
