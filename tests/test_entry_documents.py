"""Items of journal entries are documents of their own: number, dates, plan, hold, write-off, import (rules §2, §3)."""

import base64
from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import DunningCommon, StubLetters


class EntryCommon(StubLetters, DunningCommon):
    """``self.opening(...)`` posts one entry with an item for each (customer, amount, label, days overdue or None)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settings.invoice_type_ids |= cls.shipped("invoice_type_entry")
        cls.receivable = cls.company_data["default_account_receivable"]
        cls.reason = cls.env["account.dunning.reason"].create({"name": "Complaint"})
        cls.plans = cls.env["account.collection.plan"]

    def opening(self, *items, **values):
        lines = [
            {
                "account_id": self.receivable.id,
                "balance": amount,
                "partner_id": partner.id,
                "name": label,
                **({} if days is None else {"date_maturity": self.today - timedelta(days)}),
            }
            for partner, amount, label, days in items
        ]
        other = {
            "account_id": self.company_data["default_account_assets"].id,
            "balance": -sum(line["balance"] for line in lines),
        }
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": self.company_data["default_journal_misc"].id,
                "date": self.today - timedelta(20),
                "ref": "Opening",
                "line_ids": [Command.create(line) for line in (*lines, other)],
                **values,
            }
        )
        entry.action_post()
        receivable = entry.line_ids.filtered(lambda line: line.account_id == self.receivable).sorted("id")
        receivable.no_followup = False
        return receivable

    def about(self, items):
        """The plans of the items, in their order."""
        plans = self.plans.sudo().search([("move_line_id", "in", items.ids)], order="id")
        return self.plans.sudo().concat(
            *(plans.filtered(lambda plan, item=item: plan.move_line_id == item) for item in items)
        )

    def settle(self, item, amount):
        payment = self.env["account.payment"].create(
            {"partner_id": item.partner_id.id, "payment_type": "inbound", "partner_type": "customer", "amount": amount}
        )
        payment.action_post()
        (payment.move_id.line_ids.filtered(lambda line: line.account_id == item.account_id) + item).reconcile()
        self.env.cr.precommit.run()


@tagged("post_install", "-at_install")
class TestEntryDocuments(EntryCommon):
    def test_each_item_has_its_own_number_and_dates(self):
        items = self.opening(
            (self.partner_a, 100, "R-17", 40), (self.partner_a, 200, "R-31", 15), (self.partner_b, 300, False, None)
        )
        items.move_id.invoice_date_due = self.today + timedelta(30)
        notices = self.run_day().notice_ids
        lines = notices.line_ids.sorted("id")
        by_item = {line.move_line_id: (line.name, line.due_date, line.invoice_date) for line in lines}
        day = self.today - timedelta(20)
        self.assertEqual(
            by_item,
            {
                items[0]: ("R-17", self.today - timedelta(40), day),
                items[1]: ("R-31", self.today - timedelta(15), day),
                items[2]: ("Opening", day, day),
            },
        )

    def test_each_item_has_a_plan(self):
        items = self.opening((self.partner_a, 100, "R-17", 15), (self.partner_a, 200, "R-31", 15))
        self.dun()
        plans = self.about(items)
        self.assertRecordValues(
            plans,
            [
                {"name": "R-17", "move_line_id": items[0].id, "amount_due": 100, "level_id": self.level_1.id},
                {"name": "R-31", "move_line_id": items[1].id, "amount_due": 200, "level_id": self.level_1.id},
            ],
        )
        self.settle(items[0], 100)
        self.assertEqual(plans.mapped("state"), ["recovered", "ongoing"])
        self.assertEqual(plans.mapped("amount_due"), [0, 200])
        self.go(10)
        self.dun()
        self.assertEqual(plans.mapped("level_id"), self.level_1 + self.level_2)

    def test_stopping_one_item_leaves_the_other(self):
        items = self.opening((self.partner_a, 100, "R-17", 15), (self.partner_a, 200, "R-31", 15))
        self.dun()
        first, second = self.about(items)
        first._stop(self.reason)
        self.go(10)
        self.assertEqual(self.dun().line_ids.plan_id, second)

    def test_a_hold_on_one_item_leaves_the_other(self):
        items = self.opening((self.partner_a, 100, "R-17", 15), (self.partner_b, 200, "R-31", 15))
        self.dun()
        first, second = self.about(items)
        action = first.action_hold()
        hold = Form(self.env[action["res_model"]].with_context(**action["context"]))
        hold.reason_id = self.reason
        hold = hold.save()
        self.assertRecordValues(
            hold, [{"move_line_id": items[0].id, "move_id": False, "commercial_partner_id": self.partner_a.id}]
        )
        self.assertTrue(first.hold_banner)
        self.assertFalse(second.hold_banner)
        self.go(10)
        self.assertEqual(self.dun().partner_id, self.partner_b)

    def test_an_entry_itself_cannot_be_held(self):
        items = self.opening((self.partner_a, 100, "R-17", 15), (self.partner_b, 200, "R-31", 15))
        holds = self.env["account.dunning.hold"]
        with self.refused(ValidationError, "choose the item"):
            holds.create({"move_id": items.move_id.id, "reason_id": self.reason.id})
        single = self.opening((self.partner_a, 100, "R-18", 15))
        self.assertEqual(holds.create({"move_id": single.move_id.id, "reason_id": self.reason.id}).move_line_id, single)
        self.assertEqual(single.move_id.action_dunning_hold()["context"]["default_move_line_id"], single.id)
        self.assertEqual(items.move_id.action_dunning_hold()["domain"], [("id", "in", items.ids)])

    def test_writing_off_one_item_leaves_the_other(self):
        items = self.opening((self.partner_a, 100, "R-17", 15), (self.partner_a, 200, "R-31", 15))
        self.dun()
        first, second = self.about(items)
        first._write_off(
            {
                "date": self.today,
                "journal": self.company_data["default_journal_misc"],
                "account": self.company_data["default_account_expense"],
                "tax": False,
                "ref": "Lost",
            }
        )
        self.env.cr.precommit.run()
        self.assertEqual((first + second).mapped("state"), ["unrecovered", "ongoing"])
        self.assertEqual(second.amount_due, 200)
        self.assertEqual(items.mapped("amount_residual"), [0, 200])

    def test_levels_are_imported_by_the_old_numbers(self):
        items = self.opening((self.partner_a, 100, "R-17", 40), (self.partner_a, 200, "R-31", 15))
        unlabelled = self.opening((self.partner_b, 300, False, 15), ref="OLD-5")
        day = self.today - timedelta(1)
        text = "Invoice,Level,Date\n" + "\n".join(f"{n},Test 10,{day}" for n in ("R-17", "R-31", "OLD-5"))
        wizard = self.env["account.dunning.import"].create(
            {"file": base64.b64encode(text.encode()), "filename": "levels.csv"}
        )
        wizard.action_check()
        self.assertEqual(wizard.wrong_count, 0, wizard.line_ids.mapped("error"))
        self.assertEqual(wizard.line_ids.move_line_id, items + unlabelled)
        wizard.action_import()
        self.assertEqual(self.about(items + unlabelled).mapped("name"), ["R-17", "R-31", "OLD-5"])

    def test_one_rule_for_due_dates(self):
        """Without a due date the item's date counts, in lists, filters, amounts and forecast; not the entry's field."""
        item = self.opening((self.partner_a, 100, "R-17", None))
        later = self.opening((self.partner_b, 100, "R-18", None), date=self.today + timedelta(5))
        (item + later).move_id.invoice_date_due = self.today + timedelta(60)
        lines = self.env["account.move.line"]
        mine = [("id", "in", (item + later).ids)]
        self.assertEqual(lines.search([*mine, ("dunning_due_date", "<", self.today)]), item)
        self.assertEqual(lines.search([*mine, ("dunning_due_date", "=", self.today + timedelta(5))]), later)
        groups = lines._read_group(mine, ["dunning_due_date:day"], ["__count"])
        self.assertEqual(len(groups), 2)
        self.assertEqual(self.partner_a.overdue_amount, 100)
        self.assertEqual(self.partner_b.overdue_amount, 0)
        self.assertEqual(self.dun().line_ids.move_line_id, item)
        self.assertEqual(self.about(item).leading_due_date, self.today - timedelta(20))

    def test_the_statement_names_the_documents(self):
        self.opening((self.partner_a, 100, "R-17", 40), (self.partner_a, 200, "R-31", 15))
        [part] = self.env["account.dunning.statement"]._get_statements(self.partner_a)[0]["parts"]
        self.assertEqual([row["name"] for _title, rows in part["sections"] for row in rows], ["R-17", "R-31"])

    def test_the_upgrade_splits_plans_and_holds_on_entries(self):
        items = self.opening(
            (self.partner_a, 100, "R-17", 40), (self.partner_a, 200, "R-31", 15), (self.partner_b, 300, "R-44", 15)
        )
        self.dun()
        first, second, third = self.about(items)
        notice = first.notice_line_ids.notice_id
        # as the releases before had it: one plan for each customer
        (first + third).write({"move_line_id": False, "name": items.move_id.name})
        first.item_state_ids += second.item_state_ids
        second.notice_line_ids.plan_id = first
        first._note("Remember me")
        second.unlink()
        holds = self.env["account.dunning.hold"].create(
            [{"move_line_id": items[0].id, "reason_id": self.reason.id, "amount": amount} for amount in (0, 50)]
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_dunning_hold SET move_line_id = NULL, move_id = %s WHERE id = ANY(%s)",
            (items.move_id.id, holds.ids),
        )
        self.env.invalidate_all()
        self.migration("19.0.1.5.0", "post-entry_plans").migrate(self.env.cr, "19.0.1.4.0")
        self.env.invalidate_all()
        plans = self.about(items)
        self.assertRecordValues(
            plans,
            [
                {"name": "R-17", "amount_due": 100, "amount_opened": 100, "level_id": self.level_1.id},
                {"name": "R-31", "amount_due": 200, "amount_opened": 200, "level_id": self.level_1.id},
                {"name": "R-44", "amount_due": 300, "amount_opened": 300, "level_id": self.level_1.id},
            ],
        )
        self.assertEqual(plans[0], first, "the oldest item keeps the plan and its chatter")
        self.assertEqual(plans.mapped("state"), ["ongoing"] * 3)
        self.assertEqual(plans[1].notice_line_ids.notice_id, notice)
        self.assertEqual(plans[1].opened_on, first.opened_on)
        self.assertEqual(plans.item_state_ids.mapped("level_id"), self.level_1)
        found = self.env["account.dunning.hold"].search([("move_line_id", "in", items.ids)])
        self.assertEqual(
            {(hold.move_line_id.name, hold.amount) for hold in found},
            {("R-17", 0), ("R-31", 0), ("R-44", 0), ("R-44", 50)},
        )
