"""Who works in a branch only works its items, plans and notices; what belongs to the head office is read for him."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .common import DunningCommon, StubLetters

GROUPS = {
    "collector": "account_dunning.group_dunning_collector",
    "manager": "account_dunning.group_dunning_manager",
    "clerk": "account.group_account_invoice",
    "accountant": "account.group_account_manager",
    "contacts": "base.group_partner_manager",
    "plain": "base.group_user",
    "system": "base.group_system",
    "companies": "base.group_erp_manager,base.group_partner_manager",
}
CORE = (
    "account.move",
    "account.move.line",
    "account.payment",
    "account.journal",
    "account.partial.reconcile",
    "ir.actions.report",
    "mail.activity",
    "mail.mail",
    "payment.transaction",
    "product.template",
    "res.company",
    "res.partner",
    "res.partner.bank",
    "res.users",
)


class BranchCommon(StubLetters, DunningCommon):
    """A head office and a branch, both owed by the same customers, with plans, notices, a hold and a credit stop."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls.env["res.company"].create({"name": "Branch", "parent_id": cls.company.id})
        cls.env.user.company_ids += cls.branch
        cls.env.cr.precommit.run()  # loads the branch's chart of accounts
        cls.level_1.credit_stop = True
        cls.users = {name: cls.make_user(name, groups) for name, groups in GROUPS.items()}

    @classmethod
    def make_user(cls, name, groups):
        return new_test_user(
            cls.env,
            login=f"branch_{name}",
            groups=f"base.group_user,base.group_allow_export,{groups}",
            company_id=cls.branch.id,
            company_ids=[Command.set(cls.branch.ids)],
        )

    def dun_both(self):
        """Both companies' invoices of one customer, dunned."""
        own = self.env
        self.env = own(context={**own.context, "allowed_company_ids": [self.branch.id, self.company.id]})
        self.branch_move = self.invoice(self.partner_a.with_env(self.env), 12)
        self.env = own
        self.move = self.invoice(self.partner_a, 14)
        self.hold = self.env["account.dunning.hold"].create(
            {
                "move_id": self.invoice(self.partner_b, 12).id,
                "reason_id": self.env["account.dunning.reason"]
                .search([("company_id", "=", self.company.id)], limit=1)
                .id,
            }
        )
        self.dun()
        self.env.flush_all()

    def as_user(self, name, model):
        self.env.invalidate_all()
        user = self.users[name]
        return self.env[model].with_user(user).with_context(allowed_company_ids=user.company_ids.ids)


