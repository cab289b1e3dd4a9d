"""What another dunning module says, as values of this one: days of levels, levels reached."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

MONTH = 30  # days that the end of a month may come later, and a level with it
WEEK = 7
MOST_DAYS = 3650

# States of OCA's lines. Drafts and ignored lines are made anew by its next run: they tell nothing.
NOTHING = frozenset({"draft", "ignored"})
SENT = "sent"


class Step(NamedTuple):
    """When a level is due there: ``days`` after the due date, or with ``after_previous`` after the last notice.

    ``days`` is None where nothing is said; with ``month_end`` the end of that month is meant.
    """

    days: int | None
    after_previous: bool = False
    month_end: bool = False


class Place(NamedTuple):
    """When the level is due here, and why not as there: codes of ``notes``, of which the words are the caller's."""

    days: int
    min_days: int
    deadline_days: int
    notes: tuple


def place(steps: Sequence[Step], reminders: bool = False) -> list[Place]:
    """The days of levels here, strictly ascending, of those that follow one another there.

    :param reminders: whether levels before the due date are reminders; else they are due on that day
    """
    found, last = [], None
    for step in steps:
        days, notes = _find_days(step, last, reminders)
        if last is not None and days <= last:
            days, notes = last + 1, [*notes, "moved"]
        if days > MOST_DAYS:
            notes = [*notes, "too_late"]
        waits = step.days if step.after_previous and step.days else 0
        found.append((days, max(waits, 0), tuple(notes)))
        last = days
    following = [*(days for days, _min_days, _notes in found[1:]), None]
    return [
        Place(days, min_days, _find_deadline(days, after), notes)
        for (days, min_days, notes), after in zip(found, following, strict=False)
    ]


def _find_days(step, last, reminders):
    """The days after due of one level before it is compared with the one before it, and notes."""
    base = max(last or 0, 0)
    if step.days is None:
        return base + WEEK, ["no_days"]
    if step.after_previous:
        return base + max(step.days, 0), ["after_previous"]
    if step.month_end:
        return max(step.days, 0) + MONTH, ["month_end"]
    if step.days < 0 and not reminders:
        return 0, ["before_due"]
    return step.days, []


def _find_deadline(days, following):
    """Days to pay: a week, but no more than that the level that follows can come on its day."""
    return WEEK if following is None or days < 0 else max(min(WEEK, following - days - 1), 0)


def find_reached(lines: Iterable[tuple]) -> tuple[int | None, list[int]]:
    """Which level an item has reached, of what was done about it: tuples of level number, id, and state.

    Of each level its last line counts, and of the levels the highest whose last line was sent.

    :return: the id of the line that says it, or None; ids of lines above it that were not sent and wait for somebody
    """
    last = {}
    for level, line_id, state in lines:
        if state not in NOTHING and line_id > last.get(level, (0, ""))[0]:
            last[level] = (line_id, state)
    sent = [(level, line_id) for level, (line_id, state) in last.items() if state == SENT]
    reached = max(sent, default=None)
    return reached and reached[1], [
        line_id
        for level, (line_id, state) in sorted(last.items())
        if state != SENT and (reached is None or level > reached[0])
    ]


def find_level(days: int, own: Iterable[int]) -> int | None:
    """The highest of ``own`` levels, by their days after due, that is not later than ``days``; None where all are."""
    return max((mine for mine in own if 0 <= mine <= days), default=None)
