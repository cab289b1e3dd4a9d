"""What fails around a run: the server, PostgreSQL, the disk, the mail server, wkhtmltopdf.

Afterwards the work is taken up again, and a count of notices, levels and received mails shows that nothing is lost and
nothing is twice. Servers and scripts are processes of their own on a copy of a database, the mail server is a real one
in this process, and failures come from outside: signals, locks, limits, another wkhtmltopdf.
"""

import contextlib
import os
import shlex
import shutil
import signal
import socket
import tempfile
import time
from pathlib import Path

from odoo.tests import tagged
from odoo.tools import config

from . import database
from .outside import MailServer, PostgreSQL
from .processes import CONTINUE, ISSUE, STUB, ProcessCase, setup

# A chunk of 40 to issue, and another one; half of them are letters, the others e-mails. A chunk is one call of
# wkhtmltopdf, as its Qt is patched (dev/ sees to that).
CUSTOMERS = 44
PATIENCE = 120  # seconds

# No other scheduled actions than those at work here; some of Odoo's would call its maker.
OURS = """
names = ("account_dunning.ir_cron_dunning_continue", "mail.ir_cron_mail_scheduler_action")
ours = [env.ref(name).id for name in names]
env["ir.cron"].search([("id", "not in", ours)]).active = False
env.cr.commit()
"""
# What compiles the style sheets of letters first: else each process would.
STYLES = """
for bundle in ("web.report_assets_pdf", "web.report_assets_common"):
    env["ir.actions.report"]._get_style_sheet(f"/web/assets/1/{bundle}.autoprefixed.min.css")
env.cr.commit()
"""
PROPOSE = """
from odoo.addons.account_dunning.models.run import account_dunning_run_chunk
account_dunning_run_chunk.ITEMS_PER_CHUNK = 15
env["account.dunning.run"].create({}).action_propose()
env.cr.commit()
"""
MAIL = 'env.ref("mail.ir_cron_mail_scheduler_action").method_direct_trigger()\n'
RETRY = """
env["account.dunning.notice"].search([("state", "=", "failed")])._queue()
env.cr.commit()
"""
FEW = """
few = [f"Customer {n}" for n in range(6)]
env["account.dunning.notice"].search([("partner_id.name", "not in", few)])._cancel("Not needed")
env.cr.commit()
"""
WORKERS = """
env["account.dunning.run"]._set_workers(2)
env["ir.cron"]._trigger_dunning()
env.cr.commit()
"""
BOUNCE = """
env["mail.thread"].message_process(False, bounce)
env.cr.commit()
"""
CONFIRM = """
env["account.dunning.notice"].search([("bounced", "=", True)]).action_confirm_bounce()
env.cr.commit()
"""


