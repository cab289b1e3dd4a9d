from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.bulk import bulk_insert, draw_ids
from ...tools.extended import is_extended
from ..plan.opening import Opening


class AccountCollectionPlan(models.Model):
    """What notices tell of the plans that they opened or raised."""

    _inherit = "account.collection.plan"

    notice_line_ids = fields.One2many("account.dunning.notice.line", "plan_id", string="Notices", readonly=True)
    notice_count = fields.Integer(compute="_compute_notice_count")

    def _compute_notice_count(self):
        for plan in self:
            plan.notice_count = len(plan.notice_line_ids.notice_id)  # which the form shows

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        if self.notice_line_ids:
            raise UserError(self.env._("Collection plans about which notices were sent cannot be deleted."))

    def _get_past_entries(self, done):
        entries = super()._get_past_entries(done)
        by_notice = self.notice_line_ids.grouped("notice_id")
        return entries[:1] + [notice._get_timeline_entry(lines) for notice, lines in by_notice.items()] + entries[1:]

    @api.model
    def _open_for(self, company, rows):
        """The open plan of each invoice or customer of ``rows``; where there is none, one is about to be opened.

        :param rows: :class:`SentLine` of dunned lines, of sent notices of ``company``
        :return: dict from the key (see :meth:`_get_key`) to the plan; values by id of those that are yet to be
            inserted, with :meth:`_insert_opened`
        """
        plans = self._find_open(company, list({row.partner_id for row in rows}))
        missing = {}
        for row in rows:
            if row.key not in plans:
                missing.setdefault(row.key, row)
        if not missing:
            return plans, {}
        vals_list = [self._prepare_plan_vals(opening) for opening in self._get_openings(company, missing.values())]
        self.env["account.dunning.backlog"]._look_soon()
        if is_extended(self):
            plans.update(zip(missing, bulk_insert(self, vals_list), strict=True))
            return plans, {}
        ids = draw_ids(self, len(vals_list))
        plans.update(zip(missing, self.browse(ids), strict=True))
        return plans, dict(zip(ids, vals_list, strict=True))

    @api.model
    def _get_openings(self, company, rows):
        """What plans are opened for: an ``Opening`` for each of ``rows``.

        It reads only what is asked of the records: invoices and customers have hundreds of fields.
        """
        moves = self.env["account.move"].browse(row.move_id for row in rows if row.move_id)
        partners = self.env["res.partner"].with_company(company).browse({row.partner_id for row in rows})
        moves.fetch(["invoice_user_id"])
        partners.fetch(["name", "dunning_user_id"])
        mode = company._get_dunning_settings().mode
        return [
            Opening(
                company=company,
                mode=mode,
                type_id=row.type_id,
                day=row.sent_on,
                key=row.key,
                partner=partners.browse(row.partner_id).with_prefetch(partners._ids),
                move=moves.browse(row.move_id or ()).with_prefetch(moves._ids),
                number=row.name,
                currency_id=company.currency_id.id if mode == "customer" else row.currency_id,
            )
            for row in rows
        ]

    @api.model
    def _insert_opened(self, company, opened, facts, states, told):
        """Insert the plans ``opened`` of :meth:`_open_for`; return those that have yet to settle.

        What is known of the others from ``facts`` is written at once; see :meth:`_foresee`.
        """
        known = facts and opened and self._can_foresee()
        foreseen = self._foresee(company, facts, opened, states, told) if known else {}
        bulk_insert(self, list(foreseen.values()), list(foreseen))
        rest = {plan_id: vals for plan_id, vals in opened.items() if plan_id not in foreseen}
        bulk_insert(self, list(rest.values()), list(rest))
        return self.browse(rest)

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

    @api.model
    def _get_talk_queries(self, theirs):
        notices = SQL(
            """SELECT theirs.shown_id, 'account.dunning.notice', line.notice_id
                 FROM %s theirs
                 JOIN account_dunning_notice_line line ON line.plan_id = theirs.id
                WHERE line.notice_id IN %s""",
            theirs,
            self.env["account.dunning.notice"]._search([]).subselect(),
        )
        return [*super()._get_talk_queries(theirs), notices]

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
