from odoo import fields, models
from odoo.fields import Domain


class AccountMove(models.Model):
    """An invoice tells of the notices about it."""

    _inherit = "account.move"

    dunning_timeline = fields.Html(
        string="Dunning Notices", compute="_compute_dunning_timeline", compute_sudo=True, sanitize=False
    )

    def _compute_dunning_timeline(self):
        """The notices about each invoice that left, undone ones too, as a list for the form."""
        lines = self.env["account.dunning.notice.line"].search(
            Domain("move_id", "in", self.ids)
            & (Domain("notice_id.state", "=", "sent") | Domain("plan_id", "!=", False))
        )
        for move in self:
            by_notice = lines.filtered(lambda line, move=move: line.move_id == move).grouped("notice_id")
            entries = [notice._get_timeline_entry(part) for notice, part in by_notice.items()]
            entries.sort(key=lambda entry: entry["date"])
            values = {"past": entries, "coming": []}
            timeline = self.env["ir.qweb"]._render("account_dunning.collection_plan_timeline", values)
            move.dunning_timeline = timeline if entries else False
