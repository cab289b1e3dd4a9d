"""The replay of a small file, and the checker that must not overlook anything (docs/replay.md)."""

import importlib.util
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from odoo.tests import BaseCase, tagged
from odoo.tools import config

from . import database

ROOT = Path(__file__).parent.parent
SMALL = ROOT / "tests" / "data" / "replay_small.csv"

# Counted by hand, with levels 3, 10 and 20 days after due, 7 days between two letters and 6 to pay: who gets which
# level.
LEVEL_1 = {"S06", "S07", "S08", "S09", "S10", "S11", "S15", "S16", "S17", "S18", "S19", "S20", "S21"}
LEVEL_2 = {"S08", "S09", "S10", "S16", "S17", "S21"}
LEVEL_3 = {"S09", "S10", "S17"}
NOTICES = 19

PLAY = """
import sys
env.cr.rollback()
sys.path.append(%(folder)r)
sys.argv = %(arguments)r
from replay import main
sys.exit(main())
"""

# The same by customer: the day of each letter, its level, the invoices on it.
LETTERS = {
    ("2024-02-04", 1, ("S06",)),
    ("2024-02-07", 1, ("S07", "S08")),
    ("2024-02-14", 2, ("S08",)),
    ("2024-02-10", 1, ("S09",)),
    ("2024-02-17", 2, ("S09", "S10", "S11")),  # only S09 is 10 days late, and leads
    ("2024-02-27", 3, ("S09", "S10")),  # the last level: while S10 leads, S21 gets nothing
    ("2024-02-10", 1, ("S15",)),
    ("2024-03-01", 1, ("S16",)),
    ("2024-03-08", 2, ("S16",)),
    ("2024-02-13", 1, ("S17",)),
    ("2024-02-20", 2, ("S17",)),
    ("2024-02-25", 1, ("S17", "S18")),  # S18, made out late, leads: S17 falls
    ("2024-03-03", 2, ("S17",)),
    ("2024-03-10", 3, ("S17",)),
    ("2024-03-16", 1, ("S19",)),  # the next one in the same plan
    ("2024-03-23", 1, ("S20",)),  # a new plan
}
# First and last day (after the night) of each plan of a customer.
PLANS = {
    ("Slow", "2024-02-04", "2024-02-14"),
    ("Later", "2024-02-10", "2024-03-21"),
    ("Quarrel", "2024-02-10", "2024-03-07"),  # since 12 February for S12 only, which is on hold
    ("Belated", "2024-03-01", "2024-03-11"),
    ("Relapse", "2024-02-13", "2024-03-16"),
    ("Relapse", "2024-03-23", "2024-03-23"),
}


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
        items = {"1": len(LEVEL_1), "2": len(LEVEL_2), "3": len(LEVEL_3)}
        self.assertReplayed(self.start, items, NOTICES, len(LEVEL_1))

    def test_small_file_by_customer(self):
        items = {str(level): sum(len(one[2]) for one in LETTERS if one[1] == level) for level in (1, 2, 3)}
        self.assertEqual(items, {"1": 11, "2": 7, "3": 3})
        self.assertReplayed(self.play, items, len(LETTERS), len(PLANS), "--mode", "customer")

    def test_other_levels_with_less_time_between(self):
        check = load("replay_check")
        with database.copy_of(database.installed(), "replay") as db:
            process = self.play(db, "--levels", "2,4,9,30", "--min-days", "3", "--deadline-days", "3")
            self.assertEqual(process.returncode, 0, process.stdout)
            result = json.loads(process.stdout.splitlines()[-1])
            expected = check.foresee(check.read(SMALL), check.Rules((2, 4, 9, 30), 3, 3)).dunned
            items = {str(level): sum(one.level == level for one in expected) for level in range(1, 5)}
            self.assertEqual(result["items_by_level"], items)

    def assertReplayed(self, replay, items, notices, plans, *options):
        with database.copy_of(database.installed(), "replay") as db:
            process = replay(db, "--deadline-days", "6", *options)
            self.assertEqual(process.returncode, 0, process.stdout + (process.stderr or ""))
            self.assertEqual(
                json.loads(process.stdout.splitlines()[-1]),
                {
                    "items_by_level": items,
                    "notices": notices,
                    "plans_opened": plans,
                    "plans_recovered": plans,
                    "violations": 0,
                },
            )
            self.assertIn(f"{plans} collection plans opened, {plans} recovered, none left", process.stdout)

    def start(self, db, *options):
        """Start the program, as people do."""
        return subprocess.run(
            [sys.executable, ROOT / "dev" / "replay.py", db, SMALL, *options],
            env={**os.environ, "ODOO_RC": config["config"]},
            capture_output=True,
            text=True,
            timeout=database.TIMEOUT,
            check=False,
        )

    def play(self, db, *options):
        """Run it in a fork of an Odoo that is loaded already."""
        source = PLAY % {"folder": str(ROOT / "dev"), "arguments": ["replay.py", db, str(SMALL), *options]}
        return database.run_script(db, source, env={**os.environ, "ODOO_RC": config["config"]})


