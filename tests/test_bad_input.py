"""What bad input gets: a clear message or a defined fallback (issue *Main job*)."""

from psycopg2 import IntegrityError

from odoo.exceptions import RedirectWarning, UserError, ValidationError
from odoo.fields import Command, Date
from odoo.tests import Form, tagged

from .common import TODAY, DunningCommon, StubLetters


@tagged("post_install", "-at_install")
class TestConfiguration(StubLetters, DunningCommon):
    def level(self, **values):
        values = {
            "type_id": self.dunning_type.id,
            "name": "New",
            "days": 40,
            "document": "letter",
            "text": "<p>x</p>",
            **values,
        }
        return self.env["account.dunning.level"].create(values)

    def test_level_without_text(self):
        for text in (False, "<p><br></p>"):
            with self.refused(ValidationError, "has no text"):
                self.level(text=text)

    def test_level_that_does_nothing(self):
        with self.refused(ValidationError, "starts no action"):
            self.level(document="none")

    def test_unknown_placeholder(self):
        with self.refused(ValidationError, r"\{amount\}.*Possible are.*\{total\}"):
            self.level(text="<p>Pay {amount}</p>")

    def test_two_levels_on_one_day(self):
        with self.refused(ValidationError, "same day"):
            self.level(days=20)

    def test_negative_days_only_for_reminders(self):
        with self.refused(IntegrityError, ""):
            self.level(days=-3)
        with self.refused(IntegrityError, ""):
            self.level(days=3, reminder=True)
        self.assertTrue(self.level(days=-3, reminder=True))

    def test_type_without_levels(self):
        with self.refused(ValidationError, "has no level"):
            self.make_type("Empty", ())
        with self.refused(ValidationError, "has no level"):
            self.make_type("Reminder only", (-5,))
        with self.refused(ValidationError, "has no level"):
            self.dunning_type.level_ids.unlink()
        with self.refused(ValidationError, "has no level"):
            self.dunning_type.level_ids.active = False

    def test_more_levels_than_allowed(self):
        with self.refused(ValidationError, "has 6 levels.*allow 5"):
            self.make_type("Long", (1, 2, 3, 4, 5, 6))
        self.make_type("With reminder", (-5, 1, 2, 3, 4, 5))
        with self.refused(RedirectWarning, "With reminder"):
            self.settings.max_levels = 4
        self.settings.max_levels = 5

    def test_rule_on_a_field_that_is_not_stored(self):
        for domain in (
            "[('credit', '>', 0)]",
            "[('parent_id.overdue_amount', '>', 0)]",
            "[('nonsense', '=', 1)]",
        ):
            with self.refused(ValidationError, "not stored"):
                self.dunning_type.partner_domain = domain

    def test_rule_that_cannot_be_read(self):
        for domain in ("[('zip', '=', ", "[('zip', 'nonsense', 1)]", "uid"):
            with self.refused(ValidationError, "cannot be read"):
                self.dunning_type.partner_domain = domain

    def test_one_default_type(self):
        second = self.make_type("Second", (1,), default=True)
        with self.refused(IntegrityError, ""):
            (self.dunning_type + second).default = True

    def test_archived_type_in_use(self):
        self.invoice(self.partner_a, 12)
        self.dun()
        with self.refused(UserError, "1 open collection plans"):
            self.dunning_type.active = False

    def test_deleting_what_has_history(self):
        self.invoice(self.partner_a, 12)
        self.dun()
        with self.refused(UserError, "Archive it instead"):
            self.level_1.unlink()
        with self.refused(UserError, "Archive it instead"):
            self.dunning_type.unlink()
        self.level_2.unlink()

    def test_items_at_an_archived_level_go_on_with_the_next(self):
        self.invoice(self.partner_a, 35)
        self.dun()
        self.level_1.active = False
        self.go(7)
        self.assertEqual(self.dun().level_id, self.level_2)

    def test_the_last_level_is_released_by_a_person(self):
        self.assertEqual(self.dunning_type.level_ids.mapped("manual_release"), [False, False, True])
        with Form(self.env["account.dunning.level"].with_context(default_type_id=self.dunning_type.id)) as form:
            form.name = "Later"
            form.text = "<p>x</p>"
            form.document = "letter"
            form.days = 5
            self.assertFalse(form.manual_release)
            form.days = 40
            self.assertTrue(form.manual_release)

    def test_copy_of_a_type(self):
        copy = self.dunning_type.copy()
        self.assertEqual(copy.level_ids.mapped("days"), [10, 20, 30])
        self.assertFalse(copy.default)
        self.assertNotEqual(copy.level_ids, self.dunning_type.level_ids)

    def test_at_least_one_invoice_type(self):
        with self.refused(ValidationError, "at least one"):
            self.settings.invoice_type_ids = False

    def test_holds(self):
        reason = self.shipped("reason_dispute").id
        move = self.invoice(self.partner_a, 12)
        holds = self.env["account.dunning.hold"]
        for values in (
            {},
            {"move_id": move.id, "partner_id": self.partner_a.id},
            {"move_id": move.id, "amount": -1.0},
            {"move_id": move.id, "date_until": Date.subtract(TODAY, days=1)},
        ):
            with self.refused(IntegrityError, ""):
                holds.create({"reason_id": reason, **values})
        with self.refused(ValidationError, "whole customer"):
            holds.create({"reason_id": reason, "partner_id": self.partner_a.id, "amount": 10.0})

    def test_actions(self):
        actions = self.env["account.dunning.action"]
        with self.refused(ValidationError, "activity type"):
            actions.create({"name": "Call", "activity_type_id": False})
        with self.refused(ValidationError, "server action"):
            actions.create({"name": "Run", "kind": "server_action"})


