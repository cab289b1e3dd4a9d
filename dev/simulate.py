"""Plays a file of invoices into a database, and simulates its time as it happened: python dev/simulate.py DATABASE FILE

Invoices, payments and disputes are entered with the dates of the file, and no night runs. What the simulation says must
be what ``dev/replay.py`` has seen leave, night by night. docs/simulation.md says more.
"""

import json
import logging
import os
import sys
from collections import Counter
from datetime import timedelta

from figures import QUIET, play
from replay import parse_arguments
from replay_check import Rules, foresee, read

import odoo.api
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tools import config


def main():
    options = parse_arguments()
    invoices = read(options.file)
    rules = Rules(options.levels, options.min_days, options.deadline_days, options.mode)
    config.parse_config(["-c", os.environ["ODOO_RC"], "-d", options.database, "--no-http", "--log-level=warn"])
    with Registry(options.database).cursor() as cr:
        env = odoo.api.Environment(cr, odoo.SUPERUSER_ID, QUIET)
        levels = set_up(env, rules)
        play(env, invoices)
        complete(env, invoices)
        simulation = simulate(env, invoices)
        cr.commit()
        result = describe(simulation, levels)
    print(json.dumps(result))
    expected = Counter(one.level for one in foresee(invoices, rules).dunned)
    return 0 if result["items_by_level"] == {str(number): expected[number] for number in levels.values()} else 1


def set_up(env, rules):
    """The mode, and one sequential type of letters; its levels by their numbers."""
    env.company._get_dunning_settings().write({"mode": rules.mode, "max_levels": max(5, len(rules.days))})
    env["account.dunning.type"].search([]).default = False
    levels = [
        {
            "name": f"Level {number}",
            "days": days,
            "min_days": rules.min_days,
            "deadline_days": rules.deadline_days,
            "document": "letter",
            "text": "<p>Please pay {total} by {deadline}.</p>",
        }
        for number, days in enumerate(rules.days, 1)
    ]
    dunning_type = env["account.dunning.type"].create(
        {
            "name": "Simulated",
            "default": True,
            "unrecovered_days": 0,
            "level_ids": [Command.create(vals) for vals in levels],
        }
    )
    return {level.name: number for number, level in enumerate(dunning_type.level_ids.sorted("days"), 1)}


def complete(env, invoices):
    """Addresses for letters, and the disputes of the file: from the due date until the invoice was settled."""
    moves = env["account.move"].search([("move_type", "=", "out_invoice"), ("ref", "!=", False)])
    moves.partner_id.write({"street": "1 Main Street", "zip": "10001", "city": "New York"})
    by_number = {move.ref: move for move in moves}
    reason = env["account.dunning.reason"].search([("dispute", "=", True)], limit=1)
    held = [invoice for invoice in invoices if invoice.held_from]
    holds = env["account.dunning.hold"].create(
        [
            {
                "move_id": by_number[invoice.number].id,
                "reason_id": reason.id,
                "date_from": invoice.held_from,
                "date_until": invoice.settled - timedelta(1),
            }
            for invoice in held
        ]
    )
    for hold, invoice in zip(holds, held, strict=True):
        hold.ended_on = invoice.settled


def simulate(env, invoices):
    simulation = env["account.dunning.simulation"].create(
        {
            "name": "File",
            "date_from": min(invoice.date for invoice in invoices),
            "date_to": max(invoice.settled for invoice in invoices),
        }
    )
    simulation._start()
    while simulation._continue_next({}):
        pass
    if simulation.state != "done":
        sys.exit(simulation.failure)
    return simulation


def describe(simulation, levels):
    """The counts of the live policy, and how many steps differ from it in the same policy beside it."""
    lines = simulation.line_ids.filtered(lambda line: line.policy == "live")
    found = Counter(levels[line.level] for line in lines)
    return {
        "items_by_level": {str(number): found[number] for number in levels.values()},
        "notices": sum(lines.mapped("notices")),
        "different": len(simulation.line_ids.filtered(lambda line: line.difference != "same")),
    }


if __name__ == "__main__":
    logging.captureWarnings(True)
    sys.exit(main())
