"""The first hour: what each step finds out, skipping and taking up, who may, and what the desk says of it."""

from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import config

from ..models.policy.ladders import get_ladder
from .common import TODAY, DunningCommon, StubLetters

STEPS = ["company", "bank", "sender", "reach", "ladder", "mail", "old", "run"]


class StartCommon(StubLetters, DunningCommon):
    """:class:`DunningCommon` with the first hour of the company, as a dunning manager sees it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.starts = cls.env["account.dunning.start"]
        cls.start = cls.starts._get_for(cls.company).with_user(cls.manager)
        cls.types = cls.env["account.dunning.type"].sudo()
        cls.standard = cls.types.with_context(active_test=False).search(
            [("company_id", "=", cls.company.id), ("name", "=", "Standard")], limit=1
        ) or cls.types._make_of_ladder(get_ladder(cls.env, "standard"), cls.company)

    def fact(self, name):
        return self.start._find_facts()[name]


@tagged("post_install", "-at_install")
class TestStartFacts(StartCommon):
    def test_logo_and_address(self):
        self.assertTrue(self.fact("company").done)
        self.assertIn("9 High Street", self.fact("company").text)
        self.company.sudo().write({"logo": False, "city": False})
        self.assertFalse(self.fact("company").done)
        self.assertIn("lacks: logo, address", self.fact("company").text)
        self.company.sudo().city = "Capital"
        self.assertEqual(self.fact("company").short, "Missing: logo")

    def test_bank_account(self):
        fact = self.fact("bank")
        self.assertTrue(fact.done)
        self.assertIn("without a QR code", fact.text)
        banks = self.env.registry["res.partner.bank"]
        with patch.object(banks, "_get_dunning_qr", lambda *args: "data:image/png"):
            self.assertIn("have a QR code", self.fact("bank").text)
        self.company.partner_id.sudo().bank_ids.unlink()
        self.assertFalse(self.fact("bank").done)

    def test_sender(self):
        servers = self.env["ir.mail_server"].sudo()
        servers.search([]).active = False
        with patch.dict(config.options, {"smtp_server": "localhost"}):
            self.assertFalse(self.fact("sender").done)
            self.assertIn("no outgoing mail server", self.fact("sender").text)
            servers.create({"name": "Mail", "smtp_host": "mail.example.com", "smtp_authentication": "login"})
            self.assertTrue(self.fact("sender").done)
        servers.search([]).active = False
        with patch.dict(config.options, {"smtp_server": "relay.example.com"}):
            self.assertTrue(self.fact("sender").done, "the server of the configuration file")
            self.company.sudo().email = False
            self.assertFalse(self.fact("sender").done)

    def test_who_cannot_be_reached(self):
        self.assertTrue(self.fact("reach").done, "nobody is overdue")
        self.invoice(self.partner_a, 12)
        self.invoice(self.partner_b, 40)
        self.assertIn("All 2 customers", self.fact("reach").text)
        self.partner_b.city = False
        self.assertFalse(self.fact("reach").done)
        self.assertEqual(self.fact("reach").short, "1 of 2")
        action = self.start.action_open_unreached()
        self.assertEqual(self.env["res.partner"].search(action["domain"]), self.partner_b)
        contact = self.env["res.partner"].create({"name": "Office", "parent_id": self.partner_b.id, "type": "invoice"})
        action = self.start.action_open_unreached()
        self.assertEqual(self.env["res.partner"].search(action["domain"]), contact, "where the letters would go")
        contact.email = "office@b.example.com"
        self.assertTrue(self.fact("reach").done)
        contact.email = False
        self.settings.start_date = self.days_ago(30)
        self.assertEqual(self.fact("reach").text, "All 1 customers with overdue items can be reached.")

    def days_ago(self, days):
        return TODAY - timedelta(days)

    def test_old_items(self):
        self.assertTrue(self.fact("old").done, "nothing is overdue")
        self.invoice(self.partner_a, 12, 100)
        self.invoice(self.partner_b, 400, 30)
        self.invoice(self.partner_b, -5, 7)
        fact = self.fact("old")
        self.assertFalse(fact.done)
        self.assertIn("All 2 overdue items", fact.text)
        self.assertIn("130.00", fact.text)
        self.start.step = "old"
        self.assertIn("130.00", self.start.old_items)
        accountant = self.new_user("accountant", "account.group_account_manager")
        start = self.start.with_user(accountant)
        start.start_date = self.days_ago(90)
        self.assertEqual(self.settings.start_date, self.days_ago(90))
        left_out, dunned = str(start.old_items).split("</tr>")[:2]
        self.assertIn("Left out", left_out)
        self.assertIn("30.00", left_out)
        self.assertIn("100.00", dunned)
        self.assertTrue(self.fact("old").done)
        start.start_date = False
        self.assertFalse(self.fact("old").done)
        start.action_set_date()
        self.assertTrue(self.fact("old").done, "all of them, somebody said")

    def test_only_accounting_administrators_set_the_date(self):
        with self.refused(AccessError, "Accounting/Administrator"):
            self.start.start_date = TODAY
            self.start.flush_recordset()
        self.start.step = "old"
        self.assertIn("accounting administrators", self.start.hint)

    def test_the_first_run(self):
        self.start.write({"step": "run"})
        self.assertFalse(self.fact("run").done)
        self.invoice(self.partner_b, 12)
        action = self.start.action_propose()
        self.work()
        run = self.env["account.dunning.run"].browse(action["res_id"])
        self.assertEqual((run.state, run.create_uid, len(run.notice_ids)), ("proposed", self.manager, 1))
        self.assertEqual(self.start.action_propose()["res_id"], run.id, "the same again")
        self.assertIn("1 notices wait", self.fact("run").text)
        self.company.sudo().city = False
        self.assertIn("They would lack: address", self.fact("run").text)
        self.complete(self.company)
        self.company.sudo().city = "Capital"
        self.send(run.notice_ids)
        self.assertTrue(self.fact("run").done)
        self.assertTrue(self.fact("ladder").done, "it is in use")


@tagged("post_install", "-at_install")
class TestStartSteps(StartCommon):
    def test_steps_are_told_in_their_order(self):
        self.assertEqual([step["name"] for step in self.start.steps], STEPS)
        self.assertTrue(all(step["title"] and step["short"] for step in self.start.steps))
        for step in STEPS:
            self.start.step = step
            self.assertTrue(self.start.why and self.start.title and self.start.fact, step)

    def test_skipped_and_taken_up(self):
        self.start._open(self.company)
        first = self.start.step
        self.assertEqual(self.start.state, "open")
        self.start.action_skip()
        self.assertNotEqual(self.start.step, first)
        self.start.step = first
        self.assertEqual(self.start.state, "skipped")
        self.start.action_take_up()
        self.assertEqual(self.start.state, "open")
        self.start.action_next()
        self.assertNotEqual(self.start.step, first)

    def test_what_is_done_is_not_skipped(self):
        self.start.step = "bank"
        self.start.action_skip()
        self.start.step = "bank"
        self.assertEqual(self.start.state, "done")

    def settle(self):
        for name in STEPS:
            self.start.step = name
            self.start.action_skip()

    def test_the_desk_speaks_of_it_until_it_is_over(self):
        starts = self.starts.with_user(self.manager)
        banner = starts.get_banner()
        self.assertEqual(banner["title"], f"The first hour of {self.company.name}")
        done = sum(fact.done for fact in self.start._find_facts().values())
        self.assertTrue(banner["standing"].startswith(f"{done} of 8 steps done. Next: "), banner["standing"])
        self.assertFalse(self.start.settled)
        self.settle()
        self.assertTrue(self.start.settled)
        self.assertFalse(starts.get_banner())

    def test_put_away_and_found_again(self):
        starts = self.starts.with_user(self.manager)
        self.start.action_close()
        self.assertFalse(starts.get_banner())
        self.assertEqual(starts.action_open()["res_id"], self.start.id)
        self.start.action_show_again()
        self.assertTrue(starts.get_banner())
        settings = self.settings.with_user(self.manager)
        self.assertEqual(settings.action_open_start()["res_id"], self.start.id)

    def test_who_duns_already_is_not_asked(self):
        starts = self.starts.with_user(self.manager)
        self.invoice(self.partner_b, 12)
        self.send(self.run_day().notice_ids)
        self.assertTrue(starts.get_banner(), "he is in the middle of it")
        self.start.sudo().unlink()
        self.assertFalse(starts.get_banner())
        self.assertTrue(starts.action_open()["res_id"], "he finds it all the same")

    def test_a_company_that_nobody_has_looked_at(self):
        self.start.sudo().unlink()
        self.assertIn(" of 8 steps", self.starts.with_user(self.manager).get_banner()["standing"])
        self.assertFalse(self.starts.sudo().search([("company_id", "=", self.company.id)]), "looking makes nothing")

    def test_a_branch_has_that_of_its_head_office(self):
        branch = self.env["res.company"].sudo().create({"name": "Branch", "parent_id": self.company.id})
        self.manager.write({"company_ids": [Command.set(branch.ids)], "company_id": branch.id})
        starts = self.starts.with_user(self.manager).with_company(branch)
        self.assertIn(self.company.name, starts.get_banner()["title"])
        self.assertEqual(starts.action_open()["res_id"], self.start.id)


@tagged("post_install", "-at_install")
class TestStartAccess(StartCommon):
    ACTS = ("action_skip", "action_take_up", "action_next", "action_close", "action_show_again", "action_propose")
    MORE = ("action_keep_type", "action_send_test", "action_set_date", "action_open_unreached")

    def test_a_collector_does_not_get_it(self):
        starts = self.starts.with_user(self.collector)
        self.assertIs(starts.get_banner(), False)
        with self.refused(AccessError, "Only dunning managers"):
            starts.action_open()
        self.refuse_all(self.start.with_user(self.collector))

    def test_nor_a_manager_of_another_company(self):
        other = self.env["res.company"].sudo().create({"name": "Other"})
        stranger = self.new_user("stranger", "account_dunning.group_dunning_manager")
        stranger.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.refuse_all(self.start.with_user(stranger))
        own = self.starts.with_user(stranger).action_open()["res_id"]
        self.assertEqual(self.starts.sudo().browse(own).company_id, other)

    def refuse_all(self, start):
        start.invalidate_recordset()
        for name in (*self.ACTS, *self.MORE):
            with self.refused(AccessError, "."):
                getattr(start, name)()
        for name, args in (
            ("get_letters", ("en_US", 0)),
            ("action_use_ladder", ("firm",)),
            ("action_add_ladder", ("firm",)),
        ):
            with self.refused(AccessError, "."):
                getattr(start, name)(*args)
        for values in ({"step": "bank"}, {"start_date": TODAY}):
            with self.refused(AccessError, "."):
                start.write(values)

    def test_what_nobody_writes(self):
        for values in ({"closed": True}, {"skipped": "bank"}, {"ladder": "firm"}, {"mailed_on": TODAY}):
            with self.refused(AccessError, "follows the work"):
                self.start.write(values)
        with self.refused(UserError, "one of the three ladders"):
            self.start.action_add_ladder("cruel")
        with self.refused(UserError, "one of the three ladders"):
            self.start.action_use_ladder(None)

    def test_only_who_may_is_asked_to(self):
        for step in ("company", "bank", "sender", "reach"):
            self.start.step = step
            self.assertTrue(self.start.hint, step)
        administrator = self.new_user("all", "base.group_erp_manager,base.group_partner_manager,base.group_system")
        administrator.group_ids += self.env.ref("account_dunning.group_dunning_manager")
        for step in ("company", "bank", "sender", "reach"):
            self.start.step = step
            self.assertFalse(self.start.with_user(administrator).hint, step)
