"""Dunning states do not log who wrote them and when any more: the notice does."""

from odoo.tools import SQL


def migrate(cr, version):
    for column in ("create_uid", "create_date", "write_uid", "write_date"):
        cr.execute(SQL("ALTER TABLE account_dunning_item DROP COLUMN IF EXISTS %s", SQL.identifier(column)))
