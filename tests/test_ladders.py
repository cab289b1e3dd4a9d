"""The three ladders, their letters side by side, and the e-mail to who tries it (the first hour)."""

import itertools
from unittest.mock import patch

from markupsafe import escape

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import MockEmail

from ..models.policy import type_shipped
from ..models.policy.ladders import LADDERS, get_ladder, get_ladders
from ..models.policy.type_shipped import read_terms
from .test_start import StartCommon

COUNTED = ("res.partner", "account.dunning.type", "account.dunning.level", "account.dunning.notice", "mail.mail")
COUNTED += ("account.dunning.run", "ir.attachment", "account.dunning.link", "account.collection.case")


class LadderCommon(StartCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dunning_type.write({"default": False, "active": False})
        cls.standard.write({"active": True, "default": True})

    def says(self, dunning_type, name):
        """Check that the type is the ladder ``name``, in English."""
        ladder = get_ladder(self.env, name)
        self.assertEqual(dunning_type.name, ladder.type_vals["name"])
        self.assertEqual(dunning_type.grace_days, int(ladder.type_vals["grace_days"]))
        for level, vals in zip(dunning_type.level_ids, ladder.level_vals, strict=True):
            self.assertEqual((level.name, level.days), (vals["name"], int(vals["days"])))
            self.assertIn(vals["text"][-30:-5], level.text)

    def count(self):
        records = self.env["res.users"].sudo().with_context(active_test=False)
        return {name: records.env[name].with_context(active_test=False).search_count([]) for name in COUNTED}


@tagged("post_install", "-at_install")
class TestLadders(LadderCommon):
    def test_each_grows_firmer(self):
        """Levels follow each other, and no step is due before the deadline of the one before it is over."""
        for name, (_type_vals, levels) in get_ladders(self.env).items():
            days = [(int(level["days"]), int(level["deadline_days"])) for level in levels]
            self.assertEqual(len(days), 3, name)
            for (day, deadline), (later, _deadline) in itertools.pairwise(days):
                self.assertGreater(later, day + deadline, name)
        first = [int(get_ladder(self.env, name).level_vals[0]["days"]) for name in LADDERS]
        self.assertEqual(first, sorted(first, reverse=True), "gentle, standard, firm")

    def test_a_ladder_takes_the_place_of_the_shipped_type(self):
        for name in ("gentle", "firm", "standard"):
            levels = self.standard.level_ids
            self.start.action_use_ladder(name)
            self.assertEqual(self.standard.level_ids, levels, "the same levels say something else")
            self.says(self.standard, name)
            self.assertEqual(self.standard._get_ladder_name(), name)
            self.assertEqual((self.start.ladder, self.standard.default), (name, True))
            self.assertTrue(self.fact("ladder").done)

    def test_in_each_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.standard._translate_shipped()
        german = {level: level.with_context(lang="de_DE").text for level in self.standard.level_ids}
        first = get_ladder(self.env, "firm").level_vals[0]
        terms = {**read_terms("de_DE"), "Firm": "Streng", "Payment Reminder": "Zahlungserinnerung"}
        text = "The items below have fallen due and are not paid. Please pay {total} by {deadline}."
        self.assertIn(text, first["text"])
        terms[text] = "Die Posten unten sind fällig. Bitte zahlen Sie {total} bis {deadline}."
        with patch.object(type_shipped, "read_terms", lambda lang: terms if lang == "de_DE" else {}):
            self.start.action_use_ladder("firm")
            level = self.standard.level_ids[0].with_context(lang="de_DE")
            self.assertIn("Die Posten unten sind fällig", level.text)
            self.assertEqual(self.standard.with_context(lang="de_DE").name, "Streng")
            self.assertEqual(self.standard._get_ladder_name(), "firm")
            self.start.action_use_ladder("standard")
        for level, text in german.items():
            self.assertEqual(level.with_context(lang="de_DE").text, text, "nothing is left of the other ladder")

    def test_a_language_that_comes_later(self):
        self.start.action_use_ladder("gentle")
        self.env["res.lang"]._activate_lang("de_DE")
        terms = {"Gentle": "Sanft", "Friendly Reminder": "Freundliche Erinnerung"}
        with patch.object(type_shipped, "read_terms", lambda lang: terms if lang == "de_DE" else {}):
            self.types._translate_later(["de_DE"])
        self.assertEqual(self.standard.with_context(lang="de_DE").name, "Sanft")
        self.assertEqual(self.standard.level_ids[0].with_context(lang="de_DE").name, "Freundliche Erinnerung")

    def refuse_and_add(self, regex):
        before = self.standard.read(), self.standard.level_ids.read()
        self.assertRegex(self.start.get_letters("en_US", 0)["keeping"], regex)
        with self.refused(UserError, regex):
            self.start.action_use_ladder("firm")
        new = self.types.browse(self.start.action_add_ladder("firm")["res_id"])
        self.says(new, "firm")
        self.assertEqual((new.default, new.active, new.company_id), (False, True, self.company))
        self.assertTrue(new._get_rule_domain().is_false(), "it takes nobody")
        self.assertEqual((self.standard.read(), self.standard.level_ids.read()), before)

    def test_what_was_changed_by_hand_stays(self):
        self.standard.level_ids[1].days = 22
        self.refuse_and_add("was changed by hand")
        self.start.action_keep_type()
        self.assertEqual(self.start.ladder, "kept")

    def test_also_what_was_changed_in_one_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.standard._translate_shipped()
        self.assertEqual(self.standard._get_ladder_name(), "standard")
        self.standard.level_ids[0].with_context(lang="de_DE").text = "<p>Bitte zahlen.</p>"
        self.refuse_and_add("was changed by hand")

    def test_what_runs_is_not_changed(self):
        self.dunning_type.write({"active": True, "default": True})
        self.invoice(self.partner_b, 12)
        self.run_day()
        self.standard.default = True
        self.refuse_and_add("is in use")

    def test_keeping_the_shipped_type_is_a_choice(self):
        self.assertFalse(self.fact("ladder").done)
        self.start.action_keep_type()
        self.assertEqual(self.start.ladder, "standard")
        self.assertTrue(self.fact("ladder").done)

    def test_a_company_without_a_type_gets_one(self):
        self.standard.write({"default": False, "active": False})
        self.assertIn("no dunning type", self.fact("ladder").text)
        with self.refused(UserError, "choose a ladder"):
            self.start.action_keep_type()
        self.start.action_use_ladder("gentle")
        new = self.start.sudo()._get_type()
        self.assertNotEqual(new, self.standard)
        self.says(new, "gentle")


@tagged("post_install", "-at_install")
class TestLetters(LadderCommon):
    def test_the_letters_are_written_in_each_language(self):
        for lang in ("de_DE", "fr_FR"):
            self.env["res.lang"]._activate_lang(lang)
        before = self.count()
        for lang in ("en_US", "de_DE", "fr_FR"):
            terms = read_terms(lang) if lang != "en_US" else {}
            for number in range(3):
                data = self.start.get_letters(lang, number)
                self.assertEqual((data["lang"], data["number"], data["keeping"]), (lang, number, ""))
                self.assertEqual([letter["name"] for letter in data["letters"]], list(LADDERS))
                for letter in data["letters"]:
                    level = get_ladder(self.env, letter["name"]).level_vals[number]
                    self.assertIn(escape(terms.get(level["name"], level["name"])), letter["html"])
                    self.assertNotIn("<script", letter["html"])
                    self.assertEqual(len(letter["rungs"]), 3)
                    self.assertIn("1,590.50" if lang == "en_US" else "590,50", letter["html"], "what is owed")
        standard = self.start.get_letters("de_DE", 0)["letters"][1]["html"]
        self.assertIn("ENTWURF", standard)
        self.assertIn("Mit freundlichen Grüßen", standard)
        self.assertEqual(self.count(), before, "nothing is left")

    def test_what_a_client_asks_for(self):
        for lang, number in (("xx_XX", 7), (None, "1"), (["de_DE"], None)):
            data = self.start.get_letters(lang, number)
            self.assertEqual((data["lang"], data["number"]), ("en_US", 0))

    def test_no_number_is_drawn(self):
        self.dunning_type.write({"active": True, "default": True})
        self.invoice(self.partner_b, 12)
        notices = self.run_day().notice_ids
        self.start.get_letters("en_US", 2)
        run = self.env["account.dunning.run"].create({"company_id": self.company.id})
        self.assertEqual(int(run.name[-3:]), int(notices.run_id.name[-3:]) + 1)
        self.assertTrue(notices.exists())


@tagged("post_install", "-at_install")
class TestTestMail(MockEmail, LadderCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager.email = "manager@example.com"

    def send_test(self):
        with self.mock_mail_gateway(mail_unlink_sent=True):
            action = self.start.action_send_test()
        return action["params"]

    def test_it_goes_to_the_user_and_to_nobody_else(self):
        self.invoice(self.partner_a, 12)
        before = self.count()
        self.start.level_id = self.standard.level_ids[1]
        self.assertEqual(self.send_test()["type"], "success")
        self.assertEqual(len(self._mails), 1)
        [mail] = self._mails
        self.assertEqual(mail["email_to"], [self.manager.email_formatted])
        self.assertFalse(mail["email_cc"])
        self.assertEqual(mail["email_from"], self.company.email_formatted)
        self.assertIn("Test: Second Reminder", mail["subject"])
        self.assertIn("We wrote to you before", mail["body"])
        self.assertEqual([name for name, *_rest in mail["attachments"]], ["Draft.pdf"])
        self.assertNotIn("/my/receivables", mail["body"], "no page of anybody")
        self.assertEqual(self.start.mailed_on, self.today)
        self.assertTrue(self.fact("mail").done)
        after = self.count()
        self.assertEqual({name: after[name] - before[name] for name in COUNTED if after[name] != before[name]}, {})

    def test_the_first_level_where_none_was_chosen(self):
        self.send_test()
        self.assertIn("Payment Reminder", self._mails[0]["subject"])
        self.assertEqual(self.start.level_id, self.standard.level_ids[0])

    def test_without_an_address_of_his_own(self):
        self.manager.email = False
        with self.refused(UserError, "no e-mail address"):
            self.start.action_send_test()

    def test_what_could_not_be_sent_is_not_done(self):
        def fail(mails, **_options):
            mails.write({"state": "exception", "failure_reason": "No route"})

        with patch.object(self.env.registry["mail.mail"], "send", fail):
            params = self.send_test()
        self.assertEqual(params["type"], "danger")
        self.assertIn("No route", params["message"])
        self.assertFalse(self.start.mailed_on)

    def test_a_level_of_another_company_cannot_be_tried(self):
        other = self.env["res.company"].sudo().create({"name": "Other"})
        foreign = self.make_type("Elsewhere", (5,), company_id=other.id).level_ids
        with self.refused(Exception, "."):
            self.start.level_id = foreign
            self.start.flush_recordset()
