"""Days that the law counts: working days, receipt of letters, start of default, waiting, chains of fees."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

from .days import shift
from .law import Debt, Law, Letter

SATURDAY = 6
MONTHS = 12


@lru_cache(maxsize=256)
def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm, Nature, 1876).

    >>> easter(2026), easter(2024)
    (datetime.date(2026, 4, 5), datetime.date(2024, 3, 31))
    """
    golden, century, rest = year % 19, year // 100, year % 100
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    month = (golden + 11 * epact + 22 * weekday) // 451
    day = epact + weekday - 7 * month + 114
    return date(year, day // 31, day % 31 + 1)


@lru_cache(maxsize=1024)
def holidays_of(year: int, rules: str) -> frozenset[date]:
    """The holidays of a ``year`` by ``rules`` as in :class:`engine.law.Law`."""
    days = set()
    for rule in rules.split():
        if rule.startswith("E"):
            days.add(easter(year) + timedelta(int(rule[1:] or 0)))
        else:
            days.add(date(year, int(rule[:2]), int(rule[2:])))
    return frozenset(days)


def is_free(law: Law, day: date, weekdays: str = "67") -> bool:
    """True of a holiday, and of the ``weekdays`` (1: Monday)."""
    return str(day.isoweekday()) in weekdays or day in holidays_of(day.year, law.holidays)


def move_on(law: Law, day: date) -> date:
    """``day``, or the next working day where it is on a weekend or a holiday."""
    while is_free(law, day):
        day = shift(day, 1)
    return day


def conversion_day(law: Law, due: date, day: date) -> date:
    """The day whose rate converts the compensation that is claimed on ``day`` of an item due on ``due``."""
    if not law.convert_before:
        return day
    last = shift(due.replace(day=1), -1)
    while is_free(law, last):
        last = shift(last, -1)
    return last


def add_months(day: date, months: int) -> date:
    """The same day ``months`` later, or the last of that month.

    >>> add_months(date(2025, 8, 31), 6)
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(day.year * MONTHS + day.month - 1 + months, MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def received(law: Law, letter: Letter) -> date | None:
    """The day on which a letter counts as received; None of one that did not arrive.

    An e-mail is received on the day on which it is sent.
    """
    if not letter.delivered:
        return None
    if letter.received or letter.channel == "email":
        return letter.received or letter.sent
    day, left = letter.sent, law.post_days
    while left:
        day = shift(day, 1)
        left -= not is_free(law, day, law.post_free)
    return day


def get_demand(law: Law, debt: Debt) -> date | None:
    """The first day on which a demand was received after the item was due."""
    days = [debt.demand, *(received(law, letter) for letter in debt.letters)]
    return min((day for day in days if day and day > debt.due), default=None)


def start_of_default(law: Law, debt: Debt) -> date | None:
    """The last day before the debtor is in default, so that the next one bears interest; None: he is not."""
    due = move_on(law, debt.due) if law.weekend == "start" else debt.due
    if debt.ground == "date" and not law.needs_demand:
        return due
    days, demand = [], get_demand(law, debt)
    if debt.ground == "notice" and law.notice_days:
        end = shift(debt.due, law.notice_days)
        days.append(move_on(law, end) if law.weekend == "start" else end)
    if demand:
        days.append(max(due, shift(demand, law.demand_days)))
    return min(days, default=None)


def end_of_waiting(law: Law, debt: Debt) -> date | None:
    """The last day of the time that a letter without charges gives; None where none was received."""
    letters = [letter for letter in debt.letters if not letter.fee and letter.sent > debt.due]
    ends = [end_after(law, letter) for letter in letters]
    if debt.demand and not debt.letters:
        ends.append(shift(debt.demand, law.waiting_days))
    return min(filter(None, ends), default=None)


def end_after(law: Law, letter: Letter) -> date | None:
    """The last day of the time that a ``letter`` gives; None of one that did not arrive."""
    day = received(law, letter)
    presumed = letter.channel == "letter" and not letter.received
    return day and shift(day, law.waiting_days - (presumed and law.post_counts))


def count_in_chain(days: Iterable[date], day: date, months: int) -> int:
    """How many of the ``days`` of letters with a fee count on ``day``.

    The count begins anew after more than ``months`` without one (0: never).
    """
    counted, last = 0, None
    for sent in [*sorted(days), day]:
        if last and months and sent > add_months(last, months):
            counted = 0
        counted, last = counted + 1, sent
    return counted - 1
