"""What levels set: credit stop, payment term, collection status; and how it is taken back (rules §2, §6)."""

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .test_plan_states import PlanStatesCommon
from .test_write_off import WriteOffCommon

# What closes a plan or takes its level away, from the level that stops credit; see PlanStatesCommon.do.
ENDINGS = ("pay", "credit", "draft", "move_due_date", "stop", "undo", "undo_at_once", "level_none", "switch_none")


class ConsequencesCommon(PlanStatesCommon):
    """A plan at level 1; level 2 stops credit and sets the term ``at_once``, level 3 sets the status *legal*."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own, cls.at_once, cls.advance = cls.env["account.payment.term"].create(
            [{"name": "Own", "company_id": False}, {"name": "At Once"}, {"name": "Advance"}]
        )
        cls.partner_a.property_payment_term_id = cls.own
        cls.level_2.write({"credit_stop": True, "payment_term_id": cls.at_once.id})
        cls.level_3.collection_status = "legal"
        cls.clerk = cls.new_user("clerk", "account.group_account_invoice")

    def raise_level(self):
        """Let the next notice leave, which is that of level 2."""
        self.go(10)
        self.dun()
        self.assertEqual(self.plan.level_id, self.level_2)

    def bounce(self):
        notice = self.plan._get_latest_notice().sudo()
        notice.document = "email"
        self.come_back(notice)

    def draft(self, partner=None, move_type="out_invoice", company=None, **values):
        return (
            self.env["account.move"]
            .with_company(company or self.company)
            .create(
                {
                    "move_type": move_type,
                    "partner_id": (partner or self.partner_a).id,
                    "invoice_date": self.today,
                    "invoice_line_ids": [Command.create({"name": "Goods", "price_unit": 50.0, "tax_ids": []})],
                    **values,
                }
            )
        )

    def stopped(self, partner=None):
        partner = partner or self.partner_a
        partner.invalidate_recordset()
        return partner.dunning_credit_stop

    def term(self, partner=None, company=None):
        partner = (partner or self.partner_a).with_company(company or self.company)
        partner.invalidate_recordset()
        return partner.property_payment_term_id

    def notes(self, record, text):
        """How often ``text`` stands in the chatter of ``record``."""
        record.invalidate_recordset()
        return sum(text in str(body) for body in record.message_ids.mapped("body"))

    def rows(self):
        return self.env["account.dunning.consequence"].search([])


@tagged("post_install", "-at_install")
class TestCreditStop(ConsequencesCommon):
    def test_set_by_a_notice(self):
        self.assertFalse(self.stopped())
        self.raise_level()
        self.assertTrue(self.stopped())
        self.assertRegex(
            self.partner_a.dunning_credit_banner, f"collection plan “{self.plan.name}” is at level “Test 20”"
        )
        for record in (self.partner_a, self.plan):
            self.assertEqual(self.notes(record, "Credit stop (company_1_data): collection plan"), 1, record)

    def test_set_by_hand_skip_and_switch(self):
        self.other_type.level_ids[1].credit_stop = True
        for name, values in (
            ("level", {"level_id": self.level_2}),
            ("switch", {"level_id": self.other_type.level_ids[1]}),
        ):
            with self.trial(kind=name):
                self.change(name, **values)
                self.assertTrue(self.stopped())
                self.assertEqual(self.rows().stop_plan_id, self.plan)

    def test_what_is_blocked(self):
        """New invoices and receipts of the customer and his contacts; drafts, credit notes and bills are not."""
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.partner_a.id})
        cases = [
            (self.partner_a, "out_invoice", True),
            (self.partner_a, "out_receipt", True),
            (contact, "out_invoice", True),
            (self.partner_a, "out_refund", False),
            (self.partner_a, "in_invoice", False),
            (self.partner_b, "out_invoice", False),
        ]
        self.raise_level()
        for partner, move_type, blocked in cases:
            with self.subTest(partner=partner.name, move_type=move_type):
                move = self.draft(partner, move_type)
                self.assertEqual(move.dunning_credit_stop, blocked)
                self.assertEqual(bool(move.dunning_credit_banner), blocked)
                if blocked:
                    with self.refused(
                        UserError, f"{self.partner_a.name}: collection plan “{self.plan.name}” is at level"
                    ):
                        move.action_post()
                else:
                    move.action_post()

    def test_an_invoice_posted_before_is_asked_about_again(self):
        """Its amount and its customer may be others now: every posting is checked, and a manager may allow it."""
        other = self.invoice(self.partner_a, 1)
        self.raise_level()
        other.button_draft()
        self.assertTrue(other.dunning_credit_banner)
        with self.refused(UserError, "credit stop"):
            other.action_post()
        other.action_dunning_release_credit()
        other.action_post()
        self.assertEqual(other.state, "posted")
        other.button_draft()
        self.assertTrue(other.dunning_credit_stop, "what was allowed was that posting")

    def test_managers_are_asked_too(self):
        """They choose: the message names who can do what."""
        self.raise_level()
        self.manager.group_ids += self.env.ref("account.group_account_invoice")
        with self.refused(UserError, "dunning manager can allow the invoice.*or lift the credit stop"):
            self.draft().with_user(self.manager).action_post()

    def test_a_manager_allows_one_invoice(self):
        """Also a manager who may not confirm invoices himself; then anybody can, and the chatter says who did it."""
        self.raise_level()
        move, other = self.draft(), self.draft()
        for user in (self.clerk, self.collector):
            with self.refused(AccessError, "Only dunning managers"):
                move.with_user(user).action_dunning_release_credit()
        move.with_user(self.manager).action_dunning_release_credit()
        self.assertEqual(self.notes(move, "May be confirmed despite the credit stop: collection plan"), 1)
        self.assertEqual(move.message_ids[0].author_id, self.manager.partner_id)
        self.assertFalse(move.dunning_credit_stop)
        self.assertIn("A dunning manager allows this invoice", move.dunning_credit_banner)
        move.with_user(self.clerk).action_post()
        self.assertEqual(move.state, "posted")
        with self.refused(UserError, "credit stop"):
            other.with_user(self.clerk).action_post()

    def test_what_was_allowed_holds_for_that_invoice_and_customer_only(self):
        self.raise_level()
        moves = self.draft() + self.draft()
        moves.action_dunning_release_credit()
        moves.action_dunning_release_credit()
        self.assertEqual([self.notes(move, "May be confirmed") for move in moves], [1, 1])
        self.assertTrue(moves[0].copy().dunning_credit_stop)
        moves[1].partner_id = self.partner_b
        moves[1].partner_id = self.partner_a
        self.assertEqual(moves.mapped("dunning_credit_stop"), [False, True])
        with self.refused(AccessError, ""):
            moves[1].with_user(self.manager).write({"dunning_credit_released": True})

    def test_an_invoice_paid_online_passes(self):
        """Odoo confirms it with the payment; that must not fail."""
        self.raise_level()
        move = self.draft()
        provider = self.env["payment.provider"].search([("code", "=", "demo")], limit=1)
        self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": provider.payment_method_ids[:1].id,
                "amount": 50.0,
                "currency_id": move.currency_id.id,
                "partner_id": self.partner_a.id,
                "state": "done",
                "invoice_ids": [Command.set(move.ids)],
            }
        )
        self.assertFalse(move.dunning_credit_banner)
        move.action_post()

    def test_other_modules_let_invoices_pass(self):
        self.raise_level()
        moves = self.draft(ref="Charges") + self.draft()
        self.patch(type(moves), "_passes_credit_stop", lambda move: move.ref == "Charges")
        self.assertEqual(moves.mapped("dunning_credit_stop"), [False, True])
        moves[0].action_post()

    def test_automatic_posting_says_why_not(self):
        self.raise_level()
        blocked, allowed, other = (
            self.draft(partner, auto_post="at_date", date=self.today)
            for partner in (self.partner_a, self.partner_a, self.partner_b)
        )
        allowed.action_dunning_release_credit()
        with self.enter_registry_test_mode():
            self.env.ref("account.ir_cron_auto_post_draft_entry").method_direct_trigger()
        self.assertEqual([move.state for move in (blocked, allowed, other)], ["draft", "posted", "posted"])
        self.assertTrue(self.notes(blocked, "could not be posted for the following reason: Invoices cannot be"))

    def test_what_is_confirmed_for_later_is_blocked_on_its_day(self):
        self.raise_level()
        move = self.draft(invoice_date=fields.Date.add(self.today, days=5))
        move._post(soft=True)
        self.assertEqual((move.state, move.auto_post), ("draft", "at_date"))
        self.go(5)
        with self.refused(UserError, "credit stop"):
            move._post(soft=True)

    def test_many_invoices_take_a_constant_number_of_queries(self):
        customers = self.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(12)])
        rows = self.env["account.dunning.consequence"].sudo()._get_for(self.company, customers)
        rows._choose(True)
        counts = []
        for partners in (customers[:2], customers[:2], customers):  # the first reads what is cached afterwards
            moves = self.env["account.move"].concat(*(self.draft(partner) for partner in partners))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with self.refused(UserError, "Customer 1: it was set by hand"):
                moves._check_credit_stop()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
        self.assertLessEqual(counts[2], 13)

    def test_one_query_more_where_nothing_is_stopped(self):
        move = self.draft(self.partner_b)
        self.env.flush_all()
        move.commercial_partner_id, move.company_id.root_id  # noqa: B018
        with self.assertQueryCount(1):
            move._check_credit_stop()

    def test_two_queries_where_nothing_changes(self):
        """So much more costs every evaluation of plans whose levels set nothing."""
        plan = self.plan.sudo()
        self.env.flush_all()
        plan.company_id, plan.partner_id  # noqa: B018
        with self.assertQueryCount(2):
            self.env["account.dunning.consequence"]._follow(plan)

    def test_every_ending(self):
        self.raise_level()
        self.draft_before = self.draft()
        for ending in ENDINGS:
            with self.trial(ending=ending):
                self.do(ending)
                self.assertFalse(self.stopped())
                self.assertFalse(self.rows())
                self.assertEqual(self.term(), self.own)
                for record in (self.partner_a, self.plan):
                    self.assertEqual(self.notes(record, "Credit stop ended (company_1_data)"), 1)
                    self.assertEqual(self.notes(record, "Payment term “Own” again instead of “At Once”"), 1)
                self.draft_before.action_post()

    def test_taken_back_by_a_bounce(self):
        self.raise_level()
        self.bounce()
        self.assertEqual((self.stopped(), self.term(), self.plan.state), (False, self.own, "ongoing"))
        self.assertEqual(
            self.notes(self.partner_a, f"ended (company_1_data): collection plan “{self.plan.name}” is at"), 1
        )

    def test_the_reason_names_the_status_of_a_closed_plan(self):
        self.raise_level()
        self.do("pay")
        why = f"the status of collection plan “{self.plan.name}” is “Recovered”"
        self.assertEqual(self.notes(self.partner_a, why), 2)

    def test_it_stays_on_pause_and_on_hold(self):
        self.raise_level()
        self.env["account.dunning.hold"].create({"move_id": self.move.id, "reason_id": self.reason.id})
        self.change("pause")
        self.assertTrue(self.stopped())

    def test_it_stays_at_the_levels_after_it(self):
        """An escalation lifts nothing; a level before it does."""
        self.raise_level()
        self.go(10)
        self.dun()
        self.assertEqual(self.plan.level_id, self.level_3)
        self.assertEqual((self.stopped(), self.term()), (True, self.at_once))
        self.change("level", level_id=self.level_1)
        self.assertEqual((self.stopped(), self.term()), (False, self.own))

    def test_edited_levels_count_from_the_next_run(self):
        self.level_1.credit_stop = True
        self.assertFalse(self.stopped())
        self.run_day()
        self.assertTrue(self.stopped())
        self.level_1.credit_stop = False
        self.run_day()
        self.assertFalse(self.stopped())

    def test_archived_levels(self):
        """The level that the plan has reached counts still; others that are archived do not."""
        self.change("level", level_id=self.level_2)
        self.level_2.active = False
        self.run_day()
        self.assertTrue(self.stopped())
        self.change("level", level_id=self.level_3)
        self.assertFalse(self.stopped())

    def test_unrecovered_keeps_it_until_it_is_paid(self):
        self.raise_level()
        self.put("unrecovered")
        self.assertEqual((self.stopped(), self.term(), self.plan.collection_status), (True, self.at_once, "legal"))
        for event, status in (("pay", "recovered"), ("credit", "unrecovered"), ("draft", "unrecovered")):
            with self.trial(event=event):
                self.do(event)
                self.assertEqual((self.plan.state, self.stopped(), self.term()), (status, False, self.own))
                self.assertFalse(self.plan.collection_status)
                self.assertEqual(self.notes(self.partner_a, "Credit stop ended"), 1)
        with self.trial(event="draft and posted again"):
            self.do("draft")
            self.move.action_post()
            self.env.cr.precommit.run()
            self.assertEqual((self.plan.state, self.stopped()), ("unrecovered", True))

    def test_a_returned_payment_brings_it_back(self):
        self.raise_level()
        self.do("pay")
        self.assertFalse(self.stopped())
        self.do("return_payment")
        self.assertEqual((self.plan.state, self.stopped(), self.term()), ("ongoing", True, self.at_once))
        self.assertEqual(self.notes(self.plan, "Credit stop (company_1_data)"), 2)

    def test_the_latest_of_the_plans_of_an_invoice_goes_on(self):
        """Of the plans that an invoice had, a returned payment reopens one, and says so once."""
        first = self.plan
        self.do("pay")
        second = first.sudo().copy({"state": "recovered", "close_reason": "paid"})
        self.do("unreconcile")
        self.assertEqual((first.state, second.state), ("recovered", "ongoing"))
        self.assertEqual([self.notes(plan, "Reopened") for plan in first + second], [0, 1])

    def test_of_two_plans_the_last_one_ends_it(self):
        other = self.invoice(self.partner_a, 0)
        self.raise_level()
        plan = other.collection_plan_ids
        self.change("level", plans=plan, level_id=self.level_2)
        self.assertEqual(self.notes(self.partner_a, "Credit stop (company_1_data)"), 1)
        self.pay(self.move)
        self.assertTrue(self.stopped())
        self.assertEqual(self.rows().stop_plan_id, plan)
        self.assertFalse(self.notes(self.partner_a, "Credit stop ended"))
        self.pay(other)
        self.assertFalse(self.stopped())
        self.assertEqual(self.notes(plan, "Credit stop ended"), 1)

    def test_lifted_by_hand_until_no_plan_asks_for_it(self):
        self.raise_level()
        self.partner_a.with_user(self.manager).action_dunning_lift_credit_stop()
        self.assertFalse(self.stopped())
        for record in (self.partner_a, self.plan):
            self.assertEqual(self.notes(record, "Credit stop lifted by hand (company_1_data)"), 1)
        self.draft().action_post()
        self.go(10)
        self.dun()
        self.assertFalse(self.stopped(), "a later level does not override a person")
        self.do("pay")
        self.assertFalse(self.rows())
        self.do("unreconcile")
        self.assertTrue(self.stopped(), "the plan asks for it anew")

    def test_lifted_by_hand_and_set_again(self):
        self.raise_level()
        row = self.rows().with_user(self.manager)
        row.action_lift_credit_stop()
        row.action_set_credit_stop()
        self.assertRecordValues(row, [{"credit_stop": True, "by_person": False, "stop_plan_id": self.plan.id}])
        self.do("pay")
        self.assertFalse(self.stopped())

    def test_set_by_hand_stays_after_the_plans(self):
        """The customer's own credit state is what he has again in the end."""
        self.partner_a.with_user(self.manager).action_dunning_stop_credit()
        self.assertIn("it was set by hand", self.partner_a.dunning_credit_banner)
        with self.refused(UserError, "it was set by hand"):
            self.draft().action_post()
        self.raise_level()
        self.assertIn(self.plan.name, self.partner_a.dunning_credit_banner)
        self.do("pay")
        self.assertTrue(self.stopped())
        self.assertEqual(self.notes(self.partner_a, "The credit stop that was set by hand stays"), 1)
        self.partner_a.with_user(self.manager).action_dunning_lift_credit_stop()
        self.assertEqual((self.stopped(), len(self.rows())), (False, 0))

    def test_set_by_hand_after_a_person_lifted_it(self):
        """Set by hand while a plan asks for it too, and lifted: both are lifted."""
        self.partner_a.action_dunning_stop_credit()
        self.raise_level()
        self.partner_a.action_dunning_lift_credit_stop()
        self.assertEqual((self.stopped(), self.rows().by_person), (False, "lift"))

    def test_only_managers_set_and_lift_it(self):
        self.raise_level()
        for user in (self.clerk, self.collector):
            for method in ("action_dunning_stop_credit", "action_dunning_lift_credit_stop"):
                with self.refused(AccessError, "Only dunning managers"):
                    getattr(self.partner_a.with_user(user), method)()
        with self.refused(AccessError, "Only dunning managers"):
            self.rows().with_user(self.collector).action_lift_credit_stop()

    def test_filters(self):
        partners, rows = self.env["res.partner"].with_user(self.clerk), self.env["account.dunning.consequence"]
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.partner_a.id})
        self.raise_level()
        both = self.partner_a + contact
        self.assertEqual(partners.search([("dunning_credit_stop", "=", True), ("id", "in", both.ids)]), both)
        self.assertNotIn(self.partner_a, partners.search([("dunning_credit_stop", "=", False)]))
        self.assertEqual(rows.search([("credit_stop", "=", True)]).partner_id, self.partner_a)
        rows.search([]).action_lift_credit_stop()
        self.assertFalse(rows.search([("credit_stop", "=", True)]))
        self.assertFalse(partners.search([("dunning_credit_stop", "=", True)]))
        self.assertEqual(rows.search([("credit_stop", "=", False)]).partner_id, self.partner_a)

    def test_users_outside_the_groups(self):
        """They see the banners and get the message, and never an access error."""
        self.raise_level()
        clerk = self.new_user("outside", "account.group_account_invoice,base.group_partner_manager")
        move = self.draft().with_user(clerk)
        with Form(self.partner_a.with_user(clerk)) as form:
            self.assertIn(self.plan.name, form.dunning_credit_banner)
            form.name = "Renamed"
        with Form(self.env["account.move"].with_user(clerk).with_context(default_move_type="out_invoice")) as form:
            self.assertFalse(form.dunning_credit_banner)
            form.partner_id = self.partner_a
            self.assertIn(self.plan.name, form.dunning_credit_banner)
        with self.refused(UserError, self.plan.name):
            move.action_post()
        self.move.with_user(clerk).read()
        self.draft(self.partner_b).with_user(clerk).action_post()
        self.pay(self.move)
        move.action_post()
        plain = self.new_user("plain_2", "base.group_user")
        self.assertTrue(self.partner_a.with_user(plain).read(["name", "dunning_credit_stop"]))

    def test_branches_have_the_stop_of_their_main_company(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.user.company_ids += branch
        self.raise_level()
        self.assertTrue(self.partner_a.with_company(branch).dunning_credit_stop)
        move = self.draft()
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_move SET company_id = %s WHERE id = %s", [branch.id, move.id])
        self.env.invalidate_all()
        self.assertTrue(move.dunning_credit_stop)

    def test_other_companies(self):
        data = self.setup_other_company(name="Other")
        other = data["company"]
        self.raise_level()
        self.assertFalse(self.partner_a.with_company(other).dunning_credit_stop)
        self.assertEqual(self.term(company=other), self.env["account.payment.term"])
        move = self.draft(company=other)
        move.action_post()
        self.assertEqual(move.company_id, other)
        stranger = self.new_user("stranger", "account_dunning.group_dunning_manager")
        stranger.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.assertFalse(self.env["account.dunning.consequence"].with_user(stranger).search([]))
        self.partner_a.with_user(stranger).action_dunning_stop_credit()
        self.do("pay")
        self.assertEqual((self.stopped(), self.partner_a.with_company(other).dunning_credit_stop), (False, True))


@tagged("post_install", "-at_install")
class TestCreditStopOfCustomers(ConsequencesCommon):
    """Customer-based: one plan for all that the customer owes."""

    mode = "customer"

    def test_set_and_taken_back(self):
        self.raise_level()
        self.assertEqual((self.stopped(), self.term()), (True, self.at_once))
        self.pay(self.move)
        self.assertEqual((self.plan.state, self.stopped(), self.term()), ("recovered", False, self.own))

    def test_it_follows_the_leading_item(self):
        """Once what was dunned at level 2 is paid, the plan goes on at the level of the rest."""
        other = self.invoice(self.partner_a, -10)
        self.raise_level()
        self.go(1)
        self.run_day()
        self.assertIn(other, self.plan.item_state_ids.move_id)
        self.pay(self.move)
        self.assertEqual(
            (self.plan.state, self.plan.level_id, self.stopped()), ("ongoing", self.plan.level_id.browse(), False)
        )

    def test_status_of_paid_and_unpaid_invoices(self):
        other = self.invoice(self.partner_a, 1)
        self.run_day()
        moves = self.move + other
        self.assertEqual(moves.mapped("collection_status"), ["dunning", "dunning"])
        self.change("level", level_id=self.level_3)
        self.assertEqual(moves.mapped("collection_status"), ["legal", "legal"])
        self.pay(self.move)
        moves.invalidate_recordset()
        self.assertEqual(self.plan.state, "ongoing")
        self.assertEqual(moves.mapped("collection_status"), [False, "legal"])
        found = self.env["account.move"].search([("collection_status", "=", "legal")])
        self.assertEqual(found, other)


@tagged("post_install", "-at_install")
class TestPaymentTerm(ConsequencesCommon):
    def test_new_invoices_have_it_and_drafts_keep_theirs(self):
        before = self.draft()
        self.raise_level()
        self.assertEqual(self.term(), self.at_once)
        self.assertEqual(self.draft().invoice_payment_term_id, self.at_once)
        before.invalidate_recordset()
        self.assertEqual(before.invoice_payment_term_id, self.own)
        text = "Payment term “At Once” instead of “Own” (company_1_data): collection plan"
        self.assertEqual((self.notes(self.partner_a, text), self.notes(self.plan, text)), (1, 1))
        self.assertEqual(self.rows().own_payment_term_id, self.own)

    def test_contacts_have_it_too(self):
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.partner_a.id})
        self.raise_level()
        self.assertEqual(self.draft(contact).invoice_payment_term_id, self.at_once)
        self.do("pay")
        self.assertEqual(self.term(contact), self.own)

    def test_none_before_is_none_again(self):
        self.partner_a.property_payment_term_id = False
        self.raise_level()
        self.assertEqual(self.term(), self.at_once)
        self.do("pay")
        self.assertFalse(self.term())
        self.assertEqual(self.notes(self.partner_a, "Payment term “none” again instead of “At Once”"), 1)

    def test_a_term_without_a_stop_and_a_stop_without_a_term(self):
        self.level_2.credit_stop = False
        self.level_3.credit_stop = True
        self.raise_level()
        self.assertEqual((self.stopped(), self.term()), (False, self.at_once))
        self.change("level", level_id=self.level_3)
        self.assertEqual((self.stopped(), self.term()), (True, self.at_once))
        self.level_2.payment_term_id = False
        self.run_day()
        self.assertEqual((self.stopped(), self.term()), (True, self.own))
        self.do("pay")
        self.assertEqual((self.stopped(), self.term()), (False, self.own))

    def test_the_same_before_is_no_change(self):
        self.partner_a.property_payment_term_id = self.at_once
        self.raise_level()
        self.do("pay")
        self.assertEqual((self.term(), self.notes(self.partner_a, "Payment term")), (self.at_once, 0))

    def test_what_a_person_changed_since_stays(self):
        for ending in ("pay", "undo", "stop"):
            with self.trial(ending=ending):
                self.raise_level()
                self.partner_a.property_payment_term_id = self.advance
                self.do(ending)
                self.assertEqual((self.term(), len(self.rows())), (self.advance, 0))
                for record in (self.partner_a, self.plan):
                    self.assertEqual(self.notes(record, "The payment term “Advance” that a person chose stays"), 1)

    def test_a_later_level_does_not_override_a_person(self):
        self.level_3.payment_term_id = self.advance
        self.raise_level()
        self.partner_a.property_payment_term_id = self.own
        self.change("level", level_id=self.level_3)
        self.assertEqual(self.term(), self.own)
        self.assertEqual(self.notes(self.partner_a, "The payment term “Own” that a person chose stays"), 1)

    def test_the_highest_level_decides_and_the_own_term_is_kept_once(self):
        self.level_3.payment_term_id = self.advance
        self.raise_level()
        self.change("level", level_id=self.level_3)
        self.assertEqual((self.term(), self.rows().own_payment_term_id), (self.advance, self.own))
        self.change("level", level_id=self.level_2)
        self.assertEqual(self.term(), self.at_once)
        self.do("pay")
        self.assertEqual(self.term(), self.own)

    def test_of_two_plans_the_higher_level_decides(self):
        self.level_3.payment_term_id = self.advance
        other = self.invoice(self.partner_a, 0)
        self.raise_level()
        plan = other.collection_plan_ids
        self.change("level", plans=plan, level_id=self.level_3)
        self.assertEqual((self.term(), self.rows().term_plan_id), (self.advance, plan))
        self.pay(other)
        self.assertEqual((self.term(), self.rows().term_plan_id), (self.at_once, self.plan))
        self.pay(self.move)
        self.assertEqual(self.term(), self.own)

    def test_a_term_that_is_gone_is_none(self):
        self.raise_level()
        self.env.flush_all()
        self.own.unlink()
        self.do("pay")
        self.assertFalse(self.term())

    def test_branches_and_other_companies(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        other = self.setup_other_company(name="Other")["company"]
        self.env.user.company_ids += branch
        self.partner_a.with_company(branch).property_payment_term_id = self.advance
        self.raise_level()
        self.assertEqual(
            [self.term(company=c).name for c in (self.company, branch, other)], ["At Once", "At Once", False]
        )
        self.do("pay")
        self.assertEqual([self.term(company=c).name for c in (self.company, branch, other)], ["Own", "Advance", False])

    def test_a_term_of_another_company_is_refused(self):
        other = self.setup_other_company(name="Other")["company"]
        term = self.env["account.payment.term"].create({"name": "Foreign", "company_id": other.id})
        with self.refused(UserError, "Foreign"):
            self.level_1.payment_term_id = term

    def count_queries(self, customers):
        """The queries that it takes to send level 2 to the customers, and to close their plans."""
        moves = self.env["account.move"].concat(*(self.invoice(customer, 12) for customer in customers))
        self.dun()
        self.go(10)
        notices = self.run_day().notice_ids.filtered(lambda notice: notice.partner_id in customers).sudo()
        plans = self.env["account.collection.plan"].sudo().search([("move_id", "in", moves.ids)])
        counts = []
        for step in (lambda: notices._set_sent(), lambda: plans._close("stopped", "person")):
            notices.write({"state": "queued"})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            step()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(set(customers.mapped("dunning_credit_stop")), {len(counts) == 1})
            self.assertEqual(customers.property_payment_term_id, self.at_once if len(counts) == 1 else self.own)
        return counts

    def test_the_number_of_queries_does_not_grow(self):
        values = {"city": "Here", "zip": "1", "property_payment_term_id": self.own.id}
        contact = [Command.create({"name": "Contact"})]
        few, many = (
            self.env["res.partner"].create([{**values, "name": "C", "child_ids": contact} for _number in range(count)])
            for count in (5, 40)
        )
        for less, more in zip(self.count_queries(few), self.count_queries(many), strict=True):
            self.assertLessEqual(more, less)


@tagged("post_install", "-at_install")
class TestCollectionStatus(ConsequencesCommon):
    def statuses(self):
        self.env.invalidate_all()
        return self.plan.collection_status, self.move.collection_status, self.partner_a.collection_status

    def test_it_follows_the_level(self):
        self.assertEqual(self.statuses(), ("dunning",) * 3)
        for level, status in ((self.level_3, "legal"), (self.level_2, "dunning"), (self.level_3, "legal")):
            self.change("level", level_id=level)
            self.assertEqual(self.statuses(), (status,) * 3)
        self.change("undo")
        self.assertEqual(self.statuses(), (False,) * 3, "the plan is closed")

    def test_it_follows_notice_and_undo(self):
        self.change("level", level_id=self.level_2)
        self.go(18)
        self.dun()
        self.assertEqual(self.statuses(), ("legal",) * 3)
        self.change("undo")
        self.assertEqual(self.statuses(), ("dunning",) * 3)

    def test_opened_by_hand(self):
        move = self.invoice(self.partner_b, 5)
        self.assertFalse(move.collection_status)
        move.action_open_dunning_plan()
        move.invalidate_recordset()
        self.assertEqual((move.collection_status, self.partner_b.collection_status), ("dunning", "dunning"))

    def test_reopened(self):
        self.change("level", level_id=self.level_3)
        self.do("pay")
        self.assertEqual(self.statuses(), (False,) * 3)
        self.do("unreconcile")
        self.assertEqual(self.statuses(), ("legal",) * 3)

    def test_what_is_written_on_an_unrecovered_plan_stays(self):
        """Hand-over and write-off write it; payments in part and nights change nothing, a whole payment ends it."""
        self.put("unrecovered")
        for status in ("agency", "uncollectable"):
            with self.trial(status=status):
                self.plan.sudo().collection_status = status
                self.do("pay_in_part")
                self.go(1)
                self.run_day()
                self.assertEqual(self.statuses(), (status,) * 3)
                self.pay(self.move)
                self.assertEqual(self.statuses(), (False,) * 3)
        with self.trial(status="credited"):
            self.plan.sudo().collection_status = "uncollectable"
            self.do("credit")
            self.assertEqual(self.statuses(), (False,) * 3, "nothing is owed any more")

    def test_nobody_writes_it_by_hand(self):
        with self.refused(AccessError, "nobody can change it"):
            self.plan.with_user(self.manager).write({"collection_status": "agency"})

    def test_of_several_plans_the_gravest_counts(self):
        other = self.invoice(self.partner_a, 12)
        self.dun()
        self.change("level", level_id=self.level_3)
        self.env.invalidate_all()
        self.assertEqual(
            [m.collection_status for m in (self.move, other, self.partner_a)], ["legal", "dunning", "legal"]
        )

    def test_filters_and_groups(self):
        other = self.invoice(self.partner_b, 12)
        free = self.invoice(self.partner_b, 0)
        self.dun()
        empty = self.plan.sudo().copy({"mode": "customer", "move_id": False, "partner_id": self.env.user.partner_id.id})
        self.assertFalse(empty.item_state_ids)
        self.change("level", level_id=self.level_3)
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.partner_a.id})
        moves = self.env["account.move"].with_user(self.collector)
        partners = self.env["res.partner"].with_user(self.collector)
        mine = [("id", "in", (self.move + other + free).ids)]
        people = [("id", "in", (self.partner_a + self.partner_b + contact + self.company.partner_id).ids)]
        for operator, value, expected in (
            ("=", "legal", self.move),
            ("=", "dunning", other),
            ("!=", "legal", other + free),
            ("in", ["legal", "dunning"], self.move + other),
            ("in", ["legal", False], self.move + free),
            ("=", False, free),
            ("!=", False, self.move + other),
        ):
            with self.subTest(operator=operator, value=value):
                domain = [("collection_status", operator, value)]
                self.assertEqual(moves.search(mine + domain).sorted("id"), expected.sorted("id"))
                self.assertEqual((self.move + other + free).filtered_domain(domain), expected)
        self.assertEqual(partners.search([*people, ("collection_status", "=", "legal")]), self.partner_a + contact)
        self.assertEqual(partners.search([*people, ("collection_status", "=", False)]), self.company.partner_id)
        groups = moves._read_group(mine, ["collection_status"], ["__count"])
        self.assertEqual(sorted(groups, key=str), [("dunning", 1), ("legal", 1), (False, 1)])
        self.assertTrue(moves.fields_get(["collection_status"])["collection_status"]["groupable"])
        groups = partners._read_group(people, ["collection_status"], ["__count"])
        self.assertEqual(sorted(groups, key=str), [("dunning", 1), ("legal", 2), (False, 1)])

    def test_the_status_of_customers_is_that_of_the_company(self):
        other = self.setup_other_company(name="Other")["company"]
        self.assertEqual(self.partner_a.collection_status, "dunning")
        self.assertFalse(self.partner_a.with_company(other).collection_status)

    def test_one_query_for_many_invoices(self):
        moves = self.move + self.invoice(self.partner_a, 3) + self.invoice(self.partner_b, 3)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(2):  # the other one tells whether the user may read them
            self.assertEqual(moves.mapped("collection_status"), ["dunning", False, False])

    def test_not_for_users_outside_the_groups(self):
        clerk = self.clerk
        for record in (self.move, self.partner_a):
            with self.refused(AccessError, "collection_status"):
                record.with_user(clerk).read(["collection_status"])
            with self.refused(AccessError, "collection_status"):
                record.with_user(clerk)._read_group([], ["collection_status"])
            self.assertNotIn("collection_status", record.with_user(clerk).fields_get())

    def test_plans_of_older_releases(self):
        self.env.flush_all()
        closed = self.plans() - self.plan
        self.env.cr.execute("UPDATE account_collection_plan SET collection_status = NULL")
        self.plan._init_column("collection_status")
        self.env.invalidate_all()
        self.assertEqual(self.plan.collection_status, "dunning")
        self.assertFalse(closed)


