"""Expected credit loss, simplified (IFRS 9, 5.5.15): how much of each bucket of age is lost in the end.

Buckets are in ascending order of age: not due first. What is left in the oldest one counts as lost.
"""

from collections.abc import Sequence


def find_roll_rates(opening: Sequence[float], rolled: Sequence[float]) -> tuple[float, ...]:
    """The share of each bucket that was in an older one a month later; 0 of a bucket with nothing in it.

    >>> find_roll_rates([100_000, 50_000, 23_000, 8_000], [50_000, 23_000, 8_000, 2_000])[0]
    0.5
    """
    return tuple(min(later / before, 1.0) if before > 0 else 0.0 for before, later in zip(opening, rolled, strict=True))


def find_loss_rates(roll_rates: Sequence[float]) -> tuple[float, ...]:
    """The share of each bucket that is lost: the product of the roll rates ahead, and all of the oldest.

    >>> [round(rate * 100, 1) for rate in find_loss_rates((0.5, 0.46, 8 / 23, 0.25))]
    [2.0, 4.0, 8.7, 25.0, 100.0]
    """
    rates = [1.0]
    for roll in reversed(roll_rates):
        rates.append(rates[-1] * roll)
    return tuple(reversed(rates))


def expect_loss(amounts: Sequence[float], loss_rates: Sequence[float], factor: float = 1.0) -> tuple[float, ...]:
    """The expected loss of each bucket: its amount × its loss rate × the forward-looking ``factor``, at most all of it.

    >>> rates = find_loss_rates((0.5, 0.46, 8 / 23, 0.25))
    >>> round(sum(expect_loss((300_000, 140_000, 60_000, 23_000, 5_000), rates)))
    27567
    """
    return tuple(amount * min(rate * factor, 1.0) for amount, rate in zip(amounts, loss_rates, strict=True))
