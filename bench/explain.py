"""How PostgreSQL answers the queries of the module in a large database, as a table.

A big table has to be read by an index wherever only some of its rows are wanted.
"""

import re
import traceback
from contextlib import contextmanager, suppress
from unittest.mock import patch

from odoo import sql_db
from odoo.fields import Date

BIG = 10000  # rows
SENT = 10000  # notices
MODULE = "/addons/account_dunning/"
READS = re.compile(r"\s*(SELECT|WITH|INSERT)\b", re.IGNORECASE)
DRAWS_IDS = re.compile(r"nextval|^\s*INSERT.*unnest", re.DOTALL)  # rows written in bulk: they read nothing
WITHIN = re.compile("/odoo/(orm|tools|sql_db|models|fields|api)|/bulk.py")


@contextmanager
def recording(queries):
    """Append (method of the module, SQL) of each query that the module itself asks for to ``queries``."""
    original = sql_db.Cursor.execute

    def execute(self, query, params=None, log_exceptions=True):
        result = original(self, query, params, log_exceptions)
        frames = (frame for frame in reversed(traceback.extract_stack()[:-1]) if not WITHIN.search(frame.filename))
        caller = next(frames)
        if MODULE in caller.filename and self._obj.query:
            queries.append((caller.name, self._obj.query.decode()))
        return result

    with patch.object(sql_db.Cursor, "execute", execute):
        yield


def explain(env, queries):
    """Rows (method, milliseconds, how big tables are read, rows found), one for each kind of query that reads any."""
    env.cr.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples >= %s", [BIG])
    big = {name for (name,) in env.cr.fetchall()}
    kinds = {(name, re.sub(r"\d+", "0", query)[:400]): query for name, query in queries}
    for (name, _shape), query in kinds.items():
        if READS.match(query) and not DRAWS_IDS.search(query):
            with suppress(Rollback), env.cr.savepoint():
                env.cr._obj.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + query)
                [(plans,)] = env.cr.fetchall()
                plan = plans[0]["Plan"]
                if plan["Node Type"] == "ModifyTable":
                    [plan] = plan["Plans"]
                scans = dict.fromkeys(find_scans(plan, big))
                if scans:
                    yield name, plans[0]["Execution Time"], "; ".join(scans), plan["Actual Rows"]
                raise Rollback


def find_scans(node, big):
    """How each of the ``big`` tables is read, in words."""
    table, index = node.get("Relation Name"), node.get("Index Name")
    if index and (table in big or node["Node Type"] == "Bitmap Index Scan"):
        yield f"`{index}`"
    elif table in big and node["Node Type"] == "Seq Scan":
        yield f"all of `{table}`"
    for child in node.get("Plans", ()):
        yield from find_scans(child, big)


def send(env):
    """Send notices, so that there are collection plans."""
    notices = env["account.dunning.notice"].search([("state", "=", "proposed")], limit=SENT)
    for start in range(0, len(notices), 500):
        part = notices[start : start + 500]
        part.write({"state": "queued"})
        part._set_sent()
        env.cr.commit()
        env.invalidate_all()
    env.cr.execute("ANALYZE")


def print_table(env):
    """Do what the module does with many items, each rolled back at once, and print how its queries were answered."""
    print("| work | query of | ms | big tables are read by | rows |\n| --- | --- | --- | --- | --- |")
    for work in (divide, propose, take_from_queue, pay_invoice, confirm_invoice, show_customer):
        queries = []
        with suppress(Rollback), env.cr.savepoint():
            prepared = work(env)
            next(prepared)
            env.flush_all()
            env.invalidate_all()
            with recording(queries):
                next(prepared, None)
            for name, time, scans, rows in explain(env, queries):
                print(f"| {work.__doc__} | `{name}` | {time:.1f} | {scans} | {rows:.0f} |")
            raise Rollback
        env.invalidate_all()


class Rollback(Exception):
    """Ends a savepoint whose work is not wanted."""


# What is done: prepared until the first ``yield``.


def find_run(env):
    return env["account.dunning.run"].search([], limit=1)


def find_invoice(env):
    return env["account.dunning.notice.line"].search([("pending", "=", True)], limit=1).move_id


def divide(env):
    """divide a run into chunks"""
    run = find_run(env)
    yield
    env["account.dunning.run.chunk"]._divide(run)


def propose(env):
    """propose for a chunk, once more"""
    chunk = find_run(env).chunk_ids[:1]
    yield
    chunk._propose()


def take_from_queue(env):
    """take notices from the queue"""
    notices = find_run(env).notice_ids.filtered(lambda notice: notice.state == "proposed")
    notices.write({"state": "queued"})
    env.flush_all()
    env.cr.execute("ANALYZE account_dunning_notice")
    yield
    with patch.object(type(notices), "_issue_chunk", lambda self: None):
        notices._issue_next()


def pay_invoice(env):
    """pay an invoice"""
    invoice = find_invoice(env)
    wizard = env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
    yield
    wizard.create({"payment_date": Date.today()}).action_create_payments()
    env.cr.precommit.run()


def confirm_invoice(env):
    """confirm an invoice"""
    invoice = find_invoice(env).copy({"invoice_date": Date.today()})
    yield
    invoice.action_post()
    env.flush_all()


def show_customer(env):
    """show a customer"""
    customer = find_invoice(env).commercial_partner_id
    names = [name for name in customer._fields if name.startswith(("dunning", "collection"))]
    yield
    customer.read(names)
