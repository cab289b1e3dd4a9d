"""Proposing and issuing: the way from the overdue invoice to the sent notice (rules §3, §4, §7)."""

import gc
import weakref
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Date
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .common import TODAY, DunningCommon, StubLetters


@tagged("post_install", "-at_install")
class TestPropose(StubLetters, DunningCommon):
    def test_overdue_invoice_is_proposed(self):
        move = self.invoice(self.partner_a, 12, 100.0)
        run = self.run_day()
        self.assertEqual(run.state, "proposed")
        notice = run.notice_ids
        self.assertRecordValues(
            notice,
            [
                {
                    "partner_id": self.partner_a.id,
                    "recipient_id": self.partner_a.id,
                    "level_id": self.level_1.id,
                    "amount_dunned": 100.0,
                    "amount_total": 100.0,
                    "days_overdue": 12,
                    "state": "proposed",
                    "document": "letter",
                    "name": False,
                }
            ],
        )
        self.assertRecordValues(
            notice.line_ids,
            [{"move_line_id": self.item(move).id, "name": move.name, "pending": True, "dunned": True}],
        )
        self.assertIn("12 days overdue", notice.why)

    def test_not_yet_due_and_no_debt_give_nothing(self):
        self.invoice(self.partner_a, 5)
        self.pay(self.invoice(self.partner_b, 12))
        run = self.run_day()
        self.assertFalse(run.notice_ids)
        self.assertEqual(run.state, "done")

    def test_proposing_twice_finds_nothing_new(self):
        self.invoice(self.partner_a, 12)
        run = self.run_day()
        notice = run.notice_ids
        run.action_propose()
        self.work()
        self.assertEqual(run.notice_ids, notice, "the same notice, brought up to date")
        self.assertEqual(len(notice.line_ids), 1)
        other = self.run_day()
        self.assertFalse(other.notice_ids)
        self.assertEqual(other.skipped_ids.mapped("reason"), ["pending"])

    def test_issuing_twice_sends_once(self):
        self.invoice(self.partner_a, 12)
        notices = self.dun()
        with self.assertRaises(UserError):
            notices.action_issue()
        self.work()
        notices.sudo()._set_sent()
        self.assertEqual(self.state(notices.line_ids.move_id).times, 1)
        self.assertFalse(self.run_day().notice_ids)

    def test_escalation_level_by_level(self):
        move = self.invoice(self.partner_a, 45)
        levels = []
        for _week in range(5):
            levels += self.dun().level_id
            self.go(7)
        self.assertEqual(levels, [self.level_1, self.level_2, self.level_3])
        self.assertEqual(self.state(move).level_id, self.level_3)

    def test_catch_up(self):
        self.dunning_type.escalation = "catch_up"
        self.invoice(self.partner_a, 25)
        self.assertEqual(self.dun().level_id, self.level_2)

    def test_one_notice_with_each_line_at_its_own_level(self):
        old = self.invoice(self.partner_a, 22)
        self.dun()
        self.go(8)
        new = self.invoice(self.partner_a, 11)
        [notice] = self.dun()
        self.assertEqual(notice.level_id, self.level_2)
        self.assertEqual(self.state(old).level_id, self.level_2)
        self.assertEqual(self.state(new).level_id, self.level_1)

    def test_instalments_are_items_of_their_own(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 30}),
                ],
            }
        )
        move = self.invoice(self.partner_a, 20, invoice_payment_term_id=term.id)
        [notice] = self.dun()
        self.assertEqual(notice.amount_total, 50.0)
        self.assertEqual(notice.line_ids.move_line_id, self.item(move))

    def test_credits_lower_the_claim(self):
        self.invoice(self.partner_a, 12, 100.0)
        self.invoice(self.partner_a, 1, 30.0, move_type="out_refund")
        notice = self.run_day().notice_ids
        self.assertEqual((notice.amount_dunned, notice.amount_credit, notice.amount_total), (100.0, 30.0, 70.0))

    def test_covered_customer_is_listed_for_allocation(self):
        self.invoice(self.partner_a, 12, 100.0)
        self.invoice(self.partner_a, 1, 100.0, move_type="out_refund")
        run = self.run_day()
        self.assertFalse(run.notice_ids)
        self.assertRecordValues(
            run.skipped_ids,
            [{"partner_id": self.partner_a.id, "reason": "credits", "amount": 100.0, "item_count": 1}],
        )

    def test_minimum_amount(self):
        self.dunning_type.minimum_amount = 100.0
        self.invoice(self.partner_a, 12, 99.99)
        self.invoice(self.partner_b, 12, 100.0)
        run = self.run_day()
        self.assertEqual(run.notice_ids.partner_id, self.partner_b)
        self.assertEqual(run.skipped_ids.mapped("reason"), ["minimum"])

    def test_two_currencies_two_notices(self):
        self.invoice(self.partner_a, 12)
        self.invoice(self.partner_a, 12, currency_id=self.other_currency.id)
        notices = self.run_day().notice_ids
        self.assertEqual(notices.currency_id, self.company.currency_id + self.other_currency)
        self.assertEqual(len(notices), 2)

    def test_recipient(self):
        contact = self.partner_a.create(
            {"name": "Purchasing", "parent_id": self.partner_a.id, "email": "p@example.com"}
        )
        self.invoice(contact, 12)
        self.assertEqual(self.run_day().notice_ids.recipient_id, contact)

    def test_archived_contacts_get_nothing(self):
        """The next in the row does: dunning contact, contact of the invoices, invoice address, customer."""
        buyer, dunned, address = self.env["res.partner"].create(
            [
                {"name": name, "parent_id": self.partner_a.id, "type": kind, "email": f"{name}@example.com"}
                for name, kind in (("buyer", "contact"), ("dunned", "contact"), ("address", "invoice"))
            ]
        )
        self.partner_a.dunning_contact_id = dunned
        self.invoice(buyer, 12)
        for recipient in (dunned, buyer, address, self.partner_a):
            with self.subTest(recipient.name):
                notice = self.run_day().notice_ids
                self.assertEqual(notice.recipient_id, recipient)
                notice.run_id.action_cancel()
                (recipient - self.partner_a).active = False

    def test_a_contact_archived_after_the_proposal_gets_nothing(self):
        """Who gets the notice instead may read another language, and may have no e-mail address."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.dunning_type.level_ids.document = "email_letter"
        self.partner_a.email = "a@example.com"
        gone, dunned = self.env["res.partner"].create(
            [
                {"name": "Gone", "parent_id": self.partner_a.id, "email": "gone@example.com", "lang": "en_US"},
                {"name": "Dunned", "parent_id": self.partner_b.id, "city": "Paris", "zip": "75001", "lang": "fr_FR"},
            ]
        )
        contacts = gone + gone.copy({"parent_id": self.partner_b.id})
        self.invoice(contacts[0], 12)
        self.invoice(contacts[1], 12)
        notices = self.run_day().notice_ids.sorted("partner_id")
        self.assertEqual((notices.recipient_id, set(notices.mapped("document"))), (contacts, {"email"}))
        contacts.active = False
        self.partner_b.dunning_contact_id = dunned
        self.issue(notices)
        self.assertRecordValues(
            notices,
            [
                {"recipient_id": self.partner_a.id, "lang": self.partner_a.lang, "document": "email"},
                {"recipient_id": dunned.id, "lang": "fr_FR", "document": "letter"},
            ],
        )

    def test_archived_contacts_of_single_invoices(self):
        self.dunning_type.recipient_rule = "invoice"
        contacts = self.env["res.partner"].create(
            [{"name": name, "parent_id": self.partner_a.id, "email": "x@example.com"} for name in ("Here", "Gone")]
        )
        moves = [self.invoice(contact, 12) for contact in contacts]
        contacts[1].active = False
        notices = self.run_day().notice_ids
        self.assertEqual(
            {notice.recipient_id: notice.line_ids.move_line_id.move_id for notice in notices},
            {contacts[0]: moves[0], self.partner_a: moves[1]},
        )

    def test_dunning_contact(self):
        contact = self.partner_a.create({"name": "Accounts", "parent_id": self.partner_a.id, "email": "p@example.com"})
        self.partner_a.dunning_contact_id = contact
        self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        self.assertEqual((notice.recipient_id, notice.partner_id), (contact, self.partner_a))

    def test_item_without_due_date_counts_from_its_invoice(self):
        move = self.invoice(self.partner_a, 12)
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_move_line SET date_maturity = NULL WHERE id = %s", self.item(move).ids)
        self.env.invalidate_all()
        self.assertEqual(self.run_day().notice_ids.days_overdue, 12)

    def test_item_without_any_due_date_counts_from_its_own_day(self):
        move, other = self.invoice(self.partner_a, 12), self.invoice(self.partner_b, -12)  # dated today
        self.env.flush_all()
        items = (self.item(move) + self.item(other)).ids
        self.env.cr.execute("UPDATE account_move_line SET date_maturity = NULL WHERE id = ANY(%s)", [items])
        self.env.cr.execute("UPDATE account_move SET invoice_date_due = NULL WHERE id = %s", move.ids)
        self.env.invalidate_all()
        run = self.run_day()
        self.assertEqual(run.notice_ids.partner_id, self.partner_a)
        self.assertEqual(run.notice_ids.days_overdue, (TODAY - self.item(move).date).days)

    def test_filters_of_the_run(self):
        self.invoice(self.partner_a, 12)
        self.invoice(self.partner_b, 12)
        run = self.run_day(partner_ids=[Command.set(self.partner_b.ids)])
        self.assertEqual(run.notice_ids.partner_id, self.partner_b)
        other_type = self.make_type("Other", (5,))
        run = self.run_day(type_ids=[Command.set(other_type.ids)])
        self.assertFalse(run.notice_ids)
        run = self.run_day(level_ids=[Command.set(self.level_2.ids)])
        self.assertFalse(run.notice_ids)

    def test_a_filter_that_is_archived_does_not_mean_all(self):
        self.invoice(self.partner_a, 12)
        self.invoice(self.partner_b, 12)
        for name, chosen in (
            ("partner_ids", self.partner_a.copy({"name": "Nothing Due"})),
            ("type_ids", self.make_type("Other", (5,))),
            ("level_ids", self.level_2),
        ):
            with self.subTest(name=name):
                chosen.active = False
                run = self.run_day(**{name: [Command.set(chosen.ids)]})
                self.assertFalse(run.notice_ids.ids + run.skipped_ids.ids)
                self.assertEqual(run[name], chosen, "the form shows it")

    def test_a_customer_who_got_a_parent_does_not_mean_all(self):
        chosen = self.partner_a.copy({"name": "Bought"})
        self.invoice(self.partner_a, 12)
        run = self.env["account.dunning.run"].create({"partner_ids": [Command.set(chosen.ids)]})
        chosen.parent_id = self.partner_b.copy({"name": "Buyer", "is_company": True})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(run.partner_ids, chosen)
        run.action_propose()
        self.work()
        self.assertFalse(run.notice_ids.ids + run.skipped_ids.ids)

    def test_run_after_tomorrow_is_refused(self):
        self.run_day(date=Date.add(TODAY, days=1))
        with self.refused(ValidationError, "after tomorrow"):
            self.run_day(date=Date.add(TODAY, days=2))

    def test_run_before_the_last_notice_leaves_the_customer_out(self):
        self.invoice(self.partner_a, 45)
        self.dun()
        run = self.run_day(date=Date.subtract(TODAY, days=3))
        self.assertFalse(run.notice_ids)
        self.assertEqual(run.skipped_ids.mapped("reason"), ["later"])

    def test_a_bad_customer_does_not_stop_the_run(self):
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {number}", "city": "Here", "zip": "1"} for number in range(5)]
        )
        for partner in partners:
            self.invoice(partner, 12)
        runs = type(self.env["account.dunning.run"])
        original = runs._prepare_one_notice_vals

        def broken(run, proposal, recipient):
            if proposal.customer == partners[2].id:
                raise ValueError("this customer is broken")
            return original(run, proposal, recipient)

        with patch.object(runs, "_prepare_one_notice_vals", broken):
            run = self.run_day()
        self.assertEqual(run.notice_ids.partner_id, partners - partners[2])
        self.assertRecordValues(
            run.skipped_ids,
            [{"partner_id": partners[2].id, "reason": "error", "note": "this customer is broken"}],
        )
        self.assertEqual(run.state, "proposed")

    def test_the_garbage_collector_goes_on_after_an_error(self):
        self.invoice(self.partner_a, 12)
        runs = type(self.env["account.dunning.run"])
        seen = []

        def conflict(run, partner_ids):
            seen.append(gc.isenabled())
            raise SerializationFailure()

        with patch.object(runs, "_propose", conflict), self.assertRaises(SerializationFailure):
            self.run_day()
        self.assertEqual(set(seen), {False})
        self.assertTrue(gc.isenabled())

    def test_what_a_failed_attempt_has_made_is_gone_before_the_next(self):
        """Else the halves of a big chunk would need its memory once more."""
        self.invoice(self.partner_a, 12)
        self.invoice(self.partner_b, 12)
        runs, made, alive = type(self.env["account.dunning.run"]), [], []

        class Assessments(dict):
            pass

        def fail(run, partner_ids):
            alive.append(sum(reference() is not None for reference in made))
            assessments = Assessments()
            made.append(weakref.ref(assessments))
            raise ValueError(len(partner_ids))

        with patch.object(runs, "_propose", fail):
            run = self.run_day()
        self.assertEqual(alive, [0, 0, 0])
        self.assertEqual(run.skipped_ids.mapped("note"), ["1", "1"])

    def test_the_queries_of_a_chunk_are_not_compiled_and_prefer_an_index(self):
        self.invoice(self.partner_a, 12)
        runs = type(self.env["account.dunning.run"])
        seen = []

        def look(run, partner_ids):
            names = ("jit", "random_page_cost")
            seen.append([self.env.execute_query(SQL("SELECT current_setting(%s)", name))[0][0] for name in names])

        chunks = type(self.env["account.dunning.run.chunk"])
        divide = chunks._divide

        def divide_and_look(chunk, run):
            self.env.cr.execute("SET LOCAL jit = on; SET LOCAL random_page_cost = 4")
            divide(chunk, run)
            look(run, ())
            self.env.cr.execute("SET LOCAL jit = on; SET LOCAL random_page_cost = 4")

        with patch.object(runs, "_propose", look), patch.object(chunks, "_divide", divide_and_look):
            self.run_day()
        self.assertEqual(seen, [["off", "1.1"]] * 2)

    def test_no_address_is_skipped(self):
        self.partner_a.write({"email": False, "street": False, "zip": False, "city": False})
        self.invoice(self.partner_a, 12)
        self.assertEqual(self.run_day().skipped_ids.mapped("reason"), ["address"])

    def test_channel(self):
        self.dunning_type.level_ids.document = "email_letter"
        self.invoice(self.partner_a, 12)
        self.invoice(self.partner_b, 12)
        channels = {notice.partner_id: notice.document for notice in self.run_day().notice_ids}
        self.assertEqual(channels, {self.partner_a: "email", self.partner_b: "letter"})


@tagged("post_install", "-at_install")
class TestObstacles(StubLetters, DunningCommon):
    def assert_skipped(self, *reasons):
        run = self.run_day()
        self.assertFalse(run.notice_ids)
        self.assertEqual(run.skipped_ids.mapped("reason"), list(reasons))

    def test_no_followup(self):
        self.item(self.invoice(self.partner_a, 12)).no_followup = True
        self.assert_skipped("no_followup")

    def test_blocked(self):
        self.invoice(self.partner_a, 12).action_toggle_block_payment()
        self.assert_skipped("blocked")

    def test_debit_notes_only_where_the_company_duns_them(self):
        origin = self.invoice(self.partner_b, -30)
        self.invoice(self.partner_a, 12, debit_origin_id=origin.id)
        self.assert_skipped("document")
        self.settings.invoice_type_ids += self.shipped("invoice_type_debit_note")
        self.assertTrue(self.run_day().notice_ids)

    def test_start_date(self):
        self.settings.start_date = Date.subtract(TODAY, days=11)
        self.invoice(self.partner_a, 12)
        self.assert_skipped("start")
        self.settings.start_date = Date.subtract(TODAY, days=12)
        self.assertTrue(self.run_day().notice_ids)

    def test_no_type(self):
        self.dunning_type.default = False
        self.invoice(self.partner_a, 12)
        self.assert_skipped("no_type")

    def test_online_payment_pending(self):
        move = self.invoice(self.partner_a, 12)
        provider = self.env["payment.provider"].search([], limit=1)
        transaction = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env["payment.method"].search([], limit=1).id,
                "reference": "TX-1",
                "amount": 100.0,
                "currency_id": self.company.currency_id.id,
                "partner_id": self.partner_a.id,
                "invoice_ids": [Command.set(move.ids)],
            }
        )
        transaction._set_pending()
        self.assert_skipped("online")
        self.go(10)
        self.assertTrue(self.run_day().notice_ids)

    def test_payment_in_process_without_an_entry(self):
        move = self.invoice(self.partner_a, 12)
        payment = self.env["account.payment"].create(
            {"partner_id": self.partner_a.id, "amount": 100.0, "invoice_ids": [Command.set(move.ids)]}
        )
        # without the outstanding account of Community, as Enterprise and direct debits do
        self.set_state(payment, "in_process")
        self.assert_skipped("payment")
        self.set_state(payment, "rejected")
        self.assertTrue(self.run_day().notice_ids)

    def set_state(self, payment, state):
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_payment SET state = %s, move_id = NULL WHERE id = %s", [state, payment.id])
        self.env.invalidate_all()

    def test_payment_back_to_draft_opens_the_item(self):
        move = self.invoice(self.partner_a, 12)
        payment = self.pay(move)
        self.assertFalse(self.run_day().notice_ids)
        payment.action_draft()
        self.env.cr.precommit.run()
        self.assertTrue(self.run_day().notice_ids)


@tagged("post_install", "-at_install")
class TestType(StubLetters, DunningCommon):
    def test_order_of_choice(self):
        tag = self.env["res.partner.category"].create({"name": "VIP"})
        by_tag = self.make_type("Tag", (5,), sequence=1, category_ids=[Command.set(tag.ids)])
        by_domain = self.make_type("Domain", (5,), sequence=2, partner_domain="[('zip', '=', '12345')]")
        own = self.make_type("Own", (5,), sequence=3)
        invoice_type = self.make_type("Invoice", (5,), sequence=4)
        move = self.invoice(self.partner_a, 12)
        self.assertEqual(self.run_day().notice_ids.type_id, by_domain)
        self.partner_a.category_id = tag
        self.assertEqual(self.chosen(), by_tag)
        self.partner_a.dunning_type_id = own
        self.assertEqual(self.chosen(), own)
        move.dunning_type_id = invoice_type
        self.assertEqual(self.chosen(), invoice_type)
        own.active = invoice_type.active = False
        self.assertEqual(self.chosen(), by_tag, "archived types are passed over")

    def chosen(self):
        run = self.env["account.dunning.run"].search([], limit=1, order="id desc")
        run.action_propose()
        self.work()
        return run.notice_ids.type_id

    def test_a_rule_whose_tag_is_archived_takes_no_more_customers(self):
        tag = self.env["res.partner.category"].create({"name": "VIP"})
        rule = self.make_type(
            "Tag", (5,), sequence=1, category_ids=[Command.set(tag.ids)], partner_domain="[('zip', '!=', False)]"
        )
        self.partner_b.category_id = tag
        self.invoice(self.partner_a, 12)
        self.invoice(self.partner_b, 12)
        for active in (True, False):
            tag.active = active
            run = self.run_day()
            self.assertEqual(run.notice_ids.filtered(lambda notice: notice.type_id == rule).partner_id, self.partner_b)
            self.assertEqual(run.notice_ids.partner_id, self.partner_a + self.partner_b)
            run.action_cancel()

    def test_the_type_of_a_customer_set_in_a_branch(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        own = self.make_type("Own", (5,), sequence=3)
        self.partner_a.with_company(branch).dunning_type_id = own
        self.invoice(self.partner_a, 12)
        run = self.run_day()
        self.assertEqual(run.notice_ids.type_id, own)
        self.partner_a.dunning_type_id = self.dunning_type
        self.assertEqual(self.chosen(), self.dunning_type, "the root company's comes first")

    def test_a_rule_is_its_domain_and_any_of_its_tags(self):
        tag = self.env["res.partner.category"].create({"name": "VIP"})
        both = self.make_type(
            "Both",
            (5,),
            sequence=1,
            category_ids=[Command.set(tag.ids)],
            partner_domain="[('zip', '=', '12345')]",
        )
        self.partner_a.category_id = tag
        self.partner_b.write({"category_id": tag, "zip": "1"})
        self.invoice(self.partner_a, 12)
        self.invoice(self.partner_b, 12)
        types = {notice.partner_id: notice.type_id for notice in self.run_day().notice_ids}
        self.assertEqual(types, {self.partner_a: both, self.partner_b: self.dunning_type})

    def test_an_open_plan_keeps_its_type(self):
        move = self.invoice(self.partner_a, 12)
        self.dun()
        self.partner_a.dunning_type_id = self.make_type("Own", (5, 15))
        self.go(10)
        self.assertEqual(self.dun().level_id, self.level_2)
        self.assertEqual(move.collection_plan_ids.type_id, self.dunning_type)


@tagged("post_install", "-at_install")
class TestIssue(StubLetters, DunningCommon):
    def test_letters_are_sent_when_printed(self):
        move = self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        self.issue(notice)
        self.assertEqual((notice.state, notice.run_id.state), ("to_print", "unfinished"))
        self.assertTrue(notice.name)
        self.assertFalse(self.state(move), "not sent: no level")
        notice._confirm_printed()
        self.assertEqual(notice.state, "sent")
        self.assertEqual(self.state(move).level_id, self.level_1)

    def test_letters_are_sent_when_made_where_set_so(self):
        self.settings.letter_sent = "made"
        self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        self.issue(notice)
        self.assertEqual(notice.state, "sent")

    def test_level_without_document_starts_its_actions(self):
        action = self.env["account.dunning.action"].create({"name": "Call", "user_id": self.collector.id})
        self.level_1.write({"document": "none", "action_ids": [Command.set(action.ids)]})
        move = self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        self.issue(notice)
        self.assertEqual(notice.state, "sent")
        self.assertFalse(notice.attachment_id)
        activity = move.collection_plan_ids.activity_ids
        self.assertEqual((activity.summary, activity.user_id), ("Call", self.collector))

    def test_server_action(self):
        server_action = self.env["ir.actions.server"].create(
            {
                "name": "Mark",
                "model_id": self.env["ir.model"]._get_id("account.collection.plan"),
                "state": "code",
                "code": "records.message_post(body='marked')",
            }
        )
        self.level_1.action_ids = self.env["account.dunning.action"].create(
            {"name": "Mark", "kind": "server_action", "server_action_id": server_action.id}
        )
        move = self.invoice(self.partner_a, 12)
        self.dun()
        self.assertIn("marked", "".join(move.collection_plan_ids.message_ids.mapped("body")))

    def test_a_failing_action_is_noted_and_stops_nothing(self):
        server_action = self.env["ir.actions.server"].create(
            {
                "name": "Fail",
                "model_id": self.env["ir.model"]._get_id("account.collection.plan"),
                "state": "code",
                "code": "raise UserError('no way')",
            }
        )
        self.level_1.action_ids = self.env["account.dunning.action"].create(
            {"name": "Fail", "kind": "server_action", "server_action_id": server_action.id}
        )
        move = self.invoice(self.partner_a, 12)
        with mute_logger("odoo.addons.base.models.ir_actions"):
            self.assertEqual(self.dun().state, "sent")
        self.assertIn("no way", "".join(move.collection_plan_ids.message_ids.mapped("body")))

    def test_settled_items_drop_out_before_leaving(self):
        paid, open_ = self.invoice(self.partner_a, 12, 100.0), self.invoice(self.partner_a, 13, 50.0)
        notice = self.run_day().notice_ids
        self.pay(paid)
        self.pay(open_, 20.0)
        self.issue(notice)
        self.assertEqual(notice.line_ids.move_id, open_)
        self.assertEqual((notice.amount_total, notice.state), (30.0, "to_print"))

    def test_the_text_follows_the_highest_level_that_is_left(self):
        old = self.invoice(self.partner_a, 22)
        self.dun()
        self.go(8)
        new = self.invoice(self.partner_a, 11)
        notice = self.run_day().notice_ids
        self.assertEqual(notice.level_id, self.level_2)
        self.pay(old)
        self.issue(notice)
        self.assertEqual((notice.level_id, notice.line_ids.move_id), (self.level_1, new))

    def test_a_rejected_payment_on_account_is_no_credit(self):
        self.invoice(self.partner_a, 12, 100.0)
        payment = self.env["account.payment"].create({"partner_id": self.partner_a.id, "amount": 100.0})
        payment.action_post()
        run = self.run_day()
        self.assertEqual(run.skipped_ids.mapped("reason"), ["credits"])
        payment.state = "rejected"
        self.assertEqual(self.run_day().notice_ids.amount_total, 100.0)

    def test_a_run_of_another_type_leaves_the_next_dates_alone(self):
        move = self.invoice(self.partner_a, 12)
        self.dun()
        other = self.make_type("Other", (5,))
        self.run_day(type_ids=[Command.set(other.ids)])
        self.assertEqual(move.collection_plan_ids.next_level_id, self.level_2)

    def test_an_empty_notice_is_cancelled_with_the_cause(self):
        move = self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        self.pay(move)
        self.issue(notice)
        self.assertEqual((notice.state, notice.cancel_reason), ("cancelled", "Settled in the meantime"))
        self.assertFalse(notice.line_ids.pending)
        self.assertEqual(notice.run_id.state, "done")

    def test_held_items_drop_out_before_leaving(self):
        move = self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        self.hold(move)
        self.issue(notice)
        self.assertEqual((notice.state, notice.cancel_reason), ("cancelled", "On hold"))

    def hold(self, move):
        reason = self.shipped("reason_dispute")
        self.env["account.dunning.hold"].create({"move_id": move.id, "reason_id": reason.id})

    def test_a_letter_to_print_is_withdrawn_when_paid(self):
        move = self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        self.issue(notice)
        self.pay(move)
        self.assertEqual(notice.state, "queued")
        self.work()
        self.assertEqual(notice.state, "cancelled")

    def test_the_day_it_leaves_is_its_date(self):
        self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        self.go(2)
        self.issue(notice)
        self.assertEqual((notice.date, notice.days_overdue), (self.today, 14))
        self.assertEqual(notice.deadline_date, Date.add(self.today, days=6))

    def test_a_bad_notice_does_not_stop_the_others(self):
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {number}", "city": "Here", "zip": "1"} for number in range(5)]
        )
        for partner in partners:
            self.invoice(partner, 12)
        run = self.run_day()
        bad = run.notice_ids.filtered(lambda notice: notice.partner_id == partners[2])

        def broken(report, notices):
            if bad in notices:
                raise ValueError("cannot be rendered")
            return dict.fromkeys(notices.ids, b"%PDF-1.4")

        with patch.object(type(self.env["ir.actions.report"]), "_render_dunning_letters", broken):
            self.issue(run.notice_ids)
        self.assertEqual((bad.state, bad.failure), ("failed", "cannot be rendered"))
        self.assertEqual(set((run.notice_ids - bad).mapped("state")), {"to_print"})
        self.assertEqual(run.state, "unfinished", "failed notices do not hold up the run")
        self.assertFalse(self.run_day(partner_ids=[Command.set(partners[2].ids)]).notice_ids, "it keeps its items")
        bad.action_retry()
        self.work()
        self.assertEqual(bad.state, "to_print")

    def test_numbers_are_drawn_when_issued(self):
        self.invoice(self.partner_a, 12)
        self.invoice(self.partner_b, 12)
        notices = self.run_day().notice_ids
        self.assertEqual(set(notices.mapped("name")), {False})
        self.issue(notices)
        self.assertEqual(len(set(notices.mapped("name"))), 2)

    def test_reminder(self):
        reminder = self.env["account.dunning.level"].create(
            {
                "type_id": self.dunning_type.id,
                "name": "Soon",
                "days": -5,
                "reminder": True,
                "document": "letter",
                "text": "<p>x</p>",
            }
        )
        move = self.invoice(self.partner_a, -3)
        [notice] = self.dun()
        self.assertEqual((notice.level_id, notice.reminder), (reminder, True))
        self.assertFalse(move.collection_plan_ids, "a reminder opens no plan")
        self.assertFalse(self.state(move).level_id)
        self.assertFalse(self.run_day().notice_ids, "once only")
        self.go(13)
        self.assertEqual(self.dun().level_id, self.level_1)

    def test_delete_only_what_was_not_sent(self):
        self.invoice(self.partner_a, 12)
        run = self.run_day()
        self.invoice(self.partner_b, 12)
        sent = self.run_day()
        self.send(sent.notice_ids)
        run.unlink()
        with self.refused(UserError, "cannot be deleted"):
            sent.unlink()

    def test_cancel_run(self):
        move = self.invoice(self.partner_a, 12)
        run = self.run_day()
        run.action_cancel()
        self.assertEqual((run.state, run.notice_ids.state), ("cancelled", "cancelled"))
        self.assertEqual(self.run_day().notice_ids.line_ids.move_id, move, "its items are free again")


@tagged("post_install", "-at_install")
class TestNightly(StubLetters, DunningCommon):
    def night(self):
        """What the scheduled action does, for the company of the test alone."""
        runs = self.env["account.dunning.run"].sudo()
        self.env["account.dunning.hold"]._cron_end_holds()
        runs._start_nightly(self.company)
        self.work()
        return runs.search([("company_id", "=", self.company.id), ("nightly", "=", True)])

    def test_one_open_run_brought_up_to_date(self):
        stays, paid = self.invoice(self.partner_a, 12), self.invoice(self.partner_b, 12)
        run = self.night()
        notice = run.notice_ids.filtered(lambda notice: notice.partner_id == self.partner_a)
        self.assertEqual(len(run.notice_ids), 2)
        self.pay(paid)
        self.pay(stays, 40.0)
        self.go(1)
        self.assertEqual(self.night(), run)
        self.assertEqual(run.notice_ids, notice, "what is no longer due goes")
        self.assertEqual((notice.amount_total, notice.days_overdue, run.date), (60.0, 13, self.today))

    def test_nothing_is_done_twice_on_one_day(self):
        self.settings.write({"auto_issue": True, "letter_sent": "made"})
        self.invoice(self.partner_a, 12)
        run = self.night()
        self.assertEqual(self.night(), run, "no second run on the same day")
        self.assertEqual(len(run.notice_ids), 1)

    def test_keeps_what_a_person_changed(self):
        self.invoice(self.partner_a, 12)
        run = self.night()
        notice = run.notice_ids
        notice._move_to_level(self.level_2)
        self.go(1)
        self.night()
        self.assertEqual(run.notice_ids, notice)
        self.assertEqual((notice.level_id, notice.days_overdue), (self.level_2, 13))
        self.send(notice)
        self.assertEqual(notice.line_ids.level_id, self.level_2)

    def test_excluded_notices_stay_away_until_the_date(self):
        move = self.invoice(self.partner_a, 12)
        run = self.night()
        self.env["account.dunning.exclude"].create({"notice_ids": [Command.set(run.notice_ids.ids)]}).action_exclude()
        self.assertEqual(run.notice_ids.state, "excluded")
        self.go(7)
        self.assertEqual(
            self.night().notice_ids.filtered(lambda notice: notice.state == "proposed"),
            run.browse().notice_ids,
        )
        self.go(1)
        self.assertEqual(self.night()[0].notice_ids.filtered("line_ids.pending").line_ids.move_id, move)

    def test_exclude_one_line(self):
        keep, drop = self.invoice(self.partner_a, 12, 100.0), self.invoice(self.partner_a, 13, 50.0)
        notice = self.run_day().notice_ids
        line = notice.line_ids.filtered(lambda line: line.move_id == drop)
        self.env["account.dunning.exclude"].create({"line_ids": [Command.set(line.ids)]}).action_exclude()
        self.assertEqual(notice.line_ids.move_id, keep)
        self.assertEqual((notice.amount_total, notice.state), (100.0, "proposed"))

    def test_stops_at_proposed_with_a_todo(self):
        self.invoice(self.partner_a, 12)
        run = self.night()
        self.assertEqual(run.state, "proposed")
        self.assertIn(self.manager, run.activity_ids.user_id)
        count = len(run.activity_ids)
        self.go(1)
        self.night()
        self.assertEqual(len(run.activity_ids), count, "no second to-do")
        self.send(run.notice_ids)
        self.assertFalse(run.activity_ids)

    def test_issues_automatically_but_what_a_person_releases(self):
        self.settings.write({"auto_issue": True, "letter_sent": "made"})
        self.level_2.manual_release = True
        self.invoice(self.partner_a, 12)
        run = self.night()
        self.assertEqual((run.notice_ids.state, run.state), ("sent", "done"))
        self.go(10)
        second = self.night() - run
        self.assertEqual((second.notice_ids.level_id, second.notice_ids.state), (self.level_2, "proposed"))

    def test_letters_not_printed_are_made_anew(self):
        self.invoice(self.partner_a, 12)
        run = self.night()
        self.issue(run.notice_ids)
        self.invoice(self.partner_b, 12)
        self.go(1)
        self.night()
        letter = run.notice_ids.filtered(lambda notice: notice.partner_id == self.partner_a)
        self.assertEqual((letter.state, letter.date), ("to_print", self.today))


@tagged("post_install", "-at_install")
class TestQueries(StubLetters, DunningCommon):
    def test_queries_do_not_grow_with_the_items(self):
        """Proposing 2,000 invoices takes hardly more queries than proposing 200."""
        few = self.count_queries(200)
        many = self.count_queries(2000)
        self.assertLessEqual(many, few + 12, f"{few} queries for 200 items, {many} for 2,000")

    def count_queries(self, count):
        template = self.invoice(self.partner_b, 12)
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {number}", "city": "Here", "zip": "1"} for number in range(count // 5)]
        )
        self.copy_invoices(template, partners, 5)
        run = self.env["account.dunning.run"].create(
            {"company_id": self.company.id, "partner_ids": [Command.set(partners.ids)]}
        )
        run.action_propose()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.work()
        queries = self.env.cr.sql_log_count - before
        self.assertEqual(sum(run.notice_ids.mapped("line_count")), count)
        return queries

    def copy_invoices(self, template, partners, each):
        """Copy the posted ``template`` ``each`` times for every partner, by SQL."""
        self.env.flush_all()
        for partner_ids in [partners.ids]:
            self.env.cr.execute(
                """
                WITH moves AS (
                    INSERT INTO account_move (name, partner_id, commercial_partner_id, move_type, state, date,
                        invoice_date, invoice_date_due, journal_id, company_id, currency_id, payment_state, auto_post)
                    SELECT 'COPY/' || partner || '/' || number, partner, partner, move_type, state, date,
                        invoice_date, invoice_date_due, journal_id, company_id, currency_id, payment_state, auto_post
                      FROM account_move, unnest(%s) partner, generate_series(1, %s) number
                     WHERE id = %s
                    RETURNING id, partner_id, name
                )
                INSERT INTO account_move_line (move_id, move_name, partner_id, parent_state, date, date_maturity,
                    account_id, journal_id, company_id, currency_id, company_currency_id, amount_currency, balance,
                    debit, amount_residual, amount_residual_currency, reconciled, display_type)
                SELECT moves.id, moves.name, moves.partner_id, line.parent_state, line.date, line.date_maturity,
                    line.account_id, line.journal_id, line.company_id, line.currency_id, line.company_currency_id,
                    line.amount_currency, line.balance, line.debit, line.amount_residual,
                    line.amount_residual_currency, line.reconciled, line.display_type
                  FROM moves, account_move_line line WHERE line.id = %s
                """,
                [partner_ids, each, template.id, self.item(template).id],
            )
        self.env.invalidate_all()
