"""Simulations: what other settings would have sent, beside what went out in fact and what is to come."""

import random
from datetime import timedelta

from odoo.tests import tagged

from .simulation_common import SimulationCommon


@tagged("post_install", "-at_install")
class TestSimulation(SimulationCommon):
    def live(self, days):
        """Let so many days pass in which invoices come, some are paid or held, and each night sends."""
        chance = random.Random(7)
        partners = self.partner_a + self.partner_b
        moves = self.env["account.move"]
        for day in range(days):
            self.go(1)
            if day % 4 == 0:
                for partner in partners:
                    moves += self.invoice(partner, chance.choice((0, -3, 6)), chance.choice((80.0, 120.0, 300.0)))
            for move in moves:
                fate = chance.random()
                if move.payment_state != "not_paid" or fate > 0.05:
                    continue
                if fate < 0.02:
                    hold = {"move_id": move.id, "date_until": self.today + timedelta(chance.randrange(2, 9))}
                    self.env["account.dunning.hold"].create({**hold, "reason_id": self.shipped("reason_excluded").id})
                else:
                    self.pay(move)
            self.env["account.dunning.run"]._prepare_night()
            self.dun()

    def test_what_happened_is_what_the_live_policy_sends(self):
        self.dunning_type.unrecovered_days = 9
        self.frozen.move_to("2026-03-01")
        self.live(75)
        simulation = self.simulate(date_from="2026-03-01", date_to=self.today)
        self.assertEqual(self.rows(simulation), self.read_sent())
        self.assertGreater(len(self.read_sent()), 20)
        self.assertEqual(set(simulation.line_ids.mapped("difference")), {"same"})

    def test_a_time_that_begins_amid_what_was_sent(self):
        self.frozen.move_to("2026-03-01")
        self.live(60)
        for first in ("2026-03-20", "2026-04-03"):
            simulation = self.simulate(date_from=first, date_to=self.today)
            self.assertEqual(self.rows(simulation), self.read_sent(first))

    def test_what_is_to_come_is_what_upcoming_notices_shows(self):
        self.frozen.move_to("2026-05-01")
        self.live(30)
        last = self.today + timedelta(14)
        simulation = self.simulate(date_from=self.today, date_to=last, payments="none")
        self.env["account.dunning.forecast.line"].with_user(self.collector)._open()
        rows = self.env["account.dunning.forecast.line"].sudo().search([("create_uid", "=", self.collector.id)])
        lines = simulation.line_ids.filtered(lambda line: line.policy == "live" and line.notices)
        upcoming = sorted((row.date, row.partner_id.id, row.level_id.name) for row in rows)
        self.assertEqual(sorted((line.day, line.partner_id.id) for line in lines), [one[:2] for one in upcoming])
        self.assertTrue(upcoming)
