from odoo import fields, models

GROUNDS = [
    ("date", "An agreed date"),
    ("notice", "The notice on the invoice: thirty days"),
    ("none", "Only a demand"),
]


class AccountDunningSettings(models.Model):
    """What a company has agreed with its customers, as far as the law asks for it."""

    _inherit = "account.dunning.settings"

    default_ground = fields.Selection(
        GROUNDS,
        string="What Puts Into Default",
        required=True,
        default="none",
        help="An agreed date: the due date was agreed, not only printed on the invoice.\n"
        "The notice on the invoice: it says that default begins thirty days after the due date.\n"
        "Only a demand: default begins when a first notice counts as received. Customers and invoices may differ.",
    )
    fee_agreed = fields.Boolean(
        string="Fee and Lump Sum Are Agreed", help="Your terms, which customers accept before they buy, name them."
    )
    deducts_tax = fields.Boolean(
        string="Deducts the Tax on Purchases",
        default=True,
        help="Where not, the tax on costs of collection is claimed, too, as far as the law says so.",
    )