@tagged("post_install", "-at_install")
class TestWrittenOff(WriteOffCommon):
    """A write-off makes a debt uncollectable; the credit stop stays until it is paid after all."""

    def setUp(self):
        super().setUp()
        self.level_1.write({"credit_stop": True, "collection_status": "legal"})
        self.plan = self.dunned()
        self.entry = self.write_off(self.plan)

    def state(self):
        self.env.invalidate_all()
        move = self.plan.move_id
        statuses = (self.plan.collection_status, move.collection_status, self.partner_a.collection_status)
        self.assertEqual(len(set(statuses)), 1)
        return statuses[0], self.partner_a.dunning_credit_stop

    def test_written_off(self):
        self.assertEqual(self.state(), ("uncollectable", True))
        self.run_day()
        self.plan.sudo()._settle()
        self.assertEqual(self.state(), ("uncollectable", True))

    def test_reversed(self):
        self.end(self.plan)
        self.assertEqual(self.state(), ("legal", True))

    def test_reversed_and_settled_by_a_later_payment(self):
        self.credit(100.0)
        self.end(self.plan)
        self.assertEqual((self.plan.state, self.state()), ("recovered", (False, False)))

    def test_later_payments_booked_as_income(self):
        self.credit(40.0)
        self.end(self.plan, kind="income", account_id=self.income)
        self.assertEqual(self.state(), ("uncollectable", True), "a part is paid")
        self.credit(60.0)
        self.end(self.plan, kind="income", account_id=self.income)
        self.assertEqual((self.plan.state, self.state()), ("unrecovered", (False, False)))
        self.assertRegex(self.partner_a.message_ids[0].body, "ended .*: nothing is owed any more")


