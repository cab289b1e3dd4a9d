"""The ledger as of a day: against the entries themselves, and against all that shows what is open today."""

import random
from collections import defaultdict
from datetime import timedelta

from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools import SQL

from ..engine import sum_up
from ..engine.ledger import Owed
from .common import ChargesCommon
from .copies import Copier

HISTORIES = 1000
COLUMNS = SQL(
    """item.id, item.partner_id, item.currency_id, item.due, item.amount::float, item.amount_currency::float,
       COALESCE(part.disputed, 0)::float, COALESCE(part.promised, 0)::float, COALESCE(part.held, 0)::float,
       COALESCE(part.agency, 0)::float"""
)


class LedgerCommon(ChargesCommon):
    def ledger(self, day=None):
        return self.env["account.dunning.ledger"]._get_receivables(self.company, day or self.today)

    def items(self, day=None):
        """The rows of the open items as of ``day``, by the item's id."""
        query = self.env["account.dunning.ledger"]._get_item_query(self.company, day or self.today, COLUMNS)
        self.env.flush_all()
        return {row[0]: row[1:] for row in self.env.execute_query(query)}

    def ago(self, days):
        return self.today - timedelta(days)


@tagged("post_install", "-at_install")
class TestLedger(LedgerCommon):
    def amounts(self, day):
        return {item: row[3] for item, row in self.items(day).items()}

    def test_a_matching_counts_from_the_later_of_both_dates(self):
        move = self.invoice(self.partner_a, 10, 100.0)
        item = self.item(move).id
        payment = self.credit(self.partner_a, 60.0, days_ago=4)
        credit = self.item(payment.move_id)
        (self.item(move) + credit).reconcile()
        self.assertEqual(self.amounts(self.ago(11)), {})
        self.assertEqual(self.amounts(self.ago(5)), {item: 100})
        self.assertEqual(self.amounts(self.ago(4)), {item: 40})
        early = self.credit(self.partner_a, 15.0, days_ago=30)
        (self.item(move) + self.item(early.move_id)).reconcile()
        self.assertEqual(self.amounts(self.ago(11)), {self.item(early.move_id).id: -15}, "paid before it was invoiced")
        self.assertEqual(self.amounts(self.ago(10)), {item: 85})

    def test_a_removed_matching_is_unknown_for_former_days_too(self):
        move = self.invoice(self.partner_a, 10)
        self.pay(move)
        self.go(5)
        self.assertEqual(self.amounts(self.ago(3)), {})
        move.line_ids.remove_move_reconcile()
        self.assertEqual(self.amounts(self.ago(3))[self.item(move).id], 100)

    def test_what_a_payment_settled_that_was_taken_back_is_open(self):
        move = self.invoice(self.partner_a, 10)
        payment = self.pay(move)
        self.go(5)
        payment.state = "rejected"
        for day in (self.ago(5), self.today):
            self.assertEqual(self.amounts(day), {self.item(move).id: 100})

    def test_parts_as_of_the_day(self):
        move, other = self.invoice(self.partner_a, 10, 100.0), self.invoice(self.partner_b, 10, 50.0)
        hold = self.env["account.dunning.hold"].create(
            {"move_id": move.id, "amount": 30.0, "reason_id": self.shipped("reason_dispute").id}
        )
        self.env["account.dunning.hold"].create(
            {"partner_id": self.partner_b.id, "reason_id": self.shipped("reason_excluded").id}
        )
        self.go(5)
        hold.action_end()
        self.go(2)
        item = self.item(move).id
        self.assertEqual(self.items(self.ago(8))[item][5:], (0, 0, 0, 0), "before")
        self.assertEqual(self.items(self.ago(3))[item][5:], (30, 0, 0, 0))
        self.assertEqual(self.items(self.ago(2))[item][5:], (0, 0, 0, 0), "it has ended")
        self.assertEqual(self.items()[self.item(other).id][5:], (0, 0, 50, 0))
        self.assertEqual((self.ledger(self.ago(3)).disputed, self.ledger(self.ago(3)).held), (30, 50))

    def test_with_an_agency(self):
        move = self.invoice(self.partner_a, 12)
        self.invoice(self.partner_b, 12, 70.0)
        self.dun()
        agency = self.env["res.partner"].create({"name": "Agency", "is_company": True})
        move.collection_plan_ids.sudo()._hand_over(agency, "")
        self.assertEqual(self.items()[self.item(move).id][5:], (0, 0, 0, 100))
        self.assertEqual((self.ledger().agency, self.ledger(self.ago(1)).agency), (100, 0))

    def test_sales_are_less_credit_notes(self):
        self.invoice(self.partner_a, 10, 100.0)
        self.invoice(self.partner_a, 10, 30.0, move_type="out_refund")
        self.invoice(self.partner_a, 10, 50.0, currency_id=self.other_currency.id)
        draft = self.invoice(self.partner_a, 10, 11.0)
        draft.button_draft()
        sales = self.env["account.dunning.ledger"]._read_sales(self.company, self.today)
        self.assertEqual(sales, {self.ago(10): 95.0})

    def test_what_was_settled_in_a_month(self):
        paid, partly = self.invoice(self.partner_a, 10, 100.0), self.invoice(self.partner_a, 12, 40.0)
        self.pay(partly, 10.0)
        self.pay(paid, 60.0)
        self.go(3)
        self.pay(paid)
        self.go(4)
        ledger = self.env["account.dunning.ledger"]
        [found] = ledger._read_settled(self.company, self.ago(6), self.today)
        self.assertEqual((found.amount, found.days_late, found.settled), (100, 13, self.ago(4)))
        self.assertFalse(ledger._read_settled(self.company, self.ago(3), self.today), "settled before")
        self.assertFalse(ledger._read_settled(self.company, self.ago(7), self.ago(5)), "not settled then")

    def test_some_customers_only(self):
        self.invoice(self.partner_a, 10, 100.0)
        self.invoice(self.partner_b, 10, 40.0)
        some = SQL("SELECT %s", self.partner_b.id)
        owed, figures = self.env["account.dunning.ledger"]._get_figures(self.company, self.today, some)
        self.assertEqual((owed.overdue, owed.items, figures.sales), (40, 1, 40))


