"""Expected credit loss: the published examples, and the matrix from the months of a company."""

import base64
import doctest
import io

from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, tagged

from ..engine import credit_loss
from ..engine.credit_loss import expect_loss, find_loss_rates, find_roll_rates
from .test_dashboard import DashboardCommon


class TestFormulas(BaseCase):
    def test_doctests(self):
        self.assertFalse(doctest.testmod(credit_loss).failed)

    def test_the_example_of_the_standard(self):
        amounts = (15e6, 7.5e6, 4e6, 2.5e6, 1e6)
        losses = expect_loss(amounts, (0.003, 0.016, 0.036, 0.066, 0.106))
        self.assertEqual([round(loss) for loss in losses], [45_000, 120_000, 144_000, 165_000, 106_000])
        self.assertEqual(round(sum(losses)), 580_000)

    def test_from_roll_rates(self):
        rolls = find_roll_rates((100_000, 50_000, 23_000, 8_000), (50_000, 23_000, 8_000, 2_000))
        rates = find_loss_rates(rolls)
        self.assertEqual([round(rate * 100, 1) for rate in rates], [2.0, 4.0, 8.7, 25.0, 100.0])
        losses = expect_loss((300_000, 140_000, 60_000, 23_000, 5_000), rates)
        self.assertEqual([round(loss) for loss in losses], [6_000, 5_600, 5_217, 5_750, 5_000])

    def test_never_more_than_all_of_it(self):
        self.assertEqual(expect_loss((100, 10), (0.9, 1.0), 2.0), (100, 10))
        self.assertEqual(find_roll_rates((0, 10), (5, 20)), (0, 1))


@tagged("post_install", "-at_install")
class TestCreditLoss(DashboardCommon):
    def report(self, user=None, **values):
        action = self.env["account.dunning.credit.loss"].with_user(user or self.manager).action_open()
        return (
            self.env[action["res_model"]]
            .with_user(user or self.manager)
            .with_context(**action["context"])
            .create(values)
        )

    def test_the_matrix(self):
        other = self.make_type("Other", (10,))
        self.partner_b.dunning_type_id = other
        self.frozen.move_to("2026-05-20")
        self.invoice(self.partner_a, -15, 100.0)
        for move in self.invoice(self.partner_a, -15, 100.0) + self.invoice(self.partner_b, -15, 50.0):
            self.frozen.move_to("2026-06-03")
            self.pay(move)
        self.frozen.move_to("2026-06-30")
        self.invoice(self.partner_a, -15, 400.0)
        self.invoice(self.partner_b, -15, 80.0)
        for day in ("2026-05-31", "2026-06-30"):
            self.take(day)
        report = self.report(factor=1.5)._get_report()
        rows = {group["name"]: group for group in report["groups"]}
        own = rows[self.dunning_type.name]["cells"]
        self.assertEqual([cell["gross"] for cell in own], [400, 100, 0, 0, 0])
        self.assertEqual([cell["rate"] for cell in own], [0, 0, 0, 0, 100], "nothing was ever older")
        self.assertEqual((report["gross"], report["loss"]), (580, 0))
        self.assertEqual(rows["Other"]["gross"], 80)

    def test_what_rolls_through_all_ages_is_lost(self):
        self.frozen.move_to("2026-01-10")
        self.invoice(self.partner_a, -25, 60.0)
        paid = self.invoice(self.partner_b, -25, 40.0)
        self.frozen.move_to("2026-02-01")
        self.pay(paid)
        self.frozen.move_to("2026-06-01")
        self.invoice(self.partner_b, -30, 1000.0)
        for day in ("2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"):
            self.take(day)
        self.invoice(self.partner_b, 1, 10.0)
        self.frozen.move_to("2026-07-01")
        self.take("2026-06-30")
        loss = self.report()
        report = loss._get_report()
        [group] = report["groups"]
        self.assertEqual(len(group["cells"]), 5)
        self.assertAlmostEqual(group["loss"], sum(cell["loss"] for cell in group["cells"]))
        self.assertEqual(group["cells"][4]["loss"], 60)
        self.assertIn("60.00", loss.matrix)

    def test_as_file_and_on_paper(self):
        self.invoice(self.partner_a, 100, 60.0)
        self.take("2026-05-31")
        loss = self.report()
        sheet = load_workbook(io.BytesIO(base64.b64decode(loss.table))).active
        self.assertEqual(sheet.max_row, 6)
        self.assertEqual([cell.value for cell in sheet[6]][2:], [60, 100, 1, 60])
        html = self.env["ir.actions.report"]._render_qweb_html("account_dunning.action_report_credit_loss", loss.ids)[0]
        self.assertIn("Over 90 days", html.decode())
        self.assertIn("download=true", loss.action_download()["url"])

    def test_who_may_and_what_is_missing(self):
        with self.assertRaisesRegex(UserError, "no figures of a month yet"):
            self.report()
        self.invoice(self.partner_a, 100, 60.0)
        self.take("2026-05-31")
        with self.assertRaises(AccessError):
            self.report(user=self.collector)
