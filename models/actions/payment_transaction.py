import logging
import sys

import requests

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.attempt import attempt, get_error_text
from ..base.names import COLLECTORS

UNKNOWN_STATES = ("pending", "authorized")

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    """A charge that a payment retry of dunning made; the plan's chatter tells what became of it."""

    _name = "payment.transaction"
    _inherit = ["payment.transaction", "account.dunning.guard"]

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

    dunning_unclear = fields.Boolean(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="The provider was asked and no answer came: money may have been taken, whatever the status says.",
    )

    def _retry_for_dunning(self):
        """Charge the token, and book the payment where the provider confirms it at once. Never raises.

        A confirmed payment that cannot be booked stays confirmed: Odoo's own scheduled action
        books it later. An error that leaves open whether money was taken leaves the transaction
        pending, so that nothing is charged again before somebody has looked.
        """
        self.ensure_one()
        with attempt(self.env, outside=True) as outcome:
            self._charge_with_token()
        if outcome.error:
            _logger.warning("Charging the payment transaction %s failed", self.reference, exc_info=outcome.error)
            self._report_unknown(outcome.error)
        if self.state != "done":
            return
        with attempt(self.env, outside=True) as outcome:
            self._post_process()
        if outcome.error:
            _logger.error(
                "The payment of transaction %s could not be booked yet", self.reference, exc_info=outcome.error
            )

    def _report_unknown(self, error):
        """Tell the responsible that nobody knows whether the charge went through."""
        message = self.env._(
            "It is not known whether %(reference)s was charged. Look it up at the payment provider: %(error)s",
            reference=self.reference,
            error=get_error_text(error),
        )
        self.dunning_action_id._report_failure(self.dunning_plan_id, message)

    def _set_error(self, state_message, extra_allowed_states=()):
        """An error is no refusal where the provider's answer never came: the charge may have gone through."""
        if _is_unanswered(sys.exc_info()[1]):
            # the provider's answer, whoever gets it; one flag
            self.sudo().filtered("dunning_plan_id").dunning_unclear = True
        transactions = super()._set_error(state_message, extra_allowed_states=extra_allowed_states)
        transactions._report_refused()
        return transactions

    def _set_canceled(self, state_message=None, extra_allowed_states=()):
        transactions = super()._set_canceled(state_message=state_message, extra_allowed_states=extra_allowed_states)
        transactions._report_refused()
        return transactions

    def _report_refused(self):
        """A charge of dunning was refused, at once or later: the responsible of its plan gets an activity."""
        # the provider's answer, whoever gets it
        for transaction in self.sudo().filtered(lambda transaction: transaction.dunning_plan_id):
            message = transaction.env._(
                "The saved payment method was not charged: %(reference)s, %(amount)s. %(message)s",
                reference=transaction.reference,
                amount=transaction.currency_id.format(transaction.amount),
                message=transaction.state_message or "",
            )
            transaction.dunning_action_id._report_failure(transaction.dunning_plan_id, message.strip())

    def _get_unclear_domain(self):
        """Domain of the online payments of which nobody knows whether money was taken, however old. Hook."""
        return Domain("state", "in", UNKNOWN_STATES) | Domain("state", "=", "error") & Domain(
            "dunning_unclear", "=", True
        )

    def _get_unclear_message(self):
        """What a person is told who has to look up whether the payment took money."""
        self.ensure_one()
        return self.env._(
            "Not charged again: it is not known whether %(reference)s of %(date)s, %(amount)s, was charged. Look it up "
            "at the payment provider. If no money was taken, press “Not Charged” on the collection plan.",
            reference=self.reference,
            date=format_date(self.env, self.create_date),
            amount=self.currency_id.format(self.amount),
        )

    def _close_unclear(self):
        """Close payments that took no money, as a person has seen at the provider; charge again, if need be."""
        self.dunning_unclear = False
        message = self.env._("Looked up by %(user)s: not charged.", user=self.env.user.name)
        # Not cancelled: a provider that answers after all can still confirm an error. Nobody needs to be told of it.
        self.filtered(lambda tx: tx.state in UNKNOWN_STATES)._update_state(UNKNOWN_STATES, "error", message)

    def _log_message_on_linked_documents(self, message):
        """What happens to the transaction appears on its collection plan too."""
        result = super()._log_message_on_linked_documents(message)
        # the provider's answer, whoever gets it
        self.sudo().dunning_plan_id._message_log_batch(bodies=dict.fromkeys(self.sudo().dunning_plan_id.ids, message))
        return result


def _is_unanswered(error):
    """True where ``error``, or its cause, leaves open what became of a request.

    A refusal is an answer (HTTP 4xx, but for a timeout); a dropped line or a failure of the server is none.
    """
    while error:
        if isinstance(error, requests.exceptions.HTTPError) and error.response is not None:
            return error.response.status_code >= 500 or error.response.status_code in (408, 409, 429)
        if isinstance(error, OSError):  # so are the errors of requests
            return True
        error = error.__cause__ or error.__context__
    return False