@tagged("post_install", "-at_install")
class TestLevelsWithConsequences(ConsequencesCommon):
    def test_a_level_may_set_something_and_do_nothing_else(self):
        for values in ({"credit_stop": True}, {"payment_term_id": self.at_once.id}, {"collection_status": "agency"}):
            with self.trial(values=values):
                self.level_1.write({"document": "none", **values})
        with self.refused(ValidationError, "sets nothing"):
            self.level_1.document = "none"

    def test_a_level_without_document_sets_it_when_it_is_issued(self):
        self.level_2.write({"document": "none", "text": False})
        self.go(10)
        self.issue(self.run_day().notice_ids)
        self.assertEqual((self.plan.level_id, self.stopped()), (self.level_2, True))

    def test_reminders_set_nothing(self):
        for values in ({"credit_stop": True}, {"payment_term_id": self.at_once.id}, {"collection_status": "agency"}):
            with self.refused(ValidationError, "no collection plan before the due date"):
                self.make_type("Reminder", (-3, 10)).level_ids[0].write(values)

    def test_form(self):
        level = self.level_2.with_user(self.manager)
        with Form(level) as form:
            self.assertEqual(form.payment_term_id, self.at_once)
            form.collection_status = "agency"
        self.assertEqual(level.collection_status, "agency")
        with Form(self.env["account.dunning.type"].with_user(self.manager)) as form:
            form.name = "New"
            with form.level_ids.new() as line:
                line.name = "First"
                line.days = 5
                line.text = "<p>Pay</p>"
                line.credit_stop = True
                line.payment_term_id = self.advance
        self.assertRecordValues(form.record.level_ids, [{"credit_stop": True, "payment_term_id": self.advance.id}])

    def test_a_reminder_loses_them_in_the_form(self):
        with Form(self.level_2.with_user(self.manager)) as form:
            form.reminder = True
            self.assertFalse(form.credit_stop or form.payment_term_id or form.collection_status)

    def test_views_of_the_consequences(self):
        self.raise_level()
        row = self.rows().with_user(self.collector)
        with Form(row) as form:
            self.assertEqual((form.partner_id, form.own_payment_term_id), (self.partner_a, self.own))
        for view in ("list", "search"):
            row.get_view(view_type=view)
        self.assertEqual(row.action_open_customer()["res_id"], self.partner_a.id)
        for vals in ({"by_person": "lift"}, {"payment_term_id": self.own.id}):
            with self.refused(AccessError, ""):
                row.with_user(self.manager).write(vals)
        menu = self.env.ref("account_dunning.account_dunning_consequence_menu")
        self.assertIn(menu.id, menu.with_user(self.collector)._visible_menu_ids())
        self.assertNotIn(menu.id, menu.with_user(self.clerk)._visible_menu_ids())


