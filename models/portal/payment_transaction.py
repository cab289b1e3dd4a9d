from odoo import fields, models

from ...engine.money import total
from ..base.names import COLLECTORS


class PaymentTransaction(models.Model):
    """A payment on the customer's page: it settles what was ticked there, and nothing else."""

    _inherit = "payment.transaction"

    dunning_case_id = fields.Many2one(
        "account.collection.case",
        string="Collection Case",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
        groups=COLLECTORS,
    )
    dunning_charge_ids = fields.Many2many(
        "account.dunning.charge",
        "account_dunning_charge_transaction_rel",
        "transaction_id",
        "charge_id",
        string="Paid Charges",
        readonly=True,
        copy=False,
        groups=COLLECTORS,
        help="Charges on letters that are booked once they are paid.",
    )

    def _create_payment(self, **extra_create_values):
        """Settle what the page's payment is for; core does so for whole invoices only.

        A part that is captured, or given back, belongs to the transaction it was taken from.
        """
        self.ensure_one()
        order = self if self.dunning_case_id else self.source_transaction_id
        if not order.dunning_case_id:
            return super()._create_payment(**extra_create_values)
        if self.operation == "refund":
            payment = super()._create_payment(**extra_create_values)
            order._give_back(payment)
            return payment
        payments = self.env["account.payment"]
        for account, lines, amount in order._split(self.amount):
            payment = payments.browse()
            if amount:
                payment = super()._create_payment(
                    **extra_create_values, amount=amount, destination_account_id=account.id
                )
            order._settle(lines, payment)
            payments += payment
        self.payment_id = payments[:1]
        order._book_charges()
        order._report_surplus(payments)
        return self.payment_id

    def _split(self, amount):
        """The ``amount`` by what it settles: lists of receivable account, items and amount, the oldest items first.

        What is in dispute stays open, unless it was paid before it was contested. What is too much, or for charges,
        goes to the first, unless that is in dispute.
        """
        groups, currency = self._group_items(), self.currency_id
        asked = self._pour(amount, [asked for _lines, asked, _contested in groups])
        left = currency.round(amount - total(asked))
        contested = self._pour(left - self._get_charges()[1], [contested for *_others, contested in groups])
        left = currency.round(left - total(contested))
        shares = [
            [lines.account_id, lines, currency.round(first + second)]
            for (lines, *_amounts), first, second in zip(groups, asked, contested, strict=True)
        ]
        if not groups or (left and groups[0][2]):
            customer = self.partner_id.with_company(self.company_id)
            account = shares[0][0] if shares else customer.property_account_receivable_id
            shares.insert(0, [account, self.dunning_item_ids.browse(), 0.0])
        shares[0][2] = currency.round(shares[0][2] + left)
        return shares

    def _group_items(self):
        """What is settled together: tuples of items, what is asked for them after credits, and what they contest.

        Items of one account are together, but one in dispute is by itself.
        """
        debits, credits = self._get_ordered_items()
        disputed = debits.filtered("dunning_disputed")
        spare = {account: -total(lines.mapped("amount_residual_currency"))
                 for account, lines in credits.grouped("account_id").items()}  # fmt: skip
        groups = []
        for lines in (*(debits - disputed).grouped("account_id").values(), *disputed):
            owed = total(line._get_page_amount() for line in lines)
            credit = min(spare.get(lines.account_id, 0.0), owed)
            spare[lines.account_id] = spare.get(lines.account_id, 0.0) - credit
            groups.append((lines, owed - credit, total(lines.mapped("amount_residual_currency")) - owed))
        return groups

    def _pour(self, amount, rooms):
        """How much of ``amount`` goes into each of the ``rooms``, in their order."""
        shares = []
        for room in rooms:
            shares.append(max(self.currency_id.round(min(room, amount - total(shares))), 0.0))
        return shares

    def _get_ordered_items(self):
        """What is still open of what the payment is for: debits, the oldest first, and credits."""
        lines = self.dunning_item_ids.filtered(lambda line: not line.reconciled)
        lines = lines.sorted(lambda line: (line.dunning_due_date, line.id))
        debits = lines.filtered(lambda line: line.amount_residual_currency > 0)
        return debits, lines - debits

    def _settle(self, lines, payment):
        """Set the credits that the page showed against ``lines``, which have one account, then the ``payment``."""
        credits = self.dunning_item_ids.filtered(lambda line: line.amount_residual_currency < 0)
        for money in (credits, payment.move_id.line_ids):
            own = money.filtered(lambda line: line.account_id == lines.account_id and not line.reconciled)
            open_lines = lines.filtered(lambda line: not line.reconciled)
            if own and open_lines:
                (own + open_lines).reconcile()

    def _get_charges(self):
        """The charges of letters that the payment is for and nobody has booked: amounts by charge, and in all."""
        chosen = {charge: charge._get_unbooked() for charge in self.dunning_charge_ids if not charge.waived}
        chosen = {charge: amount for charge, amount in chosen.items() if amount}
        plans = self.env["account.collection.plan"]
        return chosen, plans._get_booking_notice(chosen)._sum_with_tax(chosen) if chosen else 0.0

    def _book_charges(self):
        """Book the charges of letters that were paid with the items, and settle them with the payment."""
        chosen, amount = self._get_charges()
        if chosen:
            self.dunning_charge_ids.notice_id.line_ids.plan_id[:1]._book_paid_charges(self.currency_id, chosen, amount)

    def _report_surplus(self, payments):
        """What was settled meanwhile leaves an open credit, and a to-do for who looks up payments."""
        lines = payments.move_id.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        left = -total(lines.mapped("amount_residual_currency"))
        if self.currency_id.compare_amounts(left, 0) > 0:
            company = self.company_id.root_id
            payments[:1].activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("%(amount)s paid online is open: allocate it", amount=self.currency_id.format(left)),
                user_id=self.env["res.users"]._get_dunning_accountant(company).id or self.env.uid,
            )

    def _give_back(self, refund):
        """The customer got money back: what it had settled is open again, from the latest item on."""
        payments = self.env["account.payment"].search([("payment_transaction_id", "=", self.id)])
        paid = payments.move_id.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        paid.remove_move_reconcile()
        back = refund.move_id.line_ids.filtered(lambda line: line.account_id in paid.account_id)
        (paid.filtered(lambda line: line.account_id in back.account_id) + back).reconcile()
        for account, lines in self.dunning_item_ids.grouped("account_id").items():
            rest = paid.filtered(lambda line, account=account: line.account_id == account and not line.reconciled)
            debits = lines.filtered(lambda line: line.amount_residual_currency > 0)
            (rest + debits).reconcile()

    def _log_message_on_linked_documents(self, message):
        """What happens to the payment appears on its case too."""
        result = super()._log_message_on_linked_documents(message)
        # the provider's answer, whoever gets it
        for case in self.sudo().dunning_case_id:
            case._message_log(body=message)
        return result
