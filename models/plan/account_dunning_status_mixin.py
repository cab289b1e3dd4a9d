from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.names import COLLECTION_STATUSES


class StatusField(fields.Selection):
    def to_sql(self, model, alias):
        return model._get_status_sql(alias)


class AccountDunningStatusMixin(models.AbstractModel):
    """A collection status that follows from collection plans: searched and grouped by SQL, stored nowhere."""

    _name = "account.dunning.status.mixin"
    _description = "Collection Status by Collection Plans"

    collection_status = StatusField(
        COLLECTION_STATUSES,
        compute="_compute_collection_status",
        search="_search_collection_status",
        groups="account_dunning.group_dunning_collector",
        help="How far the collection of what is owed has come. Empty: nothing is collected.",
    )

    def _get_status_plans_query(self, alias):
        """SQL of the ids of the collection plans that are about the row of table ``alias``. Hook."""
        raise NotImplementedError

    def _get_in_collection_condition(self, alias):
        """SQL condition that is true at least where a plan gives the row of table ``alias`` a status. Hook."""
        raise NotImplementedError

    def _compute_collection_status(self):
        # of plans of the whole company; only the status is shown
        status = self.sudo()._field_to_sql("record", "collection_status")
        table = SQL.identifier(self._table)
        rows = self.env.execute_query(SQL("SELECT id, %s FROM %s record WHERE id = ANY(%s)", status, table, self.ids))
        statuses = dict(rows)
        for record in self:
            record.collection_status = statuses.get(record._origin.id) or False

    def _search_collection_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        values = [status for status in value if status]
        domain = self._get_status_domain(values) if values else Domain.FALSE
        return domain | ~self._get_status_domain(list(dict(COLLECTION_STATUSES))) if False in value else domain

    def _get_status_domain(self, statuses):
        """Domain of the records that have one of ``statuses``."""
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "(%s AND COALESCE(%s = ANY(%s), FALSE))",
                model._get_in_collection_condition(alias),
                model._field_to_sql(alias, "collection_status", query),
                statuses,
            ),
            predicate=lambda record: record.collection_status in statuses,
        )

    def _get_status_sql(self, alias):
        """SQL of the highest status of the plans about the row of table ``alias``; lists are grouped by it."""
        return SQL(
            """(SELECT plan.collection_status FROM account_collection_plan plan
                 WHERE plan.collection_status IS NOT NULL AND plan.id IN (%s)
                 ORDER BY ARRAY_POSITION(%s, plan.collection_status::text) DESC LIMIT 1)""",
            self._get_status_plans_query(alias),
            list(dict(COLLECTION_STATUSES)),
            to_flush=self.env["account.collection.plan"]._fields["collection_status"],
        )
