"""Nights that read whom they have to: when they read everybody, and that nobody is lost."""

from unittest.mock import patch

from odoo.fields import Command, Domain
from odoo.tests import tagged
from odoo.tools import SQL

from ..models.receivables.obstacle import Obstacle
from ..models.run import marks
from .night import NightCommon


@tagged("post_install", "-at_install")
class TestReading(NightCommon):
    def read_ids(self):
        """Has nights note the customers whom they read; returns the list of these."""
        seen = []
        propose = type(self.runs)._propose

        def note(run, partner_ids):
            seen.extend(partner_ids)
            return propose(run, partner_ids)

        self.patch(type(self.runs), "_propose", note)
        # what the tests patch would have the night read everybody
        self.patch(type(self.runs), "_find_untracked", lambda run, settings: False)
        return seen

    def test_the_first_night_reads_everybody_and_says_so(self):
        self.invoice(self.partner_a, 12)
        run = self.check_night(reads_all=True)
        facts = dict(run._get_report_facts(run.notice_ids, {}))
        self.assertIn("no earlier night", facts["Read in Full Because"])
        self.go(1)
        run = self.check_night()
        self.assertNotIn("Read in Full Because", dict(run._get_report_facts(run.notice_ids, {})))

    def test_a_night_that_was_updated_reads_everybody(self):
        """In 19.0.1.7.0 chunks did not say whom they have to read."""
        self.invoice(self.partner_a, 9)
        self.night()
        self.go(1)
        self.runs._start_nightly(self.company)
        run = self.latest()
        self.assertFalse(run.read_all)
        run.chunk_ids.candidates = False
        self.settle()
        self.migration("19.0.1.7.1", "post-candidates").migrate(self.env.cr, "19.0.1.7.0")
        self.env.invalidate_all()
        self.assertIn("updated", run.read_all)
        self.propose()
        self.assertEqual(run.notice_ids.partner_id, self.partner_a)

    def test_whom_a_night_has_to_read_is_found_once(self):
        """Chunks do not ask again of whom anything is due: each keeps whom it reads, and whom it passes over."""
        self.invoice(self.partner_a, 9)
        paid = self.invoice(self.partner_b, 3)
        self.night()
        self.pay(paid)
        self.go(1)
        self.runs._start_nightly(self.company)
        run = self.latest()
        self.assertEqual(run.chunk_ids.mapped("candidates"), [self.partner_a.ids])
        self.assertEqual(run.chunk_ids.mapped("passed"), [self.partner_b.ids])
        self.patch(type(run), "_customer_query", None)
        seen = self.read_ids()
        self.propose()
        self.assertEqual(seen, self.partner_a.ids)
        looks = self.env["account.dunning.look"].search([("company_id", "=", self.company.id)])
        self.assertNotIn(self.partner_b, looks.partner_id, "nothing of him is open")

    def test_who_is_read(self):
        self.invoice(self.partner_a, 9)
        self.invoice(self.partner_b, 3)
        later = self.partner_a.copy({"name": "Later"})
        self.invoice(later, -30)
        self.night()
        seen = self.read_ids()
        self.go(1)
        self.assertEqual(self.night().notice_ids.partner_id, self.partner_a)
        self.assertEqual(seen, self.partner_a.ids)
        seen.clear()
        self.go(1)
        self.night()
        self.assertEqual(seen, self.partner_a.ids, "his notice did not leave yet")
        self.invoice(self.partner_b, 1)
        seen.clear()
        self.go(1)
        self.night()
        self.assertEqual(seen, (self.partner_a + self.partner_b).ids)
        seen.clear()
        self.go(30)
        self.night()
        self.assertIn(later.id, seen)

    def test_what_was_sent_is_not_read_again_before_its_time(self):
        self.settings.letter_sent = "made"
        self.invoice(self.partner_a, 12)
        run = self.night()
        self.issue(run.notice_ids)
        self.settle()
        self.assertFalse(self.env["account.dunning.change"].search([]))
        seen = self.read_ids()
        for _day in range(7):
            self.go(1)
            self.assertFalse(self.night().notice_ids)
        self.assertFalse(seen)
        self.go(1)
        self.assertEqual(self.night().notice_ids.level_id, self.level_2)
        self.assertEqual(seen, self.partner_a.ids)

    def test_a_change_before_a_notice_leaves_is_not_lost(self):
        self.settings.letter_sent = "made"
        move = self.invoice(self.partner_a, 12)
        other = self.invoice(self.partner_a, 12)
        run = self.night()
        self.item(other).date_maturity = "2026-07-01"
        self.settle()
        self.issue(run.notice_ids)
        self.settle()
        self.assertTrue(self.env["account.dunning.change"].search([("customer_ref", "=", self.partner_a.id)]))
        self.assertTrue(move.sudo().collection_plan_ids)

    def test_what_decides_on_all(self):
        self.invoice(self.partner_a, 12)
        self.night()
        for change in (
            lambda: self.level_1.write({"min_days": 3}),
            lambda: self.dunning_type.write({"grace_days": 2}),
            lambda: self.settings.write({"start_date": "2026-01-01"}),
            lambda: self.company_data["default_journal_misc"].copy({"code": "MISC2"}),
            lambda: self.shipped("invoice_type_receipt").write({"active": False}),
        ):
            change()
            self.go(1)
            self.assertIn("have changed", self.check_night(reads_all=True).read_all)
            self.go(1)
            self.check_night()

    def test_a_text_decides_nothing(self):
        self.invoice(self.partner_a, 12)
        self.night()
        self.level_1.text = "<p>Other words.</p>"
        self.go(1)
        self.check_night()

    def test_without_triggers(self):
        self.night()
        marks.drop_triggers(self.env.cr)
        self.go(1)
        self.assertIn("update", self.night().read_all)

    def test_what_another_module_reads(self):
        self.night()
        self.go(1)
        reader = type(self.env["account.dunning.reader"])
        for name in ("_get_contested", "_decide"):
            with patch.object(reader, name, getattr(reader, name)):
                self.assertIn("another module", self.night().read_all)
            self.go(1)
        self.assertFalse(self.night().read_all)

    def test_an_obstacle_of_another_module(self):
        self.night()
        reader = type(self.env["account.dunning.reader"])
        own = self.env["account.dunning.reader"]._get_obstacles()
        for watched in (None, ("account_move",)):
            self.go(1)
            legal = Obstacle("legal", "Under review", 75, lambda question: SQL("FALSE"), watched=watched)
            with patch.object(reader, "_get_obstacles", lambda _self, legal=legal: [*own, legal]):
                self.assertEqual("Under review" in (self.night().read_all or ""), watched is None)

    def test_invoice_types_of_another_module(self):
        self.night()
        self.go(1)
        domain = Domain("partner_id.ref", "=", "x")
        with patch.object(type(self.settings.invoice_type_ids), "_get_move_domain", lambda _self: domain):
            self.assertIn("invoice types", self.night().read_all)

    def test_anew(self):
        self.invoice(self.partner_a, 12)
        self.night()
        self.go(1)
        run = self.night()
        self.assertFalse(run.read_all)
        run.action_propose()
        self.propose()
        self.assertIn("a person", run.read_all)
        self.go(1)
        self.check_night()

    def test_a_clock_that_was_wrong(self):
        self.invoice(self.partner_a, 12)
        self.night()
        self.settings.last_read = "2026-08-01"
        self.go(1)
        self.assertIn("later day", self.check_night(reads_all=True).read_all)

    def test_a_rule_that_asks_for_anything(self):
        ruled = self.make_type("Ruled", (2, 8), partner_domain="[('country_id.code', '=', 'BE')]")
        self.invoice(self.partner_a, 5)
        self.check_night(reads_all=True)
        country = self.partner_a.country_id = self.env.ref("base.be")
        self.go(1)
        self.assertEqual(self.check_night().notice_ids.type_id, ruled)
        country.code = "XB"
        self.go(1)
        self.assertFalse(self.check_night().notice_ids)

    def test_days_of_holds(self):
        self.invoice(self.partner_a, 12, 100.0)
        self.invoice(self.partner_b, 12, 100.0)
        vals = {"reason_id": self.shipped("reason_dispute").id}
        self.env["account.dunning.hold"].create(
            [
                {**vals, "partner_id": self.partner_a.id, "date_from": "2026-06-03", "date_until": "2026-06-04"},
                {**vals, "partner_id": self.partner_b.id, "date_until": "2026-06-02"},
            ]
        )
        proposed = []
        for day in range(6):
            run = self.check_night(reads_all=not day)
            proposed.append(sorted(run.notice_ids.partner_id.mapped("name")))
            self.go(1)
        a, b = self.partner_a.name, self.partner_b.name
        self.assertEqual(proposed, [[a], [a], [b], [b], sorted([a, b]), sorted([a, b])])

    def test_customers_as_a_whole(self):
        self.settings.mode = "customer"
        self.invoice(self.partner_a, 9)
        self.invoice(self.partner_b, 8)
        self.check_night(reads_all=True)
        self.go(1)
        run = self.check_night()
        self.assertEqual(run.notice_ids.partner_id, self.partner_a)
        self.send(run.notice_ids)
        self.invoice(self.partner_a, 1)
        self.go(1)
        self.check_night()
        self.settings._get_balance().item_domain = "[('move_id.ref', '=', False)]"
        self.go(1)
        self.check_night(reads_all=True)
        self.go(1)
        self.assertIn("balance asks", self.check_night(reads_all=True).read_all)


