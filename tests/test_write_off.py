"""Write-offs of collection plans: the books, the tax, the reversal, and what is paid after all (rules §6)."""

import re

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Date
from odoo.tests import Form, tagged

from .common import DunningCommon, StubLetters


class WriteOffCommon(StubLetters, DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.loss = cls.company_data["default_account_expense"].copy({"name": "Bad Debts"})
        cls.income = cls.company_data["default_account_revenue"].copy({"name": "Recovered Debts"})
        cls.settings.write_off_account_id = cls.loss
        cls.manager.group_ids += cls.env.ref("account.group_account_invoice")

    def dunned(self, days_overdue=12, partner=None, amount=100.0, **values):
        """Post an invoice, send its first notice, and return its plan."""
        move = self.invoice(partner or self.partner_a, days_overdue, amount, **values)
        self.dun()
        return self.env["account.collection.plan"].search([("partner_id", "=", move.partner_id.id)], limit=1)

    def open_dialog(self, plans, button="action_write_off", **values):
        action = getattr(plans.with_user(self.manager), button)()
        with Form(self.env[action["res_model"]].with_user(self.manager).with_context(**action["context"])) as form:
            form.reason = "Bankrupt"
            for name, value in values.items():
                setattr(form, name, value)
        return form.record

    def write_off(self, plans, **values):
        self.open_dialog(plans, **values).action_apply()
        self.finish()
        return plans.write_off_move_ids

    def end(self, plan, **values):
        self.open_dialog(plan, "action_end_write_off", **values).action_apply()
        self.finish()

    def finish(self):
        self.env.cr.precommit.run()
        self.env.invalidate_all()

    def credit(self, amount, partner=None, **values):
        """A payment of the customer that nobody has allocated; returns its receivable item."""
        payment = self.env["account.payment"].create(
            {
                "partner_id": (partner or self.partner_a).id,
                "amount": amount,
                "date": self.today,
                "journal_id": self.company_data["default_journal_bank"].id,
                **values,
            }
        )
        payment.action_post()
        self.finish()
        return payment.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    def balances(self, moves):
        """What the entries have on each account, in company currency, without zeros."""
        result = {}
        for line in moves.line_ids:
            result[line.account_id] = result.get(line.account_id, 0.0) + line.balance
        return {account: round(balance, 2) for account, balance in result.items() if round(balance, 2)}


@tagged("post_install", "-at_install")
class TestWriteOff(WriteOffCommon):
    def test_the_whole_debt(self):
        plan = self.dunned()
        entry = self.write_off(plan)
        receivable = self.item(plan.move_id).account_id
        self.assertEqual(self.balances(entry), {self.loss: 100.0, receivable: -100.0})
        self.assertRecordValues(entry, [{"state": "posted", "date": self.today, "ref": "Bankrupt"}])
        self.assertRecordValues(self.item(plan.move_id), [{"amount_residual": 0.0, "reconciled": True}])
        self.assertRecordValues(
            plan,
            [
                {
                    "state": "unrecovered",
                    "close_reason": "written_off",
                    "closed_on": self.today,
                    "amount_written_off": 100.0,
                    "amount_due": 0.0,
                    "next_date": False,
                }
            ],
        )
        self.assertIn("Bankrupt", "".join(plan.message_ids.mapped("body")))
        self.go(30)
        self.assertFalse(self.dun(), "nothing is left to dun")
        self.assertEqual((plan.state, plan.close_reason), ("unrecovered", "written_off"))

    def test_what_a_payment_has_left(self):
        plan = self.dunned()
        self.pay(plan.move_id, 60.0)
        entry = self.write_off(plan)
        self.assertEqual(self.balances(entry)[self.loss], 40.0)
        self.assertEqual((plan.state, plan.close_reason), ("unrecovered", "written_off"), "although a part was paid")

    def test_an_unrecovered_plan(self):
        self.level_2.active = self.level_3.active = False
        plan = self.dunned()
        self.go(31)
        self.run_day()
        self.assertEqual(plan.close_reason, "exhausted")
        self.write_off(plan)
        self.assertRecordValues(plan, [{"state": "unrecovered", "close_reason": "written_off", "keeps_out": False}])

    def test_instalments(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Two parts",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 30, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 70, "nb_days": 30}),
                ],
            }
        )
        plan = self.dunned(45, invoice_payment_term_id=term.id, invoice_date=Date.subtract(self.today, days=45))
        entry = self.write_off(plan)
        lines = plan.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        self.assertEqual(lines.mapped("reconciled"), [True, True])
        self.assertEqual(self.balances(entry)[self.loss], 100.0)

    def test_foreign_currency(self):
        plan = self.dunned(currency_id=self.other_currency.id, invoice_date=Date.subtract(self.today, days=200))
        item = self.item(plan.move_id)
        company_amount = item.amount_residual
        self.assertNotEqual(company_amount, 100.0)
        exchange = self.env["account.move"].search_count(
            [("journal_id", "=", self.company.currency_exchange_journal_id.id)]
        )
        entry = self.write_off(plan)
        self.assertEqual(self.balances(entry), {self.loss: company_amount, item.account_id: -company_amount})
        self.assertEqual(sorted(entry.line_ids.mapped("amount_currency")), [-100.0, 100.0])
        self.assertRecordValues(item, [{"amount_residual": 0.0, "amount_residual_currency": 0.0}])
        self.assertEqual(
            self.env["account.move"].search_count([("journal_id", "=", self.company.currency_exchange_journal_id.id)]),
            exchange,
        )
        self.assertEqual((plan.amount_written_off, plan.currency_id), (100.0, self.other_currency))

    def test_customer_based_in_two_currencies(self):
        self.settings.mode = "customer"
        self.invoice(self.partner_a, 13, 50.0, currency_id=self.other_currency.id)
        plan = self.dunned()
        dialog = self.open_dialog(plan)
        self.assertIn("50.00", dialog.totals)
        self.assertIn("100.00", dialog.totals)
        dialog.action_apply()
        self.finish()
        self.assertEqual(plan.close_reason, "written_off")
        self.assertEqual(set(plan.item_state_ids.move_line_id.mapped("amount_residual")), {0.0})
        self.assertEqual(sum(plan.write_off_move_ids.line_ids.mapped("balance")), 0.0)

    def test_many_plans_and_why_not(self):
        first, second = self.dunned(), self.dunned(partner=self.partner_b)
        paid = self.dunned(20, partner=self.partner_a.copy({"name": "Paid"}))
        self.pay(paid.move_id)
        dialog = self.open_dialog(first + second + paid)
        self.assertEqual((dialog.possible_count, dialog.refused_count), (2, 1))
        self.assertIn("Recovered", dialog.line_ids.filtered("refusal").refusal)
        dialog.action_apply()
        self.finish()
        self.assertEqual((first + second + paid).mapped("state"), ["unrecovered", "unrecovered", "recovered"])
        self.assertEqual(len((first + second).write_off_move_ids), 2)
        with self.refused(UserError, "None of the plans can be written off"):
            dialog.action_apply()
        self.assertEqual(len((first + second).write_off_move_ids), 2, "a second click books nothing")

    def test_a_notice_that_waits_is_withdrawn(self):
        plan = self.dunned()
        self.go(8)
        notice = self.run_day().notice_ids
        self.write_off(plan)
        self.assertEqual(notice.exists().state, "cancelled")

    def test_rights(self):
        plan = self.dunned()
        manager = "account_dunning.group_dunning_manager"
        for groups in ("account_dunning.group_dunning_collector", "account.group_account_invoice", manager):
            user = self.new_user(groups.split(".")[1], groups)
            with self.refused(AccessError, "Only dunning managers with rights for invoicing|not allowed"):
                plan.with_user(user).action_write_off()
        dialog = self.open_dialog(plan)
        with self.refused(AccessError, ""):
            dialog.with_user(self.collector).action_apply()
        self.assertEqual(plan.state, "ongoing")

    def test_closed_books(self):
        plan = self.dunned()
        self.company.fiscalyear_lock_date = Date.subtract(self.today, days=1)
        with self.refused(UserError, "The books are closed on 05/20/2026.*Choose a later date"):
            self.write_off(plan, date=Date.to_date("2026-05-20"))
        self.assertEqual(plan.state, "ongoing")
        self.write_off(plan)
        self.assertEqual(plan.close_reason, "written_off")

    def test_dates_that_cannot_be(self):
        plan = self.dunned()
        for day, why in ((Date.add(self.today, days=1), "not after today, 06/01/2026"), ("2026-05-19", "date of INV/")):
            with self.refused(UserError, why):
                self.write_off(plan, date=Date.to_date(day))
        self.write_off(plan, date=Date.to_date("2026-05-20"))
        self.go(5)
        for day, why in ((Date.add(self.today, days=1), "not after today"), ("2026-05-19", "not before 05/20/2026")):
            with self.refused(UserError, why):
                self.end(plan, date=Date.to_date(day))

    def test_accounts_that_are_no_loss(self):
        """Whatever the client sends: what is owed stays owed on another account of receivables."""
        plan = self.dunned()
        dialog = self.open_dialog(plan)
        for name in ("receivable", "payable"):
            with self.refused(UserError, "cannot be chosen"):
                dialog.account_id = self.company_data[f"default_account_{name}"]
            with self.refused(UserError, "cannot be booked there"):
                dialog._check_terms(self.company_data[f"default_account_{name}"], [], False)
        with self.refused(UserError, "cannot be chosen"):
            dialog.journal_id = self.company_data["default_journal_sale"]
        self.write_off(plan)
        self.credit(100.0)
        dialog = self.open_dialog(plan, "action_end_write_off", kind="income", account_id=self.income)
        with self.refused(UserError, "cannot be chosen"):
            dialog.account_id = self.company_data["default_account_receivable"]

    def test_companies_do_not_mix(self):
        with self.refused(UserError, "Select collection plans first"):
            self.env["account.collection.plan"].action_write_off()

    def test_offered_below_the_minimum(self):
        plan = self.dunned()
        self.dunning_type.minimum_amount = 150.0
        self.run_day()
        self.assertTrue(plan.below_minimum)
        self.write_off(plan)
        self.assertRecordValues(plan, [{"close_reason": "written_off", "below_minimum": False}])


