from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _get_page_amount(self):
        """What the page asks for an open debit: what is open less a disputed part; all of it if he disputes all."""
        self.ensure_one()
        undisputed = self.currency_id.round(self.amount_residual_currency - self.dunning_disputed)
        return undisputed if self.currency_id.compare_amounts(undisputed, 0) > 0 else self.amount_residual_currency
