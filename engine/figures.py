"""Key figures of receivables: the formulas that the dashboard shows, each with its worked example (docs/figures.md).

Amounts are in company currency, tax included on both sides of each fraction; days are calendar days. Where a figure
has no meaning, as with no sales at all, it is None.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from .ledger import Receivables
from .money import total

SALES_DAYS = 90
COUNTBACK_MONTHS = 24


@dataclass(frozen=True)
class Settled:
    """An invoice that was settled, or several of the same dates: amount, day of issue, due date, day of settlement."""

    amount: float
    issued: date
    due: date
    settled: date

    @property
    def days_late(self) -> int:
        """Days after the due date, negative where it was settled before."""
        return (self.settled - self.due).days

    @property
    def days_to_pay(self) -> int:
        return (self.settled - self.issued).days


@dataclass(frozen=True)
class Countback:
    """Days of sales that are still to be collected. Not ``complete``: the balance is older than those days."""

    days: float
    complete: bool = True


@dataclass(frozen=True)
class KeyFigures:
    """The key figures of a day, and of the month up to it. Percentages as such: 95.4 is 95.4 %."""

    sales: float
    dso: float | None
    best_dso: float | None
    delinquent: float | None
    countback: Countback
    best_countback: Countback
    effectiveness: float | None
    days_late: float | None
    signed_days_late: float | None
    days_to_pay: float | None


def find_dso(receivables: float, sales: float, days: int) -> float | None:
    """Days sales outstanding, simple: the receivables as days of the sales of ``days``.

    >>> find_dso(15_000, 10_000, 30)
    45.0
    """
    return receivables / sales * days if sales > 0 else None


def count_back(receivables: float, months: Iterable[tuple[int, float]]) -> Countback:
    """Days sales outstanding by countback: whole months of sales are taken off, of the last a part.

    It stops at a month without sales, since nothing can be said of how old the rest is.

    :param months: days and sales of each month, the latest first

    >>> round(count_back(212_000, [(30, 100_000), (30, 80_000), (30, 70_000)]).days, 2)
    73.71
    >>> count_back(212_000, [(30, 100_000), (30, 0), (30, 200_000)])
    Countback(days=30.0, complete=False)
    """
    days, left = 0.0, receivables
    for length, sales in months:
        if left <= 0:
            break
        if sales <= 0:
            return Countback(days, complete=False)
        days += length * min(left / sales, 1.0)
        left -= sales
    return Countback(days, complete=left <= 0)


def find_effectiveness(opening: float, sales: float, closing: float, current: float) -> float | None:
    """Collection effectiveness index in percent: of what could be collected in the period, what was.

    >>> round(find_effectiveness(6_200, 3_630, 6_340, 3_590), 1)
    55.9
    """
    possible = opening + sales - current
    return (opening + sales - closing) / possible * 100 if possible > 0 else None


def weigh(pairs: Iterable[tuple[float, float]]) -> float | None:
    """The mean of days, weighted by amounts.

    >>> weigh([(1_000, 15), (3_000, 30), (2_000, 45)])
    32.5
    """
    pairs = list(pairs)
    amount = total(weight for weight, _days in pairs)
    return total(weight * days for weight, days in pairs) / amount if amount > 0 else None


def get_key_figures(
    day: date, standing: Receivables, opening: Receivables, sales: Mapping[date, float], settled: Sequence[Settled]
) -> KeyFigures:
    """All key figures of ``day``.

    :param standing: what is open at its end
    :param opening: what was open at the end of the month before
    :param sales: invoices less credit notes by day, of ``COUNTBACK_MONTHS`` months at least
    :param settled: the invoices settled from the first of the month to ``day``
    """
    receivables, current = max(standing.net, 0.0), standing.net_current
    recent = sum_sales(sales, day - timedelta(SALES_DAYS - 1), day)
    months = list(split_months(sales, day))
    dso, best = find_dso(receivables, recent, SALES_DAYS), find_dso(current, recent, SALES_DAYS)
    return KeyFigures(
        sales=recent,
        dso=dso,
        best_dso=best,
        delinquent=None if dso is None else dso - best,
        countback=count_back(receivables, months),
        best_countback=count_back(current, months),
        effectiveness=find_effectiveness(
            max(opening.net, 0.0), sum_sales(sales, day.replace(day=1), day), receivables, current
        ),
        days_late=weigh((item.amount, max(item.days_late, 0)) for item in settled),
        signed_days_late=weigh((item.amount, item.days_late) for item in settled),
        days_to_pay=weigh((item.amount, item.days_to_pay) for item in settled),
    )


def sum_sales(sales: Mapping[date, float], first: date, last: date) -> float:
    """The sales from ``first`` to ``last``, both included."""
    return total(amount for day, amount in sales.items() if first <= day <= last)


def split_months(sales: Mapping[date, float], day: date) -> Iterable[tuple[int, float]]:
    """Days and sales of the month up to ``day`` and of those before it, the latest first."""
    first, last = day.replace(day=1), day
    for _month in range(COUNTBACK_MONTHS):
        yield (last - first).days + 1, sum_sales(sales, first, last)
        last = first - timedelta(1)
        first = last.replace(day=1)
