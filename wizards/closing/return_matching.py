from collections import defaultdict

from odoo.fields import Domain


class ReturnMatching:
    """Finds the payments, or bank transactions, that a bank says came back: all of a file at once."""

    __slots__ = ()

    def _match(self, returns):
        """Tuples of what came back, the record that was found for it (or None), and why it cannot be booked.

        A reference is that of the payment, of its online transaction, or of an invoice that it settles. Where the bank
        gives the amount, that of the payment must be the same.
        """
        references = {reference for returned in returns for reference in returned.references}
        found = self._find_by_reference(list(references))
        used, result = set(), []
        for returned in returns:
            records = {record for reference in returned.references for record in found.get(reference, ())}
            record, why = self._choose_returned(returned, sorted(records - used, key=lambda each: each.id), records)
            if record is not None:
                used.add(record)
            result.append((returned, record, why))
        return result

    def _find_by_reference(self, references):
        """Payments and entries of bank transactions, in sets by each of the ``references``."""
        found = defaultdict(set)
        domain = self._get_payment_domain(self.company_id)
        named = Domain.OR(
            Domain(name, "in", references) for name in ("name", "memo", "payment_reference", "move_id.name")
        )
        # payments of providers are closed to clerks; a reference is all that is asked
        transactions = self.env["payment.transaction"].sudo().search([("reference", "in", references)])
        payments = self.env["account.payment"].search(
            domain & (named | Domain("id", "in", transactions.payment_id.ids))
        )
        online = transactions.grouped(lambda transaction: transaction.payment_id.id)
        for payment in payments:
            texts = (payment.name, payment.memo, payment.payment_reference, payment.move_id.name)
            for text in (*texts, *online.get(payment.id, transactions.browse()).mapped("reference")):
                found[text].add(payment)
        self._find_by_invoice(references, found)
        return found

    def _find_by_invoice(self, references, found):
        """Add what settles the invoices that the ``references`` name."""
        moves = self.env["account.move"].search(
            Domain("company_id", "child_of", self.company_id.ids)
            & Domain("move_type", "in", ("out_invoice", "out_receipt"))
            & Domain("state", "=", "posted")
            & (Domain("name", "in", references) | Domain("payment_reference", "in", references))
        )
        for move in moves:
            counterparts = move.line_ids.matched_credit_ids.credit_move_id
            entries = counterparts.move_id.filtered("statement_line_id")
            for record in (*move.matched_payment_ids, *counterparts.payment_id, *entries):
                found[move.name].add(record)
                found[move.payment_reference].add(record)

    def _choose_returned(self, returned, records, all_records):
        """The record, of those that a reference names, that came back; and why not."""
        if not all_records:
            return None, self.env._("No payment has this reference.")
        same = [record for record in records if self._has_amount(record, returned)]
        if not same:
            why = self.env._("No payment with this reference has this amount.")
            return None, why if records else self.env._("The file names this payment more than once.")
        refusals = {record: record._get_return_refusal() for record in same}
        free = [record for record in same if not refusals[record]]
        if len(free) == 1:
            return self._check_day(returned, free[0])
        if free:
            return None, self.env._("Several payments fit: book the return on the right one.")
        return None, refusals[same[0]]

    def _check_day(self, returned, record):
        today = self.company_id._dunning_today()
        if returned.day and not record.date <= returned.day <= today:
            return None, self.env._("The day of the return is before that of the payment, or to come.")
        return record, False

    def _has_amount(self, record, returned):
        if returned.amount is None:
            return True
        line = record if record._name == "account.payment" else record.statement_line_id
        currency = line.currency_id
        if returned.currency and currency.name != returned.currency:
            return False
        return currency.compare_amounts(abs(line.amount), returned.amount) == 0
