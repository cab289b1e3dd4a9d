"""Paying on the customer's page (rules §13), over real HTTP with the demo provider: exactly what was ticked."""

from datetime import timedelta

from odoo.tests import tagged
from odoo.tests.common import JsonRpcException

from .common import TODAY
from .portal_common import LATER, PortalCommon


class PayCommon(PortalCommon):
    def plans(self):
        """The plans of the invoices that are paid with what is overdue; of the other one an instalment is open."""
        return (self.partly + self.small + self.contacts).collection_plan_ids

    def to_do(self):
        """What people are asked to do about the case, or about payments."""
        activities = self.env["mail.activity"].search([("res_model", "=", "account.payment")])
        return self.tasks() + activities

    def credit(self, amount, **values):
        """A payment of the customer that is matched with nothing."""
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.ann.id,
                "payment_type": "inbound",
                "partner_type": "customer",
                "amount": amount,
                "date": self.today,
                **values,
            }
        )
        payment.action_post()
        return payment

    def payments(self):
        return self.env["account.payment"].search([("payment_transaction_id", "!=", False)])


@tagged("post_install", "-at_install")
class TestPay(PayCommon):
    def test_what_is_open_is_asked_for(self):
        """Core asks for 150: invoice totals, without the contact's and without the instalment."""
        page = self.get()
        self.assertEqual({int(each) for each in page.filled("pay")["item_ids"]}, set(self.overdue.ids))
        self.assertEqual(page.offered(), {*self.overdue.ids, self.rest.id}, "the rest is not due, but can be paid")
        self.assertIn("280.00", page.text)
        for move in self.debts:
            self.assertIn(move.name, page.text)

    def test_paying_it_settles_four_items(self):
        form = self.tick(self.overdue)
        self.assertEqual(float(form.payment["amount"]), 280.0)
        self.assertIn("280.00", form.text)
        transaction = self.begin(form)
        self.assertRecordValues(
            transaction,
            [
                {
                    "amount": 280.0,
                    "currency_id": self.company.currency_id.id,
                    "dunning_case_id": self.case.id,
                    "dunning_item_ids": self.overdue.ids,
                    "invoice_ids": [],
                    "state": "draft",
                }
            ],
        )
        self.assertEqual(transaction.partner_id.commercial_partner_id, self.ann)
        self.assertEqual(self.residuals(), [60.0, 50.0, 70.0, 100.0], "nothing before the provider says so")
        self.finish(transaction)
        self.assertEqual(transaction.state, "done")
        self.assertTrue(transaction.is_post_processed)
        self.assertEqual(self.residuals(), [0.0] * 4)
        self.assertEqual(self.rest.amount_residual, 100.0, "what was not ticked")
        self.assertRecordValues(self.payments(), [{"amount": 280.0, "partner_id": self.ann.id}])
        self.assertFalse(self.credits_of(self.ann))
        self.assertEqual(set(self.plans().mapped("state")), {"recovered"})
        self.assertEqual(set(self.plans().mapped("close_reason")), {"paid"})
        waiting = self.halves.collection_plan_ids
        self.assertRecordValues(waiting, [{"state": "ongoing", "amount_due": 100.0, "level_id": False}])
        self.assertGreater(waiting.next_date, LATER)
        self.assertFalse(self.to_do())
        self.assertIn("pay", self.acts())

    def test_the_customer_comes_back_to_his_page(self):
        form = self.tick(self.overdue)
        landing = form.payment["landing_route"]
        self.finish(self.begin(form))
        page = self.visit(landing)
        self.assertIn(self.base, landing)
        self.assertEqual(page.offered(), {self.rest.id})

    def test_some_of_it(self):
        chosen = self.item(self.small) + self.item(self.halves)
        transaction = self.pay_online(chosen)
        self.assertEqual(transaction.amount, 150.0)
        self.assertEqual(self.residuals(), [60.0, 0.0, 70.0, 0.0], "the older ones were not ticked")
        self.assertEqual(set(self.small.collection_plan_ids.mapped("state")), {"recovered"})
        self.assertEqual(set(self.partly.collection_plan_ids.mapped("state")), {"ongoing"})

    def test_what_is_not_due_can_be_paid(self):
        self.pay_online(self.rest)
        self.assertEqual(self.rest.amount_residual, 0.0)
        self.assertEqual(self.residuals(), [60.0, 50.0, 70.0, 100.0])

    def test_credits_are_taken_off(self):
        self.credit(30.0)
        self.assertIn("250.00", self.get().text)
        transaction = self.pay_online(self.overdue)
        self.assertEqual(transaction.amount, 250.0)
        self.assertEqual(self.residuals(), [0.0] * 4)
        self.assertFalse(self.credits_of(self.ann))

    def test_credits_settle_what_was_ticked(self):
        """They go to the oldest of what was ticked, not to the oldest of all."""
        self.credit(30.0)
        transaction = self.pay_online(self.item(self.contacts) + self.item(self.halves))
        self.assertEqual(transaction.amount, 140.0)
        self.assertEqual(self.residuals(), [60.0, 50.0, 0.0, 0.0])

    def test_credits_that_cover_all(self):
        self.credit(400.0)
        page = self.get()
        self.assertIn("Your credits cover what is ticked: there is nothing to pay.", page.text)
        [button] = page.tree.xpath("//button[@name='pay']")
        self.assertIn("Pay what is ticked", button.text_content(), "none says Pay 0.00")
        self.assertRefused(
            self.act("pay", item_ids=self.overdue.ids, currency_id=self.company.currency_id.id), "credit"
        )
        self.assertFalse(self.transactions())

    def test_a_disputed_part_stays_open(self):
        """It is not asked for, and what is paid for something else does not pay it."""
        values = {"move_line_id": self.item(self.partly).id, "amount": 25.0}
        reason = self.shipped("reason_price").id
        self.env["account.dunning.hold"].create({**values, "reason_id": reason})
        transaction = self.pay_online(self.item(self.partly) + self.item(self.small))
        self.assertEqual(transaction.amount, 85.0)
        self.assertEqual(self.residuals(), [25.0, 0.0, 70.0, 100.0])

    def test_disputed_parts_of_two_items_stay_open(self):
        reason = self.shipped("reason_price").id
        for move, amount in ((self.partly, 25.0), (self.small, 10.0)):
            values = {"move_line_id": self.item(move).id, "amount": amount, "reason_id": reason}
            self.env["account.dunning.hold"].create(values)
        transaction = self.pay_online(self.item(self.partly) + self.item(self.small))
        self.assertEqual(transaction.amount, 75.0)
        self.assertEqual(self.residuals(), [25.0, 10.0, 70.0, 100.0])
        self.assertEqual(sum(self.payments().mapped("amount")), 75.0)

    def test_two_currencies(self):
        euro = self.stage.invoice(self.ann, 12, 500.0, currency_id=self.other_currency.id)
        page = self.get()
        forms = page.tree.xpath("//form[contains(@action, '/pay')]//input[@name='currency_id']/@value")
        self.assertEqual(sorted(map(int, forms)), sorted((self.other_currency + self.company.currency_id).ids))
        mixed = [*self.overdue.ids, *self.item(euro).ids]
        for currency in self.other_currency + self.company.currency_id:
            self.assertRefused(self.act("pay", item_ids=mixed, currency_id=currency.id))
        self.assertRefused(self.act("pay", item_ids=self.overdue.ids, currency_id=self.other_currency.id))
        transaction = self.pay_online(self.item(euro))
        self.assertRecordValues(transaction, [{"amount": 500.0, "currency_id": self.other_currency.id}])
        self.assertEqual(self.item(euro).amount_residual_currency, 0.0)
        self.assertEqual(self.residuals(), [60.0, 50.0, 70.0, 100.0])
        self.assertFalse(self.credits_of(self.ann))

    def test_several_receivable_accounts(self):
        account = self.company_data["default_account_receivable"]
        other = account.copy({"name": "Other Receivables"})
        self.ann.with_company(self.company).property_account_receivable_id = other
        move = self.stage.invoice(self.ann, 20, 35.0, narration="elsewhere")
        self.assertEqual(self.item(move).account_id, other)
        transaction = self.pay_online(self.overdue + self.item(move))
        self.assertEqual(transaction.amount, 315.0)
        self.assertEqual(self.residuals() + self.residuals(move), [0.0] * 5)
        self.assertEqual(sum(self.payments().mapped("amount")), 315.0)
        self.assertFalse(self.credits_of(self.ann))
        lines = self.env["account.move.line"].search(
            [("partner_id", "=", self.ann.id), ("account_id", "in", (account + other).ids)]
        )
        self.assertEqual(lines.filtered("amount_residual"), self.rest)


