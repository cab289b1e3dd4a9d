"""Properties of claims by law that hold for any facts (Hypothesis), by the law that is shipped and by any other."""

import unittest
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..engine import (
    DAY_COUNTS,
    Debt,
    InterestRule,
    Law,
    Letter,
    Payment,
    Rate,
    Series,
    Wish,
    accrue,
    band_amount,
    claim_by_law,
    parse_bands,
)
from ..engine.law_days import add_months, count_in_chain, received, start_of_default
from .shipped_law import DEV, load

DUE = date(2026, 1, 14)
amounts = st.integers(1, 10**7).map(lambda cents: cents / 100)
offsets = st.integers(0, 330)
payments = st.lists(
    st.builds(lambda days, amount: Payment(on(days), amount), st.integers(-5, 330), amounts), max_size=3
)


def on(days):
    return DUE + timedelta(days)


def read_laws():
    data = load("law_data")
    series = data.read_series(drafts=True)
    laws = [replace(entry.law, valid_from=date.min, valid_until=None) for entry in data.read_laws()]
    return [(law, series.get(law.series)) for law in laws]


SHIPPED = read_laws() if DEV.is_dir() else []


@st.composite
def histories(draw):
    """Letters one after the other, by what the law allows of fees on each day; the law, the debt and the days."""
    law, series = draw(st.sampled_from(SHIPPED))
    days = sorted(draw(st.sets(st.integers(1, 330), min_size=1, max_size=8)))
    debt = Debt(
        due=DUE,
        amount=draw(amounts),
        payments=tuple(draw(payments)),
        ground=draw(st.sampled_from(("date", "notice", "none"))),
        demand=draw(st.sampled_from((None, on(20)))),
        agreed=draw(st.booleans()),
        invoice_delivered=draw(st.booleans()),
        confirmed=draw(st.booleans()),
    )
    return law, series, debt, days, draw(st.lists(st.booleans(), min_size=8, max_size=8))


