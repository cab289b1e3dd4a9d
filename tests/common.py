import importlib.util
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from freezegun import freeze_time

from odoo import fields
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.base.models.assetsbundle import ScssStylesheetAsset

from .caches import KeptCaches
from .copies import Copier
from .sheets import compile_once

TODAY = date(2026, 6, 1)
COMPANY_EMAIL = "office@example.com"
# A picture of one pixel.
LOGO = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNQSFgAAAHEASFiX4r9AAAAAElFTkSuQmCC"


class DunningCommon(KeptCaches, AccountTestInvoicingCommon):
    """A company with one dunning type (levels at 10, 20, 30 days) and two customers, on 1 June 2026.

    ``self.invoice(partner, days_overdue, amount)`` posts an invoice; ``self.run_day()`` makes a run
    and proposes; ``self.issue(notices)`` issues; ``self.send_letters()`` prints and confirms;
    ``self.go(days)`` lets days pass.
    """

    @classmethod
    def setUpClass(cls):
        cls.clock = freeze_time(TODAY, tick=False)
        cls.frozen = cls.clock.start()
        cls.addClassCleanup(cls.clock.stop)
        super().setUpClass()
        cls.copier = Copier()
        cls.stage = cls()  # no test: its methods make what all tests of a class begin with
        cls.classPatch(ScssStylesheetAsset, "compile", compile_once)
        cls.company = cls.env.company
        cls.settings = cls.company._get_dunning_settings()
        cls.put_away_types(cls.company)
        cls.complete(cls.company)
        cls.dunning_type = cls.make_type("Test", (10, 20, 30), default=True)
        cls.level_1, cls.level_2, cls.level_3 = cls.dunning_type.level_ids
        address = {"street": "1 Main Street", "zip": "12345", "city": "Springfield"}
        cls.partner_a.write({"email": "a@example.com", **address})
        cls.partner_b.write({"email": False, **address})
        cls.other_currency = cls.setup_other_currency("EUR")
        cls.manager = cls.new_user("manager", "account_dunning.group_dunning_manager")
        cls.collector = cls.new_user("collector", "account_dunning.group_dunning_collector")

    def setUp(self):
        super().setUp()
        self.frozen.move_to(TODAY)

    @classmethod
    def setup_independent_company(cls, **kwargs):
        """The company that ``dev/test`` has prepared, where it has: to load a chart of accounts takes seconds."""
        prepared = cls.env["res.company"].search([("name", "=", "company_1_data")])
        cls.env.user.company_ids += prepared
        return prepared or super().setup_independent_company(**kwargs)

    @classmethod
    def setup_other_company(cls, **kwargs):
        """The type that a company gets with its chart is put away: tests make their own."""
        data = super().setup_other_company(**kwargs)
        cls.put_away_types(data["company"])
        cls.complete(data["company"])
        return data

    @classmethod
    def complete(cls, company):
        """Give the company all that its letters show, or the first ones would ask whoever issues them.

        Bank accounts that tests make come before this one.
        """
        company = company.sudo()
        if company.email == COMPANY_EMAIL:
            return
        address = {"street": "9 High Street", "zip": "11111", "city": "Capital"}
        company.write({"email": COMPANY_EMAIL, **address})
        company.partner_id.tz = company.partner_id.tz or "UTC"
        company.logo = LOGO
        accounts = company.env["res.partner.bank"].with_context(active_test=False)
        values = {"acc_number": f"COMMON {company.id}", "partner_id": company.partner_id.id}
        account = accounts.search([(name, "=", value) for name, value in values.items()])
        if account:
            account.active = True
        else:
            accounts.create({**values, "sequence": 100})
        company.partner_id.invalidate_recordset(["bank_ids"])

    @classmethod
    def put_away_types(cls, company):
        types = cls.env["account.dunning.type"].sudo().search([("company_id", "=", company.id)])
        types.write({"default": False, "active": False})

    @classmethod
    def new_user(cls, login, groups):
        """An internal user of the company in ``groups``; the one that ``dev/test`` has prepared, where it has."""
        prepared = cls.env["res.users"].search([("login", "=", f"dunning_{login}")])
        return prepared or new_test_user(
            cls.env,
            login=f"dunning_{login}",
            groups=f"base.group_user,{groups}",
            company_id=cls.company.id,
            company_ids=[fields.Command.set(cls.company.ids)],
        )

    @classmethod
    def make_type(cls, name, days, document="letter", **values):
        return cls.env["account.dunning.type"].create(
            {
                "name": name,
                "company_id": cls.company.id,
                "level_ids": [
                    fields.Command.create(
                        {
                            "name": f"{name} {day}",
                            "days": day,
                            "reminder": day < 0,
                            "document": document,
                            "deadline_days": 6,  # with the next level's seven days at least, those are what binds
                            "text": "<p>Dear {customer}, please pay {total} by {deadline}.</p>",
                        }
                    )
                    for day in days
                ],
                **values,
            }
        )

    @classmethod
    def shipped(cls, name, company=None):
        """What ``company``, that of the tests if none is given, has of the shipped record ``name``."""
        for model in ("reason", "invoice.type", "balance"):
            records = cls.env[f"account.dunning.{model}"].sudo()
            if record := records._get_shipped(name, company or cls.company):
                return record.with_env(cls.env)
        raise ValueError(name)

    @property
    def today(self):
        return fields.Date.today()

    @contextmanager
    def refused(self, exception, regex):
        """Expect ``exception`` with a message that matches ``regex``, and undo what came before it.

        Give the context of the assertion, whose ``exception`` is what was raised.
        """
        with self.assertRaisesRegex(exception, regex) as caught, mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            yield caught

    def migration(self, version, name="post-migration"):
        """The script ``name`` of a migration, as a module."""
        path = Path(__file__).parents[1] / f"migrations/{version}/{name}.py"
        spec = importlib.util.spec_from_file_location("post_migration", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def go(self, days):
        """Let ``days`` pass."""
        self.frozen.move_to(self.today + timedelta(days))

    def invoice(self, partner, days_overdue, amount=100.0, **values):
        """Post an invoice that is ``days_overdue`` today."""
        return self.invoices(partner, days_overdue, [amount], **values)

    def invoices(self, partner, days_overdue, amounts, **values):
        """Post an invoice for each of the amounts."""
        return self.post_all(values, [self.prepare_invoice(partner, days_overdue, each, **values) for each in amounts])

    def invoice_each(self, partners, days_overdue, **values):
        """Post an invoice for each of the partners."""
        return self.post_all(values, [self.prepare_invoice(each, days_overdue, **values) for each in partners])

    def post_all(self, values, vals_list):
        """Post the invoices; those without particular ``values`` are copies of the first of their kind."""
        return self.post_invoices(vals_list) if values else self.copier.post(self.env, self.post_invoices, vals_list)

    def prepare_invoice(self, partner, days_overdue, amount=100.0, **values):
        due = self.today - timedelta(days_overdue)
        return {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": min(due, self.today),
            "invoice_date_due": due,
            "invoice_payment_term_id": False,
            "invoice_line_ids": [fields.Command.create({"name": "Goods", "price_unit": amount, "tax_ids": []})],
            **values,
        }

    def post_invoices(self, vals_list):
        moves = self.env["account.move"].create(vals_list)
        moves.action_post()
        return moves

    def item(self, move):
        """The receivable item of an invoice, the first where it has several."""
        return move.line_ids.filtered(lambda line: line.account_type == "asset_receivable").sorted("date_maturity")[0]

    def state(self, move):
        """The dunning state of the invoice's item."""
        return self.env["account.dunning.item"].search([("move_line_id", "=", self.item(move).id)])

    def pay(self, move, amount=None):
        """Register a payment of the invoice, and reconcile it."""
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"payment_date": self.today, **({"amount": amount} if amount else {})})
        )
        payments = wizard._create_payments()
        self.env.cr.precommit.run()
        return payments

    def work(self):
        """Do what the scheduled action does, until nothing is left."""
        runs = self.env["account.dunning.run"].sudo()
        for _chunk in range(100):
            if not runs._continue_next():
                return
        self.fail("the work does not end")

    def run_day(self, **values):
        """Make a run for today and propose; returns the run."""
        run = self.env["account.dunning.run"].create({"company_id": self.company.id, **values})
        run.action_propose()
        self.work()
        return run

    def issue(self, notices):
        """Issue proposed notices; letters are rendered as a stub unless the test says otherwise."""
        notices.action_issue()
        self.work()

    def send(self, notices):
        """Issue the notices and confirm that the letters were printed."""
        self.issue(notices)
        notices._confirm_printed()
        self.env.cr.precommit.run()

    def come_back(self, notice):
        """The notice's e-mail comes back, and a person confirms it."""
        notice.sudo()._come_back("The e-mail to a@example.com came back.")
        if notice.bounced:
            notice.action_confirm_bounce()

    def dun(self):
        """A run for today whose notices are all sent; returns the notices."""
        notices = self.run_day().notice_ids
        if notices:
            self.send(notices)
        return notices


