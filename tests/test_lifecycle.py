"""Install, update and uninstall the module, in databases and Odoo processes made for it."""

import re

from odoo.tests import BaseCase, tagged

from . import database

TROUBLE = re.compile(r"^[0-9-]+ [0-9:,]+ [0-9]+ (?:WARNING|ERROR|CRITICAL) .*", re.MULTILINE)

# A customer with an overdue invoice, in a company with accounts.
MAKE_INVOICE = """
company = env.company
if not company.chart_template:
    env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
partner = env["res.partner"].create({"name": "Lifecycle Customer"})
invoice = env["account.move"].create({
    "move_type": "out_invoice",
    "partner_id": partner.id,
    "invoice_date": "2024-01-01",
    "invoice_date_due": "2024-01-31",
    "invoice_line_ids": [(0, 0, {"name": "Something", "price_unit": 100.0, "tax_ids": [(5, 0, 0)]})],
})
invoice.action_post()
env.cr.commit()
"""

# Fills the tables of the module: a night that dunned the customer, without a letter, which would need a server.
DUN = """
invoice.dunning_posted_on = invoice.invoice_date
action = env["account.dunning.action"].create({"name": "Call the customer"})
env["account.dunning.level"].search([]).write({"document": "none", "action_ids": [(6, 0, action.ids)]})
env.company._get_dunning_settings().write({"auto_issue": True, "issue_user_id": env.ref("base.user_admin").id})
env.cr.commit()
for job in ("nightly", "continue"):
    env.ref(f"account_dunning.ir_cron_dunning_{job}").method_direct_trigger()
    env.cr.commit()
assert invoice.collection_plan_id.level_id, env["account.dunning.skipped"].search_read([])
"""

# What the first release had not, and its version: the update has to add it, and to say how an action finds a person.
TAKE_BACK_TO_FIRST_RELEASE = """
fixed = env["account.dunning.action"].create({"name": "Fixed", "user_id": env.uid})
run = env["account.dunning.run"].create({})
run.action_propose()
run.chunk_ids.unlink()
env.flush_all()
for column in ("mode", "keeps_out", "idle_days", "paused_on", "paused_until", "below_minimum", "collection_status"):
    env.cr.execute(f"ALTER TABLE account_collection_plan DROP COLUMN {column} CASCADE")
for table, column in (
    ("account_dunning_type", "unrecovered_days"),
    ("account_dunning_level", "min_balance"),
    ("account_dunning_item", "not_before"),
    ("account_dunning_action", "responsible"),
):
    env.cr.execute(f"ALTER TABLE {table} DROP COLUMN {column} CASCADE")
for column, kind, value in (
    ("max_levels", "int4", 7),
    ("auto_issue", "bool", True),
    ("letter_sent", "varchar", "made"),
):
    env.cr.execute(f"ALTER TABLE res_company ADD COLUMN dunning_{column} {kind}")
    env.cr.execute(f"UPDATE res_company SET dunning_{column} = %s", (value,))
relation = "account_dunning_invoice_type_res_company_rel"
env.cr.execute(f"CREATE TABLE {relation} (res_company_id int, account_dunning_invoice_type_id int)")
template = env.ref("account_dunning.invoice_type_commercial").id
env.cr.execute(f"INSERT INTO {relation} VALUES (%s, %s)", (env.company.id, template))
env.cr.execute("DROP TABLE account_dunning_settings CASCADE")
env.cr.execute("DROP TABLE account_dunning_balance CASCADE")
env.cr.execute("DELETE FROM ir_model_data WHERE model = 'account.dunning.balance' AND module = 'account_dunning'")
env.cr.execute("ALTER TABLE account_dunning_notice_line ADD COLUMN partner_id int REFERENCES res_partner")
env.cr.execute("CREATE INDEX account_dunning_notice__type_id_index ON account_dunning_notice (type_id)")
for statement in (
    "ALTER TABLE account_dunning_notice_line RENAME COLUMN claim TO amount_residual",
    "ALTER TABLE account_collection_plan RENAME COLUMN retry_action_id TO charge_action_id",
    "ALTER TABLE account_dunning_skipped RENAME TO account_dunning_left_out",
    "ALTER SEQUENCE account_dunning_skipped_id_seq RENAME TO account_dunning_left_out_id_seq",
    "UPDATE ir_model SET model = replace(model, 'skipped', 'left.out') WHERE model = 'account.dunning.skipped'",
    "UPDATE ir_model_fields SET model = 'account.dunning.left.out' WHERE model = 'account.dunning.skipped'",
    "UPDATE ir_model_data SET name = replace(name, 'dunning_skipped', 'dunning_left_out')",
    "UPDATE ir_model_data SET name = replace(name, 'ir_cron_dunning_retry', 'ir_cron_dunning_charge')",
):
    env.cr.execute(statement)
filters = [("account.dunning.notice.line", "[('amount_residual', '>', 5)]"), ("account.dunning.left.out", "[]")]
for model, domain in filters:
    env.cr.execute("INSERT INTO ir_filters (name, model_id, domain, context, sort, active)"
                   " VALUES ('Old', %s, %s, '{}', '[]', true)", (model, domain))
env.cr.execute("UPDATE ir_module_module SET latest_version = '19.0.1.0.0' WHERE name = 'account_dunning'")
env.cr.commit()
"""

