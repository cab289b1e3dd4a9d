"""Two policies tried on two halves of a group of customers: who is in which half, and what can be told of the outcome.

Invoices of one customer are alike, so that they tell less than as many invoices of as many customers. All intervals are
those of sums by customer (clusters), at 95 %.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import md5
from math import sqrt

Z = 1.959963984540054  # of the normal distribution, for 95 %
ENOUGH = 30  # customers in each arm; below, these intervals are no good


def choose_arm(key: int, customer: int) -> int:
    """The arm of a customer, 0 or 1, in the experiment ``key``: always the same, and as good as drawn by lot.

    >>> [choose_arm(1, customer) for customer in range(1, 9)]
    [0, 0, 1, 0, 0, 1, 1, 1]
    """
    return md5(f"{key}:{customer}".encode(), usedforsecurity=False).digest()[0] % 2


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure of one arm, with its interval; None where there is nothing to tell it from."""

    value: float | None
    low: float | None = None
    high: float | None = None
    customers: int = 0


@dataclass(frozen=True, slots=True)
class Contrast:
    """By how much the second arm exceeds the first one, with its interval.

    ``verdict``: *few* where the customers of an arm are too few to tell anything, *open* where the interval holds zero,
    so that no difference can be told, else *more* or *less*.
    """

    verdict: str
    value: float | None = None
    low: float | None = None
    high: float | None = None


def estimate_share(clusters: Sequence[tuple[float, float]]) -> Estimate:
    """A share: ``clusters`` are, by customer, how many invoices it is true of, and how many there are.

    Wilson's interval (Wilson 1927), (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n), of the effective number
    n = p(1−p) ÷ variance, where the variance is that between customers (Korn and Graubard 1998); n is at most the
    number of invoices.

    >>> estimate = estimate_share([(1, 1)] * 81 + [(0, 1)] * 182)
    >>> round(estimate.low, 4), round(estimate.high, 4)
    (0.2553, 0.3662)
    """
    number = sum(count for _hits, count in clusters)
    if not number:
        return Estimate(None)
    share = sum(hits for hits, _count in clusters) / number
    count = len(clusters)
    variance = _find_variance(clusters, share) * (count - 1) / count  # so that it is Wilson's where each has one
    effective = min(share * (1 - share) / variance, number) if variance else count
    low, high = _wilson(share, effective)
    return Estimate(share, low, high, count)


def estimate_ratio(clusters: Sequence[tuple[float, float]]) -> Estimate:
    """A mean, or a share of amounts: Σ of the first ÷ Σ of the second, each a sum by customer.

    r ± z √variance, with the variance of a ratio of sums by customer: k/(k−1) · Σ(yᵢ − r·xᵢ)² ÷ (Σx)² (Cochran,
    Sampling Techniques, 3rd ed. 1977, §6.3).
    """
    number = sum(weight for _value, weight in clusters)
    if not number:
        return Estimate(None)
    ratio = sum(value for value, _weight in clusters) / number
    reach = Z * sqrt(_find_variance(clusters, ratio))
    return Estimate(ratio, ratio - reach, ratio + reach, len(clusters))


def contrast(first: Estimate, second: Estimate) -> Contrast:
    """The second arm less the first: the interval by the square-and-add of both intervals (Newcombe 1998, method 10).

    >>> first, second = estimate_share([(1, 1)] * 48 + [(0, 1)] * 32), estimate_share([(1, 1)] * 56 + [(0, 1)] * 14)
    >>> found = contrast(second, first)
    >>> round(found.value, 4), round(found.low, 4), round(found.high, 4), found.verdict
    (-0.2, -0.3339, -0.0524, 'less')
    """
    if min(first.customers, second.customers) < ENOUGH:
        return Contrast("few")
    value = second.value - first.value
    low = value - sqrt((second.value - second.low) ** 2 + (first.high - first.value) ** 2)
    high = value + sqrt((second.high - second.value) ** 2 + (first.value - first.low) ** 2)
    return Contrast("more" if low > 0 else "less" if high < 0 else "open", value, low, high)


def _find_variance(clusters: Sequence[tuple[float, float]], ratio: float) -> float:
    """The variance of the ratio of two sums by customer."""
    count, weight = len(clusters), sum(each for _value, each in clusters)
    if count < 2:
        return 0.0
    return count / (count - 1) * sum((value - ratio * each) ** 2 for value, each in clusters) / weight**2


def _wilson(share: float, number: float) -> tuple[float, float]:
    spread = Z**2 / number
    middle = (share + spread / 2) / (1 + spread)
    reach = Z * sqrt(share * (1 - share) / number + spread / (4 * number)) / (1 + spread)
    return max(middle - reach, 0.0), min(middle + reach, 1.0)