class CheckCommon(BaseCase):
    """The checker is no good if it is always content: each doctored history must be found out."""

    mode = "invoice"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lib = load("replay_check")
        cls.rules = cls.lib.Rules(deadline_days=6, mode=cls.mode)
        cls.invoices = cls.lib.read(SMALL)
        cls.history = cls.lib.foresee(cls.invoices, cls.rules)

    def check(self, **changes):
        return list(self.lib.check(self.invoices, self.rules, replace(self.history, **changes)))

    def add(self, number, day, level):
        """The lines of the history, and one more."""
        extra = self.lib.Dunned(to_day(day), number, level, "extra", to_day(day) + timedelta(7), 1.0)
        return [*self.history.dunned, extra]

    def drop(self, number, day):
        """The lines of the history without the one about an invoice on a day."""
        return [one for one in self.edit(number, day, level=None) if one.level]

    def edit(self, number, day, /, **values):
        """The lines of the history, with ``values`` in the one about an invoice on a day."""
        key = (number, to_day(day))
        self.assertIn(key, [(one.invoice, one.day) for one in self.history.dunned])
        return [replace(one, **values) if (one.invoice, one.day) == key else one for one in self.history.dunned]

    def assertFound(self, message, lines):
        """The checker says so, among other things, if these lines were seen."""
        problems = self.check(dunned=lines)
        self.assertTrue(any(message in problem for problem in problems), problems)

    def assertPlans(self, problems, plans):
        """The checker finds nothing but ``problems`` if these plans were seen to be open."""
        self.assertEqual(self.check(open_plans=plans), problems)

    def plan(self, day, name, night=False):
        return self.lib.OpenPlan(to_day(day), name, night)

    def without(self, *plans):
        self.assertLessEqual(set(plans), set(self.history.open_plans))
        return [plan for plan in self.history.open_plans if plan not in plans]


def to_day(text):
    return date.fromisoformat(f"2024-{text}")


