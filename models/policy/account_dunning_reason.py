from odoo import fields, models

from ..base.account_dunning_guard import colleagues
from ..base.names import COLLECTORS


class AccountDunningReason(models.Model):
    _name = "account.dunning.reason"
    _description = "Dunning Reason"
    _inherit = ["account.dunning.shipped.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    dispute = fields.Boolean(help="The customer contests the claim. Holds with such a reason count as disputes.")
    user_id = fields.Many2one(
        "res.users",
        string="Default Owner",
        domain=lambda self: f"[('all_group_ids', 'in', {self.env.ref(COLLECTORS).ids})] + {colleagues('company_id')}",
        help="Looks after holds with this reason, unless somebody else is chosen. Empty: whoever puts on hold.",
    )
    review_days = fields.Integer(
        string="Review After",
        help="The owner is asked to look at a hold with this reason again so many days after it began, unless another "
        "day is chosen. 0: no review.",
    )

    _name_unique = models.Constraint("UNIQUE (company_id, name)", "There is already a reason of this name.")
    _review_days_bounds = models.Constraint(
        "CHECK (COALESCE(review_days, 0) BETWEEN 0 AND 3650)", "A review is due after 0 to 3650 days."
    )

    def _get_owner_for(self, company):
        """The default owner (one user, or none) of holds of ``company``, while he may still be one."""
        domain = self._get_choice_domain("user_id")
        owner = self.sudo().user_id.filtered("active").filtered_domain(domain)  # groups of users are closed to most
        return owner.filtered(lambda user: company in user.company_ids.root_id).with_env(self.env)
