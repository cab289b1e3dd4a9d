"""Customer balances: definable sets of open items (rules §5)."""

from random import Random

from lxml.html import fromstring

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Date
from odoo.tests import Form, tagged

from .common import TODAY, DunningCommon, StubLetters

INVOICES = "[('move_id.move_type', 'in', ['out_invoice', 'out_receipt'])]"


class BalanceCommon(StubLetters, DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.unpaid = cls.shipped("balance_unpaid")
        cls.overdue = cls.shipped("balance_overdue")
        cls.receivable = cls.shipped("balance_receivable")
        cls.all_shipped = cls.unpaid + cls.overdue + cls.receivable

    def amounts(self, balances, partner=None):
        partner = partner or self.partner_a
        return [
            balance._get_amounts(self.company, partner.ids, self.company._dunning_today())[partner.id]
            for balance in balances
        ]

    def payment(self, amount, partner=None):
        """A payment that is allocated to nothing."""
        payment = self.env["account.payment"].create({"partner_id": (partner or self.partner_a).id, "amount": amount})
        payment.action_post()
        return payment

    def entry(self, amount, days_overdue, partner):
        account = self.company_data["default_account_receivable"]
        lines = [
            {
                "account_id": account.id,
                "partner_id": partner.id,
                "balance": amount,
                "date_maturity": Date.subtract(self.today, days=days_overdue),
            },
            {"account_id": self.company_data["default_account_revenue"].id, "balance": -amount},
        ]
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": self.company_data["default_journal_misc"].id,
                "date": self.today,
                "line_ids": [Command.create(line) for line in lines],
            }
        )
        move.action_post()
        return move


@tagged("post_install", "-at_install")
class TestAmounts(BalanceCommon):
    def test_shipped_balances(self):
        self.assertEqual(self.all_shipped.filtered("default"), self.unpaid)
        self.assertEqual(self.settings._get_balance(), self.unpaid)
        self.assertEqual(self.amounts(self.all_shipped), [0, 0, 0])
        invoice = self.invoice(self.partner_a, 12, 100)
        self.invoice(self.partner_a, -12, 40)
        self.invoice(self.partner_a, 0, 7)
        self.pay(invoice, 30)
        self.invoice(self.partner_a, 0, 5, move_type="out_refund")
        self.payment(11)
        self.assertEqual(self.amounts(self.all_shipped), [117, 70, 101])
        self.assertEqual(self.amounts(self.all_shipped, self.partner_b), [0, 0, 0])

    def test_the_company_chooses(self):
        self.settings.balance_id = self.overdue
        self.assertEqual(self.settings._get_balance(), self.overdue)

    def test_a_returned_payment(self):
        invoice = self.invoice(self.partner_a, 12, 100)
        payment = self.pay(invoice)
        self.assertEqual(self.amounts(self.all_shipped), [0, 0, 0])
        payment.state = "rejected"
        self.assertEqual(self.amounts(self.all_shipped), [100, 100, 100])
        on_account = self.payment(60)
        self.assertEqual(self.amounts(self.all_shipped), [100, 100, 40])
        on_account.state = "rejected"
        self.assertEqual(self.amounts(self.all_shipped), [100, 100, 100], "a rejected payment is no credit")

    def test_drafts_and_payables_are_no_debt(self):
        draft = self.invoice(self.partner_a, 12, 100)
        draft.button_draft()
        self.invoice(self.partner_a, 12, 100, move_type="in_invoice")
        self.assertEqual(self.amounts(self.all_shipped), [0, 0, 0])

    def test_holds_are_not_subtracted(self):
        invoice = self.invoice(self.partner_a, 12, 100)
        reason = self.shipped("reason_dispute")
        self.env["account.dunning.hold"].create({"move_id": invoice.id, "reason_id": reason.id})
        self.assertEqual(self.amounts(self.all_shipped), [100, 100, 100])

    def test_random_ledgers(self):
        """Against a ledger that the test itself keeps, with branches and currencies."""
        balances = self.all_shipped
        for credits in (False, True):
            for overdue in (False, True):
                for domain in ("[]", INVOICES, "[('move_id.move_type', '=', 'entry')]"):
                    values = {"with_credits": credits, "overdue_only": overdue, "item_domain": domain}
                    balances += balances.create({"name": f"{credits} {overdue} {domain}", **values})
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        random = Random(20260601)
        ledger = [self.post(random, branch) for _number in range(40)]
        today = self.company._dunning_today()
        partners = (self.partner_a + self.partner_b).ids
        for balance in balances:
            expected = dict.fromkeys(partners, 0.0)
            for partner, kind, due, amount in ledger:
                wanted = {
                    "[]": True,
                    INVOICES: kind in ("out_invoice", "out_receipt"),
                    "[('move_id.move_type', '=', 'entry')]": kind in ("entry", "payment"),
                }[(balance.item_domain or "[]").replace('"', "'")]
                counts = balance.with_credits if amount < 0 else not balance.overdue_only or due < today
                expected[partner.id] += amount if wanted and counts else 0.0
            found = balance._get_amounts(self.company, partners, today)
            self.assertEqual(found.keys(), expected.keys())
            for partner_id, amount in expected.items():
                self.assertAlmostEqual(found[partner_id], amount, 2, balance.name)
        self.assertGreater(len({round(sum(self.amounts(balance)), 2) for balance in balances}), 6)

    def post(self, random, branch):
        """Post something by chance; returns its customer, kind, due date and what it leaves open."""
        partner = random.choice((self.partner_a, self.partner_b))
        kind = random.choice(("out_invoice", "out_invoice", "out_receipt", "out_refund", "entry", "payment"))
        days, amount = random.randint(-9, 30), 8.0 * random.randint(1, 25)
        due = Date.subtract(TODAY, days=days)
        if kind == "payment":
            self.payment(amount, partner)
            return partner, kind, TODAY, -amount
        if kind == "entry":
            amount *= random.choice((1, -1))
            self.entry(amount, days, partner)
            return partner, kind, due, amount
        foreign = random.random() < 0.3
        values = {"currency_id": self.other_currency.id} if foreign else {}
        move = self.invoice(partner, days, amount, move_type=kind, **values)
        rest = move.line_ids.filtered("date_maturity").amount_residual
        self.assertAlmostEqual(abs(rest), amount / (2 if foreign else 1), 2)
        if kind == "out_invoice" and random.random() < 0.4:
            self.pay(move, amount / 4)
            rest *= 0.75
        elif random.random() < 0.2:
            self.env.flush_all()
            self.env.cr.execute("UPDATE account_move SET company_id = %s WHERE id = %s", [branch.id, move.id])
            self.env.cr.execute("UPDATE account_move_line SET company_id = %s WHERE move_id = %s", [branch.id, move.id])
            self.env.invalidate_all()
        return partner, kind, due, rest

    def test_one_query_for_all_customers(self):
        partners = self.partner_a + self.partner_b
        self.invoice(self.partner_a, 12)
        today = self.company._dunning_today()
        self.unpaid._get_amounts(self.company, partners.ids, today)
        counts = []
        for ids in (self.partner_a.ids, partners.ids):
            start = self.env.cr.sql_log_count
            self.unpaid._get_amounts(self.company, ids, today)
            counts.append(self.env.cr.sql_log_count - start)
        self.assertEqual(counts[0], counts[1])


