"""A file of invoices, simulated as it happened, without a night: what the replay has seen leave, night by night."""

import json
import os
import subprocess
import sys

from odoo.tests import BaseCase, tagged
from odoo.tools import config

from . import database
from .test_replay import LETTERS, LEVEL_1, LEVEL_2, LEVEL_3, NOTICES, ROOT, SMALL


@tagged("post_install", "-at_install")
class TestSimulatedFile(BaseCase):
    def simulate(self, *options):
        with database.copy_of(database.installed(), "simulate") as db:
            process = subprocess.run(
                [sys.executable, ROOT / "dev" / "simulate.py", db, SMALL, "--deadline-days", "6", *options],
                env={**os.environ, "ODOO_RC": config["config"]},
                capture_output=True,
                text=True,
                timeout=database.TIMEOUT,
                check=False,
            )
        self.assertEqual(process.returncode, 0, process.stdout + process.stderr)
        return json.loads(process.stdout.splitlines()[-1])

    def test_by_invoice(self):
        items = {"1": len(LEVEL_1), "2": len(LEVEL_2), "3": len(LEVEL_3)}
        self.assertEqual(self.simulate(), {"items_by_level": items, "notices": NOTICES, "different": 0})

    def test_by_customer(self):
        items = {str(level): sum(len(one[2]) for one in LETTERS if one[1] == level) for level in (1, 2, 3)}
        expected = {"items_by_level": items, "notices": len(LETTERS), "different": 0}
        self.assertEqual(self.simulate("--mode", "customer"), expected)
