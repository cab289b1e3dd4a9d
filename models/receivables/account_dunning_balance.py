from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.domains import find_closed, find_unstored, parse_domain
from ..receivables.document import DUE

# What returned payments had settled is open, and credits of such payments are none, as for the reader.
AMOUNTS_QUERY = f"""
WITH returned AS (%(returned)s), candidate AS (
    SELECT line.id FROM account_move_line line
     WHERE %(open_item)s AND line.reconciled IS NOT TRUE AND line.partner_id = ANY(%(partners)s)
     UNION
    SELECT line_id FROM returned
), judged AS (
    SELECT id FROM candidate
     UNION
    SELECT former.move_line_id FROM candidate JOIN account_dunning_item former ON former.heir_line_id = candidate.id
     UNION
    SELECT former.move_line_id FROM candidate
      JOIN account_dunning_item part ON part.move_line_id = candidate.id
      JOIN account_dunning_item former ON former.id = part.part_of_id
)
SELECT line.partner_id, SUM(line.amount_residual + COALESCE(returned.amount, 0))
  FROM candidate
  JOIN account_move_line line ON line.id = candidate.id
  JOIN account_move move ON move.id = line.move_id
  LEFT JOIN account_payment own ON own.id = move.origin_payment_id
  LEFT JOIN returned ON returned.line_id = line.id
 WHERE %(open_item)s AND line.partner_id = ANY(%(partners)s) AND %(counts)s
   AND CASE WHEN line.amount_residual + COALESCE(returned.amount, 0) > 0
            THEN move.dunning_notice_id IS NULL
                 AND (NOT %(overdue)s OR {DUE} < %(today)s)
            ELSE %(credits)s AND (own.state IN ('draft', 'rejected', 'canceled')) IS NOT TRUE END
 GROUP BY line.partner_id
"""

# Items that count, and those to which such a debt, or a part of it, was transferred. The domain is asked of few items.
COUNTS = """(
line.id IN %(items)s OR EXISTS (
    SELECT 1 FROM account_dunning_item former
     WHERE former.heir_line_id = line.id AND former.move_line_id IN %(items)s
) OR EXISTS (
    SELECT 1 FROM account_dunning_item part
      JOIN account_dunning_item former ON former.id = part.part_of_id
     WHERE part.move_line_id = line.id AND former.move_line_id IN %(items)s
))"""


