from odoo import fields, models


class AccountDunningPromiseItem(models.Model):
    """An item that a promise covers, up to an amount. An item is covered by one open promise at most."""

    _name = "account.dunning.promise.item"
    _description = "Item of a Promise to Pay"
    _inherit = ["account.dunning.guard"]
    _order = "promise_id, id"

    promise_id = fields.Many2one(
        "account.dunning.promise", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="promise_id.company_id", store=True)
    currency_id = fields.Many2one(related="promise_id.currency_id")
    move_line_id = fields.Many2one(
        "account.move.line", string="Item", required=True, index=True, ondelete="cascade", readonly=True
    )
    due_date = fields.Date(related="move_line_id.dunning_due_date")
    amount = fields.Monetary(readonly=True, help="How much of it is promised.")
    amount_open = fields.Monetary(related="move_line_id.amount_residual_currency", string="Open")
    is_open = fields.Boolean(readonly=True, default=True)

    _one_open = models.UniqueIndex("(move_line_id) WHERE is_open", "An item is covered by one open promise at most.")