@tagged("post_install", "-at_install")
class TestPartPayment(PayCommon):
    def test_only_if_the_settings_allow_it(self):
        currency = self.company.currency_id.id
        self.assertFalse([each for each in self.get().controls("pay") if each.get("name") == "amount"])
        self.assertRefused(self.act("pay", item_ids=self.overdue.ids, currency_id=currency, amount="100"))
        self.settings.page_part_payment = True
        self.assertTrue([each for each in self.get().controls("pay") if each.get("name") == "amount"])

    def test_the_oldest_first(self):
        self.settings.page_part_payment = True
        transaction = self.pay_online(self.overdue, amount="100")
        self.assertEqual(transaction.amount, 100.0)
        self.assertEqual(self.residuals(), [0.0, 10.0, 70.0, 100.0])
        self.assertFalse(self.credits_of(self.ann))

    def test_amounts_that_cannot_be_paid(self):
        self.settings.page_part_payment = True
        currency = self.company.currency_id.id
        for wrong in ("0", "-5", "280.01", "0.001", "1e400", "nan", "inf", "x", "2,50", "9" * 400):
            with self.subTest(wrong):
                answer = self.act("pay", item_ids=self.overdue.ids, currency_id=currency, amount=wrong)
                self.assertRefused(answer)
                self.assertIn(wrong, answer.filled("pay").get("amount", []), "what was typed is kept")
        self.assertFalse(self.transactions())


