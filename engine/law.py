"""What the law lets a creditor claim of one item, explained (rules of each country: ``docs/law.md``).

A missing claim can be made later, a wrong one cannot be taken back: what is not known counts as not so, and each part
that is not claimed says why (:class:`Refusal`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from .interest import InterestRule, Payment, Rate, Slice

# The parts of a claim, in the order in which they are told.
PARTS = ("interest", "compensation", "costs", "fee")

# What may make a debt fall into default without a demand.
GROUNDS = ("date", "notice", "none")


@dataclass(frozen=True, slots=True)
class Band:
    """Up to ``upto`` of the principal (None: without end): ``base`` + ``percent`` of what is above ``above``.

    ``inclusive``: ``upto`` itself belongs to this band, not to the next one.
    """

    upto: float | None
    base: float
    percent: float = 0.0
    above: float = 0.0
    inclusive: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """What a country's law says of debtors of one ``kind`` (``business``, ``consumer``, ``public``; ``trade``: both
    businesses and public bodies), from ``valid_from`` to ``valid_until`` (both included; None: until further notice).

    An empty source of a part means that the law gives no such claim. Amounts are in ``currency``, those of the
    compensation in ``compensation_currency`` (empty: the same).

    *Default.* An agreed date (ground ``date``) begins it, unless ``needs_demand``. A notice on the invoice (ground
    ``notice``) does ``notice_days`` after the due date, where the law knows it (0: it does not). A demand does
    ``demand_days`` after it was received. ``weekend``: a due date on a weekend or holiday moves to the next working day
    (``start``); payment on that day is in time, but whoever is later owes from the due date (``grace``); or ``no``.
    ``holidays``: days as ``MMDD``, or ``E+n`` from Easter Sunday, with spaces between.

    *Interest*: the reference rate of ``series``, rounded up to a half point with ``half_point``, + ``margin``, at least
    ``floor`` percent. ``frozen``: at the rate of the first day throughout. ``compounding``: what has accrued joins the
    principal each year on the day of default. ``round_once``: over all slices, else each. ``interest_waits``: it runs
    only from the end of the waiting period on.

    *Compensation*: by the size of the debt (``compensation``), once for each invoice. ``offset``: fees and costs are
    claimed only as far as they exceed it. ``convert_before``: it is converted at the rate of the last working day of
    the month before the one in which the item was due, else at that of the claim.

    *Fee* of a letter: ``fee_amount`` by law, ``fee_cap`` at most. ``fee_max``: so many letters, counted anew after more
    than ``fee_reset`` months without one (0: never); ``fee_gap`` days apart at least; the first one ``fee_after`` days
    after the due date at the earliest. ``fee_first_free``: the first letter bears none. ``fee_agreed``: only if it was
    agreed when the debt arose. ``fee_proof``: only where invoice and earlier letters provably arrived.

    *Costs* of collection: ``costs`` by the open principal, at least ``costs_minimum``, at most ``costs_maximum`` (0:
    without), plus ``costs_vat`` percent where the creditor cannot deduct the tax.

    *Waiting*: ``waiting_days`` after the day on which a letter without charges was received. A letter by post counts as
    received on the ``post_days``-th day on which post is delivered; ``post_free`` are the weekdays (1: Monday) that do
    not count, beside holidays. ``post_counts``: that day is the first of the waiting days itself.
    """

    name: str = ""
    country: str = ""
    kind: str = ""
    valid_from: date = date.min
    valid_until: date | None = None
    currency: str = "EUR"
    needs_demand: bool = False
    demand_days: int = 0
    notice_days: int = 0
    weekend: str = "no"
    holidays: str = ""
    interest_source: str = ""
    series: str = ""
    margin: float = 0.0
    floor: float = 0.0
    half_point: bool = False
    frozen: bool = False
    compounding: bool = False
    round_once: bool = False
    interest_waits: bool = False
    day_count: str = "act/365"
    compensation_source: str = ""
    compensation: tuple[Band, ...] = ()
    compensation_currency: str = ""
    convert_before: bool = False
    offset: bool = False
    fee_source: str = ""
    fee_amount: float = 0.0
    fee_cap: float = 0.0
    fee_max: int = 0
    fee_after: int = 0
    fee_gap: int = 0
    fee_reset: int = 0
    fee_first_free: bool = False
    fee_agreed: bool = False
    fee_proof: bool = False
    costs_source: str = ""
    costs: tuple[Band, ...] = ()
    costs_minimum: float = 0.0
    costs_maximum: float = 0.0
    costs_vat: float = 0.0
    costs_agreed: bool = False
    costs_wait: bool = False
    waiting_days: int = 0
    post_days: int = 3
    post_free: str = "67"
    post_counts: bool = False

    def covers(self, kind: str, day: date) -> bool:
        """True where it is about debtors of this ``kind`` and in force on ``day``."""
        kinds = ("business", "public") if self.kind == "trade" else (self.kind,)
        return kind in kinds and self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True)
class Series:
    """A series of reference rates.

    ``rhythm`` says how long a rate counts: ``half_yearly`` and ``yearly`` until the end of its period, ``change`` until
    the next one and no longer than ``confirmed_until``, ``fixed`` for good.
    """

    rates: tuple[Rate, ...] = ()
    rhythm: str = "half_yearly"
    confirmed_until: date | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter about the item that has left: ``channel`` is ``email`` or ``letter``, ``fee`` what it charged.

    ``delivered`` is False where it is known, or not known otherwise, that it did not arrive. ``received``: the day on
    which it did; None: as the law presumes.
    """

    sent: date
    channel: str = "email"
    fee: float = 0.0
    delivered: bool = True
    received: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """One item, and what is known of it.

    ``amount``, ``payments``, ``contested`` and ``rounding`` are as in :func:`engine.interest.accrue`. ``ground`` is one
    of :data:`GROUNDS`; ``demand`` the day on which a demand was received, where no letter tells it. ``compensated`` and
    ``costs_claimed`` are what was claimed before, in the item's currency; ``agreed`` says that fee and lump sum were
    agreed when the debt arose, ``invoice_delivered`` that the invoice provably arrived, ``deducts_tax`` that the
    creditor deducts the tax on what he buys. ``factor`` is the amount of the item's currency for one unit of the law's,
    ``compensation_factor`` the same for the currency of the compensation. ``confirmed``: a person lets the days be
    claimed that have a rate, although the latest have none.
    """

    due: date
    amount: float
    payments: tuple[Payment, ...] = ()
    contested: float = 0.0
    ground: str = "none"
    demand: date | None = None
    letters: tuple[Letter, ...] = ()
    compensated: float = 0.0
    costs_claimed: float = 0.0
    agreed: bool = False
    invoice_delivered: bool = False
    deducts_tax: bool = True
    confirmed: bool = False
    rounding: float = 0.01
    factor: float = 1.0
    compensation_factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What the creditor's own settings want where they, not the law, say what is claimed: the law is the limit.

    ``interest``: the rule with his own rates; with None no interest is wanted. ``fee``: of the letter, in the item's
    currency.
    """

    interest: InterestRule | None = None
    fee: float = 0.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a ``part`` is not claimed, or not all of it: a ``code``, and the ``day`` that it is about, if any."""

    part: str
    code: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class LegalSlice(Slice):
    """A slice of interest: ``percent`` = ``reference`` + margin of the law, or the creditor's own rate if lower."""

    reference: float = 0.0
    own: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    """One ``part`` of the claim: the ``amount`` and the ``source`` of the rule. ``wished`` is what ``cut`` has cut."""

    part: str
    amount: float
    source: str
    wished: float = 0.0
    cut: str = ""


