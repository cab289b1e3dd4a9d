"""One Chromium for all tours of a process: to start it and to load the web client costs more than a tour does."""

import atexit
import itertools
import shutil
import signal
import time
from unittest.mock import patch

import requests
from freezegun import freeze_time

from odoo.tests import HttpCase, common

from odoo.addons.base.models import ir_actions_report

from .database import tied

PATIENCE = 300  # seconds for a tour: the machine may be slow, or busy
LOOK = 0.1  # seconds from one look at a page, whether it is there, to the next
# The web client keeps lists that it has read in a database of the browser, shows them again, and reads them anew: what
# a tour has selected meanwhile is forgotten. So each tab has databases of its own.
OWN_DATABASES = """
for (const method of ["open", "deleteDatabase"]) {
    const original = IDBFactory.prototype[method];
    IDBFactory.prototype[method] = function (name, ...rest) {
        return original.call(this, `${name} %s`, ...rest);
    };
}
"""
RUN_WKHTMLTOPDF = ir_actions_report._run_wkhtmltopdf
_numbers = itertools.count(1)
_lift_limits = common._preexec


def _prepare():
    _lift_limits()
    tied()["preexec_fn"]()


class SharedBrowser(common.ChromeBrowser):
    """A tab of a browser that the first tour has started. What a page fetched stays, what it stored does not."""

    _running = None  # the process, its port, and the folder of its profile

    def __init__(self, test_case, *args, **options):
        super().__init__(test_case, *args, **options)
        origin = {"origin": test_case.base_url(), "storageTypes": "all"}
        self._websocket_request("Storage.clearDataForOrigin", params=origin)
        self._websocket_request("Network.clearBrowserCookies")
        script = {"source": OWN_DATABASES % next(_numbers)}
        self._websocket_request("Page.addScriptToEvaluateOnNewDocument", params=script)

    def _chrome_start(self, user_data_dir, **options):
        if self._running and self._running[0].poll() is None:
            shutil.rmtree(user_data_dir, ignore_errors=True)
            process, port, self.user_data_dir = self._running
            return process, port
        with patch.object(common, "_preexec", _prepare):
            process, port = super()._chrome_start(user_data_dir=user_data_dir, **options)
        SharedBrowser._running = process, port, user_data_dir
        atexit.register(shutil.rmtree, user_data_dir, ignore_errors=True)
        atexit.register(process.kill)
        return process, port

    def _open_websocket(self):
        websocket = super()._open_websocket()
        websocket.settimeout(1)  # seconds; Odoo wakes up a hundred times in one to see whether something has come
        return websocket

    def _wait_ready(self, ready_code=None, timeout=60):
        """Look from time to time; Odoo asks without a pause, which takes from the page the processor that it needs."""
        expression = f"try {{ {ready_code} }} catch {{}}"
        for _look in range(round(timeout / LOOK)):
            found = self._websocket_request(
                "Runtime.evaluate", params={"expression": expression, "awaitPromise": True}, timeout=timeout
            )
            if found["result"].get("value") is True:
                return True
            time.sleep(LOOK)
        return super()._wait_ready(ready_code, LOOK)

    def stop(self):
        """Leave an empty tab to the next tour; after a failure leave nothing."""
        if self.had_failure or not hasattr(self, "ws"):
            SharedBrowser._running = None
            super().stop()
            return
        tabs = f"http://{common.HOST}:{self.devtools_port}/json"
        old = [tab["id"] for tab in requests.get(f"{tabs}/list", timeout=PATIENCE).json() if tab["type"] == "page"]
        requests.put(f"{tabs}/new?about:blank", timeout=PATIENCE).raise_for_status()
        self._websocket_request("Page.stopLoading")
        self._result.cancel()
        for tab in old:
            requests.get(f"{tabs}/close/{tab}", timeout=PATIENCE).raise_for_status()
        self.ws.close()
        if self.sigxcpu_handler:
            signal.signal(signal.SIGXCPU, self.sigxcpu_handler)


class TourCase(HttpCase):
    @classmethod
    def start_clock(cls, day):
        """Let the clock go on from ``day``, as a page and the server expect it that wait for each other."""
        clock = freeze_time(day, tick=True)
        cls.frozen = clock.start()
        cls.addClassCleanup(clock.stop)

    def setUp(self):
        super().setUp()
        self.patch(common, "ChromeBrowser", SharedBrowser)
        # HttpCase refuses what the browser asks for while a PDF is made, so that the styles can be asked for. Our
        # letters ask for none.
        self.patch(ir_actions_report, "_run_wkhtmltopdf", RUN_WKHTMLTOPDF)

    def tour(self, name, user, url="/odoo"):
        """Start a tour as ``user``, and read afterwards what it left in the database."""
        self.start_tour(url, f"account_dunning_{name}", login=user.login, timeout=PATIENCE)
        self.env.invalidate_all()
