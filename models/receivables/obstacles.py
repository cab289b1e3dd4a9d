"""The obstacles that stand with the item itself: its document, its dates, its payments, holds (rules §3)."""

from odoo import api
from odoo.tools import SQL

from .obstacle import Obstacle

ONLINE_PAYMENT_DAYS = 10


class Obstacles:
    """What keeps items out of dunning, in one registry, and why items get no notice, in words."""

    __slots__ = ()

    @api.model
    def _get_obstacles(self):
        """What keeps open items out of dunning: a list of :class:`Obstacle`, in any order. Hook."""
        return [*self._get_obstacles_of_documents(), *self._get_obstacles_that_pass()]

    @api.model
    def _get_obstacles_of_documents(self):
        """What an item, or its document, is: it is no debt that is dunned."""
        return [
            Obstacle(
                "document",
                self.env._("Document type is not dunned"),
                weight=110,
                where=lambda question: SQL("(%s) IS NOT TRUE", question.moves.where_clause),
                passes=False,
                watched=("account_move",),
            ),
            Obstacle(
                "start",
                self.env._("Due before the start date of dunning"),
                weight=100,
                where=self._get_start_condition,
                passes=False,
                watched=("account_move_line",),
            ),
            Obstacle(
                "no_followup",
                self.env._("Excluded from follow-up"),
                weight=90,
                where=lambda question: SQL("line.no_followup"),
                passes=False,
                watched=("account_move_line",),
            ),
        ]

    @api.model
    def _get_obstacles_that_pass(self):
        """Money that is on its way, and what a person keeps out for a while."""
        return [
            Obstacle(
                "blocked",
                self.env._("Payment is blocked"),
                weight=70,
                where=lambda question: SQL("move.payment_state = 'blocked'"),
                watched=("account_move",),
            ),
            Obstacle(
                "hold",
                self.env._("On hold"),
                weight=60,
                where=self._get_held_condition,
                watched=("account_dunning_hold",),
            ),
            Obstacle(
                "payment",
                self.env._("Payment in process"),
                weight=40,
                where=self._get_paying_condition,
                watched=("account_payment", "account_move__account_payment"),
            ),
            Obstacle(
                "online",
                self.env._("Online payment pending"),
                weight=30,
                where=self._get_online_condition,
                watched=(
                    "payment_transaction",
                    "account_invoice_transaction_rel",
                    "account_dunning_item_transaction_rel",
                ),
            ),
        ]

    @api.model
    def _get_reason_labels(self):
        """Why items get no notice, in words, by the codes of obstacles and of the engine's verdicts. Hook."""
        obstacles = sorted(self._get_obstacles(), key=lambda obstacle: -obstacle.weight)
        return {obstacle.code: obstacle.label for obstacle in obstacles} | {
            "no_type": self.env._("No dunning type matches"),
            "later": self.env._("A later notice was sent already"),
            "credits": self.env._("Credits cover the claim: allocate them"),
            "minimum": self.env._("Below the minimum amount"),
            "level_minimum": self.env._("Below the minimum of the level"),
            "other_level": self.env._("At another level than this run is for"),
        }

    def _get_start_condition(self, question):
        start = question.company._get_dunning_settings().start_date
        return SQL("COALESCE(line.date_maturity, line.date) < %s", start) if start else SQL("FALSE")

    def _get_held_query(self, question):
        """The holds that count: customer, invoice or item, and the amount, 0 for all of it."""
        return SQL(
            """SELECT hold.partner_id, hold.move_id, hold.move_line_id, COALESCE(hold.amount, 0) AS amount
                 FROM account_dunning_hold hold
                 JOIN account_dunning_reason reason ON reason.id = hold.reason_id
                WHERE hold.company_id = %(company)s AND hold.ended_on IS NULL AND hold.date_from <= %(today)s
                  AND (hold.date_until IS NULL OR hold.date_until >= %(today)s)
                  AND NOT (%(include_disputed)s AND reason.dispute IS TRUE)""",
            company=question.company.id,
            today=question.today,
            include_disputed=question.include_disputed,
        )

    def _get_held_condition(self, question):
        return SQL(
            "(line.partner_id IN (SELECT partner_id FROM held WHERE amount = 0)"
            " OR line.move_id IN (SELECT move_id FROM held WHERE amount = 0)"
            " OR line.id IN (SELECT move_line_id FROM held WHERE amount = 0))"
        )

    def _get_paying_condition(self, question):
        return SQL(
            """EXISTS (SELECT 1 FROM account_move__account_payment rel
                         JOIN account_payment payment ON payment.id = rel.payment_id
                        WHERE rel.invoice_id = move.id AND payment.state = 'in_process' AND payment.move_id IS NULL)"""
        )

    def _get_online_condition(self, question):
        return SQL(
            """EXISTS (SELECT 1 FROM payment_transaction tx
                        WHERE tx.id IN (SELECT transaction_id FROM account_invoice_transaction_rel
                                         WHERE invoice_id = move.id
                                         UNION ALL
                                        SELECT transaction_id FROM account_dunning_item_transaction_rel
                                         WHERE line_id = line.id)
                          AND tx.state IN ('pending', 'authorized')
                          AND tx.last_state_change > %s::date - %s)""",
            question.today,
            ONLINE_PAYMENT_DAYS,
        )
