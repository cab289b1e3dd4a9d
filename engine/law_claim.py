"""The claim that the law allows of one item: interest, compensation, costs and fee, each with its rule or refusal."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from .days import shift
from .law import NO_WISH, Amount, Band, Debt, Findings, Law, LegalClaim, Series, Wish
from .law_days import count_in_chain, end_of_waiting, received, start_of_default
from .law_interest import accrue_by_law, find_missing, get_terms, settle_principal, spread, sum_up
from .money import exact, rounded, total


def claim_by_law(law: Law, series: Series | None, debt: Debt, day: date, wish: Wish | None = None) -> LegalClaim:
    """What a letter of ``day`` may claim of ``debt``.

    Without a ``wish`` all that the law gives; with one what the creditor wants of interest and fee, within the law.
    """
    start, found = start_of_default(law, debt), Findings()
    slices = ()
    if wish is None or wish.interest:
        slices = _claim_interest(found, law, series, debt, start, day, wish or NO_WISH)
    if wish is None:
        _claim_fixed(found, law, debt, start, day)
    if wish is None or wish.fee > 0:
        _claim_fee(found, law, debt, start, day, wish)
    _set_off(found, law, debt)
    amounts = tuple(entry for entry in found.amounts if entry.amount > 0)
    return LegalClaim(amounts, slices, tuple(found.refusals), start)


def band_amount(bands: tuple[Band, ...], principal: float) -> Fraction:
    """What the ``bands`` give for a ``principal``, exact; nothing for none.

    >>> from .law import parse_bands
    >>> float(band_amount(parse_bands("150=20, 500=30+10%, *=65+5%"), 400.0))
    55.0
    """
    base = exact(principal)
    for band in bands if base > 0 else ():
        if band.upto is None or base < exact(band.upto) or (band.inclusive and base == exact(band.upto)):
            return exact(band.base) + (base - exact(band.above)) * exact(band.percent) / 100
    return Fraction(0)


def _in_default(found: Findings, part: str, debt: Debt, start: date | None, day: date) -> bool:
    """True where the debtor is in default on ``day``; else the refusal is noted."""
    if start is None:
        found.refuse(part, "no_demand")
    elif day <= start:
        found.refuse(part, "not_yet", shift(start, 1))
    return start is not None and start < day


def _has_waited(found: Findings, part: str, law: Law, debt: Debt, day: date) -> bool:
    """True where the time that the letter without charges gives is over on ``day``; else the refusal is noted."""
    end = end_of_waiting(law, debt)
    if end is None:
        found.refuse(part, "no_letter")
    elif day <= end:
        found.refuse(part, "waiting", shift(end, 1))
    return end is not None and end < day


# interest


def _claim_interest(found, law, series, debt, start, day, wish):
    """Note the interest, or why there is none; return its slices."""
    if not law.interest_source:
        return found.refuse("interest", "none") or ()
    if not _in_default(found, "interest", debt, start, day):
        return ()
    if law.interest_waits:
        if not _has_waited(found, "interest", law, debt, day):
            return ()
        start = max(start, end_of_waiting(law, debt))
    terms = get_terms(law, series or Series(), start, wish.interest)
    first, last = find_missing(terms, start, day)
    if first:
        found.refuse("interest", "no_rate", first)
    if last and (last <= start + timedelta(1) or not debt.confirmed):
        return () if first == last else found.refuse("interest", "no_rate", last) or ()
    slices = accrue_by_law(law, terms, debt, start, day)
    if slices and wish.interest and wish.interest.free_days >= (slices[-1].until - debt.due).days:
        return found.refuse("interest", "free_days") or ()
    if not slices and not first:
        found.refuse("interest", "nothing")
    elif slices and not sum_up(law, slices, debt.rounding):
        found.refuse("interest", "small")
    _note_interest(found, law, slices, debt.rounding)
    return spread(law, slices, debt.rounding)


def _note_interest(found, law, slices, rounding):
    own = [part for part in slices if part.own]
    cut = "own" if slices and len(own) == len(slices) else "law" if own else ""
    found.amounts.append(Amount("interest", sum_up(law, slices, rounding), law.interest_source, cut=cut))


# compensation and costs


def _principal(law: Law, debt: Debt, start: date, day: date, factor: float = 1.0) -> float:
    """What is open after ``day``, in the currency of the law."""
    principal_after, _changes = settle_principal(law, debt, start, day)
    return float(principal_after(day)) / factor


def _claim_fixed(found, law, debt, start, day):
    """Note the compensation and the costs of collection."""
    if not law.compensation:
        found.refuse("compensation", "none")
    elif debt.compensated > 0:
        found.refuse("compensation", "once")
    elif _in_default(found, "compensation", debt, start, day):
        amount = band_amount(law.compensation, _principal(law, debt, start, start, debt.factor))
        if not amount:
            found.refuse("compensation", "nothing")
        amount = rounded(amount * exact(debt.compensation_factor), debt.rounding)
        found.amounts.append(Amount("compensation", amount, law.compensation_source))
    if not law.costs:
        found.refuse("costs", "none")
    elif law.costs_agreed and not debt.agreed:
        found.refuse("costs", "not_agreed")
    elif _in_default(found, "costs", debt, start, day) and (
        not law.costs_wait or _has_waited(found, "costs", law, debt, day)
    ):
        _note_costs(found, law, debt, _principal(law, debt, start, day, debt.factor))


def costs_of(law: Law, debt: Debt, principal: float) -> Amount:
    """The costs of collection on a ``principal`` in the currency of the law, less what was claimed of them before."""
    wished = band_amount(law.costs, principal)
    amount = max(wished, exact(law.costs_minimum)) if principal > 0 else wished
    if law.costs_maximum:
        amount = min(amount, exact(law.costs_maximum))
    cut = "minimum" if amount > wished else "maximum" if amount < wished else ""
    if law.costs_vat and not debt.deducts_tax:
        amount += amount * exact(law.costs_vat) / 100
    amount = max(rounded(amount * exact(debt.factor) - exact(debt.costs_claimed), debt.rounding), 0.0)
    wished = rounded(wished * exact(debt.factor), debt.rounding)
    return Amount("costs", amount, law.costs_source, wished if cut else 0.0, cut)


def _note_costs(found, law, debt, principal):
    entry = costs_of(law, debt, principal)
    if entry.amount:
        found.amounts.append(entry)
    else:
        found.refuse("costs", "once" if debt.costs_claimed else "nothing")


# fee


def _claim_fee(found, law, debt, start, day, wish):
    """Note the fee of a letter of ``day``; what a creditor wants is cut at what the law allows."""
    cap = rounded(exact(law.fee_cap) * exact(debt.factor), debt.rounding)
    wished = wish.fee if wish else rounded(exact(law.fee_amount) * exact(debt.factor), debt.rounding)
    if not law.fee_cap:
        return found.refuse("fee", "none")
    if not wished:
        return found.refuse("fee", "not_by_law")
    if _principal(law, debt, start or debt.due, day) <= 0:
        return found.refuse("fee", "nothing")
    if not _in_default(found, "fee", debt, start, day) or not _passes_chain(found, law, debt, day):
        return None
    cut = "maximum" if wished > cap else ""
    return found.amounts.append(Amount("fee", min(wished, cap), law.fee_source, wished if cut else 0.0, cut))


def _passes_chain(found: Findings, law: Law, debt: Debt, day: date) -> bool:
    """True where a letter of ``day`` may bear a fee after those before it; else the refusal is noted."""
    code, when = _check_chain(law, debt, day)
    if code:
        found.refuse("fee", code, when)
    return not code


def _check_chain(law: Law, debt: Debt, day: date) -> tuple[str, date | None]:
    """The code of what keeps a letter of ``day`` from bearing a fee, and the first day on which not; or empty."""
    charged = sorted((letter for letter in debt.letters if letter.fee), key=lambda letter: letter.sent)
    free = [letter for letter in debt.letters if not letter.fee and received(law, letter)]
    if law.fee_agreed and not debt.agreed:
        return "not_agreed", None
    if law.fee_proof and not (debt.invoice_delivered and all(received(law, letter) for letter in charged[-1:])):
        return "no_proof", None
    if law.fee_first_free and not free:
        return "first_free", None
    if law.fee_first_free and day <= (waited := end_of_waiting(law, debt) or debt.due):
        return "waiting", waited + timedelta(1)
    earliest = debt.due + timedelta(law.fee_after)
    if day < earliest:
        return "too_early", earliest
    if law.fee_max and count_in_chain([letter.sent for letter in charged], day, law.fee_reset) >= law.fee_max:
        return "enough", None
    if charged and (day - charged[-1].sent).days < law.fee_gap:
        return "gap", charged[-1].sent + timedelta(law.fee_gap)
    return "", None


# set-off


def _set_off(found: Findings, law: Law, debt: Debt) -> None:
    """Fees and costs count against the compensation, whichever came first; costs that are more stand in its place."""
    sums = {entry.part: entry for entry in found.amounts if entry.amount > 0}
    due = sums["compensation"].amount if "compensation" in sums else debt.compensated
    if not law.offset or not due:
        return
    costs = sums.get("costs")
    if costs and costs.amount > due:
        _replace(found, costs, total((costs.amount, -debt.compensated)))
        if "compensation" in sums:
            _replace(found, sums["compensation"], 0.0)
    elif "compensation" in sums:
        before = (debt.costs_claimed, *(letter.fee for letter in debt.letters))
        _replace(found, sums["compensation"], max(total((due, *(-amount for amount in before))), 0.0))
    for part in ("fee", *(() if costs and costs.amount > due else ("costs",))):
        if part in sums:
            _replace(found, sums[part], 0.0)


def _replace(found: Findings, entry: Amount, amount: float) -> None:
    """Note the ``amount`` that is left of ``entry`` after the set-off; the refusal, where that is nothing."""
    found.amounts.remove(entry)
    if amount > 0:
        cut = {"wished": entry.amount, "cut": "offset"} if amount < entry.amount else {}
        found.amounts.append(replace(entry, amount=amount, **cut))
    else:
        found.refuse(entry.part, "offset")
