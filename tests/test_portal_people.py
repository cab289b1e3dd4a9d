"""Whose page it is (rules §13): recipients of notices, users of the portal, and companies."""

from contextlib import contextmanager

from odoo.exceptions import AccessError
from odoo.fields import Date
from odoo.tests import tagged

from .portal_common import PortalCommon

OWN = ("link", "visit", "request", "request.part")  # models of the page


@tagged("post_install", "-at_install")
class TestRecipients(PortalCommon):
    """A link belongs to a person: all is seen by the customer and his dunning contact, by others their own notices."""

    def page_of(self, person, notice=None):
        link = self.case._issue_link(person, notice)
        return self.get(base=f"/my/receivables/{link.sudo().token}"), f"/my/receivables/{link.sudo().token}"

    def notice_to(self, person, move):
        """A notice about the invoice that was sent to ``person``."""
        self.ann.with_company(self.company).dunning_contact_id = person
        self.go(10)
        notice = self.dun().filtered(lambda notice: move in notice.line_ids.move_id)
        self.assertEqual(notice.recipient_id, person)
        self.ann.with_company(self.company).dunning_contact_id = False
        return notice

    def test_the_customer_sees_all(self):
        page, _base = self.page_of(self.ann)
        self.assertEqual(page.offered(), {*self.overdue.ids, self.rest.id})

    def test_the_dunning_contact_sees_all(self):
        self.ann.with_company(self.company).dunning_contact_id = self.contact
        page, _base = self.page_of(self.contact)
        self.assertEqual(page.offered(), {*self.overdue.ids, self.rest.id})

    def test_another_contact_sees_his_notices_only(self):
        notice = self.notice_to(self.contact, self.small)
        late = self.invoice(self.ann, 0, 33.0)
        page, base = self.page_of(self.contact, notice)
        self.assertEqual(page.offered(), set(notice.line_ids.move_line_id.ids))
        self.assertNotIn(self.item(late).id, page.offered())
        self.assertNotIn(late.name, page.text)
        self.assertEqual(self.get(f"/document/notice/{notice.id}", base=base).status, 200)
        others = self.env["account.dunning.notice"].search(
            [("partner_id", "=", self.ann.id), ("recipient_id", "!=", self.contact.id), ("state", "=", "sent")]
        )
        self.assertTrue(others)
        for address in (f"/document/invoice/{late.id}", *(f"/document/notice/{other.id}" for other in others)):
            self.assertEqual(self.get(address, base=base).status, 404, address)
        self.assertRefused(self.act("copy", base, item_ids=self.item(late).ids))

    def test_a_contact_without_notices_sees_nothing(self):
        page, base = self.page_of(self.contact)
        self.assertEqual(page.status, 200)
        self.assertFalse(page.offered())
        for move in self.debts:
            self.assertNotIn(move.name, page.text)
            self.assertEqual(self.get(f"/document/invoice/{move.id}", base=base).status, 404)
        statement = self.get("/document/statement", base=base)
        self.assertEqual(statement.status, 404, "the statement tells of all that is owed")
        self.assertRefused(self.act("pay", base, item_ids=self.overdue.ids, currency_id=self.small.currency_id.id))

    def test_what_a_contact_does_bears_his_name(self):
        self.ann.with_company(self.company).dunning_contact_id = self.contact
        _page, base = self.page_of(self.contact)
        self.act("copy", base, item_ids=self.overdue.ids)
        visit = self.env["account.dunning.visit"].sudo().search([("act", "=", "copy")])
        self.assertEqual(visit.partner_id, self.contact)


