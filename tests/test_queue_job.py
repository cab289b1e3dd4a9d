"""Where OCA's ``queue_job`` is installed, its queue does the work of the runs: the real one, on a real server."""

import json
import os
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import config

from . import database
from .processes import CONTINUE, ISSUE, SETUP, STUB, ProcessCase

PATIENCE = 120  # seconds

# Nothing but the workers is scheduled: e-mails stay in Odoo's queue.
WORKERS = """
runs = env["account.dunning.run"]
runs._set_workers(2)
env["ir.cron"].search([("id", "not in", env["ir.cron"]._get_dunning_workers().ids)]).active = False
env.cr.commit()
"""
PROPOSE = """
env["account.dunning.run"].create({}).action_propose()
env.cr.commit()
"""

# Odoo with quick letters, and something done before each chunk.
SERVER = """
import os, time
from pathlib import Path
from odoo.addons.account_dunning.models.notice import issuing
from odoo.addons.account_dunning.models.run import account_dunning_run
from odoo.addons.account_dunning.models.notice import ir_actions_report
from odoo.cli.command import main
from odoo.service.server import PreforkServer

# Nobody listens to what the server pushes: one Odoo less to load.
PreforkServer.long_polling_spawn = lambda self: None

def before(model, name):
    def method(self, *args):
        if self:
            hook(name, self.env.cr)
        return original(self, *args)
    original = getattr(model, name)
    setattr(model, name, method)

def first(name):
    try:
        (folder / name).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True

folder = Path(__file__).parent
render = lambda self, notices: {id: b"%%PDF-1.4 %d" % id for id in notices.ids}
ir_actions_report.IrActionsReport._render_dunning_letters = render
before(account_dunning_run.AccountDunningRun, "_propose_batch")
before(issuing.NoticeIssuing, "_issue")
"""

# Both processes take part: who is first waits for the other. The first chunk of notices meets with a conflict.
MEET = """
def hook(name, cr):
    (folder / f"{name}-{os.getpid()}").touch()
    end = time.monotonic() + 120
    while len(list(folder.glob(f"{name}-*"))) < 2:
        if time.monotonic() > end:
            raise RuntimeError("the other process does not come")
        time.sleep(0.05)
    if name == "_issue" and first("conflict"):
        cr.execute("DO 'BEGIN RAISE serialization_failure; END'")
main()
"""

# From the second chunk of notices on, nothing goes on.
HANG = """
def hook(name, cr):
    if name == "_issue" and not first("chunk"):
        (folder / f"hung-{os.getpid()}").touch()
        time.sleep(3600)
main()
"""

GO_ON = """
def hook(name, cr):
    pass
main()
"""

# As a server does, this process goes on with the modules that are left.
UNINSTALL = """
from odoo import api
from odoo.modules.registry import Registry
env.ref("base.module_queue_job").button_immediate_uninstall()
env = api.Environment(Registry(env.cr.dbname).cursor(), env.uid, {})
assert "queue.job" not in env
"""

# What the scheduled actions do about jobs in each state, where no server runs them.
WATCH = """
import json
def look(cron, change=""):
    if change:
        env.cr.execute("UPDATE queue_job SET " + change)
    env["ir.cron.trigger"].search([]).unlink()
    env.cr.commit()
    env.ref("account_dunning.ir_cron_dunning_" + cron).method_direct_trigger()
    env.cr.commit()
    env.cr.execute("SELECT state FROM queue_job ORDER BY id")
    states = [row[0] for row in env.cr.fetchall()]
    runs = sorted(set(env["account.dunning.run"].search([]).mapped("state")))
    seen.append([states, env["ir.cron.trigger"].search_count([]), ", ".join(runs)])
seen = []
"""
LOOKS = (
    # what is done before, the states of jobs, whether the worker looks again, the states of the runs
    ("'continue'", ["pending"], 0, "proposing"),
    ("'continue'", ["pending"], 0, "proposing"),
    ("'nightly'", ["pending"] * 2, 0, "proposing"),
    ("'nightly'", ["pending"] * 2, 0, "proposing"),
    ("'continue', \"state = 'started'\"", ["started"] * 2, 1, "proposing"),
    ("'continue', \"state = 'done'\"", ["done"] * 2 + ["pending"], 0, "proposing"),
    ("'continue', \"state = 'failed'\"", ["failed"] * 3 + ["pending"], 0, "proposing"),
    ("'continue', \"date_created = now() - interval '2 hours'\"", ["failed"] * 3 + ["pending"], 0, "done, proposed"),
    ("'continue', \"state = 'done'\"", ["done"] * 4, 0, "done, proposed"),  # nothing to do, no job
)


