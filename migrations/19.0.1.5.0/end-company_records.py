"""Reasons, invoice types, customer balances and actions belong to companies: each gets its own, and what it uses.

What is shipped stays as the template, without a company; every root company gets a copy of it. What users made goes to
the company that uses it, and is copied for each further one. All references follow.
"""

from collections import defaultdict

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL

MODELS = (
    "account.dunning.reason",
    "account.dunning.invoice.type",
    "account.dunning.balance",
    "account.dunning.action",
)
ROOT = "(SELECT split_part(parent_path, '/', 1)::int FROM res_company WHERE id = %s)"
PLAN = "(SELECT company_id FROM account_collection_plan WHERE id = ref.%s)"
# Model, table, column, and the root company of the row (on the alias ``ref``).
REFERENCES = [
    ("account.dunning.reason", "account_dunning_hold", "reason_id", ROOT % "ref.company_id"),
    ("account.dunning.reason", "account_collection_plan", "reason_id", "ref.company_id"),
    ("account.dunning.balance", "account_dunning_settings", "balance_id", "ref.company_id"),
    ("account.dunning.action", "account_collection_plan", "retry_action_id", "ref.company_id"),
    ("account.dunning.action", "mail_activity", "dunning_action_id", PLAN % "res_id"),
    (
        "account.dunning.action",
        "payment_transaction",
        "dunning_action_id",
        f"COALESCE({PLAN % 'dunning_plan_id'}, {ROOT % 'ref.company_id'})",
    ),
]
LEVEL = "(SELECT company_id FROM account_dunning_level WHERE id = ref.%s)"
SETTINGS = "(SELECT company_id FROM account_dunning_settings WHERE id = ref.%s)"
RELATIONS = [
    ("account.dunning.action", "account.dunning.level", "action_ids", LEVEL),
    ("account.dunning.invoice.type", "account.dunning.settings", "invoice_type_ids", SETTINGS),
]


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    give_holds_to_their_books(env)
    references = REFERENCES + list(read_relations(env))
    roots = env["res.company"].search([("parent_id", "=", False)], order="id")
    for model in MODELS:
        own = [reference for reference in references if reference[0] == model]
        share_out(env[model], roots, own)
    env.invalidate_all()
    roots._adopt_dunning_templates()


def give_holds_to_their_books(env):
    """A hold on an invoice or item is one of the company that it belongs to, or it keeps out nothing."""
    env.cr.execute(
        f"""UPDATE account_dunning_hold hold
               SET company_id = {ROOT % "line.company_id"}
              FROM account_move_line line
             WHERE (line.id = hold.move_line_id OR line.move_id = hold.move_id)
               AND hold.company_id <> {ROOT % "line.company_id"}"""
    )


def read_relations(env):
    """The many2many fields as references."""
    for model, other, name, company in RELATIONS:
        field = env[other]._fields[name]
        yield model, field.relation, field.column2, company % field.column1


def share_out(records, roots, references):
    """Give what there is of a model to the companies that use it, and move the references."""
    env = records.env
    templates = records._get_templates() if records._name != "account.dunning.action" else {}
    names = {template: name for name, template in templates.items()}
    users = read_users(env, references)
    if "default" in records._fields:
        for record in records.search([("default", "=", True)]):
            users[record.id] |= set(roots.ids)  # it is that of every company without a choice
    made = {(copy.shipped_as, copy.company_id.id): copy for copy in records.search([("shipped_as", "!=", False)])}
    copies = {}
    for record in records.search([("company_id", "=", False)], order="id"):
        company_ids = set(roots.ids) if record in names else users[record.id] or {get_maker(record, roots).id}
        first = None if record in names else min(company_ids)
        for company in roots.filtered(lambda root, ids=company_ids: root.id in ids):
            there = made.get((names.get(record), company.id))
            copies[record.id, company.id] = record if company.id == first else there
    make_copies(records, roots, copies, names)
    move_references(env, references, copies)
    for record in names:
        env.execute_query(
            SQL("UPDATE %s SET active = TRUE WHERE id = %s RETURNING id", SQL.identifier(records._table), record.id)
        )
    if "default" in records._fields and not any(template.default for template in names):
        for template in list(names)[:1]:
            env.execute_query(
                SQL('UPDATE account_dunning_balance SET "default" = TRUE WHERE id = %s RETURNING id', template.id)
            )


def read_users(env, references):
    """The ids of the root companies that use each record, by its id."""
    users = defaultdict(set)
    env.flush_all()
    for _model, table, column, company in references:
        query = f"SELECT DISTINCT ref.{column}, {company} FROM {table} ref WHERE ref.{column} IS NOT NULL"
        env.cr.execute(query)
        for record_id, company_id in env.cr.fetchall():
            if company_id:
                users[record_id].add(company_id)
    return users


def get_maker(record, roots):
    """The company of who made a record that nobody uses."""
    company = record.create_uid.company_id.root_id
    return company if company in roots else roots[:1]


def make_copies(records, roots, copies, names):
    """Fill ``copies`` (by record id and company id): the default ones first, since no company may be without.

    What stays with its company comes after its copies, which take what is theirs of it.
    """
    order = {key: (not is_default(records.browse(key[0])), bool(own), key) for key, own in copies.items()}
    for record_id, company_id in sorted(copies, key=order.get):
        record = records.browse(record_id)
        if copies[record_id, company_id] == record:
            record.env.execute_query(
                SQL(
                    "UPDATE %s SET company_id = %s WHERE id = %s RETURNING id",
                    SQL.identifier(records._table),
                    company_id,
                    record_id,
                )
            )
            record.invalidate_recordset()
            if "journal_ids" in records._fields:
                keep_own_journals(record)
        elif not copies[record_id, company_id]:
            company = roots.browse(company_id)
            copies[record_id, company_id] = record._copy_for(company, names.get(record, False))


def keep_own_journals(record):
    """The journals of other companies go; a type that has none left is archived, since none would mean all."""
    vals = record._get_journal_vals(record.company_id)
    field, kept = record._fields["journal_ids"], vals["journal_ids"][0][2]
    record.env.cr.execute(
        f"DELETE FROM {field.relation} WHERE {field.column1} = %s AND {field.column2} <> ALL(%s)", (record.id, kept)
    )
    record.env.cr.execute(f"UPDATE {record._table} SET active = %s WHERE id = %s", (vals["active"], record.id))
    record.invalidate_recordset()


def is_default(record):
    return "default" in record._fields and record.default


def move_references(env, references, copies):
    """Have the rows of each company refer to its own copies."""
    env.flush_all()
    for _model, table, column, company in references:
        for (record_id, company_id), copy in copies.items():
            if copy.id != record_id:
                query = f"UPDATE {table} ref SET {column} = %s WHERE ref.{column} = %s AND {company} = %s"
                env.cr.execute(query, (copy.id, record_id, company_id))
    env.invalidate_all()
