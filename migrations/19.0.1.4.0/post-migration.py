"""Customers of notice lines are those of their notices; unneeded indexes go; written-off charges count."""

from odoo import SUPERUSER_ID, api

UNUSED = {
    "account_collection_plan": ("company_id", "level_id", "type_id"),
    "account_dunning_item": ("company_id", "level_id"),
    "account_dunning_notice": ("company_id", "level_id", "type_id"),
    "account_dunning_notice_line": ("level_id",),
}


def migrate(cr, version):
    cr.execute("ALTER TABLE account_dunning_notice_line DROP COLUMN IF EXISTS partner_id")
    for table, columns in UNUSED.items():
        for column in columns:
            cr.execute(f"DROP INDEX IF EXISTS {table}__{column}_index")
    count_charges(api.Environment(cr, SUPERUSER_ID, {}))


def count_charges(env):
    """What is written off of a plan counts its charges."""
    env["account.collection.plan"].search(
        [
            ("close_reason", "=", "written_off"),
            ("write_off_move_ids.line_ids.matched_debit_ids.debit_move_id.move_id.dunning_notice_id", "!=", False),
        ]
    )._settle()