@tagged("post_install", "-at_install")
class TestUsersOfThePortal(PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls.portal_user(cls.ann)
        cls.secret = cls.stage.invoice(cls.ben, 12, 4321.0)
        cls.stage.dun()
        cls.other = cls.setup_other_company(name="Other Company")["company"]

    def setUp(self):
        super().setUp()
        self.own = f"/my/receivables/own/{self.company.id}"

    def login(self, user):
        self.authenticate(user.login, user.login)

    @contextmanager
    def work_in(self, company):
        before = self.env
        self.env = before(context={**before.context, "allowed_company_ids": company.ids})
        try:
            yield
        finally:
            self.env = before

    def test_the_same_page(self):
        self.login(self.user)
        for address in ("/my/receivables", self.own):
            page = self.visit(address)
            if page.status == 303:
                page = self.visit(page.location)
            self.assertEqual(page.status, 200)
            self.assertEqual(page.offered(), {*self.overdue.ids, self.rest.id})

    def test_he_acts_there(self):
        self.login(self.user)
        answer = self.act("copy", self.own, item_ids=self.overdue.ids)
        self.assertEqual(answer.status, 303, answer.alert)
        self.assertEqual(self.acts(), ["copy"])
        self.assertEqual(self.get("/document/statement", base=self.own).headers["Content-Type"], "application/pdf")

    def test_without_a_login(self):
        page = self.visit("/my/receivables")
        self.assertEqual(page.status, 303)
        self.assertIn("/web/login", page.location)
        for address in (self.own, f"{self.own}/pay", f"{self.own}/document/statement"):
            page = self.visit(address)
            self.assertIn(page.status, (303, 404), address)
            self.assertNotIn("Ann", page.text)
        self.assertIn(self.act("copy", self.own, item_ids=self.overdue.ids).status, (303, 404))
        self.assertFalse(self.acts())

    def test_a_contact_sees_no_letters_and_agreements_of_others(self):
        """He speaks for himself; what he owes with all others, he sees as on the portal's list of invoices."""
        notice = self.env["account.dunning.notice"].search([("recipient_id", "=", self.ann.id)], limit=1)
        self.assertTrue(notice)
        parts = [(Date.add(self.today, days=days), 50.0) for days in (7, 14, 21)]
        promises = self.env["account.dunning.promise"].sudo()
        promise = promises._make(self.case, self.overdue.sudo(), parts, agreement=True)
        self.login(self.portal_user(self.contact, "contact"))
        page = self.get(base=self.own)
        self.assertNotIn(f"/agree/{promise.id}", page.response.text)
        self.assertEqual(self.get(f"/document/notice/{notice.id}", base=self.own).status, 404)
        self.assertRefused(self.act(f"agree/{promise.id}", self.own, name="Contact"))
        self.assertFalse(promise.signed_by)

    def test_a_contact_sees_what_core_shows_him(self):
        """All of his customer, as on the portal's list of invoices."""
        user = self.portal_user(self.contact, "contact")
        self.login(user)
        self.assertEqual(self.visit(self.own).offered(), {*self.overdue.ids, self.rest.id})
        self.assertEqual(self.env["account.move"].with_user(user).search([("id", "in", self.debts.ids)]), self.debts)

    def test_nobody_without_a_case(self):
        self.login(self.portal_user(self.env["res.partner"].create({"name": "New"}), "new"))
        for address in (self.own, "/my/receivables"):
            page = self.visit(address)
            self.assertNotIn("Ann", page.text)
            self.assertFalse(page.offered())
        for company in (self.other.id, 0, 999999):
            self.assertEqual(self.get(base=f"/my/receivables/own/{company}").status, 404)

    def test_companies_apart(self):
        """He chooses whom he pays; what he owes one company is nothing to the other's page."""
        with self.work_in(self.other):
            elsewhere = self.invoice(self.ann.with_env(self.env), 12, 777.0)
        self.cases._get_for(self.other, self.ann)
        self.env.cr.precommit.run()
        self.login(self.user)
        choice = self.visit("/my/receivables")
        for company in self.company + self.other:
            self.assertIn(company.name, choice.text)
            self.assertTrue(choice.tree.xpath(f"//a[contains(@href, '/my/receivables/own/{company.id}')]"))
        item = self.item(elsewhere)
        pages = {company: self.visit(f"/my/receivables/own/{company.id}") for company in self.company + self.other}
        self.assertEqual(pages[self.company].offered(), {*self.overdue.ids, self.rest.id})
        self.assertEqual(pages[self.other].offered(), {item.id})
        self.assertNotIn("777", pages[self.company].text)
        self.assertEqual(self.get(f"/document/invoice/{elsewhere.id}", base=self.own).status, 404)
        for values in ({"item_ids": item.ids}, {"item_ids": [*self.overdue.ids, item.id]}):
            self.assertRefused(self.act("copy", self.own, **values))
            self.assertRefused(self.act("pay", self.own, currency_id=item.currency_id.id, **values))

    def test_the_link_shows_one_company(self):
        with self.work_in(self.other):
            elsewhere = self.invoice(self.ann.with_env(self.env), 12, 777.0)
        page = self.get()
        self.assertNotIn("777", page.text)
        self.assertEqual(self.get(f"/document/invoice/{elsewhere.id}").status, 404)

    def test_the_page_weakens_nothing(self):
        """What a user of the portal may read elsewhere is what it was."""
        env = self.env(user=self.user)
        for name in OWN:
            with self.assertRaises(AccessError):
                env[f"account.dunning.{name}"].search([])
        with self.assertRaises(AccessError):
            env["account.collection.case"].search([])
        with self.assertRaises(AccessError):
            self.secret.with_user(self.user).read(["name"])

    def test_a_link_and_a_login_are_two_things(self):
        """Who is logged in and follows a link of somebody else acts as the one whom the link was sent to."""
        self.login(self.portal_user(self.ben, "ben"))
        page = self.get()
        self.assertEqual(page.offered(), {*self.overdue.ids, self.rest.id})
        self.assertNotIn("Ben Secret", " ".join(page.tree.xpath("//main//text()")))
        self.act("copy", item_ids=self.overdue.ids)
        visit = self.env["account.dunning.visit"].sudo().search([("act", "=", "copy")])
        self.assertEqual(visit.partner_id, self.ann)
