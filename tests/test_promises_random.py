import os
import random

from odoo import Command
from odoo.fields import Date
from odoo.tests import tagged

from ..models.desk.judging import JUDGED
from .desk_common import DeskCommon

HISTORIES = int(os.environ.get("HISTORIES", "16"))
FIRST = int(os.environ.get("FIRST", "0"))
DAYS = 8


@tagged("post_install", "-at_install")
class TestPromisesRandom(DeskCommon):
    """Customers live random histories side by side: what is stored of their promises is what the ledger says.

    ``HISTORIES`` says how many, ``FIRST`` with which number they begin.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settings.promise_by_bank = False
        cls.partners = cls.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(FIRST, FIRST + HISTORIES)]
        )
        cls.moves = cls.stage.invoice_each(cls.partners, 20)
        cls.moves += cls.stage.invoice_each(cls.partners, 15)
        cls.histories = {partner: random.Random(FIRST + i) for i, partner in enumerate(cls.partners)}
        cls.refunded, cls.payments = set(), cls.env["account.payment"]

    def test_what_is_stored_is_what_the_ledger_says(self):
        for _day in range(DAYS):
            for partner, chance in self.histories.items():
                self.live(partner, chance)
            self.commit()
            self.compare()
            self.go(1)
            self.promises._judge_due(self.company)
            self.commit()
            self.compare()
        states = self.promises.search([("partner_id", "in", self.partners.ids)]).mapped("state")
        self.assertLessEqual({"kept", "broken", "replaced"}, set(states), "the histories are rich enough")

    def compare(self):
        stored = self.promises.sudo().search(
            [("partner_id", "in", self.partners.ids), ("state", "in", JUDGED)], order="made_on, id"
        )
        judgements = stored._get_judgements(self.company)
        today = self.company._dunning_today()
        for promise, judgement in judgements.items():
            expected = promise._prepare_judged_vals(judgement, today)
            own = {name: promise[name] for name in ("state", "amount_owed", "amount_received")}
            self.assertEqual(
                own, {name: expected[name] for name in own}, f"{promise.partner_id.name} on {today}: {promise.name}"
            )
            self.assertEqual(promise.item_ids.mapped("is_open"), [promise.state == "open"] * len(promise.item_ids))
            held = promise.hold_ids.filtered(lambda hold: not hold.ended_on)
            self.assertEqual(bool(held), promise.state == "open", promise.partner_id.name)

    def live(self, partner, chance):
        """One day of a customer: nothing, or one thing that may happen."""
        events = (self.pay_some, self.pay_free, self.unpay, self.refund, self.make, self.make, self.withdraw)
        if chance.random() < 0.6:
            chance.choice(events)(partner, chance)

    def open_items(self, partner):
        items = (self.moves.filtered(lambda move: move.partner_id == partner)).line_ids
        return items.filtered(lambda line: line.account_type == "asset_receivable" and line.amount_residual > 0)

    def pay_free(self, partner, chance):
        payment = self.payments.create(
            {
                "partner_id": partner.id,
                "payment_type": "inbound",
                "partner_type": "customer",
                "amount": chance.choice((20, 50, 100)),
                "date": Date.subtract(self.today, days=chance.choice((0, 0, 2))),
            }
        )
        payment.action_post()
        type(self).payments += payment
        return payment

    def pay_some(self, partner, chance):
        item = self.open_items(partner)[:1]
        payment = self.pay_free(partner, chance)
        if item and payment.move_id:
            lines = payment.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
            (lines + item).reconcile()

    def unpay(self, partner, chance):
        own = self.payments.filtered(lambda each: each.partner_id == partner and each.state != "draft")
        if own:
            chance.choice(own).action_draft()

    def refund(self, partner, chance):
        move = self.open_items(partner).move_id[:1]
        if move and move not in self.refunded:
            self.refunded.add(move)
            refund = self.env["account.move"].create(
                {
                    "move_type": "out_refund",
                    "partner_id": partner.id,
                    "invoice_date": self.today,
                    "reversed_entry_id": move.id,
                    "invoice_line_ids": [Command.create({"name": "Back", "price_unit": 30, "tax_ids": []})],
                }
            )
            refund.action_post()

    def make(self, partner, chance):
        items = self.open_items(partner)
        if not items:
            return
        items = items[: chance.choice((1, 2))]
        owed = sum(items.mapped("amount_residual"))
        count = chance.choice((1, 1, 2, 3))
        parts = [(Date.add(self.today, days=1 + 2 * index), round(owed / count, 2)) for index in range(count)]
        case = self.cases._get_for(self.company, partner).sudo()
        values = {"agreement": True, "default_days": 3} if count == 3 else {}
        self.settings.promise_tolerance = 1
        self.promises.sudo()._make(case, items.sudo(), parts, user_id=self.collector.id, **values)

    def withdraw(self, partner, chance):
        own = self.promises.search([("partner_id", "=", partner.id), ("state", "=", "open")])
        if own and chance.random() < 0.5:
            own[0].with_user(self.collector).action_withdraw()