@tagged("post_install", "-at_install")
class TestReplayCheck(CheckCommon):
    def test_expected_items(self):
        for level, numbers in enumerate((LEVEL_1, LEVEL_2, LEVEL_3), 1):
            self.assertEqual({one.invoice for one in self.history.dunned if one.level == level}, numbers)
        self.assertEqual(len(self.history.dunned), len(LEVEL_1) + len(LEVEL_2) + len(LEVEL_3))
        self.assertEqual(len({one.notice for one in self.history.dunned}), NOTICES)
        self.assertEqual(+self.history.plans, Counter(recovered=len(LEVEL_1)))

    def test_right_history(self):
        self.assertEqual(self.check(), [])

    def test_settled(self):
        self.assertFound("settled on 2024-02-02", self.add("S02", "02-06", 1))
        self.assertFound("settled on 2024-02-05", self.add("S06", "02-05", 1))

    def test_held(self):
        self.assertFound("on hold since 2024-02-07", self.add("S12", "02-12", 1))

    def test_not_overdue(self):
        self.assertFound("level 1 for invoice S19, not overdue before 2024-03-14", self.add("S19", "03-13", 1))

    def test_level_twice(self):
        self.assertFound("level 3 for invoice S10 once more", self.add("S10", "03-20", 3))

    def test_level_skipped(self):
        self.assertFound("level 3 for invoice S10 right after level 1", self.drop("S10", "02-24"))
        self.assertFound("level 2 for invoice S08 right after level 0", self.drop("S08", "02-07"))

    def test_level_too_early(self):
        self.assertFound("which is due 20 days after 2024-02-14", self.edit("S10", "03-05", day=to_day("03-04")))

    def test_interval(self):
        self.assertFound("less than 7 days after 2024-03-01", self.edit("S16", "03-08", day=to_day("03-07")))

    def test_deadline(self):
        lines = self.edit("S16", "03-01", deadline=to_day("03-09"))
        [problem] = self.check(dunned=lines)
        self.assertIn("S16, not after the deadline 2024-03-09 on the last letter", problem)

    def test_the_deadline_is_the_last_day_to_pay(self):
        """With 7 days to pay and 7 between two letters, the second comes on day 8."""
        dunned = self.lib.foresee(self.invoices, self.lib.Rules(mode=self.mode)).dunned
        days = [str(one.day) for one in dunned if one.invoice == "S16"]
        self.assertEqual(days, ["2024-03-01", "2024-03-09"])

    def test_missing(self):
        self.assertFound("2024-02-27: level 3 for invoice S09 is missing", self.drop("S09", "02-27"))
        late = self.edit("S10", "03-05", day=to_day("03-06"))
        self.assertEqual(self.check(dunned=late), ["2024-03-05: level 3 for invoice S10 is missing"])

    def test_missing_is_told_once(self):
        lines = [one for one in self.history.dunned if (one.invoice, one.level) != ("S09", 3)]
        self.assertEqual(self.check(dunned=lines), ["2024-02-27: level 3 for invoice S09 is missing"])

    def test_plan_left_open(self):
        for night in (False, True):
            extra = self.plan("02-05", "S06", night)
            self.assertPlans(
                ["2024-02-05: 1 open plans of S06, not 0; overdue: nothing"], [*self.history.open_plans, extra]
            )

    def test_plan_missing(self):
        plan = self.plan("02-04", "S06", night=True)
        self.assertPlans(["2024-02-04: 0 open plans of S06, not 1; overdue: S06"], self.without(plan))

    def test_two_notices_on_one_day(self):
        lines = self.edit("S08", "02-07", notice="second")
        self.assertEqual(self.check(dunned=lines), ["2024-02-07: 2 notices to Slow"])

    def test_notice_of_two_customers(self):
        lines = self.edit("S15", "02-10", notice="Later 2024-02-10")
        self.assertEqual(self.check(dunned=lines), ["Notice Later 2024-02-10 is about Later and Quarrel"])

    def test_plans_in_the_end(self):
        self.assertEqual(
            self.check(plans=Counter(recovered=11, stopped=1, ongoing=1)),
            [
                "In the end 1 plans are ongoing, not 0",
                "In the end 11 plans are recovered, not 13",
                "In the end 1 plans are stopped, not 0",
            ],
        )


