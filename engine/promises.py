"""Promises to pay: what the ledger says of one, and which promise money is for (rules §11)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from .days import shift
from .money import exact, total

PAID, FREE, LOWERED = "paid", "free", "lowered"
COUNTING = frozenset(("open", "replaced", "partly", "broken", "withdrawn"))


@dataclass(frozen=True, slots=True)
class Part:
    """What was promised for one day, in the currency of the promise."""

    day: date
    amount: float


@dataclass(frozen=True, slots=True)
class Movement:
    """What happened in the ledger since a promise, dated ``day``, in its currency.

    ``kind``: money that was matched with the items covered (``paid``), money that is matched with nothing yet
    (``free``), or what lowered the items without money, as a credit note or a write-off does (``lowered``).
    """

    day: date
    amount: float
    kind: str = PAID


@dataclass(frozen=True)
class Promise:
    """What a customer promised on the day ``made``: ``parts`` in the order of their days.

    ``open`` is what is still open of the items covered today. Money may come ``tolerance`` days later than promised;
    ``threshold`` is the share (0 to 1) of what was promised that is enough. ``default_days`` makes it an instalment
    agreement: a part that is short does not break it until so many days after its day; None for a promise.
    ``rounding`` is that of the currency.
    """

    made: date
    parts: tuple[Part, ...]
    open: float
    tolerance: int = 0
    threshold: float = 1.0
    default_days: int | None = None
    rounding: float = 0.01

    def tolerated_until(self, part: Part) -> date:
        """The last day on which money for ``part`` is in time."""
        return shift(part.day, self.tolerance)

    def ends_on(self, part: Part) -> date:
        """The last day on which money for ``part`` counts."""
        return max(self.tolerated_until(part), shift(part.day, self.default_days or 0))

    def counts(self, movement: Movement) -> bool:
        """Whether it is money whose day is in the window of the promise."""
        if movement.kind == LOWERED or not self.parts:
            return False
        return self.made <= movement.day <= self.ends_on(self.parts[-1])


@dataclass(frozen=True)
class PartJudgement:
    """What became of one part: ``open``, ``kept``, ``partly`` or ``broken``; in an agreement also ``late``.

    ``due`` is what was promised up to this part, as far as it was still owed; ``received`` the money that came until
    the end of its window; ``turns_on`` the day on which that changes if no money comes, None where it stays.
    """

    state: str
    due: float
    received: float
    turns_on: date | None = None


@dataclass(frozen=True)
class Judgement:
    """What became of a promise: ``open``, ``kept``, ``partly``, ``broken`` or ``void``.

    ``promised`` is what was promised as far as it was still owed, ``received`` the money that counts. ``turns_on`` is
    the day on which the answer can change if nothing happens; None where it stays.
    """

    state: str
    promised: float
    received: float
    parts: tuple[PartJudgement, ...]
    turns_on: date | None


def judge(promise: Promise, movements: Iterable[Movement], today: date, booked_until: date | None = None) -> Judgement:
    """Judge ``promise`` on the day ``today`` by what happened since it was made.

    Part by part, the money until the end of its window is held against the sum of the parts up to it, as far as that
    is still owed. A window that ends after ``booked_until``, the day of the last bank transaction booked, is not over:
    the money may be on its way through the books. None where the calendar alone decides.
    """
    movements = [movement for movement in movements if movement.day >= promise.made]
    parts, promised = [], 0.0
    for part in promise.parts:
        promised = total((promised, part.amount))
        parts.append(_judge_part(promise, part, promised, movements, today, booked_until))
    state = _sum_up(promise, parts)
    turns_on = min((part.turns_on for part in parts if part.turns_on), default=None)
    received = total(movement.amount for movement in movements if promise.counts(movement))
    owed = parts[-1].due if parts else 0.0
    return Judgement(state, owed, received, tuple(parts), turns_on if state == "open" else None)


def _judge_part(promise, part, promised, movements, today, booked_until):
    tolerated, end = promise.tolerated_until(part), promise.ends_on(part)
    received = total(each.amount for each in movements if each.kind != LOWERED and each.day <= end)
    due = min(promised, _owed_until(end, promise, movements))

    def judged(state, turns_on=None):
        return PartJudgement(state, due, received, turns_on)

    if _is_amount(due, promise) and _reaches(received, due * promise.threshold, promise):
        return judged("kept")
    if not _is_over(tolerated, today, booked_until):
        return judged("open", shift(tolerated, 1))
    if not _is_over(end, today, booked_until):
        return judged("late", shift(end, 1))
    return judged("partly" if _is_amount(received, promise) else "broken")


def _owed_until(day, promise, movements):
    """What would be open at the end of ``day`` if no money had come since the promise."""
    paid = [each.amount for each in movements if each.kind == PAID]
    lowered_later = [each.amount for each in movements if each.kind == LOWERED and each.day > day]
    return max(total((promise.open, *paid, *lowered_later)), 0.0)


def _sum_up(promise, parts):
    """The state of a promise, from those of its parts; one without any promises nothing."""
    states = [part.state for part in parts]
    failed = {"broken"} if promise.default_days is None else {"broken", "partly"}
    if not parts or not _is_amount(parts[-1].due, promise):
        return "void"
    if not failed.isdisjoint(states):
        return "broken"
    return states[-1] if states[-1] in ("kept", "partly") else "open"


def _is_over(last_day, today, booked_until):
    return today > last_day and (booked_until is None or booked_until >= last_day)


def _reaches(amount, wanted, promise):
    return exact(amount) - exact(wanted) > -exact(promise.rounding) / 2


def _is_amount(amount, promise):
    return exact(amount) >= exact(promise.rounding) / 2


def allocate(
    promises: Sequence[Promise], movements: Sequence[Sequence[Movement]], free: Iterable[Movement]
) -> list[list[Movement]]:
    """Give each promise what happened for it: the ``movements`` of its items, and its share of the ``free`` money.

    That serves the promises in their order, each up to what it still lacks, where its day counts for them.

    :return: a list of movements for each promise
    """
    given = [list(own) for own in movements]
    lacking = [_lacking(promise, own) for promise, own in zip(promises, movements, strict=True)]
    for money in sorted(free, key=lambda movement: movement.day):
        left = money.amount
        for index, promise in enumerate(promises):
            share = min(left, lacking[index]) if promise.counts(money) else 0.0
            if _is_amount(share, promise):
                given[index].append(Movement(money.day, share, FREE))
                lacking[index] = total((lacking[index], -share))
                left = total((left, -share))
    return given


def _lacking(promise, movements):
    """What is still to come for a promise: not more than is open of its items."""
    received = total(movement.amount for movement in movements if promise.counts(movement))
    promised = total(part.amount for part in promise.parts)
    return max(min(total((promised, -received)), promise.open), 0.0)


def next_level(level: int | None, state: str | None) -> int:
    """The level of a new promise on items whose last one had ``level`` and is, or ended, in ``state``.

    It is the number of promises that came to nothing, and this one. One that was kept or void does not count.

    >>> next_level(None, None), next_level(1, "broken"), next_level(1, "withdrawn"), next_level(1, "kept")
    (1, 2, 2, 1)
    """
    return 1 if level is None else level + (state in COUNTING)