@dataclass(frozen=True, slots=True)
class LegalClaim:
    """What may be claimed, with the slices of interest, the rule of each amount, and why the rest is not.

    ``start`` is the last day without default. Amounts are in the item's currency.
    """

    amounts: tuple[Amount, ...] = ()
    slices: tuple[LegalSlice, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    start: date | None = None

    def get(self, part: str) -> float:
        """The amount of one part; 0 if it is not claimed."""
        return next((entry.amount for entry in self.amounts if entry.part == part), 0.0)


NO_WISH = Wish()


@dataclass(slots=True)
class Findings:
    """What the parts of a claim add to, while it is made."""

    amounts: list = field(default_factory=list)
    refusals: list = field(default_factory=list)

    def refuse(self, part: str, code: str, day: date | None = None) -> None:
        self.refusals.append(Refusal(part, code, day))


def refuse_all(code: str, parts: Iterable[str] = PARTS) -> LegalClaim:
    """The claim of nothing, for one reason that holds for all ``parts``."""
    return LegalClaim(refusals=tuple(Refusal(part, code) for part in parts))


def parse_bands(text: str) -> tuple[Band, ...]:
    """Bands as they are written in data: ``150=20, 500=20+10%, *=55+5%``; ``<1000=40`` leaves out the bound itself.

    The percentage is taken of what is above the bound of the band before.

    :raises ValueError: where the text is anything else

    >>> parse_bands("150=20, *=20+10%")[1]
    Band(upto=None, base=20.0, percent=10.0, above=150.0, inclusive=True)
    """
    bands, above = [], 0.0
    for part in filter(None, (part.strip() for part in text.split(","))):
        bound, _sign, value = part.partition("=")
        base, _sign, percent = value.partition("+")
        if percent and not percent.endswith("%"):
            raise ValueError(part)
        upto = None if bound == "*" else float(bound.removeprefix("<"))
        bands.append(Band(upto, float(base), float(percent[:-1] or 0), above, not bound.startswith("<")))
        if upto is not None and upto <= above:
            raise ValueError(part)
        above = upto or above
    if bands and (bands[-1].upto is not None or any(band.upto is None for band in bands[:-1])):
        raise ValueError(text)
    return tuple(bands)


def choose_law(laws: Iterable[Law], country: str, kind: str, day: date) -> Law | None:
    """The law of ``country`` on debtors of ``kind`` that is in force on ``day``; the latest if several are."""
    found = [law for law in laws if law.country == country and law.covers(kind, day)]
    return max(found, key=lambda law: law.valid_from, default=None)
