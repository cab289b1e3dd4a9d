"""The report of a run: what it did, customer by customer, as PDF and as a spreadsheet."""

import base64
import io

from openpyxl import load_workbook
from pypdf import PdfReader

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common import ChargesCommon, DunningCommon, StubLetters

REPORT = "account_dunning.action_report_dunning_run"


class RunReportCase(ChargesCommon):
    def sheets(self, run, user=None):
        """The rows of the spreadsheet as dicts, by the names of its sheets."""
        run.invalidate_recordset()
        content = base64.b64decode(run.with_user(user or self.collector).report_table)
        result = {}
        for sheet in load_workbook(io.BytesIO(content)).worksheets:
            headers, *rows = list(sheet.iter_rows(values_only=True)) or [()]
            result[sheet.title] = [dict(zip(headers, row, strict=True)) for row in rows]
        return result

    def html(self, run, user=None):
        reports = self.env["ir.actions.report"].with_user(user or self.collector)
        return " ".join(reports._render_qweb_html(REPORT, run.ids)[0].decode().split())


@tagged("post_install", "-at_install")
class TestRunWithEverything(RunReportCase):
    """A run: a sent letter in two levels, one in euro that failed, one excluded; one customer is left out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls("test_facts").make_run()

    def setUp(self):
        super().setUp()
        self.go(12)

    def make_run(self):
        self.level_1.write({"fee_kind": "fixed", "fee_amount": 10.0})
        old = self.invoice(self.partner_a, 12, 100.0)
        self.dun()
        self.go(12)
        self.dunning_type.grouping = "customer"
        new = self.invoice(self.partner_a, 13, 50.0)
        self.invoice(self.partner_a, 1, 30.0, move_type="out_refund")
        foreign = self.invoice(self.partner_b, 15, 80.0, currency_id=self.other_currency.id)
        held = self.env["res.partner"].create({"name": "Held & Co", "city": "Springfield", "zip": "1"})
        reason = self.shipped("reason_dispute")
        self.env["account.dunning.hold"].create({"move_id": self.invoice(held, 40, 7.0).id, "reason_id": reason.id})
        part = {"move_id": new.id, "amount": 20.0, "reason_id": reason.id}
        self.env["account.dunning.hold"].create(part)
        out = self.env["res.partner"].create({"name": "Zoe", "city": "Springfield", "zip": "1"})
        self.invoice(out, 11, 5.0)
        run = self.run_day()
        notices = {notice.partner_id: notice for notice in run.notice_ids.sudo()}
        notices[out]._exclude("Promised to pay")
        self.send(notices[self.partner_a])
        self.issue(notices[self.partner_b])
        notices[self.partner_b].write({"state": "queued"})
        notices[self.partner_b]._set_failed("The printer is on fire")
        type(self).everything, type(self).moves = run, (old, new, foreign)

    def test_facts(self):
        run = self.everything
        facts = dict(tuple(row.values()) for row in self.sheets(run)["Run"])
        self.assertEqual(
            facts,
            {
                "Company": self.company.name,
                "Run": run.name,
                "Date": "06/13/2026",
                "Status": "To Finish",
                "Dunning Mode": "Invoice-Based: a Plan for Each Invoice",
                "Made By": self.env.user.name,
                "Made On": f"{run.create_date:%m/%d/%Y}",
                "Sent On": "06/13/2026",
                "Dunning Types": "All",
                "Levels": "All",
                "Customers": "All",
                "Notices": "1 Sent, 1 Failed, 1 Excluded",
            },
        )

    def test_totals(self):
        """By currency and level; what is excluded or cancelled is not claimed."""
        run = self.everything
        rows = [tuple(row.values()) for row in self.sheets(run)["Totals"]]
        self.assertEqual(
            rows,
            [
                ("EUR", "Test 10", 1, 1, 80, 0, 20, 100),
                ("EUR", "All levels", 1, 1, 80, 0, 20, 100),
                ("USD", "Test 20", 1, 2, 130, -30, 10, 110),
                ("USD", "All levels", 1, 2, 130, -30, 10, 110),
            ],
        )

    def test_notices(self):
        run = self.everything
        rows = {row["Customer"]: row for row in self.sheets(run)["Notices"]}
        self.assertEqual(list(rows), ["partner_a", "partner_b", "Zoe"])
        sent = {key: value.date() if hasattr(value, "date") else value for key, value in rows["partner_a"].items()}
        self.assertEqual(
            sent,
            {
                "Customer": "partner_a",
                "Notice": run.notice_ids.filtered(lambda notice: notice.state == "sent").name,
                "Level": "Test 20",
                "Recipient": "partner_a",
                "Channel": "Letter",
                "Status": "Sent",
                "Sent On": self.today,
                "Remark": None,
                "Items": 2,
                "Overdue": 130,
                "Credits": -30,
                "Charges": 10,
                "Total": 110,
                "Currency": "USD",
            },
        )
        self.assertEqual(
            (rows["partner_b"]["Status"], rows["partner_b"]["Remark"]), ("Failed", "The printer is on fire")
        )
        self.assertEqual((rows["Zoe"]["Status"], rows["Zoe"]["Remark"]), ("Excluded", "Promised to pay"))

    def test_items(self):
        run, (old, new, foreign) = self.everything, self.moves
        rows = {row["Invoice"]: row for row in self.sheets(run)["Items"]}
        names = ("Days Overdue", "Level Before", "Level", "Amount", "Open", "Contested", "Credits", "Currency")
        for move, expected in (
            (old, (24, "Test 10", "Test 20", 100, 100, 0, -30, "USD")),
            (new, (13, None, "Test 10", 50, 30, 20, 0, "USD")),
            (foreign, (15, None, "Test 10", 80, 80, 0, 0, "EUR")),
        ):
            self.assertEqual(tuple(rows[move.name][name] for name in names), expected, move.name)
            self.assertEqual(rows[move.name]["Due Date"].date(), self.item(move).date_maturity)

    def test_skipped(self):
        run = self.everything
        [row] = self.sheets(run)["Left Out"]
        self.assertEqual(tuple(row.values()), ("Held & Co", "On hold", 1, 7, "USD", None))

    def test_printed_with_the_same_content(self):
        run, (old, new, _foreign) = self.everything, self.moves
        html = self.html(run)
        for text in (
            *(run.name, "Made By", "All levels", "Test 20", old.name, new.name, "Letter: partner_a", "Sent 06/13/2026"),
            *("The printer is on fire", "Promised to pay", "Held &amp; Co", "On hold"),
            "<td> Test 10 → Test 20 </td>",
            "<td> none → Test 10 </td>",
            *("$ 110.00", "100.00 €", "$ 20.00"),
        ):
            self.assertIn(text, html)


@tagged("post_install", "-at_install")
class TestRunReport(RunReportCase):
    def test_filters_and_the_nightly_run(self):
        values = {
            "type_ids": [Command.set(self.dunning_type.ids)],
            "level_ids": [Command.set(self.level_2.ids)],
            "partner_ids": [Command.set(self.partner_a.ids)],
            "include_disputed": True,
        }
        facts = dict(tuple(row.values()) for row in self.sheets(self.run_day(**values))["Run"])
        for label, text in (
            ("Dunning Types", "Test"),
            ("Levels", self.level_2.display_name),
            ("Customers", "partner_a"),
            ("Disputed Items", "Included"),
            ("Status", "Done"),
        ):
            self.assertIn(text, facts[label], label)
        nightly = self.env["account.dunning.run"].sudo()._start_nightly(self.company)
        nightly = nightly or self.env["account.dunning.run"].search([("nightly", "=", True)], limit=1)
        facts = dict(tuple(row.values()) for row in self.sheets(nightly)["Run"])
        self.assertEqual(facts["Made By"], "Nightly, by itself")

    def test_the_mode_in_which_it_dunned(self):
        self.invoice(self.partner_a, 12)
        run = self.dun().run_id
        run.notice_ids.line_ids.plan_id.sudo()._stop(self.shipped("reason_dispute"))
        self.settings.mode = "customer"
        self.assertIn(
            {"Run": "Dunning Mode", run.name: "Invoice-Based: a Plan for Each Invoice"}, self.sheets(run)["Run"]
        )

    def test_an_empty_run(self):
        run = self.run_day()
        self.assertIn("None.", self.html(run))
        sheets = self.sheets(run)
        self.assertEqual([sheets[name] for name in ("Totals", "Notices", "Items", "Left Out")], [[], [], [], []])

    def test_texts_are_no_formulas(self):
        self.partner_a.name = "=1+1"
        self.invoice(self.partner_a, 12)
        run = self.run_day()
        content = base64.b64decode(run.report_table)
        cell = load_workbook(io.BytesIO(content))["Notices"]["A2"]
        self.assertEqual((cell.value, cell.data_type), ("=1+1", "s"))

    def test_queries_do_not_grow(self):
        """A query for each customer would show with twelve as with more: the report is made of all of them at once."""

        def count(customers):
            partners = self.env["res.partner"].create(
                [{"name": f"C{n}", "email": "c@example.com", "zip": "1", "city": "Here"} for n in range(customers)]
            )
            moves = self.post_invoices(
                [self.prepare_invoice(partner, days) for days in (12, 13, 14) for partner in partners]
            )
            reason = self.shipped("reason_excluded")
            held = [{"move_id": move.id, "reason_id": reason.id} for move in moves[-customers:]]
            self.env["account.dunning.hold"].create(held)
            run = self.run_day(partner_ids=[Command.set(partners.ids)])
            self.assertEqual((run.notice_count, run.skipped_count), (customers, customers))
            run.partner_ids = False
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            run._get_report()
            run._get_report_sheets()
            return self.env.cr.sql_log_count - before

        count(2)
        self.assertEqual(count(12), count(3))

    # who

    def test_collectors_print_it(self):
        run = self.run_day()
        action = self.env.ref(REPORT)
        for user, found in ((self.collector, True), (self.new_user("clerk", "account.group_account_invoice"), False)):
            bindings = self.env["ir.actions.actions"].with_user(user).get_bindings("account.dunning.run")
            self.assertEqual(action.id in [report["id"] for report in bindings.get("report", ())], found)
        with self.refused(AccessError, "not allowed"):
            self.html(run, user)
        with self.refused(AccessError, "not allowed"):
            self.sheets(run, user)


@tagged("post_install", "-at_install")
class TestRunReportFiles(StubLetters, DunningCommon, HttpCase):
    def test_download(self):
        self.invoice(self.partner_a, 12)
        run = self.run_day()
        self.env.ref("base.user_admin").company_ids += self.company
        self.collector.password = "collector-password"
        self.authenticate(self.collector.login, "collector-password")
        response = self.url_open(run.with_user(self.collector).action_download_report()["url"])
        self.assertEqual(response.status_code, 200)
        self.assertIn(f"{run.name.replace('/', '-')}.xlsx", response.headers["Content-Disposition"])
        self.assertEqual(load_workbook(io.BytesIO(response.content))["Notices"]["A2"].value, "partner_a")

    def test_pdf(self):
        address = {"zip": "1", "city": "Here"}
        partners = self.env["res.partner"].create([{"name": f"Customer {index}", **address} for index in range(30)])
        vals_list = [self.prepare_invoice(partner, 12 + index) for index, partner in enumerate(partners)]
        moves, partner = self.post_invoices(vals_list), partners[-1]
        francs = self.env.ref("base.CHF")
        francs.active = True
        moves += self.invoice(partner, 12, 123456.78, currency_id=francs.id)
        run = self.run_day()
        report = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        document = report._render_qweb_pdf(REPORT, run.ids)[0]
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(document)).pages]
        self.assertGreater(len(pages), 1)
        text = "".join(pages).replace("\N{NO-BREAK SPACE}", " ")
        self.assertGreaterEqual(text.count("CHF 123,456.78"), 3, "on one line: the item, its notice, all notices")
        for move in moves:
            self.assertEqual(text.count(move.name), 1)
            self.assertIn(move.partner_id.name, text)
        self.assertIn(run.name, pages[0])

    def test_no_heading_stands_alone_at_the_end_of_a_page(self):
        """The same report with one line more each time: somewhere, the heading moves to the next page."""
        self.invoice(self.partner_a, 12)
        held = self.env["account.dunning.hold"]
        held.create({"move_id": self.invoice(self.partner_b, 12).id, "reason_id": self.shipped("reason_dispute").id})
        run = self.run_day()
        report = self.env.ref(REPORT).sudo()
        html = report._render_qweb_html(REPORT, run.ids)[0]
        [body], _ids, header, footer, args = report._prepare_html(html, report_model=run._name)
        heading = "<h3>Left Out</h3>"

        def pages_with(counts):
            """The lines of each page of the reports with so many lines more."""
            variants = [str(body).replace(heading, "<p>A line</p>" * count + heading) for count in counts]
            document = report._run_wkhtmltopdf(
                variants, report_ref=REPORT, header=header, footer=footer, specific_paperformat_args=args
            )
            pages = [page.extract_text().split("\n") for page in PdfReader(io.BytesIO(document)).pages]
            return [[line.strip() for line in page if line.strip()] for page in pages]

        fit = pages_with([60])[0].count("A line")
        self.assertTrue(10 < fit < 60, "so many lines are on the first page")
        lines = pages_with(range(fit - 10, fit + 3))
        moved = [page for page in lines if "Left Out" in page[:6] and "A line" not in page]
        self.assertTrue(moved, "the heading came to the top of a page")
        self.assertFalse([page for page in lines if page[-1] == "Left Out" or page[-2:][0] == "Left Out"])
