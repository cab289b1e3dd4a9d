"""When a customer will pay, as cases, invoices and the desk say it."""

from odoo.tests import tagged

from .common import ChargesCommon


@tagged("post_install", "-at_install")
class TestPaymentForecast(ChargesCommon):
    def history(self, partner, *delays):
        """Invoices due a month ago or so, paid so many days after."""
        for delay in delays:
            self.frozen.move_to("2026-05-01")
            move = self.invoice(partner, 0, 50.0)
            self.go(delay)
            self.pay(move)
        self.frozen.move_to("2026-06-01")

    def refresh(self):
        self.env["account.collection.case"]._refresh(self.company)
        self.env.invalidate_all()

    def case(self, partner):
        return self.env["account.collection.case"].search([("partner_id", "=", partner.id)])

    def test_the_sentence(self):
        self.history(self.partner_a, 12, 12, 20)
        move = self.invoice(self.partner_a, 2)
        self.refresh()
        sentence = "Expected on 06/11/2026: usually pays 12 days after due (3 invoices, 100 % late)"
        self.assertEqual(self.case(self.partner_a).payment_outlook, sentence)
        self.assertEqual(move.with_user(self.collector).dunning_payment_outlook, sentence)
        self.go(11)
        self.env.invalidate_all()
        self.assertRegex(move.dunning_payment_outlook, "^Later than usual: usually pays 12 days after due")

    def test_early_on_the_day_and_never(self):
        self.history(self.partner_a, 0, 0)
        move, other = self.invoice(self.partner_a, -5), self.invoice(self.partner_b, -5)
        self.refresh()
        self.assertIn("usually pays on the due date (2 invoices, 0 % late)", move.dunning_payment_outlook)
        self.assertIn("no invoice paid yet", other.dunning_payment_outlook)
        self.assertFalse(self.invoice(self.partner_a, 1, move_type="out_refund").dunning_payment_outlook)

    def test_the_desk_knows_who_pays_late(self):
        rule = self.env["account.dunning.score.rule"].search(
            [("fact", "=", "late_probability"), ("company_id", "=", self.company.id)]
        )
        self.assertTrue(rule.active)
        self.history(self.partner_a, 12, 20, 14, 15)
        self.history(self.partner_b, 0, 0, 0, 0)
        self.invoice_each(self.partner_a + self.partner_b, 3, amount=400.0)
        self.refresh()
        self.assertIn("of his invoices late", self.case(self.partner_a).why)
        self.assertNotIn("of his invoices late", self.case(self.partner_b).why)
        self.assertEqual(self.settings.general_late, 0.5)

    def test_one_query_for_all(self):
        partners = self.env["res.partner"].create([{"name": f"C{n}"} for n in range(12)])
        moves = self.invoice_each(partners, 3)
        self.refresh()

        def count(some):
            self.env.invalidate_all()
            some.mapped("commercial_partner_id")
            some.mapped("amount_residual")
            before = self.env.cr.sql_log_count
            some.mapped("dunning_payment_outlook")
            return self.env.cr.sql_log_count - before

        self.assertEqual(count(moves[:2]), count(moves))

    def test_other_companies_say_nothing(self):
        self.history(self.partner_a, 12)
        other = self.setup_other_company(name="Elsewhere")["company"]
        self.assertFalse(self.env["account.dunning.payment.forecast"]._read_delays(other))
        self.assertEqual(
            self.env["account.dunning.payment.forecast"]._read_delays(self.company)[self.partner_a.id].days, [12]
        )
