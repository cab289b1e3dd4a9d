from odoo import api, models
from odoo.tools import SQL, format_list

# Modules that dun too, and those that book returned payments: by their technical names.
DUNNING_MODULES = ("account_credit_control", "account_invoice_overdue_reminder")
RETURN_MODULES = ("account_payment_return",)

PAYMENT_LINE = "account.payment.line"
# An order that was not uploaded has no payments yet: nothing else tells that the money is coming.
OPEN_ORDER_STATES = ("draft", "open", "generated")


class AccountDunningAssessor(models.AbstractModel):
    """What is in an open payment order (OCA's ``account_payment_order``, where it is installed) is not dunned."""

    _inherit = "account.dunning.assessor"

    @api.model
    def _find_obstacles(self, company, line_ids):
        found = super()._find_obstacles(company, line_ids)
        if line_ids and self._has_payment_orders():
            found = {**found, "payment_order": self._find_in_payment_orders(line_ids)}
        return found

    @api.model
    def _has_payment_orders(self):
        registry = self.env.registry
        return PAYMENT_LINE in registry and {"move_line_id", "order_id"} <= registry[PAYMENT_LINE]._fields.keys()

    @api.model
    def _find_in_payment_orders(self, line_ids):
        rows = self.env.execute_query(
            SQL(
                """SELECT line.move_line_id FROM account_payment_line line
                     JOIN account_payment_order payment_order ON payment_order.id = line.order_id
                    WHERE line.move_line_id = ANY(%s) AND payment_order.state = ANY(%s)""",
                list(line_ids),
                list(OPEN_ORDER_STATES),
            )
        )
        return {line_id for (line_id,) in rows}


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
