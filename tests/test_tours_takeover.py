"""Moving in, in a browser: a dunning manager, who is nothing else, looks at the preview and takes over."""

from odoo.fields import Date
from odoo.tests import tagged

from .browser import TourCase
from .takeover_common import OcaCommon


@tagged("post_install", "-at_install", "is_tour")
class TestToursTakeover(OcaCommon, TourCase):
    def test_from_the_preview_to_what_was_taken_over(self):
        move = self.invoice(self.partner_a, 15)
        sent = Date.subtract(self.today, days=3)
        self.add_line(move, 1, sent)
        self.tour("take_over", self.manager)
        state = self.item(move).dunning_item_state_ids
        self.assertEqual((state.level_id.name, state.last_notice_date), ("Reminder 1", sent))
        self.assertEqual(move.collection_plan_id.level_id.type_id.name, "Policy")
        self.assertFalse(self.env["mail.mail"].search([("recipient_ids", "in", self.partner_a.ids)]), "nothing is sent")
