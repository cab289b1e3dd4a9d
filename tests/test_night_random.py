"""Random histories: a night that reads whom it has to comes to the same as one that reads everybody.

Many customers live their own histories side by side, so that one night compares all of them.

    HISTORIES=10000 make dev-test T=test_night_random   so many of them; 80 else
    FIRST=7 …                                           others: batches from this number on
    WITHOUT=account_move.dunning_type_id …              without the mark of a table, or of a column: it has to fail
    HISTORIES_LOG=/tmp/histories …                      a file for what was done, and for each difference
"""

import os
from collections import Counter, defaultdict
from contextlib import closing
from random import Random

from odoo import fields
from odoo.exceptions import RedirectWarning, UserError
from odoo.tests import tagged
from odoo.tools import SQL

from ..models.run import marks
from ..tools.attempt import attempt_parts
from .common import TODAY
from .customer_events import CustomerEvents
from .night import NightCommon
from .night_events import EVENTS, FLAG, LATE, LOUD, QUIET, CompanyEvents, draw, one_of
from .test_settlement import SettlementCommon

HISTORIES, FIRST = int(os.environ.get("HISTORIES", "80")), int(os.environ.get("FIRST", "0"))
BATCH = min(HISTORIES // 2, 200)
NIGHTS = one_of(3, 3, 4, 5)
PASS = one_of(1, 1, 1, 1, 2, 3, 6, 8)
ISSUE = one_of(*["all"] * 8, "none", "some")
EVENTS_A_DAY = one_of(0, 0, 0, 0, 1, 1, 2)
# The settings of a batch, by turns.
MODES = ("invoice", "customer", "invoice")
ESCALATIONS = ("sequential", "catch_up")


def without(name):
    """The watched tables without one, or without one column of it."""
    table, _dot, column = name.partition(".")
    watched = dict(marks.WATCHED)
    watch = watched.pop(table)
    if column:
        left = tuple(one for one in watch.columns if column not in one)
        assert left != watch.columns
        watched[table] = watch._replace(columns=left)
    return watched


@tagged("post_install", "-at_install")
class TestRandomNights(CompanyEvents, CustomerEvents, NightCommon, SettlementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settings.write({"letter_sent": "made", "parent_type": True})
        cls.env.user.group_ids += cls.env.ref("base.group_partner_manager")
        soon = {"type_id": cls.dunning_type.id, "name": "Soon", "days": -4, "reminder": True, "document": "letter"}
        cls.level_1.copy(soon)
        cls.level_2.write({"document": "none", "collection_status": "legal"})
        cls.level_3.write({"repeat_every": 9, "repeat_max": 2})
        cls.levels = cls.level_1 + cls.level_2 + cls.level_3
        cls.dunning_type.unrecovered_days = 12
        cls.tag = cls.env["res.partner.category"].create({"name": "Tag"})
        cls.tagged = cls.make_type("Tagged", (5, 15), category_ids=[fields.Command.set(cls.tag.ids)])
        cls.ruled = cls.make_type("Ruled", (2, 8), partner_domain="[('country_id.code', '=', 'BE')]")
        cls.types = cls.dunning_type + cls.tagged + cls.ruled
        cls.provider = cls.env["payment.provider"].search([], limit=1)
        cls.method = cls.env["payment.method"].search([], limit=1)
        cls.action = cls.env["account.dunning.action"].create({"name": "Call", "blocking": True})
        cls.count = Counter()
        cls.make_customers()
        if forgotten := os.environ.get("WITHOUT"):
            marks.drop_triggers(cls.env.cr)
            cls.classPatch(marks, "WATCHED", without(forgotten))
            cls.classPatch(type(cls.env["account.dunning.run"]), "_find_untracked", lambda run, settings: False)
            marks.make_triggers(cls.env.cr)

    @classmethod
    def make_customers(cls):
        """Customers with three items each, which get their due dates when a batch begins."""
        values = [{"name": f"C{number}", "email": f"c{number}@example.com"} for number in range(BATCH)]
        heads = cls.env["res.partner"].create([{"name": f"Head {number}", "is_company": True} for number in range(5)])
        for number in range(0, BATCH, 3):  # subsidiaries
            values[number] |= {"parent_id": heads[number % 5].id, "is_company": True}
        address = {name: cls.partner_a[name] for name in ("street", "zip", "city")}
        cls.customers = cls.env["res.partner"].create([{**vals, **address} for vals in values])
        maker = cls()
        invoices = [maker.prepare_invoice(one, 0, amount) for one in cls.customers for amount in (60.0, 90.0)]
        entries = [maker.prepare_entry(one, 0, 75.0) for one in cls.customers]
        cls.items = maker.post_invoices(invoices + entries).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        maker.settle()
        # or each query is planned for tables with a few rows; of all tables it would wait for other databases
        cls.env.cr.execute("ANALYZE res_partner, account_move, account_move_line")

    def test_any_history(self):
        self.differences = []
        for number in range(FIRST, FIRST + HISTORIES // BATCH):
            with closing(self.env.cr.savepoint()):
                self.play(Random(number), number)
            self.env.cr.precommit.clear()
            self.env.invalidate_all()
            self.env.registry.clear_all_caches()
            self.put_down(f"after batch {number}: {dict(sorted(self.count.items()))}")
            if self.differences and "WITHOUT" in os.environ:
                break
        self.assertFalse(self.differences, "\n".join(["", *self.differences]))

    def play(self, chance, number):
        """Let all customers live a history; compare each night."""
        self.begin(chance, number)
        self.issue_some(self.night(), chance)
        for step in range(NIGHTS(chance)):
            for customer in self.customers:
                for _time in range(EVENTS_A_DAY(chance)):
                    name, arguments = draw(chance, EVENTS)
                    self.drawn[name].append((customer, *arguments))
            names = sorted(self.drawn)
            chance.shuffle(names)
            for name in names:
                self.let_happen(step, name, self.drawn.pop(name))
            self.let_company(step, chance)
            self.go(PASS(chance))
            run = self.compare(step)
            self.issue_some(run, chance)
        self.count["histories"] += len(self.customers)

    def begin(self, chance, number):
        self.frozen.move_to(TODAY)
        self.settings.mode = MODES[number % len(MODES)]
        self.dunning_type.escalation = ESCALATIONS[number % len(ESCALATIONS)]
        if FLAG(chance):
            self.do_invoice_types()
        self.number, self.drawn, self.told = number, defaultdict(list), defaultdict(list)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """WITH drawn AS (SELECT unnest(%(ids)s) AS id, %(today)s::date - unnest(%(late)s) AS due),
                        dated AS (UPDATE account_move_line line SET date_maturity = due, date = LEAST(due, %(today)s)
                                    FROM drawn WHERE drawn.id = line.id RETURNING line.move_id, line.date, due)
                   UPDATE account_move move SET date = dated.date, invoice_date_due = due,
                          invoice_date = CASE WHEN move_type <> 'entry' THEN dated.date END
                     FROM dated WHERE dated.move_id = move.id""",
                ids=self.items.ids,
                today=TODAY,
                late=[LATE(chance) for _item in self.items],
            )
        )
        self.env.invalidate_all()

    # events

    def let_happen(self, step, name, events):
        """Let an event happen to some customers, at once where they can; what is refused does not happen."""

        def do(some):
            together = getattr(self, f"all_{name}", None)
            if together:
                together(some)
            else:
                for customer, *arguments in some:
                    if customer == customer.commercial_partner_id:
                        getattr(self, f"do_{name}")(customer, *arguments)
            self.settle()
            self.count["events"] += len(some)
            for customer, *arguments in some:
                self.told[customer.id].append(f"{step} {name}{tuple(arguments)}")

        attempt_parts(self.env, events, do, self.note_refusal, alone=True)

    def note_refusal(self, events, error):
        if not isinstance(error, (UserError, RedirectWarning)):
            raise error
        self.count["refused"] += len(events)

    def let_company(self, step, chance):
        """Seldom something happens to the company."""
        often = chance.random()
        if often < 0.35:
            name, arguments = draw(chance, LOUD if often < 0.1 else QUIET)
            try:
                with self.env.cr.savepoint():
                    getattr(self, f"do_{name}")(*arguments)
                    self.settle()
                self.count["events of the company"] += 1
                self.told[None].append(f"{step} {name}{tuple(arguments)}")
            except (UserError, RedirectWarning):
                self.env.cr.precommit.clear()
                self.env.invalidate_all(flush=False)

    def issue_some(self, run, chance):
        """Issue the notices of most customers, of others none, or each second one."""
        chosen = run.notice_ids.browse()
        for notices in run.notice_ids.grouped("partner_id").values():
            notices = notices.filtered(lambda notice: notice.state == "proposed").sorted("id")
            choice = ISSUE(chance)
            chosen += notices[::2] if choice == "some" else notices if choice == "all" else notices.browse()
        if chosen:
            chosen.action_issue()
            while self.env["account.dunning.notice"].sudo()._issue_next():
                pass
        self.count["notices issued"] += len(chosen)
        self.settle()

    # nights

    def compare(self, step):
        """A night; note which customers one that reads everybody would have served otherwise; returns its run."""
        expected = self.group(self.try_full_night(self.company))
        run = self.night()
        found = self.group(self.snapshot(run))
        self.count["nights"] += len(self.customers)
        if not run.read_all:
            domain = [("looked_on", "<", run.date), ("partner_id", "in", self.customers.ids)]
            self.count["nights from marks"] += len(self.customers)
            self.count["nights from marks, not read"] += self.env["account.dunning.look"].sudo().search_count(domain)
        for key in sorted(expected.keys() | found.keys()):
            if expected[key] != found[key]:
                self.count["differences"] += 1
                self.differences.append(self.tell(step, key, expected[key], found[key]))
        return run

    def put_down(self, text):
        if "HISTORIES_LOG" in os.environ:
            with open(os.environ["HISTORIES_LOG"], "a") as log:
                log.write(f"{text}\n")

    def group(self, snapshot):
        """What a snapshot says, by customer."""
        result = defaultdict(list)
        for kind, rows in snapshot.items():
            for row in rows:
                [customer] = self.customers.browse(map(int, (row[0][0] if kind == "notices" else row[0])[1:-1].split()))
                result[customer].append((kind, row))
        return result

    def tell(self, step, customer, expected, found):
        """A difference in words: what happened to the customer, what a full reading says, and what the night says."""
        parts = [f"batch {self.number}, step {step}, {customer.name} ({self.settings.mode})"]
        parts += [f"company: {self.told[None]}", f"customer: {self.told[customer.id]}"]
        parts += [f"missing: {row}" for row in expected if row not in found]
        parts += [f"wrong: {row}" for row in found if row not in expected]
        text = "\n  ".join(parts)
        self.put_down(text)
        return text
