"""Three ladders to begin with: how soon, by which way and in which words a company duns.

*Standard* is the type that each company gets by itself, and is a data file, since it is also the first record of the
module. *Gentle* and *Firm* are here. Each ladder has three levels, so that one can take the place of another.
"""

from ast import literal_eval
from typing import NamedTuple

from lxml import etree

from odoo.tools import file_path

SHIPPED = "account_dunning/data/account_dunning_type_data.xml"
LADDERS = ("gentle", "standard", "firm")


class Ladder(NamedTuple):
    """The values of a dunning type, and those of its levels in their order; texts are English."""

    type_vals: dict
    level_vals: list


class Rung(NamedTuple):
    """When a level is due, and how it is sent: days after the due date, days to pay, days since the notice before."""

    days: int
    deadline_days: int
    min_days: int
    document: str
    manual_release: bool = False


GENTLE = (
    Rung(10, 10, 10, "email_letter"),
    Rung(30, 10, 14, "email_letter"),
    Rung(50, 14, 14, "email_letter", manual_release=True),
)
FIRM = (
    Rung(3, 5, 5, "email_letter"),
    Rung(12, 5, 7, "email_letter"),
    Rung(21, 7, 7, "letter", manual_release=True),
)


def get_ladder(env, name):
    """The :class:`Ladder` called ``name``, one of ``LADDERS``."""
    # in English, whoever asks: what is written is translated by the terms of the module, into each language
    env = env(context={**env.context, "lang": "en_US"})
    return {"gentle": _get_gentle, "standard": read_shipped, "firm": _get_firm}[name](env)


def get_ladders(env):
    """All of them, by name."""
    return {name: get_ladder(env, name) for name in LADDERS}


def read_shipped(_env=None):
    """The standard ladder, as the data file has it."""
    dunning_type, levels = {}, []
    for record in etree.parse(file_path(SHIPPED)).iter("record"):
        vals = {node.get("name"): _read_field(node) for node in record.iter("field")}
        vals = {name: value for name, value in vals.items() if value is not None}
        if record.get("model") == "account.dunning.type":
            dunning_type |= vals
        else:
            levels.append(vals)
    return Ladder(dunning_type, levels)


def _read_field(node):
    """The value of a ``<field>`` of the data file; None where it refers to another record."""
    if node.get("ref"):
        return None
    if node.get("eval"):
        return literal_eval(node.get("eval"))
    if node.get("type") == "html":
        return "".join(etree.tostring(child, method="html", encoding="unicode") for child in node)
    return node.text


def _get_frame(env):
    """How each letter begins, and how it ends: friendly, and formally."""
    return env._("Dear {customer},"), env._("Kind regards<br>{company}"), env._("Yours sincerely<br>{company}")


def _get_gentle(env):
    """For customers whom one wants to keep: late, by e-mail where there is one, without a threat."""
    dear, regards, _formally = _get_frame(env)
    overlooked = env._(
        "An invoice is easily overlooked. The items below are still open with us, and we would be glad if you paid "
        "{total} by {deadline}."
    )
    crossed = env._("Have you paid in the last few days? Then our letters have crossed, and we thank you.")
    not_heard = env._(
        "We wrote to you about the items below and have not heard from you. Is something wrong with them? Then please "
        "call us or write to us. Otherwise we ask you to pay {total} by {deadline}."
    )
    talk = env._("If you cannot pay everything at once, talk to us: we shall find a way together.")
    long_open = env._(
        "The items below have been open for a long time, the oldest since {oldest_due_date}. This is our last "
        "reminder: please pay {total} by {deadline}, or tell us by then when we can expect your payment."
    )
    hope = env._("We would like to go on working with you, and hope to settle this without further steps.")
    texts = (
        (env._("Friendly Reminder"), (dear, overlooked), (crossed, regards)),
        (env._("Second Friendly Reminder"), (dear, not_heard), (talk, regards)),
        (env._("Last Friendly Reminder"), (dear, long_open), (hope, regards)),
    )
    return _make_ladder(env._("Gentle"), 5, 5.0, GENTLE, texts)


def _get_firm(env):
    """For customers who pay first who insists: early, in short steps, and with what comes next."""
    dear, regards, formally = _get_frame(env)
    unpaid = env._("The items below have fallen due and are not paid. Please pay {total} by {deadline}.")
    objections = env._("If you have objections to an item, tell us in writing within this time.")
    demand = env._(
        "You have not answered our reminder. The oldest of the items below has been overdue for {days_overdue} days. "
        "We demand payment of {total} by {deadline}."
    )
    expect = env._("If we do not receive the money by then, you must expect further measures.")
    last = env._(
        "In spite of a reminder and a demand you have not paid {total}. This is the last time that we write to you. "
        "If the money is not on our account by {deadline}, we shall have the claim enforced without further notice, "
        "by a collection agency or in court."
    )
    costs = env._("The costs of that, and the interest on arrears, would be yours to bear.")
    texts = (
        (env._("Payment Reminder"), (dear, unpaid), (objections, regards)),
        (env._("Demand for Payment"), (dear, demand), (expect, formally)),
        (env._("Final Demand"), (dear, last), (costs, formally)),
    )
    return _make_ladder(env._("Firm"), 0, 1.0, FIRM, texts)


def _make_ladder(name, grace_days, minimum_amount, rungs, texts):
    """The ladder of ``rungs`` and ``texts``: of each level its name, and the paragraphs above and below the table."""
    type_vals = {"name": name, "grace_days": grace_days, "minimum_amount": minimum_amount, "posting_days": 3}
    levels = [
        {**rung._asdict(), "name": heading, "text": _to_html(above), "text_below": _to_html(below)}
        for rung, (heading, above, below) in zip(rungs, texts, strict=True)
    ]
    return Ladder(type_vals, levels)


def _to_html(parts):
    """HTML of paragraphs, of which each is a term of its own to whoever translates."""
    return "".join(f"<p>{part}</p>" for part in parts)
