import logging
from collections import defaultdict
from functools import partial

from odoo import api
from odoo.tools import SQL

from ...tools.attempt import attempt_parts, get_error_text
from ...tools.bulk import bulk_insert
from .account_dunning_charge import INTEREST_KINDS

_logger = logging.getLogger(__name__)


class ChargeExcess:
    """Interest on settled items that was booked beyond what has accrued: no later notice takes it off (rules §8)."""

    __slots__ = ()

    @api.model
    def _credit_excess(self, item_ids):
        """Propose credit notes for the interest on settled items that was booked beyond what has accrued (rules §8).

        While an item is open, the next notice about it does so. A failure is noted and told the dunning managers: it
        never blocks a payment.
        """
        if item_ids:
            for lines in self._find_booked_lines(item_ids).grouped("company_id").values():
                attempt_parts(
                    self.env, lines.notice_id, partial(self._credit_excess_of, lines), self._tell_not_credited
                )

    @api.model
    def _find_booked_lines(self, item_ids):
        """The lines of the latest notices that have booked interest on those of the items that are settled."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT ON (charge.move_line_id) line.id
                     FROM account_dunning_charge charge
                     JOIN account_dunning_notice notice ON notice.id = charge.notice_id
                       AND (notice.state = 'sent' OR notice.bounced)
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
    def _tell_not_credited(self, notice, error):
        """Note that interest of ``notice`` was booked too much, and could not be credited; ask the managers."""
        _logger.error("Interest that was booked too much could not be credited", exc_info=error)
        notice._note_on_plans(
            self.env._(
                "Too much interest was booked, but the credit note could not be made: %(error)s",
                error=get_error_text(error),
            )
        )
        notice._ask_to_book()

    @api.model
    def _credit_excess_of(self, lines, notices):
        """Propose credit notes for the items of those of ``lines``, of one company, that are in ``notices``."""
        lines = lines.filtered(lambda line: line.notice_id in notices)
        vals_list = self.env["account.dunning.charger"]._prepare_excess(lines)
        amounts = defaultdict(dict)
        for charge in bulk_insert(self.env["account.dunning.charge"], vals_list):
            amounts[charge.notice_id][charge] = charge.amount
        if amounts:
            self.concat(*amounts)._book(amounts)
