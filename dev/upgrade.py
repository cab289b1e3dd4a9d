"""Upgrade databases of every release to the sources of today: make upgrade, or VERSIONS="19.0.1.0.0" for some.

``dev/releases.tar.xz`` holds the module as each release had it. Each release is installed beside the modules it needs,
a night of it duns and holds; then the module of today is put in its place and updates it. What people see
must be as before, the schema and the records of the data files as in a new installation, and the next night must run.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build"
RELEASES = BUILD / "releases"
TROUBLE = re.compile(r"^[0-9-]+ [0-9:,]+ [0-9]+ (?:WARNING|ERROR|CRITICAL) .*", re.MULTILINE)
FRESH = "upgrade_fresh"

# What both scripts say of the work done, in words that every release understands. The reason *Dispute* is called
# *Other Dispute* since 19.0.1.8.0, beside others.
TELL = """
import json
def own_rates(env):
    return env["account.dunning.interest.rate"].search([]) if "account.dunning.interest.rate" in env else ()
def tell(env):
    claim = "claim" if "claim" in env["account.dunning.notice.line"]._fields else "amount_residual"
    moves = env["account.move"].search([("partner_id.name", "like", "Upgrade"), ("move_type", "=", "out_invoice")])
    plans = env["account.collection.plan"].search([("partner_id.name", "like", "Upgrade")])
    notices = env["account.dunning.notice"].search([("partner_id.name", "like", "Upgrade")])
    return json.loads(json.dumps({
        "plans": sorted([p.partner_id.name, p.move_id.name, p.state, p.level_id.name, p.amount_due] for p in plans),
        "notices": sorted([n.partner_id.name, n.state, str(n.sent_on), n.level_id.name, n.amount_total]
                          for n in notices),
        "lines": sorted([l.name, l[claim], str(l.due_date), l.dunned] for l in notices.line_ids),
        "items": sorted([i.move_id.name, i.level_id.name, str(i.last_notice_date), i.times]
                        for i in env["account.dunning.item"].search([("move_id", "in", moves.ids)])),
        "holds": sorted([h.move_id.name, h.reason_id.name.removeprefix("Other "), str(h.date_from), str(h.ended_on)]
                        for h in env["account.dunning.hold"].search([])),
        "levels": sorted([l.type_id.name, l.name, l.days, l.document]
                         for l in env["account.dunning.level"].search([("type_id.company_id", "=", env.company.id)])),
        "rates": sorted([r.name, str(l.date), l.percent] for r in own_rates(env) for l in r.line_ids),
        "runs": sorted([str(r.date), r.state] for r in env["account.dunning.run"].search([])),
    }, default=str))
"""

DUN = (
    TELL
    + """
company = env.company
if not company.chart_template:
    env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
customers = env["res.partner"].create([{"name": f"Upgrade {number}"} for number in range(3)])
day = company._dunning_today()
moves = env["account.move"].create([{
    "move_type": "out_invoice", "partner_id": customer.id,
    "invoice_date": fields_day, "invoice_date_due": fields_day,
    "invoice_line_ids": [(0, 0, {"name": "Something", "price_unit": 100.0, "tax_ids": [(5, 0, 0)]})],
} for customer in customers for fields_day in ("2025-01-01", "2025-02-01")])
moves.action_post()
if "dunning_posted_on" in moves._fields:
    for move in moves:
        move.dunning_posted_on = move.invoice_date
action = env["account.dunning.action"].create({"name": "Call the customer"})
env["account.dunning.level"].search([]).write({"document": "none", "action_ids": [(6, 0, action.ids)]})
reason = env["account.dunning.reason"].search([], limit=1)
env["account.dunning.hold"].create({"move_id": moves[0].id, "reason_id": reason.id})
env.cr.commit()

def work():
    for _round in range(3):
        for cron in env["ir.cron"].search([("model_id.model", "=like", "account.dunning%")]):
            cron.method_direct_trigger()
            env.cr.commit()

