"""Write the tables of docs/law.md from the shipped data: `dev/with python dev/law_docs.py`; a test compares them."""

from pathlib import Path

from law_data import read_laws, read_table

PAGE = Path(__file__).parents[1] / "docs" / "law.md"
MARK = "<!-- written by dev/law_docs.py from here on -->"
GAP = {
    "trade": "businesses, public bodies",
    "business": "businesses",
    "consumer": "consumers",
    "public": "public bodies",
}


def tell_interest(law, facts):
    if not law.interest_source:
        return "–"
    parts = [law.series + (f" + {law.margin:g}" if law.margin else "")]
    parts += ["rate of the first day throughout"] if law.frozen else []
    parts += ["joins the principal each year"] if law.compounding else []
    parts += ["reference rounded up to a half point"] if law.half_point else []
    parts += ["rounded once"] if law.round_once else []
    parts += [f"after the {law.waiting_days} days of a free letter"] if law.interest_waits else []
    return f"{'; '.join(parts)} ({law.interest_source})"


def tell_default(law, facts):
    parts = [] if law.needs_demand else ["agreed date"]
    parts += [f"notice on the invoice: {law.notice_days} days after due"] if law.notice_days else []
    parts += [f"demand{f' + {law.demand_days} days' if law.demand_days else ''}"]
    parts += {"no": [], "start": ["weekend: next working day"], "grace": ["weekend: next working day is in time"]}[
        law.weekend
    ]
    return "; ".join(parts)


def tell_compensation(law, facts):
    if not law.compensation:
        return "–"
    text = f"{facts['compensation']} {law.compensation_currency or law.currency}".replace("*=", "")
    return f"{text}, once an invoice{'; fees and costs are set off' if law.offset else ''} ({law.compensation_source})"


def tell_fee(law, facts):
    if not law.fee_cap:
        return "–"
    parts = [f"{law.fee_amount:g} by law, {law.fee_cap:g} {law.currency} at most"]
    parts += [f"{law.fee_max} letters"] if law.fee_max else []
    parts += [f"anew after {law.fee_reset} months"] if law.fee_reset else []
    parts += [f"from {law.fee_after} days after due"] if law.fee_after else []
    parts += [f"{law.fee_gap} days apart"] if law.fee_gap else []
    parts += ["first letter free"] if law.fee_first_free else []
    parts += ["only if agreed"] if law.fee_agreed else []
    parts += ["only with proof of delivery"] if law.fee_proof else []
    return f"{', '.join(parts)} ({law.fee_source})"


def tell_costs(law, facts):
    if not law.costs:
        return "–"
    parts = [facts["costs"].replace("*=", "above: ")]
    parts += [f"at least {law.costs_minimum:g}"] if law.costs_minimum else []
    parts += [f"at most {law.costs_maximum:g}"] if law.costs_maximum else []
    parts += [f"+ {law.costs_vat:g} % tax that is not deducted"] if law.costs_vat else []
    parts += [f"after the {law.waiting_days} days of a free letter"] if law.costs_wait else []
    parts += ["only if agreed"] if law.costs_agreed else []
    return f"{'; '.join(parts)} ({law.costs_source})"


def tell_allocation(law, facts):
    source = facts.get("allocation_source")
    return f"costs, interest, principal ({source})" if source else "–"


COLUMNS = {
    "begins default": tell_default,
    "interest": tell_interest,
    "compensation": tell_compensation,
    "fee of a letter": tell_fee,
    "costs": tell_costs,
    "payments that name no debt": tell_allocation,
}


def to_row(cells):
    return f"| {' | '.join(cells)} |"


def write_laws(entries):
    yield to_row(["law", "debtors", *COLUMNS, "in force", "checked", "reviewed until"])
    yield to_row(["---"] * (len(COLUMNS) + 5))
    for entry in entries:
        law, facts = entry.law, entry.facts
        name = f"[{facts['name'].split(':')[0]}]({facts['url']})"
        since = law.valid_from.isoformat() + (f" to {law.valid_until.isoformat()}" if law.valid_until else "")
        told = [tell(law, facts) for tell in COLUMNS.values()]
        yield to_row([name, GAP[law.kind], *told, since, facts["checked_on"], facts["reviewed_until"]])


def write_tables():
    """The part of the page that follows from the data."""
    laws = read_laws()
    lines = ["", "## The laws", "", *write_laws([entry for entry in laws if entry.active])]
    lines += ["", "### Drafts", "", "Inactive until an administrator takes them up.", ""]
    lines += write_laws([entry for entry in laws if not entry.active])
    lines += ["", "### Notes", ""]
    lines += [f"* {entry.facts['name']}: {entry.facts['note']}" for entry in laws if "note" in entry.facts]
    lines += ["", "### Texts of letters, for a lawyer's review", "", "No lawyer has read them yet.", ""]
    texts = [entry for entry in laws if "letter_text" in entry.facts]
    lines += [f"* {entry.facts['name']}: {' / '.join(entry.facts['letter_text'].splitlines())}" for entry in texts]
    lines += ["", "## The rates", "", *write_rates()]
    return "\n".join(lines) + "\n"


def write_rates():
    yield to_row(["series", "since", "percent", "source", "confidence", "checked"])
    yield to_row(["---"] * 6)
    codes = {row["id"]: row["code"] for row in read_table("account.dunning.reference.series")}
    for row in read_table("account.dunning.reference.rate"):
        confidence = row["confidence"] + ("" if row["active"] == "1" else ", not used")
        cells = [codes[row["series_id:id"]], row["valid_from"], row["percent"], row["source"]]
        yield to_row([*cells, confidence, row["checked_on"]])


if __name__ == "__main__":
    head, _mark, _rest = PAGE.read_text().partition(MARK)
    PAGE.write_text(head + MARK + "\n" + write_tables())