@unittest.skipUnless(DEV.is_dir(), "needs the checkout")
class TestLawProperties(BaseCase):
    def play(self, history, wish=None):
        """Send the letters; yields (day, debt before, claim): what was claimed goes into the next one."""
        law, series, debt, days, emails = history
        for days_late, email in zip(days, emails, strict=False):
            claim = claim_by_law(law, series, debt, on(days_late), wish)
            yield on(days_late), debt, claim
            letter = Letter(on(days_late), "email" if email else "letter", claim.get("fee"))
            debt = replace(
                debt,
                letters=(*debt.letters, letter),
                compensated=debt.compensated + claim.get("compensation"),
                costs_claimed=debt.costs_claimed + claim.get("costs"),
            )

    @settings(max_examples=200, deadline=None)
    @given(histories(), st.sampled_from((None, Wish(fee=3.0), Wish(fee=500.0))))
    def test_fees_never_exceed_cap_number_or_gap(self, history, wish):
        law, charged = history[0], []
        for day, debt, claim in self.play(history, wish):
            fee = claim.get("fee")
            self.assertLessEqual(fee, law.fee_cap)
            if not fee:
                continue
            self.assertGreater(day, claim.start)
            self.assertGreaterEqual((day - DUE).days, law.fee_after)
            self.assertTrue(debt.agreed or not law.fee_agreed)
            self.assertTrue(any(received(law, letter) for letter in debt.letters) or not law.fee_first_free)
            if charged:
                self.assertGreaterEqual((day - charged[-1]).days, law.fee_gap)
            charged.append(day)
            for first in charged:
                within = [other for other in charged if first <= other <= add_months(first, law.fee_reset or 12)]
                self.assertLessEqual(len(within), law.fee_max or len(within), "a chain lasts longer than its reset")

    @settings(max_examples=200, deadline=None)
    @given(histories())
    def test_compensation_once_and_costs_within_their_maximum(self, history):
        law, amount = history[0], history[2].amount
        compensated, costs = 0.0, 0.0
        for _day, _debt, claim in self.play(history):
            self.assertFalse(compensated and claim.get("compensation"))
            compensated += claim.get("compensation")
            costs += claim.get("costs")
            self.assertLessEqual(costs, law.costs_maximum or 0.0)
            if law.offset:
                self.assertFalse(claim.get("compensation") and claim.get("fee"))
        self.assertLessEqual(compensated, float(band_amount(law.compensation, amount)))

    @settings(max_examples=200, deadline=None)
    @given(histories())
    def test_each_part_is_claimed_or_refused(self, history):
        """A consumer, a debtor who is not in default and one who has paid owe nothing that the law does not give."""
        law = history[0]
        for day, debt, claim in self.play(history):
            told = {refusal.part for refusal in claim.refusals}
            claimed = {entry.part for entry in claim.amounts}
            self.assertEqual(told | claimed, {"interest", "compensation", "costs", "fee"})
            self.assertTrue(all(entry.amount > 0 and entry.source for entry in claim.amounts))
            start = start_of_default(law, debt)
            if start is None or day <= start:
                self.assertFalse(claimed)
            if law.kind == "consumer":
                self.assertNotIn("compensation", claimed)
            for part in claim.slices:
                self.assertGreaterEqual(part.since, start)
                self.assertLessEqual(part.until, day)

    @settings(max_examples=200, deadline=None)
    @given(histories(), offsets, offsets)
    def test_interest_is_additive_and_monotone(self, history, first, second):
        """Until the second day = until the first + the rest; without interest on interest, and rounded each."""
        law, series, debt, *_rest = history
        law = replace(law, compounding=False, frozen=False, interest_waits=False, weekend="no", needs_demand=False)
        debt = replace(debt, ground="date", confirmed=True)
        early, late = sorted((first, second))
        whole, start = (claim_by_law(law, series, debt, on(days)) for days in (late, early))
        rest = claim_by_law(law, series, replace(debt, due=on(early)), on(late))
        known = all(payment.on <= on(early) for payment in debt.payments)
        self.assertEqual(self.exact(whole) if known else 0, self.exact(start) + self.exact(rest) if known else 0)
        if known:
            self.assertLessEqual(start.get("interest"), whole.get("interest"))
        self.assertEqual(sum(int(part.amount * 100 + 0.5) for part in whole.slices), round(whole.get("interest") * 100))

    def exact(self, claim):
        return sum(part.exact_amount for part in claim.slices)

    @settings(max_examples=100, deadline=None)
    @given(amounts, payments, offsets, st.sampled_from(sorted(DAY_COUNTS)))
    def test_simple_interest_is_that_of_own_rates(self, amount, paid, days, day_count):
        """With one rate for good, and nothing else in the law, it is the interest that there was without law."""
        law = Law(interest_source="any", margin=1.0, day_count=day_count)
        series = Series((Rate(date(2000, 1, 1), 4.0),), "fixed")
        debt = Debt(due=DUE, amount=amount, payments=tuple(paid), ground="date")
        claim = claim_by_law(law, series, debt, on(days))
        expected = accrue(DUE, amount, paid, on(days), InterestRule((Rate(date(2000, 1, 1), 5.0),), day_count), 0.01)
        shown = [(part.since, part.until, part.principal, part.amount) for part in claim.slices]
        self.assertEqual(shown, [(part.since, part.until, part.principal, part.amount) for part in expected])

    @settings(max_examples=100, deadline=None)
    @given(histories(), st.integers(0, 300).map(lambda tenths: tenths / 10))
    def test_own_rates_never_bring_more_than_the_law(self, history, percent):
        law, series, debt, days, _emails = history
        wish = Wish(InterestRule((Rate(date(2000, 1, 1), percent),)))
        limit = claim_by_law(law, series, debt, on(days[-1])).get("interest")
        self.assertLessEqual(claim_by_law(law, series, debt, on(days[-1]), wish).get("interest"), limit)

    @settings(max_examples=100, deadline=None)
    @given(st.lists(offsets, max_size=6), offsets)
    def test_a_chain_counts_at_most_what_there_is(self, days, letter):
        sent = [on(day) for day in days if day <= letter]
        counted = count_in_chain(sent, on(letter), 6)
        self.assertLessEqual(counted, len(sent))
        self.assertGreaterEqual(counted, len([day for day in sent if on(letter) <= add_months(day, 6)]) and 1)
        self.assertEqual(count_in_chain(sent, on(letter), 0), len(sent))

    @settings(max_examples=100, deadline=None)
    @given(amounts, amounts)
    def test_scales_never_fall(self, first, second):
        for text in (
            "2500=0+15%, 5000=375+10%, 10000=625+5%, 200000=875+1%, *=2775+0.5%",
            "150=20, 500=30+10%, *=65+5%",
        ):
            small, large = (band_amount(parse_bands(text), amount) for amount in sorted((first, second)))
            self.assertLessEqual(small, large)
