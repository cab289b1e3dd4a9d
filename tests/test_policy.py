"""The collection policy of the demo data, day by day, from the due date to the agency."""

import io

from openpyxl import load_workbook
from pypdf import PdfReader

from odoo.exceptions import UserError
from odoo.fields import Date
from odoo.tests import Form, tagged
from odoo.tools.convert import convert_file

from .common import TODAY, DunningCommon

POLICY = "data/demo/account_dunning_policy_demo.xml"


@tagged("post_install", "-at_install")
class TestPolicy(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        here = {"base.main_company": cls.company.id}  # what the demo gives the main company, ours gets
        convert_file(cls.env(su=True), "account_dunning", POLICY, here, mode="init", noupdate=True)
        cls.policy = cls.env.ref("account_dunning.type_policy")
        cls.call, cls.request, cls.threat, cls.end = cls.policy.level_ids
        cls.partner_a.category_id = cls.env.ref("account_dunning.tag_policy")
        cls.partner_a.dunning_user_id = cls.collector
        cls.settings.write({"auto_issue": True, "issue_user_id": cls.manager.id})
        cls.loss = cls.company_data["default_account_expense"].copy({"name": "Bad Debts"})
        cls.income = cls.company_data["default_account_revenue"].copy({"name": "Recovered Debts"})
        cls.settings.write_off_account_id = cls.loss
        cls.agency = cls.env["res.partner"].create({"name": "Debt & Co"})
        cls.clerk = cls.new_user("clerk", "account.group_account_invoice")
        cls.manager.group_ids += cls.env.ref("account.group_account_invoice")

    def setUp(self):
        super().setUp()
        self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda *args, **kwargs: 60)
        self.move = self.invoice(self.partner_a, 0, 1000.0)
        self.day = 0

    # the passing of days

    def night(self):
        """The scheduled actions of one night, twice, because that must not matter."""
        for _time in range(2):
            self.env["account.dunning.run"].sudo()._cron_nightly()
            self.env["account.dunning.run"].sudo()._cron_continue()
            self.env["account.dunning.handover"].sudo()._cron_make_dossiers()
            self.finish()

    def finish(self):
        self.env.cr.precommit.run()
        self.env.flush_all()
        self.env.invalidate_all()

    def until(self, day):
        """Let the nights pass until that of ``day``; before it nothing happens. Give what that night did."""
        while self.day < day:
            before = self.traces()
            self.day += 1
            self.frozen.move_to(Date.add(TODAY, days=self.day))
            self.night()
            after = self.traces()
            if self.day < day:
                self.assertEqual(after, before, f"on day {self.day}")
        return [trace for trace in after if trace not in before]

    @property
    def plan(self):
        return self.move.collection_plan_ids.sudo()

    @property
    def notices(self):
        return self.env["account.dunning.notice"].search([("partner_id", "=", self.partner_a.id)], order="id")

    def traces(self):
        """What is there: the notices, the activities, and the state of the plan."""
        activities = self.env["mail.activity"].search(
            [("res_model", "=", self.plan._name), ("res_id", "in", self.plan.ids)], order="id"
        )
        plans = self.plan.read(["state", "close_reason", "level_id", "amount_due", "collection_status"], load=None)
        return [
            *(("notice", notice.level_id.name, notice.state) for notice in self.notices),
            *(("activity", activity.activity_type_id.name, activity.id) for activity in activities),
            *(tuple(values.values()) for values in plans),
        ]

    # what people do

    def dialog(self, user, records, button, **values):
        action = getattr(records.with_user(user), button)()
        with Form(self.env[action["res_model"]].with_user(user).with_context(**action["context"])) as form:
            for name, value in values.items():
                setattr(form, name, value)
        result = form.record.action_apply()
        self.finish()
        return result

    def text(self, attachment):
        pages = PdfReader(io.BytesIO(attachment.raw)).pages
        return " ".join(" ".join(page.extract_text().split()) for page in pages)

    def print_letter(self, *words):
        """Print the letter that the night has made, which says ``words``; a person confirms it."""
        notice = self.notices[-1]
        self.assertEqual((notice.state, notice.document), ("to_print", "letter"))
        text = self.text(notice.attachment_id)
        for word in (*words, self.move.name, "1,000.00", "1 Main Street"):
            self.assertIn(word, text)
        notice.with_user(self.collector)._confirm_printed()
        self.finish()

    def activity(self, xmlid):
        """The one open activity of its type on the plan."""
        activity = self.plan.activity_ids.filtered(lambda found: found.activity_type_id == self.env.ref(xmlid))
        activity.ensure_one()
        return activity

    def balances(self):
        """What all entries of the customer have on each account."""
        moves = self.env["account.move.line"].search([("partner_id", "=", self.partner_a.id)]).move_id
        self.assertEqual(set(moves.mapped("state")), {"posted"})
        result = {}
        for line in moves.line_ids:
            result[line.account_id] = result.get(line.account_id, 0.0) + line.balance
        self.assertEqual(round(sum(result.values()), 2), 0)
        return {account: round(balance, 2) for account, balance in result.items() if round(balance, 2)}

    def assertPlan(self, **values):
        self.assertRecordValues(self.plan, [values])

    # the story

    def test_from_the_due_date_to_the_agency(self):
        self.night()
        self.assertFalse(self.plan or self.notices, "nothing on the day when it falls due")
        self.call_on_day_1()
        self.letter_on_day_31()
        self.payment_returned_on_day_44()
        self.threat_on_day_61()
        self.end_on_day_91()
        self.write_off_and_hand_over_on_day_92()
        self.payment_on_day_95()

    def call_on_day_1(self):
        self.assertTrue(self.until(1))
        self.assertPlan(state="ongoing", level_id=self.call.id, amount_due=1000, collection_status="dunning")
        self.assertRecordValues(self.notices, [{"state": "sent", "document": "none", "attachment_id": False}])
        call = self.activity("mail.mail_activity_data_call")
        self.assertRecordValues(
            call,
            [
                {
                    "summary": "Call and ask politely for the payment",
                    "user_id": self.collector.id,
                    "date_deadline": Date.add(TODAY, days=14),
                }
            ],
        )
        call.with_user(self.collector).action_feedback(feedback="Will pay soon")

    def letter_on_day_31(self):
        self.assertTrue(self.until(31))
        self.assertEqual(self.plan.level_id, self.call, "a letter counts once it is printed")
        self.print_letter("Request for Payment", "immediate payment", "07/12/2026")
        self.assertPlan(state="ongoing", level_id=self.request.id, collection_status="dunning")
        self.assertFalse(self.plan.activity_ids)

    def payment_returned_on_day_44(self):
        self.assertEqual(self.until(40), [])
        payment = self.pay(self.move)
        self.finish()
        self.assertPlan(state="recovered", level_id=self.request.id, amount_due=0)
        self.assertEqual(self.until(44), [])
        self.dialog(self.clerk, payment, "action_dunning_return", reason="Cheque bounced")
        self.assertPlan(state="ongoing", level_id=self.request.id, amount_due=1000)
        call = self.activity("mail.mail_activity_data_call")
        self.assertEqual((call.user_id, call.summary), (self.collector, "Call: a payment came back (Cheque bounced)"))
        call.with_user(self.collector).action_feedback(feedback="Promised again")
        receivable = self.item(self.move).account_id
        self.assertEqual(self.balances()[receivable], 1000)

    def threat_on_day_61(self):
        self.assertTrue(self.until(61))
        self.print_letter("Last Letter before the Agency", "pass these amounts to a collection agency", "61")
        self.assertPlan(state="ongoing", level_id=self.threat.id, collection_status="dunning")
        with self.refused(UserError, "(?i)credit stop"):
            self.invoice(self.partner_a, 0)

    def end_on_day_91(self):
        self.assertTrue(self.until(91))
        self.assertPlan(state="ongoing", level_id=self.end.id, amount_due=1000, collection_status="dunning")
        self.assertEqual(self.notices.mapped("state"), ["sent"] * 4)
        self.assertEqual(self.notices.mapped("level_id"), self.policy.level_ids)
        activity = self.activity("mail.mail_activity_data_todo")
        self.assertEqual(activity.summary, "Write off, and hand over to the agency")

    def write_off_and_hand_over_on_day_92(self):
        self.assertEqual(self.until(92), [], "a person does it")
        self.dialog(self.manager, self.plan, "action_write_off", reason="Overdue by more than 90 days")
        self.assertPlan(
            state="unrecovered", close_reason="written_off", collection_status="uncollectable", amount_written_off=1000
        )
        self.assertEqual(self.balances()[self.loss], 1000)
        self.dialog(self.manager, self.plan, "action_hand_over", agency_id=self.agency)
        self.assertPlan(state="unrecovered", close_reason="written_off", collection_status="agency")
        self.assertFalse(self.plan.activity_ids)
        handover = self.plan.handover_id
        self.assertEqual(handover.line_ids.mapped("amount"), [1000])
        rows = list(load_workbook(io.BytesIO(handover.table_id.raw)).active.iter_rows(values_only=True))
        self.assertEqual(len(rows), 2)
        self.assertIn(self.move.name, rows[1])
        self.night()
        dossier = self.text(handover.line_ids.dossier_id)
        for word in (self.move.name, "1,000.00", self.request.name, self.threat.name, "immediate payment"):
            self.assertIn(word, dossier)

    def payment_on_day_95(self):
        self.assertEqual(self.until(95), [], "nobody but the agency duns")
        payment = self.env["account.payment"].create(
            {"partner_id": self.partner_a.id, "amount": 400.0, "date": self.today}
        )
        payment.action_post()
        self.finish()
        self.assertTrue(self.plan.paid_late)
        told = self.activity("account_dunning.mail_activity_type_agency")
        self.assertIn("the customer has paid", told.summary)
        self.dialog(
            self.manager,
            self.plan,
            "action_end_write_off",
            reason="Paid to the agency",
            kind="income",
            account_id=self.income,
        )
        self.assertRecordValues(
            self.plan.handover_line_ids, [{"amount": 1000, "amount_settled": 400, "amount_open": 600}]
        )
        self.assertIn("600.00", self.activity("account_dunning.mail_activity_type_agency").summary)
        receivables = payment.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        self.assertTrue(receivables.reconciled, "matched")
        balances = self.balances()
        self.assertNotIn(self.item(self.move).account_id, balances)
        self.assertEqual((balances[self.loss], balances[self.income]), (1000, -400))
        self.assertEqual(self.plan.state, "unrecovered")

    def test_paid_after_the_call(self):
        """The call is all that there is, and nobody is asked to call any more."""
        self.until(1)
        self.assertEqual(len(self.plan.activity_ids), 1)
        self.pay(self.move)
        self.finish()
        self.assertFalse(self.plan.activity_ids)
        self.assertEqual(self.until(35), [])
        self.assertEqual(len(self.notices), 1)

    def test_the_call_stays_open(self):
        """It is asked for once, and the letters leave all the same."""
        self.until(1)
        call = self.activity("mail.mail_activity_data_call")
        self.until(31)
        self.assertEqual(self.activity("mail.mail_activity_data_call"), call)
        self.assertEqual(self.notices.mapped("state"), ["sent", "to_print"])
