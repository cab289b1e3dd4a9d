from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    dunning_company_id = fields.Many2one(related="company_id.root_id", string="Dunning Company")
    dunning_invoice_type_ids = fields.Many2many(related="dunning_company_id.dunning_invoice_type_ids", readonly=False)
    dunning_max_levels = fields.Integer(related="dunning_company_id.dunning_max_levels", readonly=False)
    dunning_auto_issue = fields.Boolean(related="dunning_company_id.dunning_auto_issue", readonly=False)
    dunning_letter_sent = fields.Selection(related="dunning_company_id.dunning_letter_sent", readonly=False)
    dunning_start_date = fields.Date(related="dunning_company_id.dunning_start_date", readonly=False)
