"""A run that is interrupted, or shared by workers, goes on where it stopped, and every notice is sent exactly once.

The scheduled action itself runs, with real commits, in processes of its own on a copy of the database.
"""

import tempfile
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from ..models.notice import issuing
from . import database
from .common import DunningCommon, StubLetters
from .processes import CONTINUE, ISSUE, NIGHT, SETUP, STUB, ProcessCase

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

WORKERS = """
env["account.dunning.run"]._set_workers(2)
env["account.dunning.run"].create({}).action_propose()
env.cr.commit()
"""
LETTERS_ONLY = """
env["res.partner"].search([("name", "like", "Customer ")]).email = False
env.cr.commit()
"""
TWO_CHUNKS = """
from odoo.addons.account_dunning.models.notice import issuing
issuing.ISSUE_CHUNK = 50
"""

# The scheduled action of one worker. It is at its first chunk until the other one is at one too, so that the two meet.
WORKER = """
import pathlib, time
def meeting(self, *args):
    work.append(len(self))
    (folder / "%(number)s").touch()
    end = time.monotonic() + 60
    while len(list(folder.iterdir())) < 2 and time.monotonic() < end:
        time.sleep(0.05)
    return original(self, *args)
original = %(model)s.%(method)s
%(model)s.%(method)s = meeting
work = []
worker = env["ir.cron"]._get_dunning_workers()[%(number)s]
folder = pathlib.Path(%(folder)r)
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


class ResumeCase(ProcessCase):
    """A test works on a copy of a database with overdue invoices."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ready = cls.prepare(database.installed(), "ready", SETUP)