@tagged("post_install", "-at_install")
class TestBranches(BranchCommon):
    def test_every_field_of_ours_on_core_models_as_every_kind_of_user(self):
        """Reading and exporting: no field that a user is offered fails."""
        self.dun_both()
        for name in GROUPS:
            for model_name in CORE:
                model = self.as_user(name, model_name)
                if not model.has_access("read"):
                    continue
                names = [
                    field
                    for field in model.fields_get([])
                    if "account_dunning" in model._fields[field]._modules and len(model._fields[field]._modules) <= 2
                ]
                records = model.search([], limit=50) if model_name != "res.users" else self.users[name]
                if not names:
                    continue
                with self.subTest(user=name, model=model_name):
                    records.with_env(model.env).read(names)
                    records.with_env(model.env).export_data(names)
                    records.with_env(model.env).web_read({field: self.get_spec(model, field) for field in names})

    def test_no_field_of_odoo_fails_for_ours(self):
        """Of companies and customers: some of Odoo's fail by themselves for who is no accountant."""
        self.dun_both()
        for name in ("clerk", "contacts", "plain", "companies", "system"):
            for model_name in ("res.company", "res.partner"):
                model = self.as_user(name, model_name)
                company = self.users[name].company_id
                records = company if model_name == "res.company" else self.partner_a + self.partner_b
                for field in model.fields_get():
                    with self.subTest(user=name, field=f"{model_name}.{field}"):
                        try:
                            records.with_env(model.env).read([field])
                            records.with_env(model.env).export_data([field])
                        except AccessError as error:
                            self.assertNotIn("account_dunning", model._fields[field]._modules)
                            self.assertNotRegex(str(error), r"dunning|collection\.plan")

    def get_spec(self, model, field):
        return {"fields": {"display_name": {}}} if model._fields[field].relational else {}

    def test_who_works_in_a_branch_reads_the_settings_of_the_head_office(self):
        """Who duns; nobody finds a field of ours on the company itself, and none of them may change a setting."""
        for name in GROUPS:
            with self.subTest(user=name):
                companies = self.as_user(name, "res.company").search([])
                self.assertFalse([field for field in companies.fields_get([]) if field.startswith("dunning_")])
                settings = self.settings.with_env(companies.env)
                if not settings.has_access("read"):
                    self.assertNotIn(name, ("collector", "manager", "accountant"))
                    continue
                settings.read([])
                settings.export_data(list(settings.fields_get([])))
                with self.refused(AccessError, ""):
                    settings.write({"max_levels": 9})
                with self.refused(AccessError, ""):
                    settings._open()

    def test_collectors_open_every_list_and_form(self):
        for mode in ("invoice", "customer"):
            if mode == "customer":
                self.env["account.collection.plan"].sudo().search([])._stop(
                    self.env["account.dunning.reason"].search([("company_id", "=", self.company.id)], limit=1)
                )
                self.env["account.dunning.run"].search([("state", "not in", ("done", "cancelled"))]).action_cancel()
                self.settings.mode = "customer"
            self.dun_both()
            for name in ("collector", "manager", "accountant"):
                for model_name in sorted(self.env.registry):
                    model = self.as_user(name, model_name)
                    ours = model_name.startswith(("account.dunning.", "account.collection."))
                    if not ours or model._abstract or not model.has_access("read"):
                        continue
                    with self.subTest(mode=mode, user=name, model=model_name):
                        records = model.search([], limit=80)
                        records.read(list(model.fields_get([])))
                        self.open_views(records)

    def open_views(self, records):
        """Read what the form and the list show, as the web client does."""
        for kind in ("form", "list", "kanban"):
            description = records.get_views([(False, kind)])["models"][records._name]["fields"]
            spec = {field: self.get_spec(records, field) for field in description if field in records._fields}
            records.web_read(spec)

    def test_plans_and_notices_of_the_branch_are_worked(self):
        self.dun_both()
        move = self.branch_move.with_user(self.users["collector"]).with_context(allowed_company_ids=self.branch.ids)
        self.env.invalidate_all()
        with Form(move, view="account.view_move_form") as form:
            self.assertTrue(form.dunning_banner)
            self.assertEqual(form.dunning_mode, "invoice")
        action = move.action_dunning_why()
        why = move.env[action["res_model"]].browse(action.get("res_id"))
        self.assertTrue(why.read(list(why.fields_get([]))))
        line = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        line.action_dunning_why()
        move.partner_id.action_dunning_why()
        plan = move.collection_plan_id
        self.assertEqual(plan.state, "ongoing")
        plan.message_post(body="Called.")
        plan.user_id = self.users["collector"]
        plan.action_dunning_why() if hasattr(plan, "action_dunning_why") else None
        action = move.action_dunning_hold()
        hold = Form(self.as_user("collector", "account.dunning.hold").with_context(**action["context"]))
        hold.reason_id = self.as_user("collector", "account.dunning.reason").search(
            [("company_id", "=", self.company.id)], limit=1
        )
        hold = hold.save()
        self.assertTrue(move.dunning_on_hold)
        hold.action_end()
        for method in ("action_open_dunning_items", "action_open_collection_plans", "action_open_dunning_notices"):
            getattr(move.partner_id, method)()

    def test_the_accountant_of_a_branch_invoices_and_is_paid(self):
        """The customer has plans with the head office; the clerk may read none of them."""
        self.level_1.credit_stop = False
        self.dun_both()
        for name in ("clerk", "accountant"):
            with self.subTest(user=name):
                before = self.env
                self.env = self.as_user(name, "res.company").env
                move = self.invoice(self.partner_a.with_env(self.env), 12)
                with Form(move, view="account.view_move_form") as form:
                    form.ref = "Reference"
                self.pay(move)
                bill = self.env["account.move"].create({"move_type": "in_invoice", "partner_id": self.partner_a.id})
                with Form(bill, view="account.view_move_form") as form:
                    form.ref = "Reference"
                self.env = before
                self.assertIn(move.payment_state, ("paid", "in_payment"))

    def test_who_may_create_companies_creates_them(self):
        """With *Access Rights* only: neither a collector nor an accountant."""
        companies = self.as_user("companies", "res.company")
        new = companies.create({"name": "New"})
        self.assertTrue(new._get_dunning_settings().invoice_type_ids)
        with Form(new) as form:
            form.name = "Newer"
        companies.create({"name": "New Branch", "parent_id": new.id})