@tagged("post_install", "-at_install")
class TestMergedCustomers(ConsequencesCommon):
    def merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo().create({})
        wizard._merge((source + target).ids, target, extra_checks=False)
        self.env.invalidate_all()

    def test_the_one_that_stays_gets_what_the_plans_ask_for(self):
        self.raise_level()
        self.partner_b.property_payment_term_id = self.advance
        self.merge(self.partner_a, self.partner_b)
        self.assertRecordValues(
            self.rows(),
            [
                {
                    "partner_id": self.partner_b.id,
                    "stop_plan_id": self.plan.id,
                    "payment_term_id": self.at_once.id,
                    "own_payment_term_id": self.advance.id,
                }
            ],
        )
        self.pay(self.move)
        self.assertEqual((self.stopped(self.partner_b), self.term(self.partner_b)), (False, self.advance))

    def test_both_with_consequences(self):
        self.raise_level()
        other = self.invoice(self.partner_b, 32)
        self.dun()
        self.change("level", plans=other.collection_plan_ids, level_id=self.level_2)
        self.partner_b.property_payment_term_id = self.at_once
        self.assertEqual(len(self.rows()), 2)
        self.merge(self.partner_a, self.partner_b)
        self.assertEqual(self.rows().partner_id, self.partner_b)
        self.assertTrue(self.stopped(self.partner_b))

    def test_a_stop_by_hand_passes_on(self):
        self.partner_a.action_dunning_stop_credit()
        self.merge(self.partner_a, self.partner_b)
        self.assertRecordValues(self.rows(), [{"partner_id": self.partner_b.id, "by_person": "stop"}])

    def test_a_customer_may_be_deleted(self):
        customer = self.env["res.partner"].create({"name": "Gone"})
        customer.action_dunning_stop_credit()
        customer.unlink()
        self.assertFalse(self.rows())
