"""Domains that users write."""

import ast

from odoo.fields import Domain


def parse_domain(text):
    """The domain in ``text``; no text is the domain of all records."""
    return Domain(ast.literal_eval((text or "").strip() or "[]"))


def find_unstored(model, domain):
    """The first path of fields in ``domain`` that the database cannot search, or None.

    :param model: the model (an empty recordset) to which the domain applies
    """
    for condition in domain.iter_conditions():
        path = condition.field_expr
        comodel = _follow(model, path)
        if comodel is None:
            return path
        if condition.operator.startswith(("any", "not any")):
            inner = find_unstored(comodel, Domain(condition.value))
            if inner:
                return f"{path}.{inner}"
    return None


def _follow(model, path):
    """The model at the end of a path of stored fields (where it is none: the last one); None if one is not stored."""
    for name in path.split("."):
        field = model._fields.get(name)
        if field is None or not (field.store or field.company_dependent):
            return None
        if field.type in ("date", "datetime"):
            return model  # what follows is a part of the date
        model = model.env[field.comodel_name] if field.relational else model
    return model
