"""Text messages: the link to the customer's page and no word of the debt, when he may be reached."""

from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Datetime
from odoo.tests import BaseCase, Form, tagged

from odoo.addons.sms.tools.sms_api import SmsApi

from ..tools.phones import to_international
from .common import DunningCommon, StubLetters

NUMBER = "+12025550123"


class TestPhones(BaseCase):
    def test_numbers(self):
        for number, code, expected in (
            ("+41 79 123 45 67", 41, "+41791234567"),
            ("0041 79 123 45 67", 49, "+41791234567"),
            ("079 / 123 45 67", 41, "+41791234567"),
            ("+41 (0)79 123 45 67", 0, "+41791234567"),
            ("079 123 45 67", 0, ""),
            ("12", 41, ""),
            ("ask me", 41, ""),
            (False, 41, ""),
        ):
            self.assertEqual(to_international(number, code), expected, number)


class SmsCommon(StubLetters, DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sms.sms"].search([]).unlink()
        cls.settings.page_active = True
        cls.country = cls.env.ref("base.us")
        cls.partner_a.write({"phone": "+1 202-555-0123", "country_id": cls.country.id})
        cls.partner_b.write({"phone": False, "country_id": cls.country.id})
        cls.level_1.sms = "link"

    def outgoing(self):
        return self.env["sms.sms"].search([], order="id")

    def send_queue(self, state="success", **more):
        """What Odoo's scheduled action does, with a provider that answers ``state``."""

        def answer(_self, messages, **_kwargs):
            return [
                {"uuid": number["uuid"], "state": state, **more}
                for message in messages
                for number in message["numbers"]
            ]

        with patch.object(SmsApi, "_send_sms_batch", answer):
            self.outgoing().send()

    def dunned_notice(self, partner=None):
        self.invoice(partner or self.partner_a, 12, 123.45)
        return self.dun()

    def quiet(self):
        self.settings.write({"contact_quiet": True, "contact_quiet_from": 20.0, "contact_quiet_until": 8.0})
        self.frozen.move_to("2026-06-01 21:30:00")


@tagged("post_install", "-at_install")
class TestSms(SmsCommon):
    def test_the_link_and_nothing_of_the_debt(self):
        notice = self.dunned_notice()
        [sms] = self.outgoing()
        self.assertEqual((sms.number, sms.partner_id), (NUMBER, self.partner_a))
        self.assertIn(notice._get_page_url(), sms.body)
        self.assertIn(self.company.name, sms.body)
        words = sms.body.replace(notice._get_page_url(), "")
        for secret in ("123", notice.name, notice.line_ids.name, "$", "USD"):
            self.assertNotIn(secret, words)
        self.assertEqual(notice.sms_ids.state, "queued")
        self.assertNotIn(notice._get_page_url(), "".join(notice.message_ids.mapped("body")), "the link is his alone")
        self.assertIn(NUMBER, "".join(notice.message_ids.mapped("body")))

    def test_what_becomes_of_it_comes_back(self):
        notice = self.dunned_notice()
        self.send_queue()
        self.assertEqual(notice.sms_ids.state, "sent")
        notice.sudo().sms_ids.notification_id.sms_tracker_ids._action_update_from_sms_state("sent")
        self.assertEqual((notice.sms_ids.state, notice.sms_text), ("delivered", f"{NUMBER} · Delivered"))
        notice.sudo().sms_ids.notification_id.unlink()
        self.assertEqual(notice.sms_ids.state, "delivered", "Odoo forgets notifications")

    def test_an_error_of_the_provider_is_said_on_the_notice(self):
        notice = self.dunned_notice()
        self.send_queue("insufficient_credit")
        self.assertEqual((notice.sms_ids.state, notice.state), ("failed", "sent"))
        self.assertIn("Credit", notice.sms_text)

    def test_none_before_the_notice_leaves_and_none_where_the_level_sends_none(self):
        self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        self.issue(notice)
        self.assertFalse(self.outgoing(), "the letter waits to be printed")
        notice._confirm_printed()
        self.assertEqual(len(self.outgoing()), 1)
        self.go(10)
        self.assertEqual(self.dun().level_id, self.level_2)
        self.assertEqual(len(self.outgoing()), 1)

    def test_what_stands_in_the_way_is_no_error(self):
        without = self.dunned_notice(self.partner_b)
        self.assertEqual((without.state, without.sms_ids.state), ("sent", "failed"))
        self.assertIn("There is no phone number.", without.sms_text)
        self.partner_b.phone = "12"
        self.env["phone.blacklist"].create({"number": NUMBER})
        for partner, why in ((self.partner_a, "wants no text messages"), (self.partner_b, "is not complete")):
            self.assertIn(why, self.dunned_notice(partner).sms_text)
        self.assertFalse(self.outgoing())

    def test_without_a_page_there_is_nothing_to_send(self):
        self.settings.page_active = False
        notice = self.dunned_notice()
        self.assertFalse(self.outgoing())
        self.assertIn("has no page", notice.sms_text)

    def test_quiet_hours(self):
        self.quiet()
        notice = self.dunned_notice()
        self.assertFalse(self.outgoing())
        message = notice.sms_ids
        self.assertEqual((message.state, message.wait_until), ("waiting", Datetime.to_datetime("2026-06-02 08:00:00")))
        self.assertIn("quiet hours", notice.sms_text)
        self.frozen.move_to("2026-06-02 07:00:00")
        message._send_waiting()
        self.assertFalse(self.outgoing())
        self.frozen.move_to("2026-06-02 08:00:01")
        self.env["account.dunning.notice"].sudo()._sweep_mails()
        self.assertEqual(len(self.outgoing()), 1)
        self.assertEqual((message.state, message.wait_until), ("queued", False))
        message._send_waiting()
        self.assertEqual(len(self.outgoing()), 1, "once")

    def test_paid_before_it_left(self):
        self.quiet()
        move = self.invoice(self.partner_a, 12)
        notice = self.dun()
        self.pay(move)
        self.frozen.move_to("2026-06-02 08:00:01")
        notice.sms_ids._send_waiting()
        self.assertEqual((notice.sms_ids.state, self.outgoing().ids), ("cancelled", []))

    def test_an_undone_notice_sends_none(self):
        self.quiet()
        notice = self.dunned_notice()
        notice.sudo()._undo("Undone", True)
        self.assertEqual(notice.sms_ids.state, "cancelled")

    def test_words_of_the_level_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.level_1.sms_text = "Hello {customer}, {link}"
        self.level_1.with_context(lang="fr_FR").sms_text = "Bonjour {customer}, {link}"
        self.partner_a.lang = "fr_FR"
        self.dunned_notice()
        self.assertTrue(self.outgoing().body.startswith("Bonjour partner_a, http"))

    def test_words_that_tell_of_the_debt_are_refused(self):
        for text, why in (
            ("{company}: pay {total}, {link}", "What is owed does not stand in text messages"),
            ("{number} {link}", "Possible are"),
            ("Please call us", "needs {link}"),
            ("x" * 161 + "{link}", "too long"),
        ):
            with self.refused(ValidationError, why):
                self.level_1.sms_text = text

    def test_simulations_send_nothing(self):
        self.invoice(self.partner_a, 12)
        simulation = self.env["account.dunning.simulation"].create(
            {
                "date_from": "2026-05-20",
                "date_to": "2026-06-10",
                "payments": "none",
                "type_ids": [Command.create({"type_id": self.dunning_type.id})],
            }
        )
        simulation.action_start()
        while simulation.sudo()._continue_next({}):
            pass
        self.assertTrue(simulation.env["account.dunning.simulation.line"].search_count([]))
        self.assertFalse(self.outgoing())
        self.assertFalse(self.env["account.dunning.sms"].search([]))

    def test_as_many_queries_for_many(self):
        counts = []
        for size in (3, 12):
            partners = self.env["res.partner"].create(
                [
                    {
                        "name": f"Customer {size} {n}",
                        "phone": "202-555-0123",
                        "city": "X",
                        "zip": "1",
                        "country_id": self.country.id,
                    }
                    for n in range(size)
                ]
            )
            self.invoice_each(partners, 12)
            notices = self.run_day().notice_ids
            self.issue(notices)
            self.level_1.sms = "none"
            notices._confirm_printed()
            self.level_1.sms = "link"
            self.env.flush_all()
            start = self.env.cr.sql_log_count
            notices._text()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - start)
            self.assertEqual(set(notices.sms_ids.mapped("state")), {"queued"})
        self.assertLess(counts[1] - counts[0], 9, counts)


