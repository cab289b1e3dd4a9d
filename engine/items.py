"""Open items: what is owed, since when, and what keeps it out of dunning."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date


@dataclass(slots=True)
class Item:
    """One open debit item of a customer, with its dunning history.

    ``residual`` and ``contested`` are in the item's currency, ``company_residual`` in the
    company's. ``obstacles`` names what keeps the item out, the weightiest first. ``reached`` is
    the level reached, given as the days after due of that level; ``deadline_days`` the payment
    term printed on the last notice, 0 where no document left; ``times`` the number of notices sent at
    the level reached;
    ``resumed`` the day since when a dunned item may be dunned again (end of a hold, resume,
    returned payment); ``not_before`` the day before which a person wants no notice;
    ``released`` the day since when it may be dunned whatever the level's days between notices, since a promise about it
    came to nothing;
    ``reminded`` the days of the last reminder sent; ``issued`` the later of invoice date and first posting,
    None where it can delay nothing; ``plan`` the open collection plan; ``rounding``
    that of the item's currency: amounts below half of it are nothing; ``owed`` is False where an obstacle keeps
    the item out for good, so that it counts as no debt (rules §5).

    ``claim`` is what may be dunned: the residual without its contested part, never below zero.
    ``obstacle`` is the reason that keeps the item out, or None where it is dunnable.
    """

    id: int
    due: date
    residual: float
    company_residual: float
    currency: int
    type: int | None = None
    contact: int | None = None
    contested: float = 0.0
    obstacles: tuple[str, ...] = ()
    reached: int | None = None
    last_notice: date | None = None
    deadline_days: int = 0
    times: int = 0
    resumed: date | None = None
    not_before: date | None = None
    released: date | None = None
    reminded: int | None = None
    issued: date | None = None
    plan: int | None = None
    rounding: float = 0.01
    owed: bool = True
    claim: float = field(init=False)
    obstacle: str | None = field(init=False)

    def __post_init__(self):
        claim = self.residual - self.contested
        self.claim = claim = claim if claim >= self.rounding / 2 else 0.0  # asked many times each
        self.obstacle = self.obstacles[0] if self.obstacles else None if claim else "hold"

    @property
    def history(self) -> tuple:
        """All that decides which level is due: items with the same history get the same decision."""
        return (
            self.due,
            self.reached,
            self.last_notice,
            self.deadline_days,
            self.times,
            self.resumed,
            self.not_before,
            self.released,
            self.reminded,
            self.issued,
        )

    def days_overdue(self, today: date) -> int:
        """Whole days after the due date; negative before it (rules §1)."""
        return (today - self.due).days

    def covered_by(self, credit: float) -> bool:
        """True where ``credit`` leaves nothing of the claim."""
        return self.claim - credit < self.rounding / 2

    @property
    def company_claim(self) -> float:
        """The claim in company currency, at the rate at which the item is booked."""
        return self.company_residual * self.claim / self.residual if self.residual else 0.0


def spread_contested(amount: float, residuals: Iterable[tuple[int, float]]) -> dict[int, float]:
    """Spread the contested ``amount`` of an invoice over its instalments.

    ``residuals`` holds (item id, residual), the earliest due first. Payments settle the
    uncontested part first (rules §3), so that the contested part sits on the last instalments.

    >>> spread_contested(50, [(1, 40), (2, 40)])
    {2: 40, 1: 10}
    """
    shares = {}
    for item_id, residual in reversed(list(residuals)):
        shares[item_id] = min(residual, amount)
        amount -= shares[item_id]
        if amount <= 0:
            break
    return shares
