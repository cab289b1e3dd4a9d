from odoo import api, models
from odoo.tools import SQL

from ..receivables.obstacle import Obstacle


class AccountDunningReader(models.AbstractModel):
    """What must be done before the next level keeps the items of its plan out of dunning."""

    _inherit = "account.dunning.reader"

    @api.model
    def _get_obstacles(self):
        return [
            *super()._get_obstacles(),
            Obstacle(
                "action",
                self.env._("An action must be done first"),
                weight=20,
                where=self._get_waiting_condition,
                tables=self._get_waiting_tables,
                watched=("mail_activity", "account_collection_plan"),
            ),
        ]

    def _get_waiting_tables(self, question):
        """The open plans with such an action, and the items whose notice has been issued already."""
        return {
            "waiting": SQL(
                """SELECT plan.id, plan.move_id, plan.move_line_id, plan.partner_id
                     FROM mail_activity activity
                     JOIN account_dunning_action action ON action.id = activity.dunning_action_id AND action.blocking
                     JOIN account_collection_plan plan
                       ON plan.id = activity.res_id AND plan.state IN ('ongoing', 'paused')
                    WHERE activity.res_model = 'account.collection.plan' AND activity.active
                      AND plan.company_id = %s AND plan.partner_id = ANY(%s)""",
                question.company.id,
                list(question.partner_ids),
            ),
            "issued": SQL(
                """SELECT line.move_line_id FROM account_dunning_notice_line line
                     JOIN account_dunning_notice notice ON notice.id = line.notice_id AND notice.state <> 'proposed'
                    WHERE line.notice_id = ANY(%s::int[]) AND line.pending""",
                list(question.own_notice_ids),
            ),
        }

    def _get_waiting_condition(self, question):
        return SQL(
            """%s AND (plan.id IN (SELECT id FROM waiting)
                    OR line.move_id IN (SELECT move_id FROM waiting WHERE move_line_id IS NULL)
                    OR line.id IN (SELECT move_line_id FROM waiting)
                    OR line.partner_id IN (SELECT partner_id FROM waiting WHERE move_id IS NULL))
               AND line.id NOT IN (SELECT move_line_id FROM issued WHERE move_line_id IS NOT NULL)""",
            question.heed_actions,
        )
