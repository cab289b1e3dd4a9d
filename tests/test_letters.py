"""Letters: the text, the pages and the places of the real PDFs (rules §7)."""

import base64
import io
import re
from unittest.mock import patch

from PIL import Image

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfFileReader

from odoo.addons.base.models import ir_actions_report as core_report

from ..tools.pdf import links, styles
from .common import DunningCommon

MODEL = "odoo.addons.account_dunning.models"
TOOLS = "odoo.addons.account_dunning.tools"
MILLIMETRE = 72 / 25.4
LAYOUTS = ("standard", "boxed", "bold", "striped", "folder", "wave", "bubble")


class LetterCase(DunningCommon):
    """Renders letters for real. No web server answers: whatever they need must be at hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("web.base.url", "http://127.0.0.1:9")
        cls.company.write(
            {
                "name": "Acme Tools",
                "street": "7 Forge Road",
                "zip": "54321",
                "city": "Shelbyville",
                "email": "office@acme.example",
                "company_details": "<p>Acme Tools<br/>7 Forge Road<br/>54321 Shelbyville</p>",
                "external_report_layout_id": cls.env.ref("web.external_layout_standard").id,
            }
        )
        bank = cls.env["res.bank"].create({"name": "First Bank", "bic": "FIRSUS33XXX"})
        cls.bank_account = cls.company.partner_id.bank_ids.with_env(cls.env)
        cls.bank_account.write({"acc_number": "US12 3456 7890", "bank_id": bank.id})
        cls.level_1.name = "Payment Reminder"
        cls.level_1.text_below = "<p>Kind regards, {company}</p>"
        cls.partner_a.write({"name": "Springfield Bakery", "ref": "C-100", "country_id": cls.env.ref("base.us").id})
        cls.report = cls.env.ref("account_dunning.action_report_dunning_letter").sudo()
        # Compiling style sheets takes a second: once for all tests.
        for bundle in ("web.report_assets_pdf", "web.report_assets_common"):
            cls.report._get_style_sheet(f"/web/assets/1/{bundle}.autoprefixed.min.css")

    def setUp(self):
        super().setUp()
        self.calls = []

        def run(args):
            process = run_wkhtmltopdf(args)
            self.calls.append(args)
            self.assertEqual(process.returncode, 0, process.stderr)
            return process

        run_wkhtmltopdf = core_report._run_wkhtmltopdf
        self.patch(core_report, "_run_wkhtmltopdf", run)

    def propose(self, partner=None, count=1, days=12, amount=100.0):
        """A proposed notice for ``count`` invoices of the customer."""
        partner = partner or self.partner_a
        self.post_invoices([self.prepare_invoice(partner, days + n, amount + n) for n in range(count)])
        return self.run_day(partner_ids=[Command.set(partner.ids)]).notice_ids.sudo()

    def issued(self, *args, **kwargs):
        notice = self.propose(*args, **kwargs)
        self.issue(notice)
        self.assertEqual(notice.state, "to_print", notice.failure)
        return notice

    def customers(self, count):
        return self.env["res.partner"].create(
            [
                {
                    "name": f"Customer {chr(65 + number)}{number}",
                    "street": "2 Side Street",
                    "zip": "1",
                    "city": "Ogdenville",
                }
                for number in range(count)
            ]
        )

    def render(self, notices):
        """The letters of the notices, each as a list of pages (text)."""
        documents = self.report._render_dunning_letters(notices)
        return {notice: pages_of(documents[notice.id]) for notice in notices}

    def pages(self, notice):
        return self.render(notice)[notice]

    def text(self, notice):
        return "\n".join(self.pages(notice))

    def unpatched(self):
        """wkhtmltopdf as Debian ships it: it takes one document at a time."""
        info = core_report._wkhtml()._replace(is_patched_qt=False)
        return patch.multiple(f"{TOOLS}.pdf.printer", _wkhtml=lambda: info)


def reader_of(document):
    return PdfFileReader(io.BytesIO(document), strict=False)


def pages_of(document):
    return [plain(page.extract_text()) for page in reader_of(document).pages]


def plain(text):
    """With one kind of space, and without the marks of width zero."""
    return " ".join(re.sub(r"[\u200b\ufeff\u2060]", "", text).split())


def places_of(page):
    """The pieces of text on a page of a PDF, with their places: millimetres from the left and from the top."""
    height, places = float(page.mediabox.height), []

    def visit(text, cm, tm, _font, _size):
        left = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        bottom = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        if text.strip():
            places.append((plain(text), left / MILLIMETRE, (height - bottom) / MILLIMETRE))

    page.extract_text(visitor_text=visit)
    return places


@tagged("post_install", "-at_install")
class TestLetter(LetterCase):
    def test_says_everything(self):
        self.partner_a.with_company(self.company).dunning_user_id = self.collector
        self.collector.write({"name": "Carla Collector", "phone": "+1 555 0199", "email": "carla@acme.example"})
        notice = self.issued(count=2)
        text = self.text(notice)
        for expected in (
            "Payment Reminder",
            notice.name,
            "Springfield Bakery",
            "1 Main Street",
            "12345",
            "C-100",
            "06/01/2026",  # today
            "06/07/2026",  # the deadline
            "Dear Springfield Bakery, please pay $ 201.00 by 06/07/2026.",
            "Kind regards, Acme Tools",
            "Acme Tools · 7 Forge Road · 54321 Shelbyville",
            "Carla Collector",
            "+1 555 0199",
            "carla@acme.example",
            "US12 3456 7890",
            "First Bank",
            "FIRSUS33XXX",
            "Days Overdue",
            "Total",
            "Page 1 / 1",
        ):
            self.assertIn(expected, text)
        for line in notice.line_ids:
            self.assertIn(line.name, text)
            self.assertIn(f"{line.due_date:%m/%d/%Y}", text)
            self.assertIn(f"$ {line.claim:.2f}", text)
        self.assertNotIn("credits", text)
        self.assertNotIn("DRAFT", text)

    def test_partly_paid(self):
        move = self.invoice(self.partner_a, 12, 100.0)
        self.pay(move, 40.0)
        notice = self.run_day().notice_ids
        text = self.text(notice)
        self.assertIn("$ 100.00", text)
        self.assertIn("$ 60.00", text)

    def test_credits(self):
        self.invoice(self.partner_a, 2, 30.0, move_type="out_refund")
        text = self.text(self.propose())
        self.assertRegex(text, r"Your credits \$ - ?30\.00")
        self.assertIn("$ 70.00", text)

    def test_other_currency(self):
        self.invoice(self.partner_a, 12, 100.0, currency_id=self.other_currency.id)
        notice = self.run_day().notice_ids
        text = self.text(notice)
        self.assertIn("100.00 €", text)
        self.assertNotIn("$", text)

    def test_reminder_before_the_due_date(self):
        self.dunning_type.write(
            {
                "level_ids": [
                    Command.create(
                        {
                            "name": "Soon Due",
                            "days": -5,
                            "reminder": True,
                            "document": "letter",
                            "text": "<p>Due in {days_overdue} days, on {deadline}.</p>",
                        }
                    )
                ]
            }
        )
        notice = self.propose(days=-3)
        text = self.text(notice)
        self.assertIn("Soon Due", text)
        self.assertIn("Due in Days", text)
        self.assertIn("Due in 3 days, on 06/04/2026.", text)
        self.assertNotIn("Overdue", text)
        self.assertNotIn("06/07/2026", text, "nobody has to pay later, nor sooner, than agreed")

    def test_reference_to_state(self):
        one = self.propose()
        one.line_ids.move_id.payment_reference = "RF18 5390 0754 7034"
        self.assertIn("RF18 5390 0754 7034", self.text(one))
        several = self.issued(self.partner_b, count=2)
        self.assertEqual(several._get_payment_reference(), several.name)

    def test_bank_account(self):
        notice = self.propose()
        self.assertEqual(notice._get_bank_account(), self.bank_account)
        other = self.bank_account.copy({"acc_number": "OTHER 1"})
        notice.line_ids.move_id.partner_bank_id = other
        self.assertEqual(notice._get_bank_account(), other, "the one on the invoice")
        (self.bank_account + other).active = False
        notice.line_ids.move_id.partner_bank_id = False
        self.assertNotIn("First Bank", self.text(notice), "a letter can do without")

    def test_names_are_escaped(self):
        self.partner_a.name = "<b>Bread</b> & 'Sons' {total}"
        notice = self.propose()
        text = self.text(notice)
        self.assertIn("Dear <b>Bread</b> & 'Sons' {total}, please", text)
        self.assertEqual(text.count("<b>Bread</b> & 'Sons' {total}"), 2, "in the address and in the text")

    def test_draft_mark_on_each_page(self):
        notice = self.propose(count=40)
        pages = self.pages(notice)
        self.assertGreater(len(pages), 1)
        for page in pages:
            self.assertIn("DRAFT", page)
        self.issue(notice)
        self.assertNotIn("DRAFT", self.text(notice))
        self.assertNotIn("DRAFT", "".join(pages_of(notice.attachment_id.raw)))

    def test_preview_of_a_collector(self):
        notice = self.propose()
        report = self.report.with_user(self.collector).with_context(force_report_rendering=True)
        document, kind = report._render_qweb_pdf(self.report.report_name, res_ids=notice.ids)
        self.assertEqual(kind, "pdf")
        text = "".join(pages_of(document))
        self.assertIn("DRAFT", text)
        self.assertIn("US12 3456 7890", text)

    def test_payment_qr_code(self):
        notice = self.propose()
        buffer = io.BytesIO()
        Image.effect_noise((60, 60), 50).save(buffer, "PNG")
        code = f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
        images = len(self.images(notice))
        with patch.object(self.registry["res.partner.bank"], "build_qr_code_base64", return_value=code) as build:
            self.assertEqual(len(self.images(notice)), images + 1)
            self.assertIn("Scan to pay", self.text(notice))
        self.assertEqual(build.call_args.args[0], notice.amount_total)
        with (
            patch.object(self.registry["res.partner.bank"], "build_qr_code_base64", side_effect=OSError("no")),
            mute_logger(f"{MODEL}.notice.res_partner_bank"),
        ):
            self.assertNotIn("Scan to pay", self.text(notice), "a letter can do without")

    def images(self, notice):
        document = self.report._render_dunning_letters(notice)[notice.id]
        return [image for page in reader_of(document).pages for image in page.images]


@tagged("post_install", "-at_install")
class TestLetterPages(LetterCase):
    def test_one_item_is_one_page(self):
        self.assertEqual(len(self.pages(self.propose())), 1)

    def test_the_closing_lines_stay_with_how_to_pay(self):
        """Where only a closing sentence would come onto the next page, what stands above it comes along."""
        self.level_1.text_below = "<p>With kind regards</p>"
        for count in (11, 13, 14, 15):
            with self.subTest(count=count):
                pages = self.pages(self.issued(self.customers(1), count=count))
                [last] = [page for page in pages if "With kind regards" in page]
                self.assertIn("Payable by", last.replace(pages[0][:400], ""))
                self.assertEqual(last, pages[-1])

    def test_layouts(self):
        """The recipient stands in the window of the envelope, and nothing stands on anything else."""
        notice = self.propose(count=3)
        self.company.company_details = "<p>" + "<br/>".join(f"Line {number}" for number in range(7)) + "</p>"
        for layout in LAYOUTS:
            with self.subTest(layout=layout):
                self.company.external_report_layout_id = self.env.ref(f"web.external_layout_{layout}")
                self.check_layout(self.report._render_dunning_letters(notice)[notice.id])

    def check_layout(self, document):
        [page] = reader_of(document).pages
        places = places_of(page)
        by_text = {text: (left, top) for text, left, top in places}
        window = [by_text[text] for text in ("Springfield Bakery", "1 Main Street")]
        for left, top in window:
            self.assertTrue(20 < left < 60 and 55 < top < 90, (left, top))
        header = [top for text, (_left, top) in by_text.items() if text.startswith("Line ")]
        self.assertEqual(len(header), 7)
        self.assertLess(max(header), min(top for _left, top in window) - 3, "the sender's line stands between")
        heading = min(top for text, _left, top in places if text.startswith("Dear "))
        self.assertGreater(heading, 90)
        [(left, top)] = [(left, top) for text, left, top in places if text.startswith("Our")]
        self.assertGreater(left, 105)
        self.assertLess(top, heading)

    def test_style_without_a_web_server(self):
        document = self.report._render_dunning_letters(self.propose())[self.env["account.dunning.notice"].search([]).id]
        fonts = {
            str(font.get_object()["/BaseFont"])
            for page in reader_of(document).pages
            for font in page["/Resources"]["/Font"].values()
        }
        self.assertTrue(any("Lato" in font for font in fonts), fonts)

    def test_paper_of_each_company(self):
        notice = self.propose()
        other = (
            self.company_data_2["company"]
            if hasattr(self, "company_data_2")
            else self.env["res.company"].create({"name": "US"})
        )
        other.paperformat_id = self.env.ref("base.paperformat_us")
        copy = notice.copy({"company_id": other.id})
        documents = self.report._render_dunning_letters(notice + copy)
        widths = [
            round(float(reader_of(documents[i]).pages[0].mediabox.width) / MILLIMETRE) for i in (notice.id, copy.id)
        ]
        self.assertEqual(widths, [210, 216])
        self.assertEqual(len(self.calls), 2)


@tagged("post_install", "-at_install")
class TestLetterOfSixtyItems(LetterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        test = cls("test_sixty_items")
        test.calls = []
        cls.notice = test.propose(count=60)
        test.issue(cls.notice)
        cls.document = cls.report._render_dunning_letters(cls.notice)[cls.notice.id]

    def test_sixty_items(self):
        notice, pages = self.notice, pages_of(self.document)
        self.assertIn(len(pages), (3, 4, 5))
        text = "\n".join(pages)
        names = notice.line_ids.sorted("due_date").mapped("name")
        self.assertEqual(len(set(names)), 60)
        found = [name for name in re.findall(r"INV/\d+/\d+", text) if name in set(names)]
        self.assertEqual(found, names, "each item once, the oldest first")
        for number, page in enumerate(pages, 1):
            self.assertIn(f"Page {number} / {len(pages)}", page)
            if "INV/" in page:
                self.assertIn("Days Overdue", page, "the head of the table is repeated")
        self.assertEqual(text.count("Payment Reminder"), 1)
        self.assertEqual(len(re.findall(r"Total\s*\$ 7,770.00", text)), 1)

    def test_each_page_carries_its_sum_forward(self):
        notice = self.notice
        lines = {line.name: line.claim for line in notice.line_ids}
        for layout in LAYOUTS:
            with self.subTest(layout=layout):
                self.company.external_report_layout_id = self.env.ref(f"web.external_layout_{layout}")
                pages, total = self.pages(notice), 0.0
                for page in pages:
                    brought = f"Brought forward $ {total:,.2f}" if 0 < total < sum(lines.values()) else ""
                    self.assertEqual("".join(re.findall(r"Brought forward \$ [\d.,]+", page)), brought)
                    total += sum(lines[name] for name in re.findall(r"INV/\d+/\d+", page) if name in lines)
                    carried = f"Carried forward $ {total:,.2f}" if total < sum(lines.values()) else ""
                    self.assertEqual("".join(re.findall(r"Carried forward \$ [\d.,]+", page)), carried)
                    self.assertIn(notice.name, page, "each page says of which letter it is")

    def test_no_row_is_cut(self):
        """The cells of a row stand on one line, inside the margins."""
        paper = self.company.paperformat_id
        for page in reader_of(self.document).pages:
            rows = [(text, top) for text, _left, top in places_of(page) if text.startswith("INV/")]
            for _text, top in rows:
                self.assertGreater(top, paper.margin_top)
                self.assertLess(top, 297 - paper.margin_bottom)
            self.assertEqual(len({round(top) for _text, top in rows}), len(rows))


@tagged("post_install", "-at_install")
class TestManyLetters(LetterCase):
    """Notices of five customers; the second and the fourth have several pages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        test = cls("test_one_process_for_all")
        partners = test.customers(5)
        counts = zip(partners, (1, 40, 1, 60, 2), strict=True)
        test.post_invoices(
            [test.prepare_invoice(partner, 12, 10.0 + n) for partner, count in counts for n in range(count)]
        )
        cls.notices = test.run_day().notice_ids.sudo().sorted("partner_id")
        test.assertEqual(cls.notices.partner_id, partners)

    def check(self, letters_by_notice, footer=True):
        for notice, pages in letters_by_notice.items():
            text = "\n".join(pages)
            self.assertEqual(set(re.findall(r"INV/\d+/\d+", text)), set(notice.line_ids.mapped("name")))
            self.assertEqual(set(re.findall(r"Customer [A-E]\d", text)), {notice.partner_id.name})
            if footer:
                self.assertIn(f"Page 1 / {len(pages)}", pages[0], "each letter counts its own pages")
        counts = [len(pages) for pages in letters_by_notice.values()]
        self.assertEqual([count > 1 for count in counts], [False, True, False, True, False])

    def test_one_process_for_all(self):
        result = self.render(self.notices)
        self.assertEqual(len(self.calls), 1)
        self.check(result)

    def test_one_by_one_with_unpatched_qt(self):
        with self.unpatched():
            result = self.render(self.notices)
        self.assertEqual(len(self.calls), 5)
        self.check(result)

    def test_headings_in_texts_do_not_confuse(self):
        self.level_1.text = "<h1>Dear {customer}</h1><p>Pay.</p>"
        self.level_1.text_below = "<h2>Thank <i>you</i></h2><h1>Bye</h1>"
        result = self.render(self.notices)
        self.assertEqual(len(self.calls), 1)
        self.check(result)
        self.assertIn("Thank you", "".join(next(iter(result.values()))))

    def test_all_layouts_can_be_taken_apart(self):
        for layout in LAYOUTS:
            with self.subTest(layout=layout):
                self.calls.clear()
                self.company.external_report_layout_id = self.env.ref(f"web.external_layout_{layout}")
                result = self.render(self.notices)
                self.assertEqual(len(self.calls), 1)
                self.check(result, footer=False)

    def test_a_template_without_heading_is_rendered_one_by_one(self):
        view = self.env.ref("account_dunning.report_dunning_letter_document")
        view.arch_db = re.sub(r'<t t-set="layout_document_title">.*?</t>', "", view.arch_db, flags=re.DOTALL)
        self.check(self.render(self.notices))
        self.assertGreater(len(self.calls), 1)

    def test_print_wizard(self):
        self.issue(self.notices)
        self.check_print(self.notices)

    def test_print_wizard_with_unpatched_qt(self):
        with self.unpatched():
            self.issue(self.notices)
        self.check_print(self.notices)

    def check_print(self, notices):
        self.assertEqual(set(notices.mapped("state")), {"to_print"})
        action = notices.with_user(self.manager).action_print()
        wizard = self.env[action["res_model"]].with_user(self.manager).browse(action["res_id"])
        pages = pages_of(wizard.with_context(bin_size=False).document and self.raw(wizard))
        self.assertEqual(len(pages), sum(len(pages_of(notice.attachment_id.raw)) for notice in notices))
        order = [name for page in pages for name in re.findall(r"DUN/\d+/\d+", page)]
        self.assertEqual(list(dict.fromkeys(order)), sorted(notices.mapped("name")))
        self.assertEqual(set(notices.mapped("state")), {"to_print"}, "not sent before they were printed")
        wizard.action_confirm()
        self.assertEqual(set(notices.mapped("state")), {"sent"})
        with self.assertRaises(UserError):
            notices.with_user(self.manager).action_print()

    def raw(self, wizard):
        return base64.b64decode(wizard.document)


