from odoo import fields, models


class AccountDunningRequestPart(models.Model):
    """One payment that a customer asks to be allowed."""

    _name = "account.dunning.request.part"
    _description = "Payment Asked For"
    _order = "date, id"

    request_id = fields.Many2one("account.dunning.request", required=True, index=True, ondelete="cascade")
    currency_id = fields.Many2one(related="request_id.currency_id")
    date = fields.Date(required=True, readonly=True)
    amount = fields.Monetary(required=True, readonly=True)
