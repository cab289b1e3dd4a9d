"""Plays a file of invoices through the module, day by day: python dev/replay.py DATABASE FILE [--mode customer]

Each day posts its invoices, registers and reconciles its payments, and lets the scheduled action run. Everything is
real but the clock and the pictures: the date is frozen, and instead of rendering thousands of letters each gets the
same tiny PDF. docs/replay.md says more.
"""

import argparse
import io
import json
import logging
import os
import sys
from collections import Counter, defaultdict
from datetime import timedelta

from freezegun import freeze_time
from pypdf import PdfWriter
from replay_check import Dunned, History, OpenPlan, Rules, check, foresee, read

import odoo.api
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tools import config

NIGHTLY = "account_dunning.ir_cron_dunning_nightly"
CONTINUE = "account_dunning.ir_cron_dunning_continue"
# A picture of one pixel.
LOGO = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNQSFgAAAHEASFiX4r9AAAAAElFTkSuQmCC"
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "mail_notify_force_send": False,
}


def main():
    options = parse_arguments()
    invoices = read(options.file)
    rules = Rules(options.levels, options.min_days, options.deadline_days, options.mode)
    config.parse_config(["-c", os.environ["ODOO_RC"], "-d", options.database, "--no-http", "--log-level=warn"])
    with Registry(options.database).cursor() as cr:
        replay = Replay(odoo.api.Environment(cr, odoo.SUPERUSER_ID, QUIET), invoices, rules)
        replay.play()
        history = replay.get_history()
        violations = list(check(invoices, rules, history)) + replay.problems
        result = report(replay, history, violations)
    print(json.dumps(result))
    return 1 if violations else 0


def parse_arguments():
    parser = argparse.ArgumentParser(description="Play a file of invoices through the module, day by day.")
    parser.add_argument("database", help="has account_dunning installed; what it holds is used up")
    parser.add_argument("file", help="invoices, format as in docs/replay.md")
    parser.add_argument("--mode", choices=("invoice", "customer"), default=Rules.mode, help="a plan for each of what")
    parser.add_argument("--levels", type=parse_days, default=Rules.days, help="days after due: 3,10,20")
    parser.add_argument("--min-days", type=int, default=Rules.min_days, help="days between two notices")
    parser.add_argument("--deadline-days", type=int, default=Rules.deadline_days, help="days to pay on a letter")
    return parser.parse_args()


def parse_days(text):
    days = tuple(int(part) for part in text.split(","))
    if not days or list(days) != sorted(set(days)) or days[0] < 0:
        raise argparse.ArgumentTypeError("ascending days, separated by commas")
    return days


