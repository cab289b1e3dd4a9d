"""Write-offs of taxed invoices: as a credit note would do it, with Odoo's own cash-basis entries (rules §6)."""

from odoo.fields import Command, Date
from odoo.tests import tagged

from .test_write_off import WriteOffCommon

TAGS = ("base", "tax", "refund base", "refund tax")


class WriteOffTaxCommon(WriteOffCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.due = cls.company_data["default_account_tax_sale"]
        cls.waiting = cls.due.copy({"name": "Waiting", "reconcile": True})
        cls.company.tax_exigibility = True

    @classmethod
    def make_tax(cls, amount, **values):
        """A tax with four grids of its own."""
        name = f"{amount:g} {values}"[:40]
        tags = cls.env["account.account.tag"].create(
            [{"name": f"{name} {kind}", "applicability": "taxes"} for kind in TAGS]
        )
        lines = [
            [
                Command.clear(),
                Command.create({"repartition_type": "base", "tag_ids": base.ids}),
                Command.create({"repartition_type": "tax", "tag_ids": tax.ids, "account_id": cls.due.id}),
            ]
            for base, tax in (tags[:2], tags[2:])
        ]
        return cls.env["account.tax"].create(
            {
                "name": name,
                "amount": amount,
                "type_tax_use": "sale",
                "invoice_repartition_line_ids": lines[0],
                "refund_repartition_line_ids": lines[1],
                **values,
            }
        )

    @classmethod
    def on_payment(cls, amount, **values):
        return cls.make_tax(
            amount, tax_exigibility="on_payment", cash_basis_transition_account_id=cls.waiting.id, **values
        )

    def taxed(self, *lines, **values):
        """The plan of an invoice with ``lines`` of (price, taxes)."""
        commands = [
            Command.create({"name": f"Goods {price}", "price_unit": price, "tax_ids": [Command.set(taxes.ids)]})
            for price, taxes in lines
        ]
        return self.dunned(invoice_line_ids=commands, **values)

    def grids(self, taxes):
        """What the tax report holds of ``taxes``, without zeros, by the kind of grid."""
        self.env.flush_all()
        result = {}
        tags = (taxes.invoice_repartition_line_ids + taxes.refund_repartition_line_ids).tag_ids
        lines = self.env["account.move.line"].search([("tax_tag_ids", "in", tags.ids), ("parent_state", "=", "posted")])
        for line in lines:
            for tag in line.tax_tag_ids & tags:
                kind = next(kind for kind in reversed(TAGS) if tag.name.endswith(f" {kind}"))
                result[kind] = round(result.get(kind, 0.0) + line.balance, 2)
        return {kind: amount for kind, amount in result.items() if amount}

    def booked(self, account):
        self.env.flush_all()
        lines = self.env["account.move.line"].search([("account_id", "=", account.id), ("parent_state", "=", "posted")])
        return round(sum(lines.mapped("balance")), 2)

    def assert_nothing_owed(self, taxes, base, tax):
        """Tax report and accounts as after a full credit note."""
        self.assertEqual(
            self.grids(taxes), {"base": -base, "tax": -tax, "refund base": base, "refund tax": tax}, "each once"
        )
        self.assertEqual((self.booked(self.due), self.booked(self.waiting)), (0.0, 0.0))


@tagged("post_install", "-at_install")
class TestWriteOffByDocument(WriteOffTaxCommon):
    def test_a_credit_note_on_one_of_two_rates(self):
        """What is open bears the rate of the line that is left, not a mixture."""
        high, low = self.make_tax(20.0), self.make_tax(10.0)
        for paid in (0.0, 60.0):
            with self.subTest(paid=paid), self.env.cr.savepoint() as savepoint:
                plan = self.taxed((100.0, high), (100.0, low))
                move = plan.move_id
                note = move._reverse_moves([{"invoice_date": self.today}])
                note.invoice_line_ids.filtered(lambda line: line.tax_ids == low).unlink()
                note.action_post()
                (self.item(note) + self.item(move)).reconcile()
                self.finish()
                if paid:
                    self.pay(move, 55.0)
                entry = self.write_off(plan, tax=True)
                share = 0.5 if paid else 1.0
                tax = entry.line_ids.filtered("tax_line_id")
                self.assertRecordValues(tax, [{"tax_line_id": low.id, "balance": 10.0 * share}])
                self.assertEqual(entry.line_ids.filtered("tax_ids").mapped("tax_ids"), low)
                self.assertEqual(self.balances(entry)[self.loss], 100.0 * share)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_a_tax_that_bears_tax(self):
        eco = self.make_tax(10.0, include_base_amount=True, sequence=1)
        vat = self.make_tax(20.0, sequence=2)
        plan = self.taxed((100.0, eco + vat))
        self.assertEqual(plan.move_id.amount_total, 132.0)
        entry = self.write_off(plan, tax=True)
        self.assertEqual(self.grids(eco), {"base": -100.0, "tax": -10.0, "refund base": 100.0, "refund tax": 10.0})
        self.assertEqual(self.grids(vat), {"base": -110.0, "tax": -22.0, "refund base": 110.0, "refund tax": 22.0})
        self.assertEqual(self.balances(entry)[self.loss], 100.0)

    def test_three_instalments(self):
        """Tax is taken back once for the invoice: no cent is lost by rounding part by part, and no line is zero."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Thirds",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": part, "nb_days": days})
                    for part, days in ((33.333, 0), (33.333, 5), (33.334, 10))
                ],
            }
        )
        vat = self.make_tax(19.0)
        plan = self.taxed((99.99, vat), invoice_payment_term_id=term.id, invoice_date="2026-04-01")
        self.assertEqual(len(plan._get_open_lines()[plan]), 3)
        entry = self.write_off(plan, tax=True)
        self.assert_nothing_owed(vat, 99.99, 19.0)
        self.assertEqual(self.balances(entry)[self.loss], 99.99)
        self.assertTrue(all(entry.line_ids.mapped("balance")), "no line of 0.00")
        self.assertEqual(set(self.plan_items(plan).mapped("reconciled")), {True})

    def plan_items(self, plan):
        return plan.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    def test_no_line_of_zero(self):
        vat = self.make_tax(20.0)
        for lines in (((100.0, vat),), ((100.0, vat), (30.0, self.env["account.tax"])), ((100.0, self.make_tax(0.0)),)):
            with self.subTest(lines=lines):
                partner = self.partner_a.copy({"name": f"{lines}"})
                entry = self.write_off(self.taxed(*lines, partner=partner), tax=True)
                self.assertTrue(all(entry.line_ids.mapped("balance")))

    def test_rounding_of_currencies(self):
        """Yen, dollars and dinars, in part and in whole: the entry is balanced in both currencies."""
        vat, low = self.make_tax(19.0), self.make_tax(7.0)
        for code, rounding, rate in (("JPY", 1.0, 157.3), ("KWD", 0.001, 0.307)):
            currency = self.env["res.currency"].with_context(active_test=False).search([("name", "=", code)])
            currency.write({"active": True, "rounding": rounding})
            currency.rate_ids.unlink()
            self.env["res.currency.rate"].create({"name": "2020-01-01", "rate": rate, "currency_id": currency.id})
            for paid in (0.0, 1234.0):
                with self.subTest(code=code, paid=paid), self.env.cr.savepoint() as savepoint:
                    plan = self.taxed((3333.0, vat), (1111.0, low), currency_id=currency.id)
                    if paid:
                        self.pay(plan.move_id, paid)
                    entry = self.write_off(plan, tax=True)
                    self.assertTrue(currency.is_zero(sum(entry.line_ids.mapped("amount_currency"))))
                    self.assertTrue(self.company.currency_id.is_zero(sum(entry.line_ids.mapped("balance"))))
                    for line in entry.line_ids:
                        self.assertAlmostEqual(line.amount_currency, currency.round(line.amount_currency), 6)
                    self.assertEqual(plan.move_id.amount_residual, 0.0)
                    savepoint.rollback()
                    self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestWriteOffCashBasis(WriteOffTaxCommon):
    def test_base_and_tax_are_reported_once(self):
        """With and without "Correct the Tax": what was never paid never becomes due, and is no loss."""
        for correct in (True, False):
            with self.subTest(correct=correct), self.env.cr.savepoint() as savepoint:
                vat = self.on_payment(20.0)
                plan = self.taxed((1000.0, vat))
                dialog = self.open_dialog(plan, tax=correct)
                self.assertTrue(dialog.tax_on_payment)
                dialog.action_apply()
                self.finish()
                self.assert_nothing_owed(vat, 1000.0, 200.0)
                self.assertEqual(self.booked(self.loss), 1000.0)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_what_was_paid_in_part_stays_due(self):
        vat = self.on_payment(20.0)
        plan = self.taxed((1000.0, vat))
        self.pay(plan.move_id, 300.0)
        self.write_off(plan, tax=True)
        self.assertEqual((self.booked(self.due), self.booked(self.waiting)), (-50.0, 0.0))
        self.assertEqual(self.booked(self.loss), 750.0)
        self.assertEqual(self.grids(vat), {"base": -1000.0, "tax": -200.0, "refund base": 750.0, "refund tax": 150.0})

    def test_beside_tax_that_was_due_at_once(self):
        """Without correction the tax that was due at once is a loss, the other is none."""
        late, at_once = self.on_payment(20.0), self.make_tax(5.0)
        plan = self.taxed((100.0, late + at_once))
        self.write_off(plan)
        self.assert_nothing_owed_of(late, 100.0, 20.0)
        self.assertEqual(self.grids(at_once), {"base": -100.0, "tax": -5.0})
        self.assertEqual(self.booked(self.loss), 105.0)
        self.assertEqual(self.booked(self.waiting), 0.0)

    def assert_nothing_owed_of(self, taxes, base, tax):
        self.assertEqual(self.grids(taxes), {"base": -base, "tax": -tax, "refund base": base, "refund tax": tax})

    def test_two_currencies_of_a_customer(self):
        self.settings.mode = "customer"
        vat = self.on_payment(20.0)
        line = Command.create({"name": "Goods", "price_unit": 50.0, "tax_ids": [Command.set(vat.ids)]})
        self.invoice(self.partner_a, 13, currency_id=self.other_currency.id, invoice_line_ids=[line])
        plan = self.taxed((100.0, vat))
        entries = self.write_off(plan, tax=True)
        self.assertEqual(len(entries), 2, "Odoo's cash-basis entries need one currency")
        self.assertEqual((self.booked(self.due), self.booked(self.waiting)), (0.0, 0.0))
        self.assertEqual(set(plan.item_state_ids.move_line_id.mapped("reconciled")), {True})
        self.end(plan)
        self.assertEqual((plan.state, self.booked(self.loss)), ("ongoing", 0.0))

    def test_reversed(self):
        vat = self.on_payment(20.0)
        plan = self.taxed((1000.0, vat))
        self.write_off(plan)
        self.end(plan)
        self.assertEqual((self.booked(self.due), self.booked(self.waiting)), (0.0, -200.0))
        self.pay(plan.move_id)
        self.assertEqual((self.booked(self.due), self.booked(self.waiting)), (-200.0, 0.0))
        self.assertEqual(self.booked(self.loss), 0.0)

    def test_paid_later_as_income(self):
        """Money came after all: the tax becomes due by Odoo's cash-basis entry for the income."""
        vat = self.on_payment(20.0)
        plan = self.taxed((1000.0, vat))
        self.write_off(plan)
        self.go(3)
        self.credit(600.0)
        self.end(plan, kind="income", account_id=self.income)
        self.assertEqual((self.booked(self.due), self.booked(self.waiting)), (-100.0, 0.0))
        self.assertEqual(self.booked(self.income), -500.0)
        self.assertEqual(plan.amount_paid_late, 600.0)

    def test_the_date_is_not_before_an_invoice(self):
        plan = self.taxed((100.0, self.on_payment(20.0)))
        self.write_off(plan, date=Date.to_date(plan.move_id.date))
        self.assertEqual(self.booked(self.due), 0.0)