@tagged("post_install", "-at_install")
class TestDefinition(BalanceCommon):
    def test_form(self):
        form = Form(self.env["account.dunning.balance"].with_user(self.manager))
        form.name = "Of the branch office"
        form.item_domain = "[('move_id.ref', '=like', 'B%')]"
        form.overdue_only = True
        balance = form.save()
        self.invoice(self.partner_a, 12, 50, ref="B1")
        self.invoice(self.partner_a, 12, 100, ref="C1")
        self.assertEqual(self.amounts(balance), [50])
        with self.assertRaises(AccessError):
            balance.with_user(self.collector).name = "Other"

    def test_domains_that_cannot_be_used(self):
        for domain, message in (
            ("[('account_type', '=', 'asset_receivable')]", "“account_type”, which is not stored"),
            ("[('move_id.has_reconciled_entries', '=', True)]", "“move_id.has_reconciled_entries”"),
            ("[('move_id', 'any', [('has_reconciled_entries', '=', True)])]", "“move_id.has_reconciled_entries”"),
            ("[('nothing', '=', 1)]", "“nothing”"),
            ("[('amount_residual', '>', self)]", "cannot be read"),
            ("[('amount_residual'", "cannot be read"),
            ("[('move_id', 'like')]", "cannot be read"),
        ):
            with self.refused(ValidationError, message):
                self.overdue.item_domain = domain
            with self.refused(ValidationError, message):
                self.overdue.create({"name": "x", "item_domain": domain})

    def test_domains_that_can_be_used(self):
        invoice = self.invoice(self.partner_a, 12, 100)
        for domain in (
            False,
            " ",
            "[('account_id.account_type', '=', 'asset_receivable')]",
            "[('move_id', 'any', [('journal_id.type', '=', 'sale')])]",
            "['!', ('partner_id.category_id.name', '=', 'Friend')]",
            f"[('date_maturity.month_number', '=', {invoice.invoice_date_due.month})]",
            "[('date_maturity', '<', 'today')]",
        ):
            self.receivable.item_domain = domain
            self.assertEqual(self.amounts(self.receivable), [100], domain)

    def test_one_default_always(self):
        self.overdue.with_user(self.manager).default = True
        self.assertEqual(self.all_shipped.mapped("default"), [False, True, False])
        new = self.overdue.create({"name": "New", "default": True})
        self.assertEqual((self.all_shipped + new).mapped("default"), [False, False, False, True])
        self.assertFalse(new.copy().default)
        for change in (new.action_archive, new.unlink):
            with self.refused(UserError, "“New” is the default customer balance"):
                change()
        with self.refused(ValidationError, "must be the default"):
            new.default = False
        self.unpaid.default = True
        new.unlink()
        self.assertEqual(self.env["account.dunning.balance"].search([("default", "=", True)]), self.unpaid)

    def test_a_refused_save_leaves_the_default(self):
        with self.refused(ValidationError, "cannot be read"):
            self.overdue.write({"default": True, "item_domain": "["})
        self.assertTrue(self.unpaid.default)
        self.assertFalse(self.overdue.default)

    def test_a_balance_in_use_stays(self):
        self.settings.balance_id = self.overdue
        for change in (self.overdue.action_archive, self.overdue.unlink):
            with self.refused(UserError, f"“Overdue invoices” is in use by {self.company.name}"):
                change()
        self.settings.balance_id = False
        self.overdue.action_archive()
        self.receivable.unlink()
        self.assertFalse(self.receivable.exists())


