from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.names import COLLECTION_STATUSES

# The highest of the ``statuses`` that each record has, of all records at once: a group reads them all.
HIGHEST = """(
SELECT given.key, (%(order)s::text[])[MAX(ARRAY_POSITION(%(order)s, given.status::text))] AS status
  FROM (%(statuses)s) AS given GROUP BY given.key)"""


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

    @api.model
    def _get_statuses_query(self):
        """SQL of the statuses that collection plans give: ``key`` of the record (below) and ``status``. Hook."""
        raise NotImplementedError

    @api.model
    def _get_status_key(self, alias):
        """SQL of the key by which the statuses of the row of table ``alias`` are found. Hook."""
        return SQL.identifier(alias, "id")

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
                "(%s IN (SELECT given.key FROM (%s) AS given) AND COALESCE(%s = ANY(%s), FALSE))",
                model._get_status_key(alias),
                model._get_statuses_query(),
                model._field_to_sql(alias, "collection_status", query),
                statuses,
            ),
            predicate=lambda record: record.collection_status in statuses,
        )

    @api.model
    def _get_status_sql(self, alias):
        """SQL of the highest status of the row of table ``alias``."""
        return SQL(
            """(SELECT given.status FROM (%s) AS given WHERE given.key = %s
                 ORDER BY ARRAY_POSITION(%s, given.status::text) DESC LIMIT 1)""",
            self._get_statuses_query(),
            self._get_status_key(alias),
            list(dict(COLLECTION_STATUSES)),
        )

    def _read_group_groupby(self, alias, groupby_spec, query):
        if groupby_spec != "collection_status":
            return super()._read_group_groupby(alias, groupby_spec, query)
        self._check_field_access(self._fields[groupby_spec], "read")
        highest = query.make_alias(alias, "highest_status")
        condition = SQL("%s = %s", SQL.identifier(highest, "key"), self._get_status_key(alias))
        source = SQL(HIGHEST, order=list(dict(COLLECTION_STATUSES)), statuses=self._get_statuses_query())
        query.add_join("LEFT JOIN", highest, source, condition)
        return SQL.identifier(highest, "status")
