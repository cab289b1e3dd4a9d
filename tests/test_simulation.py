"""Simulations: what other settings would have sent, beside what went out in fact and what is to come."""

import random
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ..models.simulation.work import SimulationWork
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


@tagged("post_install", "-at_install")
class TestChangedPolicy(SimulationCommon):
    """One invoice due on 2 April, and what other settings make of it."""

    def setUp(self):
        super().setUp()
        self.move = self.invoice(self.partner_a, 60, 100.0)

    def steps(self, simulation, policy):
        lines = simulation.line_ids.filtered(lambda line: line.policy == policy)
        return [(str(line.day), line.level, line.difference) for line in lines]

    def test_other_days(self):
        simulation = self.simulate({self.level_1: {"days": 12}})
        self.assertEqual(
            self.steps(simulation, "live"),
            [
                ("2026-04-12", "Test 10", "other_day"),
                ("2026-04-22", "Test 20", "same"),
                ("2026-05-02", "Test 30", "same"),
            ],
        )
        self.assertEqual(self.steps(simulation, "changed")[0], ("2026-04-14", "Test 10", "other_day"))
        row = simulation.line_ids.filtered(lambda line: line.policy == "changed")[0]
        self.assertEqual((str(row.other_day), row.other_level, row.days_later), ("2026-04-12", "Test 10", 2))
        self.assertEqual((row.number, row.amount, row.notices), (self.move.name, 100.0, 1))
        self.assertEqual(self.level_1.days, 10, "the live level is untouched")

    def test_a_new_level_and_one_less(self):
        simulation = self.make()
        simulation.type_ids.level_ids.filtered(lambda level: level.days == 30).unlink()
        simulation.type_ids.write({"level_ids": [Command.create({"name": "Call", "days": 5, "document": "letter"})]})
        simulation.action_start()
        self.work_off()
        self.assertEqual(
            self.steps(simulation, "changed"),
            [
                ("2026-04-07", "Call", "only"),
                ("2026-04-15", "Test 10", "other_day"),
                ("2026-04-22", "Test 20", "same"),
            ],
        )
        self.assertEqual(self.steps(simulation, "live")[2], ("2026-05-02", "Test 30", "only"))

    def test_another_level_on_the_same_day(self):
        """Caught up: who is late already gets the second level at once, and pays before it comes without that."""
        self.move.line_ids.date_maturity = "2026-03-10"
        self.frozen.move_to("2026-04-05")
        self.pay(self.move)
        self.frozen.move_to("2026-06-01")
        simulation = self.make()
        simulation.type_ids.escalation = "catch_up"
        simulation.action_start()
        self.work_off()
        self.assertEqual(self.steps(simulation, "live"), [("2026-04-02", "Test 10", "other_level")])
        self.assertEqual(self.steps(simulation, "changed"), [("2026-04-02", "Test 20", "other_level")])

    def test_who_has_reached_a_level_has_reached_it_where_it_stands_now(self):
        self.frozen.move_to("2026-04-13")
        self.dun()
        self.frozen.move_to("2026-06-01")
        simulation = self.simulate({self.level_1: {"days": 14}}, date_from="2026-04-14")
        self.assertEqual([step[1] for step in self.steps(simulation, "changed")], ["Test 20", "Test 30"])

    def test_totals(self):
        self.level_2.write({"fee_kind": "fixed", "fee_amount": 5.0})
        self.pay(self.move)  # today, after all three levels
        simulation = self.simulate({self.level_2: {"fee_amount": 8.0}, self.level_3: {"days": 70}}, letter_cost=1.5)
        live, changed = simulation.totals["live"], simulation.totals["changed"]
        names = ("notices", "items", "first_contacts", "charges", "cost")
        self.assertEqual([live[name] for name in names], [3, 3, 1, 5.0, 4.5])
        self.assertEqual([changed[name] for name in names], [2, 2, 1, 8.0, 3.0])
        self.assertEqual((live["received"], changed["received"]), ({"3": 100.0}, {"2": 100.0}))
        self.assertIn("Came in late, before level 3", simulation.result)
        self.assertIn("Came in late, in all", simulation.result)
        self.level_1.document = "email_letter"
        self.assertEqual(self.simulate(letter_cost=1.5).totals["live"]["cost"], 3.0, "an e-mail costs nothing")

    def test_payments_none_happened_and_as_forecast(self):
        self.frozen.move_to("2026-04-15")
        self.pay(self.move)
        self.frozen.move_to("2026-06-01")
        levels = {payments: len(self.rows(self.simulate(payments=payments))) for payments in ("happened", "none")}
        self.assertEqual(levels, {"happened": 1, "none": 3})
        for _number in range(3):  # usually pays 15 days after due: on the 17th
            self.frozen.move_to("2026-02-01")
            move = self.invoice(self.partner_a, 0, 10.0)
            self.go(15)
            self.pay(move)
        self.frozen.move_to("2026-06-01")
        simulation = self.simulate(payments="forecast", date_to="2026-06-20")
        self.assertEqual(self.rows(simulation), [("2026-04-12", self.move.name, "Test 10")])
        self.assertEqual(simulation.totals["live"]["received"], {"1": 100.0})

    def test_who_cannot_be_reached_gets_nothing(self):
        self.partner_a.write({"email": False, "city": False})
        self.assertFalse(self.simulate().line_ids)

    def test_customers_as_a_whole(self):
        self.settings.mode = "customer"
        self.invoice(self.partner_a, 45, 50.0)
        self.frozen.move_to("2026-06-01")
        rows = self.rows(self.simulate(), "live", "notices")
        self.assertEqual(
            [(day, level) for day, _number, level, notices in rows if notices],
            [("2026-04-12", "Test 10"), ("2026-04-22", "Test 20"), ("2026-05-02", "Test 30")],
        )
        self.assertEqual(len(rows), 5, "the younger invoice follows the older one")


