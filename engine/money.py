"""Exact arithmetic of amounts: floats outside, fractions inside."""

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache


@lru_cache(maxsize=4096)
def exact(value: float) -> Fraction:
    """The decimal number that a float stands for; its noise beyond 15 digits is dropped.

    >>> exact(0.1 + 0.2) == exact(0.3)
    True
    """
    return Fraction(f"{value:.15g}")


def rounded(amount: Fraction, rounding: float) -> float:
    """``amount`` to the nearest multiple of ``rounding``, half away from zero as Odoo rounds.

    >>> rounded(exact(2.675), 0.01), rounded(exact(2.675), 0.05), rounded(exact(-2.5), 1.0)
    (2.68, 2.7, -3.0)
    """
    unit = exact(rounding)
    # The floor of |amount| / unit + 1/2 in whole numbers, which are much faster than fractions.
    divisor = 2 * amount.denominator * unit.numerator
    units = (2 * abs(amount.numerator) * unit.denominator + divisor // 2) // divisor
    return float(units * unit if amount > 0 else -units * unit)


def total(amounts: Iterable[float]) -> float:
    """The sum of amounts, without the noise of adding floats.

    >>> total([0.1, 0.1, 0.1])
    0.3
    """
    return float(sum(map(exact, amounts)))
