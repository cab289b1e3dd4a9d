from odoo import api, models
from odoo.tools import SQL

from ..receivables.obstacle import Obstacle

PAYMENT_LINE = "account.payment.line"
# An order that was not uploaded has no payments yet: nothing else tells that the money is coming.
OPEN_ORDER_STATES = ("draft", "open", "generated")


class AccountDunningReader(models.AbstractModel):
    """What is in an open payment order (OCA's ``account_payment_order``) is not dunned; why a run skips customers."""

    _inherit = "account.dunning.reader"

    @api.model
    def _get_obstacles(self):
        label = self.env._("In an open payment order")
        return [
            *super()._get_obstacles(),
            Obstacle(
                "payment_order",
                label,
                weight=25,
                where=self._get_order_condition,
                watched=None if self._has_payment_orders() else (),  # OCA's tables have no triggers
            ),
        ]

    def _get_order_condition(self, question):
        if not self._has_payment_orders():
            return SQL("FALSE")
        return SQL(
            """line.id IN (SELECT ordered.move_line_id FROM account_payment_line ordered
                             JOIN account_payment_order payment_order ON payment_order.id = ordered.order_id
                            WHERE payment_order.state = ANY(%s))""",
            list(OPEN_ORDER_STATES),
        )

    @api.model
    def _has_payment_orders(self):
        registry = self.env.registry
        return PAYMENT_LINE in registry and {"move_line_id", "order_id"} <= registry[PAYMENT_LINE]._fields.keys()

    @api.model
    def _get_reason_labels(self):
        return super()._get_reason_labels() | {
            "address": self.env._("Neither e-mail nor postal address"),
            "error": self.env._("Error"),
        }
