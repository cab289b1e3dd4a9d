"""Names that say what is: what a run skipped, the claim of a line of a notice, payment retries."""

from odoo.tools import SQL
from odoo.tools.sql import column_exists, table_exists

COLUMNS = (
    ("account_dunning_notice_line", "amount_residual", "claim"),
    ("account_collection_plan", "charge_action_id", "retry_action_id"),
)
# Old and new names of fields, by model, in the filters that people have saved.
FIELDS = {
    "account.dunning.notice.line": {"amount_residual": "claim"},
    "account.dunning.run": {"left_out_count": "skipped_count", "left_out_ids": "skipped_ids"},
    "account.collection.plan": {
        "has_unclear_charges": "has_unclear_retries",
        "item_ids": "item_state_ids",
        "notice_line_ids.amount_residual": "notice_line_ids.claim",
    },
    "account.move.line": {"dunning_item_ids": "dunning_item_state_ids"},
}


def migrate(cr, version):
    for table, old, new in COLUMNS:
        if column_exists(cr, table, old):
            cr.execute(
                SQL(
                    "ALTER TABLE %s RENAME COLUMN %s TO %s",
                    SQL.identifier(table),
                    SQL.identifier(old),
                    SQL.identifier(new),
                )
            )
    rename_skipped(cr)
    rename_records(cr)
    rename_in_filters(cr)


def rename_skipped(cr):
    old, new = "account_dunning_left_out", "account_dunning_skipped"
    if not table_exists(cr, old):
        return
    cr.execute(SQL("ALTER TABLE %s RENAME TO %s", SQL.identifier(old), SQL.identifier(new)))
    cr.execute(
        "SELECT indexname FROM pg_indexes WHERE tablename = %s UNION SELECT conname FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype <> 'p' AND conname NOT IN"
        " (SELECT indexname FROM pg_indexes WHERE tablename = %s)",
        (new, new, new),
    )
    kept = [name for (name,) in cr.fetchall() if name.startswith(old)]
    for name in kept:
        cr.execute("SELECT 1 FROM pg_class WHERE relname = %s AND relkind = 'i'", (name,))
        rename = SQL.identifier(new + name.removeprefix(old))
        if cr.rowcount:
            cr.execute(SQL("ALTER INDEX %s RENAME TO %s", SQL.identifier(name), rename))
        else:
            cr.execute(
                SQL("ALTER TABLE %s RENAME CONSTRAINT %s TO %s", SQL.identifier(new), SQL.identifier(name), rename)
            )
    cr.execute("ALTER SEQUENCE account_dunning_left_out_id_seq RENAME TO account_dunning_skipped_id_seq")
    cr.execute("UPDATE ir_model SET model = 'account.dunning.skipped' WHERE model = 'account.dunning.left.out'")
    cr.execute("UPDATE ir_model_fields SET model = 'account.dunning.skipped' WHERE model = 'account.dunning.left.out'")
    cr.execute(
        "UPDATE ir_model_fields SET relation = 'account.dunning.skipped' WHERE relation = 'account.dunning.left.out'"
    )
    for table, column in (("ir_filters", "model_id"), ("ir_exports", "resource"), ("ir_attachment", "res_model")):
        cr.execute(
            SQL(
                "UPDATE %s SET %s = 'account.dunning.skipped' WHERE %s = 'account.dunning.left.out'",
                SQL.identifier(table),
                SQL.identifier(column),
                SQL.identifier(column),
            )
        )


def rename_records(cr):
    """The names of records in data files, so that what people changed in them stays."""
    cr.execute(
        """UPDATE ir_model_data SET name = replace(replace(name, 'account_dunning_left_out', 'account_dunning_skipped'),
                                                   'ir_cron_dunning_charge', 'ir_cron_dunning_retry')
           WHERE module = 'account_dunning'
             AND (name LIKE '%account\\_dunning\\_left\\_out%' OR name LIKE 'ir\\_cron\\_dunning\\_charge%')"""
    )
    cr.execute(
        "UPDATE ir_act_server SET code = 'model._cron_retry()' WHERE code = 'model._cron_charge()'"
        " AND model_id IN (SELECT id FROM ir_model WHERE model = 'account.collection.plan')"
    )


def rename_in_filters(cr):
    for model, names in FIELDS.items():
        for old, new in names.items():
            for column in ("domain", "context", "sort"):
                cr.execute(
                    SQL(
                        "UPDATE ir_filters SET %(column)s = regexp_replace(%(column)s::text, %(old)s, %(new)s, 'g')"
                        " WHERE model_id = %(model)s AND %(column)s::text ~ %(old)s",
                        column=SQL.identifier(column),
                        old=rf"\m{old}\M".replace(".", r"\."),
                        new=new,
                        model=model,
                    )
                )
            cr.execute(
                "UPDATE ir_exports_line SET name = %s WHERE name = %s"
                " AND export_id IN (SELECT id FROM ir_exports WHERE resource = %s)",
                (new, old, model),
            )
