"""Levels reached in another system, entered from a file without sending anything."""

import base64
import io
import time
import zipfile

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Date
from odoo.tests import BaseCase, Form, tagged

from odoo.addons.account_dunning.tools.sheet import write_sheets
from odoo.addons.account_dunning.tools.tables import (
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_ROWS,
    TableError,
    parse_date,
    read_table,
)
from odoo.addons.account_dunning.wizards.plan import account_dunning_import

from .common import TODAY, DunningCommon, StubLetters


def make_xlsx(titles, *rows):
    """A file with one sheet: the ``titles`` of its columns, and ``rows`` of cells."""
    return write_sheets({"One": [dict(zip(titles, row, strict=True)) for row in rows] or [dict.fromkeys(titles)]})


class TestTables(BaseCase):
    def test_csv_of_all_kinds(self):
        rows = [(1, ["Rechnung", "Größe"]), (2, ["A,1", "ä;b"]), (4, ["C", ""])]
        text = 'Rechnung;Größe\n"A,1";"ä;b"\n;\nC;\n'
        for encoding in ("utf-8", "utf-8-sig", "latin-1", "utf-16"):
            self.assertEqual(read_table(text.encode(encoding)), rows, encoding)
        self.assertEqual(read_table(b"a,b\r\n1,2\r\n"), [(1, ["a", "b"]), (2, ["1", "2"])])
        self.assertEqual(read_table(b"a\tb\n1 \t 2"), [(1, ["a", "b"]), (2, ["1", "2"])])
        self.assertEqual(read_table(b'a,b\n"1\n1",2\nx,y'), [(1, ["a", "b"]), (2, ["1\n1", "2"]), (4, ["x", "y"])])

    def test_xlsx(self):
        content = make_xlsx(("a", "b", "c"), (1001.0, TODAY, None), (None, None, None), ("x", 1.5, "y"))
        rows = [(1, ["a", "b", "c"]), (2, ["1001", "2026-06-01", ""]), (4, ["x", "1.5", "y"])]
        self.assertEqual(read_table(content), rows)

    def test_what_is_no_table(self):
        for content, why in (
            (b"PK nothing", "damaged"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1", "old"),
            (b"\x00\x01\x02\xff", "damaged"),
        ):
            with self.assertRaises(TableError) as caught:
                read_table(content)
            self.assertEqual(caught.exception.args, (why,))

    def test_what_is_too_large_is_refused_before_it_is_unpacked(self):
        """A few kilobytes can claim to be gigabytes."""
        far_down = self.sheet('<row r="1048576"><c r="A1048576"><v>1</v></c></row>')
        unpacked = self.sheet("<row>" + "<c><v>1</v></c>" * 2_000_000 + "</row>")
        parts = self.sheet("", **{f"xl/{number}.xml": "" for number in range(600)})
        for content in (far_down, unpacked, parts, b"x" * (MAX_BYTES + 1), b"a\n" * (MAX_ROWS + 1)):
            begin = time.monotonic()
            with self.assertRaises(TableError) as caught:
                read_table(content)
            self.assertEqual(caught.exception.args, ("large",))
            self.assertLess(time.monotonic() - begin, 3)

    def test_what_stands_far_to_the_right_is_not_read(self):
        rows = "".join(
            f'<row r="{row}"><c r="A{row}"><v>{row}</v></c><c r="XFD{row}"><v>1</v></c></row>' for row in range(1, 2001)
        )
        table = read_table(self.sheet(f'<dimension ref="A1:A1"/><sheetData>{rows}</sheetData>'))
        self.assertEqual(table, [(row, [str(row)]) for row in range(1, 2001)])
        self.assertEqual(len(read_table(b",".join([b"x"] * 10_000))[0][1]), MAX_COLUMNS)

    def sheet(self, data, **parts):
        """A packed XLSX file with one sheet of the XML ``data``, and ``parts``."""
        if not data.startswith("<dimension"):
            data = f"<sheetData>{data}</sheetData>"
        stream = io.BytesIO(make_xlsx(("x",)))
        result = io.BytesIO()
        with zipfile.ZipFile(stream) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
            for name in source.namelist():
                if name != "xl/worksheets/sheet1.xml":
                    target.writestr(name, source.read(name))
            target.writestr(
                "xl/worksheets/sheet1.xml",
                f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{data}</worksheet>',
            )
            for name, content in parts.items():
                target.writestr(name, content)
        return result.getvalue()

    def test_texts_are_no_formulas(self):
        texts = ("=1+1", "+1", "-1", "@SUM(1)", "\t=1", "=HYPERLINK(1)\x01", "{=1}")
        book = openpyxl.load_workbook(io.BytesIO(make_xlsx(("a",), *((text,) for text in texts))))
        cells = [row[0] for row in book.worksheets[0].iter_rows(min_row=2)]
        self.assertEqual([cell.data_type for cell in cells], ["s"] * len(texts))
        self.assertEqual(cells[0].value, "=1+1")

    def test_dates(self):
        for text, expected in (
            ("2026-05-01", "2026-05-01"),
            ("05/04/2026", "2026-05-04"),
            ("31/12/2026", None),
            ("soon", None),
            ("2026-02-30", None),
        ):
            day = parse_date(text, "%m/%d/%Y")
            self.assertEqual(day and day.isoformat(), expected, text)


class ImportCommon(StubLetters, DunningCommon):
    def wizard(self, *rows, content=None):
        """The wizard of a manager with a CSV file of ``rows``: (invoice, due date, level, date)."""
        lines = [("Invoice", "Due Date", "Level", "Date"), *rows]
        text = "\n".join(";".join(str(cell) for cell in line) for line in lines)
        wizard = self.env["account.dunning.import"].with_user(self.manager).create({})
        wizard.file = base64.b64encode(content or text.encode())
        return wizard

    def check(self, *rows):
        """What is wrong with each of ``rows``; False where nothing is."""
        wizard = self.wizard(*rows)
        wizard.action_check()
        self.assertEqual(wizard.line_ids.sorted("number").mapped("number"), list(range(2, len(rows) + 2)))
        return wizard.line_ids.sorted("number").mapped("error")

    def load(self, *rows):
        """Import ``rows``; returns the plans that the action shows."""
        wizard = self.wizard(*rows)
        wizard.action_check()
        self.assertFalse(wizard.line_ids.filtered("wrong").mapped("error"))
        action = wizard.action_import()
        return self.env["account.collection.plan"].search(action["domain"], order="id")

    def row(self, move, level="Test 10", day="2026-05-25", due=""):
        return (move.name, due, level, day)

    def halves(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": days}) for days in (0, 10)
                ],
            }
        )
        return self.invoice(self.partner_a, 30, 100.0, invoice_payment_term_id=term.id)


