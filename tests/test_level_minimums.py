"""Minimum amount and share of levels on real items, and fees by bands (rules §4, §8)."""

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ChargesCommon


@tagged("post_install", "-at_install")
class TestMinimums(ChargesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dunning_type.escalation = "catch_up"
        cls.level_2.write({"min_amount": 100.0, "min_share": 50.0})

    def answer(self, record):
        return self.env["account.dunning.why"].browse(record.action_dunning_why()["res_id"]).line_ids.answer

    def test_a_run_takes_the_level_before(self):
        late = self.level_2.days + 2
        move = self.invoice(self.partner_a, late, 99.0)
        other = self.invoice(self.partner_b, late, 100.0)
        levels = {notice.partner_id: notice.level_id for notice in self.run_day().notice_ids}
        self.assertEqual(levels, {self.partner_a: self.level_1, self.partner_b: self.level_2})
        answer = self.answer(move)
        for part in (self.level_1.name, "too little is owed for", self.level_2.name, "100.00", "50\N{NO-BREAK SPACE}%"):
            self.assertIn(part, answer)
        self.assertNotIn("too little", self.answer(other))

    def test_the_share_of_what_is_not_due_yet(self):
        self.invoice(self.partner_a, self.level_2.days + 2, 100.0)
        self.invoice(self.partner_a, -20, 101.0)
        self.assertEqual(self.run_day().notice_ids.level_id, self.level_1)

    def test_after_the_level_before_it_waits(self):
        move = self.invoice(self.partner_a, self.level_2.days + 2, 99.0)
        self.assertEqual(self.dun().level_id, self.level_1)
        self.go(30)
        self.level_3.min_amount = 100.0
        run = self.run_day()
        self.assertEqual((run.notice_ids.ids, run.skipped_ids.mapped("reason")), ([], ["level_minimum"]))
        self.assertTrue(self.answer(move).startswith("Waits: too little is owed for"))
        self.invoice(self.partner_a, 40, 50.0)
        self.assertIn(self.level_3, self.dun().line_ids.level_id)

    def test_bounds(self):
        for name, value in (("min_share", 100.5), ("min_share", -1.0), ("min_amount", -1.0)):
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self.level_2[name] = value
                self.env.flush_all()


@tagged("post_install", "-at_install")
class TestFeeBands(ChargesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        bands = ((0.0, 5.0, 0.0), (1000.0, 10.0, 1.0), (5000.0, 20.0, 2.0))
        cls.level_1.write(
            {
                "fee_kind": "bands",
                "fee_band_ids": [
                    Command.create({"amount_from": start, "fee_amount": amount, "fee_percent": percent})
                    for start, amount, percent in bands
                ],
            }
        )

    def test_accumulated_and_one_band(self):
        for partner, amount in ((self.partner_a, 6000.0), (self.partner_b, 400.0)):
            self.invoice(partner, 12, amount)
        for kind, expected in (("bands", [95.0, 5.0]), ("band", [140.0, 5.0])):
            self.level_1.fee_kind = kind
            notices = self.run_day().notice_ids.sorted("amount_fees", reverse=True)
            with self.subTest(kind=kind):
                self.assertEqual(notices.mapped("amount_fees"), expected)
            notices.run_id.action_cancel()

    def test_the_letter_tells_how(self):
        self.invoice(self.partner_a, 12, 6000.0)
        notice = self.propose()
        bands = notice.charge_ids.bands.replace("\N{NO-BREAK SPACE}", " ")
        self.assertEqual(bands, "$ 5.00 + $ 10.00 + 1 % of $ 4,000.00 + $ 20.00 + 2 % of $ 1,000.00")
        self.assertEqual(notice.charge_ids._format_rate(), notice.charge_ids.bands)
        html = str(self.env["ir.qweb"]._render("account_dunning.report_dunning_letter_charges", {"o": notice}))
        self.assertIn(notice.charge_ids.bands, html)
        self.level_1.fee_maximum = 50.0
        notice.run_id.action_cancel()
        self.assertIn("at most", self.propose().charge_ids._format_rate())

    def test_another_currency(self):
        """The bands are converted at the date of the notice, as other fees are."""
        self.other_currency.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": self.other_currency.id, "name": "2000-01-01", "rate": 2.0, "company_id": self.company.id}
        )
        self.invoice(self.partner_a, 12, 2200.0, currency_id=self.other_currency.id)
        self.assertEqual(self.propose().amount_fees, 32.0, "10 + 20 + 1 % of what is above 2000")

    def test_a_fee_by_bands_needs_some_that_charge(self):
        with self.assertRaises(ValidationError):
            self.level_1.fee_band_ids.unlink()
        with self.assertRaises(ValidationError):
            self.level_1.fee_band_ids.write({"fee_amount": 0.0, "fee_percent": 0.0})
        with self.assertRaises(ValidationError):
            self.level_2.fee_kind = "band"
        with self.assertRaises(ValidationError):
            self.level_1.write({"fee_minimum": 9.0, "fee_maximum": 8.0})
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.level_1.fee_band_ids[0].copy()
            self.env.flush_all()

    def test_copies_have_their_bands(self):
        copy = self.dunning_type.copy().level_ids.filtered(lambda level: level.days == self.level_1.days)
        self.assertEqual(copy.fee_band_ids.mapped("amount_from"), [0.0, 1000.0, 5000.0])

    def test_managers_only(self):
        with self.assertRaises(AccessError):
            self.level_1.fee_band_ids.with_user(self.collector).write({"fee_amount": 1.0})
        self.level_1.fee_band_ids[0].with_user(self.manager).fee_amount = 1.0
