"""What the module costs when invoices are posted and paid: the same work in two databases by turns."""

import cProfile
import pstats
from statistics import median

from odoo.fields import Command, Date

# How often each work is done in each database, and with how many invoices at once. The first ones fill the caches.
WARM_UP, TIMES = 2, {"posting": (16, 1), "paying": (10, 1), "settling": (4, 20)}
ROUNDS = 9  # processes: each has a bias of its own, of up to ten percent


def compare(measure, without, with_module):
    """Post and pay invoices in both environments, each time in one after the other, and roll it back at once.

    :param measure: context manager that measures ``seconds`` and ``queries``
    :return: by work the percent of time that the module adds: the median of the ratios of what ran one after the
        other, since the machine may be slower a minute later; the number of queries; and the percent of calls
        of Python functions, which vary little, whatever else the machine does
    """
    envs, result = (without, with_module), {}
    for name, (times, size) in TIMES.items():
        figures = {env: [] for env in envs}
        for number in range(WARM_UP + times):
            for env in envs if number % 2 else reversed(envs):
                figures[env].append(work(name, env, size, measure))
        before, after = (figures[env][WARM_UP:] for env in envs)
        ratio = median(with_it.seconds / plain.seconds for plain, with_it in zip(before, after, strict=True))
        result[f"{name}_percent"] = round(100 * (ratio - 1), 1)
        result[f"{name}_queries"] = median(m.queries for m in after) - median(m.queries for m in before)
        calls = [min(count_calls(name, env, size) for _time in range(3)) for env in envs]
        result[f"{name}_calls_percent"] = round(100 * (calls[1] / calls[0] - 1), 1)
    return result


def count_calls(name, env, size):
    """How many calls of Python functions the work takes."""
    profile = cProfile.Profile()
    work(name, env, size, lambda: profile)
    return pstats.Stats(profile).total_calls


def median_of(rounds):
    """The median of each figure of several results of :func:`compare`."""
    return {name: median(figures[name] for figures in rounds) for name in rounds[0]}


def work(name, env, size, measure):
    """Post one invoice, pay one, or settle ``size`` with one payment, as a request of its own: what was measured."""
    partner = env["res.partner"].create({"name": "Bench"})
    invoices = env["account.move"].create([prepare_invoice(partner) for _ in range(size)])
    if name != "posting":
        invoices.action_post()
    env.flush_all()
    env.invalidate_all()
    with measure() as measured:
        if name == "posting":
            invoices.action_post()
        else:
            pay(invoices)
        env.flush_all()
        env.cr.precommit.run()
    env.cr.rollback()
    env.invalidate_all()
    return measured


def pay(invoices):
    wizard = invoices.env["account.payment.register"]
    wizard = wizard.with_context(active_model="account.move", active_ids=invoices.ids).create({"group_payment": True})
    wizard.action_create_payments()


def prepare_invoice(partner):
    return {
        "move_type": "out_invoice",
        "partner_id": partner.id,
        "invoice_date": Date.today(),
        "invoice_line_ids": [Command.create({"name": "Sale", "price_unit": 100.0, "tax_ids": [Command.clear()]})],
    }
