"""A run that is interrupted, or shared by workers, goes on where it stopped, and every notice is sent exactly once.

The scheduled action itself runs, with real commits, in processes of its own on a copy of the database.
"""

import json
import tempfile
from textwrap import dedent
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import BaseCase, Form, tagged

from ..models import account_dunning_notice
from . import database
from .common import DunningCommon, StubLetters

SETUP = """
from datetime import date, timedelta
company = env.company
env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
company.write({"dunning_letter_sent": "made"})
partners = env["res.partner"].create(
    [{"name": f"Customer {n}", "street": "1 Main Street", "zip": "1", "city": "Here",
      "email": f"c{n}@example.com" if n % 2 else False} for n in range(100)]
)
due = date.today() - timedelta(10)
moves = env["account.move"].create(
    [{"move_type": "out_invoice", "partner_id": partner.id, "invoice_date": due, "invoice_date_due": due,
      "invoice_line_ids": [(0, 0, {"name": "Goods", "price_unit": 100.0, "tax_ids": [(5,)]})]}
     for partner in partners]
)
moves.action_post()
env.cr.commit()
"""

STUB = """
from odoo.addons.account_dunning.models import account_dunning_run_chunk
report = type(env["ir.actions.report"])
report._render_dunning_letters = lambda self, notices: dict.fromkeys(notices.ids, b"%PDF-1.4")
account_dunning_run_chunk.ITEMS_PER_CHUNK = 30
runs, notices = type(env["account.dunning.run"]), type(env["account.dunning.notice"])
"""

BREAK = """
calls = []
def broken(self, *args):
    calls.append(1)
    if len(calls) >= 2:
        %(how)s
    return original(self, *args)
original = %(model)s.%(method)s
%(model)s.%(method)s = broken
env.ref("account_dunning.%(cron)s").method_direct_trigger()
"""

NIGHT = 'env.ref("account_dunning.ir_cron_dunning_nightly").method_direct_trigger()\n'
ISSUE = """
env.cr.commit()
env["account.dunning.notice"].search([("state", "=", "proposed")])._queue()
env.cr.commit()
"""
CONTINUE = 'env.ref("account_dunning.ir_cron_dunning_continue").method_direct_trigger()\n'

REPORT = """
import json
env.cr.execute("SELECT state, document, COUNT(*) FROM account_dunning_notice GROUP BY 1, 2 ORDER BY 1, 2")
print("REPORT", json.dumps({
    "notices": [list(row) for row in env.cr.fetchall()],
    "lines": env["account.dunning.notice.line"].search_count([]),
    "numbers": len(set(env["account.dunning.notice"].search([("name", "!=", False)]).mapped("name"))),
    "mails": env["mail.mail"].search_count([("model", "=", "account.dunning.notice")]),
    "letters": env["ir.attachment"].search_count([("res_model", "=", "account.dunning.notice")]),
    "plans": env["account.collection.plan"].search_count([]),
    "times": sorted(set(env["account.dunning.item"].search([]).mapped("times"))),
    "runs": env["account.dunning.run"].search([]).mapped("state"),
}))
"""


WORKERS = """
env["account.dunning.run"]._set_workers(2)
env["account.dunning.run"].create({}).action_propose()
env.cr.commit()
"""

# The scheduled action of one worker. It waits until the other one is ready, and is slow, so that the two meet.
WORKER = """
import pathlib, time
def slowly(self, *args):
    work.append(len(self))
    time.sleep(0.5)
    return original(self, *args)
original = %(model)s.%(method)s
%(model)s.%(method)s = slowly
work = []
worker = env["account.dunning.run"]._get_workers()[%(number)s]
folder = pathlib.Path(%(folder)r)
(folder / "%(number)s").touch()
while len(list(folder.iterdir())) < 2:
    time.sleep(0.05)
worker.method_direct_trigger()
print("WORK", sum(work))
"""

