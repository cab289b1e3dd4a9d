"""Which level is due for one item, and when the next one will be (rules §4)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from .days import shift
from .items import Item


@dataclass(frozen=True, slots=True)
class Level:
    """One rung of a ladder; all times in days. A reminder has negative ``days``.

    ``min_balance`` is what the customer must owe for the level, in company currency; ``min_amount`` what of it must be
    at this level or above, ``min_share`` the least percentage that this is of all that is open (``minimums.py``).
    ``deadline_days`` is the payment term that its notice prints, 0 where it prints none.
    """

    id: int
    days: int
    min_days: int = 7
    repeat_every: int = 0
    repeat_max: int = 0
    min_balance: float = 0.0
    deadline_days: int = 0
    min_amount: float = 0.0
    min_share: float = 0.0

    @property
    def has_minimum(self) -> bool:
        """True where the level asks for more than the minimum of its type."""
        return bool(self.min_balance or self.min_amount or self.min_share)

    @property
    def reminder(self) -> bool:
        """True for a message before the due date: no level to be reached."""
        return self.days < 0


@dataclass(frozen=True)
class TypeRule:
    """The rules of a dunning type. ``minimum`` is in company currency.

    ``by_contact`` splits the notices by the contact of the invoice, ``by_level`` by level.
    ``min_days_between`` is the least number of days between two notices to one customer,
    ``posting_days`` that from the posting of an item to its first notice.
    """

    id: int
    levels: tuple[Level, ...]
    sequential: bool = True
    grace_days: int = 0
    minimum: float = 0.0
    min_days_between: int = 0
    by_level: bool = False
    by_contact: bool = False
    posting_days: int = 0

    @cached_property
    def ladder(self) -> list[Level]:
        """The levels that can be reached, the lowest first."""
        return sorted((level for level in self.levels if not level.reminder), key=lambda level: level.days)

    @cached_property
    def reminders(self) -> list[Level]:
        """The levels before the due date, the earliest first."""
        return sorted((level for level in self.levels if level.reminder), key=lambda level: level.days)

    @cached_property
    def has_minimums(self) -> bool:
        """True where any level asks for more than the minimum of the type."""
        return any(level.has_minimum for level in self.levels)

    def overdue(self, item: Item, today: date) -> bool:
        """True when the item is overdue by more than the grace days (rules §1)."""
        return item.days_overdue(today) > self.grace_days

    def reached_on(self, item: Item, level: Level) -> date:
        """The first day on which the item's delay reaches the level."""
        return shift(item.due, max(level.days, self.grace_days + 1))


@dataclass(slots=True)
class Decision:
    """The answer for one item on one day.

    ``level`` is the level that is due today, or None. ``reason`` says why: ``due``, ``repeat``,
    ``reminder`` where one is; ``days``, ``posted``, ``interval``, ``customer``, ``resumed``, ``postponed`` or
    ``end`` where none is. ``next_level`` and ``next_date`` tell what comes next, and when at the earliest.
    """

    level: Level | None
    reason: str
    next_level: Level | None = None
    next_date: date | None = None


def decide(item: Item, rule: TypeRule, today: date, customer_last: date | None = None) -> Decision:
    """Decide which level of ``rule`` is due for ``item`` on ``today``.

    ``customer_last`` is the day of the customer's last notice of this type. The item is taken
    as dunnable; what keeps it out is judged elsewhere. Of the item nothing counts but its ``history``.
    """
    if item.due > today:
        return _decide_reminder(item, rule, today, customer_last)
    bounds = [(*_bound(item, rule, level, customer_last), level, "due") for level in _candidates(item, rule, today)]
    repeat = _repeated(item, rule)
    if repeat:
        bounds.append((*_repeat_bound(item, rule, repeat, customer_last), repeat, "repeat"))
    return _earliest(bounds, today)


def fall_back(
    item: Item, rule: TypeRule, level: Level, today: date, customer_last: date | None = None
) -> Decision | None:
    """The decision for ``item`` where it may not have ``level``: the next lower one, if that is due today; else None.

    Never a level below the one that it has reached, and that one only as its repetition. No level is passed over.
    """
    lower = [one for one in rule.ladder if one.days < level.days and (item.reached is None or one.days >= item.reached)]
    if not lower:
        return None
    if lower[-1].days != item.reached:
        bound, reason = (_bound(item, rule, lower[-1], customer_last)[0], "due")
    elif _repeated(item, rule):
        bound, reason = (_repeat_bound(item, rule, lower[-1], customer_last)[0], "repeat")
    else:
        return None
    return Decision(lower[-1], reason, lower[-1], bound) if bound <= today else None


def turning_days(item: Item, rule: TypeRule, customer_last: date | None = None) -> Iterable[date]:
    """All days from which :func:`decide` may answer otherwise for ``item``, and the day on which it becomes overdue.

    Whatever compares a day with today stands here too: the due date, the days of levels and what delays them.
    """
    yield item.due
    yield shift(item.due, rule.grace_days + 1)
    for level in rule.reminders:
        yield shift(item.due, level.days)
    above = _above(item, rule)
    for level in above[:1] if rule.sequential else above:
        yield _bound(item, rule, level, customer_last)[0]
    if not rule.sequential:
        yield from (rule.reached_on(item, level) for level in above)
    repeat = _repeated(item, rule)
    if repeat:
        yield _repeat_bound(item, rule, repeat, customer_last)[0]


