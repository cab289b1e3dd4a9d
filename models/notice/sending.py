from collections import defaultdict
from typing import NamedTuple

from odoo import api
from odoo.tools import SQL

from ...tools.bulk import bulk_insert, bulk_update

# The lines of notices with what their items have reached so far: the key of a plan about each in three columns, then
# the other fields of the class SentLine. The days from the day that a notice left to the deadline printed on it are 0
# where no document left.
SENT_LINES = """
SELECT CASE WHEN %(customer_based)s THEN NULL ELSE line.move_id END,
       CASE WHEN NOT %(customer_based)s AND move.move_type = 'entry' THEN line.move_line_id END, notice.partner_id,
       line.id, line.notice_id, line.move_line_id, line.move_id, line.level_id, line.name, line.plan_id,
       line.dunned IS TRUE, line.started IS TRUE,
       notice.company_id, notice.partner_id, notice.type_id, notice.currency_id, notice.sent_on,
       CASE WHEN notice.document = 'none' THEN 0 ELSE GREATEST(notice.deadline_date - notice.sent_on, 0) END,
       item.id, item.plan_id, item.level_id, item.last_notice_id, item.last_notice_date,
       COALESCE(item.deadline_days, 0), COALESCE(item.times, 0), item.resumed_on, item.not_before,
       item.released_on, item.reminder_level_id
  FROM account_dunning_notice_line line
  JOIN account_dunning_notice notice ON notice.id = line.notice_id
  LEFT JOIN account_move move ON move.id = line.move_id
  LEFT JOIN account_dunning_item item ON item.move_line_id = line.move_line_id
 WHERE line.notice_id = ANY(%(notices)s)
 ORDER BY line.notice_id, line.due_date, line.id
"""


class SentLine(NamedTuple):
    """A line of a notice that has left, with the state of its item before it: ids, or None.

    ``key`` is what a plan about it is about; see ``_get_key`` of plans.
    """

    key: tuple
    id: int
    notice_id: int
    move_line_id: int | None
    move_id: int | None
    level_id: int
    name: str
    plan_id: int | None
    dunned: bool
    started: bool
    company_id: int
    partner_id: int
    type_id: int
    currency_id: int
    sent_on: object
    deadline_days: int
    item_id: int | None
    item_plan_id: int | None
    item_level_id: int | None
    item_last_notice_id: int | None
    item_last_notice_date: object
    item_deadline_days: int
    item_times: int
    item_resumed_on: object
    item_not_before: object
    item_released_on: object
    item_reminder_level_id: int | None


