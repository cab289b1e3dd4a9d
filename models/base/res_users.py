from odoo import SUPERUSER_ID, models

from .names import COLLECTORS, INVOICING, MANAGERS

READING = "account.group_account_readonly"


class ResUsers(models.Model):
    _inherit = "res.users"

    def _compute_all_group_ids(self):
        """Collectors read accounting, unless they are accountants, who see of it what they saw without dunning.

        The group of collectors cannot imply that of readers: accounting administrators are dunning managers, and would
        be shown all menus of readers.
        """
        super()._compute_all_group_ids()
        collector, invoicing, reading = map(self._get_dunning_group, (COLLECTORS, INVOICING, READING))
        for user in self:
            groups = user.all_group_ids
            if collector and collector in groups._origin and invoicing not in groups._origin:
                user.all_group_ids = groups | reading.all_implied_ids

    def _get_dunning_group(self, xmlid):
        data = self.env["ir.model.data"]
        return self.env["res.groups"].browse(data._xmlid_to_res_id(xmlid, raise_if_not_found=False))

    def _get_dunning_managers(self, company):
        """All active internal users who are dunning managers of the ``company``."""
        users = self.env.ref(MANAGERS).all_user_ids
        return users.filtered(lambda user: user.active and not user.share and company in user.company_ids)

    def _get_dunning_accountant(self, company):
        """Who books for the ``company`` what its collectors may not: an invoicing user, a dunning manager if possible.

        One user, or none where the company has no accountant.
        """
        accountants = self.env.ref(INVOICING).sudo().all_user_ids  # groups of users are closed to most users
        able = accountants.filtered(lambda user: user.active and not user.share and company in user.company_ids)
        able = able.filtered(lambda user: user.id != SUPERUSER_ID).sorted("id")
        return (able & self.sudo()._get_dunning_managers(company) or able)[:1].with_env(self.env)

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
        """Who is proposed to issue by himself for ``company``: the user, if he may issue its notices, else nobody."""
        return self if self._can_issue_dunning(company._origin) else self.browse()
