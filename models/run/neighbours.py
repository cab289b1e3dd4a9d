from odoo.tools import format_list

# Modules that dun too, and those that book returned payments: by their technical names.
DUNNING_MODULES = ("account_credit_control", "account_invoice_overdue_reminder")
RETURN_MODULES = ("account_payment_return",)


class RunNeighbours:
    """The first run of a company tells of modules in the same database that do the same."""

    __slots__ = ()

    def _has_others(self):
        domain = [("company_id", "=", self.company_id.id), ("id", "!=", self.id)]
        return bool(self.sudo().search_count(domain, limit=1))  # whether the company has any, whoever sees them

    def _warn_of_neighbours(self):
        """Tell in the chatter which installed modules dun or book returned payments too. Hook."""
        modules = self.env["ir.module.module"].sudo()  # their names only
        installed = modules.search(
            [("name", "in", DUNNING_MODULES + RETURN_MODULES), ("state", "in", ("installed", "to upgrade"))]
        )
        dunning = installed.filtered(lambda module: module.name in DUNNING_MODULES)
        if dunning:
            self.message_post(
                body=self.env._(
                    "%(modules)s is installed in this database too. Dun the customers of this company with one of the "
                    "two only: neither knows what the other has sent.",
                    modules=format_list(self.env, dunning.mapped(lambda module: module.shortdesc or module.name)),
                )
            )
        if installed - dunning:
            self.message_post(
                body=self.env._(
                    "%(modules)s is installed in this database too. Book each returned payment in one of the two ways "
                    "only; either asks the collector to call.",
                    modules=format_list(
                        self.env, (installed - dunning).mapped(lambda module: module.shortdesc or module.name)
                    ),
                )
            )
