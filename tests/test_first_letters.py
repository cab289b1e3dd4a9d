"""Before the first letters of a company: what they would lack, and who decides (rules §7)."""

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import DunningCommon, StubLetters


@tagged("post_install", "-at_install")
class TestFirstLetters(StubLetters, DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sudo().write({"email": False, "street": False, "zip": False, "city": False, "logo": False})
        cls.company.partner_id.sudo().bank_ids.unlink()

    def setUp(self):
        super().setUp()
        self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda *args, **kwargs: 60)
        self.invoice(self.partner_a, 12)

    def night(self):
        self.env(user=SUPERUSER_ID)["account.dunning.run"]._cron_nightly()
        self.work()
        return self.env["account.dunning.run"].search([("company_id", "=", self.company.id), ("nightly", "=", True)])

    def opened(self, action, user):
        return self.env[action["res_model"]].with_user(user).browse(action["res_id"])

    def test_the_run_asks_and_a_manager_goes_on(self):
        run = self.run_day().with_user(self.manager)
        self.assertEqual(run.missing, "e-mail, bank account, address, logo")
        dialog = self.opened(run.action_issue_all(), self.manager)
        self.assertEqual(run.notice_ids.mapped("state"), ["proposed"], "nothing left unasked")
        self.assertEqual(dialog.missing, f"{self.company.name}: e-mail, bank account, address, logo")
        self.assertEqual(dialog.action_open_company()["res_id"], self.company.id)
        accounts = dialog.action_open_accounts()
        self.assertEqual(accounts["context"]["default_partner_id"], self.company.partner_id.id)
        dialog.action_issue()
        self.work()
        self.assertEqual(run.notice_ids.mapped("state"), ["to_print"])
        self.assertEqual(run.notice_ids.issued_by_id, self.manager)

    def test_notices_ask_too(self):
        notices = self.run_day().notice_ids.with_user(self.manager)
        action = notices.action_issue()
        self.assertEqual((action["res_model"], notices.state), ("account.dunning.first", "proposed"))
        stranger = self.new_user("stranger", "account_dunning.group_dunning_manager")
        with self.refused(AccessError, "."):
            self.opened(action, stranger).action_issue()
        with self.refused(AccessError, "."):
            self.env["account.dunning.first"].with_user(self.collector)._open(notices)

    def test_each_gap_alone(self):
        self.complete(self.company)
        self.assertFalse(self.company._get_dunning_missing())
        company = self.company.sudo()
        for word, values in (("e-mail", {"email": False}), ("address", {"city": False}), ("logo", {"logo": False})):
            with self.subTest(word):
                before = company.read(list(values))[0]
                company.write(values)
                self.assertEqual(company._get_dunning_missing(), word)
                company.write({name: before[name] for name in values})
        company.partner_id.bank_ids.unlink()
        self.assertEqual(company._get_dunning_missing(), "bank account")

    def test_asked_only_before_the_first(self):
        self.send(self.run_day().notice_ids.sudo())
        self.invoice(self.partner_b, 12)
        run = self.run_day().with_user(self.manager)
        self.assertFalse(run.missing)
        self.assertIsNone(run.action_issue_all())
        self.assertEqual(run.notice_ids.mapped("state"), ["queued"])

    def test_no_letter_lacks_nothing(self):
        action = self.env["account.dunning.action"].create({"name": "Call the customer"})
        self.level_1.write({"document": "none", "action_ids": [Command.set(action.ids)]})
        self.assertIsNone(self.run_day().notice_ids.with_user(self.manager).action_issue())

    def test_no_night_sends_them_unasked(self):
        self.settings.write({"auto_issue": True, "issue_user_id": self.manager.id})
        run = self.night()
        self.assertEqual((run.state, run.notice_ids.mapped("state")), ("proposed", ["proposed"]))
        self.assertIn("bank account", "".join(run.sudo().message_ids.mapped("body")))
        todo = run.sudo().activity_ids.filtered(lambda activity: activity.user_id == self.manager)
        self.assertIn("e-mail, bank account, address, logo", todo.summary)
        self.complete(self.company)
        self.go(1)
        self.night()
        self.assertEqual(run.notice_ids.mapped("state"), ["to_print"], "complete, the next night issues")

    def test_nights_without_automatic_issue_ask_for_review(self):
        todo = self.night().sudo().activity_ids.filtered(lambda activity: activity.user_id == self.manager)
        self.assertEqual(todo.summary, "Review and issue the dunning notices")

    def test_nothing_comes_from_odoobot(self):
        root = self.env.ref("base.user_root")
        root.sudo().email = "odoobot@example.com"
        self.manager.email = "manager@acme.example"
        self.level_1.document = "email"
        notice = self.run_day().notice_ids.with_user(self.manager)
        notice.line_ids.move_id.sudo().invoice_user_id = False
        self.opened(notice.action_issue(), self.manager).action_issue()
        self.env(user=SUPERUSER_ID)["account.dunning.notice"]._issue_next()
        self.assertIn("manager@acme.example", notice.sudo().mail_id.email_from)

    def test_odoobot_is_no_contact(self):
        notice = self.run_day().notice_ids
        root = self.env.ref("base.user_root").sudo()
        self.patch(self.registry["account.collection.plan"], "_get_collector", lambda *args: root)
        self.assertFalse(notice._get_contact())
        self.assertEqual(notice._get_placeholder_values()["collector"], self.company.name)
