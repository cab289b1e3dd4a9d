from odoo import api, fields, models

from .refusals import read_refusals


class AccountDunningNoticeLine(models.Model):
    """Why the law lets nothing be claimed of an item."""

    _inherit = "account.dunning.notice.line"

    law_refusals = fields.Char(readonly=True, help="The parts that are not claimed, each with the code of its reason.")
    law_why = fields.Text(compute="_compute_law_why", string="Not Claimed")

    @api.depends("law_refusals")
    @api.depends_context("lang")
    def _compute_law_why(self):
        reader = self.env["account.dunning.law.reader"]
        for line in self:
            line.law_why = reader._tell_all(read_refusals(line.law_refusals))

    def _charges_by_law(self):
        """True where the law says, or bounds, what is charged on the item."""
        self.ensure_one()
        return self.notice_id.type_id._charges_by_law()

    def _bears_interest(self):
        """True where its level wants interest."""
        self.ensure_one()
        statutory = self.notice_id.type_id.law_mode == "statutory"
        return self.level_id._claims_by_law() if statutory else self.level_id.interest
