"""What the replay knows without Odoo: the facts of the file, what they must lead to, and what must never happen.

Plain Python on purpose: none of it may share a mistake with the module.
"""

import csv
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True)
class Invoice:
    """One row of the file. ``settled`` is the day of the payment, never before the invoice."""

    number: str
    customer: str
    date: date
    due: date
    amount: float
    disputed: bool
    settled: date

    @property
    def held_from(self):
        """The first day on which dunning is on hold, or None: from the due date until the settlement."""
        first = max(self.due, self.date)
        return first if self.disputed and first < self.settled else None


@dataclass(frozen=True)
class Rules:
    """A sequential ladder: the days after due of each level, and the days between two notices at least."""

    days: tuple[int, ...] = (3, 10, 20)
    min_days: int = 7
    deadline_days: int = 7


@dataclass(frozen=True)
class Dunned:
    """An invoice on a notice that left: on which ``day`` at which ``level`` (1 is the first)."""

    day: date
    invoice: str
    level: int
    notice: str
    deadline: date
    amount: float


@dataclass(frozen=True)
class OpenPlan:
    """An open collection plan seen on ``day``, once the day's payments were reconciled."""

    day: date
    invoice: str


def read(path):
    """Give the invoices of the file (see ../shared/data/README.md), in the order of date and number."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        invoices = [_to_invoice(row) for row in csv.DictReader(file)]
    numbers = Counter(invoice.number for invoice in invoices)
    twice = [number for number, count in numbers.items() if count > 1]
    if twice:
        raise ValueError(f"Invoice numbers that occur more than once: {', '.join(sorted(twice))}")
    return sorted(invoices, key=lambda invoice: (invoice.date, invoice.number))


def _to_invoice(row):
    invoiced = _to_date(row["InvoiceDate"])
    return Invoice(
        number=row["invoiceNumber"],
        customer=row["customerID"],
        date=invoiced,
        due=_to_date(row["DueDate"]),
        amount=float(row["InvoiceAmount"]),
        disputed=row["Disputed"].strip().lower() == "yes",
        settled=max(invoiced, _to_date(row["SettledDate"])),
    )


def _to_date(text):
    return datetime.strptime(text, "%m/%d/%Y").date()  # noqa: DTZ007  a day, not a moment


def expect(invoices, rules):
    """Give how many invoices must be dunned at each level, when a run follows each day's payments."""
    return Counter(level for invoice in invoices for _day, level in expect_one(invoice, rules))


def expect_one(invoice, rules):
    """Give (day, level) of each notice that one invoice must get."""
    day, level, wait_until = max(invoice.due, invoice.date), 0, date.min
    while day < invoice.settled and level < len(rules.days):
        held = invoice.held_from and day >= invoice.held_from
        if not held and day >= wait_until and (day - invoice.due).days >= rules.days[level]:
            level += 1
            wait_until = day + timedelta(max(rules.min_days, rules.deadline_days))
            yield day, level
        day += timedelta(1)


def check(invoices, rules, dunned, open_plans):
    """Give one sentence for everything in the history that must not be."""
    by_number = {invoice.number: invoice for invoice in invoices}
    letters = {}
    for one in sorted(dunned, key=lambda one: one.day):
        letters.setdefault(one.invoice, []).append(one)
    for number, history in letters.items():
        yield from _check_facts(by_number[number], rules, history)
        yield from _check_steps(rules, history)
    yield from _check_plans(by_number, open_plans)
    yield from _check_expected(invoices, rules, letters)


def _check_facts(invoice, rules, history):
    """Nothing for what is settled, on hold, or not late enough."""
    for one in history:
        name = f"{one.day}: level {one.level} for invoice {one.invoice}"
        if one.day >= invoice.settled:
            yield f"{name}, settled on {invoice.settled}"
        if invoice.held_from and one.day >= invoice.held_from:
            yield f"{name}, on hold since {invoice.held_from}"
        if (one.day - invoice.due).days < rules.days[one.level - 1]:
            yield f"{name}, which is due {rules.days[one.level - 1]} days after {invoice.due}"


def _check_steps(rules, history):
    """One level after the other, each once, with the days between them that were promised."""
    reached = 0
    for one, previous in zip(history, [None, *history[:-1]], strict=True):
        name = f"{one.day}: level {one.level} for invoice {one.invoice}"
        if one.level <= reached:
            yield f"{name} once more"
        elif one.level > reached + 1:
            yield f"{name} right after level {reached}"
        reached = max(reached, one.level)
        if previous and (one.day - previous.day).days < rules.min_days:
            yield f"{name}, less than {rules.min_days} days after {previous.day}"
        if previous and one.day < previous.deadline:
            yield f"{name}, before the deadline {previous.deadline} on the last letter"


def _check_plans(by_number, open_plans):
    for plan in open_plans:
        invoice = by_number[plan.invoice]
        if plan.day >= invoice.settled:
            yield f"{plan.day}: the plan of invoice {plan.invoice}, settled on {invoice.settled}, is open"


def _check_expected(invoices, rules, letters):
    """Whoever must get a letter gets it, on that very day."""
    for invoice in invoices:
        expected = list(expect_one(invoice, rules))
        found = [(one.day, one.level) for one in letters.get(invoice.number, ())]
        for day, level in sorted(set(expected) - set(found)):
            yield f"{day}: level {level} for invoice {invoice.number} is missing"