@tagged("post_install", "-at_install")
class TestRandomLedgers(LedgerCommon):
    """A thousand customers with random histories, in two currencies, of a company and its branch."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls.env["res.company"].create({"name": "Branch", "parent_id": cls.company.id})
        cls.env.user.company_ids += cls.branch
        cls.env.cr.precommit.run()  # loads the branch's chart of accounts
        cls.rng = random.Random(19)
        cls.stage.make_histories()

    def make_histories(self):
        partners = self.env["res.partner"].create([{"name": f"Customer {n}"} for n in range(HISTORIES)])
        both = {"allowed_company_ids": [self.branch.id, self.company.id]}
        kinds = [
            (self.env, {}),
            (self.env, {"currency_id": self.other_currency.id}),
            (self.env(context={**self.env.context, **both}), {}),
        ]
        for env, values in kinds:
            debits = self.copy_moves(env, values, partners, "out_invoice")
            credits = self.copy_moves(env, values, partners, "out_refund")
            self.match(debits, credits)
        self.settle()

    def settle(self):
        """Have Odoo compute what is left of the items."""
        self.env.cr.execute("ANALYZE account_move_line, account_partial_reconcile")
        self.env.invalidate_all()
        lines = self.env["account.partial.reconcile"].search([])
        lines = lines.debit_move_id + lines.credit_move_id
        for name in ("amount_residual", "amount_residual_currency", "reconciled"):
            self.env.add_to_compute(lines._fields[name], lines)
        lines.flush_recordset()

    def copy_moves(self, env, values, partners, kind):
        """Invoices or credit notes of some of the customers, on random days."""

        def post(vals_list):
            moves = env["account.move"].create([{**vals, **values, "move_type": kind} for vals in vals_list])
            moves.action_post()
            return moves

        first = env["res.partner"].create({"name": "First"})  # whose accounts do not follow from earlier invoices
        vals_list = [self.prepare_invoice(first, 10)]
        for partner in partners.with_env(env):
            for _index in range(self.rng.choice((0, 1, 1, 2))):
                vals = self.prepare_invoice(partner, self.rng.randint(-20, 130), self.rng.randint(50, 45000) / 50)
                vals["invoice_date"] = min(vals["invoice_date"] - timedelta(self.rng.randint(0, 20)), self.today)
                vals_list.append(vals)
        moves = Copier().post(env, post, vals_list)
        lines = moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        return lines.with_env(self.env).grouped("partner_id")

    def match(self, debits, credits):
        """Match an invoice and a credit note of most customers, wholly or in part, as Odoo's rows of that."""
        rows = []
        for partner in debits.keys() & credits.keys():
            debit, credit = self.rng.choice(debits[partner]), credits[partner][0]
            if self.rng.random() < 0.8:
                share = min(debit.amount_currency, -credit.amount_currency)
                rows.append((debit, credit, share, share * debit.balance / debit.amount_currency))
        self.env["account.partial.reconcile"].flush_model()
        for debit, credit, amount_currency, amount in rows:
            currency = debit.currency_id.id
            self.env.cr.execute(
                SQL(
                    """INSERT INTO account_partial_reconcile
                              (debit_move_id, credit_move_id, amount, debit_amount_currency, credit_amount_currency,
                               debit_currency_id, credit_currency_id, company_id, max_date)
                       VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
                    *(debit.id, credit.id, amount, amount_currency, amount_currency),
                    *(currency, currency, debit.company_id.id, max(debit.date, credit.date)),
                )
            )

    def read_entries(self, day):
        """The open items as of ``day``, from the entries and their matchings alone: amounts by id."""
        account = SQL("SELECT id FROM account_account WHERE account_type = 'asset_receivable'")
        companies = [self.company.id, self.branch.id]
        lines = self.env.execute_query(
            SQL(
                """SELECT id, balance::float, amount_currency::float FROM account_move_line
                    WHERE account_id IN (%s) AND parent_state = 'posted' AND partner_id IS NOT NULL
                      AND company_id = ANY(%s) AND date <= %s""",
                account,
                companies,
                day,
            )
        )
        amounts = {line: [balance, currency] for line, balance, currency in lines}
        partials = self.env.execute_query(
            SQL(
                """SELECT debit_move_id, credit_move_id, amount::float, debit_amount_currency::float,
                          credit_amount_currency::float FROM account_partial_reconcile WHERE max_date <= %s""",
                day,
            )
        )
        for debit, credit, amount, in_debit, in_credit in partials:
            if debit in amounts:
                amounts[debit] = [amounts[debit][0] - amount, amounts[debit][1] - in_debit]
                amounts[credit] = [amounts[credit][0] + amount, amounts[credit][1] + in_credit]
        rounded = {line: (round(pair[0], 2), round(pair[1], 2)) for line, pair in amounts.items()}
        return {line: pair for line, pair in rounded.items() if any(pair)}

    def test_as_of_any_day(self):
        self.env.flush_all()
        for days in (0, 1, 17, 35, 61, 62, 99, 140):
            day = self.ago(days)
            rows = self.items(day)
            found = {item: (round(row[3], 2), round(row[4], 2)) for item, row in rows.items()}
            self.assertEqual(found, self.read_entries(day))
            owed = sum_up((Owed(row[2], row[3]) for row in rows.values()), day)
            self.assertEqual(self.ledger(day), owed)

    def test_today_all_that_shows_what_is_open_agrees(self):
        rows = self.items()
        lines = self.env["account.move.line"].browse(rows)
        self.assertGreater(len(lines), HISTORIES)
        self.assertEqual(lines.currency_id, self.company.currency_id + self.other_currency)
        self.assertEqual(lines.company_id, self.company + self.branch)
        for line in lines:
            self.assertAlmostEqual(rows[line.id][3], line.amount_residual, 6)
            self.assertAlmostEqual(rows[line.id][4], line.amount_residual_currency, 6)
        self.check_statements(rows, lines.partner_id)
        self.check_cases(rows)
        self.check_dashboard(rows)
        self.check_analysis(rows)

    def check_statements(self, rows, partners):
        """The statement of account of each customer, in each currency."""
        statement = self.env["account.dunning.statement"]
        totals = defaultdict(float)
        for partner, currency, _due, _amount, amount_currency, *_parts in rows.values():
            totals[partner, currency] += amount_currency
        open_items = statement._read_open_items(self.company, partners.ids, self.today)
        found = {key: sum(row["residual"] for row in items) for key, items in open_items.items()}
        self.assertEqual(
            {key: round(amount, 2) for key, amount in found.items()},
            {key: round(amount, 2) for key, amount in totals.items()},
        )

    def check_cases(self, rows):
        """The cases of all who are overdue, by age."""
        self.env["account.collection.case"]._refresh(self.company)
        cases = self.env["account.collection.case"].search([("company_id", "=", self.company.id)])
        late = {row[0] for row in rows.values() if row[3] > 0 and row[2] < self.today}
        self.assertEqual(set(cases.partner_id.ids), late)
        owed = self.ledger()
        for name, amount in zip(("aged_1", "aged_31", "aged_61", "aged_91"), owed.ages[1:], strict=True):
            self.assertAlmostEqual(sum(cases.mapped(name)), amount, 2)

    def check_dashboard(self, rows):
        """The tiles, and the rows that each of them opens."""
        board = self.env["account.dunning.dashboard"].with_user(self.manager).with_company(self.company)
        tiles = {tile["name"]: tile["number"] for tile in board.get_data()["tiles"]}
        items = self.env["account.dunning.figure.item"].with_user(self.manager)
        expected = {
            "overdue": sum(row[3] for row in rows.values() if row[3] > 0 and row[2] < self.today),
            "current": sum(row[3] for row in rows.values() if row[3] > 0 and row[2] >= self.today),
            "credits": -sum(row[3] for row in rows.values() if row[3] < 0),
        }
        for name, amount in expected.items():
            self.assertAlmostEqual(tiles[name], amount, 2, name)
            found = items.search(Domain(board.open_rows(name)["domain"]))
            self.assertAlmostEqual(abs(sum(found.mapped("amount"))), amount, 2, name)

    def check_analysis(self, rows):
        """What the analysis has as open, by age and by customer."""
        analysis = self.env["account.dunning.analysis"].with_user(self.manager)
        own = [("company_id", "=", self.company.id), ("kind", "=", "open")]
        owed = self.ledger()
        found = dict(analysis._read_group(own, ["age"], ["amount_open:sum"]))
        for age, amount in zip("01234", owed.ages, strict=True):
            self.assertAlmostEqual(found.get(age, 0.0), amount, 2)
        customers = defaultdict(float)
        for partner, _currency, _due, amount, *_rest in rows.values():
            customers[partner] += max(amount, 0.0)
        found = {
            partner.id: round(amount, 2)
            for partner, amount in analysis._read_group(own, ["partner_id"], ["amount_open:sum"])
        }
        self.assertEqual(found, {partner: round(amount, 2) for partner, amount in customers.items() if amount})
