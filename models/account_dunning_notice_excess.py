import logging
from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from ..tools.bulk import bulk_insert
from .account_dunning_charge import INTEREST_KINDS

_logger = logging.getLogger(__name__)


class AccountDunningNotice(models.Model):
    """Interest on settled items that was booked beyond what has accrued: no later notice takes it off (spec §8)."""

    _inherit = "account.dunning.notice"

    @api.model
    def _credit_excess(self, item_ids):
        """Propose credit notes for the interest on settled items that was booked beyond what has accrued (spec §8).

        While an item is open, the next notice about it does so. A failure is noted and told the dunning managers: it
        never blocks a payment.
        """
        if item_ids:
            for lines in self._find_booked_lines(item_ids).grouped("company_id").values():
                self._try_to_credit(lines)

    @api.model
    def _find_booked_lines(self, item_ids):
        """The lines of the latest notices that have booked interest on those of the items that are settled."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT ON (charge.move_line_id) line.id
                     FROM account_dunning_charge charge
                     JOIN account_dunning_notice notice ON notice.id = charge.notice_id AND notice.state = 'sent'
                     JOIN account_dunning_notice_line line ON line.notice_id = notice.id
                                                          AND line.move_line_id = charge.move_line_id
                     JOIN account_move_line item ON item.id = charge.move_line_id
                    WHERE charge.move_line_id = ANY(%s) AND charge.kind = ANY(%s) AND charge.move_id IS NOT NULL
                      AND (item.reconciled OR item.parent_state = 'cancel')
                    ORDER BY charge.move_line_id, notice.sent_on DESC, notice.id DESC""",
                item_ids,
                list(INTEREST_KINDS),
            )
        )
        return self.env["account.dunning.notice.line"].browse(row[0] for row in rows)

    @api.model
    def _try_to_credit(self, lines):
        """Propose credit notes for the items of ``lines``, of one company; where that fails, notice by notice."""
        try:
            with self.env.cr.savepoint():
                vals_list = self.env["account.dunning.charger"]._prepare_excess(lines)
                amounts = defaultdict(dict)
                for charge in bulk_insert(self.env["account.dunning.charge"], vals_list):
                    amounts[charge.notice_id][charge] = charge.amount
                if amounts:
                    self.concat(*amounts)._book(amounts)
        except Exception as error:
            self.env.invalidate_all()
            by_notice = lines.grouped("notice_id")
            if len(by_notice) > 1:
                for group in by_notice.values():
                    self._try_to_credit(group)
                return
            _logger.exception("Interest that was booked too much could not be credited")
            lines.notice_id._note_on_plans(
                self.env._(
                    "Too much interest was booked, but the credit note could not be made: %(error)s",
                    error=self._get_error_text(error),
                )
            )
            lines.notice_id._ask_to_book()
