from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from ..tools import bulk
from ..tools.bulk import bulk_insert, bulk_update
from .common import DunningCommon

NOTES = ['"', "\\", "{a,b}", "NULL", "null", "", " ", "two\nlines", "it's", "ä€\N{GRINNING FACE}", '\\"', "%s", False]


@tagged("post_install", "-at_install")
class TestBulk(DunningCommon):
    """What is written with one statement is what the ORM would write."""

    def prepare(self, run, **vals):
        blank = {"run_id": run.id, "partner_id": self.partner_a.id, "reason": "error", "item_count": 0}
        return {**blank, "currency_id": self.company.currency_id.id, "amount": 0.0, "note": False} | vals

    def test_texts(self):
        run = self.env["account.dunning.run"].create({})
        rows = bulk_insert(self.env["account.dunning.skipped"].sudo(), [self.prepare(run, note=note) for note in NOTES])
        self.assertEqual(rows.mapped("note"), NOTES)
        bulk_update(rows, {row.id: {"note": note} for row, note in zip(rows, reversed(NOTES), strict=True)})
        self.assertEqual(rows.mapped("note"), NOTES[::-1])

    def test_values_that_are_the_same_everywhere(self):
        """A column that is written as one value holds the same as one of many."""
        run = self.env["account.dunning.run"].create({})
        model = self.env["account.dunning.skipped"].sudo()
        for note in NOTES:
            with self.subTest(note=note):
                alike = [self.prepare(run, note=note, amount=-0.5, item_count=2)] * 3
                rows = bulk_insert(model, alike)
                self.assertRecordValues(rows, alike)
                bulk_update(rows, {row.id: {"note": note, "amount": 7.25} for row in rows})
                self.assertRecordValues(rows, [{"note": note, "amount": 7.25}] * 3)
        empty = bulk_insert(model, [self.prepare(run, note=note) for note in (False, None, False)])
        self.assertEqual(
            self.env.execute_query(
                SQL("SELECT DISTINCT note FROM %s WHERE id = ANY(%s)", SQL.identifier(model._table), empty.ids)
            ),
            [(None,)],
        )

    def test_values_of_each_kind(self):
        run = self.env["account.dunning.run"].create({})
        vals = self.prepare(run, amount=1234567.89, item_count=-3)
        row = bulk_insert(self.env["account.dunning.skipped"], [vals])
        self.assertRecordValues(row, [vals])
        chunks = bulk_insert(
            self.env["account.dunning.run.chunk"],
            [
                {"run_id": run.id, "first_id": 1, "last_id": 2, "customers": 2, "done": done}
                for done in (True, False, None)
            ],
        )
        self.assertEqual(chunks.mapped("done"), [True, False, False])
        item = (
            self.env["account.dunning.item"]
            .sudo()
            .create(
                {
                    "company_id": self.company.id,
                    "move_line_id": self.item(self.invoice(self.partner_a, 5)).id,
                    "partner_id": self.partner_a.id,
                }
            )
        )
        bulk_update(item, {item.id: {"last_notice_date": self.today, "resumed_on": False, "level_id": False}})
        self.assertRecordValues(item, [{"last_notice_date": self.today, "resumed_on": False, "level_id": False}])

    def test_what_is_so_already(self):
        """Rows that are as they should be are not written: nobody has to have read them."""
        run = self.env["account.dunning.run"].create({})
        rows = bulk_insert(
            self.env["account.dunning.skipped"].sudo(), [self.prepare(run, note=note) for note in ("a", "b", False)]
        )
        rows.mapped("note")
        self.env.cr.execute("UPDATE account_dunning_skipped SET write_date = '2020-01-01'")
        bulk_update(rows, {row.id: {"note": note} for row, note in zip(rows, ("a", "c", False), strict=True)}, True)
        self.env.invalidate_all()
        self.assertEqual(rows.mapped("note"), ["a", "c", False])
        self.assertEqual(rows.mapped(lambda row: row.write_date.year == 2020), [True, False, True])

    def test_what_is_so_already_where_the_model_is_extended(self):
        """The ORM compares, with as many queries for many rows as for few."""
        run = self.env["account.dunning.run"].create({})
        rows = bulk_insert(self.env["account.dunning.skipped"].sudo(), [self.prepare(run, note="a")] * 40)
        counts = []
        for some in (rows[:2], rows[:2], rows):  # the first reads what is cached afterwards
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with patch.object(bulk, "is_extended", return_value=True):
                bulk_update(some, {row.id: {"note": "b" if row == some[0] else "a"} for row in some}, compare=True)
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(some.mapped("note"), ["b"] + ["a"] * (len(some) - 1))
            rows[0].note = "a"
        self.assertEqual(counts[1], counts[2])

    def test_nothing(self):
        model = self.env["account.dunning.skipped"]
        self.assertFalse(bulk_insert(model, []))
        bulk_update(model, {})
