from odoo import fields, models


class AccountDunningSettings(models.Model):
    """What customers may do on their page."""

    _inherit = "account.dunning.settings"

    page_active = fields.Boolean(
        string="Customer's Page",
        default=True,
        help="Notices lead to a page where the customer sees what is open, pays, promises and objects.",
    )
    page_days = fields.Integer(
        string="Links Expire After", default=90, help="Days for which the link in a notice opens the page."
    )
    page_part_payment = fields.Boolean(
        string="Part Payments", help="A customer may pay less online than the items that he ticks."
    )
    page_promise_days = fields.Integer(
        string="Promises Ahead", default=14, help="A promise for a later day is a request that a collector decides."
    )
    page_promise_count = fields.Integer(
        string="Promises per Item", default=2, help="Further promises on the same item are requests."
    )
    page_promise_share = fields.Float(
        string="Least Share Promised",
        default=50.0,
        help="Percent of what is overdue of the chosen items; a smaller promise is a request.",
    )
    page_promise_level_id = fields.Many2one(
        "account.dunning.level",
        string="No Promises From Level",
        check_company=True,
        domain="[('type_id.company_id', '=', company_id)]",
        ondelete="set null",
        help="From this level on a promise on the page is a request. Empty: at every level it is a promise.",
    )
    page_privacy_url = fields.Char(
        string="Privacy Page", help="The address of your page on privacy, to which the customer's page has a link."
    )
    page_seen = fields.Boolean(
        string="Note Visits", help="The case says when the customer has opened his page; the desk counts it."
    )

    _page_bounds = models.Constraint(
        "CHECK (page_days BETWEEN 1 AND 730 AND page_promise_days BETWEEN 0 AND 365"
        " AND page_promise_count BETWEEN 0 AND 100 AND page_promise_share BETWEEN 0 AND 100)",
        "The customer's page: links last 1 to 730 days, promises are at most 365 days ahead, and the least share is "
        "between 0 and 100 percent.",
    )