@tagged("post_install", "-at_install")
class TestWork(SimulationCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        partners = cls.env["res.partner"].create([{"name": f"C{n}", "email": "c@example.com"} for n in range(9)])
        cls.stage.invoice_each(partners, 40)
        cls.classPatch(cls.env.registry["account.dunning.simulation"], "_do_chunk", cls.one_by_one)

    @staticmethod
    def one_by_one(simulation, work):
        """A chunk for each customer."""
        work["customers"] = [(partner_id, 5000) for partner_id, _count in work["customers"]]
        return SimulationWork._do_chunk(simulation, work)

    def begin(self, chunks):
        """A simulation of which some chunks are done, and what they share."""
        simulation = self.make()
        simulation.action_start()
        work = {}
        for _chunk in range(chunks):
            self.simulations.sudo()._continue_next(work)
        return simulation, work

    def test_progress(self):
        simulation, _work = self.begin(3)
        self.assertEqual((simulation.state, simulation.done_count, simulation.customer_count), ("running", 3, 9))
        self.assertEqual(round(simulation.progress), 33)
        self.assertEqual(simulation.progress_text, "33 %: 3 of 9 customers")
        self.work_off()
        self.assertEqual((simulation.state, simulation.progress), ("done", 100))
        self.assertTrue(simulation.result)

    def test_cancelled_and_taken_up_it_comes_to_the_same(self):
        whole = self.simulate()
        simulation, work = self.begin(4)
        simulation.with_user(self.manager).action_cancel()
        self.assertFalse(self.simulations.sudo()._continue_next(work))
        self.assertEqual((simulation.state, simulation.done_count), ("cancelled", 4))
        simulation.with_user(self.manager).action_resume()
        self.work_off()
        self.assertEqual((simulation.done_count, simulation.customer_count), (9, 9))
        self.assertEqual(self.rows(simulation), self.rows(whole))
        self.assertEqual(simulation.totals, whole.totals)

    def test_taken_up_after_a_change_of_types_it_begins_anew(self):
        simulation, _work = self.begin(4)
        simulation.action_cancel()
        self.level_1.days = 12
        simulation.action_resume()
        self.assertEqual((simulation.done_count, len(simulation.line_ids)), (0, 0))
        self.work_off()
        self.assertEqual(len({row[1] for row in self.rows(simulation)}), 9)

    def test_a_failure_is_told_and_can_be_taken_up(self):
        simulation, work = self.begin(2)
        lines = type(self.env["account.dunning.simulation.line"])
        fails = patch.object(lines, "_keep", lambda *_args: 1 / 0)
        with fails, self.assertLogs("odoo.addons.account_dunning.models.simulation.work", "WARNING"):
            self.simulations.sudo()._continue_next(work)
        self.assertEqual((simulation.state, simulation.failure), ("failed", "division by zero"))
        self.assertEqual(simulation.done_count, 2)
        simulation.action_resume()
        self.work_off()
        self.assertEqual((simulation.state, simulation.failure, simulation.done_count), ("done", False, 9))

    def test_one_fails_and_the_next_goes_on(self):
        bad, good = self.make(name="Bad"), self.make(name="Good")
        (bad + good).action_start()
        original = type(bad)._prepare_work

        def prepare(simulation):
            return 1 / 0 if simulation == bad else original(simulation)

        with (
            patch.object(type(bad), "_prepare_work", prepare),
            self.assertLogs("odoo.addons.account_dunning", "WARNING"),
        ):
            self.work_off()
        self.assertEqual((bad.state, good.state), ("failed", "done"))

    def test_a_fixed_number_of_queries(self):
        def count(partner_ids):
            self.env.invalidate_all()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env["account.dunning.simulation.reader"]._read_accounts(
                self.company, partner_ids, self.today - timedelta(60), self.today, "happened"
            )
            return self.env.cr.sql_log_count - before

        ids = [
            each
            for each, _count in self.env["account.dunning.simulation.reader"]._find_customers(
                self.company, self.today - timedelta(60), self.today
            )
        ]
        count(ids)
        self.assertEqual(count(ids[:2]), count(ids))

    def test_what_has_begun_stays(self):
        simulation = self.simulate().with_user(self.manager)
        simulation.name = "Other name"
        for record, vals in (
            (simulation, {"date_from": "2026-05-01"}),
            (simulation.type_ids, {"grace_days": 3}),
            (simulation.type_ids.level_ids, {"name": "Other"}),
        ):
            with self.refused(UserError, "has begun"):
                record.write(vals)
        with self.refused(UserError, "has begun"):
            simulation.type_ids.level_ids[0].unlink()
        simulation.action_reset()
        self.assertFalse(simulation.line_ids)
        simulation.date_from = "2026-05-01"
        simulation.action_start()
        with self.refused(UserError, "Cancel it first"):
            simulation.unlink()
        simulation.action_cancel()
        simulation.unlink()

    def test_bad_times(self):
        for vals, words in (
            ({"date_to": "2026-06-02"}, "Nobody knows yet"),
            ({"date_from": "2020-01-01"}, "three years"),
        ):
            with self.refused(ValidationError, words):
                self.make(**vals)
        with self.refused(ValidationError, "has no level"):
            self.make().type_ids.level_ids.unlink()


@tagged("post_install", "-at_install")
class TestRights(SimulationCommon):
    def test_managers_simulate_from_the_type(self):
        action = self.dunning_type.with_user(self.manager).action_simulate()
        simulation = self.simulations.browse(action["res_id"]).with_user(self.manager)
        self.assertEqual(simulation.type_ids.level_ids.level_id, self.dunning_type.level_ids)
        with Form(simulation) as form, form.type_ids.edit(0) as changed, changed.level_ids.edit(0) as level:
            level.days = 11
        self.assertEqual(simulation.type_ids.level_ids.mapped("days"), [11, 20, 30])
        self.invoice(self.partner_a, 40)
        simulation.action_start()
        self.work_off()
        self.assertEqual(simulation.state, "done")
        action = simulation.action_open_lines()
        line = self.env[action["res_model"]].with_user(self.manager).search(action["domain"], limit=1)
        self.assertEqual(line.action_open_item()["res_model"], "account.move")
        self.assertEqual(line.action_open_customer()["res_id"], self.partner_a.id)

    def test_a_type_chosen_in_the_form_is_copied(self):
        form = Form(self.simulations.with_user(self.manager))
        form.name = "Chosen"
        with form.type_ids.new() as changed:
            changed.type_id = self.dunning_type
            self.assertEqual(len(changed.level_ids), 3)
            changed.grace_days = 2
        simulation = form.save()
        self.assertEqual(simulation.type_ids.level_ids.level_id, self.dunning_type.level_ids)
        self.assertEqual(simulation.type_ids.grace_days, 2)

    def test_collectors_may_not(self):
        simulation = self.make().with_user(self.collector)
        for name in ("action_start", "action_cancel", "action_resume", "action_reset", "action_open_lines"):
            with self.refused(AccessError, ""):
                getattr(simulation, name)()
        with self.refused(AccessError, ""):
            simulation.read(["name"])
        with self.refused(AccessError, "managers"):
            self.dunning_type.with_user(self.collector).action_simulate()

    def test_nor_managers_of_another_company(self):
        simulation = self.simulate()
        other = self.setup_other_company(name="Elsewhere")["company"]
        ids = [Command.set(other.ids)]
        stranger = self.manager.copy({"login": "stranger", "company_id": other.id, "company_ids": ids})
        for record in (simulation, simulation.type_ids, simulation.type_ids.level_ids):
            with self.refused(AccessError, ""):
                record.with_user(stranger).read(["name" if "name" in record else "type_id"])
        with self.refused(AccessError, ""):
            simulation.with_user(stranger).action_reset()
        self.assertFalse(self.simulations.with_user(stranger).search([]))

    def test_nobody_writes_what_follows_the_work(self):
        simulation = self.make().with_user(self.manager)
        for vals in ({"state": "draft"}, {"totals": {}}, {"failure": "x"}):
            with self.refused(AccessError, "follows the work"):
                simulation.write(vals)

    def test_no_level_of_another_type(self):
        other = self.make_type("Other", (15,))
        simulation = self.make()
        with self.refused(ValidationError, "not a level of the live type"):
            simulation.type_ids.level_ids[0].with_user(self.manager).sudo().level_id = other.level_ids
