"""Who may do what (rules §9): groups, companies, and users without any dunning group."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import DunningCommon, StubLetters

MODELS = (
    "account.dunning.type",
    "account.dunning.level",
    "account.dunning.action",
    "account.dunning.analysis",
    "account.dunning.reason",
    "account.dunning.invoice.type",
    "account.dunning.balance",
    "account.dunning.handover",
    "account.dunning.handover.line",
    "account.dunning.hold",
    "account.collection.plan",
    "account.dunning.consequence",
    "account.dunning.item",
    "account.dunning.run",
    "account.dunning.skipped",
    "account.dunning.notice",
    "account.dunning.notice.line",
)


@tagged("post_install", "-at_install")
class TestAccess(StubLetters, DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls.stage.invoice(cls.partner_a, 12)
        cls.notice = cls.stage.run_day().notice_ids

    def test_every_model_is_guarded(self):
        names = {name for name in self.env if name.startswith(("account.dunning.", "account.collection."))}
        guarded = set(self.env["ir.model.access"].search([]).model_id.mapped("model"))
        abstract = {name for name in names if self.env[name]._abstract}
        self.assertFalse(names - guarded - abstract)

    def test_collector_reads_everything_and_changes_no_configuration(self):
        for name in MODELS:
            self.env[name].with_user(self.collector).search([], limit=1).read()
        with self.assertRaises(AccessError):
            self.dunning_type.with_user(self.collector).name = "Other"
        with self.assertRaises(AccessError):
            self.env["account.dunning.run"].with_user(self.collector).create({})

    def test_collector_issues_nothing(self):
        notice = self.notice.with_user(self.collector)
        for method in ("action_issue", "action_retry", "action_print_instead", "action_cancel"):
            with self.assertRaises(AccessError):
                getattr(notice, method)()
        with self.assertRaises(AccessError):
            notice.write({"state": "sent"})

    def test_collector_prints_and_works_plans(self):
        self.issue(self.notice)
        action = self.notice.with_user(self.collector)._confirm_printed()
        self.assertIsNone(action)
        plan = self.move.collection_plan_ids.with_user(self.collector)
        self.assertEqual(plan.state, "ongoing")
        plan.message_post(body="Called, will pay on Friday.")
        plan.user_id = self.collector
        hold = (
            self.env["account.dunning.hold"]
            .with_user(self.collector)
            .create({"move_id": self.move.id, "reason_id": self.shipped("reason_dispute").id})
        )
        hold.action_end()

    def test_manager_runs_and_issues(self):
        run = self.env["account.dunning.run"].with_user(self.manager).create({})
        run.action_propose()
        self.work()
        self.assertEqual(run.state, "done", "the item is in the other run")
        other = run.create({})
        other.action_cancel()
        self.assertEqual(other.state, "cancelled")
        self.notice.with_user(self.manager).action_issue()
        self.work()
        self.assertEqual(self.notice.state, "to_print")

    def test_manager_proposes_again(self):
        self.invoice(self.partner_b, 12).action_toggle_block_payment()
        run = self.env["account.dunning.run"].with_user(self.manager).create({})
        run.action_propose()
        self.work()
        self.assertTrue(run.skipped_ids)
        run = self.notice.run_id.with_user(self.manager)
        run.action_propose()
        self.work()
        run.action_propose()
        self.assertEqual(run.state, "proposing")

    def test_nobody_writes_what_follows_the_work(self):
        self.send(self.notice)
        with self.assertRaises(AccessError):
            self.move.collection_plan_ids.with_user(self.collector).state = "recovered"
        with self.assertRaises(AccessError):
            self.notice.run_id.with_user(self.manager).state = "draft"

    def test_manager_may_not_write_notices_directly(self):
        with self.assertRaises(AccessError):
            self.notice.with_user(self.manager).write({"state": "sent"})

    def test_other_users_keep_working(self):
        """Users without a dunning group use partners and invoices without any access error."""
        self.send(self.notice)
        clerk = self.new_user("clerk", "account.group_account_invoice,base.group_partner_manager")
        with Form(self.partner_a.with_user(clerk)) as form:
            form.name = "Renamed"
        move = self.move.with_user(clerk)
        move.read()
        with Form(move) as form:
            form.ref = "Reference"
        wizard = (
            self.env["account.payment.register"]
            .with_user(clerk)
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({})
        )
        wizard._create_payments()
        self.env.cr.precommit.run()
        self.assertEqual(self.move.collection_plan_ids.state, "recovered")

    def test_plain_user_sees_no_dunning_field(self):
        user = self.new_user("plain", "base.group_user")
        self.partner_a.with_user(user).read(["name", "email", "property_payment_term_id"])
        with self.assertRaises(AccessError):
            self.partner_a.with_user(user).read(["overdue_amount"])
        with self.assertRaises(AccessError):
            self.env["account.collection.plan"].with_user(user).search([])


@tagged("post_install", "-at_install")
class TestCompanies(StubLetters, DunningCommon):
    def test_other_companies_are_out_of_sight(self):
        other = self.setup_other_company(name="Other")["company"]
        stranger = self.new_user("stranger", "account_dunning.group_dunning_manager")
        stranger.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.invoice(self.partner_a, 12)
        self.dun()
        for name in ("run", "notice", "notice.line", "type", "item"):
            model = self.env[f"account.dunning.{name}"].with_user(stranger)
            self.assertFalse(model.search([("company_id", "=", self.company.id)]), name)
        self.assertFalse(self.env["account.collection.plan"].with_user(stranger).search([]))

    def test_items_of_a_branch_join_the_root(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.user.company_ids += branch
        move = self.invoice(self.partner_a, 12)
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_move SET company_id = %s WHERE id = %s", [branch.id, move.id])
        self.env.cr.execute("UPDATE account_move_line SET company_id = %s WHERE move_id = %s", [branch.id, move.id])
        self.env.invalidate_all()
        run = self.run_day()
        self.assertEqual(run.company_id, self.company)
        self.assertEqual(run.notice_ids.line_ids.move_id, move)

    def test_today_is_the_same_for_all_users(self):
        """A company without a time zone has that of its first user, not that of whoever looks."""
        self.frozen.move_to("2026-06-01 22:30:00")
        self.company.partner_id.tz = False
        self.env["res.users"].search([("company_ids", "in", self.company.ids)]).tz = False
        self.env.cr.cache.clear()
        self.assertEqual(str(self.company._dunning_today()), "2026-06-01", "UTC")
        first, second = (self.collector + self.manager).sorted("id")
        first.tz, second.tz = "Europe/Berlin", "America/New_York"
        self.env.cr.cache.clear()
        for user in (self.collector, self.manager, self.env.ref("base.user_root")):
            self.assertEqual(str(self.company.with_user(user)._dunning_today()), "2026-06-02")

    def test_today_is_in_the_time_zone_of_the_company(self):
        self.frozen.move_to("2026-06-01 22:30:00")
        self.company.partner_id.tz = "Europe/Berlin"
        self.assertEqual(str(self.company._dunning_today()), "2026-06-02")
        self.company.partner_id.tz = "America/New_York"
        self.assertEqual(str(self.company._dunning_today()), "2026-06-01")
