"""The credit stop at a point of sale: that module is installed in a database of its own."""

from odoo.tests import BaseCase, tagged

from . import database
from .test_lifecycle import TROUBLE

# A shop that takes cash and sells on account; a customer on credit stop.
OPEN_SHOP = """
from uuid import uuid4
from odoo.exceptions import UserError

company = env.company
if not company.chart_template:
    env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
customer = env["res.partner"].create({"name": "Stopped Customer", "street": "1 Main Street", "city": "Here"})
customer.action_dunning_stop_credit()
assert customer.dunning_credit_stop
till = env["account.journal"].create({"name": "Till", "type": "cash", "code": "TILL1"})
cash, later = env["pos.payment.method"].create([
    {"name": "Cash at the Till", "journal_id": till.id},
    {"name": "On Account", "split_transactions": True},
])
assert (cash.type, later.type) == ("cash", "pay_later")
shop = env["pos.config"].create({"name": "Shop", "payment_method_ids": [(6, 0, (cash + later).ids)]})
groups = env.ref("base.group_user") + env.ref("point_of_sale.group_pos_user")
cashier = env["res.users"].create({
    "name": "Cashier", "login": "cashier", "email": "cashier@example.com", "company_id": company.id,
    "company_ids": [(6, 0, company.ids)], "group_ids": [(6, 0, groups.ids)],
})
product = env["product.product"].create(
    {"name": "Thing", "available_in_pos": True, "list_price": 50.0, "taxes_id": [(5,)]}
)
till_env = env(user=cashier, su=False, context={"generate_pdf": False})  # no server, no style
shop.with_env(till_env).open_ui()
shop.with_env(till_env).current_session_id.set_opening_control(0, None)
env.cr.commit()
"""

# Orders as the client of the point of sale sends them.
ORDERS = """
def order(*payments, invoice=True):
    return {
        "uuid": str(uuid4()), "access_token": str(uuid4()), "name": f"Order {uuid4()}", "state": "paid",
        "session_id": shop.current_session_id.id, "company_id": company.id, "user_id": cashier.id,
        "partner_id": customer.id, "to_invoice": invoice, "pricelist_id": shop.pricelist_id.id,
        "fiscal_position_id": False, "date_order": "2024-03-01 12:00:00", "last_order_preparation_change": "{}",
        "amount_paid": 50.0, "amount_total": 50.0, "amount_tax": 0.0, "amount_return": 0.0,
        "lines": [(0, 0, {
            "product_id": product.id, "qty": 1, "price_unit": 50.0, "price_subtotal": 50.0,
            "price_subtotal_incl": 50.0, "tax_ids": [(6, 0, [])], "pack_lot_ids": [],
        })],
        "payment_ids": [
            (0, 0, {"amount": amount, "payment_method_id": method.id, "name": "2024-03-01 12:00:00"})
            for method, amount in payments
        ],
    }

def upload(*orders):
    answer = till_env["pos.order"].sync_from_ui(list(orders))
    return env["pos.order"].browse([row["id"] for row in answer["pos.order"]])
"""

BUY = """
paid, changed, plain = upload(
    order((cash, 50.0)), order((cash, 60.0), (cash, -10.0)), order((cash, 50.0), invoice=False)
)
for done in paid + changed:
    assert done.state == "done", done.state
    assert (done.account_move.state, done.account_move.amount_residual) == ("posted", 0), done.account_move.read()
assert plain.state == "paid" and not plain.account_move
env.cr.commit()

# Odoo's client sends one order after the other: what is refused stops no other, and the till shows why.
for payments in ([(later, 50.0)], [(cash, 20.0), (later, 30.0)]):
    refused = order(*payments)
    try:
        upload(refused)
    except UserError as error:
        assert "credit stop" in str(error), error
    else:
        raise AssertionError("sold on account in spite of the credit stop")
    env.cr.rollback()
    assert not env["pos.order"].search([("uuid", "=", refused["uuid"])])

again = upload(order((cash, 50.0)))
assert again.account_move.state == "posted", "the customer pays at once instead"
customer.action_dunning_lift_credit_stop()
on_account = upload(order((later, 50.0))).account_move
assert (on_account.state, on_account.amount_residual) == ("posted", 50.0)
env.cr.commit()
"""

# At the end of the day a bill is asked for, of several orders at once.
INVOICE_LATER = """
customer.action_dunning_stop_credit()
orders = upload(order((cash, 50.0), invoice=False), order((cash, 50.0), invoice=False))
for done in orders:
    done.with_env(till_env).action_pos_order_invoice()
    assert done.account_move.state == "posted"
session = shop.current_session_id
session.action_pos_session_closing_control()
assert session.state == "closed", session.state
env.cr.commit()
"""


@tagged("post_install", "-at_install")
class TestPointOfSale(BaseCase):
    def test_what_is_paid_at_the_till_is_no_credit(self):
        with database.copy_of(database.installed(), "pos") as db:
            installed = database.run_odoo(db, "-i", "point_of_sale")
            self.assertEqual(installed.returncode, 0, installed.stdout)
            result = database.run_script(db, OPEN_SHOP + ORDERS + BUY + INVOICE_LATER)
            self.assertEqual(result.returncode, 0, result.stdout)
            self.assertEqual(TROUBLE.findall(result.stdout), [], result.stdout)
