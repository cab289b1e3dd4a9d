"""What goes out to a customer in the days to come, if nobody pays and every notice leaves on its first day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from .customers import Assessment, Customer, Proposal, Verdict, assess, judge
from .days import shift
from .items import Item
from .levels import Decision, Level, TypeRule, turning_days


@dataclass(frozen=True, slots=True)
class Forecast:
    """One notice due on ``day``: ``level`` is the highest of its items, ``recipient`` that of :class:`Proposal`."""

    day: date
    customer: int
    type: int
    currency: int
    recipient: int | None
    level: Level
    verdicts: tuple[Verdict, ...]

    @property
    def amount(self) -> float:
        """What is claimed, net of credits."""
        return sum(verdict.item.claim - verdict.credit for verdict in self.verdicts)


def forecast(
    customer: Customer,
    rules: Mapping[int, TypeRule],
    today: date,
    until: date,
    rounding: float = 0.01,
    decided: dict[date, dict[tuple, Decision]] | None = None,
) -> list[Forecast]:
    """The notices due from ``today`` to ``until`` in the order of the days; what is late is due today.

    ``decided`` collects what was decided, by day, as that of :func:`assess` does for one day.
    """
    decided = {} if decided is None else decided
    result, day = [], today
    while day is not None and day <= until:
        on_day = decided.setdefault(day, {})
        assessment = assess(customer, rules, day, rounding, on_day)
        result += _collect(assessment.proposals, day)
        if assessment.proposals:
            customer = _send(customer, assessment.proposals, day)
            assessment = None
        day = _next_day(_get_verdicts(customer, rules, day, rounding, on_day, assessment), day, customer.last_notices)
    return result


def _get_verdicts(
    customer: Customer,
    rules: Mapping[int, TypeRule],
    day: date,
    rounding: float,
    decided: dict[tuple, Decision],
    assessment: Assessment | None,
) -> Iterable[Verdict]:
    """What is decided of the items after what was sent on ``day``: that of the ``assessment`` if nothing was."""
    if assessment:
        return assessment.verdicts
    if customer.balance is None:
        return judge(customer, rules, day, decided)
    return assess(customer, rules, day, rounding, decided).verdicts


def _collect(proposals: tuple[Proposal, ...], day: date) -> list[Forecast]:
    return [
        Forecast(day, notice.customer, notice.type, notice.currency, notice.recipient, notice.level, notice.verdicts)
        for notice in proposals
    ]


def _send(customer: Customer, proposals: tuple[Proposal, ...], day: date) -> Customer:
    """The customer after ``proposals`` were sent on ``day``."""
    levels = {verdict.item.id: verdict.level for proposal in proposals for verdict in proposal.verdicts}
    last_notices = {proposal.type: day for proposal in proposals if not proposal.level.reminder}
    items = tuple(dun(item, levels[item.id], day) if item.id in levels else item for item in customer.items)
    return replace(customer, items=items, last_notices={**customer.last_notices, **last_notices})


def dun(item: Item, level: Level, day: date) -> Item:
    """The item after a notice of ``level`` on ``day``."""
    if level.reminder:
        return replace(item, reminded=level.days)
    times = item.times + 1 if level.days == item.reached else 1
    return replace(
        item,
        reached=level.days,
        last_notice=day,
        times=times,
        deadline_days=level.deadline_days,
        resumed=None,
        not_before=None,
        released=None,
    )


def _next_day(verdicts: Iterable[Verdict], day: date, last_notices: Mapping[int, date]) -> date | None:
    """The first day after ``day`` on which something may be due, or None."""
    days = []
    for verdict in verdicts:
        decision = verdict.decision
        if decision and decision.next_level and not verdict.item.obstacle:
            # an item that becomes overdue may lift others over the minimum
            days += [decision.next_date, shift(verdict.item.due, verdict.rule.grace_days + 1)]
            if decision.next_level.reminder:  # it may be withheld until the item is overdue
                days += [verdict.rule.reached_on(verdict.item, level) for level in verdict.rule.ladder[:1]]
            if verdict.rule.has_minimums:  # a lower level may come before the one that is decided on
                days += turning_days(verdict.item, verdict.rule, last_notices.get(verdict.rule.id))
    return min((next_day for next_day in days if next_day > day), default=None)
