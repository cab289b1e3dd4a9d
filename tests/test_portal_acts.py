"""What customers say on their page (rules §13): promises, instalments, agreements, and what collectors decide."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Date
from odoo.tests import tagged

from .common import TODAY
from .portal_common import THINKS, PortalCommon

BAD_DAYS = ("", "x", "2026-02-30", "2026-05-31", "06/05/2026", "2026-06-05T00:00", "0000-00-00")
BAD_AMOUNTS = ("", "0", "-5", "x", "1e400", "nan", "280.01", "0.001", "9" * 400)
EVIL = "<script>alert(1)</script><b>bold</b> & “quotes” 'n' {{ 7 * 7 }} %(x)s"


class ActsCommon(PortalCommon):
    def day(self, days):
        return Date.to_string(Date.add(TODAY, days=days))

    def promise(self, days, total, items=None, **values):
        """Promise a total in so many days for items, else for all that is overdue."""
        items = self.overdue if items is None else items
        data = {"item_ids": items.ids, "currency_id": self.company.currency_id.id}
        return self.act("promise", **{**data, "date": self.day(days), "amount": str(total), **values})

    def assertNothingDone(self):
        for records in (self.case.promise_ids, self.holds(), self.requests(), self.tasks()):
            self.assertFalse(records)

    def instalments(self, **values):
        return self.act(
            "instalments",
            **{
                "item_ids": self.overdue.ids,
                "currency_id": self.company.currency_id.id,
                "count": "4",
                "date": self.day(9),
                **values,
            },
        )

    def assertDone(self, answer, act):
        """It was done: the page says so."""
        self.assertEqual(answer.status, 303, answer.alert or answer.text)
        self.assertTrue(answer.location.endswith(f"{self.base}?done={act}"), answer.location)
        page = self.visit(answer.location)
        self.assertEqual(page.status, 200)
        self.assertTrue(page.find("alert-success"), "the page thanks")
        return page

    def holds(self):
        return self.env["account.dunning.hold"].search([("commercial_partner_id", "=", self.ann.id)])

    def as_collector(self, request):
        return request.with_user(self.collector)


@tagged("post_install", "-at_install")
class TestPromises(ActsCommon):
    def assertRequested(self, answer):
        """It is a request: nothing is on hold, and the collector is asked."""
        self.assertDone(answer, "promise")
        self.assertFalse(self.case.promise_ids)
        self.assertFalse(self.holds())
        request = self.requests()
        self.assertRecordValues(request, [{"kind": "promise", "state": "open", "person_id": self.ann.id}])
        self.assertTrue(self.tasks())
        return request

    def test_within_the_limits(self):
        self.assertDone(self.promise(14, 280), "promise")
        promise = self.case.promise_ids
        self.assertRecordValues(promise, [{"source": "portal", "state": "open", "amount": 280.0, "user_id": False}])
        self.assertRecordValues(promise.part_ids, [{"date": Date.to_date(self.day(14)), "amount": 280.0}])
        self.assertEqual(promise.item_ids.move_line_id, self.overdue)
        self.assertEqual(self.holds().move_line_id, self.overdue)
        self.assertFalse(self.requests())
        self.assertEqual(self.acts(), ["promise"])
        self.go(10)
        self.assertFalse(self.run_day().notice_ids, "it is not dunned meanwhile")

    def test_two_payments(self):
        self.assertDone(self.promise(7, "100", date=[self.day(7), self.day(14)], amount=["100", "180"]), "promise")
        self.assertEqual(self.case.promise_ids.part_ids.mapped("amount"), [100.0, 180.0])

    def test_p13_later_than_the_limit(self):
        request = self.assertRequested(self.promise(20, 280))
        self.assertRecordValues(request.part_ids, [{"date": Date.to_date(self.day(20)), "amount": 280.0}])
        self.assertEqual(request.item_ids, self.overdue)
        self.go(10)
        self.assertEqual(self.run_day().notice_ids.line_ids.move_line_id, self.overdue, "his collection goes on")

    def test_one_day_too_late(self):
        self.assertRequested(self.promise(15, 280))

    def test_less_than_half_of_what_is_overdue(self):
        self.assertDone(self.promise(7, 140), "promise")
        self.assertEqual(self.case.promise_ids.amount, 140.0)

    def test_a_cent_less_than_half(self):
        self.assertRequested(self.promise(7, 139.99))

    def test_the_third_on_an_item(self):
        for number in (1, 2):
            self.assertDone(self.promise(7 + number, 280), "promise")
        self.assertEqual(sorted(self.case.promise_ids.mapped("state")), ["open", "replaced"])
        self.assertDone(self.promise(10, 280), "promise")
        self.assertEqual(len(self.case.promise_ids), 2)
        self.assertEqual(self.requests().kind, "promise")

    def test_from_a_level_on(self):
        self.settings.page_promise_level_id = self.level_1
        self.assertRequested(self.promise(7, 280))

    def test_below_that_level(self):
        self.settings.page_promise_level_id = self.level_2
        self.assertDone(self.promise(7, 280), "promise")
        self.assertTrue(self.case.promise_ids)

    def test_while_an_agency_has_it(self):
        agency = self.env["res.partner"].create({"name": "Debt & Co"})
        self.small.collection_plan_ids.sudo()._hand_over(agency, "")
        self.assertRequested(self.promise(7, 280))

    def test_accepted(self):
        request = self.as_collector(self.assertRequested(self.promise(20, 280)))
        request.action_accept()
        self.assertRecordValues(request, [{"state": "accepted", "decided_by_id": self.collector.id}])
        promise = self.case.promise_ids
        self.assertRecordValues(promise, [{"source": "portal", "state": "open", "amount": 280.0}])
        self.assertEqual(self.holds().move_line_id, self.overdue)
        for button in (request.action_accept, request.action_decline):
            with self.refused(UserError, "already"):
                button()

    def test_declined(self):
        request = self.as_collector(self.assertRequested(self.promise(20, 280)))
        request.action_decline()
        self.assertEqual(request.state, "declined")
        self.assertFalse(self.case.promise_ids)
        self.assertFalse(self.holds())

    def test_only_collectors_decide(self):
        request = self.assertRequested(self.promise(20, 280))
        clerk = self.new_user("clerk", "account.group_account_invoice")
        for button in ("action_accept", "action_decline"):
            with self.refused((AccessError, UserError), ""):
                getattr(request.with_user(clerk), button)()

    def test_days_that_are_none(self):
        for wrong in BAD_DAYS:
            with self.subTest(wrong):
                answer = self.promise(0, 280, date=wrong)
                self.assertRefused(answer)
                self.assertIn("280", answer.filled("promise")["amount"], "what was typed is kept")
        self.assertNothingDone()

    def test_amounts_that_are_none(self):
        for wrong in BAD_AMOUNTS:
            with self.subTest(wrong):
                answer = self.promise(7, wrong)
                self.assertRefused(answer)
                self.assertIn(self.day(7), answer.filled("promise")["date"])
        self.assertNothingDone()

    def test_other_bad_input(self):
        for values in (
            {"item_ids": []},
            {"item_ids": "x"},
            {"item_ids": [10**8]},
            {"date": [self.day(7)] * 2, "amount": ["100", "100"]},
            {"date": "", "amount": ""},
            {"date": [self.day(1)] * 500, "amount": ["1"] * 500},
        ):
            with self.subTest(str(values)[:60]):
                self.assertRefused(self.promise(7, 280, **values))
        self.assertNothingDone()

    def test_a_day_at_the_end_of_time(self):
        """A day that exists is a request like any other."""
        self.assertRequested(self.promise(7, 280, date="9999-12-31"))

    def test_two_currencies(self):
        euro = self.stage.invoice(self.ann, 12, 500.0, currency_id=self.other_currency.id)
        self.assertRefused(self.promise(7, 280, items=self.overdue + self.item(euro)))

    def test_a_double_click(self):
        page = self.get()
        values = {"item_ids": self.overdue.ids, "date": self.day(7), "amount": "280"}
        for _click in range(2):
            answer = self.act("promise", page=page, wait=THINKS, currency_id=self.company.currency_id.id, **values)
            self.assertEqual(answer.status, 303)
        self.assertRecordValues(self.case.promise_ids, [{"state": "open", "level": 1}])
        self.assertEqual(self.acts(), ["promise"])


@tagged("post_install", "-at_install")
class TestInstalments(ActsCommon):
    def test_a_request(self):
        self.assertDone(self.instalments(text="Business is slow"), "instalments")
        request = self.requests()
        self.assertRecordValues(request, [{"kind": "instalments", "state": "open", "amount": 280.0}])
        self.assertEqual(request.part_ids.mapped("amount"), [70.0] * 4)
        days = [Date.to_string(part.date) for part in request.part_ids]
        self.assertEqual(days, ["2026-06-10", "2026-07-10", "2026-08-10", "2026-09-10"])
        self.assertIn("Business is slow", request.text)
        self.assertTrue(self.tasks())
        self.assertFalse(self.case.promise_ids)
        self.assertFalse(self.holds())

    def test_cents_are_lost_by_nobody(self):
        self.assertDone(self.instalments(count="6"), "instalments")
        self.assertAlmostEqual(sum(self.requests().part_ids.mapped("amount")), 280.0)
        self.assertLess(max(self.requests().part_ids.mapped("amount")), 46.68)

    def test_accepted_and_declined(self):
        self.instalments()
        request = self.as_collector(self.requests())
        request.action_accept()
        self.assertRecordValues(self.case.promise_ids, [{"agreement": True, "state": "open", "source": "portal"}])
        self.assertEqual(len(self.case.promise_ids.part_ids), 4)
        self.assertEqual(self.holds().move_line_id, self.overdue)
        self.instalments(count="5")
        self.as_collector(self.requests()[1]).action_decline()
        self.assertEqual(len(self.case.promise_ids), 1)

    def test_bad_input(self):
        for values in (
            *({"date": day} for day in BAD_DAYS),
            *({"count": count} for count in ("", "0", "-3", "1", "x", "25", "1.5", "9" * 40)),
            {"item_ids": []},
            {"item_ids": ["x"]},
            {"text": "x" * 100_000},
            {"date": "9999-12-31"},
        ):
            with self.subTest(str(values)[:60]):
                answer = self.instalments(**values)
                self.assertRefused(answer)
                if "date" not in values:
                    self.assertIn(self.day(9), answer.filled("instalments")["date"])
        self.assertFalse(self.requests())


@tagged("post_install", "-at_install")
class TestAgreements(ActsCommon):
    def setUp(self):
        super().setUp()
        parts = [(Date.add(TODAY, days=days), 70.0) for days in (7, 37, 67, 97)]
        promises = self.env["account.dunning.promise"].sudo()
        self.agreement = promises._make(self.case, self.overdue.sudo(), parts, agreement=True, default_days=14)

    def test_it_is_signed(self):
        self.assertIn(f"/agree/{self.agreement.id}", self.get().response.text)
        self.assertDone(self.act(f"agree/{self.agreement.id}", name="Ann Miller"), "agree")
        self.assertRecordValues(self.agreement, [{"signed_by": "Ann Miller", "state": "open"}])
        self.assertTrue(self.agreement.signed_at)
        self.assertEqual(self.acts(), ["agree"])
        self.assertNotIn(f"/agree/{self.agreement.id}", self.get().response.text, "once")
        self.assertRefused(self.act(f"agree/{self.agreement.id}", name="Somebody Else"))
        self.assertEqual(self.agreement.signed_by, "Ann Miller")

    def test_bad_input(self):
        for name in ("", "   ", "x" * 100_000):
            self.assertRefused(self.act(f"agree/{self.agreement.id}", name=name))
        for wrong in (0, 10**8):
            self.assertIn(self.act(f"agree/{wrong}", name="Ann").status, (404, 422))
        self.assertFalse(self.agreement.signed_by)

    def test_what_is_no_offer(self):
        self.agreement.sudo()._end("withdrawn")
        self.assertRefused(self.act(f"agree/{self.agreement.id}", name="Ann"))
        self.assertFalse(self.agreement.signed_by)

    def test_a_name_is_text(self):
        self.act(f"agree/{self.agreement.id}", name=EVIL)
        self.assertEqual(self.agreement.signed_by, EVIL)
        for body in self.agreement.message_ids.mapped("body") + self.case.message_ids.mapped("body"):
            self.assertNotIn("<b>", body)
            self.assertNotIn("<script>", body)


@tagged("post_install", "-at_install")
class TestContactData(ActsCommon):
    def contact_act(self, **values):
        return self.act("contact", **values)

    def test_a_request(self):
        values = {"contact_name": "Dora New", "contact_phone": "+1 555 0199", "contact_email": "dora@example.com"}
        self.assertDone(self.contact_act(**values), "contact")
        request = self.requests()
        self.assertRecordValues(request, [{"kind": "contact", "state": "open", **values}])
        self.assertTrue(self.tasks())
        self.assertEqual(self.ann.email, "a@example.com", "nobody knows who holds the link")
        self.as_collector(request).action_accept()
        self.case.invalidate_recordset()
        person = self.ann.with_company(self.company).dunning_contact_id
        self.assertRecordValues(person, [{"name": "Dora New", "phone": "+1 555 0199", "email": "dora@example.com"}])

    def test_declined(self):
        self.contact_act(contact_phone="+1 555 0199")
        self.as_collector(self.requests()).action_decline()
        self.assertNotEqual(self.ann.phone, "+1 555 0199")

    def test_bad_input(self):
        for values in (
            {},
            {"contact_email": "nobody"},
            {"contact_email": "a@b@c"},
            {"contact_name": "x" * 100_000},
            {"contact_phone": "x" * 100_000},
        ):
            with self.subTest(str(values)[:60]):
                answer = self.contact_act(text="Typed", **values)
                self.assertRefused(answer)
                self.assertIn("Typed", str(answer.filled("contact").get("text")))
        self.assertFalse(self.requests())