@tagged("post_install", "-at_install")
class TestImport(ImportCommon):
    def test_a_level_is_entered_and_nothing_is_sent(self):
        move = self.invoice(self.partner_a, 12, 100.0)
        [plan] = self.load(self.row(move))
        self.assertRecordValues(
            self.state(move),
            [
                {
                    "company_id": self.company.id,
                    "partner_id": self.partner_a.id,
                    "move_id": move.id,
                    "plan_id": plan.id,
                    "level_id": self.level_1.id,
                    "last_notice_date": Date.to_date("2026-05-25"),
                    "last_notice_id": False,
                    "deadline_days": self.level_1.deadline_days,
                    "times": 1,
                }
            ],
        )
        self.assertRecordValues(
            plan,
            [
                {
                    "move_id": move.id,
                    "type_id": self.dunning_type.id,
                    "state": "ongoing",
                    "level_id": self.level_1.id,
                    "amount_due": 100.0,
                    "leading_due_date": Date.subtract(TODAY, days=12),
                    "next_level_id": self.level_2.id,
                    "next_date": Date.add(TODAY, days=8),
                }
            ],
        )
        note = "".join(plan.message_ids.mapped("body"))
        self.assertIn("“Test 10” on 05/25/2026", note)
        self.assertIn(f"imported by {self.manager.name}", note)
        self.assertFalse(self.env["account.dunning.notice"].search([("partner_id", "=", self.partner_a.id)]))
        self.assertFalse(self.run_day().notice_ids)
        self.go(8)
        self.assertEqual(self.dun().level_id, self.level_2)

    def test_the_interval_counts_from_the_old_notice(self):
        move = self.invoice(self.partner_a, 40)
        [plan] = self.load(self.row(move, "Test 20", "2026-05-29"))
        self.assertEqual((plan.next_level_id, plan.next_date), (self.level_3, Date.to_date("2026-06-05")))

    def test_every_wrong_line_is_listed(self):
        other = self.make_type("Other", (10, 50))
        reminded = self.env["account.dunning.level"].create(
            {"type_id": self.dunning_type.id, "name": "Soon", "days": -3, "reminder": True, "text": "<p>x</p>"}
        )
        self.assertTrue(reminded)
        fine, paid, young = (self.invoice(self.partner_a, days) for days in (30, 30, 0))
        self.pay(paid)
        draft = self.invoice(self.partner_a, 30)
        draft.button_draft()
        kept_out = self.invoice(self.partner_b, 30)
        self.item(kept_out).no_followup = True
        dunned = self.invoice(self.partner_b, 30)
        self.dun()
        refund = self.invoice(self.partner_b, 30, move_type="out_refund")
        third = self.invoice(self.partner_a, 30)
        halves = self.halves()
        named = self.invoice(self.partner_b, 30, dunning_type_id=other.id)
        errors = self.check(
            self.row(third),
            ("INV/0", "", "Test 10", "2026-05-25"),
            ("", "", "Test 10", "2026-05-25"),
            self.row(draft),
            self.row(paid),
            self.row(refund),
            self.row(young),
            self.row(kept_out),
            self.row(dunned),
            self.row(third),
            self.row(halves),
            self.row(halves, due="2026-01-01"),
            self.row(halves, due="then"),
            self.row(halves, "Nonsense", due="2026-05-12"),
            self.row(halves, "", due="2026-05-12"),
            self.row(halves, "Soon", due="2026-05-12"),
            self.row(halves, "Other 50", due="2026-05-12"),
            self.row(named, day=""),
            self.row(named, "Other 50", day=""),
            self.row(named, "Other 50", day="yesterday"),
            self.row(named, "Other 50", day="2026-06-02"),
            self.row(named, "Other 50", day="2026-05-01"),
        )
        self.assertEqual(
            errors,
            [
                False,
                "No invoice has this number.",
                "No invoice is named.",
                "The invoice is not posted.",
                "Nothing of it is open.",
                "Nothing of it is open.",
                "It is not overdue.",
                "It is kept out of dunning: Excluded from follow-up.",
                "It has reached a level here already.",
                "The same item stands in line 2.",
                "The invoice has 2 such items: name the due date.",
                "Nothing of the invoice is due on that day.",
                "“then” is no date.",
                "There is no level of this name.",
                "No level is named.",
                "A reminder before the due date is no level to be reached.",
                "The level belongs to “Other”, but the dunning type of the item is “Test”.",
                "The level belongs to “Test”, but the dunning type of the item is “Other”.",
                "No date is given.",
                "“yesterday” is no date.",
                "The date lies in the future.",
                "The date lies before the date of the invoice.",
            ],
        )
        self.assertEqual(self.state(fine).level_id, self.level_1, "dunned, not imported")

    def test_several_invoices_of_one_number(self):
        move, other = self.invoice(self.partner_a, 30), self.invoice(self.partner_b, 30)
        self.env.cr.execute("UPDATE account_move_line SET move_name = %s WHERE move_id = %s", [move.name, other.id])
        self.env.invalidate_all()
        self.assertEqual(self.check(self.row(move)), ["Several invoices have this number."])

    def test_nothing_is_done_while_a_line_is_wrong(self):
        right, wrong = self.invoice(self.partner_a, 30), self.invoice(self.partner_b, 0)
        wizard = self.wizard(self.row(right), self.row(wrong))
        wizard.action_check()
        self.assertEqual((wizard.right_count, wizard.wrong_count), (1, 1))
        self.assertEqual(wizard.line_ids[0].number, 3, "the wrong line stands first")
        with self.refused(UserError, "1 lines are wrong.*line 3: It is not overdue"):
            wizard.action_import()
        self.assertFalse(self.state(right))
        with Form(wizard) as form:
            form.leave_out = True
        wizard.action_import()
        self.assertEqual(self.state(right).level_id, self.level_1)
        self.assertFalse(self.state(wrong))

    def test_what_was_paid_after_the_check_is_not_imported(self):
        first, second = self.invoice(self.partner_a, 30), self.invoice(self.partner_b, 30)
        wizard = self.wizard(self.row(first), self.row(second))
        wizard.action_check()
        self.pay(first)
        with self.refused(UserError, "line 2: Nothing of it is open"):
            wizard.action_import()
        self.assertFalse(self.state(second))
        wizard.leave_out = True
        wizard.action_import()
        self.assertTrue(self.state(second).level_id)
        self.assertFalse(self.state(first))

    def test_a_failure_half_way_leaves_nothing(self):
        move = self.invoice(self.partner_a, 30)
        wizard = self.wizard(self.row(move))
        wizard.action_check()
        self.patch(type(self.env["account.collection.plan"]), "_settle", lambda plans, **_options: 1 / 0)
        with self.refused(ZeroDivisionError, ""):
            wizard.action_import()
        self.assertFalse(self.state(move) + move.collection_plan_ids.item_state_ids)

    def test_files_that_cannot_be_used(self):
        for content, message in (
            (b"Invoice,Date\nA,2026-01-01", "no column “Level”"),
            (b"Invoice,Level,Date\n,,\n", "no line below"),
            (b"PK broken", "damaged"),
            (b"\xd0\xcf\x11\xe0", "old Excel file"),
        ):
            with self.refused(UserError, message):
                self.wizard(content=content).action_check()
        wizard = self.env["account.dunning.import"].with_user(self.manager).create({})
        with self.refused(UserError, "Choose a file"):
            wizard.action_check()
        self.patch(account_dunning_import, "MAX_LINES", 2)
        with self.refused(UserError, "more than 2 lines"):
            self.wizard(*[("A", "", "B", "2026-01-01")] * 3).action_check()

    def test_columns_in_any_order_and_dates_of_the_users_language(self):
        move = self.halves()
        due = Date.to_string(Date.subtract(TODAY, days=20))
        content = make_xlsx(
            ("Remark", "date", "LEVEL", "Due Date", "Invoice Number"),
            ("x", "05/30/2026", "test/ test 20", Date.to_date(due), move.name),
        )
        wizard = self.wizard(content=content)
        wizard.action_check()
        self.assertRecordValues(
            wizard.line_ids,
            [{"error": False, "level_id": self.level_2.id, "date": Date.to_date("2026-05-30"), "due": due}],
        )
        self.assertEqual(wizard.line_ids.move_line_id.date_maturity, Date.to_date(due))

    def test_instalments_share_the_plan_of_the_invoice(self):
        move = self.halves()
        first, second = (str(Date.subtract(TODAY, days=days)) for days in (30, 20))
        [plan] = self.load(
            self.row(move, "Test 10", "2026-05-30", second), self.row(move, "Test 20", "2026-05-30", first)
        )
        self.assertEqual((plan.level_id, plan.amount_due), (self.level_2, 100.0))
        levels = {item.move_line_id.date_maturity: item.level_id for item in plan.item_state_ids}
        self.assertEqual(levels, {Date.to_date(first): self.level_2, Date.to_date(second): self.level_1})

    def test_an_open_plan_and_what_waits_in_a_run(self):
        move = self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        plan = self.env["account.collection.plan"]._open_by_hand(self.company, self.item(move))
        self.assertFalse(plan.level_id)
        self.assertEqual(self.load(self.row(move)), plan)
        self.assertEqual(plan.level_id, self.level_1)
        self.assertNotIn(notice.exists().state, ("proposed", "queued"), "what was proposed is out of date")

    def test_customer_based(self):
        self.settings.mode = "customer"
        old, new = self.invoice(self.partner_a, 25), self.invoice(self.partner_a, 5, 50.0)
        other = self.invoice(self.partner_b, 25)
        plans = self.load(self.row(old, "Test 20"), self.row(new, "Test 10", "2026-05-28"), self.row(other))
        self.assertEqual(plans.partner_id, self.partner_a + self.partner_b)
        self.assertRecordValues(
            plans.filtered(lambda plan: plan.partner_id == self.partner_a),
            [{"mode": "customer", "move_id": False, "level_id": self.level_2.id, "amount_due": 150.0}],
        )

    def test_customer_who_owes_too_little_gets_no_plan(self):
        self.settings.mode = "customer"
        self.dunning_type.minimum_amount = 500.0
        move = self.invoice(self.partner_a, 25)
        self.assertFalse(self.load(self.row(move, "Test 20")))
        self.assertEqual(self.state(move).level_id, self.level_2)

    def test_managers_only(self):
        move = self.invoice(self.partner_a, 12)
        wizard = self.wizard(self.row(move))
        with self.refused(AccessError, ""):
            self.env["account.dunning.import"].with_user(self.collector).create({})
        with self.refused(AccessError, ""):
            wizard.with_user(self.collector).action_check()
        other = self.setup_other_company(name="Other")["company"]
        with self.refused(AccessError, "nobody can change it"):
            self.env["account.dunning.import"].with_user(self.manager).create({"company_id": other.id})
        foreign = self.env["account.dunning.import"].with_user(self.manager).create({})
        foreign.sudo().company_id = other
        with self.refused(AccessError, "may not work in|top-secret"):
            foreign.action_check()
        menu = self.env.ref("account_dunning.account_dunning_import_menu")
        self.assertIn(menu.id, menu.with_user(self.manager)._visible_menu_ids())
        self.assertNotIn(menu.id, menu.with_user(self.collector)._visible_menu_ids())

    def test_the_dialog_and_its_table(self):
        move = self.invoice(self.partner_a, 12)
        with Form(self.env["account.dunning.import"].with_user(self.manager)) as form:
            form.file = base64.b64encode(f"Invoice,Level,Date\n{move.name},Test 10,2026-05-25".encode())
        wizard = form.record
        self.assertEqual(wizard.action_check()["res_id"], wizard.id)
        with Form(wizard) as form:
            self.assertEqual((form.right_count, form.wrong_count), (1, 0))
        wizard.action_back()
        self.assertFalse(wizard.checked or wizard.file or wizard.line_ids)
        self.assertIn(f"/{wizard.id}/template/", wizard.action_template()["url"])
        content = base64.b64decode(wizard.template)
        self.assertEqual(read_table(content), [(1, ["Invoice", "Level", "Date", "Due Date"])])
        sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[1]
        self.assertIn(("Test / Test 20", 20), list(sheet.iter_rows(values_only=True)))

    def test_a_type_named_like_a_formula(self):
        self.dunning_type.name = "=1+1"
        wizard = self.env["account.dunning.import"].with_user(self.manager).create({})
        sheet = openpyxl.load_workbook(io.BytesIO(base64.b64decode(wizard.template))).worksheets[1]
        [cell] = [cell for cell in sheet["A"] if cell.value == "=1+1 / Test 10"]
        self.assertEqual(cell.data_type, "s")


