"""What a manager sees before he lets the law say what is claimed."""

from odoo.tests import tagged

from .browser import TourCase
from .test_law import VAT, LawCommon


@tagged("post_install", "-at_install", "is_tour")
class TestLawTours(LawCommon, TourCase):
    def test_statutory_by_one_click(self):
        self.dunning_type.law_mode = "within"
        self.partner_a.name, self.partner_b.name = "Ann", "Bob"
        third = self.partner_a.copy({"name": "Cleo", "vat": VAT})
        for customer, amount in ((self.partner_a, 9000.0), (self.partner_b, 700.0), (third, 5000.0)):
            self.owe(17, amount, customer)
        self.owe(17, 100.0, self.partner_a.copy({"name": "Dora"}))
        self.tour("statutory", self.manager, f"/odoo/dunning-types/{self.dunning_type.id}")
        self.assertEqual(self.dunning_type.law_mode, "statutory")
