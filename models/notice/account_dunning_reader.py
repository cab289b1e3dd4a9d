from collections import defaultdict

from odoo import models
from odoo.tools import SQL


class AccountDunningReader(models.AbstractModel):
    _inherit = "account.dunning.reader"

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
