"""Payments that meet what dunning does: real transactions on one database, each of which cannot see the other.

The loser begins before the winner commits, so that it works with what was true before. Whatever conflicts is begun
anew by Odoo's own ``retrying``, as for a request.
"""

from textwrap import dedent

from odoo.tests import tagged

from . import database
from .processes import ISSUE, STUB, ProcessCase, setup

# A conflict costs the loser of a race a second or two: as little as possible here.
TOOLS = """
import contextlib, random
from datetime import timedelta
from unittest.mock import patch
from odoo import api
from odoo.exceptions import UserError
from odoo.service.model import retrying
random.uniform = lambda low, high: 0.0

def transaction(work):
    with env.registry.cursor() as cr:
        result = work(api.Environment(cr, env.uid, {}))
        cr.commit()
    return result

def race(loser, winner):
    '''Do ``loser`` and, once its transaction has begun, ``winner`` in another one; how often the loser began.'''
    tries = []
    with env.registry.cursor() as cr:
        own = api.Environment(cr, env.uid, {})
        def work():
            own.cr.execute("SELECT COUNT(*) FROM account_move_line")
            own.invalidate_all()
            if not tries:
                transaction(winner)
            tries.append(1)
            return loser(own)
        try:
            work.result = retrying(work, own)
        except UserError as error:
            cr.rollback()
            work.result = str(error)
        else:
            cr.commit()
    env.cr.commit()
    env.invalidate_all()
    return len(tries), work.result

def invoice(env): return env["account.move"].browse(move.id)
def plan(env): return invoice(env).collection_plan_ids
def notice(env): return env["account.dunning.notice"].search([("line_ids.move_id", "=", move.id)])
def today(env): return env.company._dunning_today()
def pay(env):
    env["account.payment.register"].with_context(active_model="account.move", active_ids=[move.id]).create(
        {"payment_date": today(env)})._create_payments()
def run(env):
    runs = env["account.dunning.run"]
    runs.create({}).action_propose()
    while runs._continue_next():
        pass
def issue(env):
    while env["account.dunning.notice"]._issue_next():
        pass

customer = env["res.partner"].search([("name", "=", customer)])
move = env["account.move"].search([("partner_id", "=", customer.id), ("move_type", "=", "out_invoice")])
"""
SCENARIOS = """
import traceback
for number, source in enumerate(sources):
    try:
        exec(source, {"env": env})
        print("SCENARIO", number, "ended well")
    except Exception:
        print("SCENARIO", number, traceback.format_exc())
    env.cr.rollback()
    env.invalidate_all()
"""
PROPOSED = """
env["account.dunning.run"].create({}).action_propose()
while env["account.dunning.run"]._continue_next():
    pass
env.cr.commit()
"""
ISSUED = """
while env["account.dunning.notice"]._issue_next():
    pass
env.cr.commit()
"""


