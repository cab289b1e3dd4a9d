"""An Odoo that is loaded once, and whose forks run scripts and servers in databases that have the same modules.

To start Odoo takes seven seconds, to fork it a tenth of one. ``tests/database.py`` starts this program:

    python nursery.py SOCKET OPTION OF ODOO…

It reads requests from the file descriptor ``SOCKET``, a line of JSON each, which come with two file descriptors: where
the fork's output goes, and where its process id is told and then, in a line of its own, how it ended. What is forked is
killed with this program, and this program with the tests.
"""

import ctypes
import gc
import json
import os
import random
import signal
import socket
import sys
import threading
import traceback
from contextlib import suppress

PR_SET_PDEATHSIG = 1


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Nursery:
    def __init__(self, options):
        """Load Odoo with its database; keep no connection, so that the database may be dropped."""
        from odoo import sql_db
        from odoo.cli import server as cli
        from odoo.modules.registry import Registry
        from odoo.service import server
        from odoo.tools import config

        config.parse_config(options, setup_logging=True)
        cli.report_configuration()
        server.start(preload=[], stop=True)
        self.registry = Registry(config["db_name"][0])
        sql_db.close_all()
        sys.stdout.flush()
        gc.freeze()  # what is shared with the forks is not looked at by their garbage collection

    def serve(self, requests):
        """Fork for each request until there are no more."""
        while received := receive(requests):
            request, (output, status) = received
            if not os.fork():
                self.keep(request, output, status)
            os.close(output)
            os.close(status)

    def keep(self, request, output, status):
        """Fork once more, and tell the process id and how it ended."""
        die_with_parent()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        process = os.fork()
        if not process:
            os.close(status)
            self.run(request, output)
        os.close(output)
        os.write(status, b"%d\n" % process)
        os.write(status, b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
        os._exit(0)

    def run(self, request, output):
        code = 1
        try:
            die_with_parent()
            os.dup2(output, 1)
            os.dup2(output, 2)
            os.close(output)
            code = getattr(self, request["kind"])(request)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:
            traceback.print_exc()
        finally:
            with suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code or 0)

    def adopt(self, request):
        """Be a process that was started with the request's environment and options, for its database."""
        from odoo import sql_db
        from odoo.modules.registry import Registry
        from odoo.tools import config

        from odoo.addons.base.models import ir_actions_report

        os.environ.clear()
        os.environ.update(request["env"])
        random.seed()
        ir_actions_report._wkhtml.cache_clear()  # looks for the program in the PATH
        config.parse_config(request["options"], setup_logging=False)
        [name] = config["db_name"]
        threading.current_thread().dbname = name
        registry = self.registry
        registry.db_name, registry._db = name, sql_db.db_connect(name)
        Registry.registries.clear()
        Registry.registries[name] = registry
        registry.clear_all_caches()
        with registry.cursor() as cr:
            registry.registry_sequence, registry.cache_sequences = registry.get_sequences(cr)
        registry.cache_invalidated.clear()
        return registry

    def script(self, request):
        """What ``odoo shell`` does with its input."""
        from odoo import SUPERUSER_ID, api

        with self.adopt(request).cursor() as cr:
            context = api.Environment(cr, SUPERUSER_ID, {})["res.users"].context_get()
            env = api.Environment(cr, SUPERUSER_ID, context)
            cr.rollback()
            exec(request["source"], {"env": env, "self": env.user, "__name__": "__main__"})
            cr.rollback()
        threading._shutdown()
        return 0

    def server(self, request):
        """What ``odoo`` does; it leads a group of processes."""
        from odoo.modules.registry import Registry
        from odoo.service import server

        os.setsid()
        registry = self.adopt(request)
        # Whoever works asks for the registry, and gets the one that is there. A process that has workers does not, and
        # so needs no database to start them.
        Registry.registries.clear()
        Registry.new = classmethod(lambda cls, name: cls.registries.setdefault(name, registry))
        return server.start(preload=[])


def receive(requests):
    """The next request with its file descriptors; nothing at the end."""
    data, files, *_ = socket.recv_fds(requests, 1 << 16, 2)
    while data and not data.endswith(b"\n"):
        data += requests.recv(1 << 16)
    return (json.loads(data), files) if data else None


if __name__ == "__main__":
    sys.path.pop(0)  # the folder of this file, whose modules belong to a package
    die_with_parent()
    channel = socket.socket(fileno=int(sys.argv[1]))
    nursery = Nursery(sys.argv[2:])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the keepers
    channel.sendall(b"ready\n")
    nursery.serve(channel)
