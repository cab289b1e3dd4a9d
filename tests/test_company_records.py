"""Reasons, invoice types, balances and actions of each root company, and what check_company knows (rules §2)."""

import importlib.util
from pathlib import Path

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ..models.base.account_dunning_shipped_mixin import SHIPPED_MODELS as MODELS
from .common import DunningCommon, StubLetters

# What a row of the module points to without ``check_company``: customers are shared or as posted items say, documents
# may belong to a branch and are checked by constraints, users and files have rules of their own.
OTHERWISE_CHECKED = {
    "res.partner",
    "res.users",
    "account.move",
    "account.move.line",
    "account.payment",
    "account.journal",
    "ir.attachment",
}


class TwoCompanies(StubLetters, DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company(name="Other")["company"]
        cls.env["account.dunning.type"].search([("company_id", "=", cls.other.id)]).default = False
        cls.other_type = cls.make_type("Elsewhere", (10, 20), default=True, company_id=cls.other.id)
        cls.foreign_manager = cls.new_user("foreign", "account_dunning.group_dunning_manager")
        cls.foreign_manager.write({"company_ids": [Command.set(cls.other.ids)], "company_id": cls.other.id})

    def in_other(self):
        """The environment of the other company."""
        return self.env(context={**self.env.context, "allowed_company_ids": self.other.ids})

    def dun_both(self):
        """Two plans of the shared customer, one in each company, with a sent notice."""
        move = self.invoice(self.partner_a, 12)
        here = self.env
        self.env = self.in_other()
        foreign = self.invoice(self.partner_a.with_env(self.env), 12).with_env(here)
        foreign_run = self.run_day(company_id=self.other.id)
        self.send(foreign_run.notice_ids)
        self.env = here
        self.dun()
        return move.collection_plan_ids, foreign.sudo().collection_plan_ids


@tagged("post_install", "-at_install")
class TestCompanyRecords(TwoCompanies):
    def test_a_template_stands_for_the_companys_own(self):
        """Scripts of the system name records by their external id."""
        system, entry = self.env(su=True), self.env.ref("account_dunning.invoice_type_entry")
        company = self.company.with_env(system)
        settings = company._get_dunning_settings()
        types = system["account.dunning.invoice.type"].search([("company_id", "=", company.id)])
        settings.invoice_type_ids = types.filtered(lambda one: one.shipped_as != "invoice_type_entry")
        settings.invoice_type_ids |= entry
        self.assertEqual(settings.invoice_type_ids, types)
        name, template = next(iter(system["account.dunning.balance"]._get_templates().items()))
        settings.balance_id = template
        self.assertRecordValues(settings.balance_id, [{"shipped_as": name, "company_id": company.id}])

    def test_each_root_company_has_its_own(self):
        new = self.env["res.company"].create({"name": "New"})
        branch = self.env["res.company"].create({"name": "New Branch", "parent_id": new.id})
        for model in MODELS[:3]:
            records = self.env[model].sudo()
            names = set(records._get_templates())
            self.assertTrue(names)
            for company in (self.company, self.other, new):
                own = records.search([("company_id", "=", company.id)])
                self.assertEqual(set(own.mapped("shipped_as")), names, company.name)
            self.assertFalse(records.search([("company_id", "=", branch.id)]))
        self.assertEqual(new._get_dunning_settings().invoice_type_ids, self.shipped("invoice_type_commercial", new))
        self.assertEqual(new._get_dunning_settings()._get_balance(), self.shipped("balance_unpaid", new))
        new._adopt_dunning_templates()
        reasons = self.env["account.dunning.reason"].sudo()
        own = reasons.search([("company_id", "=", new.id)])
        self.assertEqual(len(own), len(reasons._get_templates()))

    def test_managers_change_their_own_and_see_no_other(self):
        actions = self.env["account.dunning.action"]
        mine = actions.create({"name": "Mine"})
        foreign = actions.create({"name": "Foreign", "company_id": self.other.id})
        for records, own in ((actions, mine), (self.env["account.dunning.reason"], self.shipped("reason_dispute"))):
            found = records.with_user(self.manager).with_context(active_test=False).search([])
            self.assertEqual(found.company_id, self.company)
            own.with_user(self.manager).name = "Changed"
        templates = [
            template for model in MODELS for template in self.env[model]._get_templates().values()
        ]  # of each model
        for record in [foreign, *templates]:
            with self.refused(AccessError, ""):
                record.with_user(self.manager).with_env(self.env(user=self.manager)).name = "Stolen"
            with self.refused(AccessError, ""):
                record.with_env(self.env(user=self.manager)).unlink()
        with self.refused(AccessError, ""):
            actions.with_user(self.manager).create({"name": "Template", "company_id": False})
        self.manager.company_ids += self.other
        with self.refused(UserError, "cannot be changed"):
            mine.with_user(self.manager).company_id = self.other
        with self.refused(ValidationError, "cannot be chosen"):
            branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
            actions.create({"name": "Of a branch", "company_id": branch.id})

    def test_nothing_points_to_another_company(self):
        foreign = self.env["account.dunning.action"].create({"name": "Foreign", "company_id": self.other.id})
        reason = self.shipped("reason_dispute", self.other)
        move = self.invoice(self.partner_a, 12)
        with self.refused(UserError, "company inconsistencies"):
            self.level_1.action_ids += foreign
        with self.refused(UserError, "company inconsistencies"):
            self.env["account.dunning.hold"].create({"move_id": move.id, "reason_id": reason.id})
        with self.refused(UserError, "company inconsistencies"):
            self.env["account.dunning.run"].create({"type_ids": [Command.set(self.other_type.ids)]})
        with self.refused(UserError, "company inconsistencies|cannot be chosen"):
            move.dunning_type_id = self.other_type
        with self.refused(ValidationError, "cannot be chosen"):
            self.partner_a.dunning_type_id = self.other_type
        with self.refused(ValidationError, "must be its own"):
            self.settings.balance_id = self.shipped("balance_overdue", self.other)
        with self.refused(ValidationError, "must be its own"):
            self.settings.invoice_type_ids += self.shipped("invoice_type_receipt", self.other)

    def test_what_people_write_checks_its_companies(self):
        """The kind: each many2one or many2many of a model that people write and that has a company."""
        writable = (
            self.env["ir.model.access"].sudo().search(["|", ("perm_write", "=", True), ("perm_create", "=", True)])
        )
        names = {name for name in writable.model_id.mapped("model") if name.startswith("account.")}
        names = {name for name in names if self.env[name]._original_module == "account_dunning"}
        self.assertIn("account.dunning.hold", names)
        missing = []
        for name in sorted(names):
            model = self.env[name]
            company = model._fields.get("company_id")
            for field in model._fields.values() if company and model._auto else ():
                if field.type not in ("many2one", "many2many") or not field.store or field.name == "company_id":
                    continue
                derived = company.related and company.related.split(".")[0] == field.name
                target = self.env[field.comodel_name]._fields
                if derived or field.comodel_name in OTHERWISE_CHECKED or "company_id" not in target:
                    continue
                if not (field.check_company and model._check_company_auto):
                    missing.append(f"{name}.{field.name}")
        self.assertFalse(missing)

    def test_new_records_belong_to_the_company_at_work(self):
        reason = self.env["account.dunning.reason"].with_user(self.foreign_manager).create({"name": "Dispute of ours"})
        self.assertEqual(reason.company_id, self.other)
        self.env["account.dunning.reason"].with_user(self.manager).create({"name": "Dispute of ours"})

    def test_the_default_balance_is_that_of_the_company(self):
        overdue = self.shipped("balance_overdue", self.other)
        overdue.with_user(self.foreign_manager).default = True
        self.assertEqual(self.other._get_dunning_settings()._get_balance(), overdue)
        self.assertEqual(self.settings._get_balance(), self.shipped("balance_unpaid"))
        with self.refused(ValidationError, "must be the default"):
            overdue.default = False

    def test_translations_are_copied_and_follow(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.env["account.dunning.reason"]._get_templates()["reason_dispute"]
        template.with_context(lang="fr_FR").name = "Litige"
        company = self.env["res.company"].create({"name": "New"})
        reason = self.shipped("reason_dispute", company)
        self.assertEqual(reason.with_context(lang="fr_FR").name, "Litige")
        late = self.shipped("reason_dispute")
        self.env["account.dunning.reason"]._take_over_translations()
        self.assertIn(late.with_context(lang="fr_FR").name, ("Litige", "Contestation"))
        late.name = "Quarrel"
        template.with_context(lang="fr_FR").name = "Autre"
        self.env["account.dunning.reason"]._take_over_translations()
        self.assertNotEqual(late.with_context(lang="fr_FR").name, "Autre", "what was renamed is somebody's own")

    def test_an_excluded_notice_takes_the_reason_of_its_company(self):
        self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        action = notice.with_user(self.manager).action_exclude()
        wizard = self.env[action["res_model"]].with_user(self.manager).with_context(**action["context"]).create({})
        self.assertEqual(wizard.reason_id, self.shipped("reason_excluded"))
        wizard.action_exclude()
        self.assertEqual(notice.state, "excluded")


@tagged("post_install", "-at_install")
class TestHoldsOfCompanies(TwoCompanies):
    def hold(self, company, **values):
        reason = self.shipped("reason_dispute", company)
        return self.env["account.dunning.hold"].create(
            {"company_id": company.id, "reason_id": reason.id, "partner_id": self.partner_a.id, **values}
        )

    def test_a_hold_tells_and_delays_its_company_only(self):
        mine, foreign = self.dun_both()
        state = self.state(mine.move_id)
        count = len(mine.message_ids)
        hold = self.hold(self.other)
        self.assertEqual(len(mine.message_ids), count, "not a word in the chatter of the other company")
        self.assertTrue(foreign.message_ids.filtered(lambda message: "On hold" in (message.body or "")))
        self.go(3)
        hold.action_end()
        self.assertFalse(state.resumed_on, "nor does it wait")
        self.assertTrue(foreign.item_state_ids.resumed_on)
        self.assertEqual(len(mine.message_ids), count)

    def test_a_hold_makes_no_letter_of_others_anew(self):
        self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        self.issue(notice)
        letter = notice.attachment_id
        self.hold(self.other)
        self.assertEqual((notice.state, notice.attachment_id), ("to_print", letter))
        self.hold(self.company)
        self.assertEqual(notice.state, "queued")

    def test_who_works_in_one_company_sees_no_hold_of_another(self):
        move = self.invoice(self.partner_a, 12)
        self.dun()
        self.hold(self.other)
        self.env.user.company_ids += self.other
        both = self.env(context={**self.env.context, "allowed_company_ids": (self.company + self.other).ids})
        move, partner = move.with_env(both), self.partner_a.with_env(both)
        self.assertFalse(move.dunning_on_hold or partner.dunning_on_hold or move.collection_plan_id.hold_banner)
        self.assertFalse(self.item(move).dunning_on_hold)
        self.assertNotIn(move, move.search([("dunning_on_hold", "=", True)]))
        self.assertTrue(partner.with_company(self.other).dunning_on_hold)

    def test_what_is_held_belongs_to_the_company_of_the_hold(self):
        move = self.invoice(self.partner_a, 12)
        for target in ({"move_id": move.id}, {"move_line_id": self.item(move).id}):
            with self.refused(ValidationError, "can be on hold there only"):
                self.hold(self.other, partner_id=False, **target)
        self.assertTrue(self.hold(self.company, partner_id=False, move_id=move.id))

    def test_the_filter_of_paid_charges_keeps_to_the_companies_of_the_user(self):
        rate = self.env["account.dunning.interest.rate"].create(
            {
                "name": "Ten",
                "company_id": self.other.id,
                "line_ids": [Command.create({"date": "2000-01-01", "percent": 10.0})],
            }
        )
        self.other_type.interest_rate_id = rate
        self.other_type.level_ids.write({"fee_kind": "fixed", "fee_amount": 5.0})
        _mine, foreign = self.dun_both()
        payment = (
            self.env["account.payment"]
            .with_context(allowed_company_ids=self.other.ids)
            .create(
                {
                    "partner_id": self.partner_a.id,
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "amount": 500.0,
                    "company_id": self.other.id,
                    "journal_id": self.env["account.journal"]
                    .sudo()
                    .search([("company_id", "=", self.other.id), ("type", "=", "bank")], limit=1)
                    .id,
                }
            )
        )
        payment.action_post()
        self.env.invalidate_all()
        plans = self.env["account.collection.plan"]
        domain = [("charges_paid", "!=", False)]
        self.assertEqual(plans.with_user(self.foreign_manager).search(domain), foreign)
        self.assertFalse(plans.with_user(self.manager).search(domain))


@tagged("post_install", "-at_install")
class TestCompanyRecordsUpgrade(TwoCompanies):
    """Data of 19.0.1.4.0, in use in two companies: records without company, which all share."""

    def setUp(self):
        super().setUp()
        self.mine, self.foreign = self.dun_both()

    def upgrade(self):
        self.env.flush_all()
        path = Path(__file__).parents[1] / "migrations/19.0.1.5.0/end-company_records.py"
        spec = importlib.util.spec_from_file_location("end_company_records", path)
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        script.migrate(self.env.cr, "19.0.1.4.0")
        self.env.invalidate_all()

    def take_back(self):
        """Nothing has a company, and there are no copies."""
        self.env.flush_all()
        cr = self.env.cr
        templates = {name: rec for model in MODELS for name, rec in self.env[model]._get_templates().items()}
        cr.execute("UPDATE account_dunning_settings SET balance_id = NULL")
        field = self.env["account.dunning.settings"]._fields["invoice_type_ids"]
        cr.execute(f"DELETE FROM {field.relation}")
        cr.execute(
            f"INSERT INTO {field.relation} ({field.column1}, {field.column2})"
            " SELECT id, %s FROM account_dunning_settings",
            (templates["invoice_type_commercial"].id,),
        )
        for model in MODELS:
            table = self.env[model]._table
            cr.execute(f"DELETE FROM {table} WHERE shipped_as IS NOT NULL")
            cr.execute(f"UPDATE {table} SET company_id = NULL")
        self.env.invalidate_all()
        return templates

    def test_what_is_used_belongs_to_its_companies(self):
        shared, own, unused = self.env["account.dunning.action"].create(
            [{"name": name, "blocking": True} for name in ("Shared", "Own", "Unused")]
        )
        spoken = self.env["account.dunning.reason"].create({"name": "Spoken"})
        shared.with_context(lang="en_US").name = "Shared"
        templates = self.take_back()
        cr = self.env.cr
        for level in (self.level_1, self.other_type.level_ids[0]):
            self.link(level, shared)
        self.link(self.other_type.level_ids[1], own)
        for plan in (self.mine, self.foreign):
            shared.sudo()._schedule(plan.sudo())
        cr.execute("UPDATE account_dunning_settings SET balance_id = %s", (templates["balance_overdue"].id,))
        cr.execute(
            "UPDATE account_collection_plan SET reason_id = CASE id WHEN %s THEN %s ELSE %s END WHERE id = ANY(%s)",
            (self.mine.id, templates["reason_dispute"].id, spoken.id, (self.mine + self.foreign).ids),
        )
        self.env.invalidate_all()
        self.upgrade()
        self.check_actions(shared, own, unused)
        self.assertEqual(self.mine.reason_id, self.shipped("reason_dispute"))
        self.assertEqual((self.foreign.sudo().reason_id, spoken.company_id), (spoken, self.other))
        for company in (self.company, self.other):
            settings = company._get_dunning_settings()
            self.assertEqual(settings.balance_id, self.shipped("balance_overdue", company))
            self.assertEqual(settings.invoice_type_ids, self.shipped("invoice_type_commercial", company))
        for name, template in templates.items():
            self.assertTrue(template.exists() and not template.company_id, name)
        self.upgrade()  # again: nothing more
        self.assertEqual(self.env["account.dunning.action"].search_count([("name", "=", "Shared")]), 2)

    def check_actions(self, shared, own, unused):
        here, there = self.level_1.action_ids, self.other_type.sudo().level_ids[0].action_ids
        self.assertEqual((here | there).mapped("name"), ["Shared", "Shared"])
        self.assertEqual((here.company_id, there.company_id), (self.company, self.other))
        self.assertIn(shared, here | there)
        self.assertEqual(self.mine.activity_ids.sudo().dunning_action_id, here)
        self.assertEqual(self.foreign.sudo().activity_ids.dunning_action_id, there)
        self.assertEqual(own.company_id, self.other)
        self.assertTrue(unused.company_id)

    def link(self, level, action):
        field = level._fields["action_ids"]
        self.env.cr.execute(
            f"INSERT INTO {field.relation} ({field.column1}, {field.column2}) VALUES (%s, %s)", (level.id, action.id)
        )

    def test_journals_of_others_stay_behind(self):
        mine, foreign = (
            self.env["account.journal"]
            .sudo()
            .search([("company_id", "=", company.id), ("type", "=", "general")], limit=1)
            for company in (self.company, self.other)
        )
        shared = self.env["account.dunning.invoice.type"].create({"name": "Entries", "move_type": "entry"})
        only = shared.copy({"name": "Mine Only"})
        self.take_back()
        field = self.env["account.dunning.settings"]._fields["invoice_type_ids"]
        journals = shared._fields["journal_ids"]
        for record, journal in ((shared, mine), (shared, foreign), (only, mine)):
            self.env.cr.execute(
                f"INSERT INTO {journals.relation} ({journals.column1}, {journals.column2}) VALUES (%s, %s)",
                (record.id, journal.id),
            )
        for record in (shared, only):
            for company in (self.company, self.other):
                self.env.cr.execute(
                    f"INSERT INTO {field.relation} ({field.column1}, {field.column2}) VALUES (%s, %s)",
                    (company._get_dunning_settings().id, record.id),
                )
        self.env.invalidate_all()
        self.upgrade()
        types = self.env["account.dunning.invoice.type"].sudo().with_context(active_test=False)
        for company, journal in ((self.company, mine), (self.other, foreign)):
            own = types.search([("name", "=", "Entries"), ("company_id", "=", company.id)])
            self.assertEqual((own.journal_ids, own.active), (journal, True))
            self.assertIn(own, company._get_dunning_settings().with_context(active_test=False).invoice_type_ids)
        none = types.search([("name", "=", "Mine Only"), ("company_id", "=", self.other.id)])
        self.assertEqual((len(none.journal_ids), none.active), (0, False), "no journal does not come to mean all")
