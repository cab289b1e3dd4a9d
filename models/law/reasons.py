"""Why the law lets nothing be claimed, in words: for the notice, *Why?* and `make claim`."""

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

# By the code of the engine's refusal; ``day`` is the one that it is about.
REASONS = {
    "none": _lt("the law gives none"),
    "no_country": _lt("no law of this country is shipped"),
    "no_kind": _lt("the kind of debtor is not known"),
    "no_law": _lt("no law that is in force on this day is shipped for this country and kind of debtor"),
    "foreign": _lt("foreign debtor: no agreed law is set on the customer"),
    "foreign_consumer": _lt("a consumer abroad: no law can be agreed with him"),
    "currency": _lt("the currency is not that of the law, and cannot be converted"),
    "review": _lt("the law was to be reviewed, and no manager has confirmed it"),
    "no_demand": _lt("not in default: no date was agreed, and no demand was received"),
    "not_yet": _lt("default begins on %(day)s"),
    "no_letter": _lt("a first letter without charges has to be received before"),
    "waiting": _lt("the time that the first letter gives has not passed; from %(day)s on"),
    "no_rate": _lt("rate missing: none is confirmed for %(day)s"),
    "free_days": _lt("late by no more than the free days"),
    "nothing": _lt("nothing is open that bears it"),
    "once": _lt("it was claimed before"),
    "not_agreed": _lt("it was not agreed when the debt arose"),
    "not_by_law": _lt("the law sets no amount"),
    "no_proof": _lt("it is not proven that invoice and letters arrived"),
    "first_free": _lt("the first letter bears none"),
    "too_early": _lt("too early: from %(day)s on"),
    "enough": _lt("as many letters as may have borne it"),
    "gap": _lt("too soon after the last one: from %(day)s on"),
    "offset": _lt("set off against the compensation"),
    "small": _lt("too little to be claimed yet"),
}