@tagged("post_install", "-at_install")
class TestResume(ResumeCase):
    def test_an_exception_in_the_middle_chunk(self):
        with database.copy_of(self.ready, "resume") as name:
            self.script(name, STUB, NIGHT, ISSUE)
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
        with database.copy_of(self.ready, "killed") as name:
            kill = {"how": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"}
            propose = {**kill, "model": "runs", "method": "_propose_batch", "cron": "ir_cron_dunning_nightly"}
            self.script(name, STUB, BREAK % propose, code=-9)
            middle = self.report(name)
            self.assertEqual((middle["runs"], middle["lines"]), (["proposing"], 25))
            self.script(name, STUB, CONTINUE, ISSUE)
            report = self.report(name)
            self.assertEqual((report["lines"], len(report["runs"])), (100, 1))
            issue = {**kill, "model": "notices", "method": "_issue_chunk", "cron": "ir_cron_dunning_continue"}
            self.script(name, STUB, BREAK % issue, code=-9)
            self.script(name, STUB, CONTINUE)
            self.check_issued(name)

    def test_a_conflict_replays_the_transaction(self):
        with database.copy_of(self.ready, "conflict") as name:
            self.script(name, STUB, NIGHT, ISSUE)
            self.script(name, STUB, CONFLICT % {"times": 2}, CONTINUE)
            self.check_issued(name)

    def test_a_conflict_that_stays_leaves_the_queue_as_it_was(self):
        with database.copy_of(self.ready, "conflicts") as name:
            self.script(name, STUB, NIGHT, ISSUE)
            before = self.report(name)
            self.script(name, STUB, CONFLICT % {"times": 5}, CONTINUE)
            self.assertEqual(self.report(name), before)
            self.script(name, STUB, CONTINUE)
            self.check_issued(name)


@tagged("post_install", "-at_install")
class TestWorkers(ResumeCase):
    def share(self, name, model, method, script=""):
        """Have two workers do at once what there is to do, each after ``script``; give how much they did."""
        with tempfile.TemporaryDirectory() as folder:
            values = {"model": model, "method": method, "folder": folder}
            scripts = [STUB + script + WORKER % {**values, "number": n} for n in range(2)]
            processes = [database.start_script(name, script) for script in scripts]
            for process in processes:
                self.addCleanup(process.kill)
            outputs = [process.communicate(timeout=database.TIMEOUT)[0] for process in processes]
        for process, output in zip(processes, outputs, strict=True):
            self.assertEqual(process.returncode, 0, output[-3000:])
            self.assertNotIn("Traceback", output)
        shares = [int(output[output.rindex("WORK") + 5 :].split()[0]) for output in outputs]
        self.assertGreater(min(shares), 0, f"both work: {shares}")
        return sum(shares)

    def test_two_share_proposing_and_issuing(self):
        with database.copy_of(self.ready, "workers") as name:
            self.script(name, STUB, WORKERS)
            self.assertEqual(self.share(name, "runs", "_propose_batch"), 4, "chunks of 25 customers")
            report = self.report(name)
            self.assertEqual((report["lines"], report["runs"]), (100, ["proposed"]))
            self.script(name, ISSUE)
            self.assertEqual(self.share(name, "notices", "_issue_chunk"), 100)
            self.check_issued(name)

    def test_the_run_is_done_when_two_issue_its_last_notices_at_once(self):
        """Neither of the two sees that the other one's notices have left."""
        with database.copy_of(self.ready, "last") as name:
            self.script(name, STUB, LETTERS_ONLY, WORKERS, CONTINUE, ISSUE)
            self.assertEqual(self.share(name, "notices", "_issue_chunk", TWO_CHUNKS), 100)
            report = self.report(name)
            self.assertEqual((report["notices"], report["runs"]), ([["sent", "letter", 100]], ["done"]))


@tagged("post_install", "-at_install")
class TestWorkerSetting(StubLetters, DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        system = cls.new_user("system", "base.group_system")
        cls.page = cls.settings.with_user(system)

    def workers(self):
        return self.env["ir.cron"]._get_dunning_workers()

    def set_workers(self, count):
        with Form(self.page) as form:
            form.workers = count

    def test_number_of_workers(self):
        self.assertEqual(Form(self.page).workers, 1)
        self.set_workers(3)
        self.assertEqual(len(self.workers()), 3)
        self.assertEqual(len(set(self.workers().mapped("name"))), 3)
        self.assertEqual(Form(self.page).workers, 3)
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
        self.env["ir.cron"]._trigger_dunning()
        self.assertEqual(triggers.search([]).cron_id, self.workers())

    def queue_notices(self):
        """Two of one customer, in two currencies, and one of another wait to be issued."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.invoice(self.partner_a, 12)
        self.invoice(self.partner_a, 12, currency_id=euro.id)
        self.invoice(self.partner_b, 12)
        notices = self.run_day().notice_ids.sudo()
        notices._queue()
        return notices

    def test_a_customer_is_issued_by_one_worker(self):
        """A chunk takes all notices of its customers, however few customers it takes."""
        notices = self.queue_notices()
        with patch.object(issuing, "ISSUE_CHUNK", 1):
            self.assertEqual(notices._issue_next(), 2)
            self.assertEqual(notices.filtered(lambda notice: notice.state == "queued").partner_id, self.partner_b)
            self.assertEqual(notices._issue_next(), 1)
            self.assertEqual(notices._issue_next(), 0)

    def test_what_cannot_be_issued_together_is_issued_alone(self):
        """Each one in a chunk of its own, also several of a customer; a failed one that is queued again is as new."""
        notices = self.queue_notices()

        def render(report, letters):
            if self.partner_b in letters.partner_id:
                raise RuntimeError("This letter is bad")
            return dict.fromkeys(letters.ids, b"%PDF-1.4 stub")

        with patch.object(type(self.env["ir.actions.report"]), "_render_dunning_letters", render):
            self.assertEqual([notices._issue_next() for _chunk in range(5)], [3, 1, 1, 1, 0])
        failed = notices.filtered(lambda notice: notice.state == "failed")
        self.assertEqual((failed.partner_id, failed.failure), (self.partner_b, "This letter is bad"))
        self.assertEqual(set((notices - failed).mapped("state")), {"to_print"})
        failed.action_retry()
        self.assertEqual((failed.state, failed.alone), ("queued", False))

    def test_runs_of_a_company_propose_one_after_the_other(self):
        self.invoice(self.partner_a, 12)
        first, second = self.env["account.dunning.run"].create([{"company_id": self.company.id}] * 2)
        (second + first).action_propose()
        chunks = self.env["account.dunning.run.chunk"]
        self.assertEqual(chunks._take().run_id, first)
        self.work()
        self.assertEqual((len(first.notice_ids), len(second.notice_ids)), (1, 0))
        self.assertEqual(second.skipped_ids.mapped("reason"), ["pending"])
