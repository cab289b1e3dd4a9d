"""What people do in the history of the demo: each act by the dialogs and buttons that they would use."""

from datetime import datetime, time

from odoo.fields import Command

QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}
OLDEST = 0


class Acts:
    """Done by users of :class:`history.History`, on the day to which its clock is set."""

    def post(self, company, customer, due, amount):
        from odoo.addons.account_dunning.data.demo.account_chart_template import CURRENCIES

        currency = "EUR" if company == self.second else CURRENCIES.get(customer.country_id.code, "USD")
        today = company._dunning_today()
        move = self.env["account.move"].with_company(company).with_context(**QUIET).create(
            {
                "move_type": "out_invoice",
                "partner_id": customer.address_get(["invoice"])["invoice"],
                "invoice_date": today,
                "delivery_date": today,
                "invoice_date_due": self.day(due),
                "invoice_payment_term_id": False,
                "currency_id": self.env.ref(f"base.{currency}").id,
                "invoice_line_ids": [
                    Command.create({"name": "Office furniture", "price_unit": amount, "tax_ids": [Command.clear()]})
                ],
            }
        )  # fmt: skip
        move.action_post()
        return move

    def register(self, company, lines, share=None):
        """Register a payment of what is open of receivable ``lines``, or a share of it."""
        items = lines.filtered(lambda line: line.account_type == "asset_receivable" and not line.reconciled)
        if not items:
            return items
        amount = sum(items.mapped("amount_residual_currency"))
        wizard = (
            self.env["account.payment.register"]
            .with_company(company)
            .with_context(active_model="account.move.line", active_ids=items.ids, **QUIET)
            .create(
                {
                    "payment_date": company._dunning_today(),
                    "group_payment": True,
                    **({"amount": items.currency_id.round(amount * share)} if share else {}),
                }
            )
        )
        return wizard._create_payments()

    def get_case(self, company, customer):
        cases = self.env["account.collection.case"].with_user(self.collector).with_company(company)
        return cases._get_for(company, customer).with_context(allowed_company_ids=company.ids)

    def get_items(self, company, customer, which=None):
        items = self.get_case(company, customer)._get_overdue_items()
        if not items:
            raise RuntimeError(f"{self.ago} days ago nothing was overdue of {customer.name}")
        return items if which is None else items[which]

    def do_pay(self, company, customer, share=None, which=None):
        self.payments[customer] = self.register(company, self.get_items(company, customer, which).sudo(), share)

    def do_return(self, company, customer, reason):
        payment = self.payments[customer].with_user(self.env.ref("base.user_admin")).with_company(company)
        self.fill(payment.action_dunning_return(), reason=reason).action_apply()

    def fill(self, action, user=None, **values):
        """The dialog that ``action`` opens, filled in."""
        dialogs = self.env[action["res_model"]].with_user(user or self.env.ref("base.user_admin"))
        return dialogs.with_context(**action["context"]).create(values)

    def log(self, company, customer, outcome, which=None, **values):
        case = self.get_case(company, customer)
        action = case.action_log_call(self.get_items(company, customer, which).ids)
        outcomes = self.env["account.dunning.outcome"]
        values["outcome_id"] = outcomes._get_shipped(f"outcome_{outcome}", company).id
        values.setdefault("duration", self.rng.randint(2, 9))
        dialog = self.fill({**action, "context": {**action["context"], "allowed_company_ids": company.ids}},
                           self.collector, **values)  # fmt: skip
        dialog.action_save()
        return case

    def do_call(self, company, customer, outcome, note):
        self.log(company, customer, outcome, note=note)

    def do_call_back(self, company, customer, days, hour, note):
        at = datetime.combine(self.later(days), time(hour))
        self.log(company, customer, "call_back", note=note, call_back_at=at)

    def do_promise(self, company, customer, parts, note, which=None, sign=False):
        items = self.get_items(company, customer, which)
        total, currency = sum(items.mapped("amount_residual_currency")), items.currency_id
        left, commands = total, []
        for index, (days, share) in enumerate(parts):
            rest = index == len(parts) - 1 and sum(each for _days, each in parts) > 0.99
            amount = currency.round(left if rest else total * share)
            left -= amount
            commands.append(Command.create({"date": self.later(days), "amount": currency.round(amount)}))
        self.log(company, customer, "promises", which, note=note, part_ids=commands, confirm=sign)

    def do_dispute(self, company, customer, reason, review, note, owner=None, part=None):
        item = self.get_items(company, customer, OLDEST)
        reasons = self.env["account.dunning.reason"].sudo()
        values = {"reason_id": reasons._get_shipped(f"reason_{reason}", company).id, "note": note}
        values["review_date"] = self.later(review)
        if part:
            values["disputed_amount"] = item.currency_id.round(item.amount_residual_currency * part)
        case = self.log(company, customer, "disputes", OLDEST, **values)
        if owner:
            case.hold_ids[:1].with_user(self.manager).user_id = self.manager

    def get_dispute(self, company, customer):
        holds = self.get_case(company, customer).hold_ids
        return holds.filtered(lambda hold: hold.dispute and not hold.ended_on)[:1]

    def do_credit(self, company, customer, note):
        """A credit note for the item in dispute, and the dispute is accepted."""
        hold = self.get_dispute(company, customer)
        move = hold.sudo().move_line_id.move_id.with_user(self.env.ref("base.user_admin"))
        today = company._dunning_today()
        move.with_context(**QUIET)._reverse_moves(
            [{"ref": f"Credit for {move.name}", "date": today, "invoice_date": today}], cancel=True
        )
        self.end_dispute(hold, "accepted", note)

    def do_reject(self, company, customer, note):
        self.end_dispute(self.get_dispute(company, customer), "rejected", note)

    def end_dispute(self, hold, outcome, note):
        action = hold.with_user(self.manager).action_open_end()
        self.fill(action, self.manager, outcome=outcome, note=note).action_end()

    def get_plans(self, company, customer):
        """The plan of the customer about the oldest debt that nobody has paid."""
        plans = self.get_case(company, customer)._get_plans().filtered("amount_due")
        return plans.sorted("leading_due_date")[:1].with_user(self.manager)

    def do_hand_over(self, company, customer, note):
        action = self.get_plans(company, customer).action_hand_over()
        agency = self.env.ref("account_dunning.policy_agency")
        self.fill(action, self.manager, agency_id=agency.id, note=note).action_apply()

    def do_write_off(self, company, customer, note):
        action = self.get_plans(company, customer).action_write_off()
        self.fill(action, self.manager, reason=note).action_apply()

    def do_skip(self, company, customer, days, reason):
        action = self.get_case(company, customer).action_skip()
        self.fill(action, self.collector, until=self.later(days), reason=reason).action_apply()

    def do_send(self, company, customer):
        action = self.get_case(company, customer).action_send()
        self.fill(action, self.collector).action_send()
