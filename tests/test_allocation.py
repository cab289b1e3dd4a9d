"""What the law sets payments against that name no invoice: proposed on the plan, told on the statement."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_law import LawCommon


@tagged("post_install", "-at_install")
class TestAllocation(LawCommon):
    """An invoice of 10,000 of a business, and booked charges of 87.83 about it: interest and compensation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settings.charges = "booked"
        cls.move = cls.stage.owe(17)
        cls.notice = cls.stage.dun()
        cls.charges = cls.notice.charge_move_ids
        cls.plan = cls.move.collection_plan_ids
        cls.bank = cls.company_data["default_journal_bank"]

    def setUp(self):
        super().setUp()
        self.go(3)

    def pay_freely(self, amount, memo="Vielen Dank", days_ago=0, **values):
        """A payment that is set against nothing; its journal item."""
        values = {"currency_id": self.other_currency.id, "memo": memo, **values}
        payment = self.credit(self.partner_a, amount, days_ago, **values)
        self.env.invalidate_all()
        return payment.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    def proposed(self):
        self.plan.invalidate_recordset()
        return self.plan.allocation or ""

    def residuals(self):
        return self.charges.amount_residual, self.move.amount_residual

    def test_charges_first(self):
        self.assertEqual((self.charges.amount_total, self.proposed()), (87.83, ""))
        self.pay_freely(500.0)
        text = self.proposed()
        for part in ("BGB § 366 Abs. 2, § 367 Abs. 1", "87.83", self.charges.name, "412.17", self.move.name):
            self.assertIn(part, text)
        self.assertLess(text.index(self.charges.name), text.index(self.move.name))
        self.assertEqual(self.residuals(), (87.83, 10000.0), "a proposal changes nothing")

    def test_a_manager_accepts_it(self):
        line = self.pay_freely(500.0)
        with self.assertRaises(AccessError):
            self.plan.with_user(self.collector).action_allocate()
        self.plan.with_user(self.manager).action_allocate()
        self.assertEqual((self.residuals(), line.reconciled), ((0.0, 9587.83), True))
        self.assertIn("BGB § 366", self.plan.message_ids[:1].body)
        self.assertFalse(self.proposed())
        with self.assertRaisesRegex(UserError, "no payment that the law sets against charges"):
            self.plan.with_user(self.manager).action_allocate()

    def test_less_than_the_charges(self):
        self.pay_freely(20.0)
        self.plan.with_user(self.manager).action_allocate()
        self.assertEqual(self.residuals(), (67.83, 10000.0))

    def test_money_that_names_an_invoice_is_designated(self):
        for memo in (self.move.name, f"Rechnung {self.move.name.replace('/', ' ')}", self.charges.name):
            line = self.pay_freely(50.0, memo=memo)
            self.assertFalse(self.proposed(), memo)
            line.move_id.origin_payment_id.action_draft()
            line.move_id.origin_payment_id.action_cancel()

    def test_money_that_was_paid_for_an_invoice_is_designated(self):
        self.pay_freely(50.0, invoice_ids=[Command.set(self.move.ids)])
        self.assertFalse(self.proposed())

    def test_a_bank_transaction(self):
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": self.today,
                "payment_ref": "Danke",
                "partner_id": self.partner_a.id,
                "amount": 50.0,
                "foreign_currency_id": self.other_currency.id,
                "amount_currency": 100.0,
            }
        )
        receivable = self.item(self.move).account_id
        suspense = line.move_id.line_ids.filtered(lambda part: part.account_id == self.bank.suspense_account_id)
        suspense.account_id = receivable
        self.env.invalidate_all()
        self.assertIn("87.83", self.proposed())

    def test_a_credit_note_is_no_payment(self):
        self.invoice(self.partner_a, 0, 50.0, move_type="out_refund", currency_id=self.other_currency.id)
        self.assertFalse(self.proposed())

    def test_what_was_paid_before_the_charges_is_not_set_against_them(self):
        self.pay_freely(50.0, days_ago=5)
        self.assertFalse(self.proposed())

    def test_of_what_is_disputed_nothing(self):
        reason = self.env["account.dunning.reason"].search([("dispute", "=", True)], limit=1)
        hold = self.env["account.dunning.hold"].create(
            {"move_id": self.move.id, "reason_id": reason.id, "amount": 100.0, "company_id": self.company.id}
        )
        self.pay_freely(500.0)
        text = self.proposed()
        self.assertIn(self.charges.name, text)
        self.assertNotIn(self.move.name, text)
        self.plan.with_user(self.manager).action_allocate()
        self.assertEqual(self.residuals(), (0.0, 10000.0))
        self.assertTrue(hold.exists())

    def test_no_act_no_proposal(self):
        self.env.ref("account_dunning.law_de_trade").sudo().allocation_source = False
        self.pay_freely(500.0)
        self.assertFalse(self.proposed())

    def test_charges_on_the_letter_only_do_not_count(self):
        self.charges.button_draft()
        self.charges.button_cancel()
        self.pay_freely(500.0)
        self.assertFalse(self.proposed())

    def test_on_the_statement(self):
        """Information: in the language of the customer, for who prints it without being a collector."""
        self.pay_freely(500.0)
        clerk = self.new_user("clerk", "account.group_account_invoice")
        statements = self.env["account.dunning.statement"].with_user(clerk)
        [statement] = statements._get_statements(self.partner_a.with_user(clerk))
        [part] = statement["parts"]
        expected = [(f"charges {self.charges.name}", 87.83), (self.move.name, 412.17)]
        self.assertEqual(part["allocation"], {"source": "BGB § 366 Abs. 2, § 367 Abs. 1", "rows": expected})
        report = self.env["ir.actions.report"]._render_qweb_html(
            "account_dunning.action_report_statement", self.partner_a.ids
        )
        self.assertIn("statement_allocation", report[0].decode())

    def test_queries_do_not_grow_with_customers(self):
        counts = []
        for number in (1, 6):
            partners = self.env["res.partner"].create(
                [{**self.partner_a.copy_data()[0], "name": f"P{n}"} for n in range(number)]
            )
            self.invoice_each(partners, 17, currency_id=self.other_currency.id)
            self.dun()
            for partner in partners:
                self.credit(partner, 50.0, currency_id=self.other_currency.id, memo="Danke")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = self.env["account.dunning.allocation"]._propose(self.company, partners, self.today)
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(found), number)
            self.go(1)
        self.assertLess(counts[1] - counts[0], 5)
