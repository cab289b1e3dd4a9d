"""Databases for tests that install, uninstall, kill a process or commit for real.

Such a test cannot run inside the database under test, whose transaction is rolled back, and PostgreSQL does
not copy a database that is in use. So it copies one of two that nobody uses, and drops the copy:

* ``base()``: the modules that account_dunning depends on, without it;
* ``installed()``: account_dunning newly installed in that.

``dev/test`` makes both; where Odoo's own runner runs the tests, the first who needs one makes it. Odoo runs in a
process of its own, with the configuration and environment of this one.
"""

import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from functools import partial
from pathlib import Path

import psycopg2
from psycopg2 import sql

from odoo.tests.common import get_db_name
from odoo.tools import config

BASE = "account_dunning_base"
MODULES = "account,account_debit_note,account_payment,payment_demo"
TIMEOUT = 600  # seconds
NURSERIES = 4  # processes that are kept, of some 200 MB each
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


def base():
    """The name of the database without account_dunning."""
    if not _exists(BASE):
        _install(BASE, MODULES)
    return BASE


def installed():
    """The name of the database with account_dunning."""
    name = f"{get_db_name()}_installed"
    if not _exists(name):
        copy(base(), name)
        _install(name, "account_dunning")
    return name


def _install(name, modules):
    result = run_odoo(name, "-i", modules)
    if result.returncode:
        drop(name)
        raise AssertionError(f"{modules} could not be installed:\n{result.stdout[-2000:]}")


def _exists(name):
    return bool(query("postgres", "SELECT 1 FROM pg_database WHERE datname = %s", name))


@contextlib.contextmanager
def copy_of(source, name):
    """Give a database called ``<the one under test>_<name>``, a copy of ``source``; drop it in the end."""
    target = f"{get_db_name()}_{name}"
    copy(source, target)
    try:
        yield target
    finally:
        drop(target)


def copy(source, target):
    """Replace the database ``target``, and its files, by a copy of ``source``."""
    drop(target)
    _execute("CREATE DATABASE {} TEMPLATE {}", target, source)
    files = Path(config.filestore(source))
    if files.exists():
        # Odoo never changes a file of its store, so that links are enough.
        shutil.copytree(files, config.filestore(target), copy_function=os.link)


def drop(name):
    """Drop the database and its files, if there are any."""
    _execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    shutil.rmtree(config.filestore(name), ignore_errors=True)


def run_odoo(name, *arguments, then="", python=sys.executable, env=None):
    """Run ``odoo -d name …`` until it ends by itself.

    :param then: Python code with ``env`` (superuser) that the same process runs at its end
    :param python: the interpreter, if it is not this one
    :param env: the environment of the process, if it is not that of this one

    :return: a :class:`subprocess.CompletedProcess`; its ``stdout`` holds the log too
    """
    program = ["-c", _THEN, then] if then else ["-m", "odoo", "--stop-after-init"]
    command = [python, *program, *_options(name), *arguments]
    return subprocess.run(command, **_PIPES, env=env, timeout=TIMEOUT, check=False)


_THEN = """
import sys
from odoo import SUPERUSER_ID, api
from odoo.cli import server as cli
from odoo.modules.registry import Registry
from odoo.service import server
from odoo.tools import config

config.parse_config(sys.argv[2:], setup_logging=True)
cli.report_configuration()
if server.start(preload=config["db_name"], stop=True):
    sys.exit(1)
with Registry(config["db_name"][0]).cursor() as cr:
    exec(sys.argv[1], {"env": api.Environment(cr, SUPERUSER_ID, {})})
"""


def run_script(name, source, arguments=(), env=None):
    """Run Python code with ``env`` (superuser) in the database ``name``, in a process of its own.

    The code commits by itself (``env.cr.commit()``); what it did not commit is rolled back.

    :param arguments: more options of Odoo
    :param env: the environment of the process, if it is not that of this one

    :return: a :class:`subprocess.CompletedProcess`; its ``stdout`` holds what was printed and the log, its
        ``returncode`` is 1 after an exception
    """
    process = start_script(name, source, arguments, env)
    output, _nothing = process.communicate(timeout=TIMEOUT)
    return subprocess.CompletedProcess(name, process.returncode, output)


def start_script(name, source, arguments=(), env=None):
    """Start such code and give the running :class:`Fork`, to be killed or waited for."""
    return Nursery.of(name).fork(name, arguments, env, kind="script", source=source)


def start_server(name, log, arguments=(), env=None):
    """Start a server that does the scheduled actions of ``name``, one at a time; give its :class:`Fork`.

    Its log goes to the file ``log``. It leads a group of processes.
    """
    return Nursery.of(name).fork(name, ["--max-cron-threads=1", *arguments], env, log, kind="server")