run = env["account.dunning.run"].create({})
run.action_propose()
env.cr.commit()
work()
run.action_issue_all()
env.cr.commit()
work()

# From 19.0.1.2.0 on: own interest and fees, on an invoice that the next night duns.
if "account.dunning.interest.rate" in env:
    rate = env["account.dunning.interest.rate"].create({
        "name": "Own", "line_ids": [(0, 0, {"date": "2020-01-01", "percent": 12.0})]})
    charging = env["account.dunning.type"].create({
        "name": "Charging", "company_id": company.id, "interest_rate_id": rate.id, "level_ids": [(0, 0, {
            "name": "Charging", "days": 1, "document": "letter", "interest": True, "fee_kind": "fixed",
            "fee_amount": 7.5, "text": "<p>Please pay {total}.</p>"})]})
    address = {"street": "1 Main Street", "zip": "12345", "city": "Springfield", "email": "a@example.com"}
    customer = env["res.partner"].create({"name": "Charged", **address})
    move = env["account.move"].create({
        "move_type": "out_invoice", "partner_id": customer.id,
        "invoice_date": "2025-03-01", "invoice_date_due": "2025-03-01", "dunning_type_id": charging.id,
        "invoice_line_ids": [(0, 0, {"name": "Something", "price_unit": 1000.0, "tax_ids": [(5, 0, 0)]})]})
    move.action_post()
    if "dunning_posted_on" in move._fields:
        move.dunning_posted_on = move.invoice_date
    env.cr.commit()
told = tell(env)
assert len(told["lines"]) == 5 and told["items"], told
print("TOLD", json.dumps(told))
"""
)

CHECK = (
    TELL
    + """
print("TOLD", json.dumps(tell(env)))
run = env["account.dunning.run"].create({})
run.action_propose()
env.cr.commit()
env.ref("account_dunning.ir_cron_dunning_continue").method_direct_trigger()
env.cr.commit()
assert run.state in ("review", "done", "issuing", "to_finish", "proposed"), run.state
if own_rates(env):  # they go on by contract: the law neither cuts nor refuses what the company charged before
    charging = env["account.dunning.type"].search([("name", "=", "Charging")])
    assert (charging.law_mode, bool(charging.law_reason)) == ("contract", True), charging.law_mode
    notice = env["account.dunning.notice"].search([("partner_id.name", "=", "Charged")])
    assert len(notice) == 1, env["account.dunning.skipped"].search([]).mapped("reason")
    days = (notice.date - notice.line_ids.due_date).days
    expected = round(1000.0 * 12.0 * days / 36500, 2)
    assert (notice.amount_fees, notice.amount_interest) == (7.5, expected), (notice.amount_fees, notice.amount_interest)
    assert days > 300 and not notice.law_why
env["account.move.line"].search([("account_type", "=", "asset_receivable")]).mapped("dunning_number")
for plan in env["account.collection.plan"].search([]):
    plan.read(["timeline", "amount_due", "next_date"])
"""
)

# What only the module can have put into a database, but for records that people or the work made.
TRACES = r"""
SELECT 'table ' || table_name FROM information_schema.tables
 WHERE table_schema = 'public' AND (table_name LIKE '%dunning%' OR table_name LIKE 'account_collection%')
 UNION
SELECT 'column ' || table_name || '.' || column_name || ' ' || udt_name
       || CASE is_nullable WHEN 'NO' THEN ' required' ELSE '' END
  FROM information_schema.columns
 WHERE table_schema = 'public' AND (column_name LIKE '%dunning%' OR table_name LIKE '%dunning%'
                                    OR table_name LIKE 'account_collection%')
 UNION
SELECT 'index ' || regexp_replace(indexdef, 'INDEX \S+_idx\d* ON', 'INDEX ON') FROM pg_indexes
 WHERE tablename LIKE '%dunning%' OR tablename LIKE 'account_collection%' OR indexname LIKE '%dunning%'
 UNION
