"""What goes along when a debt, or a part of it, is transferred to another receivable account (rules §6)."""

from odoo.fields import Command
from odoo.tests import tagged

from .test_settlement import SettlementCommon


@tagged("post_install", "-at_install")
class TestTransfer(SettlementCommon):
    def part(self, move, amount):
        """Transfer a part of what the invoice is about; return the new item, which is dunned."""
        entry = self.book(self.item(move), amount, (self.doubtful, amount, {"partner_id": move.partner_id.id}))
        heir = entry.line_ids.filtered(lambda line: line.account_id == self.doubtful)
        heir.no_followup = False
        return heir

    def undo(self, plan):
        plan.sudo()._get_latest_notice()._undo("A mistake", True)
        self.env.cr.precommit.run()

    # undo

    def test_undo_after_a_transfer(self):
        move = self.dunned()
        self.go(10)
        self.dun()
        plan = move.collection_plan_id
        heir = self.transfer(self.item(move))
        self.undo(plan)
        self.assertEqual((heir.dunning_level_id, plan.level_id, plan.state), (self.level_1, self.level_1, "ongoing"))
        self.assertEqual(heir.dunning_item_state_ids.times, 1)
        self.undo(plan)
        self.assertFalse(heir.dunning_level_id)
        self.assertEqual((plan.state, plan.close_reason), ("stopped", "undone"))
        heir.no_followup = False
        self.assertEqual(self.run_day().notice_ids.level_id, self.level_1)

    def test_undo_after_two_transfers_and_of_a_part(self):
        twice, parted = self.dunned(), self.dunned(self.partner_b)
        plans = (twice + parted).collection_plan_ids
        heir = self.transfer(self.item(twice))
        entry = self.book(heir, 100, (self.receivable, 100, {"partner_id": self.partner_a.id}))
        last = entry.line_ids.filtered(lambda line: line.balance == 100)
        part = self.part(parted, 40)
        for plan in plans:
            self.undo(plan)
        for item in (heir, last, self.item(parted), part):
            self.assertFalse(item.dunning_level_id)

    def test_undo_lets_the_new_item_wait(self):
        move = self.dunned()
        heir = self.transfer(self.item(move))
        heir.no_followup = False
        move.collection_plan_id.sudo()._get_latest_notice()._undo("A mistake", False)
        self.assertFalse(self.run_day().notice_ids)
        self.go(7)
        self.assertEqual(self.run_day().notice_ids.line_ids.move_line_id, heir)

    def test_undo_of_what_became_one_item(self):
        """The new item has the level of the one that had reached more; undone is what both were claimed on."""
        first = self.dunned()
        self.go(10)
        second = self.invoice(self.partner_a, 12, 50)
        self.dun()
        self.assertEqual((self.state(first).level_id, self.state(second).level_id), (self.level_2, self.level_1))
        heir = self.transfer(self.item(first) + self.item(second))
        self.assertEqual(heir.dunning_level_id, self.level_2)
        self.undo(first.collection_plan_id)
        self.assertEqual(heir.dunning_level_id, self.level_1)
        self.assertFalse(self.state(second).level_id)

    def test_undo_after_a_reset_to_draft(self):
        move = self.dunned()
        move.button_draft()
        move.invoice_line_ids.price_unit = 90
        move.action_post()
        self.env.cr.precommit.run()
        self.assertEqual(self.state(move).level_id, self.level_1)
        self.state(move).sudo().last_notice_id._undo("A mistake", True)
        self.assertFalse(self.state(move).level_id)

    def test_what_the_new_item_reached_is_the_invoice_s_where_the_transfer_is_undone(self):
        move = self.dunned()
        heir = self.transfer(self.item(move))
        heir.no_followup = False
        self.go(10)
        self.dun()
        heir.move_id._reverse_moves(cancel=True)
        self.env.cr.precommit.run()
        self.assertEqual(self.state(move).level_id, self.level_2)
        self.undo(move.collection_plan_id)
        self.assertEqual(self.state(move).level_id, self.level_1)

    def test_one_debt_becomes_several_items(self):
        move, held = self.dunned(), self.dunned(self.partner_b)
        self.env["account.dunning.hold"].create({"move_id": held.id, "reason_id": self.reason.id})
        plan = move.collection_plan_id
        heirs = []
        for partner, source in ((self.partner_a, move), (self.partner_b, held)):
            parts = [(self.doubtful, amount, {"partner_id": partner.id}) for amount in (60, 40)]
            lines = self.book(self.item(source), 100, *parts).line_ids
            heirs.append(lines.filtered(lambda line: line.account_id == self.doubtful).sorted("balance"))
        for heir in heirs[0] + heirs[1]:
            self.assertEqual(heir.dunning_level_id, self.level_1)
            self.assertEqual(heir.dunning_due_date, self.item(move).dunning_due_date)
        self.assertEqual([len(heir.dunning_hold_ids) for heir in heirs[1]], [1, 1])
        self.assertEqual(heirs[0].mapped("dunning_number"), [move.name] * 2)
        plans = heirs[0].dunning_item_state_ids.plan_id.sorted("amount_due")
        self.assertRecordValues(
            plans,
            [{"state": "ongoing", "amount_due": amount, "level_id": self.level_1.id} for amount in (40, 60)],
        )
        self.assertIn(plan, plans)
        self.undo(plan)
        self.assertFalse(any(heir.dunning_level_id for heir in heirs[0]))

    def test_debts_in_two_currencies_at_once(self):
        """One new item for each currency, as Odoo's wizard makes them, takes the debts in it, whatever the amounts."""
        euros = [self.invoice(self.partner_a, 15, 10, currency_id=self.other_currency.id) for _n in range(2)]
        dollars = [self.invoice(self.partner_a, 15, amount) for amount in (300, 200)]
        self.dun()
        moves = self.env["account.move"].concat(*euros, *dollars)
        heirs = self.transfer(moves.line_ids.filtered(lambda line: line.account_id == self.receivable))
        self.assertEqual(len(heirs), 2)
        for heir, own in (
            (heirs.filtered(lambda line: line.currency_id == self.other_currency), euros),
            (heirs.filtered(lambda line: line.currency_id != self.other_currency), dollars),
        ):
            self.assertEqual(heir.dunning_number, ", ".join(move.name for move in own))
            plan = heir.dunning_item_state_ids.plan_id
            self.assertEqual((plan.currency_id, plan.amount_due), (heir.currency_id, heir.amount_residual_currency))

    # items of entries

    def test_a_dunned_item_of_an_entry(self):
        first, second = self.opening((self.partner_a, 100, "OLD-1", 15), (self.partner_a, 200, "OLD-2", 15))
        self.dun()
        plan, other = first.dunning_item_state_ids.plan_id, second.dunning_item_state_ids.plan_id
        heir = self.transfer(first)
        self.assertRecordValues(
            plan + other,
            [
                {"move_line_id": heir.id, "state": "ongoing", "amount_due": 100},
                {"move_line_id": second.id, "state": "ongoing", "amount_due": 200},
            ],
        )
        self.assertEqual((heir.dunning_number, heir.dunning_level_id), ("OLD-1", self.level_1))
        heir.move_id._reverse_moves(cancel=True)
        self.env.cr.precommit.run()
        self.assertRecordValues(plan, [{"move_line_id": first.id, "state": "ongoing", "amount_due": 100}])

    # parts

    def test_a_part_keeps_its_due_date(self):
        move = self.dunned()
        heir = self.part(move, 40)
        self.go(10)
        notice = self.dun()
        self.assertRecordValues(
            notice.line_ids.sorted("claim"),
            [
                {"move_line_id": line.id, "name": move.name, "level_id": self.level_2.id, "claim": amount}
                for line, amount in ((heir, 40), (self.item(move), 60))
            ],
        )
        self.assertEqual(len(notice.line_ids.plan_id), 2)

    def test_a_due_date_that_the_entry_gives_stays(self):
        move = self.dunned()
        later = self.today.replace(day=20)
        values = {"partner_id": self.partner_a.id, "date_maturity": later}
        entry = self.book(self.item(move), 40, (self.doubtful, 40, values))
        heir = entry.line_ids.filtered(lambda line: line.account_id == self.doubtful)
        self.assertEqual(heir.dunning_due_date, later)

    def test_interest_is_claimed_once(self):
        """40 days in all at ten a day, whatever was transferred: 15 and 10 of the whole, then of both parts."""
        for charges in ("letter", "booked"):
            with self.subTest(charges=charges), self.env.cr.savepoint() as savepoint:
                self.settings.charges = charges
                self.dunning_type.interest_rate_id = self.env["account.dunning.interest.rate"].create(
                    {"name": "Ten", "line_ids": [Command.create({"date": "2000-01-01", "percent": 10})]}
                )
                self.dunning_type.level_ids.interest = True
                move = self.dunned(amount=36500, days=15)
                self.part(move, 14600)
                self.go(10)
                notice = self.dun()
                claimed = notice.amount_interest + (notice.amount_earlier if charges == "booked" else 0)
                self.assertEqual(claimed, 250)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_holds_stops_and_pauses_reach_the_part(self):
        held, contested, stopped, paused = (self.dunned() for _n in range(4))
        holds = self.env["account.dunning.hold"]
        hold = holds.create({"move_id": held.id, "reason_id": self.reason.id})
        holds.create({"move_id": contested.id, "reason_id": self.reason.id, "amount": 60})
        stopped.collection_plan_id.sudo()._stop(self.reason)
        paused.collection_plan_id.sudo()._pause(self.reason, self.today.replace(day=30))
        heirs = [self.part(move, 40) for move in (held, contested, stopped, paused)]
        self.assertEqual((hold.move_id, heirs[0].dunning_hold_ids.reason_id), (held, self.reason))
        self.assertFalse(heirs[1].dunning_hold_ids, "the part that is contested is still open of the invoice")
        self.assertTrue(heirs[2].dunning_item_state_ids.plan_id.keeps_out)
        self.assertEqual(heirs[3].dunning_item_state_ids.plan_id.state, "paused")
        self.go(20)
        self.assertEqual(self.run_day().notice_ids.line_ids.move_line_id, heirs[1])

    def test_a_hold_on_an_invoice_follows_each_instalment(self):
        move = self.dunned()
        hold = self.env["account.dunning.hold"].create({"move_id": move.id, "reason_id": self.reason.id})
        heir = self.part(move, 40)
        rest = self.transfer(self.item(move))
        self.assertEqual((hold.move_line_id, hold.move_id.id), (rest, False))
        self.assertEqual(len(heir.dunning_hold_ids), 1)

    def test_the_plan_of_a_customer_goes_on(self):
        """His balance counts invoices only, and what they have become."""
        self.settings.mode = "customer"
        move, parted = self.invoice(self.partner_a, 15), self.invoice(self.partner_b, 15)
        self.dun()
        plans = self.state(move).plan_id + self.state(parted).plan_id
        heir, part = self.transfer(self.item(move)), self.part(parted, 40)
        self.pay(parted)
        self.assertEqual(plans.mapped("state"), ["ongoing", "ongoing"])
        self.assertEqual((heir + part).dunning_item_state_ids.plan_id, plans)
        balance = self.settings._get_balance()
        shown = self.env["account.move.line"].search(balance.action_open_items()["domain"])
        self.assertEqual(shown & (heir + part), heir + part)
        heir.no_followup = False
        self.go(10)
        self.assertEqual(self.dun().line_ids.mapped("level_id"), self.level_2)
        bank = self.company_data["default_journal_bank"].default_account_id
        self.book(heir, 100, (bank, 100, {}))
        self.book(part, 40, (bank, 40, {}))
        self.assertEqual(plans.mapped("state"), ["recovered", "recovered"])

    def test_a_customer_who_pays_most_of_what_was_transferred(self):
        """What his balance does not count stays open; the plan ends by what he paid, not by the transfers."""
        self.settings.mode = "customer"
        move = self.invoice(self.partner_a, 15)
        [old] = self.opening((self.partner_a, 50, "OLD", 15))
        self.dun()
        plan = self.state(move).plan_id
        heirs = self.transfer(self.item(move)) + self.transfer(old)
        heirs.no_followup = False
        bank = self.company_data["default_journal_bank"].default_account_id
        self.book(heirs[0], 100, (bank, 100, {}))
        self.assertEqual((plan.state, plan.close_reason), ("recovered", "paid"))

    # what was settled

    def test_money_for_the_new_item_is_a_success_of_the_notice_before(self):
        bank = self.company_data["default_journal_bank"].default_account_id
        move, parted = self.dunned(), self.dunned(self.partner_b)
        heir, part = self.transfer(self.item(move)), self.part(parted, 40)
        self.book(heir, 100, (bank, 100, {}))
        self.book(part, 40, (bank, 40, {}))
        self.assertEqual(self.facts(heir.move_id), {"paid": 100})
        self.assertEqual(self.facts(part.move_id), {"paid": 40})

    def test_a_first_letter_that_waits(self):
        move = self.invoice(self.partner_a, 15)
        notice = self.run_day().notice_ids
        self.issue(notice)
        heir = self.transfer(self.item(move))
        self.work()
        self.assertEqual(notice.state, "cancelled")
        heir.no_followup = False
        line = self.run_day().notice_ids.line_ids
        self.assertEqual((line.move_line_id, line.name, line.days_overdue), (heir, move.name, 15))
