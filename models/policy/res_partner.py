from odoo import fields, models

from ..base.account_dunning_guard import colleagues
from ..base.names import COLLECTORS


class ResPartner(models.Model):
    """Who duns a customer, by which type, and who gets the notices."""

    _name = "res.partner"
    _inherit = ["res.partner", "account.dunning.guard"]

    dunning_type_id = fields.Many2one(
        "account.dunning.type",
        company_dependent=True,
        groups=COLLECTORS,
        domain="[('company_id', 'parent_of', current_company_id)]",
        help="Empty: the first dunning type whose rule matches, else the default type.",
    )
    dunning_contact_id = fields.Many2one(
        "res.partner",
        company_dependent=True,
        groups=COLLECTORS,
        domain="['|', '|', ('commercial_partner_id', '=', commercial_partner_id),"
        " ('id', 'parent_of', commercial_partner_id),"
        " '&', ('is_company', '=', False), ('parent_id', 'any', [('id', 'parent_of', commercial_partner_id)])]",
        help="Who gets the notices: a contact of the customer, or of its head office. Empty: the contact that the "
        "invoices share, else the invoice address.",
    )
    dunning_user_id = fields.Many2one(
        "res.users",
        string="Collector",
        company_dependent=True,
        groups=COLLECTORS,
        domain=colleagues("current_company_id"),
        help="Takes the collection plans of the customer. Empty: the salesperson of the invoice.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "tz" in vals:
            self.env.registry.clear_cache()  # _get_dunning_zone
        return result
