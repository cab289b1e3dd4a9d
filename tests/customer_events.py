"""What happens to customers in random histories (``test_night_random.py``)."""

from datetime import timedelta

from odoo import fields

from .night_events import Choice


class CustomerEvents(Choice):
    """``do_NAME(customer, …)`` lets an event happen to a customer; what cannot happen to him does not.

    What is done for many customers as a set is ``all_NAME``, which gets a list of (customer, …).
    """

    # documents

    def all_invoice(self, events):
        self.post_invoices([self.prepare_invoice(customer, late, amount) for customer, late, amount in events])

    def all_foreign(self, events):
        currency = {"currency_id": self.other_currency.id}
        self.post_invoices([self.prepare_invoice(one, late, amount, **currency) for one, late, amount in events])

    def all_entry(self, events):
        self.post_invoices([self.prepare_entry(*event) for event in events])

    def prepare_entry(self, customer, late, amount):
        due = self.today - timedelta(late)
        common = {"partner_id": customer.id, "name": "Old debt"}
        income = self.company_data["default_account_revenue"]
        lines = [
            {**common, "account_id": self.receivable.id, "debit": amount, "date_maturity": due, "no_followup": False},
            {**common, "account_id": income.id, "credit": amount},
        ]
        return {
            "move_type": "entry",
            "journal_id": self.misc.id,
            "date": min(due, self.today),
            "line_ids": [fields.Command.create(line) for line in lines],
        }

    def do_cancel_invoice(self, customer, index):
        self.move(customer, index, ("line_ids.matched_credit_ids", "=", False)).button_draft()

    def do_post_again(self, customer, index):
        move = self.find("account.move", [("commercial_partner_id", "=", customer.id), ("state", "=", "draft")], index)
        move.with_env(self.env).action_post()

    def do_credit_note(self, customer, index):
        move = self.move(customer, index, ("payment_state", "=", "not_paid"))
        if move:
            move._reverse_moves([{"invoice_date": self.today}], cancel=True)

    def do_transfer(self, customer, index):
        line = self.line(customer, index)
        if line and line.account_id != self.doubtful:
            self.transfer(line).no_followup = bool(index % 2)

    def do_write_off(self, customer, index, part):
        line = self.line(customer, index)
        if line and line.currency_id == self.company.currency_id:
            amount = line.currency_id.round(line.amount_residual * part)
            self.book(line, amount, (self.expense, amount, {}))

    def do_move_due_date(self, customer, index, late):
        self.line(customer, index).date_maturity = self.today - timedelta(late)

    def do_exclude_item(self, customer, index):
        line = self.line(customer, index)
        line.no_followup = not line[:1].no_followup

    def do_block(self, customer, index):
        move = self.move(customer, index, ("amount_residual", ">", 0))
        move.payment_state = "not_paid" if move.payment_state == "blocked" else "blocked"

    def do_other_customer(self, customer, index, who):
        line = self.line(customer, index)
        if line.move_id.move_type == "entry":
            line.partner_id = self.pick(self.customers, who).commercial_partner_id

    def do_file_under(self, customer, who):
        other = self.pick(self.customers, who).commercial_partner_id
        if who % 4 == 0 and other != customer:  # seldom: two histories become one
            customer.parent_id = other

    # money

    def all_pay(self, events):
        pairs, vals_list = [], []
        for customer, index, part in events:
            line = self.line(customer, index)
            if line and line.amount_residual_currency > 0:
                amount = line.currency_id.round(line.amount_residual_currency * part)
                invoices = line.move_id.filtered(lambda move: move.move_type == "out_invoice")
                vals_list.append(
                    {**self.prepare_payment(customer, amount, invoices), "currency_id": line.currency_id.id}
                )
                pairs.append(line)
        payments = self.env["account.payment"].create(vals_list)
        payments.action_post()
        for line, payment in zip(pairs, payments, strict=True):
            credit = payment.move_id.line_ids.filtered(lambda one: one.account_type == "asset_receivable")
            if credit.account_id == line.account_id:
                (line + credit).reconcile()

    def prepare_payment(self, customer, amount, invoices=()):
        return {
            "partner_id": customer.id,
            "amount": amount,
            "date": self.today,
            "invoice_ids": [fields.Command.set([invoice.id for invoice in invoices])],
        }

    def do_undo_payment(self, customer, index):
        self.payment(customer, index).action_draft()

    def do_reject_payment(self, customer, index):
        self.payment(customer, index).action_reject()

    def do_unreconcile(self, customer, index):
        self.find(
            "account.move.line", [("partner_id", "=", customer.id), ("matched_credit_ids", "!=", False)], index
        ).remove_move_reconcile()

    def all_credit(self, events):
        vals_list = [self.prepare_payment(*event) for event in events]
        self.env["account.payment"].create(vals_list).action_post()

    def do_set_off(self, customer, index):
        line = self.line(customer, index)
        credit = self.lines(customer, ("balance", "<", 0), ("account_id", "=", line.account_id.id))[:1]
        if line and credit:
            (line + credit).reconcile()

    def do_online(self, customer, index, days, authorized):
        move = self.move(customer, index)
        if move:
            vals = {
                "provider_id": self.provider.id,
                "payment_method_id": self.method.id,
                "reference": f"TX-{self.env['payment.transaction'].search_count([])}",
                "amount": 10.0,
                "currency_id": self.company.currency_id.id,
                "partner_id": customer.id,
                "invoice_ids": [fields.Command.set(move.ids)],
                "state": "authorized" if authorized else "pending",
            }
            transaction = self.env["payment.transaction"].create(vals)
            transaction.last_state_change = fields.Datetime.now() - timedelta(days, hours=5)

    def do_finish_online(self, customer, index):
        transaction = self.transaction(customer, index)
        if transaction:
            transaction._set_canceled()

    def do_pay_in_process(self, customer, index):
        move = self.move(customer, index)
        if move:
            payment = self.env["account.payment"].create(self.prepare_payment(customer, 5.0, move))
            self.settle()
            self.env.cr.execute(
                "UPDATE account_payment SET state = 'in_process', move_id = NULL, outstanding_account_id = NULL"
                " WHERE id = %s",
                payment.ids,
            )
            self.env.invalidate_all()

    def do_finish_in_process(self, customer, index):
        domain = [("partner_id", "=", customer.id), ("state", "=", "in_process"), ("move_id", "=", False)]
        self.find("account.payment", domain, index).state = "canceled"

    # what is set for customers

    def do_type_of_invoice(self, customer, index, number):
        move = self.move(customer, index)
        move.dunning_type_id = self.types[number] if move.dunning_type_id != self.types[number] else False

    def do_type_of_customer(self, customer, number):
        taken = customer.dunning_type_id == self.types[number]
        customer.dunning_type_id = False if taken else self.types[number]

    def do_type_of_parent(self, customer, number):
        parent = customer.parent_id  # shared with others: whatever is said of one counts for all of them
        parent.dunning_type_id = number is not None and self.types[number]

    def do_tag(self, customer):
        customer.category_id = [fields.Command.clear()] if customer.category_id else [fields.Command.set(self.tag.ids)]

    def do_field_of_rule(self, customer):
        customer.country_id = False if customer.country_id.code == "BE" else self.env.ref("base.be")

    def do_address(self, customer):
        customer.write({"email": False, "street": False} if customer.street else {"street": "1 Main Street"})

    def do_contact(self, customer):
        vals = {"name": "Contact", "parent_id": customer.id, "email": "contact@example.com"}
        customer.dunning_contact_id = self.env["res.partner"].create(vals)

    def do_archive_contact(self, customer):
        customer.dunning_contact_id.active = False

    # work on plans and notices

    def do_hold(self, customer, index, target, begin, days, part):
        line = self.line(customer, index)
        if line:
            vals = {0: {"partner_id": customer.id}, 2: {"move_line_id": line.id}}.get(target)
            if target == 1:
                vals = {"move_id": line.move_id.id} if line.move_id.move_type == "out_invoice" else {}
                vals = vals or {"move_line_id": line.id}
            begin = self.today + timedelta(begin)
            vals["reason_id"] = self.shipped("reason_dispute").id
            vals |= {"date_from": begin, "date_until": begin + timedelta(days) if days else False}
            if target:
                vals["amount"] = line.currency_id.round(abs(line.amount_currency) * part)
            self.env["account.dunning.hold"].create(vals)

    def do_end_hold(self, customer, index):
        self.hold_of(customer, index).action_end()

    def do_shift_hold(self, customer, index, days):
        hold = self.hold_of(customer, index)
        if hold:
            hold.date_until = max(hold.date_from, self.today + timedelta(days))

    def do_open_plan(self, customer, index):
        line = self.line(customer, index)
        if line:
            self.env["account.collection.plan"].sudo()._open_by_hand(self.company, line)

    def do_postpone(self, customer, index, days):
        self.plan(customer, index)._postpone(self.today + timedelta(days))

    def do_pause(self, customer, index, days):
        until = self.today + timedelta(max(days, 1))
        self.plan(customer, index)._pause(self.env["account.dunning.reason"], until)

    def do_resume(self, customer, index):
        self.plan(customer, index, ("paused",)).action_resume()

    def do_stop(self, customer, index):
        self.plan(customer, index, ("ongoing", "paused"))._stop(self.shipped("reason_dispute"))

    def do_allow_new(self, customer, index):
        domain = [("partner_id", "=", customer.id), ("keeps_out", "=", True)]
        self.find("account.collection.plan", domain, index).action_allow_new()

    def do_set_level(self, customer, index, number):
        self.plan(customer, index)._set_level(self.levels[number])

    def do_switch_type(self, customer, index, number):
        self.plan(customer, index)._switch_type(self.types[number], self.types[number].level_ids[:0])

    def do_undo_notice(self, customer, index, at_once):
        notice = self.notice(customer, index, "sent")
        if notice:
            notice._undo("A mistake", at_once=at_once)

    def do_bounce(self, customer, index, confirmed):
        notice = self.notice(customer, index, "sent")
        if notice:
            notice._come_back("It came back.")
            if notice.bounced and confirmed:
                notice.action_confirm_bounce()

    def do_exclude_notice(self, customer, index):
        notice = self.notice(customer, index, "proposed")
        if notice:
            notice._exclude("A reason")

    def do_call(self, customer, index):
        plan = self.plan(customer, index)
        if plan:
            self.action._schedule(plan)

    def do_done(self, customer, index):
        plans = self.env["account.collection.plan"].sudo().search([("partner_id", "=", customer.id)])
        calls = plans.activity_ids.filtered("dunning_action_id").sorted("id")
        if calls:
            self.pick(calls, index).action_done()
