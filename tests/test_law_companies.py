"""A company that nobody has set up for the law claims nothing unlawful, in each country whose law is shipped."""

from odoo.fields import Command
from odoo.tests import tagged

from .common import DunningCommon, StubLetters
from .law_customers import PLACES


@tagged("post_install", "-at_install")
class TestNewCompaniesClaimNothing(StubLetters, DunningCommon):
    def new_company(self, place):
        """A company there as its chart of accounts leaves it, and its shipped dunning type."""
        currency = self.env.ref(f"base.{place.currency}")
        currency.active = True
        values = {"name": f"New in {place.city}", "currency_id": currency.id, **place.to_company(self.env)}
        company = self.env["res.company"].create(values)
        self.env.user.company_ids += company
        self.env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
        company.currency_id = currency
        self.complete(company)
        dunning_type = self.env["account.dunning.type"].sudo().search([("company_id", "=", company.id)])
        dunning_type.level_ids.document = "letter"  # e-mails leave only after the transaction
        return company, dunning_type

    def sell(self, company, place):
        """An overdue invoice to a business, and one to a consumer."""
        customers = self.env["res.partner"].create([place.to_customer(self.env, kind) for kind in (True, False)])
        self.assertEqual(customers.mapped("dunning_kind"), ["business", "consumer"])
        journal = self.env["account.journal"].search([("company_id", "=", company.id), ("type", "=", "sale")], limit=1)
        moves = self.env["account.move"].with_company(company)
        moves = moves.create(
            [
                {
                    **self.prepare_invoice(customer, 40, 5000.0),
                    "journal_id": journal.id,
                    "currency_id": company.currency_id.id,
                    "invoice_line_ids": [Command.create({"name": "Goods", "price_unit": 5000.0, "tax_ids": []})],
                }
                for customer in customers
            ]
        )
        moves.action_post()
        return moves

    def test_no_charge_in_any_country(self):
        self.assertEqual(len(PLACES), 15)
        for country, place in PLACES.items():
            with self.subTest(country):
                company, dunning_type = self.new_company(place)
                self.assertEqual((dunning_type.law_mode, dunning_type.default), ("within", True))
                moves = self.sell(company, place)
                self.go(4)  # what was posted today is not dunned yet
                for _letter in range(3):
                    run = self.env["account.dunning.run"].create({"company_id": company.id})
                    run.action_propose()
                    self.work()
                    notices = run.notice_ids
                    self.assertEqual(notices.line_ids.move_id, moves)
                    self.assertFalse(notices.charge_ids)
                    self.assertFalse(any(notices.mapped("amount_charges")))
                    self.assertEqual(notices.mapped("amount_total"), [5000.0, 5000.0])
                    self.send(notices)
                    self.assertEqual(set(notices.mapped("state")), {"sent"})
                    self.go(14)
                self.frozen.move_to("2026-06-01")
