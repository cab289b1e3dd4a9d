"""The clock and dates: far due dates, a clock that went back, bounds, numbers at New Year, days after posting."""

from datetime import date, timedelta

from lxml import etree
from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import file_open

from odoo.addons.account_dunning.engine import Item, Level, TypeRule, decide, outlook

from .common import TODAY, DunningCommon, StubLetters


@tagged("post_install", "-at_install")
class TestClock(StubLetters, DunningCommon):
    def night(self):
        self.env["account.dunning.run"].sudo()._start_nightly(self.company)
        self.work()

    def reset_day(self, run, reason="The clock was wrong"):
        action = run.action_reset_day()
        wizard = run.env[action["res_model"]].with_context(**action["context"]).create({"reason": reason})
        wizard.action_reset()

    def test_due_on_the_last_day_of_all(self):
        far = self.invoice(self.partner_a, 0, invoice_date_due="9999-12-31")
        late = self.invoice(self.partner_a, 12)
        run = self.run_day()
        self.assertEqual(run.notice_ids.line_ids.move_id, late)
        self.assertFalse(run.skipped_ids)
        self.env["account.dunning.forecast.line"]._open()
        answer = far.with_user(self.collector).action_dunning_why()
        self.assertTrue(self.env[answer["res_model"]].browse(answer["res_id"]).line_ids)
        rule = TypeRule(1, (Level(1, 10, repeat_every=5, repeat_max=3), Level(2, 3650)), min_days_between=9)
        for due in (date(9999, 12, 31), date(1, 1, 1)):
            item = Item(1, due, 1.0, 1.0, 1, type=1, reminded=None)
            self.assertTrue(decide(item, rule, TODAY).next_date)
            self.assertEqual(outlook(item, rule, TODAY)[0][1].id, 1)

    def test_a_clock_that_went_back_leaves_everything_alone(self):
        self.settings.mode = "customer"
        first, second = self.invoice(self.partner_a, 12), self.invoice(self.partner_b, 12, 40.0)
        self.send(self.run_day().notice_ids)
        self.night()
        plans = self.env["account.collection.plan"].search(
            [("partner_id", "in", (self.partner_a + self.partner_b).ids)]
        )
        self.go(-20)  # nothing is overdue on that day
        nightly = self.env["account.dunning.run"].search([("nightly", "=", True)], limit=1)
        before = self.env["account.dunning.run"].search_count([])
        self.night()
        self.assertEqual(self.env["account.dunning.run"].search_count([]), before, "the night does nothing")
        self.assertIn("went back", nightly.clock_banner)
        self.assertIn(self.manager, nightly.activity_ids.user_id)
        self.pay(first, 30.0)
        self.pay(second)
        by_partner = {plan.partner_id: plan for plan in plans}
        self.assertEqual(by_partner[self.partner_b].state, "recovered", "what is paid in full is closed")
        self.assertEqual(by_partner[self.partner_a].state, "ongoing")
        self.assertEqual(self.state(first).level_id, self.level_1)
        plans._settle()
        self.assertEqual((by_partner[self.partner_a].state, self.state(first).level_id), ("ongoing", self.level_1))

    def test_holds_and_pauses_stay_where_the_clock_went_back(self):
        move, held = self.invoice(self.partner_a, 12), self.invoice(self.partner_b, 12)
        self.dun()
        reason = self.shipped("reason_payment_announced")
        until = TODAY + timedelta(2)
        hold = self.env["account.dunning.hold"].create(
            {"move_id": held.id, "reason_id": reason.id, "date_until": until}
        )
        plan = move.collection_plan_ids
        plan.sudo()._pause(reason, until)
        self.settings.last_night = TODAY + timedelta(30)
        self.go(5)
        for clock, ended in ((True, False), (False, True)):
            if not clock:
                self.settings.last_night = False
            self.env["account.dunning.hold"].sudo()._cron_end_holds()
            self.env["account.collection.plan"].sudo()._end_pauses()
            self.assertEqual((bool(hold.ended_on), plan.state == "ongoing"), (ended, ended))

    def test_a_manager_resets_the_day(self):
        self.go(400)
        self.night()
        self.go(-400)
        run = self.env["account.dunning.run"].search([("nightly", "=", True)], limit=1)
        self.night()
        self.assertTrue(run.clock_banner)
        with self.assertRaises(AccessError):
            self.reset_day(run.with_user(self.collector))
        self.env = self.env(user=self.manager)
        self.reset_day(run.with_env(self.env))
        run.invalidate_recordset()
        self.assertFalse(run.clock_banner)
        self.assertIn("The clock was wrong", run.message_ids[0].body)
        self.assertEqual(self.company._get_dunning_day(), TODAY)
        self.night()
        self.assertEqual(run.search([("nightly", "=", True)], order="id desc", limit=1).date, TODAY)

    def test_bounds_in_the_database(self):
        for record, values in (
            (self.level_1, {"min_days": 3651}),
            (self.level_3, {"days": 4000}),
            (self.level_1, {"repeat_every": 1, "repeat_max": 1001}),
            (self.level_1, {"fee_percent": 101}),
            (self.dunning_type, {"grace_days": 3651}),
            (self.dunning_type, {"posting_days": -1}),
            (self.settings, {"max_levels": 1001}),
        ):
            with self.subTest(values), self.refused(CheckViolation, "bounds"):
                record.write(values)
                self.env.flush_all()

    def test_the_migration_clips(self):
        cr = self.env.cr
        self.env.flush_all()
        for table in ("account_dunning_level", "account_dunning_type"):
            cr.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_bounds")
        cr.execute(
            "UPDATE account_dunning_level SET days = days * 1000, min_days = 99999 WHERE type_id = %s",
            [self.dunning_type.id],
        )
        cr.execute("UPDATE account_dunning_type SET grace_days = 5000 WHERE id = %s", [self.dunning_type.id])
        self.migration("19.0.1.5.0", "pre-bounds").migrate(cr, "19.0.1.4.0")
        self.env.invalidate_all()
        levels = self.level_1 + self.level_2 + self.level_3
        self.assertEqual(levels.mapped("days"), [3648, 3649, 3650])
        self.assertEqual((levels.mapped("min_days"), self.dunning_type.grace_days), ([3650] * 3, 3650))


