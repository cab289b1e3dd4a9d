"""What a client sends, made fit to be written as superuser."""

from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.models import BaseModel

SCALARS = (bool, int, float, str, date, type(None))
LINKING = (Command.LINK, Command.UNLINK, Command.SET, Command.CLEAR)


def keep_plain(records, vals, names):
    """The ``vals`` of the fields ``names``, if they are plain values, and ids that the user may read.

    :param records: of the model to be written, with the rights of the user
    :raise AccessError: for commands that would write or create something else, and for ids closed to the user
    """
    return {name: _to_plain(records, records._fields[name], vals[name]) for name in names if name in vals}


def _to_plain(records, field, value):
    if not field.relational:
        if not isinstance(value, SCALARS):
            raise _refuse(records, field)
        return value
    linked = records.env[field.comodel_name].browse(_get_ids(records, field, value))
    linked.exists().check_access("read")
    return value


def _get_ids(records, field, value):
    """The ids that ``value`` links, whatever the form in which a client may give them."""
    if isinstance(value, BaseModel):
        return value.ids
    if field.type == "many2one":
        values = [value] if value else []
    else:
        values = [id_ for command in value or () for id_ in _get_command_ids(records, field, command)]
    if not all(isinstance(id_, int) for id_ in values):
        raise _refuse(records, field)
    return values


def _get_command_ids(records, field, command):
    if isinstance(command, int):
        return [command]
    if not command or command[0] not in LINKING:
        raise _refuse(records, field)
    if command[0] == Command.SET:
        return list(command[2])
    return [] if command[0] == Command.CLEAR else [command[1]]


def _refuse(records, field):
    name = field.get_description(records.env, ["string"])["string"]
    return AccessError(records.env._("“%(field)s” can be chosen here, but nothing else be changed by it.", field=name))
