"""The replay of a small file, and the checker that must not overlook anything (docs/replay.md)."""

import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from odoo.tests import BaseCase, tagged
from odoo.tools import config

from . import database

ROOT = Path(__file__).parent.parent
SMALL = ROOT / "tests" / "data" / "replay_small.csv"

# Counted by hand, with levels 3, 10 and 20 days after due and 7 days between two letters.
LEVEL_1 = {"S06", "S07", "S08", "S09", "S10", "S11", "S15", "S16"}
LEVEL_2 = {"S08", "S09", "S10", "S16"}
LEVEL_3 = {"S09", "S10"}
NOTICES = 11


def load(name):
    """Import a script of dev/, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "dev" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@tagged("post_install", "-at_install")
class TestReplay(BaseCase):
    def test_small_file(self):
        with database.copy_of(database.installed(), "replay") as db:
            process = self.replay(db)
            self.assertEqual(process.returncode, 0, process.stdout + process.stderr)
            result = json.loads(process.stdout.splitlines()[-1])
            items = {"1": len(LEVEL_1), "2": len(LEVEL_2), "3": len(LEVEL_3)}
            self.assertEqual(
                result,
                {
                    "items_by_level": items,
                    "notices": NOTICES,
                    "plans_opened": len(LEVEL_1),
                    "plans_recovered": len(LEVEL_1),
                    "violations": 0,
                },
            )

    def test_other_levels_with_less_time_between(self):
        check = load("replay_check")
        with database.copy_of(database.installed(), "replay") as db:
            process = self.replay(db, "--levels", "2,4,9,30", "--min-days", "3", "--deadline-days", "2")
            self.assertEqual(process.returncode, 0, process.stdout + process.stderr)
            result = json.loads(process.stdout.splitlines()[-1])
            expected = check.expect(check.read(SMALL), check.Rules((2, 4, 9, 30), 3, 2))
            self.assertEqual(result["items_by_level"], {str(level): expected[level] for level in range(1, 5)})

    def replay(self, db, *options):
        return subprocess.run(
            [sys.executable, ROOT / "dev" / "replay.py", db, SMALL, *options],
            env={**os.environ, "ODOO_RC": config["config"]},
            capture_output=True,
            text=True,
            timeout=database.TIMEOUT,
            check=False,
        )


class TestReplayCheck(BaseCase):
    """The checker is no good if it is always content: each doctored history must be found out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lib = load("replay_check")
        cls.rules = cls.lib.Rules()
        cls.invoices = cls.lib.read(SMALL)
        cls.history = [
            cls.lib.Dunned(day, invoice.number, level, f"{invoice.customer} {day}", day + timedelta(7), invoice.amount)
            for invoice in cls.invoices
            for day, level in cls.lib.expect_one(invoice, cls.rules)
        ]

    def test_expected_items(self):
        for level, numbers in enumerate((LEVEL_1, LEVEL_2, LEVEL_3), 1):
            found = {one.invoice for one in self.history if one.level == level}
            self.assertEqual(found, numbers)
        self.assertEqual(len({one.notice for one in self.history}), NOTICES)
        self.assertEqual(self.lib.expect(self.invoices, self.rules), {1: 8, 2: 4, 3: 2})

    def test_right_history(self):
        self.assertEqual(self.check(self.history), [])

    def test_settled(self):
        self.assertFound("settled on 2024-02-02", self.dun("S02", date(2024, 2, 6), 1))
        self.assertFound("settled on 2024-02-05", self.dun("S06", date(2024, 2, 5), 1))

    def test_held(self):
        self.assertFound("on hold since 2024-02-07", self.dun("S12", date(2024, 2, 12), 1))

    def test_level_twice(self):
        self.assertFound("level 3 for invoice S10 once more", self.dun("S10", date(2024, 3, 20), 3))

    def test_level_skipped(self):
        self.assertFound("level 3 for invoice S10 right after level 1", drop=("S10", 2))
        self.assertFound("level 2 for invoice S08 right after level 0", drop=("S08", 1))

    def test_level_too_early(self):
        self.assertFound("which is due 20 days after 2024-02-14", move=("S10", 3, date(2024, 3, 4)))

    def test_interval(self):
        self.assertFound("less than 7 days after 2024-03-01", move=("S16", 2, date(2024, 3, 7)))
        history = [replace(one, deadline=one.day + timedelta(10)) for one in self.history]
        self.assertTrue(any("before the deadline" in line for line in self.check(history)))

    def test_missing(self):
        self.assertFound("level 3 for invoice S09 is missing", drop=("S09", 3))

    def test_plan_left_open(self):
        plan = self.lib.OpenPlan
        self.assertEqual(self.check(self.history, [plan(date(2024, 2, 4), "S06")]), [])
        [problem] = self.check(self.history, [plan(date(2024, 2, 5), "S06")])
        self.assertIn("the plan of invoice S06, settled on 2024-02-05, is open", problem)

    def check(self, history, open_plans=()):
        return list(self.lib.check(self.invoices, self.rules, history, open_plans))

    def dun(self, number, day, level):
        return self.lib.Dunned(day, number, level, "extra", day + timedelta(7), 1.0)

    def assertFound(self, message, extra=None, drop=None, move=None):
        """The checker says so of the history with a line more, without one, or with one on another day."""
        history = [one for one in self.history if (one.invoice, one.level) != drop]
        if move:
            number, level, day = move
            history = [replace(one, day=day) if (one.invoice, one.level) == (number, level) else one for one in history]
        problems = self.check([*history, extra] if extra else history)
        self.assertTrue(any(message in problem for problem in problems), problems)
