import ast
from pathlib import Path
from unittest.mock import patch

from psycopg2 import errors

from odoo.exceptions import ConcurrencyError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..tools.attempt import attempt, attempt_parts
from .common import DunningCommon, StubLetters

# Where something may stumble over whatever somebody else has written, and nothing is written meanwhile.
READERS = {
    "handover_dossier.py": 1,  # a PDF
    "account_dunning_type.py": 1,  # a domain; the error is raised, in words
    "account_dunning_balance.py": 1,  # the same
    "res_partner_bank.py": 1,  # a QR code
}


@tagged("post_install", "-at_install")
class TestAttempt(TransactionCase):
    def rename(self, name):
        self.env.company.partner_id.ref = name

    def test_a_failure_leaves_nothing_behind_and_holds_up_nothing(self):
        self.rename("before")
        with attempt(self.env) as outcome:
            self.rename("after")
            self.env.flush_all()
            raise ValueError("no")
        self.assertEqual(str(outcome.error), "no")
        self.assertEqual(self.env.company.partner_id.ref, "before")
        with mute_logger("odoo.sql_db"), attempt(self.env) as outcome:
            self.env.cr.execute("SELECT 1 / 0")
        self.assertIsInstance(outcome.error, errors.DivisionByZero)
        self.env.cr.execute("SELECT 1")

    def test_conflicts_are_raised_also_where_another_error_stands_for_them(self):
        for conflict in (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable):
            with self.subTest(conflict=conflict), self.assertRaises(conflict), attempt(self.env):
                raise conflict()
        with self.assertRaises(ConcurrencyError), attempt(self.env):
            raise ConcurrencyError("anew")
        with self.assertRaises(errors.SerializationFailure), attempt(self.env):
            try:
                raise errors.SerializationFailure
            except errors.SerializationFailure as error:
                raise RuntimeError("The template could not be rendered") from error
        with attempt(self.env) as outcome:  # somebody has found an answer to a row that is locked
            try:
                raise errors.LockNotAvailable
            except errors.LockNotAvailable:
                raise RuntimeError("Somebody is at it") from None
        self.assertEqual(str(outcome.error), "Somebody is at it")

    def test_what_has_happened_outside_is_not_begun_anew(self):
        with attempt(self.env, outside=True) as outcome:
            raise errors.SerializationFailure
        self.assertIsInstance(outcome.error, errors.SerializationFailure)

    def test_callbacks_of_others_wait(self):
        called = []
        self.env.cr.precommit.add(lambda: called.append(1))
        with attempt(self.env):
            self.rename("x")
        with attempt(self.env):
            raise ValueError
        self.assertFalse(called)
        with attempt(self.env, alone=True):
            self.rename("y")
        self.assertTrue(called)

    def test_only_the_bad_ones_fail(self):
        failed, done = [], []

        def work(parts):
            if {3, 7} & set(parts):
                raise ValueError(str(parts))
            done.extend(parts)

        attempt_parts(self.env, list(range(10)), work, lambda part, error: failed.append((part, str(error))))
        self.assertEqual(failed, [([3], "[3]"), ([7], "[7]")])
        self.assertEqual(done, [0, 1, 2, 4, 5, 6, 8, 9])
        attempt_parts(self.env, [], work, None)

    def test_nobody_else_catches_everything(self):
        """The kind: who catches every error would catch conflicts, too."""
        root = Path(__file__).parents[1]
        folders = ("models", "wizards", "reports")
        for path in (path for folder in folders for path in (root / folder).rglob("*.py")):
            handlers = [
                node
                for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.ExceptHandler)
                and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
            ]
            self.assertLessEqual(len(handlers), READERS.get(path.name, 0), path.name)


@tagged("post_install", "-at_install")
class TestBacklog(StubLetters, DunningCommon):
    """What a payment could not do for its plans."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls.stage.invoice(cls.partner_a, 15)
        cls.stage.dun()
        cls.plan = cls.move.collection_plan_ids
        cls.evaluate = staticmethod(type(cls.plan)._settle_lines)

    def failing(self, error):
        return patch.object(type(self.plan), "_settle_lines", side_effect=error)

    def test_a_conflict_is_raised_to_who_can_begin_anew(self):
        with self.failing(errors.SerializationFailure()), self.assertRaises(errors.SerializationFailure):
            self.pay(self.move)
        self.env.cr.precommit.clear()

    def test_another_failure_is_made_up_for_within_a_minute(self):
        backlog, workers = self.env["account.dunning.backlog"].sudo(), self.env["ir.cron"]._get_dunning_workers()
        self.env["ir.cron.trigger"].search([]).unlink()
        with (
            self.failing(ValueError("Broken")),
            mute_logger("odoo.addons.account_dunning.models.plan.debt"),
        ):
            self.pay(self.move)
        self.assertEqual(self.plan.state, "ongoing")
        self.assertIn(self.item(self.move), backlog.search([]).move_line_id)
        self.assertEqual(set(backlog.search([]).mapped("failure")), {"Broken"})
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "in", workers.ids)])
        self.assertLessEqual(triggers[:1].call_at, self.env.cr.now())
        with (
            self.failing(ValueError("Still")),
            mute_logger("odoo.addons.account_dunning.models.plan.account_dunning_backlog"),
        ):
            backlog._catch_up()
        self.assertEqual(set(backlog.search([]).mapped("tries")), {1})
        backlog._catch_up()
        self.assertEqual(self.plan.state, "ongoing", "it waits, a minute")
        self.frozen.tick(61)
        backlog._catch_up()
        self.assertEqual(self.plan.state, "recovered")
        self.assertFalse(backlog.search([]))

    def test_one_that_fails_keeps_back_no_other(self):
        other = self.invoice(self.partner_b, 15)
        self.dun()
        bad = self.item(self.move).id

        def evaluate(plans, line_ids):
            if bad in line_ids:
                raise ValueError
            return self.evaluate(plans, line_ids)

        with (
            patch.object(type(self.plan), "_settle_lines", evaluate),
            mute_logger(
                "odoo.addons.account_dunning.models.plan.debt",
                "odoo.addons.account_dunning.models.plan.account_dunning_backlog",
            ),
        ):
            for move in self.move + other:
                payment = self.env["account.payment.register"].with_context(
                    active_model="account.move", active_ids=move.ids
                )
                payment.create({"payment_date": self.today})._create_payments()
            self.env.cr.precommit.run()
            self.env["account.dunning.backlog"].sudo()._catch_up()
        self.assertEqual((self.plan.state, other.collection_plan_ids.state), ("ongoing", "recovered"))
