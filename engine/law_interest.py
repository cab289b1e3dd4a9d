"""Default interest by law: rates with an end, frozen ones, and interest that joins the principal each year."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from math import ceil

from .interest import DAY_COUNTS, InterestRule
from .law import Debt, Law, LegalSlice, Series
from .law_days import add_months, move_on
from .money import exact, rounded, total

JULY = 7


@dataclass(frozen=True, slots=True)
class Quote:
    """A rate with its end: ``percent`` by law, made of the ``reference``, from ``since`` to ``until`` (included)."""

    since: date
    until: date
    percent: float
    reference: float


def end_of_rate(series: Series, since: date) -> date:
    """The last day on which a rate of ``since`` counts without a newer one."""
    if series.rhythm == "fixed":
        return date.max
    if series.rhythm == "change":
        return series.confirmed_until or since
    year_end = date(since.year, 12, 31)
    return date(since.year, 6, 30) if series.rhythm == "half_yearly" and since.month < JULY else year_end


def confirmed_until(series: Series) -> date | None:
    """The last day that has a confirmed rate; None where there is no rate."""
    return max((end_of_rate(series, rate.since) for rate in series.rates), default=None)


def get_quotes(law: Law, series: Series) -> tuple[Quote, ...]:
    """What the law makes of the ``series``: the rates in order, each with the days on which it counts."""
    rates = sorted(series.rates, key=lambda rate: rate.since)
    ends = [*(rate.since - timedelta(1) for rate in rates[1:]), date.max][: len(rates)]
    return tuple(
        Quote(rate.since, min(end, end_of_rate(series, rate.since)), _to_percent(law, rate.percent), rate.percent)
        for rate, end in zip(rates, ends, strict=True)
    )


def _to_percent(law: Law, reference: float) -> float:
    """The rate of interest by a reference rate: rounded up to the half point where the law says so, plus the margin."""
    base = Fraction(ceil(exact(reference) * 2), 2) if law.half_point else exact(reference)
    return max(float(base + exact(law.margin)), law.floor)


@dataclass(frozen=True, slots=True)
class Terms:
    """At which rate each day bears interest: the law's ``quotes``, and no more than the creditor's ``own`` rates."""

    quotes: tuple[Quote, ...]
    own: InterestRule | None = None

    def on(self, day: date) -> tuple[float, float, bool]:
        """(percent, reference, the creditor's own?) on ``day``; zeros where there is no rate."""
        quote = next((quote for quote in self.quotes if quote.since <= day <= quote.until), None)
        if quote is None:
            return 0.0, 0.0, False
        own = self.own.percent_on(day) if self.own else quote.percent
        return min(own, quote.percent), quote.reference, own < quote.percent

    def cuts(self) -> set[date]:
        """The days after which the rate may change."""
        days = {quote.since for quote in self.quotes} | {rate.since for rate in (self.own.rates if self.own else ())}
        ends = {quote.until for quote in self.quotes}
        return ends | {day - timedelta(1) for day in days if day > date.min}


def get_terms(law: Law, series: Series, start: date, own: InterestRule | None) -> Terms:
    """The rates from the day after ``start`` on; a frozen law has only that of the first day."""
    quotes = get_quotes(law, series)
    if law.frozen:
        first = start + timedelta(1)
        quotes = tuple(replace(quote, until=date.max) for quote in quotes if quote.since <= first <= quote.until)
    return Terms(quotes, own)


def find_missing(terms: Terms, start: date, until: date) -> tuple[date | None, date | None]:
    """The first day without a rate after ``start``, and the first one from which on there is none up to ``until``."""
    days, first = start + timedelta(1), None
    for quote in terms.quotes:
        if quote.until < days:
            continue
        if quote.since > days:
            first = first or days
        days = quote.until if quote.until == date.max else quote.until + timedelta(1)
    return first or (days if days <= until else None), days if days <= until else None


def settle_principal(law: Law, debt: Debt, start: date, until: date):
    """A function from a day to the principal after it, and the days after which it changes.

    Where payment on the next working day is in time, one on it counts as made on the due date.
    """
    grace = move_on(law, debt.due) if law.weekend == "grace" else start
    known = [payment for payment in debt.payments if payment.on <= until]
    settled = [
        (start if payment.on <= grace else payment.counts_from(start), exact(payment.amount)) for payment in known
    ]
    claimed = exact(debt.amount) - exact(debt.contested)

    def principal_after(day: date) -> Fraction:
        return max(claimed - sum(paid for last, paid in settled if last <= day), Fraction(0))

    return principal_after, {last for last, _paid in settled}


def accrue_by_law(law: Law, terms: Terms, debt: Debt, start: date, until: date) -> tuple[LegalSlice, ...]:
    """The slices of interest from the day after ``start`` up to and including ``until``.

    There is a slice for each time with one principal and one rate, and each reference rate has its own.
    """
    principal_after, changes = settle_principal(law, debt, start, until)
    birthdays = _birthdays(start, until) if law.compounding else []
    cuts = sorted({day for day in {*changes, *terms.cuts(), *birthdays} if start < day < until} | {start, until})
    slices, joined, year = [], Fraction(0), []
    for since, end in pairwise(cuts):
        if since in birthdays:
            joined, year = joined + sum(exact(part.amount) for part in year), []
        percent, reference, own = terms.on(since + timedelta(1))
        principal = principal_after(since)
        if principal > 0 and percent > 0:
            part = _slice(law, (since, end), float(principal + joined), (percent, reference, own), debt.rounding)
            year.append(part)
            slices.append(part)
    return tuple(part for part in slices if part.days)


def sum_up(law: Law, slices: Iterable[LegalSlice], rounding: float) -> float:
    """The interest in all: rounded once, or the sum of the rounded slices, as the law does."""
    if law.round_once:
        return rounded(sum((part.exact_amount for part in slices), Fraction(0)), rounding)
    return total(part.amount for part in slices)


def spread(law: Law, slices: Iterable[LegalSlice], rounding: float) -> tuple[LegalSlice, ...]:
    """The slices with amounts that add up to :func:`sum_up`: what is rounded once is rounded from the first on.

    So a slice may differ by a cent from what it would be alone.
    """
    if not law.round_once:
        return tuple(slices)
    result, exact_sum, told = [], Fraction(0), 0.0
    for part in slices:
        exact_sum += part.exact_amount
        amount = total((rounded(exact_sum, rounding), -told))
        result.append(replace(part, amount=amount))
        told = total((told, amount))
    return tuple(result)


def _birthdays(start: date, until: date) -> list[date]:
    """The days on which a year of default ends."""
    days = []
    while (day := add_months(start, 12 * (len(days) + 1))) < until:
        days.append(day)
    return days


def _slice(law: Law, days: tuple[date, date], principal: float, rate: tuple, rounding: float) -> LegalSlice:
    count, year = DAY_COUNTS[law.day_count]
    percent, reference, own = rate
    part = LegalSlice(*days, count(*days), year, principal, percent, 0.0, reference, own)
    return replace(part, amount=rounded(part.exact_amount, rounding))
