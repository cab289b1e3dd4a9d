"""What money of a debtor is set against by law where he has not said it: costs and interest before the principal.

BGB § 366 Abs. 2, § 367 Abs. 1; BW art. 6:43, 6:44. The oldest debt comes first, and what was charged for it before its
principal. Where the money covers everything there is no question, and the answer is the same.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from .money import total

# A number that a payer writes for short: shorter ones may be anything.
FEWEST_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Open:
    """An open item: the ``amount`` that is open, ``since`` when it exists and when it is ``due``.

    ``charged_for``: of an invoice of charges, the due date of the oldest debt that it is about; None of a debt itself.
    """

    key: int
    amount: float
    since: date
    due: date
    charged_for: date | None = None


@dataclass(frozen=True, slots=True)
class Money:
    """What a debtor has paid on a ``day`` and is set against nothing yet: an ``amount`` above zero."""

    key: int
    amount: float
    day: date


@dataclass(frozen=True, slots=True)
class Share:
    """The ``amount`` of ``money`` that is set against the ``item``, both by their keys."""

    money: int
    item: int
    amount: float


def impute(money: Iterable[Money], items: Iterable[Open]) -> tuple[Share, ...]:
    """What the ``money`` is set against, in order: payments by their day, each against the items that existed then.

    >>> day = date(2026, 6, 1)
    >>> debt, charges = Open(1, 100.0, day, day), Open(2, 5.0, day, day, charged_for=day)
    >>> [(share.item, share.amount) for share in impute([Money(9, 40.0, day)], [debt, charges])]
    [(2, 5.0), (1, 35.0)]
    """
    ordered = sorted(
        items, key=lambda item: (item.charged_for or item.due, item.charged_for is None, item.due, item.key)
    )
    left = {item.key: item.amount for item in ordered}
    shares = []
    for paid in sorted(money, key=lambda paid: (paid.day, paid.key)):
        rest = paid.amount
        for item in ordered:
            amount = min(rest, left[item.key]) if item.since <= paid.day else 0.0
            if amount > 0:
                shares.append(Share(paid.key, item.key, amount))
                rest, left[item.key] = total((rest, -amount)), total((left[item.key], -amount))
    return tuple(shares)


def names_any(text: str, numbers: Iterable[str]) -> bool:
    """True where the ``text`` of a payment names one of the ``numbers``, whole or by its last digits.

    >>> names_any("Rechnung 12, danke", ["INV/2026/00012"]), names_any("inv-2026-00012", ["INV/2026/00012"])
    (True, True)
    >>> names_any("Vielen Dank", ["INV/2026/00012"])
    False
    """
    plain = _to_plain(text)
    found = {digits.lstrip("0") for digits in re.findall(r"\d+", text)}
    for number in numbers:
        digits = re.findall(r"\d+", number)
        short = digits[-1].lstrip("0") if digits else ""
        if (number and _to_plain(number) in plain) or (len(short) >= FEWEST_DIGITS and short in found):
            return True
    return False


def _to_plain(text: str) -> str:
    return re.sub(r"[\W_]", "", text).upper()
