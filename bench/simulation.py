"""A simulation of a year, beside a changed policy: python bench/simulation.py DATABASE INVOICES

The invoices are due in the last thirteen months, most of them are settled within a month after. Made in a process of
its own, so that the memory that is told is that of the simulation.
"""

import json
import os
import resource
import subprocess
import sys
import time

from figures import settle
from seed import seed

import odoo.api
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tools import config


def main(database, count, step="prepare"):
    config.parse_config(["-c", os.environ["ODOO_RC"], "-d", database, "--no-http", "--log-level=warn"])
    with Registry(database).cursor() as cr:
        env = odoo.api.Environment(cr, odoo.SUPERUSER_ID, {})
        if step == "prepare":
            seed(env, int(count))
            settle(env)
            cr.commit()
        else:
            print(json.dumps({"invoices": int(count), **measure(env)}))
            return
    subprocess.run([sys.executable, __file__, database, count, "measure"], check=True)


def measure(env):
    """Seconds, queries and megabytes of a simulation whose levels come five days later, in chunks as in a night."""
    types = env["account.dunning.type"].search([])
    simulation = env["account.dunning.simulation"].create(
        {"name": "Bench", "letter_cost": 1.2, "type_ids": [Command.create({"type_id": each.id}) for each in types]}
    )
    for level in simulation.type_ids.level_ids:
        level.days += 5
    simulation._start()
    env.cr.commit()
    queries, begun, chunks, longest = env.cr.sql_log_count, time.perf_counter(), 0, 0.0
    work = {}
    while True:
        before = time.perf_counter()
        if not simulation._continue_next(work):
            break
        env.cr.commit()
        env.invalidate_all()
        chunks, longest = chunks + 1, max(longest, time.perf_counter() - before)
    if simulation.state != "done":
        raise SystemExit(simulation.failure)
    return {
        "seconds": round(time.perf_counter() - begun, 1),
        "chunks": chunks,
        "longest_chunk_s": round(longest, 1),
        "queries": env.cr.sql_log_count - queries,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "rows": simulation.line_count,
        "totals": {
            side: {name: sums[name] for name in ("notices", "items")} for side, sums in simulation.totals.items()
        },
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
