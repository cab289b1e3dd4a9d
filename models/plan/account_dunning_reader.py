from odoo import api, models
from odoo.tools import SQL

from ..receivables.obstacle import Obstacle


class AccountDunningReader(models.AbstractModel):
    """Plans that are paused, stopped or ended unrecovered keep their items out of dunning."""

    _inherit = "account.dunning.reader"

    @api.model
    def _get_obstacles(self):
        return [
            *super()._get_obstacles(),
            Obstacle(
                "stopped",
                self.env._("The collection plan was stopped or ended unrecovered"),
                weight=80,
                where=self._get_stopped_condition,
                passes=False,
                watched=("account_collection_plan", "account_dunning_item"),
            ),
            Obstacle(
                "paused",
                self.env._("The collection plan is paused"),
                weight=50,
                where=lambda question: SQL("plan.state = 'paused'"),
                watched=("account_collection_plan",),
            ),
        ]

    def _get_stopped_condition(self, question):
        return SQL(
            """EXISTS (SELECT 1 FROM account_collection_plan closed
                        WHERE closed.keeps_out AND closed.partner_id = line.partner_id
                          AND (closed.move_id = line.move_id AND COALESCE(closed.move_line_id, line.id) = line.id
                               OR closed.id = item.plan_id))"""
        )
