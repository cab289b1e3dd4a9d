import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain

from ..base.account_dunning_guard import WRITABLE, colleagues
from ..base.names import COLLECTORS
from .hold_review import HoldReview
from .hold_shown import HoldShown

_logger = logging.getLogger(__name__)

OUTCOMES = [
    ("accepted", "Accepted: the customer is right"),
    ("rejected", "Rejected: the claim stands"),
    ("withdrawn", "Withdrawn: the customer no longer contests the claim"),
    ("settled", "Settled: agreed upon"),
]
# Outcomes after which the whole claim stands.
STANDING = ("rejected", "withdrawn")


class AccountDunningHold(HoldShown, HoldReview, models.Model):
    """An item, invoice, part of an amount, or customer kept out of dunning, with a reason.

    A hold whose reason is marked so is a dispute: it ends with an outcome. Ended, it keeps out nothing,
    whatever its outcome.
    """

    _name = "account.dunning.hold"
    _description = "Dunning Hold"
    _inherit = ["mail.thread", "mail.activity.mixin", "account.dunning.guard"]
    _order = "id desc"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company.root_id
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        index="btree_not_null",
        ondelete="cascade",
        help="Holds all items of the customer.",
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        index="btree_not_null",
        ondelete="cascade",
        domain=[
            ("state", "=", "posted"),
            ("move_type", "!=", "entry"),
            ("line_ids.account_type", "=", "asset_receivable"),
        ],
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Item",
        index="btree_not_null",
        ondelete="cascade",
        domain=[("account_type", "=", "asset_receivable"), ("parent_state", "=", "posted")],
    )
    commercial_partner_id = fields.Many2one(
        "res.partner", string="Held Customer", compute="_compute_target", store=True, index=True
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_target", store=True)
    amount = fields.Monetary(
        string="Held Amount",
        tracking=True,
        help="The part that is on hold; the rest is dunned. 0: all of it.",
    )
    extent = fields.Selection(
        [("all", "All of it"), ("part", "A part of the amount")],
        string="On Hold",
        compute="_compute_extent",
        inverse="_inverse_extent",
        help="All of what is open, or a part of it: the rest is dunned.",
    )
    amount_open = fields.Monetary(
        string="Open Amount", compute="_compute_amount_open", help="What is open of the invoice or item."
    )
    reason_id = fields.Many2one("account.dunning.reason", required=True, check_company=True, tracking=True)
    dispute = fields.Boolean(related="reason_id.dispute")
    note = fields.Text()
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        precompute=True,
        domain=lambda self: f"[('all_group_ids', 'in', {self.env.ref(COLLECTORS).ids})] + {colleagues('company_id')}",
        tracking=True,
        help="Looks after the hold, and gets an activity on the day of the review.",
    )
    date_from = fields.Date(string="From", required=True, default=lambda self: self.env.company._dunning_today())
    date_until = fields.Date(
        string="Until", tracking=True, help="The last day of the hold. Empty: until somebody ends it."
    )
    review_date = fields.Date(
        string="Review On",
        compute="_compute_review_date",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        index="btree_not_null",
        tracking=True,
        help="The day on which the owner looks at the hold again. The hold itself goes on.",
    )
    review_asked = fields.Boolean(readonly=True, copy=False, help="The owner was asked to review the hold.")
    ended_on = fields.Date(readonly=True, copy=False, tracking=True)
    outcome = fields.Selection(OUTCOMES, readonly=True, copy=False, tracking=True, help="How the dispute ended.")
    outcome_note = fields.Text(readonly=True, copy=False)
    document = fields.Char(compute="_compute_document", help="The invoice or item that is on hold.")
    amount_held = fields.Monetary(
        string="Amount on Hold",
        compute="_compute_amount_held",
        help="What the hold keeps out of dunning today: all of what is open, or the part that is on hold.",
    )
    days = fields.Integer(compute="_compute_days", help="How many days the hold has lasted.")
    status = fields.Selection(
        [("review", "Review Due"), ("waiting", "Waiting"), ("later", "Begins Later"), ("ended", "Ended")],
        compute="_compute_status",
    )
    active_now = fields.Boolean(string="Active", compute="_compute_active_now", search="_search_active_now")

    _one_target = models.Constraint(
        "CHECK (num_nonnulls(partner_id, move_id, move_line_id) = 1)",
        "A hold is either on a customer, on an invoice, or on one item of it. Choose exactly one.",
    )
    _amount_positive = models.Constraint("CHECK (amount >= 0)", "The held amount cannot be negative.")
    _dates = models.Constraint(
        "CHECK (date_until IS NULL OR date_until >= date_from)", "A hold cannot end before it begins."
    )
    _review = models.Constraint(
        "CHECK (review_date IS NULL OR review_date >= date_from)", "A hold cannot be reviewed before it begins."
    )

    @api.depends("partner_id", "move_id", "move_line_id")
    def _compute_target(self):
        for hold in self:
            hold.commercial_partner_id = (
                hold.partner_id or hold.move_id.commercial_partner_id or hold.move_line_id.partner_id
            ).commercial_partner_id
            document = hold.move_line_id or hold.move_id
            hold.currency_id = document.currency_id or hold.company_id.currency_id

    @api.depends("amount")
    def _compute_extent(self):
        for hold in self:
            hold.extent = "part" if hold.amount else "all"

    def _inverse_extent(self):
        """All of it is an amount of zero; a part needs an amount."""
        for hold in self:
            if hold.extent == "all" and hold.amount:
                hold.amount = 0.0
            elif hold.extent == "part" and not hold.amount:
                raise ValidationError(self.env._("Enter the part of the amount that is on hold, or hold all of it."))

    @api.depends("date_from", "date_until", "ended_on")
    def _compute_active_now(self):
        for hold in self:
            today = (hold.company_id or self.env.company)._dunning_today()
            hold.active_now = bool(
                hold.date_from
                and not hold.ended_on
                and hold.date_from <= today
                and (not hold.date_until or hold.date_until >= today)
            )

    def _search_active_now(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_active_domain(self.env.company._dunning_today())

    @api.constrains("company_id", "partner_id", "move_id", "move_line_id")
    def _check_target_company(self):
        """Refuse a hold on what belongs neither to its company nor to a branch: ``check_company`` takes no branch."""
        for hold in self.sudo():  # a branch may be none of the user's companies
            document = hold.move_id or hold.move_line_id or hold.partner_id
            company = document.company_id.root_id
            if company and company != hold.company_id:
                raise ValidationError(
                    self.env._(
                        "%(document)s belongs to %(company)s: it can be on hold there only.",
                        document=document.display_name,
                        company=company.name,
                    )
                )

    @api.model
    def _get_active_domain(self, today):
        """Domain of the holds that are in force on the date ``today``."""
        return (
            Domain("ended_on", "=", False)
            & Domain("date_from", "<=", today)
            & (Domain("date_until", "=", False) | Domain("date_until", ">=", today))
        )

    @api.model_create_multi
    def create(self, vals_list):
        holds = super().create([self._normalize(vals) for vals in vals_list])
        holds._after_change()
        holds._tell({hold: hold._get_banner() for hold in holds})
        return holds

    def write(self, vals):
        """Withdraw the request for a review that gets another day or no owner; hand it to a new owner."""
        if not self.env.su and WRITABLE[self._name].always & set(vals) and any(self.mapped("ended_on")):
            raise AccessError(self.env._("The hold has ended: it is the record of what was."))
        if "review_date" in vals or ("user_id" in vals and not vals["user_id"]):
            self._get_review_activities().unlink()
        result = super().write(self._normalize(vals))
        if "review_date" in vals or ("user_id" in vals and not vals["user_id"]):
            self.sudo().review_asked = False  # a field that the work alone writes
        if vals.get("user_id"):
            self._get_review_activities().write({"user_id": vals["user_id"]})
        if {"amount", "date_from", "date_until", "partner_id", "move_id", "move_line_id"} & set(vals):
            self._after_change()
        return result

    @api.model
    def _normalize(self, vals):
        """Holds are on commercial partners, on items of journal entries and not on these, in root companies."""
        vals = dict(vals)
        # its kind only; the constraint checks the company
        move = self.env["account.move"].sudo().browse(vals.get("move_id") or ())
        if move.move_type == "entry":
            vals |= {"move_id": False, "move_line_id": move._get_dunning_item().id}
        if vals.get("partner_id"):
            vals["partner_id"] = self.env["res.partner"].browse(vals["partner_id"]).commercial_partner_id.id
        if vals.get("company_id"):
            vals["company_id"] = self.env["res.company"].browse(vals["company_id"]).root_id.id
        return vals

    def unlink(self):
        """A hold that is deleted ends today."""
        self.check_access("unlink")
        self.filtered(lambda hold: not hold.ended_on).action_end()
        return super().unlink()

    @api.model
    def _open_new(self, context, company):
        """Open the form of a new hold with the defaults in ``context``."""
        self.check_access("create")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Put on Hold"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {**context, "default_company_id": company.root_id.id},
        }

    def _open_list(self):
        """Open the list of the holds, of ended ones too."""
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_dunning_hold_action")
        return {**action, "domain": [("id", "in", self.ids)], "context": {}}

    @api.model
    def _open_dispute(self, items):
        """Open the dialog that disputes the open ``items`` (journal items of one company and its branches) at once."""
        return self.env["account.dunning.dispute"]._open(items)

    def action_end(self):
        """End the holds today: their items may be dunned again after the minimum days of the level."""
        self._end_today()

    def action_open_end(self):
        """Open the dialog that ends the holds with an outcome, or enters the outcome of ended disputes."""
        return self.env["account.dunning.hold.end"]._open(self)

    def _end_today(self, outcome=False, note=False):
        """End the holds today, in each company on its own day."""
        for company, holds in self.filtered(lambda hold: not hold.ended_on).grouped("company_id").items():
            holds._end(company._dunning_today(), outcome, note)

    def _end(self, day, outcome=False, note=False):
        """End the holds; an item that was dunned before waits its level's minimum days from ``day`` on.

        ``outcome`` and ``note`` say how disputes ended; other holds have none.
        """
        self.check_access("write")
        self.sudo().write({"ended_on": day})  # a field that the work alone writes, as the outcome
        self._set_outcome(outcome, note)
        self._get_review_activities().unlink()
        # the state of items follows holds: nobody may write it
        items = self.env["account.dunning.item"].sudo().search(self._get_item_domain())
        self._let_go(items, day)
        self._after_end(items)
        self._tell({hold: hold._get_end_text() for hold in self})

    def _let_go(self, items, day):
        """Nothing keeps the ``items`` (dunning states) of the holds out any more from ``day`` on. Hook."""
        items._resume(day)

    def _after_end(self, items):
        """The holds are over, and ``items`` (dunning states, as superuser) may be dunned again. Hook."""

    def _tell(self, texts):
        """Say ``texts``, by hold, where the collection of what they are about is told. Hook."""

    def _after_change(self):
        """What the holds keep out has changed. Hook."""

    def _after_outcome(self, items):
        """Disputes about journal ``items`` (as superuser) have ended, perhaps with less owed than was claimed. Hook."""

    def _set_outcome(self, outcome, note):
        """Write how the holds ended: the outcome of the disputes among them, the note on all.

        What was contested and not found to be due bears no interest, so that some may be booked too much.
        """
        self.check_access("write")
        if outcome:
            # fields that the work alone writes; the rights are checked above
            self.sudo().filtered("dispute").write({"outcome": outcome})
        if note:
            self.sudo().write({"outcome_note": note})
        if disputes := self.filtered("dispute"):
            # entries are changed by accountants only; the hold decides
            items = self.env["account.dunning.item"].sudo().search(disputes._get_item_domain()).move_line_id
            self._after_outcome(items)

    def _get_end_text(self):
        """What the plans' chatter says about the end of the hold."""
        self.ensure_one()
        outcome = dict(self._fields["outcome"]._description_selection(self.env)).get(self.outcome)
        parts = (self.reason_id.name, outcome, self.outcome_note)
        return self.env._("Hold ended: %(details)s", details=". ".join(part for part in parts if part))

    def _get_item_domain(self):
        """Domain of what the holds keep out, each in its own company: for states of items, and for lines of notices."""
        return Domain.OR(
            Domain("company_id", "=", company.id)
            & (
                Domain("move_line_id", "in", holds.move_line_id.ids)
                | Domain("move_id", "in", holds.move_id.ids)
                | Domain("partner_id", "in", holds.partner_id.ids)
            )
            for company, holds in self.sudo().grouped("company_id").items()  # the items may be of branches
        )

    @api.model
    def _cron_end_holds(self):
        """Scheduled action: end the holds whose last day has passed; none where the clock went back."""
        for company in self.env["res.company"]._get_companies_in_time():
            today = company._dunning_today()
            due = self.search([("company_id", "=", company.id), ("ended_on", "=", False), ("date_until", "<", today)])
            for date_until, holds in due.grouped("date_until").items():
                holds._end(fields.Date.add(date_until, days=1))