@tagged("post_install", "-at_install")
class TestImportOfMany(ImportCommon):
    def copies(self, count):
        """Post an invoice and copy it ``count`` times by SQL; returns the rows of the file."""
        move = self.invoice(self.partner_a, 12)
        line = self.item(move)
        for table, record, changes in (
            ("account_move", move, {"name": "'MANY/' || n", "payment_reference": "'MANY/' || n"}),
            (
                "account_move_line",
                line,
                {
                    "move_name": "'MANY/' || n",
                    "move_id": "(SELECT id FROM account_move copy"
                    " WHERE copy.name = 'MANY/' || n AND copy.company_id = source.company_id)",
                },
            ),
        ):
            self.env.flush_all()
            self.env.cr.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name NOT IN"
                " ('id', 'sequence_number', 'access_token')",
                [table],
            )
            columns = [row[0] for row in self.env.cr.fetchall()]
            values = ", ".join(changes.get(name, f"source.{name}") for name in columns)
            self.env.cr.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} source,"
                f" generate_series(1, {count}) AS n WHERE source.id = {record.id}"
            )
        self.env.invalidate_all()
        return [(f"MANY/{number}", "", "Test 10", "2026-05-25") for number in range(1, count + 1)]

    def queries(self, wizard):
        """Number of queries for the check, and for the import."""
        self.env.flush_all()
        self.env.invalidate_all()
        begin = self.env.cr.sql_log_count
        wizard.action_check()
        checked = self.env.cr.sql_log_count
        self.assertFalse(wizard.wrong_count, wizard.line_ids[:1].error)
        wizard.action_import()
        self.env.flush_all()
        return checked - begin, self.env.cr.sql_log_count - checked

    def test_the_number_of_queries_does_not_grow_with_the_lines(self):
        rows = self.copies(260)
        self.queries(self.wizard(*rows[:10]))
        few = self.queries(self.wizard(*rows[10:60]))
        many = self.queries(self.wizard(*rows[60:]))
        self.assertLess(many[0], few[0] + 10)
        self.assertLess(many[1], few[1] + 40)
