"""What the module ships and needs is made anew where an administrator has deleted it."""

import re
from pathlib import Path

from odoo.tests import tagged

from ..tools.shipped import SCHEDULED, get_record
from .common import ChargesCommon, DunningCommon, StubLetters

NEEDED = (
    *(xmlid.partition(".")[2] for xmlid in SCHEDULED),
    "sequence_dunning_run",
    "sequence_dunning_notice",
    "sequence_dunning_handover",
    "product_fee",
    "product_interest",
    "mail_template_dunning_notice",
    "mail_activity_type_agency",
    "action_report_dunning_letter",
    "mail_template_dunning_resend",
    "action_report_agency_dossier",
    "action_report_statement",
)


@tagged("post_install", "-at_install")
class TestShipped(StubLetters, DunningCommon):
    def delete(self, *names):
        for name in names:
            self.env.ref(f"account_dunning.{name}").unlink()
        self.env.registry.clear_cache("stable")
        self.env.registry.clear_cache()

    def test_every_needed_record_is_made_as_it_was(self):
        for name in NEEDED:
            with self.subTest(name=name):
                xmlid = f"account_dunning.{name}"
                old = self.env.ref(xmlid)
                before = old.display_name
                self.delete(name)
                new = get_record(self.env(user=self.collector), xmlid)
                self.assertNotEqual(new.id, old.id)
                self.assertEqual((new._name, new.display_name), (old._name, before))
                self.assertEqual(get_record(self.env, xmlid), new, "once")
                data = self.env["ir.model.data"].search([("module", "=", "account_dunning"), ("name", "=", name)])
                self.assertTrue(data.noupdate)

    def test_a_report_gets_its_paper_format_again(self):
        report = self.env.ref("account_dunning.action_report_dunning_run")
        paper, name = report.paperformat_id, report.paperformat_id.name
        report.unlink()
        paper.unlink()
        report = get_record(self.env, "account_dunning.action_report_dunning_run")
        self.assertEqual(report.paperformat_id.name, name)

    def test_dunning_goes_on_without_sequences_and_workers(self):
        self.invoice(self.partner_a, 12)
        [first] = self.dun()
        self.delete("sequence_dunning_run", "sequence_dunning_notice", "ir_cron_dunning_continue")
        self.invoice(self.partner_b, 12)
        run = self.env["account.dunning.run"].with_user(self.manager).create({})
        run.action_propose()
        self.work()
        self.send(run.notice_ids)
        numbers = [int(notice.name.rpartition("/")[2]) for notice in first + run.notice_ids]
        self.assertEqual(numbers[1], numbers[0] + 1, "no number twice")

    def test_who_saves_settings_finds_scheduled_actions_again(self):
        names = [xmlid.partition(".")[2] for xmlid in SCHEDULED]
        accountant = self.new_user("settings", "account.group_account_manager")
        for save in (
            lambda: self.env["res.config.settings"].create({}).execute(),
            lambda: self.open_settings(accountant).write({"max_levels": 6}),
        ):
            self.delete(*names)
            save()
            self.assertTrue(all(self.env.ref(xmlid).active for xmlid in SCHEDULED))
        self.env.ref(SCHEDULED[0]).active = False
        self.env["res.config.settings"].create({}).execute()
        self.assertFalse(self.env.ref(SCHEDULED[0]).active, "who switched it off meant it")

    def open_settings(self, user):
        settings = self.env["account.dunning.settings"].with_user(user)
        return settings.browse(settings._open()["res_id"])

    def test_buttons_open_windows_that_were_deleted(self):
        """Every window of ours that a method opens."""
        windows = self.env["ir.actions.act_window"]
        names = set()
        for path in Path(__file__).parents[1].glob("[mw]*s/**/*.py"):
            names |= set(re.findall(r'"account_dunning\.(\w+_action(?:_window)?)"', path.read_text()))
        self.assertGreater(len(names), 5)
        for name in names:
            before = windows._for_xml_id(f"account_dunning.{name}")
            self.delete(name)
            after = windows.with_user(self.collector)._for_xml_id(f"account_dunning.{name}")
            self.assertEqual({**after, "id": 0}, {**before, "id": 0})

    def test_warnings_without_their_type(self):
        run = self.env["account.dunning.run"].create({})
        self.env.ref("mail.mail_activity_data_warning").unlink()
        self.env.registry.clear_cache("stable")
        self.env.registry.clear_cache()
        self.env["account.dunning.run"]._get_warning_type()
        run._schedule_clock_reset()
        self.assertTrue(run.activity_ids)
        dialog = self.env["account.dunning.reset.day"].with_user(self.manager)
        dialog.create({"run_id": run.id, "reason": "It is right"}).action_reset()
        self.assertFalse(run.activity_ids)

    def test_a_sequence_kept_for_another_company(self):
        other = self.setup_other_company(name="Other")["company"]
        self.env.ref("account_dunning.sequence_dunning_run").company_id = other
        run = self.env["account.dunning.run"].create({"company_id": self.company.id})
        self.assertTrue(run.name)

    def test_a_level_whose_template_was_deleted_sends_the_shipped_one(self):
        self.level_1.document = "email"
        self.invoice(self.partner_a, 12)
        self.delete("mail_template_dunning_notice")
        self.assertFalse(self.level_1.mail_template_id)
        notice = self.run_day().notice_ids
        self.issue(notice)
        self.assertTrue(notice.mail_id)
        self.assertIn(self.level_1.name, notice.mail_id.subject)


@tagged("post_install", "-at_install")
class TestShippedProducts(ChargesCommon):
    def test_charges_are_booked_without_their_products(self):
        self.settings.charges = "booked"
        self.level_1.write({"fee_mode": "fixed", "fee_amount": 5.0} if "fee_mode" in self.level_1 else {})
        self.env.ref("account_dunning.product_fee").unlink()
        self.env.ref("account_dunning.product_interest").unlink()
        products = self.env["account.dunning.notice"].with_user(self.manager)._get_charge_products()
        self.assertEqual([product.name for product in products], ["Dunning fee", "Default interest"])
        self.assertFalse(products[0].taxes_id + products[1].taxes_id)
