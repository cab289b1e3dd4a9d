"""Domains that users write."""

import ast

from odoo.fields import Domain

# Rules are evaluated for everybody's runs, as superuser. So they may ask only what every manager may know: the models
# through which a path may lead, and the groups of which all managers are.
OPEN_MODELS = {
    "account.account",
    "account.account.tag",
    "account.fiscal.position",
    "account.journal",
    "account.move",
    "account.move.line",
    "account.payment.method.line",
    "account.payment.term",
    "account.tax",
    "crm.team",
    "product.category",
    "product.pricelist",
    "product.product",
    "product.template",
    "res.company",
    "res.country",
    "res.country.group",
    "res.country.state",
    "res.currency",
    "res.lang",
    "res.partner",
    "res.partner.bank",
    "res.partner.category",
    "res.partner.industry",
}
OPEN_GROUPS = {
    "account.group_account_invoice",
    "account.group_account_readonly",
    "account_dunning.group_dunning_collector",
    "account_dunning.group_dunning_manager",
    "base.group_user",
}
MAX_HOPS = 3


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


def find_closed(model, domain, hops=MAX_HOPS):
    """The first path of fields in ``domain`` that leads where rules may not look, or None.

    Of other models than :data:`OPEN_MODELS` only the ids can be asked for, not names or anything else.

    :param model: the model (an empty recordset) to which the domain applies
    """
    for condition in domain.iter_conditions():
        path = condition.field_expr
        inner = condition.value if condition.operator in ("any", "not any", "any!", "not any!") else None
        comodel, left = _walk(model, path, hops, _asks_ids_only(condition))
        if comodel is None or (inner is not None and not left):
            return path
        if inner is not None:
            closed = find_closed(comodel, Domain(inner), left - 1)
            if closed:
                return f"{path}.{closed}"
    return None


def _asks_ids_only(condition):
    values = condition.value if isinstance(condition.value, (list, tuple, set, frozenset)) else [condition.value]
    try:
        return all(isinstance(value, int) for value in values)  # also True and False
    except TypeError:
        return False


def _walk(model, path, hops, ids_only):
    """The model at the end of an open path and the hops left; None if the path is closed."""
    names = path.split(".")
    for index, name in enumerate(names):
        field = model._fields.get(name)
        if field is None or (field.groups and not OPEN_GROUPS.intersection(field.groups.split(","))):
            return None, 0
        if not field.relational:
            return model, hops
        last = index == len(names) - 1
        if field.comodel_name in OPEN_MODELS:
            model, hops = model.env[field.comodel_name], hops - (not last)
        elif not (last and ids_only and field.type == "many2one"):
            return None, 0
        if hops < 0:
            return None, 0
    return model, hops


def _follow(model, path):
    """The last model on a path of stored fields; None if a field on it is not stored."""
    for name in path.split("."):
        field = model._fields.get(name)
        if field is None or not (field.store or field.company_dependent):
            return None
        if field.type in ("date", "datetime"):
            return model  # what follows is a part of the date
        model = model.env[field.comodel_name] if field.relational else model
    return model
