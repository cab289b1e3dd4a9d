from odoo import fields, models


class AccountDunningReturnCode(models.Model):
    """A bank may tell that the customer has died."""

    _inherit = "account.dunning.return.code"

    step = fields.Selection(
        selection_add=[("deceased", "Stop all dunning: deceased")], ondelete={"deceased": "set default"}
    )

    def _stop_customers(self, lines, why):
        """Who has died is dunned no more: as where a contact tells of it."""
        lines = super()._stop_customers(lines, why)
        if self.step != "deceased":
            return lines
        for company, own in lines.grouped(lambda line: line.company_id.root_id).items():
            cases = self.env["account.collection.case"]._get_for(company, own.partner_id.commercial_partner_id)
            for case in cases.sudo():  # who books returns need not be a collector
                case._stop_dunning("reason_deceased", "deceased", why)
        return lines.browse()
