from odoo import fields, models

from ..base.names import COLLECTORS
from .account_dunning_settings import GROUNDS


class AccountMove(models.Model):
    _inherit = "account.move"

    dunning_ground = fields.Selection(
        GROUNDS,
        string="What Puts Into Default",
        copy=False,
        groups=COLLECTORS,
        help="Empty: as for the customer, else as in the settings of dunning.",
    )
    dunning_proof = fields.Boolean(
        string="Provably Delivered",
        copy=False,
        groups=COLLECTORS,
        help="There is proof that the invoice reached the customer before it was due. Some laws allow a fee only then.",
    )
