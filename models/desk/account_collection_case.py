from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.shipped import get_record
from ..base.account_dunning_guard import colleagues
from ..receivables.obstacle import Question
from .acts import CaseActs
from .facts import CaseFacts
from .joining import CaseJoining
from .queues import CaseQueues
from .reaching import CaseReaching
from .refreshing import CaseRefreshing
from .reminding import CaseReminding
from .sending import CaseSending
from .shown import CaseShown
from .stopping import CaseStopping
from .timeline import CaseTimeline
from .words import CaseWords

QUEUES = [
    ("call_back", "Call back"),
    ("broken", "Broken promises"),
    ("due_today", "Due today"),
    ("promised_today", "Promised today"),
    ("dispute", "Disputes to review"),
    ("failed", "Failed letters and e-mails"),
    ("never_contacted", "Never contacted"),
    ("rest", "Everything else"),
]
ACTIONS = [
    ("call_back", "Call back"),
    ("check_return", "Check the returned payment"),
    ("call", "Call"),
    ("manager", "Have a manager call"),
    ("send_copies", "Send the copies"),
    ("payment", "Look for the payment"),
    ("review", "Review the dispute"),
    ("address", "Find the right address"),
    ("next_level", "Send the next notice"),
    ("instalments", "Offer instalments"),
    ("hand_over", "Hand over"),
]
STEPS = [
    ("call_back", "Call back"),
    ("promise", "Payment promised"),
    ("activity", "To do"),
    ("review", "Review the dispute"),
    ("notice", "Next notice"),
]


