class TaxedDocuments:
    """What an invoice was about in the end: itself, less what credit notes corrected."""

    __slots__ = ()

    def _get_taxed_documents(self):
        """What the invoice was about in the end: itself, less the credit notes that correct it and were set off.

        :return: pairs of document and share of it, and what all of them come to, in the invoice's currency
        """
        self.ensure_one()
        items = self.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        documents, total = [(self, 1.0)], self.amount_total
        for note, partials in items.matched_credit_ids.grouped(lambda partial: partial.credit_move_id.move_id).items():
            if note.move_type == "out_refund" and note.reversed_entry_id in (self, self.browse()):
                documents.append((note, sum(partials.mapped("credit_amount_currency")) / note.amount_total))
                total -= sum(partials.mapped("debit_amount_currency"))
        if self.currency_id.compare_amounts(total, 0) <= 0:
            return [(self, 1.0)], self.amount_total
        return documents, total

    def _has_tax_due_on_payment(self):
        """True where an invoice among these bears tax that becomes due when it is paid."""
        return self.line_ids.tax_ids._is_due_on_payment()
