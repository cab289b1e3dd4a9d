"""Who sees what of the customers' pages (rules §13), over real HTTP: what a stranger asks for tells nothing."""

import re
from datetime import timedelta

from odoo.fields import Date
from odoo.tests import tagged
from odoo.tests.common import JsonRpcException

from odoo.addons.account_dunning.controllers.receivables import Receivables

from .portal_common import PDF, THINKS, PortalCommon

# Every address of the page: what is below is asked for with all that may stand in the place of a part.
ROUTES = {
    "/my/receivables",
    "<page>",
    "<page>/document/<string:kind>",
    "<page>/document/<string:kind>/<int:record_id>",
    "<page>/pay",
    "<page>/transaction/<string:ticked>/<string:currency>/<string:owed>",
    "<page>/<string:act>",
    "<page>/agree/<int:promise_id>",
    "<page>/seen",
}
PAGES = re.compile(r"^/my/receivables/(<string:token>|own/<int:company_id>)")
ACTS = ("pay", "promise", "instalments", "agree/1", "dispute", "paid", "copy", "contact", "seen")
DOCUMENTS = ("document/invoice/{}", "document/notice/{}", "document/statement")
WRONG = ("x" * 43, "x", "x" * 400, "%2e%2e", "own", "own/0", "own/x", "0", "None", "é" * 43)


