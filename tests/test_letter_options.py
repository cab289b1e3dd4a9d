"""What a letter shows besides its items, where the level says so; none of it is dunned."""

from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import ChargesCommon


@tagged("post_install", "-at_install")
class TestLetterOptions(ChargesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dunned = cls.stage.invoice(cls.partner_a, 12, 100.0)
        cls.late = cls.stage.invoice(cls.partner_a, 5, 40.0)
        cls.held = cls.stage.invoice(cls.partner_a, 15, 70.0)
        cls.env["account.dunning.hold"].create({"move_id": cls.held.id, "reason_id": cls.shipped("reason_excluded").id})
        cls.future = cls.stage.invoice(cls.partner_a, -9, 50.0)
        cls.today_due = cls.stage.invoice(cls.partner_a, 0, 25.0)
        cls.note = cls.stage.invoice(cls.partner_a, 1, 30.0, move_type="out_refund")
        cls.stage.invoice(cls.partner_a, 12, 500.0, currency_id=cls.other_currency.id)
        cls.stage.invoice(cls.partner_b, 5, 60.0)

    def names(self, notice, section):
        return notice.info_ids.filtered(lambda info: info.section == section).mapped("name")

    def notice(self):
        notices = self.run_day().notice_ids
        own = notices.filtered(lambda notice: notice.partner_id == self.partner_a)
        return own.filtered(lambda notice: notice.currency_id == self.company.currency_id)

    def test_sections(self):
        for values, due, not_due, credit in (
            ({}, [], [], []),
            ({"show_due": True}, [self.late], [], []),
            ({"show_not_due": True}, [], [self.today_due, self.future], []),
            ({"show_credits": True}, [], [], [self.note]),
            ({"statement": True}, [self.held, self.late], [self.today_due, self.future], [self.note]),
        ):
            with self.subTest(values=values):
                blank = dict.fromkeys(("show_due", "show_not_due", "show_credits", "statement"), False)
                self.level_1.write({**blank, **values})
                notice = self.notice()
                for section, moves in (("due", due), ("not_due", not_due), ("credit", credit)):
                    self.assertEqual(self.names(notice, section), [move.name for move in moves], section)
                self.assertEqual(notice.amount_total, 70.0, "outside the total")
                self.assertEqual(notice.line_ids.move_id, self.dunned)
                notice.run_id.action_cancel()

    def test_statement_lists_everything_though_only_one_item_is_newly_due(self):
        """Dunned today and waiting, on hold, not due, credit notes, payments: all of it; without a claim nothing."""
        self.level_1.statement = True
        self.send(self.notice())
        self.go(1)
        newly = self.invoice(self.partner_a, 14, 333.0)
        payment = self.credit(self.partner_a, 11.0)
        notice = self.notice()
        self.assertEqual(notice.line_ids.move_id, newly)
        self.assertEqual(
            {section: self.names(notice, section) for section in ("due", "not_due", "credit")},
            {
                "due": [self.held.name, self.dunned.name, self.late.name, self.today_due.name],
                "not_due": [self.future.name],
                "credit": [self.note.name, payment.move_id.name],
            },
        )
        open_items = self.env["account.dunning.statement"]._read_open_items(
            self.company, self.partner_a.ids, self.today
        )[self.partner_a.id, self.company.currency_id.id]
        listed = [*notice.info_ids.mapped("name"), *notice.line_ids.mapped("name")]
        self.assertCountEqual(listed, [row["name"] for row in open_items], "as the statement of account")
        self.send(notice)
        self.go(1)
        self.assertFalse(self.notice(), "nothing is newly due")

    def test_what_a_rejected_payment_settled_is_open(self):
        self.level_1.statement = True
        self.pay(self.late).state = "rejected"
        self.assertIn(self.late.name, self.names(self.notice(), "due"))

    def test_balance(self):
        self.level_1.write({"statement": True, "fee_kind": "fixed", "fee_amount": 10.0})
        notice = self.notice()
        self.assertEqual(notice._get_balance(), 100.0 + 40.0 + 70.0 + 50.0 + 25.0 - 30.0 + 10.0)

    def test_only_for_information(self):
        self.level_1.statement = True
        notice = self.notice()
        self.send(notice)
        self.assertFalse(self.state(self.late))
        self.assertFalse(self.late.collection_plan_ids)
        self.assertEqual(len(notice.info_ids), 5, "kept as it was sent")
        self.pay(self.late)
        self.assertEqual(len(notice.info_ids), 5)

    def test_as_of_the_day_it_leaves(self):
        self.level_1.statement = True
        notice = self.notice()
        self.pay(self.late)
        self.go(10)
        self.issue(notice)
        self.assertEqual(self.names(notice, "due"), [self.held.name, self.today_due.name, self.future.name])
        self.assertFalse(self.names(notice, "not_due"))

    def test_moved_to_another_level(self):
        self.level_2.show_due = True
        notice = self.notice()
        self.assertFalse(notice.info_ids)
        notice._move_to_level(self.level_2)
        self.assertEqual(self.names(notice, "due"), [self.late.name])

    def test_unused_credit(self):
        self.level_1.show_credits = True
        self.credit(self.partner_a, 200.0)
        self.invoice(self.partner_a, 20, 200.0)
        self.dunning_type.grouping = "level"
        notices = self.run_day().notice_ids
        for notice in notices.filtered(lambda notice: notice.currency_id == self.company.currency_id):
            shown = -sum(notice.info_ids.mapped("amount_residual"))
            self.assertEqual(notice._get_unused_credit(), shown - notice.amount_credit)
            self.assertEqual(notice.amount_total, notice.amount_dunned - shown + notice._get_unused_credit())

    def test_invoices_of_charges_are_charges(self):
        self.settings.charges = "booked"
        self.level_1.write({"statement": True, "fee_kind": "fixed", "fee_amount": 10.0})
        self.level_2.statement = True
        notice = self.notice()
        self.send(notice)
        charge = self.env["account.move"].search([("dunning_notice_id", "=", notice.id)])
        self.go(10)
        second = self.notice()
        self.assertNotIn(charge.name, second.info_ids.mapped("name"))
        self.assertEqual(second.amount_earlier, 10.0)

    def test_queries_do_not_grow(self):
        self.level_1.statement = True

        def count(customers):
            partners = self.env["res.partner"].create(
                [{"name": f"C{n}", "email": "c@example.com"} for n in range(customers)]
            )
            for partner in partners:
                self.invoice(partner, 12)
                self.invoice(partner, 2)
            run = self.env["account.dunning.run"].create(
                {"company_id": self.company.id, "partner_ids": [Command.set(partners.ids)]}
            )
            run.action_propose()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.work()
            self.assertEqual(len(run.notice_ids.info_ids), customers)
            return self.env.cr.sql_log_count - before

        count(2)
        few, many = count(3), count(30)
        self.assertLessEqual(many, few + 3)

    def test_form(self):
        level = self.dunning_type.level_ids[0].with_user(self.manager)
        with Form(level) as form:
            form.report_id = self.env.ref("account_dunning.action_report_dunning_letter")
            form.show_due = True
        self.assertEqual(self.level_1._get_sections(), {"due"})
