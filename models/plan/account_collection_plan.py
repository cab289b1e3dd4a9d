from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import whole
from ..base.account_dunning_guard import colleagues
from ..base.names import COLLECTION_STATUSES, OPEN_STATES
from .closing import PlanClosing
from .customer import PlanCustomer
from .debt import PlanDebt
from .document import PlanDocument
from .foreseeing import PlanForeseeing
from .opening import PlanOpening
from .outlook import PlanOutlook
from .settlement import PlanSettlement
from .settling import PlanSettling
from .shown import PlanShown
from .steps import PlanSteps
from .timeline import PlanTimeline
from .transfer import PlanTransfers


class AccountCollectionPlan(
    PlanCustomer,
    PlanDebt,
    PlanDocument,
    PlanSettlement,
    PlanSettling,
    PlanShown,
    PlanSteps,
    PlanOpening,
    PlanForeseeing,
    PlanClosing,
    PlanOutlook,
    PlanTimeline,
    PlanTransfers,
    models.Model,
):
    """The pursuit of one debt: of one invoice, or of all that one customer owes (rules §6).

    Opened when a first notice is sent or by hand, closed when the debt is settled, in the
    transaction of the reconciliation. Only the plan moves its own state and level.
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
    item_state_ids = whole.One2many("account.dunning.item", "plan_id", string="Items", readonly=True)
    days_overdue = fields.Integer(compute="_compute_days_overdue")
    hold_banner = fields.Char(compute="_compute_shown")
    timeline = fields.Html(compute="_compute_shown", sanitize=False)
    customer_phone = fields.Char(
        string="Phone", compute="_compute_customer_address", inverse="_inverse_customer_phone", store=False
    )
    customer_email = fields.Char(
        string="E-mail", compute="_compute_customer_address", inverse="_inverse_customer_email", store=False
    )
    customer_plan_ids = fields.One2many(
        "account.collection.plan", string="Plans of the Customer", compute="_compute_shown"
    )
    customer_activity_ids = fields.One2many(
        "mail.activity", string="Activities of the Customer", compute="_compute_shown"
    )
    customer_message_ids = fields.One2many("mail.message", string="Messages of the Customer", compute="_compute_shown")

    _kept_out = models.Index("(partner_id) WHERE keeps_out")
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

    @api.depends("leading_due_date")
    def _compute_days_overdue(self):
        for plan in self:
            today = (plan.company_id or self.env.company)._dunning_today()
            plan.days_overdue = (today - plan.leading_due_date).days if plan.leading_due_date else 0

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

    def action_dispute(self):
        """Open the dialog that disputes what is open of the plan."""
        self.ensure_one()
        items = self._get_open_lines()[self].with_env(self.env)
        return self.env["account.dunning.hold"]._open_dispute(items._filtered_access("read"))

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
            "dunning_mode": self.env.company._get_dunning_settings().mode,
        }
        if mine:
            context["search_default_my_plans"] = 1
        return {**action, "context": context}

    # opening

    # closing

    # what comes next

    # the end of the ladder
