"""Dunning analysis: each figure against an example computed by hand, and the records behind it."""

from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Command, Date
from odoo.tests import tagged

from ..reports.analysis.sums import DIMENSIONS, KEY
from .common import TODAY, DunningCommon, StubLetters
from .test_charges_booked import BookedCommon

CHARGES = ("charges_claimed", "charges_booked", "charges_paid", "charges_open")
MEASURES = ("dunned", "paid", "credited", "written_off", "open", *CHARGES)


class AnalysisCommon(StubLetters, DunningCommon):
    def analysis(self, user=None):
        return self.env["account.dunning.analysis"].with_user(user or self.collector)

    def figures(self, groupby=None, domain=()):
        """The measures that are not zero by what ``groupby`` gives (without: of all), for the two customers."""
        domain = [("partner_id", "in", (self.partner_a + self.partner_b).ids), ("kind", "in", MEASURES), *domain]
        aggregates = [f"amount_{name}:sum" for name in MEASURES]
        rows = self.analysis()._read_group(domain, [groupby] if groupby else [], aggregates)
        result = {}
        for row in rows:
            key, amounts = (row[0], row[1:]) if groupby else (None, row)
            result[key] = {name: amount for name, amount in zip(MEASURES, amounts, strict=True) if amount}
        return result if groupby else result[None]

    def rows(self, kind, **values):
        return self.analysis().search([("kind", "=", kind), *((key, "=", value) for key, value in values.items())])


