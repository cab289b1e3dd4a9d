from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models.desk import refreshing
from .desk_common import DeskCommon


@tagged("post_install", "-at_install")
class TestCaseFacts(DeskCommon):
    """What a case knows of its customer: amounts by what they are, in every shape that receivables come in."""

    def known(self, partner=None, **values):
        """The case of the customer, brought up to date, has these values."""
        self.refresh()
        case = self.cases.search([("partner_id", "=", (partner or self.partner_a).id)])
        self.assertRecordValues(case, [values])
        return case

    def test_what_is_due_today_is_not_overdue(self):
        self.invoice(self.partner_b, 0, 10)
        self.invoice(self.partner_b, 1, 20)
        self.known(self.partner_b, amount_overdue=20, amount_not_due=10, days_overdue=1)

    def test_by_age(self):
        for days, amount in ((30, 1), (31, 2), (60, 4), (61, 8), (90, 16), (91, 32)):
            self.invoice(self.partner_b, days, amount)
        self.known(self.partner_b, aged_1=1, aged_31=6, aged_61=24, aged_91=32, amount_overdue=63)

    def test_credits_lower_the_balance(self):
        self.invoice(self.partner_b, 5, 100)
        payment = self.env["account.payment"].create(
            {"partner_id": self.partner_b.id, "payment_type": "inbound", "partner_type": "customer", "amount": 30}
        )
        payment.action_post()
        self.known(self.partner_b, amount_overdue=100, amount_credits=30, amount_total=70)
        payment.action_draft()
        self.known(self.partner_b, amount_credits=0, amount_total=100)

    def test_foreign_currency_counts_as_it_is_booked(self):
        self.invoice(self.partner_b, 5, 100, currency_id=self.other_currency.id)
        case = self.known(self.partner_b, amount_overdue=50)
        self.env.invalidate_all()
        self.assertIn("100.00", case.foreign)

    def test_instalments_are_items_of_their_own(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Two",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 60}),
                ],
            }
        )
        self.invoice(self.partner_b, 10, 100, invoice_payment_term_id=term.id, invoice_date_due=False)
        self.known(self.partner_b, amount_overdue=50, amount_not_due=50)

    def test_what_is_not_dunned_is_shown_apart(self):
        move = self.invoice(self.partner_b, 5, 100)
        self.invoice(self.partner_b, 5, 40)
        self.item(move).no_followup = True
        self.known(self.partner_b, amount_overdue=40, amount_outside=100, amount_total=40)

    def test_a_part_in_dispute(self):
        move = self.invoice(self.partner_b, 5, 100)
        hold = {"move_id": move.id, "reason_id": self.shipped("reason_dispute").id, "amount": 30}
        self.env["account.dunning.hold"].create(hold)
        self.known(self.partner_b, amount_disputed=30, on_desk=True)

    def test_a_part_of_an_invoice_in_dispute_sits_on_its_last_instalments(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Three",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": percent, "nb_days": days})
                    for percent, days in ((40, 0), (30, 1), (30, 2))
                ],
            }
        )
        move = self.invoice(self.partner_b, 10, 300, invoice_payment_term_id=term.id, invoice_date_due=False)
        hold = {"move_id": move.id, "reason_id": self.shipped("reason_dispute").id, "amount": 100}
        self.env["account.dunning.hold"].create(hold)
        self.known(self.partner_b, amount_overdue=300, amount_disputed=100, on_desk=True)
        items = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable").sorted("date_maturity")
        self.assertEqual(items.mapped("dunning_disputed"), [0, 10, 90])

    def test_the_ladder_has_not_ended_while_levels_are_left(self):
        self.dun()
        self.promise((1, 1000))
        self.go(1)
        case = self.known(queue="promised_today", next_action="payment")
        self.assertNotIn("further level", case.why)

    def test_the_ladder_has_not_ended_while_another_plan_is_at_its_start(self):
        later = self.invoice(self.partner_a, 11, 500)
        self.dun()
        first, second = (self.state(move).plan_id.sudo() for move in (self.move, later))
        self.assertEqual(len(first + second), 2)
        first._set_level(self.level_3)
        second._set_level(self.level_1.sudo().browse())
        self.assertNotIn("further level", self.known().why)
        second._set_level(self.level_3)
        self.assertIn("further level", self.known(amount_overdue=1500).why)

    def test_the_ladder_has_not_ended_while_its_last_level_is_repeated(self):
        self.dun()
        plan = self.state(self.move).plan_id.sudo()
        plan._set_level(self.level_3)
        self.assertIn("further level", self.known().why)
        self.level_3.repeat_every = 10
        plan._settle()
        self.assertEqual(plan.next_level_id, self.level_3)
        self.assertNotIn("further level", self.known().why)

    def test_a_call_of_the_customer_is_a_contact(self):
        self.known(queue="never_contacted")
        self.log("outcome_copy", direction="in")
        self.known(contact_on=self.today, next_action="send_copies")
        self.log("outcome_no_answer")
        self.known(next_action="send_copies")

    def test_what_is_due_today_is_on_the_desk_though_it_was_skipped(self):
        self.known(on_desk=True)
        self.log("outcome_call_back", call_back_at="2026-06-03 09:00:00")
        self.case.sudo().write({"skip_until": "2026-06-04", "skip_reason": "away"})
        self.known(on_desk=False)
        self.go(2)
        self.known(on_desk=True, queue="call_back")
        self.go(1)
        self.known(skip_until=False, skip_reason=False)

    def test_an_empty_case_goes_with_its_customer(self):
        partner = self.env["res.partner"].create({"name": "Prospect"})
        partner.with_user(self.collector).action_open_dunning_case()
        partner.unlink()
        self.assertFalse(partner.exists())

    def test_all_in_dispute_is_not_on_the_desk_until_its_review(self):
        self.invoice(self.partner_b, 50, 100)
        hold = {"partner_id": self.partner_b.id, "reason_id": self.shipped("reason_dispute").id}
        review = self.today + timedelta(3)
        self.env["account.dunning.hold"].create({**hold, "review_date": review})
        self.known(self.partner_b, amount_disputed=100, on_desk=False, next_on=review, next_step="review")
        self.go(3)
        self.known(self.partner_b, on_desk=True, queue="dispute")

    def test_below_the_minimum_nobody_is_called(self):
        self.dunning_type.minimum_amount = 50
        self.invoice(self.partner_b, 50, 50)
        self.known(self.partner_b, on_desk=False)
        self.invoice(self.partner_b, 50, 1)
        self.known(self.partner_b, on_desk=True)

    def test_a_returned_payment_comes_up_at_once(self):
        self.env["account.move"].search([]).flush_recordset()
        payment = self.pay(self.move)
        self.commit()
        self.assertFalse(self.case.on_desk)
        wizard = self.env["account.dunning.return"].with_context(
            **self.env["account.dunning.return"]._open(payment)["context"]
        )
        wizard.create({"date": self.today, "reason": "no funds"}).action_apply()
        self.commit()
        self.assertRecordValues(self.case, [{"on_desk": True, "next_action": "check_return"}])
        self.assertIn("A payment came back", self.case.why)
        self.log("outcome_reached")
        self.assertNotEqual(self.case.next_action, "check_return", "somebody has talked about it")

    def test_a_failed_notice_comes_up(self):
        notice = self.run_day().notice_ids
        notice.sudo().state = "queued"
        notice.sudo()._set_failed("The mail server refused it")
        self.commit()
        self.assertEqual((self.case.queue, self.case.on_desk), ("failed", True))

    def test_the_level_and_what_comes_next(self):
        self.dun()
        plan = self.move.collection_plan_id
        self.known(level_id=self.level_1.id, next_step="notice", next_on=plan.next_date)

    def test_a_branch_belongs_to_its_head_office(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.user.company_ids += branch
        self.env.cr.precommit.run()  # loads the branch's chart of accounts
        self.invoice(self.partner_b, 5, 100, company_id=branch.id)
        self.known(self.partner_b, amount_overdue=100, company_id=self.company.id)

    def test_whoever_is_not_read_keeps_his_case(self):
        self.pay(self.move)
        self.commit()
        self.known(amount_overdue=0, on_desk=False)
        self.assertTrue(self.case.exists(), "his story goes on")

    def test_only_what_differs_is_written(self):
        self.refresh()
        self.env.cr.execute("UPDATE account_collection_case SET write_date = '2020-01-01'")
        self.refresh()
        self.assertEqual(self.case.write_date.year, 2020)
        self.go(5)
        self.refresh()
        self.assertNotEqual(self.case.write_date.year, 2020, "the score rises with the days")

    def test_a_refresh_goes_in_chunks(self):
        """It comes to the same as all at once: the middle amount is that of all, and nobody is left out."""
        partners = self.env["res.partner"].create([{"name": f"P{number}"} for number in range(5)])
        for number, partner in enumerate(partners):
            self.invoice(partner, 20 - number, 100 * (number + 1))
        self.invoice(self.partner_b, -5)
        self.refresh()
        names = ["partner_id", "amount_overdue", "score", "reasons", "queue", "next_on"]
        cases = self.cases.search([("company_id", "=", self.company.id)], order="partner_id")
        whole, median = cases.read(names), self.settings.desk_median
        self.assertEqual(median, 350.0, "of 100 to 500 and 1,000")
        self.assertNotIn(self.partner_b, cases.partner_id, "nothing of him is due")
        asked = []
        read = type(self.cases)._read_facts
        self.patch(
            type(self.cases),
            "_read_facts",
            lambda cases, company, ids, asked_for=False: asked.append(len(ids)) or read(cases, company, ids, asked_for),
        )
        self.patch(refreshing, "CHUNK", 2)
        self.env.cr.execute("UPDATE account_collection_case SET score = 0")
        self.env.invalidate_all()
        self.refresh()
        self.assertEqual(asked, [2, 2, 2])
        self.assertEqual(cases.read(names), whole)
        self.assertEqual(self.settings.desk_median, median)

    def test_a_constant_number_of_queries(self):
        partners = self.env["res.partner"].create([{"name": f"P{number}"} for number in range(12)])
        self.invoice_each(partners[:2], 20)
        self.refresh()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.cases._refresh(self.company)
        few = self.env.cr.sql_log_count - before
        self.invoice_each(partners, 20)
        self.refresh()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.cases._refresh(self.company)
        self.assertLessEqual(self.env.cr.sql_log_count - before, few)


@tagged("post_install", "-at_install")
class TestCaseRights(DeskCommon):
    """Who may do what with a case."""

    def test_nobody_writes_what_follows_the_work(self):
        case = self.case.with_user(self.manager)
        for name, value in (("score", 1), ("on_desk", False), ("amount_overdue", 0), ("skip_until", "2030-01-01")):
            with self.refused(AccessError, "follows the work"):
                case.write({name: value})

    def test_nobody_makes_or_deletes_one(self):
        with self.refused(AccessError, "."):
            self.cases.with_user(self.manager).create({"partner_id": self.partner_b.id})
        with self.refused(AccessError, "."):
            self.case.with_user(self.manager).unlink()

    def test_a_promise_is_made_by_the_dialog_only(self):
        with self.refused(AccessError, "."):
            self.promises.with_user(self.manager).create({"case_id": self.case.id})
        promise = self.promise((7, 1000))
        with self.refused(AccessError, "."):
            promise.with_user(self.manager).write({"state": "kept"})

    def test_the_manager_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self.manager.copy({"login": "stranger", "company_id": other.id, "company_ids": [(6, 0, other.ids)]})
        self.assertFalse(self.cases.with_user(stranger).search([]))
        for method in ("action_log_call", "action_send", "action_remind", "action_more", "action_skip"):
            with self.refused(AccessError, "."):
                getattr(self.case.with_user(stranger), method)()
        with self.refused(AccessError, "."):
            self.env["account.dunning.log"].with_user(stranger).create({"case_id": self.case.id})

    def test_a_customer_who_is_a_user_keeps_his_address(self):
        self.env["res.users"].with_context(no_reset_password=True).create(
            {"name": "Him", "login": "him", "partner_id": self.partner_a.id, "group_ids": [(6, 0, [])]}
        )
        with self.refused(AccessError, "."):
            self.case.with_user(self.collector).email = "evil@example.com"
        with self.refused(AccessError, "."):
            self.case.with_user(self.collector).phone = "+1 555 0199"

    def test_a_contact_of_another_customer_is_refused(self):
        with self.refused(UserError, "Choose a contact of"):
            self.case.with_user(self.collector).dunning_contact_id = self.partner_b

    def test_whom_one_may_write_to(self):
        case = self.case.with_user(self.collector)
        dialogs = self.env["account.dunning.send"].with_user(self.collector)
        dialog = dialogs.with_context(**case.action_send()["context"])
        with self.refused(UserError, "Choose contacts of"):
            dialog.create({"recipient_ids": [(6, 0, self.partner_b.ids)]}).action_send()
        with self.refused(UserError, "Say to whom"):
            dialog.create({"recipient_ids": [(5,)]}).action_send()
        self.partner_a.email = False
        with self.refused(UserError, "no e-mail address"):
            dialog.create({}).action_send()
        with self.refused(UserError, "is no e-mail address"):
            dialog.create({"recipient_ids": [(5,)], "cc": "nobody"}).action_send()

    def test_the_accountant_can_open_what_he_is_asked_about(self):
        accountant = self.new_user("books", "account.group_account_invoice")
        self.settings.accountant_id = accountant
        self.log("outcome_says_paid")
        todo = self.move.with_user(accountant).activity_ids
        self.assertEqual(todo.user_id, accountant)
        self.assertTrue(self.move.with_user(accountant).name)

    def test_levels_that_a_manager_releases_are_his(self):
        self.level_1.manual_release = True
        reminders = self.env["account.dunning.remind"]
        dialog = reminders.browse(self.case.with_user(self.collector).action_remind()["res_id"])
        self.assertFalse(dialog.notice_ids)
        self.assertIn("a dunning manager releases", dialog.refusal)
        self.assertFalse(self.env["account.dunning.run"].search([("case_id", "=", self.case.id)]), "it leaves no run")
        dialog = reminders.browse(self.case.with_user(self.manager).action_remind()["res_id"])
        self.assertTrue(dialog.notice_ids)

    def test_what_is_settled_is_neither_promised_nor_sent(self):
        paid = self.invoice(self.partner_a, 20, 30)
        self.pay(paid)
        settled = {"item_ids": [(6, 0, self.item(paid).ids)]}
        with self.refused(UserError, "that are open"):
            self.log("outcome_promises", **settled)
        action = self.case.with_user(self.collector).action_send()
        dialogs = self.env["account.dunning.send"].with_user(self.collector).with_context(**action["context"])
        with self.refused(UserError, "that are open"):
            dialogs.create(settled).action_send()

    def test_what_counted_as_reached_stays_so(self):
        self.log("outcome_reached")
        contact = self.case.contact_ids
        self.outcome("outcome_reached").with_user(self.manager).right_party = False
        self.assertTrue(contact.right_party)

    def test_items_of_others_are_not_told(self):
        foreign = self.item(self.invoice(self.partner_b, 20))
        case = self.case.with_user(self.collector)
        dialog = (
            self.env["account.dunning.send"].with_user(self.collector).with_context(**case.action_send()["context"])
        )
        with self.refused(UserError, "Choose items of"):
            dialog.create({"item_ids": [(6, 0, foreign.ids)]}).action_send()
