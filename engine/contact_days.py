"""When one may write to a customer or call him: business days, quiet hours, at most so many contacts.

Times are those of the customer's own clock, without a zone. All rules only move the hour or the day; none keeps
anything from leaving.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from .days import shift

# A cap on contacts puts off by so many days at most.
LONGEST_CAP = 5
# Where no day is allowed for so long, the rules say nothing.
LONGEST_LOOK = 60


@dataclass(frozen=True, slots=True)
class ContactRules:
    """When customers are reached.

    ``weekdays`` are the business days, Monday is 0; None: every day. From ``quiet_from`` until ``quiet_until`` nobody
    is disturbed, over midnight where the first is the later; both the same: at any hour. At most ``cap`` contacts
    within ``within`` days, the day itself included; 0: any number.
    """

    weekdays: frozenset[int] | None = None
    quiet_from: time = time.min
    quiet_until: time = time.min
    cap: int = 0
    within: int = 0


@dataclass(frozen=True, slots=True)
class Contact:
    """The first ``moment`` at which the customer may be reached, and ``why`` it is not at once.

    ``why`` is None, or what keeps the first moment out: *weekday*, *holiday*, *cap* or *quiet*.
    """

    moment: datetime
    why: str | None = None


def next_contact(
    now: datetime,
    rules: ContactRules,
    holidays: frozenset[date] = frozenset(),
    contacts: tuple[date, ...] = (),
    last: date | None = None,
) -> Contact:
    """The first moment from ``now`` on at which the rules allow to reach the customer.

    :param holidays: days that are no business days
    :param contacts: days on which he was reached; one for each contact
    :param last: the last day that is of use. Where the rules would go beyond it, only the quiet hours of the day itself
        count, and if these lead beyond it too, none
    """
    found = _find(now, rules, holidays, contacts)
    if last and found.moment.date() > last:
        found = _leave_quiet(now, rules)
    return Contact(now) if last and found.moment.date() > last else found


def _find(now, rules, holidays, contacts):
    """As :func:`next_contact`, without a last day."""
    first = _search(_leave_quiet(now, rules), rules, holidays)
    if not rules.cap:
        return first
    found = first
    limit = shift(first.moment.date(), LONGEST_CAP)
    while _is_full(found.moment.date(), rules, contacts):
        following = _search(_begin_next(found, rules), rules, holidays)
        if following.moment.date() > limit:
            break
        found = following
    return Contact(found.moment, first.why or (found.moment != first.moment and "cap") or None)


def _search(start, rules, holidays):
    """The first moment from ``start`` on that is on a business day."""
    found = start
    for _day in range(LONGEST_LOOK):
        obstacle = _get_obstacle(found.moment.date(), rules, holidays)
        if not obstacle:
            return found
        found = Contact(_begin_next(found, rules).moment, start.why or found.why or obstacle)
    return start


def _begin_next(found, rules):
    """The first moment of the next day that is not quiet."""
    midnight = datetime.combine(shift(found.moment.date(), 1), time.min)
    return Contact(_leave_quiet(midnight, rules).moment, found.why)


def _get_obstacle(day, rules, holidays):
    """Why ``day`` is no business day: *weekday* or *holiday*; None where it is one."""
    if rules.weekdays is not None and day.weekday() not in rules.weekdays:
        return "weekday"
    return "holiday" if day in holidays else None


def _leave_quiet(now, rules):
    """``now``, or the end of the quiet hours in which it lies."""
    begin, end, hour = rules.quiet_from, rules.quiet_until, now.time()
    over_midnight = begin > end
    quiet = (hour >= begin or hour < end) if over_midnight else begin <= hour < end
    if not quiet:
        return Contact(now)
    tomorrow = over_midnight and hour >= begin
    return Contact(datetime.combine(now.date() + timedelta(days=tomorrow), end), "quiet")


def _is_full(day, rules, contacts):
    """True where one contact more on ``day`` would be too many."""
    since = shift(day, 1 - rules.within)
    return sum(since <= contact <= day for contact in contacts) >= rules.cap
