"""The books after each step of a debt's life: what stands on which account, and which items are open (rules §6, §8)."""

from odoo.fields import Command
from odoo.tests import tagged

from .test_charges_booked import BookedCommon
from .test_returned_payments import ReturnCommon
from .test_write_off import WriteOffCommon

ACCOUNTS = ("customer", "sales", "tax", "charges", "loss", "bank", "bank fees", "exchange")


class BooksCommon(BookedCommon, WriteOffCommon, ReturnCommon):
    """A company without entries, whose every posting is checked: a posting on any other account fails the test.

    A test is a table of steps, one a day: (step, rate of the day, balances in company currency in the order of
    ``ACCOUNTS``, what is open of each receivable item in the currency of the debt).
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settings.charges = "booked"
        cls.vat = cls.env["account.tax"].create({"name": "VAT 20 %", "amount": 20.0, "type_tax_use": "sale"})
        cls.tax_account = cls.company_data["default_account_tax_sale"]
        for lines in (cls.vat.invoice_repartition_line_ids, cls.vat.refund_repartition_line_ids):
            lines.filtered(lambda line: line.repartition_type == "tax").account_id = cls.tax_account
        cls.currency = cls.company.currency_id

    def play(self, steps):
        for number, (step, rate, balances, open_items) in enumerate(steps, 1):
            self.go(1)
            if rate:
                self.set_rate(rate)
            getattr(self, f"do_{step}")()
            self.env.cr.precommit.run()
            self.env.invalidate_all()
            with self.subTest(number=number, step=step):
                self.assertEqual(self.books(), dict(zip(ACCOUNTS, balances, strict=True)))
                self.check_items(open_items)

    def set_rate(self, rate):
        """From today on, ``rate`` units of the other currency are one of the company's."""
        self.env["res.currency.rate"].create(
            {
                "name": self.today,
                "rate": rate,
                "currency_id": self.other_currency.id,
                "company_id": self.company.id,
            }
        )

    def posted(self, *domain):
        return self.env["account.move.line"].search(
            [("company_id", "=", self.company.id), ("parent_state", "=", "posted"), *domain]
        )

    def books(self):
        """The balance by name of the account, of all that was ever posted."""
        names = {
            self.company_data["default_account_revenue"]: "sales",
            self.tax_account: "tax",
            self.settings.charge_account_id: "charges",
            self.loss: "loss",
            self.fees: "bank fees",
            self.company.income_currency_exchange_account_id: "exchange",
            self.company.expense_currency_exchange_account_id: "exchange",
        }
        types = {"asset_receivable": "customer", "asset_cash": "bank", "asset_current": "bank"}
        result = dict.fromkeys(ACCOUNTS, 0.0)
        for account, lines in self.posted().grouped("account_id").items():
            name = names.get(account) or types.get(account.account_type, account.name)
            result[name] = self.company.currency_id.round(result.get(name, 0.0) + sum(lines.mapped("balance")))
        return result

    def check_items(self, expected):
        """The open receivable items are those expected, and make up what the account says: no difference is lost."""
        items = self.posted(("account_type", "=", "asset_receivable"))
        self.assertEqual(items.partner_id, self.partner_a)
        still_open = items.filtered(lambda item: not item.reconciled)
        self.assertEqual(sorted(still_open.mapped("amount_residual_currency")), sorted(expected))
        self.assertAlmostEqual(sum(still_open.mapped("amount_residual")), self.books()["customer"])
        for item in items - still_open:
            self.assertEqual((item.amount_residual, item.amount_residual_currency), (0.0, 0.0), item.display_name)

    # steps

    def do_invoice(self):
        line = Command.create({"name": "Goods", "price_unit": 1000.0, "tax_ids": [Command.set(self.vat.ids)]})
        self.move = self.invoice(self.partner_a, 14, invoice_line_ids=[line], currency_id=self.currency.id)

    def do_dun(self):
        self.notice = self.dun()

    def do_waive_fee(self):
        self.waive(self.notice.charge_ids.filtered(lambda charge: charge.kind == "fee"))

    def do_waive(self):
        self.waive(self.notice)

    def do_undo(self):
        self.notice.sudo()._undo("a mistake", at_once=True)

    def do_pay(self):
        self.payment = self.pay(self.move)

    def do_pay_charges(self):
        self.payment = self.pay(self.booked(self.notice)[:1])

    def do_pay_before(self):
        """The payment was made five days after the due date, before the notice left, and is imported today."""
        days = self.move.invoice_date_due - self.today
        self.payment = BookedCommon.credit(self, self.partner_a, 1200.0, -days.days - 5, currency_id=self.currency.id)
        lines = self.payment.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        (lines + self.item(self.move)).reconcile()

    def do_correct(self):
        """The whole invoice was wrong."""
        self.correct(self.move, 1000.0)

    def do_post_refund(self):
        """A dunning manager posts the credit note for interest that was booked too much, and settles it."""
        refund = self.booked(self.notice).filtered(lambda move: move.state == "draft")
        refund.action_post()
        (self.item(refund) + self.item(self.booked(self.notice)[0])).reconcile()

    def do_return(self):
        self.give_back(self.payment, fee=4.5, fee_account_id=self.fees)

    def do_write_off(self):
        self.write_off(self.plan_of(self.move), tax=True)

    def do_pay_late(self):
        WriteOffCommon.credit(self, 1200.0, currency_id=self.currency.id)

    def do_income(self):
        self.end(self.plan_of(self.move), kind="income", account_id=self.loss)

    def do_reverse(self):
        self.end(self.plan_of(self.move))


