"""What the shipped law lets claim: published and computed cases S1 to S22, and Norway's chains of fees."""

import doctest
import json
import unittest
from dataclasses import replace
from datetime import date
from pathlib import Path

from odoo.tests import BaseCase

from ..engine import (
    Debt,
    InterestRule,
    Letter,
    Payment,
    Rate,
    Series,
    Wish,
    band_amount,
    choose_law,
    claim_by_law,
    law,
    law_claim,
    law_days,
    parse_bands,
)
from ..engine.law_days import count_in_chain, easter, end_of_waiting, received
from .shipped_law import DEV, load

CASES = json.loads((Path(__file__).parent / "data/law_cases.json").read_text())


def day(text):
    return date.fromisoformat(text) if text else None


@unittest.skipUnless(DEV.is_dir(), "needs the checkout")
class LawCase(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        data = load("law_data")
        cls.laws = [entry.law for entry in data.read_laws() if entry.active]
        cls.series, cls.with_drafts = data.read_series(), data.read_series(drafts=True)

    def law_of(self, country, kind, on="2026-07-15"):
        return choose_law(self.laws, country, kind, day(on))

    def claim(self, country, kind, amount, due, until, *, drafts=False, wish=None, **facts):
        shipped = self.law_of(country, kind, until)
        series = (self.with_drafts if drafts else self.series).get(shipped.series)
        facts = {"ground": "date", "invoice_delivered": True, **facts}
        return claim_by_law(shipped, series, Debt(due=day(due), amount=amount, **facts), day(until), wish)

    def why_not(self, claim, part):
        return [refusal.code for refusal in claim.refusals if refusal.part == part]


class TestCases(LawCase):
    def test_published_and_computed_cases(self):
        """Each row: the facts, the slices as (days, principal, percent, amount), the sums."""
        for case in CASES:
            with self.subTest(case["case"]):
                paid = tuple(Payment(day(on), amount) for on, amount in case.get("paid", ()))
                claim = self.claim(*case["facts"], payments=paid, drafts=case.get("drafts", False))
                found = [(part.days, part.principal, part.percent) for part in claim.slices]
                self.assertEqual(found, [tuple(row) for row in case["slices"]])
                for part in ("interest", "compensation", "fee"):
                    self.assertEqual(claim.get(part), case.get(part, 0.0), part)

    def test_without_a_ground_default_begins_later(self):
        """S1, S2 and S15: with a date that was agreed from the due date on; without, from the demand."""
        for country, kind, demand, first in (
            ("DE", "business", "2026-06-01", "2026-06-01"),
            ("DE", "consumer", "2026-06-01", "2026-06-01"),
            ("SE", "business", "2026-06-01", "2026-07-01"),
        ):
            with self.subTest(country=country, kind=kind):
                facts = (country, kind, 10000.0, "2026-05-15", "2026-08-15")
                claim = self.claim(*facts, ground="none", demand=day(demand))
                self.assertEqual(claim.start, day(first))
                self.assertLess(claim.get("interest"), self.claim(*facts).get("interest"))
                claim = self.claim(*facts, ground="none")
                self.assertFalse(claim.amounts)
                self.assertEqual(self.why_not(claim, "interest"), ["no_demand"])

    def test_a_notice_on_the_invoice(self):
        """Thirty days after the due date; an earlier demand comes first."""
        facts = ("DE", "consumer", 1000.0, "2026-05-15", "2026-08-15")
        self.assertEqual(self.claim(*facts, ground="notice").start, date(2026, 6, 15), "14 June is a Sunday")
        self.assertEqual(self.claim(*facts, ground="notice", demand=day("2026-05-20")).start, date(2026, 5, 20))
        claim = self.claim("CH", "consumer", 1000.0, "2026-05-15", "2026-08-15", ground="notice")
        self.assertEqual(self.why_not(claim, "interest"), ["no_demand"], "no such notice in this law")

    def test_the_rounding_of_the_law(self):
        """S3, S18: rounded once it is a cent more, or less; the slices that are shown add up to it."""
        for facts, interest, shown in (
            (("AT", "business", 1200.0, "2026-06-03", "2026-10-03"), 43.04, [9.52, 33.52]),
            (("FI", "business", 1000.0, "2025-06-15", "2025-07-15"), 9.04, [4.73, 4.31]),
        ):
            claim = self.claim(*facts)
            self.assertEqual(claim.get("interest"), interest)
            self.assertEqual([part.amount for part in claim.slices], shown)

    def test_the_netherlands_let_interest_join_the_principal_each_year(self):
        """S9."""
        claim = self.claim("NL", "business", 10000.0, "2025-06-30", "2026-12-31")
        self.assertEqual(
            [(part.days, part.principal, part.percent, part.amount) for part in claim.slices],
            [(184, 10000.0, 10.15, 511.67), (181, 10000.0, 10.15, 503.33), (184, 11015.0, 10.4, 577.49)],
        )
        self.assertEqual(claim.get("interest"), 1592.49)

    def test_one_rate_for_the_whole_delay(self):
        """S19: 12.75 also from July on, when the rate was 12.25."""
        [part] = self.claim("GB", "business", 1000.0, "2025-06-20", "2025-08-19").slices
        self.assertEqual((part.days, part.percent, part.amount), (60, 12.75, 20.96))


class TestAmounts(LawCase):
    def test_scale_of_the_netherlands(self):
        """S7, S8. A principal of 5,400 gives 645 by the scale of the act: 375 + 250 + 20.

        Those are 15 % of 2,500, 10 % of 2,500 and 5 % of 400. The example that is passed on says 665, which is what
        the scale gives of 5,800: it is not followed.
        """
        for amount, expected in (
            (100.0, 40.0), (266.0, 40.0), (267.0, 40.05), (5400.0, 645.0), (5800.0, 665.0), (8400.0, 795.0),
            (1e6, 6775.0), (2e6, 6775.0),
        ):  # fmt: skip
            letters = (Letter(date(2026, 6, 1), "letter"),)
            claim = self.claim("NL", "consumer", amount, "2026-05-15", "2026-07-15", letters=letters)
            self.assertEqual(claim.get("costs"), expected, amount)
        self.assertEqual(float(band_amount(self.law_of("NL", "consumer").costs, 2e6)), 11775.0, "before the maximum")

    def test_tax_that_the_creditor_cannot_deduct(self):
        letters = (Letter(date(2026, 6, 1), "letter"),)
        facts = ("NL", "consumer", 8400.0, "2026-05-15", "2026-07-15")
        self.assertEqual(self.claim(*facts, letters=letters, deducts_tax=False).get("costs"), 961.95)

    def test_caps_of_belgium(self):
        """S21; and only what was agreed."""
        letters = (Letter(date(2026, 3, 2)),)
        for amount, expected in ((150.0, 20.0), (400.0, 55.0), (500.0, 65.0), (1000.0, 90.0), (50000.0, 2000.0)):
            facts = ("BE", "consumer", amount, "2026-02-01", "2026-03-17")
            self.assertEqual(self.claim(*facts, letters=letters, agreed=True).get("costs"), expected)
            self.assertEqual(self.why_not(self.claim(*facts, letters=letters), "costs"), ["not_agreed"])

    def test_tiers_of_the_compensation(self):
        for country, amount, expected in (
            ("GB", 999.99, 40.0), ("GB", 1000.0, 70.0), ("GB", 9999.99, 70.0), ("GB", 10000.0, 100.0),
            ("IE", 1000.0, 40.0), ("IE", 10000.0, 70.0), ("IE", 10000.01, 100.0),
            ("PL", 5000.0, 40.0), ("PL", 5000.01, 70.0), ("PL", 49999.99, 70.0), ("PL", 50000.0, 100.0),
        ):  # fmt: skip
            claim = self.claim(country, "business", amount, "2026-06-15", "2026-07-15")
            self.assertEqual(claim.get("compensation"), expected, (country, amount))

    def test_compensation_in_another_currency(self):
        claim = self.claim("PL", "business", 10000.0, "2026-06-15", "2026-07-15", compensation_factor=4.25)
        self.assertEqual(claim.get("compensation"), 297.5)
        claim = self.claim("SE", "business", 100.0, "2026-05-15", "2026-07-15", factor=0.09, compensation_factor=0.09)
        self.assertEqual(claim.get("compensation"), 40.5, "450 SEK of an invoice in euros")

    def test_what_is_settled_when_default_begins_needs_no_compensation(self):
        paid = (Payment(date(2026, 6, 15), 100.0),)
        claim = self.claim("DE", "business", 100.0, "2026-06-15", "2026-07-15", payments=paid)
        self.assertEqual((claim.amounts, self.why_not(claim, "compensation")), ((), ["nothing"]))

    def test_compensation_once(self):
        claim = self.claim("DK", "business", 100.0, "2026-05-15", "2026-06-15", compensated=310.0)
        self.assertEqual(self.why_not(claim, "compensation"), ["once"])

    def test_set_off(self):
        """Of a fee and the compensation the compensation stands; costs that are more stand in its place."""
        facts = ("SE", "business", 1000.0, "2026-05-15", "2026-07-15")
        claim = self.claim(*facts, agreed=True)
        self.assertEqual((claim.get("compensation"), claim.get("fee")), (450.0, 0.0))
        self.assertEqual(self.why_not(claim, "fee"), ["offset"])
        letters = (Letter(date(2026, 6, 15), fee=60.0),)
        self.assertEqual(self.claim(*facts, letters=letters, agreed=True).get("compensation"), 390.0)
        facts = ("NL", "business", 8400.0, "2026-05-15", "2026-07-15")
        claim = self.claim(*facts)
        self.assertEqual((claim.get("compensation"), claim.get("costs")), (0.0, 795.0))
        claim = self.claim(*facts, compensated=40.0)
        self.assertEqual((claim.get("compensation"), claim.get("costs")), (0.0, 755.0))
        self.assertEqual(self.claim(*facts, compensated=40.0, costs_claimed=755.0).get("costs"), 0.0)

    def test_norway_never_takes_both(self):
        """S16."""
        facts = (10000.0, "2026-06-15", "2026-07-15")
        business, consumer = self.claim("NO", "business", *facts), self.claim("NO", "consumer", *facts)
        self.assertEqual((business.get("compensation"), business.get("fee")), (430.0, 0.0))
        self.assertEqual((consumer.get("compensation"), consumer.get("fee")), (0.0, 38.0))
        self.assertEqual(business.get("interest"), 99.66)
        before = self.claim("NO", "business", 10000.0, "2026-05-15", "2026-06-15")
        self.assertEqual(before.get("compensation"), 460.0, "in the first half-year")


class TestFees(LawCase):
    def test_chains_of_norway(self):
        """Letters with a fee, and whether one more counts as the first or second of its chain."""
        for before, letter, allowed in (
            (("2026-01-01", "2026-02-01"), "2026-07-02", False),
            (("2026-01-01", "2026-02-01"), "2026-08-01", False),
            (("2026-01-01", "2026-02-01"), "2026-08-02", True),
            (("2025-08-31",), "2026-02-28", True),
            (("2025-08-15", "2025-08-31"), "2026-03-01", True),
            (("2025-08-31", "2025-09-15"), "2026-03-15", False),
            (("2025-08-31", "2025-09-15"), "2026-03-16", True),
            (("2026-01-01", "2026-07-02", "2026-07-15"), "2026-08-01", False),
            (("2026-01-01", "2026-07-02"), "2026-07-03", True),
            (("2026-01-01", "2026-07-01"), "2026-07-02", False),
        ):
            with self.subTest(before=before, letter=letter):
                sent = [day(text) for text in before]
                self.assertEqual(count_in_chain(sent, day(letter), 6) < 2, allowed)
                letters = tuple(Letter(on, fee=38.0) for on in sent)
                due = "2025-08-01" if letter < "2026-06" else "2025-12-01"
                claim = self.claim("NO", "consumer", 1000.0, due, letter, letters=letters)
                soon = letter == "2026-07-03"  # the first letter's term of fourteen days has not passed
                self.assertEqual(bool(claim.get("fee")), allowed and not soon)
                self.assertEqual(self.why_not(claim, "fee"), ["gap"] if soon else [] if allowed else ["enough"])

    def test_gap_number_and_first_day(self):
        due, letters = "2026-01-05", (Letter(date(2026, 2, 1), fee=100.0),)
        for country, kind, sent, until, expected in (
            ("DK", "consumer", letters, "2026-02-10", "gap"),
            ("DK", "consumer", letters, "2026-02-11", ""),
            ("DK", "consumer", letters * 3, "2026-02-11", "enough"),
            ("FI", "consumer", (), "2026-01-18", "too_early"),
            ("FI", "consumer", (), "2026-01-19", ""),
            ("FI", "consumer", letters, "2026-02-14", "gap"),
            ("FI", "consumer", letters, "2026-02-15", ""),
            ("NO", "consumer", (), "2026-01-18", "too_early"),
            ("NO", "consumer", (), "2026-01-19", ""),
            ("SE", "consumer", (), "2026-02-11", "not_agreed"),
            ("DE", "consumer", (), "2026-02-11", "not_by_law"),
            ("FR", "consumer", (), "2026-02-11", "none"),
        ):
            with self.subTest(country=country, letters=len(sent), until=until):
                claim = self.claim(country, kind, 1000.0, due, until, letters=sent)
                self.assertEqual(self.why_not(claim, "fee"), [expected] if expected else [])
                self.assertEqual(bool(claim.get("fee")), not expected)

    def test_once_where_it_was_agreed(self):
        facts = ("SE", "consumer", 1000.0, "2026-01-05", "2026-03-01")
        self.assertEqual(self.claim(*facts, agreed=True).get("fee"), 60.0)
        claim = self.claim(*facts, agreed=True, letters=(Letter(date(2026, 2, 1), fee=60.0),))
        self.assertEqual(self.why_not(claim, "fee"), ["enough"])

    def test_nothing_without_proof(self):
        facts = ("NO", "consumer", 1000.0, "2026-01-05", "2026-03-01")
        claim = self.claim(*facts, invoice_delivered=False)
        self.assertEqual(self.why_not(claim, "fee"), ["no_proof"])
        claim = self.claim(*facts, letters=(Letter(date(2026, 2, 1), fee=38.0, delivered=False),))
        self.assertEqual(self.why_not(claim, "fee"), ["no_proof"])

    def test_a_wish_is_cut_at_what_the_law_allows(self):
        facts = ("DE", "consumer", 1000.0, "2026-01-05", "2026-03-02")
        [fee] = self.claim(*facts, wish=Wish(fee=5.0)).amounts
        self.assertEqual((fee.amount, fee.wished, fee.cut), (1.2, 5.0, "maximum"))
        [fee] = self.claim(*facts, wish=Wish(fee=0.76)).amounts
        self.assertEqual((fee.amount, fee.cut), (0.76, ""))
        claim = self.claim("IT", "consumer", 1000.0, "2026-01-05", "2026-03-02", wish=Wish(fee=5.0))
        self.assertEqual((claim.amounts, self.why_not(claim, "fee")), ((), ["none"]))
        claim = self.claim(*facts, ground="none", wish=Wish(fee=1.0))
        self.assertEqual(self.why_not(claim, "fee"), ["no_demand"], "the letter that causes the default bears none")

    def test_own_rates_are_no_more_than_the_law_s(self):
        own = InterestRule((Rate(date.min, 4.0), Rate(date(2026, 7, 1), 20.0)), free_days=3)
        claim = self.claim("DE", "consumer", 10000.0, "2026-05-15", "2026-08-15", wish=Wish(own))
        self.assertEqual([(part.percent, part.own) for part in claim.slices], [(4.0, True), (6.52, False)])
        claim = self.claim("DE", "consumer", 10000.0, "2026-05-15", "2026-05-18", wish=Wish(own))
        self.assertEqual(self.why_not(claim, "interest"), ["free_days"])


class TestDays(LawCase):
    def test_waiting_in_belgium(self):
        """S22: by e-mail fourteen days from the day after; by post after the third working day, Saturday is none."""
        facts = ("BE", "consumer", 100.0, "2026-02-01")
        for channel, last, first in (("email", "2026-03-16", "2026-03-17"), ("letter", "2026-03-18", "2026-03-19")):
            letters = (Letter(date(2026, 3, 2), channel),)
            before = self.claim(*facts, last, letters=letters, agreed=True)
            self.assertEqual((before.amounts, set(self.why_not(before, "interest"))), ((), {"waiting"}))
            after = self.claim(*facts, first, letters=letters, agreed=True)
            self.assertEqual([part.days for part in after.slices], [1])
            self.assertEqual((after.get("costs"), after.get("fee")), (20.0, 7.5))

    def test_a_saturday_makes_the_claim_later(self):
        """Posted on a Thursday: Friday, Monday, Tuesday."""
        belgium = self.law_of("BE", "consumer")
        self.assertEqual(received(belgium, Letter(date(2026, 3, 5), "letter")), date(2026, 3, 10))

    def test_post_of_the_netherlands(self):
        """The second day after sending; Sundays, Mondays and holidays do not count."""
        dutch = self.law_of("NL", "consumer")
        for sent, expected in (
            ("2026-03-03", "2026-03-05"), ("2026-03-06", "2026-03-10"), ("2026-03-07", "2026-03-11"),
            ("2026-04-24", "2026-04-28"),
        ):  # fmt: skip
            self.assertEqual(received(dutch, Letter(day(sent), "letter")), day(expected), sent)

    def test_only_a_letter_without_charges_that_arrived_gives_the_time(self):
        dutch = self.law_of("NL", "consumer")
        sent = date(2026, 3, 3)
        for letter, end in (
            (Letter(sent, "letter"), date(2026, 3, 19)),
            (Letter(sent, "letter", received=date(2026, 3, 12)), date(2026, 3, 26)),
            (Letter(sent, "letter", fee=5.0), None),
            (Letter(sent, "letter", delivered=False), None),
            (Letter(date(2026, 1, 5), "letter"), None),
        ):
            debt = Debt(due=date(2026, 2, 1), amount=100.0, letters=(letter,))
            self.assertEqual(end_of_waiting(dutch, debt), end, letter)

    def test_a_due_date_on_a_weekend_or_holiday(self):
        for country, kind, due, start in (
            ("DE", "consumer", "2026-05-16", "2026-05-18"), ("DE", "consumer", "2026-05-01", "2026-05-04"),
            ("AT", "business", "2026-10-26", "2026-10-27"), ("NO", "consumer", "2026-04-04", "2026-04-07"),
            ("FI", "consumer", "2026-05-17", "2026-05-18"), ("FI", "business", "2026-05-17", "2026-05-17"),
            ("FR", "business", "2026-05-17", "2026-05-17"),
        ):  # fmt: skip
            claim = self.claim(country, kind, 100.0, due, "2026-07-15")
            self.assertEqual(claim.start, day(start), (country, due))

    def test_payment_on_the_next_working_day_is_in_time(self):
        facts = ("FI", "business", 1000.0, "2026-05-17", "2026-07-15")
        for paid, days in (("2026-05-18", 0), ("2026-05-19", 2)):
            claim = self.claim(*facts, payments=(Payment(day(paid), 1000.0),))
            self.assertEqual(sum(part.days for part in claim.slices), days)

    def test_a_demand_always_where_the_law_wants_one(self):
        claim = self.claim("FR", "consumer", 1000.0, "2026-03-01", "2026-05-01")
        self.assertEqual(self.why_not(claim, "interest"), ["no_demand"])
        claim = self.claim("FR", "consumer", 1000.0, "2026-03-01", "2026-05-01", demand=date(2026, 4, 1))
        self.assertEqual([(part.days, part.percent) for part in claim.slices], [(30, 2.62)])
        claim = self.claim("FR", "consumer", 1000.0, "2026-03-01", "2026-05-01", demand=date(2026, 2, 1))
        self.assertEqual(self.why_not(claim, "interest"), ["no_demand"], "nothing was due yet")

    def test_easter(self):
        for year, expected in ((2000, "2000-04-23"), (2025, "2025-04-20"), (2027, "2027-03-28"), (2038, "2038-04-25")):
            self.assertEqual(easter(year), day(expected))


class TestRates(LawCase):
    def test_no_rate_no_interest(self):
        """Denmark has none from July 2026 on; the days before are claimed where a person confirms."""
        facts = ("DK", "business", 1000.0, "2026-06-15", "2026-07-15")
        claim = self.claim(*facts)
        self.assertEqual((claim.slices, self.why_not(claim, "interest")), ((), ["no_rate"]))
        self.assertEqual(claim.refusals[0].day, date(2026, 7, 1))
        self.assertEqual(claim.get("compensation"), 310.0, "what rests on no rate stays")
        claim = self.claim(*facts, confirmed=True)
        self.assertEqual([(part.days, part.percent) for part in claim.slices], [(15, 9.75)])
        self.assertEqual(self.why_not(claim, "interest"), ["no_rate"])
        self.assertTrue(self.claim("DK", "business", 1000.0, "2026-05-15", "2026-06-30").slices)

    def test_charges_stop_with_the_half_year(self):
        for country in ("DE", "NL", "SE", "ES", "IT"):
            facts = (country, "business", 1000.0, "2026-12-01")
            self.assertTrue(self.claim(*facts, "2026-12-31").slices, country)
            self.assertFalse(self.claim(*facts, "2027-01-01").slices, country)

    def test_days_before_the_first_rate_bear_none(self):
        """S14 without the draft of the first half-year; with it 114.04."""
        facts = ("PL", "business", 10000.0, "2026-06-15", "2026-07-15")
        claim = self.claim(*facts)
        self.assertEqual((claim.get("interest"), self.why_not(claim, "interest")), (56.51, ["no_rate"]))

    def test_a_gap_between_rates_bears_none(self):
        series = Series((Rate(date(2025, 1, 1), 1.0), Rate(date(2026, 1, 1), 2.0)))
        debt = Debt(due=date(2025, 6, 10), amount=1000.0, ground="date")
        claim = claim_by_law(self.law_of("IT", "business"), series, debt, date(2026, 1, 20))
        self.assertEqual([(part.days, part.percent) for part in claim.slices], [(20, 9.0), (20, 10.0)])
        self.assertEqual(claim.refusals[0].day, date(2025, 7, 1))

    def test_without_a_series(self):
        debt = Debt(due=date(2026, 6, 10), amount=1000.0, ground="date")
        claim = claim_by_law(self.law_of("IT", "business"), None, debt, date(2026, 7, 20))
        self.assertEqual(self.why_not(claim, "interest"), ["no_rate"])

    def test_a_floor(self):
        shipped = replace(self.law_of("IT", "business"), floor=12.0)
        debt = Debt(due=date(2026, 7, 1), amount=1000.0, ground="date")
        claim = claim_by_law(shipped, self.series["EU_MRO"], debt, date(2026, 7, 31))
        self.assertEqual([part.percent for part in claim.slices], [12.0])


class TestLaws(LawCase):
    def test_fifteen_countries_and_two_kinds(self):
        countries = {"DE", "AT", "CH", "FR", "NL", "BE", "ES", "IT", "PL", "SE", "DK", "NO", "FI", "GB", "IE"}
        self.assertEqual({entry.country for entry in self.laws}, countries)
        for country in countries:
            for kind in ("business", "consumer"):
                self.assertIsNotNone(self.law_of(country, kind, "2026-11-30"), (country, kind))

    def test_no_law(self):
        for country, kind, on in (
            ("US", "business", "2026-07-15"), ("", "business", "2026-07-15"), ("DE", "", "2026-07-15"),
            ("DE", "person", "2026-07-15"), ("FR", "public", "2026-07-15"), ("NO", "business", "2027-01-01"),
            ("NO", "business", "2025-12-31"),
        ):  # fmt: skip
            self.assertIsNone(self.law_of(country, kind, on), (country, kind, on))

    def test_public_bodies(self):
        self.assertEqual(self.law_of("SE", "public"), self.law_of("SE", "business"))

    def test_a_consumer_never_owes_a_compensation(self):
        self.assertFalse([entry for entry in self.laws if entry.kind == "consumer" and entry.compensation])

    def test_the_page_is_written_from_the_data(self):
        """``dev/with python dev/law_docs.py`` writes docs/law.md anew."""
        docs = load("law_docs")
        _head, _mark, tables = docs.PAGE.read_text().partition(docs.MARK + "\n")
        self.assertEqual(tables, docs.write_tables())

    def test_bands_that_cannot_be_read(self):
        for text in ("150", "150=a", "150=20", "*=20, 150=30", "500=1, 150=2, *=3", "*=20+10", "150=20%, *=1"):
            with self.subTest(text), self.assertRaises(ValueError):
                parse_bands(text)
        self.assertEqual(parse_bands(""), ())

    def test_examples_in_docstrings(self):
        easter.cache_clear()  # tests with a moved clock leave dates of their own kind there
        for module in (law, law_claim, law_days):
            outcome = doctest.testmod(module)
            self.assertTrue(outcome.attempted)
            self.assertFalse(outcome.failed, module.__name__)
