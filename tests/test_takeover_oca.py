"""OCA's ``account_credit_control`` itself duns in a database, then its work is taken over."""

import json
import os
from unittest.mock import patch

from odoo.tests import tagged

from . import database
from .processes import ProcessCase, setup

# Four runs of its policy on 200 items. What the last one made is partly sent: of the rest some lines wait, and some are
# drafts. Then it says what its next run would do.
DUN = """
import json
from odoo.fields import Command
receivable = [("account_type", "=", "asset_receivable"), ("company_ids", "in", company.ids)]
accounts = env["account.account"].search(receivable)
template = env.ref("account_credit_control.email_template_credit_control_base")
steps = (("net_days", 10, "email"), ("net_days", 20, "letter"), ("previous_date", 10, "email"))
steps += (("net_days", 60, "letter"),)
policy = env["credit.control.policy"].create({
    "name": "Policy", "company_id": company.id, "account_ids": [Command.set(accounts.ids)],
    "level_ids": [
        Command.create({
            "name": f"Level {number}", "level": number, "computation_mode": mode, "delay_days": days,
            "channel": channel, "email_template_id": template.id, "custom_text": "Please pay.",
            "custom_mail_text": "<p>Please pay.</p>"})
        for number, (mode, days, channel) in enumerate(steps, 1)
    ]})
company.credit_policy_id = policy
for number, move in enumerate(moves):
    due = date.today() - timedelta(5 + number % 60)
    env.cr.execute("UPDATE account_move SET invoice_date = %s, invoice_date_due = %s, date = %s WHERE id = %s",
                   [due, due, due, move.id])
    env.cr.execute("UPDATE account_move_line SET date_maturity = %s, date = %s, invoice_date = %s WHERE move_id = %s",
                   [due, due, due, move.id])
moves.dunning_posted_on = date.today() - timedelta(70)
env.invalidate_all()

def propose(day):
    run = env["credit.control.run"].create({"date": day, "policy_ids": [Command.set(policy.ids)]})
    run.generate_credit_lines()
    return run

for ago in (40, 28, 15, 4):
    run = propose(date.today() - timedelta(ago))
    lines = run.line_ids.sorted("id")
    run.set_to_ready_lines()
    if ago == 4:
        lines[::5].write({"state": "draft"})
        lines[1::5].write({"state": "email_error"})
    ready = lines.filtered(lambda line: line.state == "to_be_sent")
    communications = env["credit.control.communication"]._generate_comm_from_credit_lines(ready)
    communications._mark_credit_line_as_sent()
    ready.date_sent = run.date
errors = env["credit.control.line"].search([("state", "=", "email_error")])
failed = {line.move_line_id.id: line.level for line in errors}
sent = env["credit.control.line"].search([("state", "=", "sent")])
env.flush_all()
savepoint = env.cr.savepoint()
expected = {line.move_line_id.id: line.level for line in propose(date.today()).line_ids}
savepoint.close(rollback=True)
env.invalidate_all()
expected.update(failed)
env.cr.commit()
print("DUNNED", json.dumps({"expected": expected, "sent": len(sent), "failed": len(failed),
                            "levels": sorted(set(expected.values()))}))
"""
TAKE = """
import json
def take():
    wizard = env["account.dunning.takeover"].create({})
    wizard.source = "oca"
    wizard.action_preview()
    previewed = wizard.summary
    wizard.action_take_over()
    env.cr.commit()
    return bool(previewed)

def count():
    models = ("type", "level", "item", "notice", "notice.line", "takeover.row")
    names = [f"account.dunning.{name}" for name in models] + ["account.collection.plan", "mail.mail", "account.move"]
    return [env[name].search_count([]) for name in names]

before = count()
looks = [take()]
first = count()
looks.append(take())
second = count()
run = env["account.dunning.run"].create({})
run.action_propose()
env.cr.commit()
"""
TELL = """
run = env["account.dunning.run"].search([], order="id desc", limit=1)
lines = run.notice_ids.line_ids
number = {level: number for number, level in enumerate(lines.level_id.type_id.level_ids.sorted("days"), 1)}
print("TAKEN", json.dumps({
    "before": before, "first": first, "second": second, "looks": looks,
    "proposed": [[line.move_line_id.id, number[line.level_id]] for line in lines],
    "types": lines.level_id.type_id.mapped("name"),
    "imported": env["account.dunning.notice.line"].search_count([("notice_id.imported", "=", True)]),
    "review": env["account.dunning.takeover.row"].search_count([("kind", "=", "review")])}))
"""
PROPOSE = """
runs = env["account.dunning.run"]
while runs._continue_next():
    env.cr.commit()
"""


@tagged("post_install", "-at_install")
class TestTakeoverFromOca(ProcessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        path = os.pathsep.join((os.environ["CREDIT_CONTROL"], os.environ["PYTHONPATH"]))
        cls.enterClassContext(patch.dict(os.environ, PYTHONPATH=path))
        cls.name = cls.enterClassContext(database.copy_of(database.installed(), "takeover"))
        result = database.run_odoo(cls.name, "-i", "account_credit_control")
        if result.returncode:
            raise AssertionError(result.stdout[-3000:])

    def told(self, output, mark):
        return json.loads(output[output.rindex(mark) + len(mark) :].split("\n")[0])

    def test_the_next_run_goes_on_where_it_stood(self):
        dunned = self.told(self.script(self.name, setup(200), DUN), "DUNNED")
        self.assertEqual(dunned["levels"], [1, 2, 3, 4], "the case is worth something")
        self.assertGreater(dunned["failed"], 5)
        taken = self.told(self.script(self.name, TAKE, PROPOSE, TELL), "TAKEN")
        proposed = {str(line_id): level for line_id, level in taken["proposed"]}
        self.assertEqual(len(proposed), len(taken["proposed"]), "nothing twice")
        self.assertEqual(proposed, dunned["expected"])
        self.assertEqual(taken["types"], ["Policy"])
        self.assertEqual(taken["imported"], dunned["sent"])
        self.assertEqual(taken["review"], dunned["failed"])
        self.assertEqual(taken["first"], taken["second"], "a second time nothing is new")
        self.assertEqual(taken["before"][-2:], taken["first"][-2:], "nothing was mailed or booked")
