"""Measures one size, started by bench/run: python bench/bench.py DATABASE ITEMS MODE WORKERS EXPLAIN.

``DATABASE`` has the module newly installed, ``DATABASE_without`` is the same without it.

Each step runs in a process of its own, so that its memory and caches are its own. The last line is one of JSON.
"""

import json
import logging
import os
import resource
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from statistics import median
from unittest.mock import patch

import desk
import explain
import figures
import overhead
import peer
import screen_data
import seed
import sending
import table

import odoo.api
from odoo import sql_db
from odoo.fields import Date
from odoo.modules.registry import Registry
from odoo.tools import config

LETTERS, MAILS, PEER_MAILS = 400, 400, 10
FLOOR_TIMES = 9
PEER_LIMIT = 30000  # items; beyond them the peer does not finish

# What any solution has to do at least: the overdue items by customer, and one row for each of both.
FLOOR = """
CREATE TABLE bench_item (id serial PRIMARY KEY, line_id integer, partner_id integer, amount numeric, due date);
CREATE TABLE bench_customer (id serial PRIMARY KEY, partner_id integer, amount numeric, due date);
INSERT INTO bench_item (line_id, partner_id, amount, due)
SELECT line.id, line.partner_id, line.amount_residual_currency, COALESCE(line.date_maturity, line.date)
  FROM account_move_line line JOIN account_account account ON account.id = line.account_id
 WHERE account.account_type = 'asset_receivable' AND line.parent_state = 'posted'
   AND line.reconciled IS NOT TRUE AND COALESCE(line.date_maturity, line.date) < CURRENT_DATE;
INSERT INTO bench_customer (partner_id, amount, due)
SELECT partner_id, SUM(amount), MIN(due) FROM bench_item GROUP BY partner_id;
"""


def main(database, count, mode, workers, with_plans):
    count = int(count)
    say("posting and paying, with the module and without")
    costs = overhead.median_of([step(database, "overhead") for _round in range(overhead.ROUNDS)])
    say(f"seeding {count} invoices")
    result = step(database, "seed", count, mode)
    say("the floor: aggregate and insert by SQL")
    result |= step(database, "floor")
    say("proposing")
    result |= step(database, "propose", workers)
    with_peer = "BENCH_PEER" in os.environ and count <= PEER_LIMIT and mode == "invoice"
    if with_peer:
        say("the peer: installing, its run, its communications, its e-mails")
        result |= step(database, "peer") | step(database, "peer_mails")
    say("issuing by letter and by e-mail")
    result |= step(database, "issue", workers) | costs
    say("three nights, without documents")
    result |= step(f"{database}_nights", "nights", count, mode)
    say("the desk: all cases, and the list")
    result |= step(f"{database}_nights", "desk")
    say("screens, as users open them")
    result |= step(f"{database}_nights", "screens")
    say("the ledger as of a day, a month that is kept, the dashboard")
    result |= step(f"{database}_nights", "figures")
    say("sending without document, and closing by a payment run")
    result |= step(f"{database}_sent", "send", min(count, sending.MOST_ITEMS), mode)
    result |= step(f"{database}_sent", "close")
    table.print_table(result)
    if with_plans == "1":
        say("how PostgreSQL answers the queries")
        step(database, "explain")
    print(json.dumps(result))
    if with_peer and result["items_differ"]:
        sys.exit("The two do not dun the same items.")


def say(text):
    print(f"  {text}", file=sys.stderr, flush=True)


def step(database, name, *args):
    """Run a step in a process of its own; returns what it prints last as JSON, and passes on what it prints before."""
    return finish(start(database, name, *args))