class NoticeSending:
    """What follows once notices have left: levels are raised, plans opened; in sets."""

    __slots__ = ()

    def _set_sent(self, day=None, facts=None):
        """The notices have left today, or on ``day``: raise the levels, open the plans, start the actions.

        A failed one counts too: a person may have sent its e-mail again.

        :param facts: ``Facts`` by company of all their customers, where they were read in this transaction
        """
        notices = self.filtered(lambda notice: notice.state in ("queued", "to_print", "failed") and not notice.bounced)
        if not notices:
            return
        notices.line_ids._lock_items()
        for company, group in notices.grouped("company_id").items():
            group._write_sent(day or company._dunning_today())
            group._tell_invoices(self.env._("Dunning notice %(notice)s was sent: %(level)s"))
            fresh = group._raise_levels((facts or {}).get(company))
            group._after_sent()
            fresh._after_raised()
        notices._after_state()

    def _write_sent(self, day):
        """The notices have left on ``day``; those without a document get their number now."""
        newest = self.env.execute_query(SQL("SELECT MAX(id) FROM account_move_line"))[0][0]
        vals = {"state": "sent", "sent_on": day, "newest_line_id": newest, "failure": False, "retry_on": False}
        names = self._draw_numbers()
        bulk_update(self, {notice.id: {"name": names[notice.id], **vals} for notice in self})

    def _raise_levels(self, facts=None):
        """Open the plans and raise the items to the levels of their lines; one statement for each table.

        :param facts: the ``Facts`` of the customers, if they are known; else the new plans settle as the others do
        :return: the dunned lines whose actions were not started before
        """
        company = self.company_id
        plan_model, items = self.env["account.collection.plan"], self.env["account.dunning.item"]
        rows = self._read_sent_lines()
        known = [row for row in rows if row.move_line_id]
        dunned = [row for row in known if row.dunned]
        plans, opened = plan_model._open_for(company, dunned) if dunned else ({}, {})
        ids = {row.id: plans[row.key].id if row.dunned else row.item_plan_id for row in known}
        states = {row.move_line_id: self._prepare_item_vals(row, ids[row.id]) for row in known}
        unsettled = plan_model._insert_opened(company, opened, facts, states, self._get_days_told())
        bulk_update(items, {row.item_id: states[row.move_line_id] for row in known if row.item_id})
        bulk_insert(items, [states[row.move_line_id] for row in known if not row.item_id])
        lines = self.env["account.dunning.notice.line"].browse(row.id for row in rows)
        bulk_update(lines, {row.id: self._prepare_sent_vals(row, ids.get(row.id, row.plan_id)) for row in rows})
        touched = plan_model.browse(dict.fromkeys(ids[row.id] for row in dunned))
        new = touched.browse(opened)
        (touched - new).filtered("idle_days").write({"idle_days": 0})
        (touched - new + unsettled)._settle()
        (new - unsettled)._after_change()
        return lines.browse(row.id for row in rows if row.dunned and not row.started)

    def _read_sent_lines(self):
        """The lines of the notices, of one company, as :class:`SentLine`; one query."""
        self.env.flush_all()
        customer_based = self.company_id._get_dunning_settings().mode == "customer"
        rows = self.env.execute_query(SQL(SENT_LINES, customer_based=customer_based, notices=self.ids))
        return [SentLine((row[0] or False, row[1] or False, row[2]), *row[3:]) for row in rows]

    @api.model
    def _prepare_item_vals(self, row, plan_id):
        """The state of the item of ``row`` (:class:`SentLine`), of the plan ``plan_id``, after the notice. Hook.

        The plan may not be there yet.
        """
        values = {
            "company_id": row.company_id,
            "move_line_id": row.move_line_id,
            "move_id": row.move_id,
            "partner_id": row.partner_id,
            "plan_id": plan_id,
        }
        if not row.dunned:
            return {**values, **self._prepare_reminded_vals(row)}
        return {
            **values,
            "level_id": row.level_id,
            "last_notice_id": row.notice_id,
            "last_notice_date": row.sent_on,
            "deadline_days": row.deadline_days,
            "times": row.item_times + 1 if row.item_level_id == row.level_id else 1,
            "resumed_on": None,
            "not_before": None,
            "released_on": None,
            "reminder_level_id": row.item_reminder_level_id,
        }

    @api.model
    def _prepare_reminded_vals(self, row):
        """What a reminder makes of the item: all but that it was reminded stays."""
        return {
            "level_id": row.item_level_id,
            "last_notice_id": row.item_last_notice_id,
            "last_notice_date": row.item_last_notice_date,
            "deadline_days": row.item_deadline_days,
            "times": row.item_times,
            "resumed_on": row.item_resumed_on,
            "not_before": row.item_not_before,
            "released_on": row.item_released_on,
            "reminder_level_id": row.level_id,
        }

    @api.model
    def _prepare_sent_vals(self, row, plan_id):
        """What becomes of the line ``row`` (:class:`SentLine`), whose item belongs to the plan ``plan_id``. Hook."""
        return {"plan_id": plan_id, "pending": False, "started": row.started or row.dunned}

    def _get_days_told(self):
        """The day on which the notices left by dunning type, by partner id; reminders do not count."""
        told = defaultdict(dict)
        for notice in self:
            if not notice.reminder:
                told[notice.partner_id.id][notice.type_id.id] = notice.sent_on
        return told
