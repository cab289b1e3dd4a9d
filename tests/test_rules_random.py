"""Random histories of two customers, night by night, against rules §3, §4 and §6 (Hypothesis)."""

from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from .common import TODAY, DunningCommon, StubLetters

TYPES = st.fixed_dictionaries(
    {
        "escalation": st.sampled_from(("sequential", "catch_up")),
        "grace_days": st.sampled_from((0, 3)),
        "min_days_between": st.sampled_from((0, 0, 5)),
        "minimum_amount": st.sampled_from((0.0, 0.0, 100.0)),
    }
)
LEVELS = st.fixed_dictionaries(
    {
        "min_days": st.sampled_from((3, 7, 12)),
        "deadline_days": st.sampled_from((2, 7, 14)),
        "repeat_every": st.sampled_from((0, 15)),
        "repeat_max": st.sampled_from((1, 2)),
    }
)
CUSTOMER, CHOICE, AMOUNT = st.integers(0, 1), st.integers(0, 9), st.integers(10, 150).map(float)
DAYS = st.sampled_from((3, 5, 7, 8, 10, 15))
EVENTS = st.one_of(
    st.tuples(st.just("nothing")),
    st.tuples(st.just("nothing")),
    st.tuples(st.just("invoice"), CUSTOMER, st.sampled_from((-6, -3, 0, 4, 10, 22, 50)), AMOUNT),
    st.tuples(st.just("pay"), CHOICE, st.sampled_from((0.3, 0.5, 1.0, 1.0))),
    st.tuples(st.just("undo_payment"), CHOICE),
    st.tuples(st.just("unreconcile"), CHOICE),
    st.tuples(st.just("hold"), CHOICE, st.sampled_from((0, 4, 9)), st.sampled_from((0.0, 0.0, 0.4))),
    st.tuples(st.just("end_hold"), CHOICE),
    st.tuples(st.just("credit"), CUSTOMER, AMOUNT),
    st.tuples(st.just("set_off"), CHOICE),
)


@dataclass
class Debt:
    """What the test itself remembers of an invoice."""

    move: object
    customer: int
    level: object = None
    times: int = 0
    last: date | None = None
    deadline: int = 0
    resumed: date | None = None  # an ended hold: waits, and rises by one level
    unsure: bool = False  # the rules leave open how long it waits
    dunned: bool = False
    reminded: list = field(default_factory=list)
    hold: object = None
    hold_from: date | None = None
    hold_until: date | None = None
    hold_amount: float = 0.0


