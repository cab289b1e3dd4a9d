from odoo import fields, models


class AccountDunningHold(models.Model):
    _inherit = "account.dunning.hold"

    from_page = fields.Boolean(readonly=True, help="The customer has disputed it on his page.")
