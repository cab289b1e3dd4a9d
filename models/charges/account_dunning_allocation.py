"""What money of customers who have not said what for is set against by law: a proposal, which a person accepts."""

from dataclasses import dataclass

from odoo import api, models
from odoo.tools import format_amount, format_date

from ...engine import Money, Open, impute, names_any


@dataclass(slots=True)
class Allocation:
    """What the open money of a customer in one currency is set against by the act ``source``.

    ``shares`` are triples in their order: the journal items of the payment and of what it is set against, the amount.
    """

    source: str
    shares: list


class AccountDunningAllocation(models.AbstractModel):
    """Asks the engine what payments are set against where the law puts costs and interest before the principal.

    Only booked charges count, and only money that the payer has not designated; nothing of what is disputed or on hold.
    """

    _name = "account.dunning.allocation"
    _description = "Allocation of Payments by Law"

    @api.model
    def _propose(self, company, partners, day):
        """The :class:`Allocation` by (customer id, currency id) for commercial ``partners`` of the root ``company``.

        There is one only where something is set against charges. A constant number of queries.
        """
        rulings = self.env["account.dunning.law.reader"]._get_rulings(company, partners, day)
        sources = {
            partner_id: ruling.record.allocation_source
            for partner_id, ruling in rulings.items()
            if ruling.record and ruling.record.allocation_source
        }
        if not sources:
            return {}
        rows = self.env["account.dunning.statement"]._read_open_items(company, list(sources), day)
        rows = {key: part for key, part in rows.items() if self._is_concerned(part)}
        # facts of the ledger, for whoever may see the plan or print the statement
        lines = self.env["account.move.line"].sudo().browse(row["id"] for part in rows.values() for row in part)
        self._fetch(lines)
        disputed = self._find_partly_held(company, lines, day)
        result = {}
        for (partner_id, currency_id), part in rows.items():
            free = lines.browse(row["id"] for row in part if not row["held"]) - disputed
            shares = [share for items in free.grouped("account_id").values() for share in self._impute(items, day)]
            if any(item.move_id.dunning_notice_id for _paid, item, _amount in shares):
                result[partner_id, currency_id] = Allocation(sources[partner_id], shares)
        return result

    @api.model
    def _is_concerned(self, rows):
        """True of open items (``rows``) among which there are both charges and credits."""
        return any(row["charge"] and row["residual"] > 0 for row in rows) and any(row["residual"] < 0 for row in rows)

    @api.model
    def _fetch(self, lines):
        """Read what is asked of ``lines``, of all at once."""
        moves = lines.move_id
        moves.mapped("payment_reference")
        moves.dunning_notice_id.line_ids.mapped("due_date")
        moves.statement_line_id.mapped("payment_ref")
        payments = moves.origin_payment_id
        payments.mapped("invoice_ids")
        payments.payment_transaction_id.mapped("invoice_ids")

    @api.model
    def _find_partly_held(self, company, lines, day):
        """The ``lines`` a part of which is on hold, or disputed. One query."""
        holds = (
            self.env["account.dunning.hold"]
            .sudo()  # facts, as above
            .search(
                [
                    ("company_id", "=", company.id),
                    ("ended_on", "=", False),
                    ("date_from", "<=", day),
                    ("amount", ">", 0),
                    "|",
                    ("move_id", "in", lines.move_id.ids),
                    ("move_line_id", "in", lines.ids),
                ]
            )
        )
        return lines.filtered(lambda line: line in holds.move_line_id or line.move_id in holds.move_id)

    @api.model
    def _impute(self, items, day):
        """The shares of open ``items`` of one customer, currency and account: see :class:`Allocation`."""
        debts = items.filtered(lambda item: item.amount_residual_currency > 0)
        numbers = {name for move in debts.move_id for name in (move.name, move.payment_reference) if name}
        money = (items - debts).filtered(lambda item: self._is_free_money(item, numbers))
        shares = impute(
            [Money(item.id, -item.amount_residual_currency, item.date) for item in money if not item.reconciled],
            [self._to_open(item) for item in debts if item.dunning_due_date < day or item.move_id.dunning_notice_id],
        )
        return [(items.browse(share.money), items.browse(share.item), share.amount) for share in shares]

    @api.model
    def _to_open(self, item):
        """An open item as a value of the engine."""
        notice = item.move_id.dunning_notice_id
        return Open(
            key=item.id,
            amount=item.amount_residual_currency,
            since=item.move_id.invoice_date or item.date,
            due=item.dunning_due_date,
            charged_for=min(notice.line_ids.mapped("due_date"), default=item.dunning_due_date) if notice else None,
        )

    @api.model
    def _is_free_money(self, item, numbers):
        """True of a payment that names none of the ``numbers`` of what is open, and was made for no invoice. Hook."""
        payment, bank = item.move_id.origin_payment_id, item.move_id.statement_line_id
        if not (payment or bank) or payment.invoice_ids or payment.payment_transaction_id.invoice_ids:
            return False
        text = " ".join(filter(None, (payment.memo, bank.payment_ref)))
        return not names_any(text, numbers)

    @api.model
    def _describe(self, allocation):
        """The allocation in words, a line for each payment."""
        lines = []
        for paid, shares in _group(allocation.shares):
            parts = [
                self.env._(
                    "%(amount)s for %(number)s",
                    amount=format_amount(self.env, amount, item.currency_id),
                    number=self._name_item(item),
                )
                for item, amount in shares
            ]
            lines.append(
                self.env._(
                    "%(payment)s of %(date)s: %(parts)s",
                    payment=paid.move_id.name,
                    date=format_date(self.env, paid.date),
                    parts=", ".join(parts),
                )
            )
        return "\n".join(lines)

    @api.model
    def _name_item(self, item):
        if item.move_id.dunning_notice_id:
            return self.env._("charges %(number)s", number=item.move_id.name)
        return item.dunning_number

    @api.model
    def _accept(self, allocation):
        """Set the payments against what the allocation says, in its order."""
        for paid, item, _amount in allocation.shares:
            (paid + item).reconcile()


def _group(shares):
    """The shares by payment: pairs of the payment and a list of (item, amount)."""
    result = {}
    for paid, item, amount in shares:
        result.setdefault(paid, []).append((item, amount))
    return result.items()