@tagged("post_install", "-at_install")
class TestQueueJob(ProcessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        path = os.pathsep.join((os.environ["QUEUE_JOB"], os.environ["PYTHONPATH"]))
        cls.enterClassContext(patch.dict(os.environ, PYTHONPATH=path))
        cls.ready = cls.enterClassContext(database.copy_of(database.installed(), "queue"))
        for result in (
            database.run_odoo(cls.ready, "-i", "queue_job"),
            database.run_script(cls.ready, SETUP + WORKERS),
        ):
            if result.returncode:
                raise RuntimeError(result.stdout[-3000:])

    def setUp(self):
        super().setUp()
        self.name = self.enterContext(database.copy_of(self.ready, "jobs"))
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def start_server(self, hook):
        """Start a server with two worker processes, and as many jobs at once; give its process."""
        script, log = self.folder / "server.py", self.folder / "server.log"
        script.write_text(SERVER + hook)
        log.write_text("")
        ports = [f"--{kind}-port={port}" for kind, port in zip(("http", "gevent"), self.free_ports(2), strict=True)]
        command = [sys.executable, str(script), "-c", config["config"], "-d", self.name, "--http-interface=127.0.0.1"]
        with log.open("a") as output:
            server = database.start(
                [*command, *ports, "--load=base,web,queue_job", "--workers=2", "--max-cron-threads=1"],
                stdout=output,
                env={**os.environ, "ODOO_QUEUE_JOB_CHANNELS": "root:2"},
            )
        self.addCleanup(self.kill, server)
        self.wait("the server", lambda: "queue job runner ready" in log.read_text())
        return server

    def free_ports(self, number):
        sockets = [socket.socket() for _ in range(number)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        ports = [each.getsockname()[1] for each in sockets]
        for each in sockets:
            each.close()
        return ports

    def kill(self, server):
        """Kill the server and all processes that it started."""
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()

    def wait(self, what, found):
        """Wait until ``found()``."""
        end = time.monotonic() + PATIENCE
        while not found():
            if time.monotonic() > end:
                log = (self.folder / "server.log").read_text()
                self.fail(f"{what} takes too long: {self.query('SELECT state, exc_info FROM queue_job')} {log[-3000:]}")
            time.sleep(0.2)

    def query(self, statement):
        return database.query(self.name, statement)

    def propose(self):
        """Have the queue propose, and wait until the jobs of both workers are done."""
        self.script(self.name, STUB, PROPOSE)
        self.wait("proposing", lambda: self.query("SELECT state FROM account_dunning_run") == [("proposed",)])
        self.wait_jobs()

    def wait_issued(self):
        waiting = "SELECT 1 FROM account_dunning_notice WHERE state = 'queued' AND mail_id IS NULL"
        self.wait("issuing", lambda: not self.query(waiting))
        self.wait_jobs()

    def wait_jobs(self):
        jobs = "SELECT COUNT(DISTINCT identity_key), ARRAY_AGG(DISTINCT state) FROM queue_job"
        self.wait("a job", lambda: self.query(jobs) == [(2, ["done"])])

    def test_two_processes_share_a_run(self):
        self.start_server(MEET)
        self.propose()
        report = self.report(self.name)
        self.assertEqual((report["lines"], report["plans"]), (100, 0))
        self.script(self.name, ISSUE)
        self.wait_issued()
        self.check_issued(self.name)
        for step in ("_propose_batch", "_issue"):
            self.assertGreaterEqual(len(list(self.folder.glob(f"{step}-*"))), 2, "processes")
        jobs = "SELECT COUNT(*), MAX(retry), COUNT(DISTINCT worker_pid), MAX(user_id) FROM queue_job"
        number, tries, processes, user = self.query(jobs)[0]
        self.assertGreaterEqual(number, 4 + 3, "a job for each chunk")
        self.assertGreaterEqual(tries, 2, "there was a conflict")
        self.assertGreaterEqual(processes, 2)
        self.assertEqual(user, 1, "the superuser")

    def test_jobs_that_died_are_taken_up_again(self):
        server = self.start_server(HANG)
        self.propose()
        self.script(self.name, ISSUE)
        self.wait("the second chunk", lambda: len(list(self.folder.glob("hung-*"))) == 2)
        self.kill(server)
        self.assertEqual(self.report(self.name)["letters"], 40, "the first chunk stays")
        self.assertEqual(self.query("SELECT COUNT(*) FROM queue_job WHERE state = 'started'"), [(2,)])
        self.start_server(GO_ON)
        self.wait_issued()
        self.check_issued(self.name)

    def test_scheduled_actions_watch_the_jobs(self):
        looks = "".join(f"look({arguments})\n" for arguments, *_ in LOOKS)
        output = self.script(self.name, STUB, PROPOSE, WATCH, looks, 'print("SEEN", json.dumps(seen))\n')
        seen = json.loads(output[output.rindex("SEEN") + 4 :].split("\n")[0])
        for (arguments, *expected), found in zip(LOOKS, seen, strict=True):
            with self.subTest(arguments):
                self.assertEqual(found, expected)

    def test_without_the_queue_the_scheduled_action_works_again(self):
        self.script(self.name, STUB, PROPOSE, CONTINUE)
        self.assertEqual(self.report(self.name)["runs"], ["proposing"])
        self.assertEqual(self.report(self.name, UNINSTALL, STUB, CONTINUE)["runs"], ["proposed"])
