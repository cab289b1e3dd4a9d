"""A manager's own rate goes before the shipped one, whatever a later release brings; he is told where they differ."""

from datetime import date

from odoo import SUPERUSER_ID
from odoo.tests import tagged
from odoo.tools.convert import convert_file

from .test_law import LawCommon

FILES = ("account.dunning.reference.series.csv", "account.dunning.reference.rate.csv", "account_dunning_law_data.xml")


@tagged("post_install", "-at_install")
class TestOwnRates(LawCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.series = cls.env.ref("account_dunning.series_de_base")
        cls.shipped = cls.env.ref("account_dunning.rate_de_base_2026_01_01")
        cls.law = cls.env.ref("account_dunning.law_de_trade")

    def add(self, day, percent):
        """A manager's rate of the series."""
        rates = self.env["account.dunning.reference.rate"].with_user(self.manager)
        values = {"series_id": self.series.id, "valid_from": day, "percent": percent, "source": "Bundesbank"}
        return rates.create(values).sudo()

    def update(self):
        """What an update of the module does with the law."""
        for name in FILES:
            convert_file(self.env(user=SUPERUSER_ID), "account_dunning", f"data/law/{name}", {}, mode="update")
        self.env.flush_all()
        self.env.invalidate_all()

    def ask(self):
        self.env["account.dunning.run"].with_user(1)._prepare_night()
        return self.law.activity_ids

    def test_an_update_changes_no_own_rate(self):
        own, ahead = self.add("2026-01-01", 0.5), self.add("2027-01-01", 2.0)
        count = len(self.series.rate_ids)
        self.cr.execute("UPDATE account_dunning_reference_rate SET percent = 9 WHERE id = %s", [self.shipped.id])
        self.update()
        self.assertEqual(self.shipped.percent, 1.27, "what is shipped follows the release")
        self.assertEqual((own.percent, own.company_id, ahead.percent), (0.5, self.company, 2.0))
        self.assertEqual(len(self.series.rate_ids), count)
        self.assertEqual((own.differs, ahead.differs), ("shipped: 1.27", False))
        self.owe(17)
        interest = self.propose().charge_ids.filtered(lambda charge: charge.kind == "interest")
        self.assertEqual((interest.percent, interest.law_rule), (9.5, "BGB § 288 Abs. 2: 0.5 + 9 %"))

    def test_an_update_changes_no_draft_that_was_taken_up(self):
        draft = self.env.ref("account_dunning.law_lu_trade")
        draft.active = True
        self.law.sudo().reviewed_until = date(2020, 1, 1)
        self.update()
        self.assertTrue(draft.active)
        self.assertEqual(self.law.reviewed_until, date(2027, 6, 30))

    def test_the_managers_are_told_of_a_rate_that_differs(self):
        own = self.add("2026-01-01", 0.5)
        self.add("2025-07-01", 1.27)
        self.add("2024-01-01", 9.0)
        asked = self.ask()
        self.assertIn(self.manager, asked.user_id)
        self.assertEqual(len(set(asked.mapped("summary"))), 1)
        self.assertIn("Germany: base rate from 01/01/2026: your rate is 0.5, shipped: 1.27.", asked[:1].summary)
        self.assertEqual(self.ask(), asked, "once a half-year")
        self.assertEqual(own.percent, 0.5)

    def test_a_rate_as_shipped_asks_nobody(self):
        self.add("2026-01-01", 1.27)
        self.assertFalse(self.ask())

    def test_a_rate_of_another_company_asks_nobody_here(self):
        other = self.env["res.company"].create({"name": "Other", "country_id": self.germany.id})
        values = {"series_id": self.series.id, "valid_from": "2026-01-01", "percent": 5.0, "source": "?"}
        self.env["account.dunning.reference.rate"].sudo().create({**values, "company_id": other.id})
        self.assertFalse(self.ask())
        self.owe(17)
        interest = self.propose().charge_ids.filtered(lambda charge: charge.kind == "interest")
        self.assertEqual(interest.percent, 10.27)
