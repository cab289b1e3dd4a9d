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
        for account, amount in order._split_by_account(self.amount):
            payments += super()._create_payment(**extra_create_values, amount=amount, destination_account_id=account.id)
        self.payment_id = payments[:1]
        order._settle_items(payments)
        return self.payment_id

    def _split_by_account(self, amount):
        """The ``amount`` by receivable account of what it is for; what is too much goes to that of the oldest item."""
        debits, credits = self._get_ordered_items()
        shares, left = {}, amount
        for account, lines in debits.grouped("account_id").items():
            own = credits.filtered(lambda line, account=account: line.account_id == account)
            owed = total(line._get_page_amount() for line in lines) + total(own.mapped("amount_residual_currency"))
            shares[account] = self.currency_id.round(min(max(owed, 0.0), left))
            left = self.currency_id.round(left - shares[account])
        customer = self.partner_id.with_company(self.company_id)
        first = next(iter(shares), customer.property_account_receivable_id)
        shares[first] = self.currency_id.round(shares.get(first, 0.0) + left)
        return [(account, share) for account, share in shares.items() if share]

    def _get_ordered_items(self):
        """What is still open of what the payment is for: debits, the oldest first, and credits."""
        lines = self.dunning_item_ids.filtered(lambda line: not line.reconciled)
        lines = lines.sorted(lambda line: (line.dunning_due_date, line.id))
        debits = lines.filtered(lambda line: line.amount_residual_currency > 0)
        return debits, lines - debits

    def _settle_items(self, payments):
        """Set the credits that the page showed against the oldest items, then ``payments`` against the rest."""
        debits, credits = self._get_ordered_items()
        for account, lines in debits.grouped("account_id").items():
            own = credits.filtered(lambda line, account=account: line.account_id == account)
            paid = payments.move_id.line_ids.filtered(lambda line, account=account: line.account_id == account)
            disputed = lines.filtered("dunning_disputed")  # what is in dispute stays open
            for money in (own, paid):
                for part in (lines - disputed, disputed):
                    left = [side.filtered(lambda line: not line.reconciled) for side in (money, part)]
                    if all(left):
                        (left[0] + left[1]).reconcile()
        self._book_charges()
        self._report_surplus(payments)

    def _book_charges(self):
        """Book the charges of letters that were paid with the items, and settle them with the payment."""
        chosen = {charge: charge._get_unbooked() for charge in self.dunning_charge_ids}
        chosen = {charge: amount for charge, amount in chosen.items() if amount and not charge.waived}
        if chosen:
            plans = self.dunning_charge_ids.notice_id.line_ids.plan_id
            amount = plans._get_booking_notice(chosen)._sum_with_tax(chosen)
            plans[:1]._book_paid_charges(self.currency_id, chosen, amount)

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
