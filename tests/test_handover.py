"""Hand-over to an agency: what can be handed over, what is paid since, the recall, the table and the dossiers."""

import base64
import io
import zipfile
from unittest.mock import patch

from lxml import etree
from openpyxl import load_workbook
from pypdf import PdfReader, PdfWriter

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common import DunningCommon, StubLetters


class HandoverCommon(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agency = cls.env["res.partner"].create({"name": "Debt & Co", "email": "agency@example.com"})

    def plan(self, move):
        return move.collection_plan_ids.sorted("id")[-1:].sudo()

    def dialog(self, plans, kind="hand_over", user=None, **values):
        """The dialog for ``plans`` as a dunning manager has it."""
        action = plans.with_user(user or self.manager).action_hand_over()
        if kind == "recall":
            action = plans.with_user(user or self.manager).action_recall()
        dialog = self.env[action["res_model"]].with_user(user or self.manager)
        return dialog.with_context(**action["context"]).create(values)

    def hand_over(self, plans, **values):
        action = self.dialog(plans, agency_id=self.agency.id, **values).action_apply()
        return self.env["account.dunning.handover"].browse(action["res_id"])

    def recall(self, plans, why="We agreed on instalments"):
        self.dialog(plans, "recall", note=why).action_apply()

    def notes(self, record):
        return " ".join(record.message_ids.mapped(lambda message: str(message.body)))

    def to_tell(self, plan):
        """What the activities ask to tell the agency."""
        kind = self.env.ref("account_dunning.mail_activity_type_agency")
        return plan.activity_ids.filtered(lambda activity: activity.activity_type_id == kind).mapped("summary")

    def dunned(self, partner, days=12, amount=100.0):
        """The plan of a new invoice that was dunned today."""
        move = self.invoice(partner, days, amount)
        self.dun()
        return self.plan(move)


@tagged("post_install", "-at_install")
class TestHandover(StubLetters, HandoverCommon):
    def test_what_it_records(self):
        plan = self.dunned(self.partner_a)
        handover = self.hand_over(plan, note="As agreed")
        self.assertRegex(handover.name, r"^AGY/2026/\d{4}$")
        self.assertRecordValues(
            handover,
            [
                {
                    "partner_id": self.agency.id,
                    "company_id": self.company.id,
                    "date": self.today,
                    "note": "As agreed",
                    "state": "handed_over",
                    "plan_count": 1,
                }
            ],
        )
        self.assertRecordValues(
            handover.line_ids,
            [{"plan_id": plan.id, "amount": 100, "amount_open": 100, "amount_settled": 0, "state": "handed_over"}],
        )
        self.assertRecordValues(
            plan,
            [{"state": "unrecovered", "close_reason": "handed_over", "keeps_out": True, "handover_id": handover.id}],
        )
        self.assertIn("Debt &amp; Co", self.notes(plan))
        self.assertIn(handover.name, self.notes(plan))

    def test_open_and_unrecovered_plans_can_be_handed_over(self):
        self.dunning_type.unrecovered_days = 5
        self.level_1.min_days = self.level_1.deadline_days = 0
        moves = [self.invoice(self.partner_a, 35), self.invoice(self.partner_b, 12)]
        for _day in range(3):
            self.dun()
            self.go(9)
        self.run_day()
        self.assertEqual(self.plan(moves[0]).close_reason, "exhausted")
        paused = self.plan(moves[1])
        paused._pause(self.shipped("reason_payment_announced"), self.today.replace(month=12))
        handover = self.hand_over(paused + self.plan(moves[0]))
        self.assertEqual(handover.plan_count, 2)
        self.assertEqual(set(handover.line_ids.plan_id.mapped("close_reason")), {"handed_over"})
        self.assertFalse(paused.paused_until)

    def test_preview_tells_which_cannot_and_why(self):
        good = self.dunned(self.partner_a, amount=10)
        paid, held, stopped, away = [self.dunned(self.partner_b, amount=n) for n in (20, 30, 40, 50)]
        self.pay(paid.move_id)
        reason = self.shipped("reason_dispute")
        self.env["account.dunning.hold"].create({"move_id": held.move_id.id, "reason_id": reason.id})
        stopped._stop(reason)
        self.hand_over(away)
        dialog = self.dialog(good + paid + held + stopped + away, agency_id=self.agency.id)
        self.assertEqual((dialog.possible_count, dialog.refused_count), (1, 4))
        why = {line.plan_id: line.refusal for line in dialog.line_ids}
        self.assertFalse(why[good])
        self.assertIn("Recovered", why[paid])
        self.assertIn("on hold", why[held])
        self.assertIn("Stopped", why[stopped])
        self.assertIn("with Debt & Co already", why[away])
        handover = self.env["account.dunning.handover"].browse(dialog.action_apply()["res_id"])
        self.assertEqual(handover.line_ids.plan_id, good)

    def test_a_held_item_of_a_customer_keeps_his_plan_here(self):
        self.settings.mode = "customer"
        move = self.invoice(self.partner_a, 12)
        self.dun()
        plan = self.env["account.collection.plan"].search([("partner_id", "=", self.partner_a.id)])
        reason = self.shipped("reason_dispute")
        self.env["account.dunning.hold"].create({"move_line_id": self.item(move).id, "reason_id": reason.id})
        self.assertIn("on hold", plan._get_refusals("hand_over")[plan])

    def test_what_was_paid_at_the_last_moment_stays_here(self):
        plan = self.dunned(self.partner_a)
        self.pay(plan.move_id)
        with self.refused(UserError, "Recovered"):
            plan._hand_over(self.agency, "")

    def test_agency_is_needed_and_the_last_one_proposed(self):
        plans = self.dunned(self.partner_a) + self.dunned(self.partner_b)
        with self.refused(UserError, "Agency"):
            self.dialog(plans[0]).action_apply()
        self.hand_over(plans[0])
        self.assertEqual(self.dialog(plans[1]).agency_id, self.agency)

    def test_nobody_duns_what_is_with_the_agency(self):
        plan = self.dunned(self.partner_a)
        self.go(10)
        proposed = self.run_day().notice_ids
        self.assertEqual(proposed.line_ids.move_id, plan.move_id)
        self.hand_over(plan)
        self.assertFalse(proposed.exists().filtered(lambda notice: notice.state == "proposed"))
        self.go(20)
        self.assertFalse(self.dun())
        with self.refused(UserError, "recall it first"):
            plan.with_user(self.manager).action_allow_new()

    # paid since

    def test_a_payment_is_matched_and_the_agency_told(self):
        plan = self.dunned(self.partner_a)
        plan.user_id = self.collector
        handover = self.hand_over(plan)
        self.go(3)
        self.pay(plan.move_id, 30)
        self.assertEqual(plan.state, "unrecovered")
        self.assertRecordValues(handover.line_ids, [{"amount": 100, "amount_settled": 30, "amount_open": 70}])
        self.assertEqual(self.to_tell(plan), ["Tell Debt & Co: $\N{NO-BREAK SPACE}70.00 is open now"])
        self.assertEqual(plan.activity_ids.user_id, self.collector)

        self.pay(plan.move_id)
        self.assertRecordValues(plan, [{"state": "recovered", "close_reason": "paid", "handover_id": handover.id}])
        self.assertRecordValues(handover.line_ids, [{"amount_settled": 100, "amount_open": 0, "state": "paid"}])
        self.assertEqual(handover.paid_count, 1)
        self.assertEqual(self.to_tell(plan), ["Tell Debt & Co: $\N{NO-BREAK SPACE}0.00 is open now"], "one, not two")

    def test_told_once(self):
        plan = self.dunned(self.partner_a)
        self.hand_over(plan)
        self.pay(plan.move_id, 30)
        plan.activity_ids.action_feedback()
        plan._settle()
        self.assertFalse(self.to_tell(plan))

    def test_filters(self):
        paid, waiting = self.dunned(self.partner_a), self.dunned(self.partner_b)
        handovers = self.hand_over(paid) + self.hand_over(waiting)
        self.pay(paid.move_id)
        found = self.filtered_by("account.collection.plan", "with_agency")
        self.assertEqual(found & (paid + waiting), waiting)
        found = self.filtered_by("account.collection.plan", "paid_after_handover")
        self.assertEqual(found & (paid + waiting), paid)
        self.assertEqual(self.filtered_by("account.dunning.handover", "paid") & handovers, handovers[0])
        self.recall(waiting)
        self.assertEqual(self.filtered_by("account.dunning.handover", "in_force") & handovers, handovers[0])

    def filtered_by(self, model, name):
        """The records that a filter of the model's search view finds."""
        arch = etree.fromstring(self.env[model].get_view(view_type="search")["arch"])
        [node] = arch.xpath(f"//filter[@name='{name}']")
        return self.env[model].search(safe_eval(node.get("domain")))

    def test_a_credit_note_is_told_too(self):
        plan = self.dunned(self.partner_a)
        handover = self.hand_over(plan)
        refund = plan.move_id._reverse_moves([{"invoice_date": self.today}], cancel=True)
        self.assertEqual(refund.state, "posted")
        self.env.cr.precommit.run()
        self.assertRecordValues(plan, [{"state": "unrecovered", "amount_due": 0}])
        self.assertEqual(handover.line_ids.amount_settled, 100)
        self.assertEqual(len(self.to_tell(plan)), 1)

    def test_a_returned_payment_goes_back_to_the_agency(self):
        plan = self.dunned(self.partner_a)
        handover = self.hand_over(plan)
        payment = self.pay(plan.move_id)
        self.assertEqual(plan.state, "recovered")
        payment.action_draft()
        self.env.cr.precommit.run()
        self.assertRecordValues(
            plan,
            [{"state": "unrecovered", "close_reason": "handed_over", "keeps_out": True, "handover_id": handover.id}],
        )
        self.assertEqual(handover.line_ids.amount_open, 100)
        self.assertEqual(self.to_tell(plan), ["Tell Debt & Co: $\N{NO-BREAK SPACE}100.00 is open now"])
        self.assertIn("returned", self.notes(plan))
        self.go(30)
        self.assertFalse(self.dun())

    # recall

    def test_recalled_plan_goes_on_at_its_level(self):
        plan, other = self.dunned(self.partner_a), self.dunned(self.partner_b)
        handover = self.hand_over(plan + other)
        self.go(5)
        with self.refused(UserError, "Note"):
            self.recall(plan, why=False)
        self.pay(plan.move_id, 30)
        self.recall(plan)
        self.assertRecordValues(
            plan,
            [
                {
                    "state": "ongoing",
                    "close_reason": False,
                    "closed_on": False,
                    "keeps_out": False,
                    "level_id": self.level_1.id,
                    "idle_days": 5,
                    "handover_id": False,
                }
            ],
        )
        self.assertFalse(self.to_tell(plan), "nothing to tell any more")
        line = handover.line_ids.filtered(lambda line: line.plan_id == plan)
        self.assertRecordValues(
            line,
            [{"recalled_on": self.today, "recall_reason": "We agreed on instalments", "state": "recalled"}],
        )
        self.assertEqual(handover.state, "partly_recalled")
        for record in (plan, handover):
            self.assertIn("We agreed on instalments", self.notes(record))
        self.go(6)
        self.assertFalse(self.dun(), "the minimum days of the level are 7")
        self.go(1)
        self.assertEqual(self.dun().level_id, self.level_2)
        self.pay(plan.move_id)
        self.assertEqual((line.amount_settled, line.amount_open), (30, 70), "until the recall")
        self.recall(other)
        self.assertEqual(handover.state, "recalled")

    def test_handed_over_again(self):
        plan = self.dunned(self.partner_a)
        first = self.hand_over(plan)
        self.recall(plan)
        second = self.hand_over(plan)
        self.assertEqual(plan.handover_line_ids.handover_id, first + second)
        self.assertEqual(plan.handover_id, second)
        self.assertEqual((first.state, second.state), ("recalled", "handed_over"))

    def test_after_the_ladder_it_is_unrecovered_again_in_the_night(self):
        self.dunning_type.unrecovered_days = 5
        plan = self.dunned(self.partner_a, days=40)
        plan._set_level(self.level_3)
        self.go(5)
        self.run_day()
        self.assertEqual(plan.close_reason, "exhausted")
        self.hand_over(plan)
        self.go(20)
        self.recall(plan)
        self.assertEqual((plan.state, plan.idle_days), ("ongoing", 20))
        self.run_day()
        self.assertRecordValues(plan, [{"state": "unrecovered", "close_reason": "exhausted"}])

    def test_what_is_paid_or_was_never_there_cannot_be_recalled(self):
        paid, never = self.dunned(self.partner_a), self.dunned(self.partner_b)
        self.hand_over(paid)
        self.pay(paid.move_id)
        refusals = (paid + never)._get_refusals("recall")
        self.assertIn("Recovered", refusals[paid])
        self.assertIn("Ongoing", refusals[never])
        never._close("unrecovered", "exhausted", keeps_out=True)
        self.assertIn("not with an agency", never._get_refusals("recall")[never])

    def test_all_at_once_from_the_handover(self):
        plans = self.dunned(self.partner_a) + self.dunned(self.partner_b)
        handover = self.hand_over(plans)
        action = handover.with_user(self.manager).action_recall()
        self.assertEqual(action["context"]["default_plan_ids"], [Command.set(plans.ids)])
        action = handover.line_ids[0].with_user(self.manager).action_recall()
        self.assertEqual(action["context"]["default_plan_ids"], [Command.set(plans[0].ids)])

    def test_another_mode_meanwhile(self):
        plan = self.dunned(self.partner_a)
        self.hand_over(plan)
        self.settings.mode = "customer"
        self.recall(plan)
        self.assertRecordValues(plan, [{"state": "stopped", "close_reason": "recalled", "keeps_out": False}])
        self.go(10)
        self.assertEqual(self.dun().level_id, self.level_2, "the item goes on in the present mode, at its level")

    # who

    def test_dunning_managers_only(self):
        plan = self.dunned(self.partner_a)
        with self.refused(AccessError, "managers"):
            self.dialog(plan, user=self.collector, agency_id=self.agency.id).action_apply()
        handover = self.hand_over(plan)
        with self.refused(AccessError, "managers"):
            self.dialog(plan, "recall", user=self.collector, note="Why").action_apply()
        with self.refused(AccessError, "managers"):
            handover.with_user(self.collector).action_make_dossiers()
        self.assertEqual(handover.with_user(self.collector).line_ids.amount, 100)
        for record in (handover, handover.line_ids):
            with self.assertRaises(AccessError):
                record.with_user(self.manager).write({"company_id": self.company.id})
        with self.assertRaises(AccessError):
            plan.with_user(self.manager).handover_id = False

    def test_other_companies_are_out_of_sight(self):
        handover = self.hand_over(self.dunned(self.partner_a))
        other = self.setup_other_company(name="Other")["company"]
        stranger = self.new_user("stranger", "account_dunning.group_dunning_manager")
        stranger.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        for record in (handover, handover.line_ids):
            self.assertFalse(record.with_user(stranger).search([("id", "in", record.ids)]))


@tagged("post_install", "-at_install")
class TestHandoverOfCustomers(StubLetters, HandoverCommon):
    """Customer-based plans."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settings.mode = "customer"

    def plan_of(self, partner):
        return self.env["account.collection.plan"].search([("partner_id", "=", partner.id)], order="id desc", limit=1)

    def test_amount_in_the_currency_of_the_company(self):
        """Of a closed plan too: 100 dollars and 100 euros, at 2 euros a dollar."""
        self.invoice(self.partner_a, 12)
        self.invoice(self.partner_a, 12, currency_id=self.other_currency.id)
        self.dun()
        plan = self.plan_of(self.partner_a)
        self.assertEqual(plan.amount_due, 150)
        handover = self.hand_over(plan)
        self.assertEqual(handover.line_ids.amount, 150)
        plan._settle()
        self.assertEqual(plan.amount_due, 150)

    def test_later_invoices_open_another_plan_which_takes_over_at_a_recall(self):
        first = self.invoice(self.partner_a, 12)
        self.dun()
        plan = self.plan_of(self.partner_a)
        handover = self.hand_over(plan)
        self.go(10)
        second = self.invoice(self.partner_a, 12)
        self.dun()
        heir = self.plan_of(self.partner_a)
        self.assertNotEqual(heir, plan)
        self.assertEqual(heir.item_state_ids.move_id, second)
        self.recall(plan)
        self.assertRecordValues(plan, [{"state": "stopped", "close_reason": "recalled", "keeps_out": False}])
        self.assertEqual(heir.item_state_ids.move_id, first + second)
        self.assertEqual(heir.amount_due, 200)
        self.assertEqual(handover.state, "recalled")

    def test_paid_later(self):
        move, other = self.invoice(self.partner_a, 12), self.invoice(self.partner_a, 14)
        self.dun()
        plan = self.plan_of(self.partner_a)
        handover = self.hand_over(plan)
        self.pay(move)
        self.assertEqual((plan.state, handover.line_ids.amount_settled), ("unrecovered", 100))
        self.pay(other)
        self.assertEqual((plan.state, handover.line_ids.amount_settled), ("recovered", 200))


@tagged("post_install", "-at_install")
class TestTable(StubLetters, HandoverCommon):
    def rows(self, handover):
        sheet = load_workbook(io.BytesIO(handover.table_id.raw)).active
        headers, *rows = sheet.iter_rows(values_only=True)
        return [dict(zip(headers, row, strict=True)) for row in rows]

    def test_one_row_for_each_item(self):
        self.partner_a.write({"ref": "C-1", "vat": "=1+1", "phone": "0123", "country_id": self.env.ref("base.de").id})
        halves = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 3}),
                ],
            }
        )
        move = self.invoice(self.partner_a, 16, 200, invoice_payment_term_id=halves.id)
        foreign = self.invoice(self.partner_b, 12, 80, currency_id=self.other_currency.id)
        self.dun()
        self.pay(foreign, 30)
        handover = self.hand_over(self.plan(move) + self.plan(foreign))
        rows = self.rows(handover)
        self.assertEqual([row["Invoice"] for row in rows], [move.name, move.name, foreign.name])
        first = {key: value.date() if hasattr(value, "date") else value for key, value in rows[0].items()}
        self.assertEqual(
            first,
            {
                "Customer No.": "C-1",
                "Customer": "partner_a",
                "Street": "1 Main Street",
                "ZIP": "12345",
                "City": "Springfield",
                "Country": "Germany",
                "Tax ID": "=1+1",
                "E-mail": "a@example.com",
                "Phone": "0123",
                "Invoice": move.name,
                "Kind": "Debt",
                "Invoice Date": move.invoice_date,
                "Due Date": move.invoice_date,
                "Days Overdue": 16,
                "Amount": 100,
                "Open Amount": 100,
                "Currency": "USD",
                "Level": "Test 10",
                "Last Notice": self.today,
                "Collection Plan": move.name,
            },
        )
        self.assertEqual([row["Days Overdue"] for row in rows], [16, 13, 12])
        self.assertEqual((rows[2]["Amount"], rows[2]["Open Amount"], rows[2]["Currency"]), (80, 50, "EUR"))

    def test_texts_are_no_formulas(self):
        self.partner_a.name = "=HYPERLINK(1)"
        handover = self.hand_over(self.dunned(self.partner_a))
        cell = load_workbook(io.BytesIO(handover.table_id.raw)).active["B2"]
        self.assertEqual((cell.value, cell.data_type), ("=HYPERLINK(1)", "s"))

    def test_in_the_language_of_the_agency(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.agency.lang = "fr_FR"
        self.env.ref("base.de").with_context(lang="fr_FR").name = "Allemagne"
        self.partner_a.country_id = self.env.ref("base.de")
        [row] = self.rows(self.hand_over(self.dunned(self.partner_a)))
        self.assertIn("Allemagne", row.values())


def blank_pdf():
    writer, buffer = PdfWriter(), io.BytesIO()
    writer.add_blank_page(width=200, height=200)
    writer.write(buffer)
    return buffer.getvalue()


@tagged("post_install", "-at_install")
class TestDossierQueue(StubLetters, HandoverCommon):
    """Which dossiers are made, and when. What they hold: see test_pdf."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.covers = []

        def render(report, records):
            if records._name == "account.move":
                return {}
            cls.covers.append(records)
            if any(record.partner_id.name == "Bad" for record in records):
                raise UserError(report.env._("No cover"))
            return dict.fromkeys(records.ids, blank_pdf())

        cls.classPatch(type(cls.env["ir.actions.report"]), "_render_dunning_letters", render)

    def setUp(self):
        super().setUp()
        self.moves = [
            self.invoice(self.partner_a, 12),
            self.invoice(self.partner_a, 14),
            self.invoice(self.partner_b, 12),
        ]
        self.dun()
        self.covers.clear()
        cron = self.env.ref("account_dunning.ir_cron_dunning_dossiers")
        triggers = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        self.handover = self.hand_over(self.plan(self.moves[0]) + self.plan(self.moves[1]) + self.plan(self.moves[2]))
        self.assertEqual(self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]), triggers + 1)

    def make(self):
        handovers = self.env["account.dunning.handover"].sudo()
        return list(iter(handovers._make_next_dossiers, 0))

    def test_one_for_each_customer(self):
        self.assertEqual((self.handover.waiting_count, self.handover.dossier_count), (2, 0))
        self.assertEqual(self.make(), [2])
        self.assertEqual(len(self.covers), 1, "all with one call")
        self.assertEqual((self.handover.waiting_count, self.handover.dossier_count), (0, 2))
        dossiers = [line.dossier_id for line in self.handover.line_ids]
        self.assertEqual(dossiers[0], dossiers[1])
        self.assertNotEqual(dossiers[0], dossiers[2])
        self.assertEqual(dossiers[0].name, f"{self.handover.name} partner_a.pdf".replace("/", "-"))
        self.assertEqual(dossiers[0].with_user(self.collector).raw, dossiers[0].raw, "collectors may read it")

    def test_in_chunks(self):
        with patch("odoo.addons.account_dunning.models.closing.handover_documents.DOSSIER_CHUNK", 1):
            self.assertEqual(self.make(), [1, 1])
        self.assertEqual(len(self.covers), 2)

    def test_scheduled_action(self):
        self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda *args, **kwargs: 60)
        self.env["account.dunning.handover"].sudo()._cron_make_dossiers()
        self.assertEqual(self.handover.waiting_count, 0)

    def test_one_that_fails_leaves_the_others(self):
        self.partner_b.name = "Bad"
        self.make()
        self.assertEqual((self.handover.dossier_count, self.handover.failed_count), (1, 1))
        self.assertEqual(self.handover.line_ids[2].failure, "No cover")
        self.partner_b.name = "Good"
        self.handover.with_user(self.manager).action_make_dossiers()
        self.assertEqual((self.handover.waiting_count, self.handover.failed_count), (2, 0))
        self.make()
        self.assertEqual((self.handover.dossier_count, self.handover.failed_count), (2, 0))

    def test_recalled_before_it_was_made(self):
        self.recall(self.plan(self.moves[2]))
        self.assertEqual(self.make(), [1])
        self.assertFalse(self.handover.line_ids[2].dossier_id)

    def test_all_in_one_file(self):
        self.make()
        content = base64.b64decode(self.handover.with_user(self.collector).documents)
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
        number = self.handover.name.replace("/", "-")
        self.assertEqual(names, [f"{number}.xlsx", f"{number} partner_a.pdf", f"{number} partner_b.pdf"])
        action = self.handover.action_download()
        self.assertEqual(
            action["url"],
            f"/web/content/account.dunning.handover/{self.handover.id}/documents/{number}.zip?download=true",
        )

    def test_what_cannot_be_read_is_skipped(self):
        """The letter of the second customer is broken; his invoice is there."""
        lines = self.handover.line_ids
        notice = lines[2]._get_sent_notices()
        notice.sudo().attachment_id.raw = b"%PDF-1.4 broken"
        self.moves[2].invoice_pdf_report_file = base64.b64encode(blank_pdf())
        self.moves[2].invalidate_recordset(["invoice_pdf_report_id"])
        self.make()
        self.assertEqual([len(PdfReader(io.BytesIO(lines[n].dossier_id.raw)).pages) for n in (0, 2)], [2, 2])
        self.assertEqual(lines[2]._get_contents(), [self.moves[2].name], "what is not attached is not listed")

    def test_a_level_without_document_sent_no_notice(self):
        line = self.handover.line_ids[2]
        notice = line._get_sent_notices()
        self.assertTrue(notice)
        notice.sudo().document = "none"
        self.assertFalse(line._get_sent_notices())
        self.assertNotIn(notice.name, line._get_contents())