class StubLetters:
    """Mixed in before :class:`DunningCommon`: letters are a fixed PDF, which saves a second each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.classPatch(
            type(cls.env["ir.actions.report"]),
            "_render_dunning_letters",
            lambda self, notices: dict.fromkeys(notices.ids, b"%PDF-1.4 stub"),
        )


class ChargesCommon(StubLetters, DunningCommon):
    """:class:`DunningCommon` with an interest rate of 10 % on the type; levels charge what the test says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rate = cls.make_rate("Ten", {"2000-01-01": 10.0})
        cls.dunning_type.interest_rate_id = cls.rate

    @classmethod
    def make_rate(cls, name, percents, **values):
        """A rate with the table ``percents`` (percent by day)."""
        lines = [fields.Command.create({"date": day, "percent": percent}) for day, percent in percents.items()]
        return cls.env["account.dunning.interest.rate"].create({"name": name, "line_ids": lines, **values})

    def propose(self, **values):
        """The proposed notice of a run for today, which must be one."""
        notices = self.run_day(**values).notice_ids
        notices.ensure_one()
        return notices

    def amounts(self, notice, *kinds):
        """The amounts of the notice's charges of some ``kinds``, all where none is given."""
        charges = notice.charge_ids.sorted("id")
        return charges.filtered(lambda c: not kinds or c.kind in kinds).mapped("amount")

    def credit(self, partner, amount, days_ago=0, **values):
        """An unallocated payment of the customer."""
        payment = self.env["account.payment"].create(
            {
                "partner_id": partner.id,
                "payment_type": "inbound",
                "partner_type": "customer",
                "amount": amount,
                "date": self.today - timedelta(days_ago),
                **values,
            }
        )
        payment.action_post()
        return payment
