from odoo import api, fields, models

KINDS = [
    ("none", "Nothing"),
    ("call_back", "Call back"),
    ("promise", "A promise to pay"),
    ("dispute", "A dispute"),
    ("paid", "The payment is looked up"),
    ("copy", "Copies are sent"),
    ("insolvent", "All dunning stops: insolvent"),
    ("deceased", "All dunning stops: deceased"),
]


class AccountDunningOutcome(models.Model):
    """How a contact with a customer ended, and what follows of it."""

    _name = "account.dunning.outcome"
    _description = "Outcome of a Contact"
    _inherit = ["account.dunning.shipped.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(KINDS, string="What Follows", required=True, default="none")
    right_party = fields.Boolean(
        string="Right Person Reached", help="Counts as a contact with the person who decides on the payment."
    )

    _name_unique = models.Constraint("UNIQUE (company_id, name)", "There is already an outcome of this name.")

    @api.model
    def _get_first(self, company, kind):
        """The first outcome of a ``kind`` that ``company`` has (one record, or none)."""
        return self.search([("company_id", "=", company.id), ("kind", "=", kind)], limit=1)
