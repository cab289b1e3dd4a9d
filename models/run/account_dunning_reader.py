from odoo import api, models
from odoo.tools import SQL

PAYMENT_LINE = "account.payment.line"
# An order that was not uploaded has no payments yet: nothing else tells that the money is coming.
OPEN_ORDER_STATES = ("draft", "open", "generated")


class AccountDunningReader(models.AbstractModel):
    """The reasons in words; and what is in an open payment order (OCA's ``account_payment_order``) is not dunned."""

    _inherit = "account.dunning.reader"

    @api.model
    def _get_reason_labels(self):
        skipped = self.env["account.dunning.skipped"]
        return dict(skipped._fields["reason"]._description_selection(self.env))

    @api.model
    def _find_obstacles(self, company, line_ids):
        found = super()._find_obstacles(company, line_ids)
        if line_ids and self._has_payment_orders():
            found = {**found, "payment_order": self._find_in_payment_orders(line_ids)}
        return found

    @api.model
    def _has_payment_orders(self):
        registry = self.env.registry
        return PAYMENT_LINE in registry and {"move_line_id", "order_id"} <= registry[PAYMENT_LINE]._fields.keys()

    @api.model
    def _find_in_payment_orders(self, line_ids):
        rows = self.env.execute_query(
            SQL(
                """SELECT line.move_line_id FROM account_payment_line line
                     JOIN account_payment_order payment_order ON payment_order.id = line.order_id
                    WHERE line.move_line_id = ANY(%s) AND payment_order.state = ANY(%s)""",
                list(line_ids),
                list(OPEN_ORDER_STATES),
            )
        )
        return {line_id for (line_id,) in rows}
