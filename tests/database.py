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
import os
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import psycopg2
from psycopg2 import sql

from odoo.tests.common import get_db_name
from odoo.tools import config

BASE = "account_dunning_base"
MODULES = "account,account_debit_note,account_payment,payment_demo"
TIMEOUT = 600  # seconds
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


def run_odoo(name, *arguments):
    """Run ``odoo -d name …`` until it ends by itself.

    :return: a :class:`subprocess.CompletedProcess`; its ``stdout`` holds the log too
    """
    command = [*_odoo("--stop-after-init", "-d", name), *arguments]
    return subprocess.run(command, **_PIPES, timeout=TIMEOUT, check=False)


def run_script(name, source, arguments=(), env=None):
    """Run Python code with ``env`` (superuser) in the database ``name``, in a process of its own.

    The code commits by itself (``env.cr.commit()``); what it did not commit is rolled back.

    :param arguments: more options of Odoo
    :param env: the environment of the process, if it is not that of this one

    :return: a :class:`subprocess.CompletedProcess`; its ``stdout`` holds what was printed and the log, its
        ``returncode`` is 1 after an exception
    """
    return subprocess.run([*_shell(name), *arguments], **_PIPES, input=source, env=env, timeout=TIMEOUT, check=False)


def start_script(name, source):
    """Start such code and give the running :class:`subprocess.Popen`, to be killed or waited for."""
    process = subprocess.Popen(_shell(name), **_PIPES, stdin=subprocess.PIPE)
    process.stdin.write(source)
    process.stdin.close()
    process.stdin = None  # or communicate() would write to it
    return process


def start_server(name, log, arguments=(), env=None):
    """Start a server that does the scheduled actions of ``name``, one at a time.

    Its log goes to the file ``log``.
    """
    return start([*_odoo("-d", name, "--max-cron-threads=1"), *arguments], stdout=log, env=env)


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


def _shell(name):
    return _odoo("shell", "-d", name)


def _odoo(*arguments):
    # pytest silences the log of Odoo; that of these processes is looked at.
    command, rest = (arguments[:1], arguments[1:]) if arguments[0] == "shell" else ((), arguments)
    options = ("-c", config["config"], "--no-http", "--log-level=info")
    return [sys.executable, "-m", "odoo", *command, *options, *rest]


def _execute(statement, *names):
    with contextlib.closing(connect("postgres")) as connection:
        connection.autocommit = True  # databases are made and dropped outside transactions
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
