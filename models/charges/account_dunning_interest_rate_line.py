from odoo import fields, models


class AccountDunningInterestRateLine(models.Model):
    _name = "account.dunning.interest.rate.line"
    _description = "Interest Rate Since"
    _inherit = ["account.dunning.guard"]
    _order = "rate_id, date desc, id"

    rate_id = fields.Many2one("account.dunning.interest.rate", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="rate_id.company_id")
    date = fields.Date(string="Since", required=True, help="The first day that bears this rate.")
    percent = fields.Float(
        string="Rate (%)", digits=(7, 3), required=True, aggregator=None, help="Percent a year; it may be negative."
    )

    _percent_bounds = models.Constraint(
        "CHECK (percent BETWEEN -1000 AND 1000)", "An interest rate is between -1000 and 1000 percent a year."
    )
    _date_unique = models.Constraint("UNIQUE (rate_id, date)", "An interest rate has one value for each day only.")