@tagged("post_install", "-at_install")
class TestRandomHistory(StubLetters, DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settings.write({"auto_issue": True, "letter_sent": "made"})
        cls.level_1.copy(
            {"type_id": cls.dunning_type.id, "name": "Soon", "days": -4, "reminder": True, "document": "letter"}
        )
        cls.levels = cls.level_1 + cls.level_2 + cls.level_3
        cls.levels.manual_release = False
        cls.level_3.days = 60

    # A failing history is short enough to read as it is; shrinking it takes minutes.
    @settings(
        max_examples=20,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    @given(
        TYPES,
        st.tuples(LEVELS, LEVELS, LEVELS),
        st.sampled_from((12, 19, 50)),
        AMOUNT,
        st.lists(st.tuples(EVENTS, DAYS), min_size=3, max_size=7),
    )
    def test_any_history(self, type_values, level_values, days_overdue, amount, steps):
        with closing(self.env.cr.savepoint()):
            self.frozen.move_to(TODAY)
            self.dunning_type.write({**type_values, "unrecovered_days": 0})
            for level, values in zip(self.levels, level_values, strict=True):
                level.write(values)
            self.customers = [self.partner_a.copy({"name": name}) for name in ("Ann", "Bob")]
            self.debts, self.credits, self.seen = [], [], self.env["account.dunning.notice"]
            self.last_notice = {}
            self.do_invoice(0, days_overdue, amount)
            self.do_night(0)
            for (name, *args), days in steps:
                getattr(self, f"do_{name}")(*args)
                self.check()
                self.do_night(days)
                self.check()
            self.assertFalse(self.run_day().notice_ids, "nor has a person anything to send on that day")
        self.env.cr.precommit.clear()
        self.env.invalidate_all()

    def check(self):
        self.env.cr.precommit.run()
        self.env.flush_all()
        self.check_plans()
        self.assertEqual(self.notices(), self.seen, "notices are made at night only")

    # what happens

    def do_nothing(self):
        pass

    def notices(self):
        return self.env["account.dunning.notice"].search([("company_id", "=", self.company.id)], order="id")

    def unpaid(self, debt):
        return self.item(debt.move).amount_residual

    def residual(self, debt):
        """Core leaves the item reconciled with a payment that is set back to draft; it is open nevertheless."""
        partials = self.item(debt.move).matched_credit_ids
        drafts = partials.filtered(lambda partial: partial.credit_move_id.parent_state != "posted")
        return self.company.currency_id.round(self.unpaid(debt) + sum(drafts.mapped("amount")))

    def pick(self, index, condition=lambda debt: True):
        debts = [debt for debt in self.debts if condition(debt)]
        return debts[index % len(debts)] if debts else None

    def do_invoice(self, customer, days_overdue, amount):
        self.debts.append(Debt(self.invoice(self.customers[customer], days_overdue, amount), customer))

    def do_pay(self, index, part):
        debt = self.pick(index, self.unpaid)
        if debt:
            self.pay(debt.move, self.company.currency_id.round(self.unpaid(debt) * part))

    def do_undo_payment(self, index):
        debt = self.pick(index, lambda debt: debt.move.matched_payment_ids.filtered(lambda p: p.state != "draft"))
        if debt:
            debt.move.matched_payment_ids.filtered(lambda p: p.state != "draft")[0].action_draft()
            debt.unsure = True

    def do_unreconcile(self, index):
        debt = self.pick(index, lambda debt: self.item(debt.move).matched_credit_ids)
        if debt:
            self.item(debt.move).remove_move_reconcile()
            debt.unsure = True

    def do_hold(self, index, days, part):
        debt = self.pick(index, lambda debt: not debt.hold and self.residual(debt))
        if not debt:
            return
        debt.hold_from = self.today
        debt.hold_until = self.today + timedelta(days) if days else None
        debt.hold_amount = self.company.currency_id.round(debt.move.amount_total * part)
        debt.hold = self.env["account.dunning.hold"].create(
            {
                "move_id": debt.move.id,
                "reason_id": self.shipped("reason_dispute").id,
                "date_until": debt.hold_until,
                "amount": debt.hold_amount,
            }
        )

    def do_end_hold(self, index):
        debt = self.pick(index, lambda debt: debt.hold)
        if debt and self.held(debt):
            debt.hold.action_end()
            self.release(debt, self.today)

    def do_credit(self, customer, amount):
        """A payment on account."""
        payment = self.env["account.payment"].create({"partner_id": self.customers[customer].id, "amount": amount})
        payment.action_post()
        self.credits.append(payment.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable"))

    def do_set_off(self, index):
        debt = self.pick(index, self.unpaid)
        for credit in self.credits:
            mine = debt and credit.partner_id == debt.move.partner_id
            if mine and credit.parent_state == "posted" and not credit.reconciled:
                (self.item(debt.move) + credit).reconcile()
                return

    def do_night(self, days):
        self.go(days)
        for debt in self.debts:
            if debt.hold and debt.hold_until and debt.hold_until < self.today:
                self.release(debt, debt.hold_until + timedelta(1))
        expected = {customer: self.expect(customer) for customer in (0, 1)}
        self.night()
        new = self.notices() - self.seen
        self.assertEqual(set(new.mapped("state")) - {"sent"}, set())
        self.assertFalse(new.line_ids.filtered("pending"))
        for customer in (0, 1):
            mine = new.filtered(lambda notice, c=customer: notice.partner_id == self.customers[c])
            self.check_claims(customer, mine)
            self.check_expected(expected[customer], mine.filtered(lambda notice: not notice.reminder))
        for notice in new:
            self.check_notice(notice)
        for notice in new:
            self.note(notice)
        self.seen = self.notices()
        self.check_again()

    def night(self):
        self.env["account.dunning.hold"].sudo()._cron_end_holds()
        self.env["account.dunning.run"].sudo()._start_nightly(self.company)
        self.work()

    def release(self, debt, day):
        if debt.dunned:
            debt.resumed = day
            debt.unsure = debt.unsure or bool(debt.hold_amount)
        debt.hold = debt.hold_until = None
        debt.hold_amount = 0.0

    def note(self, notice):
        """Remember what was sent."""
        for line in notice.line_ids.filtered("move_line_id"):
            debt = next(debt for debt in self.debts if debt.move == line.move_id)
            if notice.reminder:
                debt.reminded.append(line.level_id)
                continue
            debt.times = debt.times + 1 if debt.level == line.level_id else 1
            debt.level, debt.last = line.level_id, self.today
            debt.deadline = notice.level_id.deadline_days  # the letter prints one deadline for all its items
            debt.dunned, debt.resumed, debt.unsure = True, None, False
            self.last_notice[debt.customer] = self.today

    # what the rules say

    def held(self, debt):
        return bool(debt.hold)

    def days_overdue(self, debt):
        return (self.today - self.item(debt.move).date_maturity).days

    def overdue(self, debt):
        return self.days_overdue(debt) > self.dunning_type.grace_days and self.residual(debt) > 0

    def open_part(self, debt):
        """What may be dunned: a hold on the whole leaves nothing, on a part the rest."""
        if not debt.hold:
            return self.residual(debt)
        return max(0.0, self.residual(debt) - debt.hold_amount) if debt.hold_amount else 0.0

    def net_credit(self, customer):
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.customers[customer].id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("amount_residual", "<", 0),
            ]
        )
        return -sum(lines.mapped("amount_residual"))

    def due_level(self, debt):
        """The level that is due today for an item nothing keeps out, or none."""
        late = self.days_overdue(debt)
        if not self.overdue(debt):
            return None
        last = self.last_notice.get(debt.customer)
        if last and (self.today - last).days < self.dunning_type.min_days_between:
            return None
        above = [level for level in self.levels if not debt.level or level.days > debt.level.days]
        if self.dunning_type.escalation == "catch_up" and not debt.resumed:
            above = [level for level in above if level.days <= late][-1:]
        candidate = above[0] if above else None
        if candidate and late >= candidate.days and self.interval_over(debt, candidate):
            return candidate
        level = debt.level
        if level and level.repeat_every and debt.times <= level.repeat_max:
            if (self.today - debt.last).days >= max(level.repeat_every, debt.deadline + 1):
                return level
        return None

    def interval_over(self, debt, level):
        if not debt.last:
            return True
        if (self.today - debt.last).days < max(level.min_days, debt.deadline + 1):
            return False
        return not debt.resumed or (self.today - debt.resumed).days >= level.min_days

    def expect(self, customer):
        """``(items and levels, exact)``: what must be dunned today; not exact where the rules leave room."""
        debts = [debt for debt in self.debts if debt.customer == customer]
        levels = {debt.move: self.due_level(debt) for debt in debts if self.open_part(debt) > 0.001}
        levels = {move: level for move, level in levels.items() if level}
        exact = not any(debt.unsure or (debt.resumed and debt.level.repeat_every) for debt in debts if debt.dunned)
        credit = self.net_credit(customer)
        overdue = [debt for debt in debts if self.overdue(debt)]
        least = sum(map(self.open_part, overdue)) - credit
        most = sum(map(self.residual, overdue)) - credit
        minimum = max(self.dunning_type.minimum_amount, 0.01)
        if most < minimum - 0.001:
            return {}, True
        if least < minimum - 0.001 or credit:
            exact = False
        return levels, exact

    # checks

    def check_expected(self, expected, notices):
        levels, exact = expected
        sent = {line.move_id: line.level_id for line in notices.line_ids if line.dunned}
        if exact:
            self.assertEqual(sent, levels)
        else:
            unsure = {debt.move for debt in self.debts if debt.unsure or debt.resumed}
            wrong = {move: level for move, level in sent.items() if move not in unsure and levels.get(move) != level}
            self.assertFalse(wrong, f"not due: {levels}")

    def check_claims(self, customer, notices):
        self.assertLessEqual(len(notices), 2, "one notice, and one reminder")
        dunned = notices.filtered(lambda notice: not notice.reminder)
        net = -self.net_credit(customer)
        for debt in self.debts:
            if debt.customer == customer and self.overdue(debt):
                net += self.open_part(debt)
        self.assertLessEqual(sum(dunned.mapped("amount_total")), max(0.0, net) + 0.001)
        for notice in notices:
            self.assertGreaterEqual(notice.amount_total, 0.0)
            self.assertAlmostEqual(notice.amount_total, notice.amount_dunned - notice.amount_credit)

    def check_notice(self, notice):
        self.assertEqual((notice.sent_on, notice.date), (self.today, self.today))
        for line in notice.line_ids.filtered("move_line_id"):
            debt = next(debt for debt in self.debts if debt.move == line.move_id)
            self.assertGreater(self.open_part(debt), 0.0, "settled or on hold")
            self.assertAlmostEqual(line.claim, self.open_part(debt))
            self.assertEqual(line.dunned, not notice.reminder)
            if notice.reminder:
                self.assertTrue(-4 <= self.days_overdue(debt) < 0)
                self.assertNotIn(line.level_id, debt.reminded, "once only")
            else:
                self.check_dunned(debt, line.level_id)
        self.assertEqual(len(notice.line_ids.move_line_id), len(notice.line_ids.filtered("move_line_id")))

    def check_dunned(self, debt, level):
        self.assertTrue(self.overdue(debt))
        self.assertGreaterEqual(self.days_overdue(debt), level.days)
        last = self.last_notice.get(debt.customer)
        if last:
            self.assertGreaterEqual((self.today - last).days, self.dunning_type.min_days_between)
        if level == debt.level:
            self.assertLessEqual(debt.times, level.repeat_max)
            self.assertGreaterEqual((self.today - debt.last).days, level.repeat_every)
            self.assertTrue(level.repeat_every)
            return
        if debt.level:
            self.assertGreater(level.days, debt.level.days)
            self.assertGreaterEqual((self.today - debt.last).days, max(level.min_days, debt.deadline))
        if self.dunning_type.escalation == "sequential" or debt.resumed:
            following = [each for each in self.levels if not debt.level or each.days > debt.level.days]
            self.assertEqual(level, following[0], "no level is skipped")
        if debt.resumed:
            self.assertGreaterEqual((self.today - debt.resumed).days, level.min_days)

    def check_plans(self):
        for debt in self.debts:
            plans = debt.move.collection_plan_ids
            if not debt.dunned:
                self.assertFalse(plans, "only a sent notice opens a plan")
            elif self.residual(debt):
                self.assertEqual(plans.mapped("state"), ["ongoing"], "one, reopened where it was closed")
                self.assertAlmostEqual(plans.amount_due, self.residual(debt))
            else:
                self.assertEqual(plans.mapped("state"), ["recovered"])
            if debt.dunned:
                self.assertEqual(self.state(debt.move).level_id, debt.level)
                self.assertEqual(self.state(debt.move).times, debt.times)
                self.assertEqual(plans.level_id, debt.level)

    def check_again(self):
        """Proposing again on the same day changes nothing."""
        before = self.snapshot()
        self.night()
        self.assertEqual(self.snapshot(), before)

    def snapshot(self):
        self.env.flush_all()
        notices = self.notices()
        return (
            [(n.id, n.state, n.name, n.amount_total, n.amount_credit) for n in notices],
            [(line.id, line.level_id.id, line.claim, line.amount_credit) for line in notices.line_ids],
        )