class FailureCase(ProcessCase):
    """A test works on ``self.name``, a copy of a database at some stage, with the mail server ``self.mail_server``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stages = {
            "proposing": setup(CUSTOMERS) + OURS + STYLES + PROPOSE,
            "queued": CONTINUE + ISSUE,
            "mailing": STUB + CONTINUE,
        }
        source = database.installed()
        for stage, script in stages.items():
            source = cls.prepare(source, stage, script)
        cls.prepare(f"{database.get_db_name()}_queued", "few", FEW)

    def setUp(self):
        super().setUp()
        self.host = None
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.mail_server = MailServer()
        self.addCleanup(self.mail_server.stop)
        self.mail_server.start()
        self.env = {**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}"}

    def begin(self, stage):
        """Work on a copy of the database of ``stage``."""
        self.name = self.enterContext(database.copy_of(f"{database.get_db_name()}_{stage}", "failing"))

    # processes

    def run_script(self, *parts):
        return self.script(self.name, *parts, arguments=self.get_options(), env=self.env)

    def start_server(self, *options):
        """Start a server; it is killed at the end of the test."""
        log = self.enterContext((self.folder / "server.log").open("ab"))
        self.server = database.start_server(self.name, log, [*self.get_options(), *options], self.env)
        self.addCleanup(self.kill, self.server)

    def get_options(self):
        return [*self.mail_server.options, *([f"--db_host={self.host}"] if self.host else [])]

    def kill(self, server):
        """Kill a server and its children, and wait until PostgreSQL has noticed."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()

    def crash(self):
        self.kill(self.server)
        self.wait("the end of the connections", lambda: not self.count_connections())

    def wait(self, what, condition):
        """Wait until a ``condition`` holds. Each look costs time, so that there are fewer the longer it takes."""
        deadline, pause = time.monotonic() + PATIENCE, 0.1
        while not condition():
            if time.monotonic() > deadline:
                self.fail(f"waited in vain for {what}: {self.log()[-5000:]}")
            time.sleep(pause)
            pause = min(pause * 1.2, 0.5)

    def log(self):
        log = self.folder / "server.log"
        return log.read_text() if log.exists() else ""

    def wait_for_server(self, what, condition):
        """Wait while the server works; it is woken up each second, as it looks for work but once a minute."""
        woken = []

        def wake():
            if not woken or time.monotonic() - woken[-1] > 1:
                woken.append(time.monotonic())
                database.wake_server(self.name, host=self.host)
            return condition()

        self.wait(what, wake)

    @contextlib.contextmanager
    def stopped_at(self, customer):
        """Have a server that proposes wait for somebody who is at the ``customer``: notices refer to him."""
        with contextlib.closing(database.connect(self.name, host=self.host)) as connection:
            connection.cursor().execute("SELECT id FROM res_partner WHERE name = %s FOR UPDATE", [customer])
            yield

    def is_waiting(self):
        return self.count_connections("wait_event_type = 'Lock'")

    def wait_until_proposed(self):
        self.wait_for_server("the end of proposing", lambda: self.get_run_states() == ["proposed"])

    def get_run_states(self):
        return [row[0] for row in self.query("SELECT state FROM account_dunning_run")]

    def use_wkhtmltopdf(self, script):
        """Have processes use a wkhtmltopdf that runs a shell ``script`` before it prints; $call counts the calls."""
        program = self.folder / "wkhtmltopdf"
        real, folder = shlex.quote(shutil.which("wkhtmltopdf")), shlex.quote(str(self.folder))
        program.write_text(
            f'#!/bin/sh\n[ "$1" = --version ] && exec {real} --version\ncd {folder}\n'
            f'echo >>calls\ncall=$(wc -l <calls)\n{script}\nexec {real} "$@"\n'
        )
        program.chmod(0o755)

    def use_wkhtmltopdf_at(self, customer, script):
        """The same, where the ``customer`` is among those to whom it prints."""
        self.use_wkhtmltopdf(f'for page in "$@"; do if grep -qs "{customer}" "$page"; then {script}; fi; done')

    # counting

    def query(self, statement, *parameters):
        return database.query(self.name, statement, *parameters, host=self.host)

    def value(self, statement, *parameters):
        return self.query(statement, *parameters)[0][0]

    def count_connections(self, more="TRUE"):
        statement = f"SELECT COUNT(*) FROM pg_stat_activity WHERE datname = %s AND {more}"
        return database.query("postgres", statement, self.name, host=self.host)[0][0]

    def count(self, state, document="%"):
        return self.value(
            "SELECT COUNT(*) FROM account_dunning_notice WHERE state = %s AND document LIKE %s", state, document
        )

    def get_failures(self):
        rows = self.query(
            "SELECT partner.name, failure FROM account_dunning_notice notice"
            "  JOIN res_partner partner ON partner.id = partner_id WHERE notice.state = 'failed'"
        )
        return dict(rows)

    def check_all_sent(self, customers=CUSTOMERS, again=0, emails=None):
        """Every customer got one notice, which counts once; ``again`` mails came twice, with the same Message-ID."""
        emails = customers // 2 if emails is None else emails
        self.assertEqual((self.count("sent", "email"), self.count("sent", "letter")), (emails, customers - emails))
        self.assertEqual(self.count("sent") + self.count("cancelled"), CUSTOMERS)
        self.assertEqual(
            self.query("SELECT COUNT(DISTINCT name), COUNT(DISTINCT attachment_id) FROM account_dunning_notice"),
            [(customers, customers)],
        )
        self.assertEqual(self.query("SELECT times, COUNT(*) FROM account_dunning_item GROUP BY 1"), [(1, customers)])
        self.assertEqual(
            self.query(
                "SELECT COUNT(*), COUNT(DISTINCT move_line_id), COUNT(DISTINCT plan_id) FROM account_dunning_item"
            ),
            [(customers, customers, customers)],
        )
        self.assertEqual(
            self.query("SELECT state, COUNT(*) FROM account_collection_plan WHERE level_id IS NOT NULL GROUP BY 1"),
            [("ongoing", customers)],
        )
        self.check_received(customers // 2, again)

    def check_received(self, mails, again=0):
        received = self.mail_server.received
        self.assertEqual(len(received), mails + again)
        self.assertEqual(len(set(received)), mails, "the same mail has the same Message-ID")
        self.assertEqual(
            {recipient for recipient, _id in received}, {f"c{2 * n + 1}@example.com" for n in range(mails)}
        )


@tagged("post_install", "-at_install")
class TestFailures(FailureCase):
    # the server

    def test_the_server_is_killed_while_proposing(self):
        self.begin("proposing")
        with self.stopped_at("Customer 20"):
            self.start_server()
            self.wait_for_server("the second chunk", self.is_waiting)
            self.kill(self.server)
        self.wait("the end of the connections", lambda: not self.count_connections())
        self.assertEqual(self.count("proposed"), 15)
        self.start_server()
        self.wait_until_proposed()
        self.check_proposed()

    def check_proposed(self):
        """Every customer has one notice, with his one item."""
        self.assertEqual(self.count("proposed"), CUSTOMERS)
        counts = "COUNT(*), COUNT(DISTINCT move_line_id), COUNT(DISTINCT notice_id)"
        lines = f"SELECT {counts} FROM account_dunning_notice_line"
        self.assertEqual(self.query(lines), [(CUSTOMERS, CUSTOMERS, CUSTOMERS)])
        customers = "SELECT COUNT(DISTINCT partner_id) FROM account_dunning_notice"
        self.assertEqual(self.query(customers), [(CUSTOMERS,)])

    def test_the_server_is_killed_while_issuing(self):
        self.begin("queued")
        self.use_wkhtmltopdf('if [ "$call" = 2 ]; then touch reached; exec sleep 600; fi')
        self.start_server()
        self.wait_for_server("the second chunk", (self.folder / "reached").exists)
        self.crash()
        self.assertEqual((self.count("sent"), self.count("queued")), (20, 24))
        self.start_server()
        self.wait_for_server("the last mail", lambda: self.count("sent") == CUSTOMERS)
        self.check_all_sent()

    def test_the_server_is_killed_while_mailing(self):
        self.begin("mailing")
        self.mail_server.hold_at = 8
        self.start_server()
        self.wait_for_server("the eighth mail", self.mail_server.held.is_set)
        self.crash()
        self.mail_server.let_go()
        self.assertEqual(self.count("sent", "email"), 7)
        self.start_server()
        self.wait_for_server("the last mail", lambda: self.count("sent") == CUSTOMERS)
        self.check_all_sent(again=1)

    def test_two_threads_of_a_server_share_a_run(self):
        """While one of its scheduled actions is held up at the first chunk, the other one does the rest."""
        self.begin("proposing")
        self.run_script(WORKERS)
        self.use_wkhtmltopdf_at("Customer 5", "touch reached; while [ ! -e go ]; do sleep 0.1; done")
        with self.stopped_at("Customer 5"):
            self.start_server("--max-cron-threads=2")
            self.wait_for_server("the rest", lambda: self.is_waiting() and self.count("proposed") == CUSTOMERS - 15)
        self.wait_until_proposed()
        self.check_proposed()
        self.run_script(ISSUE)
        self.wait_for_server("the first chunk", (self.folder / "reached").exists)
        self.wait_for_server("the other chunk", lambda: self.count("sent", "letter") == 2)
        (self.folder / "go").touch()
        self.wait_for_server("the end of the run", lambda: self.get_run_states() == ["done"])
        self.check_all_sent()

    # PostgreSQL

    def test_postgresql_stops_while_proposing_issuing_and_mailing(self):
        """The same server goes on when PostgreSQL is back."""
        self.begin("proposing")
        self.use_wkhtmltopdf('if [ "$call" = 2 ]; then touch reached; while [ ! -e go ]; do sleep 0.1; done; fi')
        self.mail_server.hold_at = 8
        postgresql = PostgreSQL()
        self.addCleanup(postgresql.discard)
        postgresql.start()
        postgresql.take(self.name)
        self.host = postgresql.host
        # Only processes start anew when the connection to PostgreSQL is lost; the threads of a server do not.
        with self.stopped_at("Customer 20"):
            self.start_server("--workers=2")
            self.wait_for_server("the second chunk", self.is_waiting)
            postgresql.stop()
        postgresql.start()
        self.assertEqual(self.count("proposed"), 15)
        self.wait_until_proposed()
        self.check_proposed()
        self.run_script(ISSUE)
        self.wait_for_server("the second chunk", (self.folder / "reached").exists)
        postgresql.stop()
        (self.folder / "go").touch()
        postgresql.start()
        self.assertEqual((self.count("sent"), self.count("queued")), (20, 24))
        self.wait_for_server("the eighth mail", self.mail_server.held.is_set)
        postgresql.stop()
        self.mail_server.let_go()
        postgresql.start()
        self.assertEqual(self.count("sent", "email"), 7)
        self.wait_for_server("the last mail", lambda: self.count("sent") == CUSTOMERS)
        self.check_all_sent(again=1)

    # other transactions

    def test_a_conflict_while_proposing(self):
        """Somebody writes on the run while its last chunk is made: that is made anew."""
        self.begin("proposing")
        with self.stopped_at("Customer 40"):
            self.start_server()
            self.wait_for_server("the last chunk", self.is_waiting)
            self.query("UPDATE account_dunning_run SET write_date = write_date RETURNING id")
        self.wait_until_proposed()
        self.check_conflict()
        self.check_proposed()

    def test_a_conflict_while_mailing(self):
        """Somebody writes on a notice while its mail leaves: it has left, and the notice follows soon."""
        self.begin("mailing")
        self.mail_server.hold_at = 8
        self.start_server()
        self.wait_for_server("the eighth mail", self.mail_server.held.is_set)
        recipient, _id = self.mail_server.received[-1]
        self.query(
            "UPDATE account_dunning_notice SET write_date = write_date"
            " WHERE recipient_id IN (SELECT id FROM res_partner WHERE email = %s) RETURNING id",
            recipient,
        )
        self.mail_server.let_go()
        self.wait_for_server("the last notice", lambda: self.count("sent") == CUSTOMERS)
        self.check_conflict()
        self.check_all_sent()

    def check_conflict(self):
        self.assertIn("could not serialize access due to concurrent update", self.log())

    # the disk

    def test_the_disk_is_full(self):
        """Files may not be larger than a limit; one letter is, and the next try makes the same letter."""
        self.begin("queued")
        letters = """
            import resource
            def letters(self, notices):
                sizes = {n.id: 200000 if n.partner_id.name == "Customer 7" else 100 for n in notices}
                return {id: b"%%PDF-1.4 %d " % id + b"x" * size for id, size in sizes.items()}
            type(env["ir.actions.report"])._render_dunning_letters = letters
        """
        limit = "resource.setrlimit(resource.RLIMIT_FSIZE, (100000, resource.RLIM_INFINITY))\n"
        self.run_script(letters, limit, CONTINUE, MAIL)
        [(customer, failure)] = self.get_failures().items()
        self.assertEqual(customer, "Customer 7")
        self.assertIn("File too large", failure)
        self.assertEqual(self.count("sent"), CUSTOMERS - 1)
        self.run_script(letters, RETRY, CONTINUE, MAIL)
        self.check_all_sent()
        [(notice_id, file)] = self.query(
            "SELECT res_id, store_fname FROM ir_attachment WHERE res_model = 'account.dunning.notice'"
            " ORDER BY file_size DESC LIMIT 1"
        )
        content = Path(config.filestore(self.name), file).read_bytes()
        self.assertEqual(content, b"%%PDF-1.4 %d " % notice_id + b"x" * 200000)

    # the mail server

    def test_the_mail_server_is_down(self):
        self.begin("mailing")
        self.mail_server.stop()
        self.run_script(MAIL)
        self.check_failed_and_retry("Connection refused", 22)

    def test_the_mail_server_refuses_recipients(self):
        self.begin("mailing")
        self.mail_server.refusals = {"c7@example.com": "550 No such user", "c9@example.com": "451 Try again later"}
        self.run_script(MAIL)
        failures = self.get_failures()
        self.assertIn("No such user", failures["Customer 7"])
        self.assertIn("Try again later", failures["Customer 9"])
        self.check_failed_and_retry("", 2)

    def test_the_mail_server_does_not_answer(self):
        self.begin("mailing")
        self.mail_server.stop()
        with socket.create_server(("127.0.0.1", self.mail_server.port)):
            self.run_script("import odoo.addons.base.models.ir_mail_server as m\nm.SMTP_TIMEOUT = 1\n", MAIL)
        self.check_failed_and_retry("timed out", 22)

    def check_failed_and_retry(self, message, failed):
        failures = self.get_failures()
        self.assertEqual(len(failures), failed)
        for failure in failures.values():
            self.assertIn(message, failure)
        self.assertEqual(self.count("sent"), CUSTOMERS - failed)
        self.check_levels(CUSTOMERS - failed)
        self.mail_server.refusals = {}
        self.mail_server.start()
        self.run_script(STUB, RETRY, CONTINUE, MAIL)
        self.check_all_sent()

    def check_levels(self, customers):
        self.assertEqual(self.value("SELECT COUNT(*) FROM account_dunning_item WHERE times = 1"), customers)

    def test_the_mail_server_drops_a_mail(self):
        """It is sent, and comes back: once a person confirms it, the level too. A letter is made of it."""
        self.begin("mailing")
        self.run_script(MAIL)
        self.check_all_sent()
        self.run_script(f"bounce = {self.mail_server.bounce('c7@example.com')!r}\n", BOUNCE)
        self.assertIn("c7@example.com", self.get_failures()["Customer 7"])
        self.check_levels(CUSTOMERS)
        self.run_script(CONFIRM)
        self.check_levels(CUSTOMERS - 1)
        self.run_script(STUB, RETRY, CONTINUE, MAIL)
        self.check_levels(CUSTOMERS)
        self.assertEqual((self.count("sent", "email"), self.count("sent", "letter")), (21, 23))
        self.check_received(22)

    # wkhtmltopdf

    def test_wkhtmltopdf_crashes(self):
        self.check_wkhtmltopdf("kill -SEGV $$", "Wkhtmltopdf failed")

    def test_wkhtmltopdf_fails_without_output(self):
        self.check_wkhtmltopdf("exit 1", "no complete PDF")

    def test_wkhtmltopdf_cannot_write(self):
        self.check_wkhtmltopdf("trap '' XFSZ; ulimit -f 1", "no complete PDF")

    def check_wkhtmltopdf(self, failure, message):
        """wkhtmltopdf has a ``failure`` at a customer: his notice waits with a ``message``, the others leave."""
        self.begin("few")
        self.use_wkhtmltopdf_at("Customer 3", failure)
        self.run_script(CONTINUE, MAIL)
        self.check_customer_failed(message)

    def test_wkhtmltopdf_hangs(self):
        """It is stopped in time, and if the server kills the worker all the same, what was done stays done."""
        self.begin("few")
        self.use_wkhtmltopdf_at("Customer 3", "sleep 600")
        self.start_server("--workers=2", "--limit-time-real-cron=30")
        self.wait_for_server("the last notice", lambda: not self.count("queued"))
        self.crash()
        self.check_customer_failed("longer than 15 seconds")

    def check_customer_failed(self, message):
        [(customer, text)] = self.get_failures().items()
        self.assertEqual(customer, "Customer 3")
        self.assertIn(message, text)
        self.assertEqual((self.count("sent", "email"), self.count("sent", "letter")), (2, 3))
        self.check_levels(5)
        self.use_wkhtmltopdf("")
        self.run_script(RETRY, CONTINUE, MAIL)
        self.check_all_sent(6)
