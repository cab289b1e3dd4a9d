"""Random histories: a night that reads whom it has to comes to the same as one that reads everybody (Hypothesis).

The number of histories: ``HISTORIES=10000 make test T=test_night_random``; 15 else. Others are drawn with
``ARGS=--hypothesis-profile=random``.
"""

import logging
import os
from collections import Counter
from contextlib import closing
from datetime import timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import TODAY
from .night import NightCommon

_logger = logging.getLogger(__name__)

WHO, PICK, AMOUNT = st.integers(0, 3), st.integers(0, 9), st.integers(10, 150).map(float)
LATE = st.sampled_from((-12, -4, -3, 0, 4, 9, 10, 12, 22, 50))
SOON = st.sampled_from((-3, 0, 1, 2, 5))
PASS = st.sampled_from((1, 1, 1, 2, 3, 7, 8, 11))
ISSUE = st.sampled_from(("all", "all", "all", "none", "some"))


def event(name, *arguments):
    return st.tuples(st.just(name), *arguments)


EVENTS = st.one_of(
    event("nothing"),
    event("invoice", WHO, LATE, AMOUNT),
    event("entry", WHO, LATE, AMOUNT),
    event("foreign", WHO, LATE, AMOUNT),
    event("cancel_invoice", PICK),
    event("pay", PICK, st.sampled_from((0.4, 1.0, 1.0))),
    event("undo_payment", PICK),
    event("reject_payment", PICK),
    event("unreconcile", PICK),
    event("credit", WHO, AMOUNT),
    event("set_off", PICK),
    event("hold", PICK, st.integers(0, 2), SOON, st.sampled_from((0, 2, 6)), st.sampled_from((0.0, 0.0, 0.4))),
    event("end_hold", PICK),
    event("shift_hold", PICK, SOON),
    event("move_due_date", PICK, LATE),
    event("exclude_item", PICK),
    event("block", PICK),
    event("type_of_invoice", PICK, st.integers(0, 2)),
    event("type_of_customer", WHO, st.integers(0, 2)),
    event("tag", WHO),
    event("field_of_rule", WHO),
    event("online", PICK, st.integers(0, 9)),
    event("finish_online", PICK),
    event("pay_in_process", PICK),
    event("postpone", PICK, SOON),
    event("pause", PICK, SOON),
    event("resume", PICK),
    event("stop", PICK),
    event("allow_new", PICK),
    event("set_level", PICK, st.integers(0, 2)),
    event("undo_notice", PICK),
    event("call", PICK),
    event("done", PICK),
    event("address", WHO),
    event("contact", WHO),
    event("archive_contact", WHO),
    event("change_level", st.integers(0, 2), st.sampled_from((3, 9, 14))),
    event("change_type", st.sampled_from(("grace_days", "posting_days", "min_days_between")), st.integers(0, 6)),
    event("minimum", st.sampled_from((0.0, 80.0, 200.0))),
    event("start_date", st.sampled_from((0, 20, 60))),
    event("invoice_types"),
    event("rate"),
    event("exclude_notice", PICK),
    event("cancel_run"),
    event("delete_run"),
    event("by_hand"),
    event("interrupt"),
    event("other_customer", PICK, WHO),
)