@tagged("post_install", "-at_install")
class TestReview(StubLetters, DunningCommon):
    def test_move_to_level(self):
        self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        action = notice.with_user(self.manager).action_move_level()
        wizard = self.env[action["res_model"]].with_user(self.manager).with_context(**action["context"])
        wizard.create({"level_id": self.level_3.id}).action_move()
        self.assertEqual((notice.level_id, notice.line_ids.level_id), (self.level_3, self.level_3))
        self.assertIn("set by a person", notice.why)
        self.send(notice)
        with self.refused(UserError, "Select proposed notices"):
            notice.action_move_level()

    def test_exclude_what_was_sent(self):
        self.invoice(self.partner_a, 12)
        notices = self.dun()
        wizard = self.env["account.dunning.exclude"].create({"notice_ids": [Command.set(notices.ids)]})
        with self.refused(UserError, "proposed or failed"):
            wizard.action_exclude()

    def test_print_nothing(self):
        with self.refused(UserError, "no letter to print"):
            self.env["account.dunning.notice"].action_print()

    def test_why(self):
        due, waits = self.invoice(self.partner_a, 12), self.invoice(self.partner_a, 5)
        answers = self.why(self.partner_a)
        self.assertEqual(answers[due.name], "Due now: Test 10")
        self.assertIn("Next: Test 10 on 06/06/2026", answers[waits.name])
        self.dun()
        answers = self.why(due)
        self.assertEqual(list(answers), [due.name])
        self.assertIn("Next: Test 20 on 06/09/2026", answers[due.name])
        self.assertIn("Next: Test 20", self.why(due.collection_plan_ids)[due.name])
        due.action_toggle_block_payment()
        self.assertEqual(self.why(due)[due.name], "Payment is blocked")

    def why(self, record):
        action = (
            record.with_user(self.collector).action_dunning_why()
            if record._name != "account.collection.plan"
            else record.action_why()
        )
        wizard = self.env["account.dunning.why"].browse(action["res_id"])
        return {line.name: line.answer for line in wizard.line_ids}

    def test_why_on_another_day(self):
        move = self.invoice(self.partner_a, 5)
        wizard = self.env["account.dunning.why"].browse(move.action_dunning_why()["res_id"])
        self.assertEqual(wizard.summary, "On this day no notice is due.")
        wizard.date = Date.add(TODAY, days=5)
        self.assertEqual(wizard.line_ids.answer, "Due now: Test 10")
