"""Which fields people may write, whatever the views show, and whose the dialogs are (rules §9)."""

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..models.base.account_dunning_guard import find_named
from .common import DunningCommon, StubLetters

OWN = ("account.dunning.", "account.collection.")
# The models of Odoo that have fields of ours which the work alone writes.
SECRETS = (
    "account.move",
    "account.move.line",
    "account.collection.plan",
    "account.dunning.run",
    "account.dunning.notice",
    "account.dunning.notice.line",
    "account.dunning.type",
    "account.dunning.reason",
    "account.account",
    "account.journal",
)
CORE = ("account.move", "account.payment", "payment.transaction", "res.partner")


@tagged("post_install", "-at_install")
class TestGuard(StubLetters, DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.shipped("reason_dispute")
        groups = "account_dunning.group_dunning_manager,account.group_account_manager"
        cls.administrator = cls.new_user("administrator", groups)
        cls.move = cls.stage.invoice(cls.partner_a, 12)
        cls.draft_run = cls.env["account.dunning.run"].with_user(cls.administrator).create({})

    def assert_closed(self, record, **values):
        for name, value in values.items():
            with self.refused(AccessError, "follows the work of dunning"):
                record.with_user(self.administrator).write({name: value})

    def test_every_model_that_people_write_is_guarded(self):
        accesses = self.env["ir.model.access"].sudo().search([])
        writable = accesses.filtered(lambda access: access.perm_write or access.perm_create)
        names = {name for name in writable.model_id.mapped("model") if name.startswith(OWN)}
        self.assertFalse([n for n in sorted({*names, *CORE}) if not hasattr(self.env[n], "_get_closed_fields")])

    def test_runs(self):
        other = self.env["res.company"].sudo().create({"name": "Other"})
        values = {"state": "done", "nightly": True, "name": "X", "company_id": other.id}
        self.assert_closed(self.draft_run, **values)
        for name, value in values.items():
            if name != "company_id":
                with self.refused(AccessError, "follows the work of dunning"):
                    self.draft_run.create({name: value})
        self.assertNotEqual(self.draft_run.name, "New", "the work itself names it")
        run = self.draft_run.with_context(default_state="done", default_nightly=True).create({})
        self.assertEqual((run.state, run.nightly), ("draft", False), "a context gives no defaults to closed fields")
        self.draft_run.date = self.today
        self.draft_run.sudo().state = "done"
        for name, value in (("date", "2026-01-01"), ("partner_ids", [Command.link(self.partner_a.id)])):
            with self.refused(AccessError, "cannot be changed any more"):
                self.draft_run.write({name: value})
        nightly = self.draft_run.sudo().create({"nightly": True}).with_user(self.administrator)
        with self.refused(AccessError, "cannot be changed any more"):
            nightly.date = "2026-01-01"

    def test_holds(self):
        holds = self.env["account.dunning.hold"].with_user(self.collector)
        hold = holds.create({"move_id": self.move.id, "reason_id": self.reason.id, "date_until": "2026-07-01"})
        self.assert_closed(
            hold,
            ended_on="2026-01-01",
            outcome="accepted",
            outcome_note="No",
            review_asked=True,
            move_id=False,
            partner_id=self.partner_b.id,
        )
        hold.review_date = "2026-06-20"
        hold._end_today("accepted", "They are right")
        self.assertEqual((hold.ended_on, hold.outcome), (self.today, "accepted"))
        with self.refused(AccessError, "has ended"):
            hold.date_until = False

    def test_plans(self):
        self.dun()
        plan = self.move.collection_plan_ids
        self.assert_closed(plan, state="recovered", write_off_move_ids=[Command.link(self.move.id)], keeps_out=True)
        plan.with_user(self.collector).user_id = self.collector

    def test_documents_of_odoo(self):
        notice = self.dun()
        plan = self.move.collection_plan_ids
        new = self.env["account.move"].create({"move_type": "out_invoice", "partner_id": self.partner_a.id})
        self.assert_closed(
            new,
            dunning_notice_id=notice.id,
            dunning_write_off_plan_id=plan.id,
            collection_plan_ids=[Command.link(plan.id)],
            dunning_hold_ids=[Command.create({"reason_id": self.reason.id})],
        )
        with self.refused(AccessError, "follows the work of dunning"):
            new.with_user(self.administrator).create({"move_type": "out_invoice", "dunning_notice_id": notice.id})
        made = new.with_user(self.administrator).with_context(default_dunning_notice_id=notice.id)
        self.assertFalse(made.create({"move_type": "out_invoice"}).sudo().dunning_notice_id)
        self.assert_closed(self.partner_a, collection_plan_ids=[Command.link(plan.id)])
        self.assert_closed(self.pay(self.move), dunning_return_move_id=new.id)

    def find_company(self, name):
        return "company_id" if "company_id" in self.env[name]._fields else "company_ids"

    def test_forms_tell_nothing_of_what_the_user_may_not_read(self):
        """Nor do new records: what is computed of an invoice of another company, say its amount and customer."""
        self.dun()
        other = self.setup_other_company(name="Other")["company"]
        stranger = self.new_user("stranger", "account_dunning.group_dunning_manager,account.group_account_manager")
        stranger.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        secrets = {
            name: self.env[name].sudo().search([(self.find_company(name), "=", self.company.id)], limit=1)
            for name in SECRETS
        }
        tried = set()
        for name in sorted(name for name in self.env if name.startswith(OWN) and not self.env[name]._abstract):
            model = self.env[name].with_user(stranger)
            if not model.has_access("create"):
                continue
            spec = {field: {} for field in model.fields_get()}
            for field in model._fields.values():
                secret = secrets.get(field.comodel_name) if field.relational else None
                if not secret or "account_dunning" not in field._modules or field.type == "one2many":
                    continue
                value = secret.id if field.type == "many2one" else [Command.set(secret.ids)]
                with self.subTest(model=name, field=field.name):
                    with self.refused(AccessError, ""):
                        model.onchange({field.name: value}, [field.name], spec)
                    with self.refused(AccessError, ""):
                        model.create({field.name: value})
                    tried.add(name)
        self.assertGreater(len(tried), 8)

    def test_forms_tell_nothing_however_a_record_is_named(self):
        """The ORM takes digits, dicts and values within values for ids, too."""
        other = self.setup_other_company(name="Other")["company"]
        stranger = self.new_user("stranger", "account_dunning.group_dunning_manager,account.group_account_manager")
        stranger.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        secret, holds = self.move.id, self.env["account.dunning.hold"].with_user(stranger)
        for value in (secret, float(secret), str(secret), {"id": secret}):
            with self.subTest(value=value), self.refused(AccessError, ""):
                holds.onchange({"move_id": value}, ["move_id"], {"move_id": {"fields": {"name": {}}}})
        field, reason = self.env["account.dunning.run"]._fields["type_ids"], self.reason.id
        for command in (
            [Command.SET, 0, [reason], 0],
            [Command.SET, 0, [str(reason)]],
            [Command.LINK, float(reason), 0],
            {"id": reason},
            str(reason),
        ):
            with self.subTest(command=command):
                self.assertEqual([record_id for record_id, _inner in find_named(field, [command])], [reason])
        action = self.env["account.dunning.action"].create({"name": "Call", "kind": "activity"})
        level = {"name": "One", "days": 5, "action_ids": [Command.set(action.ids)]}
        types = self.env["account.dunning.type"].with_user(stranger)
        for command in (Command.create(level), level):
            with self.subTest(command=command), self.refused(AccessError, ""):
                types.onchange({"level_ids": [command]}, ["level_ids"], {"level_ids": {"fields": {"name": {}}}})

    def test_what_people_may_write_exists(self):
        from ..models.base.account_dunning_guard import WRITABLE

        for name, rights in WRITABLE.items():
            if rights:
                self.assertFalse(rights.always.union(rights.when_made).difference(self.env[name]._fields), name)


@tagged("post_install", "-at_install")
class TestDialogs(StubLetters, DunningCommon):
    """What stands in a dialog is for the user alone who opened it: Odoo itself does not see to that."""

    def test_each_dialog_has_a_rule(self):
        rules = self.env["ir.rule"].sudo().search([("groups", "=", False), ("domain_force", "like", "create_uid")])
        kept = set(rules.model_id.mapped("model"))
        dialogs = {name for name in self.env if name.startswith(OWN) and self.env[name]._transient}
        self.assertGreater(len(dialogs), 10)
        self.assertFalse(dialogs - kept)

    def test_letters_of_another(self):
        self.invoice(self.partner_a, 12)
        notices = self.run_day().notice_ids
        self.issue(notices)
        dialogs = self.env["account.dunning.print"].with_user(self.manager).sudo()
        dialog = dialogs.create({"notice_ids": [Command.set(notices.ids)], "filename": "letters.pdf"})
        self.assertTrue(dialog.with_user(self.manager).filename)
        stranger = dialog.with_user(self.collector)
        self.assertFalse(stranger.search([]))
        for attempt in (
            lambda: stranger.read(["document"]),
            lambda: stranger.write({"document": False}),
            stranger.action_confirm,
        ):
            with self.refused(AccessError, "."):
                attempt()


@tagged("post_install", "-at_install")
class TestChoices(StubLetters, DunningCommon):
    """The domain of a field is no hint for the view: nothing else is taken, in whatever way it comes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator = cls.new_user(
            "administrator", "account_dunning.group_dunning_manager,account.group_account_manager"
        )
        cls.portal = new_test_user(cls.env, "dunning_portal", groups="base.group_portal")
        other = cls.setup_other_company(name="Other")["company"]
        cls.foreign = cls.new_user("foreign", "account_dunning.group_dunning_collector")
        cls.foreign.write({"company_id": other.id, "company_ids": [Command.set(other.ids)]})

    def assert_taken(self, record, name, good, bad):
        record[name] = good
        for value in bad:
            with self.refused(ValidationError, "cannot be chosen as"):
                record[name] = value

    def test_every_domain_is_checked(self):
        """Each many2one of ours with a domain is checked by the guard.

        The settings have refusals of their own, which say more (test_settings_rights).
        """
        for name, model in self.env.items():
            if not name.startswith(OWN) or model._abstract or name == "account.dunning.settings":
                continue
            fields = [f for f in model._fields.values() if f.type == "many2one" and f.domain and f.store]
            names = {field.name for field in fields if not field.related}
            self.assertFalse(names - set(model._get_choices() if hasattr(model, "_get_choices") else ()), name)

    def test_levels_print_notices_only(self):
        report, template = self.env.ref("account.account_invoices"), self.env.ref("account.email_template_edi_invoice")
        level = self.level_1.with_user(self.administrator)
        letter = self.env.ref("account_dunning.action_report_dunning_letter")
        mail = self.env.ref("account_dunning.mail_template_dunning_notice")
        self.assert_taken(level, "report_id", letter, report)
        self.assert_taken(level, "mail_template_id", mail, template)
        for field, value in (("report_id", "account.account_invoices"),):
            with self.refused(ValidationError, "cannot be chosen as"):
                self.dunning_type.with_user(self.administrator).create(
                    {
                        "name": "New",
                        "company_id": self.company.id,
                        "level_ids": [
                            Command.create({"name": "One", "days": 5, "text": "Pay", field: self.env.ref(value).id})
                        ],
                    }
                )
            result = level.load([".id", f"{field}/id"], [[str(level.id), value]])
            self.assertIn("cannot be chosen as", str(result["messages"]))

    def test_what_was_chosen_before_is_not_printed(self):
        report = self.env.ref("account.account_invoices")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_dunning_level SET report_id = %s, mail_template_id = %s WHERE id = %s",
            [report.id, self.env.ref("account.email_template_edi_invoice").id, self.level_1.id],
        )
        self.env.invalidate_all()
        self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        self.assertEqual(notice._get_report().model, notice._name)
        self.assertEqual(self.level_1._get_mail_template().model, notice._name)

    def test_collectors_and_owners(self):
        move = self.invoice(self.partner_a, 12)
        move.invoice_user_id = self.foreign
        self.dun()
        plan = move.collection_plan_ids
        self.assertFalse(plan.user_id, "the salesperson is no user of the company")
        hold = self.env["account.dunning.hold"].create(
            {"move_id": move.id, "reason_id": self.shipped("reason_dispute").id, "user_id": False}
        )
        self.assert_taken(plan, "user_id", self.collector, self.portal + self.foreign)
        self.assert_taken(hold, "user_id", self.collector, self.portal + self.foreign)
        self.assert_taken(self.partner_a, "dunning_user_id", self.collector, self.portal + self.foreign)
        branch = self.env["res.company"].sudo().create({"name": "Branch", "parent_id": self.company.id})
        self.foreign.write({"company_id": branch.id, "company_ids": [Command.set(branch.ids)]})
        plan.user_id = self.foreign

    def test_runs_of_root_companies(self):
        branch = self.env["res.company"].sudo().create({"name": "Branch", "parent_id": self.company.id})
        with self.refused(ValidationError, "cannot be chosen as"):
            self.env["account.dunning.run"].sudo().create({"company_id": branch.id})

    def test_write_off_accounts(self):
        self.invoice(self.partner_a, 12)
        self.dun()
        plans = self.env["account.collection.plan"].search([("partner_id", "=", self.partner_a.id)])
        dialogs = self.env["account.dunning.write.off"].with_user(self.administrator)
        dialogs = dialogs.with_context(**dialogs._open(plans.with_user(self.administrator))["context"])
        account = self.company_data["default_account_receivable"]
        with self.refused(ValidationError, "cannot be chosen as"):
            dialogs.create({"reason": "Lost", "account_id": account.id})
