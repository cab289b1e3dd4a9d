"""The dunning settings take plain values and records within reach only, of the company itself (rules §5, §9)."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import DunningCommon, StubLetters


@tagged("post_install", "-at_install")
class TestPlainSettings(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator = cls.new_user("administrator", "account.group_account_manager")
        cls.other = cls.setup_other_company(name="Other")
        cls.settings = cls.settings.with_user(cls.administrator)

    def test_a_command_writes_nothing_else(self):
        """Neither the record that is linked, nor what can be reached from it, nor a new one."""
        invoice_type = self.settings.invoice_type_ids[:1]
        script = self.env["ir.attachment"].create({"name": "web.assets_web.min.js", "raw": b"good"})
        inner = {"journal_ids": [Command.update(self.company_data["default_journal_sale"].id, {"name": "Bad"})]}
        for command in (
            Command.update(invoice_type.id, {"name": "Bad"}),
            Command.update(invoice_type.id, inner),
            Command.create({"name": "Bad"}),
            Command.delete(invoice_type.id),
        ):
            with self.subTest(command=command), self.refused(AccessError, "can be chosen here"):
                self.settings.write({"invoice_type_ids": [command]})
        for name in self.settings._get_people_fields(False) - {"workers", "return_fee_account_id"}:
            with self.subTest(name=name), self.refused(AccessError, "can be chosen here"):
                self.settings.write({name: [Command.update(script.id, {"raw": b"bad"})]})
            with self.subTest(name=name), self.refused(AccessError, "can be chosen here"):
                self.settings.write({name: {"name": "Bad"}})
        self.assertNotEqual(invoice_type.name, "Bad")
        self.assertNotEqual(self.company_data["default_journal_sale"].name, "Bad")

    def test_only_what_the_administrator_may_read(self):
        for name, record in (
            ("charge_account_id", self.other["default_account_revenue"]),
            ("charge_journal_id", self.other["default_journal_sale"]),
            ("write_off_account_id", self.other["default_account_expense"]),
        ):
            with self.subTest(name=name), self.refused(AccessError, ""):
                self.settings.write({name: record.id})

    def test_plain_values_pass(self):
        types = self.env["account.dunning.invoice.type"].search([("company_id", "=", self.company.id)])
        self.settings.write(
            {
                "invoice_type_ids": [Command.clear(), *(Command.link(id_) for id_ in types.ids)],
                "charge_account_id": self.company_data["default_account_revenue"].id,
                "charge_journal_id": False,
                "start_date": "2026-01-01",
            }
        )
        self.assertEqual(self.settings.invoice_type_ids, types)
        self.assertEqual(self.settings.charge_account_id, self.company_data["default_account_revenue"])

    def test_accounts_and_journals_of_another_company_are_refused(self):
        """Also while charges are on the letter only."""
        self.assertEqual(self.settings.charges, "letter")
        for name, record in (
            ("charge_account_id", self.other["default_account_revenue"]),
            ("charge_journal_id", self.other["default_journal_sale"]),
            ("write_off_account_id", self.other["default_account_expense"]),
            ("return_fee_account_id", self.other["default_account_expense"]),
        ):
            with self.subTest(name=name), self.refused(UserError, self.company.name):
                self.settings.sudo().write({name: record.id})

    def test_accounts_and_journals_of_another_kind_are_refused(self):
        for name, record in (
            ("charge_account_id", self.company_data["default_account_receivable"]),
            ("charge_journal_id", self.company_data["default_journal_purchase"]),
            ("write_off_account_id", self.company_data["default_account_receivable"]),
        ):
            with self.subTest(name=name), self.refused(ValidationError, ""):
                self.settings.sudo().write({name: record.id})

    def test_no_setting_needs_a_column(self):
        """A column is filled for rows that are there before the module: its default would need our records."""
        fields = self.env["res.config.settings"]._fields.values()
        ours = [field for field in fields if "account_dunning" in field._modules and field.name.startswith("dunning_")]
        self.assertEqual(len(ours), 2)
        self.assertFalse([field.name for field in ours if field.store])

    def test_general_settings_open_without_our_scheduled_actions(self):
        self.env["ir.cron"].search(
            [("model_id.model", "=like", "account.%"), ("code", "like", "model._cron_")]
        ).filtered(lambda cron: cron.get_external_id()[cron.id].startswith("account_dunning.")).unlink()
        Form(self.env["res.config.settings"]).save().execute()
        self.assertEqual(len(self.env["ir.cron"]._get_dunning_workers()), 1)


@tagged("post_install", "-at_install")
class TestReturnDialog(StubLetters, DunningCommon):
    def test_it_keeps_to_the_company_of_its_payments(self):
        other = self.setup_other_company(name="Other")
        theirs = other["company"]._get_dunning_settings()
        theirs.return_fee_account_id = other["default_account_expense"]
        clerk = self.new_user("clerk", "account.group_account_invoice")
        clerk.company_ids += other["company"]
        payment = self.pay(self.invoice(self.partner_a, 12))
        payment.action_validate()
        dialogs = self.env["account.dunning.return"].with_user(clerk)
        values = {"payment_ids": payment.ids, "company_id": other["company"].id, "date": self.today, "reason": "NSF"}
        dialog = dialogs.create(
            {**values, "fee": 3.0, "fee_account_id": self.company_data["default_account_expense"].id}
        )
        self.assertEqual(dialog.company_id, self.company)
        dialog.action_apply()
        self.assertEqual(theirs.return_fee_account_id, other["default_account_expense"])
        self.assertEqual(self.settings.return_fee_account_id, self.company_data["default_account_expense"])
        with self.refused(UserError, self.company.name):
            dialogs.create({**values, "fee": 3.0, "fee_account_id": other["default_account_expense"].id})