class Fork:
    """A process that a :class:`Nursery` has forked, with what tests use of a :class:`subprocess.Popen`."""

    def __init__(self, status, output, log):
        self._status, self._output, self._log = status, output, log
        self._read = threading.Thread(target=self._read_output, daemon=True)
        self._ended = threading.Thread(target=self._read_end, daemon=True)
        self._text, self.returncode = "", None
        self.pid = int(status.readline())
        for thread in (self._read, self._ended):
            thread.start()

    def _read_output(self):
        if self._output:
            with self._output:
                self._text = self._log + self._output.read()

    def _read_end(self):
        with self._status:
            self.returncode = int(self._status.readline() or -signal.SIGKILL)

    def poll(self):
        return self.returncode

    def wait(self, timeout=None):
        self._ended.join(timeout)
        if self._ended.is_alive():
            raise subprocess.TimeoutExpired("odoo", timeout)
        return self.returncode

    def kill(self):
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def communicate(self, timeout=None):
        """Wait for the end; give the output, with the log of how Odoo was loaded, and nothing."""
        self._read.join(timeout)
        if self._read.is_alive():
            self.kill()
            raise subprocess.TimeoutExpired("odoo", timeout)
        self.wait(timeout)
        return self._text, None


class Nursery:
    """A process that has loaded Odoo for databases with the same modules, and forks for each of them."""

    _all = {}

    @classmethod
    def of(cls, name):
        """The one for the database ``name``; the first of its kind is loaded with it."""
        modules = query(name, "SELECT name, latest_version FROM ir_module_module WHERE state = 'installed' ORDER BY 1")
        fields = query(name, "SELECT model, name FROM ir_model_fields WHERE state = 'manual' ORDER BY 1, 2")
        [[changes]] = query(name, "SELECT MAX(id) FROM orm_signaling_registry")
        key = (tuple(modules), tuple(fields), changes, os.environ.get("PYTHONPATH"))
        nursery = cls._all.pop(key, None)
        if nursery and nursery.process.poll() is not None:
            nursery = None
        cls._all[key] = nursery or cls(name)  # the last one used is the last of all
        while len(cls._all) > NURSERIES:
            cls._all.pop(next(iter(cls._all))).process.kill()
        return cls._all[key]

    def __init__(self, name):
        program = Path(__file__).with_name("nursery.py")
        self.channel, other = socket.socketpair()
        with other, tempfile.TemporaryFile("w+") as log:
            number = other.fileno()
            command = [sys.executable, str(program), str(number), *_options(name)]
            pipes = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": subprocess.STDOUT}
            self.process = subprocess.Popen(command, pass_fds=[number], **pipes, **tied())
            other.close()
            self.channel.settimeout(TIMEOUT)
            ready = self.channel.recv(10)
            log.seek(0)
            self.log = log.read()
        if not ready:
            raise AssertionError(f"Odoo does not start with {name}:\n{self.log[-3000:]}")

    def fork(self, name, arguments, env, log=None, **request):
        """Fork for the database ``name``; the output goes to the file ``log``, or can be asked for."""
        request |= {"options": [*_options(name), *arguments], "env": dict(env or os.environ)}
        told, status = os.pipe()
        output, written = (None, log.fileno()) if log else os.pipe()
        try:
            message = json.dumps(request).encode() + b"\n"
            sent = socket.send_fds(self.channel, [message], [written, status])
            self.channel.sendall(message[sent:])
        finally:
            os.close(status)
            if not log:
                os.close(written)
        return Fork(open(told), open(output, errors="replace") if output else None, self.log)


def start(command, **options):
    """Start a process that leads a group, to be killed with its children; give its :class:`subprocess.Popen`."""
    return subprocess.Popen(command, stderr=subprocess.STDOUT, start_new_session=True, **tied(), **options)


def tied(by=signal.SIGKILL):
    """Options of a process that gets the signal ``by`` when the tests are killed, which then end nothing themselves.

    It must be started by the main thread: the end of any other would count, too.
    """
    return {"preexec_fn": partial(_LIBC.prctl, _PR_SET_PDEATHSIG, by)}


def wake_server(name, **where):
    """Have the server look for scheduled actions now, as a trigger does."""
    query("postgres", "SELECT pg_notify('cron_trigger', %s)", name, **where)


def query(name, statement, *parameters, **where):
    """Give the rows of an SQL query in the database ``name``; what it changes is committed."""
    with contextlib.closing(connect(name, **where)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return cursor.fetchall()


def connect(name, **where):
    """A connection to the database ``name``, on another server (``host``) if ``where`` says so."""
    options = {key: config[f"db_{key}"] for key in ("host", "port", "user", "password")} | where
    return psycopg2.connect(dbname=name, **{key: value for key, value in options.items() if value})


_PIPES = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, **tied()}


def _options(name):
    # pytest silences the log of Odoo; that of these processes is looked at.
    return ["-c", config["config"], "--no-http", "--log-level=info", "-d", name]


def _execute(statement, *names):
    with contextlib.closing(connect("postgres")) as connection:
        connection.autocommit = True  # databases are made and dropped outside transactions
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
