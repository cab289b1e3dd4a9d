"""E-mails to customers: what stands around their words, the way to the customer's page, and how they read as text."""

from unittest.mock import patch

from lxml import html

from odoo.tests import tagged

from .common import LOGO, DunningCommon, StubLetters
from .desk_common import DeskCommon

PAGE = "https://example.com/my/receivables/" + "t" * 43


def read(body):
    """The HTML of an e-mail, and the texts of its large numbers' cells and so on as one text."""
    tree = html.fromstring(str(body))
    return tree, " ".join(tree.text_content().split())


class PageCase(StubLetters):
    """The customer's page is at ``PAGE``, where a test says so."""

    def give_page(self, address=PAGE):
        notice, case = self.env["account.dunning.notice"], self.env["account.collection.case"]
        self.startPatcher(patch.object(type(notice), "_get_page_url", lambda notice: address))
        self.startPatcher(patch.object(type(case), "_get_page_url", lambda case, recipient: address))

    def buttons(self, mail):
        return html.fromstring(str(mail.body_html)).xpath("//a[contains(@href, '/my/receivables/')]")


@tagged("post_install", "-at_install")
class TestNoticeMails(PageCase, DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dunning_type.level_ids.document = "email"

    def send(self, *amounts, **values):
        """The e-mail of a notice about invoices that are 12 days late."""
        for amount in amounts or (100.0,):
            self.invoice(self.partner_a, 12, amount, **values)
        self.notice = self.run_day().notice_ids
        self.issue(self.notice)
        return self.notice.sudo().mail_id

    def plain(self, mail):
        [email] = mail._prepare_outgoing_list()
        return email["body_alternative"]

    def test_subject_has_number_amount_and_currency(self):
        mail = self.send(1000.0, 234.5)
        self.assertEqual(mail.subject, f"Test 10: 2 open items, 1,234.50 USD – {self.company.name} {self.notice.name}")

    def test_subject_of_one_item(self):
        mail = self.send(5.0, currency_id=self.other_currency.id)
        self.assertIn("Test 10: 1 open item, 5.00 EUR", mail.subject)

    def test_amount_and_deadline_are_large(self):
        tree, _text = read(self.send(1000.0, 234.5).body_html)
        large = {
            node.text_content().strip().replace("\N{NO-BREAK SPACE}", " "): node.get("style")
            for node in tree.xpath("//div[contains(@style, 'font-weight: bold')]")
        }
        self.assertIn("font-size: 30px", large["$ 1,234.50"])
        self.assertIn("font-size: 18px", large["Payable by 06/07/2026"])

    def test_a_reminder_says_when_it_falls_due(self):
        self.level_1.write({"reminder": True, "days": -3})
        for days in (-2, -3):
            self.invoice(self.partner_a, days)
        notice = self.run_day().notice_ids
        self.assertEqual(notice._get_mail_sums()[0].deadline, "First due on 06/03/2026")
        notice.sudo().line_ids[1:].unlink()
        self.assertRegex(notice._get_mail_sums()[0].deadline, "^Due on 06/0[34]/2026$")

    def test_button_only_with_an_address(self):
        self.settings.page_active = False
        self.assertFalse(self.buttons(self.send()))
        self.assertNotIn("View and pay", self.notice.sudo().mail_id.body_html)
        self.give_page()
        self.partner_a = self.partner_a.copy({"email": "c@example.com"})
        [button] = self.buttons(self.send())
        self.assertEqual((button.get("href"), button.text), (PAGE, "View and pay"))
        self.assertIn("bgcolor", button.getparent().attrib, "a cell with its colour, no picture")

    def test_person_with_phone_and_picture(self):
        self.collector.partner_id.write({"phone": "+1 555 0100", "image_1920": LOGO})
        self.partner_a.dunning_user_id = self.collector
        tree, text = read(self.send().body_html)
        self.assertIn(self.collector.name, text)
        self.assertEqual(tree.xpath("//a[starts-with(@href, 'tel:')]/@href"), ["tel:+15550100"])
        [picture] = tree.xpath("//img[contains(@src, '/web/image/res.partner/')]/@src")
        self.assertIn("access_token=", picture)

    def test_company_where_nobody_collects(self):
        self.company.phone = "+1 555 0199"
        tree, text = read(self.send(invoice_user_id=False).body_html)
        self.assertFalse(tree.xpath("//img[contains(@src, '/web/image/')]"))
        self.assertIn("+1 555 0199", text)
        self.assertNotIn("OdooBot", text)

    def test_logo_or_the_name(self):
        tree, _text = read(self.send().body_html)
        [logo] = tree.xpath("//img[contains(@src, '/logo.png')]")
        self.assertEqual(logo.get("alt"), self.company.name)
        self.assertIn(f"company={self.company.id}", logo.get("src"))
        self.company.logo = False
        self.assertFalse(self.notice._get_mail_frame()["logo"])

    def test_layout_is_of_tables_and_inline_styles(self):
        tree, _text = read(self.send().body_html)
        self.assertFalse(tree.xpath("//style | //link | //script"))
        for cell in tree.xpath("//td[normalize-space(text())] | //th"):
            styles = cell.get("style") + next(cell.iterancestors("table")).get("style")
            self.assertIn("font-family", styles, "some mail programs inherit none from outside a table")
        widths = [int(width) for width in tree.xpath("//table/@width") if width.isdigit()]
        self.assertLessEqual(max(widths), 600)

    def test_plain_text(self):
        self.give_page()
        self.company.phone = "+1 555 0199"
        text = self.plain(self.send(1000.0, 234.5))
        self.assertTrue(text.startswith(f"{self.company.name}\n\nTest 10\n\n2 open items\n\n$ 1,234.50\n\n"), text)
        self.assertIn("Payable by 06/07/2026", text)
        self.assertIn(f"View and pay ({PAGE})", text)
        self.assertIn("| 05/20/2026 | 12 | $ 234.50\n", text)
        self.assertIn("Total | $ 1,234.50", text)
        self.assertIn("Any questions? Just reply to this message.", text)
        self.assertNotIn("<", text)
        self.assertNotIn("\n\n\n", text)

    def test_in_the_recipients_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["ir.module.module"].search([("name", "=", "account_dunning")])._update_translations(["de_DE"])
        self.partner_a.lang = "de_DE"
        self.give_page()
        mail = self.send(1000.0, 234.5)
        self.assertIn("2 offene Posten, 1.234,50 USD", mail.subject)
        for part in ("2 offene Posten", "Zahlbar bis 07.06.2026", "Ansehen und bezahlen", "Haben Sie Fragen?"):
            self.assertIn(part, mail.body_html)
        self.assertIn('lang="de-DE"', mail.body_html)

    def test_right_to_left_is_said_once(self):
        self.env["res.lang"]._activate_lang("ar_001")
        self.partner_a.lang = "ar_001"
        self.assertEqual(self.send().body_html.count('dir="rtl"'), 1)

    def test_changed_template_stays_as_it_is(self):
        template = self.env.ref("account_dunning.mail_template_dunning_notice")
        template.write({"email_layout_xmlid": False, "body_html": "<p>Ours: <t t-out='object.name'/></p>"})
        mail = self.send()
        self.assertIn(f"<p>Ours: {self.notice.name}</p>", mail.body_html)
        self.assertNotIn("<table", mail.body_html)

    def test_sent_again(self):
        mail = self.send(1000.0, 234.5)
        mail.state = "sent"
        mail._tell_notices(False, False)
        self.give_page()
        notice = self.notice.with_user(self.collector)
        dialog = self.env["account.dunning.resend"].with_user(self.collector)
        dialog = dialog.with_context(**notice.action_resend()["context"]).create({})
        self.assertNotIn("View and pay", dialog.body, "the clerk sees the words only")
        dialog.action_send()
        again = self.notice.sudo().resent_mail_ids
        self.assertIn("Copy: Test 10: 2 open items, 1,234.50 USD", again.subject)
        self.assertEqual(len(self.buttons(again)), 1)
        self.assertIn("here is a copy of our letter", again.body_html)


@tagged("post_install", "-at_install")
class TestCaseMails(PageCase, DeskCommon):
    def compose(self, kind="reminder", **values):
        """Send from the case what the collector writes."""
        action = self.case.with_user(self.collector).action_send()
        dialogs = self.env["account.dunning.send"].with_user(self.collector).with_context(**action["context"])
        dialog = dialogs.create({"kind": kind, **values})
        dialog.action_send()
        return self.mails()

    def mails(self):
        return self.env["mail.mail"].search([("model", "=", "account.collection.case")], order="id")

    def test_reminder(self):
        self.give_page()
        self.case.user_id = self.collector
        mail = self.compose()
        _tree, text = read(mail.body_html)
        for part in (self.company.name, "1 open item", "Due since 05/20/2026", self.collector.name, self.move.name):
            self.assertIn(part, text)
        self.assertEqual([button.get("href") for button in self.buttons(mail)], [PAGE])
        [email] = mail._prepare_outgoing_list()
        self.assertIn(f"{self.move.name} | 05/20/2026 | $ 1,000.00", email["body_alternative"])

    def test_amounts_by_currency(self):
        self.invoice(self.partner_a, -3, 50, currency_id=self.other_currency.id)
        items = self.env["account.move.line"].search(
            [("partner_id", "=", self.partner_a.id), ("account_type", "=", "asset_receivable")]
        )
        _tree, text = read(self.compose(item_ids=[(6, 0, items.ids)]).body_html)
        for part in ("1,000.00", "50.00", "Due since 05/20/2026", "Due on 06/04/2026"):
            self.assertIn(part, text)

    def test_free_text_asks_for_no_amount(self):
        mail = self.compose("free", subject="About you", body="<p>Please call me.</p>")
        self.assertNotIn("1,000.00", mail.body_html)
        self.assertIn("Please call me.", mail.body_html)

    def test_without_a_page_there_is_no_button(self):
        self.settings.page_active = False
        for kind in ("reminder", "statement", "copies", "free"):
            mail = self.compose(kind, with_statement=False, with_copies=False)[-1]
            self.assertNotIn("View and pay", mail.body_html)
            self.assertIn("Any questions?", mail.body_html)

    def test_each_recipient_gets_his_own_address(self):
        other = self.partner_a.child_ids.create(
            {"name": "Accounts", "parent_id": self.partner_a.id, "email": "accounts@example.com"}
        )
        self.startPatcher(
            patch.object(type(self.case), "_get_page_url", lambda case, recipient: f"{PAGE}?{recipient.id}")
        )
        recipients = self.partner_a + other
        mails = self.compose(recipient_ids=[(6, 0, recipients.ids)])
        found = {mail.recipient_ids: self.buttons(mail)[0].get("href") for mail in mails}
        self.assertEqual(found, {partner: f"{PAGE}?{partner.id}" for partner in recipients})

    def test_nobody_else_gets_the_address(self):
        self.give_page()
        self.case.message_subscribe(self.manager.partner_id.ids)
        mails = self.compose(cc="boss@example.com")
        own = mails.filtered(lambda mail: mail.recipient_ids == self.partner_a)
        self.assertEqual(len(self.buttons(own)), 1)
        self.assertGreater(len(mails), 1)
        for mail in mails - own:
            self.assertFalse(self.buttons(mail), mail.email_to or mail.recipient_ids.name)
        self.assertNotIn(PAGE, str(self.case.message_ids[:1].body), "nor who reads the case")

    def test_promise_confirmed(self):
        self.give_page()
        self.promise((7, 400), (14, 600), confirm=True)
        _tree, text = read(self.mails().body_html)
        for part in ("Your next payment", "Payable by 06/08/2026", "$\N{NO-BREAK SPACE}400.00", self.move.name):
            self.assertIn(part.replace("\N{NO-BREAK SPACE}", " "), text)
        self.assertEqual(len(self.buttons(self.mails())), 1)

    def test_late_instalment_asks_for_what_is_missing(self):
        self.settings.write({"promise_by_bank": False, "promise_tolerance": 2})
        promise = self.promise((5, 400), (35, 300), (65, 300))
        self.pay(self.move, 150)
        self.go(8)
        self.night()
        self.assertEqual(promise.part_ids[0].state, "late")
        _tree, text = read(self.mails()[-1].body_html)
        self.assertIn("Still missing $ 250.00 Please pay it now", text)
        self.assertIn(self.move.name, text)

    def test_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["ir.module.module"].search([("name", "=", "account_dunning")])._update_translations(["de_DE"])
        self.partner_a.lang = "de_DE"
        self.give_page()
        _tree, text = read(self.compose().body_html)
        for part in ("1 offener Posten", "Fällig seit 20.05.2026", "Ansehen und bezahlen", "Haben Sie Fragen?"):
            self.assertIn(part, text)

    def test_what_colleagues_write_has_no_frame(self):
        self.case.with_user(self.collector).message_post(
            body="Look", partner_ids=self.manager.partner_id.ids, message_type="comment", subtype_xmlid="mail.mt_note"
        )
        for mail in self.mails():
            self.assertNotIn("Any questions?", mail.body_html)


@tagged("post_install", "-at_install")
class TestMailMigration(DunningCommon):
    """Databases of earlier releases get the new texts where nobody has changed the old ones."""

    BODY = (
        "<div style='margin: 0 auto; padding: 8px; max-width: 640px; font-family: Arial, Helvetica, sans-serif; "
        "font-size: 14px; color: #222222;'><h2 style='font-size: 20px; font-weight: normal; margin: 0 0 16px 0;' "
        "t-out=\"object.level_id.name or ''\"/><div t-out='object._get_text()'/>"
        "<div t-out='object._get_mail_tables()'/><div t-out=\"object._get_text('text_below')\"/>"
        "<p style='border-top: 1px solid #dddddd; margin-top: 24px; padding-top: 8px; font-size: 12px; "
        "color: #666666;'><t t-out='object._get_sender_line()'/><br/><t t-out='object._get_sender_contact()'/></p>"
        "</div>"
    )
    SUBJECT = "{{ object.company_id.name }}: {{ object.level_id.name }} {{ object.name or '' }}"

    def setUp(self):
        super().setUp()
        self.template = self.env.ref("account_dunning.mail_template_dunning_notice")
        self.template.write({"subject": self.SUBJECT, "body_html": self.BODY, "email_layout_xmlid": False})

    def migrate(self):
        self.env.flush_all()
        self.migration("19.0.1.9.0", "post-mail").migrate(self.env.cr, "19.0.1.8.0")
        self.env.invalidate_all()

    def test_unchanged(self):
        self.migrate()
        self.assertEqual(self.template.subject, "{{ object._get_mail_subject() }}")
        self.assertNotIn("_get_sender_line", self.template.body_html)
        self.assertIn("object._get_mail_tables()", self.template.body_html)
        self.assertEqual(self.template.email_layout_xmlid, "account_dunning.mail_frame")

    def test_changed_text_keeps_its_looks(self):
        self.template.body_html = "<p>Ours</p>"
        self.migrate()
        self.assertEqual(self.template.body_html, "<p>Ours</p>")
        self.assertFalse(self.template.email_layout_xmlid)
        self.assertEqual(self.template.subject, "{{ object._get_mail_subject() }}")

    def test_changed_in_one_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.template.with_context(lang="de_DE").subject = "Unsere Mahnung"
        self.migrate()
        self.assertEqual(self.template.subject, self.SUBJECT)

    def test_deleted(self):
        self.template.unlink()
        self.migrate()
        self.assertFalse(self.env.ref("account_dunning.mail_template_dunning_notice", raise_if_not_found=False))
