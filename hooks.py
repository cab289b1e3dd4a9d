from odoo.tools import SQL

from .models.run.marks import drop_triggers

HISTORY = (
    "account_dunning_handover_line",
    "account_dunning_handover",
    "account_dunning_notice_line",
    "account_dunning_notice",
    "account_dunning_item",
    "account_dunning_consequence",
    "account_collection_plan",
    "account_dunning_hold",
    "account_dunning_run",
)


def uninstall_hook(env):
    """Give customers their own payment terms again, and delete the history.

    The history refers to the types and levels, which may not go before it.
    """
    drop_triggers(env.cr)
    env["account.dunning.consequence"].search([])._take_back(env._("dunning is uninstalled"))
    env.flush_all()
    for table in HISTORY:
        env.execute_query(SQL("DELETE FROM %s RETURNING id", SQL.identifier(table)))
    env.invalidate_all(flush=False)
