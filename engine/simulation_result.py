"""What came of a simulation: two policies beside each other, and what their notices charge."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from .fees import Claim, Fee, charge_fee
from .forecast import Forecast
from .interest import InterestRule, Payment, accrue
from .money import total
from .simulation import Course


@dataclass(frozen=True, slots=True)
class Step:
    """An item in a notice: on which day, at which level. ``level`` is the same in both policies for the same level."""

    item: int
    day: date
    level: Hashable


@dataclass(frozen=True, slots=True)
class Difference:
    """How a step of one policy stands to the other: ``kind`` is *same*, *other_day*, *other_level* or *only*; ``other``
    is the step of the other policy, None of one that is only here."""

    kind: str
    other: Step | None = None


def compare(here: Iterable[Step], there: Iterable[Step]) -> tuple[list[Difference], list[Difference]]:
    """How each step of one policy stands to the other one's, and the other way round, in their order.

    Of an item the n-th step at a level belongs to the n-th one at that level: *same* where both are on one day, else
    *other_day*. Of the rest those of one day belong together: *other_level*. What is left is *only* on its side.
    """
    here, there = list(here), list(there)
    found_here: list[Difference | None] = [None] * len(here)
    found_there: list[Difference | None] = [None] * len(there)

    def match(get_key, get_kind):
        open_there = defaultdict(list)
        for index, step in enumerate(there):
            if found_there[index] is None:
                open_there[get_key(step)].append(index)
        for index, step in enumerate(here):
            partners = open_there[get_key(step)] if found_here[index] is None else ()
            if partners:
                other = partners.pop(0)
                kind = get_kind(step, there[other])
                found_here[index], found_there[other] = Difference(kind, there[other]), Difference(kind, step)

    match(lambda step: (step.item, step.level), lambda one, other: "same" if one.day == other.day else "other_day")
    match(lambda step: (step.item, step.day), lambda one, other: "other_level")
    only = Difference("only")
    return [each or only for each in found_here], [each or only for each in found_there]


@dataclass(frozen=True)
class Tariff:
    """What notices charge: the ``fees`` by level, the levels that bear ``interest``, its ``rules`` by type.

    Amounts are in company currency.
    """

    fees: Mapping[int, Fee] = field(default_factory=dict)
    interest: Collection[int] = ()
    rules: Mapping[int, InterestRule] = field(default_factory=dict)


def charge(
    notices: Sequence[Forecast], courses: Mapping[int, Course], tariff: Tariff, rounding: float = 0.01
) -> list[float]:
    """What each notice of a customer charges anew, in company currency: its fee, and the interest since the last one.

    Amounts are converted at the rates at which the items are booked. ``courses`` are the items by id.
    """
    charged: set[int] = set()
    accrued: dict[int, float] = defaultdict(float)
    result = []
    for notice in notices:
        result.append(total(_charge_fees(notice, tariff, charged, rounding)))
        interest = {
            verdict.item.id: _accrue(verdict.item.id, notice, courses, tariff, rounding)
            for verdict in notice.verdicts
            if verdict.level.id in tariff.interest and notice.type in tariff.rules
        }
        rule = tariff.rules.get(notice.type)
        if interest and rule.reaches_minimum(list(interest.values()), rounding):
            result[-1] = total((result[-1], *(amount - accrued[item_id] for item_id, amount in interest.items())))
            accrued |= interest
    return result


def _charge_fees(notice: Forecast, tariff: Tariff, charged: set[int], rounding: float) -> list[float]:
    def claim(verdict):
        share = verdict.item.company_claim / verdict.item.claim if verdict.item.claim else 0.0
        item_id = verdict.item.id
        return Claim(item_id, verdict.item.company_claim, verdict.credit * share, item_id in charged)

    fee = tariff.fees.get(notice.level.id, Fee())
    lines = charge_fee(fee, map(claim, notice.verdicts), rounding) if fee.per == "notice" else ()
    for verdict in notice.verdicts:
        own = tariff.fees.get(verdict.level.id, Fee())
        if own.per == "item":
            of_item = charge_fee(own, [claim(verdict)], rounding)
            charged |= {line.item for line in of_item}
            lines = (*lines, *of_item)
    return [line.amount for line in lines]


def _accrue(item_id: int, notice: Forecast, courses: Mapping[int, Course], tariff: Tariff, rounding: float) -> float:
    """The interest on an item since its due date."""
    course = courses[item_id]
    payments = [Payment(settling.day, settling.company_amount) for settling in course.settled]
    rule = tariff.rules[notice.type]
    slices = accrue(course.item.due, course.item.company_residual, payments, notice.day, rule, rounding)
    return total(part.amount for part in slices)