@tagged("post_install", "-at_install")
class TestAnalysis(AnalysisCommon):
    def reconcile(self, *moves):
        lines = self.env["account.move"].concat(*moves).line_ids
        lines.filtered(lambda line: line.account_type == "asset_receivable").reconcile()
        self.env.cr.precommit.run()

    def entry(self, partner, amount):
        """A journal entry that takes ``amount`` off what the customer owes."""
        account = self.company_data["default_account_expense"]
        receivable = partner.property_account_receivable_id
        move = self.env["account.move"].create(
            {
                "date": self.today,
                "line_ids": [
                    Command.create({"account_id": account.id, "debit": amount}),
                    Command.create({"account_id": receivable.id, "partner_id": partner.id, "credit": amount}),
                ],
            }
        )
        move.action_post()
        return move

    def example(self):
        """Four invoices of 100, 200, 400 and 800.

        All are dunned at level 1; after 3 days 100 are paid. After 10 days the others are dunned at level 2; then
        of the 200 are paid 50, the 400 are credited, and the 800 are written off by 300. An invoice of 1000 is not
        due yet.
        """
        moves = [self.invoice(self.partner_a, 12, amount) for amount in (100, 200, 400, 800)]
        self.invoice(self.partner_b, -20, 1000)
        self.dun()
        self.go(3)
        self.pay(moves[0])
        self.go(7)
        self.dun()
        self.pay(moves[1], 50)
        moves[2]._reverse_moves([{"date": self.today, "invoice_date": self.today}], cancel=True)
        self.env.cr.precommit.run()
        loss = self.entry(self.partner_a, 300)
        loss.sudo().dunning_write_off_plan_id = moves[3].collection_plan_ids
        self.reconcile(moves[3], loss)
        return moves

    def test_by_level(self):
        self.example()
        none = self.env["account.dunning.level"]
        self.assertEqual(
            self.figures("level_id"),
            {
                self.level_1: {"dunned": 1500, "paid": 100},
                self.level_2: {"dunned": 1400, "paid": 50, "credited": 400, "written_off": 300, "open": 650},
                none: {"open": 1000},
            },
        )

    def test_by_what(self):
        self.example()
        self.assertEqual(
            self.figures("kind"),
            {
                "dunned": {"dunned": 2900},
                "paid": {"paid": 150},
                "credited": {"credited": 400},
                "written_off": {"written_off": 300},
                "open": {"open": 1650},
            },
        )

    def test_by_month(self):
        """The payment of 10 July counts in July; what is open counts today."""
        move = self.invoice(self.partner_a, 12, 100)
        self.dun()
        self.go(39)
        self.pay(move, 40)
        self.assertEqual(
            self.figures("date:month"),
            {Date.to_date("2026-06-01"): {"dunned": 100}, Date.to_date("2026-07-01"): {"paid": 40, "open": 60}},
        )

    def test_by_age(self):
        """How long something was overdue when it was dunned or paid, and how long it is today."""
        move = self.invoice(self.partner_a, 25, 100)
        self.invoice(self.partner_b, 0, 1)
        self.invoice(self.partner_b, 95, 16).action_toggle_block_payment()
        self.invoice(self.partner_b, 61, 8).action_toggle_block_payment()
        self.invoice(self.partner_b, 60, 4).action_toggle_block_payment()
        self.invoice(self.partner_b, 30, 2).action_toggle_block_payment()
        self.dun()
        self.assertEqual(
            self.figures("age"),
            {
                "0": {"open": 1},
                "1": {"dunned": 100, "open": 102},
                "2": {"open": 4},
                "3": {"open": 8},
                "4": {"open": 16},
            },
        )
        self.go(6)
        self.pay(move)
        self.assertEqual(self.figures("age", [("move_id", "=", move.id)]), {"1": {"dunned": 100}, "2": {"paid": 100}})
        self.assertEqual(self.rows("paid", move_id=move.id).days_overdue, 31)

    def test_by_type_collector_customer_and_plan(self):
        other = self.make_type("Other", (10,))
        self.partner_b.with_company(self.company).dunning_type_id = other
        moves = self.invoice(self.partner_a, 12, 100), self.invoice(self.partner_b, 12, 200)
        self.dun()
        plans = [move.collection_plan_ids for move in moves]
        plans[0].user_id, plans[1].user_id = self.collector, self.manager
        self.pay(moves[0])
        expected = [{"dunned": 100, "paid": 100}, {"dunned": 200, "open": 200}]
        for groupby, keys in (
            ("type_id", (self.dunning_type, other)),
            ("user_id", (self.collector, self.manager)),
            ("partner_id", (self.partner_a, self.partner_b)),
            ("plan_id", plans),
            ("plan_state", ("recovered", "ongoing")),
        ):
            with self.subTest(groupby):
                self.assertEqual(self.figures(groupby), dict(zip(keys, expected, strict=True)))

    # what counts as what

    def test_paid_before_the_first_notice_is_not_recovered_by_dunning(self):
        move = self.invoice(self.partner_a, 12, 100)
        self.pay(move, 30)
        self.assertEqual(self.figures(), {"open": 70})
        self.go(1)
        self.dun()
        self.assertEqual(self.figures(), {"dunned": 70, "open": 70})
        self.pay(move, 20)
        self.assertEqual(self.figures(), {"dunned": 70, "paid": 20, "open": 50}, "on the day of the notice")

    def test_a_reminder_dunns_nothing(self):
        self.make_type("Friendly", (-5, 10), sequence=1)
        self.dunning_type.default = False
        friendly = self.env["account.dunning.type"].search([("name", "=", "Friendly")])
        self.partner_a.with_company(self.company).dunning_type_id = friendly
        move = self.invoice(self.partner_a, -4, 100)
        self.assertTrue(self.dun().reminder)
        self.pay(move, 30)
        self.assertEqual(self.figures(), {"open": 70})

    def test_an_undone_notice_dunned_nothing(self):
        move = self.invoice(self.partner_a, 12, 100)
        notice = self.dun()
        notice.sudo()._undo("By mistake", False)
        self.pay(move, 30)
        self.assertEqual(self.figures(), {"open": 70})

    def test_an_imported_level(self):
        """A level that was reached in an old system has no notice here."""
        move = self.invoice(self.partner_a, 12, 100)
        self.env["account.dunning.item"].sudo().create(
            {
                "company_id": self.company.id,
                "move_line_id": self.item(move).id,
                "move_id": move.id,
                "partner_id": self.partner_a.id,
                "level_id": self.level_2.id,
                "last_notice_date": Date.add(TODAY, days=-5),
            }
        )
        self.pay(move, 30)
        self.assertEqual(self.figures("level_id"), {self.level_2: {"paid": 30, "open": 70}})

    def test_a_credit_of_the_customer_is_money(self):
        """A credit note for another invoice, as for the plan, which is recovered."""
        move, other = self.invoice(self.partner_a, 12, 100), self.invoice(self.partner_a, 0, 300)
        self.dun()
        self.pay(other)
        refund = other._reverse_moves([{"date": self.today, "invoice_date": self.today}])
        refund.action_post()
        self.reconcile(move, refund)
        self.assertEqual(move.collection_plan_ids.state, "recovered")
        self.assertEqual(self.figures(domain=[("move_id", "=", move.id)]), {"dunned": 100, "paid": 100})

    def test_money_for_a_plan_that_was_written_off_is_paid(self):
        move = self.example()[3]
        self.pay(move, 20)
        self.assertEqual(
            self.figures(domain=[("move_id", "=", move.id), ("kind", "!=", "dunned")]),
            {"paid": 20, "written_off": 300, "open": 480},
        )

    def test_a_returned_payment(self):
        move = self.invoice(self.partner_a, 12, 100)
        self.dun()
        payment = self.pay(move)
        self.assertEqual(self.figures(), {"dunned": 100, "paid": 100})
        payment.action_draft()
        self.env.cr.precommit.run()
        self.assertEqual(self.figures(), {"dunned": 100, "open": 100})

    def test_credits_are_not_open_items(self):
        self.invoice(self.partner_a, 12, 100)
        self.invoice(self.partner_a, 12, 30, move_type="out_refund")
        self.assertEqual(self.figures(), {"open": 100})

    # currencies and companies

    def test_foreign_currency(self):
        """120 euros at 2 euros a dollar are 60 dollars, whatever the euro costs when they are paid."""
        self.env["res.currency.rate"].create(
            {
                "name": Date.add(TODAY, days=2),
                "rate": 3.0,
                "currency_id": self.other_currency.id,
                "company_id": self.company.id,
            }
        )
        move = self.invoice(self.partner_a, 12, 120, currency_id=self.other_currency.id)
        self.dun()
        self.go(3)
        self.pay(move, 80)
        self.assertEqual(self.figures(), {"dunned": 60, "paid": 40, "open": 20})
        self.assertEqual(self.rows("dunned", move_id=move.id).currency_id, self.company.currency_id)

    def test_the_notice_outlives_its_item(self):
        """The rate of the day of the notice counts where the invoice is gone."""
        for values, expected in (({"currency_id": self.other_currency.id}, 60), ({}, 120)):
            with self.subTest(expected), self.env.cr.savepoint() as savepoint:
                move = self.invoice(self.partner_a, 12, 120, **values)
                self.dun()
                move.button_draft()
                move.with_context(force_delete=True).unlink()
                self.env.cr.precommit.run()
                self.assertEqual(self.figures(), {"dunned": expected})
                savepoint.rollback()
                self.env.invalidate_all()

    def test_branches_belong_to_the_root(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        move = self.invoice(self.partner_a, 12)
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_move SET company_id = %s WHERE id = %s", [branch.id, move.id])
        self.env.cr.execute("UPDATE account_move_line SET company_id = %s WHERE move_id = %s", [branch.id, move.id])
        self.env.invalidate_all()
        self.assertEqual(self.rows("open", move_id=move.id).company_id, self.company)

    def test_rights(self):
        self.example()
        other = self.setup_other_company(name="Other")["company"]
        stranger = self.new_user("stranger", "account_dunning.group_dunning_manager")
        stranger.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.assertFalse(self.analysis(stranger).search([("company_id", "=", self.company.id)]))
        with self.assertRaises(AccessError):
            self.analysis(self.new_user("clerk", "account.group_account_invoice")).search([])
        with self.assertRaises(AccessError):
            self.rows("open")[:1].with_user(self.manager).write({"amount_open": 0})

    # the records behind

    def test_drilling_down(self):
        moves = self.example()
        notices = self.env["account.dunning.notice.line"].search([("move_id", "=", moves[1].id)]).notice_id
        payment = moves[1].matched_payment_ids
        refund = moves[2].reversal_move_ids
        entry = self.rows("written_off", move_id=moves[3].id).counter_move_id
        self.assertEqual(entry.move_type, "entry")
        for kind, move, records in (
            ("dunned", moves[1], notices),
            ("paid", moves[1], payment),
            ("credited", moves[2], refund),
            ("written_off", moves[3], entry),
            ("open", moves[1], moves[1]),
        ):
            with self.subTest(kind):
                opened = [row.action_open_record() for row in self.rows(kind, move_id=move.id)]
                self.assertEqual({action["res_model"] for action in opened}, {records._name})
                self.assertEqual(sorted(action["res_id"] for action in opened), sorted(records.ids))

    def test_a_cell_of_the_pivot_gives_its_rows(self):
        """What the pivot passes to the list finds the rows that add up to the cell."""
        self.example()
        domain = [("partner_id", "=", self.partner_a.id)]
        groups = self.analysis().formatted_read_group(domain, ["level_id"], ["amount_paid:sum"])
        [group] = [group for group in groups if group["level_id"] and group["level_id"][0] == self.level_1.id]
        rows = self.analysis().search([*domain, *group["__extra_domain"]])
        self.assertEqual(sum(rows.mapped("amount_paid")), group["amount_paid:sum"])
        self.assertEqual(group["amount_paid:sum"], 100)
        self.assertEqual(len(rows), 7, "four dunned, one paid, a plan opened and closed")


@tagged("post_install", "-at_install")
class TestAnalysisOfPlans(AnalysisCommon):
    """Three plans: paid after level 2, stopped by a person in July, and ongoing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.level_2.min_days = cls.level_1.deadline_days = 1

    def setUp(self):
        super().setUp()
        moves = [self.invoice(self.partner_a, 12, amount) for amount in (100, 200, 400)]
        self.dun()
        self.paid, self.stopped, self.ongoing = [move.collection_plan_ids for move in moves]
        self.go(10)
        self.dun()
        self.pay(moves[0])
        self.go(25)
        self.stopped.sudo()._stop(self.shipped("reason_dispute"))

    def plans(self, groupby):
        """The number of plans opened and closed, where there are some."""
        domain = [("partner_id", "=", self.partner_a.id)]
        rows = self.analysis()._read_group(domain, [groupby], ["plans_opened:sum", "plans_closed:sum"])
        return {key: (opened, closed) for key, opened, closed in rows if opened or closed}

    def test_how_they_ended(self):
        self.assertEqual(self.plans("plan_state"), {"ongoing": (1, 0), "recovered": (1, 1), "stopped": (1, 1)})
        self.assertEqual(self.plans("close_reason"), {False: (1, 0), "paid": (1, 1), "person": (1, 1)})

    def test_when_and_after_which_level(self):
        june, july = Date.to_date("2026-06-01"), Date.to_date("2026-07-01")
        self.assertEqual(self.plans("date:month"), {june: (3, 1), july: (0, 1)})
        self.assertEqual(self.plans("level_id"), {self.level_2: (3, 2)})

    def test_the_plan_behind(self):
        for kind in ("plans_opened", "plans_closed"):
            action = self.rows(kind, plan_id=self.paid.id).action_open_record()
            self.assertEqual((action["res_model"], action["res_id"]), (self.paid._name, self.paid.id))
        self.assertFalse(self.rows("plans_closed", plan_id=self.ongoing.id))


@tagged("post_install", "-at_install")
class TestAnalysisOfCharges(BookedCommon, AnalysisCommon):
    """10 of fee and 4.11 of interest on 1000 at level 1; ten days later 20 and 6.85 in all, so 2.74 more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settings.charges = "booked"

    def charges(self, groupby="level_id"):
        """The measures of charges."""
        figures = self.figures(groupby, [("kind", "in", CHARGES)])
        return {key: tuple(row.get(name, 0.0) for name in CHARGES) for key, row in figures.items()}

    def dun_twice(self, **values):
        self.move = self.invoice(self.partner_a, 15, 1000.0, **values)
        first = self.dun()
        self.go(10)
        return first, self.dun()

    def test_each_level_claims_what_is_new(self):
        for setting, at_1, at_2 in (
            ("letter", (14.11, 0, 0, 0), (22.74, 0, 0, 0)),
            ("booked", (14.11, 14.11, 0, 14.11), (22.74, 22.74, 0, 22.74)),
        ):
            with self.subTest(setting), self.env.cr.savepoint() as savepoint:
                self.settings.charges = setting
                self.dun_twice()
                self.assertEqual(self.charges(), {self.level_1: at_1, self.level_2: at_2})
                savepoint.rollback()
            self.frozen.move_to(TODAY)
            self.env.invalidate_all()

    def test_apart_from_the_debt(self):
        """What is paid of charges is not paid of the debt, and what is open of them is not open of it."""
        first, _second = self.dun_twice()
        self.pay(self.booked(first), 4.0)
        self.pay(self.move, 300.0)
        self.assertEqual(
            self.figures("level_id"),
            {
                self.level_1: {
                    "dunned": 1000,
                    "charges_claimed": 14.11,
                    "charges_booked": 14.11,
                    "charges_paid": 4,
                    "charges_open": 10.11,
                },
                self.level_2: {
                    "dunned": 1000,
                    "paid": 300,
                    "open": 700,
                    "charges_claimed": 22.74,
                    "charges_booked": 22.74,
                    "charges_open": 22.74,
                },
            },
        )

    def test_sums_are_those_of_the_facts(self):
        """Summed beforehand or fact by fact: by each group, and by two at once."""
        first, _second = self.dun_twice()
        self.pay(self.booked(first), 4.0)
        self.pay(self.move, 300.0)
        analysis = self.analysis()
        aggregates = [*(f"{name}:sum" for name in analysis._get_measures().values()), "days_overdue:avg", "__count"]
        names = [f"{name}:day" if name in ("date", "due_date") else name for name in DIMENSIONS]
        sets = [[], *([name] for name in names), ["date:month"], ["level_id", "kind"], ["move_id", "age"]]
        for domain in ([], [("kind", "!=", "dunned"), ("partner_id", "=", self.partner_a.id)]):
            beforehand = [analysis._read_group(domain, specs, aggregates) for specs in sets]
            with patch.object(self.registry["account.dunning.analysis"], "_sum_by", lambda model, *_args: model):
                one_by_one = [analysis._read_group(domain, specs, aggregates) for specs in sets]
            self.assertTrue(all(rows and len(rows) >= 1 for rows in beforehand))
            for specs, rows, expected in zip(sets, beforehand, one_by_one, strict=True):
                self.assertEqual(rows, expected, specs)
                self.assertFalse({KEY} & {key for row in rows for key in getattr(row[0], "env", self.env).context})

    def test_waived_undone_and_returned(self):
        first, second = self.dun_twice()
        self.waive(first.charge_ids.filtered(lambda charge: charge.kind == "fee"))
        kept = {self.level_1: (4.11, 4.11, 0, 4.11)}
        self.assertEqual(self.charges(), {**kept, self.level_2: (22.74, 22.74, 0, 22.74)}, "a credit note pays nothing")
        second.sudo()._undo("a mistake", at_once=True)
        self.assertEqual(self.charges(), {**kept, self.level_2: (0, 0, 0, 0)})
        payment = self.pay(self.booked(first)[:1])
        self.assertEqual(self.charges()[self.level_1], (4.11, 4.11, 4.11, 0))
        payment.action_draft()
        self.env.cr.precommit.run()
        self.assertEqual(self.charges()[self.level_1], (4.11, 4.11, 0, 4.11))

    def test_on_the_letter_and_booked_when_paid(self):
        self.settings.charges = "letter"
        self.dun_twice()
        self.pay(self.move)
        self.credit(self.partner_a, 50.0)
        self.move.collection_plan_id.action_book_charges_paid()
        self.env.cr.precommit.run()
        totals = [round(sum(column), 2) for column in zip(*self.charges().values(), strict=True)]
        self.assertEqual(totals, [36.85, 36.85, 36.85, 0])

    def test_by_the_other_groups(self):
        """Charges are found with the type, collector and plan of the debt, and in the month of the notice."""
        self.dun_twice()
        plan = self.move.collection_plan_ids
        plan.user_id = self.collector
        for groupby, key in (("plan_id", plan), ("type_id", self.dunning_type), ("user_id", self.collector)):
            with self.subTest(groupby):
                self.assertEqual(self.charges(groupby), {key: (36.85, 36.85, 0, 36.85)})
        self.assertEqual(self.charges("date:month"), {TODAY.replace(day=1): (36.85, 36.85, 0, 36.85)})

    def test_foreign_currency(self):
        """20 euros of fee and 8.22 of interest at 2 euros a dollar; paid by a half when 4 euros are a dollar."""
        self.invoice(self.partner_a, 15, 2000.0, currency_id=self.other_currency.id)
        notice = self.dun()
        self.go(1)
        self.env["res.currency.rate"].create(
            {"name": self.today, "rate": 4.0, "currency_id": self.other_currency.id, "company_id": self.company.id}
        )
        self.pay(self.booked(notice), 14.11)
        self.assertEqual(self.charges(), {self.level_1: (14.11, 14.11, 7.06, 7.05)})

    def test_the_records_behind(self):
        notice = self.dun_twice()[0]
        move = self.booked(notice)
        payment = self.pay(move, 4.0)
        for kind, record in zip(CHARGES, (notice, move, payment, move), strict=True):
            for row in self.rows(kind, notice_id=notice.id):
                action = row.action_open_record()
                self.assertEqual((action["res_model"], action["res_id"]), (record._name, record.id), kind)
            self.assertTrue(self.rows(kind, notice_id=notice.id), kind)
