from collections import Counter

from odoo import api, fields, models
from odoo.tools import SQL


class AccountDunningReturned(models.Model):
    """An item whose payment the bank returned, once: how often it came back decides whether it is charged again."""

    _name = "account.dunning.returned"
    _description = "Returned Item"
    _inherit = ["account.dunning.guard"]
    _order = "id desc"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    move_line_id = fields.Many2one(
        "account.move.line", string="Item", required=True, index=True, ondelete="cascade", readonly=True
    )
    code_id = fields.Many2one(
        "account.dunning.return.code",
        string="Return Code",
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
    )
    date = fields.Date(required=True, readonly=True)
    reason = fields.Char(readonly=True)
    retry_on = fields.Date(
        string="Charged Again From",
        readonly=True,
        help="Empty: payment methods that were saved before are not charged for the item any more.",
    )

    @api.model
    def _record(self, lines, day, why, code):
        """Note that the payments of ``lines`` came back on ``day``; returns for the how-many-th time each."""
        self = self.sudo()  # written by the work only, whoever books the return
        counts = self._count(lines, day, code)
        self.create(
            [
                {
                    "company_id": line.company_id.root_id.id,
                    "move_line_id": line.id,
                    "code_id": code.id,
                    "date": day,
                    "reason": why,
                    "retry_on": code._get_retry_day(day, counts[line] + 1),
                }
                for line in lines
            ]
        )
        return {line: counts[line] + 1 for line in lines}

    @api.model
    def _count(self, lines, day, code):
        """How often the payments of ``lines`` came back in the time that counts for ``code``."""
        domain = [("move_line_id", "in", lines.ids)]
        if code.retry_within:
            domain.append(("date", ">=", fields.Date.subtract(day, days=code.retry_within)))
        return Counter(dict(self._read_group(domain, ["move_line_id"], ["__count"])))

    @api.model
    def _get_last(self, moves):
        """What was said when a payment of each of ``moves`` came back last: pairs of the first day on which it may be
        charged again, or None, and of the time of the return; only moves of which one did.
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT move_id, BOOL_OR(retry_on IS NULL), MAX(retry_on), MAX(create_date)
                     FROM (SELECT DISTINCT ON (line.id) line.move_id, own.retry_on, own.create_date
                             FROM account_dunning_returned own JOIN account_move_line line ON line.id = own.move_line_id
                            WHERE line.move_id = ANY(%s) AND line.reconciled IS NOT TRUE
                            ORDER BY line.id, own.id DESC) last
                    GROUP BY move_id""",
                moves.ids,
            )
        )
        known = self.env["account.move"].browse([row[0] for row in rows])
        return {move: (None if row[1] else row[2], row[3]) for move, row in zip(known, rows, strict=True)}