# Other transactions change the same rows: the first two tries end with their work done, and are rolled back.
CONFLICT = """
from psycopg2.errors import SerializationFailure
def conflicting(self, *args):
    result = original(self, *args)
    calls.append(1)
    if len(calls) <= %(times)s:
        raise SerializationFailure("could not serialize access due to concurrent update")
    return result
original, calls = notices._issue_chunk, []
notices._issue_chunk = conflicting
"""


class ProcessCase(BaseCase):
    def script(self, name, *parts, code=0):
        result = database.run_script(name, "".join(dedent(part) for part in parts))
        self.assertEqual(result.returncode, code, result.stdout[-3000:])
        return result.stdout

    def report(self, name):
        output = self.script(name, REPORT)
        return json.loads(output[output.rindex("REPORT") + 6 :].split("\n")[0])

    def check_issued(self, name):
        """Everything left once: letters are sent, e-mails wait in the queue of Odoo."""
        report = self.report(name)
        self.assertEqual(report["notices"], [["queued", "email", 50], ["sent", "letter", 50]])
        self.assertEqual((report["numbers"], report["mails"], report["letters"]), (100, 50, 100))
        self.assertEqual((report["plans"], report["times"], report["lines"]), (50, [1], 100))


@tagged("post_install", "-at_install")
class TestResume(ProcessCase):
    def test_an_exception_in_the_middle_chunk(self):
        with database.copy_of(database.installed(), "resume") as name:
            self.script(name, SETUP, STUB, NIGHT, ISSUE)
            how = {"how": 'raise RuntimeError("broken")', "model": "notices", "method": "_issue_chunk"}
            self.script(name, STUB, BREAK % {**how, "cron": "ir_cron_dunning_continue"})
            middle = self.report(name)
            self.assertIn(["queued", "email"], [row[:2] for row in middle["notices"]])
            self.assertEqual(middle["letters"], 40, "the first chunk stays")
            self.script(name, STUB, CONTINUE)
            self.check_issued(name)
            self.script(name, STUB, CONTINUE, NIGHT, CONTINUE)
            self.check_issued(name)

    def test_a_process_killed_while_proposing_and_while_issuing(self):
        with database.copy_of(database.installed(), "killed") as name:
            self.script(name, SETUP)
            kill = {"how": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"}
            propose = {**kill, "model": "runs", "method": "_propose_batch", "cron": "ir_cron_dunning_nightly"}
            self.script(name, STUB, BREAK % propose, code=-9)
            middle = self.report(name)
            self.assertEqual((middle["runs"], middle["lines"]), (["proposing"], 30))
            self.script(name, STUB, CONTINUE, ISSUE)
            report = self.report(name)
            self.assertEqual((report["lines"], len(report["runs"])), (100, 1))
            issue = {**kill, "model": "notices", "method": "_issue_chunk", "cron": "ir_cron_dunning_continue"}
            self.script(name, STUB, BREAK % issue, code=-9)
            self.script(name, STUB, CONTINUE)
            self.check_issued(name)

    def test_a_conflict_replays_the_transaction(self):
        with database.copy_of(database.installed(), "conflict") as name:
            self.script(name, SETUP, STUB, NIGHT, ISSUE)
            self.script(name, STUB, CONFLICT % {"times": 2}, CONTINUE)
            self.check_issued(name)

    def test_a_conflict_that_stays_leaves_the_queue_as_it_was(self):
        with database.copy_of(database.installed(), "conflicts") as name:
            self.script(name, SETUP, STUB, NIGHT, ISSUE)
            before = self.report(name)
            self.script(name, STUB, CONFLICT % {"times": 5}, CONTINUE)
            self.assertEqual(self.report(name), before)
            self.script(name, STUB, CONTINUE)
            self.check_issued(name)


@tagged("post_install", "-at_install")
class TestWorkers(ProcessCase):
    def share(self, name, model, method):
        """Have two workers do at once what there is to do; give how much each of them did."""
        with tempfile.TemporaryDirectory() as folder:
            values = {"model": model, "method": method, "folder": folder}
            processes = [database.start_script(name, STUB + WORKER % {**values, "number": n}) for n in range(2)]
            outputs = [process.communicate(timeout=database.TIMEOUT)[0] for process in processes]
        for process, output in zip(processes, outputs, strict=True):
            self.assertEqual(process.returncode, 0, output[-3000:])
            self.assertNotIn("Traceback", output)
        shares = [int(output[output.rindex("WORK") + 5 :].split()[0]) for output in outputs]
        self.assertGreater(min(shares), 0, f"both work: {shares}")
        return sum(shares)

    def test_two_share_proposing_and_issuing(self):
        with database.copy_of(database.installed(), "workers") as name:
            self.script(name, SETUP, STUB, WORKERS)
            self.assertEqual(self.share(name, "runs", "_propose_batch"), 4, "chunks of 30 customers")
            report = self.report(name)
            self.assertEqual((report["lines"], report["runs"]), (100, ["proposed"]))
            self.script(name, ISSUE)
            self.assertEqual(self.share(name, "notices", "_issue_chunk"), 100)
            self.check_issued(name)


@tagged("post_install", "-at_install")
class TestWorkerSetting(StubLetters, DunningCommon):
    def workers(self):
        return self.env["account.dunning.run"]._get_workers()

    def set_workers(self, count):
        form = Form(self.env["res.config.settings"])
        form.dunning_workers = count
        form.save().execute()

    def test_number_of_workers(self):
        self.assertEqual(Form(self.env["res.config.settings"]).dunning_workers, 1)
        self.set_workers(3)
        self.assertEqual(len(self.workers()), 3)
        self.assertEqual(len(set(self.workers().mapped("name"))), 3)
        self.assertEqual(Form(self.env["res.config.settings"]).dunning_workers, 3)
        self.set_workers(2)
        self.assertEqual(len(self.workers()), 2)
        self.assertEqual(self.workers()[0], self.env.ref("account_dunning.ir_cron_dunning_continue"))
        # the uninstallation finds the copies by their names
        self.assertEqual(set(self.workers().get_external_id().values()), {
            "account_dunning.ir_cron_dunning_continue", "account_dunning.ir_cron_dunning_continue_2",
        })  # fmt: skip

    def test_the_number_has_bounds(self):
        for count in (0, -1, 33):
            with self.subTest(count=count):
                with self.refused(ValidationError, "between 1 and 32"):
                    self.set_workers(count)
                self.assertEqual(len(self.workers()), 1)

    def test_all_workers_are_called(self):
        self.set_workers(2)
        triggers = self.env["ir.cron.trigger"]
        triggers.search([]).unlink()
        self.env["account.dunning.run"]._trigger()
        self.assertEqual(triggers.search([]).cron_id, self.workers())

    def test_a_customer_is_issued_by_one_worker(self):
        """A chunk takes all notices of its customers, however few customers it takes."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.invoice(self.partner_a, 12)
        self.invoice(self.partner_a, 12, currency_id=euro.id)
        self.invoice(self.partner_b, 12)
        notices = self.run_day().notice_ids.sudo()
        notices._queue()
        with patch.object(account_dunning_notice, "ISSUE_CHUNK", 1):
            self.assertEqual(notices._issue_next(), 2)
            self.assertEqual(notices.filtered(lambda notice: notice.state == "queued").partner_id, self.partner_b)
            self.assertEqual(notices._issue_next(), 1)
            self.assertEqual(notices._issue_next(), 0)

    def test_runs_of_a_company_propose_one_after_the_other(self):
        self.invoice(self.partner_a, 12)
        first, second = self.env["account.dunning.run"].create([{"company_id": self.company.id}] * 2)
        (second + first).action_propose()
        chunks = self.env["account.dunning.run.chunk"]
        self.assertEqual(chunks._take().run_id, first)
        self.work()
        self.assertEqual((len(first.notice_ids), len(second.notice_ids)), (1, 0))
        self.assertEqual(second.left_out_ids.mapped("reason"), ["pending"])