CHECK_UPDATED = """
plan = invoice.collection_plan_id
assert (plan.mode, plan.state, bool(plan.level_id)) == ("invoice", "ongoing", True), plan.read()
assert plan.collection_status == "dunning", plan.collection_status
assert not plan.keeps_out and plan.type_id.unrecovered_days == 30, plan.type_id.unrecovered_days
settings = env.company._get_dunning_settings()
assert settings.mode == "invoice" and settings._get_balance(), settings.read()
assert (settings.max_levels, settings.issue_user_id.login, settings.letter_sent) == (7, "admin", "made")
assert settings.invoice_type_ids.mapped("shipped_as") == ["invoice_type_commercial"], settings.invoice_type_ids
run = env["account.dunning.run"].search([("state", "=", "proposing")])
assert sum(run.chunk_ids.mapped("customers")) == 1, "a run that proposes has its chunks"
env.cr.execute("SELECT 1 FROM pg_indexes WHERE indexname = 'account_dunning_notice__type_id_index'")
assert not env.cr.rowcount, "indexes that are not needed are gone"
env.cr.execute("SELECT 1 FROM information_schema.columns WHERE table_name = 'account_dunning_notice_line'"
               " AND column_name = 'partner_id'")
assert not env.cr.rowcount, "columns that are not needed are gone"
env.cr.execute("SELECT model_id, domain FROM ir_filters WHERE name = 'Old' ORDER BY id")
assert env.cr.fetchall() == [
    ("account.dunning.notice.line", "[('claim', '>', 5)]"), ("account.dunning.skipped", "[]")
], "filters that people saved know the new names"
env.cr.execute("SELECT relname FROM pg_class WHERE relname LIKE '%dunning_left_out%'")
assert not env.cr.rowcount, env.cr.fetchall()
actions = {action.name: action.responsible for action in env["account.dunning.action"].search([])}
assert actions["Fixed"] == "user" and actions["Call the customer"] == "collector", actions
"""

SET_TERM = """
own, term = env["account.payment.term"].create([{"name": "Own"}, {"name": "At Once"}])
partner.property_payment_term_id = own
env["account.dunning.level"].search([]).write({"payment_term_id": term.id, "credit_stop": True})
invoice.collection_plan_id._settle()
assert partner.property_payment_term_id == term, partner.property_payment_term_id.name
env.cr.commit()
"""

CHECK_TERM = """
assert partner.property_payment_term_id.name == "Own", partner.property_payment_term_id.name
"""

SAVE_SETTINGS = """
env["res.config.settings"].create({}).execute()
env.cr.commit()
"""

DELETE_SCHEDULED = """
for job in ("nightly", "continue", "retry", "end_holds", "dossiers"):
    env.ref(f"account_dunning.ir_cron_dunning_{job}").unlink()
env.cr.commit()
"""

CHECK_SCHEDULED = """
for job in ("nightly", "continue", "retry", "end_holds", "dossiers"):
    assert env.ref(f"account_dunning.ir_cron_dunning_{job}").active, job
env.cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'res_config_settings'"
               " AND column_name LIKE 'dunning%'")
assert not env.cr.rowcount, "no setting of ours needs a column"
"""

UNINSTALL = """
env["ir.module.module"].search([("name", "=", "account_dunning")]).button_immediate_uninstall()
env.cr.commit()
"""

FIND_INVOICE = """
partner = env["res.partner"].search([("name", "=", "Lifecycle Customer")])
invoice = env["account.move"].search([("partner_id", "=", partner.id)])
"""

USE_INVOICE = """
for record in (partner, invoice, env.company):
    assert record.exists() and record.read(), record
    view = record.get_view(view_type="form")
    record.read(view["models"][record._name])
assert invoice.payment_state == "not_paid", invoice.payment_state
env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create(
    {}
).action_create_payments()
assert not invoice.amount_residual, invoice.amount_residual
"""


