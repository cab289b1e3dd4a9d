"""Letters for a print service: a ZIP with their PDFs, and a table of where they go."""

import csv
import io
import zipfile

from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, tagged
from odoo.tools.pdf import PdfFileWriter

from ..tools.zipped import make_zip, write_csv
from .common import DunningCommon, StubLetters


class TestZip(BaseCase):
    def test_one_document_at_a_time(self):
        alive, most = set(), []

        class Content(bytes):
            def __new__(cls, value):
                self = super().__new__(cls, value)
                alive.add(id(self))
                return self

            def __del__(self):
                alive.discard(id(self))

        def documents():
            for number in range(20):
                most.append(len(alive))
                yield f"{number}.txt", Content(b"x" * 1000)

        content = make_zip(documents(), lambda: ("all.csv", b"end"))
        archive = zipfile.ZipFile(io.BytesIO(content))
        self.assertEqual(len(archive.namelist()), 21)
        self.assertEqual(archive.read("all.csv"), b"end")
        self.assertLessEqual(max(most), 2, "not all of them at once")

    def test_csv(self):
        self.assertEqual(write_csv([["a;b", 'say "x"'], ["ü", ""]]).decode("utf-8-sig"), '"a;b";"say ""x"""\r\nü;\r\n')


@tagged("post_install", "-at_install")
class TestPrintExport(StubLetters, DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.write({"street2": "Floor 2", "country_id": cls.env.ref("base.de").id, "name": "Müller; Söhne"})
        cls.moves = cls.stage.invoice(cls.partner_a, 12) + cls.stage.invoice(cls.partner_b, 12)

    def issued(self):
        run = self.run_day()
        self.issue(run.notice_ids)
        return run

    def export(self, records, user=None, **values):
        action = records.with_user(user or self.collector).action_export()
        dialog = self.env[action["res_model"]].with_user(user or self.collector).browse(action["res_id"])
        dialog.write(values)
        if dialog.notice_ids:
            dialog.action_make()
        return dialog

    def unpack(self, dialog):
        """The names in the ZIP, and the rows of its table."""
        archive = zipfile.ZipFile(io.BytesIO(dialog.file_id.raw))
        table = io.StringIO(archive.read("letters.csv").decode("utf-8-sig"), newline="")
        return archive, list(csv.DictReader(table, delimiter=";"))

    def test_a_pdf_for_each_letter_and_a_table(self):
        run = self.issued()
        dialog = self.export(run, colour=True, duplex=False)
        archive, rows = self.unpack(dialog)
        self.assertEqual(archive.namelist(), [*(row["file"] for row in rows), "letters.csv"])
        row = next(row for row in rows if row["recipient"] == "Müller; Söhne")
        notice = run.notice_ids.filtered(lambda one: one.partner_id == self.partner_a)
        self.assertEqual(
            row,
            {
                "notice": notice.name,
                "recipient": "Müller; Söhne",
                "company": notice.recipient_id.commercial_company_name or "",
                "street": "1 Main Street",
                "street2": "Floor 2",
                "zip": "12345",
                "city": "Springfield",
                "state": "",
                "country": "DE",
                "language": "en_US",
                "pages": "",  # a stub is no PDF
                "file": notice.name.replace("/", "-") + ".pdf",
                "colour": "1",
                "duplex": "0",
            },
        )
        self.assertEqual(archive.read(row["file"]), b"%PDF-1.4 stub")
        self.assertTrue(all(notice.exported_on for notice in run.notice_ids))
        self.assertIn(str(dialog.file_id.id), dialog.action_download()["url"])

    def test_pages_are_counted(self):
        writer, file = PdfFileWriter(), io.BytesIO()
        for _page in range(3):
            writer.addBlankPage(100, 100)
        writer.write(file)
        self.assertEqual(self.env["account.dunning.print.export"]._count_pages(file.getvalue()), 3)

    def test_they_count_as_sent_when_the_service_has_them(self):
        run = self.issued()
        dialog = self.export(run)
        self.assertTrue(dialog.waiting)
        self.assertEqual(set(run.notice_ids.mapped("state")), {"to_print"})
        dialog.action_confirm()
        self.assertEqual(set(run.notice_ids.mapped("state")), {"sent"})
        with self.refused(UserError, "no letter to export"):
            run.notice_ids.with_user(self.collector).action_export()

    def test_letters_that_count_as_sent_when_they_are_made(self):
        self.settings.letter_sent = "made"
        run = self.issued()
        self.assertEqual(set(run.notice_ids.mapped("state")), {"sent"})
        dialog = self.export(run)
        self.assertFalse(dialog.waiting)
        self.assertEqual(len(self.unpack(dialog)[1]), 2)
        with self.refused(UserError, "no letter to export"):
            run.with_user(self.collector).action_export()
        self.assertEqual(len(self.unpack(self.export(run.notice_ids[:1]))[1]), 1, "chosen by hand once more")

    def test_what_was_paid_since_is_left_out(self):
        run = self.issued()
        self.pay(self.moves[0])
        dialog = self.export(run)
        self.assertEqual([row["recipient"] for row in self.unpack(dialog)[1]], [self.partner_b.name])

    def test_only_collectors(self):
        run = self.issued()
        dialog = self.export(run)
        clerk = self.new_user("clerk", "account.group_account_invoice")
        with self.refused(AccessError, ""):
            run.notice_ids.with_user(clerk).action_export()
        with self.refused(AccessError, ""):
            dialog.with_user(clerk).action_make()
        with self.refused(AccessError, ""):
            dialog.file_id.with_user(self.manager).check_access("read")
        with self.refused(AccessError, ""):
            dialog.notice_ids = False

    def test_as_many_queries_for_many(self):
        counts = []
        for size in (3, 12):
            partners = self.env["res.partner"].create(
                [{"name": f"Customer {size} {n}", "city": "X", "zip": "1"} for n in range(size)]
            )
            self.invoice_each(partners, 12)
            notices = self.issued().notice_ids.filtered(lambda one, partners=partners: one.partner_id in partners)
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.export(notices)
            counts.append(self.env.cr.sql_log_count - start)
        self.assertLess(counts[1] - counts[0], 9, counts)
