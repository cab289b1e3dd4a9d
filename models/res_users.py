from odoo import SUPERUSER_ID, models

MANAGERS = "account_dunning.group_dunning_manager"


class ResUsers(models.Model):
    _inherit = "res.users"

    def _can_issue_dunning(self, company):
        """True for an active internal user who is a dunning manager of the ``company``; never for the superuser."""
        user = self.sudo()  # groups and companies of users are closed to most users
        return bool(
            user
            and user.id != SUPERUSER_ID
            and user.active
            and not user.share
            and user.has_group(MANAGERS)
            and company in user.company_ids
        )

    def _get_dunning_issuer(self, company):
        """The user, where he may issue the notices of ``company``, else none: who is proposed for automatic issues."""
        return self if self._can_issue_dunning(company._origin) else self.browse()