@tagged("post_install", "-at_install")
class TestLetterLanguages(LetterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("de_DE")
        cls.env["ir.module.module"]._load_module_terms(["account_dunning"], ["de_DE"])
        german = cls.level_1.with_context(lang="de_DE")
        german.name = "Zahlungserinnerung"
        german.text = "<p>Guten Tag {customer}, bitte zahlen Sie {total} bis zum {deadline}.</p>"
        cls.partner_a.lang = "de_DE"

    def test_german(self):
        notice = self.issued(amount=1234.5)
        self.assertEqual(notice.lang, "de_DE")
        text = self.text(notice)
        for expected in (
            "Zahlungserinnerung",
            "Guten Tag Springfield Bakery, bitte zahlen Sie $ 1.234,50 bis zum 07.06.2026.",
            "Kundennr.",
            "Unser Zeichen",
            "Tage überfällig",
            "Summe",
            "Zahlbar bis",
            "Kontoinhaber",
            "20.05.2026",
        ):
            self.assertIn(expected, text)
        for english in ("Payment", "Overdue", "Total", "Payable", "05/20"):
            self.assertNotIn(english, text)

    def test_draft_mark(self):
        self.assertIn("ENTWURF", self.text(self.propose()))

    def test_languages_in_one_call(self):
        german, english = self.propose(), self.propose(self.partner_b)
        texts = {notice: "".join(pages) for notice, pages in self.render(german + english).items()}
        self.assertIn("ENTWURF", texts[german])
        self.assertIn("Tage überfällig", texts[german])
        self.assertIn("DRAFT", texts[english])
        self.assertIn("Days Overdue", texts[english])
        self.assertIn("06/07/2026", texts[english])

    def test_language_switched_off_meanwhile(self):
        notice = self.propose()
        self.partner_a.lang = "en_US"
        self.env["res.lang"].search([("code", "=", "de_DE")]).active = False
        self.assertIn("Days Overdue", self.text(notice))

    def test_standard_texts(self):
        """The texts of the type that a new database has are translated."""
        for lang, expected in (("de_DE", "Sehr geehrte Damen und Herren"), ("en_US", "Dear {customer}")):
            for name in ("reminder", "second", "final"):
                level = self.env.ref(f"account_dunning.level_standard_{name}").sudo().with_context(lang=lang)
                self.assertIn(expected, level.text)


@tagged("post_install", "-at_install")
class TestLetterTools(BaseCase):
    CSS = """@charset "UTF-8"; /* .b{} */ .a{color: red;} .b{color: blue;} .a, .b{x: y;} p{m: 0;}
        .a:not(.b) td[class*="c"]{z: 1;} .a .b{n: o;} @font-face{font-family: "F"; src: url(/web/static/f.ttf);}
        @media print{.b{p: q;} .a{p: r;}}"""

    def test_prune_css(self):
        pruned = styles.prune_css(self.CSS, styles.words_of('<div class="a c">'))
        for kept in ("@charset", ".a{color", ".a, .b{x", "p{m", ":not(.b)", "@font-face", "{p: r;}"):
            self.assertIn(kept, pruned)
        for dropped in ("blue", "n: o", "p: q", "/*"):
            self.assertNotIn(dropped, pruned)

    def test_static_files(self):
        folders = set()
        linked = links.link_static_files(
            'url("/web/static/img/logo.png?x=1") url(/web/static/none.png) <img src="/web/static/img/logo.png"/>',
            folders,
        )
        self.assertIn('url("file:///', linked)
        self.assertIn("url(/web/static/none.png)", linked)
        self.assertIn('src="file:///', linked)
        self.assertEqual(len(folders), 1)