@tagged("post_install", "-at_install")
class TestLifecycle(BaseCase):
    def test_install_beside_existing_invoices_and_settings_that_were_just_saved(self):
        """Rows of the settings are kept for a day: no column of ours asks them for a default."""
        with database.copy_of(database.base(), "install") as db:
            self.assertClean(database.run_script(db, MAKE_INVOICE + SAVE_SETTINGS))
            self.assertTrue(database.query(db, "SELECT id FROM res_config_settings"))
            use = FIND_INVOICE + DUN + USE_INVOICE + DELETE_SCHEDULED + SAVE_SETTINGS + CHECK_SCHEDULED
            self.assertClean(database.run_odoo(db, "-i", "account_dunning", then=use))
            self.assertEqual(self.state(db), "installed")

    def test_update(self):
        """What was deleted meanwhile, though the work needs it, is there again."""
        with database.copy_of(database.installed(), "update") as db:
            self.assertClean(database.run_script(db, MAKE_INVOICE + DUN))
            before = self.traces(db)
            self.assertClean(database.run_script(db, DELETE_SCHEDULED))
            self.assertClean(database.run_odoo(db, "-u", "account_dunning"))
            self.assertEqual(self.state(db), "installed")
            self.assertEqual(self.traces(db), before, "an update leaves everything where it was")

    def test_update_from_the_first_release(self):
        """With the columns and the version of 19.0.1.0.0: what it had is kept, and what is new is filled."""
        with database.copy_of(database.installed(), "migrate") as db:
            self.assertClean(database.run_script(db, MAKE_INVOICE + DUN + TAKE_BACK_TO_FIRST_RELEASE))
            use = FIND_INVOICE + CHECK_UPDATED + USE_INVOICE
            self.assertClean(database.run_odoo(db, "-u", "account_dunning", then=use))
            self.assertEqual(self.state(db), "installed")

    def test_uninstall(self):
        with database.copy_of(database.installed(), "uninstall") as db:
            self.assertTrue(self.traces(db), "the queries that look for traces find some")
            self.assertClean(database.run_script(db, MAKE_INVOICE + DUN + SET_TERM))
            self.assertClean(database.run_script(db, UNINSTALL))
            self.assertEqual(self.state(db), "uninstalled")
            self.assertEqual(self.traces(db), [])
            self.assertClean(database.run_script(db, FIND_INVOICE + CHECK_TERM + USE_INVOICE))

    def assertClean(self, process):
        """The process ended well, and its log has neither error nor warning."""
        self.assertEqual(process.returncode, 0, process.stdout)
        self.assertEqual(TROUBLE.findall(process.stdout), [], process.stdout)

    def state(self, db):
        return database.query(db, "SELECT state FROM ir_module_module WHERE name = 'account_dunning'")[0][0]

    def traces(self, db):
        """Give the name of everything in the database that only account_dunning can have put there."""
        return [
            name
            for (name,) in database.query(
                db,
                r"""
                SELECT 'table ' || table_name
                  FROM information_schema.tables
                 WHERE table_schema = 'public'
                   AND (table_name LIKE '%dunning%' OR table_name LIKE 'account_collection%')
                 UNION
                SELECT 'column ' || table_name || '.' || column_name
                  FROM information_schema.columns
                 WHERE table_schema = 'public'
                   AND (column_name LIKE '%dunning%' OR column_name LIKE '%collection_%')
                 UNION
                SELECT 'index ' || indexname FROM pg_indexes WHERE indexname LIKE '%dunning%'
                 UNION
                SELECT 'constraint ' || conname FROM pg_constraint WHERE conname LIKE '%dunning%'
                 UNION
                SELECT 'model ' || model FROM ir_model WHERE model LIKE '%dunning%'
                 UNION
                SELECT 'field ' || model || '.' || name FROM ir_model_fields WHERE name LIKE '%dunning%'
                 UNION
                SELECT 'record ' || model || ' ' || name FROM ir_model_data WHERE module = 'account_dunning'
                 UNION
                SELECT 'menu ' || (name ->> 'en_US') FROM ir_ui_menu WHERE name ->> 'en_US' ILIKE '%dunning%'
                 UNION
                SELECT 'cron ' || cron_name FROM ir_cron WHERE cron_name ILIKE '%dunning%'
                 UNION
                SELECT 'view ' || name FROM ir_ui_view
                 WHERE arch_db ->> 'en_US' LIKE '%dunning%' OR name LIKE '%dunning%'
                 UNION
                SELECT 'parameter ' || key FROM ir_config_parameter WHERE key LIKE '%dunning%'
                 ORDER BY 1
                """,
            )
        ]
