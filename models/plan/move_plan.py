"""The collection plan and level of invoices, to be searched and grouped by."""

from odoo import api, fields
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.names import OPEN_STATES

# The plan that the invoice ``%(move)s`` shows: the last of those that are open, else the last, of its own, of those
# that its items joined, and of those whose charges it books.
SHOWN = """(
SELECT shown.%(column)s FROM (
    SELECT own.id, own.level_id, own.state FROM account_collection_plan own WHERE own.move_id = %(move)s.id
     UNION ALL
    SELECT joined.id, joined.level_id, joined.state
      FROM account_dunning_item item JOIN account_collection_plan joined ON joined.id = item.plan_id
     WHERE item.move_id = %(move)s.id
     UNION ALL
    SELECT charged.id, charged.level_id, charged.state
      FROM account_dunning_notice_line charging JOIN account_collection_plan charged ON charged.id = charging.plan_id
     WHERE charging.notice_id = %(move)s.dunning_notice_id) shown
 ORDER BY shown.state = ANY(%(open)s) DESC, shown.id DESC LIMIT 1)"""

# The plan that each invoice shows, by the same rule, of all invoices at once: a group reads them all.
ALL_SHOWN = """(
SELECT DISTINCT ON (shown.move_id) shown.move_id, shown.id, shown.level_id, shown.type_id FROM (
    SELECT own.move_id, own.id, own.level_id, own.type_id, own.state
      FROM account_collection_plan own WHERE own.move_id IS NOT NULL
     UNION ALL
    SELECT item.move_id, joined.id, joined.level_id, joined.type_id, joined.state
      FROM account_dunning_item item
      JOIN account_collection_plan joined ON joined.id = item.plan_id AND joined.move_id IS DISTINCT FROM item.move_id
     WHERE item.move_id IS NOT NULL
     UNION ALL
    SELECT charge.id, charged.id, charged.level_id, charged.type_id, charged.state
      FROM account_move charge
      JOIN account_dunning_notice_line charging ON charging.notice_id = charge.dunning_notice_id
      JOIN account_collection_plan charged ON charged.id = charging.plan_id
     WHERE charge.dunning_notice_id IS NOT NULL) shown
 ORDER BY shown.move_id, shown.state = ANY(%(open)s) DESC, shown.id DESC)"""

# The invoices about which any of the plans (a query) are.
MOVES = """
SELECT move_id FROM account_collection_plan WHERE id IN (%(plans)s) AND move_id IS NOT NULL
 UNION
SELECT move_id FROM account_dunning_item WHERE plan_id IN (%(plans)s) AND move_id IS NOT NULL
 UNION
SELECT charge.id FROM account_move charge
  JOIN account_dunning_notice_line charging ON charging.notice_id = charge.dunning_notice_id
 WHERE charging.plan_id IN (%(plans)s)
"""

COLUMNS = {"collection_plan_id": "id", "dunning_level_id": "level_id"}


# Which type takes the customers of a root company, for the documents of its branches.
TAKEN = """
SELECT found.id, found.type_id, %(branches)s::int[] AS branches, %(own)s::int[] AS own_types
  FROM (%(types)s) AS found"""


def join_shown(alias, query):
    """Join the plan that each invoice of table ``alias`` shows to a ``query`` that looks at all; returns its alias."""
    shown = query.make_alias(alias, "shown_plan")
    condition = SQL("%s = %s", SQL.identifier(shown, "move_id"), SQL.identifier(alias, "id"))
    query.add_join("LEFT JOIN", shown, SQL(ALL_SHOWN, open=list(OPEN_STATES)), condition)
    return shown


class ShownField(fields.Many2one):
    """What the invoice shows of a plan."""

    def join(self, model, alias, query):
        comodel = model.env[self.comodel_name]
        coalias = query.make_alias(alias, self.name)
        shown = self.get_grouped(alias, query)
        query.add_join("LEFT JOIN", coalias, comodel._table, SQL("%s = %s", shown, SQL.identifier(coalias, "id")))
        return comodel, coalias

    def get_grouped(self, alias, query):
        """SQL of the value in a ``query`` that looks at all invoices, those of table ``alias``."""
        return SQL.identifier(join_shown(alias, query), COLUMNS[self.name])

    def to_sql(self, model, alias):
        return SQL(
            SHOWN,
            column=SQL.identifier(COLUMNS[self.name]),
            move=SQL.identifier(alias),
            open=list(OPEN_STATES),
        )


