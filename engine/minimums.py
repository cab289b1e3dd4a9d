"""The least that a customer must owe: for a notice of a type, and for each of its levels (rules §4).

The verdicts are those of ``customers.py``.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from .levels import Level, TypeRule, fall_back


@dataclass(frozen=True, slots=True)
class Owed:
    """What is compared with the minimums of a level, in company currency.

    ``balance`` is what the customer owes in the type, ``at_level`` what of it is at the level or above, ``open`` all
    that is open in the type.
    """

    balance: float
    at_level: float
    open: float


def reaches(balance: float, minimum: float, rounding: float) -> bool:
    """True where ``balance`` is a debt of at least ``minimum``; both within half of ``rounding``."""
    return balance >= max(minimum - rounding / 2, rounding / 2)


def meets(level: Level, owed: Owed, rounding: float) -> bool:
    """True where enough is ``owed`` for a notice of ``level``.

    >>> half = Level(1, 10, min_amount=50.0, min_share=50.0)
    >>> meets(half, Owed(80.0, 50.0, 100.0), 0.01), meets(half, Owed(80.0, 50.0, 100.1), 0.01)
    (True, False)
    """
    return (
        owed.balance >= level.min_balance - rounding / 2
        and owed.at_level >= level.min_amount - rounding / 2
        and owed.at_level >= owed.open * level.min_share / 100 - rounding / 2
    )


def sum_owed(customer, verdicts: Iterable, covered: Mapping[int, float]) -> dict[int, float]:
    """What is compared with the minimum, by type: the customer balance, else what is overdue net of credits.

    ``covered`` is what credits cover, by item id, of those that are overdue and dunnable.
    """
    owed = defaultdict(float)
    for verdict in verdicts:
        item, rule = verdict.item, verdict.rule
        if rule and customer.balance is not None:
            owed[rule.id] = customer.balance
        elif item.id in covered:
            owed[rule.id] += _net(verdict)
    return owed


def require_minimum(verdicts: Iterable, owing: set[int], covered: Container[int]) -> list:
    """Leave out the types in which the customer owes too little; ``owing`` holds the ids of the others."""
    result = []
    for verdict in verdicts:
        if verdict.item.id in covered and verdict.reason != "credits" and verdict.rule.id not in owing:
            verdict = replace(verdict, reason="minimum" if verdict.level else verdict.reason, below=True)
        result.append(verdict)
    return result


def require_level_minimums(
    customer, verdicts: Sequence, owed: Mapping[int, float], covered: Container[int], today: date, rounding: float
) -> Sequence:
    """Give items the next lower level that is due where too little is owed for the one due; none where none is.

    From the highest level down, so that what falls back counts where it falls to.
    """
    rules = {verdict.rule.id: verdict.rule for verdict in verdicts if verdict.level and verdict.rule.has_minimums}
    if not rules:
        return verdicts
    result = list(verdicts)
    for rule in rules.values():
        own = [index for index, verdict in enumerate(result) if verdict.rule is rule]
        unsettled = sum(_open(result[index], covered) for index in own)
        for level in reversed(rule.ladder):
            due = [index for index in own if result[index].level is level and result[index].item.id in covered]
            if due and level.has_minimum:
                counted = (result[index] for index in own if result[index].item.id in covered)
                at_level = sum(_net(verdict) for verdict in counted if _stands_at(verdict, level))
                if not meets(level, Owed(owed[rule.id], at_level, unsettled), rounding):
                    _lower(customer, result, due, rule, level, today)
    return result


def _lower(customer, verdicts: list, due: Sequence[int], rule: TypeRule, level: Level, today: date) -> None:
    """Let the ``due`` of the ``verdicts`` (places) fall back from ``level``.

    Where the customer is dunned as a whole, they follow the leading item, which is the first.
    """
    last = customer.last_notices.get(rule.id)
    leader = verdicts[due[0]].item if customer.balance is not None else None
    for index in due:
        verdict = verdicts[index]
        decision = fall_back(leader or verdict.item, rule, level, today, last)
        refused = verdict.refused or level
        if decision:
            verdicts[index] = replace(verdict, decision=decision, reason=decision.reason, refused=refused)
        else:
            verdicts[index] = replace(verdict, reason="level_minimum", refused=refused)


def _stands_at(verdict, level: Level) -> bool:
    """True where the item is at ``level`` or above: the level due today counts, else the one reached."""
    days = verdict.level.days if verdict.level else verdict.item.reached
    return days is not None and days >= level.days


def _net(verdict) -> float:
    """What is claimed of the item net of credits, in company currency."""
    return verdict.item.company_claim * (1 - verdict.credit / verdict.item.claim)


def _open(verdict, covered: Container[int]) -> float:
    """What is open of the item, in company currency, less the credits that are set against it."""
    item = verdict.item
    if not item.owed:
        return 0.0
    return item.company_residual - (item.company_claim - _net(verdict) if item.id in covered else 0.0)
