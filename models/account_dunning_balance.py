import ast

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class AccountDunningBalance(models.Model):
    """A *customer balance*: a definable set of a customer's open items, summed in company currency.

    Customer-based dunning begins and ends by the balance that the company's settings name.
    """

    _name = "account.dunning.balance"
    _description = "Customer Balance"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    default = fields.Boolean(string="Default Balance", help="Taken by companies that chose no other.")
    item_domain = fields.Char(
        string="Items", default="[]", help="Which open items count; empty: all. Only stored fields can be used."
    )
    with_credits = fields.Boolean(help="Credit notes and unallocated payments reduce the balance.")
    overdue_only = fields.Boolean(help="Only items past their due date count.")

    _default_unique = models.UniqueIndex('((1)) WHERE "default" AND active', "Only one customer balance is default.")

    def _get_amounts(self, company, partner_ids, today):
        """The balance of each customer, with one query.

        :param company: a root company; items of its branches count
        :param list[int] partner_ids: ids of commercial partners
        :return: dict from partner id to the balance in company currency; 0.0 where nothing is open
        """
        self.ensure_one()
        self.env.flush_all()
        assessor = self.env["account.dunning.assessor"]
        rows = self.env.execute_query(
            SQL(
                """SELECT line.partner_id, SUM(line.amount_residual + COALESCE(returned.amount, 0))
                     FROM account_move_line line
                     LEFT JOIN (%s) AS returned ON returned.line_id = line.id
                    WHERE %s AND (line.reconciled IS NOT TRUE OR returned.line_id IS NOT NULL)
                      AND line.partner_id = ANY(%s) AND %s
                    GROUP BY line.partner_id""",
                assessor._returned_query(SQL("debit.partner_id = ANY(%s)", list(partner_ids))),
                assessor._open_item_condition(company),
                list(partner_ids),
                self._get_item_condition(today),
            )
        )
        return dict.fromkeys(partner_ids, 0.0) | {partner_id: float(amount) for partner_id, amount in rows}

    def _get_item_condition(self, today):
        """SQL condition for the items that count, on the aliases ``line`` and ``returned``.

        The credit of a payment that was rejected or cancelled is none.
        """
        lines = self.env["account.move.line"].sudo().with_context(active_test=False)
        query = lines._search(self._get_item_domain(), bypass_access=True)
        return SQL(
            """line.id IN %s AND (NOT %s OR line.date_maturity < %s)
               AND (line.amount_residual + COALESCE(returned.amount, 0) > 0
                    OR %s AND NOT EXISTS (SELECT 1 FROM account_payment payment WHERE payment.move_id = line.move_id
                                             AND payment.state IN ('draft', 'rejected', 'canceled')))""",
            query.subselect(),
            self.overdue_only,
            today,
            self.with_credits,
        )

    def _get_item_domain(self):
        """Domain on ``account.move.line`` of the items that count."""
        self.ensure_one()
        return Domain(ast.literal_eval((self.item_domain or "").strip() or "[]"))

    @api.model
    def _get_default(self):
        """The default balance (one record)."""
        return self.sudo().search([("default", "=", True)], limit=1)
