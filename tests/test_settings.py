"""The dunning settings for accounting administrators who may not change companies (spec §5, §9)."""

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestSettings(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator = cls.new_user("administrator", "account.group_account_manager")

    def open_settings(self, user):
        action = self.env["account.dunning.settings"].with_user(user)._open()
        return self.env[action["res_model"]].with_user(user).browse(action["res_id"])

    def test_administrator_changes_settings(self):
        self.assertFalse(self.env["res.company"].with_user(self.administrator).has_access("write"))
        with Form(self.open_settings(self.administrator)) as form:
            self.assertEqual(form.dunning_max_levels, 5)
            form.dunning_max_levels = 7
            form.dunning_auto_issue = True
            form.dunning_letter_sent = "made"
            form.dunning_start_date = "2026-01-01"
            form.dunning_invoice_type_ids.add(self.env.ref("account_dunning.invoice_type_debit_note"))
        self.assertEqual(self.company.dunning_max_levels, 7)
        self.assertTrue(self.company.dunning_auto_issue)
        self.assertEqual(self.company.dunning_letter_sent, "made")
        self.assertEqual(self.company.dunning_start_date, fields.Date.to_date("2026-01-01"))
        self.assertEqual(len(self.company.dunning_invoice_type_ids), 2)

    def test_the_menu_opens_them(self):
        menu = self.env.ref("account_dunning.account_dunning_settings_menu")
        self.assertIn(menu.id, menu.with_user(self.administrator)._visible_menu_ids())
        self.assertNotIn(menu.id, menu.with_user(self.manager)._visible_menu_ids())
        action = menu.action.with_user(self.administrator).run()
        self.assertEqual(action["res_model"], "account.dunning.settings")

    def test_only_what_changed_is_written(self):
        self.company.write({"dunning_max_levels": 4, "dunning_auto_issue": True})
        settings = self.open_settings(self.administrator)
        self.company.dunning_auto_issue = False
        with Form(settings) as form:
            form.dunning_max_levels = 6
        self.assertFalse(self.company.dunning_auto_issue)

    def test_bad_values_are_refused(self):
        settings = self.open_settings(self.administrator)
        with self.assertRaisesRegex(ValidationError, "more than 2 levels"):
            settings.dunning_max_levels = 2
        with self.assertRaisesRegex(ValidationError, "at least one invoice type"):
            settings.dunning_invoice_type_ids = [fields.Command.clear()]

    def test_other_users_and_companies_are_refused(self):
        with self.assertRaises(AccessError):
            self.open_settings(self.manager)
        settings = self.open_settings(self.administrator)
        with self.assertRaises(AccessError):
            settings.with_user(self.manager).write({"dunning_max_levels": 9})
        other = self.setup_other_company(name="Other")["company"]
        settings.write({"company_id": other.id, "dunning_max_levels": 9})
        self.assertEqual(settings.company_id, self.company)
        self.assertEqual((other.dunning_max_levels, self.company.dunning_max_levels), (5, 9))
        foreign = settings.sudo().create({"company_id": other.id}).sudo(False)
        with self.assertRaises(AccessError):
            foreign.write({"dunning_max_levels": 9})
        with self.assertRaises(AccessError):
            settings.create({"company_id": self.company.id})
