"""What the replay knows without Odoo: the facts of the file, what they must lead to, and what must never happen.

Plain Python on purpose: none of it may share a mistake with the module.
"""

import csv
from collections import Counter, defaultdict
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

    def is_held(self, day):
        return bool(self.held_from) and self.held_from <= day


@dataclass(frozen=True)
class Rules:
    """A sequential ladder, and what is dunned by it: each invoice (``mode`` invoice), or each customer as a whole.

    ``days`` are the days after due of each level, ``min_days`` the days between two notices at least.
    """

    days: tuple[int, ...] = (3, 10, 20)
    min_days: int = 7
    deadline_days: int = 7
    mode: str = "invoice"

    def get_debt(self, invoice):
        """The name of what the plan about ``invoice`` pursues: the invoice, or the customer."""
        return invoice.customer if self.mode == "customer" else invoice.number


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
    """An open collection plan seen on ``day``: once the day's payments were reconciled, or after the ``night``."""

    day: date
    debt: str
    night: bool


@dataclass(frozen=True)
class History:
    """All that was seen: the ``plans`` are counted by state, in the end."""

    dunned: tuple[Dunned, ...]
    open_plans: tuple[OpenPlan, ...]
    plans: Counter


def read(path):
    """Give the invoices of the file (docs/replay.md says what its columns are), in the order of date and number."""
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


class Debt:
    """What one plan pursues, followed day by day.

    An invoice is pursued as a customer would be who owes nothing else, so that both modes have the same rules.
    """

    def __init__(self, name, invoices, rules):
        self.name = name
        self.invoices = invoices
        self.rules = rules
        self.last = {}
        self.missed = set()
        self.plan_open = False
        self.plans_opened = 0

    @property
    def days(self):
        first, last = min(one.date for one in self.invoices), max(one.settled for one in self.invoices)
        return {first + timedelta(days) for days in range((last - first).days + 1)}

    def get_overdue(self, day):
        """What is owed and late; what is on hold is owed all the same."""
        return [one for one in self.invoices if one.date <= day < one.settled and one.due < day]

    def get_dunnable(self, day):
        """What is late and may be dunned, the leading one first: of the oldest due date, then posted first."""
        free = [one for one in self.get_overdue(day) if not one.is_held(day)]
        return sorted(free, key=lambda one: one.due)

    def get_due_level(self, day):
        """The level that is due on ``day``, or None: the leading invoice decides for all."""
        for leader in self.get_dunnable(day)[:1]:
            level = self.get_reached(leader) + 1
            if level <= len(self.rules.days) and not any(self.find_haste(leader, level, day)):
                return level
        return None

    def get_reached(self, invoice):
        return self.last[invoice.number].level if invoice.number in self.last else 0

    def find_haste(self, leader, level, day):
        """Say what ``level`` should have waited for."""
        days, last = self.rules.days[level - 1], self.last.get(leader.number)
        if (day - leader.due).days < days:
            yield f"which is due {days} days after {leader.due}"
        if last and (day - last.day).days < self.rules.min_days:
            yield f"less than {self.rules.min_days} days after {last.day}"
        if last and day <= last.deadline:
            yield f"not after the deadline {last.deadline} on the last letter"

    def follow_plan(self, day, letters=()):
        """A plan is opened by a letter, and closed as soon as nothing is overdue."""
        before = self.plan_open
        self.plan_open = bool((before or letters) and self.get_overdue(day))
        self.plans_opened += self.plan_open and not before

    def note(self, letters):
        """Each invoice takes the level of the last letter about it."""
        self.last |= {one.invoice: one for one in letters}
        if letters:
            self.missed.clear()


def make_debts(invoices, rules):
    groups = {}
    for invoice in invoices:
        groups.setdefault(rules.get_debt(invoice), []).append(invoice)
    return [Debt(name, group, rules) for name, group in groups.items()]


def foresee(invoices, rules):
    """Give the :class:`History` that must come out, when a run follows each day's payments."""
    debts = make_debts(invoices, rules)
    dunned, open_plans = [], []
    for debt in debts:
        for day in sorted(debt.days):
            debt.follow_plan(day)
            open_plans += [OpenPlan(day, debt.name, night=False)] * debt.plan_open
            letters = _foresee_letters(debt, day)
            debt.note(letters)
            debt.follow_plan(day, letters)
            open_plans += [OpenPlan(day, debt.name, night=True)] * debt.plan_open
            dunned += letters
    return History(tuple(dunned), tuple(open_plans), _count_plans(debts))


