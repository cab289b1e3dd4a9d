"""Each new version makes the triggers anew: what it changes in the schema need not heed those of the old one."""

from odoo.tools import SQL


def migrate(cr, version):
    cr.execute(
        """SELECT oid::regprocedure::text FROM pg_proc
           WHERE proname LIKE 'account\\_dunning\\_mark\\_%' AND pronamespace = current_schema::regnamespace"""
    )
    for (function,) in cr.fetchall():
        cr.execute(SQL("DROP FUNCTION %s CASCADE", SQL(function)))
