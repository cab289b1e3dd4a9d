"""Where things stand on a letter, and how its e-mail reads."""

import base64
import io
import re
import subprocess
from unittest.mock import patch

import zxingcpp
from PIL import Image
from pypdf import PdfReader

from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from odoo.addons.account_dunning.tools.plain_text import to_plain_text

from .common import DunningCommon

WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')
WIDTH = 595  # of the paper, in points


@tagged("post_install", "-at_install")
class TestLetterLooks(DunningCommon):
    def words(self, notice):
        """The words of the letter with their places in points: left, top, right, bottom."""
        report = self.env.ref("account_dunning.action_report_dunning_letter").sudo()
        document = report._render_dunning_letters(notice.sudo())[notice.id]
        done = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=document, capture_output=True, check=True)
        return [(match[4], *map(float, match[:4])) for match in WORD.findall(done.stdout.decode())]

    def test_long_address_ends_above_the_heading(self):
        self.partner_a.write(
            {
                "name": "State Office of the Environment, Nature, Water and Geology of the Land of Nowhere, Department "
                "for Administration, Division 3",
                "street2": "Building C, Second Floor, Entrance West",
                "state_id": self.env.ref("base.state_us_5").id,
                "country_id": self.env.ref("base.us").id,
            }
        )
        contact = self.partner_a.child_ids.create(
            {
                "name": "Anneliese Schulze-Hagenbeck (Accounts Payable)",
                "type": "invoice",
                "parent_id": self.partner_a.id,
                "street": "1 Main Street",
                "street2": "Building C, Second Floor, Entrance West",
                "city": "Springfield",
                "zip": "12345",
                "country_id": self.env.ref("base.us").id,
            }
        )
        self.invoice(contact, 12)
        words = self.words(self.run_day().notice_ids)
        country = next(word for word in words if word[0] == "States")
        heading = next(word for word in words if word[0] == "Test")
        self.assertLess(country[4], heading[2])

    def test_long_mail_address_stays_on_the_paper(self):
        self.partner_a.dunning_user_id = self.collector
        self.collector.email = "a.very.long.mail.address.of.somebody.in.the.accounts.department@example.com"
        self.invoice(self.partner_a, 12)
        words = self.words(self.run_day().notice_ids)
        self.assertTrue(any("a.very.long" in word[0] for word in words))
        self.assertLess(max(word[3] for word in words), WIDTH - 15)

    def test_way_to_the_customers_page(self):
        address = "https://erp.example.com/my/receivables/" + "tYp-" * 10 + "end"
        self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        self.assertNotIn("online", [word[0] for word in self.words(notice)], "there is no page")
        with patch.object(type(notice), "_get_page_url", lambda notice: address):
            words = self.words(notice)
            document = (
                self.env.ref("account_dunning.action_report_dunning_letter").sudo()._render_dunning_letters(notice)
            )
        self.assertLess(max(word[3] for word in words), WIDTH - 15, "all of it is on the paper")
        self.assertIn(address, "".join(word[0] for word in words), "to be typed")
        [page] = PdfReader(io.BytesIO(document[notice.id])).pages
        codes = [code.text for image in page.images for code in zxingcpp.read_barcodes(image.image)]
        self.assertEqual(codes, [address])

    def test_bad_picture_is_skipped_and_noted(self):
        bomb = io.BytesIO()
        Image.new("1", (20000, 20000)).save(bomb, "PNG")
        contents = ("abc", base64.b64encode(b"no image").decode(), base64.b64encode(bomb.getvalue()).decode())
        text = "".join(f'<img src="data:image/png;base64,{content}"/>' for content in contents)
        self.env.cr.execute(
            "UPDATE account_dunning_level SET text = jsonb_build_object('en_US', %s::text) WHERE id = %s",
            [f"<p>Please pay.{text}</p>", self.level_1.id],
        )
        self.env.invalidate_all()
        self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        notice = notice.sudo()
        notice._number()
        notice._make_letters()
        self.assertIn("Please", [word[0] for word in self.words(notice)])
        self.assertIn("A picture in the text of the level cannot be read", str(notice.message_ids.mapped("body")))

    def test_why_has_the_date_of_the_language(self):
        self.invoice(self.partner_a, 12)
        line = self.run_day().notice_ids.line_ids.sudo()
        line.write({"previous_level_id": self.level_1.id, "previous_date": "2026-05-20"})
        self.assertIn("on 05/20/2026", line.why)

    def test_name_of_the_statement(self):
        name = self.env.ref("account_dunning.action_report_statement").print_report_name
        self.partner_a.name = "A/B Works"
        day = self.env.company._dunning_today()
        self.assertEqual(safe_eval(name, {"object": self.partner_a}), f"Statement of Account A-B Works {day}")

    @mute_logger("odoo.addons.base.models.assetsbundle")
    def test_right_to_left(self):
        self.env["res.lang"]._activate_lang("ar_001")
        self.partner_a.lang = "ar_001"
        move = self.invoice(self.partner_a, 12, 1234.5)
        notice = self.run_day().notice_ids
        words = self.words(notice)
        number = next(word for word in words if word[0].startswith(move.name[:8]) and word[2] > 250)
        self.assertGreater(number[1], WIDTH / 2, "the first column is the one at the right")
        recipient = next(word for word in words if word[0] == "Springfield")
        self.assertLess(recipient[3], WIDTH / 2, "the window of the sender's envelope is at the left")
        tables = str(notice._get_mail_tables())
        self.assertIn("text-align: right;", tables[: tables.index("</th>")])

    def test_left_to_right_for_somebody_who_reads_the_other_way(self):
        self.env["res.lang"]._activate_lang("ar_001")
        self.partner_a.lang = "en_US"
        move = self.invoice(self.partner_a, 12, 1234.5)
        words = self.words(self.run_day().notice_ids.with_context(lang="ar_001"))
        number = next(word for word in words if word[0] == move.name and word[2] > 250)
        self.assertLess(number[1], WIDTH / 2)

    def test_line_break_in_a_name(self):
        self.level_1.document = "email"
        self.partner_a.name = "Smith\n& Sons"
        self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        self.issue(notice)
        [email] = notice.sudo().mail_id._prepare_outgoing_list()
        for header in (email["subject"], email["email_from"], *email["email_to"]):
            self.assertNotIn("\n", header)
        self.assertIn("Smith & Sons", email["email_to"][0])

    def test_plain_text_of_the_mail(self):
        self.level_1.document = "email"
        move = self.invoice(self.partner_a, 12, 1234.5)
        notice = self.run_day().notice_ids
        self.issue(notice)
        [email] = notice.sudo().mail_id._prepare_outgoing_list()
        text = email["body_alternative"]
        self.assertIn(f"{move.name} | 05/20/2026 | 12 | $ 1,234.50", text)
        self.assertIn("Total | $ 1,234.50", text)

    def test_right_to_left_mail(self):
        self.env["res.lang"]._activate_lang("ar_001")
        self.level_1.document = "email"
        self.partner_a.lang = "ar_001"
        self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        self.issue(notice)
        self.assertIn('dir="rtl"', notice.sudo().mail_id.body_html)


