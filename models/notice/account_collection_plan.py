from odoo import models


class AccountCollectionPlan(models.Model):
    """What notices tell of the plans that they opened or raised."""

    _inherit = "account.collection.plan"

    def _get_past_entries(self):
        entries = super()._get_past_entries()
        by_notice = self.notice_line_ids.grouped("notice_id")
        return entries[:1] + [notice._get_timeline_entry(lines) for notice, lines in by_notice.items()] + entries[1:]
