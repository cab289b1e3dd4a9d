from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    propose_anew(env)
    forget_who_and_when(cr)


def propose_anew(env):
    """A run that proposed while the module was updated has no chunks yet: it begins once more."""
    for run in env["account.dunning.run"].search([("state", "=", "proposing")]):
        run._start_proposing(run.date)


def forget_who_and_when(cr):
    """Lines of notices do not log who made them and when any more: their notice does."""
    for column in ("create_uid", "create_date", "write_uid", "write_date"):
        cr.execute(f"ALTER TABLE account_dunning_notice_line DROP COLUMN IF EXISTS {column}")
