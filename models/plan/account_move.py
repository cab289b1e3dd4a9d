from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...tools.prefetch import PREFETCH
from ..base.names import COLLECTORS, OPEN_STATES
from ..receivables.dunned_by import DunnedBy, DunnedByField
from .move_plan import ShownField, ShownPlan


class AccountMove(ShownPlan, DunnedBy, models.Model):
    _name = "account.move"
    _inherit = ["account.move", "account.dunning.status.mixin", "account.dunning.guard"]

    dunning_type_id = fields.Many2one(
        "account.dunning.type",
        groups=COLLECTORS,
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        domain="[('company_id', 'parent_of', company_id)]",
        help="Empty: the customer's dunning type. It counts as long as the invoice has no collection plan.",
        prefetch=PREFETCH,
    )
    collection_plan_ids = fields.One2many(
        "account.collection.plan", "move_id", string="Collection Plans", groups=COLLECTORS
    )
    dunning_hold_ids = fields.One2many("account.dunning.hold", "move_id", groups=COLLECTORS)
    collection_plan_id = ShownField(
        "account.collection.plan",
        compute="_compute_collection_plan_id",
        search="_search_collection_plan_id",
        groups=COLLECTORS,
    )
    dunning_level_id = ShownField(
        "account.dunning.level",
        compute="_compute_collection_plan_id",
        search="_search_dunning_level_id",
        groups=COLLECTORS,
    )
    dunned_by_id = DunnedByField(
        "account.dunning.type",
        string="Dunned By",
        compute="_compute_dunned_by_id",
        search="_search_dunned_by_id",
        groups=COLLECTORS,
        help="The dunning type of the invoice: that of its collection plan, else its own, else the customer's.",
    )
    dunning_on_hold = fields.Boolean(
        string="On Hold",
        compute="_compute_dunning_on_hold",
        search="_search_dunning_on_hold",
        groups=COLLECTORS,
    )
    dunning_posted_on = fields.Date(
        string="First Posted On",
        readonly=True,
        copy=False,
        help="The day on which the invoice was confirmed for the first time.",
        prefetch=PREFETCH,
    )
    dunning_mode = fields.Char(compute="_compute_dunning_mode", groups=COLLECTORS)
    dunning_banner = fields.Char(compute="_compute_dunning_banner", groups=COLLECTORS)
    dunning_hold_banner = fields.Char(compute="_compute_dunning_banner", groups=COLLECTORS)

    @api.depends("company_id")
    def _compute_dunning_mode(self):
        for move in self:
            move.dunning_mode = move.company_id._get_dunning_settings().mode

    def _get_plans(self):
        """The plans about the invoice. Hook."""
        self.ensure_one()
        return self.collection_plan_ids | self.line_ids.dunning_item_state_ids.plan_id

    @api.depends("collection_plan_ids.state", "collection_plan_ids.level_id", "line_ids.dunning_item_state_ids.plan_id")
    def _compute_collection_plan_id(self):
        # of all at once: what is filtered or sliced reads its own only
        (self.collection_plan_ids | self.line_ids.dunning_item_state_ids.plan_id).mapped("state")
        for move in self:
            plans = move._get_plans().sorted("id")
            plan = plans.filtered(lambda plan: plan.state in OPEN_STATES) or plans
            move.collection_plan_id = plan[-1:]
            move.dunning_level_id = plan[-1:].level_id

    @api.depends("collection_plan_id", "dunning_type_id", "partner_id")
    @api.depends_context("company")
    def _compute_dunned_by_id(self):
        return super()._compute_dunned_by_id()

    @api.depends("collection_plan_id", "dunning_level_id", "dunning_on_hold")
    def _compute_dunning_banner(self):
        for move in self:
            plan = move.collection_plan_id.filtered(lambda plan: plan.state in OPEN_STATES)
            move.dunning_banner = move._get_dunning_banner(plan) if plan else False
            move.dunning_hold_banner = move.dunning_on_hold and move._get_dunning_hold_banner()

    def _get_dunning_banner(self, plan):
        """What the invoice form says about an open collection ``plan``. Hook."""
        text = self.env._(
            "In dunning: “%(level)s” since %(date)s.",
            level=plan.level_id.name or self.env._("no level"),
            date=format_date(self.env, plan.last_notice_date or plan.opened_on),
        )
        if plan.state == "paused":
            paused = self.env._("Paused until %(date)s.", date=format_date(self.env, plan.paused_until))
            return f"{text} {paused}"
        if not plan.next_date or self.dunning_on_hold:
            return text
        later = self.env._(
            "Next: “%(level)s” on %(date)s.",
            level=plan.next_level_id.name or "",
            date=format_date(self.env, plan.next_date),
        )
        return f"{text} {later}"

    def _get_dunning_hold_banner(self):
        """What the invoice form says about the hold that keeps it out of dunning."""
        return self._get_dunning_holds().filtered("active_now")[:1]._get_banner()

    def _get_dunning_holds(self):
        """The holds of its company on the invoice, on its items, and on its customer."""
        about = Domain("move_id", "in", self.ids) | Domain("move_line_id.move_id", "in", self.ids)
        about |= Domain("partner_id", "=", self.commercial_partner_id.id)
        company = Domain("company_id", "=", self.company_id.root_id.id)
        holds = self.env["account.dunning.hold"].search_fetch(company & about)
        # those of the invoice first, then those of its items
        return holds.sorted(lambda hold: (not hold.move_id, not hold.move_line_id, -hold.id))

    @api.depends("collection_plan_ids.collection_status", "line_ids.dunning_item_state_ids.plan_id.collection_status")
    def _compute_collection_status(self):
        return super()._compute_collection_status()

    @api.model
    def _get_statuses_query(self):
        """Of the plans of invoices, and of the customer-based ones that hold an item of one that is still open."""
        return SQL(
            """SELECT own.move_id AS key, own.collection_status AS status FROM account_collection_plan own
                WHERE own.move_id IS NOT NULL AND own.collection_status IS NOT NULL
                UNION ALL
               SELECT item.move_id, joined.collection_status FROM account_dunning_item item
                 JOIN account_collection_plan joined ON joined.id = item.plan_id AND joined.mode = 'customer'
                 JOIN account_move_line line ON line.id = item.move_line_id
                WHERE joined.collection_status IS NOT NULL AND (joined.state = 'unrecovered' OR NOT line.reconciled)""",
            to_flush=(
                self.env["account.collection.plan"]._fields["collection_status"],
                self.env["account.dunning.item"]._fields["plan_id"],
                self.line_ids._fields["reconciled"],
            ),
        )

    @api.depends("dunning_hold_ids", "line_ids.dunning_on_hold")
    def _compute_dunning_on_hold(self):
        for move in self:
            move.dunning_on_hold = any(move.line_ids.mapped("dunning_on_hold"))

    def _search_dunning_on_hold(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("line_ids", "any", [("dunning_on_hold", "=", True)])

    def action_open_collection_plan(self):
        self.ensure_one()
        return self.collection_plan_id._get_records_action()

    def action_dunning_why(self):
        """Explain what dunning does with the invoice today, and what comes next."""
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        return self.env["account.dunning.why"]._open(
            self.company_id.root_id, self.commercial_partner_id, lines.ids, self
        )

    def action_dunning_hold(self):
        """Open a new hold for the invoice; of a journal entry for its item, or show its items where it has several."""
        self.ensure_one()
        items = self.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        if self.move_type == "entry" and len(items) != 1:
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "account_dunning.account_move_line_open_items_action"
            )
            return {**action, "domain": [("id", "in", items.ids)], "context": {}}
        if self.move_type == "entry":
            return items.action_dunning_hold()
        return self.env["account.dunning.hold"]._open_new({"default_move_id": self.id}, self.company_id)

    def action_open_dunning_holds(self):
        """Show what keeps the invoice out of dunning."""
        self.ensure_one()
        return self._get_dunning_holds()._open_list()

    def action_open_dunning_plan(self):
        """Open a collection plan for the invoice, or for its customer, by hand, at no level."""
        self.ensure_one()
        plans = self.env["account.collection.plan"]
        plans.check_access("write")
        items = self.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        # plans are opened by their work only; the rights are checked above
        return plans.sudo()._open_by_hand(self.company_id.root_id, items.sudo())._get_records_action()

    def _post(self, soft=True):
        """Items of an invoice posted again take the level that it had (rules §2, §6)."""
        again = self.filtered("posted_before")
        posted = super()._post(soft)
        # accountants need not see plans, which follow all the same
        self.env["account.dunning.item"].sudo()._adopt(posted & again)
        return posted

    def write(self, vals):
        if vals.get("state") == "posted":
            self._note_first_posting()
        result = super().write(vals)
        if vals.get("state") in ("draft", "cancel"):
            self.env["account.collection.plan"]._touch(self.line_ids.ids)
        return result

    def _note_first_posting(self):
        """Note today on the moves that are about to be posted for the first time.

        It is written to the database with the state, so that it costs no query, and no checks, of its own.
        """
        first = self.filtered(lambda move: not move.posted_before)
        # the date of a head office for its branches, too
        for root, moves in first.grouped(lambda move: move.company_id.sudo().root_id).items():
            self._fields["dunning_posted_on"].write(moves, root._dunning_today())