class AccessCommon(PortalCommon):
    """There is another customer, too, of whom a stranger must learn nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.secret = cls.stage.invoice(cls.ben, 12, 4321.0)
        cls.stage.dun()
        cls.ben_case = cls.cases._get_for(cls.company, cls.ben)
        cls.ben_link = cls.ben_case._issue_link(cls.ben)

    def address(self, link):
        return f"/my/receivables/{link.sudo().token}"

    def notices(self, partner):
        return self.env["account.dunning.notice"].search([("partner_id", "=", partner.id), ("state", "=", "sent")])

    def assertTellsNothing(self, page):
        for word in ("Ben Secret", self.secret.name, "4,321", "ben@example.com"):
            self.assertNotIn(word, page.response.text)

    def assertNotFound(self, page):
        self.assertEqual(page.status, 404, page.text[:300])
        self.assertTellsNothing(page)


@tagged("post_install", "-at_install")
class TestLinks(AccessCommon):
    def test_an_address_tells_nothing(self):
        other = self.case._issue_link(self.ann)
        self.assertNotEqual(self.link.sudo().token, other.sudo().token)
        for link in self.link + other:
            self.assertRegex(link._get_url(), rf"^{self.base_url()}/my/receivables/[\w-]{{43}}$")
            self.assertEqual(self.env["account.dunning.link"]._find(link.sudo().token), link)

    def test_every_wrong_token_gets_the_same_answer(self):
        expired, revoked = self.case._issue_link(self.ann), self.case._issue_link(self.ann)
        expired.sudo().expires_on = Date.subtract(self.today, days=1)
        revoked._revoke()
        tokens = ["x" * 43, expired.sudo().token, revoked.sudo().token, self.link.sudo().token[:-1] + "!"]
        answers = []
        for token in tokens:
            page = self.get(base=f"/my/receivables/{token}")
            headers = {name: page.headers[name] for name in page.headers if name not in ("Date", "Set-Cookie")}
            answers.append((page.status, self.neutral(page, token), headers))
            self.assertNotIn("Ann", page.text)
        self.assertEqual(answers[0][0], 404)
        for answer in answers[1:]:
            self.assertEqual(answer, answers[0])

    def test_a_wrong_token_opens_no_route(self):
        revoked = self.case._issue_link(self.ann)
        revoked._revoke()
        csrf = self.get().csrf
        for token in (*WRONG, revoked.sudo().token):
            base = f"/my/receivables/{token}"
            for path in ("", "/pay", *(f"/{path.format(self.partly.id)}" for path in DOCUMENTS)):
                page = self._open(base + path, timedelta(minutes=1))
                if token.startswith("own/"):  # of who is logged in
                    self.assertIn(page.status, (303, 404, 405), base + path)
                    self.assertIn("/web/login", page.location or "/web/login")
                else:
                    self.assertEqual(page.status, 404, base + path)
                self.assertNotIn("Ann", page.text)
        for act in ACTS:
            page = self._open(f"{base}/{act}", timedelta(minutes=1), data={"csrf_token": csrf}, method="POST")
            self.assertNotFound(page)
        self.assertNoCall(f"{base}/transaction/{self.item(self.small).id}/{self.company.currency_id.id}/50.0")
        self.assertFalse(self.acts())

    def test_headers(self):
        notice = self.notices(self.ann)[:1]
        paths = ["", "/pay", "/document/statement", f"/document/notice/{notice.id}"]
        pages = [self.get(path) for path in paths] + [self.act("promise"), self.get(base="/my/receivables/unknown")]
        for page in pages:
            self.assertEqual(page.headers.get("Referrer-Policy"), "no-referrer", page.response.url)
            self.assertIn("noindex", page.headers.get("X-Robots-Tag", ""), page.response.url)

    def test_a_link_lives_until_its_own_day(self):
        self.settings.page_days = 30
        self.assertEqual(self.case._issue_link(self.ann).expires_on, Date.add(self.today, days=30))
        older = self.link
        newer = self.case._issue_link(self.ann)
        self.assertEqual(self.get(base=self.address(older)).status, 200)
        self.frozen.move_to(newer.expires_on)
        self.assertEqual(self.get(base=self.address(newer)).status, 200, "its last day")
        self.assertEqual(self.get(base=self.address(older)).status, 200, "that on an older letter")
        self.frozen.move_to(Date.add(newer.expires_on, days=1))
        self.assertNotFound(self.get(base=self.address(newer)))
        self.assertEqual(self.get(base=self.address(older)).status, 200)
        self.frozen.move_to(Date.add(older.expires_on, days=1))
        self.assertNotFound(self.get(base=self.address(older)))

    def test_a_notice_brings_a_link_of_its_own(self):
        [notice] = self.notices(self.ben)
        url = notice._get_page_url()
        self.assertNotEqual(url, self.ben_link._get_url())
        page = self.visit(url)
        self.assertEqual(page.status, 200)
        self.assertIn(self.secret.name, page.text)

    def test_no_page_where_the_company_wants_none(self):
        self.settings.page_active = False
        self.assertNotFound(self.get())
        self.stage.invoice(self.ben, 25, 10.0)
        self.go(10)
        notice = self.dun().filtered(lambda notice: notice.partner_id == self.ben)
        self.assertFalse(notice._get_page_url())

    def test_an_archived_customer(self):
        """Whose link opens nothing any more: the collectors have put him away."""
        self.ann.active = False
        self.assertNotFound(self.get())
        self.ann.active = True
        self.assertEqual(self.get().status, 200)

    def merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo().create({})
        wizard._merge((source + target).ids, target, extra_checks=False)
        self.env.cr.precommit.run()
        self.env.invalidate_all()

    def test_a_merged_customer(self):
        token = self.address(self.ben_link)
        self.merge(self.ben, self.ann)
        self.assertEqual(self.get(base=token).status, 404)
        page = self.get()
        self.assertEqual(page.status, 200)
        self.assertEqual(page.offered(), {*self.overdue.ids, self.rest.id, self.item(self.secret).id})

    def test_a_customer_filed_under_another(self):
        token = self.address(self.ben_link)
        self.ben.parent_id = self.ann
        self.env.cr.precommit.run()
        self.assertEqual(self.get(base=token).status, 404)

    def test_a_contact_that_belongs_elsewhere_now(self):
        token = self.address(self.case._issue_link(self.contact))
        self.assertEqual(self.get(base=token).status, 200)
        self.contact.parent_id = self.ben
        self.env.cr.precommit.run()
        self.assertEqual(self.get(base=token).status, 404)


@tagged("post_install", "-at_install")
class TestLimits(AccessCommon):
    def test_thirty_requests_a_minute(self):
        quick = timedelta(seconds=1)
        self.assertEqual({self.get(wait=quick).status for _request in range(30)}, {200})
        for base in (self.base, self.address(self.ben_link), "/my/receivables/unknown"):
            page = self.get(base=base, wait=quick)
            self.assertEqual(page.status, 429, "whatever is asked for")
            self.assertNotIn("Ann", page.text)
        self.frozen.tick(timedelta(minutes=1))
        self.assertEqual(self.get().status, 200)

    def test_guesses_are_counted(self):
        quick = timedelta(seconds=1)
        answers = [self.get(base=f"/my/receivables/{'x' * 41}{guess}", wait=quick).status for guess in range(10, 41)]
        self.assertEqual(answers, [404] * 30 + [429])
        self.assertEqual(self.get(wait=quick).status, 429)

    def test_ten_acts_an_hour(self):
        page, minute = self.get(), timedelta(minutes=2)
        for number in range(10):
            answer = self.act("paid", page=page, wait=minute, date="2026-05-20", reference=f"TRX {number}")
            self.assertEqual(answer.status, 303, answer.alert)
        self.assertEqual(self.act("copy", page=page, wait=minute, item_ids=self.overdue.ids).status, 429)
        self.assertEqual(self.act("promise", page=page, wait=minute).status, 429)
        self.assertEqual(self.get().status, 200, "he may look")
        other = self.act("copy", self.address(self.ben_link), item_ids=self.item(self.secret).ids)
        self.assertEqual(other.status, 303, "each link has its own")
        self.frozen.tick(timedelta(hours=1))
        self.assertEqual(self.act("copy", item_ids=self.overdue.ids).status, 303)

    def test_the_address_is_shortened_after_ninety_days(self):
        self.act("copy", item_ids=self.overdue.ids)
        visits = self.env["account.dunning.visit"].sudo()
        visit = visits.search([("act", "=", "copy")])
        self.assertRecordValues(visit, [{"case_id": self.case.id, "partner_id": self.ann.id, "address": "127.0.0.1"}])
        self.go(89)
        visits._gc_visits()
        self.assertEqual(visit.address, "127.0.0.1")
        self.go(2)
        visits._gc_visits()
        self.assertEqual(visit.address, "127.0.0.0/24")


@tagged("post_install", "-at_install")
class TestStranger(AccessCommon):
    def test_all_routes_are_known(self):
        """A new route, or act, needs its place in the tests below."""
        rules = {rule.rule for rule in self.env["ir.http"].routing_map().iter_rules()}
        found = {PAGES.sub("<page>", rule) for rule in rules if rule.startswith("/my/receivables")}
        self.assertEqual(found, ROUTES)
        acts = {name.removeprefix("_do_") for name in dir(Receivables) if name.startswith("_do_")}
        self.assertEqual(acts | {"pay", "seen"}, {act.split("/")[0] for act in ACTS})

    def test_no_document_of_anybody_else(self):
        """Every journal entry and notice that there is, asked for with the link of one customer."""
        moves = self.env["account.move"].sudo().search([])
        shown = {move.id for move in moves if self.get(f"/document/invoice/{move.id}").status == 200}
        self.assertEqual(shown, set(self.debts.ids))
        notices = self.env["account.dunning.notice"].sudo().search([])
        shown = {notice.id for notice in notices if self.get(f"/document/notice/{notice.id}").status == 200}
        self.assertEqual(shown, set(self.notices(self.ann).ids))
        for kind in ("invoice", "notice"):
            for wrong in ("0", "-1", "99999999999999999999", "x", "1.5", f"{self.secret.id}/"):
                self.assertNotEqual(self.get(f"/document/{kind}/{wrong}").status, 200)

    def test_no_attachment(self):
        """What is attached to records is reached by none of the addresses that Odoo has for files."""
        attachments = self.env["ir.attachment"].sudo()
        attachments.create({"name": "x.pdf", "raw": PDF, "res_model": "account.move", "res_id": self.secret.id})
        self.act("dispute", item_id=self.item(self.small).id, text="No", files=[("files", ("x.pdf", PDF))])
        private = attachments.search([("res_model", "!=", False), ("res_id", "!=", 0), ("public", "=", False)])
        private = private.filtered(lambda file: file.res_model.startswith("account"))
        self.assertTrue(private.filtered(lambda file: file.res_model.startswith("account.dunning")))
        for file in private:
            for address in (f"/web/content/{file.id}", f"/web/image/{file.id}"):
                self.assertNotIn(self.visit(address).body, (file.raw,), file.name)

    def test_nothing_of_another_customer_is_acted_on(self):
        item, euro = self.item(self.secret), self.company.currency_id.id
        dispute = self.shipped("reason_price").id
        both = [*self.overdue.ids, item.id]
        values = {
            "pay": {"item_ids": both, "currency_id": euro},
            "promise": {"item_ids": both, "currency_id": euro, "date": "2026-06-05", "amount": "300"},
            "instalments": {"item_ids": both, "currency_id": euro, "count": "3", "date": "2026-06-05"},
            "dispute": {"item_id": item.id, "reason_id": dispute, "text": "No"},
            "copy": {"item_ids": both},
        }
        for act, data in values.items():
            with self.subTest(act):
                answer = self.act(act, **data)
                self.assertRefused(answer)
                self.assertTellsNothing(answer)
        self.assertFalse(self.env["account.dunning.hold"].search([("move_line_id", "=", item.id)]))
        self.assertFalse(self.case.promise_ids + self.ben_case.promise_ids)
        self.assertFalse(self.requests())
        self.assertFalse(self.ben_case.activity_ids)

    def test_an_agreement_of_another_customer(self):
        parts = [(Date.add(self.today, days=days), 1000.0) for days in (7, 14, 21)]
        promises = self.env["account.dunning.promise"].sudo()
        promise = promises._make(self.ben_case, self.item(self.secret).sudo(), parts, agreement=True)
        answer = self.act(f"agree/{promise.id}", name="Ann")
        self.assertIn(answer.status, (404, 422))
        self.assertTellsNothing(answer)
        self.assertFalse(promise.signed_by)

    def test_acts_need_the_token_of_the_form(self):
        for act in ACTS:
            for token in ("", "wrong"):
                answer = self._open(f"{self.base}/{act}", THINKS, data={"csrf_token": token}, method="POST")
                self.assertEqual(answer.status, 400, act)
        self.assertFalse(self.acts())

    def test_acts_are_posted(self):
        for act in ACTS:
            if act != "pay":
                self.assertIn(self.get(f"/{act}", item_ids=self.overdue.ids).status, (404, 405), act)
        self.assertFalse(self.acts() + self.requests().mapped("kind"))

    def test_the_link_opens_nothing_else(self):
        """Neither core's pages nor its calls know the customer by it."""
        self.get()
        for address in ("/my", "/my/invoices", f"/my/invoices/{self.small.id}", "/odoo", "/my/account"):
            page = self.visit(address)
            self.assertIn(page.status, (302, 303), address)
        for address in (f"/report/pdf/account.report_invoice/{self.small.id}", f"/my/invoices/{self.secret.id}"):
            self.assertNotEqual(self.visit(address).status, 200)
        for model in ("account.move", "account.dunning.link", "account.dunning.request", "res.partner"):
            with self.assertRaises(JsonRpcException):
                self.call(f"/web/dataset/call_kw/{model}/search_read", model=model, method="search_read", args=[[]])
