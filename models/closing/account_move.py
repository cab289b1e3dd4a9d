from odoo import fields, models
from odoo.fields import Command

from .account_payment import _book_return, _prepare_fee


class AccountMove(models.Model):
    """A bank transaction that settled invoices itself, without a payment, may come back too (rules §6)."""

    _inherit = "account.move"

    dunning_can_return = fields.Boolean(compute="_compute_dunning_can_return", groups="account.group_account_invoice")

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

    def _get_outstanding_account(self):
        """Where the bank's later transaction is matched: an outstanding account of the journal, else of transfers."""
        journal = self.journal_id
        methods = journal.outbound_payment_method_line_ids + journal.inbound_payment_method_line_ids
        return methods.payment_account_id[:1] or self.company_id.transfer_account_id or journal.suspense_account_id
