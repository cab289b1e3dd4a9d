"""Whether another module extends a model, so that only the ORM knows all there is to do."""

from inspect import isfunction

OURS = __name__.split(".")[2]
# Core's own part in models of this module, which bulk writing was made for.
CORE = {OURS, "base", "mail", "account"}
WRITERS = {"create", "write", "_create", "_write", "_write_multi", "_validate_fields"}
_ANSWERS = "_account_dunning_extended"


def is_extended(model):
    """True where a module beyond core overrides or patches how rows of ``model`` are written, or hangs something on it:

    a stored field that is computed, required or has a default, or a check. Automation rules patch, so does auditlog.
    """
    return _is_patched(model) or _has_defaults(model) or _get_answer(model)


def is_overridden(model, names):
    """True where a module beyond core overrides or patches one of the methods ``names`` (a set); asked each time."""
    return any(names & vars(cls).keys() and not _is_known(cls) for cls in type(model).__mro__)


def get_own_names(model):
    """The names of the methods that classes of this module define on ``model``."""
    own = (cls for cls in type(model).__mro__ if _get_module_addon(cls) == OURS)
    return {name for cls in own for name, value in vars(cls).items() if isfunction(value)}


def is_of_core(thing):
    """True for a class or function of core's modules, of ours or of the ORM."""
    return _get_module_addon(thing) in CORE


def _is_patched(model):
    """True where a method that writes is not, or not only, what modules have defined."""
    return is_overridden(model, WRITERS)


def _is_known(cls):
    """As :func:`is_of_core`, of classes of models. In the registry's own something was patched."""
    return "pool" not in vars(cls) and is_of_core(cls)


def _has_defaults(model):
    """True where a user has set a default (a cached read)."""
    return bool(model.env["ir.default"]._get_model_defaults(model._name))


def _get_answer(model):
    """What the fields and checks of the model say, kept until the registry is set up anew."""
    registry = model.pool
    token = registry._field_triggers
    kept = registry.__dict__.get(_ANSWERS)
    if not kept or kept[0] is not token:
        kept = registry.__dict__[_ANSWERS] = (token, {})
    answers = kept[1]
    if model._name not in answers:
        answers[model._name] = _is_hung_on(model)
    return answers[model._name]


def _is_hung_on(model):
    checks = not all(is_of_core(check) for check in model._constraint_methods)
    return checks or any(_matters(field) or _feeds_others(model.pool, field) for field in model._fields.values())


def _get_module_addon(thing):
    """The addon that defines a class or a function; what the ORM defines counts as *base*."""
    parts = thing.__module__.split(".")
    return parts[2] if parts[:2] == ["odoo", "addons"] else "base"


def _is_foreign(field):
    return field.manual or bool(set(field._modules) - CORE)


def _matters(field):
    """True where a field of another module has to be filled when a row is made or changed."""
    return field.store and _is_foreign(field) and bool(field.compute or field.default or field.required)


def _feeds_others(registry, field):
    """True where a stored field of another module is computed from ``field``."""
    return any(other.store and _is_foreign(other) for other in registry.get_dependent_fields(field))
