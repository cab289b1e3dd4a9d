from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    dunning_charges = fields.Selection(related="dunning_settings_ids.charges", readonly=False, groups=fields.NO_ACCESS)
