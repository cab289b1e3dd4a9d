from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.bulk import bulk_update
from ..base.roles import Roles
from .bounce import NoticeBounce
from .info import NoticeInfo
from .issuing import NoticeIssuing
from .letter import NoticeLetter
from .notice_mail import NoticeMail
from .refresh import NoticeRefresh
from .resend import NoticeResend
from .retry import NoticeRetry
from .review import NoticeReview
from .sending import NoticeSending
from .texting import NoticeTexting
from .trace import NoticeTrace
from .waiting import NoticeWaiting

# What of the lines says why there is a notice.
WHY = ["notice_id", "due_date", "days_overdue", "reason", "level_id", "previous_level_id", "previous_date"]


class AccountDunningNotice(
    NoticeLetter,
    NoticeMail,
    NoticeTrace,
    NoticeBounce,
    NoticeInfo,
    NoticeResend,
    NoticeRetry,
    NoticeReview,
    NoticeWaiting,
    NoticeIssuing,
    NoticeSending,
    NoticeTexting,
    NoticeRefresh,
    Roles,
    models.Model,
):
    """What one customer gets from one run. Only the notice moves its own state."""

    _name = "account.dunning.notice"
    _description = "Dunning Notice"
    _inherit = ["mail.thread.main.attachment"]
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(string="Number", readonly=True, copy=False, help="Drawn when the notice is issued.")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="restrict", readonly=True
    )
    recipient_id = fields.Many2one("res.partner", required=True, index=True, ondelete="restrict", readonly=True)
    type_id = fields.Many2one(
        "account.dunning.type", string="Dunning Type", required=True, ondelete="restrict", readonly=True
    )
    level_id = fields.Many2one("account.dunning.level", required=True, ondelete="restrict", readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    lang = fields.Char(string="Language", readonly=True)
    document = fields.Selection(
        [("email", "E-mail"), ("letter", "Letter"), ("none", "No Document")],
        string="Channel",
        required=True,
        readonly=True,
    )
    reminder = fields.Boolean(readonly=True)
    level_manual = fields.Boolean(string="Level Set by a Person", readonly=True)
    state = fields.Selection(
        [
            ("proposed", "Proposed"),
            ("queued", "Queued"),
            ("to_print", "To Print"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("excluded", "Excluded"),
            ("cancelled", "Cancelled"),
        ],
        string="Status",
        required=True,
        default="proposed",
        index=True,
        readonly=True,
    )
    issued_by_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
        help="Who issued the notice, or as whom it was issued automatically. Server actions run with the rights of "
        "this user.",
    )
    date = fields.Date(readonly=True, help="The day the notice is made; days overdue and deadline count from it.")
    deadline_date = fields.Date(string="Payment Deadline", readonly=True)
    sent_on = fields.Date(readonly=True)
    newest_line_id = fields.Integer(
        readonly=True,
        copy=False,
        help="The newest journal item when the notice left: what came later may follow from it.",
    )
    oldest_due_date = fields.Date(readonly=True)
    days_overdue = fields.Integer(readonly=True, aggregator=None)
    amount_dunned = fields.Monetary(string="Overdue", readonly=True)
    amount_credit = fields.Monetary(string="Credits", readonly=True)
    amount_total = fields.Monetary(string="Total", readonly=True)
    line_ids = fields.One2many("account.dunning.notice.line", "notice_id", string="Lines")
    line_count = fields.Integer(string="Items", readonly=True)
    mail_id = fields.Many2one("mail.mail", string="E-mail", index="btree_not_null", ondelete="set null", readonly=True)
    resent_mail_ids = fields.Many2many(
        "mail.mail",
        "account_dunning_notice_resent_rel",
        "notice_id",
        "mail_id",
        string="Sent Again By",
        readonly=True,
        copy=False,
        groups="base.group_system",
    )
    attachment_id = fields.Many2one(
        "ir.attachment", string="Letter", index="btree_not_null", ondelete="set null", readonly=True
    )
    alone = fields.Boolean(string="Issued Alone", readonly=True, help="It could not be issued together with others.")
    failure = fields.Char(string="What Went Wrong", readonly=True)
    cancel_reason = fields.Char(string="Why Cancelled", readonly=True)
    why = fields.Char(compute="_compute_why")
    sent_to = fields.Text(compute="_compute_sent_to", help="The address that the notice goes to, by its channel.")
    printed_by_id = fields.Many2one("res.users", index="btree_not_null", readonly=True, copy=False)
    exported_on = fields.Datetime(
        string="Exported", readonly=True, copy=False, help="When the letter was handed to a print service last."
    )
    ended_by_id = fields.Many2one(
        "res.users", string="Excluded or Cancelled By", index="btree_not_null", readonly=True, copy=False
    )
    bounced = fields.Boolean(
        string="Came Back", readonly=True, copy=False, help="Level and charges stay until a person confirms it."
    )
    info_ids = fields.One2many("account.dunning.notice.info", "notice_id", string="Also on the Letter", readonly=True)
    retry_on = fields.Datetime(
        string="Tried Again At",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The mail server refused the e-mail for the time being.",
    )
    wait_until = fields.Datetime(
        string="Leaves On",
        readonly=True,
        copy=False,
        help="The customer may not be reached before: see “When Customers Are Reached” in the dunning settings.",
    )
    wait_reason = fields.Char(string="Why It Waits", readonly=True, copy=False)
    sms_ids = fields.One2many("account.dunning.sms", "notice_id", string="Text Messages", readonly=True)
    sms_text = fields.Char(string="Text Message", compute="_compute_sms_text")
    tries = fields.Integer(string="Automatic Tries", readonly=True, copy=False)

    _queue_idx = models.Index("(partner_id, id) WHERE state = 'queued' AND mail_id IS NULL")

    @api.depends("name", "partner_id", "level_id")
    def _compute_display_name(self):
        for notice in self:
            notice.display_name = notice.name or f"{notice.partner_id.name}, {notice.level_id.name}"

    @api.depends("line_ids.why")
    def _compute_why(self):
        lines = self.env["account.dunning.notice.line"].search_fetch([("notice_id", "in", self.ids)], WHY)
        by_notice = lines.grouped("notice_id")
        for notice in self:
            lines = by_notice.get(notice._origin, lines.browse())
            oldest = min(lines, key=lambda line: (line.due_date or date.max, line.id), default=None)
            notice.why = oldest and oldest.why
            if len(lines) > 1:
                notice.why = self.env._("%(why)s, and %(count)s more", why=oldest.why, count=len(lines) - 1)

    # review

    # states

    def _after_state(self):
        """The state of the notices has changed: who counts them follows. Hook."""

    def _after_sent(self):
        """The notices have left, and their plans are open at the new levels. Hook."""
        self._text()

    def _after_undone(self, reason):
        """The notices that had left count no more, for a ``reason`` in words; their items are as before them. Hook."""
        self.sms_ids._cancel(reason)

    def _get_reviewers(self):
        """The users who are asked about notices of one company. Hook."""
        return self.env.user._get_dunning_managers(self.company_id)

    def _queue(self, issuer=None):
        """Put the notices in the queue of what leaves next, and start the scheduled action.

        :param issuer: the user who issues them; none where they were issued before and are only made anew
        """
        if not self:
            return
        # states follow the work; callers have checked the rights
        self = self.sudo()
        self.mail_id.filtered(lambda mail: mail.state != "sent").write({"state": "cancel"})
        vals = {"state": "queued", "mail_id": False, "failure": False, "alone": False, "retry_on": False}
        vals |= {"wait_until": False, "wait_reason": False}
        if issuer:
            vals["issued_by_id"] = issuer.id
        bulk_update(self, dict.fromkeys(self.ids, vals))
        self._after_state()
        self.env["ir.cron"]._trigger_dunning()

    def _requeue(self):
        """Withdraw notices that are ready to leave but have not left: their items are read again."""
        # callers have checked the rights; states follow the work
        ready = self.sudo().filtered(
            lambda notice: notice.state == "to_print" or (notice.state == "queued" and notice.mail_id)
        )
        mails = ready.mail_id.filtered(lambda mail: mail.state == "outgoing").try_lock_for_update()
        ready = ready.filtered(lambda notice: notice.state == "to_print" or notice.mail_id in mails)
        if ready:
            ready.attachment_id.unlink()
            ready._queue()

    @api.model
    def _sweep_mails(self):
        """Follow the e-mails that did not tell their notices what became of them."""
        queued = Domain("state", "=", "queued")
        self.search(queued & Domain("mail_id.state", "=", "sent"))._set_sent()
        for notice in self.search(queued & Domain("mail_id.state", "in", ("cancel", "exception"))):
            notice._set_failed(notice.mail_id.failure_reason or self.env._("The e-mail was cancelled"))
        self._retry_refused()
        self.env["account.dunning.sms"]._send_waiting()

    def _set_failed(self, message, undeliverable=False):
        """The notices could not leave.

        Where the e-mail is ``undeliverable`` and the level allows it, it becomes a letter by
        itself; other failures, such as a mail server that is down, are left to a person.
        """
        self = self.filtered(lambda notice: notice.state == "queued")
        letters = self.filtered(
            lambda notice: (
                undeliverable
                and notice.document == "email"
                and notice.level_id.document == "email_letter"
                and notice._has_postal_address(notice.recipient_id)
            )
        )
        for notice in letters:
            notice._message_log(
                body=self.env._("The e-mail failed, a letter is made instead: %(error)s", error=message or "")
            )
        letters.write({"document": "letter"})
        letters._queue()
        failed = self - letters
        failed.write({"state": "failed", "failure": message or self.env._("Unknown error")})
        self._after_state()
        failed._plan_retry(message)

    def _cancel(self, reason):
        """Cancel notices that have not left, for a ``reason`` in words."""
        self.line_ids.filtered("started")._after_lowered()
        self.mail_id.filtered(lambda mail: mail.state == "outgoing").write({"state": "cancel"})
        self.write({"state": "cancelled", "cancel_reason": reason, "retry_on": False})
        self.line_ids.write({"pending": False})
        self._after_state()

    def _exclude(self, reason):
        """A person excludes proposed notices from their run."""
        self._confirm_bounces()
        self._note_ended(self.env._("Excluded: %(reason)s", reason=reason))
        self.write({"state": "excluded", "cancel_reason": reason})
        self.line_ids.write({"pending": False})
        self._after_state()

    def _get_ids_by_proposal_key(self):
        """The ids of the notices by what makes a proposal of the next night the same notice."""
        vals_list = self.read(
            ["partner_id", "type_id", "currency_id", "recipient_id", "level_id", "reminder"], load=None
        )
        return {self._get_proposal_key(vals): vals["id"] for vals in vals_list}

    @api.model
    def _get_proposal_key(self, vals):
        """What makes a notice with the values ``vals`` the same as another one."""
        by_level = self.env["account.dunning.type"].browse(vals["type_id"])._splits_by_level()
        names = ("partner_id", "type_id", "currency_id", "recipient_id", "reminder")
        return (*(vals[name] for name in names), by_level and vals["level_id"])

    def _undo(self, reason, at_once):
        """Undo sent notices, for a ``reason`` in words: levels and last notices go back to what they were.

        The notices stay, cancelled. Unless ``at_once``, the next notice waits the minimum days of the
        undone level.
        """
        notices = self.filtered(lambda notice: notice.state == "sent")
        plans = notices.line_ids.plan_id
        pairs = notices.line_ids._pair_items()
        plans |= self.env["account.dunning.item"].union(*(item for _line, item in pairs)).plan_id
        notices.line_ids._drop_proposals()
        notices.line_ids._restore_items()
        notices._after_undone(reason)
        if not at_once:
            notices.line_ids._delay_items(pairs)
        notices.mail_id.filtered(lambda mail: mail.state == "outgoing").write({"state": "cancel"})
        notices.line_ids._after_lowered()
        notices.write({"state": "cancelled", "cancel_reason": reason, "sent_on": False})
        plans._close_undone()
        notices._after_state()
        notices._tell_invoices(self.env._("Dunning notice %(notice)s was undone: %(level)s"))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        if self.filtered(lambda notice: notice._is_evidence()):
            raise UserError(
                self.env._("Notices that were issued cannot be deleted: they are the record of what was sent.")
            )

    def _has_left(self):
        """True for an issued notice that does not wait to leave (again), as far as that can be told."""
        self.ensure_one()
        return self._is_evidence() and (self.state in ("sent", "cancelled") or self.bounced)

    def _is_evidence(self):
        """True once the notice was issued, whatever became of it since: a number tells."""
        self.ensure_one()
        return bool(self.name) or self.state in ("sent", "to_print", "queued")
