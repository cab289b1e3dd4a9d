from odoo import fields, models


class AccountDunningPromise(models.Model):
    """Promises that customers make on their page, and agreements that they sign there."""

    _inherit = "account.dunning.promise"

    source = fields.Selection(selection_add=[("portal", "Customer's Page")], ondelete={"portal": "set default"})
    signed_by = fields.Char(readonly=True, tracking=True, help="The name under which the agreement was accepted.")
    signed_at = fields.Datetime(readonly=True)
