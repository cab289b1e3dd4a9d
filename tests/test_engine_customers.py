"""What a customer gets: minimum, credits, grouping, recipients (spec §3, §4, §7)."""

import ast
from datetime import date, timedelta
from pathlib import Path

from odoo.tests import BaseCase

from ..engine import Credit, Customer, Item, Level, TypeRule, assess, spread_contested

TODAY = date(2026, 3, 31)
EUR, USD = 1, 2


def item(number, days, amount=100.0, **values):
    """An item that is ``days`` overdue today."""
    values = {"company_residual": amount, "currency": EUR, "type": 1, **values}
    return Item(id=number, due=TODAY - timedelta(days), residual=amount, **values)


def rule(**values):
    return TypeRule(**{"id": 1, "levels": (Level(1, 10), Level(2, 30)), **values})


def ask(items, *credits, rules=None, **values):
    rules = rules or [rule()]
    customer = Customer(7, tuple(items), tuple(credits), **values)
    return assess(customer, {entry.id: entry for entry in rules}, TODAY)


def reasons(assessment):
    return {verdict.item.id: verdict.reason for verdict in assessment.verdicts}


class TestMinimum(BaseCase):
    def test_g_boundary(self):
        rules = [rule(minimum=100.0)]
        self.assertEqual(reasons(ask([item(1, 20, 99.99)], rules=rules)), {1: "minimum"})
        self.assertEqual(len(ask([item(1, 20, 100.00)], rules=rules).proposals), 1)

    def test_everything_overdue_counts(self):
        """An item that waits for its interval counts for the minimum of the other."""
        rules = [rule(minimum=100.0)]
        waiting = item(2, 25, 60.0, reached=10, last_notice=TODAY - timedelta(1))
        assessment = ask([item(1, 20, 40.0), waiting], rules=rules)
        self.assertEqual([verdict.item.id for verdict in assessment.proposals[0].verdicts], [1])

    def test_net_of_credits(self):
        rules = [rule(minimum=100.0)]
        self.assertFalse(ask([item(1, 20, 110.0)], Credit(9, 10.01, EUR), rules=rules).proposals)
        self.assertTrue(ask([item(1, 20, 110.0)], Credit(9, 10.00, EUR), rules=rules).proposals)

    def test_in_company_currency(self):
        rules = [rule(minimum=100.0)]
        foreign = item(1, 20, 200.0, currency=USD, company_residual=99.0)
        self.assertEqual(reasons(ask([foreign], rules=rules)), {1: "minimum"})
        self.assertTrue(ask([foreign, item(2, 20, 1.0)], rules=rules).proposals)

    def test_float_sums_at_the_boundary(self):
        items = [item(number, 20, 0.1) for number in range(10)]
        self.assertTrue(ask(items, rules=[rule(minimum=1.0)]).proposals)

    def test_not_yet_overdue_does_not_count(self):
        rules = [rule(minimum=100.0)]
        self.assertFalse(ask([item(1, 20, 60.0), item(2, -1, 60.0)], rules=rules).proposals)


class TestCredits(BaseCase):
    def test_credits_lower_the_claim(self):
        [proposal] = ask([item(1, 20)], Credit(9, 30.0, EUR)).proposals
        self.assertEqual((proposal.dunned, proposal.credit), (100.0, 30.0))

    def test_covered_customers_get_nothing(self):
        self.assertEqual(reasons(ask([item(1, 20)], Credit(9, 100.0, EUR))), {1: "credits"})

    def test_float_sums_of_credits(self):
        credits = (Credit(8, 10.10, EUR), Credit(9, 20.70, EUR))
        self.assertEqual(reasons(ask([item(1, 20, 30.80)], *credits)), {1: "credits"})

    def test_of_another_currency_do_not_count(self):
        [proposal] = ask([item(1, 20)], Credit(9, 100.0, USD)).proposals
        self.assertEqual(proposal.credit, 0.0)

    def test_a_credit_counts_once_over_several_notices(self):
        rules = [rule(by_level=True)]
        items = [item(1, 40, reached=10, last_notice=TODAY - timedelta(20)), item(2, 15)]
        proposals = ask(items, Credit(9, 120.0, EUR), rules=rules).proposals
        self.assertEqual([proposal.credit for proposal in proposals], [20.0])
        self.assertEqual(proposals[0].verdicts[0].item.id, 2, "the oldest item is covered")

    def test_reminders_use_what_is_left(self):
        rules = [rule(levels=(Level(5, -10), Level(1, 10)))]
        self.assertEqual(reasons(ask([item(1, -5)], Credit(9, 100.0, EUR), rules=rules)), {1: "credits"})
        [proposal] = ask([item(1, -5)], Credit(9, 40.0, EUR), rules=rules).proposals
        self.assertEqual(proposal.credit, 40.0)


