"""Who issued a notice, and with whose rights server actions run (rules §7)."""

import importlib.util
from pathlib import Path

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .test_actions import ActionsCommon

WHO = "records.message_post(body='done by %s' % env.uid)"


@tagged("post_install", "-at_install")
class TestIssuers(ActionsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.level_1.manual_release = False
        cls.settings.letter_sent = "made"

    def setUp(self):
        super().setUp()
        self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda *args, **kwargs: 60)

    def mark(self, code=WHO, **values):
        action = self.action("server_action", **values)
        action.server_action_id = self.server_action(code)
        return action

    def told(self, plan):
        return "".join(plan.sudo().message_ids.mapped("body"))

    def night(self):
        self.env(user=SUPERUSER_ID)["account.dunning.run"]._cron_nightly()

    def work_as_superuser(self):
        while self.env(user=SUPERUSER_ID)["account.dunning.run"]._continue_next():
            pass

    def test_the_worker_runs_actions_as_who_issued(self):
        self.mark()
        move = self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        notice.with_user(self.manager).action_issue()
        self.work_as_superuser()
        self.assertEqual((notice.state, notice.issued_by_id), ("sent", self.manager))
        self.assertIn(f"done by {self.manager.id}", self.told(move.collection_plan_ids))

    def test_no_more_rights_than_who_issued(self):
        self.mark("env['res.company'].search([], limit=1).write({'name': 'Taken'})")
        move = self.invoice(self.partner_a, 12)
        self.run_day().notice_ids.with_user(self.manager).action_issue()
        with mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_actions"):
            self.work_as_superuser()
        plan = move.collection_plan_ids
        self.assertIn("The action “Do It” failed", self.told(plan))
        self.assertEqual(plan.activity_ids.summary, "Do It", "the failure is somebody's work")
        self.assertEqual((plan.state, plan.level_id), ("ongoing", self.level_1), "it holds up nothing")

    def test_one_bad_plan_of_two(self):
        self.mark("for plan in records:\n    if plan.amount_due > 100: raise UserError('too much')\n    " + WHO)
        good, bad = self.invoice(self.partner_a, 12), self.invoice(self.partner_b, 12, 300.0)
        self.run_day().notice_ids.with_user(self.manager).action_issue()
        with mute_logger("odoo.addons.base.models.ir_actions"):
            self.work_as_superuser()
        self.assertIn("done by", self.told(good.collection_plan_ids))
        self.assertIn("too much", self.told(bad.collection_plan_ids))

    def test_what_is_made_anew_stays_issued_by_the_same(self):
        self.settings.letter_sent = "confirmed"
        self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        notice.with_user(self.manager).action_issue()
        self.work_as_superuser()
        self.assertEqual(notice.state, "to_print")
        notice._requeue()
        self.assertEqual((notice.state, notice.issued_by_id), ("queued", self.manager))

    def test_a_manual_action_runs_as_who_started_it(self):
        self.mark(mode="manual", user_id=self.collector.id)
        plan = self.dunned()
        plan.with_user(self.collector).action_start_manual()
        self.assertIn(f"done by {self.collector.id}", self.told(plan))

    def test_who_left_runs_nothing(self):
        self.mark()
        move = self.invoice(self.partner_a, 12)
        self.run_day().notice_ids.with_user(self.manager).action_issue()
        self.manager.active = False
        self.work_as_superuser()
        self.assertIn("may not run server actions", self.told(move.collection_plan_ids))

    def test_nights_issue_as_the_user_of_the_settings(self):
        self.mark()
        self.settings.write({"auto_issue": True, "issue_user_id": self.manager.id})
        move = self.invoice(self.partner_a, 12)
        self.night()
        notice = move.collection_plan_ids.notice_line_ids.notice_id
        self.assertEqual((notice.state, notice.issued_by_id), ("sent", self.manager))
        self.assertIn(f"done by {self.manager.id}", self.told(move.collection_plan_ids))

    def test_nights_propose_only_where_the_user_may_not_issue_any_more(self):
        self.settings.write({"auto_issue": True, "issue_user_id": self.manager.id})
        self.manager.group_ids = [Command.unlink(self.env.ref("account_dunning.group_dunning_manager").id)]
        self.invoice(self.partner_a, 12)
        self.night()
        run = self.env["account.dunning.run"].search([("company_id", "=", self.company.id), ("nightly", "=", True)])
        self.assertEqual((run.state, run.notice_ids.mapped("state")), ("proposed", ["proposed"]))
        self.assertIn("Nothing was issued automatically", self.told(run))

    def test_the_settings_ask_for_a_manager_of_the_company(self):
        other = self.setup_other_company(name="Other")["company"]
        foreign = self.new_user("foreign", "account_dunning.group_dunning_manager")
        foreign.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        root = self.env.ref("base.user_root")
        for user in (self.collector, foreign, root):
            with self.refused(ValidationError, "cannot issue dunning notices"):
                self.settings.write({"auto_issue": True, "issue_user_id": user.id})
        with self.refused(ValidationError, "Choose the user"):
            self.settings.with_user(root).write({"auto_issue": True, "issue_user_id": False})
        self.settings.with_user(self.env.ref("base.user_admin")).sudo().issue_user_id = False
        self.settings.auto_issue = True
        self.assertEqual(self.settings.issue_user_id, self.env.user, "who switches it on, unless named")
        self.settings.write({"auto_issue": False, "issue_user_id": False})
        self.settings.with_user(root).auto_issue = True
        managers = self.env.ref("account_dunning.group_dunning_manager").all_user_ids
        first = managers.filtered(lambda user: user.active and self.company in user.company_ids).sorted("id")[0]
        self.assertEqual(self.settings.issue_user_id, first, "the system names the first dunning manager")

    def test_managers_choose_by_name_from_those_for_plans(self):
        mine = self.server_action(WHO)
        other = mine.copy({"name": "For Partners", "model_id": self.env["ir.model"]._get_id("res.partner")})
        actions = self.env["account.dunning.action"]
        field = actions.with_user(self.manager).fields_get(["server_action_choice"])["server_action_choice"]
        ids = [int(key) for key, _name in field["selection"]]
        self.assertIn(mine.id, ids)
        self.assertNotIn(other.id, ids)
        cron = self.env.ref("account_dunning.ir_cron_dunning_retry").ir_actions_server_id
        self.assertNotIn(cron.id, ids, "what the module ships is not for levels")
        self.assertNotIn("server_action_choice", actions.with_user(self.collector).fields_get())
        self.assertFalse(actions.with_user(self.collector)._get_server_action_choices())
        with Form(actions.with_user(self.manager)) as form:
            form.name, form.kind = "Mark", "server_action"
            form.server_action_choice = str(mine.id)
        self.assertEqual(form.record.sudo().server_action_id, mine)
        with self.refused(ValidationError, "must be one for collection plans"):
            form.record.server_action_choice = str(other.id)
        with self.refused(AccessError, ""):
            form.record.server_action_id = other
        with self.refused(ValidationError, "needs a server action"):
            form.record.server_action_choice = False

    def test_the_upgrade_lists_the_actions_and_names_who_issued(self):
        action = self.mark()
        self.settings.letter_sent = "confirmed"
        self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        self.issue(notice)
        self.settings.write({"auto_issue": True, "issue_user_id": self.manager.id})
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_dunning_settings SET issue_user_id = NULL WHERE id = %s", self.settings.ids)
        self.env.cr.execute(
            "UPDATE account_dunning_notice SET issued_by_id = NULL, write_uid = %s WHERE id = %s",
            (self.manager.id, notice.id),
        )
        self.env.invalidate_all()
        path = Path(__file__).parents[1] / "migrations/19.0.1.5.0/end-issuers.py"
        spec = importlib.util.spec_from_file_location("end_issuers", path)
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        script.migrate(self.env.cr, "19.0.1.4.0")
        self.env.invalidate_all()
        self.assertTrue(self.settings.issue_user_id._can_issue_dunning(self.company))
        self.assertEqual(notice.issued_by_id, self.manager)
        todo = (
            self.env["mail.activity"]
            .sudo()
            .search([("user_id", "=", self.env.ref("base.user_admin").id), ("summary", "like", "server actions")])
        )
        self.assertIn(action.server_action_id.name, todo.note)


@tagged("post_install", "-at_install")
class TestWithoutServerAction(ActionsCommon):
    def test_a_deleted_server_action_is_reported(self):
        action = self.action("server_action")
        action.server_action_id.unlink()
        with self.refused(UserError, "was deleted"):
            action._run(self.dunned(), self.env.user)
