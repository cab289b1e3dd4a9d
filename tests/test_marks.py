"""Each table that the reader reads marks the customers of whom a change in it decides."""

from contextlib import contextmanager

from odoo.fields import Command
from odoo.tests import tagged

from ..models.run import marks
from .night import NightCommon


@tagged("post_install", "-at_install")
class TestMarks(NightCommon):
    @contextmanager
    def marked(self, *partners):
        """What runs inside marks the ``partners``, and nobody else."""
        self.settle()
        self.env.cr.execute("DELETE FROM account_dunning_change")
        yield
        self.settle()
        self.env.cr.execute("SELECT DISTINCT company_ref, customer_ref FROM account_dunning_change")
        self.assertEqual(set(self.env.cr.fetchall()), {(self.company.id, partner.id) for partner in partners})

    def test_invoice(self):
        with self.marked():
            move = self.env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.partner_a.id,
                    "invoice_line_ids": [Command.create({"name": "Goods", "price_unit": 5.0, "tax_ids": []})],
                }
            )
        with self.marked(self.partner_a):
            move.action_post()
        with self.marked(self.partner_a):
            self.item(move).date_maturity = "2026-07-01"
        with self.marked(self.partner_a):
            self.item(move).no_followup = True
        with self.marked(self.partner_a):
            move.button_draft()
        with self.marked():
            move.ref = "A reference"

    def test_bill(self):
        with self.marked():
            self.invoice(self.partner_a, 5, move_type="in_invoice")

    def test_what_is_said_of_an_invoice(self):
        move = self.invoice(self.partner_a, 5)
        with self.marked(self.partner_a):
            move.dunning_type_id = self.dunning_type
        with self.marked(self.partner_a):
            move.payment_state = "blocked"
        with self.marked():
            move.invoice_origin = "Somewhere"

    def test_another_customer(self):
        move = self.invoice(self.partner_a, 5)
        with self.marked(self.partner_a, self.partner_b):
            self.item(move).partner_id = self.partner_b

    def test_payment(self):
        move, other = self.invoice(self.partner_a, 5), self.invoice(self.partner_b, 5)
        with self.marked(self.partner_a):
            payment = self.pay(move)
        with self.marked(self.partner_a):
            payment.action_reject()
        with self.marked(self.partner_a):
            self.item(move).remove_move_reconcile()
        with self.marked(self.partner_b):
            payment.invoice_ids += other

    def test_payment_on_account(self):
        with self.marked(self.partner_a):
            payment = self.env["account.payment"].create({"partner_id": self.partner_a.id, "amount": 20.0})
            payment.action_post()
        with self.marked(self.partner_a):
            self.env.cr.execute("UPDATE account_payment SET state = 'canceled' WHERE id = %s", payment.ids)

    def test_reconciliation(self):
        self.pay(self.invoice(self.partner_a, 5))
        with self.marked(self.partner_a):
            self.env.cr.execute("UPDATE account_partial_reconcile SET amount = 1")

    def test_online_payment(self):
        move = self.invoice(self.partner_a, 5)
        transaction = self.env["payment.transaction"].create(
            {
                "provider_id": self.env["payment.provider"].search([], limit=1).id,
                "payment_method_id": self.env["payment.method"].search([], limit=1).id,
                "reference": "TX-1",
                "amount": 100.0,
                "currency_id": self.company.currency_id.id,
                "partner_id": self.partner_a.id,
            }
        )
        with self.marked(self.partner_a):
            transaction.invoice_ids = move
        with self.marked(self.partner_a):
            transaction._set_pending()
        with self.marked(self.partner_a):
            transaction.last_state_change = "2026-05-20 10:00:00"
        with self.marked(self.partner_a):
            transaction.invoice_ids = False

    def test_holds(self):
        move = self.invoice(self.partner_a, 5)
        reason = self.shipped("reason_dispute").id
        for target in (
            {"partner_id": self.partner_a.id},
            {"move_id": move.id},
            {"move_line_id": self.item(move).id},
        ):
            with self.marked(self.partner_a):
                hold = self.env["account.dunning.hold"].create({"reason_id": reason, **target})
            with self.marked(self.partner_a):
                hold.date_until = "2026-08-01"
            with self.marked(self.partner_a):
                hold.action_end()
            with self.marked(self.partner_a):
                hold.sudo().unlink()

    def test_what_dunning_does(self):
        move = self.invoice(self.partner_a, 12)
        with self.marked():
            run = self.run_day()
        with self.marked():
            run.notice_ids.action_issue()
        with self.marked(self.partner_a):
            self.work()
            run.notice_ids._confirm_printed()
        state, plan = self.state(move).sudo(), move.sudo().collection_plan_ids
        with self.marked(self.partner_a):
            state.not_before = "2026-08-01"
        with self.marked():
            plan.write({"next_date": "2026-08-01", "amount_due": 1.0})
        with self.marked(self.partner_a):
            plan.state = "paused"
        with self.marked(self.partner_a):
            state.unlink()
        with self.marked(self.partner_a):
            run.sudo().notice_ids.state = "cancelled"

    def test_notices_that_did_not_leave(self):
        self.invoice(self.partner_a, 12)
        run = self.run_day()
        with self.marked(self.partner_a):
            run.notice_ids.sudo()._exclude("A reason")
        other = self.run_day()
        with self.marked(self.partner_a):
            other.sudo().unlink()

    def test_actions(self):
        self.invoice(self.partner_a, 12)
        notice = self.dun()
        action = self.env["account.dunning.action"].create({"name": "Call", "blocking": True})
        plan = notice.line_ids.plan_id
        with self.marked(self.partner_a):
            action._schedule(plan)
        with self.marked(self.partner_a):
            plan.activity_ids.filtered("dunning_action_id").action_done()
        with self.marked():
            plan.activity_schedule("mail.mail_activity_data_todo", user_id=self.env.uid)

    def test_marks_that_no_night_asks_for(self):
        """They do not heap up where no night reads them: no type, no scheduled action."""

        def is_marked():
            self.settle()
            self.env["account.dunning.change"].sudo()._gc_unasked()
            return bool(self.env["account.dunning.change"].sudo()._find(self.company, self.partner_a.ids))

        self.invoice(self.partner_a, 3)
        self.assertFalse(is_marked(), "the first night reads everybody")
        self.runs._start_nightly(self.company)
        self.invoice(self.partner_a, 3)
        self.assertTrue(is_marked(), "a night under way has perhaps read the customer before")
        self.propose()
        self.invoice(self.partner_a, 3)
        self.assertTrue(is_marked(), "the next night asks")
        self.go(31)
        self.assertTrue(is_marked(), "a night that begins right now finds it")
        self.assertFalse(is_marked(), "nobody asked for a month")
        self.check_night(reads_all=True)

    def test_a_missing_trigger_is_found(self):
        changes = self.env["account.dunning.change"]
        self.assertTrue(changes._is_watching())
        self.env.cr.execute(f"ALTER TABLE account_move DISABLE TRIGGER {marks.PREFIX}account_move_update")
        self.assertFalse(changes._is_watching())
        self.env.cr.execute(f"ALTER TABLE account_move ENABLE TRIGGER {marks.PREFIX}account_move_update")
        self.assertTrue(changes._is_watching())
        marks.drop_triggers(self.env.cr)
        self.assertFalse(changes._is_watching())
        changes._watch()
        self.assertTrue(changes._is_watching())

    def test_all_tables_of_the_reader_are_watched(self):
        """A table that is read from now on needs a trigger, or an entry here that says how its changes are found."""
        self.assertEqual(
            set(marks.WATCHED),
            {
                *("account_move_line", "account_move", "account_partial_reconcile", "account_payment"),
                *("account_move__account_payment", "account_invoice_transaction_rel", "payment_transaction"),
                *("account_dunning_item", "account_collection_plan", "account_dunning_hold", "mail_activity"),
                *("account_dunning_notice", "account_dunning_notice_line", "account_dunning_item_transaction_rel"),
            },
        )
