from odoo import api, fields, models
from odoo.fields import Command

from ...tools.prefetch import PREFETCH
from ..base.names import COLLECTORS
from .account_payment import _book_return, _prepare_fee
from .move_printed import PrintedPayments
from .taxed_documents import TaxedDocuments


class AccountMove(PrintedPayments, TaxedDocuments, models.Model):
    """Entries that write debts off, and bank transactions that come back (rules §6).

    A bank transaction may have settled invoices itself, without a payment.
    """

    _inherit = "account.move"

    dunning_can_return = fields.Boolean(compute="_compute_dunning_can_return", groups="account.group_account_invoice")

    dunning_write_off_plan_id = fields.Many2one(
        "account.collection.plan",
        string="Write-off of",
        groups=COLLECTORS,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        readonly=True,
        help="The collection plan whose debt this entry writes off.",
        prefetch=PREFETCH,
    )

    def _compute_dunning_can_return(self):
        for move in self:
            move.dunning_can_return = bool(move.statement_line_id) and not move._get_return_refusal()

    def action_dunning_return(self):
        """Open the dialog that books that the bank has taken the transactions back."""
        return self.env["account.dunning.return"]._open(self)

    def _get_return_refusal(self):
        """Why the bank transaction cannot be returned, or None where it can. Hook."""
        self.ensure_one()
        if not self.statement_line_id or self.state != "posted":
            return self.env._("Only posted bank transactions can be returned.")
        if not self._get_settling_lines():
            return self.env._("It settles no invoice of a customer, or not any more.")
        return None

    def _get_settling_lines(self):
        """The lines of the bank transaction that settle what customers owe."""
        return self.line_ids.filtered(
            lambda line: (
                line.account_type == "asset_receivable"
                and line.balance < 0
                and line.matched_debit_ids.filtered(
                    lambda partial: partial.debit_move_id.move_id.is_sale_document(True)
                )
            )
        )

    def _return(self, terms):
        """Book that the bank has taken the transaction back: just what it had settled is open again.

        The counter-entry waits on the account of outstanding amounts for the bank's later transaction; it settles the
        lines of this one, so that no credit hangs about.

        :param dict terms: see ``_return`` of payments
        :return: the items that are open again
        """
        self.ensure_one()
        settled = self._get_settling_lines()
        invoices = settled.matched_debit_ids.debit_move_id
        _book_return(settled, self._prepare_return_vals(settled, terms))
        self.message_post(body=self.env._("Returned by the bank: %(why)s", why=terms["ref"]))
        return invoices

    def _prepare_return_vals(self, settled, terms):
        """Values of the entry that takes the ``settled`` lines back, and of the bank's fee. Hook."""
        account = self._get_outstanding_account()
        vals_list = [
            {
                "account_id": chosen.id,
                "partner_id": line.partner_id.id,
                "currency_id": line.currency_id.id,
                "amount_currency": sign * line.amount_currency,
                "balance": sign * line.balance,
                "name": terms["ref"],
            }
            for line in settled
            for chosen, sign in ((line.account_id, -1), (account, 1))
        ]
        if terms["fee"]:
            vals_list.append(_prepare_fee(self, terms["fee_account"], terms["fee"], terms))
            vals_list.append(_prepare_fee(self, account, -terms["fee"], terms))
        return {
            "move_type": "entry",
            "date": terms["date"],
            "journal_id": self.journal_id.id,
            "partner_id": self.partner_id.id,
            "ref": self.env._("%(payment)s returned: %(ref)s", payment=self.name, ref=terms["ref"]),
            "line_ids": [Command.create(vals) for vals in vals_list],
        }

    def _stop_charging(self):
        """A bank transaction that settled invoices by itself was charged on no saved payment method."""

    def _get_outstanding_account(self):
        """The account on which the bank's later transaction is matched: an outstanding one, else that of transfers."""
        journal = self.journal_id
        methods = journal.outbound_payment_method_line_ids + journal.inbound_payment_method_line_ids
        return methods.payment_account_id[:1] or self.company_id.transfer_account_id or journal.suspense_account_id

    @api.model
    def _create_write_offs(self, vals_list):
        """Create entries of write-offs. Only this method can say of an entry which plan it is of."""
        plan_ids = [vals["dunning_write_off_plan_id"] for vals in vals_list]
        moves = self.create(
            [{name: vals[name] for name in vals if name != "dunning_write_off_plan_id"} for vals in vals_list]
        )
        for move, plan_id in zip(moves.sudo(), plan_ids, strict=True):  # a field that the work alone writes
            move.dunning_write_off_plan_id = plan_id
        return moves

    def _get_write_off_counterparts(self):
        """The lines of entries of a write-off that settle open items, in the order of those."""
        return self.line_ids.filtered(lambda line: line.account_type == "asset_receivable").sorted("id")

    def _post(self, soft=True):
        posted = super()._post(soft)
        # accountants need not see plans, which follow all the same
        self.env["account.collection.plan"].sudo()._watch_late_payments(posted)
        return posted

    def write(self, vals):
        result = super().write(vals)
        if self._is_returned_elsewhere(vals):
            self._reopen_returned_elsewhere()
        return result

    @api.model
    def _is_returned_elsewhere(self, vals):
        """Whether ``vals`` say that the payment came back, as another module writes once it has opened the items."""
        return bool(vals.get("returned_payment"))

    def _reopen_returned_elsewhere(self):
        invoices = self.filtered(lambda move: move.is_sale_document(True))
        # who books returns need not see plans, which follow all the same
        for company, moves in invoices.sudo().grouped("company_id").items():
            lines = moves.line_ids.filtered(
                lambda line: line.account_type == "asset_receivable" and not line.reconciled
            )
            if lines:
                lines._reopen_returned(company.root_id._dunning_today(), self.env._("see the payment return"))