def _foresee_letters(debt, day):
    level, deadline = debt.get_due_level(day), day + timedelta(debt.rules.deadline_days)
    return [
        Dunned(day, one.number, level, f"{one.customer} {day}", deadline, one.amount)
        for one in debt.get_dunnable(day)
        if level
    ]


def _count_plans(debts):
    still = sum(debt.plan_open for debt in debts)
    return Counter(recovered=sum(debt.plans_opened for debt in debts) - still, ongoing=still)


def check(invoices, rules, history):
    """Give one sentence for everything in the :class:`History` that must not be.

    What must be on a day follows from what was seen before it, so that one mistake is not told again and again.
    """
    debts, letters = make_debts(invoices, rules), defaultdict(list)
    names = {invoice.number: rules.get_debt(invoice) for invoice in invoices}
    for one in history.dunned:
        letters[names[one.invoice], one.day].append(one)
    plans = Counter((plan.debt, plan.day, plan.night) for plan in history.open_plans)
    seen_days = defaultdict(set)
    for name, day, *_night in [*letters, *plans]:
        seen_days[name].add(day)
    for debt in debts:
        for day in sorted(debt.days | seen_days[debt.name]):
            yield from _check_plan(debt, day, (), plans[debt.name, day, False])
            today = letters[debt.name, day]
            yield from _check_lines(debt, day, today)
            yield from _check_level(debt, day, today)
            yield from _check_missing(debt, day, today)
            debt.note(today)
            yield from _check_plan(debt, day, today, plans[debt.name, day, True])
    yield from _check_notices(invoices, history.dunned)
    yield from _check_end(_count_plans(debts), history.plans)


def _check_lines(debt, day, letters):
    """No letter about what is settled, on hold, or not overdue."""
    by_number = {invoice.number: invoice for invoice in debt.invoices}
    for one in letters:
        invoice = by_number[one.invoice]
        if day >= invoice.settled:
            yield f"{_name(one)}, settled on {invoice.settled}"
        if invoice.is_held(day):
            yield f"{_name(one)}, on hold since {invoice.held_from}"
        if day <= invoice.due:
            yield f"{_name(one)}, not overdue before {invoice.due + timedelta(1)}"


def _check_level(debt, day, letters):
    """The level after that of the leading invoice, when it has waited long enough, for all on the letter."""
    for leader in debt.get_dunnable(day)[:1]:
        reached = debt.get_reached(leader)
        for one in letters:
            if one.level <= reached:
                yield f"{_name(one)} once more: {leader.number} leads at level {reached}"
            elif one.level > reached + 1:
                yield f"{_name(one)} right after level {reached} of {leader.number}"
            for reason in debt.find_haste(leader, one.level, day):
                yield f"{_name(one)}, {reason}"


def _check_missing(debt, day, letters):
    """Whatever must be on a letter is on it, on that very day; told once until the next letter."""
    level, found = debt.get_due_level(day), {one.invoice for one in letters}
    for invoice in debt.get_dunnable(day) if level else ():
        if invoice.number not in found and (invoice.number, level) not in debt.missed:
            debt.missed.add((invoice.number, level))
            yield f"{day}: level {level} for invoice {invoice.number} is missing"


def _check_plan(debt, day, letters, seen):
    """One plan is open from the first letter on while anything is overdue, on hold or not; none otherwise."""
    debt.follow_plan(day, letters)
    if seen != debt.plan_open:
        overdue = ", ".join(invoice.number for invoice in debt.get_overdue(day)) or "nothing"
        yield f"{day}: {seen} open plans of {debt.name}, not {debt.plan_open:d}; overdue: {overdue}"


def _check_notices(invoices, dunned):
    """One notice a customer and day, and one customer a notice."""
    customers = {invoice.number: invoice.customer for invoice in invoices}
    notices, owners = defaultdict(set), defaultdict(set)
    for one in dunned:
        notices[customers[one.invoice], one.day].add(one.notice)
        owners[one.notice].add(customers[one.invoice])
    for (customer, day), names in notices.items():
        if len(names) > 1:
            yield f"{day}: {len(names)} notices to {customer}"
    for notice, names in owners.items():
        if len(names) > 1:
            yield f"Notice {notice} is about {' and '.join(sorted(names))}"


def _check_end(expected, found):
    """Every plan that was opened is recovered, or still open with good reason."""
    for state in sorted({*expected, *found}):
        if expected[state] != found[state]:
            yield f"In the end {found[state]} plans are {state}, not {expected[state]}"


def _name(one):
    return f"{one.day}: level {one.level} for invoice {one.invoice}"
