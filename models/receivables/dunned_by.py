"""By which dunning type something is dunned, to be searched and grouped by: it follows, and is stored nowhere."""

from odoo import api, fields
from odoo.fields import Domain
from odoo.tools import SQL


class DunnedByField(fields.Many2one):
    """A type that follows from rules. Its model says how, in ``_get_dunned_by_sql``."""

    def join(self, model, alias, query):
        comodel = model.env[self.comodel_name]
        coalias = query.make_alias(alias, self.name)
        condition = SQL("%s = %s", model._get_dunned_by_sql(alias, query), SQL.identifier(coalias, "id"))
        query.add_join("LEFT JOIN", coalias, comodel._table, condition)
        return comodel, coalias


class DunnedBy:
    """A model with the field ``dunned_by_id``."""

    __slots__ = ()

    @api.model
    def _get_dunned_by_sql(self, alias, query):
        """SQL of the id of the type of the rows of table ``alias``; what it needs is joined to the ``query``. Hook."""
        raise NotImplementedError

    def _compute_dunned_by_id(self):
        self.env.flush_all()
        query = self._origin._as_query(ordered=False)
        sql = self._get_dunned_by_sql(self._table, query)
        types = dict(self.env.execute_query(query.select(SQL.identifier(self._table, "id"), sql)))
        for record in self:
            record.dunned_by_id = types.get(record._origin.id) or False

    def _search_dunned_by_id(self, operator, value):
        if operator in ("any", "ilike", "like", "=ilike", "=like"):
            wanted = value if operator == "any" else Domain("name", operator, value)
            value = self.env["account.dunning.type"].search(wanted).ids
        elif operator != "in":
            return NotImplemented
        ids = [type_id for type_id in value if type_id]

        def to_sql(model, alias, query):
            model.env.flush_all()
            sql = model._field_to_sql(alias, "dunned_by_id", query)
            found = SQL("COALESCE(%s = ANY(%s::int[]), FALSE)", sql, ids)
            return SQL("(%s OR %s IS NULL)", found, sql) if False in value else found

        return Domain.custom(to_sql=to_sql, predicate=lambda record: record.dunned_by_id.id in value)

    def _field_to_sql(self, alias, fname, query=None):
        if fname != "dunned_by_id" or query is None:
            return super()._field_to_sql(alias, fname, query)
        self._check_field_access(self._fields[fname], "read")
        return self._get_dunned_by_sql(alias, query)

    def _read_group_groupby(self, alias, groupby_spec, query):
        if groupby_spec != "dunned_by_id":
            return super()._read_group_groupby(alias, groupby_spec, query)
        self.env.flush_all()
        return self._field_to_sql(alias, groupby_spec, query)