@tagged("post_install", "-at_install")
class TestGroups(DunningCommon):
    """No group of ours changes what others see."""

    def get_menus(self, user):
        menus = self.env["ir.ui.menu"].browse(self.env["ir.ui.menu"].with_user(user)._visible_menu_ids())
        return {name for name in menus.get_external_id().values() if not name.startswith("account_dunning.")}

    def test_accountants_see_the_menus_they_saw(self):
        administrator = self.new_user("administrator", "account.group_account_manager")
        menus = self.get_menus(administrator)
        for name in ("account.group_account_readonly", "account.group_account_user"):
            self.assertFalse(administrator.has_group(name), name)
        self.assertNotIn("account.menu_finance_entries", menus)
        self.assertNotIn("account.account_audit_menu", menus)
        clerk = self.new_user("clerk", "account.group_account_invoice")
        before = self.get_menus(clerk)
        clerk.group_ids += self.env.ref("account_dunning.group_dunning_collector")
        shown = self.get_menus(clerk) - {"account.account_reports_partners_reports_menu"}  # the analysis is in it
        self.assertEqual(shown, before)

    def test_no_group_of_ours_brings_another(self):
        """Collectors and managers get no other group by it, and none but accounting administrators become one."""
        data = self.env["ir.model.data"].search([("module", "=", "account_dunning"), ("model", "=", "res.groups")])
        ours = self.env["res.groups"].browse(data.mapped("res_id"))
        others = ours.all_implied_ids - ours - self.env.ref("base.group_user").all_implied_ids
        self.assertFalse(others.mapped("full_name"))
        bringing = ours.all_implied_by_ids - ours - self.env.ref("account.group_account_manager").all_implied_by_ids
        self.assertFalse(bringing.mapped("full_name"))

    def test_accounting_administrators_reach_dunning(self):
        administrator = self.new_user("administrator", "account.group_account_manager")
        self.assertTrue(administrator.has_group("account_dunning.group_dunning_manager"))
        menus = self.env["ir.ui.menu"].with_user(administrator)._visible_menu_ids()
        for name in ("account_dunning_settings_menu", "account_collection_plan_menu", "account_dunning_type_menu"):
            self.assertIn(self.env.ref(f"account_dunning.{name}").id, menus)

    def test_collectors_read_accounting(self):
        for user in (self.collector, self.manager):
            self.assertTrue(user.has_group("account.group_account_readonly"))
            self.assertIn(self.env.ref("account.group_account_readonly"), user.all_group_ids)
            self.assertIn("account.menu_finance", self.get_menus(user))
        self.collector.group_ids += self.env.ref("account.group_account_invoice")
        self.assertFalse(self.collector.has_group("account.group_account_readonly"))
        self.collector.group_ids = self.env.ref("base.group_user")
        self.assertFalse(self.collector.has_group("account.group_account_readonly"))

    def test_every_menu_of_ours_names_who_sees_it(self):
        """Itself, or its parent within the module."""
        data = self.env["ir.model.data"].search([("module", "=", "account_dunning"), ("model", "=", "ir.ui.menu")])
        for menu in self.env["ir.ui.menu"].browse(data.mapped("res_id")):
            with self.subTest(menu=menu.complete_name):
                self.assertTrue(
                    menu.group_ids or menu.parent_id.get_external_id()[menu.parent_id.id].startswith("account_dunning.")
                )
        self.assertTrue(self.env.ref("account_dunning.account_dunning_entries_menu").group_ids)


@tagged("post_install", "-at_install")
class TestNewRecords(DunningCommon):
    def test_every_computed_field_of_a_new_record(self):
        """As core's base.TestEveryModel: a new record, each field of which is read."""
        for name in sorted(self.env.registry):
            if not name.startswith(("account.dunning.", "account.collection.")) or self.env[name]._abstract:
                continue
            record = self.env[name].sudo().new({})
            for field in record._fields.values():
                with self.subTest(model=name, field=field.name):
                    record[field.name]
