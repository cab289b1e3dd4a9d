"""Whom to call first: the score of a case, why it has it, in which queue it stands and what to do (rules §12).

The rules are records that managers edit; here are their values. What the screens say of a reason is made from its
fact and value, so that a screen and a test see the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log10

# The queues in the order in which a case is looked for; the last takes what is left.
QUEUES = ("call_back", "broken", "due_today", "promised_today", "dispute", "failed", "never_contacted", "rest")


@dataclass(frozen=True)
class PointRule:
    """A rule of the desk: ``points`` where the ``fact`` is at least ``at_least``, and not above ``at_most``.

    For each whole ``unit`` of the fact above ``at_least`` there are ``further`` points, and never more than ``most`` in
    all, where that is given.
    """

    id: int
    fact: str
    points: int
    at_least: float = 1
    at_most: float | None = None
    further: int = 0
    unit: float = 1
    most: int | None = None

    def score(self, value: float | None) -> int:
        """The points for ``value``; 0 where it is unknown (None) or out of bounds.

        >>> days = PointRule(1, "days_overdue", points=0, at_least=0, further=1, unit=5, most=20)
        >>> days.score(4), days.score(62), days.score(400), days.score(None)
        (0, 12, 20, 0)
        """
        if value is None or value < self.at_least or (self.at_most is not None and value > self.at_most):
            return 0
        points = self.points + self.further * int((value - self.at_least) / self.unit + 1e-9)
        return points if self.most is None else min(points, self.most)


@dataclass(frozen=True)
class Case:
    """What is known of a customer on a day; amounts in company currency, days and counts as whole numbers.

    ``overdue`` is what is past due, ``credits`` what stands against it, ``promised`` and ``disputed`` the parts of it
    that are out of question for the moment. ``minimum`` is the amount from which a customer is worth a call, ``median``
    that of the net amounts overdue of all customers of the company. ``broken`` is the number of promises broken lately,
    ``contacted`` the number of days since the last attempt to reach him, None where there was none. The flags say what
    is due today; ``called_since`` that he was called after the last promise broke, ``ladder_ended`` that no level comes
    after the one reached, ``level_due`` that one comes today, ``page_opened`` that he has looked at his page lately;
    ``late_probability`` how likely he pays an invoice late, None where it is unknown.
    """

    overdue: float = 0.0
    credits: float = 0.0
    promised: float = 0.0
    disputed: float = 0.0
    minimum: float = 0.0
    median: float = 0.0
    days_overdue: int = 0
    broken: int = 0
    contacted: int | None = None
    call_back: bool = False
    returned: bool = False
    activity_due: bool = False
    promise_today: bool = False
    promise_soon: bool = False
    review_due: bool = False
    failed: bool = False
    called_since: bool = False
    wants_copy: bool = False
    level_due: bool = False
    ladder_ended: bool = False
    page_opened: bool = False
    late_probability: float | None = None

    @property
    def net(self) -> float:
        """What is overdue and not covered by credits."""
        return max(self.overdue - self.credits, 0.0)

    @property
    def facts(self) -> Mapping[str, float | None]:
        """What rules can ask for, by name; None where it is unknown."""
        return {
            "broken_promises": self.broken,
            "promise_soon": int(self.promise_soon or self.promise_today),
            "call_back": int(self.call_back),
            "returned_payment": int(self.returned),
            "amount": log10(self.net) - log10(self.median) if self.net > 0 and self.median > 0 else None,
            "days_overdue": self.days_overdue,
            "ladder_ended": int(self.ladder_ended),
            "page_opened": int(self.page_opened and self.net > 0),
            "late_probability": self.late_probability,
            "days_never_contacted": self.days_overdue if self.contacted is None else None,
            "days_since_contact": self.contacted,
        }

    @property
    def due_today(self) -> bool:
        """Whether something waits for somebody today, whatever the score."""
        return any((self.call_back, self.promise_today, self.review_due, self.failed, self.returned))

    @property
    def settled_for_now(self) -> bool:
        """Whether there is nothing to call about: little is overdue, or all of it is promised or disputed."""
        return self.net <= self.minimum or self.overdue <= self.promised + self.disputed


@dataclass(frozen=True)
class Reason:
    """A rule that gave points, and the value of its fact."""

    rule: int
    fact: str
    points: int
    value: float


@dataclass(frozen=True)
class Standing:
    """Where a case stands: ``score`` with its ``reasons``, the greatest first, and whether it is ``on_desk``.

    ``due_today``: something waits for somebody today, so that it is there whatever else.
    """

    score: int
    reasons: tuple[Reason, ...]
    on_desk: bool
    due_today: bool
    queue: str
    action: str


def rank(case: Case, rules: Iterable[PointRule]) -> Standing:
    """Rank ``case`` by the ``rules``: the sum of the points of those that apply."""
    facts = case.facts
    points = ((rule, rule.score(facts[rule.fact])) for rule in rules)
    reasons = [Reason(rule.id, rule.fact, given, facts[rule.fact]) for rule, given in points if given]
    reasons.sort(key=lambda reason: (-abs(reason.points), reason.rule))
    score = sum(reason.points for reason in reasons)
    on_desk = case.due_today or (score > 0 and not case.settled_for_now)
    return Standing(score, tuple(reasons), on_desk, case.due_today, find_queue(case), next_action(case))


def find_queue(case: Case) -> str:
    """The queue in which a case stands: the first of ``QUEUES`` that fits."""
    fits = {
        "call_back": case.call_back,
        "broken": case.broken,
        "due_today": case.activity_due or case.returned or case.level_due,
        "promised_today": case.promise_today,
        "dispute": case.review_due,
        "failed": case.failed,
        "never_contacted": case.contacted is None,
    }
    return next(queue for queue in QUEUES if fits.get(queue, True))


def next_action(case: Case) -> str:
    """The next best action for a case: the first that fits, else a call.

    After a second broken promise that is a manager's, unless the next level comes today.
    """
    again = case.broken > 1 and not case.called_since
    steps = (
        ("call_back", case.call_back),
        ("check_return", case.returned),
        ("call", case.broken == 1 and not case.called_since),
        ("next_level" if case.level_due else "manager", again),
        ("send_copies", case.wants_copy),
        ("payment", case.promise_today),
        ("review", case.review_due),
        ("address", case.failed),
        ("next_level", case.level_due),
        ("instalments", case.broken > 1),
        ("hand_over", case.ladder_ended),
    )
    return next((action for action, fits in steps if fits), "call")
