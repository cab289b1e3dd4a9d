from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date

from ...engine import next_level
from .judging import PromiseJudging
from .promise_letters import PromiseLetters

STATES = [
    ("open", "Open"),
    ("kept", "Kept"),
    ("partly", "Partly Kept"),
    ("broken", "Broken"),
    ("replaced", "Replaced"),
    ("withdrawn", "Withdrawn"),
    ("void", "Void"),
]
SOURCES = [("call", "Call"), ("mail", "E-mail")]


class AccountDunningPromise(PromiseJudging, PromiseLetters, models.Model):
    """What a customer promised to pay, on which days: judged from the ledger alone (rules §11).

    An instalment agreement is one that a late part does not break at once. What is covered is on hold while the promise
    is open; the rest is dunned.
    """

    _name = "account.dunning.promise"
    _description = "Promise to Pay"
    _inherit = ["mail.thread", "account.dunning.guard"]
    _order = "made_on desc, id desc"

    name = fields.Char(compute="_compute_name")
    case_id = fields.Many2one("account.collection.case", required=True, index=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="case_id.partner_id", string="Customer", store=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="Taken By", readonly=True)
    contact_id = fields.Many2one("account.dunning.contact", readonly=True, ondelete="set null")
    source = fields.Selection(SOURCES, required=True, default="call", readonly=True)
    made_on = fields.Date(required=True, readonly=True)
    part_ids = fields.One2many("account.dunning.promise.part", "promise_id", string="Parts", readonly=True)
    item_ids = fields.One2many("account.dunning.promise.item", "promise_id", string="Covered Items", readonly=True)
    tolerance = fields.Integer(readonly=True, help="Days that money may come later than promised.")
    threshold = fields.Float(readonly=True, default=1.0, help="The share of what was promised that is enough.")
    agreement = fields.Boolean(string="Instalment Agreement", readonly=True)
    default_days = fields.Integer(readonly=True, help="Days after which a late part ends the agreement.")
    level = fields.Integer(
        readonly=True, default=1, help="The number of promises on these items that came to nothing, and this one."
    )
    state = fields.Selection(STATES, required=True, default="open", readonly=True, index=True, tracking=True)
    amount = fields.Monetary(string="Promised", readonly=True)
    book_currency_id = fields.Many2one(related="case_id.currency_id", string="Company Currency")
    company_amount = fields.Monetary(
        string="Promised, in Company Currency",
        currency_field="book_currency_id",
        readonly=True,
        help="What was promised, in company currency on that day.",
    )
    amount_owed = fields.Monetary(
        string="Still Promised", readonly=True, help="What was promised, as far as it is still owed."
    )
    amount_received = fields.Monetary(string="Received", readonly=True)
    last_on = fields.Date(string="Last Day", readonly=True)
    next_on = fields.Date(string="Next Payment On", readonly=True)
    turns_on = fields.Date(readonly=True, index="btree_not_null", help="When it is judged if no money comes.")
    judged_on = fields.Date(readonly=True)
    hold_ids = fields.One2many("account.dunning.hold", "promise_id", string="Holds", readonly=True)
    replaced_by_id = fields.Many2one("account.dunning.promise", readonly=True, ondelete="set null")
    fee_move_id = fields.Many2one(
        "account.move", string="Fee", readonly=True, index="btree_not_null", ondelete="set null"
    )
    last_partial = fields.Integer(readonly=True, groups=fields.NO_ACCESS)

    @api.depends("partner_id", "made_on")
    def _compute_name(self):
        for promise in self:
            label = self.env._("Instalments") if promise.agreement else self.env._("Promise")
            promise.name = f"{label} {format_date(self.env, promise.made_on)}"

    # making

    @api.model
    def _make(self, case, items, parts, **values):
        """Make the promise of a customer, which replaces open ones on the same items; as superuser.

        :param items: the journal items that it covers, of one currency: the oldest are covered first
        :param parts: pairs of a day and an amount
        :param values: of the further fields
        """
        settings, today = case.company_id._get_dunning_settings(), case.company_id._dunning_today()
        total = sum(amount for _day, amount in parts)
        shares = self._share_out(items, total)
        former = self._get_last_by_item(items.browse(shares))
        promise = self.create(
            {
                "case_id": case.id,
                "currency_id": items.currency_id.id,
                "made_on": today,
                "tolerance": settings.promise_tolerance,
                "threshold": settings.promise_threshold / 100,
                "level": max((next_level(each.level, each.state) for each in former.values()), default=1),
                "last_partial": self._get_last_partial(),
                "amount": total,
                "company_amount": items.currency_id._convert(total, case.currency_id, case.company_id, today),
                "last_on": max(day for day, _amount in parts),
                **values,
            }
        )
        self.env["account.dunning.promise.part"].create(
            [{"promise_id": promise.id, "date": day, "amount": amount} for day, amount in sorted(parts)]
        )
        promise._take_over(self.concat(*set(former.values())).filtered(lambda each: each.state == "open"), shares)
        promise._judge()
        promise._book_fee()
        case._touch()
        return promise

    @api.model
    def _check_parts(self, company, items, parts):
        """Refuse ``parts`` (pairs of day and amount) that are no promise for ``items``, which have one currency."""
        if not items:
            raise UserError(self.env._("Nothing is overdue here: choose the items that the promise is about."))
        if not parts:
            raise UserError(self.env._("Say what is promised: an amount and a day."))
        today, currency = company._dunning_today(), items.currency_id
        for day, amount in parts:
            if day < today:
                raise UserError(
                    self.env._("%(date)s is past: choose today or a later day.", date=format_date(self.env, day))
                )
            if currency.compare_amounts(amount, 0) <= 0:
                raise UserError(self.env._("What is promised is more than zero."))
        if len({day for day, _amount in parts}) < len(parts):
            raise UserError(self.env._("Two payments are on the same day: add them up."))
        total, owed = sum(amount for _day, amount in parts), sum(items.mapped("amount_residual_currency"))
        if currency.compare_amounts(total, owed) > 0:
            raise UserError(
                self.env._(
                    "%(total)s is promised, but only %(owed)s is open. Lower the amounts, or choose more items.",
                    total=format_amount(self.env, total, currency),
                    owed=format_amount(self.env, owed, currency),
                )
            )

    @api.model
    def _share_out(self, items, total):
        """How much of each of ``items`` an amount covers, the oldest first: amounts by id, of those that it reaches."""
        shares, currency = {}, items.currency_id
        for line in items.sorted(lambda line: (line.dunning_due_date, line.id)):
            share = min(total, line.amount_residual_currency)
            if currency.compare_amounts(share, 0) > 0:
                shares[line.id] = share
                total -= share
        return shares

    @api.model
    def _get_last_by_item(self, items):
        """The promise that covered each of ``items`` last, by id of the item."""
        covers = self.env["account.dunning.promise.item"].search([("move_line_id", "in", items.ids)], order="id")
        return {cover.move_line_id.id: cover.promise_id for cover in covers}

    def _take_over(self, replaced, shares):
        """Cover the ``shares`` of items (amounts by id), which stay on hold, in the place of the ``replaced`` promises.

        What those covered besides is due at once.
        """
        replaced._close("replaced", self)
        self.env["account.dunning.promise.item"].create(
            [{"promise_id": self.id, "move_line_id": line_id, "amount": share} for line_id, share in shares.items()]
        )
        self._hold()
        replaced._end_holds()

    def _hold(self):
        """Put what the promises cover on hold, as long as they are open."""
        values, reasons = [], self.env["account.dunning.reason"]
        known = {company: reasons._get_for("reason_promise", company) for company in self.company_id}
        for promise in self:
            reason, today = known[promise.company_id], promise.company_id._dunning_today()
            for cover in promise.item_ids:
                whole = promise.currency_id.compare_amounts(cover.amount, cover.amount_open) >= 0
                values.append(
                    {
                        "company_id": promise.company_id.id,
                        "move_line_id": cover.move_line_id.id,
                        "amount": 0.0 if whole else cover.amount,
                        "reason_id": reason.id,
                        "date_from": today,
                        "promise_id": promise.id,
                        "user_id": promise.user_id.id,
                    }
                )
        self.env["account.dunning.hold"].create(values)

    # the end

    def _end(self, state):
        """End open promises as ``state``: what they covered is not on hold any more."""
        self._close(state)
        self._end_holds()

    def _close(self, state, successor=None):
        for company, promises in self.grouped("company_id").items():
            promises.write(
                {
                    "state": state,
                    "judged_on": company._dunning_today(),
                    "replaced_by_id": successor.id if successor else False,
                    "turns_on": False,
                    "next_on": False,
                }
            )
        self._sync_covers()

    def _end_holds(self):
        self.hold_ids.filtered(lambda hold: not hold.ended_on)._end_today()

    def action_withdraw(self):
        """The customer takes his promise back, or it was a mistake: what it covered is due at once."""
        self.ensure_one()
        promise = self._as_collector()
        if promise.state == "open":
            promise._end("withdrawn")
            promise.case_id._touch()

    def action_open_case(self):
        self.ensure_one()
        return self.case_id._get_records_action()
