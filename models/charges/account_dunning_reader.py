from odoo import api, models
from odoo.tools import SQL

from ..receivables.obstacle import Obstacle


class AccountDunningReader(models.AbstractModel):
    """Invoices of charges are claimed with the notice that charged them, and are dunned by none of their own."""

    _inherit = "account.dunning.reader"

    @api.model
    def _get_obstacles(self):
        return [
            *super()._get_obstacles(),
            Obstacle(
                "charge",
                self.env._("Invoice of dunning charges"),
                weight=120,
                where=lambda question: SQL("move.dunning_notice_id IS NOT NULL"),
                passes=False,
                watched=("account_move",),
            ),
        ]
