"""Default interest on overdue items, slice by slice (rules §8).

Simple interest, never on interest: principal × percent / 100 × days / days of a year. A day bears
interest on the principal and at the rate that hold on it. The due date is the day that the debtor
has, so the first day is the one after it; the day of a payment still bears interest on what was
open before (the day of an event is not counted, Regulation (EEC, Euratom) 1182/71, article 3).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from .minimums import reaches
from .money import exact, rounded, total


def _count_actual(since: date, until: date) -> int:
    """Calendar days, 29 February included."""
    return (until - since).days


def _count_30e(since: date, until: date) -> int:
    """Days of months of 30 days; the 31st counts as the 30th (30E/360, "Eurobond basis")."""
    months = (until.year - since.year) * 12 + until.month - since.month
    return months * 30 + min(until.day, 30) - min(since.day, 30)


# How days are counted, and the days of a year: ISDA 2006 Definitions, section 4.16 (d), (e), (g).
DAY_COUNTS: dict[str, tuple[Callable[[date, date], int], int]] = {
    "act/365": (_count_actual, 365),
    "act/360": (_count_actual, 360),
    "30E/360": (_count_30e, 360),
}


@dataclass(frozen=True, slots=True)
class Rate:
    """An annual rate in percent; the day ``since`` is the first that bears it."""

    since: date
    percent: float


def rates_over(reference: Iterable[Rate], margin: float) -> tuple[Rate, ...]:
    """The table of a reference rate plus ``margin`` percentage points.

    So are statutory rates given (directive 2011/7/EU, article 2: reference rate + 8 points). A
    reference rate below zero lowers the sum.

    >>> rates_over([Rate(date(2016, 7, 1), -0.88)], 9.0)[0].percent
    8.12
    """
    return tuple(Rate(rate.since, total((rate.percent, margin))) for rate in reference)


@dataclass(frozen=True, slots=True)
class InterestRule:
    """The rules of interest.

    ``rates`` is a dated table in any order: there is no interest before its first date, nor while
    the rate is zero or below. ``day_count`` is a key of :data:`DAY_COUNTS`. An item bears no
    interest until it is overdue by more than ``free_days``; then from the day after the due date.
    A notice with less interest than ``minimum`` (in the notice's currency) does not charge it yet.
    """

    rates: tuple[Rate, ...]
    day_count: str = "act/365"
    free_days: int = 0
    minimum: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "rates", tuple(sorted(self.rates, key=lambda rate: rate.since)))

    def percent_on(self, day: date) -> float:
        """The rate in force on ``day``; 0 before the first."""
        return next((rate.percent for rate in reversed(self.rates) if rate.since <= day), 0.0)

    def reaches_minimum(self, amounts: Iterable[float], rounding: float) -> bool:
        """True where the interest of a notice's items, in sum, is to be charged now.

        False for a sum of zero or below, which is no charge: below zero it asks for a credit note.
        """
        return reaches(total(amounts), self.minimum, rounding)


@dataclass(frozen=True, slots=True)
class Payment:
    """What was settled of an item: a positive ``amount``, at the payment's own date ``on``.

    ``corrects`` marks a credit note that corrects the invoice: it counts from the due date.
    """

    on: date
    amount: float
    corrects: bool = False

    def counts_from(self, due: date) -> date:
        """The last day that bears interest on the principal before this payment."""
        return due if self.corrects else max(self.on, due)


@dataclass(frozen=True, slots=True)
class Slice:
    """Interest over a time with one principal and one rate, as the letter shows it.

    The time is open at ``since`` and closed at ``until``: it holds the days from the one after
    ``since`` to ``until``. ``days`` are counted by the rule, and ``year`` is what the rule divides
    them by. ``amount`` is the interest in the item's currency, rounded.
    """

    since: date
    until: date
    days: int
    year: int
    principal: float
    percent: float
    amount: float

    @property
    def exact_amount(self) -> Fraction:
        """The interest before rounding: over adjoining slices it adds up without a rest."""
        return _interest(self.principal, self.percent, self.days, self.year)


def accrue(
    due: date,
    amount: float,
    payments: Iterable[Payment],
    until: date,
    rule: InterestRule,
    rounding: float,
    contested: float = 0.0,
) -> tuple[Slice, ...]:
    """The interest on one item of ``amount``, due on ``due``, up to and including ``until``.

    Payments after ``until`` do not count. Those up to the due date lower the principal from the
    start. ``contested`` is what is on hold now: it bears no interest, and payments settle the rest
    first. Time without principal, rate or days has no slice. An item that was settled within the
    free days bears nothing.
    """
    settled = [(payment.counts_from(due), exact(payment.amount)) for payment in payments if payment.on <= until]
    claimed = exact(amount) - exact(contested)

    def principal_after(day: date) -> float:
        return float(max(claimed - sum(paid for last, paid in settled if last <= day), 0))

    cuts = _cut(due, until, [last for last, _paid in settled], rule)
    spans = [span for span in _spans(cuts, principal_after, rule) if span[2] > 0]
    if not spans or (spans[-1][1] - due).days <= rule.free_days:
        return ()
    slices = [_slice(*span, rule, rounding) for span in spans if span[3] > 0]
    return tuple(entry for entry in slices if entry.days)


def to_charge(slices: Iterable[Slice], booked: float = 0.0, waived: float = 0.0) -> float:
    """The interest that ``slices`` show, less what is ``booked`` of it: below zero a credit note is due.

    What was ``waived`` of the booked interest is neither charged again nor given back once more.

    >>> to_charge([], booked=8.08), to_charge([], booked=8.08, waived=5.0)
    (-8.08, -3.08)
    """
    left = total([*(entry.amount for entry in slices), -booked])
    return left if left > 0 else min(total((left, waived)), 0.0)


def _cut(due: date, until: date, settled: Iterable[date], rule: InterestRule) -> list[date]:
    """The days after which principal or rate may change, from the due date to ``until``."""
    changes = {rate.since - timedelta(1) for rate in rule.rates if due < rate.since <= until}
    return sorted({due, until, *settled, *changes}) if until > due else []


def _spans(
    cuts: Iterable[date], principal_after: Callable[[date], float], rule: InterestRule
) -> list[tuple[date, date, float, float]]:
    """(since, until, principal, percent) between the ``cuts``, one span while both are the same."""
    spans = []
    for since, until in pairwise(cuts):
        terms = (principal_after(since), rule.percent_on(since + timedelta(1)))
        if spans and spans[-1][2:] == terms:
            since = spans.pop()[0]
        spans.append((since, until, *terms))
    return spans


def _slice(since: date, until: date, principal: float, percent: float, rule: InterestRule, rounding: float) -> Slice:
    """The slice of one span."""
    count, year = DAY_COUNTS[rule.day_count]
    days = count(since, until)
    amount = rounded(_interest(principal, percent, days, year), rounding)
    return Slice(since, until, days, year, principal, percent, amount)


def _interest(principal: float, percent: float, days: int, year: int) -> Fraction:
    """Simple interest, exact: principal × percent / 100 × days / days of a year."""
    return exact(principal) * exact(percent) * days / (100 * year)