@tagged("post_install", "-at_install")
class TestNobodyIsLost(NightCommon):
    def test_a_night_that_ends_in_the_middle(self):
        self.invoice(self.partner_a, 9)
        self.night()
        self.invoice(self.partner_b, 12)
        self.go(1)
        self.runs._start_nightly(self.company)  # and nobody was read
        self.assertEqual(self.latest().state, "proposing")
        self.go(1)
        run = self.check_night()
        self.assertEqual(run.notice_ids.partner_id, self.partner_a + self.partner_b)

    def test_a_first_night_that_ends_in_the_middle(self):
        self.invoice(self.partner_a, 9)
        self.runs._start_nightly(self.company)
        self.go(1)
        self.assertTrue(self.check_night(reads_all=True).notice_ids)

    def test_a_night_that_is_cancelled(self):
        self.invoice(self.partner_a, 12)
        self.invoice(self.partner_b, 9)
        self.night().action_cancel()
        self.go(1)
        run = self.check_night()
        self.assertEqual(run.notice_ids.partner_id, self.partner_a + self.partner_b)
        self.go(1)
        self.runs._start_nightly(self.company)
        self.latest().action_cancel()
        self.go(1)
        self.assertEqual(len(self.check_night().notice_ids), 2)

    def test_a_night_that_is_deleted(self):
        self.invoice(self.partner_a, 12)
        self.invoice(self.partner_b, 12)
        self.item(self.invoice(self.partner_b, 12)).no_followup = True
        self.night().unlink()
        self.go(1)
        run = self.check_night(reads_all=True)
        self.assertEqual((len(run.notice_ids), run.skipped_ids.mapped("reason")), (2, ["no_followup"]))

    def test_a_customer_who_cannot_be_read(self):
        self.invoice(self.partner_a, 12)
        self.invoice(self.partner_b, 12)
        look = type(self.env["account.dunning.look"])
        store = look._store_assessed

        def fail(model, company, assessments):
            if self.partner_a.id in assessments:
                raise ValueError("Trouble")
            return store(model, company, assessments)

        with patch.object(look, "_store_assessed", fail):
            run = self.night()
        self.assertEqual((run.notice_ids.partner_id, run.skipped_ids.reason), (self.partner_b, "error"))
        self.go(1)
        run = self.check_night()
        self.assertEqual((len(run.notice_ids), len(run.skipped_ids)), (2, 0))

    def test_two_companies(self):
        other = self.setup_other_company(name="Other")["company"]
        self.env.user.company_ids += other
        self.invoice(self.partner_a, 9)
        self.night()
        self.make_type("Theirs", (3, 6), default=True, company_id=other.id)
        theirs = self.env(context={**self.env.context, "allowed_company_ids": other.ids})
        vals = self.prepare_invoice(self.partner_a, 2, 9.0, invoice_date="2026-05-20")
        self.env["account.move"].with_env(theirs).create(vals).action_post()
        self.check_night(other, reads_all=True)
        self.go(1)
        self.assertTrue(self.check_night(other).notice_ids)
        self.assertTrue(self.check_night().notice_ids)

    def test_a_branch(self):
        self.company.write({"child_ids": [Command.create({"name": "Branch"})]})
        self.cr.precommit.run()
        self.invoice(self.partner_a, 9)
        self.check_night(reads_all=True)
        self.go(1)
        self.assertTrue(self.check_night().notice_ids)