class Replay:
    """Plays the invoices and takes down what it sees, day by day."""

    def __init__(self, env, invoices, rules):
        self.env = env
        self.invoices = invoices
        self.rules = rules
        self.moves = {}
        self.numbers = {}
        self.holds = {}
        self.seen = set()
        self.dunned = []
        self.open_plans = []
        self.problems = []

    def play(self):
        days = defaultdict(lambda: ([], [], []))
        for invoice in self.invoices:
            days[invoice.date][0].append(invoice)
            days[invoice.settled][1].append(invoice)
            if invoice.held_from:
                days[invoice.held_from][2].append(invoice)
        day, last = min(days), max(days)
        stub_rendering(self.env)
        # Odoo would take every connection to the database for one that was left a day ago.
        with freeze_time(f"{day} 12:00:00", ignore=["odoo.sql_db"]) as clock:
            self.set_up()
            while day <= last:
                clock.move_to(f"{day} 12:00:00")
                self.play_day(day, *days[day])
                day += timedelta(1)

    def play_day(self, day, to_post, to_pay, to_hold):
        self.post(to_post)
        self.pay(day, to_pay)
        self.hold(day, to_hold)
        self.env.cr.commit()
        self.look_at_plans(day, night=False)
        self.run_night()
        self.look_at_plans(day, night=True)
        self.look_at_notices(day)

    # the company

    def set_up(self):
        """The mode; one sequential type, letters only, issued without a person; a customer for each id in the file."""
        self.env.company._get_dunning_settings().write(
            {
                "mode": self.rules.mode,
                "auto_issue": True,
                "issue_user_id": self.env.ref("base.user_admin").id,
                "letter_sent": "made",
                "max_levels": max(5, len(self.rules.days)),
            }
        )
        self.fill_in(self.env.company)
        self.env["account.dunning.type"].search([]).default = False
        self.env.flush_all()  # a company has one default type only
        dunning_type = self.env["account.dunning.type"].create(
            {
                "name": "Replay",
                "default": True,
                "escalation": "sequential",
                "unrecovered_days": 0,  # all are paid in the end, however late
                "level_ids": [Command.create(vals) for vals in self.prepare_levels()],
            }
        )
        self.levels = {level.id: number for number, level in enumerate(dunning_type.level_ids.sorted("days"), 1)}
        names = sorted({invoice.customer for invoice in self.invoices})
        address = {"street": "1 Main Street", "zip": "10001", "city": "New York"}
        partners = self.env["res.partner"].create([{"name": name, "is_company": True, **address} for name in names])
        self.partners = dict(zip(names, partners.ids, strict=True))
        self.names = dict(zip(partners.ids, names, strict=True))
        self.env.cr.commit()

    def fill_in(self, company):
        """All that letters show of a company: without it, the first ones would wait for a person."""
        company.write({"email": "office@example.com", "street": "9 High Street", "zip": "11111", "city": "Capital"})
        company.logo = LOGO
        self.env["res.partner.bank"].create({"acc_number": "REPLAY", "partner_id": company.partner_id.id})

    def prepare_levels(self):
        return [
            {
                "name": f"Level {number}",
                "days": days,
                "min_days": self.rules.min_days,
                "deadline_days": self.rules.deadline_days,
                "document": "letter",
                "manual_release": False,
                "text": "<p>Please pay {total} by {deadline}.</p>",
            }
            for number, days in enumerate(self.rules.days, 1)
        ]

    # a day

    def post(self, invoices):
        """Post customer invoices; the due date is the file's."""
        moves = self.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": self.partners[invoice.customer],
                    "invoice_date": invoice.date,
                    "invoice_payment_term_id": False,
                    "invoice_date_due": invoice.due,
                    "ref": invoice.number,
                    "invoice_line_ids": [
                        Command.create({"name": "Sale", "price_unit": invoice.amount, "tax_ids": [Command.clear()]})
                    ],
                }
                for invoice in invoices
            ]
        )
        moves.action_post()
        for invoice, move in zip(invoices, moves, strict=True):
            self.moves[invoice.number] = move.id
            self.numbers[move.id] = invoice.number

    def pay(self, day, invoices):
        """Post a payment for each invoice and reconcile the two; a dispute ends with it."""
        payments = self.env["account.payment"].create(
            [
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": self.partners[invoice.customer],
                    "amount": invoice.amount,
                    "date": day,
                    "memo": invoice.number,
                }
                for invoice in invoices
            ]
        )
        payments.action_post()
        moves = self.env["account.move"].browse(self.moves[invoice.number] for invoice in invoices)
        pairs = [
            (move + payment.move_id).line_ids.filtered(lambda line: line.account_type == "asset_receivable")
            for move, payment in zip(moves, payments, strict=True)
        ]
        self.env["account.move.line"]._reconcile_plan(pairs)
        for move in moves.filtered("amount_residual"):
            raise RuntimeError(f"Invoice {self.numbers[move.id]} was paid, but {move.amount_residual} is open")
        self.end_holds(invoice.number for invoice in invoices)

    def hold(self, day, invoices):
        reason = self.env["account.dunning.reason"]._get_shipped("reason_dispute", self.env.company)
        holds = self.env["account.dunning.hold"].create(
            [{"move_id": self.moves[invoice.number], "reason_id": reason.id, "date_from": day} for invoice in invoices]
        )
        for invoice, hold in zip(invoices, holds, strict=True):
            self.holds[invoice.number] = hold.id

    def end_holds(self, numbers):
        ids = [self.holds.pop(number) for number in numbers if number in self.holds]
        self.env["account.dunning.hold"].browse(ids).action_end()

    def run_night(self):
        """Let the scheduled action run through its own method, and what it leaves to the next one."""
        self.trigger(NIGHTLY)
        while self.env["account.dunning.run"]._count_work():
            self.trigger(CONTINUE)

    def trigger(self, xmlid):
        result = self.env.ref(xmlid).method_direct_trigger()
        self.env.cr.commit()
        self.env.invalidate_all()
        if result is not True:
            raise RuntimeError(f"The scheduled action {xmlid} failed: {result['params']['data']['debug']}")

    # what is seen

    def look_at_plans(self, day, night):
        self.env.cr.execute(
            "SELECT move_id, partner_id FROM account_collection_plan WHERE state IN ('ongoing', 'paused')"
        )
        self.open_plans += [
            OpenPlan(day, self.numbers[move_id] if move_id else self.names[partner_id], night)
            for move_id, partner_id in self.env.cr.fetchall()
        ]

    def look_at_notices(self, day):
        """Take down the notices that left today; the day is ours, not the module's."""
        for row in self.read_sent():
            if row["id"] in self.seen:
                continue
            self.seen.add(row["id"])
            if row["sent_on"] != day:
                self.problems.append(f"{day}: notice {row['name']} says that it left on {row['sent_on']}")
            self.dunned.append(
                Dunned(
                    day,
                    self.numbers[row["move_id"]],
                    self.levels[row["level_id"]],
                    row["name"],
                    row["deadline_date"],
                    float(row["claim"]),
                )
            )

    def read_sent(self):
        self.env.cr.execute(
            """SELECT line.id, line.move_id, line.level_id, line.claim,
                      notice.name, notice.sent_on, notice.deadline_date
                 FROM account_dunning_notice notice JOIN account_dunning_notice_line line ON line.notice_id = notice.id
                WHERE notice.state = 'sent' AND line.dunned AND NOT line.id = ANY(%s)
                ORDER BY line.id""",
            [list(self.seen)],
        )
        return self.env.cr.dictfetchall()

    def get_history(self):
        self.env.cr.execute("SELECT state, COUNT(*) FROM account_collection_plan GROUP BY state")
        return History(tuple(self.dunned), tuple(self.open_plans), Counter(dict(self.env.cr.fetchall())))


