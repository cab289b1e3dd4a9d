from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ...models.desk.account_dunning_contact import CHANNELS, DIRECTIONS
from .outcomes import LogOutcomes

INSTALMENTS = 3  # from so many parts on, a promise is an instalment agreement
PROMISE_DAYS = 7


class AccountDunningLog(LogOutcomes, models.TransientModel):
    """Logs a contact with a customer, and does what its outcome says: one dialog for all of it."""

    _name = "account.dunning.log"
    _description = "Log a Contact"
    _inherit = ["account.dunning.dialog"]
    _check_company_auto = True

    case_id = fields.Many2one("account.collection.case", required=True, readonly=True)
    company_id = fields.Many2one(related="case_id.company_id")
    partner_id = fields.Many2one(related="case_id.partner_id")
    item_ids = fields.Many2many(
        "account.move.line",
        string="About",
        domain="[('partner_id', '=', partner_id), ('account_type', '=', 'asset_receivable'),"
        " ('parent_state', '=', 'posted'), ('reconciled', '=', False)]",
    )
    wait = fields.Char(compute="_compute_wait")
    outcome_id = fields.Many2one(
        "account.dunning.outcome",
        required=True,
        check_company=True,
        domain="[('company_id', '=', company_id)]",
    )
    kind = fields.Selection(related="outcome_id.kind")
    direction = fields.Selection(DIRECTIONS, required=True, default="out")
    channel = fields.Selection(CHANNELS, required=True, default="call")
    person_id = fields.Many2one(
        "res.partner",
        compute="_compute_person",
        store=True,
        readonly=False,
        domain="[('commercial_partner_id', '=', partner_id)]",
    )
    number = fields.Char(string="Number or Address", compute="_compute_number", store=True, readonly=False)
    note = fields.Text()
    duration = fields.Float(string="Minutes")
    # call back
    call_back_at = fields.Datetime(compute="_compute_call_back_at", store=True, readonly=False)
    # promise
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id", store=True)
    amount_open = fields.Monetary(string="Open Amount", compute="_compute_amount_open")
    instalments = fields.Integer(string="Number of Payments", default=1)
    first_percent = fields.Float(string="First Payment (%)")
    part_ids = fields.One2many(
        "account.dunning.log.part", "log_id", string="Promised", compute="_compute_part_ids", store=True, readonly=False
    )
    agreement = fields.Boolean(compute="_compute_agreement")
    confirm = fields.Boolean(string="Confirm by E-mail")
    # dispute
    reason_id = fields.Many2one(
        "account.dunning.reason",
        string="Reason of the Dispute",
        check_company=True,
        domain="[('company_id', '=', company_id), ('dispute', '=', True)]",
        compute="_compute_reason_id",
        store=True,
        readonly=False,
    )
    disputed_amount = fields.Monetary(help="The part that the customer contests; 0: all of it.")
    review_date = fields.Date(string="Review On")

    @api.depends("case_id")
    def _compute_person(self):
        for log in self:
            log.person_id = log.case_id.dunning_contact_id or log.partner_id

    @api.depends("person_id", "channel")
    def _compute_number(self):
        for log in self:
            person = log.person_id.sudo()  # whoever works on the case may know how to reach its people
            wanted = {"call": person.phone, "sms": person.phone, "email": person.email}
            log.number = wanted.get(log.channel) or False

    @api.depends("item_ids")
    def _compute_currency_id(self):
        """Promises are made in the currency of the oldest item."""
        for log in self:
            oldest = log.item_ids.sorted(lambda line: (line.dunning_due_date, line._origin.id))[:1]
            log.currency_id = oldest.currency_id or log.case_id.currency_id

    @api.depends("item_ids", "currency_id")
    def _compute_amount_open(self):
        for log in self:
            items = log._get_items_of_currency()
            log.amount_open = max(sum(items.mapped("amount_residual_currency")), 0.0)

    def _get_items_of_currency(self):
        return self.item_ids.filtered(lambda line: line.currency_id == self.currency_id)

    @api.depends("outcome_id")
    def _compute_call_back_at(self):
        """Tomorrow at the same time."""
        for log in self:
            asked = log.kind == "call_back"
            log.call_back_at = asked and fields.Datetime.add(fields.Datetime.now(), days=1)

    @api.depends("outcome_id")
    def _compute_reason_id(self):
        for log in self:
            reasons = log.env["account.dunning.reason"]
            domain = [("company_id", "=", log.company_id.id), ("dispute", "=", True)]
            log.reason_id = reasons.search(domain, limit=1) if log.kind == "dispute" else reasons

    @api.depends("outcome_id", "item_ids", "instalments", "first_percent")
    def _compute_part_ids(self):
        for log in self:
            parts = log._split() if log.kind == "promise" else []
            log.part_ids = [Command.clear(), *(Command.create(vals) for vals in parts)]

    def _split(self):
        """The open amount as so many payments, the first in a week, the others a month after one another."""
        count = max(min(self.instalments, 120), 1)
        first = self.amount_open * self.first_percent / 100 if count > 1 and self.first_percent else 0
        each = self.currency_id.round(first or self.amount_open / count)
        amounts, left = [], self.amount_open
        for index in range(count):
            rest = count - index
            amount = each if index == 0 else self.currency_id.round(left / rest)
            amounts.append(amount if rest > 1 else left)
            left = self.currency_id.round(left - amounts[-1])
        start = fields.Date.add(self.company_id._dunning_today(), days=PROMISE_DAYS)
        return [
            {"date": self._get_open_day(fields.Date.add(start, months=index)), "amount": amount}
            for index, amount in enumerate(amounts)
            if self.currency_id.compare_amounts(amount, 0) > 0
        ]

    def _get_open_day(self, day):
        """``day``, or the next business day."""
        return self.env["account.dunning.contact.days"]._get_business_day(self.company_id, self.partner_id, day)

    @api.depends("case_id")
    def _compute_wait(self):
        """That the customer should not be called now, by the settings; empty where he may be."""
        days = self.env["account.dunning.contact.days"]
        for log in self:
            day, why = days._next_contact_day(log.company_id, log.partner_id) if log.case_id else (None, None)
            log.wait = why and self.env._(
                "By the settings not before %(date)s: %(why)s.", date=format_date(self.env, day), why=why
            )

    @api.depends("part_ids")
    def _compute_agreement(self):
        for log in self:
            log.agreement = len(log.part_ids) >= INSTALMENTS

    def action_save(self):
        """Log the contact, and do what its outcome says."""
        self.ensure_one()
        case = self.case_id._as_collector()
        self.outcome_id.check_access("read")
        self._check()
        contact = self._log(case)
        if self.outcome_id.right_party or self.kind != "none":
            case._finish_calls(right_party=self.outcome_id.right_party)
        action = getattr(self, f"_follow_{self.kind}", lambda _contact: None)(contact)
        case._touch()
        return action

    def _check(self):
        """Refuse what is incomplete, or not the customer's."""
        if self.outcome_id.company_id != self.company_id:
            raise UserError(self.env._("This outcome belongs to another company."))
        self.case_id._check_items(self.item_ids)
        if self.person_id and self.person_id.commercial_partner_id != self.partner_id:
            raise UserError(self.env._("Choose a contact of %(customer)s.", customer=self.partner_id.display_name))

    def _log(self, case):
        """The contact (as superuser: people log by this dialog only)."""
        now = fields.Datetime.now()
        return case.env["account.dunning.contact"].create(
            {
                "case_id": case.id,
                "user_id": self.env.uid,
                "at": now,
                "day": self.company_id._dunning_today(now),
                "direction": self.direction,
                "channel": self.channel,
                "person_id": self.person_id.id,
                "number": self.number,
                "outcome_id": self.outcome_id.id,
                "right_party": self.outcome_id.right_party,
                "note": self.note,
                "duration": self.duration,
                "call_back_at": self.call_back_at,
            }
        )
