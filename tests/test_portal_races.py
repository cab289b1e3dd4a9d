"""Two browsers of one customer at the very same moment: real requests, each in a transaction of its own.

Odoo's application answers them in a process of its own, on a database that is really written. Both have read before
either of them writes. Whatever conflicts then is begun anew by Odoo, as on a server.
"""

import json
from textwrap import dedent

from odoo.tests import tagged

from . import database
from .processes import ISSUE, STUB, ProcessCase, setup

DUE = """
env["account.dunning.run"].create({}).action_propose()
while env["account.dunning.run"]._continue_next():
    pass
"""
SENT = """
while env["account.dunning.notice"]._issue_next():
    pass
provider = env["payment.provider"].search([("code", "=", "demo"), ("company_id", "=", env.company.id)], limit=1)
journal = env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1)
provider.write({"state": "test", "is_published": True, "journal_id": journal.id})
method = env.ref("payment_demo.payment_method_demo")
method.active = True
provider.payment_method_ids = method
account = env["account.account"].create(
    {"name": "Payments under way", "code": "199001", "account_type": "asset_current", "reconcile": True})
lines = env["account.payment.method.line"].search([("payment_provider_id", "=", provider.id)])
lines.payment_account_id = account
case = env["account.collection.case"]._get_for(env.company, env["res.partner"].search([("name", "=", "Customer 0")]))
link = case._issue_link(case.partner_id)
env.cr.commit()
"""
# What the tests do with it: ``together`` sends requests that have all begun before any of them is answered.
BROWSERS = r"""
import json, random, re, threading
from datetime import timedelta
from unittest.mock import patch
from werkzeug.test import Client
from odoo.http import root
random.uniform = lambda low, high: 0.05
root.initialize()
case = env["account.collection.case"].search([("partner_id.name", "=", "Customer 0")])
link = case.link_ids[:1]
base = "/my/receivables/" + link.token
item = env["account.move.line"].search(
    [("partner_id", "=", case.partner_id.id), ("account_type", "=", "asset_receivable")])
tokens = re.compile(r'csrf_token: "(\w+)"')

class Browser:
    def __init__(self):
        self.client = Client(root)
        answer = self.client.get(base)
        assert answer.status_code == 200, answer.text
        self.csrf = tokens.search(answer.text)[1]

    def act(self, name, **values):
        return lambda: self.client.post(base + "/" + name, data={"csrf_token": self.csrf, **values})

    def call(self, address, **params):
        return lambda: self.client.post(address, json={"jsonrpc": "2.0", "params": params}).json

    def begin(self):
        answer = self.act("pay", item_ids=item.id, currency_id=item.currency_id.id)()
        page = self.client.get(answer.location).text
        values = dict(re.findall(r'data-([a-z-]+)="([^"]*)"', page[page.index("o_payment_form") - 500:]))
        provider = env["payment.provider"].search([("code", "=", "demo"), ("company_id", "=", env.company.id)], limit=1)
        return self.call(values["transaction-route"], provider_id=provider.id,
                         payment_method_id=provider.payment_method_ids.id, token_id=None, amount=None, flow="direct",
                         tokenization_requested=False, landing_route=values["landing-route"],
                         is_validation=False, access_token=values["access-token"])

def together(where, *calls):
    '''What the calls return. All have come to the method ``where`` (model, name) before it is called.'''
    model, name = where
    owner = type(env[model])
    original, meeting, results, met = getattr(owner, name), threading.Barrier(len(calls)), {}, set()
    def meet(self, *args, **kwargs):
        if threading.get_ident() not in met:
            met.add(threading.get_ident())
            meeting.wait(60)
        return original(self, *args, **kwargs)
    def answer(number, call):
        try:
            results[number] = call()
        except BaseException as error:
            results[number] = error
            meeting.abort()
    threads = [threading.Thread(target=answer, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.dbname = env.cr.dbname
    with patch.object(owner, name, meet):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
    assert len(met) == len(calls), "they did not meet"
    env.cr.rollback()
    env.invalidate_all()
    return [results[number] for number in range(len(calls))]

def tell(**values):
    print("TOLD", json.dumps(values, default=str))
COUNTED = ("account.dunning.visit", "_count_acts")
"""


