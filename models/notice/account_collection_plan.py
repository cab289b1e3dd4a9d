from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.bulk import bulk_insert


class AccountCollectionPlan(models.Model):
    """What notices tell of the plans that they opened or raised."""

    _inherit = "account.collection.plan"

    notice_line_ids = fields.One2many("account.dunning.notice.line", "plan_id", string="Notices", readonly=True)
    notice_count = fields.Integer(compute="_compute_notice_count")

    def _compute_notice_count(self):
        counts = dict(
            self.env["account.dunning.notice.line"]._read_group(
                [("plan_id", "in", self.ids)], ["plan_id"], ["notice_id:count_distinct"]
            )
        )
        for plan in self:
            plan.notice_count = counts.get(plan, 0)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        if self.notice_line_ids:
            raise UserError(self.env._("Collection plans about which notices were sent cannot be deleted."))

    def _get_past_entries(self):
        entries = super()._get_past_entries()
        by_notice = self.notice_line_ids.grouped("notice_id")
        return entries[:1] + [notice._get_timeline_entry(lines) for notice, lines in by_notice.items()] + entries[1:]

    @api.model
    def _open_for(self, lines):
        """Open a plan for each notice line whose invoice or customer has none open.

        :param lines: dunned notice lines of sent notices, of one company
        :return: dict from the key (see :meth:`_get_key`) to the open plan
        """
        company = lines.notice_id.company_id
        plans = self._find_open(company, lines.partner_id.ids)
        missing = {}
        for line in lines:
            key = self._get_key(company, line.move_id, line.move_line_id, line.partner_id)
            if key not in plans:
                missing.setdefault(key, line)
        vals_list = [
            {
                **self._prepare_plan_vals(company, line.notice_id.type_id, line.move_line_id),
                "opened_on": line.notice_id.sent_on,
            }
            for line in missing.values()
        ]
        plans.update(zip(missing, bulk_insert(self, vals_list), strict=True))
        if missing:
            self.env["account.dunning.backlog"]._look_soon()
        return plans

    def _get_undo_refusal(self):
        self.ensure_one()
        notice = self._get_latest_notice()
        if not notice:
            return self.env._("No notice was sent.")
        if not notice._is_latest():
            return self.env._("Another notice about the same items is on its way; cancel that one first.")
        return None

    def _get_latest_notice(self):
        """The notice sent last for the plan (one record, or none)."""
        self.ensure_one()
        notices = self.item_state_ids.last_notice_id & self.notice_line_ids.notice_id
        return notices.filtered(lambda notice: notice.state == "sent").sorted("sent_on")[-1:]

    def _withdraw_notices(self):
        """Take the items of the plans off the notices that have not left; what else is on those is made anew."""
        lines = self.env["account.dunning.notice.line"].search(
            Domain("pending", "=", True)
            & (
                Domain("move_line_id", "in", (self.item_state_ids.move_line_id + self.move_line_id).ids)
                | Domain("move_id", "in", self.filtered(lambda plan: not plan.move_line_id).move_id.ids)
            )
        )
        lines._withdraw(self.env._("The collection plan was changed"))
        return bool(lines) or super()._withdraw_notices()

    def _get_conversations(self):
        return [*super()._get_conversations(), self.notice_line_ids.notice_id]

    def _get_first_amount(self, item):
        first = self.notice_line_ids.filtered(lambda line: line.move_line_id == item.move_line_id).sorted("id")[:1]
        return first.claim or super()._get_first_amount(item)

    def _take_over_item(self, item, former):
        super()._take_over_item(item, former)
        former.notice_line_ids.filtered(lambda line: line.move_line_id == item.move_line_id).plan_id = self

    @api.model
    def _merge_customers(self, src_partners, dst_partner):
        """What is only proposed to ``src_partners`` is proposed anew."""
        notices = self.env["account.dunning.notice"]
        notices.search([("partner_id", "in", src_partners.ids), ("state", "=", "proposed")]).unlink()
        return super()._merge_customers(src_partners, dst_partner)

    @api.model
    def _get_touched_queries(self, line_ids):
        waiting = SQL(
            "SELECT 'notice', notice_id FROM account_dunning_notice_line WHERE move_line_id = ANY(%s) AND pending",
            line_ids,
        )
        return [*super()._get_touched_queries(line_ids), waiting]

    @api.model
    def _follow_touched(self, found):
        """The notices about the items that have not left are withdrawn."""
        super()._follow_touched(found)
        self.env["account.dunning.notice"].browse(found["notice"])._requeue()