@tagged("post_install", "-at_install")
class TestPlainText(BaseCase):
    def test_links_tables_and_paragraphs(self):
        self.assertEqual(
            to_plain_text(
                "<h2>Reminder</h2><p>Dear A,</p><p>pay<br>now <a href='https://example.com/pay'>here</a></p>"
                "<table><tr><td> INV/1\n</td><td>$\N{NO-BREAK SPACE}5.00</td></tr></table><ul><li>a</li></ul>"
            ),
            "Reminder\n\nDear A,\n\npay\nnow here (https://example.com/pay)\n\nINV/1 | $ 5.00\n\n- a",
        )
        self.assertEqual(to_plain_text(False), "")

    def test_tables_that_only_place_things(self):
        self.assertEqual(
            to_plain_text(
                "<table role='presentation'><tr><td><img src='logo.png' alt='Acme'/></td><td><h1>Due</h1></td></tr>"
                "<tr><td>Pay<table><tr><td>INV/1</td><td>5.00</td></tr><tr><td>INV/2</td><td>6.00</td></tr></table>"
                "</td></tr></table>"
            ),
            "Acme\n\nDue\n\nPay\n\nINV/1 | 5.00\nINV/2 | 6.00",
        )
        self.assertEqual(to_plain_text("<img src='picture.png' alt=''/>a"), "a")
        self.assertEqual(to_plain_text("<a href='tel:+15550100'>+1 555 0100</a>"), "+1 555 0100")
