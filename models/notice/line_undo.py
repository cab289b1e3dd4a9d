"""What becomes of items whose notice is undone (rules §6)."""

from odoo import fields
from odoo.fields import Domain

from ...tools.bulk import bulk_update


class LineUndo:
    __slots__ = ()

    def _pair_items(self):
        """The lines with the states that they have raised, as pairs.

        A debt that was transferred since, or an invoice that was posted again, has its state at another item.
        """
        lines = self.filtered("move_line_id")
        items = self.env["account.dunning.item"].search(
            Domain("move_line_id", "in", lines.move_line_id.ids) | Domain("last_notice_id", "in", self.notice_id.ids)
        )
        own = {item.move_line_id: item for item in items if item.move_line_id}
        pairs = [(line, own[line.move_line_id]) for line in lines if line.move_line_id in own]
        others = items.filtered(lambda item: item.move_line_id not in lines.move_line_id)
        return pairs + [(line, item) for item in others for line in self._find_origin(item, own)]

    def _find_origin(self, item, own):
        """The line that gave ``item`` its level though it names another item (one record, or none).

        So it is where debts were transferred to this item, of which the one that had reached most counts, or where
        its invoice was posted again.
        ``own`` are states by journal item.
        """
        lines = self.filtered(lambda line: line.dunned and line.notice_id == item.last_notice_id)
        former = lines.filtered(
            lambda line: (
                (state := own.get(line.move_line_id))
                and (state == item.part_of_id or (item.move_line_id and state.heir_line_id == item.move_line_id))
            )
        )
        origin = (
            former
            or lines.filtered(lambda line: line.move_id and line.move_id == item.move_id)
            or lines.filtered(lambda line: line.plan_id and line.plan_id == item.plan_id)
        )
        return origin.sorted(lambda line: line.previous_level_id.days if line.previous_level_id else -1)[-1:]

    def _restore_items(self):
        """Give the items the state that they had before the notice."""
        earlier = self._get_earlier_notices()
        updates = {}
        for line, item in self._pair_items():
            if item.last_notice_id == line.notice_id or not line.dunned:
                updates[item.id] = {
                    "level_id": line.previous_level_id.id,
                    "last_notice_date": line.previous_date,
                    "times": line.previous_times,
                    "deadline_days": line.previous_deadline_days,
                    "last_notice_id": (earlier.get(line.move_line_id) if line.dunned else item.last_notice_id.id)
                    or False,
                    "resumed_on": line.previous_resumed_on,
                    "reminder_level_id": line.previous_reminder_level_id.id,
                }
        bulk_update(self.env["account.dunning.item"].browse(updates), updates)

    def _get_earlier_notices(self):
        """The id of the latest other notice that was sent about each item of the lines, by journal item."""
        lines = self.search(
            [
                ("move_line_id", "in", self.move_line_id.ids),
                ("dunned", "=", True),
                ("notice_id", "not in", self.notice_id.ids),
                ("notice_id.state", "=", "sent"),
            ]
        )
        return {line.move_line_id: line.notice_id.id for line in lines.sorted(lambda line: (line.sent_on, line.id))}

    def _delay_items(self, pairs):
        """Let the items of ``pairs`` (see :meth:`_pair_items`) wait the minimum days of their levels from today."""
        items = self.env["account.dunning.item"].union(*(item for _line, item in pairs))
        days = {company: company._dunning_today() for company in self.company_id}
        items._postpone(
            {item.id: fields.Date.add(days[line.company_id], days=line.level_id.min_days) for line, item in pairs}
        )

    def _drop_proposals(self):
        """Take the items of the lines off the notices that were proposed since."""
        items = self.move_line_id.browse(item.move_line_id.id for _line, item in self._pair_items())
        proposed = self.search(
            [
                ("move_line_id", "in", (self.move_line_id | items).ids),
                ("pending", "=", True),
                ("notice_id.state", "=", "proposed"),
            ]
        )
        notices = proposed.notice_id
        proposed.unlink()
        notices._refresh()