def start(database, name, *args):
    command = [sys.executable, __file__, "--step", name, database, *map(str, args)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def finish(process):
    """Let a step that waits for a line go on; returns what it prints last as JSON."""
    output, _errors = process.communicate("\n")
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    *lines, last = output.splitlines()
    for line in lines:
        print(line)
    return json.loads(last)


def options(database):
    """Command line options of Odoo for ``database``; the peer's folder is among the addons where there is one."""
    addons = [os.path.join(os.environ["ODOO_HOME"], "odoo", "addons")]
    if "BENCH_PEER" in os.environ:
        addons.append(os.environ["BENCH_PEER"])
    return ["-c", os.environ["ODOO_RC"], "-d", database, "--log-level=warn", f"--addons-path={','.join(addons)}"]


@contextmanager
def environment(database, install=()):
    """An environment as a button or a scheduled action has it: changes are tracked, where a model does that."""
    config.parse_config([*options(database), "--no-http"])
    registry = Registry.new(database, install_modules=install, update_module=bool(install))
    with registry.cursor() as cr:
        yield odoo.api.Environment(cr, odoo.SUPERUSER_ID, {})
        cr.commit()


class Measure:
    """Seconds, and queries on all cursors, of what runs inside."""

    def __enter__(self):
        self.queries, self.start = sql_db.sql_counter, time.perf_counter()
        return self

    def __exit__(self, *_):
        self.seconds = round(time.perf_counter() - self.start, 4)
        self.queries = sql_db.sql_counter - self.queries


# steps


def step_overhead(database):
    """Posting and paying: percent of time and number of queries that the module adds."""
    with environment(f"{database}_without") as without, environment(database) as with_module:
        return overhead.compare(Measure, without, with_module)


def step_seed(database, count, mode):
    with environment(database) as env:
        env.company._get_dunning_settings().mode = mode
        _types, tags = seed.seed(env, int(count))
        env["ir.config_parameter"].set_param("bench.tags", json.dumps(tags.ids))
        return {"items": int(count), "customers": -(-int(count) // seed.ITEMS_PER_CUSTOMER)}


def step_floor(database):
    """The median of several times: the floor is so short that a single one varies by half."""
    seconds = []
    with environment(database) as env:
        for _time in range(FLOOR_TIMES):
            with Measure() as measured:
                env.cr.execute(FLOOR)
                env.cr.commit()
            seconds.append(measured.seconds)
            env.cr.execute("DROP TABLE bench_item, bench_customer")
            env.cr.commit()
    return {"floor_s": median(seconds)}


def step_propose(database, workers):
    """Propose in one run, with other workers than this process in their own, which are there before it begins."""
    with environment(database) as env:
        env["account.dunning.run"]._set_workers(int(workers))
        worker = env["ir.cron"]._get_dunning_workers()[0]
        run = env["account.dunning.run"].create({"company_id": env.company.id, "date": Date.today()})
        env.cr.commit()
        memory = peak_mb()
        others = start_others(database, workers)
        with Measure() as measured:
            run.action_propose()
            others = work_together(worker, others)
        return {
            "propose_s": measured.seconds,
            "propose_queries": measured.queries + sum(other["queries"] for other in others),
            "peak_mb": max([peak_mb(), *(other["peak_mb"] for other in others)]),
            "start_mb": memory,
            "workers": int(workers),
            "notices": run.notice_count,
            "dunned": len(run.notice_ids.line_ids),
        }


def start_others(database, workers):
    """Other workers than this process in their own, which are there when this returns."""
    processes = [start(database, "work", number) for number in range(1, int(workers))]
    for process in processes:
        process.stdout.readline()
    return processes


def work_together(worker, processes):
    """Work with the ``processes`` of other workers until nothing is left to do; returns what these say."""
    worker.env.cr.commit()
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    if processes:
        trigger(worker)
    results = [finish(process) for process in processes]
    work(worker)
    return results


def step_work(database, number):
    """Another worker, which begins when it is told to, and ends where nothing is left for it."""
    with environment(database) as env:
        worker = env["ir.cron"]._get_dunning_workers()[int(number)]
        print("ready", flush=True)
        sys.stdin.readline()
        with Measure() as measured:
            trigger(worker)
    return {"queries": measured.queries, "peak_mb": peak_mb()}


def step_peer(database):
    with environment(database, install=["account_credit_control"]) as env:
        tags = env["res.partner.category"].browse(json.loads(env["ir.config_parameter"].get_param("bench.tags")))
        policies = peer.set_up(env, tags)
        env.cr.commit()
        with Measure() as measured:
            run, _communications = peer.propose(env, policies, Date.today())
            env.cr.commit()
        ours = env["account.dunning.run"].search([], limit=1).notice_ids.line_ids.move_line_id
        return {
            "peer_s": measured.seconds,
            "peer_queries": measured.queries,
            "peer_mb": peak_mb(),
            "items_differ": len(set(ours.ids) ^ set(run.line_ids.move_line_id.ids)),
        }


def step_peer_mails(database):
    with serving(database) as url, environment(database) as env:
        set_url(env, url)
        communications = env["credit.control.communication"].search([])
        chosen = communications.filtered(lambda communication: communication.get_email())[:PEER_MAILS]
        with Measure() as measured:
            peer.mail(chosen)
        env.cr.rollback()
        return {"peer_mails_per_s": rate(len(chosen), measured)}


def step_issue(database, workers):
    with serving(database) as url, environment(database) as env:
        set_url(env, url)
        worker = env["ir.cron"]._get_dunning_workers()[0]
        notices = env["account.dunning.run"].search([], limit=1).notice_ids
        result = {}
        for name, document, count in (("letters", "letter", LETTERS), ("mails", "email", MAILS)):
            chosen = notices.filtered(lambda notice, document=document: notice.document == document)[:count]
            others = start_others(database, workers)
            with Measure() as measured:
                chosen.action_issue()
                work_together(worker, others)
            left = chosen.filtered(lambda notice: notice.state != "to_print" and not notice.mail_id)
            if left:
                raise SystemExit(f"{len(left)} of {len(chosen)} were not issued: {left[0].failure}")
            result[f"{name}_per_s"] = rate(len(chosen), measured)
        return result


def step_nights(database, count, mode):
    """Three nights on end; all notices of a night are sent before the next one."""
    step_seed(database, count, mode)
    result = {}
    with environment(database) as env:
        env["account.dunning.level"].search([]).write({"document": "none", "collection_status": "legal"})
        worker = env["ir.cron"]._get_dunning_workers()[0]
        for night in (1, 2, 3):
            with patch.object(type(env.company), "_dunning_today", lambda _company, night=night: day_of(night)):
                with Measure() as measured:
                    env["account.dunning.run"]._start_nightly(env.company)
                    work(worker)
                notices = env["account.dunning.run"].search([], limit=1).notice_ids
                result |= {
                    f"night{night}_s": measured.seconds,
                    f"night{night}_queries": measured.queries,
                    f"night{night}_notices": len(notices),
                    f"night{night}_mb": peak_mb(),
                }
                notices.action_issue()
                work(worker)
            tidy(env.cr)
        return result


def tidy(cr):
    """What PostgreSQL does by itself until the next night: see what is there, and note what is committed."""
    cr.commit()
    cr._cnx.autocommit = True
    try:
        cr.execute("VACUUM ANALYZE")
    finally:
        cr._cnx.autocommit = False


def step_desk(database):
    with environment(database) as env:
        return desk.measure(env, Measure)


def step_figures(database):
    with environment(database) as env:
        return figures.measure(env, Measure)


def step_screens(database):
    """Open the screens after the nights: as a collector, then what only managers and administrators see."""
    with environment(database) as env:
        screen_data.prepare(env, work)
    with environment(database) as env:
        return {"screens": screen_data.open_all(env)}


def day_of(night):
    return Date.add(Date.today(), days=night - 1)


def step_send(database, count, mode):
    step_seed(database, count, mode)
    with environment(database) as env:
        return sending.send(env, Measure, work)


def step_close(database):
    with environment(database) as env:
        return sending.close(env, Measure)


def step_explain(database):
    with environment(database) as env:
        explain.send(env)
        explain.print_table(env)
    return {}


def set_url(env, url):
    env["ir.config_parameter"].set_param("web.base.url", url)
    env.cr.commit()


@contextmanager
def serving(database):
    """A server without scheduled actions: the letters' style sheets come from it."""
    port = os.environ["HTTP_PORT"]
    command = [sys.executable, "-m", "odoo", *options(database), "--max-cron-threads=0", f"--http-port={port}"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while server.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", int(port)), 1):
                break
            time.sleep(0.2)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(30)


def work(worker):
    """Run the scheduled action of a worker until nothing is left to do."""
    while worker.env["account.dunning.run"]._count_work():
        trigger(worker)


def trigger(worker):
    """Run the scheduled action of a worker as its button does."""
    env = worker.env
    env.cr.commit()
    result = worker.method_direct_trigger()
    if result is not True:
        raise SystemExit(result["params"]["data"]["debug"])
    env.cr.commit()
    env.invalidate_all()


def rate(count, measured):
    return round(count / measured.seconds, 2)


def peak_mb():
    """The memory of this process at most, to the nearest 10 MB: it varies a little from run to run."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 10240) * 10


if __name__ == "__main__":
    logging.captureWarnings(True)
    if sys.argv[1] == "--step":
        print(json.dumps(globals()[f"step_{sys.argv[2]}"](*sys.argv[3:])))
    else:
        main(*sys.argv[1:])