class AccountDunningBalance(models.Model):
    """A *customer balance*: a definable set of a customer's open items, summed in company currency.

    Customer-based dunning begins and ends by the balance that the company's settings name.
    """

    _name = "account.dunning.balance"
    _description = "Customer Balance"
    _inherit = ["account.dunning.shipped.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    default = fields.Boolean(string="Default Balance", help="Taken by companies that chose no other.")
    item_domain = fields.Char(
        string="Items", default="[]", help="Which open items count; empty: all. Only stored fields can be used."
    )
    with_credits = fields.Boolean(help="Credit notes and unallocated payments reduce the balance.")
    overdue_only = fields.Boolean(
        help="Only items past their due date count; credits, where they count, whatever their date."
    )

    _default_unique = models.UniqueIndex(
        '(company_id) WHERE "default" AND active', "Only one customer balance of a company is default."
    )

    @api.constrains("item_domain")
    def _check_item_domain(self):
        lines = self.env["account.move.line"]
        for balance in self:
            try:
                domain = balance._get_item_domain()
                unstored = find_unstored(lines, domain)
                closed = not unstored and find_closed(lines, domain)
                if not (unstored or closed):
                    lines.search_count(domain, limit=1)
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "The items of the customer balance “%(balance)s” cannot be read: %(error)s",
                        balance=balance.name,
                        error=error,
                    )
                ) from error
            if unstored:
                raise ValidationError(
                    self.env._(
                        "The customer balance “%(balance)s” uses “%(field)s”, which is not stored in the database. "
                        "Use stored fields of the journal item only; those of its invoice begin with “move_id.”, "
                        "those of its account with “account_id.”.",
                        balance=balance.name,
                        field=unstored,
                    )
                )
            if closed:
                raise ValidationError(
                    self.env._(
                        "The customer balance “%(balance)s” looks into “%(field)s”, which is closed to rules. Use "
                        "fields of the journal item, its invoice, account, customer and products.",
                        balance=balance.name,
                        field=closed,
                    )
                )

    @api.constrains("default", "active")
    def _check_default(self):
        for balance in self:
            if balance.default and not balance.active:
                raise ValidationError(balance._get_default_message())
        if any(self._get_default(company).company_id != company for company in self.company_id):
            raise ValidationError(self.env._("One customer balance must be the default. Mark another one instead."))

    @api.constrains("active")
    def _check_archive(self):
        self.filtered(lambda balance: not balance.active)._check_unused()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        default = self.filtered("default")
        if default:
            raise UserError(default[:1]._get_default_message())
        self._check_unused()

    def _get_default_message(self):
        self.ensure_one()
        return self.env._(
            "“%(balance)s” is the default customer balance. Make another one the default first.", balance=self.name
        )

    def _check_unused(self):
        """Refuse if a company has chosen one of these balances."""
        # what is in use anywhere stays
        settings = self.env["account.dunning.settings"].sudo().search([("balance_id", "in", self.ids)])
        if settings:
            raise UserError(
                self.env._(
                    "The customer balance “%(balance)s” is in use by %(companies)s. "
                    "Choose another one in the dunning settings first.",
                    balance=settings[:1].balance_id.name,
                    companies=", ".join(settings.company_id.mapped("name")),
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        own = self.env.company.root_id.id
        self.browse()._take_default({vals.get("company_id", own) for vals in vals_list if vals.get("default")})
        return super().create(vals_list)

    def write(self, vals):
        if vals.get("default"):
            self._take_default(set(self.company_id.ids))
        return super().write(vals)

    def _take_default(self, company_ids):
        """Take the flag from other balances that were the default of the companies so far."""
        others = self.search(
            [("default", "=", True), ("company_id", "in", list(company_ids)), ("id", "not in", self.ids)]
        )
        if not others:
            return
        self.flush_model(["default"])
        self.env.execute_query(
            SQL('UPDATE account_dunning_balance SET "default" = FALSE WHERE id = ANY(%s) RETURNING id', others.ids)
        )
        self.invalidate_model(["default"])

    def copy_data(self, default=None):
        """The copy is not the default one, except that of another company."""
        vals_list = super().copy_data(default)
        if (default or {}).get("company_id", self[:1].company_id.id) != self[:1].company_id.id:
            return vals_list
        for balance, vals in zip(self, vals_list, strict=True):
            vals["default"] = False
            if not (default or {}).get("name"):
                vals["name"] = self.env._("%(balance)s (copy)", balance=balance.name)
        return vals_list

    def action_open_items(self):
        """Show the items that count, of all customers."""
        self.ensure_one()
        company = self.company_id
        lines = self.env["account.move.line"]
        domain = lines._get_open_item_domain() & Domain("company_id", "child_of", company.id)
        domain &= self._get_item_or_heir_domain(company) & self._get_amount_domain(company._dunning_today())
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_move_line_open_items_action")
        return {**action, "name": self.name, "domain": list(domain), "context": {}}

    def _get_amount_domain(self, today):
        """Domain on ``account.move.line``: debits and, if they count, credits, past their due date or all."""
        debits = Domain("amount_residual", ">", 0)
        if self.overdue_only:
            debits &= Domain("dunning_due_date", "<", today)
        return debits | Domain("amount_residual", "<", 0) if self.with_credits else debits

    def _get_amounts(self, company, partner_ids, today):
        """The balance of each customer, by id; see :meth:`_get_all_amounts`."""
        self.ensure_one()
        return self._get_all_amounts(company, partner_ids, today)[self]

    def _get_all_amounts(self, company, partner_ids, today):
        """Each of these balances of each customer, with one query.

        :param company: a root company; items of its branches count
        :param list[int] partner_ids: ids of commercial partners
        :return: by balance a dict from partner id to the amount in company currency; 0.0 where nothing is open
        """
        result = {balance: dict.fromkeys(partner_ids, 0.0) for balance in self}
        if not result:
            return result
        self.env.flush_all()
        reader = self.env["account.dunning.reader"]
        queries = [
            SQL(
                "SELECT %(balance)s, amounts.* FROM (%(amounts)s) amounts",
                balance=balance.id,
                amounts=SQL(
                    AMOUNTS_QUERY,
                    returned=reader._returned_query(SQL("debit.partner_id = ANY(%s)", list(partner_ids))),
                    open_item=reader._open_item_condition(company),
                    partners=list(partner_ids),
                    counts=balance._get_item_condition(),
                    overdue=balance.overdue_only,
                    credits=balance.with_credits,
                    today=today,
                ),
            )
            for balance in self
        ]
        for balance_id, partner_id, amount in self.env.execute_query(SQL(" UNION ALL ").join(queries)):
            result[self.browse(balance_id)][partner_id] = float(amount)
        return result

    def _get_item_condition(self):
        """SQL condition for the items that count, on the alias ``line``; see ``judged`` of the query."""
        domain = self._get_item_domain()
        if domain.is_true():
            return SQL("TRUE")
        # the domain is checked when it is written; the query is of one company
        lines = self.env["account.move.line"].sudo().with_context(active_test=False)
        query = lines._search(domain, bypass_access=True)
        query.add_where(SQL("%s IN (SELECT id FROM judged)", SQL.identifier(query.table, "id")))
        return SQL(COUNTS, items=query.subselect())

    def _get_item_domain(self):
        """Domain on ``account.move.line`` of the items that count."""
        self.ensure_one()
        return parse_domain(self.item_domain)

    def _get_item_or_heir_domain(self, company):
        """As :meth:`_get_item_domain`, with the items to which such debts of ``company`` were transferred."""
        transferred = self.env["account.dunning.item"].search(
            Domain("company_id", "=", company.id)
            & (
                Domain("heir_line_id", "!=", False) & Domain("move_line_id", "any", self._get_item_domain())
                | Domain("part_of_id.move_line_id", "any", self._get_item_domain())
            )
        )
        heirs = transferred.heir_line_id | transferred.filtered("part_of_id").move_line_id
        return self._get_item_domain() | Domain("id", "in", heirs.ids)

    @api.model
    def _get_default(self, company):
        """The default balance of the root ``company`` (one record); during an update that of the earlier release."""
        domain = [("default", "=", True), ("company_id", "in", (company.id, False))]
        # the setting counts whoever pays or posts
        return self.sudo().search(domain, order="company_id", limit=1)
