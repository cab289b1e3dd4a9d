"""Invoice types: which documents are dunned (rules §5), and the journal items that are dunned among them."""

from ast import literal_eval
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import Form, tagged

from .test_balances import BalanceCommon


@tagged("post_install", "-at_install")
class TestInvoiceTypes(BalanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.commercial = cls.shipped("invoice_type_commercial")
        cls.debit_note = cls.shipped("invoice_type_debit_note")
        cls.receipt = cls.shipped("invoice_type_receipt")
        cls.misc = cls.shipped("invoice_type_entry")
        cls.entries = cls.env["account.move.line"].with_user(cls.manager)

    def dunned(self):
        """The documents that a run of today would dun; the run is thrown away."""
        run = self.run_day()
        moves = run.notice_ids.line_ids.move_id
        run.action_cancel() if run.state != "done" else None
        return moves

    def documents(self):
        """One document of each shipped type, all overdue."""
        invoice = self.invoice(self.partner_a, 12)
        receipt = self.invoice(self.partner_a, 12, move_type="out_receipt")
        note = self.invoice(self.partner_a, 12, debit_origin_id=invoice.id)
        entry = self.entry(100, 12, self.partner_a)
        self.item(entry).no_followup = False
        return {self.commercial: invoice, self.debit_note: note, self.receipt: receipt, self.misc: entry}

    def test_each_type_takes_its_documents(self):
        documents = self.documents()
        self.assertEqual(self.settings.invoice_type_ids, self.commercial)
        for invoice_type, move in documents.items():
            self.settings.invoice_type_ids = invoice_type
            self.assertEqual(self.dunned(), move, invoice_type.name)

    def test_all_types_at_once(self):
        documents = self.documents()
        self.settings.invoice_type_ids = self.env["account.dunning.invoice.type"].concat(*documents)
        self.assertEqual(self.dunned().sorted("id"), self.env["account.move"].concat(*documents.values()).sorted("id"))

    def test_types_are_told_by_the_document_itself(self):
        """Of a million documents only those of the customers at hand are looked at."""
        types = self.commercial + self.debit_note + self.receipt + self.misc
        for some in (*types, types):
            query = some._get_move_query()
            self.assertNotIn("SELECT", query.from_clause.code + query.where_clause.code, some.mapped("name"))

    def test_a_document_of_which_a_type_says_nothing_is_not_dunned(self):
        item = self.item(self.entry(80, 12, self.partner_a))
        item.no_followup = False
        self.settings.invoice_type_ids = self.misc
        self.assertEqual(self.dunned(), item.move_id)
        self.assertFalse(item.move_id.delivery_date)
        domain = Domain("delivery_date", "<", self.today)
        with patch.object(type(self.misc), "_get_own_move_domain", lambda self: domain):
            self.assertFalse(self.dunned())

    def test_a_type_added_counts_at_the_next_run(self):
        documents = self.documents()
        run = self.run_day()
        self.assertEqual(run.notice_ids.line_ids.move_id, documents[self.commercial])
        self.settings.invoice_type_ids += self.receipt
        self.assertEqual(run.notice_ids.line_ids.move_id, documents[self.commercial], "nothing happens by itself")
        run.action_propose()
        self.work()
        expected = documents[self.commercial] + documents[self.receipt]
        self.assertEqual(run.notice_ids.filtered(lambda n: n.state == "proposed").line_ids.move_id, expected)

    def test_a_type_of_some_journals(self):
        journal = self.company_data["default_journal_sale"].copy({"name": "Export"})
        here, export = self.invoice(self.partner_a, 12), self.invoice(self.partner_a, 12, journal_id=journal.id)
        self.assertEqual(self.dunned(), here + export)
        form = Form(self.env["account.dunning.invoice.type"].with_user(self.manager))
        form.name = "Export"
        form.journal_ids.add(journal)
        self.settings.invoice_type_ids = form.save()
        self.assertEqual(self.dunned(), export)

    def test_a_type_whose_journal_is_archived_takes_no_others(self):
        journal = self.company_data["default_journal_sale"].copy({"name": "Export"})
        _here, export = self.invoice(self.partner_a, 12), self.invoice(self.partner_a, 12, journal_id=journal.id)
        self.commercial.journal_ids = journal
        for active in (True, False):
            journal.active = active
            self.assertEqual(self.dunned(), export)
        self.assertEqual(self.commercial.journal_ids, journal, "the form shows it")

    def test_a_type_whose_journal_has_another_kind_now_takes_no_others(self):
        journal = self.company_data["default_journal_sale"].copy({"name": "Export"})
        self.commercial.journal_ids = journal
        self.invoice(self.partner_a, 12)
        journal.type = "purchase"
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.commercial.journal_ids, journal)
        self.assertFalse(self.dunned())

    def test_entries_of_bank_journals_are_no_misc_entries(self):
        item = self.item(self.entry(80, 12, self.partner_a))
        bank = self.company_data["default_journal_bank"]
        other = self.item(self.entry(90, 12, self.partner_a).copy({"journal_id": bank.id}))
        other.move_id.action_post()
        (item + other).no_followup = False
        self.settings.invoice_type_ids = self.misc
        self.assertEqual(self.dunned(), item.move_id)
        self.misc.journal_ids = bank
        self.assertEqual(self.dunned(), other.move_id)

    def test_no_followup_of_entries_through_the_list(self):
        self.settings.invoice_type_ids += self.misc
        item = self.item(self.entry(80, 12, self.partner_a))
        other = self.item(self.entry(90, 12, self.partner_b))
        self.assertEqual((item + other).mapped("no_followup"), [True, True], "core sets it")
        self.assertFalse(self.dunned())
        action = self.env.ref("account_dunning.account_move_line_entries_action")
        listed = self.entries.search(literal_eval(action.domain))
        self.assertEqual(listed & (item + other), item + other)
        (item + other).with_user(self.manager).action_dunning_include()
        self.assertEqual(self.dunned(), item.move_id + other.move_id)
        other.with_user(self.manager).action_dunning_leave_out()
        self.assertEqual((item + other).mapped("no_followup"), [False, True])
        self.send(self.run_day().notice_ids)
        self.assertEqual(item.move_id.collection_plan_ids.level_id, self.level_1)

    def test_the_list_has_what_entries_leave_open(self):
        action = self.env.ref("account_dunning.account_move_line_entries_action")
        self.invoice(self.partner_a, 12)
        self.payment(10)
        self.entry(-10, 12, self.partner_a)
        debit = self.item(self.entry(10, -12, self.partner_b))
        listed = self.entries.search([*literal_eval(action.domain), ("company_id", "=", self.company.id)])
        self.assertEqual(listed, debit)
        view = self.env.ref("account_dunning.account_move_line_entries_view_list")
        arch = self.entries.get_view(view.id, "list")["arch"]
        for method in ("action_dunning_include", "action_dunning_leave_out"):
            self.assertIn(f'name="{method}"', arch)

    def test_who_may_choose_entries(self):
        item = self.item(self.entry(80, 12, self.partner_a))
        clerk = self.new_user("clerk", "account.group_account_invoice,account_dunning.group_dunning_collector")
        for user in (self.collector, clerk):
            with self.refused(AccessError, "Only dunning managers"):
                item.with_user(user).action_dunning_include()
        self.assertFalse(item.with_user(self.manager).has_access("write"), "managers only read entries")
        other = self.setup_other_company(name="Other")["company"]
        stranger = self.new_user("stranger", "account_dunning.group_dunning_manager")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        with self.refused(AccessError, ""):
            item.with_user(stranger).action_dunning_include()
        self.assertTrue(item.no_followup)

    def test_only_open_items_of_entries_can_be_chosen(self):
        invoice = self.item(self.invoice(self.partner_a, 12))
        entry = self.entry(80, 12, self.partner_a)
        revenue = entry.line_ids - self.item(entry)
        for line in (invoice, revenue, self.item(entry) + invoice):
            with self.refused(UserError, "open items of journal entries only"):
                line.with_user(self.manager).action_dunning_leave_out()
        self.assertFalse(invoice.no_followup)
