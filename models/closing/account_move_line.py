from collections import defaultdict

from odoo import api, models
from odoo.fields import Command

from .returned import ReturnedPayments


class AccountMoveLine(ReturnedPayments, models.Model):
    """Lines of the entries that write off open items, and of those that book a later payment as income (rules §6).

    Tax is taken back as a credit note would: on the same accounts, with the tax grids of refunds. Of tax that becomes
    due on payment nothing is written into the grids here: Odoo's own cash-basis entries do so when the entry is
    reconciled, for the invoice and for the entry alike, so that both cancel out. Since no money came, such tax is taken
    back whether or not the tax of the others is corrected: it was never owed, and is no loss.
    """

    _inherit = "account.move.line"

    def _prepare_write_off_lines(self, terms):
        """Values of the lines that settle these open items: tax and loss by invoice, then one for each item. Hook.

        :param dict terms: see ``_write_off`` of the collection plan
        """
        losses = [
            vals
            for items in self.grouped(lambda line: line._get_loss_key()).values()
            for vals in items._prepare_loss_lines(terms, items._prepare_tax_correction_vals(terms))
        ]
        return [*losses, *(line._prepare_counterpart_vals(*line._get_open_amounts()) for line in self)]

    def _get_loss_key(self):
        """The key of the items that are lost together: those of one invoice, or one item of a journal entry."""
        self.ensure_one()
        document = self.move_id if self.move_id.is_sale_document(include_receipts=True) else self
        return document, self.currency_id, self.partner_id

    def _prepare_write_off_vals(self, terms, tax_lines=(), share=1.0):
        """Values of the lines that take ``share`` of what is open off the item: its tax, the income, and it. Hook.

        :param tax_lines: values of the lines of the tax
        """
        self.ensure_one()
        balance, amount = self._get_open_amounts()
        balance, amount = self.company_currency_id.round(balance * share), self.currency_id.round(amount * share)
        return [
            *self._prepare_loss_lines(terms, tax_lines, balance, amount),
            self._prepare_counterpart_vals(balance, amount),
        ]

    def _get_open_amounts(self):
        """What is open of items of one currency: in company currency, and in their own."""
        return sum(self.mapped("amount_residual")), sum(self.mapped("amount_residual_currency"))

    def _prepare_loss_lines(self, terms, tax_lines=(), balance=None, amount=None):
        """Values of the lines of tax, and of what is lost beside it; none of them is zero.

        ``balance`` and ``amount``: what is taken off these items of one invoice, all that is open by default.
        """
        if balance is None:
            balance, amount = self._get_open_amounts()
        rest = {
            "balance": self.company_currency_id.round(balance - sum(line["balance"] for line in tax_lines)),
            "amount_currency": self.currency_id.round(amount - sum(line["amount_currency"] for line in tax_lines)),
        }
        lines = [*tax_lines, *({"account_id": terms["account"].id, **part} for part in self._split_rest(rest))]
        return [{**self._prepare_common_vals(), **line} for line in lines if line["balance"] or line["amount_currency"]]

    def _prepare_counterpart_vals(self, balance, amount):
        """Values of the line that settles ``balance`` (``amount`` in its currency) of the item."""
        self.ensure_one()
        amounts = {"balance": -balance, "amount_currency": -amount}
        return {**self._prepare_common_vals(), "account_id": self.account_id.id, **amounts}

    def _prepare_common_vals(self):
        return {
            "name": self[:1].dunning_number,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
        }

    def _split_rest(self, rest):
        """The loss or income ``rest`` as amounts of lines: two, if its signs differ in the two currencies."""
        if rest["balance"] * rest["amount_currency"] >= 0:
            return [rest]
        open_balance, open_amount = self._get_open_amounts()
        balance = self.company_currency_id.round(rest["amount_currency"] * open_balance / open_amount)
        exchange = rest["balance"] - balance
        return [
            {**rest, "balance": balance},
            {"currency_id": self.company_currency_id.id, "balance": exchange, "amount_currency": exchange},
        ]

    # tax

    def _prepare_tax_correction_vals(self, terms):
        """Values of the lines that take back the tax in what is open of an invoice, and its base. Hook.

        All tax where the ``terms`` ask for it, else what becomes due on payment only.
        """
        move = self.move_id
        if not move.is_sale_document(include_receipts=True) or not move.amount_total:
            return []
        documents, total = move._get_taxed_documents()
        paid = 1 - min(self._get_open_amounts()[1] / total, 1)
        groups = defaultdict(lambda: [0.0, 0.0])
        for document, share in documents:
            for line in document.line_ids:
                key = line._get_tax_correction_key(terms)
                if key:
                    groups[key][0] -= line.balance * share
                    groups[key][1] -= line.amount_currency * share
        return [
            self._prepare_tax_line_vals(*key, terms, self._share_out_open(*amounts, paid))
            for key, amounts in groups.items()
        ]

    def _share_out_open(self, balance, amount, paid):
        """The open part of tax or base of which the share ``paid`` is settled: exactly what that share leaves."""

        def leave(currency, value):
            whole = currency.round(value)
            return currency.round(whole - currency.round(whole * paid))

        return {
            "balance": leave(self.company_currency_id, balance),
            "amount_currency": leave(self.currency_id, amount),
        }

    def _get_tax_correction_key(self, terms):
        """The key of lines that are taken back together: (taxes, repartition, account).

        None for lines that bear no tax which is taken back.
        """
        self.ensure_one()
        taxes = self.tax_ids.filtered(lambda tax: terms["tax"] or tax._is_due_on_payment())
        if self.tax_repartition_line_id:
            if not (terms["tax"] or self.tax_line_id._is_due_on_payment()):
                return None
            return taxes, self._get_refund_repartition(), self.account_id
        return (taxes, self.env["account.tax.repartition.line"], terms["account"]) if taxes else None

    def _prepare_tax_line_vals(self, taxes, repartition, account, terms, amounts):
        """Values of a line of tax (with its ``repartition``) or of its base. Tax due on payment waits for its grids."""
        tags = self._get_refund_tags(taxes)
        if repartition and not repartition.tax_id._is_due_on_payment():
            tags |= repartition.tag_ids
        return {
            "account_id": account.id,
            "tax_ids": [Command.set(taxes.ids)],
            "tax_repartition_line_id": repartition.id,
            "tax_tag_ids": [Command.set(tags.ids)],
            **amounts,
        }

    def _prepare_tax_recovery_vals(self, corrected, terms, start, end):
        """Values of the lines by which tax that write-offs took back is due again, as this later payment is income.

        Hook. They are in the currency of the payment, and mirror the correction: the same tax grids, at its rate.

        :param corrected: lines of the write-offs, in recordsets of one kind each
        :param start: the share of the debt that was paid before; ``end`` after this payment
        """
        self.ensure_one()
        rate = self.amount_residual_currency / self.amount_residual
        result = []
        for lines in corrected:
            before, after = self._sum_share(lines, start), self._sum_share(lines, end)
            amounts = {name: after[name] - before[name] for name in after}
            if lines.currency_id != self.currency_id:
                amounts["amount_currency"] = self.currency_id.round(amounts["balance"] * rate)
            result.append(
                {
                    "account_id": ((lines.tax_repartition_line_id and lines.account_id) or terms["account"]).id,
                    "tax_ids": [Command.set(lines.tax_ids.ids)],
                    "tax_repartition_line_id": lines.tax_repartition_line_id.id,
                    "tax_tag_ids": [Command.set(lines.tax_tag_ids.ids)],
                    **amounts,
                }
            )
        return result

    @api.model
    def _sum_share(self, lines, share):
        """``share`` of the ``lines`` of a write-off, on the other side."""
        return {
            "balance": lines.company_currency_id.round(-sum(lines.mapped("balance")) * share),
            "amount_currency": lines.currency_id.round(-sum(lines.mapped("amount_currency")) * share),
        }

    @api.model
    def _get_refund_tags(self, taxes):
        """The tags that the base of a credit note with ``taxes`` bears at once."""
        at_once = taxes.flatten_taxes_hierarchy().filtered(lambda tax: tax.tax_exigibility != "on_payment")
        repartition = at_once.refund_repartition_line_ids
        return repartition.filtered(lambda line: line.repartition_type == "base").tag_ids

    def _get_refund_repartition(self):
        """How a credit note would repart the tax of this tax line."""
        repartition, tax = self.tax_repartition_line_id, self.tax_line_id
        if repartition in tax.refund_repartition_line_ids:
            return repartition
        index = list(tax.invoice_repartition_line_ids.sorted("sequence")).index(repartition)
        return tax.refund_repartition_line_ids.sorted("sequence")[index]


class AccountTax(models.Model):
    _inherit = "account.tax"

    def _is_due_on_payment(self):
        """True where the tax, or one of its group, becomes due when the invoice is paid."""
        return "on_payment" in self.flatten_taxes_hierarchy().mapped("tax_exigibility")
