"""What counts as money, and where a debt goes that is transferred (rules §6)."""

from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .test_entry_documents import EntryCommon


class SettlementCommon(EntryCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.doubtful = cls.env["account.account"].create(
            {"name": "Doubtful Debtors", "code": "121900", "account_type": "asset_receivable", "reconcile": True}
        )
        cls.misc = cls.company_data["default_journal_misc"]
        cls.expense = cls.company_data["default_account_expense"]
        cls.payable = cls.company_data["default_account_payable"]

    def book(self, item, amount, *others, **values):
        """Settle ``amount`` of ``item`` by an entry against ``others``: (account, amount, values); return the entry."""
        lines = [{"account_id": item.account_id.id, "balance": -amount, "partner_id": item.partner_id.id}]
        lines += [{"account_id": account.id, "balance": part, **more} for account, part, more in others]
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": self.misc.id,
                "date": self.today,
                "line_ids": [Command.create(line) for line in lines],
                **values,
            }
        )
        entry.action_post()
        (item + entry.line_ids.filtered(lambda line: line.balance == -amount)[:1]).reconcile()
        self.env.cr.precommit.run()
        return entry

    def transfer(self, items):
        """Transfer items to the doubtful debtors, as Odoo's wizard does; return the new items."""
        wizard = (
            self.env["account.automatic.entry.wizard"]
            .with_context(active_model="account.move.line", active_ids=items.ids)
            .create(
                {
                    "action": "change_account",
                    "journal_id": self.misc.id,
                    "destination_account_id": self.doubtful.id,
                    "date": self.today,
                }
            )
        )
        entry = self.env["account.move"].browse(wizard.do_action()["res_id"])
        self.env.cr.precommit.run()
        return entry.line_ids.filtered(lambda line: line.account_id == self.doubtful)

    def dunned(self, partner=None, amount=100.0, days=15):
        """An invoice with a plan at the first level."""
        move = self.invoice(partner or self.partner_a, days, amount)
        self.dun()
        return move

    def facts(self, *moves):
        """The amounts of the analysis by kind, of what was settled of the invoices."""
        self.env.flush_all()
        ids = [move.id for move in moves]
        rows = self.env["account.dunning.analysis"].search([("move_id", "in", ids)])
        kinds = ("paid", "set_off", "credited", "written_off", "transferred")
        sums = {kind: sum(rows.mapped(f"amount_{kind}")) for kind in kinds}
        return {kind: amount for kind, amount in sums.items() if amount}