def outlook(
    item: Item, rule: TypeRule, today: date, customer_last: date | None = None
) -> list[tuple[date, Level, bool]]:
    """What is still to come for ``item`` if it is never paid and each notice leaves on its first day.

    Returns (day, level, whether it is a repetition) in the order of the days; days in the past count as ``today``.
    """
    result = []
    decision = decide(item, rule, today, customer_last)
    while decision.next_level:
        today = max(decision.next_date, today)
        level = decision.next_level
        repeated = level.days == item.reached
        result.append((today, level, repeated))
        if level.reminder:
            item = replace(item, reminded=level.days)
        else:
            times = item.times + 1 if repeated else 1
            item = replace(
                item,
                reached=level.days,
                last_notice=today,
                deadline_days=level.deadline_days,
                times=times,
                resumed=None,
                not_before=None,
                released=None,
            )
            customer_last = today
        decision = decide(item, rule, today, customer_last)
    return result


def _earliest(bounds: Iterable[tuple[date, str, Level, str]], today: date) -> Decision:
    """The first bound that has passed wins; else the one that passes next."""
    bounds = list(bounds)
    for day, _reason, level, due_reason in bounds:
        if day <= today:
            return Decision(level, due_reason, level, day)
    if not bounds:
        return Decision(None, "end")
    day, reason, level, _due = min(bounds, key=lambda bound: bound[0])
    return Decision(None, reason, level, day)


def _candidates(item: Item, rule: TypeRule, today: date) -> list[Level]:
    """The one level that may be due: the next one, or with catch-up the highest reached."""
    above = _above(item, rule)
    if not rule.sequential and not (item.resumed and item.last_notice):
        reached = [level for level in above if rule.reached_on(item, level) <= today]
        above = reached[-1:] or above
    return above[:1]


def _above(item: Item, rule: TypeRule) -> list[Level]:
    """The levels that the item has not reached, the lowest first."""
    return [level for level in rule.ladder if item.reached is None or level.days > item.reached]


def _repeated(item: Item, rule: TypeRule) -> Level | None:
    """The level reached, if it is repeated and not yet often enough."""
    for level in rule.ladder:
        repeated = level.repeat_every and item.last_notice and item.times <= level.repeat_max
        if level.days == item.reached and repeated:
            return level
    return None


def _bound(item: Item, rule: TypeRule, level: Level, customer_last: date | None) -> tuple[date, str]:
    """The first day on which ``level`` is due, and the rule that fixes that day."""
    bounds = [(rule.reached_on(item, level), "days")]
    if item.last_notice:
        bounds.append((_after_notice(item, level.min_days), "interval"))
    elif item.issued:
        bounds.append((shift(item.issued, rule.posting_days), "posted"))
    return _latest(bounds + _common_bounds(item, rule, level, customer_last))


def _repeat_bound(item: Item, rule: TypeRule, level: Level, customer_last: date | None) -> tuple[date, str]:
    """The first day on which ``level`` is repeated, and the rule that fixes that day."""
    bounds = [(rule.reached_on(item, level), "days"), (_after_notice(item, level.repeat_every), "interval")]
    return _latest(bounds + _common_bounds(item, rule, level, customer_last))


def _after_notice(item: Item, days: int) -> date:
    """The day ``days`` days after the item's last notice, but not before the deadline on that is over (rules §4)."""
    return shift(item.last_notice, max(0 if item.released else days, item.deadline_days + 1))


def _latest(bounds: list[tuple[date, str]]) -> tuple[date, str]:
    """The bound with the latest day, the first of several."""
    return bounds[0] if len(bounds) == 1 else max(bounds, key=lambda bound: bound[0])


def _common_bounds(item: Item, rule: TypeRule, level: Level, customer_last: date | None) -> list[tuple[date, str]]:
    """What delays a new level and a repetition alike."""
    bounds = []
    if item.resumed and item.last_notice:
        bounds.append((shift(item.resumed, level.min_days), "resumed"))
    if item.released:
        bounds.append((item.released, "resumed"))
    if item.not_before:
        bounds.append((item.not_before, "postponed"))
    if customer_last and rule.min_days_between:
        bounds.append((shift(customer_last, rule.min_days_between), "customer"))
    return bounds


def _decide_reminder(item: Item, rule: TypeRule, today: date, customer_last: date | None) -> Decision:
    """Before the due date: each reminder once, from its day to the day before the due date.

    The window makes up for days on which nothing ran. Of several open reminders only the latest
    is sent. The first level comes next where no reminder is left.
    """
    open_ones = [level for level in rule.reminders if item.reminded is None or level.days > item.reminded]
    started = [level for level in open_ones if shift(item.due, level.days) <= today]
    if started:
        return Decision(started[-1], "reminder", started[-1], shift(item.due, started[-1].days))
    if open_ones:
        return Decision(None, "days", open_ones[0], shift(item.due, open_ones[0].days))
    bounds = [(*_bound(item, rule, level, customer_last), level, "due") for level in _candidates(item, rule, today)]
    return _earliest(bounds, today)
