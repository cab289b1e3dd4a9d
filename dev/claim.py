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
FLAGS = {"0": False, "1": True, "": False}


def read_date(given, name, default=None):
    text = given.get(name)
    return date.fromisoformat(text) if text else default


def read_flag(given, name, default=""):
    return FLAGS[given.get(name) or default]


def read_payments(text):
    """The payments of `2026-07-01:4000,…`."""
    parts = [part.split(":") for part in filter(None, (text or "").split(","))]
    return tuple(Payment(date.fromisoformat(day), float(amount)) for day, amount in parts)


def read_letters(text):
    """The letters of `date:channel:fee:delivered,…`; `delivered` is 0, 1 or the day of receipt."""
    letters = []
    for part in filter(None, (text or "").split(",")):
        day, channel, fee, delivered = [*part.split(":"), "", "", ""][:4]
        if channel not in ("", "email", "letter"):
            raise ValueError(f"channel {channel}: email or letter")
        known = FLAGS.get(delivered)
        letters.append(
            Letter(
                date.fromisoformat(day),
                channel or "letter",
                float(fee or 0),
                known is not False,
                date.fromisoformat(delivered) if known is None else None,
            )
        )
    return tuple(letters)


def read_debt(given):
    ground = given.get("GROUND") or "none"
    if ground not in GROUNDS:
        raise ValueError(f"GROUND={ground}: one of {', '.join(GROUNDS)}")
    return Debt(
        due=date.fromisoformat(given["DUE"]),
        amount=float(given["AMOUNT"]),
        payments=read_payments(given.get("PAID")),
        ground=ground,
        demand=read_date(given, "DEMAND"),
        letters=read_letters(given.get("LETTERS")),
        agreed=read_flag(given, "AGREED_FEE"),
        invoice_delivered=read_flag(given, "DELIVERED", "1"),
        deducts_tax=read_flag(given, "VAT_DEDUCT", "1"),
        confirmed=read_flag(given, "CONFIRMED"),
        rounding=CENT,
    )


def decide(given):
    """The law and the engine's claim, as `make claim` is asked for it; the law is None where none is known."""
    day, debt = date.fromisoformat(given["DAY"]), read_debt(given)
    country, kind = (given.get("COUNTRY") or "").upper(), given.get("KIND") or ""
    shipped = [entry.law for entry in read_laws() if entry.active]
    law = choose_law(shipped, country, kind, day)
    if law is None:
        known = {entry.country for entry in shipped}
        code = "no_country" if country not in known else "no_kind" if kind not in KINDS else "no_law"
        return None, refuse_all(code)
    if given.get("CURRENCY") != law.currency:
        return law, refuse_all("currency")
    series = read_series(read_flag(given, "DRAFTS")).get(law.series)
    return law, claim_by_law(law, series, debt, day)


KINDS = ("business", "consumer", "public")


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
    currency = given.get("CURRENCY") or (law.currency if law else "")
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
    except (KeyError, ValueError) as error:
        sys.exit(f"make claim: {error}. See docs/law.md.")
