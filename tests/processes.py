"""Scripts and checks for tests whose work is done by processes of their own, on a copy of a database."""

import json
from textwrap import dedent

from odoo.tests import BaseCase

from . import database

_SETUP = """
from datetime import date, timedelta
company = env.company
company._get_dunning_settings().letter_sent = "made"
partners = env["res.partner"].create(
    [{"name": f"Customer {n}", "street": "1 Main Street", "zip": "1", "city": "Here",
      "email": f"c{n}@example.com" if n % 2 else False} for n in range(customers)]
)
due = date.today() - timedelta(10)
moves = env["account.move"].create(
    [{"move_type": "out_invoice", "partner_id": partner.id, "invoice_date": due, "invoice_date_due": due,
      "invoice_line_ids": [(0, 0, {"name": "Goods", "price_unit": 100.0, "tax_ids": [(5,)]})]}
     for partner in partners]
)
moves.action_post()
moves.dunning_posted_on = due
env.cr.commit()
"""


def setup(customers):
    """Script that makes customers, every other one with an e-mail address, each with an overdue invoice."""
    return f"customers = {customers}\n{_SETUP}"


SETUP = setup(100)

STUB = """
from odoo.addons.account_dunning.models.run import account_dunning_run_chunk
report = type(env["ir.actions.report"])
# Each is another one: Odoo refuses to store what somebody else is just writing.
report._render_dunning_letters = lambda self, notices: {id: b"%%PDF-1.4 %d" % id for id in notices.ids}
account_dunning_run_chunk.ITEMS_PER_CHUNK = 30
runs, notices = type(env["account.dunning.run"]), type(env["account.dunning.notice"])
"""

NIGHT = 'env.ref("account_dunning.ir_cron_dunning_nightly").method_direct_trigger()\n'
ISSUE = """
env.cr.commit()
env["account.dunning.notice"].search([("state", "=", "proposed")])._queue()
env.cr.commit()
"""
# As a server does, until the scheduled action does not want to be called again at once: it works ten seconds or so.
CONTINUE = """
cron, more = env.ref("account_dunning.ir_cron_dunning_continue"), True
while more:
    cron.method_direct_trigger()
    env.cr.commit()
    more = env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id), ("call_at", "<=", env.cr.now())])
"""

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


class ProcessCase(BaseCase):
    @classmethod
    def prepare(cls, source, name, script):
        """Give a database for all tests of the class: a copy of ``source`` in which ``script`` has run."""
        target = cls.enterClassContext(database.copy_of(source, name))
        result = database.run_script(target, script)
        if result.returncode:
            raise AssertionError(result.stdout[-3000:])
        return target

    def script(self, name, *parts, code=0, **options):
        result = database.run_script(name, "".join(dedent(part) for part in parts), **options)
        self.assertEqual(result.returncode, code, result.stdout[-3000:])
        return result.stdout

    def report(self, name, *parts):
        """What there is in the end, after these parts of a script."""
        output = self.script(name, *parts, REPORT)
        return json.loads(output[output.rindex("REPORT") + 6 :].split("\n")[0])

    def check_issued(self, name):
        """Everything left once: letters are sent, e-mails wait in the queue of Odoo, and the run for them."""
        report = self.report(name)
        self.assertEqual(report["notices"], [["queued", "email", 50], ["sent", "letter", 50]])
        self.assertEqual((report["numbers"], report["mails"], report["letters"]), (100, 50, 100))
        self.assertEqual((report["plans"], report["times"], report["lines"]), (50, [1], 100))
        self.assertEqual(report["runs"], ["issuing"])
