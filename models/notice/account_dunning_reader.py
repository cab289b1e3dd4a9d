from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from ..receivables.obstacle import Obstacle


class AccountDunningReader(models.AbstractModel):
    """An item that stands in a notice which has not left is in no other; and when the last notices left."""

    _inherit = "account.dunning.reader"

    @api.model
    def _get_obstacles(self):
        return [
            *super()._get_obstacles(),
            Obstacle(
                "pending",
                self.env._("Already in an unissued notice"),
                weight=10,
                where=lambda question: SQL("pending.id IS NOT NULL"),
                joins=self._get_pending_join,
                watched=("account_dunning_notice_line",),
            ),
        ]

    def _get_pending_join(self, question):
        return SQL(
            """LEFT JOIN account_dunning_notice_line pending
                      ON pending.move_line_id = line.id AND pending.pending
                     AND NOT pending.notice_id = ANY(%s::int[])""",
            list(question.own_notice_ids),
        )

    def _get_last_notices(self, company, partner_ids):
        """The day of the last notice of each type, by partner id; reminders do not count."""
        self.env["account.dunning.notice"].flush_model(["state", "sent_on"])
        rows = self.env.execute_query(
            SQL(
                """SELECT partner_id, type_id, MAX(sent_on) FROM account_dunning_notice
                   WHERE company_id = %s AND partner_id = ANY(%s) AND (state = 'sent' OR bounced) AND NOT reminder
                   GROUP BY partner_id, type_id""",
                company.id,
                list(partner_ids),
            )
        )
        result = defaultdict(dict)
        for partner_id, type_id, day in rows:
            result[partner_id][type_id] = day
        return result
