from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.prefetch import PREFETCH
from ..base.names import ACCOUNTANTS, MANAGERS


class AccountMove(models.Model):
    """The credit stop of a customer, at each posting."""

    _inherit = "account.move"

    dunning_credit_released = fields.Boolean(
        copy=False,
        groups=fields.NO_ACCESS,
        help="A dunning manager has allowed to confirm the invoice despite the credit stop.",
        prefetch=PREFETCH,
    )
    dunning_credit_stop = fields.Boolean(
        string="Credit Stop",
        compute="_compute_dunning_credit_stop",
        compute_sudo=True,
        groups=ACCOUNTANTS,
        help="The draft cannot be confirmed, because its customer is on credit stop.",
    )
    dunning_credit_banner = fields.Char(compute="_compute_dunning_credit_stop", compute_sudo=True, groups=ACCOUNTANTS)

    @api.depends("state", "move_type", "partner_id", "company_id", "dunning_credit_released")
    def _compute_dunning_credit_stop(self):
        stops = self._get_credit_stops()
        for move in self:
            stop = stops.get(move)
            move.dunning_credit_stop = stop and not move.dunning_credit_released
            move.dunning_credit_banner = stop and stop._get_banner(move.dunning_credit_released)

    def action_dunning_release_credit(self):
        """Allow that invoices are confirmed despite the credit stop of their customers."""
        guard = self.env["account.dunning.guard"]
        guard._check_role(MANAGERS, self.env._("Only dunning managers may allow invoices despite a credit stop."))
        self.check_access("read")
        # a manager need not be an accountant; one flag is set
        stops = self.sudo()._get_credit_stops()  # plans and settings are closed to who posts
        # a manager need not be an accountant; one flag is set
        moves = self.sudo().filtered(lambda move: move in stops and not move.dunning_credit_released)
        moves.dunning_credit_released = True
        bodies = {
            move.id: self.env._("May be confirmed despite the credit stop: %(why)s.", why=stops[move]._get_reason())
            for move in moves
        }
        moves._message_log_batch(bodies=bodies)

    def _get_credit_stops(self, states=("draft",)):
        """The credit stops (``account.dunning.consequence``) that concern those in ``states`` of these, by invoice.

        Whether a dunning manager has allowed one does not matter here. One query, whatever their number.
        """
        drafts = self.filtered(lambda move: move.state in states and move.move_type in ("out_invoice", "out_receipt"))
        if not drafts.commercial_partner_id:
            return {}
        # accountants of a branch are stopped by its head office, too
        companies = drafts.company_id.sudo().root_id
        stops = self.env["account.dunning.consequence"]._find_stops(companies, drafts.commercial_partner_id)
        result = {}
        for move in drafts:
            # an id only
            key = (move.company_id.sudo().root_id.id, move.commercial_partner_id._origin.id)
            if key in stops and not move._passes_credit_stop():
                result[move] = stops[key]
        return result

    def _passes_credit_stop(self):
        """True where the credit stop does not concern the invoice: it books charges, or gives no credit. Hook."""
        self.ensure_one()
        move = self.sudo()  # who posts need not read payments or orders
        return bool(move.dunning_notice_id) or move._is_paid_online() or move._is_paid_at_the_counter()

    def _is_paid_online(self):
        """Whether confirmed online payments of the customer cover the invoice, less what else they have paid."""
        transactions = self.transaction_ids.filtered(
            lambda transaction: (
                transaction.state == "done"
                and transaction.operation != "refund"
                and transaction.partner_id.commercial_partner_id == self.commercial_partner_id
            )
        )
        today = self.company_id.root_id._dunning_today()
        paid = sum(
            part.currency_id._convert(part.amount, self.currency_id, self.company_id, today) for part in transactions
        )
        others = (transactions.invoice_ids - self).filtered(lambda move: move.state == "posted")
        used = sum(
            other.currency_id._convert(other.amount_total, self.currency_id, self.company_id, today) for other in others
        )
        return bool(transactions) and self.currency_id.compare_amounts(paid - used, self.amount_total) >= 0

    def _is_paid_at_the_counter(self):
        """Whether the invoice is that of orders of a point of sale that were paid there, nothing on account."""
        orders = self._get_counter_orders()
        return bool(orders) and all(
            order._is_pos_order_paid() and "pay_later" not in order.payment_ids.payment_method_id.mapped("type")
            for order in orders
        )

    def _get_counter_orders(self):
        """The orders of the point of sale that the invoice is about, where that module is installed."""
        return self.pos_order_ids if "pos_order_ids" in self._fields else ()

    def _check_credit_stop(self):
        """At every posting, refuse invoices of customers on credit stop, unless a dunning manager has allowed it."""
        stops = self.sudo()._get_credit_stops(("draft", "cancel"))  # plans and settings are closed to who posts
        blocked = {stop.id: stop for move, stop in stops.items() if not move.dunning_credit_released}
        if blocked:
            reasons = "\n".join(f"• {stop.partner_id.display_name}: {stop._get_reason()}" for stop in blocked.values())
            raise UserError(
                self.env._(
                    "Invoices cannot be confirmed, because of a credit stop:\n%(reasons)s\n\n"
                    "A dunning manager can allow the invoice (“Allow despite Credit Stop” on the invoice) or lift the "
                    "credit stop (on the customer). It ends by itself when the collection plan is closed.",
                    reasons=reasons,
                )
            )

    def write(self, vals):
        if "partner_id" in vals or vals.get("state") == "draft":
            # a field that managers set and everybody's change takes back
            self.sudo().filtered("dunning_credit_released").dunning_credit_released = False
        if vals.get("state") == "posted":
            self._check_credit_stop()  # here, since a client may write the state without posting
        return super().write(vals)
