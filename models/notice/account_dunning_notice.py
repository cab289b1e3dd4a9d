import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.attempt import attempt
from ...tools.bulk import bulk_insert, bulk_update
from ...tools.shipped import get_record
from ..base.names import PENDING_STATES
from ..policy.account_dunning_level import MAIL_TEMPLATE

_logger = logging.getLogger(__name__)

ISSUE_CHUNK = 40

# The first notice of each customer that waits to be issued, as many as are free: those to be issued alone, or others.
FIRST_OF_CUSTOMERS = """
SELECT first.id FROM account_dunning_notice first
 WHERE first.state = 'queued' AND first.mail_id IS NULL AND (first.alone IS TRUE) = %(alone)s
   AND NOT EXISTS (SELECT 1 FROM account_dunning_notice earlier
                    WHERE earlier.partner_id = first.partner_id AND earlier.id < first.id
                      AND earlier.state = 'queued' AND earlier.mail_id IS NULL)
 ORDER BY first.partner_id, first.id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
"""


class AccountDunningNotice(models.Model):
    """What one customer gets from one run. Only the notice moves its own state."""

    _name = "account.dunning.notice"
    _description = "Dunning Notice"
    _inherit = ["mail.thread.main.attachment"]
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(string="Number", readonly=True, copy=False, help="Drawn when the notice is issued.")
    run_id = fields.Many2one("account.dunning.run", required=True, index=True, ondelete="cascade", readonly=True)
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
    attachment_id = fields.Many2one(
        "ir.attachment", string="Letter", index="btree_not_null", ondelete="set null", readonly=True
    )
    alone = fields.Boolean(string="Issued Alone", readonly=True, help="It could not be issued together with others.")
    failure = fields.Char(string="What Went Wrong", readonly=True)
    cancel_reason = fields.Char(string="Why Cancelled", readonly=True)
    why = fields.Char(compute="_compute_why")

    _queue_idx = models.Index("(partner_id, id) WHERE state = 'queued' AND mail_id IS NULL")

    @api.depends("name", "partner_id", "level_id")
    def _compute_display_name(self):
        for notice in self:
            notice.display_name = notice.name or f"{notice.partner_id.name}, {notice.level_id.name}"

    @api.depends("line_ids.why")
    def _compute_why(self):
        for notice in self:
            lines = notice.line_ids.sorted("due_date")
            notice.why = lines[:1].why
            if len(lines) > 1:
                notice.why = self.env._("%(why)s, and %(count)s more", why=lines[0].why, count=len(lines) - 1)

    # review

    def action_issue(self):
        """Queue the proposed notices; the scheduled action renders and sends them.

        Before the first letters of a company that lacks what they show, a dialog asks.
        """
        notices = self._get_issuable()
        return notices.with_env(self.env)._ask_before_first() or notices._queue_by_person()

    def _issue_proposed(self):
        """Queue the proposed notices, whatever their company lacks."""
        self._get_issuable()._queue_by_person()

    def _get_issuable(self):
        """The proposed notices, for a manager; an error where there are none."""
        notices = self._as_manager().filtered(lambda notice: notice.state == "proposed")
        if not notices:
            raise UserError(self.env._("None of the selected notices is proposed, so there is nothing to issue."))
        return notices

    def action_retry(self):
        """Queue failed notices once more."""
        notices = self._as_manager().filtered(lambda notice: notice.state == "failed")
        notices._confirm_bounces()
        notices._queue_by_person()

    def action_print_instead(self):
        """Make a letter of a failed or proposed e-mail."""
        notices = self._as_manager().filtered(lambda notice: notice.state == "failed" and notice.document == "email")
        for notice in notices:
            if not self._has_postal_address(notice.recipient_id):
                raise UserError(
                    self.env._("%(recipient)s has no postal address.", recipient=notice.recipient_id.display_name)
                )
        notices._confirm_bounces()
        notices.write({"document": "letter"})
        notices._queue_by_person()

    def action_cancel(self):
        """Cancel notices that have not left; their items may be proposed again."""
        reason = self.env._("Cancelled by %(user)s", user=self.env.user.name)
        notices = self._as_manager().filtered(lambda notice: notice.state in PENDING_STATES)
        notices._confirm_bounces()
        notices._cancel_by_person(reason)

    def action_exclude(self):
        """Open the wizard that excludes the notices until a date."""
        return self.env["account.dunning.exclude"]._open(self, {"default_notice_ids": [fields.Command.set(self.ids)]})

    def action_move_level(self):
        """Open the wizard that moves the notices to another level of their type."""
        return self.env["account.dunning.move.level"]._open(self)

    def action_preview(self):
        """Show the letter as PDF; a notice that was not issued bears the mark *draft*."""
        self.ensure_one()
        if self.attachment_id:
            return {
                "type": "ir.actions.act_url",
                "url": f"/web/content/{self.attachment_id.id}",
                "target": "new",
            }
        return {
            "type": "ir.actions.act_url",
            "url": f"/report/pdf/{self._get_report().report_name}/{self.id}",
            "target": "new",
        }

    def action_print(self):
        """Open the wizard that prints the letters and asks whether they were printed."""
        return self.env["account.dunning.print"]._open(self)

    def action_open_plans(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_collection_plan_action")
        return {**action, "domain": [("id", "in", self.line_ids.plan_id.ids)], "context": {}}

    def action_open_partner_items(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_move_line_open_items_action")
        domain = [
            *self.env["account.move.line"]._get_open_item_domain(),
            ("partner_id", "=", self.partner_id.id),
        ]
        return {**action, "domain": domain}

    def _as_manager(self):
        """The notices with the rights to change them, for a dunning manager who may read them."""
        if not (self.env.su or self.env.user.has_group("account_dunning.group_dunning_manager")):
            raise AccessError(self.env._("Only dunning managers may do this."))
        self.check_access("read")
        # states follow the work; the rights are checked above
        return self.sudo()

    def _move_to_level(self, level):
        """Give proposed notices and their lines the ``level`` that a person chose."""
        notices = self._as_manager()
        if any(n.state != "proposed" or n.reminder or n.type_id != level.type_id for n in notices):
            raise UserError(self.env._("Only proposed notices can be moved, to another level of their dunning type."))
        for notice in notices:
            recipient = notice.recipient_id
            notice.write(
                {
                    "level_id": level.id,
                    "level_manual": True,
                    "document": level._choose_document(recipient) or notice.document,
                    "deadline_date": fields.Date.add(notice.date, days=level.deadline_days),
                }
            )
            notice.line_ids.write({"level_id": level.id, "reason": "person"})
        notices._inform()
        notices._charge()

    def _confirm_printed(self, moment=None):
        """A person printed the letters now, or at ``moment`` (UTC): they count as sent on that day.

        A letter that bears another day is made anew, with interest and deadline of the day on which it will leave.
        """
        # callers have checked the rights; states follow the work
        letters = self.sudo().filtered(lambda notice: notice.state == "to_print")
        for company, notices in letters.grouped("company_id").items():
            day = company._dunning_today(moment)
            printed = notices.filtered(lambda notice: notice.date == day)  # noqa: B023
            printed._note_printed()
            printed._set_sent(day)
            (notices - printed)._requeue()

    # states

    def _queue(self, issuer=None):
        """Put the notices in the queue of what leaves next, and start the scheduled action.

        :param issuer: the user who issues them; none where they were issued before and are only made anew
        """
        if not self:
            return
        # states follow the work; callers have checked the rights
        self = self.sudo()
        if issuer:
            self.issued_by_id = issuer
        self.mail_id.filtered(lambda mail: mail.state != "sent").write({"state": "cancel"})
        self.write({"state": "queued", "mail_id": False, "failure": False, "alone": False, "retry_on": False})
        self.run_id._update_state()
        self.env["account.dunning.run"]._trigger()

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

    def _recheck(self):
        """Withdraw notices that are about to leave, but whose items or whose day are no longer as printed."""
        for company, notices in self.grouped("company_id").items():
            today = company._dunning_today()
            verdicts = notices._get_verdicts(today)
            notices.filtered(lambda notice: notice._is_outdated(verdicts, today))._requeue()  # noqa: B023

    def _recheck_letters(self):
        """Withdraw letters that are about to be printed, but that do not hold any more; why, in words, by notice.

        One of which nothing is left is cancelled; others are made anew.
        """
        result = {}
        for company, notices in self.grouped("company_id").items():
            today = company._dunning_today()
            verdicts = notices._get_verdicts(today)
            for notice in notices.filtered(lambda notice: notice._is_outdated(verdicts, today)):  # noqa: B023
                result[notice] = notice._withdraw_letter(verdicts, today)
        return result

    def _withdraw_letter(self, verdicts, today):
        """Cancel the letter, or have it made anew, as the ``verdicts`` (by journal item id) say; why, in words."""
        causes = [self._get_drop_cause(verdicts.get(line.move_line_id.id), today) for line in self.line_ids]
        if all(causes):
            self._cancel(causes[0])
            return causes[0]
        self._requeue()
        cause = next(filter(None, causes), self.env._("The amounts or the day have changed"))
        return self.env._("%(why)s. It is being made anew; print it in a minute.", why=cause)

    def _is_outdated(self, verdicts, today):
        self.ensure_one()
        return self.date != today or any(
            self._get_drop_cause(verdicts.get(line.move_line_id.id), today)
            or self.currency_id.compare_amounts(line.amount_residual, verdicts[line.move_line_id.id].item.claim)
            for line in self.line_ids
        )

    def _get_verdicts(self, today):
        """The engine's verdicts on the items of the notices, of one company, by journal item id.

        Each notice is judged as its run was: with or without the disputed items.
        """
        assessor = self.env["account.dunning.assessor"]
        result = {}
        for include_disputed, notices in self.grouped(lambda notice: notice.run_id.include_disputed).items():
            assessments = assessor._assess(self.company_id, notices.partner_id.ids, today, self.ids, include_disputed)
            wanted = set(notices.line_ids.move_line_id.ids)
            verdicts = (verdict for assessment in assessments.values() for verdict in assessment.verdicts)
            result.update((verdict.item.id, verdict) for verdict in verdicts if verdict.item.id in wanted)
        return result

    def _set_sent(self, day=None):
        """The notices have left today, or on ``day``: raise the levels, open the plans, start the actions.

        A failed one counts too: a person may have sent its e-mail again.
        """
        notices = self.filtered(lambda notice: notice.state in ("queued", "to_print", "failed") and not notice.bounced)
        notices.line_ids._lock_items()
        for company, group in notices.grouped("company_id").items():
            newest = self.env.execute_query(SQL("SELECT MAX(id) FROM account_move_line"))[0][0]
            group.write(
                {
                    "state": "sent",
                    "sent_on": day or company._dunning_today(),
                    "newest_line_id": newest,
                    "failure": False,
                    "retry_on": False,
                }
            )
            group.line_ids.write({"pending": False})
            group._raise_levels()
            group._book_charges()
            group._start_actions()
        notices._tell_sent()
        notices.run_id._update_state()

    @api.model
    def _sweep_mails(self):
        """Follow the e-mails that did not tell their notices what became of them."""
        queued = Domain("state", "=", "queued")
        self.search(queued & Domain("mail_id.state", "=", "sent"))._set_sent()
        for notice in self.search(queued & Domain("mail_id.state", "in", ("cancel", "exception"))):
            notice._set_failed(notice.mail_id.failure_reason or self.env._("The e-mail was cancelled"))
        self._retry_refused()

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
        self.run_id._update_state()
        failed._plan_retry(message)

    def _cancel(self, reason):
        """Cancel notices that have not left, for a ``reason`` in words."""
        self.line_ids.filtered("started")._withdraw_actions()
        self.mail_id.filtered(lambda mail: mail.state == "outgoing").write({"state": "cancel"})
        self.write({"state": "cancelled", "cancel_reason": reason, "retry_on": False})
        self.line_ids.write({"pending": False})
        self.run_id._update_state()

    def _exclude(self, reason):
        """A person excludes proposed notices from their run."""
        self._confirm_bounces()
        self._note_ended(self.env._("Excluded: %(reason)s", reason=reason))
        self.write({"state": "excluded", "cancel_reason": reason})
        self.line_ids.write({"pending": False})
        self.run_id._update_state()

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

    # issuing

    @api.model
    def _get_queue_domain(self):
        """Domain of the notices that wait to be issued, as in ``FIRST_OF_CUSTOMERS``."""
        return Domain("state", "=", "queued") & Domain("mail_id", "=", False)

    @api.model
    def _issue_next(self):
        """Issue the next chunk of the queue. Returns how many notices were taken up."""
        self.env.flush_all()
        notices = self._take_chunk() or self._take_first(alone=True, limit=1)
        if notices:
            notices._issue_chunk()
        return len(notices)

    @api.model
    def _take_chunk(self):
        """All notices of some customers, but those to be issued alone."""
        customers = self._take_first(alone=False, limit=ISSUE_CHUNK).partner_id
        queued = self._get_queue_domain() & Domain("alone", "=", False)
        return self.search(queued & Domain("partner_id", "in", customers.ids), order="id")

    @api.model
    def _take_first(self, **values):
        """Lock and return the first waiting notices of customers, for ``values`` of the query.

        The first one stands for all of a customer's: who has it locked issues them, so that no two workers are at the
        same customer.
        """
        rows = self.env.execute_query(SQL(FIRST_OF_CUSTOMERS, **values))
        return self.browse(row[0] for row in rows)

    def _issue_chunk(self):
        """Issue the notices together; where that fails, leave them to be issued alone, so that only the bad one fails.

        That takes a transaction for each: a server allows a scheduled action some time only, and wkhtmltopdf may take
        long to fail. What is done then stays done.
        """
        with attempt(self.env, alone=True) as outcome:
            self._issue()
        if outcome.error and len(self) > 1:
            _logger.info("Dunning notices could not be issued together", exc_info=outcome.error)
            self.alone = True
        elif outcome.error:
            _logger.info("Dunning notice %s failed", self.id, exc_info=outcome.error)
            self._set_failed(self._get_error_text(outcome.error))

    @api.model
    def _get_error_text(self, error):
        """The message of ``error`` for a person, without the traceback."""
        while error.__cause__ is not None and not isinstance(error, UserError):
            error = error.__cause__
        return str(error) or type(error).__name__

    def _issue(self):
        """Read the items again, make the documents, and hand them over. Locks nothing but the notices."""
        notices = self._refresh()
        notices._number()
        documents = notices.filtered(lambda notice: notice.document != "none")
        documents._make_letters()
        emails = documents.filtered(lambda notice: notice.document == "email")
        emails._make_mails()
        letters = documents - emails
        letters.write({"state": "to_print"})
        made = letters.filtered(lambda notice: notice.company_id.dunning_letter_sent == "made")
        (made + (notices - documents))._set_sent()
        self.run_id._update_state()

    def _refresh(self):
        """Read the items again right before the notices leave, and return those that still have any.

        Settled and held items drop out, amounts and days are of today, the level is kept. A notice
        without items is cancelled with the cause.
        """
        kept = self.browse()
        for company, notices in self.grouped("company_id").items():
            today = company._dunning_today()
            kept += notices._refresh_lines(notices._get_verdicts(today), today)
        return kept

    def _refresh_lines(self, verdicts, today):
        """Refresh the lines from ``verdicts`` (by journal item id); returns the notices not empty."""
        updates, dropped = {}, {}
        for line in self.line_ids:
            verdict = verdicts.get(line.move_line_id.id)
            cause = line.notice_id._get_drop_cause(verdict, today)
            if cause:
                dropped[line] = cause
            else:
                updates[line.id] = {
                    "amount_residual": verdict.item.claim,
                    "amount_credit": verdict.credit,
                    "amount_contested": verdict.item.contested,
                    "days_overdue": verdict.item.days_overdue(today),
                }
        bulk_update(self.line_ids, updates)
        empty = self.filtered(lambda notice: all(line in dropped for line in notice.line_ids))
        for notice in empty:
            notice._cancel(dropped.get(notice.line_ids[:1], ""))
        kept = self - empty
        kept._readdress()
        gone = self.env["account.dunning.notice.line"].concat(*dropped) & kept.line_ids
        gone.unlink()
        kept._update_totals(today)
        return kept

    def _readdress(self):
        """Who was archived since the proposal gets nothing: the dunning contact does, else the invoice address."""
        archived = self.filtered(lambda notice: not notice.recipient_id.active)
        for company, notices in archived.grouped("company_id").items():
            customers = notices.partner_id
            # the recipients of the company's notices, whoever causes it
            assessor = self.env["account.dunning.assessor"].sudo()
            contacts = assessor._get_partner_values(company, customers.ids, "dunning_contact_id")
            addresses = customers._get_dunning_addresses() | contacts
            for notice in notices:
                recipient = customers.browse(addresses[notice.partner_id.id])
                document = notice.level_id._choose_document(recipient) or notice.document
                notice.write({**self._prepare_recipient_vals(company, recipient), "document": document})

    @api.model
    def _prepare_recipient_vals(self, company, recipient):
        """Values of a notice of ``company`` that say who gets it. Hook."""
        return {
            "recipient_id": recipient.id,
            "lang": recipient.lang or company.partner_id.lang or self.env.lang,
        }

    def _get_drop_cause(self, verdict, today):
        """Why the item of ``verdict`` drops out of the notice, in words, or None where it stays. Hook."""
        if verdict is None:
            return self.env._("Settled in the meantime")
        labels = self.env["account.dunning.left.out"]._get_reason_labels()
        if verdict.item.obstacle:
            return labels.get(verdict.item.obstacle, verdict.item.obstacle)
        if verdict.item.covered_by(verdict.credit):
            return labels["credits"]
        if self.reminder and verdict.item.due <= today:
            return self.env._("Fell due before the reminder left")
        if not self.reminder and verdict.item.due > today:
            return self.env._("Not due any more")
        return None

    def _update_totals(self, today):
        """Amounts, days and deadline of the notices from their lines, as of the date ``today``."""
        updates = {}
        for notice in self:
            lines = notice.line_ids
            dunned = notice.currency_id.round(sum(lines.mapped("amount_residual")))
            credit = notice.currency_id.round(sum(lines.mapped("amount_credit")))
            oldest = min(lines.mapped("due_date"))
            level = notice.level_id if notice.level_manual else lines.level_id.sorted("days")[-1:]
            document = notice.document
            if level != notice.level_id:
                document = level._choose_document(notice.recipient_id) or document
            updates[notice.id] = {
                "date": today,
                "level_id": level.id,
                "document": document,
                "deadline_date": fields.Date.add(today, days=level.deadline_days),
                "amount_dunned": dunned,
                "amount_credit": credit,
                "amount_total": notice.currency_id.round(dunned - credit),
                "oldest_due_date": oldest,
                "days_overdue": (today - oldest).days,
                "line_count": len(lines),
                **self._prepare_blank_charges(),
            }
        bulk_update(self, updates)
        self._inform()
        self._charge()

    def _number(self):
        """Draw numbers for the notices that have none, one query per company."""
        for company, notices in self.filtered(lambda notice: not notice.name).grouped("company_id").items():
            sequence = self.env["ir.sequence"]._dunning_get("account.dunning.notice", company.id)
            for notice, number in zip(
                notices, sequence._dunning_next(len(notices), company._dunning_today()), strict=True
            ):
                notice.name = number

    def _make_letters(self):
        """Render the letters, each as an attachment of its notice."""
        for report, notices in self._group_by_report().items():
            streams = report._render_dunning_letters(notices)
            attachments = self.env["ir.attachment"].create(
                [
                    {
                        "name": f"{notice.name.replace('/', '-')}.pdf",
                        "raw": streams[notice.id],
                        "mimetype": "application/pdf",
                        "res_model": self._name,
                        "res_id": notice.id,
                    }
                    for notice in notices
                ]
            )
            for notice, attachment in zip(notices, attachments, strict=True):
                notice.write({"attachment_id": attachment.id, "message_main_attachment_id": attachment.id})
        self._note_bad_images()

    def _group_by_report(self):
        """The notices by the report that prints them. Hook."""
        return self.grouped(lambda notice: notice._get_report())

    def _get_report(self):
        """The report that prints the letter: that of the level, else the dunning letter."""
        self.ensure_one()
        report = self.level_id.report_id.sudo()  # who prints letters need not read reports
        if report.model != self._name:  # another model's would print what has the same number there
            report = get_record(self.env, "account_dunning.action_report_dunning_letter")
        return report

    def _make_mails(self):
        """Queue one e-mail a notice, with the letter attached."""
        for template, notices in self.grouped(lambda notice: notice.level_id._get_mail_template()).items():
            template = template or template.browse(get_record(self.env, MAIL_TEMPLATE).id)  # a deleted one
            mails = template.with_context(mail_notify_force_send=False).send_mail_batch(
                notices.ids, email_values={"auto_delete": False}, raise_exception=True
            )
            reply_to = notices._notify_get_reply_to_batch(
                defaults={notice.id: notice.company_id.email_formatted for notice in notices},
                author_ids={notice.id: notice.company_id.partner_id.id for notice in notices},
            )
            for notice, mail in zip(notices, mails, strict=True):
                attachments = notice.attachment_id + notice._get_invoice_attachments()
                mail.attachment_ids += attachments
                mail.reply_to = mail.reply_to or reply_to[notice.id]
                notice._direct_mail(mail)
                notice._name_sender(mail)
                notice.mail_id = mail
        if self:
            self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    def _get_invoice_attachments(self):
        """The existing PDFs of the dunned invoices, where the level attaches them."""
        if not self.level_id.attach_invoices:
            return self.env["ir.attachment"]
        return self.line_ids.move_id.invoice_pdf_report_id

    # consequences of a sent notice

    def _raise_levels(self):
        """Open the plans and raise the items to the levels of their lines; one write for all."""
        lines = self.line_ids.filtered("move_line_id")
        dunned = lines.filtered("dunned")
        plan_model = self.env["account.collection.plan"]
        plans = plan_model._open_for(dunned) if dunned else {}
        items = self.env["account.dunning.item"].search([("move_line_id", "in", lines.move_line_id.ids)])
        by_line = {item.move_line_id.id: item for item in items}
        updates, inserts, line_updates = {}, [], {}
        for line in lines:
            item = by_line.get(line.move_line_id.id, items.browse())
            key = plan_model._get_key(line.notice_id.company_id, line.move_id, line.move_line_id, line.partner_id)
            plan = plans[key] if line.dunned else item.plan_id
            vals = line._prepare_item_vals(item, plan)
            if item:
                updates[item.id] = vals
            else:
                inserts.append(vals)
            line_updates[line.id] = {"plan_id": plan.id}
        bulk_update(items, updates)
        bulk_insert(items, inserts)
        bulk_update(lines, line_updates)
        touched = plan_model.concat(*{line.plan_id for line in dunned})
        touched.write({"idle_days": 0})
        touched._evaluate()
        touched._plan_next()

    def _start_actions(self):
        """Start the actions of the levels on the plans; a failing one is noted on the plan."""
        dunned = self.line_ids.filtered(lambda line: line.dunned and not line.started)
        dunned -= dunned._get_started()
        dunned.write({"started": True})
        for (level, user), lines in dunned.grouped(lambda line: (line.level_id, line.notice_id.issued_by_id)).items():
            for action in level.action_ids:
                action._try_start(lines.plan_id, user)

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
        notices._reverse_charges(reason)
        if not at_once:
            notices.line_ids._delay_items(pairs)
        notices.mail_id.filtered(lambda mail: mail.state == "outgoing").write({"state": "cancel"})
        notices.line_ids._withdraw_actions()
        notices.write({"state": "cancelled", "cancel_reason": reason, "sent_on": False})
        plans._close_undone()
        plans._plan_next()
        notices.run_id._update_state()

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
