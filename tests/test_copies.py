"""The invoices that tests copy (copies.py) are what Odoo would have posted."""

from collections import Counter

from odoo.tests import tagged

from .common import DunningCommon

IDS = {"id", "move_id", "access_token", "create_date", "write_date"}
# What the transaction has written so far, by table: rows inserted, updated and deleted.
WRITTEN = "SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables"


@tagged("post_install", "-at_install")
class TestCopies(DunningCommon):
    def written(self):
        self.env.flush_all()
        self.env.cr.execute(WRITTEN)
        return {table: Counter(inserted=ins, changed=upd + gone) for table, ins, upd, gone in self.env.cr.fetchall()}

    def rows(self, move, table, column):
        self.env.flush_all()
        self.env.cr.execute(f"SELECT to_jsonb(t) FROM {table} t WHERE {column} = %s ORDER BY id", [move.id])
        return [{key: value for key, value in row.items() if key not in IDS} for [row] in self.env.cr.fetchall()]

    def posted_twice(self, make, partner, days, amount):
        """An invoice that Odoo posts, and one like it by ``make``, after the same beginning."""
        results = []
        for post in (lambda: self.post_invoices([self.prepare_invoice(partner, days, amount)]), make):
            with self.env.cr.savepoint() as savepoint:
                before = self.written()
                move = post()
                after = self.written()
                inserted = {
                    table: now["inserted"] - before.get(table, Counter())["inserted"] for table, now in after.items()
                }
                results.append(
                    {
                        "move": self.rows(move, "account_move", "id"),
                        "lines": self.rows(move, "account_move_line", "move_id"),
                        "inserted": {table: count for table, count in inserted.items() if count},
                        "rank": partner.customer_rank,
                        "changed": set(self.env["account.dunning.change"].sudo().search([]).mapped("customer_ref")),
                    }
                )
                savepoint.rollback()
            self.env.invalidate_all()
        return results

    def check(self, first, partner, days=25, amount=70.5):
        self.invoice(*first)
        posted, copied = self.posted_twice(lambda: self.invoice(partner, days, amount), partner, days, amount)
        self.assertEqual(copied, posted)

    def test_another_of_the_same_customer(self):
        self.check((self.partner_a, 12), self.partner_a)

    def test_another_customer(self):
        self.check((self.partner_a, 12), self.partner_a.copy({"name": "Somebody"}))

    def test_one_that_is_not_due(self):
        self.check((self.partner_a, 12), self.partner_a, -14)

    def test_another_year_another_kind(self):
        self.check((self.partner_a, 12), self.partner_a, 200)

    def test_another_contact(self):
        """A customer with a delivery address gets what Odoo posts."""
        self.env["res.partner"].create({"name": "Depot", "type": "delivery", "parent_id": self.partner_a.id})
        self.check((self.partner_b, 12), self.partner_a)

    def test_several_are_in_the_order_asked_for(self):
        other = self.partner_a.copy({"name": "Somebody"})
        self.invoice(self.partner_b, 1)
        moves = self.invoice_each(other + self.partner_a + self.partner_b, 30)
        self.assertEqual(moves.partner_id, other + self.partner_a + self.partner_b)
        self.assertEqual(moves.mapped("partner_id.id"), (other + self.partner_a + self.partner_b).ids)
        self.assertEqual(len(set(moves.mapped("name"))), 3)
        self.assertEqual(set(moves.mapped("state")), {"posted"})

    def test_odoo_goes_on_after_the_last_number(self):
        """Odoo keeps the last number that it gave in a transaction."""
        moves = self.invoices(self.partner_a, 12, [10.0, 20.0])
        moves += self.post_invoices([self.prepare_invoice(self.partner_a, 12)])
        moves += self.invoice(self.partner_a, 12)
        numbers = moves.mapped("sequence_number")
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 4)))
