"""Simulations in a browser, as a manager."""

from odoo.tests import tagged

from .browser import TourCase
from .common import TODAY
from .simulation_common import SimulationCommon


@tagged("post_install", "-at_install", "is_tour")
class TestSimulationTour(SimulationCommon, TourCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_clock(TODAY)

    def test_from_the_type_to_the_result(self):
        self.invoice(self.partner_a, 40)
        self.tour("simulation", self.manager, f"/odoo/dunning-types/{self.dunning_type.id}")
        simulation = self.simulations.search([], limit=1)
        self.assertEqual((simulation.state, simulation.type_ids.level_ids.mapped("days")), ("running", [15, 20, 30]))
        self.work_off()
        self.assertEqual(simulation.state, "done")
        self.tour("simulation_result", self.manager, f"/odoo/dunning-simulations/{simulation.id}")