@tagged("post_install", "-at_install")
class TestSettlement(SettlementCommon):
    def assertEnds(self, move, state, reason, facts):
        self.assertEqual((move.collection_plan_id.state, move.collection_plan_id.close_reason), (state, reason))
        self.assertEqual(self.facts(move), facts)

    def test_money(self):
        bank = self.company_data["default_journal_bank"].default_account_id
        by_hand, paid = self.dunned(), self.dunned()
        self.book(self.item(by_hand), 100, (bank, 98, {}), (self.expense, 2, {}))
        self.pay(paid)
        for move in (by_hand, paid):
            self.assertEnds(move, "recovered", "paid", {"paid": 100})

    def test_outstanding_receipts_are_money(self):
        account = self.env["account.account"].create(
            {"name": "Receipts", "code": "101499", "account_type": "asset_current", "reconcile": True}
        )
        self.company_data["default_journal_bank"].inbound_payment_method_line_ids[:1].payment_account_id = account
        move = self.dunned()
        self.book(self.item(move), 100, (account, 100, {}))
        self.assertEnds(move, "recovered", "paid", {"paid": 100})

    def test_expense_or_income_is_a_write_off(self):
        move = self.dunned()
        self.book(self.item(move), 100, (self.expense, 100, {}))
        self.assertEnds(move, "unrecovered", "written_off", {"written_off": 100})

    def test_a_payable_of_the_customer_is_a_set_off(self):
        own, foreign = self.dunned(), self.dunned(self.partner_b)
        self.book(self.item(own), 100, (self.payable, 100, {"partner_id": self.partner_a.id}))
        self.book(self.item(foreign), 100, (self.payable, 100, {"partner_id": self.partner_a.id}))
        self.assertEnds(own, "recovered", "set_off", {"set_off": 100})
        self.assertEnds(foreign, "stopped", "transferred", {"transferred": 100})

    def test_other_balances_are_transferred(self):
        move = self.dunned()
        self.book(self.item(move), 100, (self.company_data["default_account_assets"], 100, {}))
        self.assertEnds(move, "stopped", "transferred", {"transferred": 100})

    def test_a_receivable_that_was_paid_before_is_money(self):
        """The customer's payment stands in another receivable account, from where an entry takes it."""
        move = self.dunned()
        other = {"partner_id": self.partner_a.id}
        payment = self.env["account.payment"].create(
            {
                **other,
                "payment_type": "inbound",
                "partner_type": "customer",
                "amount": 100,
                "date": self.today,
                "destination_account_id": self.doubtful.id,
            }
        )
        payment.action_post()
        entry = self.env["account.move"].create(
            {
                "journal_id": self.misc.id,
                "date": self.today,
                "line_ids": [
                    Command.create({"account_id": self.doubtful.id, "balance": 100, **other}),
                    Command.create({"account_id": self.receivable.id, "balance": -100, **other}),
                ],
            }
        )
        entry.action_post()
        (payment.move_id + entry).line_ids.filtered(lambda line: line.account_id == self.doubtful).reconcile()
        (self.item(move) + entry.line_ids.filtered(lambda line: line.balance == -100)).reconcile()
        self.env.cr.precommit.run()
        self.assertEnds(move, "recovered", "paid", {"paid": 100})

    def test_the_largest_kind_decides_and_ties_go_to_the_last(self):
        for paid, reason in ((60, "paid"), (40, "written_off"), (50, "written_off")):
            with self.subTest(paid=paid), self.env.cr.savepoint() as savepoint:
                move = self.dunned()
                self.pay(move, paid)
                self.book(self.item(move), 100 - paid, (self.expense, 100 - paid, {}))
                self.assertEqual(move.collection_plan_id.close_reason, reason)
                self.assertEqual(self.facts(move), {"paid": paid, "written_off": 100 - paid})
                savepoint.rollback()
                self.env.invalidate_all()

    def test_what_came_before_the_plan_does_not_decide(self):
        move = self.invoice(self.partner_a, 12)
        self.pay(move, 80)
        self.go(3)
        self.dun()
        self.book(self.item(move), 20, (self.expense, 20, {}))
        self.assertEqual(move.collection_plan_id.close_reason, "written_off")

    # transfers

    def test_a_transferred_debt_goes_on(self):
        move = self.dunned(amount=1000, days=25)
        plan = move.collection_plan_id
        heir = self.transfer(self.item(move))
        self.assertRecordValues(
            plan,
            [
                {
                    "state": "ongoing",
                    "name": move.name,
                    "move_line_id": heir.id,
                    "level_id": self.level_1.id,
                    "amount_due": 1000,
                    "leading_due_date": self.item(move).date_maturity,
                }
            ],
        )
        self.assertEqual(self.facts(move), {"transferred": 1000})
        self.assertEqual(move.collection_plan_id, plan)
        heir.no_followup = False
        self.go(10)
        notice = self.dun()
        self.assertRecordValues(notice.line_ids, [{"name": move.name, "level_id": self.level_2.id, "plan_id": plan.id}])
        bank = self.company_data["default_journal_bank"].default_account_id
        self.book(heir, 1000, (bank, 1000, {}))
        self.assertEqual((plan.state, plan.close_reason), ("recovered", "paid"))
        self.assertEqual(self.facts(move, heir.move_id), {"transferred": 1000, "paid": 1000})

    def test_several_invoices_in_one_new_item(self):
        moves = self.invoice(self.partner_a, 15) + self.invoice(self.partner_a, 14, 50)
        self.dun()
        plans = moves.collection_plan_ids.sorted("id")
        heir = self.transfer(moves.line_ids.filtered(lambda line: line.account_id == self.receivable))
        self.assertEqual(plans.mapped("state"), ["ongoing", "stopped"])
        self.assertEqual(plans.mapped("close_reason"), [False, "transferred"])
        self.assertEqual(plans[0].amount_due, 150)
        self.assertEqual(heir.dunning_number, ", ".join(moves.mapped("name")))
        self.assertEqual(heir.dunning_level_id, self.level_1)

    def test_a_part_that_is_transferred_keeps_its_level(self):
        move = self.dunned()
        entry = self.book(self.item(move), 40, (self.doubtful, 40, {"partner_id": self.partner_a.id}))
        heir = entry.line_ids.filtered(lambda line: line.account_id == self.doubtful)
        plan = move.collection_plan_id
        self.assertRecordValues(plan, [{"state": "ongoing", "amount_due": 60, "move_line_id": False}])
        self.assertEqual((heir.dunning_level_id, heir.dunning_number), (self.level_1, move.name))
        self.assertEqual(heir.dunning_due_date, self.item(move).dunning_due_date)
        part = heir.dunning_item_state_ids.plan_id
        self.assertRecordValues(
            part, [{"state": "ongoing", "amount_due": 40, "move_line_id": heir.id, "level_id": self.level_1.id}]
        )

    def test_stops_and_holds_follow_a_transfer(self):
        stopped, held = self.dunned(), self.dunned(self.partner_b)
        stopped.collection_plan_id.sudo()._stop(self.reason)
        hold = self.env["account.dunning.hold"].create({"move_id": held.id, "reason_id": self.reason.id})
        heirs = self.transfer(self.item(stopped)) + self.transfer(self.item(held))
        heirs.no_followup = False
        self.assertEqual(hold.move_line_id, heirs[1])
        self.go(20)
        self.assertFalse(self.run_day().notice_ids)

    def test_what_was_charged_before_a_transfer_is_not_charged_again(self):
        self.settings.charges = "booked"
        self.dunning_type.interest_rate_id = self.env["account.dunning.interest.rate"].create(
            {"name": "Ten", "line_ids": [Command.create({"date": "2000-01-01", "percent": 10})]}
        )
        self.dunning_type.level_ids.interest = True
        move = self.dunned(amount=36500, days=15)
        heir = self.transfer(self.item(move))
        heir.no_followup = False
        self.go(10)
        notice = self.dun()
        self.assertEqual((notice.amount_interest, notice.amount_earlier), (100, 150), "ten more days at ten a day")

    def test_a_transfer_that_is_undone(self):
        move = self.dunned()
        plan = move.collection_plan_id
        heir = self.transfer(self.item(move))
        heir.move_id._reverse_moves(cancel=True)
        self.env.cr.precommit.run()
        self.assertEqual(self.item(move).amount_residual, 100)
        self.assertRecordValues(
            plan, [{"state": "ongoing", "move_id": move.id, "move_line_id": False, "amount_due": 100}]
        )


