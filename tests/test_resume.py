"""A run that is interrupted goes on where it stopped, and every notice is sent exactly once.

The scheduled action itself runs, with real commits, in processes of its own on a copy of the database.
"""

import json
from textwrap import dedent

from odoo.tests import BaseCase, tagged

from . import database

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


@tagged("post_install", "-at_install")
class TestResume(BaseCase):
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
