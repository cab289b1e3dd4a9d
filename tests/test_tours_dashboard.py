"""The dashboard in a browser, as a collector."""

from odoo.tests import tagged

from .browser import TourCase
from .common import TODAY
from .test_dashboard import DashboardCommon


@tagged("post_install", "-at_install", "is_tour")
class TestDashboardTour(DashboardCommon, TourCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_clock(TODAY)

    def test_a_figure_opens_its_rows(self):
        self.partner_a.dunning_user_id = self.collector
        self.owe()
        self.refresh()
        self.snapshots._cron_take()
        self.tour("dashboard", self.collector)
