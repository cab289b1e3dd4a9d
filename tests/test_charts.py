"""Companies that come later, each with another chart of accounts: they dun and book charges without being set up."""

from odoo.tests import tagged

from . import database
from .processes import ProcessCase

# Of the last one the module does not know where charges stand.
CHARTS = {"de_skr03": ("l10n_de", "EUR"), "fr": ("l10n_fr_account", "EUR"), "au": ("l10n_au", "AUD")}

NEW_COMPANY = """
from datetime import date, timedelta
from odoo.fields import Command

fee, interest = env["account.dunning.notice"]._get_charge_products()
tax = env["account.tax"].search([("type_tax_use", "=", "sale")], limit=1)
(fee + interest).taxes_id = [Command.set(tax.ids)]  # in the first company charges are taxed

money = env["res.currency"].with_context(active_test=False).search([("name", "=", currency)])
money.active = True
company = env["res.company"].create({"name": f"New {chart}", "currency_id": money.id})
env.user.company_ids += company
types = env["account.dunning.type"].search([("company_id", "=", company.id)])
settings = company._get_dunning_settings()
assert settings.invoice_type_ids and not types, "no accounts, no dunning type"
env["account.chart.template"].try_loading(chart, company, install_demo=False)
branch = env["res.company"].create({"name": "Branch", "parent_id": company.id})
"""

DUN = """
env = env(context={**env.context, "allowed_company_ids": company.ids})
dunning_type = env["account.dunning.type"].search([("company_id", "=", company.id)])
assert dunning_type.default and len(dunning_type.level_ids) == 3, dunning_type
assert not env["account.dunning.type"].search([("company_id", "=", branch.id)])
assert branch._get_dunning_settings() == settings
for product in (fee + interest).with_company(company):
    assert not product.taxes_id.filtered(lambda tax: tax.company_id == company), "charges are not taxed unasked"
    income = product.product_tmpl_id.with_env(env).get_product_accounts()["income"]
    assert income and company in income.company_ids, product.name

settings.charges = "booked"
dunning_type.write({"law_mode": "contract", "law_reason": "Terms", "posting_days": 0})
dunning_type.level_ids[0].write({"fee_kind": "fixed", "fee_amount": 5.0, "document": "letter"})
customer = env["res.partner"].create({"name": "Late", "street": "1 Main Street", "city": "Here"})
day = date.today() - timedelta(12)
move = env["account.move"].create({
    "move_type": "out_invoice", "partner_id": customer.id, "invoice_date": day, "invoice_date_due": day,
    "invoice_payment_term_id": False,
    "invoice_line_ids": [Command.create({"name": "Goods", "price_unit": 100.0})],
})
move.action_post()
runs = env["account.dunning.run"]
run = runs.create({"company_id": company.id})
run.action_propose()

def work():
    while runs.sudo()._continue_next():
        pass

work()
run.notice_ids._queue(env.user)
work()
run.notice_ids._confirm_printed()
charge = run.notice_ids.charge_move_ids
assert (charge.state, charge.amount_total) == ("posted", 5.0), (charge.state, charge.amount_total)
assert charge.currency_id == money
account = charge.invoice_line_ids.account_id
assert account == settings.charge_account_id and company in account.company_ids
assert account.account_type in ("income", "income_other")
print("ACCOUNT", chart, account.with_company(company).code, account.account_type)
"""


@tagged("post_install", "-at_install")
class TestCharts(ProcessCase):
    def test_each_chart(self):
        modules = ",".join(module for module, _currency in CHARTS.values())
        with database.copy_of(database.installed(), "charts") as db:
            result = database.run_odoo(db, "-i", modules)
            self.assertEqual(result.returncode, 0, result.stdout[-3000:])
            for chart, (_module, currency) in CHARTS.items():
                with self.subTest(chart):
                    given = f"chart, currency = {chart!r}, {currency!r}\n"
                    self.assertIn(f"ACCOUNT {chart} ", self.script(db, given, NEW_COMPANY, DUN))
