"""The dunning settings for accounting administrators who may not change companies (rules §5, §9)."""

from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .common import DunningCommon, StubLetters


def open_settings(env, user):
    """The settings that the menu opens for the user."""
    action = env["account.dunning.settings"].with_user(user)._open()
    return env[action["res_model"]].with_user(user).browse(action["res_id"])


@tagged("post_install", "-at_install")
class TestSettings(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator = cls.new_user("administrator", "account.group_account_manager")

    def open_settings(self, user):
        return open_settings(self.env, user)

    def test_the_names_of_earlier_releases(self):
        """Scripts of customers know the settings as fields of the company; nobody else reads them there."""
        company = self.company.sudo()
        company.dunning_charges = "booked"
        company.dunning_auto_issue = True
        company.dunning_invoice_type_ids |= self.shipped("invoice_type_debit_note")
        self.assertEqual((self.settings.charges, self.settings.auto_issue), ("booked", True))
        self.assertIn(self.shipped("invoice_type_debit_note"), self.settings.invoice_type_ids)
        self.assertEqual(company.dunning_mode, self.settings.mode)
        columns = [name for name, field in company._fields.items() if "dunning" in name and field.store]
        self.assertEqual([name for name in columns if company._fields[name].column_type], [])
        for user in (self.administrator, self.manager):
            with self.assertRaises(AccessError):
                company.with_user(user).read(["dunning_charges"])

    def test_administrator_changes_settings(self):
        self.assertFalse(self.env["res.company"].with_user(self.administrator).has_access("write"))
        with Form(self.open_settings(self.administrator)) as form:
            self.assertEqual(form.max_levels, 5)
            form.max_levels = 7
            form.auto_issue = True
            form.letter_sent = "made"
            form.start_date = "2026-01-01"
            form.invoice_type_ids.add(self.shipped("invoice_type_debit_note"))
        self.assertEqual(self.settings.max_levels, 7)
        self.assertTrue(self.settings.auto_issue)
        self.assertEqual(self.settings.letter_sent, "made")
        self.assertEqual(self.settings.start_date, fields.Date.to_date("2026-01-01"))
        self.assertEqual(len(self.settings.invoice_type_ids), 2)

    def test_the_menu_opens_them(self):
        menu = self.env.ref("account_dunning.account_dunning_settings_menu")
        self.assertIn(menu.id, menu.with_user(self.administrator)._visible_menu_ids())
        self.assertNotIn(menu.id, menu.with_user(self.manager)._visible_menu_ids())
        action = menu.action.with_user(self.administrator).run()
        self.assertEqual(action["res_model"], "account.dunning.settings")

    def test_only_what_changed_is_written(self):
        """What somebody else changed while the form was open stays."""
        self.settings.write({"max_levels": 4, "auto_issue": True})
        with Form(self.open_settings(self.administrator)) as form:
            self.settings.write({"auto_issue": False, "tz": "Asia/Tokyo", "letter_sent": "made"})
            form.max_levels = 6
        self.assertRecordValues(
            self.settings, [{"max_levels": 6, "auto_issue": False, "tz": "Asia/Tokyo", "letter_sent": "made"}]
        )

    def test_bad_values_are_refused(self):
        settings = self.open_settings(self.administrator)
        with self.refused(RedirectWarning, "more than 2 levels"):
            settings.max_levels = 2
        with self.refused(ValidationError, "at least 1"):
            settings.max_levels = 0
        with self.refused(ValidationError, "at least one invoice type"):
            settings.invoice_type_ids = [fields.Command.clear()]

    def test_other_users_and_companies_are_refused(self):
        with self.assertRaises(AccessError):
            self.open_settings(self.manager)
        settings = self.open_settings(self.administrator)
        with self.assertRaises(AccessError):
            settings.with_user(self.manager).write({"max_levels": 9})
        other = self.setup_other_company(name="Other")["company"]
        foreign = other._get_dunning_settings()
        settings.write({"company_id": other.id, "max_levels": 9})
        self.assertEqual(settings.company_id, self.company)
        self.assertEqual((foreign.max_levels, self.settings.max_levels), (5, 9))
        with self.assertRaises(AccessError):
            foreign.with_user(self.administrator).write({"max_levels": 9})
        with self.assertRaises(AccessError):
            foreign.with_user(self.administrator).read(["mode"])
        for refused in (settings.copy, settings.unlink, lambda: settings.create({"company_id": self.company.id})):
            with self.assertRaises(AccessError):
                refused()

    def test_collectors_read_them_and_others_do_not(self):
        visitor = new_test_user(self.env, login="dunning_visitor", groups="base.group_portal")
        for user in (self.collector, self.manager):
            self.assertEqual(self.settings.with_user(user).read(["mode"])[0]["mode"], "invoice")
            with self.assertRaises(AccessError):
                self.settings.with_user(user).write({"mode": "customer"})
        for user in (visitor, self.new_user("clerk", "account.group_account_invoice")):
            with self.assertRaises(AccessError):
                self.settings.with_user(user).read(["mode"])

    def test_where_a_fee_was_booked_is_nobodys_choice(self):
        settings = self.open_settings(self.administrator)
        with self.assertRaises(AccessError):
            settings.write({"return_fee_account_id": self.company_data["default_account_expense"].id})
        with self.assertRaises(AccessError):
            settings.write({"workers": 3})


@tagged("post_install", "-at_install")
class TestSettingsOfCompanies(DunningCommon):
    """A root company has one record, made with it; code gets it without a query."""

    def test_branches_have_those_of_their_main_company(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        below = self.env["res.company"].create({"name": "Below", "parent_id": branch.id})
        self.assertEqual(branch._get_dunning_settings(), self.settings)
        self.assertEqual(below._get_dunning_settings(), self.settings)
        self.assertEqual((self.company + branch + below)._get_dunning_settings(), self.settings)
        self.assertFalse(self.env["res.company"]._get_dunning_settings())
        with self.refused(ValidationError, "main company"):
            self.settings.create({"company_id": branch.id})

    def test_there_is_one(self):
        with self.refused(UniqueViolation, "company_unique"):
            self.settings.create({"company_id": self.company.id})

    def test_a_new_company_has_what_is_usual(self):
        companies = self.env["res.company"].create([{"name": "New"}, {"name": "Newer"}])
        types = [self.shipped("invoice_type_commercial", company).ids for company in companies]
        usual = {"mode": "invoice", "max_levels": 5, "charges": "letter", "letter_sent": "confirmed"}
        self.assertRecordValues(
            companies._get_dunning_settings(),
            [
                {"company_id": company.id, "invoice_type_ids": ids, **usual}
                for company, ids in zip(companies, types, strict=True)
            ],
        )

    def test_they_go_with_their_company(self):
        new = self.env["res.company"].create({"name": "New"})
        settings = new._get_dunning_settings()
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM account_dunning_settings WHERE id = %s", settings.ids)
        self.env.registry.clear_cache()
        self.env.invalidate_all()
        again = new._get_dunning_settings()
        self.assertTrue(again.invoice_type_ids, "who lost them gets them anew")

    def test_they_cost_one_query_for_all_companies(self):
        companies = self.company + self.setup_other_company(name="Other")["company"]
        companies._get_dunning_settings()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(1):
            self.assertEqual(len([company._get_dunning_settings().mode for company in companies]), 2)


@tagged("post_install", "-at_install")
class TestLocks(StubLetters, DunningCommon):
    """What stands in the way of a setting is named, and opened with one click (rules §5)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator = cls.new_user("administrator", "account.group_account_manager")
        cls.system = cls.new_user("system", "base.group_system")
        cls.commercial = cls.shipped("invoice_type_commercial")
        cls.debit_note = cls.shipped("invoice_type_debit_note")
        cls.receipt = cls.shipped("invoice_type_receipt")
        cls.entry = cls.shipped("invoice_type_entry")
        # other companies of the database have plans of their own, which never stand in the way
        cls.env["account.dunning.run"].search([("company_id", "=", cls.company.id)]).unlink()

    def save_settings(self, user=None, **values):
        """Change settings in their form, as an accounting administrator if no other ``user`` is given."""
        with Form(open_settings(self.env, user or self.administrator)) as form:
            self.fill(form, values)

    def save_as_system(self, **values):
        self.save_settings(user=self.system, **values)

    def fill(self, form, values):
        for name, value in values.items():
            if name == "invoice_type_ids":
                form[name].set(value)
            else:
                form[name] = value

    @property
    def ways(self):
        return self.save_settings, self.save_as_system

    def assert_refused(self, save, regex, records, button):
        """``save()`` is refused, and the button of the refusal shows the ``records``."""
        with self.refused(RedirectWarning, regex) as caught:
            save()
        message, action, text, *_context = caught.exception.args
        self.assertEqual(text, button)
        self.assertEqual(action["type"], "ir.actions.act_window")
        self.assertTrue(action["views"])
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), records)
        for record in records[:3]:
            self.assertIn(record.display_name, message)

    def test_mode_waits_for_plans_and_runs(self):
        moves = self.invoice(self.partner_a, 12) + self.invoice(self.partner_b, 12)
        run = self.run_day()
        for save in self.ways:
            self.assert_refused(lambda s=save: s(mode="customer"), r"under way \(1\)", run, "Show the Runs")
        self.send(run.notice_ids)
        self.assertEqual(run.state, "done")
        plans = moves.collection_plan_ids
        for save in self.ways:
            self.assert_refused(lambda s=save: s(mode="customer"), r"plans \(2\)", plans, "Show the Plans")
        self.assertEqual(self.settings.mode, "invoice")
        other = self.run_day()
        self.assertEqual(other.state, "done", "nothing is due")
        draft = self.env["account.dunning.run"].create({"company_id": self.company.id})
        with self.refused(RedirectWarning, r"plans \(2\).*under way \(1\)"):
            self.settings.mode = "customer"
        draft.action_cancel()
        for move in moves:
            self.pay(move)
        self.assertEqual(set(plans.mapped("state")), {"recovered"})
        self.save_settings(mode="customer")
        self.assertEqual(self.settings.mode, "customer")

    def test_many_names_are_cut_short(self):
        for _number in range(4):
            self.invoice(self.partner_a, 12)
        self.dun()
        with self.refused(RedirectWarning, r"plans \(4\): [^,]+, [^,]+, [^,]+, …\."):
            self.settings.mode = "customer"

    def test_mode_is_free_with_history(self):
        """Both ways, and nothing else changes."""
        move = self.invoice(self.partner_a, 12)
        self.dun()
        self.pay(move)
        run = self.run_day()
        run.action_cancel() if run.state != "done" else None
        records = [
            self.env[name].with_context(active_test=False).search([])
            for name in (
                "account.dunning.type",
                "account.dunning.level",
                "account.dunning.invoice.type",
                "account.dunning.balance",
                "account.dunning.run",
                "account.dunning.notice",
                "account.dunning.item",
                "account.collection.plan",
            )
        ]
        stored = [[name for name, field in group._fields.items() if field.store] for group in records]
        self.env.invalidate_all()
        before = [group.sudo().read(names) for group, names in zip(records, stored, strict=True)]
        company = self.settings.read(["max_levels", "invoice_type_ids", "balance_id"])
        for mode in ("customer", "invoice"):
            for save in self.ways:
                self.settings.mode = "invoice" if mode == "customer" else "customer"
                save(mode=mode)
                self.assertEqual(self.settings.mode, mode)
                self.env.invalidate_all()
                after = [group.sudo().read(names) for group, names in zip(records, stored, strict=True)]
                self.assertEqual(before, after)
                self.assertEqual(company, self.settings.read(["max_levels", "invoice_type_ids", "balance_id"]))

    def test_other_companies_stand_in_no_way(self):
        self.invoice(self.partner_a, 12)
        self.dun()
        other = self.setup_other_company(name="Other")["company"]._get_dunning_settings()
        other.mode = "customer"
        self.assertEqual((other.mode, self.settings.mode), ("customer", "invoice"))

    def test_the_same_mode_again_is_no_change(self):
        self.invoice(self.partner_a, 12)
        self.dun()
        self.settings.mode = "invoice"

    def test_invoice_type_in_use_cannot_be_removed(self):
        plan_move = self.invoice(self.partner_a, 12)
        self.dun()
        plan = plan_move.collection_plan_ids
        self.settings.invoice_type_ids += self.receipt
        for save in self.ways:
            self.assert_refused(lambda s=save: s(invoice_type_ids=self.receipt), r"plans \(1\)", plan, "Show the Plans")
            save(invoice_type_ids=self.commercial + self.receipt + self.entry)
            save(invoice_type_ids=self.commercial + self.receipt)
        self.save_settings(invoice_type_ids=self.commercial)
        self.settings.invoice_type_ids += self.receipt
        self.pay(plan_move)
        self.save_settings(invoice_type_ids=self.receipt)
        self.assertEqual(self.settings.invoice_type_ids, self.receipt)

    def test_invoice_type_that_another_one_covers(self):
        """It may go as long as another chosen type takes its invoices."""
        journal = self.company_data["default_journal_sale"]
        same = self.commercial.copy({"name": "Sales", "journal_ids": journal.ids})
        plan = self.invoice(self.partner_a, 12)
        self.dun()
        self.settings.invoice_type_ids += same
        self.settings.invoice_type_ids -= self.commercial
        plans = plan.collection_plan_ids
        other = journal.copy({"name": "Elsewhere"})
        for change in ({"journal_ids": other.ids}, {"debit_note": True}, {"move_type": "out_receipt"}):
            self.assert_refused(lambda c=change: same.write(c), r"plans \(1\)", plans, "Show the Plans")
        self.settings.invoice_type_ids += self.receipt
        self.assert_refused(lambda: same.write({"active": False}), r"plans \(1\)", plans, "Show the Plans")
        self.assert_refused(same.unlink, r"plans \(1\)", plans, "Show the Plans")
        same.journal_ids += other
        same.name = "Renamed"
        self.pay(plan)
        same.unlink()
        self.assertEqual(self.settings.invoice_type_ids, self.receipt)

    def test_last_invoice_type_stays(self):
        self.settings.invoice_type_ids = self.debit_note
        for change in (self.debit_note.action_archive, self.debit_note.unlink):
            with self.refused(UserError, f"{self.company.name} would be left without an invoice type"):
                change()
        self.entry.action_archive()
        self.entry.unlink()

    def test_customer_based_plan_rests_on_all_overdue_items(self):
        """A plan without an invoice rests on the types of all overdue items of its customer."""
        self.settings.mode = "customer"
        self.settings.invoice_type_ids += self.receipt
        receipt = self.invoice(self.partner_a, 12, move_type="out_receipt")
        invoice = self.invoice(self.partner_a, -5)
        self.invoice(self.partner_b, 12)
        plans = self.env["account.collection.plan"].sudo()
        plan = plans.create(
            {
                "name": "A",
                "company_id": self.company.id,
                "partner_id": self.partner_a.id,
                "type_id": self.dunning_type.id,
                "currency_id": self.company.currency_id.id,
            }
        )
        remove = {"invoice_type_ids": self.commercial}
        self.assert_refused(lambda: self.save_settings(**remove), r"plans \(1\)", plan, "Show the Plans")
        self.save_settings(invoice_type_ids=self.receipt)  # the invoice is not due yet
        self.settings.invoice_type_ids += self.commercial
        self.assertEqual(invoice.state, "posted")
        self.pay(receipt)
        self.settings.invoice_type_ids -= self.receipt
        self.assertEqual(self.settings.invoice_type_ids, self.commercial)

    def test_maximum_of_levels_opens_the_types(self):
        long = self.make_type("Long", (1, 2, 3, 4))
        self.make_type("Short", (-3, 1, 2))
        for save in self.ways:
            self.assert_refused(lambda s=save: s(max_levels=3), "more than 3 levels: Long", long, "Show the Types")
        long.active = False
        for save in self.ways:
            self.settings.max_levels = 5
            save(max_levels=3)
            self.assertEqual(self.settings.max_levels, 3)

    def test_locks_cost_a_constant_number_of_queries(self):
        """Refusing costs as many queries for many plans as for few."""
        counts = []
        for _round in range(3):
            for _number in range(3):
                self.invoice(self.partner_a, 12)
            self.dun()
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            with self.refused(RedirectWarning, "rest on an invoice type"):
                self.settings.invoice_type_ids = self.receipt
            counts.append(self.env.cr.sql_log_count - start)
        self.assertEqual(counts[1], counts[2], "the first has filled the caches")

    def test_the_general_settings_show_what_is_open(self):
        """The mode and what stands in its way; and nothing of it is saved there."""
        accountant = self.new_user("both", "base.group_system,account.group_account_manager")
        pages = self.env["res.config.settings"].with_user(accountant)
        self.assertFalse(Form(pages).dunning_in_the_way)
        self.invoice(self.partner_a, 12)
        run = self.run_day()
        self.env.invalidate_all()
        form = Form(pages)
        self.assertEqual(form.dunning_mode, "invoice")
        self.assertEqual(form.dunning_in_the_way, f"Dunning runs under way (1): {run.display_name}")
        self.send(run.notice_ids)
        self.env.invalidate_all()
        plan = run.notice_ids.line_ids.plan_id
        self.assertEqual(Form(pages).dunning_in_the_way, f"Open collection plans (1): {plan.display_name}")
        self.assertEqual(self.settings.in_the_way, f"Open collection plans (1): {plan.display_name}")
        form.save().execute()
        self.assertEqual(self.settings.mode, "invoice")

    def test_every_setting_can_be_changed_and_emptied(self):
        values = {
            "mode": "customer",
            "balance_id": self.shipped("balance_receivable"),
            "invoice_type_ids": self.commercial + self.entry,
            "max_levels": 4,
            "auto_issue": True,
            "letter_sent": "made",
            "start_date": fields.Date.to_date("2026-03-03"),
            "tz": "Asia/Tokyo",
        }
        before = {name: self.settings[name] for name in values}
        for save in self.ways:
            save(**values)
            self.assertEqual({name: self.settings[name] for name in values}, values)
            save(**{name: value for name, value in before.items() if name != "mode"})
            save(mode="invoice")
            self.assertEqual({name: self.settings[name] for name in values}, before)

    def test_time_zone_decides_what_day_it_is(self):
        self.frozen.move_to("2026-06-01 20:00:00")
        self.save_settings(tz="Asia/Tokyo")
        self.assertEqual(str(self.company._dunning_today()), "2026-06-02")
        self.save_as_system(tz="America/New_York")
        self.assertEqual(str(self.company._dunning_today()), "2026-06-01")
        self.assertEqual(self.company.partner_id.tz, "America/New_York")

    def test_what_has_no_meaning_is_hidden(self):
        page = self.settings.with_user(self.administrator)
        move = self.invoice(self.partner_a, 12)
        for mode, hidden in (("invoice", False), ("customer", True)):
            self.settings.mode = mode
            self.env.invalidate_all()
            self.assertEqual(Form(page)._get_modifier("balance_id", "invisible"), not hidden)
            form = Form(self.dunning_type)
            self.assertEqual(form._get_modifier("grouping", "invisible"), hidden)
            self.assertEqual(form._get_modifier("recipient_rule", "invisible"), hidden)
            self.assertEqual(Form(move)._get_modifier("dunning_type_id", "invisible"), hidden)

    def test_what_has_no_meaning_has_no_effect(self):
        self.dunning_type.write({"grouping": "level", "recipient_rule": "invoice"})
        self.assertEqual((self.dunning_type._to_rule().by_level, self.dunning_type._to_rule().by_contact), (True, True))
        self.settings.mode = "customer"
        rule = self.dunning_type._to_rule()
        self.assertEqual((rule.by_level, rule.by_contact), (False, False))
        self.assertRecordValues(self.dunning_type, [{"grouping": "level", "recipient_rule": "invoice"}])