@tagged("post_install", "-at_install")
class TestTampering(PayCommon):
    """The server computes and signs; whatever else arrives is refused, and makes no transaction."""

    def route(self, form, **changes):
        """The address that the form posts to, with parts of it exchanged."""
        head, tail = form.payment["transaction_route"].split("/transaction/")
        ticked, currency, amount = tail.split("?")[0].split("/")
        parts = {"ticked": ticked, "currency": currency, "amount": amount} | changes
        return f"{head}/transaction/{parts['ticked']}/{parts['currency']}/{parts['amount']}"

    def assertNotBegun(self, form, route=None, **changes):
        before = self.transactions()
        with self.assertRaises(JsonRpcException) as caught:
            self.begin(form, route, **changes)
        self.assertRegex(str(caught.exception), r"UserError|ValidationError|Forbidden|NotFound|AccessError|BadRequest")
        self.assertEqual(self.transactions(), before)

    def test_another_amount(self):
        form = self.tick(self.overdue)
        for amount in ("1.0", "279.99", "280.01", "-280.0", "0.0", "nan", "inf", "28000000000000"):
            self.assertNotBegun(form, self.route(form, amount=amount))
        self.assertNotBegun(form, self.route(form, amount="1.0"), amount=1.0)

    def test_the_amount_beside_the_signed_one(self):
        """Core's script sends the amount again: it decides nothing."""
        form = self.tick(self.overdue)
        try:
            self.begin(form, amount=1.0)
        except JsonRpcException:
            self.assertFalse(self.transactions())
        self.assertEqual(self.transactions().mapped("amount") or [280.0], [280.0])

    def test_other_items(self):
        form = self.tick(self.item(self.small))
        secret = self.stage.invoice(self.ben, 12, 50.0)
        for item in (self.item(secret), self.item(self.contacts), self.rest):
            self.assertNotBegun(form, self.route(form, ticked=str(item.id)))
        for ticked in ("0", "x", f"{self.item(self.small).id}-{self.item(self.contacts).id}", "-", "9" * 30):
            self.assertNotBegun(form, self.route(form, ticked=ticked))

    def test_another_currency(self):
        form = self.tick(self.overdue)
        for currency in (self.other_currency.id, 0, 999999):
            self.assertNotBegun(form, self.route(form, currency=currency))

    def test_another_signature(self):
        form, other = self.tick(self.overdue), self.tick(self.item(self.small))
        for wrong in (other.payment["access_token"], "", "x", None):
            self.assertNotBegun(form, access_token=wrong)

    def test_the_signature_of_another_customer(self):
        """Two customers who owe the same: what was signed for one is worth nothing at the other's page."""
        link = self.cases._get_for(self.company, self.ben)._issue_link(self.ben)
        form = self.tick(self.overdue)
        route = self.route(form).replace(self.link.sudo().token, link.sudo().token)
        self.assertNotBegun(form, route)

    def test_values_that_nobody_asked_for(self):
        form = self.tick(self.overdue)
        for values in ({"partner_id": self.ben.id}, {"invoice_ids": []}, {"custom_create_values": {"state": "done"}}):
            self.assertNotBegun(form, **values)

    def test_the_address_of_the_form(self):
        address = self.act("pay", item_ids=self.overdue.ids, currency_id=self.company.currency_id.id).location
        euro, dollar = self.other_currency.id, self.company.currency_id.id
        small = self.item(self.small).id
        changed = {
            address.replace("amount=280", "amount=1"),
            address.replace(f"currency={dollar}", f"currency={euro}"),
            address.replace(f"{small}-", ""),
            address.replace("sign=", "sign=x"),
            address.split("?")[0],
            f"{address.split('?')[0]}?ticked=x&currency=y&amount=z&sign=",
        } - {address}
        self.assertEqual(len(changed), 6, address)
        for wrong in changed:
            with self.subTest(wrong):
                page = self.visit(wrong)
                self.assertFalse(page.payment)
                self.assertNotEqual(page.status, 500)
                if page.status != 303:
                    self.assertRefused(page)

    def test_bad_input(self):
        currency = self.company.currency_id.id
        for values in (
            {},
            {"item_ids": "x", "currency_id": currency},
            {"item_ids": [*self.overdue.ids, "x"], "currency_id": currency},
            {"item_ids": "-1", "currency_id": currency},
            {"item_ids": "9" * 40, "currency_id": currency},
            {"item_ids": self.overdue.ids},
            {"item_ids": self.overdue.ids, "currency_id": "x"},
            {"item_ids": self.overdue.ids, "currency_id": "9" * 40},
            {"item_ids": [self.item(self.small).id, 10**9], "currency_id": currency},
        ):
            with self.subTest(str(values)[:80]):
                self.assertRefused(self.act("pay", **values))
        self.assertFalse(self.transactions())

    def test_what_was_paid_meanwhile(self):
        """The form was open already: it says so, and takes no money."""
        form, address = self.tick(self.overdue), self.act("pay", **self.ticked()).location
        self.pay(self.small)
        self.assertNotBegun(form)
        self.assertFalse(self.visit(address).payment)

    def ticked(self):
        return {"item_ids": self.overdue.ids, "currency_id": self.company.currency_id.id}


