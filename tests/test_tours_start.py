"""The first hour in a browser: from the desk through all steps, by a dunning manager who may edit them."""

from odoo.fields import Command
from odoo.tests import tagged

from .browser import TourCase
from .test_ladders import LadderCommon

MAY_EDIT = "base.group_partner_manager,base.group_erp_manager,account.group_account_manager"


@tagged("post_install", "-at_install", "is_tour")
class TestToursStart(LadderCommon, TourCase):
    def test_the_first_hour(self):
        self.start.sudo().unlink()
        self.company.sudo().city = False
        self.partner_b.write({"name": "Ben", "city": False})
        self.invoice(self.partner_a, 12)
        self.invoice(self.partner_b, 400)
        user = self.new_user("hour", f"account_dunning.group_dunning_manager,{MAY_EDIT}")
        user.write({"email": "hour@example.com", "company_ids": [Command.set(self.company.ids)]})
        self.tour("first_hour", user)
        start = self.starts.sudo().search([("company_id", "=", self.company.id)])
        self.assertEqual(self.company.city, "Springfield")
        self.assertEqual(self.partner_b.email, "ben@example.com")
        self.assertRecordValues(
            start, [{"ladder": "firm", "mailed_on": self.today, "old_chosen": True, "closed": True}]
        )
        self.assertEqual(self.standard._get_ladder_name(), "firm")
        self.assertEqual(len(self.env["account.dunning.run"].search([("company_id", "=", self.company.id)])), 1)

    def test_a_collector_sees_the_desk_only(self):
        self.invoice(self.partner_a, 12)
        self.env["account.collection.case"]._refresh(self.company)
        self.tour("desk_without_first_hour", self.collector)