@tagged("post_install", "-at_install")
class TestWriteOffTax(WriteOffCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tags = cls.env["account.account.tag"].create(
            [{"name": name, "applicability": "taxes"} for name in ("base", "tax", "refund base", "refund tax")]
        )
        cls.tags = dict(zip(("base", "tax", "refund base", "refund tax"), tags, strict=True))
        cls.tax_account = cls.company_data["default_account_tax_sale"]
        cls.vat = cls.env["account.tax"].create({"name": "VAT 20 %", "amount": 20.0, "type_tax_use": "sale"})
        for prefix, lines in (
            ("", cls.vat.invoice_repartition_line_ids),
            ("refund ", cls.vat.refund_repartition_line_ids),
        ):
            for line in lines:
                line.tag_ids = cls.tags[prefix + line.repartition_type]
                line.account_id = cls.tax_account if line.repartition_type == "tax" else False

    def taxed(self, **values):
        line = Command.create({"name": "Goods", "price_unit": 100.0, "tax_ids": [Command.set(self.vat.ids)]})
        free = Command.create({"name": "Free", "price_unit": 30.0, "tax_ids": []})
        return self.dunned(invoice_line_ids=[line, free], **values)

    def test_the_tax_is_a_loss_unless_corrected(self):
        entry = self.write_off(self.taxed())
        self.assertEqual(self.balances(entry)[self.loss], 150.0)
        self.assertNotIn(self.tax_account, self.balances(entry))

    def test_the_tax_is_taken_back(self):
        self.settings.write_off_tax = True
        plan = self.taxed()
        entry = self.write_off(plan)
        receivable = self.item(plan.move_id).account_id
        self.assertEqual(self.balances(entry), {self.loss: 130.0, self.tax_account: 20.0, receivable: -150.0})
        tax = entry.line_ids.filtered("tax_line_id")
        base = entry.line_ids.filtered("tax_ids")
        self.assertRecordValues(tax, [{"balance": 20.0, "tax_tag_ids": self.tags["refund tax"].ids}])
        self.assertRecordValues(base, [{"balance": 100.0, "tax_tag_ids": self.tags["refund base"].ids}])

    def test_in_proportion_to_what_is_open(self):
        plan = self.taxed()
        self.pay(plan.move_id, 50.0)
        entry = self.write_off(plan, tax=True)
        self.assertEqual(self.balances(entry)[self.tax_account], 13.33)
        self.assertEqual(self.balances(entry)[self.loss], 86.67)

    def test_in_a_foreign_currency(self):
        plan = self.taxed(currency_id=self.other_currency.id)
        tax = -plan.move_id.line_ids.filtered("tax_line_id").balance
        entry = self.write_off(plan, tax=True)
        self.assertEqual(self.balances(entry)[self.tax_account], round(tax, 2))
        self.assertAlmostEqual(sum(entry.line_ids.mapped("amount_currency")), 0.0)
        self.assertAlmostEqual(sum(entry.line_ids.mapped("balance")), 0.0)

    def test_reversed_with_its_tax(self):
        plan = self.taxed()
        self.write_off(plan, tax=True)
        self.end(plan)
        entries = plan.write_off_move_ids | plan.write_off_move_ids.reversal_move_ids
        self.assertEqual(self.balances(entries), {})
        self.assertEqual(self.item(plan.move_id).amount_residual, 150.0)

    def book_income(self, plan, amount, **values):
        """Let a payment come in later, book it as income, and return the entry."""
        self.go(3)
        before = plan.write_off_move_ids
        self.credit(amount, **values)
        self.end(plan, kind="income", account_id=self.income)
        return plan.write_off_move_ids - before

    def test_income_where_the_tax_was_no_loss(self):
        """The tax is due again, in the boxes of the tax report in which it was taken back."""
        plan = self.taxed()
        correction = self.write_off(plan, tax=True)
        entry = self.book_income(plan, 150.0)
        receivable = self.item(plan.move_id).account_id
        self.assertEqual(self.balances(entry), {self.income: -130.0, self.tax_account: -20.0, receivable: 150.0})
        for line in correction.line_ids.filtered(lambda line: line.tax_ids or line.tax_repartition_line_id):
            again = entry.line_ids.filtered(lambda other, line=line: other.tax_tag_ids == line.tax_tag_ids)
            self.assertRecordValues(
                again,
                [
                    {
                        "balance": -line.balance,
                        "tax_ids": line.tax_ids.ids,
                        "tax_repartition_line_id": line.tax_repartition_line_id.id,
                    }
                ],
            )

    def test_income_where_the_tax_was_a_loss(self):
        plan = self.taxed()
        self.write_off(plan)
        entry = self.book_income(plan, 150.0)
        self.assertEqual(self.balances(entry)[self.income], -150.0)
        self.assertFalse(entry.line_ids.filtered("tax_tag_ids"))

    def test_income_in_parts(self):
        """What is rounded away at first comes with the last part; a payment that is too high brings no more tax."""
        plan = self.taxed()
        self.write_off(plan, tax=True)
        self.assertEqual(self.balances(self.book_income(plan, 50.0))[self.tax_account], -6.67)
        self.assertEqual(self.balances(self.book_income(plan, 50.0))[self.tax_account], -6.67)
        self.go(1)
        self.credit(30.0)
        self.assertEqual(self.balances(self.book_income(plan, 90.0))[self.tax_account], -6.66)
        self.assertNotIn(self.tax_account, self.balances(plan.write_off_move_ids))
        self.assertEqual(plan.amount_paid_late, 150.0)

    def test_income_in_a_foreign_currency(self):
        """The tax comes back as it was taken, at the rate of the invoice; what the exchange made of it is income."""
        for currency in (self.other_currency, self.company.currency_id):
            with self.subTest(currency.name), self.env.cr.savepoint() as savepoint:
                plan = self.taxed(currency_id=self.other_currency.id)
                self.write_off(plan, tax=True)
                self.env["res.currency.rate"].create(
                    {"name": "2026-06-02", "rate": 3.0, "currency_id": self.other_currency.id}
                )
                entry = self.book_income(
                    plan, 150.0 if currency == self.other_currency else 50.0, currency_id=currency.id
                )
                self.assertEqual(
                    (self.balances(entry)[self.income], self.balances(entry)[self.tax_account]), (-40, -10)
                )
                lines = entry.line_ids.filtered(lambda line, currency=currency: line.currency_id == currency)
                tax = lines.filtered("tax_repartition_line_id")
                self.assertEqual(tax.amount_currency, -20.0 if currency == self.other_currency else -10.0)
                self.assertAlmostEqual(sum(lines.mapped("amount_currency")), 0.0)
                self.assertNotIn(self.tax_account, self.balances(plan.write_off_move_ids))
                self.assertEqual(plan.amount_paid_late, 150.0)
                savepoint.rollback()
            self.env.invalidate_all()
            self.frozen.move_to("2026-06-01")

    def test_income_reversed_with_its_tax(self):
        plan = self.taxed()
        self.write_off(plan, tax=True)
        self.book_income(plan, 75.0)
        self.end(plan)
        entries = plan.write_off_move_ids | plan.write_off_move_ids.reversal_move_ids
        self.assertEqual(self.balances(entries), {})
        self.assertEqual(self.item(plan.move_id).amount_residual, 75.0)
        self.assertEqual(self.balances(self.write_off(plan, tax=True) - entries)[self.tax_account], 10.0)


@tagged("post_install", "-at_install")
class TestEndOfWriteOff(WriteOffCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.stage.dunned()
        cls.item_1 = cls.stage.item(cls.plan.move_id)
        cls.entry = cls.stage.write_off(cls.plan)

    def found(self):
        return self.env["account.collection.plan"].search([("paid_late", "=", True)])

    def test_reverse(self):
        self.end(self.plan)
        self.assertEqual(self.balances(self.entry + self.entry.reversal_move_ids), {})
        self.assertEqual(self.item_1.amount_residual, 100.0)
        self.assertRecordValues(
            self.plan,
            [
                {
                    "state": "ongoing",
                    "close_reason": False,
                    "level_id": self.level_1.id,
                    "amount_due": 100.0,
                    "amount_written_off": 0.0,
                }
            ],
        )
        self.assertIn("Write-off reversed: Bankrupt", "".join(self.plan.message_ids.mapped("body")))
        self.go(8)
        self.assertEqual(self.dun().level_id, self.level_2, "the debt is pursued again")
        with self.refused(UserError, "not written off"):
            self.open_dialog(self.plan, "action_end_write_off").action_apply()

    def test_written_off_again(self):
        self.end(self.plan)
        self.write_off(self.plan)
        self.assertEqual(self.plan.close_reason, "written_off")
        self.end(self.plan)
        self.assertEqual((self.plan.state, self.item_1.amount_residual), ("ongoing", 100.0))

    def test_a_later_payment_is_noticed(self):
        self.assertFalse(self.found())
        self.go(3)
        self.credit(20.0, self.partner_b)
        self.assertFalse(self.found(), "of another customer")
        self.credit(100.0)
        self.assertEqual(self.found(), self.plan)
        self.assertTrue(self.plan.paid_late)
        self.assertNotIn(self.plan, self.env["account.collection.plan"].search([("paid_late", "=", False)]))

    def import_payment(self, amount):
        """A payment with a date before the write-off that is imported an hour after it; returns its receivable item."""
        self.go(3)
        credit = self.credit(amount, date=Date.subtract(self.plan.closed_on, days=5))
        self.env.cr.execute(
            "UPDATE account_move_line SET create_date = create_date + INTERVAL '1 hour' WHERE id = %s", [credit.id]
        )
        self.env.invalidate_all()
        return credit

    def test_a_payment_that_was_there_before_is_none(self):
        credit = self.credit(30.0, date=Date.subtract(self.plan.closed_on, days=5))
        self.assertFalse(self.found())
        self.end(self.plan)
        self.assertEqual((self.plan.amount_due, credit.amount_residual), (100.0, -30.0))

    def test_imported_later_and_income(self):
        credit = self.import_payment(100.0)
        self.assertEqual(self.found(), self.plan)
        self.end(self.plan, kind="income", account_id=self.income)
        self.assertTrue(credit.reconciled)
        self.assertEqual(self.plan.amount_paid_late, 100.0)
        self.assertFalse(self.found())

    def test_imported_later_and_reversed(self):
        credit = self.import_payment(100.0)
        self.end(self.plan)
        self.assertTrue(self.item_1.reconciled and credit.reconciled)
        self.assertEqual(self.plan.state, "recovered")

    def test_reverse_and_settle(self):
        self.go(3)
        credit = self.credit(100.0)
        self.end(self.plan)
        self.assertTrue(self.item_1.reconciled and credit.reconciled)
        self.assertEqual((self.plan.state, self.plan.close_reason), ("recovered", "paid"))
        self.assertFalse(self.found())

    def test_reverse_and_settle_a_part(self):
        self.go(3)
        self.credit(30.0)
        self.end(self.plan)
        self.assertRecordValues(self.plan, [{"state": "ongoing", "amount_due": 70.0}])

    def test_income(self):
        self.go(3)
        credit = self.credit(130.0)
        self.end(self.plan, kind="income", account_id=self.income)
        entry = self.plan.write_off_move_ids - self.entry
        self.assertEqual(self.balances(entry), {self.income: -100.0, credit.account_id: 100.0})
        self.assertEqual(credit.amount_residual, -30.0, "no more than was written off")
        self.assertRecordValues(
            self.plan,
            [{"state": "unrecovered", "close_reason": "written_off", "amount_paid_late": 100.0, "paid_late": False}],
        )

    def test_income_in_a_foreign_currency(self):
        self.go(3)
        credit = self.credit(50.0, currency_id=self.other_currency.id)
        self.end(self.plan, kind="income", account_id=self.income)
        self.assertRecordValues(credit, [{"amount_residual": 0.0, "amount_residual_currency": 0.0}])
        entry = self.plan.write_off_move_ids - self.entry
        self.assertAlmostEqual(self.balances(entry)[self.income], credit.balance)

    def test_income_needs_a_payment_and_an_account(self):
        with self.refused(UserError, "no open payment"):
            self.end(self.plan, kind="income", account_id=self.income)
        self.credit(10.0)
        dialog = self.open_dialog(self.plan, "action_end_write_off")
        dialog.kind = "income"
        with self.refused(UserError, "Income Account"):
            dialog.action_apply()

    def test_income_and_reversed_after_all(self):
        self.go(3)
        credit = self.credit(100.0)
        self.end(self.plan, kind="income", account_id=self.income)
        self.end(self.plan)
        self.assertTrue(self.item_1.reconciled and credit.reconciled)
        self.assertRecordValues(self.plan, [{"state": "recovered", "amount_paid_late": 0.0}])
        entries = self.plan.write_off_move_ids | self.plan.write_off_move_ids.reversal_move_ids
        self.assertEqual(self.balances(entries), {})

    def test_another_plan_goes_on(self):
        self.settings.mode = "customer"
        move = self.invoice(self.partner_a, 15)
        self.dun()
        plan = self.env["account.collection.plan"].search([("state", "=", "ongoing")])
        self.assertEqual(plan.item_state_ids.move_line_id, self.item(move))
        self.plan.sudo().write({"mode": "customer", "move_id": False})
        self.end(self.plan)
        self.assertEqual((self.plan.state, self.plan.close_reason), ("stopped", "merged"))
        self.assertEqual(plan.item_state_ids.move_line_id, self.item(move) + self.item_1)


@tagged("post_install", "-at_install")
class TestPrintedInvoice(WriteOffCommon):
    """An invoice that was written off prints what the customer paid, and what he owes, as in an agency's dossier."""

    def printed(self, move):
        html, _kind = self.env["ir.actions.report"]._render_qweb_html("account.report_invoice_with_payments", move.ids)
        return " ".join(re.sub(r"<[^>]+>", " ", html.decode()).replace("\N{NO-BREAK SPACE}", " ").split())

    def test_a_write_off_is_no_payment(self):
        for paid in (0.0, 40.0):
            with self.subTest(paid=paid), self.env.cr.savepoint() as savepoint:
                plan = self.dunned()
                if paid:
                    self.pay(plan.move_id, paid)
                before = self.printed(plan.move_id)
                self.assertEqual("Paid on" in before, bool(paid))
                self.write_off(plan)
                self.assertEqual(self.printed(plan.move_id), before, "as issued")
                savepoint.rollback()
                self.env.invalidate_all()

    def test_whoever_writes_off_what_an_agency_has(self):
        """An entry of an accountant against an expense is none either."""
        plan = self.dunned()
        plan.sudo()._hand_over(self.env["res.partner"].create({"name": "Debt & Co"}), "")
        before = self.printed(plan.move_id)
        item = self.item(plan.move_id)
        entry = self.env["account.move"].create(
            {
                "line_ids": [
                    Command.create(
                        {"account_id": account.id, "balance": balance, "partner_id": plan.partner_id.id, "name": "Lost"}
                    )
                    for account, balance in ((self.loss, 100.0), (item.account_id, -100.0))
                ]
            }
        )
        entry.action_post()
        (item + entry.line_ids.filtered(lambda line: line.account_id == item.account_id)).reconcile()
        self.finish()
        self.assertEqual(self.printed(plan.move_id), before)
