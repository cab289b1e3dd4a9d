"""What the letter claims is what is booked: tax on the products of fees and interest (rules §8)."""

from odoo.fields import Command, Date
from odoo.tests import tagged

from .test_charges_booked import BookedCommon


class TaxedCharges(BookedCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products = {name: cls.env.ref(f"account_dunning.product_{name}").sudo() for name in ("fee", "interest")}
        cls.tax = cls.make_tax("VAT 19")
        cls.tax_7 = cls.make_tax("VAT 7", amount=7.0)

    @classmethod
    def make_tax(cls, name, amount=19.0, **values):
        return cls.env["account.tax"].create({"name": name, "amount": amount, "type_tax_use": "sale", **values})

    @classmethod
    def make_currency(cls, code, rounding, rate):
        currency = cls.env["res.currency"].with_context(active_test=False).search([("name", "=", code)])
        currency.write({"active": True, "rounding": rounding})
        currency.rate_ids.unlink()
        cls.env["res.currency.rate"].create(
            {"name": "2020-01-01", "rate": rate, "currency_id": currency.id, "company_id": cls.company.id}
        )
        return currency

    def set_taxes(self, fee, interest):
        self.products["fee"].taxes_id = fee
        self.products["interest"].taxes_id = interest

    def booked_total(self, notice):
        return notice.currency_id.round(sum(self.booked(notice).mapped("amount_total_in_currency_signed")))


@tagged("post_install", "-at_install")
class TestTaxBooked(TaxedCharges):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settings.charges = "booked"

    def test_the_letter_claims_what_is_booked(self):
        self.set_taxes(self.tax, self.env["account.tax"])
        invoice = self.invoice(self.partner_a, 15, 1000.0)
        notice = self.dun()
        move = self.booked(notice)
        self.assertEqual((notice.amount_fees, notice.amount_charge_tax), (10.0, 1.9))
        self.assertEqual(notice.amount_total, invoice.amount_residual + move.amount_total)
        self.assertIn(("VAT 19 on charges", 1.9), notice._get_charge_sums())
        self.assertEqual(notice.charge_ids.filtered(lambda charge: charge.kind == "tax").amount, 1.9)
        self.assertFalse(notice.charge_ids.filtered(lambda charge: charge.kind == "tax").can_waive)
        self.go(8)
        later = self.dun()
        self.assertEqual(self.amounts(later, "earlier"), [move.amount_total], "with tax as it is booked, not twice")
        self.assertEqual(later.amount_charge_tax, 3.8)
        self.assertEqual(
            later.amount_total, invoice.amount_residual + move.amount_total + self.booked(later).amount_total
        )

    def test_to_the_cent(self):
        """Rounding of 0, 2 and 3 decimals, a line or a document at a time; taxes of all kinds."""
        currencies = [
            self.company.currency_id,
            self.make_currency("JPY", 1.0, 157.3),
            self.make_currency("KWD", 0.001, 0.307),
        ]
        on_base = self.make_tax("Eco", 3.3, include_base_amount=True, sequence=1)
        fixed = self.make_tax("Stamp", 0.77, amount_type="fixed", sequence=9)
        inside = self.make_tax("Inside", 21.0, price_include_override="tax_included")
        kinds = (
            (self.tax, self.tax_7),
            (self.tax, self.tax),
            (inside, self.tax),
            (on_base + self.tax, on_base + self.tax_7),
            (self.tax + fixed, self.tax_7),
        )
        self.level_1.fee_amount = 10.37
        for method in ("round_per_line", "round_globally"):
            self.company.tax_calculation_rounding_method = method
            for number, taxes in enumerate(kinds):
                with self.subTest(method=method, number=number), self.env.cr.savepoint() as savepoint:
                    self.set_taxes(*taxes)
                    for currency in currencies:
                        partner = self.partner_a.copy({"name": currency.name})
                        for days, amount in ((11, 1033.0), (13, 777.0), (14, 39411.0)):
                            self.invoice(partner, days, amount, currency_id=currency.id)
                    notices = self.dun()
                    self.assertEqual(notices.currency_id, self.env["res.currency"].union(*currencies))
                    for notice in notices:
                        self.assertTrue(notice.amount_charge_tax)
                        self.assertEqual(notice.amount_charges, self.booked_total(notice), notice.currency_id.name)
                    savepoint.rollback()
                    self.env.invalidate_all(flush=False)

    def test_the_customers_fiscal_position(self):
        self.set_taxes(self.tax, self.tax)
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        self.make_tax("Abroad 0", 0.0, fiscal_position_ids=[Command.set(position.ids)], original_tax_ids=self.tax.ids)
        self.partner_a.property_account_position_id = position
        self.invoice(self.partner_a, 15, 1000.0)
        notice = self.dun()
        self.assertEqual(notice.amount_charge_tax, 0.0)
        self.assertEqual((notice.amount_charges, self.booked(notice).amount_tax), (self.booked_total(notice), 0.0))

    def test_the_tax_of_the_account(self):
        """Where the products have none, Odoo takes those of the account."""
        self.settings.charge_account_id.tax_ids = self.tax
        self.invoice(self.partner_a, 15, 1000.0)
        notice = self.dun()
        self.assertTrue(notice.amount_charge_tax)
        self.assertEqual(notice.amount_charges, self.booked_total(notice))

    def test_too_much_interest(self):
        """The letter takes off the tax on interest that is given back, as the credit note will."""
        self.set_taxes(self.tax, self.tax_7)
        invoice = self.invoice(self.partner_a, 19, 10000.0)
        self.dun()
        self.correct(invoice, 8000.0)
        self.go(8)
        notice = self.dun()
        self.assertLess(notice.amount_interest, 0)
        self.assertEqual(
            notice.currency_id.round(notice.amount_charges - notice.amount_earlier), self.booked_total(notice)
        )

    def test_a_waived_fee_bears_no_tax(self):
        self.set_taxes(self.tax, self.env["account.tax"])
        self.invoice(self.partner_a, 15, 1000.0)
        notice = self.propose()
        self.waive(notice)
        self.assertEqual((notice.amount_fees, notice.amount_charge_tax), (0.0, 0.0))
        self.assertEqual(notice.amount_total, 1000.0 + notice.amount_interest)

    def test_undone_and_waived_while_the_tax_is_closed(self):
        """On the next open day, as with the other locks."""
        self.set_taxes(self.tax, self.tax_7)
        for lock in ("tax_lock_date", "sale_lock_date", "fiscalyear_lock_date"):
            for step in ("undo", "waive"):
                with self.subTest(lock=lock, step=step), self.env.cr.savepoint() as savepoint:
                    self.invoice(self.partner_a, 15, 1000.0)
                    notice = self.dun()
                    self.company[lock] = self.today
                    if step == "undo":
                        notice.sudo()._undo("a mistake", at_once=True)
                    else:
                        self.waive(notice)
                    self.assertEqual(self.owed(self.partner_a), 1000.0)
                    self.assertEqual(self.booked(notice)[-1].date, Date.add(self.today, days=1))
                    savepoint.rollback()
                    self.env.invalidate_all(flush=False)

    def test_the_invoice_names_the_late_invoices(self):
        """A fee alone too."""
        self.level_1.interest = False
        late = self.invoice(self.partner_a, 15, 1000.0) + self.invoice(self.partner_a, 12, 500.0)
        move = self.booked(self.dun())
        self.assertEqual(move.invoice_origin, ", ".join(late.mapped("name")))
        self.assertEqual(move.invoice_line_ids.mapped("name"), ["Dunning fee"])


@tagged("post_install", "-at_install")
class TestTaxOnTheLetter(TaxedCharges):
    def test_each_letter_claims_it_and_nothing_hangs_about(self):
        for fee, interest in ((self.tax, self.tax_7), (self.tax, self.env["account.tax"])):
            with self.subTest(fee=fee.name, interest=interest.name), self.env.cr.savepoint() as savepoint:
                self.set_taxes(fee, interest)
                move = self.invoice(self.partner_a, 15, 1000.0)
                self.dun()
                self.go(8)
                notice = self.dun()
                rate = 0.07 if interest else 0
                self.assertEqual(
                    notice.amount_charge_tax, round(1.9 + 3.8 + round(notice.amount_interest * rate, 2), 2)
                )
                self.credit(self.partner_a, notice.amount_total)
                self.pay_from_credit(move)
                plan = move.collection_plan_ids
                self.assertEqual(plan.charges_paid, self.company.currency_id.format(notice.amount_charges))
                plan.with_user(self.manager).action_book_charges_paid()
                self.assertEqual(self.booked_total(notice), notice.amount_charges)
                self.assertEqual(self.owed(self.partner_a), 0.0)
                savepoint.rollback()
                self.env.invalidate_all(flush=False)

    def test_paid_in_part(self):
        """As much is booked as the money covers with its tax, never more."""
        self.set_taxes(self.tax, self.tax_7)
        for paid in (0.01, 5.0, 11.9, 12.0, 13.33):
            with self.subTest(paid=paid), self.env.cr.savepoint() as savepoint:
                move = self.invoice(self.partner_a, 15, 1000.0)
                notice = self.dun()
                self.credit(self.partner_a, 1000.0 + paid)
                self.pay_from_credit(move)
                if move.collection_plan_ids.charges_paid:
                    move.collection_plan_ids.with_user(self.manager).action_book_charges_paid()
                left = self.owed(self.partner_a)
                self.assertLessEqual(left, 0.0)
                self.assertGreaterEqual(left, -0.02)
                self.assertEqual(self.booked_total(notice), self.company.currency_id.round(paid + left))
                savepoint.rollback()
                self.env.invalidate_all(flush=False)

    def test_the_qr_code_and_the_texts_name_the_same_total(self):
        self.set_taxes(self.tax, self.tax_7)
        self.invoice(self.partner_a, 15, 1000.0)
        notice = self.dun()
        self.assertEqual(
            notice.amount_total,
            notice.currency_id.round(1000.0 + notice.amount_fees + notice.amount_interest + notice.amount_charge_tax),
        )
        self.assertEqual(notice.currency_id.round(sum(notice.mapped("charge_ids.amount"))), notice.amount_charges)

    def pay_from_credit(self, move):
        """Settle the invoice with the customer's payment."""
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "=", move.partner_id.id),
                ("account_type", "=", "asset_receivable"),
                ("reconciled", "=", False),
            ]
        )
        lines.filtered(lambda line: line.parent_state == "posted").reconcile()
        self.env.cr.precommit.run()
