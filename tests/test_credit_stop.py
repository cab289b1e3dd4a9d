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
