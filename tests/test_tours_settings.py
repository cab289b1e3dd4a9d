"""The dunning settings in a browser: each refusal opens what stands in the way."""

from odoo.tests import tagged

from .browser import TourCase
from .test_balances import BalanceCommon


@tagged("post_install", "-at_install", "is_tour")
class TestSettingsTours(BalanceCommon, TourCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.name = "Ann"
        cls.accountant = cls.new_user("accountant", "account.group_account_manager")
        cls.administrator = cls.new_user("administrator", "base.group_system,account.group_account_manager")
        cls.company.tax_exigibility = True  # else the page opens with a warning about the chart's taxes
        cls.settings.invoice_type_ids += cls.shipped("invoice_type_receipt")

    def check_refusals(self, tour, user):
        self.invoice(self.partner_a, 12)
        self.dun()
        names = ["mode", "max_levels", "invoice_type_ids"]
        before = self.settings.read(names)
        self.tour(tour, user)
        self.assertEqual(self.settings.read(names), before)

    def test_dunning_settings(self):
        self.check_refusals("settings_refused", self.accountant)

    def test_a_run_in_the_way(self):
        self.invoice(self.partner_a, 12)
        self.run_day()
        self.tour("run_in_the_way", self.accountant)
        self.assertEqual(self.settings.mode, "invoice")

    def test_switch_the_mode(self):
        self.tour("switch_mode", self.accountant)
        self.assertEqual(self.settings.mode, "customer")
        self.assertEqual(self.settings.balance_id, self.overdue)

    def test_journal_items_to_dun(self):
        item = self.item(self.entry(80, 12, self.partner_a))
        self.tour("entries", self.manager)
        self.assertFalse(item.no_followup)

    def test_balances_of_a_customer(self):
        self.invoice(self.partner_a, 12, 100)
        self.payment(30)
        self.tour("customer_balances", self.collector, f"/odoo/customers/{self.partner_a.id}")
