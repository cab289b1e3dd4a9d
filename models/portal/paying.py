"""What a customer pays on his page: chosen items, less his credits, with the charges that were not booked."""

from odoo import api
from odoo.exceptions import UserError

from ...engine.money import total


class CasePaid:
    __slots__ = ()

    @api.model
    def _get_page_credits(self, items, credits):
        """Those of ``credits`` that can stand against ``items``: on the same receivable accounts."""
        return credits.filtered(lambda line: line.account_id in items.account_id)

    @api.model
    def _sum_page(self, currency, items, credits, charges):
        """What is to pay for ``items`` and ``charges`` once ``credits`` are taken off: never below zero."""
        net = 0.0
        for account, lines in items.grouped("account_id").items():
            owed = total(line._get_page_amount() for line in lines)
            own = credits.filtered(lambda line, account=account: line.account_id == account)
            net += max(owed + total(own.mapped("amount_residual_currency")), 0.0)
        return currency.round(net + (charges["amount"] if charges else 0.0))

    def _get_page_charges(self, currency, notices):
        """What letters claim in ``currency`` and is not booked: amounts by charge and in all; None for nothing."""
        sent = notices.filtered(
            lambda notice: (
                notice.currency_id == currency
                and notice.line_ids.plan_id.filtered(lambda plan: plan.state == "ongoing")
            )
        )
        chosen = {}
        for part in sent._get_unbooked_charges() if sent else ():
            chosen |= part
        if not chosen:
            return None
        plans = self.env["account.collection.plan"]
        return {"chosen": chosen, "amount": plans._get_booking_notice(chosen)._sum_with_tax(chosen)}

    def _order_payment(self, person, sees_all, item_ids, currency_id, with_charges=False, amount=None):
        """What ``person`` asks to pay, checked: items and credits, charges, currency and amount.

        :param item_ids: ids of journal items that the page offers, as a client names them
        :param amount: a part, where the settings allow one; None for all of it
        :raise UserError: a sentence for the customer, where it cannot be paid so
        """
        lines = self._get_page_lines(person, sees_all)
        states, wanted = self._get_page_states(), set(item_ids)
        items = lines.filtered(lambda line: line.id in wanted and line.amount_residual_currency > 0)
        rows = [self._get_page_row(line, states.get(line.id, ())) for line in items]
        if len(items) != len(wanted) or not all(row["can_pay"] for row in rows):
            raise UserError(self.env._("Something has changed meanwhile. Please look at what is open, and try again."))
        currency = items.currency_id if items else self.env["res.currency"].browse(currency_id).exists()
        charges = self._get_page_charges(currency, self._get_page_notices(person)) if with_charges else None
        if not items and not charges:
            raise UserError(self.env._("Please tick what you would like to pay."))
        if len(currency) != 1 or currency.id != currency_id:
            raise UserError(self.env._("Please pay the amounts of one currency at a time."))
        open_credits = lines.filtered(lambda line: line.amount_residual_currency < 0 and line.currency_id == currency)
        credits = self._get_page_credits(items, open_credits)
        owed = self._sum_page(currency, items, credits, charges)
        paid = self._check_page_amount(currency, owed, amount)
        return {"items": items, "credits": credits, "charges": charges, "currency": currency, "amount": paid}

    def _check_page_amount(self, currency, owed, amount):
        """What is paid of ``owed``: all of it, or the ``amount`` that the customer has chosen."""
        if currency.compare_amounts(owed, 0) <= 0:
            raise UserError(self.env._("Your credits cover this: there is nothing to pay."))
        if amount is None or not currency.compare_amounts(amount, owed):
            return owed
        if not self.company_id._get_dunning_settings().page_part_payment:
            raise UserError(
                self.env._("Please pay %(amount)s: a part of it cannot be paid here.", amount=currency.format(owed))
            )
        if currency.compare_amounts(amount, owed) > 0 or currency.compare_amounts(amount, 0) <= 0:
            raise UserError(
                self.env._("Please enter an amount above zero, and at most %(amount)s.", amount=currency.format(owed))
            )
        return currency.round(amount)
