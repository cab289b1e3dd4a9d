from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...tools.bulk import bulk_insert
from .line_undo import LineUndo


class AccountDunningNoticeLine(LineUndo, models.Model):
    """One item on a notice, as it was: a snapshot that outlives the journal item."""

    _name = "account.dunning.notice.line"
    _description = "Dunning Notice Line"
    _log_access = False  # the notice tells who and when
    _order = "notice_id, due_date, id"

    notice_id = fields.Many2one("account.dunning.notice", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="notice_id.company_id")
    partner_id = fields.Many2one(related="notice_id.partner_id")
    currency_id = fields.Many2one(related="notice_id.currency_id")
    notice_state = fields.Selection(related="notice_id.state")
    sent_on = fields.Date(related="notice_id.sent_on")
    move_line_id = fields.Many2one(
        "account.move.line", string="Journal Item", index="btree_not_null", ondelete="set null"
    )
    move_id = fields.Many2one("account.move", string="Invoice", index="btree_not_null", ondelete="set null")
    plan_id = fields.Many2one(
        "account.collection.plan", string="Collection Plan", index="btree_not_null", ondelete="set null"
    )
    level_id = fields.Many2one("account.dunning.level", ondelete="restrict")
    name = fields.Char(string="Number")
    invoice_date = fields.Date()
    due_date = fields.Date()
    days_overdue = fields.Integer(aggregator=None)
    amount_original = fields.Monetary(string="Original Amount")
    claim = fields.Monetary(string="Open Amount")
    amount_credit = fields.Monetary(string="Covered by Credits")
    amount_contested = fields.Monetary(
        string="On Hold", help="The part of the item that is on hold: not claimed, and without interest."
    )
    dunned = fields.Boolean(help="Counts for the level; a reminder only informs.")
    started = fields.Boolean(
        copy=False, help="The actions of the level were started; a letter after a bounce starts none again."
    )
    pending = fields.Boolean(help="The notice has not left yet; an item is in one such notice at most.")
    previous_level_id = fields.Many2one("account.dunning.level", string="Level Before", ondelete="set null")
    previous_date = fields.Date(string="Notice Before")
    previous_times = fields.Integer()
    previous_deadline_days = fields.Integer()
    previous_resumed_on = fields.Date()
    previous_reminder_level_id = fields.Many2one("account.dunning.level", ondelete="set null")
    reason = fields.Selection(
        [
            ("due", "Level due"),
            ("repeat", "Level repeated"),
            ("reminder", "Reminder"),
            ("person", "Set by a person"),
        ]
    )
    why = fields.Char(compute="_compute_why")

    _pending_unique = models.UniqueIndex("(move_line_id) WHERE pending", "An item can be in one unissued notice only.")

    @api.depends("reason", "days_overdue", "previous_level_id", "previous_date", "level_id")
    @api.depends_context("lang")
    def _compute_why(self):
        for line in self:
            line.why = line._get_why()

    def _get_why(self):
        """Why the line is on the notice, as one sentence in the user's language."""
        self.ensure_one()
        if self.reason == "reminder":
            return self.env._("Due in %(days)s days: reminder", days=-self.days_overdue)
        if self.reason == "person":
            return self.env._("%(days)s days overdue; level set by a person", days=self.days_overdue)
        if not self.previous_date:
            return self.env._("%(days)s days overdue, never dunned before", days=self.days_overdue)
        return self.env._(
            "%(days)s days overdue; last notice “%(level)s” on %(date)s",
            days=self.days_overdue,
            level=self.previous_level_id.name or "",
            date=format_date(self.env, self.previous_date),
        )

    @api.model
    def _insert_proposed(self, proposals, today):
        """Insert the lines of ``proposals`` (engine proposals by notice id) as of the date ``today``."""
        bulk_insert(
            self,
            [
                self._prepare_proposed_vals(notice_id, verdict, today)
                for notice_id, proposal in proposals.items()
                for verdict in proposal.verdicts
            ],
        )

    @api.model
    def _prepare_proposed_vals(self, notice_id, verdict, today):
        """Values of the line for an item: what the engine has decided, and what the reader read of it. Hook."""
        item, level = verdict.item, verdict.level
        return {
            "notice_id": notice_id,
            "move_line_id": item.id,
            "move_id": item.move_id,
            "level_id": level.id,
            "name": item.number,
            "invoice_date": item.invoice_date,
            "due_date": item.due,
            "days_overdue": item.days_overdue(today),
            "amount_original": item.original,
            "claim": item.claim,
            "amount_credit": verdict.credit,
            "amount_contested": item.contested,
            "dunned": not level.reminder,
            "pending": True,
            "previous_level_id": item.level_id,
            "previous_date": item.last_notice,
            "previous_times": item.times,
            "previous_deadline_days": item.deadline_days,
            "previous_resumed_on": item.resumed,
            "previous_reminder_level_id": item.reminder_level_id,
            "reason": verdict.reason,
        }

    @api.model
    def _prepare_refreshed_vals(self, verdict, today):
        """What a line that has not left says of its item, judged by ``verdict`` on the date ``today``. Hook."""
        return {
            "claim": verdict.item.claim,
            "amount_credit": verdict.credit,
            "amount_contested": verdict.item.contested,
            "days_overdue": verdict.item.days_overdue(today),
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_left(self):
        if any(notice._has_left() for notice in self.notice_id):
            raise UserError(self.env._("The lines of notices that were issued cannot be deleted."))

    def _after_raised(self):
        """The items of these lines have reached a level by them, for the first time in this step of a plan. Hook."""

    def _after_lowered(self):
        """The level that these lines gave is taken back. Hook."""

    def _lock_items(self):
        """Keep the journal items as they are until the commit, so that no payment is overlooked that comes meanwhile.

        Nobody's work is lost: who pays waits for the commit, and finds the plans that this transaction opens.

        :raises: a conflict where one was paid since this transaction began
        """
        self.env.flush_all()
        self.env.execute_query(
            SQL("SELECT 1 FROM account_move_line WHERE id = ANY(%s) ORDER BY id FOR SHARE", self.move_line_id.ids)
        )

    def _is_free(self):
        """True where no other notice that has not left holds the item of the line."""
        self.ensure_one()
        taken = Domain("move_line_id", "=", self.move_line_id.id) & Domain("pending", "=", True)
        return not self.move_line_id or not self.search_count(taken & Domain("id", "!=", self.id), limit=1)

    def _withdraw(self, why):
        """Take the lines off their notices that have not left; what else is on those is made anew.

        A notice without lines is cancelled because of ``why`` in words.
        """
        self.notice_id._requeue()
        lines = self.exists().filtered(lambda line: line.notice_id.state != "queued" or not line.notice_id.mail_id)
        notices = lines.notice_id
        left = lines.filtered(lambda line: line.notice_id.state == "failed" and line.notice_id.name)
        left.write({"pending": False})  # what such a notice said stays
        (lines - left).unlink()
        empty = notices.filtered(lambda notice: not any(notice.line_ids.mapped("pending")))
        empty._cancel(why)
        (notices - empty)._refresh()

    def action_exclude(self):
        """Open the wizard that takes the lines off their notice."""
        return self.env["account.dunning.exclude"]._open(self.notice_id, line_ids=self)