@tagged("post_install", "-at_install")
class TestCarriedOver(NightCommon):
    def shown(self, run):
        return sorted(run.skipped_ids.mapped(lambda row: (row.partner_id.name, row.reason)))

    def test_rows_stand_until_they_do_not(self):
        move = self.invoice(self.partner_a, 12)
        self.item(move).no_followup = True
        first = self.night()
        first._follow("done")
        self.go(1)
        second = self.night()
        rows = self.env["account.dunning.skipped"].search([])
        self.assertEqual((len(rows), rows.run_id), (1, first), "not copied")
        self.assertEqual(second.skipped_ids, rows)
        second._follow("done")
        self.item(move).no_followup = False
        self.go(1)
        third = self.check_night()
        self.assertEqual([len(run.skipped_ids) for run in first + second + third], [1, 1, 0])
        self.assertEqual([run.skipped_count for run in first + second + third], [1, 1, 0])
        found = rows.search(second.action_open_skipped()["domain"])
        self.assertEqual(found, rows)
        self.assertEqual(len(second._get_skipped_rows()), 1)

    def test_runs_by_hand_have_their_own(self):
        move = self.invoice(self.partner_a, 12)
        self.item(move).no_followup = True
        night, by_hand = self.night(), self.run_day()
        self.assertEqual((len(night.skipped_ids), len(by_hand.skipped_ids)), (1, 1))
        self.assertFalse(night.skipped_ids & by_hand.skipped_ids)
        self.assertEqual(by_hand.skipped_count, 1)

    def test_a_night_is_deleted(self):
        move = self.invoice(self.partner_a, 12)
        self.item(move).no_followup = True
        runs = self.runs
        for _day in range(3):
            runs += self.night()
            runs[-1]._follow("done")
            self.go(1)
        first, second, third = runs
        first.unlink()
        self.assertEqual([len(run.skipped_ids) for run in second + third], [1, 1])
        second.unlink()
        self.assertEqual(len(third.skipped_ids), 1)
        self.go(1)
        self.check_night()
        self.latest()._follow("done")
        third.unlink()
        self.assertEqual(len(self.latest().skipped_ids), 1)

    def test_rows_of_earlier_releases(self):
        """There each night had its own."""
        move = self.invoice(self.partner_a, 12)
        self.item(move).no_followup = True
        night = {"company_id": self.company.id, "nightly": True, "state": "done"}
        nights = self.runs.create([{**night, "date": f"2026-05-{day}"} for day in (30, 31)])
        vals = {
            "partner_id": self.partner_a.id,
            "reason": "no_followup",
            "item_count": 1,
            "currency_id": self.company.currency_id.id,
            "amount": 100.0,
        }
        self.env["account.dunning.skipped"].sudo().create([{**vals, "run_id": night.id} for night in nights])
        self.settle()
        self.migration("19.0.1.7.0", "post-nights").migrate(self.env.cr, "19.0.1.6.0")
        self.env.invalidate_all()
        self.assertEqual([len(night.skipped_ids) for night in nights], [1, 1])
        self.assertEqual(len(self.check_night(reads_all=True).skipped_ids), 1)
        self.assertEqual(len(self.env["account.dunning.skipped"].search([])), 2)