def stub_rendering(env):
    """Give every letter the same PDF of one empty page: wkhtmltopdf would take hours for all of them."""
    writer, buffer = PdfWriter(), io.BytesIO()
    writer.add_blank_page(width=595, height=842)
    writer.write(buffer)
    pdf = buffer.getvalue()
    reports = env.registry["ir.actions.report"]
    reports._render_dunning_letters = lambda _report, notices: dict.fromkeys(notices.ids, pdf)


# what is printed


def report(replay, history, violations):
    """Print the tables, and give the result as a dict."""
    by_level = Counter(one.level for one in history.dunned)
    print_levels(replay, history)
    print_months(replay)
    print_total(replay, history)
    for violation in violations:
        print(f"VIOLATION  {violation}")
    return {
        "items_by_level": {str(level): by_level[level] for level in sorted(replay.levels.values())},
        "notices": len({one.notice for one in history.dunned}),
        "plans_opened": sum(history.plans.values()),
        "plans_recovered": history.plans["recovered"],
        "violations": len(violations),
    }


def print_levels(replay, history):
    items, amounts = Counter(), Counter()
    for one in history.dunned:
        items[one.level] += 1
        amounts[one.level] += one.amount
    expected = Counter(one.level for one in foresee(replay.invoices, replay.rules).dunned)
    print(f"{'level':>5}  {'days':>4}  {'items':>6}  {'expected':>8}  {'open amount':>12}")
    for level, days in enumerate(replay.rules.days, 1):
        print(
            f"{level:5}  {days:4}  {items[level]:6}  {expected[level]:8}  {amounts[level]:12,.2f}",
        )
    print()


def print_months(replay):
    months = defaultdict(Counter)
    for invoice in replay.invoices:
        months[f"{invoice.date:%Y-%m}"]["posted"] += 1
        months[f"{invoice.settled:%Y-%m}"]["paid"] += 1
    notices = {(f"{one.day:%Y-%m}", one.notice) for one in replay.dunned}
    for month, _notice in notices:
        months[month]["notices"] += 1
    for one in replay.dunned:
        months[f"{one.day:%Y-%m}"][one.level] += 1
    levels = range(1, len(replay.rules.days) + 1)
    titles = ["posted", "paid", "notices", *levels]
    print("month    " + "".join(f"{f'level {title}' if title in levels else title:>9}" for title in titles))
    for month, counts in sorted(months.items()):
        print(f"{month:9}" + "".join(f"{counts[title]:9}" for title in titles))
    print()


def print_total(replay, history):
    plans = history.plans
    amounts = {one.invoice: one.amount for one in history.dunned}
    print(f"{len(replay.invoices)} invoices of {len(replay.partners)} customers")
    print(f"{len({one.notice for one in history.dunned})} notices with {len(history.dunned)} dunned items")
    others = "".join(f", {count} {state}" for state, count in sorted(plans.items()) if state != "recovered")
    print(f"{sum(plans.values())} collection plans opened, {plans['recovered']} recovered{others or ', none left'}")
    print(f"{sum(amounts.values()):,.2f} of money dunned, every invoice counted once")


if __name__ == "__main__":
    logging.captureWarnings(True)
    sys.exit(main())
