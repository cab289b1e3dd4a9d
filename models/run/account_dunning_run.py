from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, format_date

from ..base.names import PENDING_STATES
from .clock import RunClock
from .first import RunFirst
from .money import RunMoney
from .neighbours import RunNeighbours
from .nightly import RunNightly
from .outcome import RunOutcome
from .proposing import RunProposing
from .queue_job import RunQueueJob
from .reading import RunReading
from .report import RunReport
from .work import RunWork

CHOICES = {"date", "type_ids", "level_ids", "partner_ids", "include_disputed"}

# Whether any notice of each run is queued, any proposed, any to be printed or failed: one is enough, of perhaps a
# hundred thousand.
STATES_QUERY = """
SELECT id, EXISTS (SELECT 1 FROM account_dunning_notice WHERE run_id = run.id AND state = 'queued'),
       EXISTS (SELECT 1 FROM account_dunning_notice WHERE run_id = run.id AND state = 'proposed'),
       EXISTS (SELECT 1 FROM account_dunning_notice WHERE run_id = run.id AND state IN ('to_print', 'failed'))
  FROM account_dunning_run run WHERE id = ANY(%s) ORDER BY id
"""


class AccountDunningRun(
    RunClock,
    RunQueueJob,
    RunReport,
    RunWork,
    RunFirst,
    RunMoney,
    RunNeighbours,
    RunOutcome,
    RunProposing,
    RunReading,
    RunNightly,
    models.Model,
):
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
    read_all = fields.Char(
        string="Read in Full Because", readonly=True, copy=False, help="Why this night has read all customers."
    )
    policy = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS, help="See the settings.")
    skipped_ids = fields.One2many("account.dunning.skipped", compute="_compute_skipped_ids")
    # the name that scripts of earlier releases use
    left_out_ids = fields.One2many("account.dunning.skipped", compute="_compute_skipped_ids", groups=fields.NO_ACCESS)
    skipped_count = fields.Integer(compute="_compute_counts")
    notice_count = fields.Integer(string="Number of Notices", compute="_compute_counts")
    proposed_count = fields.Integer(string="Proposed", compute="_compute_counts")
    queued_count = fields.Integer(string="Queued", compute="_compute_counts")
    to_print_count = fields.Integer(string="To Print", compute="_compute_counts")
    sent_count = fields.Integer(string="Sent", compute="_compute_counts")
    failed_count = fields.Integer(string="Failed", compute="_compute_counts")
    progress = fields.Float(compute="_compute_progress", help="Percent of the work under way that is done.")
    progress_text = fields.Char(compute="_compute_progress")
    clock_banner = fields.Char(compute="_compute_clock_banner")
    report_table = fields.Binary(
        string="Report (XLSX)", compute="_compute_report_table", help="What the run did, customer by customer."
    )
    missing = fields.Char(
        compute="_compute_missing", help="What the first letters of the company would lack; empty for all later ones."
    )
    uncounted_count = fields.Integer(compute="_compute_uncounted_count")
    outcome = fields.Char(string="What Became of It", compute="_compute_outcome")
    failures = fields.Text(compute="_compute_outcome", help="What went wrong, with the number of notices.")

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
        skipped = self.env["account.dunning.skipped"]._count(self)
        for run in self:
            run.skipped_count = skipped.get(run.id, 0)
            run.notice_count = sum(counts[run.id].values())
            for state in ("proposed", "queued", "to_print", "sent", "failed"):
                run[f"{state}_count"] = counts[run.id].get(state, 0)

    @api.depends("state", "date")
    def _compute_skipped_ids(self):
        rows = self.env["account.dunning.skipped"]
        for run in self:
            run.skipped_ids = run.left_out_ids = rows.search(rows._get_domain(run))

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
                # the day of the head office, for a branch's user, too
                day = run.company_id.sudo().root_id._dunning_today()
                run.name = run.env["ir.sequence"]._dunning_next_by_code(self._name, run.company_id, day)
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

    def unlink(self):
        for run in self.filtered("nightly").sorted("id"):
            if not self.env["account.dunning.skipped"]._hand_on(run):
                # what it left out goes with it, and is found again
                run.company_id._get_dunning_settings().night_policy = False
        return super().unlink()

    # buttons

    def action_propose(self):
        """Start proposing; the scheduled action does the work, the form shows how far it is."""
        self.check_access("write")
        self._check_open(("draft", "proposed", "issuing"))
        for run in self.sudo():  # what a run has proposed follows the work; the rights are checked above
            run._start_proposing(run.date, anew=True)
        self.env["ir.cron"]._trigger_dunning()

    def action_issue_all(self):
        """Queue all proposed notices of the runs, or ask before the first letters of a company."""
        proposed = self.notice_ids.filtered(lambda notice: notice.state == "proposed")
        return proposed.action_issue()

    def action_print(self):
        """Print all letters of the runs that wait to be printed."""
        return self.notice_ids.filtered(lambda notice: notice.state == "to_print").action_print()

    def action_export(self):
        """Hand to a print service what it has not got yet of the letters of the runs."""
        letters = self.notice_ids.filtered(lambda notice: notice._is_for_print_service())
        return letters.filtered(lambda notice: notice.state == "to_print" or not notice.exported_on).action_export()

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

    def action_open_skipped(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Left Out of %(run)s", run=self.name),
            "res_model": "account.dunning.skipped",
            "view_mode": "list",
            "domain": list(self.env["account.dunning.skipped"]._get_domain(self)),
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

    def _start_proposing(self, day, anew=False):
        """Begin, or begin again, to propose for the date ``day``; ``anew``: a night has to read everything."""
        self.ensure_one()
        if self.state == "draft" and not self._has_others():
            self._warn_of_neighbours()
        self.env["account.dunning.hold"]._cron_end_holds()
        self.env["account.collection.plan"]._end_pauses()
        self.write({"state": "proposing", "date": day})
        if self.nightly:
            self._choose_reading(anew)
        else:
            self.skipped_ids.unlink()
        self.env["account.dunning.run.chunk"]._divide(self)

    def _finish_proposing(self):
        """All customers were seen: issue what may be issued by itself, or call the managers."""
        self._follow("proposed")
        if self.nightly:
            self._end_reading()
        if self.nightly and self.company_id._get_dunning_settings().auto_issue:
            self._issue_automatically()
        self._update_state()
        if self.nightly and self.state == "proposed":
            self._schedule_review()

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
