"""The dashboard: snapshots of months, tiles, charts, and that each figure opens rows with its sum."""

import base64
import io
from datetime import date

from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import new_test_user, tagged

from .common import ChargesCommon

ITEM_TILES = {
    "overdue": "amount",
    "current": "amount",
    "credits": "amount",
    "disputed": "disputed",
    "promised": "promised",
    "held": "held",
    "agency": "agency",
}


class DashboardCommon(ChargesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.snapshots = cls.env["account.dunning.snapshot"].sudo()
        cls.patch_progress()

    @classmethod
    def patch_progress(cls):
        cls.classPatch(type(cls.env["ir.cron"]), "_commit_progress", lambda *_args, **_values: 0)

    def board(self, user=None):
        return self.env["account.dunning.dashboard"].with_user(user or self.manager).with_company(self.company)

    def data(self, *args, user=None):
        return self.board(user).get_data(*args)

    def tile(self, name, *args):
        return next(tile for tile in self.data(*args)["tiles"] if tile["name"] == name)

    def rows(self, *args, user=None):
        action = self.board(user).open_rows(*args)
        return self.env[action["res_model"]].with_user(user or self.manager).search(Domain(action["domain"]))

    def take(self, day):
        return self.snapshots._take(self.company, date.fromisoformat(day))

    def refresh(self):
        self.env["account.collection.case"]._refresh(self.company)

    def owe(self):
        """Something in each of the tiles of amounts."""
        overdue = self.invoice(self.partner_a, 40, 100.0)
        self.invoice(self.partner_a, -10, 55.5)
        self.invoice(self.partner_b, 5, 70.0)
        self.credit(self.partner_b, 12.5)
        holds = self.env["account.dunning.hold"]
        holds.create({"move_id": overdue.id, "amount": 30.0, "reason_id": self.shipped("reason_dispute").id})
        holds.create({"partner_id": self.partner_b.id, "reason_id": self.shipped("reason_excluded").id})


@tagged("post_install", "-at_install")
class TestDashboard(DashboardCommon):
    def check_rows(self, *args):
        """Each tile of amounts opens rows whose sum it is."""
        tiles = {tile["name"]: tile["number"] for tile in self.data(*args)["tiles"]}
        for name, field in ITEM_TILES.items():
            rows = self.rows(name, *args)
            self.assertAlmostEqual(abs(sum(rows.mapped(field))), tiles[name], 2, name)
        return tiles

    def test_every_amount_opens_its_rows(self):
        self.owe()
        tiles = self.check_rows()
        self.assertEqual(tiles["overdue"], 170)
        self.assertEqual((tiles["current"], tiles["credits"], tiles["disputed"]), (55.5, 12.5, 30))
        self.assertEqual(tiles["held"], 70)

    def test_of_a_month(self):
        self.owe()
        self.go(29)
        month = self.take("2026-06-30")
        before = self.check_rows(month.id)
        self.pay(self.env["account.move"].search([("partner_id", "=", self.partner_b.id)], limit=1))
        self.go(10)
        self.env["account.move"].search([("partner_id", "=", self.partner_a.id), ("state", "=", "posted")])[
            -1
        ].button_draft()
        self.env.flush_all()
        self.assertEqual(self.check_rows(month.id), before, "a month stays as it was")
        self.assertNotEqual(self.check_rows(), before)

    def test_of_one_collector(self):
        self.partner_a.dunning_user_id = self.collector
        self.owe()
        self.refresh()
        month = self.take("2026-05-31")
        for snapshot_id in (False, month.id):
            tiles = self.check_rows(snapshot_id, self.collector.id)
            self.assertEqual((tiles["overdue"], tiles["credits"]), (100, 0))
        labels = self.data()["charts"]["collectors"]["labels"]
        self.assertEqual(set(labels), {self.collector.name, "Nobody"})

    def test_change_to_last_month(self):
        self.invoice(self.partner_a, 40, 100.0)
        self.take("2026-05-31")
        self.invoice(self.partner_a, 12, 50.0)
        tile = self.tile("overdue")
        self.assertEqual((tile["number"], tile["direction"], tile["trend"]), (150, 1, "bad"))
        self.assertIn("50.00", tile["change"])

    def test_without_a_month_before(self):
        self.assertEqual(self.tile("overdue")["change"], "")
        self.assertEqual(self.tile("dso")["value"], "–")

    def test_charts(self):
        self.owe()
        self.take("2026-05-31")
        ageing = self.data()["charts"]["ageing"]
        self.assertEqual(ageing["labels"], ["May 2026", "Today"])
        self.assertEqual([series["values"][1] for series in ageing["series"]], [55.5, 70, 100, 0, 0])
        for column, key in enumerate(ageing["keys"]):
            for series in ageing["series"]:
                rows = self.rows("ageing", False, False, key, series["key"])
                self.assertAlmostEqual(sum(rows.mapped("amount")), series["values"][column], 2)
        for chart in ("debtors", "collectors"):
            found = self.data()["charts"][chart]
            for key, amount in zip(found["keys"], found["series"][0]["values"], strict=True):
                self.assertAlmostEqual(sum(self.rows(chart, False, False, key).mapped("amount")), amount, 2)

    def test_recovered_after_which_level(self):
        paid, further = self.invoice(self.partner_a, 12), self.invoice(self.partner_b, 12)
        self.dun()
        self.go(5)
        self.pay(paid)
        self.go(10)
        self.dun()
        chart = self.data()["charts"]["levels"]
        self.assertEqual(chart["keys"], [self.level_1.id, self.level_2.id])
        self.assertEqual([series["values"] for series in chart["series"]], [[1, 0], [1, 0], [0, 1]])
        notices = self.rows("levels", False, False, self.level_1.id)
        self.assertEqual(notices.line_ids.move_id, paid + further)

    def test_roll_rates(self):
        stays, leaves = self.invoice(self.partner_a, 1, 60.0), self.invoice(self.partner_b, 1, 40.0)
        self.take("2026-05-31")
        self.go(10)
        self.pay(leaves)
        self.go(30)
        self.take("2026-06-30")
        self.assertTrue(stays.amount_residual)
        self.assertEqual(self.data()["charts"]["rolls"]["series"][0]["values"], [60, 0, 0, 0])

    def test_cash_expected_and_received(self):
        for delay in (0, 8, 8):
            self.frozen.move_to("2026-05-04")
            move = self.invoice(self.partner_a, 0, 50.0)
            self.go(delay)
            self.pay(move)
        self.frozen.move_to("2026-06-01")
        self.invoice(self.partner_a, 0, 300.0)
        self.snapshots._expect(self.company, self.today)
        chart = self.data()["charts"]["cash"]
        expected, came = (series["values"] for series in chart["series"])
        self.assertEqual(came[:9], [0, 0, 0, 0, 0, 100, 0, 0, 0])
        self.assertAlmostEqual(sum(filter(None, expected)), 300, 2)
        self.assertEqual(expected[9], 300, "eight days after due, a Tuesday")
        lines = self.rows("cash", False, False, chart["keys"][5], "came")
        self.assertEqual(sum(lines.mapped("balance")), -100)

    def test_ratios_open_what_they_are_made_of(self):
        paid = self.invoice(self.partner_a, 12)
        self.pay(paid)
        self.assertEqual(self.rows("days_late"), paid)
        self.assertEqual(self.tile("days_late")["number"], 12)
        self.assertFalse(self.rows("promises"))
        self.assertFalse(self.rows("right_party"))
        self.assertEqual(self.rows("dso")._name, "account.dunning.figure.item")

    def test_what_a_client_may_not_ask(self):
        plain = new_test_user(self.env, login="plain_board", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.data(user=plain)
        with self.assertRaises(AccessError):
            self.board(plain).open_rows("overdue")
        for name in ("items", "rows", "view", "_open_items", ""):
            with self.assertRaisesRegex(UserError, "no figure of that name"):
                self.board().open_rows(name)
        other = self.setup_other_company(name="Elsewhere")["company"]
        month = self.snapshots._take(other, date(2026, 4, 30))
        with self.assertRaises(UserError):
            self.data(month.id)
        self.assertFalse(
            self.env["account.dunning.figure.item"].with_user(self.manager).search([("company_id", "=", other.id)])
        )
        with self.assertRaises(AccessError):
            self.take("2026-04-30").with_user(self.manager).figures = {}

    def test_keys_that_are_none(self):
        """Whatever a client sends gets one sentence."""
        board = self.board()
        for key in ("x", "-1", -1, 1.5, "1e3", [1], {"a": 1}, "9" * 30, "٣"):
            with self.subTest(key):
                for ask in (
                    lambda key=key: board.get_data(key),
                    lambda key=key: board.get_data(False, key),
                    lambda key=key: board.get_table(key),
                    lambda key=key: board.open_rows("debtors", False, False, key),
                    lambda key=key: board.open_rows("ageing", False, False, key, "1"),
                    lambda key=key: board.open_rows("levels", False, False, key),
                    lambda key=key: board.open_rows("cash", False, False, key, "received"),
                ):
                    with self.assertRaisesRegex(UserError, "Load the page again"):
                        ask()
        with self.assertRaisesRegex(UserError, "Load the page again"):
            board.open_rows("cash", False, False, "9999-12-31", "received")
        for series in ("x", [1], {"a": 1}):
            self.assertFalse(self.rows("ageing", False, False, False, series))

    def test_a_collector_sees_it_too(self):
        self.owe()
        self.assertEqual(len(self.data(user=self.collector)["tiles"]), 15)
        self.assertTrue(self.rows("overdue", user=self.collector))

    def test_as_a_spreadsheet(self):
        self.owe()
        table = self.board().get_table()
        book = load_workbook(io.BytesIO(base64.b64decode(table["content"])))
        self.assertEqual(book.sheetnames[:2], ["Figures", "Open Items by Age"])
        self.assertEqual([cell.value for cell in book["Figures"][2]][:2], ["Overdue", 170])

    def test_on_one_page(self):
        self.owe()
        report = "account_dunning.action_report_dashboard"
        html = self.env["ir.actions.report"].with_user(self.manager)._render_qweb_html(report, [], {})[0].decode()
        self.assertIn("Weighted Days Late", html)
        self.assertIn("170.00", html)

    def test_as_many_queries_for_many_items(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.data()
            return self.env.cr.sql_log_count - before

        self.invoice_each(self.partner_a + self.partner_b, 10)
        count()
        few = count()
        self.invoices(self.partner_a, 10, [10.0] * 20)
        self.assertEqual(count(), few)


@tagged("post_install", "-at_install")
class TestSnapshots(DashboardCommon):
    def days(self):
        return sorted(self.snapshots.search([("company_id", "=", self.company.id)]).mapped("day"))

    def test_the_scheduled_action_takes_what_is_missing(self):
        self.invoice(self.partner_a, 70)  # of 23 March
        self.snapshots._cron_take()
        self.assertEqual(self.days(), [date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)])
        self.go(30)
        self.snapshots._cron_take()
        self.snapshots._cron_take()
        self.assertEqual(self.days()[3:], [date(2026, 6, 30)])
        self.assertTrue(self.settings.cash_expected)

    def test_it_is_as_the_reader_said_on_that_day(self):
        move = self.invoice(self.partner_a, 40, 100.0)
        self.pay(move, 30.0)
        self.go(20)
        self.pay(move)
        self.go(20)
        month = self.take("2026-06-01")
        [row] = self.env["account.dunning.figure.item"].search([("snapshot_id", "=", month.id)])
        self.assertEqual((row.amount, row.age, row.days_overdue, row.number), (70, "2", 40, move.name))
        self.assertEqual(month.figures["overdue"], 70)

    def test_what_fails_is_tried_again(self):
        self.invoice(self.partner_a, 40)
        ledger = type(self.env["account.dunning.ledger"])
        with self.assertLogs("odoo.addons.account_dunning.models.figures.account_dunning_snapshot", "ERROR"):
            self.patch(ledger, "_read_sales", lambda *_args: 1 / 0)
            self.snapshots._cron_take()
        self.assertFalse(self.days())

    def test_the_items_of_a_month_are_those_of_the_ledger(self):
        self.owe()
        self.go(3)
        month = self.take("2026-06-04")
        items = self.env["account.dunning.figure.item"]
        own = Domain("company_id", "=", self.company.id)
        kept, live = (
            items.search(own & Domain("snapshot_id", "=", each)).sorted("move_line_id") for each in (month.id, False)
        )
        self.assertEqual(len(kept), 4)
        for name in ("amount", "disputed", "promised", "held", "agency", "days_overdue", "age", "number", "day", "due"):
            self.assertEqual(kept.mapped(name), live.mapped(name), name)
