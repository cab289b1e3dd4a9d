"""Who is in which half, and what can be told of two of them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..engine import choose_arm, contrast, estimate_ratio, estimate_share


class TestArms(BaseCase):
    def test_halves_are_about_even_and_stay(self):
        arms = [choose_arm(7, customer) for customer in range(2000)]
        self.assertEqual(arms, [choose_arm(7, customer) for customer in range(2000)])
        self.assertTrue(900 < sum(arms) < 1100, sum(arms))

    def test_another_experiment_draws_anew(self):
        pairs = [(choose_arm(1, customer), choose_arm(2, customer)) for customer in range(2000)]
        for pair in ((0, 0), (0, 1), (1, 0), (1, 1)):
            self.assertTrue(400 < pairs.count(pair) < 600, (pair, pairs.count(pair)))


class TestEstimates(BaseCase):
    def singles(self, hits, number):
        """As many customers, each with one invoice."""
        return [(1.0, 1.0)] * hits + [(0.0, 1.0)] * (number - hits)

    def test_shares_as_published(self):
        """Newcombe, Statistics in Medicine 17 (1998) 857, table I: Wilson's score interval without correction."""
        for hits, number, low, high in (
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ):
            found = estimate_share(self.singles(hits, number))
            self.assertEqual((round(found.low, 4), round(found.high, 4)), (low, high))

    def test_differences_as_published(self):
        """Newcombe, Statistics in Medicine 17 (1998) 873, table II, method 10."""
        found = contrast(estimate_share(self.singles(48, 80)), estimate_share(self.singles(56, 70)))
        self.assertEqual((round(found.low, 4), round(found.high, 4)), (0.0524, 0.3339))

    def test_invoices_of_one_customer_tell_less(self):
        apart = estimate_share(self.singles(50, 100))
        alike = estimate_share([(5.0, 5.0)] * 10 + [(0.0, 5.0)] * 10)
        self.assertEqual(apart.value, alike.value)
        self.assertGreater(alike.high - alike.low, 2 * (apart.high - apart.low))

    def test_a_mean_of_one_each_is_that_of_the_textbook(self):
        values = [3.0, 5.0, 9.0, 11.0]  # mean 7, variance 40 / 3
        found = estimate_ratio([(value, 1.0) for value in values])
        self.assertEqual(found.value, 7.0)
        self.assertAlmostEqual(found.high - 7.0, 1.959963985 * (40 / 3 / 4) ** 0.5)

    def test_nothing_to_tell(self):
        self.assertIsNone(estimate_share([]).value)
        self.assertIsNone(estimate_ratio([]).value)
        self.assertEqual(contrast(estimate_share([]), estimate_share(self.singles(3, 90))).verdict, "few")

    def test_too_few_customers_whatever_they_do(self):
        for number, verdict in ((29, "few"), (30, "more")):
            found = contrast(estimate_share(self.singles(0, number)), estimate_share(self.singles(number, number)))
            self.assertEqual(found.verdict, verdict)
        self.assertEqual(contrast(*[estimate_share(self.singles(20, 40))] * 2).verdict, "open")

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=50))
    def test_the_interval_holds_the_share(self, pairs):
        clusters = [(float(min(one, other)), float(max(one, other, 1))) for one, other in pairs]
        found = estimate_share(clusters)
        self.assertTrue(0 <= found.low <= found.value + 1e-9 and found.value - 1e-9 <= found.high <= 1, found)
