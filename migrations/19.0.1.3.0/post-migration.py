from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    propose_anew(env)


def propose_anew(env):
    """A run that proposed while the module was updated has no chunks yet: it begins once more."""
    for run in env["account.dunning.run"].search([("state", "=", "proposing")]):
        run._start_proposing(run.date)