@tagged("post_install", "-at_install")
class TestTokens(PayCommon):
    """Saved payment methods belong to who has logged in; who only has the link neither uses nor saves any."""

    def saved(self):
        return self.env["payment.token"].sudo().search([("provider_id", "=", self.provider.id)])

    def setUp(self):
        super().setUp()
        self.token = self.env["payment.token"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.provider.payment_method_ids.id,
                "payment_details": "SECRET 1234",
                "partner_id": self.ann.id,
                "provider_ref": "token",
                "demo_simulated_state": "done",
            }
        )

    def test_none_is_shown(self):
        form = self.tick(self.overdue)
        self.assertNotIn("SECRET", form.response.text)
        self.assertNotIn("token", [option["payment-option-type"] for option in form.payment["options"]])
        self.assertFalse(form.tree.xpath("//input[@name='o_payment_tokenize_checkbox']"))

    def test_none_is_used(self):
        form = self.tick(self.overdue)
        with self.assertRaises(JsonRpcException):
            self.begin(form, flow="token", token_id=self.token.id)
        self.assertFalse(self.transactions().filtered(lambda transaction: transaction.state == "done"))
        self.assertEqual(self.residuals(), [60.0, 50.0, 70.0, 100.0])

    def test_none_is_saved(self):
        form = self.tick(self.overdue)
        try:
            transaction = self.begin(form, tokenization_requested=True)
        except JsonRpcException:
            self.assertFalse(self.transactions())
        else:
            self.finish(transaction)
            self.assertFalse(transaction.tokenize)
        self.assertEqual(self.saved(), self.token)

    def test_nor_by_another_user_of_the_portal(self):
        user = self.portal_user(self.ben, "ben")
        self.authenticate(user.login, user.login)
        form = self.tick(self.overdue)
        self.assertNotIn("SECRET", form.response.text)
        with self.assertRaises(JsonRpcException):
            self.begin(form, flow="token", token_id=self.token.id)


@tagged("post_install", "-at_install")
class TestRefund(PayCommon):
    def test_refunded_later(self):
        """The money went back: the customer owes it again."""
        transaction = self.pay_online(self.overdue)
        self.frozen.move_to(TODAY + timedelta(5))
        transaction.action_refund()
        refund = transaction.child_transaction_ids
        refund._post_process()
        self.commit()
        self.assertRecordValues(refund, [{"state": "done", "operation": "refund", "amount": -280.0}])
        self.assertEqual(self.owed(), 380.0)
        self.assertEqual(self.residuals(), [60.0, 50.0, 70.0, 100.0])
        self.assertEqual({int(each) for each in self.get().filled("pay")["item_ids"]}, set(self.overdue.ids))
        self.assertEqual(set(self.plans().mapped("state")), {"ongoing"})

    def test_a_part_is_refunded(self):
        transaction = self.pay_online(self.overdue)
        transaction.action_refund(amount_to_refund=30.0)
        transaction.child_transaction_ids._post_process()
        self.commit()
        self.assertEqual(self.owed(), 130.0)
        self.assertEqual(self.residuals(), [0.0, 0.0, 0.0, 30.0], "the latest is open again")

    def commit(self):
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env.invalidate_all()

    def owed(self):
        """The balance of the customer."""
        lines = self.env["account.move.line"].search(
            [("partner_id", "child_of", self.ann.id), ("account_type", "=", "asset_receivable")]
        )
        return sum(lines.filtered(lambda line: line.parent_state == "posted").mapped("amount_residual"))
