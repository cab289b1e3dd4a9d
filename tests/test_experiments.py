"""Experiments: which type takes whom while they run, what nights make of it, what they bring, and who may do what."""

from datetime import timedelta

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ..engine import choose_arm
from .common import ChargesCommon, DunningCommon
from .night import NightCommon


class ExperimentCommon(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.type_a, cls.type_b = cls.make_type("Kind", (5, 25)), cls.make_type("Strict", (2, 9))
        cls.tag = cls.env["res.partner.category"].create({"name": "Tried"})
        cls.partners = cls.env["res.partner"].create(
            [
                {
                    "name": f"Tried {number}",
                    "is_company": True,
                    "customer_rank": 1,
                    "category_id": [Command.set(cls.tag.ids)],
                    "street": "1 Main Street",
                    "zip": "12345",
                    "city": "Springfield",
                }
                for number in range(12)
            ]
        )

    def make(self, **values):
        return self.env["account.dunning.experiment"].create(
            {
                "name": "Kind or strict",
                "company_id": self.company.id,
                "type_a_id": self.type_a.id,
                "type_b_id": self.type_b.id,
                "category_ids": [Command.set(self.tag.ids)],
                "date_from": self.today,
                "date_to": self.today + timedelta(30),
                **values,
            }
        )

    def start(self, **values):
        experiment = self.make(**values)
        experiment.action_start()
        return experiment

    def arm_type(self, experiment, partner):
        return (self.type_a, self.type_b)[choose_arm(experiment.id, partner.id)]

    def get_types(self, partners):
        """The dunning type of each partner, in both ways in which it is asked for."""
        reader = self.env["account.dunning.reader"]
        self.env.flush_all()
        found = reader._get_types(self.company, partners.ids)
        asked = dict(self.env.execute_query(reader._get_type_query(self.company)))
        self.assertEqual(found, {partner_id: asked[partner_id] for partner_id in partners.ids})
        return self.env["account.dunning.type"].browse(found[partner_id] for partner_id in partners.ids)


@tagged("post_install", "-at_install")
class TestExperiments(ExperimentCommon):
    def test_each_half_has_its_type_while_it_runs(self):
        experiment = self.start(date_from=self.today + timedelta(1), date_to=self.today + timedelta(3))
        expected = [self.arm_type(experiment, partner) for partner in self.partners]
        self.assertEqual({*expected}, {self.type_a, self.type_b})
        for day in range(6):
            with self.subTest(day=day):
                types = [*self.get_types(self.partners)]
                self.assertEqual(types, expected if 1 <= day <= 3 else [self.dunning_type] * 12)
            self.go(1)

    def test_only_its_group_and_not_who_names_a_type(self):
        experiment = self.start()
        own = self.partners[0]
        own.dunning_type_id = self.dunning_type
        self.assertEqual(self.get_types(own + self.partner_a), self.dunning_type)
        self.assertEqual(sorted(experiment._get_customer_ids()), sorted(self.partners[1:].ids))
        self.invoice(self.partner_a, 1)
        everybody = self.make(category_ids=[Command.clear()])
        self.assertIn(self.partner_a.id, everybody._get_customer_ids())
        some = self.make(partner_domain="[('name', '=', 'Tried 3')]")
        self.assertEqual(some._get_customer_ids(), self.partners[3].ids)

    def test_contacts_stay_together(self):
        """An invoice to a contact is of his commercial partner, and of his half."""
        experiment = self.start()
        for partner in self.partners[:4]:
            contact = self.env["res.partner"].create({"name": "Contact", "parent_id": partner.id})
            move = self.invoice(contact, 10)
            assessment = self.env["account.dunning.reader"]._assess(self.company, partner.ids, self.today)
            [verdict] = assessment[partner.id].verdicts
            self.assertEqual(verdict.item.id, self.item(move).id)
            self.assertEqual(verdict.rule.id, self.arm_type(experiment, partner).id)

    def test_one_at_a_time(self):
        self.start()
        with self.refused(ValidationError, "runs at the same time"):
            self.start(name="Another")
        later = self.start(date_from=self.today + timedelta(31), date_to=self.today + timedelta(40))
        self.assertEqual(later.state, "started")

    def test_what_it_has_started_with_stays(self):
        experiment = self.start().with_user(self.manager)
        experiment.write({"name": "Other name", "days": 20})
        for vals in (
            {"type_a_id": self.dunning_type.id},
            {"date_to": "2026-12-31"},
            {"category_ids": [Command.clear()]},
        ):
            with self.refused(UserError, "has started"):
                experiment.write(vals)
        with self.refused(UserError, "has started"):
            experiment.unlink()
        self.go(5)
        experiment.action_stop()
        self.assertEqual((experiment.state, experiment.date_to), ("stopped", self.today - timedelta(1)))
        self.assertEqual(self.get_types(self.partners), self.dunning_type)
        experiment.unlink()

    def test_bad_settings(self):
        for vals, words in (
            ({"type_b_id": self.type_a.id}, "_types"),
            ({"date_to": self.today - timedelta(1)}, "_dates"),
            ({"days": -1}, "_days"),
        ):
            with self.subTest(words), self.refused(CheckViolation, words):
                self.make(**vals)
        with self.refused(ValidationError, "uses “nothing”"):
            self.make(partner_domain="[('nothing', '=', 1)]")
        past = self.make(date_from=self.today - timedelta(1))
        with self.refused(UserError, "in the past"):
            past.action_start()
        self.type_b.active = False
        with self.refused(UserError, "archived"):
            self.make().action_start()

    def test_rights(self):
        experiment = self.make()
        for name in ("action_start", "action_stop"):
            with self.refused(AccessError, "managers"):
                getattr(experiment.with_user(self.collector), name)()
        with self.refused(AccessError, ""):
            experiment.with_user(self.collector).read(["result"])
        other = self.setup_other_company(name="Elsewhere")["company"]
        foreign = self.make(company_id=self.company.id)
        stranger = self.manager.copy({"login": "stranger", "company_id": other.id, "company_ids": [(6, 0, other.ids)]})
        with self.refused(AccessError, ""):
            foreign.with_user(stranger).action_start()
        with self.refused(AccessError, "follows the work"):
            experiment.with_user(self.manager).state = "started"
        experiment.with_user(self.manager).action_start()
        self.assertEqual(experiment.state, "started")


@tagged("post_install", "-at_install")
class TestExperimentNights(NightCommon, ExperimentCommon):
    def test_nights_see_it_begin_and_end(self):
        """Nights that read only whom they must come to what full ones come to."""
        for days in (3, 6, 10, 12):
            self.invoice_each(self.partners, days)
        self.night()
        experiment = self.start(date_from=self.today + timedelta(2), date_to=self.today + timedelta(4))
        seen = []
        for _night in range(7):
            self.go(1)
            run = self.check_night()
            seen.append({*run.notice_ids.type_id})
        self.assertEqual(seen[0], {self.dunning_type})
        self.assertEqual(seen[1], {self.type_a, self.type_b})
        self.assertEqual(seen[-1], {self.dunning_type})
        self.assertTrue(experiment.date_to < self.today)

    def test_a_night_sees_it_stopped(self):
        self.invoice_each(self.partners, 12)
        experiment = self.start()
        run = self.night()
        self.assertEqual({*run.notice_ids.type_id}, {self.type_a, self.type_b})
        self.go(1)
        experiment.action_stop()
        run = self.check_night()
        self.assertEqual(run.notice_ids.type_id, self.dunning_type)


@tagged("post_install", "-at_install")
class TestFindings(ChargesCommon, ExperimentCommon):
    def owe(self, experiment, partner, days, paid=None, amount=100.0):
        """An invoice due so many days after the experiment began, paid some days later; back to the day before."""
        before = self.today
        self.frozen.move_to(experiment.date_from + timedelta(days))
        move = self.invoice(partner, 0, amount, invoice_date=self.today - timedelta(10))
        if paid is not None:
            self.go(paid)
            self.pay(move)
        self.frozen.move_to(before)
        return move

    def test_outcomes_by_customer(self):
        experiment = self.start(days=20)
        one, two = self.partners[:2]
        self.owe(experiment, one, 1, paid=5)
        self.owe(experiment, one, 2, paid=20, amount=300.0)
        disputed = self.owe(experiment, two, 3, paid=21)
        part = self.owe(experiment, two, 4, amount=200.0)
        self.frozen.move_to(experiment.date_from + timedelta(10))
        self.pay(part, 50.0)
        self.env["account.dunning.hold"].create(
            {"move_id": disputed.id, "reason_id": self.shipped("reason_dispute").id, "date_from": self.today}
        )
        self.owe(experiment, two, 31)  # after it has ended
        self.owe(experiment, self.partner_a, 3)  # of another group
        self.owe(experiment, two, 29)  # could not be paid for long enough
        self.frozen.move_to(experiment.date_from + timedelta(25))
        found = {row.partner_id: tuple(row)[1:] for row in experiment._read_outcomes()}
        # invoices, paid within 20 days, days from the invoice, at most 30 each, owed, received, disputed
        self.assertEqual(found[one.id], (2.0, 2.0, 45.0, 400.0, 400.0, 0.0))
        self.assertEqual(found[two.id], (2.0, 0.0, 60.0, 300.0, 50.0, 1.0))
        self.assertEqual(len(found), 2)

    def test_the_screen_tells_what_can_be_told(self):
        experiment = self.start(days=5)
        self.assertIn("too few to tell", experiment.with_user(self.manager).result)
        more = self.env["res.partner"].create(
            [
                {"name": f"More {number}", "is_company": True, "category_id": [Command.set(self.tag.ids)]}
                for number in range(90)
            ]
        )
        self.frozen.move_to(experiment.date_from + timedelta(1))
        moves = self.invoice_each(more, 0)
        late = moves.filtered(lambda move: choose_arm(experiment.id, move.partner_id.id))
        self.go(2)
        for move in moves - late:
            self.pay(move)
        self.frozen.move_to(experiment.date_from + timedelta(20))
        self.env.invalidate_all()
        shown = experiment.with_user(self.manager).result
        self.assertIn("less with B", shown)
        self.assertIn("more with B", shown)  # days
        self.assertIn("no difference to be told", shown)  # disputes
        self.assertIn(f"{len(moves - late)}, {len(moves - late)}", " ".join(shown.split()))
