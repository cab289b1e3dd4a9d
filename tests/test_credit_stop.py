"""The credit stop: asked at every posting, for the customer as he is then; what is paid at once is no credit."""

from types import SimpleNamespace
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .test_consequences import ConsequencesCommon


@tagged("post_install", "-at_install")
class TestCreditStop(ConsequencesCommon):
    def setUp(self):
        super().setUp()
        self.raise_level()

    def transaction(self, moves, amount, partner=None):
        provider = self.env["payment.provider"].search([("code", "=", "demo")], limit=1)
        return self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": provider.payment_method_ids[:1].id,
                "amount": amount,
                "currency_id": moves.currency_id.id,
                "partner_id": (partner or self.partner_a).id,
                "state": "done",
                "invoice_ids": [Command.set(moves.ids)],
            }
        )

    def test_an_invoice_that_changes_its_customer(self):
        move = self.draft(self.partner_b)
        move.action_post()
        move.button_draft()
        move.partner_id = self.partner_a
        with self.refused(UserError, "credit stop"):
            move.with_user(self.clerk).action_post()
        move.partner_id = self.partner_b
        move.with_user(self.clerk).action_post()

    def test_every_way_of_confirming(self):
        """An invoice of another customer is reset, given to one on credit stop, and confirmed."""
        dialogs = self.env["validate.account.move"].with_user(self.clerk)
        for name, confirm in (
            ("button", lambda move: move.action_post()),
            ("at once", lambda move: move._post(soft=False)),
            ("on its day", lambda move: move._post(soft=True)),
            ("dialog", lambda move: dialogs.create({"move_ids": [Command.set(move.ids)]}).validate_move()),
            ("written", lambda move: move.write({"state": "posted"})),
            ("cancelled before", lambda move: (move.button_cancel(), move.write({"state": "posted"}))),
        ):
            move = self.draft(self.partner_b)
            move.action_post()
            move.button_draft()
            move.partner_id = self.partner_a
            with self.subTest(name), self.refused(UserError, "credit stop"):
                confirm(move.with_user(self.clerk))
            self.assertNotEqual(move.state, "posted", name)

    def test_what_becomes_of_an_older_invoice(self):
        """A credit note is no credit; what replaces the invoice, or charges more, is."""
        old = self.plan.move_id
        dialog = self.env["account.move.reversal"].with_context(active_model="account.move", active_ids=old.ids)
        dialog = dialog.create({"journal_id": old.journal_id.id, "reason": "Wrong"})
        new = self.env["account.move"].browse(dialog.modify_moves()["res_id"])
        self.assertEqual((old.reversal_move_ids.state, new.move_type, new.state), ("posted", "out_invoice", "draft"))
        self.env.cr.precommit.run()
        self.assertFalse(self.stopped(), "nothing is due any more")
        self.env["account.dunning.consequence"].sudo()._get_for(self.company, self.partner_a)._choose(True)
        debit = self.env["account.debit.note"].with_context(active_model="account.move", active_ids=old.ids)
        more = self.env["account.move"].browse(debit.create({"copy_lines": True}).create_debit()["res_id"])
        for move in (new, more):
            with self.refused(UserError, "credit stop"):
                move.with_user(self.clerk).action_post()

    def test_a_recurring_invoice_stops_with_credit(self):
        self.env["account.dunning.consequence"].sudo()._get_for(self.company, self.partner_a)._choose(False)
        first = self.draft(auto_post="monthly", date=self.today)
        first.action_post()
        following = self.env["account.move"].search([("auto_post_origin_id", "=", first.id), ("state", "=", "draft")])
        self.assertTrue(following)
        self.env["account.dunning.consequence"].sudo()._get_for(self.company, self.partner_a)._choose(True)
        self.go(40)
        with self.enter_registry_test_mode():
            self.env.ref("account.ir_cron_auto_post_draft_entry").method_direct_trigger()
        self.assertEqual(following.state, "draft")
        self.assertTrue(self.notes(following, "could not be posted for the following reason: Invoices cannot be"))

    def test_nobody_calls_an_invoice_one_of_charges(self):
        notice = self.plan._get_latest_notice()
        user = self.new_user("both", "account.group_account_invoice,account_dunning.group_dunning_manager")
        move = self.draft()
        with self.refused(AccessError, "follows the work of dunning"):
            move.with_user(user).dunning_notice_id = notice
        with self.refused(UserError, "credit stop"):
            move.with_user(user).action_post()

    def test_payments_of_others_or_of_less(self):
        for amount, partner, passes in ((49.0, None, False), (50.0, self.partner_b, False), (50.0, None, True)):
            move = self.draft()
            self.transaction(move, amount, partner)
            self.assertEqual(move._passes_credit_stop(), passes)
        other = self.draft()
        both = move + other
        self.transaction(both, 50.0)
        move.action_post()
        self.assertFalse(other._passes_credit_stop(), "that money has paid the other invoice")

    def test_orders_of_a_point_of_sale(self):
        """Paid there they pass, on the customer's account not. The module itself is not installed in this database."""
        for kinds, paid, passes in (
            (["cash"], True, True),
            (["cash", "bank"], True, True),
            (["cash"], False, False),
            (["cash", "pay_later"], True, False),
            (None, True, False),
        ):
            orders = kinds and [self.order(kinds, paid)]
            move = self.draft()
            with self.subTest(kinds=kinds), self.patched_orders(orders or ()):
                self.assertEqual(move._passes_credit_stop(), passes)
                if passes:
                    move.action_post()
                else:
                    with self.refused(UserError, "credit stop"):
                        move.action_post()

    def order(self, kinds, paid):
        """What an order of the point of sale is for the credit stop."""
        method = SimpleNamespace(mapped=lambda _name: kinds)
        return SimpleNamespace(_is_pos_order_paid=lambda: paid, payment_ids=SimpleNamespace(payment_method_id=method))

    def patched_orders(self, orders):
        return patch.object(type(self.env["account.move"]), "_get_counter_orders", lambda move: orders)


@tagged("post_install", "-at_install")
class TestTrace(ConsequencesCommon):
    """What the module notes in the chatter stays as it is; comments stay people's own."""

    def test_notes_are_neither_changed_nor_deleted(self):
        user = self.new_user("both", "account.group_account_manager,account_dunning.group_dunning_manager")
        hold = (
            self.env["account.dunning.hold"]
            .with_user(user)
            .create({"partner_id": self.partner_b.id, "reason_id": self.shipped("reason_dispute").id})
        )
        run = self.env["account.dunning.run"].with_user(user).create({})
        notice = self.plan._get_latest_notice().with_user(user)
        for record in (self.plan.with_user(user), hold, run, notice):
            record.sudo()._message_log(body="Level 1 was sent.")
            note = record.message_ids[:1].with_user(user)
            note.read(["body"])
            for attempt in (
                lambda note=note: note.write({"body": "Nothing was sent."}),
                note.unlink,
                lambda record=record, note=note: record.write({"message_ids": [Command.delete(note.id)]}),
                lambda record=record, note=note: record._message_update_content(note, body="Nothing"),
            ):
                with self.subTest(record=record), self.refused((AccessError, UserError), ""):
                    attempt()
            self.assertIn("Level 1 was sent.", note.body)

    def test_comments_are_people_s_own(self):
        plan = self.plan.with_user(self.collector)
        comment = plan.message_post(body="Called", message_type="comment")
        comment.write({"body": "Called twice"})
        comment.unlink()
