from odoo import models


class AccountPartialReconcile(models.Model):
    """A matching counts from a day on: what was open on a former day is found by the matchings since."""

    _inherit = "account.partial.reconcile"

    _max_date_index = models.Index("(max_date)")
