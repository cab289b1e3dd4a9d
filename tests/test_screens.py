"""What a screen shows is read in sets: a number of queries that does not depend on how many rows it has."""

import importlib.util
from functools import partial
from pathlib import Path

from odoo.tests import tagged

from .common import DunningCommon

FEW, MANY = 5, 80
# Queries beyond those for the columns of the same records, or for the same screen of core without the module.
MOST = 10
# The form of a case shows the customer's open items, plans, holds, promises and his story; the first hour finds out
# how eight things stand.
BOUNDS = {"All Cases: form": 15, "My Desk: form": 15, "First Hour: form": 26}
# What few of the rows have costs its query once, whether it is among the first ones or not.
LEEWAY = 4


def load_screens():
    """The walk through the screens that ``make bench`` measures by."""
    path = Path(__file__).parents[1] / "bench" / "screens.py"
    spec = importlib.util.spec_from_file_location("dunning_bench_screens", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@tagged("post_install", "-at_install")
class TestScreens(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.level_1.write({"document": "none", "collection_status": "legal"})
        cls.level_2.write({"document": "letter", "fee_kind": "fixed", "fee_amount": 5.0})
        cls.administrator = cls.new_user("administrator", "account.group_account_manager")
        cls.screens = load_screens()

    def setUp(self):
        super().setUp()
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {n}", "street": "1 Main Street", "city": "X"} for n in range(MANY)]
        )
        self.moves = self.invoice_each(partners, 12)
        self.invoices(partners[0], 12, [30.0, 40.0])  # the first form shows the other plans of its customer
        self.run_day().notice_ids._queue()
        self.work()
        plans = self.moves.collection_plan_ids
        plans.user_id = self.collector
        for plan in plans[:FEW]:
            plan.activity_schedule("mail.mail_activity_data_call", user_id=self.collector.id, summary="Call")
        self.go(10)
        self.assertEqual(len(self.run_day().notice_ids), MANY, "proposed, with charges")
        reason = self.shipped("reason_dispute")
        self.env["account.dunning.hold"].create(
            [{"move_id": move.id, "reason_id": reason.id} for move in self.moves[:1] + self.moves[FEW:]]
        )
        self.run_day()

    def count(self, env, screen, rows, plain=False):
        return self.screens.time_call(env, partial(screen.read, rows, plain=plain))[1]

    def test_queries_do_not_depend_on_the_rows(self):
        opened, seen = set(), set()
        for user in (self.collector, self.manager, self.administrator):
            env = self.env(user=user.id, su=False)
            for screen in self.screens.get_screens(env, opened):
                if " by " in screen.name:
                    continue
                seen.add(screen.name)
                with self.subTest(screen.name):
                    few, many = self.count(env, screen, FEW), self.count(env, screen, MANY)
                    plain = self.count(env, screen, MANY, plain=True)
                    self.assertLessEqual(many, few + LEEWAY, "a query for each row")
                    self.assertLessEqual(many - plain, BOUNDS.get(screen.name, MOST), "queries of the module")
        for name in ("Collection Plans: list", "Collection Plans: kanban", "Dunning Notices: list", "Open Items: list"):
            self.assertIn(name, seen)

    def test_the_list_of_notices(self):
        """Queries of core included, most of them for the names of what the notices refer to."""
        env = self.env(user=self.collector.id, su=False)
        [screen] = [s for s in self.screens.get_screens(env) if s.name == "Dunning Notices: list"]
        self.assertEqual(env["account.dunning.notice"].search_count([("state", "=", "proposed")]), MANY)
        many, plain = (self.count(env, screen, MANY, plain=plain) for plain in (False, True))
        self.assertLessEqual(many, 14)
        self.assertLessEqual(many - plain, 5, "why each notice is there, and money that does not count")
