from odoo.tests import tagged

from .common import DunningCommon, StubLetters


@tagged("post_install", "-at_install")
class TestCases(StubLetters, DunningCommon):
    """The case of a customer follows what he owes, and what happens (rules §12)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls.stage.invoice(cls.partner_a, 40, 1200)
        cls.cases = cls.env["account.collection.case"]

    def case(self, partner=None):
        partner = partner or self.partner_a
        return self.cases.search([("partner_id", "=", partner.id), ("company_id", "=", self.company.id)])

    def refresh(self):
        self.cases._refresh(self.company)
        self.cases.invalidate_model()

    def test_by_night_who_is_overdue_gets_a_case(self):
        self.invoice(self.partner_a, -10, 300)
        self.invoice(self.partner_b, -10, 300)
        self.refresh()
        case = self.case()
        self.assertRecordValues(
            case,
            [
                {
                    "amount_overdue": 1200,
                    "amount_not_due": 300,
                    "amount_total": 1500,
                    "aged_31": 1200,
                    "days_overdue": 40,
                }
            ],
        )
        self.assertFalse(self.case(self.partner_b), "nothing of his is overdue")

    def test_a_payment_refreshes_the_case_at_once(self):
        self.refresh()
        self.pay(self.move, 500)
        self.cases.invalidate_model()
        self.assertEqual(self.case().amount_overdue, 700)
        self.pay(self.move)
        self.cases.invalidate_model()
        self.assertRecordValues(self.case(), [{"amount_overdue": 0, "on_desk": False}])

    def test_the_desk_says_why(self):
        self.refresh()
        case = self.case()
        self.assertTrue(case.on_desk)
        self.assertIn("40 days overdue", case.why)
        self.assertIn("never contacted", case.why)
        self.assertEqual(case.queue, "never_contacted")
