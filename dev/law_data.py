"""The law that is shipped, read from the data files without a database: for `make claim`, the docs and tests."""

import csv
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

from odoo.addons.account_dunning.engine import Law, Rate, Series, parse_bands

DATA = Path(__file__).parents[1] / "data" / "law"
COUNTRIES = {"uk": "GB"}  # where Odoo's name of a country is not its code


@dataclass
class Shipped:
    """A law with what only people read: ``facts`` are its fields as in the file, ``active`` is False of a draft."""

    law: Law
    facts: dict
    active: bool


def read_table(name):
    with (DATA / f"{name}.csv").open() as file:
        return list(csv.DictReader(file))


def read_series(drafts=False):
    """The engine's series by code; with ``drafts`` also rates that are not of high confidence."""
    rates = [row for row in read_table("account.dunning.reference.rate") if drafts or row["active"] == "1"]
    return {
        row["code"]: Series(
            tuple(
                Rate(date.fromisoformat(rate["valid_from"]), float(rate["percent"]))
                for rate in rates
                if rate["series_id:id"] == row["id"]
            ),
            row["rhythm"],
            date.fromisoformat(row["confirmed_until"]) if row["confirmed_until"] else None,
        )
        for row in read_table("account.dunning.reference.series")
    }


def read_laws():
    """Each shipped law as :class:`Shipped`, in the order of the file."""
    root = ElementTree.parse(DATA / "account_dunning_law_data.xml").getroot()
    return [to_law(record) for record in root.iter("record")]


def to_law(record):
    facts = {field.get("name"): field.get("ref") or field.get("eval") or field.text for field in record}
    country, currency = facts["country_id"].split(".")[1], facts["currency_id"].split(".")[1]
    values = {
        "country": COUNTRIES.get(country, country.upper()),
        "currency": currency,
        "series": facts.get("series_id", "").removeprefix("series_").upper(),
        "compensation_currency": facts.get("compensation_currency_id", "").removeprefix("base."),
    }
    for field in fields(Law):
        if field.name in facts:
            values[field.name] = convert(field.type, facts[field.name])
    return Shipped(Law(**values), {"id": record.get("id"), **facts}, facts["confidence"] == "high")


def convert(kind, text):
    """The text of a field as the engine's value of the type ``kind``."""
    if kind is bool:
        return text == "True"
    if kind in (int, float, str):
        return kind(text)
    return parse_bands(text) if "Band" in str(kind) else date.fromisoformat(text)
