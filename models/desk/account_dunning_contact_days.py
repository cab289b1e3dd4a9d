from odoo import api, models


class AccountDunningContactDays(models.AbstractModel):
    """Contacts with the right person count for how often a customer is reached."""

    _inherit = "account.dunning.contact.days"

    @api.model
    def _get_reached_contacts(self, company, partners, since):
        found = super()._get_reached_contacts(company, partners, since)
        contacts = self.env["account.dunning.contact"].sudo()  # days only
        rows = contacts._read_group(
            [
                ("company_id", "=", company.id),
                ("partner_id", "in", partners.ids),
                ("right_party", "=", True),
                ("day", ">=", since),
            ],
            ["partner_id"],
            ["day:array_agg"],
        )
        return found | {partner.id: [*found.get(partner.id, ()), *days] for partner, days in rows}