class AccountCollectionCase(
    CaseActs,
    CaseFacts,
    CaseJoining,
    CaseQueues,
    CaseReaching,
    CaseRefreshing,
    CaseReminding,
    CaseSending,
    CaseShown,
    CaseStopping,
    CaseTimeline,
    CaseWords,
    models.Model,
):
    """All that concerns one customer of one root company: his standing, what was said and agreed, what comes next.

    There is one for each customer who is overdue, or has a plan, promise, contact or hold. Its amounts are in company
    currency; they are brought up to date each night, and before the commit of whatever changes them.
    """

    _name = "account.collection.case"
    _description = "Collection Case"
    _inherit = ["mail.thread", "mail.activity.mixin", "account.dunning.guard"]
    _order = "score desc, amount_overdue desc, id"
    _rec_name = "partner_id"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="restrict", readonly=True
    )
    debtor_kind = fields.Selection(related="partner_id.dunning_kind", string="Kind of Debtor")
    debtor_evidence = fields.Char(related="partner_id.dunning_kind_evidence", string="Evidence")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="Collector",
        domain=colleagues("company_id"),
        index=True,
        tracking=True,
        help="Takes the case and the collection plans of the customer.",
    )
    # what he owes
    amount_overdue = fields.Monetary(string="Overdue", readonly=True)
    amount_not_due = fields.Monetary(string="Not Due Yet", readonly=True)
    amount_credits = fields.Monetary(string="Credits", readonly=True, help="Payments and credit notes not allocated.")
    amount_total = fields.Monetary(string="Balance", readonly=True, help="Overdue and not due yet, less credits.")
    amount_outside = fields.Monetary(
        string="Not Pursued",
        readonly=True,
        help="Open items that are not dunned: stopped, written off, with an agency, or left out by the settings.",
    )
    aged_1 = fields.Monetary(string="1–30 Days", readonly=True)
    aged_31 = fields.Monetary(string="31–60 Days", readonly=True)
    aged_61 = fields.Monetary(string="61–90 Days", readonly=True)
    aged_91 = fields.Monetary(string="Over 90 Days", readonly=True)
    amount_promised = fields.Monetary(string="Promised", readonly=True, help="Overdue items that a promise covers.")
    amount_disputed = fields.Monetary(string="Disputed", readonly=True)
    amount_held = fields.Monetary(string="On Hold", readonly=True, help="Overdue, and on hold for other reasons.")
    oldest_due_date = fields.Date(readonly=True)
    days_overdue = fields.Integer(compute="_compute_days_overdue", search="_search_days_overdue")
    level_id = fields.Many2one(
        "account.dunning.level",
        readonly=True,
        check_company=True,
        ondelete="set null",
        help="The highest level reached.",
    )
    # where it stands
    score = fields.Integer(readonly=True)
    reasons = fields.Text(readonly=True, help="What the engine said: rule, fact, points and value of each reason.")
    why = fields.Char(string="Why Now", compute="_compute_why")
    queue = fields.Selection(QUEUES, readonly=True, index=True)
    next_action = fields.Selection(ACTIONS, string="Best Next Step", readonly=True)
    on_desk = fields.Boolean(readonly=True)
    mine = fields.Boolean(string="My Cases", compute="_compute_mine", search="_search_mine")
    skip_until = fields.Date(readonly=True, tracking=True, help="Not on the desk before this day.")
    skip_reason = fields.Char(readonly=True)
    returned_on = fields.Date(readonly=True, help="The day on which a payment came back last.")
    page_opened_on = fields.Date(readonly=True, help="When he opened his page last.")
    # what happened, and what comes
    contact_id = fields.Many2one("account.dunning.contact", readonly=True, check_company=True, ondelete="set null")
    contact_on = fields.Date(string="Last Contact", readonly=True)
    outcome_id = fields.Many2one(related="contact_id.outcome_id", string="Last Outcome")
    next_on = fields.Date(readonly=True)
    next_step = fields.Selection(STEPS, string="Comes Next", readonly=True)
    contact_ids = fields.One2many("account.dunning.contact", "case_id", string="Contacts", readonly=True)
    promise_ids = fields.One2many("account.dunning.promise", "case_id", string="Promises", readonly=True)
    # how he is reached
    dunning_contact_id = fields.Many2one(
        "res.partner",
        compute="_compute_reach",
        inverse="_inverse_dunning_contact_id",
        store=False,
        domain="[('commercial_partner_id', '=', partner_id)]",
        help="Who is called, and gets the notices. Empty: the contact that the invoices share, else the invoice "
        "address.",
    )
    phone = fields.Char(compute="_compute_reach", inverse="_inverse_phone", store=False)
    email = fields.Char(string="E-mail", compute="_compute_reach", inverse="_inverse_email", store=False)
    credit_stop = fields.Boolean(compute="_compute_shown")
    # what the form shows
    item_ids = fields.One2many("account.move.line", string="Open Items", compute="_compute_shown")
    hold_ids = fields.One2many("account.dunning.hold", string="Disputes and Holds", compute="_compute_shown")
    timeline = fields.Html(compute="_compute_shown", sanitize=False)
    coming = fields.Html(string="What Comes Next", compute="_compute_shown", sanitize=False)
    ageing = fields.Html(compute="_compute_ageing", sanitize=False)
    promise_habits = fields.Char(string="Promises Kept", compute="_compute_promise_habits")
    foreign = fields.Char(string="By Currency", compute="_compute_foreign")

    _customer_unique = models.Constraint("UNIQUE (company_id, partner_id)", "A customer has one case in a company.")
    _desk_index = models.Index("(company_id, score DESC, amount_overdue DESC, id) WHERE on_desk")

    @api.depends("oldest_due_date")
    def _compute_days_overdue(self):
        for case in self:
            today = (case.company_id or self.env.company)._dunning_today()
            case.days_overdue = (today - case.oldest_due_date).days if case.oldest_due_date else 0

    def _search_days_overdue(self, operator, value):
        """More days is an earlier date."""
        turned = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
        if operator not in turned:
            return NotImplemented
        day = fields.Date.subtract(self.env.company._dunning_today(), days=value)
        return Domain("oldest_due_date", turned[operator], day)

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_mine(self):
        users = self.env.user._get_substituted()
        for case in self:
            case.mine = case.user_id in users

    def _search_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("user_id", "in", self.env.user._get_substituted().ids)

    def write(self, vals):
        """The collector of the case is that of the customer."""
        result = super().write(vals)
        if "user_id" in vals and not self.env.su:
            for company, cases in self.grouped("company_id").items():
                # one field of the customers; who may change the case may say who works on it
                cases.partner_id.sudo().with_company(company).dunning_user_id = vals["user_id"]
        return result

    @api.model
    def _get_for(self, company, partners):
        """The cases of customers (commercial partners) of a root company; those that are missing are opened."""
        cases = self.sudo().search([("company_id", "=", company.id), ("partner_id", "in", partners.ids)])
        missing = partners - cases.partner_id
        if missing:
            cases += self._refresh(company, missing.ids, asked=True)
        return cases.with_env(self.env)

    def _get_overdue_items(self):
        """The items of the customer that are past due, the oldest first: those pursued, all where none is."""
        self.ensure_one()
        today = self.company_id._dunning_today()
        reader = self.env["account.dunning.reader"]
        [customer], _rules = reader._read_customers(Question(self.company_id, tuple(self.partner_id.ids), today))
        outside = {obstacle.code for obstacle in self._get_outside_obstacles()}
        pursued = {item.id for item in customer.items if outside.isdisjoint(item.obstacles)}
        overdue = self.item_ids.filtered(lambda line: line.amount_residual > 0 and line.dunning_due_date < today)
        return overdue.filtered(lambda line: line.id in pursued) or overdue

    def message_post(self, **kwargs):
        """What a customer writes reaches the collector, whether he follows the case or not."""
        if kwargs.get("message_type") == "email":
            collector = self.user_id.filtered("active").partner_id
            kwargs["partner_ids"] = [*(kwargs.get("partner_ids") or ()), *collector.ids]
        return super().message_post(**kwargs)

    # actions

    @api.model
    def action_open_desk(self):
        """Open My Desk: a collector who has cases of his own, or a colleague's whom he stands in for, sees those."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_collection_case_desk_action")
        own = self.search_count([("mine", "=", True), ("on_desk", "=", True)], limit=1)
        # the id of the menu's action: as the first screen after login, the desk comes with the menus of its app
        menu = get_record(self.env, "account_dunning.account_collection_case_desk_action_menu")
        return {**action, "id": menu.id, "context": {"search_default_mine": 1} if own else {}}

    def action_open_customer(self):
        self.ensure_one()
        return self.partner_id._get_records_action()

    def action_why(self):
        """Explain what dunning does with the customer's items today, and what comes next."""
        self.ensure_one()
        return self.env["account.dunning.why"]._open(self.company_id, self.partner_id, None, self)
