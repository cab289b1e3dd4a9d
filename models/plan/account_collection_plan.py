from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine import outlook
from ...tools.bulk import bulk_insert, bulk_update
from ..base.account_dunning_guard import colleagues
from ..base.account_dunning_status_mixin import COLLECTION_STATUSES
from ..base.names import OPEN_STATES

# The collection status that a reason for closing gives.
CLOSED_STATUSES = {"written_off": "uncollectable", "handed_over": "agency"}


class AccountCollectionPlan(models.Model):
    """The pursuit of one debt: of one invoice, or of all that one customer owes (rules §6).

    Opened when a first notice is sent or by hand, closed when the debt is settled, in the
    transaction of the reconciliation. Only the plan moves its own state and level: here is what it
    is and what comes next, in ``account_collection_plan_debt`` how it follows the debt, in
    ``account_collection_plan_steps`` what a person may do with it.
    """

    _name = "account.collection.plan"
    _description = "Collection Plan"
    _inherit = ["mail.thread", "mail.activity.mixin", "account.dunning.guard"]
    _order = "leading_due_date, id"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="restrict", readonly=True
    )
    mode = fields.Selection(
        [("invoice", "Invoice-Based"), ("customer", "Customer-Based")],
        required=True,
        default="invoice",
        readonly=True,
        help="Invoice-based: the pursuit of one invoice. Customer-based: of all that the customer owes overdue.",
    )
    move_id = fields.Many2one(
        "account.move", string="Invoice", index="btree_not_null", ondelete="set null", readonly=True
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Journal Item",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        help="The item that the plan is about, where it belongs to a journal entry.",
    )
    type_id = fields.Many2one(
        "account.dunning.type",
        string="Dunning Type",
        required=True,
        check_company=True,
        ondelete="restrict",
        readonly=True,
    )
    state = fields.Selection(
        [
            ("ongoing", "Ongoing"),
            ("paused", "Paused"),
            ("recovered", "Recovered"),
            ("unrecovered", "Unrecovered"),
            ("stopped", "Stopped"),
        ],
        string="Status",
        required=True,
        default="ongoing",
        index=True,
        readonly=True,
    )
    close_reason = fields.Selection(
        [
            ("paid", "Paid"),
            ("set_off", "Set off"),
            ("credited", "Credited"),
            ("transferred", "Transferred"),
            ("other_customer", "Moved to another customer"),
            ("cancelled", "Invoice cancelled or reset to draft"),
            ("undone", "Notice undone"),
            ("moved", "Due date moved"),
            ("below", "Below the minimum amount"),
            ("merged", "Customers merged"),
            ("person", "By a person"),
            ("exhausted", "After the last level"),
            ("written_off", "Written off"),
            ("handed_over", "Handed over"),
            ("recalled", "Recalled from the agency"),
        ],
        string="Closed As",
        readonly=True,
    )
    opened_on = fields.Date(readonly=True)
    closed_on = fields.Date(readonly=True)
    level_id = fields.Many2one("account.dunning.level", check_company=True, ondelete="restrict", readonly=True)
    collection_status = fields.Selection(
        COLLECTION_STATUSES,
        index="btree_not_null",
        readonly=True,
        help="As the level says when the plan reaches it; dunning where it says nothing. Empty once nothing is "
        "collected any more.",
    )
    last_notice_date = fields.Date(string="Last Notice", readonly=True)
    leading_due_date = fields.Date(string="Oldest Due Date", readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    amount_due = fields.Monetary(readonly=True)
    amount_opened = fields.Monetary(
        string="Amount When Opened", readonly=True, help="What was open when the plan was opened."
    )
    next_level_id = fields.Many2one("account.dunning.level", check_company=True, ondelete="set null", readonly=True)
    next_date = fields.Date(
        readonly=True,
        help="When the next notice is due at the earliest. Empty: nothing comes after this level.",
    )
    paused_on = fields.Date(readonly=True)
    paused_until = fields.Date(readonly=True, help="The day on which the plan resumes by itself.")
    reason_id = fields.Many2one(
        "account.dunning.reason",
        check_company=True,
        ondelete="restrict",
        readonly=True,
        help="Why a person paused or stopped the plan.",
    )
    idle_days = fields.Integer(
        string="Days Paused", readonly=True, help="Days since the last notice on which the plan was paused."
    )
    keeps_out = fields.Boolean(
        string="No New Plan",
        readonly=True,
        help="What the plan was about is not dunned again until a person allows a new plan.",
    )
    below_minimum = fields.Boolean(
        readonly=True, help="The customer owes less than the minimum of the dunning type: nothing is sent."
    )
    user_id = fields.Many2one(
        "res.users", string="Collector", domain=colleagues("company_id"), index=True, tracking=True
    )
    notice_line_ids = fields.One2many("account.dunning.notice.line", "plan_id", string="Notices", readonly=True)
    item_ids = fields.One2many("account.dunning.item", "plan_id", string="Items", readonly=True)
    days_overdue = fields.Integer(compute="_compute_days_overdue")
    notice_count = fields.Integer(compute="_compute_notice_count")
    hold_banner = fields.Char(compute="_compute_hold_banner")
    timeline = fields.Html(compute="_compute_timeline", sanitize=False)

    _open_unique = models.UniqueIndex(
        "(company_id, partner_id, COALESCE(move_id, 0), COALESCE(move_line_id, 0))"
        " WHERE state IN ('ongoing', 'paused')",
        "There is already an open collection plan for this invoice, journal item or customer.",
    )

    def _init_column(self, column_name):
        """Plans of the releases that knew no collection status get it when the column is added."""
        result = super()._init_column(column_name)
        if column_name == "collection_status":
            self.env.execute_query(
                SQL(
                    "UPDATE account_collection_plan SET collection_status = 'dunning'"
                    " WHERE state IN ('ongoing', 'paused', 'unrecovered') RETURNING id"
                )
            )
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        if self.notice_line_ids:
            raise UserError(self.env._("Collection plans about which notices were sent cannot be deleted."))

    @api.depends("leading_due_date")
    def _compute_days_overdue(self):
        for plan in self:
            today = (plan.company_id or self.env.company)._dunning_today()
            plan.days_overdue = (today - plan.leading_due_date).days if plan.leading_due_date else 0

    def _compute_notice_count(self):
        counts = dict(
            self.env["account.dunning.notice.line"]._read_group(
                [("plan_id", "in", self.ids)], ["plan_id"], ["notice_id:count_distinct"]
            )
        )
        for plan in self:
            plan.notice_count = counts.get(plan, 0)

    def _compute_hold_banner(self):
        """What the hold says that keeps the invoice, or the whole customer, out of dunning."""
        for plan in self:
            plan.hold_banner = plan._get_holds().filtered("active_now")[:1]._get_banner()

    def _get_holds(self):
        """The holds of its company on the customer of the plan, and on its invoice and the items of it."""
        self.ensure_one()
        plan = self.sudo()  # the invoice may be of a branch that the user may not read; holds are the company's
        holds = plan.partner_id.dunning_hold_ids + plan.move_id.dunning_hold_ids
        holds += plan._get_document_lines().dunning_hold_ids
        return holds.filtered(lambda hold: hold.company_id == plan.company_id).with_env(self.env)

    def _get_document_lines(self):
        """The journal items of what invoice-based plans are about: of the invoice, or the item of an entry."""
        return self.move_line_id + self.filtered(lambda plan: not plan.move_line_id).move_id.line_ids

    def _compute_timeline(self):
        """What was sent and done, and what comes next and when, as a list for the form."""
        outlooks = self._get_outlooks()
        for plan in self:
            entries = sorted(plan._get_past_entries(), key=lambda entry: entry["date"])
            plan.timeline = self.env["ir.qweb"]._render(
                "account_dunning.collection_plan_timeline",
                {"past": entries, "coming": outlooks.get(plan.id, []), "plan": plan},
            )

    def _get_past_entries(self):
        """What happened in the plan: dicts with date, title, detail. Hook."""
        self.ensure_one()
        documents = dict(self.env["account.dunning.notice"]._fields["document"]._description_selection(self.env))
        entries = []
        for notice in self.notice_line_ids.notice_id:
            undone = notice.state != "sent"
            detail = f"{notice.name or ''} {documents[notice.document]}".strip()
            if undone:
                detail = self.env._("%(notice)s, undone: %(why)s", notice=detail, why=notice.cancel_reason or "")
            title = (notice.line_ids.filtered(lambda line: line.plan_id == self)[:1].level_id or notice.level_id).name
            entries.append({"date": notice.sent_on or notice.date, "title": title, "detail": detail, "undone": undone})
        for message in self.message_ids.filtered("mail_activity_type_id"):
            day = fields.Date.context_today(self, message.date)
            title = message.mail_activity_type_id.name
            entries.append({"date": day, "title": title, "detail": message.author_id.name or "", "undone": False})
        return entries

    def _get_outlooks(self):
        """What comes next by plan id, for the ongoing plans: dicts with date, title, detail."""
        result = {}
        ongoing = self.filtered(lambda plan: plan.state == "ongoing" and plan.next_level_id)
        for company, plans in ongoing.grouped("company_id").items():
            today = company._dunning_today()
            assessments = self.env["account.dunning.assessor"]._assess(company, plans.partner_id.ids, today)
            verdicts = self._get_verdicts(assessments)
            for plan in plans:
                leading = self._get_leading(verdicts[plan.id])
                result[plan.id] = plan._get_coming_entries(leading, today) if leading else []
        return result

    def _get_coming_entries(self, verdict, today):
        """What comes for the leading item of ``verdict`` while nothing is paid: dicts with date, title, detail."""
        self.ensure_one()
        levels = self.env["account.dunning.level"]
        steps = outlook(verdict.item, verdict.rule, today)
        entries = [
            {
                "date": day,
                "title": levels.browse(level.id).name,
                "detail": self.env._("repeated") if repeated else "",
            }
            for day, level, repeated in steps
        ]
        if steps and self.type_id.unrecovered_days:
            end = fields.Date.add(steps[-1][0], days=self.type_id.unrecovered_days)
            entries.append({"date": end, "title": self.env._("Unrecovered"), "detail": ""})
        return entries

    # actions

    def action_why(self):
        """Explain what is due today for the items of the plan, and what comes next."""
        self.ensure_one()
        items = self._get_document_lines().ids
        return self.env["account.dunning.why"]._open(self.company_id, self.partner_id, items, self)

    def action_hold(self):
        """Open a new hold for the invoice of the plan, or for its customer."""
        self.ensure_one()
        return (self.move_line_id or self.move_id or self.partner_id).action_dunning_hold()

    def action_open_holds(self):
        """Show what keeps the debt of the plan, or a part of it, out of dunning."""
        self.ensure_one()
        return (self.move_line_id or self.move_id or self.partner_id).action_open_dunning_holds()

    def action_open_invoice(self):
        self.ensure_one()
        return self.move_id._get_records_action()

    def action_open_items(self):
        """Show the open items of the invoice, or of the customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_move_line_open_items_action")
        domain = self.env["account.move.line"]._get_open_item_domain() & Domain("partner_id", "=", self.partner_id.id)
        if self.mode == "invoice":
            domain &= Domain("move_id", "=", self.move_id.id)
        if self.move_line_id:
            domain &= Domain("id", "=", self.move_line_id.id)
        return {**action, "domain": list(domain)}

    def action_open_notices(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_dunning_notice_action")
        return {**action, "domain": [("line_ids.plan_id", "=", self.id)], "context": {}}

    @api.model
    def action_open_mine(self):
        """Open the list of plans; a collector who has open ones sees his own first."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_collection_plan_action")
        mine = self.search_count([("user_id", "=", self.env.uid), ("state", "in", OPEN_STATES)], limit=1)
        context = {
            "search_default_ongoing": 1,
            "search_default_paused": 1,
            "dunning_mode": self.env.company.root_id.dunning_mode,
        }
        if mine:
            context["search_default_my_plans"] = 1
        return {**action, "context": context}

    # opening

    @api.model
    def _get_key(self, company, move, item, partner):
        """What a plan of ``company`` about ``item`` (a journal item) of ``move`` is about, by the dunning mode.

        :return: (invoice id or False, id of the item of a journal entry or False, customer id)
        """
        if company.dunning_mode == "customer":
            return (False, False, partner.id)
        return (move.id, move.move_type == "entry" and item.id, partner.id)

    def _get_own_key(self):
        """What the plan is about, as :meth:`_get_key` says it."""
        self.ensure_one()
        return (self.move_id.id, self.move_line_id.id, self.partner_id.id)

    @api.model
    def _find_open(self, company, partner_ids):
        """The open plans of customers by their keys (see :meth:`_get_key`)."""
        plans = self.search(
            [("company_id", "=", company.id), ("partner_id", "in", partner_ids), ("state", "in", OPEN_STATES)]
        )
        return {plan._get_own_key(): plan for plan in plans}

    @api.model
    def _open_for(self, lines):
        """Open a plan for each notice line whose invoice or customer has none open.

        :param lines: dunned notice lines of sent notices, of one company
        :return: dict from the key (see :meth:`_get_key`) to the open plan
        """
        company = lines.notice_id.company_id
        plans = self._find_open(company, lines.partner_id.ids)
        missing = {}
        for line in lines:
            key = self._get_key(company, line.move_id, line.move_line_id, line.partner_id)
            if key not in plans:
                missing.setdefault(key, line)
        bodies = [
            self.env._("Collection plan opened with notice %(notice)s.", notice=line.notice_id.name)
            for line in missing.values()
        ]
        vals_list = [
            {
                **self._prepare_plan_vals(company, line.notice_id.type_id, line.move_line_id),
                "opened_on": line.notice_id.sent_on,
            }
            for line in missing.values()
        ]
        plans.update(zip(missing, self._open_plans(vals_list, bodies), strict=True))
        if missing:
            self.env["account.dunning.backlog"]._look_soon()
        return plans

    @api.model
    def _open_plans(self, vals_list, bodies):
        """Insert plans from values of :meth:`_prepare_plan_vals`, with a note in the chatter of each."""
        plans = bulk_insert(self, vals_list)
        plans._note(bodies)
        return plans

    @api.model
    def _prepare_plan_vals(self, company, dunning_type, item):
        """Values of a plan opened today for the receivable ``item`` (a journal item). Hook."""
        customer_based = company.dunning_mode == "customer"
        partner = item.partner_id
        move_id, move_line_id, _partner = self._get_key(company, item.move_id, item, partner)
        return {
            "name": partner.name if customer_based else item.dunning_number,
            "mode": company.dunning_mode,
            "company_id": company.id,
            "partner_id": partner.id,
            "move_id": move_id,
            "move_line_id": move_line_id,
            "type_id": dunning_type.id,
            "state": "ongoing",
            "opened_on": company._dunning_today(),
            "currency_id": (company if customer_based else item).currency_id.id,
            "amount_due": 0.0,
            "amount_opened": 0.0,
            "collection_status": "dunning",
            "user_id": self._get_collector(company, partner, item.move_id).id,
        }

    @api.model
    def _get_collector(self, company, partner, move):
        """The collector of a new plan (one record of ``res.users``, or none). Hook."""
        user = partner.with_company(company).dunning_user_id or move.invoice_user_id
        own = user.sudo()  # who opens a plan need not see the other users
        colleague = own.active and not own.share and set(own.company_ids.ids) & set(company._get_dunning_branches())
        return user if colleague else user.browse()

    # closing

    def _close(self, state, reason, keeps_out=False):
        """Close the plans as ``state`` for ``reason``; what was planned for them is done.

        With ``keeps_out``, a person must allow a new plan before the debt is dunned again. What the plans had set is
        taken back, unless they are unrecovered.
        """
        if not self:
            return
        for company, plans in self.grouped("company_id").items():
            plans.write(
                {
                    "state": state,
                    "close_reason": reason,
                    "closed_on": company._dunning_today(),
                    "keeps_out": keeps_out,
                    "paused_on": False,
                    "paused_until": False,
                    **({} if reason == "person" else {"reason_id": False}),
                    **self._prepare_closed_status_vals(state, reason),
                    "below_minimum": False,
                    "next_level_id": False,
                    "next_date": False,
                }
            )
        self._get_planned_activities().unlink()
        label = dict(self._fields["close_reason"]._description_selection(self.env))[reason]
        states = dict(self._fields["state"]._description_selection(self.env))
        self._note(self.env._("%(state)s: %(reason)s.", state=states[state], reason=label))
        self.env["account.dunning.consequence"]._follow(self)

    def _get_planned_activities(self):
        """The activities that are out of date once the plans are closed. Hook."""
        return self.activity_ids.filtered("automated")

    @api.model
    def _prepare_closed_status_vals(self, state, reason):
        """The collection status of plans that are closed as ``state`` for ``reason``, if it changes. Hook."""
        if status := CLOSED_STATUSES.get(reason):
            return {"collection_status": status}
        return {} if state == "unrecovered" else {"collection_status": False}

    def _reset_collection_status(self):
        """Closed plans go on: their collection status is that of their levels again."""
        for level, plans in self.grouped("level_id").items():
            plans.collection_status = level.collection_status or "dunning"

    def _get_collection_status(self, level):
        """The collection status now that ``level`` is the plan's: an open plan takes that of a level newly given. Hook.

        An unrecovered plan keeps what it has; it takes one only where what was credited is owed again.
        """
        self.ensure_one()
        if self.state in OPEN_STATES:
            given = level != self.level_id
        else:
            given = self.state == "unrecovered" and not self.collection_status
        return level.collection_status or "dunning" if given else self.collection_status

    def _get_standing(self):
        """Where the plan stands, as the reason for what it sets on the customer and for what is taken back."""
        self.ensure_one()
        if self.state in OPEN_STATES:
            level = self.level_id.name or self.env._("no level")
            return self.env._("collection plan “%(plan)s” is at level “%(level)s”", plan=self.name, level=level)
        if self.state == "unrecovered" and not self.collection_status:
            return self.env._("nothing is owed any more on the collection plan “%(plan)s”", plan=self.name)
        state = dict(self._fields["state"]._description_selection(self.env))[self.state]
        return self.env._("the status of collection plan “%(plan)s” is “%(state)s”", plan=self.name, state=state)

    def _note(self, bodies):
        """Log a note on each plan: one text for all, or a list with one for each."""
        if isinstance(bodies, str):
            bodies = [bodies] * len(self)
        if self:
            self._message_log_batch(bodies=dict(zip(self.ids, bodies, strict=True)))

    # what comes next

    def _plan_next(self):
        """Write when the next notice of each open plan is due, as the engine says today."""
        for company, plans in self.filtered(lambda plan: plan.state in OPEN_STATES).grouped("company_id").items():
            assessor = self.env["account.dunning.assessor"]
            plans._store_next(assessor._assess(company, plans.partner_id.ids, company._dunning_today()))

    def _store_next(self, assessments):
        """Write next level and date from ``assessments`` (by partner id); the leading item decides."""
        verdicts = self._get_verdicts(assessments)
        bulk_update(self, {plan.id: self._prepare_next_vals(verdicts[plan.id]) for plan in self})

    def _get_verdicts(self, assessments):
        """The verdicts of ``assessments`` by plan id, in each plan the oldest due date first.

        Of a customer's items those that are not overdue do not count: they follow the leading one once they are.
        """
        modes = {plan.id: plan.mode for plan in self}
        result = defaultdict(list)
        for assessment in assessments.values():
            verdicts = [verdict for verdict in assessment.verdicts if verdict.item.plan in modes]
            owed = {item.id for item in assessment.owed} if verdicts else ()
            for verdict in verdicts:
                if modes[verdict.item.plan] == "invoice" or verdict.item.id in owed:
                    result[verdict.item.plan].append(verdict)
        return result

    @api.model
    def _prepare_next_vals(self, verdicts):
        """Next level and date of a plan with ``verdicts``; none below the type's minimum. Hook."""
        below = any(verdict.below for verdict in verdicts)
        leading = None if below else self._get_leading(verdicts)
        return {
            "next_level_id": leading.decision.next_level.id if leading else False,
            "next_date": leading.decision.next_date if leading else False,
            "below_minimum": below,
        }

    @api.model
    def _get_leading(self, verdicts):
        """The verdict on the item that decides what comes next: the oldest that nothing keeps out, or None."""
        for verdict in verdicts:
            free = verdict.item.obstacle in (None, "pending") and verdict.reason not in ("credits", "later")
            level = verdict.decision and verdict.decision.next_level
            if free and level and not level.reminder:
                return verdict
        return None

    # the end of the ladder

    def _end_ladders(self, assessments):
        """Close as unrecovered the plans after whose last notice the type's days have passed (rules §6)."""
        verdicts = self._get_verdicts(assessments)
        ended = self.filtered(
            lambda plan: (
                plan.type_id.unrecovered_days
                and plan.last_notice_date
                and verdicts[plan.id]
                and all(v.decision and v.decision.reason == "end" and not v.item.obstacle for v in verdicts[plan.id])
            )
        )
        held = ended._get_held_days() if ended else {}
        for company, plans in ended.grouped("company_id").items():
            today = company._dunning_today()
            plans.filtered(lambda plan: plan._get_end_date(held[plan.id]) <= today)._close(  # noqa: B023
                "unrecovered", "exhausted", keeps_out=True
            )

    def _get_end_date(self, held_days=0):
        """The day on which a plan counts as unrecovered, once its last level's notice was sent."""
        self.ensure_one()
        days = self.type_id.unrecovered_days + self.idle_days + held_days
        return fields.Date.add(self.last_notice_date, days=days)

    def _get_held_days(self):
        """Number of days since the last notice on which a hold kept anything of the plan out, by plan id."""
        rows = self.env.execute_query(
            SQL(
                """SELECT plan.id, COUNT(DISTINCT day)
                     FROM account_collection_plan plan
                     JOIN account_dunning_item item ON item.plan_id = plan.id
                     JOIN account_dunning_hold hold
                       ON hold.company_id = plan.company_id
                      AND (hold.move_line_id = item.move_line_id OR hold.move_id = item.move_id
                           OR hold.partner_id = plan.partner_id)
                    CROSS JOIN LATERAL generate_series(
                          GREATEST(hold.date_from, plan.last_notice_date + 1),
                          LEAST(hold.ended_on - 1, hold.date_until, %s), '1 day') AS day
                    WHERE plan.id = ANY(%s) AND COALESCE(hold.amount, 0) = 0
                    GROUP BY plan.id""",
                fields.Date.context_today(self),
                self.ids,
            )
        )
        return defaultdict(int, rows)
