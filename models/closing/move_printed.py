LOSSES = ("expense", "expense_depreciation", "expense_direct_cost", "expense_other")


class PrintedPayments:
    """How invoices are printed whose debt was written off: the customer has not paid it."""

    __slots__ = ()

    def _get_dunning_unpaid(self):
        """The entries that settle the invoice without being paid by the customer: write-offs of its plans.

        Once its debt was with an agency, any entry that books it as an expense: what the agency reads must be right.
        """
        self.ensure_one()
        move = self.sudo()  # whoever may print the invoice
        items = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        entries = items.matched_credit_ids.credit_move_id.move_id
        lost = entries.filtered("dunning_write_off_plan_id")
        if (move.collection_plan_ids + items.dunning_item_state_ids.plan_id).handover_line_ids:
            lost |= entries.filtered(
                lambda entry: (
                    entry.move_type == "entry"
                    and not (entry.origin_payment_id or entry.statement_line_id)
                    and set(entry.line_ids.mapped("account_type")) & set(LOSSES)
                )
            )
        return lost

    def _get_dunning_printed_payments(self, payments):
        """Those of the ``payments`` that the invoice prints (see core's payments widget) that are payments."""
        lost = set(self._get_dunning_unpaid().ids)
        return [payment for payment in payments if payment["move_id"] not in lost]

    def _get_dunning_printed_due(self):
        """The amount that the printed invoice says is due: a write-off has paid nothing of it."""
        lost = self._get_dunning_unpaid()
        # for whoever prints the invoice, portal users too
        items = self.sudo().line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        partials = items.matched_credit_ids.filtered(lambda partial: partial.credit_move_id.move_id in lost)
        return self.currency_id.round(self.amount_residual + sum(partials.mapped("debit_amount_currency")))
