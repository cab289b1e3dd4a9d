"""A collector who is nothing else: reaches customers, sends invoices again, and is led to no button that he lacks."""

import itertools
from ast import literal_eval

from lxml import etree

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from ..models.base.names import OPEN_STATES
from .common import DunningCommon, StubLetters


@tagged("post_install", "-at_install")
class TestCollector(StubLetters, DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.moves = cls.env["account.move"]
        cls.writer = cls.new_user("writer", "account_dunning.group_dunning_manager,account.group_account_invoice")
        cls.old, cls.young = cls.stage.invoice(cls.partner_a, 14), cls.stage.invoice(cls.partner_a, 12, 70.0)
        cls.stage.dun()
        cls.plan = cls.old.collection_plan_ids.with_user(cls.collector)

    def test_phone_and_email_are_corrected_on_the_plan(self):
        with Form(self.plan) as form:
            self.assertEqual(form.customer_email, "a@example.com")
            form.customer_email = "new@example.com"
            form.customer_phone = "+1 555 0100"
        self.assertEqual((self.partner_a.email, self.partner_a.phone), ("new@example.com", "+1 555 0100"))
        self.assertEqual(self.partner_a.write_uid, self.collector)
        self.assertIn("a@example.com → new@example.com", " ".join(self.plan.message_ids.mapped("body")))

    def test_nobody_else_corrects_them_by_way_of_a_plan(self):
        clerk = new_test_user(
            self.env,
            login="dunning_clerk",
            groups="base.group_user",
            company_ids=[Command.set(self.company.ids)],
            company_id=self.company.id,
        )
        with self.assertRaises(AccessError):
            self.plan.with_user(clerk).customer_email = "evil@example.com"
        with self.assertRaises(AccessError):
            self.plan.with_user(clerk)._correct_customer("email", "evil@example.com")

    def test_the_address_of_a_user_is_not_for_collectors_to_change(self):
        """Who has the e-mail of a user can have his password reset."""
        plans = self.plan.with_user(self.collector)
        for group, active in (("base.group_system", True), ("base.group_portal", True), ("base.group_system", False)):
            user = new_test_user(self.env, login=f"customer_{group}_{active}", groups=group)
            user.partner_id = self.partner_a
            user.active = active
            for name in ("customer_email", "customer_phone"):
                with self.subTest(group=group, active=active, name=name), self.refused(AccessError, ""):
                    plans.write({name: "evil@example.com"})
            user.partner_id = self.env["res.partner"].create({"name": "Somebody else"})
        self.assertEqual(self.partner_a.email, "a@example.com")

    def test_what_concerns_the_customer_stands_in_one_place(self):
        other = self.young.collection_plan_ids
        other.message_post(body="He called about both", message_type="comment")
        other.activity_schedule("mail.mail_activity_data_call", user_id=self.collector.id)
        other.notice_line_ids.notice_id.message_post(body="Answer of the customer", message_type="comment")
        stranger = self.invoice(self.partner_b, 12)
        self.dun()
        stranger.collection_plan_ids.message_post(body="Somebody else", message_type="comment")
        self.assertEqual(self.plan.customer_plan_ids, self.plan + other)
        self.assertEqual(self.plan.customer_activity_ids, other.activity_ids)
        told = " ".join(self.plan.customer_message_ids.mapped("preview"))
        self.assertIn("He called about both", told)
        self.assertIn("Answer of the customer", told)
        self.assertNotIn("Somebody else", told)

    def test_what_a_colleague_was_notified_of_is_not_shown(self):
        """Core lets nobody else read such a message, though it is about a plan that everybody reads."""
        self.plan.sudo().message_notify(partner_ids=self.manager.partner_id.ids, body="This one is yours now")
        shown = self.plan.customer_message_ids.with_user(self.collector)
        self.assertNotIn("This one is yours now", " ".join(shown.mapped("preview")))
        spec = {"customer_message_ids": {"fields": {"preview": {}}}}
        [values] = self.plan.web_read(spec)
        self.assertNotIn("This one is yours now", str(values))

    def test_items_of_a_plan_show_amount_and_due_date(self):
        item = self.plan.item_state_ids
        self.assertEqual((item.due_date, item.amount_open), (self.old.invoice_date_due, 100.0))

    def test_an_invoice_is_sent_again(self):
        move = self.old.with_user(self.collector)
        action = move.action_invoice_sent()
        wizard = self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"])
        wizard = wizard.create({"move_id": move.id})
        wizard.sending_methods = ["email"]
        wizard.action_send_and_print()
        mail = self.env["mail.mail"].search([("model", "=", "account.move"), ("res_id", "=", move.id)])
        self.assertEqual(mail.create_uid, self.collector)
        self.assertEqual(mail.recipient_ids, self.partner_a)

    def test_write_off_is_offered_at_the_end_of_the_ladder_to_those_who_may(self):
        plan = self.old.collection_plan_ids
        self.assertFalse(plan.with_user(self.writer).can_write_off, "level 2 is still to come")
        self.go(10)
        self.dun()
        self.go(10)
        self.dun()
        self.assertFalse(plan.next_level_id)
        self.assertTrue(plan.with_user(self.writer).can_write_off)
        self.assertFalse(plan.with_user(self.manager).can_write_off, "no invoicing rights")
        self.assertFalse(plan.with_user(self.collector).can_write_off)

    def test_what_the_collector_cannot_do_goes_to_who_can(self):
        action = self.env["account.dunning.action"].create(
            {"name": "Write off", "company_id": self.company.id, "responsible": "manager"}
        )
        plan = self.old.collection_plan_ids
        plan.user_id = self.collector
        able = action._get_responsible(plan)
        self.assertTrue(plan.with_user(able).env.user.has_group("account_dunning.group_dunning_manager"))
        self.assertTrue(able.has_group("account.group_account_invoice"))
        plan.user_id = second = self.new_user(
            "second", "account_dunning.group_dunning_manager,account.group_account_invoice"
        )
        self.assertEqual(action._get_responsible(plan), second)

    def test_open_items_tell_their_days_and_come_in_order(self):
        items = self.env["account.move.line"].with_user(self.collector)
        lines = items.browse((self.item(self.old) + self.item(self.young)).ids)
        self.assertEqual(lines.mapped("dunning_days_overdue"), [14, 12])
        arch = items.get_view(self.env.ref("account_dunning.account_move_line_open_items_view_list").id)["arch"]
        self.assertIn('default_order="date_maturity, id"', arch)

    def test_the_address_is_that_of_the_channel(self):
        notice = self.plan.notice_line_ids.notice_id[:1].sudo()
        notice.document = "letter"
        self.assertIn("Springfield", notice.sent_to)
        notice.document = "email"
        self.assertEqual(notice.sent_to, "a@example.com")

    # the list of plans

    def test_filters_of_plans_do_not_cancel_each_other(self):
        """What only closed plans can be stands beside the states, of which the menu chooses the open ones."""
        arch = etree.fromstring(self.plan.get_view(view_type="search")["arch"])
        groups, closed = [[]], ("keeps_out", "paid_late", "handover_id", "close_reason")
        for node in arch:
            if node.tag == "separator":
                groups.append([])
            elif node.tag == "filter" and node.get("domain"):
                groups[-1].append(node)
        [states] = [group for group in groups if "ongoing" in [node.get("name") for node in group]]
        self.assertTrue({"paused", "stopped", "with_agency"} <= {node.get("name") for node in states})
        for node in itertools.chain.from_iterable(group for group in groups if group is not states):
            with self.subTest(node.get("name")):
                domain = literal_eval(node.get("domain").replace("uid", "1").replace("context_today", "0"))
                for leaf in domain:
                    self.assertFalse(leaf[0] in closed or (leaf[0] == "state" and leaf[2] not in OPEN_STATES))

    def test_my_plans_are_shown_by_the_address_too(self):
        """Who reloads the page runs the action of the menu once more, which knows who has plans of his own."""
        menu = self.env.ref("account_dunning.account_collection_plan_action_menu")
        self.assertEqual(menu.path, "collection-plans")
        self.assertFalse(self.env.ref("account_dunning.account_collection_plan_action").path)
        shown = menu.with_user(self.collector).run()["context"]
        self.assertNotIn("search_default_my_plans", shown)
        self.plan.sudo().user_id = self.collector
        self.assertTrue(menu.with_user(self.collector).run()["context"]["search_default_my_plans"])
