"""Each item of a journal entry is a document of its own: plans and holds that rest on the entry go to its items."""

from odoo import SUPERUSER_ID, api

from odoo.addons.account_dunning.engine import spread_contested

KEPT = ("ended_on", "outcome", "outcome_note", "review_date", "review_asked")


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    split_plans(env)
    split_holds(env)


def split_plans(env):
    """Split the plans; those that are open are brought up to date, with the new ones."""
    plans = env["account.collection.plan"].search([("mode", "=", "invoice"), ("move_id.move_type", "=", "entry")])
    plans._split_entries()
    plans = plans.search([("move_line_id", "!=", False), ("state", "in", ("ongoing", "paused"))])
    plans._settle()


def split_holds(env):
    """A hold on an entry becomes one on each of its receivable items; a part of the amount lies on the last due."""
    model = env["account.dunning.hold"].with_context(
        tracking_disable=True, mail_create_nolog=True, mail_create_nosubscribe=True
    )
    for hold in model.search([("move_id.move_type", "=", "entry")]):
        lines = hold.move_id.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable" and line.balance > 0
        )
        lines = lines.sorted(lambda line: (line.dunning_due_date, line.id))
        parts = dict.fromkeys(lines.ids, 0.0)
        if hold.amount:
            parts = spread_contested(hold.amount, [(line.id, line.amount_residual_currency) for line in lines])
        values = [
            {"move_id": False, "move_line_id": line.id, "amount": parts[line.id]}
            for line in lines
            if line.id in parts and (parts[line.id] or not hold.amount)
        ]
        kept = {name: hold[name] for name in KEPT}
        for vals in values[1:]:
            hold.copy({**kept, **vals})
        if values:
            hold.write(values[0])
