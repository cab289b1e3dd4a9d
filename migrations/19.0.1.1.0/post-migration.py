from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    set_responsible(env)


def set_responsible(env):
    """Actions that named a user go on giving him the activity; the others ask the collector first, as before."""
    env["account.dunning.action"].with_context(active_test=False).search([("user_id", "!=", False)]).write(
        {"responsible": "user"}
    )
