"""Payment QR codes of letters, read from the real PDF as a bank's app reads them, and the references that they state.

Their modules are none that this one depends on: they are installed in copies of a database.
"""

import json

from odoo.tests import BaseCase, tagged

from odoo.addons.account_dunning.tools.qr_reference import NOTICE, format_qr_reference, make_qr_reference

from . import database
from .processes import ProcessCase

# A company in the euro or franc, whose customer owes for two invoices.
SETUP = """
from datetime import date, timedelta
company = env.company
currency = env["res.currency"].with_context(active_test=False).search([("name", "=", money)])
currency.active = True
if not company.chart_template:
    company.currency_id = currency
    env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
place = {"street": "Hauptstrasse 1", "zip": "8000", "city": "Town", "country_id": env.ref(f"base.{land}").id}
company.partner_id.write({"name": "Acme Tools", **place})
bank = env["res.partner.bank"].create({"acc_number": account, "partner_id": company.partner_id.id, **further})
partner = env["res.partner"].create({"name": "Customer", **place})
due = date.today() - timedelta(40)
moves = env["account.move"].create(
    [{"move_type": "out_invoice", "partner_id": partner.id, "invoice_date": due, "invoice_date_due": due,
      "currency_id": currency.id, "partner_bank_id": bank.id,
      "invoice_line_ids": [(0, 0, {"name": "Goods", "price_unit": price, "tax_ids": [(5,)]})]}
     for price in (100.0, 23.45)]
)
moves.action_post()
moves.dunning_posted_on = due
env["account.dunning.level"].search([]).write({"document": "letter"})
env.cr.commit()
"""

# What the QR codes of the letter say besides that of the customer's page, its text, and what it should say.
READ = """
import io
import json
import zxingcpp
from pypdf import PdfReader
address = "https://example.com/my/receivables/" + "t" * 43
env.registry["account.dunning.notice"]._get_page_url = lambda notice: address
run = env["account.dunning.run"].create({})
run.action_propose()
while env["account.dunning.run"]._continue_next():
    pass
notice = run.notice_ids
notice.action_issue()
while env["account.dunning.run"]._continue_next():
    pass
assert notice.attachment_id, notice.failure
pages = PdfReader(io.BytesIO(notice.attachment_id.raw)).pages
codes = [code.text for page in pages for image in page.images for code in zxingcpp.read_barcodes(image.image)]
assert codes.count(address) == 1, codes
codes.remove(address)
print("READ", json.dumps({
    "codes": codes, "text": " ".join(page.extract_text() for page in pages), "items": len(notice.line_ids),
    "total": notice.amount_total, "name": notice.name, "reference": notice._get_payment_reference(),
}))
"""


@tagged("post_install", "-at_install")
class TestPaymentQr(ProcessCase):
    def read_codes(self, name, modules, further=None, **values):
        """The letter of a company in a database with more ``modules``; ``further``: values of its bank account."""
        values["further"] = further or {}
        with database.copy_of(database.installed(), name) as db:
            result = database.run_odoo(db, "-i", modules)
            self.assertEqual(result.returncode, 0, result.stdout[-3000:])
            given = "".join(f"{key} = {value!r}\n" for key, value in values.items())
            output = self.script(db, given, SETUP, READ)
        letter = json.loads(output[output.rindex("READ") + 4 :].split("\n")[0])
        self.assertEqual(letter["items"], 2)
        return letter

    def test_sepa(self):
        letter = self.read_codes(
            "sepa", "base_iban,account_qr_code_sepa", money="EUR", land="de", account="DE89 3704 0044 0532 0130 00"
        )
        [code] = letter["codes"]
        fields = code.split("\n")
        self.assertEqual(fields[:4], ["BCD", "002", "1", "SCT"])
        self.assertEqual((fields[5], fields[6]), ("Acme Tools", "DE89370400440532013000"))
        self.assertEqual(fields[7], f"EUR{letter['total']}")
        self.assertGreaterEqual(letter["total"], 123.45)
        self.assertEqual(fields[10], letter["name"], "of several invoices, the reference is the notice's")
        self.assertIn(letter["name"], letter["text"])

    def test_swiss_qr_iban(self):
        account = "CH44 3199 9123 0008 8901 2"
        letter = self.read_codes("swiss", "l10n_ch", money="CHF", land="ch", account=account)
        [code] = letter["codes"]
        fields = code.split("\n")
        reference = make_qr_reference(NOTICE, letter["name"])
        self.assertEqual((fields[0], fields[3]), ("SPC", "CH4431999123000889012"))
        self.assertEqual(fields[18:20], [f"{letter['total']:.2f}", "CHF"])
        self.assertEqual(fields[27:29], ["QRR", reference])
        self.assertEqual(letter["reference"], reference)
        text = " ".join(letter["text"].replace("\N{NO-BREAK SPACE}", " ").split())
        self.assertIn(format_qr_reference(reference), text)
        self.assertIn("CH4431999123000889012", text.replace(" ", ""))

    def test_emv(self):
        proxy = {"proxy_type": "uen", "proxy_value": "201912345A", "include_reference": True}
        letter = self.read_codes("emv", "l10n_sg", proxy, money="SGD", land="sg", account="0123456789")
        [code] = letter["codes"]
        self.assertIn("0009SG.PAYNOW", code)
        self.assertIn("201912345A", code)
        self.assertIn("5303702", code, "Singapore dollars")
        amount = f"{letter['total']:.2f}"
        self.assertIn(f"54{len(amount):02}{amount}", code)
        self.assertIn(letter["name"], code)


class TestQrReference(BaseCase):
    def test_check_digit(self):
        self.assertEqual(
            make_qr_reference("", "21000000000313947143000901"), "210000000003139471430009017", "of the norm"
        )

    def test_of_a_notice(self):
        reference = make_qr_reference(NOTICE, "DN/2026/00012")
        self.assertEqual((len(reference), reference[:-1]), (27, "99000000000000000202600012"))
        self.assertNotEqual(reference, make_qr_reference(NOTICE, "DN/2026/00013"))

    def test_long_numbers_keep_their_end(self):
        self.assertEqual(make_qr_reference(NOTICE, "1" + "2" * 24)[:-1], "99" + "2" * 24)

    def test_without_a_digit_there_is_none(self):
        for number in ("", False, "draft"):
            self.assertEqual(make_qr_reference(NOTICE, number), "")

    def test_printed_in_groups(self):
        self.assertEqual(format_qr_reference("210000000003139471430009017"), "21 00000 00003 13947 14300 09017")
