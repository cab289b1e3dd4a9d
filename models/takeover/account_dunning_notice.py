from odoo import fields, models


class AccountDunningNotice(models.Model):
    """Notices that another module sent, which came over as history."""

    _inherit = "account.dunning.notice"

    imported = fields.Boolean(
        string="Taken Over",
        readonly=True,
        copy=False,
        help="Another module sent it, before this one was used: there is no document of it here.",
    )
