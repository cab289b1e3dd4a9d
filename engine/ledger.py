"""What is owed on a day, and how old it is: the sums of open items, as every screen and report shows them.

Amounts are in one currency. What a customer owes is positive, what stands against it (credit notes, payments not
allocated) negative.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from .money import total

AGE_ENDS = (0, 30, 60, 90)  # the last day overdue of each bucket but the last


@dataclass(slots=True)
class Owed:
    """An open item, or several with the same due date: ``count`` of them, ``amount`` in all.

    ``disputed``, ``promised``, ``held`` (on hold for other reasons) and ``agency`` are parts of the amount.
    """

    due: date
    amount: float
    count: int = 1
    disputed: float = 0.0
    promised: float = 0.0
    held: float = 0.0
    agency: float = 0.0


@dataclass(frozen=True)
class Receivables:
    """What is open at the end of a day.

    ``ages`` are the amounts owed by bucket: not due, 1–30, 31–60, 61–90 and more than 90 days overdue. ``credits`` is
    what stands against them, as a positive amount; ``items`` counts what is owed.
    """

    ages: tuple[float, ...] = (0.0,) * (len(AGE_ENDS) + 1)
    credits: float = 0.0
    items: int = 0
    disputed: float = 0.0
    promised: float = 0.0
    held: float = 0.0
    agency: float = 0.0

    @property
    def current(self) -> float:
        """What is owed and not past its due date."""
        return self.ages[0]

    @property
    def overdue(self) -> float:
        return total(self.ages[1:])

    @property
    def open(self) -> float:
        """What is owed, whatever stands against it."""
        return total(self.ages)

    @property
    def net(self) -> float:
        """The balance of the ledger: what is owed less credits."""
        return total((*self.ages, -self.credits))

    @property
    def net_current(self) -> float:
        """What is left of the current part where credits settle what is overdue first.

        >>> Receivables(ages=(100.0, 40.0, 0.0, 0.0, 0.0), credits=50.0).net_current
        90.0
        """
        return min(self.current, max(self.net, 0.0))


def get_bucket(due: date, day: date) -> int:
    """The bucket of an item on ``day``: 0 where it is not overdue.

    >>> [get_bucket(date(2026, 1, 1), date(2026, 1, number)) for number in (1, 2, 31)]
    [0, 1, 1]
    """
    days = (day - due).days
    return sum(days > end for end in AGE_ENDS)


def sum_up(items: Iterable[Owed], day: date, rounding: float = 0.01) -> Receivables:
    """The sums of open ``items`` at the end of ``day``; amounts are multiples of ``rounding``."""
    ages: list[list[float]] = [[] for _end in range(len(AGE_ENDS) + 1)]
    negative, count = [], 0
    parts: dict[str, list[float]] = {"disputed": [], "promised": [], "held": [], "agency": []}
    for item in items:
        if item.amount < 0:
            negative.append(-item.amount)
            continue
        ages[get_bucket(item.due, day)].append(item.amount)
        count += item.count
        for name, amounts in parts.items():
            amounts.append(getattr(item, name))
    sums = {name: to_unit(total(amounts), rounding) for name, amounts in parts.items()}
    return Receivables(
        tuple(to_unit(total(amounts), rounding) for amounts in ages), to_unit(total(negative), rounding), count, **sums
    )


def to_unit(amount: float, rounding: float) -> float:
    """The multiple of ``rounding`` that is nearest to a sum of such multiples."""
    return round(round(amount / rounding) * rounding, 9)
