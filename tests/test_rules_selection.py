"""Which items, which type, which level: rules §3 and §4 combined, on real records and days."""

from datetime import timedelta

from odoo.fields import Command, Date
from odoo.tests import tagged

from .common import TODAY, DunningCommon, StubLetters


@tagged("post_install", "-at_install")
class TestSelection(StubLetters, DunningCommon):
    def dun_on(self, *days):
        """Send what is due on each of ``days`` (counted from the first of June); {day: names of the levels}."""
        sent = {}
        for day in days:
            self.frozen.move_to(TODAY + timedelta(day))
            self.env["account.dunning.hold"].sudo()._cron_end_holds()
            lines = self.dun().line_ids
            if lines:
                sent[day] = sorted(lines.level_id.mapped("days"))
        return sent

    def hold(self, **values):
        reason = self.shipped("reason_dispute")
        return self.env["account.dunning.hold"].create({"reason_id": reason.id, **values})

    def credit(self, amount, partner=None, **values):
        """A credit note that is allocated to nothing."""
        return self.invoice(partner or self.partner_a, 0, amount, move_type="out_refund", **values)

    def reminder(self, days):
        return self.env["account.dunning.level"].create(
            {
                "type_id": self.dunning_type.id,
                "name": f"Reminder {days}",
                "days": days,
                "reminder": True,
                "document": "letter",
                "text": "<p>x</p>",
            }
        )

    def halves(self, days_between):
        """Values of an invoice in two instalments."""
        lines = [
            Command.create({"value": "percent", "value_amount": 50, "nb_days": days}) for days in (0, days_between)
        ]
        return {"invoice_payment_term_id": self.env["account.payment.term"].create({"name": "x", "line_ids": lines}).id}

    def claims(self, run):
        """{customer and level: claimed} of a run."""
        return {(notice.partner_id, notice.level_id): notice.amount_total for notice in run.notice_ids}

    # on which day which level

    def test_repeats_on_the_exact_days_and_at_most_so_often(self):
        self.level_1.write({"repeat_every": 9, "repeat_max": 2})
        self.level_2.days, self.level_3.days = 50, 60
        move = self.invoice(self.partner_a, 10)
        self.assertEqual(self.dun_on(0, 7, 8, 9, 10, 17), {0: [10], 9: [10]})
        self.assertEqual(self.dun_on(18, 19, 27, 28, 36, 39), {18: [10]}, "two repeats at most")
        lines = move.collection_plan_ids.notice_line_ids.sorted("id")
        self.assertEqual(lines.mapped("reason"), ["due", "repeat", "repeat"])
        state = self.state(move)
        self.assertEqual((state.level_id, state.times), (self.level_1, 3))
        self.assertEqual(self.dun_on(40), {40: [50]})
        self.assertEqual(self.state(move).times, 1, "counted anew at the next level")

    def test_missed_repeat_goes_on_the_next_run_and_counts_from_there(self):
        self.level_1.write({"repeat_every": 9, "repeat_max": 2})
        self.level_2.days, self.level_3.days = 50, 60
        self.invoice(self.partner_a, 10)
        self.assertEqual(self.dun_on(0, 12, 18, 20, 21), {0: [10], 12: [10], 21: [10]})

    def test_a_level_that_is_reached_but_waits_lets_the_repeat_go(self):
        """No higher level is due while its interval lasts; the repeat is a notice from which the interval counts."""
        self.level_1.write({"repeat_every": 10, "repeat_max": 1})
        self.level_2.min_days = 15
        self.invoice(self.partner_a, 15)
        self.assertEqual(self.dun_on(0, 9, 10, 15, 20, 24, 25), {0: [10], 10: [10], 25: [20]})

    def test_a_higher_level_that_is_due_goes_before_the_repeat(self):
        self.level_1.write({"repeat_every": 10, "repeat_max": 5})
        self.invoice(self.partner_a, 10)
        self.assertEqual(self.dun_on(0, 10, 17, 20), {0: [10], 10: [20], 20: [30]})

    def test_the_printed_deadline_where_it_is_longer(self):
        self.level_1.deadline_days = 14
        self.invoice(self.partner_a, 15)
        self.assertEqual(self.dun_on(0), {0: [10]})
        self.level_1.deadline_days = 2
        self.assertEqual(self.dun_on(7, 13, 14, 15), {15: [20]}, "what was printed counts, not what the level says now")

    def test_the_minimum_days_of_the_next_level_where_they_are_longer(self):
        self.level_1.min_days, self.level_2.min_days = 1, 12
        self.invoice(self.partner_a, 25)
        self.assertEqual(self.dun_on(0, 7, 11, 12, 18, 19), {0: [10], 12: [20], 19: [30]})

    def test_the_interval_counts_from_the_day_the_notice_left(self):
        move = self.invoice(self.partner_a, 15, 100.0)
        notice = self.run_day().notice_ids
        self.go(4)
        self.pay(move, 40.0)
        self.send(notice)
        self.assertEqual((notice.level_id, notice.amount_total, notice.days_overdue), (self.level_1, 60.0, 19))
        self.assertEqual(self.dun_on(7, 10, 11), {11: [20]})

    def test_a_first_notice_waits_for_nothing(self):
        self.level_1.write({"min_days": 30, "deadline_days": 30})
        self.invoice(self.partner_a, 9)
        self.assertEqual(self.dun_on(0, 1), {1: [10]})

    def test_days_between_notices_of_a_type_to_a_customer(self):
        self.dunning_type.min_days_between = 10
        first = self.invoice(self.partner_a, 10)
        second = self.invoice(self.partner_a, 5)
        self.assertEqual(self.dun_on(0), {0: [10]})
        self.invoice(self.partner_b, 12)
        self.assertEqual(self.dun_on(1), {1: [10]}, "another customer")
        self.assertFalse(second.collection_plan_ids)
        own = self.make_type("Own", (5, 15))
        self.invoice(self.partner_a, 1, dunning_type_id=own.id)
        self.assertEqual(self.dun_on(5, 6, 9), {5: [5]}, "another type")
        self.assertFalse(second.collection_plan_ids)
        self.go(1)
        lines = self.dun().line_ids
        self.assertEqual(
            {line.move_id: line.level_id for line in lines.filtered(lambda line: line.partner_id == self.partner_a)},
            {first: self.level_2, second: self.level_1},
        )

    def test_grace_days(self):
        self.dunning_type.grace_days = 4
        self.level_1.days = 3
        self.invoice(self.partner_a, 3)
        self.assertEqual(self.dun_on(0, 1, 2), {2: [3]}, "overdue is more than the grace days")

    def test_a_level_on_the_due_date_waits_until_the_item_is_overdue(self):
        self.level_1.days = 0
        self.invoice(self.partner_a, 0)
        self.assertEqual(self.dun_on(0, 1), {1: [0]})

    def test_catch_up_skips_what_was_passed_and_keeps_the_interval(self):
        self.dunning_type.escalation = "catch_up"
        move = self.invoice(self.partner_a, 12)
        self.assertEqual(self.dun_on(0, 6, 19, 20), {0: [10], 19: [30]})
        self.assertEqual(self.state(move).level_id, self.level_3)

    def test_catch_up_rises_by_one_level_after_a_hold(self):
        self.dunning_type.escalation = "catch_up"
        move = self.invoice(self.partner_a, 12)
        self.assertEqual(self.dun_on(0), {0: [10]})
        self.hold(move_id=move.id, date_until=Date.add(TODAY, days=20))
        self.assertEqual(self.dun_on(20, 21, 27, 28, 34, 35), {28: [20], 35: [30]})

    def test_catch_up_after_a_hold_that_a_person_ends(self):
        self.dunning_type.escalation = "catch_up"
        self.level_2.min_days = 5
        move = self.invoice(self.partner_a, 12)
        self.assertEqual(self.dun_on(0), {0: [10]})
        hold = self.hold(partner_id=self.partner_a.id)
        self.assertEqual(self.dun_on(30), {})
        hold.action_end()
        self.assertEqual(self.dun_on(34, 35), {35: [20]}, "the minimum days of the level itself")
        self.assertEqual(self.state(move).level_id, self.level_2)

    def test_a_hold_before_the_first_notice_delays_nothing(self):
        self.dunning_type.escalation = "catch_up"
        self.hold(move_id=self.invoice(self.partner_a, 20).id, date_until=Date.add(TODAY, days=10))
        self.assertEqual(self.dun_on(9, 10, 11), {11: [30]})

    def test_returned_payment_waits_and_rises_by_one_level(self):
        self.dunning_type.escalation = "catch_up"
        move = self.invoice(self.partner_a, 12)
        self.assertEqual(self.dun_on(0), {0: [10]})
        payment = self.pay(move)
        self.assertEqual(self.dun_on(30), {})
        payment.action_draft()
        self.env.cr.precommit.run()
        self.assertEqual(self.dun_on(30, 36, 37), {37: [20]})

    def test_reposted_items_take_the_level_the_invoice_had(self):
        move = self.invoice(self.partner_a, 15)
        self.assertEqual(self.dun_on(0), {0: [10]})
        self.go(3)
        move.button_draft()
        self.env.cr.precommit.run()
        self.assertEqual(self.dun_on(4), {})
        move.action_post()
        self.env.cr.precommit.run()
        self.assertEqual(self.state(move).level_id, self.level_1)
        sent = self.dun_on(5, 6, 14)
        self.assertEqual(list(sent.values()), [[20]])
        self.assertEqual(sorted(move.collection_plan_ids.mapped("state")), ["ongoing", "stopped"])

    def test_due_date_moved_for_one_instalment(self):
        move = self.invoice(self.partner_a, 30, **self.halves(5))
        first, second = move.line_ids.filtered("date_maturity").sorted("date_maturity")
        self.assertEqual(self.dun_on(0), {0: [10]})
        second.date_maturity = Date.add(TODAY, days=3)
        self.env.cr.precommit.run()
        [plan] = move.collection_plan_ids
        self.assertEqual(plan.state, "ongoing")
        self.assertFalse(second.dunning_item_state_ids.level_id)
        self.assertEqual(plan.item_state_ids.move_line_id, first)
        self.assertEqual(self.dun_on(7, 12, 13, 14), {7: [20], 13: [10], 14: [30]}, "the other starts anew")
        self.pay(move, 50.0)
        self.assertTrue(first.reconciled)
        self.assertEqual(plan.state, "ongoing")
        self.assertEqual(self.dun_on(22, 23), {23: [20]})

    def test_instalments_at_levels_of_their_own(self):
        move = self.invoice(self.partner_a, 12, 100.0, **self.halves(10))
        first, second = move.line_ids.filtered("date_maturity").sorted("date_maturity")
        self.assertEqual(self.dun_on(0, 7), {0: [10]})
        self.go(1)
        [notice] = self.dun()
        self.assertEqual(
            {line.move_line_id: line.level_id for line in notice.line_ids}, {first: self.level_2, second: self.level_1}
        )
        self.assertEqual((notice.level_id, notice.amount_total), (self.level_2, 100.0))
        self.assertEqual(len(move.collection_plan_ids), 1)
        self.assertEqual(move.collection_plan_ids.level_id, self.level_2, "the leading item decides")
        self.pay(move, 50.0)
        self.assertTrue(first.reconciled)
        self.assertEqual(move.collection_plan_ids.state, "ongoing")
        self.assertEqual(self.dun_on(15, 17, 18), {18: [20]}, "the second goes on at its own level")

    def test_reminders_inside_their_window_only(self):
        self.reminder(-10)
        move = self.invoice(self.partner_a, -12)
        late = self.invoice(self.partner_b, -1)
        self.assertEqual(self.dun_on(1), {}, "11 days before the one, the due date of the other")
        self.assertEqual(self.dun_on(9), {9: [-10]}, "the schedule missed the day")
        self.assertEqual(self.dun_on(10, 11, 12), {11: [10]}, "the level of the other; no second reminder")
        self.assertFalse(move.collection_plan_ids)
        self.assertFalse(self.state(move).level_id)
        self.assertEqual(late.collection_plan_ids.level_id, self.level_1)

    def test_reminders_on_the_last_day_of_the_window(self):
        self.reminder(-10)
        self.invoice(self.partner_a, -1)
        self.assertEqual(self.dun_on(0, 1), {0: [-10]})

    def test_two_reminders_each_once(self):
        self.reminder(-10)
        self.reminder(-3)
        self.invoice(self.partner_a, -12)
        self.assertEqual(self.dun_on(2, 3, 8, 9, 10, 11), {2: [-10], 9: [-3]})

    def test_a_reminder_is_no_last_notice(self):
        self.dunning_type.min_days_between = 20
        reminder = self.reminder(-2)
        reminder.deadline_days = 30
        self.level_1.write({"days": 3, "min_days": 20})
        self.invoice(self.partner_a, -1)
        self.assertEqual(self.dun_on(0, 3, 4), {0: [-2], 4: [3]})

    # levels that change

    def test_edited_days_take_effect_at_the_next_run(self):
        self.invoice(self.partner_a, 12)
        self.level_1.days = 15
        self.assertEqual(self.dun_on(0, 2, 3), {3: [15]})
        self.level_2.days = 23
        self.assertEqual(self.dun_on(10, 11), {11: [23]})
        self.level_3.write({"days": 24, "min_days": 9})
        self.assertEqual(self.dun_on(18, 19, 20), {20: [24]})

    def test_a_level_that_is_added_below_is_not_sent_later(self):
        move = self.invoice(self.partner_a, 12)
        self.assertEqual(self.dun_on(0), {0: [10]})
        self.level_1.copy({"days": 5, "type_id": self.dunning_type.id})
        self.level_1.copy({"days": 15, "type_id": self.dunning_type.id})
        self.assertEqual(self.dun_on(7, 14), {7: [15], 14: [20]})
        self.assertEqual(self.state(move).level_id, self.level_2)

    def test_an_archived_level_is_passed_over(self):
        above, below = self.invoice(self.partner_a, 22), self.invoice(self.partner_b, 4)
        self.assertEqual(self.dun_on(0, 7), {0: [10], 7: [10, 20]})
        self.level_2.active = False
        self.assertEqual(self.state(above).level_id, self.level_2)
        self.assertEqual(self.dun_on(14), {14: [30]}, "on with the next active level")
        self.assertEqual(self.state(below).level_id, self.level_1)
        self.assertEqual(self.dun_on(25, 26), {26: [30]}, "from the first straight to the third")

    def test_archived_levels_in_catch_up(self):
        self.dunning_type.escalation = "catch_up"
        self.invoice(self.partner_a, 25)
        self.level_2.active = False
        self.assertEqual(self.dun_on(0, 7), {0: [10], 7: [30]})

    def test_all_levels_above_are_archived(self):
        self.invoice(self.partner_a, 40)
        self.assertEqual(self.dun_on(0), {0: [10]})
        (self.level_2 + self.level_3).active = False
        self.assertEqual(self.dun_on(7, 60), {})

    # the minimum, credits and partial holds

    def test_minimum_over_currencies(self):
        """One euro is half a unit of the company's currency."""
        self.dunning_type.minimum_amount = 150.0
        self.invoice(self.partner_a, 12, 100.0)
        euro = self.invoice(self.partner_a, 12, 99.98, currency_id=self.other_currency.id)
        run = self.run_day()
        self.assertFalse(run.notice_ids)
        self.assertEqual(set(run.skipped_ids.mapped("reason")), {"minimum"})
        self.invoice(self.partner_a, 12, 0.02, currency_id=self.other_currency.id)
        notices = self.run_day().notice_ids
        self.assertEqual(
            {notice.currency_id: notice.amount_total for notice in notices},
            {self.company.currency_id: 100.0, euro.currency_id: 100.0},
        )

    def test_minimum_counts_what_is_overdue_even_below_the_first_level(self):
        self.dunning_type.write({"minimum_amount": 150.0, "grace_days": 4})
        due = self.invoice(self.partner_a, 12, 100.0)
        self.invoice(self.partner_a, 3, 50.0)
        self.assertEqual(self.dun_on(0, 1), {}, "within the grace days it is not overdue")
        self.go(1)
        [notice] = self.dun()
        self.assertEqual((notice.line_ids.move_id, notice.amount_total), (due, 100.0))

    def test_minimum_of_each_type(self):
        self.dunning_type.minimum_amount = 100.0
        own = self.make_type("Own", (5, 15))
        self.invoice(self.partner_a, 12, 60.0)
        chosen = self.invoice(self.partner_a, 12, 60.0, dunning_type_id=own.id)
        run = self.run_day()
        self.assertEqual(run.notice_ids.line_ids.move_id, chosen)
        self.assertEqual(run.skipped_ids.mapped("reason"), ["minimum"])

    def test_credits_of_another_currency_do_not_count_in_the_minimum(self):
        self.dunning_type.minimum_amount = 150.0
        move = self.invoice(self.partner_a, 12, 160.0)
        self.invoice(self.partner_a, 12, 20.0, currency_id=self.other_currency.id)
        self.credit(300.0, currency_id=self.other_currency.id)
        run = self.run_day()
        self.assertEqual(run.notice_ids.line_ids.move_id, move)
        self.assertEqual(run.notice_ids.amount_total, 160.0)
        self.assertEqual(run.skipped_ids.mapped("reason"), ["credits"])

    def test_below_the_minimum_the_plan_waits(self):
        self.dunning_type.minimum_amount = 50.0
        move = self.invoice(self.partner_a, 12, 100.0)
        self.assertEqual(self.dun_on(0), {0: [10]})
        plan = move.collection_plan_ids
        self.assertEqual((plan.next_level_id, plan.next_date), (self.level_2, Date.add(TODAY, days=8)))
        self.pay(move, 60.0)
        self.assertEqual(self.dun_on(8, 20), {})
        self.assertEqual((plan.state, plan.amount_due, plan.next_date), ("ongoing", 40.0, False))
        self.invoice(self.partner_a, 1, 10.0)
        self.assertEqual(self.dun_on(21), {21: [20]}, "together they reach it")

    def test_credits_over_notices_of_two_levels(self):
        self.dunning_type.write({"escalation": "catch_up", "grouping": "level"})
        self.invoice(self.partner_a, 22, 100.0)
        self.invoice(self.partner_a, 12, 50.0)
        self.credit(70.0)
        run = self.run_day()
        self.assertEqual(self.claims(run), {(self.partner_a, self.level_2): 30.0, (self.partner_a, self.level_1): 50.0})
        self.assertEqual(sum(run.notice_ids.mapped("amount_credit")), 70.0)

    def test_credits_over_notices_of_two_types(self):
        own = self.make_type("Own", (5, 15))
        self.invoice(self.partner_a, 12, 100.0)
        self.invoice(self.partner_a, 12, 80.0, dunning_type_id=own.id)
        self.credit(50.0)
        notices = self.run_day().notice_ids
        self.assertEqual(notices.type_id, self.dunning_type + own)
        self.assertEqual(sum(notices.mapped("amount_total")), 130.0)
        for notice in notices:
            self.assertEqual(notice.amount_total, notice.amount_dunned - notice.amount_credit)
            self.assertGreaterEqual(notice.amount_total, 0.0)

    def test_credits_of_contacts_and_payments_on_account(self):
        contact = self.partner_a.create({"name": "Branch", "parent_id": self.partner_a.id})
        self.invoice(self.partner_a, 12, 100.0)
        self.credit(10.0, contact)
        self.env["account.payment"].create({"partner_id": self.partner_a.id, "amount": 25.0}).action_post()
        self.credit(50.0, self.partner_b)
        self.assertEqual(self.run_day().notice_ids.amount_total, 65.0)

    def test_credits_cover_one_currency_only(self):
        self.invoice(self.partner_a, 12, 100.0)
        self.invoice(self.partner_a, 12, 100.0, currency_id=self.other_currency.id)
        self.credit(100.0)
        run = self.run_day()
        self.assertEqual(run.notice_ids.currency_id, self.other_currency)
        self.assertEqual(run.notice_ids.amount_total, 100.0)
        self.assertEqual(run.skipped_ids.mapped("reason"), ["credits"])

    def test_credits_between_proposing_and_issuing(self):
        self.invoice(self.partner_a, 12, 100.0)
        self.invoice(self.partner_b, 12, 100.0)
        notices = self.run_day().notice_ids
        covered = notices.filtered(lambda notice: notice.partner_id == self.partner_b)
        self.credit(30.0)
        self.credit(100.0, self.partner_b)
        self.send(notices)
        self.assertEqual((notices - covered).amount_total, 70.0)
        self.assertNotEqual(covered.state, "sent", "his credits cover his overdue items")
        self.assertFalse(self.partner_b.collection_plan_ids)

    def test_credits_are_not_claimed_twice_over_time(self):
        """The claim of each run is the debt of that day net of what is left of the credit."""
        move = self.invoice(self.partner_a, 15, 100.0)
        credit = self.credit(30.0)
        self.assertEqual(self.dun().amount_total, 70.0)
        (self.item(move) + self.item(credit)).reconcile()
        self.env.cr.precommit.run()
        self.assertEqual(move.collection_plan_ids.amount_due, 70.0)
        self.go(7)
        self.assertEqual(self.dun().amount_total, 70.0)

    def test_partial_hold_and_payments(self):
        move = self.invoice(self.partner_a, 12, 100.0)
        hold = self.hold(move_id=move.id, amount=30.0)
        self.pay(move, 50.0)
        run = self.run_day()
        self.assertEqual(run.notice_ids.amount_total, 20.0)
        run.action_cancel()
        self.pay(move, 30.0)
        run = self.run_day()
        self.assertFalse(run.notice_ids)
        self.assertEqual(run.skipped_ids.mapped("reason"), ["hold"])
        hold.action_end()
        self.assertEqual(self.run_day().notice_ids.amount_total, 20.0, "never dunned: no wait after the hold")

    def test_partial_hold_while_the_rest_is_dunned_and_paid(self):
        move = self.invoice(self.partner_a, 15, 100.0)
        self.hold(move_id=move.id, amount=30.0)
        self.assertEqual(self.dun().amount_total, 70.0)
        plan = move.collection_plan_ids
        self.assertEqual(self.dun_on(6, 7), {7: [20]}, "the rest is dunned as ever")
        self.pay(move, 70.0)
        self.assertEqual(plan.state, "ongoing", "the contested part is open")
        self.assertEqual(self.dun_on(20), {})
        self.pay(move)
        self.assertEqual(plan.state, "recovered")

    def test_partial_hold_with_credits(self):
        move = self.invoice(self.partner_a, 12, 100.0)
        self.hold(move_id=move.id, amount=30.0)
        self.credit(20.0)
        self.assertEqual(self.run_day().notice_ids.amount_total, 50.0)

    # which items

    def entry(self, amount, days_overdue, partner=None):
        """A posted miscellaneous entry; returns its receivable item."""
        account = self.company_data["default_account_receivable"]
        other = self.company_data["default_account_revenue"]
        due = Date.subtract(self.today, days=days_overdue)
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": self.company_data["default_journal_misc"].id,
                "date": self.today,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": partner and partner.id,
                            "balance": amount,
                            "date_maturity": due,
                        }
                    ),
                    Command.create({"account_id": other.id, "balance": -amount}),
                ],
            }
        )
        move.action_post()
        return move.line_ids.filtered(lambda line: line.account_id == account)

    def skipped(self):
        run = self.run_day()
        self.assertFalse(run.notice_ids)
        return run.skipped_ids.mapped("reason")

    def test_misc_entries_where_the_company_duns_them(self):
        item = self.entry(80.0, 12, self.partner_a)
        self.assertTrue(item.no_followup, "core sets it in general journals")
        item.no_followup = False
        self.assertEqual(self.skipped(), ["document"])
        self.settings.invoice_type_ids += self.shipped("invoice_type_entry")
        item.no_followup = True
        self.assertEqual(self.skipped(), ["no_followup"])
        item.no_followup = False
        notice = self.run_day().notice_ids
        self.assertEqual((notice.line_ids.move_line_id, notice.amount_total), (item, 80.0))
        self.assertEqual(notice.days_overdue, 12)
        self.send(notice)
        self.assertEqual(item.move_id.collection_plan_ids.state, "ongoing")
        self.go(8)
        self.assertEqual(self.dun().level_id, self.level_2)

    def test_misc_entries_without_customer_are_no_items(self):
        self.settings.invoice_type_ids += self.shipped("invoice_type_entry")
        self.entry(80.0, 12).no_followup = False
        mine = self.invoice(self.partner_a, 12)
        self.assertEqual(self.run_day().notice_ids.line_ids.move_id, mine)

    def test_a_misc_entry_in_the_customers_favour_is_a_credit(self):
        self.invoice(self.partner_a, 12, 100.0)
        self.entry(-35.0, 0, self.partner_a)
        self.assertEqual(self.run_day().notice_ids.amount_total, 65.0)

    def test_blocked_with_a_residual(self):
        move = self.invoice(self.partner_a, 12, 100.0)
        move.action_toggle_block_payment()
        self.pay(move, 40.0)
        self.assertEqual(move.payment_state, "blocked")
        self.assertEqual(self.skipped(), ["blocked"])
        self.pay(move)
        self.assertEqual(self.skipped(), [], "paid: nothing is kept out any more")

    def test_unblocked_with_a_residual(self):
        move = self.invoice(self.partner_a, 12, 100.0)
        move.action_toggle_block_payment()
        self.pay(move, 40.0)
        move.action_toggle_block_payment()
        self.assertEqual(self.run_day().notice_ids.amount_total, 60.0)

    def test_blocked_between_proposing_and_issuing(self):
        stays, blocked = self.invoice(self.partner_a, 12, 70.0), self.invoice(self.partner_a, 12, 30.0)
        notice = self.run_day().notice_ids
        self.assertEqual(notice.amount_total, 100.0)
        blocked.action_toggle_block_payment()
        self.send(notice)
        self.assertEqual((notice.line_ids.move_id, notice.amount_total), (stays, 70.0))
        self.assertFalse(blocked.collection_plan_ids)

    def test_not_followed_up_between_proposing_and_issuing(self):
        move = self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        self.item(move).no_followup = True
        self.send(notice)
        self.assertEqual(notice.state, "cancelled")
        self.assertTrue(notice.cancel_reason)

    def test_two_types_for_a_customer_by_the_invoices_own(self):
        own = self.make_type("Own", (5, 15))
        self.partner_a.dunning_type_id = self.dunning_type
        by_customer = self.invoice(self.partner_a, 10)
        by_invoice = self.invoice(self.partner_a, 10, dunning_type_id=own.id)
        notices = self.dun()
        self.assertEqual(
            {notice.type_id: (notice.line_ids.move_id, notice.level_id) for notice in notices},
            {self.dunning_type: (by_customer, self.level_1), own: (by_invoice, own.level_ids[0])},
        )
        self.go(7)
        [notice] = self.dun()
        self.assertEqual((notice.type_id, notice.level_id), (own, own.level_ids[1]), "17 days: only the own type's")

    def test_a_run_of_tomorrow_counts_the_days_until_then(self):
        self.invoice(self.partner_a, 9)
        self.assertFalse(self.run_day().notice_ids)
        run = self.run_day(date=Date.add(self.today, days=1))
        self.assertEqual((run.notice_ids.level_id, run.notice_ids.days_overdue), (self.level_1, 10))
