"""Taking over from OCA's account_credit_control, of which the tables were left behind."""

from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Date
from odoo.tests import tagged

from .takeover_common import OcaCommon, TakeoverCommon


def before(today, days):
    return Date.subtract(today, days=days)


@tagged("post_install", "-at_install")
class TestNothing(TakeoverCommon):
    def test_where_there_is_no_other_module(self):
        wizard = self.wizard()
        self.assertFalse(wizard.source)
        with self.refused(UserError, "nothing to take over"):
            wizard.action_take_over()


@tagged("post_install", "-at_install")
class TestOca(OcaCommon):
    def test_policies_become_types(self):
        self.add_level(self.policy, 4, 10, computation_mode="previous_date", channel="letter")
        rows = self.take()
        record = self.env["account.dunning.type"].search([("name", "=", "Policy")])
        self.assertRecordValues(record, [{"default": True, "grouping": "level", "minimum_amount": 0.1}])
        self.assertRecordValues(
            record.level_ids,
            [
                {"days": 10, "min_days": 0, "deadline_days": 7, "document": "email_letter"},
                {"days": 20, "min_days": 0, "deadline_days": 7, "document": "email_letter"},
                {"days": 30, "min_days": 0, "deadline_days": 7, "document": "email_letter"},
                {"days": 40, "min_days": 10, "deadline_days": 7, "document": "letter"},
            ],
        )
        self.assertEqual(record.level_ids.mapped("text"), ["<p>Please do pay.</p>"] * 3 + ["<p>Please pay.</p>"])
        self.assertFalse(self.dunning_type.default, "its place was taken")
        self.assertIn("takes the place of “Test”", self.words(rows, "default")["Policy"])
        self.assertIn("each item there", self.words(rows, "type")["Policy"])
        self.assertIn("40 days after the due date", self.words(rows, "level")["Policy / Reminder 4"])

    def test_items_go_on_with_their_next_level(self):
        first, second, third, new = self.invoice_each([self.partner_a] * 4, 31)
        self.add_line(first, 1, before(self.today, 20))
        self.add_line(first, 2, before(self.today, 10), date_sent=before(self.today, 9))
        self.add_line(second, 1, before(self.today, 8))
        self.add_line(third, 1, before(self.today, 20))
        waiting = self.add_line(third, 2, before(self.today, 1), state="to_be_sent")
        self.add_line(new, 1, self.today, state="draft")
        rows = self.take()
        self.assertRecordValues(
            self.state(first), [{"last_notice_date": before(self.today, 9), "times": 1, "deadline_days": 0}]
        )
        levels = [self.state(move).level_id.days for move in (first, second, third)]
        self.assertEqual(levels, [20, 10, 10])
        self.assertFalse(self.state(new), "a draft says nothing")
        self.assertFalse(self.env["mail.mail"].search([("state", "=", "outgoing")]))
        review = rows.filtered(lambda row: row.kind == "review")
        self.assertRecordValues(
            review, [{"source_key": str(waiting), "outcome": "left", "partner_id": self.partner_a.id}]
        )
        run = self.run_day()
        proposed = {line.move_id: line.level_id.days for line in run.notice_ids.line_ids}
        self.assertEqual(proposed, {first: 30, second: 20, third: 20, new: 10})

    def test_what_was_sent_is_history(self):
        moves = self.invoice_each([self.partner_a] * 2, 31)
        paid = self.invoice(self.partner_b, 50)
        for move in moves:
            self.add_line(move, 1, before(self.today, 20), communication_id=7)
        self.add_line(moves[0], 2, before(self.today, 10))
        self.add_line(paid, 1, before(self.today, 30))
        self.pay(paid)
        self.take()
        notices = self.env["account.dunning.notice"].search([("imported", "=", True)], order="sent_on")
        self.assertRecordValues(
            notices,
            [
                {
                    "partner_id": self.partner_b.id,
                    "sent_on": before(self.today, 30),
                    "amount_total": 100,
                    "line_count": 1,
                },
                {
                    "partner_id": self.partner_a.id,
                    "sent_on": before(self.today, 20),
                    "amount_total": 200,
                    "line_count": 2,
                },
                {
                    "partner_id": self.partner_a.id,
                    "sent_on": before(self.today, 10),
                    "amount_total": 100,
                    "line_count": 1,
                },
            ],
        )
        self.assertEqual(set(notices.mapped("state")), {"sent"})
        self.assertEqual(set(notices.mapped("document")), {"none"})
        self.assertFalse(notices.mail_id or notices.attachment_id)
        self.assertFalse(self.state(paid), "only what is open has a state")
        state = self.state(moves[0])
        self.assertEqual(state.last_notice_id, notices[2])
        self.assertEqual(notices[2].line_ids.plan_id, state.plan_id)
        notices[2].sudo()._undo("A mistake", at_once=True)
        self.assertRecordValues(state, [{"last_notice_date": before(self.today, 20), "last_notice_id": notices[1].id}])
        self.assertEqual(state.level_id.days, 10)

    def test_a_second_time_only_what_is_new_comes(self):
        move, other = self.invoice_each([self.partner_a] * 2, 31)
        self.add_line(move, 1, before(self.today, 20))
        self.set(self.partner_a, manual_followup=False, payment_note="Promised", payment_next_action="Call him")
        rows = self.take()
        counts = {
            model: self.env[model].search_count([])
            for model in (
                "account.dunning.type",
                "account.dunning.level",
                "account.dunning.item",
                "account.dunning.notice",
                "account.dunning.notice.line",
                "account.collection.plan",
                "account.dunning.hold",
                "mail.activity",
                "mail.message",
            )
        }
        self.assertEqual(self.take(), rows)
        self.assertFalse(self.previewed)
        for model, count in counts.items():
            self.assertEqual(self.env[model].search_count([]), count, model)
        self.add_line(move, 2, before(self.today, 2))
        self.add_line(other, 1, before(self.today, 2))
        more = self.take() - rows
        self.assertEqual(sorted(more.mapped("kind")), ["item", "item", "notice", "notice"])
        self.assertEqual(self.state(move).level_id.days, 20, "it has risen there since")
        self.assertEqual(self.state(other).level_id.days, 10)

    def test_what_was_sent_here_counts_more(self):
        move = self.invoice(self.partner_b, 31)
        self.add_line(move, 1, before(self.today, 20))
        self.take()
        self.dun()
        self.assertEqual(self.state(move).level_id.days, 20)
        self.add_line(move, 3, self.today)
        rows = self.take()
        self.assertEqual(self.state(move).level_id.days, 20)
        self.assertIn("reached a level here already", rows.filtered(lambda row: row.kind == "item")[-1].word)

    def test_the_preview_writes_nothing(self):
        move = self.invoice(self.partner_a, 31)
        self.add_line(move, 1, before(self.today, 20))
        wizard = self.wizard()
        wizard.action_preview()
        self.assertFalse(self.env["account.dunning.type"].search([("name", "=", "Policy")]))
        self.assertFalse(self.state(move))
        self.assertFalse(self.env["account.dunning.takeover.row"].search([]))
        self.assertTrue(self.dunning_type.default)
        item = wizard.line_ids.filtered(lambda line: line.kind == "item")
        self.assertRecordValues(
            item, [{"level_there": "Reminder 1", "level_here": "Reminder 1", "outcome": "taken", "name": move.name}]
        )
        self.assertIn("Level Reached", wizard.summary)

    def test_customers_and_invoices(self):
        other = self.add_policy("Other", (5, 15), apply_max_policy_level=True)
        quiet = self.add_policy("No follow", (), do_nothing=True)
        move, own, held = self.invoice_each([self.partner_a, self.partner_b, self.partner_b], 16)
        self.set(
            self.partner_a,
            credit_policy_id=other,
            payment_responsible_id=self.collector.id,
            payment_note="Promised <b>\nall",
            payment_next_action="Call him",
            payment_next_action_date=date(2026, 6, 9),
        )
        self.set(self.partner_b, manual_followup=True)
        self.set(own, credit_policy_id=other)
        self.set(held, credit_policy_id=quiet)
        rows = self.take()
        dunning_type = self.env["account.dunning.type"].search([("name", "=", "Other")])
        self.assertRecordValues(
            self.partner_a, [{"dunning_type_id": dunning_type.id, "dunning_user_id": self.collector.id}]
        )
        self.assertEqual(dunning_type.grouping, "customer")
        self.assertEqual((move | own | held).mapped("dunning_type_id"), dunning_type)
        self.assertRecordValues(
            self.partner_a.activity_ids,
            [{"summary": "Call him", "date_deadline": date(2026, 6, 9), "user_id": self.collector.id}],
        )
        self.assertIn("Promised &lt;b&gt;<br>all", self.partner_a.message_ids[0].body)
        holds = self.env["account.dunning.hold"].search([], order="id")
        self.assertRecordValues(
            holds,
            [
                {"partner_id": self.partner_b.id, "move_id": False, "note": "Followed up by hand there"},
                {"partner_id": False, "move_id": held.id, "note": "Policy “No follow”"},
            ],
        )
        self.assertEqual(set(holds.mapped("review_date")), {Date.add(self.today, days=30)})
        self.assertIn("put on hold instead", self.words(rows, "type")["No follow"])

    def test_what_people_have_chosen_here_stays(self):
        other = self.add_policy("Other", (5, 15))
        self.partner_a.write({"dunning_type_id": self.dunning_type.id, "dunning_user_id": self.manager.id})
        stranger = self.env["res.users"].create({"name": "Away", "login": "away", "active": False})
        self.set(self.partner_a, credit_policy_id=other, payment_responsible_id=self.collector.id, manual_followup=True)
        self.set(self.partner_b, payment_responsible_id=stranger.id)
        hold = self.env["account.dunning.hold"].create(
            {"partner_id": self.partner_a.id, "reason_id": self.shipped("reason_insolvency").id}
        )
        rows = self.take()
        self.assertEqual(self.partner_a.dunning_type_id, self.dunning_type)
        self.assertEqual(self.partner_a.dunning_user_id, self.manager)
        self.assertEqual(self.env["account.dunning.hold"].search([]), hold)
        name = self.partner_a.name
        self.assertIn("keeps it", self.words(rows, "customer_type")[name])
        self.assertIn("stays so", self.words(rows, "collector")[name])
        self.assertIn("not active", self.words(rows, "collector")[self.partner_b.name])
        self.assertIn("on hold here already", self.words(rows, "hold")[name])

    def test_the_default_type_in_use_stays(self):
        move = self.invoice(self.partner_b, 12)
        self.dun()
        self.assertTrue(self.state(move))
        rows = self.take()
        self.assertTrue(self.dunning_type.default)
        self.assertIn("in use here", self.words(rows, "default")["Policy"])

    def test_what_is_odd_is_said(self):
        self.settings.max_levels = 4
        self.add_policy("Long", range(1, 6))
        unused = self.add_policy("Nobody's", (5,), company_id=None)
        shared = self.add_policy("Shared", (), company_id=None)
        self.add_level(shared, 1, None, channel="pigeon", custom_mail_text=None, custom_text={"en_US": " "})
        self.add_level(
            shared, 2, 3, computation_mode="end_of_month", custom_mail_text={"en_US": "<p>{x} %(date)s %(y)s</p>"}
        )
        self.add_level(shared, 3, 33, computation_mode="moon", channel="phone")
        long = unused - 1
        move, foreign = self.invoice_each([self.partner_a, self.partner_b], 40)
        self.set(self.partner_a, credit_policy_id=shared)
        self.set(self.partner_b, credit_policy_id=long)
        self.add_line(foreign, 2, before(self.today, 3), policy=long)
        ghost = self.add_line(move, 1, before(self.today, 3), policy=shared)
        self.env.cr.execute("UPDATE credit_control_line SET policy_level_id = 999999 WHERE id = %s", [ghost])
        rows = self.take()
        types = self.words(rows, "type")
        self.assertIn("settings allow 4", types["Long"])
        self.assertIn("Nobody uses it", types["Nobody's"])
        self.assertIn("no company there", types["Shared"])
        levels = self.words(rows, "level")
        self.assertIn("no days there: it was put 7 days", levels["Shared / Reminder 1"])
        self.assertIn("“pigeon” is not known", levels["Shared / Reminder 1"])
        self.assertIn("no text there", levels["Shared / Reminder 1"])
        self.assertIn("end of a month; here 33 days", levels["Shared / Reminder 2"])
        self.assertIn("%(y)s, which is not known", levels["Shared / Reminder 2"])
        self.assertIn("Days must ascend", levels["Shared / Reminder 3"])
        self.assertIn("“moon” is not known", levels["Shared / Reminder 3"])
        record = self.env["account.dunning.type"].search([("name", "=", "Shared")])
        self.assertEqual(record.level_ids.mapped("days"), [7, 33, 34])
        self.assertIn("<p>(x) {date} </p>", record.level_ids[1].text)
        self.assertRecordValues(record.level_ids[2], [{"document": "none"}])
        self.assertEqual(record.level_ids[2].action_ids.kind, "activity")
        self.assertIn("settings allow 4", self.words(rows, "customer_type")[self.partner_b.name])
        self.assertEqual(set(self.words(rows, "item").values()), {"Its level was not taken over."})
        self.assertFalse(self.state(move) | self.state(foreign))

    def test_another_policy_since(self):
        """An item that was dunned by another type gets the level of so many days, and it is said."""
        old = self.add_policy("Old", (12, 25))
        move = self.invoice(self.partner_a, 31)
        self.add_line(move, 2, before(self.today, 4), policy=old)
        rows = self.take()
        self.assertEqual(self.state(move).level_id.days, 20)
        self.assertIn("There it was dunned by “Old”, here it is by “Policy”", self.words(rows, "item")[move.name])

    def test_each_language_keeps_its_text(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env.cr.execute(
            "UPDATE credit_control_policy_level SET custom_mail_text = %s, name = %s",
            ['{"en_US": "<p>Pay.</p>", "de_DE": "<p>Zahlen.</p>"}', '{"en_US": "One", "de_DE": "Eins"}'],
        )
        self.take()
        level = self.env["account.dunning.type"].search([("name", "=", "Policy")]).level_ids[0]
        self.assertEqual((level.text, level.name), ("<p>Pay.</p>", "One"))
        german = level.with_context(lang="de_DE")
        self.assertEqual((german.text, german.name), ("<p>Zahlen.</p>", "Eins"))

    def test_who_may(self):
        with self.refused(AccessError, ""):
            self.wizard(user=self.collector)
        wizard = self.wizard()
        with self.refused(AccessError, ""):
            wizard.with_user(self.collector).action_take_over()
        foreign = self.env["res.company"].create({"name": "Foreign"})
        with self.refused(AccessError, ""):
            self.env["account.dunning.takeover"].with_user(self.manager).create(
                {"company_id": foreign.id}
            ).action_preview()

    def test_rows_of_other_companies_stay_there(self):
        other = self.setup_other_company()["company"]
        policy = self.add_policy("Theirs", (10,), company_id=other.id)
        move = self.invoice(self.partner_a, 31)
        self.add_line(move, 1, before(self.today, 20))
        theirs = (
            self.env["account.move"]
            .with_company(other)
            .create(
                self.prepare_invoice(self.partner_a, 31, journal_id=False, company_id=other.id)
                | {
                    "journal_id": self.env["account.journal"]
                    .search([("company_id", "=", other.id), ("type", "=", "sale")])
                    .id
                }
            )
        )
        theirs.action_post()
        self.add_line(theirs, 1, before(self.today, 20), policy=policy)
        rows = self.take()
        self.assertFalse(self.env["account.dunning.type"].sudo().search([("name", "=", "Theirs")]))
        self.assertFalse(self.state(theirs))
        self.assertEqual(rows.company_id, self.company)
        self.assertEqual(rows.filtered(lambda row: row.kind == "notice").move_line_id, self.item(move))

    def test_a_row_opens_what_it_became(self):
        move = self.invoice(self.partner_a, 31)
        self.add_line(move, 1, before(self.today, 20))
        rows = self.take().with_user(self.manager)
        kinds = {row.kind: row.action_open()["res_model"] for row in rows}
        self.assertEqual(kinds["item"], "account.move")
        self.assertEqual(kinds["notice"], "account.dunning.notice")
        self.assertEqual(kinds["level"], "account.dunning.level")
        wizard = self.wizard()
        self.assertTrue(wizard.taken_before)
        action = wizard.action_open_rows()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), rows.sudo())
