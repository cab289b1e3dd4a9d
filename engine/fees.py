"""The fee of a notice, and what the notice claims in all (rules §8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from .money import exact, rounded, total


@dataclass(frozen=True, slots=True)
class Fee:
    """What a level charges; all amounts in the notice's currency.

    ``kind``: ``none``, ``fixed`` (``amount``), or ``percent`` (``percent`` of what is overdue net
    of credits, at least ``minimum``, at most ``maximum``; 0: no maximum. The maximum wins).
    ``per``: ``notice``, or ``item``: of each item once in its life, whatever level charged it.
    """

    kind: str = "none"
    amount: float = 0.0
    percent: float = 0.0
    minimum: float = 0.0
    maximum: float = 0.0
    per: str = "notice"


@dataclass(frozen=True, slots=True)
class Claim:
    """A dunned item of a notice: what is ``overdue`` of it, and the ``credit`` that covers it in part.

    ``charged`` is true of an item that has borne a fee per item before, at any level: a fee that
    was waived counts, a fee that was undone does not.
    """

    item: int
    overdue: float
    credit: float = 0.0
    charged: bool = False

    @property
    def net(self) -> Fraction:
        """What is claimed of the item, exact."""
        return exact(self.overdue) - exact(self.credit)


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One fee as the letter shows it: ``percent`` of ``base``, within the bounds of the fee; rounded.

    ``item`` is None where the notice bears the fee; ``percent`` is 0 of a fixed fee. ``bound`` is the bound that makes
    the ``amount`` other than the percentage: ``minimum``, ``maximum``, or empty.
    """

    item: int | None
    base: float
    percent: float
    amount: float
    bound: str = ""


def charge_fee(fee: Fee, claims: Iterable[Claim], rounding: float) -> tuple[FeeLine, ...]:
    """What a notice over ``claims`` charges by ``fee``; a line of zero is none.

    A percentage is never taken of a base of zero or below, so that no minimum is charged there.
    """
    if fee.per == "item":
        bases = [(claim.item, claim.net) for claim in claims if not claim.charged]
    else:
        bases = [(None, sum(claim.net for claim in claims))]
    lines = [_line(fee, item, base, rounding) for item, base in bases]
    return tuple(line for line in lines if line.amount)


def claim_total(claims: Iterable[Claim], charges: Iterable[float]) -> float:
    """The total of a notice: overdue − credits + charges.

    ``charges`` are the interest and the fees that it claims. On the letter only, these are all
    interest since the due dates, the notice's own fee, and the earlier fees that were not waived.

    >>> claim_total([Claim(1, 100.0)], [15.0, 10.0])
    125.0
    """
    return total([float(claim.net) for claim in claims] + list(charges))


def _line(fee: Fee, item: int | None, base: Fraction, rounding: float) -> FeeLine:
    """The fee on ``base``; a percentage with the bound that decides, if any."""
    if fee.kind != "percent":
        return FeeLine(item, float(base), 0.0, rounded(exact(fee.amount if fee.kind == "fixed" else 0.0), rounding))
    if base <= 0:
        return FeeLine(item, float(base), fee.percent, 0.0)
    share = base * exact(fee.percent) / 100
    amount = max(share, exact(fee.minimum))
    if fee.maximum:
        amount = min(amount, exact(fee.maximum))
    plain, charged = rounded(share, rounding), rounded(amount, rounding)
    bound = "minimum" if charged > plain else "maximum" if charged < plain else ""
    return FeeLine(item, float(base), fee.percent, charged, bound)
