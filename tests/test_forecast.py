"""What goes out in the next 14 days, as a list."""

from dataclasses import replace
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import BaseCase, HttpCase, tagged

from odoo.addons.account_dunning.engine import Credit, Customer, Item, Level, TypeRule, forecast
from odoo.addons.account_dunning.wizards.run import account_dunning_forecast

from .common import TODAY, DunningCommon, StubLetters


class TestForecastEngine(BaseCase):
    rule = TypeRule(
        id=1, levels=(Level(1, 10, deadline_days=4), Level(2, 20, min_days=3, deadline_days=8), Level(3, 25))
    )

    def item(self, number, days_overdue, **values):
        due = TODAY - timedelta(days_overdue)
        return Item(number, due, 100.0, 100.0, currency=1, type=1, **values)

    def steps(self, *items, rule=None, days=14, **values):
        """(days from today, level, item ids) of what is to come."""
        found = forecast(Customer(1, items, **values), {1: rule or self.rule}, TODAY, TODAY + timedelta(days))
        return [((step.day - TODAY).days, step.level.id, [v.item.id for v in step.verdicts]) for step in found]

    def test_what_follows_the_first_notice(self):
        self.assertEqual(self.steps(self.item(1, 30)), [(0, 1, [1]), (5, 2, [1]), (14, 3, [1])])
        self.assertEqual(self.steps(self.item(1, 5)), [(5, 1, [1])])
        self.assertEqual(self.steps(self.item(1, -4)), [(14, 1, [1])])
        self.assertEqual(self.steps(self.item(1, -5)), [])

    def test_reminder_and_then_the_first_level(self):
        rule = TypeRule(id=1, levels=(Level(9, -3), Level(1, 5)))
        self.assertEqual(self.steps(self.item(1, -8), rule=rule), [(5, 9, [1]), (13, 1, [1])])
        self.assertEqual(self.steps(self.item(1, -16), rule=rule), [(13, 9, [1])])
        self.assertEqual(self.steps(self.item(1, -8, reminded=-3), rule=rule), [(13, 1, [1])])

    def test_a_reminder_that_is_withheld_does_not_hide_the_first_level(self):
        rule = TypeRule(id=1, levels=(Level(9, -3), Level(1, 5)))
        found = self.steps(self.item(1, -2), self.item(2, 6), rule=rule)
        self.assertEqual([step for step in found if 1 in step[2]], [(7, 1, [1])])

    def test_the_minimum_counts_what_is_overdue_on_that_day(self):
        rule = TypeRule(id=1, levels=(Level(1, 10),), minimum=150.0)
        self.assertEqual(self.steps(self.item(1, 12), rule=rule), [])
        self.assertEqual(self.steps(self.item(1, 12), self.item(2, 7), rule=rule), [(0, 1, [1]), (3, 1, [2])])
        self.assertEqual(self.steps(self.item(1, 12), self.item(2, -2), rule=rule), [(3, 1, [1]), (12, 1, [2])])

    def test_days_between_the_notices_of_a_customer(self):
        rule = TypeRule(id=1, levels=(Level(1, 10),), min_days_between=6)
        self.assertEqual(self.steps(self.item(1, 12), self.item(2, 7), rule=rule), [(0, 1, [1]), (6, 1, [2])])

    def test_one_letter_is_one_step(self):
        """Items at several levels are one notice, unless the type makes one for each level."""
        items = self.item(1, 30, reached=10, last_notice=TODAY - timedelta(9)), self.item(2, 12)
        self.assertEqual(self.steps(*items, days=0), [(0, 2, [1, 2])])
        by_level = replace(self.rule, by_level=True)
        self.assertEqual(self.steps(*items, rule=by_level, days=0), [(0, 2, [1]), (0, 1, [2])])

    def test_obstacles_and_credits(self):
        self.assertEqual(
            self.steps(self.item(1, 12, obstacles=("hold",)), self.item(2, 9)), [(1, 1, [2]), (11, 2, [2])]
        )
        self.assertEqual(self.steps(self.item(1, 12), credits=(Credit(9, 100.0, 1),)), [])

    def test_customer_based_the_leading_item_decides(self):
        found = self.steps(self.item(1, 12, reached=10, last_notice=TODAY), self.item(2, 5), balance=200.0)
        self.assertEqual(found, [(8, 2, [1, 2])])


