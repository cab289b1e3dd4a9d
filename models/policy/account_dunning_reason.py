from odoo import fields, models


class AccountDunningReason(models.Model):
    _name = "account.dunning.reason"
    _description = "Dunning Reason"
    _inherit = ["account.dunning.shipped.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    dispute = fields.Boolean(help="The customer contests the claim. Holds with such a reason count as disputes.")

    _name_unique = models.Constraint("UNIQUE (company_id, name)", "There is already a reason of this name.")
