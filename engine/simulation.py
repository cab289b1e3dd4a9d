"""What a policy would have sent over a time: the engine of the night, on a ledger that moves from day to day.

Nothing is decided here: each day on which anything changes is one call of :func:`assess`, with what is known by then.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from .customers import Assessment, Customer, Proposal, assess
from .days import shift
from .forecast import Forecast, dun
from .items import Item
from .levels import Decision, TypeRule
from .looks import first_after, next_look


@dataclass(frozen=True, slots=True)
class Settling:
    """What is taken off an item or a credit: ``amount`` in its currency, ``company_amount`` in the company's."""

    day: date
    amount: float
    company_amount: float


@dataclass(frozen=True, slots=True)
class Keeping:
    """A hold: from the day ``first`` to ``last`` (None: without end). ``amount`` 0 is all of the item.

    ``release`` says that what it kept waits for nothing afterwards, as after a promise that came to nothing.
    """

    first: date
    last: date | None = None
    amount: float = 0.0
    release: bool = False

    def holds(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(slots=True)
class Course:
    """A debit item over a time: ``item`` is what is open of it before anything is settled, in the state it begins with.

    ``since`` is the day of its entry: before it the item is not there. ``plan`` names the debt that a collection plan
    pursues; ``counts`` says whether it is part of the customer balance.
    """

    item: Item
    since: date
    settled: tuple[Settling, ...] = ()
    kept: tuple[Keeping, ...] = ()
    plan: Hashable = None
    counts: bool = True


@dataclass(slots=True)
class CreditCourse:
    """A credit over a time: ``credit`` (:class:`Credit`) is what is left of it in the beginning, ``company_amount`` in
    company currency."""

    credit: object
    company_amount: float
    since: date
    settled: tuple[Settling, ...] = ()
    counts: bool = True


@dataclass(frozen=True, slots=True)
class BalanceRule:
    """What makes up the customer balance: what is past its due date or all of it, less credits or not."""

    overdue_only: bool = False
    with_credits: bool = True


@dataclass(slots=True)
class Account:
    """A customer over a time. ``balance`` is None where each invoice is dunned for itself."""

    id: int
    items: tuple[Course, ...]
    credits: tuple[CreditCourse, ...] = ()
    contact: int | None = None
    last_notices: Mapping[int, date] = field(default_factory=dict)
    balance: BalanceRule | None = None


@dataclass(slots=True)
class Received:
    """What came in for an item after its due date: ``amount`` in company currency; ``rung`` is the number of levels
    that it had reached, 0 before the first."""

    day: date
    item: int
    rung: int
    amount: float


@dataclass(slots=True)
class Simulated:
    """The notices that leave, in the order of the days, and what came in late."""

    notices: list[Forecast] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)


def simulate(
    account: Account,
    rules: Mapping[int, TypeRule],
    first: date,
    until: date,
    rounding: float = 0.01,
    decided: dict[date, dict[tuple, Decision]] | None = None,
    endings: Mapping[int, int] | None = None,
    leaves: Callable[[Proposal], bool] = lambda proposal: True,
) -> Simulated:
    """What leaves from ``first`` to ``until`` if every night runs, and each notice leaves when it is proposed.

    Of a day, what is booked, paid and held comes before its night.

    :param decided: collects what was decided, by day, from customer to customer; it holds for one set of rules
    :param endings: by type, the days from the last notice until a debt at the end of its ladder counts as unrecovered
        and is dunned no more; a type that is missing, or 0: never
    :param leaves: whether a proposal can leave at all; one that cannot raises no level
    """
    decided = {} if decided is None else decided
    tale, result, known = _Tale(account, rules, first, until, endings or {}), Simulated(), {}
    day = first
    while day is not None and day <= until:
        result.received += tale.move_to(day)
        customer, night_after = tale.get_customer(day), None
        if customer.items:
            assessment = assess(customer, rules, day, rounding, decided.setdefault(day, {}))
            if tale.end_ladders(assessment, day):
                customer = tale.get_customer(day)
                assessment = assess(customer, rules, day, rounding, decided[day])
            proposals = [proposal for proposal in assessment.proposals if leaves(proposal)]
            if proposals:
                result.notices += tale.send(proposals, day)
                customer = tale.get_customer(day)
                night_after = shift(day, 1)  # for what these have kept back, a reminder beside a demand
            if tale.ends_later:
                tale.foresee_ends(assess(customer, rules, day, rounding, decided[day]) if proposals else assessment)
        day = first_after(day, (night_after, tale.get_next_day(day), next_look(customer, rules, day, known)))
    return result


