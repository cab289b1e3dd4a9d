"""Write many rows with one statement each, where the ORM would need one for a hundred rows.

Only for models of this module whose rows need none of the ORM's work: no computed stored fields,
no translations, no followers. Constraints of the database hold as always.
"""

from odoo.tools import SQL


def bulk_insert(model, vals_list):
    """Insert ``vals_list`` (dicts with the same keys: stored columns) and return the new records.

    Ids are drawn first, so that rows of other tables can refer to them.
    """
    if not vals_list:
        return model.browse()
    env = model.env
    env.flush_all()
    ids = draw_ids(model, len(vals_list))
    columns = list(vals_list[0])
    arrays = [SQL("%s::int[]", ids)] + [_array(model, name, vals_list) for name in columns]
    audit = SQL("%s, %s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'", env.uid, env.uid)
    env.execute_query(
        SQL(
            "INSERT INTO %s (id, %s, create_uid, write_uid, create_date, write_date)"
            " SELECT rows.*, %s FROM unnest(%s) AS rows RETURNING id",
            SQL.identifier(model._table),
            SQL(", ").join(map(SQL.identifier, columns)),
            audit,
            SQL(", ").join(arrays),
        )
    )
    env.invalidate_all(flush=False)
    return model.browse(ids)


def bulk_update(model, vals_by_id):
    """Update stored columns: ``vals_by_id`` maps record ids to dicts with the same keys."""
    if not vals_by_id:
        return
    env = model.env
    env.flush_all()
    vals_list = list(vals_by_id.values())
    columns = list(vals_list[0])
    arrays = [SQL("%s::int[]", list(vals_by_id))] + [_array(model, name, vals_list) for name in columns]
    env.execute_query(
        SQL(
            "UPDATE %s AS target SET %s, write_uid = %s, write_date = now() AT TIME ZONE 'UTC'"
            " FROM unnest(%s) AS rows (id, %s) WHERE target.id = rows.id RETURNING target.id",
            SQL.identifier(model._table),
            SQL(", ").join(SQL("%s = rows.%s", SQL.identifier(name), SQL.identifier(name)) for name in columns),
            env.uid,
            SQL(", ").join(arrays),
            SQL(", ").join(map(SQL.identifier, columns)),
        )
    )
    env.invalidate_all(flush=False)


def draw_ids(model, count):
    """Draw ``count`` ids from the table's sequence, with one query."""
    rows = model.env.execute_query(
        SQL("SELECT nextval(%s) FROM generate_series(1, %s)", f"{model._table}_id_seq", count)
    )
    return [row[0] for row in rows]


def _array(model, name, vals_list):
    """The column's values as an array of its own type; the ORM's False is NULL except in booleans."""
    field = model._fields[name]
    values = [vals[name] for vals in vals_list]
    if field.type != "boolean":
        values = [None if value is False else value for value in values]
    return SQL("%s::%s[]", values, SQL(field.column_type[1]))
