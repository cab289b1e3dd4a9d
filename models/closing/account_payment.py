from odoo import api, fields, models
from odoo.fields import Command

from ...tools.prefetch import PREFETCH


class AccountPayment(models.Model):
    """A customer's payment may come back: what it had settled is open again."""

    _name = "account.payment"
    _inherit = ["account.payment", "account.dunning.guard"]

    dunning_return_move_id = fields.Many2one(
        "account.move",
        string="Return Entry",
        index="btree_not_null",
        copy=False,
        readonly=True,
        help="The entry of the day on which the bank returned the payment.",
        prefetch=PREFETCH,
    )
    dunning_returned_on = fields.Date(
        string="Returned On", compute="_compute_dunning_returned_on", help="Empty where the return was undone."
    )

    @api.depends(
        "dunning_return_move_id.state", "dunning_return_move_id.date", "dunning_return_move_id.reversal_move_ids"
    )
    def _compute_dunning_returned_on(self):
        for payment in self:
            move = payment.dunning_return_move_id
            payment.dunning_returned_on = move.date if move.state == "posted" and not move.reversal_move_ids else False

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            self._touch_collection_plans()
        return result

    def _touch_collection_plans(self):
        """A payment that is rejected or set back to draft opens its items again, and the other way round."""
        lines = self.move_id.line_ids
        partials = lines.matched_debit_ids + lines.matched_credit_ids
        if partials:
            partials._touch_collection_plans()

    # returned by the bank

    def action_dunning_return(self):
        """Open the dialog that books that the bank has returned the payments."""
        return self.env["account.dunning.return"]._open(self)

    def _get_return_refusal(self):
        """Why the payment cannot be returned, or None where it can. Hook."""
        self.ensure_one()
        if self.payment_type != "inbound" or self.partner_type != "customer":
            return self.env._("Only payments of customers can be returned.")
        if self.state not in ("in_process", "paid"):
            return self.env._("It is not confirmed.")
        if self.dunning_returned_on:
            return self.env._("It was returned already.")
        if not self.move_id and self.state == "paid":
            return self.env._(
                "It has no entry of its own: the bank transaction settled the invoice. Press “Returned by the Bank” on "
                "the entry of that bank transaction instead."
            )
        return None

    def _return(self, terms):
        """Book that the bank has returned the payment: just what it had settled is open again (rules §6).

        A payment without entry is rejected. One with an entry gets a counter-entry on its outstanding
        account, with which the bank's later transaction can be matched; it settles the payment, so that no
        credit hangs about.

        :param dict terms: ``date``, ``fee`` (of the bank), ``currency`` (of the fee), ``fee_account``, ``ref``
        :return: the items that are open again
        """
        self.ensure_one()
        settled = self._get_counterparts()
        invoices = settled.matched_debit_ids.debit_move_id
        if self.move_id:
            move = _book_return(settled, self._prepare_return_vals(terms))
            self.sudo().dunning_return_move_id = move  # a field that the work alone writes
        else:
            invoices = self.invoice_ids.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
            self.state = "rejected"
        self.message_post(body=self.env._("Returned by the bank: %(why)s", why=terms["ref"]))
        return invoices

    def _stop_charging(self):
        """Archive the saved payment methods that were charged: there is no mandate for them."""
        # clerks need not write payment methods; the bank's answer decides
        payments = self.sudo()
        tokens = payments.payment_token_id | payments.payment_transaction_id.token_id
        tokens.active = False

    def _get_counterparts(self):
        """The receivable lines of the payment's entry."""
        return self.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    def _prepare_return_vals(self, terms):
        """Values of the entry that returns the payment: its own entry turned round, and the bank's fee. Hook."""
        liquidity = self._seek_for_lines()[0]
        vals_list = [
            {
                "account_id": line.account_id.id,
                "partner_id": line.partner_id.id,
                "currency_id": line.currency_id.id,
                "amount_currency": -line.amount_currency,
                "balance": -line.balance,
                "name": terms["ref"],
            }
            for line in self.move_id.line_ids
        ]
        if terms["fee"]:
            vals_list.append(self._prepare_fee_vals(terms["fee_account"], terms["fee"], terms))
            vals_list.append(self._prepare_fee_vals(liquidity.account_id[:1], -terms["fee"], terms))
        return {
            "move_type": "entry",
            "date": terms["date"],
            "journal_id": self.journal_id.id,
            "partner_id": self.partner_id.id,
            "ref": self.env._("%(payment)s returned: %(ref)s", payment=self.name, ref=terms["ref"]),
            "line_ids": [Command.create(vals) for vals in vals_list],
        }

    def _prepare_fee_vals(self, account, amount, terms):
        """Values of a line of the bank's fee, in its currency unless the ``account`` forces another. Hook."""
        return _prepare_fee(self, account, amount, terms)


def _book_return(settled, vals):
    """Post the entry with the values ``vals`` that takes the ``settled`` journal items back, and let it settle them.

    What those had settled is open again.

    :return: the entry
    """
    move = settled.env["account.move"].create(vals)
    move._post(soft=False)
    settled.remove_move_reconcile()
    back = move.line_ids.filtered(lambda line: line.account_id in settled.account_id)
    for account, lines in (settled + back).grouped("account_id").items():
        if account.reconcile:
            lines.reconcile()
    return move


def _prepare_fee(record, account, amount, terms):
    """Values of a line of the bank's fee for a payment or bank transaction (``record``) that came back."""
    company, date = record.company_id, terms["date"]
    currency = account.currency_id or terms["currency"]
    return {
        "account_id": account.id,
        "partner_id": record.partner_id.id,
        "currency_id": currency.id,
        "amount_currency": terms["currency"]._convert(amount, currency, company, date),
        "balance": terms["currency"]._convert(amount, company.currency_id, company, date),
        "name": record.env._("Bank fee: %(ref)s", ref=terms["ref"]),
    }