class _Tale:
    """A customer's items as they are on the day that was reached."""

    def __init__(self, account, rules, first, until, endings):
        self.account = account
        self.rules = rules
        self.endings = endings
        self.ends_later = any(endings.values())
        self.items = {course.item.id: course.item for course in account.items}
        self.courses = {course.item.id: course for course in account.items}
        self.last_notices = account.last_notices
        self.present = {}  # the items that are open, as of the day
        self.stopped = set()  # items that are dunned no more
        self.ends = {}  # the day on which a plan ends
        self.days = self._find_days(first, until)
        self.order = sorted(self.days)
        self.next = 0
        self.credits = ()

    def _find_days(self, first, until):
        """The items about which anything changes, by day; None for a credit. What was before ``first`` counts then."""
        days = defaultdict(set)
        for course in self.account.items:
            turns = [course.since, *(settling.day for settling in course.settled)]
            for keeping in course.kept:
                turns += [keeping.first, *([shift(keeping.last, 1)] if keeping.last else [])]
            for day in turns:
                if day <= until:
                    days[max(day, first, course.since)].add(course.item.id)
        for credit in self.account.credits:
            for day in (credit.since, *(settling.day for settling in credit.settled)):
                days[max(day, first)].add(None)
        return days

    def get_next_day(self, day):
        """The next day on which anything changes by itself."""
        later = self.order[self.next] if self.next < len(self.order) else None
        return first_after(day, (later, *self.ends.values()))

    def move_to(self, day):
        """Take in what has changed up to ``day``, and give what came in late."""
        received = []
        while self.next < len(self.order) and self.order[self.next] <= day:
            changed = self.days[self.order[self.next]]
            self.next += 1
            for item_id in changed - {None}:
                received += self._update(self.courses[item_id], day)
            if None in changed:
                self.credits = tuple(self._get_credits(day))
        return received

    def _update(self, course, day):
        item = self.items[course.item.id]
        for settling in course.settled:
            if settling.day == day and day > item.due:
                rule = self.rules.get(item.type)
                reached = item.reached
                rung = sum(level.days <= reached for level in rule.ladder) if rule and reached is not None else 0
                yield Received(day, item.id, rung, settling.company_amount)
        for keeping in course.kept:
            if keeping.last and shift(keeping.last, 1) == day and item.reached is not None:
                resumed, released = (None, day) if keeping.release else (day, None)
                item = self.items[item.id] = replace(item, resumed=resumed, released=released)
        self._show(course, day)

    def _show(self, course, day):
        """The item as the night of ``day`` reads it."""
        item_id = course.item.id
        settled = [settling for settling in course.settled if settling.day <= day]
        residual = course.item.residual - sum(settling.amount for settling in settled)
        if course.since > day or residual < course.item.rounding / 2:
            self.present.pop(item_id, None)
            return
        holds = [keeping for keeping in course.kept if keeping.holds(day)]
        obstacles = course.item.obstacles
        if any(not keeping.amount for keeping in holds):
            obstacles = (*obstacles, "hold")
        if item_id in self.stopped:
            obstacles = ("stopped", *obstacles)
        self.present[item_id] = replace(
            self.items[item_id],
            residual=residual,
            company_residual=course.item.company_residual - sum(settling.company_amount for settling in settled),
            contested=sum(keeping.amount for keeping in holds),
            obstacles=obstacles,
            owed=course.item.owed and "stopped" not in obstacles,
        )

    def _get_credits(self, day):
        for course in self.account.credits:
            left = course.credit.amount - sum(each.amount for each in course.settled if each.day <= day)
            if course.since <= day and left > 1e-9:
                yield course, replace(course.credit, amount=left)

    def get_customer(self, day):
        account = self.account
        return Customer(
            id=account.id,
            items=tuple(self.present.values()),
            credits=tuple(credit for _course, credit in self.credits),
            contact=account.contact,
            last_notices=self.last_notices,
            balance=self._get_balance(day) if account.balance else None,
        )

    def _get_balance(self, day):
        rule = self.account.balance
        owed = sum(
            item.company_residual
            for item in self.present.values()
            if self.courses[item.id].counts and not (rule.overdue_only and item.due >= day)
        )
        if rule.with_credits:
            owed -= sum(
                course.company_amount * credit.amount / course.credit.amount
                for course, credit in self.credits
                if course.counts
            )
        return owed

    def send(self, proposals, day):
        """The ``proposals`` leave."""
        for proposal in proposals:
            for verdict in proposal.verdicts:
                item_id = verdict.item.id
                self.items[item_id] = dun(self.items[item_id], verdict.level, day)
                self.ends.pop(self.courses[item_id].plan, None)
                self._show(self.courses[item_id], day)
            if not proposal.level.reminder:
                self.last_notices = {**self.last_notices, proposal.type: day}
        return [
            Forecast(day, each.customer, each.type, each.currency, each.recipient, each.level, each.verdicts)
            for each in proposals
        ]

    # the end of the ladder

    def foresee_ends(self, assessment: Assessment) -> None:
        """Put down when debts end of which no further level comes."""
        for plan, _items, end in self._find_ends(assessment):
            self.ends[plan] = max(end, shift(assessment.today, 1))

    def end_ladders(self, assessment: Assessment, day: date) -> bool:
        """Dun no more what has been at the end of its ladder long enough; True where that is anything."""
        if not self.ends_later:
            return False
        over = [(plan, items) for plan, items, end in self._find_ends(assessment) if end <= day]
        for plan, items in over:
            self.ends.pop(plan, None)
            self.stopped |= items
            for item_id in items:
                self._show(self.courses[item_id], day)
        return bool(over)

    def _find_ends(self, assessment: Assessment) -> Iterable[tuple[Hashable, set[int], date]]:
        """The debts of which no further level comes: the plan, its items, and the day on which it ends."""
        plans = defaultdict(list)
        for verdict in assessment.verdicts:
            if verdict.item.last_notice and verdict.decision and verdict.item.id not in self.stopped:
                plans[self.courses[verdict.item.id].plan].append(verdict)
        for plan, verdicts in plans.items():
            if all(verdict.decision.reason == "end" for verdict in verdicts):
                days = min(self.endings.get(verdict.rule.id, 0) for verdict in verdicts)
                last = max(verdict.item.last_notice for verdict in verdicts)
                if days:
                    items = {verdict.item.id for verdict in verdicts}
                    yield plan, items, shift(last, days + self._count_kept(items, last, assessment.today))

    def _count_kept(self, items: set[int], last: date, day: date) -> int:
        """The days after ``last``, up to ``day``, on which any of the items was on hold as a whole."""
        kept = {keeping for item_id in items for keeping in self.courses[item_id].kept if not keeping.amount}
        days = (shift(last, number) for number in range(1, (day - last).days + 1)) if kept else ()
        return sum(any(keeping.holds(each) for keeping in kept) for each in days)