@tagged("post_install", "-at_install")
class TestSmsFromTheDesk(SmsCommon):
    def dialog(self):
        self.invoice(self.partner_a, 12)
        self.case = self.env["account.collection.case"]._get_for(self.company, self.partner_a)
        action = self.case.with_user(self.collector).action_send()
        form = Form(self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"]))
        form.way = "sms"
        return form

    def test_a_collector_texts_the_link(self):
        form = self.dialog()
        self.assertIn("there is a message for you", form.sms_body)
        form.save().action_send()
        [sms] = self.outgoing()
        url = self.case._get_page_url(self.partner_a)
        self.assertIn(url, sms.body)
        self.assertIn(NUMBER, "".join(self.case.message_ids.mapped("body")))
        self.assertNotIn(url, "".join(self.case.message_ids.mapped("body")))
        self.assertFalse(self.case.message_ids.filtered(lambda message: message.message_type == "comment"))
        message = self.env["account.dunning.sms"].search([("case_id", "=", self.case.id)])
        self.send_queue()
        self.assertEqual(message.state, "sent")

    def test_what_cannot_be_sent_is_said_at_once(self):
        form = self.dialog()
        self.partner_a.phone = False
        with self.refused(UserError, "no phone number"):
            form.save().action_send()

    def test_it_waits_where_the_customer_may_not_be_reached(self):
        self.quiet()
        answer = self.dialog().save().action_send()
        self.assertIn("quiet hours", answer["params"]["message"])
        self.assertFalse(self.outgoing())