class RaceCase(ProcessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        source = cls.prepare(database.installed(), "race_start", setup(14) + STUB + PROPOSED)
        cls.proposed = source
        cls.sent = cls.prepare(source, "race_sent", STUB + ISSUE + ISSUED)


@tagged("post_install", "-at_install")
class TestRaces(RaceCase):
    def check(self, stage, *scenarios):
        """Each scenario is a script for the invoice ``move`` of a customer of its own."""
        sources = [
            f"customer = 'Customer {2 * number}'\n{TOOLS}{dedent(scenario)}"  # those of even numbers get letters
            for number, scenario in enumerate(scenarios)
        ]
        with database.copy_of(stage, "racing") as name:
            output = self.script(name, STUB, f"sources = {sources!r}\n", SCENARIOS)
        for number in range(len(scenarios)):
            with self.subTest(scenario=number):
                self.assertIn(f"SCENARIO {number} ended well\n", output, output[-3000:])

    def test_a_payment_meets_something_about_its_plan(self):
        """The plan is closed by the payment, whatever writes on it meanwhile."""
        self.check(
            self.sent,
            # the nightly run
            """
            tries, _result = race(pay, lambda env: (plan(env).write({"next_date": False}), run(env)))
            assert tries == 2, tries
            assert plan(env).state == "recovered", plan(env).state
            """,
            # a pause
            """
            reason = env["account.dunning.reason"].search([], limit=1)
            def pause(env):
                until = today(env) + timedelta(9)
                plan(env)._pause(reason.with_env(env), until)
            tries, _result = race(pay, pause)
            assert tries == 2, tries
            assert plan(env).state == "recovered", plan(env).state
            """,
            # an undo
            """
            tries, _result = race(pay, lambda env: notice(env)._undo("A mistake", False))
            assert invoice(env).payment_state in ("paid", "in_payment")
            assert (plan(env).state, notice(env).state) == ("stopped", "cancelled"), plan(env).state
            """,
            # a write-off: nothing is left to pay
            """
            account = env["account.account"].search([("account_type", "=", "expense")], limit=1)
            def write_off(env):
                dialog = env["account.dunning.write.off"].with_context(
                    plan(env).action_write_off()["context"]).create({"account_id": account.id, "reason": "Lost"})
                dialog.action_apply()
            tries, result = race(pay, write_off)
            assert tries == 2 and isinstance(result, str), (tries, result)
            assert (plan(env).state, invoice(env).amount_residual) == ("unrecovered", 0), plan(env).state
            assert not invoice(env).matched_payment_ids
            """,
        )

    def test_something_about_a_plan_meets_a_payment(self):
        """Who comes later is told, and nothing happens twice."""
        self.check(
            self.sent,
            # a pause
            """
            reason = env["account.dunning.reason"].search([], limit=1)
            def pause(env):
                change = env["account.collection.plan.change"].create({
                    "kind": "pause", "plan_ids": [(6, 0, plan(env).ids)], "company_id": env.company.id,
                    "reason_id": reason.id, "date": today(env) + timedelta(9)})
                change.action_apply()
            tries, result = race(pause, pay)
            assert (tries, plan(env).state) == (2, "recovered"), (tries, plan(env).state)
            assert isinstance(result, str), result
            """,
            # an undo
            """
            def undo(env):
                change = env["account.collection.plan.change"].create({
                    "kind": "undo", "plan_ids": [(6, 0, plan(env).ids)], "company_id": env.company.id,
                    "note": "A mistake"})
                change.action_apply()
            tries, result = race(undo, pay)
            assert (tries, plan(env).state, notice(env).state) == (2, "recovered", "sent"), (tries, plan(env).state)
            assert isinstance(result, str), result
            """,
            # a write-off
            """
            account = env["account.account"].search([("account_type", "=", "expense")], limit=1)
            def write_off(env):
                dialog = env["account.dunning.write.off"].with_context(
                    plan(env).action_write_off()["context"]).create({"account_id": account.id, "reason": "Lost"})
                dialog.action_apply()
            tries, result = race(write_off, pay)
            assert (tries, plan(env).state) == (2, "recovered"), (tries, plan(env).state)
            assert isinstance(result, str), result
            assert not env["account.move"].search_count([("dunning_write_off_plan_id", "=", plan(env).id)])
            """,
        )

    def test_a_payment_meets_the_letter(self):
        """A letter that leaves while the customer pays is not sent, and opens no plan that nobody closes."""
        self.check(
            self.proposed,
            # the payment comes while the notice is issued
            """
            notice(env)._queue()
            env.cr.commit()
            tries, _result = race(issue, pay)
            assert tries == 2, tries
            assert notice(env).state == "cancelled", notice(env).state
            assert not plan(env)
            """,
            # the notice is issued while the payment is made: it is sent, and its plan closed
            """
            notice(env)._queue()
            env.cr.commit()
            race(pay, issue)
            assert (notice(env).state, plan(env).state) == ("sent", "ongoing"), plan(env).state
            env["account.dunning.backlog"]._catch_up()
            assert plan(env).state == "recovered", plan(env).state
            """,
            # it is printed while the customer pays
            """
            env.company._get_dunning_settings().letter_sent = "confirmed"
            notice(env)._queue()
            issue(env)
            with patch("odoo.addons.account_dunning.wizards.notice.account_dunning_print.merge_pdf", b"".join):
                dialog = env["account.dunning.print"].browse(notice(env).action_print()["res_id"])
            env.cr.commit()
            tries, result = race(lambda env: dialog.with_env(env).action_confirm(), pay)
            assert isinstance(result, str) and "do not count" in result, result
            assert not plan(env)
            issue(env)
            assert notice(env).state == "cancelled", notice(env).state
            """,
        )
