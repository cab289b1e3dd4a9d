"""Money that nobody has allocated is named before a customer is asked to pay (rules §3)."""

from odoo.tests import tagged

from .common import ChargesCommon


@tagged("post_install", "-at_install")
class TestUncountedMoney(ChargesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls.stage.invoice(cls.partner_a, 12, 1000.0)
        cls.stage.invoice(cls.partner_b, 12, 1000.0)

    def notices(self):
        run = self.run_day()
        by_partner = run.notice_ids.grouped("partner_id")
        return run, by_partner[self.partner_a], by_partner[self.partner_b]

    def why(self):
        answer = self.move.action_dunning_why()
        return self.env[answer["res_model"]].browse(answer["res_id"]).summary

    def test_on_account_in_another_currency(self):
        self.credit(self.partner_a, 50.0, currency_id=self.other_currency.id)
        run, notice, other = self.notices()
        self.assertIn("50.00", notice.uncounted_money)
        self.assertIn("(EUR) on account", notice.why)
        self.assertFalse(other.uncounted_money)
        self.assertEqual(run.uncounted_count, 1)
        action = run.action_open_uncounted()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), notice)
        self.assertIn("EUR", self.why())

    def test_in_the_same_currency_it_is_set_off(self):
        self.credit(self.partner_a, 50.0)
        run, notice, _other = self.notices()
        self.assertEqual((notice.amount_credit, notice.uncounted_money, run.uncounted_count), (50.0, False, 0))

    def test_a_bank_transaction_that_is_not_matched(self):
        journal = self.company_data["default_journal_bank"]
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.partner_a.id})
        self.env["account.bank.statement.line"].create(
            [
                {"journal_id": journal.id, "amount": 70.0, "partner_id": contact.id, "payment_ref": "In"},
                {"journal_id": journal.id, "amount": -30.0, "partner_id": self.partner_b.id, "payment_ref": "Out"},
            ]
        )
        run, notice, other = self.notices()
        self.assertIn("70.00", notice.uncounted_money)
        self.assertIn("not matched", self.why())
        self.assertFalse(other.uncounted_money)
        self.assertEqual(run.uncounted_count, 1)
