"""When a customer will pay: from how he has paid so far, and how all customers do where he has few invoices.

A delay is the number of days between the due date and the settlement, negative where it came before. Delays are kept as
counts by days, so that a customer of ten thousand invoices is as quick as one of ten.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from .days import shift

OWN_INVOICES = 1  # how many of his own invoices weigh as much as those of all: the median
CURVE_INVOICES = 5  # the same for shares: of late payments, and of what is still open


class Delays:
    """Delays of settled invoices, in ascending order."""

    __slots__ = ("days",)

    def __init__(self, days: Iterable[int] = ()):
        self.days = sorted(days)

    def __len__(self):
        return len(self.days)

    def find_share_after(self, day: int) -> float:
        """The share of invoices settled more than ``day`` days after due; 1 where there is none.

        >>> Delays([-5, 0, 3, 10]).find_share_after(0)
        0.5
        """
        return (len(self) - bisect_right(self.days, day)) / len(self) if self.days else 1.0

    @property
    def median(self) -> float:
        """The delay that as many invoices exceed as fall short of; 0 where there is none."""
        count = len(self)
        return (self.days[(count - 1) // 2] + self.days[count // 2]) / 2 if count else 0.0

    @property
    def late(self) -> float:
        """The share of invoices settled after their due date; 0 where there is none."""
        return self.find_share_after(0) if self.days else 0.0


@dataclass(frozen=True)
class Habit:
    """How a customer pays: his ``delay`` in days, the share of invoices ``late``, and of how many that is known.

    Both are shrunk towards those of all customers.
    """

    delay: float
    late: float
    invoices: int

    def find_day(self, due: date) -> date:
        """The day on which an invoice is expected to be paid."""
        return shift(due, round(self.delay))


def get_habit(own: Delays, general_delay: float, general_late: float) -> Habit:
    """How a customer pays, of his ``own`` delays, and the median delay and the late share of all customers.

    >>> get_habit(Delays([4, 6, 20]), 10.0, 0.5)
    Habit(delay=7.0, late=0.6875, invoices=3)
    """
    count = len(own)
    delay = _shrink(own.median if count else None, general_delay, count, OWN_INVOICES)
    return Habit(delay, _shrink(own.late if count else None, general_late, count, CURVE_INVOICES), count)


@dataclass
class History:
    """The delays of all customers, and of each, by any key."""

    everybody: Delays
    customers: Mapping[object, Delays] = field(default_factory=dict)

    def get_habit(self, customer: object) -> Habit:
        """How ``customer`` pays.

        >>> History(Delays([0, 10, 10]), {1: Delays([10, 10])}).get_habit(1).delay
        10.0
        """
        return get_habit(self.customers.get(customer, Delays()), self.everybody.median, self.everybody.late)

    def find_open_share(self, customer: object, day: int) -> float:
        """The probability that an invoice of ``customer`` is not settled ``day`` days after due: his survival curve.

        S(x) = (n · own(x) + 5 · all(x)) / (n + 5), with n invoices of his own.
        """
        own = self.customers.get(customer, Delays())
        general = self.everybody.find_share_after(day)
        return _shrink(own.find_share_after(day) if len(own) else None, general, len(own), CURVE_INVOICES)

    def find_paid_share(self, customer: object, due: date, after: date, until: date) -> float:
        """The probability that an invoice open at the end of ``after`` is paid by the end of ``until``."""
        still = self.find_open_share(customer, (after - due).days)
        return 1 - self.find_open_share(customer, (until - due).days) / still if still else 0.0

    def find_payment_day(self, customer: object, due: date, after: date) -> date | None:
        """The day on which an invoice that is open at the end of ``after`` is expected to be paid.

        That of the customer's habit; where it has passed, the first day by which half of such invoices are paid that
        were open as long, by his survival curve. None where nobody ever paid so late.

        >>> all_pay = History(Delays([0, 0, 0, 30]))
        >>> all_pay.find_payment_day(1, date(2026, 1, 1), date(2025, 12, 1))
        datetime.date(2026, 1, 1)
        >>> all_pay.find_payment_day(1, date(2026, 1, 1), date(2026, 1, 5))
        datetime.date(2026, 1, 31)
        """
        day = self.get_habit(customer).find_day(due)
        if day > after:
            return day
        age = (after - due).days
        half = self.find_open_share(customer, age) / 2
        later = self.everybody.days[bisect_right(self.everybody.days, age) :]
        index = bisect_left(later, True, key=lambda delay: self.find_open_share(customer, delay) <= half)
        return shift(due, later[index]) if index < len(later) else None


def _shrink(own: float | None, general: float, count: int, weight: int) -> float:
    return float(general) if own is None else (count * own + weight * general) / (count + weight)


def expect_cash(
    items: Iterable[tuple[object, date, float]], history: History, day: date, ends: Sequence[date]
) -> list[float]:
    """What is expected to come in of open ``items`` (customer, due date, amount), by the periods that end on ``ends``.

    The first period begins after ``day``, at whose end the items are open; each other one after the one before.
    """
    general: dict[date, list[float]] = {}
    sums = [0.0] * len(ends)
    for customer, due, amount in items:
        known = customer in history.customers
        shares = None if known else general.get(due)
        if shares is None:
            paid = [0.0, *(history.find_paid_share(customer, due, day, end) for end in ends)]
            shares = [later - earlier for earlier, later in pairwise(paid)]
            if not known:
                general[due] = shares
        for index, share in enumerate(shares):
            sums[index] += amount * share
    return sums
