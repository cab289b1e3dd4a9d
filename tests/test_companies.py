"""Two companies with different modes, and a branch, side by side in one database."""

from contextlib import contextmanager

from odoo.fields import Command
from odoo.tests import tagged

from .common import DunningCommon, StubLetters


@tagged("post_install", "-at_install")
class TestCompanies(StubLetters, DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company(name="Other")["company"]
        cls.branch = cls.env["res.company"].create({"name": "Branch", "parent_id": cls.company.id})
        cls.env.user.company_ids += cls.branch
        cls.env.cr.precommit.run()  # loads the branch's chart of accounts
        cls.env["account.dunning.type"].search([("company_id", "=", cls.other.id)]).default = False
        cls.other_type = cls.make_type("Elsewhere", (5, 15), default=True, company_id=cls.other.id)
        cls.settings.mode = "customer"
        (cls.company + cls.other)._get_dunning_settings().write({"auto_issue": True, "letter_sent": "made"})
        (cls.dunning_type + cls.other_type).level_ids.manual_release = False

    def setUp(self):
        super().setUp()
        self.mine = self.invoice(self.partner_a, 12) + self.invoice(self.partner_a, 3)
        self.foreign = self.invoice_of(self.other, 12) + self.invoice_of(self.other, 7)
        self.branched = self.invoice_of(self.branch, 6)

    def invoice_of(self, company, days_overdue):
        """An invoice of the common customer in another company."""
        with self.work_in(company):
            return self.invoice(self.partner_a.with_env(self.env), days_overdue)

    @contextmanager
    def work_in(self, company):
        """Let everything in the block happen in ``company``."""
        before = self.env
        self.env = before(context={**before.context, "allowed_company_ids": company.ids})
        try:
            yield
        finally:
            self.env = before

    def night(self):
        """The scheduled action itself, apart from its commits."""
        self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda *args, **kwargs: 60)
        self.env["account.dunning.run"].sudo()._cron_nightly()

    def plans(self, company):
        return self.env["account.collection.plan"].sudo().search([("company_id", "=", company.id)], order="id")

    def test_each_company_in_its_own_mode(self):
        self.night()
        [plan] = self.plans(self.company)
        self.assertRecordValues(plan, [{"mode": "customer", "amount_due": 300.0, "level_id": self.level_1.id}])
        self.assertEqual(
            plan.notice_line_ids.move_id, self.mine + self.branched, "what its branch is owed joins the root company"
        )
        foreign = self.plans(self.other)
        self.assertEqual(set(foreign.mapped("mode")), {"invoice"})
        self.assertEqual(foreign.move_id, self.foreign)
        self.assertEqual(foreign.level_id, self.other_type.level_ids[0])
        self.assertFalse(self.plans(self.branch), "plans belong to root companies")

    def test_paying_in_one_company_leaves_the_other_alone(self):
        self.night()
        for move in self.mine:
            self.pay(move)
        [plan] = self.plans(self.company)
        self.assertEqual((plan.state, plan.amount_due), ("ongoing", 100.0), "the branch is still owed")
        self.assertEqual(self.plans(self.other).mapped("state"), ["ongoing", "ongoing"])

    def test_pausing_in_one_company_leaves_the_other_alone(self):
        self.night()
        reason = self.shipped("reason_dispute")
        self.plans(self.company)._pause(reason, self.plans(self.company).opened_on.replace(year=2027))
        self.go(10)
        self.night()
        self.assertEqual(self.plans(self.company).level_id, self.level_1)
        self.assertIn(self.other_type.level_ids[1], self.plans(self.other).level_id)

    def test_a_hold_in_one_company_leaves_the_other_alone(self):
        self.env["account.dunning.hold"].create(
            {
                "company_id": self.other.id,
                "partner_id": self.partner_a.id,
                "reason_id": self.shipped("reason_dispute", self.other).id,
            }
        )
        self.night()
        self.assertTrue(self.plans(self.company))
        self.assertFalse(self.plans(self.other))

    def test_collectors_see_their_company_only(self):
        self.night()
        elsewhere = self.new_user("elsewhere", "account_dunning.group_dunning_collector")
        elsewhere.write({"company_ids": [Command.set(self.other.ids)], "company_id": self.other.id})
        for model in (
            "account.collection.plan",
            "account.dunning.notice",
            "account.dunning.run",
            "account.dunning.type",
        ):
            found = self.env[model].with_user(self.collector).search([])
            self.assertEqual(found.company_id, self.company, model)
            found = self.env[model].with_user(elsewhere).with_company(self.other).search([])
            self.assertEqual(found.company_id, self.other, model)

    def test_the_mode_of_one_company_can_be_changed_while_the_other_has_plans(self):
        self.night()
        third = self.setup_other_company(name="Third")["company"]
        third._get_dunning_settings().mode = "customer"
        self.assertEqual(
            (self.company + self.other + third)._get_dunning_settings().mapped("mode"),
            ["customer", "invoice", "customer"],
        )
