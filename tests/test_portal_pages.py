"""The customer's page as a page (rules §13): where core's led to, in his language, without scripts, for everybody."""

from unittest.mock import patch

from odoo.fields import Date
from odoo.sql_db import Cursor
from odoo.tests import tagged

from . import axe
from .browser import PATIENCE, TourCase
from .common import TODAY
from .portal_common import THINKS, PortalCommon
from .test_portal_acts import ActsCommon

# What each act is given by a form, without the button.
FORMS = {
    "pay": {"csrf_token", "item_ids", "currency_id"},
    "promise": {"csrf_token", "item_ids", "date", "amount"},
    "instalments": {"csrf_token", "item_ids", "count", "date", "text"},
    "dispute": {"csrf_token", "item_id", "reason_id", "amount", "text", "files"},
    "paid": {"csrf_token", "date", "reference", "text", "files"},
    "copy": {"csrf_token", "item_ids"},
    "contact": {"csrf_token", "contact_name", "contact_phone", "contact_email"},
}


@tagged("post_install", "-at_install")
class TestPages(ActsCommon):
    def test_core_leads_there(self):
        self.assertEqual(self.visit("/my/invoices/overdue").status, 303)
        user = self.portal_user(self.ann)
        self.authenticate(user.login, user.login)
        page = self.visit("/my/invoices/overdue")
        self.assertEqual(page.status, 303)
        self.assertTrue(page.location.endswith("/my/receivables"), page.location)
        links = {
            address for page in map(self.visit, ("/my", "/my/invoices")) for address in page.tree.xpath("//a/@href")
        }
        self.assertFalse([address for address in links if address.endswith("/my/invoices/overdue?")])

    def test_what_it_tells(self):
        """Who writes, what is open since when, how it was paid in part, how to pay, and what comes next."""
        text = self.get().text
        for word in (
            *(self.company.name, "High Street", "office@example.com"),
            *("05/17/2026", "15 days", "100.00", "40.00", "60.00"),
            *(f"COMMON {self.company.id}", "2035"),
            *("Test 20", "follows on"),
        ):
            self.assertIn(word, text)
        self.assertNotIn(self.ben.name, text)

    def test_a_privacy_link(self):
        self.settings.page_privacy_url = "https://example.com/privacy"
        self.env["ir.config_parameter"].sudo().set_param("web.base.url", self.base_url())
        self.assertTrue(self.get().tree.xpath("//a[contains(translate(., 'P', 'p'), 'privacy')]/@href"))

    def test_the_papers(self):
        notice = self.env["account.dunning.notice"].search([("recipient_id", "=", self.ann.id)], limit=1)
        links = self.get().tree.xpath("//a[contains(@href, '/document/')]/@href")
        self.assertIn(f"{self.base}/document/notice/{notice.id}", links)
        self.assertIn(f"{self.base}/document/statement", links)
        for move in self.debts:
            self.assertIn(f"{self.base}/document/invoice/{move.id}", links)
        for link in links:
            paper = self.visit(link)
            self.assertEqual(paper.status, 200, link)
            self.assertEqual(paper.headers["Content-Type"], "application/pdf")
            self.assertIn(".pdf", paper.headers["Content-Disposition"])
            self.assertTrue(paper.body)
        self.assertEqual(self.visit(f"{self.base}/document/notice/{notice.id}").body, b"%PDF-1.4 stub")

    def test_nothing_is_open(self):
        self.pay(self.debts[:1])
        for move in self.debts[1:]:
            self.pay(move)
        for line in self.rest.filtered(lambda line: not line.reconciled):
            self.pay(line.move_id)
        page = self.get()
        self.assertEqual(page.status, 200)
        self.assertFalse(page.offered())
        self.assertIn("Nothing is open", page.text)

    def test_his_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.ann.lang = "fr_FR"
        page = self.get()
        self.assertEqual(page.tree.get("lang"), "fr-FR")
        self.assertIn("280,00", page.text)
        self.assertIn("17/05/2026", page.text)
        self.assertEqual(self.promise(7, "140,50").status, 303, "as he writes numbers")
        self.assertEqual(self.case.promise_ids.amount, 140.5)
        refused = self.get(base="/my/receivables/unknown")
        self.assertEqual(refused.tree.get("lang"), "en-US", "an unknown link tells nobody's language")

    def test_the_language_of_who_reads_it(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.contact.lang = "fr_FR"
        self.ann.with_company(self.company).dunning_contact_id = self.contact
        link = self.case._issue_link(self.contact)
        self.assertEqual(self.get(base=f"/my/receivables/{link.sudo().token}").tree.get("lang"), "fr-FR")
        self.assertEqual(self.get().tree.get("lang"), "en-US")

    def test_opened_is_told_by_the_script_only(self):
        """Scanners of mails fetch pages; and it is off unless the company wants it."""
        self.assertEqual(self.act("seen").status, 204)
        self.assertFalse(self.case.page_opened_on)
        self.settings.page_seen = True
        page = self.get()
        self.assertTrue(page.find("o_dunning_page"))
        self.assertFalse(self.case.page_opened_on, "it was fetched, not more")
        self.assertEqual(self._open(f"{self.base}/seen", THINKS, data={}, method="POST").status, 400)
        self.assertFalse(self.case.page_opened_on)
        self.assertEqual(self.act("seen", page=page).status, 204)
        self.assertEqual(self.case.page_opened_on, TODAY)

    def test_the_desk_tells_of_who_opened_it_and_did_not_pay(self):
        self.settings.page_seen = True
        self.work()
        own = [("fact", "=", "page_opened"), ("company_id", "=", self.company.id)]
        opened = self.env["account.dunning.score.rule"].search(own)
        score = self.case.score
        self.assertNotIn("page_opened", self.case.reasons)
        self.act("seen")
        self.work()
        self.assertIn("Opened his page, not paid", self.case.with_user(self.collector).why)
        self.assertEqual(self.case.score, score + opened.points)
        self.go(15)
        self.cases._refresh_day(self.company)
        self.assertNotIn("page_opened", self.case.reasons, "that was long ago")
        self.act("seen")
        self.pay(self.debts)
        self.work()
        self.assertNotIn("page_opened", self.case.reasons or "", "he has paid")

    def test_queries_do_not_depend_on_what_is_open(self):
        def count():
            statements = []
            execute = Cursor.execute

            def counted(cursor, query, *args, **kwargs):
                statements.append(query)
                return execute(cursor, query, *args, **kwargs)

            with patch.object(Cursor, "execute", counted):
                page = self.get()
            return len(statements), len(page.offered())

        self.get()  # fills what is cached
        few, offered = count()
        self.assertEqual(offered, 5)
        self.invoices(self.ann, 11, [10.0] * 45)
        self.dun()
        self.work()
        self.get()
        many, offered = count()
        self.assertEqual(offered, 50)
        self.assertLessEqual(many, few + 5, "a query for each item")

    # without JavaScript

    def test_each_act_has_a_form(self):
        page = self.get()
        for act, names in FORMS.items():
            with self.subTest(act):
                [form] = [each for each in page.tree.xpath("//form") if each.get("action").endswith(f"/{act}")]
                self.assertEqual(form.get("method").lower(), "post")
                self.assertLessEqual(names, {control.get("name") for control in page.controls(act)})
                self.assertTrue(form.xpath(".//button[@type='submit']"))
                if "files" in names:
                    self.assertEqual(form.get("enctype"), "multipart/form-data")
        self.assertFalse(page.tree.xpath("//main//*[@onclick or starts-with(@href, 'javascript:')]"))

    def submit(self, act, **values):
        """What a browser without scripts sends: the form as it came, with what was typed."""
        page = self.get()
        return self.act(act, page=page, **(page.filled(act) | values))

    def test_the_forms_do_as_they_came(self):
        answer = self.submit("pay")
        self.assertEqual(answer.status, 303)
        self.assertIn("amount=280", answer.location)
        self.assertDone(self.submit("promise", date=[self.day(7), ""], amount=["280", ""]), "promise")
        self.assertEqual(self.case.promise_ids.item_ids.move_line_id, self.overdue)
        self.assertDone(self.submit("instalments", count="3", date=self.day(9)), "instalments")
        self.assertDone(self.submit("dispute", item_id=self.item(self.small).id, text="No"), "dispute")
        self.assertDone(self.submit("paid", date=self.day(-1), reference="TRX"), "paid")
        self.assertDone(self.submit("copy"), "copy")
        self.assertDone(self.submit("contact", contact_phone="+1 555 0199"), "contact")

    def test_what_was_ticked_stays_ticked(self):
        chosen = self.item(self.small)
        for act in ("promise", "instalments"):
            answer = self.act(act, item_ids=chosen.ids, date="x", amount="1", count="1")
            self.assertRefused(answer)
            self.assertEqual(answer.filled(act)["item_ids"], [str(chosen.id)], act)
        self.settings.page_part_payment = True
        answer = self.act("pay", item_ids=chosen.ids, currency_id=chosen.currency_id.id, amount="x")
        self.assertEqual(answer.filled("pay")["item_ids"], [str(chosen.id)])

    def test_what_was_typed_comes_back_in_its_own_form(self):
        self.settings.page_part_payment = True
        answer = self.act("dispute", item_id=self.item(self.small).id, amount="7.77", text="Only here")
        self.assertRefused(answer)
        self.assertEqual(answer.filled("dispute")["text"], ["Only here"])
        for act in set(FORMS) - {"dispute"}:
            typed = [value for values in answer.filled(act).values() for value in values]
            self.assertFalse({"7.77", "Only here"} & set(typed), act)


@tagged("post_install", "-at_install", "is_tour")
class TestAccessibility(PortalCommon, TourCase):
    """axe-core in a real browser, on a wide screen and a phone of 360 pixels; and nothing is scrolled sideways."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_clock(TODAY)
        cls.settings.write({"page_part_payment": True, "page_seen": True})
        cls.stage.invoice(cls.ann, 12, 500.0, currency_id=cls.other_currency.id)
        reason = cls.shipped("reason_price")
        cls.env["account.dunning.hold"].create(
            {"move_line_id": cls.stage.item(cls.small).id, "amount": 20.0, "reason_id": reason.id}
        )
        parts = [(Date.add(TODAY, days=days), 20.0) for days in (7, 37, 67)]
        promises = cls.env["account.dunning.promise"].sudo()
        promises._make(cls.case, cls.stage.item(cls.partly).sudo(), parts, agreement=True, default_days=14)
        cls.level_1.write({"fee_kind": "fixed", "fee_amount": 10.0})
        cls.stage.invoice(cls.ann, 12, 30.0)
        cls.stage.dun()

    def check(self, address, ready="main", **options):
        """On a wide screen and on a phone, once the element ``ready`` is there."""
        for size in ("1366x768", "360x740"):
            with self.subTest(address=address, size=size):
                self.patch(type(self), "browser_size", size)
                axe.check(self, address, ready=f"!!document.querySelector('{ready}')", timeout=PATIENCE, **options)

    def test_the_page(self):
        self.check(self.base)

    def test_after_an_act(self):
        self.check(f"{self.base}?done=promise")

    def test_the_payment_form(self):
        answer = self.act("pay", item_ids=self.item(self.contacts).ids, currency_id=self.company.currency_id.id)
        self.check(answer.location, "#o_payment_form")

    def test_a_wrong_link(self):
        self.check("/my/receivables/unknown")

    def test_a_choice_of_companies(self):
        self.check("/my/receivables", login=self.portal_user(self.ann).login)

    def test_a_browser_tells_that_it_was_opened(self):
        """The script of the page does, once it is loaded."""
        self.assertFalse(self.case.page_opened_on)
        code = """
            const seen = () => performance.getEntriesByType("resource").some((each) => each.name.endsWith("/seen")
                && each.responseStatus === 204);
            const look = setInterval(() => seen() && (clearInterval(look), console.log("test successful")), 100);
        """
        self.browser_js(self.base, code, timeout=PATIENCE)
        self.case.invalidate_recordset()
        self.assertEqual(self.case.page_opened_on, TODAY)
