import logging

from odoo import fields, models

from .account_move import COLLECTORS

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    """A charge that a payment retry of dunning made; the plan's chatter tells what became of it."""

    _inherit = "payment.transaction"

    dunning_plan_id = fields.Many2one(
        "account.collection.plan",
        string="Collection Plan",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
        groups=COLLECTORS,
    )
    dunning_action_id = fields.Many2one(
        "account.dunning.action",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
        groups=COLLECTORS,
    )

    def _charge_for_dunning(self):
        """Charge the token, and book the payment where the provider confirms it at once. Never raises.

        A confirmed payment that cannot be booked stays confirmed: Odoo's own scheduled action
        books it later. An error that leaves open whether money was taken leaves the transaction
        pending, so that nothing is charged again before somebody has looked.
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self._charge_with_token()
        except Exception as error:
            self.env.invalidate_all(flush=False)
            _logger.warning("Charging the payment transaction %s failed", self.reference, exc_info=True)
            self._report_unknown(error)
        if self.state != "done":
            return
        try:
            with self.env.cr.savepoint():
                self._post_process()
        except Exception:
            self.env.invalidate_all(flush=False)
            _logger.exception("The payment of transaction %s could not be booked yet", self.reference)

    def _report_unknown(self, error):
        """Tell the responsible that nobody knows whether the charge went through."""
        message = self.env._(
            "It is not known whether %(reference)s was charged. Look it up at the payment provider: %(error)s",
            reference=self.reference,
            error=self.env["account.dunning.notice"]._get_error_text(error),
        )
        self.dunning_action_id._report_failure(self.dunning_plan_id, message)

    def _set_error(self, state_message, extra_allowed_states=()):
        transactions = super()._set_error(state_message, extra_allowed_states=extra_allowed_states)
        transactions._report_refused()
        return transactions

    def _set_canceled(self, state_message=None, extra_allowed_states=()):
        transactions = super()._set_canceled(state_message=state_message, extra_allowed_states=extra_allowed_states)
        transactions._report_refused()
        return transactions

    def _report_refused(self):
        """A charge of dunning was refused, at once or later: the responsible of its plan gets an activity."""
        for transaction in self.sudo().filtered(lambda transaction: transaction.dunning_plan_id):
            message = transaction.env._(
                "The saved payment method was not charged: %(reference)s, %(amount)s. %(message)s",
                reference=transaction.reference,
                amount=transaction.currency_id.format(transaction.amount),
                message=transaction.state_message or "",
            )
            transaction.dunning_action_id._report_failure(transaction.dunning_plan_id, message.strip())

    def _log_message_on_linked_documents(self, message):
        """What happens to the transaction appears on its collection plan too."""
        result = super()._log_message_on_linked_documents(message)
        self.sudo().dunning_plan_id._message_log_batch(bodies=dict.fromkeys(self.sudo().dunning_plan_id.ids, message))
        return result
