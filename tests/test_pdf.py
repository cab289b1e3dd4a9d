"""The real PDF of letters: text, pages, language, and many letters from one call of wkhtmltopdf."""

import base64
import io
from unittest.mock import patch

from lxml import etree
from pypdf import PdfReader
from reportlab.pdfgen import canvas

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.account_dunning.tools.pdf import printer
from odoo.addons.base.models import ir_actions_report as core_report

from .common import DunningCommon


class PdfCase(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.bank_ids.acc_number = "DE89370400440532013000"

    def render(self, notices):
        return (
            self.env["ir.actions.report"]
            ._get_report("account_dunning.action_report_dunning_letter")
            ._render_dunning_letters(notices.sudo())
        )

    def pages(self, document):
        return [
            page.extract_text().replace("\N{NO-BREAK SPACE}", " ") for page in PdfReader(io.BytesIO(document)).pages
        ]


@tagged("post_install", "-at_install")
class TestPdf(PdfCase):
    def letter(self, notice):
        return self.pages(self.render(notice)[notice.id])

    def test_one_item(self):
        move = self.invoice(self.partner_a, 12, 1234.5)
        notice = self.run_day().notice_ids
        self.issue(notice)
        [page] = self.pages(notice.attachment_id.raw)
        for text in (
            notice.name,
            move.name,
            "partner_a",
            "1 Main Street",
            "Test 10",
            "1,234.50",
            "06/07/2026",
            "DE89",
        ):
            self.assertIn(text, page)
        self.assertNotIn("DRAFT", page)

    def test_sixty_items(self):
        moves = self.post_invoices([self.prepare_invoice(self.partner_a, 12 + n, 10.0) for n in range(60)])
        pages = self.letter(self.run_day().notice_ids)
        self.assertGreater(len(pages), 1)
        for move in moves:
            self.assertEqual(sum(page.count(move.name) for page in pages), 1, move.name)
        for page in pages[:-1]:
            self.assertIn("Due Date", page, "the head of the table is repeated")
        self.assertIn("600.00", pages[-1])

    def charge(self):
        """The first level charges interest at 12 %, and a fee of 2 %."""
        self.dunning_type.interest_rate_id = self.env["account.dunning.interest.rate"].create(
            {"name": "Twelve", "line_ids": [Command.create({"date": "2000-01-01", "percent": 12.0})]}
        )
        self.level_1.write({"interest": True, "fee_kind": "percent", "fee_percent": 2.5, "fee_minimum": 5.0})

    def test_charges(self):
        self.charge()
        self.invoice(self.partner_a, 90, 5000.0)
        [page] = self.letter(self.run_day().notice_ids)
        for text in (
            "Interest on INV",
            "03/04/2026",  # the day after the due date
            "06/01/2026",
            "12 %",
            "147.95",
            "2.5 %",
            "125.00",
            "5,272.95",
            "days / 365",
        ):
            self.assertIn(text, page)

    def flat(self, notice):
        """The text of the letter, of one page, with single spaces."""
        [page] = self.letter(notice)
        return " ".join(page.replace("\N{ZERO WIDTH SPACE}", "").split())

    def test_bounds_of_a_fee(self):
        self.level_1.write({"fee_kind": "percent", "fee_percent": 2.5, "fee_minimum": 5.0, "fee_maximum": 90.0})
        for amount, expected in (
            (100.0, "2.5 %, at least $ 5.00 $ 5.00"),
            (1000.0, "2.5 % $ 25.00"),
            (5000.0, "2.5 %, at most $ 90.00 $ 90.00"),
        ):
            with self.subTest(amount=amount):
                partner = self.partner_a.copy({"name": "Other"})
                self.invoice(partner, 12, amount)
                notice = self.run_day(partner_ids=[Command.set(partner.ids)]).notice_ids
                self.assertIn(expected, self.flat(notice))

    def book(self):
        """A letter about an invoice of 5000, whose charges are booked; returns the invoice, ten days later."""
        self.charge()
        self.dunning_type.level_ids.interest = True
        self.settings.charges = "booked"
        move = self.invoice(self.partner_a, 90, 5000.0)
        self.send(self.run_day().notice_ids)
        self.go(10)
        return move

    def accept_dispute(self, move):
        """The customer was right in that he owes nothing; the credit note is still to be made."""
        reason = self.shipped("reason_dispute")
        hold = self.env["account.dunning.hold"].create({"reason_id": reason.id, "move_id": move.id})
        hold.sudo().write({"ended_on": self.today, "outcome": "accepted"})

    def test_booked_interest_is_taken_off(self):
        self.book()
        text = self.flat(self.run_day().notice_ids)
        for expected in (
            "06/11/2026 100 $ 5,000.00 12 % $ 164.38",
            "that was invoiced $ - 147.95",
            "Interest $ 16.43",
            "Charges of earlier notices $ 272.95",
            "Total $ 5,289.38",
            "days / 365",
        ):
            self.assertIn(expected, text)

    def test_interest_below_zero(self):
        move = self.book()
        note = move._reverse_moves([{"invoice_date": self.today}])
        note.invoice_line_ids.price_unit = 4000.0
        note.action_post()
        (self.item(note) + self.item(move)).reconcile()
        text = self.flat(self.run_day().notice_ids)
        for expected in ("$ 1,000.00 12 % $ 32.88", "invoiced $ - 147.95", "Interest $ - 115.07", "Total $ 1,157.88"):
            self.assertIn(expected, text)

    def test_the_formula_stands_below_what_it_explains(self):
        """Not where interest is only taken off, also where such a line comes first."""
        self.accept_dispute(self.book())
        run = self.run_day()
        text = self.flat(run.notice_ids)
        self.assertIn("Interest $ - 147.95", text)
        self.assertNotIn("Simple interest", text)
        run.notice_ids.action_cancel()
        self.invoice(self.partner_a, 80, 9000.0)
        text = self.flat(self.run_day().notice_ids)
        self.assertIn("Interest $ 88.76", text)
        self.assertIn("days / 365", text)

    def test_charges_on_sixty_items(self):
        self.charge()
        moves = self.post_invoices([self.prepare_invoice(self.partner_a, 12 + n, 100.0) for n in range(60)])
        notice = self.run_day().notice_ids
        pages = self.letter(notice)
        for move in moves:
            self.assertEqual(sum(page.count(f"Interest on {move.name}") for page in pages), 1, move.name)
        text = "".join(pages)
        self.assertIn(notice.currency_id.format(notice.amount_total).replace("\N{NO-BREAK SPACE}", " "), text)
        self.assertGreater(sum("Rate a Year" in page for page in pages), 1, "the head of the table is repeated")

    def test_earlier_fees(self):
        self.charge()
        self.invoice(self.partner_a, 12, 100.0)
        first = self.run_day().notice_ids
        self.send(first)
        self.go(10)
        [page] = self.letter(self.run_day().notice_ids)
        self.assertIn(f"Fee of {first.name} of 06/01/2026", page)
        self.assertIn("Charges of earlier notices", page)
        self.assertIn("105.00", page)

    def test_statement(self):
        self.level_1.statement = True
        self.invoice(self.partner_a, 12, 100.0)
        late, future = self.invoice(self.partner_a, 5, 40.0), self.invoice(self.partner_a, -9, 50.0)
        note = self.invoice(self.partner_a, 1, 30.0, move_type="out_refund")
        [page] = self.letter(self.run_day().notice_ids)
        for text in (
            "Also due",
            late.name,
            "Not yet due",
            future.name,
            note.name,
            "30.00",
            "70.00",
            "Balance of your account",
            "160.00",
        ):
            self.assertIn(text, page)

    def test_credits_one_by_one(self):
        self.level_1.show_credits = True
        self.invoice(self.partner_a, 12, 100.0)
        self.invoice(self.partner_a, 14, 60.0).dunning_type_id = self.make_type("Other", (14,))
        note = self.invoice(self.partner_a, 1, 90.0, move_type="out_refund")
        notice = self.run_day().notice_ids.filtered(lambda notice: notice.type_id == self.dunning_type)
        [page] = self.letter(notice)
        for text in (note.name, "90.00", "Credit that is not used here", "60.00", "70.00"):
            self.assertIn(text, page)
        self.assertNotIn("Your credits", page)

    def test_print_format_of_the_level(self):
        report = self.env.ref("account_dunning.action_report_dunning_letter")
        paper = self.company.paperformat_id.copy({"name": "A5", "format": "A5"})
        own = report.copy({"name": "Small Letter", "paperformat_id": paper.id})
        self.level_1.report_id = own
        self.level_2.report_id = False
        self.invoice(self.partner_a, 12)
        self.invoice(self.partner_b, 25)
        notices = self.run_day().notice_ids
        notices.filtered(lambda notice: notice.partner_id == self.partner_b)._move_to_level(self.level_2)
        self.issue(notices)
        widths = {}
        for notice in notices:
            page = PdfReader(io.BytesIO(notice.attachment_id.raw)).pages[0]
            widths[notice.level_id] = round(float(page.mediabox.width) / 72 * 25.4)
        self.assertEqual(widths, {self.level_1: 148, self.level_2: 210})

    def test_draft_before_it_is_issued(self):
        self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        self.assertIn("DRAFT", self.letter(notice)[0])
        self.issue(notice)
        self.assertNotIn("DRAFT", self.letter(notice)[0])

    def test_credits(self):
        self.invoice(self.partner_a, 12, 100.0)
        self.invoice(self.partner_a, 1, 30.0, move_type="out_refund")
        [page] = self.letter(self.run_day().notice_ids)
        self.assertIn("30.00", page)
        self.assertIn("70.00", page)

    def test_language_of_the_recipient(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.level_1.with_context(lang="fr_FR").text = "<p>Bonjour {customer}, veuillez payer {total}.</p>"
        self.partner_a.lang = "fr_FR"
        self.invoice(self.partner_a, 12, 1234.5)
        [page] = self.letter(self.run_day().notice_ids)
        self.assertIn("Bonjour partner_a", page)
        self.assertIn("07/06/2026", page)

    def test_names_are_no_markup(self):
        self.partner_a.name = "Smith & <b>Sons</b>"
        self.invoice(self.partner_a, 12)
        [page] = self.letter(self.run_day().notice_ids)
        self.assertIn("Smith & <b>Sons</b>", page)


@tagged("post_install", "-at_install")
class TestManyPdfs(PdfCase):
    """Four customers, the second with letters of several pages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        partners = cls.env["res.partner"].create(
            [{"name": f"Customer {n}", "street": "Street", "zip": "1", "city": "Here"} for n in range(4)]
        )
        test = cls("test_many_letters_from_one_call")
        test.post_invoices(
            [
                test.prepare_invoice(partner, 12 + index)
                for number, partner in enumerate(partners)
                for index in range(1 + 40 * (number == 1))
            ]
        )
        cls.notices = test.run_day(partner_ids=[Command.set(partners.ids)]).notice_ids

    def check_several(self, notices, calls):
        started = []
        original = core_report._run_wkhtmltopdf

        def run(args):
            started.append(args)
            return original(args)

        with patch.object(core_report, "_run_wkhtmltopdf", run):
            documents = self.render(notices)
        self.assertEqual(len(started), calls)
        for notice in notices:
            text = "".join(self.pages(documents[notice.id]))
            names = [other.partner_id.name for other in notices if other.partner_id.name in text]
            self.assertEqual(names, [notice.partner_id.name])

    def test_many_letters_from_one_call(self):
        self.check_several(self.notices, 1)

    def test_one_by_one_with_an_unpatched_qt(self):
        unpatched = core_report._wkhtml()._replace(is_patched_qt=False)
        with patch.object(printer, "_wkhtml", lambda: unpatched):
            self.check_several(self.notices, len(self.notices))

    def test_one_document_to_print(self):
        notices = self.notices
        self.issue(notices)
        wizard = self.env["account.dunning.print"].browse(notices.run_id.action_print()["res_id"])
        self.assertEqual(wizard.count, 4)
        text = "".join(self.pages(base64.b64decode(wizard.document)))
        for notice in notices:
            self.assertIn(notice.name, text)
        wizard.action_confirm()
        self.assertEqual(set(notices.mapped("state")), {"sent"})


@tagged("post_install", "-at_install")
class TestDossier(DunningCommon):
    """The dossiers that an agency gets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agency = cls.env["res.partner"].create(
            {"name": "Debt & Co", "street": "9 Long Road", "city": "Shelbyville"}
        )
        cls.partner_a.write({"ref": "C-77", "vat": "US12345", "phone": "0123 456"})
        contact = {"name": "Ann Smith", "function": "Accountant", "email": "ann@example.com"}
        cls.partner_a.child_ids = [Command.create(contact)]

    def document(self, text):
        buffer = io.BytesIO()
        page = canvas.Canvas(buffer)
        page.drawString(100, 100, text)
        page.save()
        return buffer.getvalue()

    def hand_over(self, moves):
        handover = moves.collection_plan_ids.sudo()._hand_over(self.agency, "")
        while self.env["account.dunning.handover"].sudo()._make_next_dossiers():
            pass
        return handover

    def pages(self, attachment):
        return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(attachment.raw)).pages]

    def test_cover_letters_and_invoices(self):
        move = self.invoice(self.partner_a, 12, 1234.5)
        bare = self.invoice(self.partner_a, 14, 50)
        move.invoice_pdf_report_file = base64.b64encode(self.document("This is the invoice"))
        move.invalidate_recordset(["invoice_pdf_report_id"])
        letters = []
        for days in (0, 10):
            self.go(days)
            notice = self.run_day().notice_ids
            self.send(notice)
            letters += notice
        self.pay(move, 234.5)
        self.partner_a.child_ids.message_post(body="Not for strangers")
        move.collection_plan_ids.message_post(body="Not for strangers")

        handover = self.hand_over(move + bare)
        [dossier] = handover.line_ids.dossier_id
        *cover, first, second, printed, invoice = self.pages(dossier)
        cover = " ".join(cover)
        for text in (
            *("Dossier: partner_a", handover.name, "Debt & Co", "9 Long Road"),
            *("1 Main Street", "C-77", "US12345", "0123 456", "a@example.com"),
            "Accountant Ann Smith · ann@example.com",
            *(move.name, "05/20/2026", "1,234.50", "1,000.00", bare.name, "05/18/2026", "50.00", "1,050.00"),
            *(letters[0].name, "06/01/2026", "Test 10", letters[1].name, "06/11/2026", "Test 20", "Letter"),
            "1,284.50",
        ):
            self.assertIn(text, cover)
        self.assertNotIn("(not attached)", cover)
        self.assertNotIn("Not for strangers", cover)
        self.assertIn(letters[0].name, first)
        self.assertIn(letters[1].name, second)
        self.assertEqual("This is the invoice", invoice)
        for text in (bare.name, "Goods", "50.00", "partner_a"):
            self.assertIn(text, printed)
        self.assertFalse(bare.invoice_pdf_report_id, "only the dossier has it")
        self.assertFalse(bare.is_move_sent)

    def test_invoices_without_pdf_are_printed_together(self):
        moves = self.invoice(self.partner_a, 12) + self.invoice(self.partner_b, 12) + self.invoice(self.partner_b, 13)
        self.send(self.run_day().notice_ids)
        printed = []
        original = type(self.env["ir.actions.report"])._render_dunning_letters

        def render(report, records):
            if records._name == "account.move":
                printed.append(records)
            return original(report, records)

        with patch.object(type(self.env["ir.actions.report"]), "_render_dunning_letters", render):
            handover = self.hand_over(moves)
        self.assertEqual([len(batch) for batch in printed], [3])
        lines = handover.line_ids.sorted("dossier_id").grouped("dossier_id")
        for dossier, group in lines.items():
            for number, move in enumerate(group.plan_id.move_id.sorted("invoice_date_due"), -len(group)):
                self.assertIn(move.name, self.pages(dossier)[number])

    def test_an_invoice_that_cannot_be_printed(self):
        good, bad = self.invoice(self.partner_a, 12), self.invoice(self.partner_b, 12)
        self.send(self.run_day().notice_ids)
        original = type(self.env["ir.actions.report"])._render_dunning_letters

        def render(report, records):
            if records._name == "account.move" and bad in records:
                raise UserError(report.env._("No ink"))
            return original(report, records)

        with patch.object(type(self.env["ir.actions.report"]), "_render_dunning_letters", render):
            handover = self.hand_over(good + bad)
        by_customer = {line.partner_id: " ".join(self.pages(line.dossier_id)) for line in handover.line_ids}
        covers = {line.partner_id: self.pages(line.dossier_id)[0] for line in handover.line_ids}
        self.assertIn(good.name, by_customer[self.partner_a])
        self.assertNotIn(bad.name, covers[self.partner_b].split("Documents")[-1], "what is not attached is not listed")
        notes = " ".join(handover.message_ids.mapped(lambda message: str(message.body)))
        self.assertIn(f"{bad.name} could not be printed for the dossier: No ink", notes)

    def test_charges_are_marked(self):
        self.settings.charges = "booked"
        self.level_1.write({"fee_kind": "fixed", "fee_amount": 10.0})
        move = self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        self.send(notice)
        line = self.hand_over(move).line_ids
        dossier = line.dossier_id
        html = self.env["ir.actions.report"]._render_qweb_html("account_dunning.report_agency_dossier", line.ids)[0]
        rows = etree.HTML(html).xpath("//tr[@name='item']")
        self.assertEqual([len(row) for row in rows], [6, 6], "a cell for the level that charges have not")
        cover = " ".join(self.pages(dossier))
        for text in (f"{notice.charge_move_ids.name} (dunning charges)", "10.00", "110.00"):
            self.assertIn(text, cover)
        self.assertNotIn(f"{move.name} (dunning charges)", cover)

    def test_each_customer_has_his_own(self):
        moves = self.invoice(self.partner_a, 12) + self.invoice(self.partner_b, 12)
        self.send(self.run_day().notice_ids)
        handover = self.hand_over(moves)
        for line, other in zip(handover.line_ids, reversed(handover.line_ids), strict=True):
            text = "".join(self.pages(line.dossier_id))
            self.assertIn(f"Dossier: {line.partner_id.name}", text)
            self.assertNotIn(other.partner_id.name, text)

    def test_names_are_no_markup(self):
        self.partner_a.name = "Smith & <b>Sons</b>"
        move = self.invoice(self.partner_a, 12)
        self.send(self.run_day().notice_ids)
        self.assertIn("Smith & <b>Sons</b>", self.pages(self.hand_over(move).line_ids.dossier_id)[0])