class ShownPlan:
    __slots__ = ()

    @api.model
    def _get_dunned_by_sql(self, alias, query):
        """SQL of the type of customer invoices: that of the plan, else their own, else the customer's (rules §4)."""
        shown, taken = join_shown(alias, query), query.make_alias(alias, "taken")
        condition = SQL(
            "%s = %s AND %s = ANY(%s) AND %s IN ('out_invoice', 'out_receipt')",
            SQL.identifier(taken, "id"),
            SQL.identifier(alias, "commercial_partner_id"),
            SQL.identifier(alias, "company_id"),
            SQL.identifier(taken, "branches"),
            SQL.identifier(alias, "move_type"),
        )
        parts = [self._get_taken_sql(company) for company in self.env.companies.root_id]
        query.add_join("LEFT JOIN", taken, SQL("(%s)", SQL(" UNION ALL ").join(parts)), condition)
        own = SQL.identifier(alias, "dunning_type_id")
        return SQL(
            "COALESCE(%s, CASE WHEN %s = ANY(%s) THEN %s END, %s)",
            SQL.identifier(shown, "type_id"),
            own,
            SQL.identifier(taken, "own_types"),
            own,
            SQL.identifier(taken, "type_id"),
        )

    @api.model
    def _get_taken_sql(self, company):
        """SQL of the types that take the customers of the root ``company``, and of those that its invoices may name."""
        # ids only; who reads their names needs the right to
        types = self.env["account.dunning.type"].sudo().search([("company_id", "=", company.id)])
        by_invoice = company._get_dunning_settings().mode == "invoice"
        return SQL(
            TAKEN,
            branches=list(company._get_dunning_branches()),
            own=types.ids if by_invoice else [],
            types=self.env["account.dunning.reader"]._get_type_query(company),
        )

    def _read_group_groupby(self, alias, groupby_spec, query):
        if groupby_spec not in COLUMNS:
            return super()._read_group_groupby(alias, groupby_spec, query)
        field = self._fields[groupby_spec]
        self._check_field_access(field, "read")
        return field.get_grouped(alias, query)

    def _search_collection_plan_id(self, operator, value):
        return self._search_shown("collection_plan_id", operator, value)

    def _search_dunning_level_id(self, operator, value):
        return self._search_shown("dunning_level_id", operator, value)

    def _search_shown(self, field_name, operator, value):
        """Domain of the invoices whose shown plan, or its level, is as asked; a plan without level has none."""
        column = COLUMNS[field_name]
        if operator == "in":
            wanted = self._get_shown_domain(field_name, Domain(column, "in", [key for key in value if key]))
            return (
                wanted | ~self._get_shown_domain(field_name, Domain(column, "!=", False)) if False in value else wanted
            )
        if operator == "any":
            return self._get_shown_domain(field_name, value if column == "id" else Domain(column, "any", value))
        if operator in ("ilike", "like", "=ilike", "=like"):
            return self._get_shown_domain(field_name, Domain("name" if column == "id" else column, operator, value))
        return NotImplemented

    def _get_shown_domain(self, field_name, plan_domain):
        """Domain of the invoices that show a plan in ``plan_domain``."""

        def to_sql(model, alias, query):
            plans = model.env["account.collection.plan"]
            found = plans._search(plan_domain)
            return SQL(
                "(%s IN (%s) AND %s IN (%s))",
                SQL.identifier(alias, "id"),
                SQL(MOVES, plans=found.subselect()),
                model._field_to_sql(alias, "collection_plan_id", query),
                found.subselect(),
            )

        return Domain.custom(
            to_sql=to_sql, predicate=lambda move: bool(move.collection_plan_id.filtered_domain(plan_domain))
        )
