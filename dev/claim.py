"""Print what the shipped law lets a creditor claim, as `make claim COUNTRY=DE KIND=business …` asks (docs/law.md)."""

import json
import os
import sys
from datetime import date

from law_data import read_laws, read_series

from odoo.addons.account_dunning.engine import (
    GROUNDS,
    PARTS,
    Debt,
    LegalClaim,
    Letter,
    Payment,
    Refusal,
    choose_law,
    claim_by_law,
    refuse_all,
)
from odoo.addons.account_dunning.models.law.reasons import REASONS

CENT = 0.01
KINDS = ("business", "consumer", "public")
FLAGS = {"0": False, "1": True}
FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)
MOST = 1e12


def read_date(name, text):
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not FIRST <= day <= LAST:
        raise ValueError(f"{name}={text}: a date such as 2026-05-15, from {FIRST} to {LAST}")
    return day


def read_number(name, text):
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= MOST:  # nor is it nan
        raise ValueError(f"{name}={text}: an amount such as 1234.50, from 0 to {MOST:.0f}")
    return number


def read_flag(given, name, default="0"):
    text = given.get(name) or default
    if text not in FLAGS:
        raise ValueError(f"{name}={text}: 0 or 1")
    return FLAGS[text]


def read_list(given, name, form, least):
    """The parts of `first:second,first:second`, each filled up to as many as the ``form`` has."""
    most = form.count(":") + 1
    for entry in filter(None, (given.get(name) or "").split(",")):
        parts = entry.split(":")
        if not least <= len(parts) <= most:
            raise ValueError(f"{name}={entry}: {form}")
        yield [*parts, *[""] * (most - len(parts))]


def read_payments(given):
    return tuple(
        Payment(read_date("PAID", day), read_number("PAID", amount))
        for day, amount in read_list(given, "PAID", "date:amount", 2)
    )


def read_letter(sent, channel, fee, delivered):
    if channel not in ("", "email", "letter"):
        raise ValueError(f"LETTERS={channel}: email or letter")
    sent = read_date("LETTERS", sent)
    received = read_date("LETTERS", delivered) if delivered and delivered not in FLAGS else None
    if received and received < sent:
        raise ValueError(f"LETTERS={delivered}: delivered before it was sent on {sent}")
    return Letter(sent, channel or "letter", read_number("LETTERS", fee or "0"), FLAGS.get(delivered, True), received)


def read_letters(given):
    """The letters of `date:channel:fee:delivered,…`; `delivered` is 0, 1 or the day of receipt."""
    return tuple(read_letter(*parts) for parts in read_list(given, "LETTERS", "date:channel:fee:delivered", 1))


def read_debt(given):
    ground = given.get("GROUND") or "none"
    if ground not in GROUNDS:
        raise ValueError(f"GROUND={ground}: one of {', '.join(GROUNDS)}")
    return Debt(
        due=read_date("DUE", given.get("DUE", "")),
        amount=read_number("AMOUNT", given.get("AMOUNT", "")),
        payments=read_payments(given),
        ground=ground,
        demand=read_date("DEMAND", given["DEMAND"]) if given.get("DEMAND") else None,
        letters=read_letters(given),
        agreed=read_flag(given, "AGREED_FEE"),
        invoice_delivered=read_flag(given, "DELIVERED", "1"),
        deducts_tax=read_flag(given, "VAT_DEDUCT", "1"),
        confirmed=read_flag(given, "CONFIRMED"),
        rounding=CENT,
    )


def decide(given):
    """The law and the engine's claim, as `make claim` is asked for it; the law is None where none is known."""
    day, debt = read_date("DAY", given.get("DAY", "")), read_debt(given)
    country, kind = given.get("COUNTRY", "").upper(), given.get("KIND", "").lower()
    drafts = read_flag(given, "DRAFTS")
    shipped = [entry.law for entry in read_laws() if entry.active]
    law = choose_law(shipped, country, kind, day)
    if law is None:
        known = {entry.country for entry in shipped}
        code = "no_country" if country not in known else "no_kind" if kind not in KINDS else "no_law"
        return None, refuse_all(code)
    if given.get("CURRENCY", "").upper() != law.currency:
        return law, refuse_all("currency")
    return law, claim_by_law(law, read_series(drafts).get(law.series), debt, day)


def tell(refusal: Refusal):
    text = REASONS[refusal.code]._translate("en_US") % {"day": refusal.day and refusal.day.isoformat()}
    return f"{refusal.part}: {text}"


def to_slice(part):
    return {
        "from": date.fromordinal(part.since.toordinal() + 1).isoformat(),
        "to": part.until.isoformat(),
        "days": part.days,
        "principal": part.principal,
        "percent": part.percent,
        "reference": part.reference,
        "amount": part.amount,
    }


def to_json(law, claim: LegalClaim, currency):
    other = law and law.compensation_currency
    return {
        **{part: claim.get(part) for part in PARTS},
        "currency": currency,
        **({"compensation_currency": other} if other else {}),
        "slices": [to_slice(part) for part in claim.slices],
        "rules": [f"{entry.part}: {entry.source}" for entry in claim.amounts],
        "why_not": [tell(refusal) for refusal in claim.refusals],
    }


def main(given):
    law, claim = decide(given)
    currency = given.get("CURRENCY", "").upper()
    for entry in claim.amounts:
        code = (law.compensation_currency if entry.part == "compensation" else "") or currency
        cut = f", {entry.cut} instead of {entry.wished:.2f}" if entry.wished else ""
        print(f"{entry.part:<13}{entry.amount:>12.2f} {code}  {entry.source}{cut}")
        for part in claim.slices if entry.part == "interest" else ():
            row = to_slice(part)
            print(
                f"    {row['from']} to {row['to']}: {part.days} days × {part.percent:g} % on {part.principal:.2f}"
                f" / {part.year} = {part.amount:.2f}"
            )
    for refusal in claim.refusals:
        print(f"no {tell(refusal)}")
    print(json.dumps(to_json(law, claim, currency), ensure_ascii=False))


if __name__ == "__main__":
    try:
        main(os.environ)
    except ValueError as error:
        sys.exit(f"make claim: {error}. See docs/law.md.")
