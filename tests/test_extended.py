"""Bulk writing where other modules extend what is written: the ORM does it, as they expect."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import tagged

from ..tools.bulk import bulk_insert, bulk_update
from ..tools.extended import is_extended
from . import database
from .common import DunningCommon, StubLetters
from .processes import CONTINUE, ISSUE, STUB, ProcessCase, setup

MODELS = (
    "account.collection.plan",
    "account.dunning.notice",
    "account.dunning.notice.line",
    "account.dunning.item",
    "account.dunning.charge",
    "account.dunning.skipped",
)

# Automation rules on a plan's creation and its level, a field that is computed from the level, one with a default.
RULES = """

env["ir.module.module"].search([("name", "=", "base_automation")]).button_immediate_install()
"""
EXTEND = """
model = env["ir.model"]._get("account.collection.plan")
level = env["ir.model.fields"]._get("account.collection.plan", "level_id")
env["ir.model.fields"].create([
    {"model_id": model.id, "name": "x_level_days", "ttype": "integer", "store": True, "depends": "level_id",
     "compute": "for plan in self: plan['x_level_days'] = plan.level_id.days"},
    {"model_id": env["ir.model"]._get("account.dunning.notice").id, "name": "x_channel", "ttype": "char"},
])
env["ir.default"].set("account.dunning.notice", "x_channel", "post")
for name, trigger, fields in (("opened", "on_create", []), ("level", "on_write", level.ids)):
    rule = env["base.automation"].create({"name": name, "model_id": model.id, "trigger": trigger,
                                          "trigger_field_ids": [(6, 0, fields)]})
    env["ir.actions.server"].create({
        "name": name, "model_id": model.id, "state": "code", "base_automation_id": rule.id,
        "code": f"record.env['ir.config_parameter'].set_param('seen.{name}.%s' % record.id, '1')"})
env.cr.commit()
"""
WORK = """
env["account.dunning.run"].create({}).action_propose()
env.cr.commit()
"""
CHECK = """
plans = env["account.collection.plan"].search([])
assert plans, "no plans"
for plan in plans:
    assert plan.x_level_days == plan.level_id.days > 0, plan.x_level_days
    for name in ("opened", "level"):
        assert env["ir.config_parameter"].get_param(f"seen.{name}.{plan.id}"), name
assert set(env["account.dunning.notice"].search([]).mapped("x_channel")) == {"post"}
"""


@tagged("post_install", "-at_install")
class TestExtended(StubLetters, DunningCommon):
    @contextmanager
    def patched(self, model, name):
        """What base_automation and auditlog do: another method in the class of the registry. Gives the calls."""
        calls, origin = [], getattr(type(model), name)

        def method(records, *args, **kwargs):
            calls.append(args)
            return origin(records, *args, **kwargs)

        with patch.object(type(model), name, method):
            yield calls

    def test_nobody_extends(self):
        for name in MODELS:
            with self.subTest(model=name):
                self.assertFalse(is_extended(self.env[name]))

    def test_patched_methods_are_called(self):
        move = self.invoice(self.partner_a, 12)
        plans, notices = self.env["account.collection.plan"], self.env["account.dunning.notice"]
        with (
            self.patched(plans, "create") as opened,
            self.patched(plans, "write") as changed,
            self.patched(notices, "create") as proposed,
        ):
            self.assertTrue(is_extended(plans))
            self.dun()
        self.assertEqual((len(opened), len(proposed)), (1, 1))
        self.assertTrue(any("level_id" in vals for (vals,) in changed))
        self.assertFalse(is_extended(plans))
        self.assertEqual(move.collection_plan_ids.level_id, self.level_1)
        self.assertEqual(self.state(move).level_id, self.level_1)

    def test_defaults_of_users(self):
        model = self.env["account.dunning.skipped"].sudo()
        self.env["ir.default"].set(model._name, "note", "Always")
        self.assertTrue(is_extended(model))
        run = self.env["account.dunning.run"].create({})
        vals = {"run_id": run.id, "partner_id": self.partner_a.id, "reason": "error", "item_count": 0, "amount": 0.0}
        vals["currency_id"] = self.company.currency_id.id
        rows = bulk_insert(model, [vals, vals | {"item_count": 3}])
        self.assertEqual((rows.mapped("note"), rows.mapped("item_count")), (["Always"] * 2, [0, 3]))
        bulk_update(rows, {row.id: {"item_count": row.item_count + 1} for row in rows})
        self.assertEqual(rows.mapped("item_count"), [1, 4])


@tagged("post_install", "-at_install")
class TestAutomation(ProcessCase):
    """With ``base_automation`` and fields of an administrator, in a database of its own."""

    def test_rules_and_fields(self):
        with database.copy_of(database.installed(), "extended") as name:
            self.script(name, setup(4), RULES)
            self.script(name, EXTEND)
            self.script(name, STUB, WORK, CONTINUE, ISSUE, CONTINUE)
            self.script(name, CHECK)