@tagged("post_install", "-at_install")
class TestCustomerForm(BalanceCommon):
    def shown(self, partner, user=None, company=None):
        """What the form of a customer shows: each balance with its amount."""
        partner = partner.with_user(user or self.collector).with_company(company or self.company)
        rows = fromstring(partner.dunning_balances).findall(".//tr")
        return {row[0].text: row[1].text.replace("\N{NO-BREAK SPACE}", "") for row in rows}

    def test_each_balance_with_its_amount(self):
        self.overdue.active = False
        own = self.unpaid.create({"name": "<Own>", "with_credits": True, "item_domain": INVOICES})
        self.invoice(self.partner_a, 12, 1200)
        self.payment(30)
        expected = {self.unpaid.name: "$1,200.00", self.receivable.name: "$1,170.00", own.name: "$1,200.00"}
        self.assertEqual(self.shown(self.partner_a), expected)
        contact = self.partner_a.create({"name": "Contact", "parent_id": self.partner_a.id})
        self.assertEqual(self.shown(contact), expected, "a contact shows his customer's")
        self.assertEqual(self.shown(self.partner_b), dict.fromkeys(expected, "$0.00"))

    def test_in_the_current_company(self):
        self.invoice(self.partner_a, 12, 100)
        other = self.setup_other_company(name="Other")["company"]
        self.collector.company_ids += other
        self.assertEqual(self.shown(self.partner_a)[self.unpaid.name], "$100.00")
        self.assertRegex(self.shown(self.partner_a, company=other)[self.unpaid.name], r"^\D*0.00\D*$")

    def test_form_view(self):
        self.invoice(self.partner_a, 12, 100)
        clerk = self.new_user("clerk", "account_dunning.group_dunning_collector,base.group_partner_manager")
        form = Form(self.partner_a.with_user(clerk))
        self.assertIn("$\N{NO-BREAK SPACE}100.00", form.dunning_balances)
        form.ref = "changed"
        form.save()
        self.assertEqual(self.partner_a.ref, "changed")
        self.assertFalse(Form(self.env["res.partner"].with_user(clerk)).id)
        stranger = self.new_user("stranger", "base.group_partner_manager")
        self.assertNotIn("dunning_balances", Form(self.partner_a.with_user(stranger))._view["fields"])

    def test_constant_number_of_queries(self):
        counts = []
        for partner in (self.partner_b, self.partner_a, self.partner_b):
            for _number in range(3):
                self.invoice(partner, 12)
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.shown(partner)
            counts.append(self.env.cr.sql_log_count - start)
        self.assertEqual(counts[1], counts[2])

    def test_many_customers_cost_no_more_than_one(self):
        partners = self.partner_a.create([{"name": f"Customer {number}"} for number in range(5)])
        counts = []
        for some in (partners, partners[:1], partners):
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            some.with_user(self.collector).mapped("dunning_balances")
            counts.append(self.env.cr.sql_log_count - start)
        self.assertEqual(counts[1], counts[2])

    def test_a_balance_opens_its_items(self):
        late = self.invoice(self.partner_a, 12, 100)
        early = self.invoice(self.partner_a, -12, 40)
        refund = self.invoice(self.partner_a, 0, 5, move_type="out_refund")
        self.invoice(self.partner_b, 12)
        for balance, moves in (
            (self.unpaid, late + early),
            (self.overdue, late),
            (self.receivable, late + early + refund),
        ):
            action = balance.with_user(self.collector).action_open_items()
            lines = self.env[action["res_model"]].with_user(self.collector).search(action["domain"])
            mine = lines.filtered(lambda line: line.partner_id == self.partner_a)
            self.assertEqual(mine.move_id, moves)
            self.assertEqual(sum(mine.mapped("amount_residual")), self.amounts(balance)[0])
            self.assertIn(self.partner_b, lines.partner_id)
