"""The fee of a notice, and what the notice claims in all (rules §8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from .money import exact, rounded, total


@dataclass(frozen=True, slots=True)
class FeeBand:
    """From ``start`` on (included, up to the next band) an ``amount`` and ``percent``; in the notice's currency."""

    start: float
    amount: float = 0.0
    percent: float = 0.0


@dataclass(frozen=True, slots=True)
class Fee:
    """What a level charges; all amounts in the notice's currency.

    ``kind``: ``none``, ``fixed`` (``amount``), ``percent`` (``percent`` of what is overdue net of credits), ``band``
    (amount and percentage of the one band in which that falls) or ``bands`` (the amounts of all bands that it reaches,
    and of each part of it the percentage of its band). All but a fixed one are at least ``minimum``, at most
    ``maximum``; 0: no maximum. The maximum wins. ``bands`` are ordered by ``start``; below the first there is no fee.
    ``per``: ``notice``, or ``item``: of each item once in its life, whatever level charged it.
    """

    kind: str = "none"
    amount: float = 0.0
    percent: float = 0.0
    minimum: float = 0.0
    maximum: float = 0.0
    per: str = "notice"
    bands: tuple[FeeBand, ...] = ()


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
    the ``amount`` other than the percentage: ``minimum``, ``maximum``, or empty. ``parts`` are what bands give of it,
    before the bounds of the fee: none of a fee without bands.
    """

    item: int | None
    base: float
    percent: float
    amount: float
    bound: str = ""
    parts: tuple["FeePart", ...] = ()


@dataclass(frozen=True, slots=True)
class FeePart:
    """What a ``band`` of a fee gives: its amount, and its percentage of ``base``; exact, as a float."""

    band: FeeBand
    base: float


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


def split_bands(fee: Fee, base: Fraction) -> list[tuple[FeeBand, Fraction]]:
    """The bands of ``fee`` that ``base`` reaches, each with what of it the percentage is taken of.

    >>> bands = (FeeBand(0.0, percent=2.0), FeeBand(1000.0, percent=1.0))
    >>> [(band.start, float(part)) for band, part in split_bands(Fee("bands", bands=bands), exact(1500.0))]
    [(0.0, 1000.0), (1000.0, 500.0)]
    >>> [(band.start, float(part)) for band, part in split_bands(Fee("band", bands=bands), exact(1500.0))]
    [(1000.0, 1500.0)]
    """
    reached = [band for band in fee.bands if exact(band.start) <= base]
    if fee.kind == "band" or not reached:
        return [(band, base) for band in reached[-1:]]
    ends = [*(exact(band.start) for band in reached[1:]), base]
    return [(band, end - exact(band.start)) for band, end in zip(reached, ends, strict=True)]


def _line(fee: Fee, item: int | None, base: Fraction, rounding: float) -> FeeLine:
    """The fee on ``base``; a percentage with the bound that decides, if any."""
    if fee.kind in ("none", "fixed"):
        return FeeLine(item, float(base), 0.0, rounded(exact(fee.amount if fee.kind == "fixed" else 0.0), rounding))
    banded = fee.kind != "percent"
    split = split_bands(fee, base) if banded else [(FeeBand(0.0, percent=fee.percent), base)]
    percent = split[0][0].percent if split and fee.kind != "bands" else 0.0
    if base <= 0 or not split:
        return FeeLine(item, float(base), percent, 0.0)
    share = sum(exact(band.amount) + part * exact(band.percent) / 100 for band, part in split)
    amount = max(share, exact(fee.minimum))
    if fee.maximum:
        amount = min(amount, exact(fee.maximum))
    plain, charged = rounded(share, rounding), rounded(amount, rounding)
    bound = "minimum" if charged > plain else "maximum" if charged < plain else ""
    parts = tuple(FeePart(band, float(part)) for band, part in split) if banded else ()
    return FeeLine(item, float(base), percent, charged, bound, parts)