@tagged("post_install", "-at_install")
class TestAnalysisOfDay(SettlementCommon):
    def test_a_payment_before_the_notice_of_the_same_day_is_no_success_of_it(self):
        move = self.invoice(self.partner_a, 15)
        self.pay(move, 30)
        self.dun()
        self.assertEqual(self.facts(move), {})
        self.pay(move, 20)
        self.assertEqual(self.facts(move), {"paid": 20})
        self.go(10)
        self.pay(move, 10)
        second = self.dun()
        self.pay(move, 40)
        rows = self.env["account.dunning.analysis"].search([("move_id", "=", move.id), ("kind", "=", "paid")])
        levels = {(row.amount_paid, row.level_id) for row in rows}
        self.assertEqual(levels, {(20, self.level_1), (10, self.level_1), (40, second.level_id)})


@tagged("post_install", "-at_install")
class TestPlansOfInvoices(SettlementCommon):
    def test_plan_and_level_are_searched_and_grouped(self):
        first, second, none = self.dunned(), self.dunned(self.partner_b), self.invoice(self.partner_a, -30)
        self.go(10)
        self.dun()
        moves = self.env["account.move"]
        mine = [("id", "in", (first + second + none).ids)]
        plan = first.collection_plan_id
        self.assertEqual(moves.search([*mine, ("collection_plan_id", "=", plan.id)]), first)
        self.assertEqual(moves.search([*mine, ("collection_plan_id", "=", False)]), none)
        self.assertEqual(moves.search([*mine, ("collection_plan_id", "!=", False)]), first + second)
        self.assertEqual(moves.search([*mine, ("collection_plan_id.state", "=", "ongoing")]), first + second)
        self.assertEqual(moves.search([*mine, ("collection_plan_id", "ilike", plan.name)]), first)
        self.assertEqual(moves.search([*mine, ("dunning_level_id", "=", self.level_2.id)]), first + second)
        self.assertEqual(moves.search([*mine, ("dunning_level_id", "ilike", "Test 20")]), first + second)
        self.assertEqual(moves.search([*mine, ("dunning_level_id", "!=", self.level_2.id)]), none)
        groups = dict(moves._read_group(mine, ["dunning_level_id"], ["__count"]))
        self.assertEqual(groups, {self.level_2: 2, self.level_2.browse(): 1})
        self.assertEqual(len(moves.web_read_group(mine, ["collection_plan_id"])["groups"]), 3)
        late = self.today - timedelta(1)
        self.assertEqual(moves.search([*mine, ("collection_plan_id.opened_on", "<", late)]), first + second)
