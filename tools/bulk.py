"""Write many rows with one statement each, where the ORM would need one for a hundred rows.

Only for models of this module whose rows need none of the ORM's work: no computed stored fields,
no translations, no followers. Constraints of the database hold as always.
"""

from odoo.tools import SQL


def bulk_insert(model, vals_list, source=None, copied=None):
    """Insert ``vals_list`` (dicts with the same keys: stored columns) and return the new records.

    Ids are drawn first, so that rows of other tables can refer to them. Further columns can be ``copied`` (SQL by
    name) from tables that ``source`` joins to the values, which stand there as ``rows``.
    """
    if not vals_list:
        return model.browse()
    env = model.env
    env.flush_all()
    ids = draw_ids(model, len(vals_list))
    columns = ["id", *vals_list[0]]
    arrays = [_ids_array(ids)] + [_array(model, name, vals_list) for name in columns[1:]]
    more = {**(copied or {}), **_audit(model, "create_uid", "write_uid", "create_date", "write_date")}
    env.cr.execute(
        SQL(
            "INSERT INTO %s (%s) SELECT %s FROM unnest(%s) AS rows (%s) %s",
            SQL.identifier(model._table),
            SQL(", ").join(map(SQL.identifier, [*columns, *more])),
            SQL(", ").join([SQL.identifier("rows", name) for name in columns] + list(more.values())),
            SQL(", ").join(arrays),
            SQL(", ").join(map(SQL.identifier, columns)),
            source or SQL(),
        )
    )
    _forget(model)
    return model.browse(ids)


def bulk_update(model, vals_by_id):
    """Update stored columns: ``vals_by_id`` maps record ids to dicts with the same keys."""
    if not vals_by_id:
        return
    env = model.env
    env.flush_all()
    vals_list = list(vals_by_id.values())
    columns = list(vals_list[0])
    arrays = [_ids_array(vals_by_id)] + [_array(model, name, vals_list) for name in columns]
    values = {name: SQL.identifier("rows", name) for name in columns} | _audit(model, "write_uid", "write_date")
    env.cr.execute(
        SQL(
            "UPDATE %s AS target SET %s FROM unnest(%s) AS rows (id, %s) WHERE target.id = rows.id",
            SQL.identifier(model._table),
            SQL(", ").join(SQL("%s = %s", SQL.identifier(name), value) for name, value in values.items()),
            SQL(", ").join(arrays),
            SQL(", ").join(map(SQL.identifier, columns)),
        )
    )
    _forget(model)


def _forget(model):
    """Drop from the cache what the statement may have changed: the model and what is computed from it."""
    model.invalidate_model(flush=False)
    for field in model._fields.values():
        for dependent in model.pool.get_dependent_fields(field):
            if not dependent.store:
                model.env[dependent.model_name].invalidate_model([dependent.name], flush=False)


def draw_ids(model, count):
    """Draw ``count`` ids from the table's sequence, with one query."""
    rows = model.env.execute_query(
        SQL("SELECT nextval(%s) FROM generate_series(1, %s)", f"{model._table}_id_seq", count)
    )
    return [row[0] for row in rows]


def _audit(model, *names):
    """Who and when, by column; none where the model does not log that."""
    if not model._log_access:
        return {}
    return {
        name: SQL("%s", model.env.uid) if name.endswith("_uid") else SQL("now() AT TIME ZONE 'UTC'") for name in names
    }


def _ids_array(ids):
    return SQL("%s::int[]", f"{{{','.join(map(str, ids))}}}")


def _array(model, name, vals_list):
    """The column's values as an array of its own type; the ORM's False is NULL except in booleans.

    One literal: PostgreSQL reads it several times faster than an expression for each value.
    """
    field = model._fields[name]
    values = (vals[name] for vals in vals_list)
    if field.type in ("char", "text", "html", "selection"):
        texts = ["NULL" if value is None or value is False else _quote(value) for value in values]
    elif field.type == "boolean":
        texts = ["NULL" if value is None else str(value) for value in values]
    else:
        texts = ["NULL" if value is None or value is False else str(value) for value in values]
    return SQL("%s::%s[]", f"{{{','.join(texts)}}}", SQL(field.column_type[1]))


def _quote(text):
    escaped = str(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
