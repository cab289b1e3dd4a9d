"""Every model of the module, and every method of ours that a client can call, as each kind of user over JSON-RPC.

``tests/access_table.py`` says what is allowed; a model or a method that is missing there fails. There are thousands of
calls: what answers them is the application of the web server, without a socket between.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

from werkzeug.test import Client

from odoo import fields
from odoo.fields import Command
from odoo.http import root
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tests.common import TEST_CURSOR_COOKIE_NAME
from odoo.tools import SQL, mute_logger

from .access_table import CORE_MODELS, METHODS, MODELS, ROLES, SHARED
from .common import DunningCommon, StubLetters

OVERRIDDEN = ("create", "write", "unlink", "onchange")  # methods of Odoo's own that the module extends
OWN = ("account.dunning.", "account.collection.")
ACCESS = "odoo.exceptions.AccessError"


class Undo(Exception):
    """Raised to take back what a call has done."""


@tagged("post_install", "-at_install")
class TestAccessByRpc(StubLetters, DunningCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = ThreadPoolExecutor(1)  # a request has a thread that is not the test's
        cls.addClassCleanup(cls.server.shutdown)
        cls.branch = cls.env["res.company"].sudo().create({"name": "Branch", "parent_id": cls.company.id})
        cls.other = cls.env["res.company"].sudo().create({"name": "Other"})
        cls.users = {}
        for role, groups in ROLES.items():
            company = cls.branch if role == "branch" else cls.company
            cls.users[role] = new_test_user(
                cls.env(su=True),
                login=f"access_{role}",
                groups=groups,
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            )
        cls.env.cr.precommit.run()
        cls.make_records()
        cls.env.flush_all()
        cls.own, cls.foreign, cls.dialogs = {}, {}, {}
        for name in cls.names():
            cls.find_records(cls.env[name].sudo())

    @classmethod
    def names(cls):
        return sorted(name for name in cls.env if name.startswith(OWN))

    @classmethod
    def make_records(cls):
        """Something of each model in the company: a plan with a notice, a run, holds, charges, a hand-over."""
        cls.level_1.write({"fee_kind": "fixed", "fee_amount": 10.0, "credit_stop": True, "show_not_due": True})
        rate = cls.env["account.dunning.interest.rate"].create(
            {"name": "Ten", "line_ids": [Command.create({"date": "2000-01-01", "percent": 10.0})]}
        )
        cls.dunning_type.interest_rate_id = rate
        cls.env["account.dunning.action"].create({"name": "Call", "kind": "activity"})
        test = cls("test_models")
        move = test.invoice(cls.partner_a, 12)
        test.invoice(cls.partner_a, -5)
        test.invoice(cls.partner_b, 12).action_toggle_block_payment()
        test.dun()
        cls.env["account.dunning.hold"].create(
            {"partner_id": cls.partner_b.id, "reason_id": cls.shipped("reason_dispute").id}
        )
        agency = cls.env["res.partner"].create({"name": "Agency"})
        plans = move.collection_plan_ids
        cls.plan = plans
        plans.sudo()._hand_over(agency, "")
        cls.invoice_1 = move
        case = cls.env["account.collection.case"]._get_for(cls.company, cls.partner_b)
        outcome = cls.env["account.dunning.outcome"].sudo()._get_shipped("outcome_reached", cls.company)
        now = fields.Datetime.now()
        cls.env["account.dunning.contact"].sudo().create(
            {"case_id": case.id, "user_id": cls.env.uid, "at": now, "day": now.date(), "outcome_id": outcome.id}
        )
        owed = test.item(test.invoice(cls.partner_b, 12))
        parts = [(fields.Date.add(test.today, days=7), 50.0)]
        cls.env["account.dunning.promise"].sudo()._make(case.sudo(), owed.sudo(), parts)
        cls.env["account.dunning.target"].create({"user_id": cls.env.uid, "amount": 100})
        cls.env["account.dunning.fee.band"].create({"level_id": cls.level_1.id, "fee_amount": 5})
        cls.env["account.dunning.start"]._get_for(cls.company)
        cls.make_trials()

    @classmethod
    def make_trials(cls):
        """A simulation that is done, a new one, an experiment, and what was taken over."""
        simulations = cls.env["account.dunning.simulation"]
        first = fields.Date.today() - timedelta(40)
        values = {"date_from": first, "date_to": fields.Date.today(), "payments": "none"}
        values["type_ids"] = [Command.create({"type_id": cls.dunning_type.id})]
        simulations.create(values).action_start()
        while simulations.sudo()._continue_next({}):
            pass
        simulations.create(values)
        other = cls.make_type("Other", (15,))
        halves = {"type_a_id": cls.dunning_type.id, "type_b_id": other.id}
        days = {"date_from": fields.Date.today(), "date_to": fields.Date.today()}
        cls.env["account.dunning.experiment"].create({"name": "Halves", **halves, **days})
        row = {"source": "om", "kind": "note", "source_table": "res_partner", "source_key": "1", "outcome": "taken"}
        cls.env["account.dunning.takeover.row"].sudo().create({"company_id": cls.company.id, **row})

    @classmethod
    def find_records(cls, model):
        """An own record of the model, and the same of another company, or of another user where it has no company."""
        if model._abstract:
            return
        company = model._fields.get("company_id")
        by_company = bool(company and company.store)
        domain = [("company_id", "=", cls.company.id)] if by_company else []
        record = model.with_context(active_test=False).search(domain, limit=1)
        cls.own[model._name] = record.id
        if model._transient:
            cls.foreign[model._name] = cls.make_dialog(model, "portal")
            cls.dialogs.update({(model._name, role): cls.make_dialog(model, role) for role in cls.users})
        elif record and model._auto and by_company:
            cls.foreign[model._name] = cls.copy_row(record)

    @classmethod
    def make_dialog(cls, model, role):
        """An empty dialog that the user has opened."""
        for field in model._fields.values():
            if field.store and field.column_type and field.required:
                table, column = SQL.identifier(model._table), SQL.identifier(field.name)
                cls.env.cr.execute(SQL("ALTER TABLE %s ALTER COLUMN %s DROP NOT NULL", table, column))
        values = {"create_uid": cls.users[role].id}
        if "company_id" in model._fields and model._fields["company_id"].store:
            values["company_id"] = cls.company.id
        return cls.insert(model, {name: SQL("%s", value) for name, value in values.items()})

    @classmethod
    def insert(cls, model, values, source=None):
        """Insert a row of SQL ``values``, which may refer to the columns of the row ``source``."""
        columns = SQL(", ").join(map(SQL.identifier, values))
        values = SQL(", ").join(values.values())
        table = SQL.identifier(model._table)
        rows = SQL("SELECT %s FROM %s WHERE id = %s", values, table, source) if source else SQL("SELECT %s", values)
        [(row_id,)] = cls.env.execute_query(SQL("INSERT INTO %s (%s) %s RETURNING id", table, columns, rows))
        return row_id

    @classmethod
    def drop_unique(cls, table):
        """Let a table hold rows that say the same, until the transaction of the tests is rolled back."""
        kinds = (
            ("SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'u'", "constraint"),
            (
                "SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
                " WHERE indrelid = %s::regclass AND indisunique AND NOT indisprimary",
                "index",
            ),
        )
        for query, kind in kinds:
            for (name,) in cls.env.execute_query(SQL(query, table)):
                if kind == "index":
                    cls.env.cr.execute(SQL("DROP INDEX %s", SQL.identifier(name)))
                else:
                    cls.env.cr.execute(SQL("ALTER TABLE %s DROP CONSTRAINT %s", *map(SQL.identifier, (table, name))))

    @classmethod
    def copy_row(cls, record):
        """The same record in the other company."""
        cls.drop_unique(record._table)
        names = [f.name for f in record._fields.values() if f.store and f.column_type and f.name != "id"]
        values = {name: SQL.identifier(name) for name in names}
        return cls.insert(record, {**values, "company_id": SQL("%s", cls.other.id)}, record.id)

    @contextmanager
    def undone(self):
        """Take back what is done in the block."""
        try:
            with self.env.cr.savepoint():
                yield
                raise Undo
        except Undo:
            self.env.invalidate_all()

    def call(self, model, method, *args):
        """Whether the user may call the method: True, also where it refuses for another reason; else False.

        A method of the model, and not of records, is called without the ids that come first.
        """
        if method.startswith("action_") and getattr(getattr(type(self.env[model]), method), "_api_model", False):
            args = args[1:]
        body = {"jsonrpc": "2.0", "params": {"model": model, "method": method, "args": args, "kwargs": {}}}
        with self.undone(), mute_logger("odoo.http", "odoo.sql_db", "odoo.addons.base.models.ir_model"):
            answer = self.post(f"/web/dataset/call_kw/{model}/{method}", body)
        self.answer = answer
        error = answer.get("error")
        return not error or error["data"]["name"] != ACCESS

    def post(self, path, body):
        """What ``url_open`` does with a JSON ``body``, by the same application."""
        self.cr.flush()
        self.cr.clear()
        with self.allow_requests():
            cookies = f"session_id={self.session.sid}; {TEST_CURSOR_COOKIE_NAME}={self.http_request_key}"
            client, options = Client(root, use_cookies=False), {"base_url": self.base_url(), "json": body}
            options |= {"headers": {"Cookie": cookies}, "environ_base": {"REMOTE_ADDR": "127.0.0.1"}}
            return self.server.submit(client.post, path, **options).result().json

    def probe(self, name, record_id):
        """What the user may do with a record, as some of the letters of ``rwcu``."""
        ids = [record_id] if record_id else []
        result = ""
        if self.call(name, "read", ids, ["id"]) if ids else self.call(name, "search_read", [], ["id"]):
            result += "r"
        if ids and self.call(name, "write", ids, {}):
            result += "w"
        if self.foreign.get(name) != record_id and self.call(name, "create", [{}]):
            result += "c"
        if ids and self.call(name, "unlink", ids):
            result += "u"
        return result

    def test_models(self):
        found = {}
        for role, user in self.users.items():
            self.authenticate(user.login, user.login)
            for name in self.names():
                if self.env[name]._abstract:
                    continue
                own = self.dialogs.get((name, role)) or self.own[name]
                found.setdefault(name, {})[role] = self.probe(name, own)
                foreign = self.foreign.get(name)
                if foreign and not (role == "portal" and self.env[name]._transient):
                    self.assertFalse(self.probe(name, foreign), f"{role} reaches {name} of others")
        table = {name: " ".join(rights[role] or "-" for role in ROLES) for name, rights in found.items()}
        wrong = {name: rights for name, rights in table.items() if MODELS.get(name) != rights}
        self.assertFalse(wrong, "\n" + "\n".join(f'    "{name}": "{rights}",' for name, rights in wrong.items()))
        self.assertFalse(set(MODELS) - set(table), "the table names models that are no more")

    def test_a_stranger(self):
        """Who does all of this in another company reaches nothing of this one, by records and by methods."""
        user = new_test_user(
            self.env(su=True),
            login="access_stranger",
            groups="base.group_user,account.group_account_manager,account_dunning.group_dunning_manager",
            company_id=self.other.id,
            company_ids=[Command.set(self.other.ids)],
        )
        self.authenticate(user.login, user.login)
        for name, record_id in self.own.items():
            rights = set(self.probe(name, record_id)) - {"c"} if record_id else set()
            self.assertFalse(rights - ({"r"} if name in SHARED else set()), f"{name} of another company")
        answered = []
        for name, method in self.methods():
            if name not in SHARED and (record_id := self.own.get(name)):
                self.call(name, method, [record_id])
                if "error" not in self.answer:
                    answered.append(f"{name}.{method}")
        own = ["account.collection.case.action_open_desk", "account.collection.plan.action_open_mine"]
        own.append("account.dunning.start.action_open")
        self.assertEqual(answered, own, "these are about his own")

    def methods(self):
        """The public methods that the module defines, by model: what a client can call besides those of Odoo."""
        for name in (*self.names(), *CORE_MODELS):
            model = type(self.env[name])
            for method in sorted(dir(model)):
                function = getattr(model, method, None)
                module = getattr(function, "__module__", "") or ""
                if not method.startswith("_") and callable(function) and "account_dunning" in module:
                    if not getattr(function, "_api_private", False) and method not in OVERRIDDEN:
                        yield name, method

    def test_methods(self):
        found = {}
        records = {
            "account.move": self.invoice_1.id,
            "res.partner": self.partner_a.id,
            "account.move.line": self.item(self.invoice_1).id,
        }
        methods = list(self.methods())
        for role, user in self.users.items():
            self.authenticate(user.login, user.login)
            for name, method in methods:
                record_id = self.dialogs.get((name, role)) or self.own.get(name) or records.get(name)
                allowed = self.call(name, method, [record_id] if record_id else [])
                found.setdefault(f"{name}.{method}", []).append(role if allowed else "")
                if foreign := self.foreign.get(name):
                    self.call(name, method, [foreign])
                    done = "error" not in self.answer and not isinstance(self.answer["result"], dict)
                    self.assertFalse(done, f"{role} calls {name}.{method} of others, which does not merely open a view")
        table = {name: " ".join(filter(None, roles)) for name, roles in found.items()}
        wrong = {name: roles for name, roles in table.items() if METHODS.get(name) != roles}
        self.assertFalse(wrong, "\n" + "\n".join(f'    "{name}": "{roles}",' for name, roles in wrong.items()))
        self.assertFalse(set(METHODS) - set(table), "the table names methods that are no more")
