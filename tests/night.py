"""What the tests of nights share: a night that reads whom it has to, compared with one that reads everybody."""

from contextlib import closing

from odoo.models import BaseModel

from .common import DunningCommon, StubLetters

NOTICE = (
    *("partner_id", "type_id", "level_id", "recipient_id", "document", "currency_id", "date", "deadline_date"),
    *("days_overdue", "oldest_due_date", "amount_dunned", "amount_credit", "amount_total", "reminder", "state"),
)
LINE = ("move_line_id", "level_id", "claim", "amount_credit", "days_overdue", "previous_level_id", "dunned", "plan_id")
SKIPPED = ("partner_id", "reason", "item_count", "currency_id", "amount", "note")
PLAN = (
    *("partner_id", "id", "state", "close_reason", "level_id", "next_level_id", "next_date"),
    *("below_minimum", "amount_due"),
)


class NightCommon(StubLetters, DunningCommon):
    """``self.night()`` lets a night propose; ``self.check_night()`` first tries what a full reading would propose."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.runs = cls.env["account.dunning.run"].sudo()

    def latest(self, company=None):
        domain = [("company_id", "=", (company or self.company).id), ("nightly", "=", True)]
        return self.runs.search(domain, order="id desc", limit=1)

    def night(self, company=None):
        """A night proposes; returns its run."""
        self.env["account.dunning.hold"].sudo()._cron_end_holds()
        self.env["account.collection.plan"].sudo()._end_pauses()
        self.runs._start_nightly(company or self.company)
        self.propose()
        self.env.invalidate_all()
        return self.latest(company)

    def propose(self):
        """Let all chunks propose; nothing is issued."""
        chunks = self.env["account.dunning.run.chunk"].sudo()
        while chunk := chunks._take():
            chunk._propose()
        self.runs._finish_proposed()

    def settle(self):
        self.env.cr.precommit.run()
        self.env.flush_all()

    def check_night(self, company=None, reads_all=False):
        """A night, which must come to what one that reads everybody comes to; returns its run."""
        company = company or self.company
        expected = self.try_full_night(company)
        run = self.night(company)
        if reads_all is not None:
            self.assertEqual(bool(run.read_all), reads_all, run.read_all)
        self.assertEqual(self.snapshot(run), expected)
        return run

    def try_full_night(self, company):
        """What a night comes to that reads everybody, as of :meth:`snapshot`; nothing of it stays."""
        self.settle()
        with closing(self.env.cr.savepoint()):
            company._get_dunning_settings().night_policy = False
            run = self.night(company)
            self.assertTrue(run.read_all)
            expected = self.snapshot(run)
        self.env.cr.precommit.clear()
        self.env.invalidate_all()
        return expected

    def snapshot(self, run):
        """What the run proposes and leaves out, and what comes next for the plans of its company."""
        self.settle()
        self.env.invalidate_all()
        notices = self.show_all(run.notice_ids, NOTICE)
        plans = self.env["account.collection.plan"].sudo().search([("company_id", "=", run.company_id.id)])
        return {
            "notices": sorted(
                (vals, self.show_all(notice.line_ids, LINE))
                for notice, vals in zip(run.notice_ids, notices, strict=True)
            ),
            "skipped": sorted(self.show_all(run.skipped_ids, SKIPPED)),
            "plans": sorted(self.show_all(plans, PLAN)),
        }

    def show_all(self, records, names):
        return [tuple(self.show(record[name]) for name in names) for record in records]

    def show(self, value):
        return str(value.ids if isinstance(value, BaseModel) else value)