@tagged("post_install", "-at_install")
class TestBooks(BooksCommon):
    def test_company_currency(self):
        """A notice of 10 and 10 % interest for 15 days, or for 18 days when it is sent again."""
        self.play(
            (
                # step, rate, (customer, sales, tax, charges, loss, bank, bank fees, exchange), open items
                ("invoice", 0, (1200.0, -1000.0, -200.0, 0.0, 0.0, 0.0, 0.0, 0.0), [1200.0]),
                ("dun", 0, (1214.93, -1000.0, -200.0, -14.93, 0.0, 0.0, 0.0, 0.0), [14.93, 1200.0]),
                ("waive_fee", 0, (1204.93, -1000.0, -200.0, -4.93, 0.0, 0.0, 0.0, 0.0), [4.93, 1200.0]),
                ("undo", 0, (1200.0, -1000.0, -200.0, 0.0, 0.0, 0.0, 0.0, 0.0), [1200.0]),
                ("dun", 0, (1215.92, -1000.0, -200.0, -15.92, 0.0, 0.0, 0.0, 0.0), [15.92, 1200.0]),
                ("pay", 0, (15.92, -1000.0, -200.0, -15.92, 0.0, 1200.0, 0.0, 0.0), [15.92]),
                ("return", 0, (1215.92, -1000.0, -200.0, -15.92, 0.0, -4.5, 4.5, 0.0), [15.92, 1200.0]),
                ("write_off", 0, (0.0, -1000.0, 0.0, -15.92, 1015.92, -4.5, 4.5, 0.0), []),
                ("pay_late", 0, (-1200.0, -1000.0, 0.0, -15.92, 1015.92, 1195.5, 4.5, 0.0), [-1200.0]),
                ("reverse", 0, (15.92, -1000.0, -200.0, -15.92, 0.0, 1195.5, 4.5, 0.0), [15.92]),
                ("pay_charges", 0, (0.0, -1000.0, -200.0, -15.92, 0.0, 1211.42, 4.5, 0.0), []),
            )
        )

    def test_foreign_currency(self):
        """1200 euros at 2 euros a dollar are 600 dollars; the rate is another one at each step.

        The fee is 10 dollars, in euros at the rate of the notice: 25 first, then 40. Credit notes have the rate of
        their own day, as those of Odoo: when the first notice is undone, its charges of 11.97 dollars are taken back
        at 5.99, and the waiving of 6.25 at 5.00. What they miss, 4.73, is the difference of exchange to the cent.
        """
        self.currency = self.other_currency
        self.play(
            (
                # step, rate, (customer, sales, tax, charges, loss, bank, bank fees, exchange), open items
                ("invoice", 0, (600.0, -500.0, -100.0, 0.0, 0.0, 0.0, 0.0, 0.0), [1200.0]),
                ("dun", 2.5, (611.97, -500.0, -100.0, -11.97, 0.0, 0.0, 0.0, 0.0), [29.93, 1200.0]),
                ("waive_fee", 4, (601.97, -500.0, -100.0, -5.72, 0.0, 0.0, 0.0, 3.75), [4.93, 1200.0]),
                ("undo", 5, (600.0, -500.0, -100.0, -4.73, 0.0, 0.0, 0.0, 4.73), [1200.0]),
                ("dun", 4, (611.48, -500.0, -100.0, -16.21, 0.0, 0.0, 0.0, 4.73), [45.92, 1200.0]),
                ("pay", 3, (11.48, -500.0, -100.0, -16.21, 0.0, 400.0, 0.0, 204.73), [45.92]),
                ("return", 2.5, (611.48, -500.0, -100.0, -16.21, 0.0, -4.5, 4.5, 4.73), [45.92, 1200.0]),
                ("write_off", 5, (0.0, -500.0, 0.0, -16.21, 511.48, -4.5, 4.5, 4.73), []),
                ("pay_late", 6, (-200.0, -500.0, 0.0, -16.21, 511.48, 195.5, 4.5, 4.73), [-1200.0]),
                ("reverse", 3, (11.48, -500.0, -100.0, -16.21, 0.0, 195.5, 4.5, 404.73), [45.92]),
                ("pay_charges", 2, (0.0, -500.0, -100.0, -16.21, 0.0, 218.46, 4.5, 393.25), []),
            )
        )

    def test_income_after_a_write_off(self):
        """1200 of the 1214.93 that were lost, 200 of them tax, come in later: 98.77 % of the tax are due again."""
        self.play(
            (
                ("invoice", 0, (1200.0, -1000.0, -200.0, 0.0, 0.0, 0.0, 0.0, 0.0), [1200.0]),
                ("dun", 0, (1214.93, -1000.0, -200.0, -14.93, 0.0, 0.0, 0.0, 0.0), [14.93, 1200.0]),
                ("write_off", 0, (0.0, -1000.0, 0.0, -14.93, 1014.93, 0.0, 0.0, 0.0), []),
                ("pay_late", 0, (-1200.0, -1000.0, 0.0, -14.93, 1014.93, 1200.0, 0.0, 0.0), [-1200.0]),
                ("income", 0, (0.0, -1000.0, -197.54, -14.93, 12.47, 1200.0, 0.0, 0.0), []),
                ("reverse", 0, (14.93, -1000.0, -200.0, -14.93, 0.0, 1200.0, 0.0, 0.0), [14.93]),
            )
        )

    def test_income_after_a_write_off_in_a_foreign_currency(self):
        """1200 of the 1229.93 euros that were lost come in later, and are 200 dollars by then instead of 600."""
        self.currency = self.other_currency
        self.play(
            (
                ("invoice", 0, (600.0, -500.0, -100.0, 0.0, 0.0, 0.0, 0.0, 0.0), [1200.0]),
                ("dun", 2.5, (611.97, -500.0, -100.0, -11.97, 0.0, 0.0, 0.0, 0.0), [29.93, 1200.0]),
                ("write_off", 5, (0.0, -500.0, 0.0, -11.97, 511.97, 0.0, 0.0, 0.0), []),
                ("pay_late", 6, (-200.0, -500.0, 0.0, -11.97, 511.97, 200.0, 0.0, 0.0), [-1200.0]),
                ("income", 4, (0.0, -500.0, -97.57, -11.97, 409.54, 200.0, 0.0, 0.0), []),
                ("reverse", 3, (11.97, -500.0, -100.0, -11.97, 0.0, 200.0, 0.0, 400.0), [29.93]),
            )
        )

    def test_waiving_where_the_fee_bears_tax(self):
        """10 of fee with 2 of tax, and 4.93 of interest without: waiving leaves nothing of it."""
        self.env.ref("account_dunning.product_fee").taxes_id = self.vat
        self.play(
            (
                ("invoice", 0, (1200.0, -1000.0, -200.0, 0.0, 0.0, 0.0, 0.0, 0.0), [1200.0]),
                ("dun", 0, (1216.93, -1000.0, -202.0, -14.93, 0.0, 0.0, 0.0, 0.0), [16.93, 1200.0]),
                ("waive", 0, (1200.0, -1000.0, -200.0, 0.0, 0.0, 0.0, 0.0, 0.0), [1200.0]),
                ("undo", 0, (1200.0, -1000.0, -200.0, 0.0, 0.0, 0.0, 0.0, 0.0), [1200.0]),
            )
        )

    def test_waiving_the_fee_alone_where_it_bears_tax(self):
        """The fee is taken back with its tax; the interest stays."""
        self.env.ref("account_dunning.product_fee").taxes_id = self.vat
        self.play(
            (
                ("invoice", 0, (1200.0, -1000.0, -200.0, 0.0, 0.0, 0.0, 0.0, 0.0), [1200.0]),
                ("dun", 0, (1216.93, -1000.0, -202.0, -14.93, 0.0, 0.0, 0.0, 0.0), [16.93, 1200.0]),
                ("waive_fee", 0, (1204.93, -1000.0, -200.0, -4.93, 0.0, 0.0, 0.0, 0.0), [4.93, 1200.0]),
                ("pay_charges", 0, (1200.0, -1000.0, -200.0, -4.93, 0.0, 4.93, 0.0, 0.0), [1200.0]),
            )
        )

    def test_too_much_interest(self):
        """4.93 was booked for 15 days. The draft of the credit note is no entry yet."""
        self.play(
            (
                ("invoice", 0, (1200.0, -1000.0, -200.0, 0.0, 0.0, 0.0, 0.0, 0.0), [1200.0]),
                ("dun", 0, (1214.93, -1000.0, -200.0, -14.93, 0.0, 0.0, 0.0, 0.0), [14.93, 1200.0]),
                ("pay_before", 0, (14.93, -1000.0, -200.0, -14.93, 0.0, 1200.0, 0.0, 0.0), [14.93]),
                ("post_refund", 0, (11.64, -1000.0, -200.0, -11.64, 0.0, 1200.0, 0.0, 0.0), [11.64]),
                ("pay_charges", 0, (0.0, -1000.0, -200.0, -11.64, 0.0, 1211.64, 0.0, 0.0), []),
            )
        )

    def test_interest_on_what_was_wrong(self):
        """The invoice is credited fully: of the charges the fee is left."""
        self.play(
            (
                ("invoice", 0, (1200.0, -1000.0, -200.0, 0.0, 0.0, 0.0, 0.0, 0.0), [1200.0]),
                ("dun", 0, (1214.93, -1000.0, -200.0, -14.93, 0.0, 0.0, 0.0, 0.0), [14.93, 1200.0]),
                ("correct", 0, (14.93, 0.0, 0.0, -14.93, 0.0, 0.0, 0.0, 0.0), [14.93]),
                ("post_refund", 0, (10.0, 0.0, 0.0, -10.0, 0.0, 0.0, 0.0, 0.0), [10.0]),
                ("pay_charges", 0, (0.0, 0.0, 0.0, -10.0, 0.0, 10.0, 0.0, 0.0), []),
            )
        )

    def test_too_much_interest_in_a_foreign_currency(self):
        """The credit note of 3.29 euros has the rate of the day of its draft, that of the charges: 1.32 dollars."""
        self.currency = self.other_currency
        self.play(
            (
                ("invoice", 0, (600.0, -500.0, -100.0, 0.0, 0.0, 0.0, 0.0, 0.0), [1200.0]),
                ("dun", 2.5, (611.97, -500.0, -100.0, -11.97, 0.0, 0.0, 0.0, 0.0), [29.93, 1200.0]),
                ("pay_before", 0, (11.97, -500.0, -100.0, -11.97, 0.0, 600.0, 0.0, 0.0), [29.93]),
                ("post_refund", 4, (10.65, -500.0, -100.0, -10.65, 0.0, 600.0, 0.0, 0.0), [26.64]),
                ("pay_charges", 2, (0.0, -500.0, -100.0, -10.65, 0.0, 613.32, 0.0, -2.67), []),
            )
        )
