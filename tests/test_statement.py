"""The statement of account: what is open of a customer, without any dunning."""

import io

from pypdf import PdfReader

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import ChargesCommon, DunningCommon

REPORT = "account_dunning.action_report_statement"


@tagged("post_install", "-at_install")
class TestStatement(ChargesCommon):
    """The values; the dunning of the class's common parts only makes charges."""

    def statements(self, partners=None):
        return self.env["account.dunning.statement"]._get_statements(partners or self.partner_a)

    def part(self, partner=None):
        [statement] = self.statements(partner)
        [part] = statement["parts"]
        return part

    def names(self, part):
        return {title: [row["name"] for row in rows] for title, rows in part["sections"]}

    def test_overdue_credits_and_not_yet_due_apart(self):
        late, oldest = self.invoice(self.partner_a, 5, 40.0), self.invoice(self.partner_a, 70, 100.0)
        today, future = self.invoice(self.partner_a, 0, 25.0), self.invoice(self.partner_a, -9, 50.0)
        note, payment = self.invoice(self.partner_a, 1, 30.0, move_type="out_refund"), self.credit(self.partner_a, 20.0)
        self.pay(self.invoice(self.partner_a, 12, 999.0))
        self.invoice(self.partner_b, 12, 888.0)
        part = self.part()
        self.assertEqual(
            self.names(part),
            {
                "Overdue": [oldest.name, late.name],
                "Credits and payments": [note.name, payment.move_id.name],
                "Not yet due": [today.name, future.name],
            },
        )
        rows = [row for _title, rows in part["sections"] for row in rows]
        self.assertEqual([row["residual"] for row in rows], [100, 40, -30, -20, 25, 50])
        self.assertEqual([row["balance"] for row in rows], [100, 140, 110, 90, 115, 165])
        self.assertEqual([row["days_overdue"] for row in rows][:2], [70, 5])
        self.assertEqual((part["due"], part["total"]), (90, 165))

    def test_partly_paid(self):
        move = self.invoice(self.partner_a, 5, 100.0)
        self.pay(move, 33.33)
        [row] = self.part()["sections"][0][1]
        self.assertEqual((row["original"], row["residual"]), (100, 66.67))

    def test_instalments_are_items_of_their_own(self):
        lines = [{"value": "percent", "value_amount": 50, "nb_days": days} for days in (0, 30)]
        halves = self.env["account.payment.term"].create(
            {"name": "Halves", "line_ids": [Command.create(line) for line in lines]}
        )
        move = self.invoice(self.partner_a, 16, 200.0, invoice_payment_term_id=halves.id)
        self.assertEqual(self.names(self.part()), {"Overdue": [move.name], "Not yet due": [move.name]})

    def test_ageing(self):
        days = (-1, 0, 1, 30, 31, 60, 61, 90, 91, 400)
        for index, overdue in enumerate(days):
            self.invoice(self.partner_a, overdue, 2.0**index)
        self.invoice(self.partner_a, 3, 5.0, move_type="out_refund")
        part = self.part()
        self.assertEqual(
            part["ageing"],
            [
                ("Not yet due", 1 + 2),
                ("1–30 days", 4 + 8),
                ("31–60 days", 16 + 32),
                ("61–90 days", 64 + 128),
                ("Over 90 days", 256 + 512),
                ("Credits", -5),
            ],
        )
        self.assertEqual(sum(amount for _title, amount in part["ageing"]), part["total"])

    def test_a_part_for_each_currency(self):
        move = self.invoice(self.partner_a, 12, 100.0)
        foreign = self.invoice(self.partner_a, 12, 500.0, currency_id=self.other_currency.id)
        [statement] = self.statements()
        parts = {part["currency"]: (self.names(part)["Overdue"], part["total"]) for part in statement["parts"]}
        self.assertEqual(parts, {move.currency_id: ([move.name], 100), self.other_currency: ([foreign.name], 500)})

    def test_held_items_too(self):
        move = self.invoice(self.partner_a, 12)
        reason = self.shipped("reason_dispute")
        self.env["account.dunning.hold"].create({"move_id": move.id, "reason_id": reason.id})
        self.assertEqual(self.names(self.part()), {"Overdue": [move.name]})

    def test_what_a_rejected_payment_settled_is_open(self):
        move = self.invoice(self.partner_a, 12)
        self.pay(move).state = "rejected"
        self.assertEqual(self.names(self.part()), {"Overdue": [move.name]})
        self.assertEqual(self.part()["total"], 100)

    def test_invoices_of_charges_are_marked(self):
        self.settings.charges = "booked"
        self.level_1.write({"fee_kind": "fixed", "fee_amount": 10.0})
        move = self.invoice(self.partner_a, 12)
        notice = self.dun()
        charge = notice.charge_move_ids
        self.go(30)
        rows = {row["name"]: row["charge"] for _title, rows in self.part()["sections"] for row in rows}
        self.assertEqual(rows, {move.name: False, charge.name: True})
        self.assertIn(f"{charge.name} (charges)", self.html())

    def html(self, partners=None):
        content = self.env["ir.actions.report"]._render_qweb_html(REPORT, (partners or self.partner_a).ids)[0]
        return " ".join(content.decode().split())

    def test_nothing_is_dunned(self):
        move = self.invoice(self.partner_a, 12)
        self.html()
        self.assertFalse(self.state(move))
        self.assertFalse(self.env["account.dunning.notice"].search([("partner_id", "=", self.partner_a.id)]))

    def test_nothing_open(self):
        """One customer gets a page that says so; of several he is left out."""
        [statement] = self.statements()
        self.assertFalse(statement["parts"])
        self.assertIn("Nothing is open on your account", self.html())
        self.invoice(self.partner_b, -5)
        both = self.partner_a + self.partner_b
        self.assertEqual([statement["customer"] for statement in self.statements(both)], [self.partner_b])
        self.assertNotIn("Nothing is open", self.html(both))

    def test_contacts_stand_for_their_customer(self):
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.partner_a.id})
        office = contact.create({"name": "Office", "parent_id": self.partner_a.id, "type": "invoice"})
        move = self.invoice(self.partner_a, 12)
        [statement] = self.statements(contact + self.partner_a)
        self.assertEqual((statement["customer"], statement["recipient"]), (self.partner_a, office))
        self.assertEqual(self.names(statement["parts"][0]), {"Overdue": [move.name]})

    def test_how_to_pay(self):
        """What is due now, less credits; with an amount only where there is any."""
        self.env["res.partner.bank"].create({"acc_number": "DE89", "partner_id": self.company.partner_id.id})
        self.partner_a.ref = "C-77"
        self.invoice(self.partner_a, -5, 50.0)
        self.assertEqual(dict(self.part()["payment_rows"]), {"Account holder": self.company.name, "Account": "DE89"})
        move = self.invoice(self.partner_a, 12, 100.0)
        rows = dict(self.part()["payment_rows"])
        self.assertEqual(rows["Reference"], move.payment_reference)
        self.credit(self.partner_a, 30.0)
        self.invoice(self.partner_a, 14, 40.0)
        rows = dict(self.part()["payment_rows"])
        self.assertEqual((rows["Reference"], rows["Amount"]), ("C-77", "$\N{NO-BREAK SPACE}110.00"))
        self.credit(self.partner_a, 200.0)
        self.assertNotIn("Amount", dict(self.part()["payment_rows"]))
        self.assertIsNone(self.part()["qr_code"])

    def test_queries_do_not_grow(self):
        def count(customers):
            partners = self.env["res.partner"].create([{"name": f"C{n}"} for n in range(customers)])
            for partner in partners:
                self.invoice(partner, 12)
                self.invoice(partner, 2)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(self.statements(partners)), customers)
            return self.env.cr.sql_log_count - before

        count(2)
        self.assertLessEqual(count(30), count(3) + 3)

    # who

    def bound(self, user):
        """The reports in the print menu of customers."""
        actions = self.env["ir.actions.actions"].with_user(user).get_bindings("res.partner")
        return [report["id"] for report in actions.get("report", ())]

    def test_who_may_print(self):
        self.invoice(self.partner_a, 12)
        action = self.env.ref(REPORT)
        clerk = self.new_user("clerk", "account.group_account_invoice")
        nobody = self.new_user("nobody", "base.group_partner_manager")
        for user in (self.collector, clerk):
            with self.subTest(user=user.login):
                self.assertIn(action.id, self.bound(user))
                statements = self.env["account.dunning.statement"].with_user(user)
                self.assertTrue(statements._get_statements(self.partner_a.with_user(user))[0]["parts"])
        self.assertNotIn(action.id, self.bound(nobody))
        with self.refused(AccessError, "Only collectors"):
            self.env["ir.actions.report"].with_user(nobody)._render_qweb_html(REPORT, self.partner_a.ids)
        with Form(self.partner_a.with_user(nobody)) as form:
            form.name = "Still at work"

    def test_the_current_company_and_its_branches(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        move = self.invoice(self.partner_a, 12)
        move.line_ids.flush_recordset()
        other = self.setup_other_company(name="Other")["company"]
        for company, found in ((self.company, True), (branch, True), (other, False)):
            self.env.user.company_ids += company
            statements = self.env["account.dunning.statement"].with_company(company)
            self.assertEqual(bool(statements._get_statements(self.partner_a)[0]["parts"]), found, company.name)


@tagged("post_install", "-at_install")
class TestStatementPdf(DunningCommon):
    def pages(self, partners):
        report = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        document = report._render_qweb_pdf(REPORT, partners.ids)[0]
        texts = (page.extract_text() for page in PdfReader(io.BytesIO(document)).pages)
        return [text.replace("\N{NO-BREAK SPACE}", " ").replace("-\n\u200b\n", "-") for text in texts]

    def test_one_customer(self):
        self.env["res.partner.bank"].create({"acc_number": "DE89", "partner_id": self.company.partner_id.id})
        move, future = self.invoice(self.partner_a, 45, 1234.5), self.invoice(self.partner_a, -9, 50.0)
        note = self.invoice(self.partner_a, 1, 30.0, move_type="out_refund")
        [page] = self.pages(self.partner_a)
        for text in (
            *("Statement of Account", "partner_a", "1 Main Street", "06/01/2026", "Open items in USD"),
            *("Overdue", move.name, "04/17/2026", "45", "1,234.50"),
            *("Credits and payments", note.name, "-30.00", "1,204.50"),
            *("Not yet due", future.name, "06/10/2026", "1,254.50"),
            *("Due now", "Balance of your account", "31–60 days", "DE89"),
        ):
            self.assertIn(text, page)

    def test_sixty_items(self):
        moves = self.env["account.move"].concat(*(self.invoice(self.partner_a, n - 30, 10.0) for n in range(60)))
        pages = self.pages(self.partner_a)
        self.assertGreater(len(pages), 1)
        for move in moves:
            self.assertEqual(sum(page.count(move.name) for page in pages), 1, move.name)
            self.assertIn("Due Date", next(page for page in pages if move.name in page), "the head is repeated")
        self.assertIn("600.00", pages[-1])

    def test_several_customers_each_in_his_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.partner_b.lang = "fr_FR"
        moves = self.invoice(self.partner_a, 12) + self.invoice(self.partner_b, 12)
        english, french = self.pages(self.partner_a + self.partner_b)
        for page, move, day in ((english, moves[0], "05/20/2026"), (french, moves[1], "20/05/2026")):
            self.assertIn(move.name, page)
            self.assertIn(day, page)

    def test_names_are_no_markup(self):
        self.partner_a.name = "Smith & <b>Sons</b>"
        self.assertIn("Smith & <b>Sons</b>", self.pages(self.partner_a)[0])
