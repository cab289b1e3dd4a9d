from odoo import api, models
from odoo.tools import SQL


class AccountDunningBacklog(models.Model):
    """A payment marks its customer, whatever it can see of plans: so nobody else's plan was overlooked.

    Who opened the plan could not see that mark either, and has left it. The night that does see it settles the plan.
    """

    _inherit = "account.dunning.backlog"

    @api.model
    def _get_suspect_condition(self):
        return SQL("plan.partner_id IN (SELECT customer_ref FROM account_dunning_change)")
