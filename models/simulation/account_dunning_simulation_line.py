from odoo import api, fields, models

from ...tools.bulk import bulk_insert

POLICIES = [("live", "Live"), ("changed", "Changed")]
DIFFERENCES = [
    ("same", "Same"),
    ("other_day", "Other Day"),
    ("other_level", "Other Level"),
    ("only", "Only Here"),
]


class AccountDunningSimulationLine(models.Model):
    """An item in a notice that a policy would have sent, and how that stands to the other policy.

    What belongs to the notice as a whole (it counts as one, its charges, its cost) stands at its first item, so that
    sums are right.
    """

    _name = "account.dunning.simulation.line"
    _description = "Simulated Notice"
    _log_access = False
    _order = "simulation_id, day, partner_id, id"
    _rec_name = "number"

    simulation_id = fields.Many2one(
        "account.dunning.simulation", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    policy = fields.Selection(POLICIES, required=True, readonly=True)
    day = fields.Date(required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True, ondelete="cascade"
    )
    move_line_id = fields.Many2one(
        "account.move.line", string="Journal Item", readonly=True, index="btree_not_null", ondelete="set null"
    )
    number = fields.Char(string="Invoice", readonly=True)
    type_id = fields.Many2one(
        "account.dunning.type", string="Dunning Type", readonly=True, index="btree_not_null", ondelete="set null"
    )
    level = fields.Char(readonly=True)
    difference = fields.Selection(
        DIFFERENCES, readonly=True, help="Only here: the other policy never sends this level of the invoice."
    )
    other_day = fields.Date(string="Day of the Other", readonly=True)
    other_level = fields.Char(string="Level of the Other", readonly=True)
    days_later = fields.Integer(
        readonly=True, aggregator="avg", help="How many days later than the other policy; negative: earlier."
    )
    document = fields.Selection(
        [("email", "E-mail"), ("letter", "Letter"), ("none", "No Document")], string="Channel", readonly=True
    )
    amount = fields.Monetary(string="Dunned", readonly=True, help="What is claimed of the invoice.")
    notices = fields.Integer(readonly=True, help="1 at the first invoice of a notice.")
    first_contacts = fields.Integer(
        string="Customers First Contacted", readonly=True, help="1 at the first notice that a customer ever gets."
    )
    charges = fields.Monetary(readonly=True, help="Fees and interest that the notice claims anew.")
    cost = fields.Monetary(string="Cost of Letters", readonly=True)

    @api.model
    def _keep(self, rows):
        """Store rows, dicts of values with the same keys."""
        bulk_insert(self, rows)

    def action_open_item(self):
        """Open the invoice."""
        self.check_access("read")
        self.ensure_one()
        return self.move_line_id.move_id._get_records_action() if self.move_line_id else False

    def action_open_customer(self):
        """Open the customer."""
        self.check_access("read")
        self.ensure_one()
        return self.partner_id._get_records_action()