@tagged("post_install", "-at_install")
class TestNumbers(StubLetters, DunningCommon):
    def test_new_year_in_every_zone(self):
        for zone, moment, year in (
            ("Pacific/Auckland", "2026-12-31 12:00:00", 2027),
            ("Pacific/Honolulu", "2027-01-01 05:00:00", 2026),
            ("UTC", "2026-12-31 23:59:59", 2026),
        ):
            with self.subTest(zone):
                self.frozen.move_to(moment)
                self.company.partner_id.tz = zone
                self.invoice(self.partner_a, 12)
                run = self.run_day()
                self.issue(run.notice_ids)
                self.assertIn(f"/{year}/", run.name)
                self.assertIn(f"/{year}/", run.notice_ids.name)


@tagged("post_install", "-at_install")
class TestPosting(StubLetters, DunningCommon):
    def setUp(self):
        super().setUp()
        self.dunning_type.posting_days = 3

    def test_a_first_notice_waits_after_posting(self):
        move = self.invoice(self.partner_a, 12)
        self.assertEqual(move.dunning_posted_on, TODAY)
        self.go(2)
        self.assertFalse(self.run_day().notice_ids)
        self.go(1)
        self.assertEqual(self.dun().line_ids.move_id, move)
        self.go(7)
        self.assertFalse(self.dun().level_id - self.level_2, "later levels do not wait")

    def test_the_day_of_the_first_posting_stays(self):
        move = self.invoice(self.partner_a, 12)
        self.go(5)
        move.button_draft()
        move.action_post()
        self.assertEqual(move.dunning_posted_on, TODAY)
        self.assertTrue(self.run_day().notice_ids)

    def test_unknown_counts_from_the_invoice_date(self):
        move = self.invoice(self.partner_a, 12)
        move.sudo().dunning_posted_on = False
        self.assertTrue(self.run_day().notice_ids)
        self.go(1)
        other = self.invoice(self.partner_b, 12, invoice_date=self.today)
        other.sudo().dunning_posted_on = False
        self.assertNotIn(other, self.run_day().notice_ids.line_ids.move_id)

    def test_posting_several_at_once(self):
        moves = self.invoice(self.partner_a, 12) + self.invoice(self.partner_b, 12)
        self.go(1)
        moves[0].button_draft()
        moves += moves[1].copy({"invoice_date": TODAY})
        (moves[0] + moves[2]).action_post()
        self.assertEqual(moves.mapped("dunning_posted_on"), [TODAY, TODAY, TODAY + timedelta(1)])

    def test_recording_costs_no_query(self):
        """The day is written with the state."""
        move = self.invoice(self.partner_a, 12).copy({"invoice_date": TODAY})
        self.env.flush_all()
        with self.assertLogs("odoo.sql_db", level="DEBUG") as log:
            move.action_post()
            self.env.flush_all()
        updates = [line for line in log.output if "dunning_posted_on" in line and "UPDATE" in line]
        self.assertEqual(len(updates), 1)
        self.assertIn('"state"', updates[0])

    def test_who_has_no_group_of_dunning_posts(self):
        user = new_test_user(
            self.env,
            "dunning_biller",
            "base.group_user,account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        move = self.invoice(self.partner_a, 12).copy({"invoice_date": TODAY})
        move.with_user(user).action_post()
        self.assertEqual(move.dunning_posted_on, TODAY)

    def test_shipped_types_of_new_installations(self):
        with file_open("account_dunning/data/account_dunning_type_data.xml") as file:
            [shipped, *_rest] = etree.parse(file).iterfind(".//record[@id='type_standard']")
        values = {field.get("name"): field.text for field in shipped}
        self.assertEqual((values["minimum_amount"], values["posting_days"]), ("1", "3"))
        self.assertEqual(self.dunning_type.copy({"default": False}).posting_days, 3)
        self.assertEqual(self.make_type("Own", (1,)).posting_days, 0)
