from odoo.fields import Date
from odoo.tests import tagged

from .browser import PATIENCE, TourCase
from .common import TODAY
from .portal_common import PortalCommon


@tagged("post_install", "-at_install", "is_tour")
class TestToursOfThePage(PortalCommon, TourCase):
    """A customer at his page in the browser, without a login."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_clock(TODAY)

    def visit_as_customer(self, name):
        self.start_tour(self.base, f"account_dunning_page_{name}", timeout=PATIENCE)
        self.env.invalidate_all()

    def test_all_is_paid(self):
        self.visit_as_customer("pay_all")
        self.assertEqual(self.residuals(), [0.0] * 4)
        self.assertEqual(set(self.small.collection_plan_ids.mapped("state")), {"recovered"})
        self.assertRecordValues(self.transactions(), [{"state": "done", "amount": 280.0}])

    def test_some_of_it_is_paid(self):
        self.visit_as_customer("pay_some")
        self.assertEqual(self.residuals(), [60.0, 0.0, 0.0, 100.0])

    def test_a_part_is_paid(self):
        self.settings.page_part_payment = True
        self.visit_as_customer("pay_part")
        self.assertEqual(self.residuals(), [0.0, 10.0, 70.0, 100.0])

    def test_a_promise(self):
        self.visit_as_customer("promise")
        promise = self.case.promise_ids
        self.assertRecordValues(promise, [{"source": "portal", "state": "open", "amount": 280.0}])
        self.assertEqual(promise.part_ids.date, Date.to_date("2026-06-08"))

    def test_a_dispute_with_a_file(self):
        self.visit_as_customer("dispute")
        hold = self.env["account.dunning.hold"].search([("move_line_id", "=", self.item(self.small).id)])
        self.assertRecordValues(hold, [{"amount": 20.0, "reason_id": self.shipped("reason_price").id}])
        self.assertIn("We agreed on 30", hold.note)
        files = self.env["ir.attachment"].sudo().search([("name", "=", "offer.pdf")])
        self.assertEqual(len(files), 1)


@tagged("post_install", "-at_install", "is_tour")
class TestToursOfThePageOnAPhone(TestToursOfThePage):
    """The same with a thumb, on 390 pixels."""

    browser_size = "390x844"
    touch_enabled = True