@tagged("post_install", "-at_install")
class TestRandomNights(NightCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settings.write({"letter_sent": "made"})
        cls.settings.invoice_type_ids += cls.shipped("invoice_type_entry")
        cls.level_1.copy(
            {"type_id": cls.dunning_type.id, "name": "Soon", "days": -4, "reminder": True, "document": "letter"}
        )
        cls.level_3.write({"repeat_every": 9, "repeat_max": 2})
        cls.dunning_type.unrecovered_days = 12
        cls.tag = cls.env["res.partner.category"].create({"name": "Tag"})
        cls.tagged = cls.make_type("Tagged", (5, 15), category_ids=[fields.Command.set(cls.tag.ids)])
        cls.ruled = cls.make_type("Ruled", (2, 8), partner_domain="[('country_id.code', '=', 'BE')]")
        cls.types = cls.dunning_type + cls.tagged + cls.ruled
        cls.customers = cls.partner_a.browse()
        for name in ("Ann", "Bob", "Cid", "Dot"):
            cls.customers += cls.partner_a.copy({"name": name})
        cls.provider = cls.env["payment.provider"].search([], limit=1)
        cls.action = cls.env["account.dunning.action"].create({"name": "Call", "blocking": True})
        cls.read_all = cls.histories = cls.nights = 0
        cls.done, cls.refused_events = Counter(), Counter()

    @classmethod
    def tearDownClass(cls):
        _logger.info("%s histories, %s nights, of which %s read everybody", cls.histories, cls.nights, cls.read_all)
        _logger.info("%s events done, refused: %s", sum(cls.done.values()), dict(cls.refused_events))
        super().tearDownClass()

    @settings(
        max_examples=int(os.environ.get("HISTORIES", "15")),
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    @given(
        st.sampled_from(("sequential", "catch_up")),
        st.tuples(LATE, LATE, LATE),
        st.lists(st.tuples(st.lists(EVENTS, min_size=1, max_size=3), PASS, ISSUE), min_size=3, max_size=6),
    )
    def test_any_history(self, escalation, first, steps):
        type(self).histories += 1
        with closing(self.env.cr.savepoint()):
            self.frozen.move_to(TODAY)
            self.setUpHistory(escalation, first)
            for events, days, issue in steps:
                for name, *arguments in events:
                    self.try_event(name, arguments)
                self.go(days)
                run = self.check_night(reads_all=None)
                type(self).nights += 1
                type(self).read_all += bool(run.read_all)
                self.issue_some(run, issue)
        self.env.cr.precommit.clear()
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()

    def try_event(self, name, arguments):
        """What is refused does not happen."""
        try:
            with self.env.cr.savepoint():
                getattr(self, f"do_{name}")(*arguments)
                self.settle()
            self.done[name] += 1
        except UserError:
            self.env.cr.precommit.clear()
            self.env.invalidate_all(flush=False)
            self.refused_events[name] += 1

    def setUpHistory(self, escalation, first):
        self.dunning_type.escalation = escalation
        self.invoices_made = self.env["account.move"]
        for number, late in enumerate(first):
            self.do_invoice(number, late, 60.0 + 20 * number)
        self.night()

    def issue_some(self, run, issue):
        notices = run.notice_ids.filtered(lambda notice: notice.state == "proposed")
        if issue == "some":
            notices = notices[::2]
        if issue != "none" and notices:
            notices.action_issue()
            while self.env["account.dunning.notice"].sudo()._issue_next():
                pass
        self.settle()

    # what there is to choose from

    def pick(self, records, index):
        return records[index % len(records)] if records else records

    def move(self, index, condition=lambda move: True):
        return self.pick(self.invoices_made.filtered(lambda move: move.state == "posted" and condition(move)), index)

    def lines(self, index):
        return self.pick(self.invoices_made.line_ids.filtered(self.is_open), index)

    def is_open(self, line):
        return line.account_type == "asset_receivable" and line.parent_state == "posted" and not line.reconciled

    def plan(self, index, *states):
        plans = (
            self.env["account.collection.plan"].sudo().search([("partner_id", "in", self.customers.ids)], order="id")
        )
        return self.pick(plans.filtered(lambda plan: plan.state in (states or ("ongoing",))), index)

    def hold_of(self, index):
        holds = self.env["account.dunning.hold"].search([("company_id", "=", self.company.id)], order="id")
        return self.pick(holds.filtered(lambda hold: not hold.ended_on), index)

    def payments(self):
        return self.env["account.payment"].search([("partner_id", "in", self.customers.ids)], order="id")

    # what happens

    def do_nothing(self):
        pass

    def do_invoice(self, who, late, amount):
        self.invoices_made += self.invoice(self.customers[who], late, amount)

    def do_foreign(self, who, late, amount):
        self.invoices_made += self.invoice(self.customers[who], late, amount, currency_id=self.other_currency.id)

    def do_entry(self, who, late, amount):
        due = self.today - timedelta(late)
        receivable = self.customers[who].property_account_receivable_id
        income = self.company_data["default_account_revenue"]
        common = {"partner_id": self.customers[who].id, "name": "Old debt"}
        lines = [
            {**common, "account_id": receivable.id, "debit": amount, "date_maturity": due, "no_followup": False},
            {**common, "account_id": income.id, "credit": amount},
        ]
        journal = self.company_data["default_journal_misc"]
        vals = {
            "journal_id": journal.id,
            "date": min(due, self.today),
            "line_ids": list(map(fields.Command.create, lines)),
        }
        move = self.env["account.move"].create(vals)
        move.action_post()
        self.invoices_made += move

    def do_cancel_invoice(self, index):
        move = self.move(index, lambda move: not move.line_ids.matched_credit_ids)
        if move:
            move.button_draft()

    def do_pay(self, index, part):
        move = self.move(index, lambda move: move.move_type == "out_invoice" and move.amount_residual)
        if move:
            self.pay(move, move.currency_id.round(move.amount_residual * part))

    def do_undo_payment(self, index):
        payment = self.pick(self.payments().filtered(lambda payment: payment.state in ("paid", "in_process")), index)
        if payment:
            payment.action_draft()

    def do_reject_payment(self, index):
        payment = self.pick(self.payments().filtered(lambda payment: payment.state in ("paid", "in_process")), index)
        if payment:
            payment.action_reject()

    def do_unreconcile(self, index):
        lines = self.invoices_made.line_ids.filtered("matched_credit_ids")
        self.pick(lines, index).remove_move_reconcile()

    def do_credit(self, who, amount):
        self.env["account.payment"].create({"partner_id": self.customers[who].id, "amount": amount}).action_post()

    def do_set_off(self, index):
        line = self.lines(index)
        credits = self.payments().move_id.line_ids.filtered(self.is_open)
        credit = credits.filtered(lambda other: other.partner_id == line.partner_id)[:1]
        if line and credit and line.balance > 0:
            (line + credit).reconcile()

    def do_hold(self, index, target, begin, days, part):
        line = self.lines(index)
        if not line:
            return
        document = line.move_id.move_type == "out_invoice"
        target = {0: {"partner_id": line.partner_id.id}, 1: {"move_id": line.move_id.id}}.get(target if document else 0)
        target = target or {"move_line_id": line.id}
        begin = self.today + timedelta(begin)
        self.env["account.dunning.hold"].create(
            {
                **target,
                "reason_id": self.shipped("reason_dispute").id,
                "date_from": begin,
                "date_until": begin + timedelta(days) if days else False,
                "amount": 0.0 if "partner_id" in target else line.currency_id.round(abs(line.amount_currency) * part),
            }
        )

    def do_end_hold(self, index):
        self.hold_of(index).action_end()

    def do_shift_hold(self, index, days):
        hold = self.hold_of(index)
        if hold:
            hold.date_until = max(hold.date_from, self.today + timedelta(days))

    def do_move_due_date(self, index, late):
        line = self.lines(index)
        if line:
            line.date_maturity = self.today - timedelta(late)

    def do_exclude_item(self, index):
        line = self.lines(index)
        if line:
            line.no_followup = not line.no_followup

    def do_block(self, index):
        move = self.move(index, lambda move: move.move_type == "out_invoice" and move.amount_residual)
        if move:
            move.payment_state = "not_paid" if move.payment_state == "blocked" else "blocked"

    def do_type_of_invoice(self, index, number):
        move = self.move(index)
        if move:
            move.dunning_type_id = self.types[number] if move.dunning_type_id != self.types[number] else False

    def do_type_of_customer(self, who, number):
        customer = self.customers[who]
        taken = customer.dunning_type_id == self.types[number]
        customer.dunning_type_id = False if taken else self.types[number]

    def do_tag(self, who):
        customer = self.customers[who]
        customer.category_id = [fields.Command.clear()] if customer.category_id else [fields.Command.set(self.tag.ids)]

    def do_field_of_rule(self, who):
        customer = self.customers[who]
        customer.country_id = False if customer.country_id.code == "BE" else self.env.ref("base.be")

    def do_online(self, index, days):
        move = self.move(index, lambda move: move.move_type == "out_invoice")
        if not move:
            return
        transaction = self.env["payment.transaction"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.env["payment.method"].search([], limit=1).id,
                "reference": f"TX-{len(self.env['payment.transaction'].search([]))}",
                "amount": 10.0,
                "currency_id": self.company.currency_id.id,
                "partner_id": move.partner_id.id,
                "invoice_ids": [fields.Command.set(move.ids)],
            }
        )
        transaction._set_pending()
        transaction.last_state_change = fields.Datetime.now() - timedelta(days, hours=5)

    def do_finish_online(self, index):
        transactions = self.env["payment.transaction"].search([("state", "=", "pending")], order="id")
        self.pick(transactions, index)._set_canceled()

    def do_pay_in_process(self, index):
        move = self.move(index, lambda move: move.move_type == "out_invoice")
        if move:
            vals = {"partner_id": move.partner_id.id, "amount": 5.0, "invoice_ids": [fields.Command.set(move.ids)]}
            payment = self.env["account.payment"].create(vals)
            self.settle()
            self.env.cr.execute(
                "UPDATE account_payment SET state = 'in_process', move_id = NULL, outstanding_account_id = NULL"
                " WHERE id = %s",
                payment.ids,
            )
            self.env.invalidate_all()

    def do_postpone(self, index, days):
        self.plan(index)._postpone(self.today + timedelta(days))

    def do_pause(self, index, days):
        self.plan(index)._pause(self.env["account.dunning.reason"], self.today + timedelta(max(days, 1)))

    def do_resume(self, index):
        self.plan(index, "paused").action_resume()

    def do_stop(self, index):
        self.plan(index, "ongoing", "paused")._stop(self.shipped("reason_dispute"))

    def do_allow_new(self, index):
        plans = self.env["account.collection.plan"].sudo().search([("keeps_out", "=", True)], order="id")
        self.pick(plans, index).action_allow_new()

    def do_set_level(self, index, number):
        self.plan(index)._set_level((self.level_1 + self.level_2 + self.level_3)[number])

    def do_undo_notice(self, index):
        sent = self.env["account.dunning.notice"].search(
            [("company_id", "=", self.company.id), ("state", "=", "sent")], order="id"
        )
        self.pick(sent, index).sudo()._undo("A mistake", at_once=bool(index % 2))

    def do_call(self, index):
        plan = self.plan(index)
        if plan:
            self.action._schedule(plan)

    def do_done(self, index):
        activities = self.env["mail.activity"].search([("dunning_action_id", "!=", False)], order="id")
        self.pick(activities, index).action_done()

    def do_address(self, who):
        customer = self.customers[who]
        customer.write({"email": False, "street": False} if customer.street else {"street": "1 Main Street"})

    def do_contact(self, who):
        self.customers[who].dunning_contact_id = self.env["res.partner"].create(
            {"name": "Contact", "parent_id": self.customers[who].id, "email": "contact@example.com"}
        )

    def do_archive_contact(self, who):
        self.customers[who].child_ids.active = False

    def do_change_level(self, number, days):
        (self.level_1 + self.level_2 + self.level_3)[number].min_days = days

    def do_change_type(self, name, days):
        self.dunning_type[name] = days

    def do_minimum(self, amount):
        self.dunning_type.minimum_amount = amount

    def do_start_date(self, days):
        self.settings.start_date = self.today - timedelta(days) if days else False

    def do_invoice_types(self):
        entries = self.shipped("invoice_type_entry")
        known = entries in self.settings.invoice_type_ids
        open_plans = self.env["account.collection.plan"].search_count([("move_id.move_type", "=", "entry")])
        if not (known and open_plans):
            command = fields.Command.unlink if known else fields.Command.link
            self.settings.invoice_type_ids = [command(entries.id)]

    def do_rate(self):
        rates = self.env["res.currency.rate"]
        found = rates.search([("currency_id", "=", self.other_currency.id), ("name", "=", self.today)])
        vals = {"currency_id": self.other_currency.id, "name": self.today, "company_id": self.company.id, "rate": 3.0}
        found.write({"rate": 4.0}) if found else rates.create(vals)

    def do_exclude_notice(self, index):
        notices = self.latest().notice_ids.filtered(lambda notice: notice.state == "proposed")
        self.pick(notices, index)._exclude("A reason")

    def do_cancel_run(self):
        run = self.latest()
        if run.state in ("proposing", "proposed", "issuing", "unfinished"):
            run.action_cancel()

    def do_delete_run(self):
        run = self.latest()
        if not any(notice._is_evidence() for notice in run.notice_ids):
            run.unlink()

    def do_by_hand(self):
        self.runs.create({"company_id": self.company.id, "date": self.today})._start_proposing(self.today)
        self.propose()

    def do_interrupt(self):
        """A night begins, and reads nobody or dies in the middle; the day after goes on."""
        self.go(1)
        self.runs._start_nightly(self.company)

    def do_other_customer(self, index, who):
        line = self.lines(index)
        if line and line.move_id.move_type == "entry":
            line.partner_id = self.customers[who]