SELECT 'constraint ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
 WHERE conrelid::regclass::text LIKE '%dunning%' OR conrelid::regclass::text LIKE 'account_collection%'
 UNION
SELECT 'trigger ' || tgname || ' ' || tgrelid::regclass FROM pg_trigger
 WHERE NOT tgisinternal AND tgname LIKE '%dunning%'
 UNION
SELECT 'model ' || model FROM ir_model WHERE model LIKE '%dunning%'
 UNION
SELECT 'record ' || model || ' ' || name FROM ir_model_data
 WHERE module = 'account_dunning' AND model NOT LIKE 'account.dunning.%' AND name !~ '_company_\d+|_\d+_'
"""


def main():
    unpack()
    versions = os.environ.get("VERSIONS", "").split() or sorted(path.name for path in RELEASES.iterdir())
    database("installed", FRESH)
    expected = read_traces(FRESH)
    with ThreadPoolExecutor(int(os.environ.get("JOBS") or os.cpu_count())) as pool:
        problems = list(pool.map(lambda version: upgrade(version, expected), versions))
    database("drop", FRESH)
    for version, problem in zip(versions, problems, strict=True):
        print(f"{version}: {problem or 'upgraded'}")
    if any(problems):
        sys.exit(1)
    print(f"{len(versions)} releases upgraded, each with its data")


def unpack():
    """Each release as ``build/releases/VERSION/odoo/addons/account_dunning``."""
    if not RELEASES.exists():
        half = RELEASES.with_suffix(".half")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        place = r"s,^[0-9.]*,&/odoo/addons/account_dunning,"
        archive = ROOT / "dev/releases.tar.xz"
        subprocess.run(["tar", "xJf", archive, "--transform", place, "-C", half], check=True)
        half.rename(RELEASES)


def upgrade(version, expected):
    """Install a release, let it work, update it; give what went wrong, or None."""
    name = "upgrade_" + re.sub(r"\W", "_", version)
    try:
        database("copy", "account_dunning_base", name)
        old = os.environ | {"PYTHONPATH": f"{RELEASES / version}:{os.environ['ODOO_HOME']}"}
        odoo(["-d", name, "-i", "account_dunning", "--stop-after-init"], old)
        before = told(odoo(["shell", "-d", name], old, DUN))
        odoo(["-d", name, "-u", "account_dunning", "--stop-after-init"], os.environ, clean=True)
        after = told(odoo(["shell", "-d", name], os.environ, CHECK, clean=True))
        found = read_traces(name)
        problems = [f"{key}: {before[key]} became {after[key]}" for key in before if before[key] != after[key]]
        problems += [f"missing: {trace}" for trace in sorted(expected - found)]
        problems += [f"left over: {trace}" for trace in sorted(found - expected)]
        return "\n  ".join(problems)
    except (subprocess.CalledProcessError, AssertionError) as error:
        return str(error)
    finally:
        database("drop", name)


def told(output):
    """What the scripts have printed."""
    [line] = re.findall(r"^TOLD (.*)$", output, re.MULTILINE)
    return json.loads(line)


def odoo(arguments, env, source=None, clean=False):
    """Run Odoo; give its output. ``clean``: its log may hold no warning."""
    command, rest = (arguments[:1], arguments[1:]) if arguments[0] == "shell" else ([], arguments)
    process = subprocess.run(
        [sys.executable, "-m", "odoo", *command, "-c", os.environ["ODOO_RC"], "--no-http", "--log-level=warn", *rest],
        env=env,
        input=source,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert not process.returncode, process.stdout[-3000:]
    assert not clean or not TROUBLE.findall(process.stdout), process.stdout[-3000:]
    return process.stdout


def database(*arguments):
    subprocess.run([ROOT / "dev/database", *arguments], check=True)


def read_traces(name):
    output = subprocess.run(
        ["psql", "-X", "-q", "-At", "-d", name, "-c", TRACES],
        check=True,
        text=True,
        stdout=subprocess.PIPE,
    )
    return set(output.stdout.splitlines())


if __name__ == "__main__":
    main()