@tagged("post_install", "-at_install")
class TestReplayCheckByCustomer(CheckCommon):
    mode = "customer"

    def test_expected_letters(self):
        letters = {}
        for one in self.history.dunned:
            letters.setdefault((str(one.day), one.level, one.notice), set()).add(one.invoice)
        found = [(day, level, tuple(sorted(numbers))) for (day, level, _notice), numbers in letters.items()]
        self.assertEqual(sorted(found), sorted(LETTERS))

    def test_expected_plans(self):
        for night in (True, False):
            found = {(plan.debt, plan.day) for plan in self.history.open_plans if plan.night == night}
            self.assertEqual(len(found), sum(plan.night == night for plan in self.history.open_plans))
            self.assertEqual(found, {(name, day) for name, *days in PLANS for day in self.get_days(*days, night)})
        self.assertEqual(+self.history.plans, Counter(recovered=len(PLANS)))

    def get_days(self, first, last, night):
        """After the payments of its first day a plan is not open yet."""
        start = date.fromisoformat(first) + timedelta(not night)
        return [start + timedelta(days) for days in range((date.fromisoformat(last) - start).days + 1)]

    def test_right_history(self):
        self.assertEqual(self.check(), [])

    def test_settled(self):
        self.assertFound("level 1 for invoice S05, settled on 2024-02-04", self.add("S05", "02-04", 1))

    def test_held(self):
        self.assertFound("level 1 for invoice S12, on hold since 2024-02-07", self.add("S12", "02-10", 1))

    def test_only_a_held_one_is_left(self):
        self.assertFound("level 2 for invoice S12, on hold since 2024-02-07", self.add("S12", "02-20", 2))

    def test_not_overdue(self):
        self.assertFound("level 1 for invoice S10, not overdue before 2024-02-15", self.add("S10", "02-10", 1))

    def test_the_leading_invoice_decides_the_level(self):
        self.assertFound("level 1 for invoice S11 once more: S09 leads at level 1", self.edit("S11", "02-17", level=1))
        self.assertFound("level 3 for invoice S11 right after level 1 of S09", self.edit("S11", "02-17", level=3))
        self.assertFound("level 3 for invoice S17 right after level 0 of S18", self.edit("S17", "02-25", level=3))
        self.assertFound("level 1 for invoice S21 once more: S10 leads at level 3", self.add("S21", "03-04", 1))

    def test_level_falls_where_no_new_one_leads(self):
        self.assertFound("level 1 for invoice S17 once more: S17 leads at level 1", self.edit("S17", "02-20", level=1))

    def test_level_falls_not_where_a_new_one_leads(self):
        self.assertFound("level 3 for invoice S18 right after level 0 of S18", self.edit("S18", "02-25", level=3))
        self.assertFound("level 3 for invoice S17 right after level 1 of S17", self.edit("S17", "03-03", level=3))

    def test_level_skipped(self):
        self.assertFound("level 2 for invoice S17 right after level 0 of S17", self.drop("S17", "02-13"))

    def test_level_too_early(self):
        self.assertFound("which is due 3 days after 2024-02-04", self.edit("S08", "02-07", day=to_day("02-06")))

    def test_interval_of_the_leading_invoice(self):
        self.assertFound("less than 7 days after 2024-02-25", self.edit("S17", "03-03", day=to_day("03-02")))

    def test_deadline_of_the_leading_invoice(self):
        lines = self.edit("S17", "02-25", deadline=to_day("03-04"))
        [problem] = self.check(dunned=lines)
        self.assertIn("S17, not after the deadline 2024-03-04 on the last letter", problem)
        lines = self.edit("S10", "02-17", deadline=to_day("03-04"))
        self.assertEqual(self.check(dunned=lines), [], "S09 leads")

    def test_letter_missing(self):
        self.assertFound("2024-02-14: level 2 for invoice S08 is missing", self.drop("S08", "02-14"))

    def test_invoice_missing_on_the_letter(self):
        self.assertFound("2024-02-17: level 2 for invoice S11 is missing", self.drop("S11", "02-17"))
        self.assertFound("2024-02-25: level 1 for invoice S17 is missing", self.drop("S17", "02-25"))

    def test_missing_is_told_once_until_the_next_letter(self):
        lines = [one for one in self.drop("S17", "02-20") if one in self.drop("S17", "02-25")]
        self.assertEqual(
            self.check(dunned=lines),
            [
                "2024-02-20: level 2 for invoice S17 is missing",
                "2024-02-25: level 1 for invoice S17 is missing",
                "2024-03-01: level 2 for invoice S17 is missing",
            ],
        )

    def test_two_letters_on_one_day(self):
        lines = self.edit("S11", "02-17", notice="second")
        self.assertEqual(self.check(dunned=lines), ["2024-02-17: 2 notices to Later"])

    def test_plan_left_open(self):
        for night in (False, True):
            extra = self.plan("03-22", "Later", night)
            self.assertPlans(
                ["2024-03-22: 1 open plans of Later, not 0; overdue: nothing"], [*self.history.open_plans, extra]
            )

    def test_plan_closed_though_something_is_on_hold(self):
        for night in (False, True):
            plan = self.plan("02-12", "Quarrel", night)
            self.assertPlans(["2024-02-12: 0 open plans of Quarrel, not 1; overdue: S12"], self.without(plan))

    def test_plan_closed_though_a_later_one_is_overdue(self):
        plan = self.plan("02-05", "Slow")
        self.assertPlans(["2024-02-05: 0 open plans of Slow, not 1; overdue: S07, S08"], self.without(plan))

    def test_plan_not_opened_with_the_letter(self):
        plan = self.plan("03-23", "Relapse", night=True)
        self.assertPlans(["2024-03-23: 0 open plans of Relapse, not 1; overdue: S20"], self.without(plan))

    def test_plan_opened_without_a_letter(self):
        extra = self.plan("03-22", "Relapse", night=True)
        self.assertPlans(
            ["2024-03-22: 1 open plans of Relapse, not 0; overdue: S20"], [*self.history.open_plans, extra]
        )

    def test_two_plans_of_a_customer(self):
        plan = self.plan("02-10", "Later", night=True)
        self.assertPlans(["2024-02-10: 2 open plans of Later, not 1; overdue: S09"], [*self.history.open_plans, plan])

    def test_plans_in_the_end(self):
        self.assertEqual(
            self.check(plans=Counter(recovered=5, unrecovered=1)),
            ["In the end 5 plans are recovered, not 6", "In the end 1 plans are unrecovered, not 0"],
        )