class TestObstacles(BaseCase):
    def test_the_first_obstacle_is_named(self):
        self.assertEqual(reasons(ask([item(1, 20, obstacles=("blocked", "hold"))])), {1: "blocked"})

    def test_part_of_an_amount_on_hold(self):
        [proposal] = ask([item(1, 20, contested=30.0)]).proposals
        self.assertEqual(proposal.dunned, 70.0)
        self.assertEqual(reasons(ask([item(1, 20, 30.0, contested=30.0)])), {1: "hold"})

    def test_company_amount_of_the_uncontested_part(self):
        self.assertEqual(item(1, 20, 200.0, company_residual=100.0, contested=50.0).company_claim, 75.0)

    def test_payments_settle_the_uncontested_part_first(self):
        self.assertEqual(spread_contested(50.0, [(1, 40.0), (2, 40.0)]), {2: 40.0, 1: 10.0})
        self.assertEqual(spread_contested(100.0, [(1, 40.0)]), {1: 40.0})

    def test_no_type(self):
        self.assertEqual(reasons(ask([item(1, 20, type=None)])), {1: "no_type"})

    def test_run_before_the_last_notice(self):
        assessment = ask([item(1, 20)], last_notices={1: TODAY + timedelta(1)})
        self.assertEqual(reasons(assessment), {1: "later"})


class TestGrouping(BaseCase):
    def test_one_notice_with_the_text_of_the_highest_level(self):
        items = [item(1, 40, reached=10, last_notice=TODAY - timedelta(20)), item(2, 15)]
        [proposal] = ask(items).proposals
        self.assertEqual(proposal.level.id, 2)
        self.assertEqual([verdict.level.id for verdict in proposal.verdicts], [2, 1], "each line its own level")

    def test_one_notice_a_level(self):
        items = [item(1, 40, reached=10, last_notice=TODAY - timedelta(20)), item(2, 15)]
        proposals = ask(items, rules=[rule(by_level=True)]).proposals
        self.assertEqual([proposal.level.id for proposal in proposals], [2, 1])

    def test_by_currency_and_type(self):
        items = [item(1, 20), item(2, 20, currency=USD), item(3, 20, type=2)]
        proposals = ask(items, rules=[rule(), rule(id=2)]).proposals
        self.assertEqual([(p.type, p.currency) for p in proposals], [(1, EUR), (1, USD), (2, EUR)])

    def test_recipients(self):
        items = [item(1, 20, contact=50), item(2, 20, contact=50)]
        self.assertEqual(ask(items).proposals[0].recipient, 50, "the common contact")
        mixed = [*items, item(3, 20, contact=51)]
        self.assertIsNone(ask(mixed).proposals[0].recipient, "the invoice address")
        self.assertEqual(ask(mixed, contact=60).proposals[0].recipient, 60, "the dunning contact")
        split = ask(mixed, contact=60, rules=[rule(by_contact=True)]).proposals
        self.assertEqual([proposal.recipient for proposal in split], [50, 51])

    def test_a_reminder_waits_while_the_customer_is_dunned(self):
        rules = [rule(levels=(Level(5, -10), Level(1, 10)))]
        assessment = ask([item(1, 20), item(2, -5)], rules=rules)
        self.assertEqual([[v.item.id for v in p.verdicts] for p in assessment.proposals], [[1]])
        self.assertEqual(reasons(assessment)[2], "customer")


class TestPurity(BaseCase):
    def test_the_engine_imports_no_odoo(self):
        for path in (Path(__file__).parent.parent / "engine").glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom):
                    names = [node.module or ""]
                self.assertFalse([name for name in names if name.startswith("odoo")], path.name)
