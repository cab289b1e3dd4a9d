"""Write many rows with one statement each, where the ORM would need one for a hundred rows.

Only for models of this module whose rows need none of the ORM's work: no computed stored fields,
no translations, no followers. Constraints of the database hold as always.

Where another module extends such a model, the ORM does it, in batches: see :mod:`.extended`.
"""

from odoo.models import BaseModel
from odoo.tools import SQL, split_every

from .extended import is_extended

BATCH = 1000  # records that the ORM makes at once


def bulk_insert(model, vals_list, ids=None):
    """Insert ``vals_list`` (dicts with the same keys: stored columns) and return the new records.

    Values are of the type of their column. Ids are drawn first, so that rows of other tables can refer to them.

    :param ids: where they were drawn by :func:`draw_ids` before, in the order of ``vals_list``; not of a model that
        another module extends
    """
    if not vals_list:
        return model.browse()
    if is_extended(model):
        return _create(model, vals_list)
    env = model.env
    env.flush_all()
    ids = draw_ids(model, len(vals_list)) if ids is None else ids
    values = {name: SQL.identifier("rows", name) for name in ["id", *vals_list[0]]}
    values |= _audit(model, "create_uid", "write_uid", "create_date", "write_date")
    env.cr.execute(
        SQL(
            "INSERT INTO %s (%s) SELECT %s FROM %s",
            SQL.identifier(model._table),
            SQL(", ").join(map(SQL.identifier, values)),
            SQL(", ").join(values.values()),
            _as_rows(model, ids, vals_list),
        )
    )
    _forget(model, values, inserted=True)
    return model.browse(ids)


def bulk_update(model, vals_by_id, compare=False):
    """Update stored columns: ``vals_by_id`` maps record ids to dicts with the same keys.

    :param compare: leave alone the rows of which all is so already, without having read them
    """
    if not vals_by_id:
        return
    if is_extended(model):
        if compare:
            changed = model.browse(vals_by_id).filtered(lambda record: not is_as(record, vals_by_id[record.id]))
            vals_by_id = {record.id: vals_by_id[record.id] for record in changed}
        _write(model, vals_by_id)
        return
    env = model.env
    env.flush_all()
    vals_list = list(vals_by_id.values())
    values = {name: SQL.identifier("rows", name) for name in vals_list[0]}
    stored = [SQL.identifier("target", name) for name in values]
    differ = SQL("ROW(%s) IS DISTINCT FROM ROW(%s)", SQL(", ").join(stored), SQL(", ").join(values.values()))
    values |= _audit(model, "write_uid", "write_date")
    env.cr.execute(
        SQL(
            "UPDATE %s AS target SET %s FROM %s WHERE target.id = rows.id AND target.id = ANY(%s) AND %s",
            SQL.identifier(model._table),
            SQL(", ").join(SQL("%s = %s", SQL.identifier(name), value) for name, value in values.items()),
            _as_rows(model, vals_by_id, vals_list),
            list(vals_by_id),  # so that few are found by an index
            differ if compare else SQL("TRUE"),
        )
    )
    _forget(model, values)


def is_as(record, vals):
    """True where the ``record`` has the values ``vals`` (of stored columns) already: there is nothing to update."""
    return all(_plain(record[name]) == (value or False) for name, value in vals.items())


def get_stored(record, name):
    """The value of a stored column of ``record`` as in a dict of values: the id of a record, not the record."""
    value = record[name]
    return value.id if isinstance(value, BaseModel) else value


def _plain(value):
    """The value of a field as in a dict of values: the id of a record, and False for all that is empty."""
    return (value.id if isinstance(value, BaseModel) else value) or False


def _create(model, vals_list):
    """Create with the ORM. Rights were looked at by who calls, as for the statement: so with ``sudo()``."""
    quiet = model.sudo().with_context(mail_create_nolog=True, mail_create_nosubscribe=True)
    ids = [record_id for batch in split_every(BATCH, vals_list, list) for record_id in quiet.create(batch).ids]
    return model.browse(ids)


def _write(model, vals_by_id):
    """Write with the ORM, those with the same values at once."""
    groups = {}
    for record_id, vals in vals_by_id.items():
        groups.setdefault(repr(sorted(vals.items())), (vals, []))[1].append(record_id)
    for vals, ids in groups.values():
        model.sudo().browse(ids).write(vals)
    model.env.flush_all()


def _forget(model, names, inserted=False):
    """Drop from the cache what the statement may have changed: the columns ``names``, and what is computed from them.

    What does not say of what it is computed is dropped too. Where rows were ``inserted``, nothing is known of them but
    which records refer to them.
    """
    fields = [model._fields[name] for name in names]
    depends = model.pool.field_depends
    vague = [name for name, field in model._fields.items() if field.compute and not field.store and not depends[field]]
    model.invalidate_model(vague if inserted else [*names, *vague], flush=False)
    for inverse in {inverse for field in fields for inverse in model.pool.field_inverses[field]}:
        model.env[inverse.model_name].invalidate_model([inverse.name], flush=False)
    for field in model._fields.values() if inserted else fields:
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


def _as_rows(model, ids, vals_list):
    """The values as a table ``rows``: each column as an array, or as a constant where all its values are the same.

    An array is one literal, which PostgreSQL reads several times faster than an expression for each value.
    """
    names, arrays, constants = ["id"], [SQL("%s::int[]", f"{{{','.join(map(str, ids))}}}")], []
    for name in vals_list[0]:
        field = model._fields[name]
        column_type = SQL(field.column_type[1])
        values = [vals[name] for vals in vals_list]
        if field.type != "boolean":  # there alone False is a value
            values = [None if value is False else value for value in values]
        if values.count(values[0]) == len(values):
            constants.append(SQL("%s::%s AS %s", values[0], column_type, SQL.identifier(name)))
        else:
            quote = _quote if field.type in ("char", "text", "html", "selection") else str
            texts = ["NULL" if value is None else quote(value) for value in values]
            names.append(name)
            arrays.append(SQL("%s::%s[]", f"{{{','.join(texts)}}}", column_type))
    return SQL(
        "(SELECT %s FROM unnest(%s) AS arrays (%s)) AS rows",
        SQL(", ").join([SQL("arrays.*"), *constants]),
        SQL(", ").join(arrays),
        SQL(", ").join(map(SQL.identifier, names)),
    )


def _quote(text):
    escaped = str(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
