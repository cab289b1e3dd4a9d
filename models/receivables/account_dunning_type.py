from markupsafe import Markup

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL


class AccountDunningType(models.Model):
    """The customers that a dunning type takes (rules §4)."""

    _inherit = "account.dunning.type"

    def action_open_customers(self):
        """Tell how many customers the type takes today (rules §4), and show them."""
        self.ensure_one()
        customers = self._get_customers()
        show = {
            "type": "ir.actions.act_window",
            "name": self.env._("Customers of %(type)s", type=self.name),
            "res_model": "res.partner",
            "view_mode": "list,form",
            "views": [[False, "list"], [False, "form"]],
            "domain": [("id", "in", customers.ids)],
            "context": {"active_test": False},
            "help": Markup("<p class='o_view_nocontent_smiling_face'>%s</p>")
            % self.env._("This dunning type takes no customer"),
        }
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self.env._(
                    "“%(type)s” takes %(count)s of %(total)s customers.",
                    type=self.name,
                    count=len(customers),
                    total=len(self._get_all_customer_ids()),
                ),
                "next": show,
            },
        }

    def _get_customers(self):
        """The customers that the type takes: who name it, whom its rule takes first, or the rest if it is default."""
        self.ensure_one()
        types = self.env["account.dunning.reader"]._get_types(self.company_id, self._get_all_customer_ids())
        return self.env["res.partner"].browse(key for key, type_id in types.items() if type_id == self.id)

    def _get_all_customer_ids(self):
        """The ids of the company's customers: commercial partners that count as customers or have receivables."""
        # ids only; they are shown as far as the user may read them
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        # ids only, of the company's own branches
        branches = self.env["res.company"].sudo().search([("id", "child_of", self.company_id.id)])
        known = partners._search(
            Domain("customer_rank", ">", 0)
            & Domain("active", "=", True)
            & Domain("company_id", "in", [False, *branches.ids])
            & (Domain("parent_id", "=", False) | Domain("is_company", "=", True))
        )
        self.env["account.move.line"].flush_model(["account_id", "parent_state", "company_id", "partner_id"])
        rows = self.env.execute_query(
            SQL(
                "%s UNION SELECT line.partner_id FROM account_move_line line WHERE %s ORDER BY 1",
                known.select(),
                self.env["account.dunning.reader"]._open_item_condition(self.company_id),
            )
        )
        return [row[0] for row in rows]
