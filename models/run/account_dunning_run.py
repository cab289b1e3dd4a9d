import gc
import logging
from collections import defaultdict
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, float_round, format_date

from ...tools.attempt import attempt, attempt_parts
from ...tools.bulk import bulk_insert, bulk_update
from ..base.names import OPEN_STATES, PENDING_STATES
from ..receivables.document import DUE

_logger = logging.getLogger(__name__)

CHOICES = {"date", "type_ids", "level_ids", "partner_ids", "include_disputed"}

# Whether any notice of each run is queued, any proposed, any to be printed or failed: one is enough, of perhaps a
# hundred thousand.
STATES_QUERY = """
SELECT id, EXISTS (SELECT 1 FROM account_dunning_notice WHERE run_id = run.id AND state = 'queued'),
       EXISTS (SELECT 1 FROM account_dunning_notice WHERE run_id = run.id AND state = 'proposed'),
       EXISTS (SELECT 1 FROM account_dunning_notice WHERE run_id = run.id AND state IN ('to_print', 'failed'))
  FROM account_dunning_run run WHERE id = ANY(%s) ORDER BY id
"""


@contextmanager
def without_gc():
    """Make many objects that all stay, without looking for cycles among them time and again.

    Odoo's ``tools.gc.disabling_gc`` does the same, but leaves the collector off after an error.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class AccountDunningRun(models.Model):
    """A batch for a date: proposes notices, lets a person review them, issues them.

    Only the run makes notices. Proposing goes through the customers chunk by chunk, each in a transaction of its own,
    so that an interrupted run goes on where it stopped.
    """

    _name = "account.dunning.run"
    _description = "Dunning Run"
    _inherit = ["mail.thread", "mail.activity.mixin", "account.dunning.guard"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True, copy=False, default=lambda self: self.env._("New"))
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company.root_id,
        domain=[("parent_id", "=", False)],
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, default=lambda self: self.env.company._dunning_today(), tracking=True)
    nightly = fields.Boolean(readonly=True, copy=False)
    # What was chosen counts, whatever becomes of it: without it an empty field would mean all. So what can be chosen
    # is said by the view; a domain here would hide what no longer matches.
    type_ids = fields.Many2many(
        "account.dunning.type",
        string="Dunning Types",
        check_company=True,
        context={"active_test": False},
        help="Empty: all types.",
    )
    level_ids = fields.Many2many(
        "account.dunning.level",
        string="Levels",
        check_company=True,
        context={"active_test": False},
        help="Empty: all levels.",
    )
    partner_ids = fields.Many2many(
        "res.partner",
        string="Customers",
        context={"active_test": False},
        help="Empty: all customers.",
    )
    include_disputed = fields.Boolean(
        string="Include Disputed Items",
        help="This run does not heed holds whose reason is a dispute: what the customers contest is dunned too. Holds "
        "for another reason count as always.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("proposing", "Proposing"),
            ("proposed", "Proposed"),
            ("issuing", "Issuing"),
            ("unfinished", "To Finish"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        string="Status",
        required=True,
        default="draft",
        index=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    chunk_ids = fields.One2many("account.dunning.run.chunk", "run_id", readonly=True, groups="base.group_system")
    notice_ids = fields.One2many("account.dunning.notice", "run_id", string="Notices", readonly=True)
    left_out_ids = fields.One2many("account.dunning.left.out", "run_id", readonly=True)
    left_out_count = fields.Integer(compute="_compute_counts")
    notice_count = fields.Integer(string="Number of Notices", compute="_compute_counts")
    proposed_count = fields.Integer(string="Proposed", compute="_compute_counts")
    queued_count = fields.Integer(string="Queued", compute="_compute_counts")
    to_print_count = fields.Integer(string="To Print", compute="_compute_counts")
    sent_count = fields.Integer(string="Sent", compute="_compute_counts")
    failed_count = fields.Integer(string="Failed", compute="_compute_counts")
    progress = fields.Float(compute="_compute_progress", help="Percent of the work under way that is done.")
    progress_text = fields.Char(compute="_compute_progress")

    _one_nightly = models.UniqueIndex(
        "(company_id) WHERE nightly AND state IN ('draft', 'proposing', 'proposed')",
        "A company has one open nightly run only.",
    )

    _nightly_heeds_disputes = models.Constraint(
        "CHECK (NOT (nightly AND include_disputed))",
        "Disputed items can be included in runs made by hand only.",
    )

    def _compute_counts(self):
        counts = defaultdict(dict)
        for run, state, count in self.env["account.dunning.notice"]._read_group(
            [("run_id", "in", self.ids)], ["run_id", "state"], ["__count"]
        ):
            counts[run.id][state] = count
        left_out = dict(
            self.env["account.dunning.left.out"]._read_group([("run_id", "in", self.ids)], ["run_id"], ["__count"])
        )
        for run in self:
            run.left_out_count = left_out.get(run, 0)
            run.notice_count = sum(counts[run.id].values())
            for state in ("proposed", "queued", "to_print", "sent", "failed"):
                run[f"{state}_count"] = counts[run.id].get(state, 0)

    @api.depends("state", "chunk_ids.done")
    def _compute_progress(self):
        for run in self:
            run.progress = 100.0 if run.state in ("proposed", "unfinished", "done") else 0.0
            run.progress_text = ""
            if run.state == "proposing":
                # counts only
                chunks = run.sudo().chunk_ids
                done, total = (sum(part.mapped("customers")) for part in (chunks.filtered("done"), chunks))
                run.progress = 100.0 * done / (total or 1)
                run.progress_text = self.env._("%(done)s of %(total)s customers", done=done, total=total)
            elif run.state == "issuing":
                gone = run.sent_count + run.to_print_count + run.failed_count
                run.progress = 100.0 * gone / (gone + run.queued_count or 1)
                run.progress_text = self.env._(
                    "%(done)s of %(total)s notices", done=gone, total=gone + run.queued_count
                )

    @api.constrains("date", "company_id")
    def _check_date(self):
        for run in self:
            today = run.company_id._dunning_today()
            if run.date > fields.Date.add(today, days=1):
                raise ValidationError(
                    self.env._(
                        "A dunning run cannot be dated after tomorrow (%(date)s): payments that come in until then "
                        "would not be known. Choose an earlier date.",
                        date=format_date(self.env, fields.Date.add(today, days=1)),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        runs = super().create(vals_list)
        for run, vals in zip(runs.sudo(), vals_list, strict=True):  # the name is none that people write
            if not vals.get("name"):
                run.name = run.env["ir.sequence"]._dunning_next_by_code("account.dunning.run", run.company_id)
        return runs

    def write(self, vals):
        """People choose what a run is about, until it is issued; the nightly run is about all."""
        if not self.env.su and CHOICES & set(vals) and any(not run._can_be_chosen() for run in self):
            raise AccessError(self.env._("What this dunning run is about cannot be changed any more."))
        return super().write(vals)

    def _can_be_chosen(self):
        return self.state in ("draft", "proposed") and not self.nightly

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        sent = self.notice_ids.filtered(lambda notice: notice._is_evidence())
        if sent:
            raise UserError(
                self.env._(
                    "The dunning run %(run)s has notices that were issued. It is the record of what was sent "
                    "and cannot be deleted.",
                    run=sent[0].run_id.name,
                )
            )

    # buttons

    def action_propose(self):
        """Start proposing; the scheduled action does the work, the form shows how far it is."""
        self.check_access("write")
        self._check_open(("draft", "proposed", "issuing"))
        for run in self.sudo():  # what a run has proposed follows the work; the rights are checked above
            run._start_proposing(run.date)
        self._trigger()

    def action_issue_all(self):
        """Queue all proposed notices of the runs, or ask before the first letters of a company."""
        proposed = self.notice_ids.filtered(lambda notice: notice.state == "proposed")
        return proposed.action_issue()

    def action_print(self):
        """Print all letters of the runs that wait to be printed."""
        return self.notice_ids.filtered(lambda notice: notice.state == "to_print").action_print()

    def action_retry(self):
        """Queue the failed notices of the runs once more."""
        self.notice_ids.action_retry()

    def action_open_failures(self):
        """Show the failed notices, by what went wrong."""
        action = self.action_open_notices()
        return {
            **action,
            "name": self.env._("Failed Notices"),
            "domain": [("run_id", "=", self.id), ("state", "=", "failed")],
            "context": {"search_default_group_failure": 1},
        }

    def action_cancel(self):
        """Cancel the runs with all notices that have not left."""
        self.check_access("write")
        self._check_open(("draft", "proposing", "proposed", "issuing", "unfinished"))
        self.sudo().chunk_ids.unlink()  # closed to people; the rights are checked above
        waiting = self.notice_ids._as_manager().filtered(
            lambda notice: notice.state in PENDING_STATES and not notice.bounced  # those have left
        )
        self.sudo().write({"state": "cancelled"})  # states follow the work
        waiting._cancel_by_person(self.env._("The run was cancelled"))
        # the to-dos of other managers
        self.sudo().activity_ids.filtered("automated").unlink()

    def action_open_notices(self):
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_dunning_notice_action")
        context = {"search_default_proposed": 1} if self.proposed_count else {}
        return {**action, "domain": [("run_id", "=", self.id)], "context": context}

    def action_open_left_out(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Left Out of %(run)s", run=self.name),
            "res_model": "account.dunning.left.out",
            "view_mode": "list",
            "domain": [("run_id", "=", self.id)],
            "context": {"search_default_group_reason": 1},
        }

    def _check_open(self, states):
        for run in self:
            if run.state not in states:
                label = dict(self._fields["state"]._description_selection(self.env))[run.state]
                raise UserError(
                    self.env._(
                        "This is not possible while the run %(run)s is “%(state)s”.",
                        run=run.name,
                        state=label,
                    )
                )

    # proposing

    def _start_proposing(self, day):
        """Begin, or begin anew, to propose for the date ``day``."""
        self.ensure_one()
        self.env["account.dunning.hold"]._cron_end_holds()
        self.env["account.collection.plan"]._end_pauses()
        self.left_out_ids.unlink()
        self.write({"state": "proposing", "date": day})
        self.env["account.dunning.run.chunk"]._divide(self)

    def _customer_query(self):
        """Query for the customers to assess: with an item due, an open plan, or a notice proposed by this run.

        Reminders look ahead, by as many days as the earliest of them.
        """
        assessor = self.env["account.dunning.assessor"]
        horizon = fields.Date.add(self.date, days=assessor._get_horizon_days(self.company_id))
        open_item = assessor._open_item_condition(self.company_id)
        partner_ids = self.partner_ids.commercial_partner_id.ids
        only = SQL("AND line.partner_id = ANY(%s)", partner_ids) if partner_ids else SQL()
        return SQL(
            f"""SELECT line.partner_id FROM account_move_line line
                WHERE %s %s AND line.reconciled IS NOT TRUE AND line.amount_residual_currency > 0
                  AND {DUE} <= %s
                UNION ALL
               SELECT line.partner_id FROM (%s) AS returned JOIN account_move_line line ON line.id = returned.line_id
                WHERE %s %s
                UNION ALL
               SELECT partner_id FROM account_collection_plan line
                WHERE company_id = %s AND state IN ('ongoing', 'paused') %s
                UNION ALL
               SELECT partner_id FROM account_dunning_notice WHERE run_id = %s AND state = 'proposed'""",
            open_item,
            only,
            horizon,
            assessor._returned_query(SQL("TRUE")),
            open_item,
            only,
            self.company_id.id,
            only,
            self.id,
        )

    def _propose_batch(self, partner_ids):
        """Propose for customers; where that fails, for each half, so that only the bad one is left out."""
        propose = without_gc()(self._propose)
        attempt_parts(self.env, partner_ids, propose, self._leave_out_failed, alone=True)

    def _leave_out_failed(self, partner_ids, error):
        _logger.info("Proposing for partner %s failed", partner_ids, exc_info=error)
        self._leave_out([self._prepare_error_vals(partner_ids[0], error)])

    def _propose(self, partner_ids):
        """Assess the customers and store the proposals and what is left out."""
        plans = self.env["account.collection.plan"].search(
            [("partner_id", "in", partner_ids), ("company_id", "=", self.company_id.id), ("state", "in", OPEN_STATES)]
        )
        plans._evaluate()
        proposed = self.env["account.dunning.notice"].search(
            [("run_id", "=", self.id), ("partner_id", "in", partner_ids), ("state", "=", "proposed")]
        )
        kept = proposed.filtered("level_manual")  # a person chose the level: they are only brought up to date
        own = proposed - kept
        assessments = self.env["account.dunning.assessor"]._assess(
            self.company_id, partner_ids, self.date, own.ids, self.include_disputed, self.level_ids.ids
        )
        type_ids = set(self.type_ids.ids)
        proposals = [
            proposal
            for assessment in assessments.values()
            for proposal in assessment.proposals
            if not type_ids or proposal.type in type_ids
        ]
        left_out = self._store_proposals(proposals, own)
        self._leave_out(left_out + self._prepare_left_out_vals(assessments, set(kept.line_ids.move_line_id.ids)))
        if plans and self.date == self.company_id._dunning_today() and not self.include_disputed:
            ongoing = plans.filtered(lambda plan: plan.state == "ongoing")
            ongoing._store_next(assessments)
            ongoing._end_ladders(assessments)
        kept._refresh()

    def _store_proposals(self, proposals, own):
        """Write proposals as notices: over the run's own ones of the same key, else as new ones.

        Notices in ``own`` that nothing proposes any more go. Returns values of what has no address.
        """
        notice_vals, left_out = self._prepare_notice_vals(proposals)
        by_key = own._get_ids_by_proposal_key()
        lines, updates, inserts = {}, {}, []
        for vals, proposal in notice_vals:
            notice_id = by_key and by_key.pop(own._get_proposal_key(vals), None)
            if notice_id:
                updates[notice_id] = vals
                lines[notice_id] = proposal
            else:
                inserts.append((vals, proposal))
        own.line_ids.unlink()
        own.browse(by_key.values()).unlink()
        bulk_update(own, updates)
        created = bulk_insert(own, [vals for vals, _proposal in inserts])
        lines.update(zip(created.ids, [proposal for _vals, proposal in inserts], strict=True))
        self.env["account.dunning.notice.line"]._insert_proposed(lines, self.date)
        levels = self.env["account.dunning.level"]
        if levels._is_informing(self.company_id.id):
            own.browse(lines)._inform()
        if levels._is_charging(self.company_id.id):
            own.browse(lines)._charge()
        return left_out

    def _prepare_notice_vals(self, proposals):
        """Values of the notices for ``proposals``. Hook.

        :return: a list of (values, proposal), and a list of left-out values of those that can
            be sent neither by e-mail nor by post
        """
        levels = self.env["account.dunning.level"].browse({proposal.level.id for proposal in proposals})
        levels = {level.id: (level, self._prepare_level_vals(level)) for level in levels}
        result, left_out = [], []
        for proposal, recipient in zip(proposals, self._get_recipients(proposals), strict=True):
            level, vals = levels[proposal.level.id]
            document = level._choose_document(recipient)
            if document:
                own = self._prepare_one_notice_vals(proposal, recipient)
                result.append(({**vals, **own, "document": document}, proposal))
            else:
                left_out.append(
                    self._prepare_one_left_out_vals(
                        proposal.customer,
                        "address",
                        proposal.currency,
                        proposal.verdicts,
                        recipient.display_name if recipient.id != proposal.customer else False,
                    )
                )
        return result, left_out

    def _prepare_level_vals(self, level):
        """What the run's notices of a level have in common: values. Hook."""
        return {
            "run_id": self.id,
            "company_id": self.company_id.id,
            "level_id": level.id,
            "type_id": level.type_id.id,
            "reminder": level.reminder,
            "level_manual": False,
            "state": "proposed",
            "date": self.date,
            "deadline_date": fields.Date.add(self.date, days=level.deadline_days),
            **self.env["account.dunning.notice"]._prepare_blank_charges(),
        }

    def _prepare_one_notice_vals(self, proposal, recipient):
        """What a notice has of its own: values. Hook."""
        oldest = proposal.verdicts[0].item
        dunned = float_round(proposal.dunned, precision_rounding=oldest.rounding)
        credit = proposal.credit
        credit = float_round(credit, precision_rounding=oldest.rounding) if credit else 0.0
        return {
            "partner_id": proposal.customer,
            "currency_id": proposal.currency,
            **self.env["account.dunning.notice"]._prepare_recipient_vals(self.company_id, recipient),
            "oldest_due_date": oldest.due,
            "days_overdue": oldest.days_overdue(self.date),
            "amount_dunned": dunned,
            "amount_credit": credit,
            "amount_total": float_round(dunned - credit, precision_rounding=oldest.rounding) if credit else dunned,
            "line_count": len(proposal.verdicts),
        }

    def _get_recipients(self, proposals):
        """The partners who get the proposals, in their order: the engine's recipient, else the invoice address."""
        partners = self.env["res.partner"]
        missing = partners.browse({p.customer for p in proposals if not p.recipient})
        addresses = missing._get_dunning_addresses()
        ids = [proposal.recipient or addresses[proposal.customer] for proposal in proposals]
        recipients = partners.browse(set(ids))
        recipients.fetch(["email", "street", "zip", "city", "lang", "name"])
        by_id = {partner.id: partner for partner in recipients}
        return [by_id[partner_id] for partner_id in ids]

    def _prepare_left_out_vals(self, assessments, in_run=()):
        """Values of what is overdue but left out, one per customer, reason and currency. Hook.

        ``in_run`` holds the ids of items that are in a notice of this run all the same. What is at another level than
        the run is for is listed of customers who get a notice: it is missing there.
        """
        groups = defaultdict(list)
        today, type_ids = self.date, set(self.type_ids.ids)
        for assessment in assessments.values():
            partial = bool(assessment.proposals)
            for verdict in assessment.verdicts:
                reason = self._get_left_out_reason(verdict, partial)
                listed = reason and verdict.item.id not in in_run
                wanted = not type_ids or verdict.item.type in type_ids
                grace_days = verdict.rule.grace_days if verdict.rule else 0
                if listed and wanted and verdict.item.days_overdue(today) > grace_days:
                    groups[assessment.customer, reason, verdict.item.currency].append(verdict)
        return [
            self._prepare_one_left_out_vals(partner_id, reason, currency, verdicts)
            for (partner_id, reason, currency), verdicts in groups.items()
        ]

    def _get_left_out_reason(self, verdict, partial):
        """Why the run lists the item of ``verdict`` as left out, or None; ``partial``: the customer gets a notice."""
        if verdict.level:
            other = self.level_ids and verdict.level.id not in self.level_ids.ids
            return "other_level" if other and partial else None
        listed = self.env["account.dunning.left.out"]._fields["reason"].get_values(self.env)
        return verdict.reason if verdict.reason in listed else None

    def _prepare_one_left_out_vals(self, partner_id, reason, currency_id, verdicts, note=False):
        amount = sum(verdict.item.residual for verdict in verdicts)
        return {
            "run_id": self.id,
            "partner_id": partner_id,
            "reason": reason,
            "item_count": len(verdicts),
            "currency_id": currency_id,
            "amount": self.env["res.currency"].browse(currency_id).round(amount),
            "note": note,
        }

    def _prepare_error_vals(self, partner_id, error):
        text = self.env["account.dunning.notice"]._get_error_text(error)
        return self._prepare_one_left_out_vals(partner_id, "error", self.currency_id.id, (), text)

    def _leave_out(self, vals_list):
        bulk_insert(self.env["account.dunning.left.out"], vals_list)

    def _finish_proposing(self):
        """All customers were seen: issue what may be issued by itself, or call the managers."""
        self._follow("proposed")
        if self.nightly and self.company_id.dunning_auto_issue:
            self._issue_automatically()
        self._update_state()
        if self.nightly and self.state == "proposed":
            self._schedule_review()

    def _issue_automatically(self):
        """Issue as the user whom the settings name; where he may not any more, the notices wait for a manager."""
        user = self.company_id.dunning_issue_user_id
        if user._can_issue_dunning(self.company_id):
            self._get_automatic_notices()._queue(user)
        else:
            self._message_log(
                body=self.env._(
                    "Nothing was issued automatically: %(user)s is no dunning manager of %(company)s.",
                    user=user.name or self.env._("Nobody"),
                    company=self.company_id.name,
                )
            )

    def _get_automatic_notices(self):
        """The proposed notices that may be issued without a person. Hook."""
        return self.env["account.dunning.notice"].search(
            Domain("run_id", "=", self.id)
            & Domain("state", "=", "proposed")
            & Domain("level_id.manual_release", "=", False)
        )

    def _schedule_review(self):
        """One to-do for each dunning manager, as long as the run waits for them."""
        todo = self.env.ref("mail.mail_activity_data_todo")
        summary, asked = self._get_review_summary(), self.activity_ids.filtered("automated")
        asked.filtered(lambda activity: activity.summary != summary).summary = summary
        for user in self._get_reviewers() - asked.user_id:
            self.activity_schedule(
                activity_type_id=todo.id,
                summary=summary,
                user_id=user.id,
                automated=True,
            )

    def _get_review_summary(self):
        """What the to-do of a nightly run asks for. Hook."""
        return self.env._("Review and issue the dunning notices")

    def _get_reviewers(self):
        """The users who are asked to review a nightly run. Hook."""
        return self.env.user._get_dunning_managers(self.company_id)

    def _update_state(self):
        """Follow the notices: issuing while any is queued, proposed while any is, else done.

        Unfinished while any waits for a person to print it or to try it again.
        """
        runs = self.filtered(lambda run: run.state in ("proposed", "issuing", "unfinished", "done"))
        if not runs:
            return
        self.env["account.dunning.notice"].flush_model(["run_id", "state"])
        rows = self.env.execute_query(SQL(STATES_QUERY, runs.ids))
        for run_id, queued, proposed, left in rows:
            run = self.browse(run_id)
            state = "issuing" if queued else "proposed" if proposed else "unfinished" if left else "done"
            if state != run.state:
                run._follow(state)
                if state in ("unfinished", "done"):
                    run.activity_ids.filtered("automated").action_done()

    def _follow(self, state):
        """Take the state that follows from the work; the chatter tells only what persons do."""
        self.with_context(mail_notrack=True).state = state

    # scheduled actions

    @api.model
    def _cron_nightly(self):
        """Scheduled action: bring the nightly run of each company up to date, and issue where set so."""
        self.env["account.dunning.hold"]._cron_end_holds()
        self.env["account.dunning.hold"]._ask_reviews()
        self.env["account.collection.plan"]._end_pauses()
        for company in self._get_nightly_companies():
            with attempt(self.env, alone=True) as outcome:
                self._start_nightly(company)
            if outcome.error:
                _logger.error(
                    "The nightly dunning run of %s could not be started", company.name, exc_info=outcome.error
                )
        self._cron_continue()

    @api.model
    def _get_nightly_companies(self):
        """The root companies that have an active dunning type."""
        return self.env["account.dunning.type"].search([]).company_id

    @api.model
    def _start_nightly(self, company):
        """Open the nightly run of ``company``, or bring the open one up to date, once a day."""
        if not self._keep_day(company):
            return
        today = company._dunning_today()
        if self.search_count([("company_id", "=", company.id), ("nightly", "=", True), ("date", "=", today)], limit=1):
            return
        self._requeue_stale(company)
        run = self.search(
            [
                ("company_id", "=", company.id),
                ("nightly", "=", True),
                ("state", "not in", ("unfinished", "done", "cancelled")),
            ],
            order="id desc",
            limit=1,
        )
        if not run:
            run = self.create({"company_id": company.id, "date": today, "nightly": True})
        run._start_proposing(today)

    @api.model
    def _requeue_stale(self, company):
        """Have letters made anew that were not printed on the day they were made."""
        self.env["account.dunning.notice"].search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "to_print"),
                ("date", "<", company._dunning_today()),
            ]
        )._requeue()
