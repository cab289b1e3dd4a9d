"""What the tests of the customer's page share: who owes what, a payment provider, and a browser without a screen."""

import re
from contextlib import contextmanager
from datetime import date, timedelta

from lxml import html

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger

from .common import TODAY, DunningCommon, StubLetters

THINKS = timedelta(seconds=4)  # from one request to the next: who takes his time is refused nothing
WRITES = timedelta(minutes=7)  # before an act
LATER = date(2035, 1, 1)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


class Page:
    """An answer of the server, and what a person sees of it."""

    def __init__(self, response):
        self.response, self.status, self.headers = response, response.status_code, response.headers
        self.location, self.body = response.headers.get("Location"), response.content
        is_page = response.headers.get("Content-Type", "").startswith("text/html") and response.text.strip()
        self.tree = html.fromstring(response.text) if is_page else html.fromstring("<p/>")

    def find(self, *classes):
        """The elements that have all of the ``classes``."""
        terms = (f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')" for name in classes)
        return self.tree.xpath(f"//*[{' and '.join(terms)}]")

    @property
    def text(self):
        """What the page shows, without its scripts."""
        texts = self.tree.xpath("//body//text()[not(ancestor::script or ancestor::style)] | self::p//text()")
        return " ".join(" ".join(texts).split())

    @property
    def alert(self):
        """The sentence that says what was refused."""
        return " ".join(" ".join(each.text_content() for each in self.find("alert-danger")).split())

    @property
    def csrf(self):
        tokens = self.tree.xpath("//input[@name='csrf_token']/@value")
        return tokens[0] if tokens else ""

    def controls(self, act):
        """What can be filled in of the forms of an ``act``, also outside of the form's element."""
        found = []
        for form in self.tree.xpath("//form"):
            if (form.get("action") or "").split("?")[0].endswith(f"/{act}"):
                found += form.xpath(".//*[@name]")
                found += self.tree.xpath("//*[@name and @form=$id]", id=form.get("id") or "none")
        return [control for control in found if control.get("disabled") is None]

    def filled(self, act):
        """What the forms of an ``act`` would send as they are: lists of values by name."""
        values = {}
        for control in self.controls(act):
            kind, value = control.get("type"), control.get("value")
            if control.tag == "button" or kind in ("submit", "file"):
                continue
            if kind in ("checkbox", "radio") and control.get("checked") is None:
                continue
            if control.tag == "textarea":
                value = control.text
            elif control.tag == "select":
                chosen = control.xpath(".//option[@selected]/@value") or control.xpath(".//option/@value")
                value = next(iter(chosen), None)
            values.setdefault(control.get("name"), []).append(value or "")
        return values

    def offered(self, act="pay", name="item_ids"):
        """The ids that an ``act`` can be about."""
        return {int(each.get("value")) for each in self.controls(act) if each.get("name") == name and each.get("value")}

    @property
    def payment(self):
        """What core's payment form knows; None where there is none."""
        forms = self.tree.xpath("//form[@id='o_payment_form']")
        if not forms:
            return None
        values = {name[5:].replace("-", "_"): value for name, value in forms[0].items() if name.startswith("data-")}
        radios = self.tree.xpath("//input[@name='o_payment_radio']")
        values["options"] = [{k[5:]: v for k, v in radio.items() if k.startswith("data-")} for radio in radios]
        return values


class PortalCommon(StubLetters, DunningCommon, HttpCase):
    """Customer a owes 110 + 70 + 100 that are overdue, and 100 in 2035; a stranger has the link to his page.

    An invoice of 100, of which 40 is paid, one of 50, one of 70 to his contact, and one of 200 in two instalments.
    ``self.get()`` fetches the page, ``self.act("promise", …)`` does something there, ``self.pay_online(items)`` pays.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann, cls.ben = cls.partner_a, cls.partner_b
        cls.ann.write({"name": "Ann Miller", "is_company": True})
        cls.ben.write({"name": "Ben Secret", "email": "ben@example.com"})
        cls.contact = cls.ann.copy({"name": "Carla Contact", "parent_id": cls.ann.id, "is_company": False})
        cls.contact.email = "carla@example.com"
        cls.provider = cls.make_provider(cls.company, cls.company_data["default_journal_bank"])
        cls.make_debts(cls.stage)
        cls.stage.dun()
        cls.cases = cls.env["account.collection.case"].sudo()
        cls.case = cls.cases._get_for(cls.company, cls.ann)
        cls.link = cls.case._issue_link(cls.ann)
        cls.overdue = cls.env["account.move.line"].union(*map(cls.stage.item, cls.debts))

    @classmethod
    def make_debts(cls, stage):
        cls.partly, cls.small = stage.invoice(cls.ann, 15, 100.0), stage.invoice(cls.ann, 14, 50.0)
        stage.pay(cls.partly, 40.0)
        cls.contacts = stage.invoice(cls.contact, 13, 70.0)
        invoiced = TODAY - timedelta(12)
        parts = [{"value": "percent", "value_amount": 50, "nb_days": n} for n in (0, (LATER - invoiced).days)]
        halves = cls.env["account.payment.term"].create(
            {"name": "Halves", "line_ids": [Command.create(part) for part in parts]}
        )
        cls.halves = stage.invoice(cls.ann, 12, 200.0, invoice_payment_term_id=halves.id)
        cls.debts = cls.partly + cls.small + cls.contacts + cls.halves
        [cls.rest] = cls.halves.line_ids.filtered(lambda line: line.date_maturity == LATER)

    @classmethod
    def make_provider(cls, company, journal):
        """The demo provider of ``company``, whose payments go to ``journal``."""
        providers = cls.env["payment.provider"].sudo()
        found = providers.search([("code", "=", "demo"), ("company_id", "=", company.id)], limit=1)
        provider = found or providers.search([("code", "=", "demo")], limit=1).copy({"company_id": company.id})
        provider.write({"state": "test", "is_published": True, "journal_id": journal.id, "allow_tokenization": True})
        method = cls.env.ref("payment_demo.payment_method_demo")
        method.active = True
        provider.payment_method_ids = method
        lines = cls.env["account.payment.method.line"].search([("payment_provider_id", "=", provider.id)])
        lines.payment_account_id = cls.inbound_payment_method_line.payment_account_id
        return provider

    @classmethod
    def portal_user(cls, partner, login="customer"):
        return new_test_user(cls.env, login=f"page_{login}", groups="base.group_portal", partner_id=partner.id)

    def setUp(self):
        super().setUp()
        self.authenticate(None, None)
        self.base = f"/my/receivables/{self.link.sudo().token}"

    @contextmanager
    def another_browser(self):
        """What is done in the block is done by a browser with a session of its own."""
        opener, self.session, session = self.opener, None, self.session
        self.authenticate(None, None)
        try:
            yield
        finally:
            self.opener, self.session = opener, session

    # what a browser does

    def get(self, path="", base=None, wait=THINKS, **params):
        """Fetch an address below the page's, or any other one; redirections are not followed."""
        return self._open(f"{base or self.base}{path}", wait, params=params)

    def visit(self, address, wait=THINKS):
        """Fetch any address."""
        return self._open(address, wait)

    def act(self, name, /, base=None, page=None, wait=WRITES, files=None, **values):
        """Send the form of an act with the ``values``; lists are sent as often as they are long."""
        if page is None:
            page = self.get() if base is None else self.visit(base)
        data = {"csrf_token": page.csrf or self.get().csrf, **values}
        return self._open(f"{base or self.base}/{name}", wait, data=data, files=files, method="POST")

    def _open(self, address, wait, **options):
        self.frozen.tick(wait)
        with mute_logger("odoo.http", "werkzeug", "odoo.sql_db"):
            response = self.url_open(address, allow_redirects=False, timeout=60, **options)
        self.env.invalidate_all()
        return Page(response)

    def follow(self, answer):
        """The page to which an answer leads."""
        self.assertEqual(answer.status, 303, answer.alert or answer.text)
        return self.visit(answer.location)

    def call(self, address, **params):
        """Call a JSON route: its result, or the exception as :class:`JsonRpcException`."""
        self.frozen.tick(THINKS)
        try:
            with mute_logger("odoo.http", "odoo.sql_db"):
                return self.make_jsonrpc_request(address, params, timeout=60)
        finally:
            self.env.invalidate_all()

    # paying

    def tick(self, items, **values):
        """Tick items, which are of one currency, and press the button: core's payment form."""
        return self.follow(self.act("pay", item_ids=items.ids, currency_id=items.currency_id.id, **values))

    def begin(self, page, route=None, **changes):
        """What core's script sends when *Pay* is pressed there: the new transaction."""
        self.assertTrue(page.payment, page.alert or page.text)
        values = page.payment
        params = {
            "provider_id": self.provider.id,
            "payment_method_id": self.provider.payment_method_ids.id,
            "token_id": None,
            "amount": float(values["amount"]) if "amount" in values else None,
            "flow": "direct",
            "tokenization_requested": False,
            "landing_route": values["landing_route"],
            "is_validation": False,
            "access_token": values["access_token"],
            "csrf_token": page.csrf,
            **changes,
        }
        reference = self.call(route or values["transaction_route"], **params)["reference"]
        return self.transactions().filtered(lambda transaction: transaction.reference == reference)

    def finish(self, transaction, state="done"):
        """The provider says what became of the payment, and the browser waits for it."""
        details = {"payment_details": "1234", "simulated_state": state}
        self.call("/payment/demo/simulate_payment", reference=transaction.reference, **details)
        return self.call("/payment/status/poll")

    def pay_online(self, items, state="done", **values):
        """Pay items on the page; the transaction."""
        transaction = self.begin(self.tick(items, **values))
        self.finish(transaction, state)
        return transaction

    def transactions(self):
        return self.env["payment.transaction"].sudo().search([("company_id", "=", self.company.id)])

    # what came of it

    def residuals(self, moves=None):
        """What is open of the four items, or of the first items of moves."""
        items = self.overdue if moves is None else self.env["account.move.line"].union(*map(self.item, moves))
        return items.mapped("amount_residual_currency")

    def credits_of(self, partner):
        """The credits of a customer that are matched with nothing."""
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "child_of", partner.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("amount_residual", "<", 0),
            ]
        )
        return lines.mapped("amount_residual")

    def tasks(self):
        """What collectors have to do about the case."""
        return self.case.activity_ids

    def requests(self):
        return self.env["account.dunning.request"].sudo().search([("case_id", "=", self.case.id)], order="id")

    def acts(self):
        """What was done on the page, by its log."""
        visits = self.env["account.dunning.visit"].sudo().search([("case_id", "=", self.case.id)], order="id")
        return [visit.act for visit in visits if visit.act not in ("page", "seen")]

    def assertRefused(self, answer, pattern=r"\w"):
        """The page comes again, with one sentence that says why."""
        self.assertEqual(answer.status, 422, answer.text[:500])
        self.assertRegex(answer.alert, pattern)
        self.assertEqual(len(answer.find("alert-danger")), 1)
        self.assertTrue(answer.alert.endswith("."), f"not a sentence: {answer.alert}")
        self.assertNotRegex(answer.text, r"Traceback|Odoo Server Error|psycopg2")

    def assertNoCall(self, address, **params):
        """A JSON route refuses, in words."""
        before = self.transactions()
        with self.assertRaises(JsonRpcException) as caught:
            self.call(address, **params)
        self.assertRegex(str(caught.exception), r"UserError|ValidationError|Forbidden|NotFound|AccessError|BadRequest")
        self.assertEqual(self.transactions(), before)

    def neutral(self, page, *words):
        """The body of an answer without what differs from one session, or address, to another."""
        text = re.sub(r'csrf_token: ?"[^"]*"', "", page.response.text)
        text = re.sub(r'name="csrf_token" value="[^"]*"', "", text)
        for word in words:
            text = text.replace(word, "")
        return text