@tagged("post_install", "-at_install")
class TestPortalRaces(ProcessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stage = cls.prepare(database.installed(), "page_race", setup(2) + STUB + DUE + ISSUE + SENT)

    def tell(self, scenario):
        """What the scenario tells in the end."""
        with database.copy_of(self.stage, "page_racing") as name:
            output = self.script(name, STUB, BROWSERS, dedent(scenario))
        return json.loads(output[output.rindex("TOLD") + 4 :].split("\n")[0])

    def test_a_double_click(self):
        """The same sent twice at once is done once; both see the page that thanks for it."""
        told = self.tell(
            """
            browser = Browser()
            day = str(env.company._dunning_today() + timedelta(3))
            send = browser.act("promise", item_ids=item.id, date=day, amount="100")
            answers = together(COUNTED, send, send)
            tell(answers=[(answer.status_code, answer.location) for answer in answers],
                 promises=case.promise_ids.mapped("state"), requests=len(case.request_ids),
                 visits=env["account.dunning.visit"].search_count([("act", "=", "promise")]))
            """
        )
        self.assertEqual([status for status, _location in told["answers"]], [303, 303])
        self.assertEqual((told["promises"], told["requests"], told["visits"]), (["open"], 0, 1))

    def test_two_disputes(self):
        """One item is contested by two browsers in different words: the second is a request."""
        told = self.tell(
            """
            reason = case._get_page_reasons()[:1]
            sends = [Browser().act("dispute", item_id=item.id, reason_id=reason.id, amount="", text=text)
                     for text in ("Too much", "Not received")]
            answers = together(COUNTED, *sends)
            tell(answers=[answer.status_code for answer in answers],
                 holds=env["account.dunning.hold"].search_count([("move_line_id", "=", item.id)]),
                 requests=len(case.request_ids))
            """
        )
        self.assertEqual(told, {"answers": [303, 303], "holds": 1, "requests": 1})

    def test_two_browsers_pay(self):
        """Both pay the same items: what came second is an open credit, and a to-do."""
        told = self.tell(
            """
            browsers = [Browser(), Browser()]
            begun = [browser.begin() for browser in browsers]
            answers = together(COUNTED, *begun)
            references = [answer["result"]["reference"] for answer in answers]
            for browser, reference in zip(browsers, references):
                browser.call("/payment/demo/simulate_payment", reference=reference, payment_details="1234",
                             simulated_state="done")()
            polls = [browser.call("/payment/status/poll") for browser in browsers]
            polled = together(("payment.transaction", "_post_process"), *polls)
            for browser in browsers:  # as the page does, until it is told of the end
                browser.call("/payment/status/poll")()
            env["payment.transaction"]._cron_post_process()
            env.cr.commit()
            transactions = env["payment.transaction"].search([("reference", "in", references)])
            payments = transactions.payment_id
            receivable = payments.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
            tell(states=transactions.mapped("state"), processed=transactions.mapped("is_post_processed"),
                 open=item.amount_residual, payments=len(payments), left=sum(receivable.mapped("amount_residual")),
                 plans=item.move_id.collection_plan_ids.mapped("state"),
                 tasks=env["mail.activity"].search_count(
                     [("res_model", "=", "account.payment"), ("res_id", "in", payments.ids)]))
            """
        )
        self.assertEqual((told["states"], told["processed"]), (["done", "done"], [True, True]))
        self.assertEqual((told["open"], told["payments"], told["left"], told["tasks"]), (0.0, 2, -100.0, 1))
        self.assertEqual(told["plans"], ["recovered"])

    def test_paid_while_it_is_disputed(self):
        """One browser pays, another contests the same item: nothing is lost, whichever came first."""
        told = self.tell(
            """
            payer, other = Browser(), Browser()
            reason = case._get_page_reasons()[:1]
            dispute = other.act("dispute", item_id=item.id, reason_id=reason.id, amount="", text="Too much")
            begin = payer.begin()
            begun, disputed = together(COUNTED, begin, dispute)
            transactions = env["payment.transaction"].search([("dunning_case_id", "=", case.id)])
            tell(disputed=disputed.status_code, begun=sorted(set(begun) & {"result", "error"}),
                 holds=env["account.dunning.hold"].search_count([("move_line_id", "=", item.id)]),
                 transactions=len(transactions))
            """
        )
        self.assertEqual((told["disputed"], told["holds"]), (303, 1))
        self.assertEqual(told["transactions"], 1 if told["begun"] == ["result"] else 0)
