from odoo.fields import Date
from odoo.tests import tagged

from odoo.addons.mail.tests.common import MockEmail

from .browser import TourCase
from .common import TODAY
from .desk_common import DeskCommon


@tagged("post_install", "-at_install", "is_tour")
class TestToursDesk(MockEmail, DeskCommon, TourCase):
    """A collector's work in the browser, as a user with only the collector group."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_clock(TODAY)
        names = ("Ann", "Ben", "Cora", "Dora")
        cls.customers = cls.env["res.partner"].create(
            [{"name": name, "email": f"{name.lower()}@example.com", "phone": "+1 555 0100"} for name in names]
        )
        cls.ann, cls.ben, cls.cora, cls.dora = cls.customers
        cls.moves = {
            partner: cls.stage.invoices(partner, days, amounts)
            for partner, days, amounts in (
                (cls.ann, 70, [700.0]),
                (cls.ben, 60, [600.0]),
                (cls.cora, 50, [300.0, 200.0]),
                (cls.dora, 40, [100.0]),
            )
        }
        cls.cases._refresh(cls.company)
        cls.case.sudo().write({"skip_until": "2026-07-01"})  # that of the other tests
        cls.cases._refresh(cls.company)

    def get_case(self, partner):
        return self.cases.search([("partner_id", "=", partner.id)])

    def test_a_morning(self):
        self.assertEqual(self.cases.search([("on_desk", "=", True)]).partner_id, self.customers)
        self.tour("morning", self.collector)
        ann, ben, cora, dora = map(self.get_case, self.customers)
        self.assertRecordValues(ann.promise_ids, [{"amount": 700, "state": "open", "user_id": self.collector.id}])
        self.assertEqual(ben.activity_ids.user_id, self.collector)
        disputed = self.env["account.dunning.hold"].search([("commercial_partner_id", "=", self.cora.id)])
        self.assertEqual(len(disputed), 1)
        self.assertEqual(cora.amount_disputed, 200)
        self.assertEqual(dora.contact_ids.outcome_id, self.outcome("outcome_copy"))
        self.assertTrue(dora.contact_ids.answered)
        mail = self.env["mail.mail"].search([("model", "=", "account.collection.case")])
        self.assertEqual(mail.recipient_ids, self.dora)
        self.assertEqual(len(mail.attachment_ids), 1)

    def test_a_broken_promise_is_on_top_the_next_day(self):
        self.settings.write({"promise_tolerance": 0, "promise_by_bank": False})
        self.promise((1, 700.0), case=self.get_case(self.ann))
        self.frozen.move_to(Date.add(TODAY, days=2))
        self.night()
        self.tour("broken_promise", self.collector)

    def test_an_agreement_from_offer_to_default(self):
        self.settings.promise_by_bank = False
        self.tour("agreement", self.collector)
        promise = self.get_case(self.ann).promise_ids
        self.assertRecordValues(promise, [{"agreement": True, "state": "open", "amount": 700}])
        self.assertEqual(len(promise.part_ids), 3)
        self.frozen.move_to(Date.add(promise.part_ids[0].date, days=15))
        self.night()
        self.assertEqual(promise.state, "broken")
        self.assertEqual(self.get_case(self.ann).queue, "broken")


@tagged("post_install", "-at_install", "is_tour")
class TestFewClicks(MockEmail, DeskCommon, TourCase):
    """Each act takes three clicks at most, for a user with only the collector group."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_clock(TODAY)
        names = ("Ann", "Ben", "Cora", "Dora", "Zoe", "Fay", "Gus")
        address = {"street": "1 Main Street", "zip": "12345", "city": "Springfield", "phone": "+1 555 0100"}
        cls.customers = cls.env["res.partner"].create([{"name": name, **address} for name in names])
        cls.customers.filtered(lambda customer: customer.name == "Dora").email = "dora@example.com"
        cls.stage.invoice(cls.customers[-1], 15, 700)
        cls.stage.dun()  # Gus has a collection plan
        for late, customer in enumerate(cls.customers[:-1]):
            cls.stage.invoice(customer, 90 - 10 * late, 700)
        cls.cases._refresh(cls.company)
        cls.case.sudo().write({"skip_until": "2026-07-01"})  # that of the other tests
        cls.cases._refresh(cls.company)

    def test_on_a_wide_screen(self):
        self.tour("few_clicks", self.collector)
        self.check()

    def test_on_a_phone(self):
        self.patch(type(self), "browser_size", "390x844")
        desk = self.env.ref("account_dunning.account_collection_case_desk_action_menu")
        self.tour("few_clicks_phone", self.collector, f"/odoo/action-{desk.id}")
        self.check()

    def check(self):
        """What was clicked was done."""
        ann, ben, cora, dora, zoe, fay, gus = (self.cases.search([("partner_id", "=", p.id)]) for p in self.customers)
        self.assertEqual(ann.contact_ids.outcome_id, self.outcome("outcome_no_answer"))
        self.assertTrue(fay.skip_until)
        self.assertIn(self.outcome("outcome_call_back"), ben.contact_ids.outcome_id)
        self.assertRecordValues(zoe.promise_ids, [{"amount": 700, "state": "open"}])
        self.assertEqual(cora.amount_disputed, 700)
        mail = self.env["mail.mail"].search([("model", "=", "account.collection.case")])
        self.assertEqual((mail.recipient_ids, len(mail.attachment_ids)), (dora.partner_id, 1))
        reminded = self.env["account.dunning.notice"].search([("partner_id", "=", fay.partner_id.id)])
        self.assertEqual(reminded.state, "queued")
        self.assertEqual(gus._get_plans().next_date, Date.add(self.today, days=14), "a week later")
