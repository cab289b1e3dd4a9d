from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from .account_collection_plan import OPEN_STATES

COLLECTORS = "account_dunning.group_dunning_collector"


class AccountMove(models.Model):
    _inherit = "account.move"

    dunning_type_id = fields.Many2one(
        "account.dunning.type",
        groups=COLLECTORS,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        help="Empty: the customer's dunning type. It counts as long as the invoice has no collection plan.",
    )
    collection_plan_ids = fields.One2many(
        "account.collection.plan", "move_id", string="Collection Plans", groups=COLLECTORS
    )
    dunning_hold_ids = fields.One2many("account.dunning.hold", "move_id", groups=COLLECTORS)
    collection_plan_id = fields.Many2one(
        "account.collection.plan", compute="_compute_collection_plan_id", groups=COLLECTORS
    )
    dunning_level_id = fields.Many2one(
        "account.dunning.level",
        compute="_compute_collection_plan_id",
        groups=COLLECTORS,
    )
    dunning_on_hold = fields.Boolean(
        string="On Hold",
        compute="_compute_dunning_on_hold",
        search="_search_dunning_on_hold",
        groups=COLLECTORS,
    )
    dunning_mode = fields.Char(compute="_compute_dunning_mode", groups=COLLECTORS)
    dunning_banner = fields.Char(compute="_compute_dunning_banner", groups=COLLECTORS)
    dunning_hold_banner = fields.Char(compute="_compute_dunning_banner", groups=COLLECTORS)

    @api.depends("company_id")
    def _compute_dunning_mode(self):
        for move in self:
            move.dunning_mode = move.company_id.root_id.dunning_mode

    @api.depends("collection_plan_ids.state", "collection_plan_ids.level_id", "line_ids.dunning_item_ids.plan_id")
    def _compute_collection_plan_id(self):
        for move in self:
            plans = (move.collection_plan_ids + move.line_ids.dunning_item_ids.plan_id).sorted("id")
            plan = plans.filtered(lambda plan: plan.state in OPEN_STATES) or plans
            move.collection_plan_id = plan[-1:]
            move.dunning_level_id = plan[-1:].level_id

    @api.depends("collection_plan_id", "dunning_level_id", "dunning_on_hold")
    def _compute_dunning_banner(self):
        for move in self:
            plan = move.collection_plan_id.filtered(lambda plan: plan.state in OPEN_STATES)
            move.dunning_banner = move._get_dunning_banner(plan) if plan else False
            move.dunning_hold_banner = move.dunning_on_hold and move._get_dunning_hold_banner()

    def _get_dunning_banner(self, plan):
        """What the invoice form says about an open collection ``plan``."""
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
        """The holds on the invoice, on its items, and on its customer."""
        return self.dunning_hold_ids + self.line_ids.dunning_hold_ids + self.commercial_partner_id.dunning_hold_ids

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
        """Open a new hold for the invoice."""
        self.ensure_one()
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
        return plans.sudo()._open_by_hand(self.company_id.root_id, items.sudo())._get_records_action()

    def _post(self, soft=True):
        """The items of an invoice that is posted again take the level that it had (spec §6)."""
        posted = super()._post(soft)
        self.env["account.dunning.item"].sudo()._adopt(posted)
        return posted

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") in ("draft", "cancel"):
            self.env["account.collection.plan"]._touch(self.line_ids.ids)
        return result
