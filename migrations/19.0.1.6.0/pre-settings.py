"""The dunning settings of a root company become a record of their own; they were columns of the company.

A dialog had the name of that record.
"""

from odoo.tools import SQL
from odoo.tools.sql import create_model_table, table_exists

TABLE = "account_dunning_settings"
# The settings by the columns that they were.
SETTINGS = {
    "dunning_mode": "mode",
    "dunning_balance_id": "balance_id",
    "dunning_max_levels": "max_levels",
    "dunning_auto_issue": "auto_issue",
    "dunning_issue_user_id": "issue_user_id",
    "dunning_letter_sent": "letter_sent",
    "dunning_charges": "charges",
    "dunning_charge_account_id": "charge_account_id",
    "dunning_charge_journal_id": "charge_journal_id",
    "dunning_start_date": "start_date",
    "dunning_write_off_account_id": "write_off_account_id",
    "dunning_write_off_tax": "write_off_tax",
    "dunning_return_fee_account_id": "return_fee_account_id",
    "dunning_day": "last_night",
}
LOG = ("create_uid", "create_date", "write_uid", "write_date")
OLD_TYPES = "account_dunning_invoice_type_res_company_rel"
TYPES = "account_dunning_invoice_type_account_dunning_settings_rel"


def migrate(cr, version):
    there = read_columns(cr)
    cr.execute(f"DROP TABLE IF EXISTS {TYPES}, {TABLE} CASCADE")
    names = {old: new for old, new in SETTINGS.items() if old in there}
    columns = [("company_id", "int4", ""), *((new, there[old], "") for old, new in names.items())]
    create_model_table(cr, TABLE, "Dunning Settings", columns + [(name, there[name], "") for name in LOG])
    move_settings(cr, names)
    move_invoice_types(cr)


def read_columns(cr):
    """The type of each column of the companies; older releases lack some settings."""
    cr.execute("SELECT column_name, udt_name FROM information_schema.columns WHERE table_name = 'res_company'")
    return dict(cr.fetchall())


def move_settings(cr, names):
    """Branches are dunned by their main company; what stood with them had no meaning."""
    cr.execute(
        SQL(
            "INSERT INTO account_dunning_settings (company_id, %s) SELECT id, %s FROM res_company"
            " WHERE parent_id IS NULL ORDER BY id",
            SQL(", ").join(map(SQL.identifier, (*names.values(), *LOG))),
            SQL(", ").join(map(SQL.identifier, (*names, *LOG))),
        )
    )
    for name in names:
        cr.execute(SQL("ALTER TABLE res_company DROP COLUMN %s CASCADE", SQL.identifier(name)))


def move_invoice_types(cr):
    cr.execute(
        f"""CREATE TABLE {TYPES} (
                account_dunning_settings_id int NOT NULL, account_dunning_invoice_type_id int NOT NULL,
                PRIMARY KEY (account_dunning_settings_id, account_dunning_invoice_type_id));
            CREATE INDEX ON {TYPES} (account_dunning_invoice_type_id, account_dunning_settings_id)"""
    )
    if table_exists(cr, OLD_TYPES):
        cr.execute(
            f"""INSERT INTO {TYPES} (account_dunning_settings_id, account_dunning_invoice_type_id)
                SELECT settings.id, old.account_dunning_invoice_type_id
                  FROM {OLD_TYPES} old
                  JOIN {TABLE} settings ON settings.company_id = old.res_company_id"""
        )
        cr.execute(f"DROP TABLE {OLD_TYPES}")
