"""When a customer has to be looked at again, if nothing about him changes meanwhile."""

from collections.abc import Iterable, Mapping
from datetime import date

from .customers import Customer
from .days import shift
from .items import Item
from .levels import TypeRule, turning_days


def next_look(
    customer: Customer,
    rules: Mapping[int, TypeRule],
    today: date,
    known: dict[tuple, frozenset[date]] | None = None,
) -> date | None:
    """The first day after ``today`` on which :func:`assess` may answer otherwise for ``customer``, or None.

    Until the day before it says of each day what it says of ``today``: the same proposals, reasons and next dates. The
    day may come too early, never too late. ``known`` collects the days of histories, as ``decided`` of :func:`assess`
    collects decisions; it holds for one set of rules.
    """
    known = {} if known is None else known
    days = set(customer.last_notices.values())
    for item in customer.items:
        rule = rules.get(item.type)
        if rule is None or customer.balance is not None:
            days.add(shift(item.due, 1))  # it is overdue from then on, and may count in the balance
        if rule is not None:
            days |= _turning_days(item, rule, customer.last_notices.get(rule.id), known)
    return first_after(today, days)


def first_after(today: date, days: Iterable[date | None]) -> date | None:
    """The earliest of ``days`` after ``today``; None where there is none.

    >>> first_after(date(2026, 6, 1), [date(2026, 6, 1), date(2026, 6, 9), None, date(2026, 6, 3)])
    datetime.date(2026, 6, 3)
    """
    return min((day for day in days if day and day > today), default=None)


def _turning_days(
    item: Item, rule: TypeRule, customer_last: date | None, known: dict[tuple, frozenset[date]]
) -> frozenset[date]:
    history = (rule.id, customer_last, *item.history)
    days = known.get(history)
    if days is None:
        days = known[history] = frozenset(turning_days(item, rule, customer_last))
    return days
