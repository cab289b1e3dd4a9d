from odoo import fields, models

STATES = [
    ("open", "Open"),
    ("late", "Late"),
    ("kept", "Kept"),
    ("partly", "Partly Kept"),
    ("broken", "Broken"),
]


class AccountDunningPromisePart(models.Model):
    """What was promised for one day."""

    _name = "account.dunning.promise.part"
    _description = "Part of a Promise to Pay"
    _inherit = ["account.dunning.guard"]
    _order = "promise_id, date, id"

    promise_id = fields.Many2one(
        "account.dunning.promise", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="promise_id.company_id", store=True)
    currency_id = fields.Many2one(related="promise_id.currency_id")
    date = fields.Date(required=True, readonly=True)
    amount = fields.Monetary(required=True, readonly=True)
    state = fields.Selection(STATES, required=True, default="open", readonly=True)
    received = fields.Monetary(readonly=True, help="What came in time for this part and those before it.")
    reminded_on = fields.Date(readonly=True, help="When the customer was reminded of the late part.")

    _amount_positive = models.Constraint("CHECK (amount > 0)", "What is promised is more than zero.")
    _one_a_day = models.Constraint("UNIQUE (promise_id, date)", "A promise has one part for a day.")
