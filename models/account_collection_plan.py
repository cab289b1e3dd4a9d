import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.bulk import bulk_insert, bulk_update

_logger = logging.getLogger(__name__)

OPEN_STATES = ("ongoing",)
PROTECTED_FIELDS = {
    "name",
    "company_id",
    "partner_id",
    "move_id",
    "type_id",
    "state",
    "close_reason",
    "opened_on",
    "closed_on",
    "level_id",
    "last_notice_date",
    "leading_due_date",
    "currency_id",
    "amount_due",
    "amount_opened",
    "next_level_id",
    "next_date",
}


class AccountCollectionPlan(models.Model):
    """The pursuit of one debt: of one invoice.

    Opened when a first notice is sent, closed when the debt is settled, in the transaction of
    the reconciliation. Only the plan moves its own state and level.
    """

    _name = "account.collection.plan"
    _description = "Collection Plan"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "leading_due_date, id"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="restrict", readonly=True
    )
    move_id = fields.Many2one(
        "account.move", string="Invoice", index="btree_not_null", ondelete="set null", readonly=True
    )
    type_id = fields.Many2one(
        "account.dunning.type",
        string="Dunning Type",
        required=True,
        index=True,
        ondelete="restrict",
        readonly=True,
    )
    state = fields.Selection(
        [("ongoing", "Ongoing"), ("recovered", "Recovered"), ("stopped", "Stopped")],
        required=True,
        default="ongoing",
        index=True,
        readonly=True,
    )
    close_reason = fields.Selection(
        [
            ("paid", "Paid"),
            ("credited", "Credited"),
            ("cancelled", "Invoice cancelled or reset to draft"),
            ("undone", "Notice not delivered"),
            ("moved", "Due date moved"),
        ],
        string="Closed As",
        readonly=True,
    )
    opened_on = fields.Date(readonly=True)
    closed_on = fields.Date(readonly=True)
    level_id = fields.Many2one("account.dunning.level", index=True, ondelete="restrict", readonly=True)
    last_notice_date = fields.Date(string="Last Notice", readonly=True)
    leading_due_date = fields.Date(string="Oldest Due Date", readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    amount_due = fields.Monetary(readonly=True)
    amount_opened = fields.Monetary(
        string="Amount When Opened", readonly=True, help="What was open when the plan was opened."
    )
    next_level_id = fields.Many2one("account.dunning.level", ondelete="set null", readonly=True)
    next_date = fields.Date(
        readonly=True,
        help="When the next notice is due at the earliest. Empty: nothing comes after this level.",
    )
    user_id = fields.Many2one(
        "res.users", string="Collector", domain=[("share", "=", False)], index=True, tracking=True
    )
    notice_line_ids = fields.One2many("account.dunning.notice.line", "plan_id", string="Notices", readonly=True)
    item_ids = fields.One2many("account.dunning.item", "plan_id", string="Items", readonly=True)
    days_overdue = fields.Integer(compute="_compute_days_overdue")
    notice_count = fields.Integer(compute="_compute_notice_count")
    hold_banner = fields.Char(related="move_id.dunning_hold_banner")

    _open_unique = models.UniqueIndex(
        "(company_id, move_id, partner_id) WHERE state IN ('ongoing')",
        "There is already an open collection plan for this invoice.",
    )

    def write(self, vals):
        """Only the plan moves itself: users may change the collector, and what the chatter needs."""
        if not self.env.su and PROTECTED_FIELDS & set(vals):
            raise AccessError(self.env._("Collection plans follow the debt and the notices; nobody can change that."))
        return super().write(vals)

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

    # actions

    def action_why(self):
        """Explain what is due today for the items of the plan's customer, and what comes next."""
        self.ensure_one()
        return self.env["account.dunning.why"]._open(self.company_id, self.partner_id, self.move_id.line_ids.ids, self)

    def action_hold(self):
        """Open a new hold for the invoice of the plan."""
        self.ensure_one()
        return self.move_id.action_dunning_hold()

    def action_open_invoice(self):
        self.ensure_one()
        return self.move_id._get_records_action()

    def action_open_items(self):
        """Show the open items of the invoice."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_move_line_open_items_action")
        domain = self.env["account.move.line"]._get_open_item_domain() & Domain("move_id", "=", self.move_id.id)
        return {**action, "domain": list(domain)}

    def action_open_notices(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_dunning_notice_action")
        return {**action, "domain": [("line_ids.plan_id", "=", self.id)], "context": {}}

    # opening

    @api.model
    def _open_for(self, lines):
        """Open a plan for the invoice of each notice line that has none open, and put the lines on them.

        :param lines: dunned notice lines of sent notices, of one company
        :return: dict from the key (invoice id, customer id) to the open plan
        """
        plans = self.search(Domain("move_id", "in", lines.move_id.ids) & Domain("state", "in", OPEN_STATES))
        by_key = {(plan.move_id.id, plan.partner_id.id): plan for plan in plans}
        missing = {}
        for line in lines:
            key = (line.move_id.id, line.partner_id.id)
            if line.move_id and key not in by_key:
                missing.setdefault(key, line)
        opened = bulk_insert(self, self._prepare_plan_vals(missing.values()))
        by_key.update(zip(missing, opened, strict=True))
        opened._message_log_batch(
            bodies={
                plan.id: self.env._("Collection plan opened with notice %(notice)s.", notice=line.notice_id.name)
                for plan, line in zip(opened, missing.values(), strict=True)
            }
        )
        return by_key

    @api.model
    def _prepare_plan_vals(self, lines):
        """Values of the plans to open, one for each of the notice lines given. Hook."""
        lines = self.env["account.dunning.notice.line"].concat(*lines)
        lines.move_id.fetch(["invoice_user_id", "name"])
        return [
            {
                "name": line.move_id.name or line.name or "/",
                "company_id": line.notice_id.company_id.id,
                "partner_id": line.partner_id.id,
                "move_id": line.move_id.id,
                "type_id": line.notice_id.type_id.id,
                "state": "ongoing",
                "opened_on": line.notice_id.sent_on,
                "currency_id": line.notice_id.currency_id.id,
                "leading_due_date": line.due_date,
                "amount_due": line.amount_residual,
                "amount_opened": 0.0,
                "user_id": self._get_collector(line).id,
            }
            for line in lines
        ]

    @api.model
    def _get_collector(self, line):
        """The collector of a new plan (one record of ``res.users``, or none). Hook."""
        return line.partner_id.with_company(line.move_id.company_id).dunning_user_id or line.move_id.invoice_user_id

    # the debt

    def _evaluate(self):
        """Bring amount, leading item, level and state in line with the debt.

        Called in the transaction of a reconciliation and each night. A plan without debt is
        closed; a recovered plan whose debt is back is reopened. A constant number of queries.
        """
        if not self:
            return
        self.env.flush_all()
        self._release_moved()
        debts = {row[0]: row for row in self.env.execute_query(self._debt_query())}
        settled = {}
        updates = {}
        for plan in self:
            _id, posted, open_items, amount, due, level_id, last = debts[plan.id]
            if plan.state in OPEN_STATES and not (posted and open_items):
                settled[plan.id] = posted
            updates[plan.id] = {
                "amount_due": amount or 0.0,
                "amount_opened": plan.amount_opened or amount or 0.0,
                "leading_due_date": due or plan.leading_due_date,
                "level_id": level_id if open_items else plan.level_id.id,
                "last_notice_date": last if open_items else plan.last_notice_date,
            }
        bulk_update(self, updates)
        self._close_settled(settled)
        returned = self.filtered(lambda plan: plan.state == "recovered" and debts[plan.id][1] and debts[plan.id][2])
        returned._reopen()

    def _release_moved(self):
        """Items whose due date moved into the future leave their plans, and their level returns to none."""
        moved = self.item_ids.filtered(
            lambda item: (
                item.level_id
                and (item.move_line_id.date_maturity or item.company_id._dunning_today())
                > item.company_id._dunning_today()
            )
        )
        if moved:
            plans = moved.plan_id
            moved.write({"plan_id": False, "level_id": False, "last_notice_date": False, "times": 0})
            plans.filtered(lambda plan: plan.state in OPEN_STATES and not plan.item_ids)._close("stopped", "moved")
            self.env.flush_all()

    def _debt_query(self):
        """One row per plan: id, posted, open items, open amount, oldest due date, level and last notice."""
        return SQL(
            """
            WITH returned AS (%s)
            SELECT plan.id, move.state = 'posted', COUNT(line.id),
                   SUM(line.amount_residual_currency + COALESCE(returned.amount_currency, 0)),
                   MIN(COALESCE(line.date_maturity, line.date)),
                   (ARRAY_AGG(item.level_id ORDER BY line.date_maturity, line.id)
                        FILTER (WHERE item.level_id IS NOT NULL))[1],
                   MAX(item.last_notice_date)
              FROM account_collection_plan plan
              LEFT JOIN account_move move ON move.id = plan.move_id
              LEFT JOIN (account_move_line line LEFT JOIN returned ON returned.line_id = line.id)
                ON line.move_id = move.id AND line.partner_id = plan.partner_id
               AND line.account_id IN (SELECT id FROM account_account WHERE account_type = 'asset_receivable')
               AND line.amount_residual_currency + COALESCE(returned.amount_currency, 0) > 0
              LEFT JOIN account_dunning_item item ON item.move_line_id = line.id
             WHERE plan.id = ANY(%s)
             GROUP BY plan.id, move.state
            """,
            self.env["account.dunning.assessor"]._returned_query(
                SQL("debit.move_id IN (SELECT move_id FROM account_collection_plan WHERE id = ANY(%s))", self.ids)
            ),
            self.ids,
        )

    def _close_settled(self, settled):
        """Close plans without debt; ``settled`` maps plan ids to whether the invoice is still posted."""
        plans = self.browse(settled)
        paid = plans._get_paid()
        groups = {
            ("stopped", "cancelled"): plans.filtered(lambda plan: not settled[plan.id]),
            ("recovered", "paid"): paid.filtered(lambda plan: settled[plan.id]),
            ("stopped", "credited"): (plans - paid).filtered(lambda plan: settled[plan.id]),
        }
        for (state, reason), group in groups.items():
            group._close(state, reason)

    def _get_paid(self):
        """The plans whose invoice was settled with money, or with a credit that was not for this invoice."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT plan.id
                  FROM account_collection_plan plan
                  JOIN account_move_line line ON line.move_id = plan.move_id AND line.partner_id = plan.partner_id
                  JOIN account_partial_reconcile partial ON partial.debit_move_id = line.id
                  JOIN account_move_line counter ON counter.id = partial.credit_move_id
                  JOIN account_move counter_move ON counter_move.id = counter.move_id
                 WHERE plan.id = ANY(%s)
                   AND NOT (counter_move.move_type = 'out_refund'
                            AND COALESCE(counter_move.reversed_entry_id, plan.move_id) = plan.move_id)
                   AND NOT EXISTS (SELECT 1 FROM account_partial_reconcile exchange
                                    WHERE exchange.exchange_move_id = counter_move.id)
                """,
                self.ids,
            )
        )
        return self.browse(row[0] for row in rows)

    def _close(self, state, reason):
        """Close the plans as ``state`` for ``reason``; what was planned for them is done."""
        if not self:
            return
        for company, plans in self.grouped("company_id").items():
            plans.write(
                {
                    "state": state,
                    "close_reason": reason,
                    "closed_on": company._dunning_today(),
                    "next_level_id": False,
                    "next_date": False,
                }
            )
        self.activity_ids.filtered("automated").unlink()
        label = dict(self._fields["close_reason"]._description_selection(self.env))[reason]
        states = dict(self._fields["state"]._description_selection(self.env))
        self._message_log_batch(
            bodies={plan.id: self.env._("%(state)s: %(reason)s.", state=states[state], reason=label) for plan in self}
        )

    def _close_undone(self):
        """After notices were taken back: a plan that no sent notice bears any more is stopped."""
        self._evaluate()
        self.filtered(lambda plan: plan.state in OPEN_STATES and not plan.item_ids.level_id)._close("stopped", "undone")

    def _reopen(self):
        """Reopen recovered plans whose payment was taken back, at their level."""
        taken = self.search(Domain("move_id", "in", self.move_id.ids) & Domain("state", "in", OPEN_STATES)).move_id
        plans = self.filtered(lambda plan: plan.move_id not in taken)
        latest = {plan.move_id.id: plan for plan in plans.sorted("id")}
        plans = self.concat(*latest.values())
        if not plans:
            return
        plans.write({"state": "ongoing", "close_reason": False, "closed_on": False})
        plans.item_ids._resume(self.env.company._dunning_today())
        plans._message_log_batch(bodies={plan.id: self.env._("Reopened: a payment was taken back.") for plan in plans})
        plans._plan_next()

    # what comes next

    def _plan_next(self):
        """Write when the next notice of each open plan is due, as the engine says today."""
        for company, plans in self.filtered(lambda plan: plan.state in OPEN_STATES).grouped("company_id").items():
            assessor = self.env["account.dunning.assessor"]
            assessments = assessor._assess(company, plans.partner_id.ids, company._dunning_today())
            plans._store_next(assessments)

    def _store_next(self, assessments):
        """Write next level and date from ``assessments`` (by partner id); the leading item decides."""
        plan_by_line = {item.move_line_id.id: item.plan_id for item in self.item_ids}
        updates = dict.fromkeys(self.ids)
        for assessment in assessments.values():
            for verdict in assessment.verdicts:
                plan = plan_by_line.get(verdict.item.id)
                if plan and plan.id in updates and not updates[plan.id]:
                    updates[plan.id] = self._prepare_next_vals(verdict)
        nothing = {"next_level_id": False, "next_date": False}
        bulk_update(self, {plan_id: vals or nothing for plan_id, vals in updates.items()})

    @api.model
    def _prepare_next_vals(self, verdict):
        """Next level and date from the verdict on the leading item. Hook."""
        decision = verdict.decision
        waits = verdict.item.obstacle not in (None, "pending") or verdict.reason == "minimum"
        level = decision.next_level if decision and not waits else None
        return {
            "next_level_id": level.id if level else False,
            "next_date": decision.next_date if level else False,
        }

    # collecting what changed

    @api.model
    def _touch(self, line_ids):
        """Note journal items whose debt may have changed; they are evaluated once, before the commit."""
        if not line_ids:
            return
        precommit = self.env.cr.precommit
        touched = precommit.data.get("account_dunning.touched")
        if touched is None:
            touched = precommit.data["account_dunning.touched"] = set()
            precommit.add(self.sudo()._evaluate_touched)
        touched.update(line_ids)

    def _evaluate_touched(self):
        """Evaluate what was touched. A failure is logged and left to the night: it never blocks a payment."""
        line_ids = self.env.cr.precommit.data.pop("account_dunning.touched", set())
        try:
            with self.env.cr.savepoint():
                self._evaluate_lines(list(line_ids))
        except Exception:
            _logger.exception("Collection plans could not be brought up to date; the nightly run will do it.")

    @api.model
    def _evaluate_lines(self, line_ids):
        """Evaluate the plans of journal items, and withdraw the notices about them that have not left."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT plan.id, NULL FROM account_collection_plan plan
                     JOIN account_move_line line ON line.move_id = plan.move_id WHERE line.id = ANY(%(ids)s)
                   UNION SELECT NULL, notice_id FROM account_dunning_notice_line
                   WHERE move_line_id = ANY(%(ids)s) AND pending""",
                ids=line_ids,
            )
        )
        self.browse(plan_id for plan_id, _notice in rows if plan_id)._evaluate()
        self.env["account.dunning.notice"].browse(notice_id for _plan, notice_id in rows if notice_id)._requeue()
