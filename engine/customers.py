"""What one customer gets on one day: the minimum, the credits, the grouping (rules §3 to §5, §7)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from operator import attrgetter

from .items import Item
from .levels import Decision, Level, TypeRule, decide
from .minimums import reaches, require_level_minimums, require_minimum, sum_owed

_BY_DUE = attrgetter("due", "id")


@dataclass(slots=True)
class Credit:
    """A credit or unallocated payment: a positive ``amount`` in ``currency`` that lowers the claim."""

    id: int
    amount: float
    currency: int


@dataclass(slots=True)
class Customer:
    """A customer's open items and what was sent to him before.

    ``last_notices`` holds the day of the last notice by dunning type; ``contact`` the contact
    for dunning, if one is set. ``balance`` is the customer balance in company currency where he is
    dunned as a whole (customer-based), None where each invoice is dunned for itself.
    """

    id: int
    items: tuple[Item, ...]
    credits: tuple[Credit, ...] = ()
    contact: int | None = None
    last_notices: Mapping[int, date] = field(default_factory=dict)
    balance: float | None = None


@dataclass(slots=True)
class Verdict:
    """The answer for one item: what is proposed, or what stands in the way.

    ``reason`` is a reason of :class:`Decision`, an obstacle of the item, or ``no_type``,
    ``later``, ``credits``, ``minimum``, ``level_minimum``. ``credit`` is what credits cover of it.
    ``below`` is true of an overdue dunnable item whose customer owes less than the type's minimum,
    whether a level is due or not. ``refused`` is the highest level that is due of it and for which too little is owed:
    what is proposed instead is a lower one. ``level`` is the level to propose, or None.
    """

    item: Item
    rule: TypeRule | None
    decision: Decision | None
    reason: str
    credit: float = 0.0
    below: bool = False
    refused: Level | None = None
    level: Level | None = field(init=False)

    def __post_init__(self):
        decision = self.decision
        self.level = decision.level if decision and self.reason == decision.reason else None


@dataclass(slots=True)
class Proposal:
    """One notice to propose: the key of the notice and its lines, the oldest due date first."""

    customer: int
    type: int
    currency: int
    recipient: int | None
    level: Level
    verdicts: tuple[Verdict, ...]

    @property
    def dunned(self) -> float:
        """The sum of the dunned lines, before credits."""
        return sum(verdict.item.claim for verdict in self.verdicts)

    @property
    def credit(self) -> float:
        """What credits take off the claim."""
        return sum(verdict.credit for verdict in self.verdicts)


@dataclass(slots=True)
class Assessment:
    """What a customer gets, and for each item why or why not, the oldest due date first.

    ``owing`` holds the ids of the types in which the customer owes the minimum; ``facts`` and ``rules`` are what was
    assessed.
    """

    customer: int
    proposals: tuple[Proposal, ...]
    verdicts: tuple[Verdict, ...]
    owing: set[int]
    today: date
    facts: Customer | None = field(default=None, repr=False, compare=False)
    rules: Mapping[int, TypeRule] = field(default_factory=dict, repr=False, compare=False)

    @property
    def owed(self) -> list[Item]:
        """The overdue items that are a debt, whether they may be dunned today or not."""
        return [verdict.item for verdict in self._get_owed_verdicts()]

    @property
    def in_debt(self) -> bool:
        """The entry condition of customer-based dunning, and its negation the exit (rules §5).

        Something is overdue, holds not subtracted, with a balance that reaches the type's minimum.
        """
        return any(verdict.rule.id in self.owing for verdict in self._get_owed_verdicts())

    def _get_owed_verdicts(self) -> Iterable[Verdict]:
        return (v for v in self.verdicts if v.rule and v.item.owed and v.rule.overdue(v.item, self.today))


def assess(
    customer: Customer,
    rules: Mapping[int, TypeRule],
    today: date,
    rounding: float = 0.01,
    decided: dict[tuple, Decision] | None = None,
    levels: Collection[int] = (),
) -> Assessment:
    """Assess all open debit items of ``customer`` on ``today``.

    ``rules`` maps the id of a dunning type to its rule; an item of a type that is missing there
    is not dunned. ``rounding`` is the company currency's; amounts within half of it are equal.
    ``decided`` collects what was decided: where it is passed on from customer to customer, of many
    items with the same history only the first is decided. It holds for one day and one set of rules.
    Where ``levels`` (ids) are given, items of which another level is due are in no proposal.
    """
    decided = {} if decided is None else decided
    items = sorted(customer.items, key=_BY_DUE)
    covered, spare = _cover(items, customer.credits, rules, today)
    verdicts = _judge(items, customer, rules, today, covered, decided)
    if customer.balance is not None:
        verdicts = _follow_leader(verdicts, today)
    owed = sum_owed(customer, verdicts, covered)
    owing = {type_id for type_id, amount in owed.items() if reaches(amount, rules[type_id].minimum, rounding)}
    verdicts = require_minimum(verdicts, owing, covered)
    verdicts = require_level_minimums(customer, verdicts, owed, covered, today, rounding)
    verdicts = tuple(_withhold_reminders(verdicts, spare))
    proposals = tuple(_group(customer, verdicts, levels))
    return Assessment(customer.id, proposals, verdicts, owing, today, customer, rules)


def judge(
    customer: Customer, rules: Mapping[int, TypeRule], today: date, decided: dict[tuple, Decision]
) -> list[Verdict]:
    """The verdict on each item by itself: as :func:`assess`, without what concerns the customer as a whole."""
    return _judge(customer.items, customer, rules, today, {}, decided)


def _judge(
    items: Iterable[Item],
    customer: Customer,
    rules: Mapping[int, TypeRule],
    today: date,
    covered: Mapping[int, float],
    decided: dict[tuple, Decision],
) -> list[Verdict]:
    """The verdict on each item, apart from what concerns the customer as a whole."""
    result = []
    later = any(day > today for day in customer.last_notices.values())
    for item in items:
        rule = rules.get(item.type)
        if rule is None:
            result.append(Verdict(item, None, None, item.obstacle or "no_type"))
            continue
        customer_last = customer.last_notices.get(rule.id)
        history = (rule.id, customer_last, *item.history)
        decision = decided.get(history)
        if decision is None:
            decision = decided[history] = decide(item, rule, today, customer_last)
        credit = covered.get(item.id)
        reason = item.obstacle or decision.reason
        if credit is not None:
            reason = "later" if later else "credits" if item.covered_by(credit) else reason
        result.append(Verdict(item, rule, decision, reason, credit or 0.0))
    return result


def _cover(
    items: Iterable[Item], credits: Iterable[Credit], rules: Mapping[int, TypeRule], today: date
) -> tuple[dict[int, float], dict[int, float]]:
    """Spread the credits over the overdue dunnable items, the oldest first.

    Returns what is covered of each of them, 0 too, and what is left of the credits by currency. Every
    credit counts once, whatever number of notices the customer gets.
    """
    pools = defaultdict(float)
    for credit in credits:
        pools[credit.currency] += credit.amount
    covered = {}
    for item in items:
        rule = rules.get(item.type)
        if rule is None or item.obstacle or not rule.overdue(item, today):
            continue
        covered[item.id] = min(pools[item.currency], item.claim)
        pools[item.currency] -= covered[item.id]
    return covered, pools


def _follow_leader(verdicts: Iterable[Verdict], today: date) -> list[Verdict]:
    """The oldest overdue dunnable item decides for all the others (customer-based).

    While it is in an unissued notice the others wait, so that a plan never takes two steps at once.
    """
    leaders, result = {}, []
    for verdict in verdicts:
        overdue = verdict.rule and verdict.rule.overdue(verdict.item, today)
        if overdue and verdict.item.obstacle == "pending":
            leaders.setdefault(verdict.rule.id, verdict)
        elif overdue and not verdict.item.obstacle and verdict.reason == verdict.decision.reason:
            leader = leaders.setdefault(verdict.rule.id, verdict)
            verdict = replace(verdict, decision=leader.decision, reason=leader.reason)
        result.append(verdict)
    return result


def _withhold_reminders(verdicts: list[Verdict], spare: Mapping[int, float]) -> list[Verdict]:
    """A reminder waits while the customer is dunned, or while his credits cover the item."""
    if not any(verdict.level and verdict.level.reminder for verdict in verdicts):
        return verdicts
    dunned = {verdict.rule.id for verdict in verdicts if verdict.level and not verdict.level.reminder}
    left = dict(spare)
    result = []
    for verdict in verdicts:
        if verdict.level and verdict.level.reminder:
            credit = min(left.get(verdict.item.currency, 0.0), verdict.item.claim)
            left[verdict.item.currency] = left.get(verdict.item.currency, 0.0) - credit
            reason = "customer" if verdict.rule.id in dunned else verdict.reason
            reason = "credits" if verdict.item.covered_by(credit) else reason
            verdict = replace(verdict, credit=credit, reason=reason)
        result.append(verdict)
    return result


def _group(customer: Customer, verdicts: Iterable[Verdict], levels: Collection[int] = ()) -> Iterable[Proposal]:
    """One notice per type, currency and recipient, and per level if the type groups so; of ``levels``, or of all."""
    by_key = defaultdict(list)
    for verdict in verdicts:
        if verdict.level and (not levels or verdict.level.id in levels):
            key = (
                verdict.rule.id,
                verdict.item.currency,
                verdict.item.contact if verdict.rule.by_contact else None,
                verdict.level.id if verdict.rule.by_level else None,
            )
            by_key[key].append(verdict)
    for (type_id, currency, contact, _level), group in by_key.items():
        level = max((verdict.level for verdict in group), key=lambda level: level.days)
        recipient = contact or customer.contact or _common_contact(group)
        yield Proposal(customer.id, type_id, currency, recipient, level, tuple(group))


def _common_contact(verdicts: Iterable[Verdict]) -> int | None:
    """The contact that all invoices share, or None."""
    contacts = {verdict.item.contact for verdict in verdicts}
    return contacts.pop() if len(contacts) == 1 else None
