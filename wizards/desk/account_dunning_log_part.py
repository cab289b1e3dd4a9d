from odoo import fields, models


class AccountDunningLogPart(models.TransientModel):
    """What is promised for one day."""

    _name = "account.dunning.log.part"
    _description = "Part of a Promise to Be Logged"
    _inherit = ["account.dunning.guard"]
    _order = "date, id"

    log_id = fields.Many2one("account.dunning.log", ondelete="cascade")
    currency_id = fields.Many2one(related="log_id.currency_id")
    date = fields.Date(required=True)
    amount = fields.Monetary(required=True)