class ForecastCommon(StubLetters, DunningCommon):
    def lines(self, user=None):
        """The rows that the menu shows to a collector."""
        user = user or self.collector
        action = self.env.ref("account_dunning.account_dunning_forecast_action").with_user(user).run()
        return self.env[action["res_model"]].with_user(user).search(action["domain"])

    def found(self, *names):
        """The rows as tuples of the fields ``names``, after the days from today."""
        return [
            ((line.date - self.today).days, *(line[name] for name in names))
            for line in self.lines()
            if line.partner_id in self.partner_a + self.partner_b
        ]


@tagged("post_install", "-at_install")
class TestForecast(ForecastCommon):
    def test_one_row_for_each_notice(self):
        self.partner_a.dunning_user_id = self.collector
        self.invoice(self.partner_a, 12, 100.0)
        self.invoice(self.partner_a, 14, 50.0)
        self.invoice(self.partner_a, 6, 20.0)
        self.invoice(self.partner_b, 11, 70.0, currency_id=self.other_currency.id)
        rows = self.found("partner_id", "level_id", "item_count", "amount", "currency_id", "type_id")
        common = (self.company.currency_id, self.dunning_type)
        self.assertEqual(
            rows,
            [
                (0, self.partner_a, self.level_1, 2, 150.0, *common),
                (0, self.partner_b, self.level_1, 1, 70.0, self.other_currency, self.dunning_type),
                (4, self.partner_a, self.level_1, 1, 20.0, *common),
                (7, self.partner_a, self.level_2, 1, 50.0, *common),
                (8, self.partner_a, self.level_2, 1, 100.0, *common),
                (9, self.partner_b, self.level_2, 1, 70.0, self.other_currency, self.dunning_type),
                (14, self.partner_a, self.level_2, 1, 20.0, *common),
            ],
        )
        line = self.lines()[0]
        self.assertEqual((line.user_id, line.plan_id.id, line.company_id), (self.collector, False, self.company))
        self.assertEqual(line.action_open_customer()["res_id"], self.partner_a.id)

    def test_who_cannot_be_reached_is_told(self):
        self.partner_b.write({"street": False, "zip": False, "city": False})
        self.invoice(self.partner_a, 12)
        self.invoice(self.partner_b, 12)
        self.assertEqual(
            self.found("partner_id", "document")[:2],
            [(0, self.partner_a, "letter"), (0, self.partner_b, "unreachable")],
        )

    def test_it_looks_ahead(self):
        reminder = self.env["account.dunning.level"].create(
            {
                "type_id": self.dunning_type.id,
                "name": "Soon",
                "days": -5,
                "reminder": True,
                "document": "letter",
                "text": "<p>x</p>",
            }
        )
        self.invoice(self.partner_a, -19)
        self.invoice(self.partner_b, -20)
        self.assertEqual(self.found("partner_id", "level_id"), [(14, self.partner_a, reminder)])
        reminder.active = False
        self.assertEqual(self.found(), [])
        self.invoice(self.partner_b, -4)
        self.assertEqual(self.found("partner_id", "level_id"), [(14, self.partner_b, self.level_1)])

    def test_what_keeps_out(self):
        held = self.invoice(self.partner_a, 12)
        self.env["account.dunning.hold"].create({"move_id": held.id, "reason_id": self.shipped("reason_dispute").id})
        self.assertEqual(self.found(), [])
        self.invoice(self.partner_b, 12, 30.0)
        self.assertEqual(len(self.found()), 2)
        self.dunning_type.minimum_amount = 40.0
        self.assertEqual(self.found(), [])

    def test_what_waits_in_a_run_is_due_today(self):
        self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        self.assertEqual(self.found("level_id")[0], (0, self.level_1))
        self.issue(notice)
        self.assertEqual(notice.state, "to_print")
        self.assertEqual(self.found("level_id")[0], (0, self.level_1))
        notice._confirm_printed()
        self.assertEqual(self.found("level_id"), [(8, self.level_2)])

    def test_the_plan_and_its_collector(self):
        move = self.invoice(self.partner_a, 12)
        self.dun()
        plan = move.collection_plan_ids
        plan.user_id = self.manager
        [line] = self.lines()
        self.assertEqual((line.plan_id, line.user_id, line.amount), (plan, self.manager, 100.0))
        self.assertEqual(line.action_open_plan()["res_id"], plan.id)

    def test_customer_based(self):
        self.settings.mode = "customer"
        self.invoice(self.partner_a, 12)
        self.dun()
        self.invoice(self.partner_a, 5, 50.0)
        self.assertEqual(self.found("level_id", "item_count", "amount"), [(8, self.level_2, 2, 150.0)])

    def test_the_list_agrees_with_the_days_that_come(self):
        for partner, days in ((self.partner_a, 3), (self.partner_a, 11), (self.partner_b, 28), (self.partner_b, -2)):
            self.invoice(partner, days)
        told = sorted((line.date, line.partner_id.id, line.level_id.id, line.item_count) for line in self.lines())
        sent = []
        for _day in range(15):
            sent += [(self.today, n.partner_id.id, n.level_id.id, len(n.line_ids)) for n in self.dun()]
            self.go(1)
        self.assertEqual(told, sorted(sent))

    def test_each_user_has_his_own_list_anew(self):
        self.invoice(self.partner_a, 12)
        mine = self.lines()
        theirs = self.lines(self.manager)
        self.assertFalse(mine & theirs)
        self.assertEqual(len(self.lines()), len(theirs))
        self.assertFalse(mine.exists())
        self.assertFalse(self.env["account.dunning.forecast.line"].with_user(self.manager).search([]) - theirs)

    def test_collectors_only(self):
        stranger = self.new_user("stranger", "account.group_account_invoice")
        with self.refused(AccessError, ""):
            self.lines(stranger)
        with self.refused(AccessError, "Only collectors"):
            self.env["account.dunning.forecast.line"].with_user(stranger)._open()
        menu = self.env.ref("account_dunning.account_dunning_forecast_menu")
        self.assertIn(menu.id, menu.with_user(self.collector)._visible_menu_ids())
        self.assertNotIn(menu.id, menu.with_user(stranger)._visible_menu_ids())

    def test_the_number_of_queries_for_a_batch_is_constant(self):
        def make(count):
            partners = self.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(count)])
            for partner in partners:
                self.invoice(partner, 12)

        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            model = self.env["account.dunning.forecast.line"].sudo()
            begin = self.env.cr.sql_log_count
            model._make(self.company, self.today)
            return self.env.cr.sql_log_count - begin

        make(2)
        queries()
        queries()  # rules of access are cached at the second reading
        few = queries()
        make(12)
        self.assertEqual(queries(), few)
        self.patch(account_dunning_forecast, "FORECAST_BATCH", 7)
        self.assertLessEqual(queries(), 2 * few, "14 customers in two batches")


@tagged("post_install", "-at_install")
class TestForecastExport(ForecastCommon, HttpCase):
    def test_odoos_own_export(self):
        self.invoice(self.partner_a, 12, 123.0)
        self.collector.group_ids += self.env.ref("base.group_allow_export")
        lines = self.lines()
        names = ["date", "partner_id", "level_id", "item_count", "amount", "currency_id", "user_id", "plan_id"]
        [first, *_rest] = lines.export_data(names)["datas"]
        self.assertEqual(first[:4], [TODAY, self.partner_a.name, f"{self.level_1.display_name}", 1])
        self.assertEqual(first[4], 123.0)
