from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL, float_repr, format_date

from ...engine.money import total
from ..base.names import PENDING_STATES

# The interest on an item that a notice claims: what has accrued, less what is booked.
INTEREST_KINDS = ("interest", "booked")

# What is booked of the alias `charge` with the invoice `move`, as `_get_booked` says.
BOOKED = SQL("CASE WHEN move.state IN ('draft', 'posted') THEN COALESCE(charge.amount_booked, 0) ELSE 0 END")


def format_percent(env, percent):
    """A percentage as letters show it, without idle zeros."""
    text = float_repr(percent, 3).rstrip("0").rstrip(".")
    lang = env["res.lang"]._get_data(code=env.lang or "en_US")
    return text.replace(".", lang.decimal_point or ".") + "\N{NO-BREAK SPACE}%"


class AccountDunningCharge(models.Model):
    """One line of what a notice charges, as the letter shows it: a snapshot, made anew until the notice leaves."""

    _name = "account.dunning.charge"
    _description = "Dunning Charge"
    _order = "notice_id, id"

    notice_id = fields.Many2one("account.dunning.notice", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="notice_id.company_id")
    currency_id = fields.Many2one(related="notice_id.currency_id")
    partner_id = fields.Many2one(related="notice_id.partner_id", string="Customer")
    notice_state = fields.Selection(related="notice_id.state", string="Status of the Notice")
    sent_on = fields.Date(related="notice_id.sent_on")
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Journal Item",
        index="btree_not_null",
        ondelete="set null",
        help="Empty where the notice as a whole is charged.",
    )
    kind = fields.Selection(
        [
            ("fee", "Fee"),
            ("interest", "Interest"),
            ("booked", "Booked Before"),
            ("earlier", "Charged Before"),
            ("tax", "Tax on Charges"),
            ("excess", "Booked Too Much"),
        ],
        required=True,
        help="Booked Before: interest on the item that was invoiced already.\n"
        "Charged Before: a fee of an earlier notice, or an invoice of charges, that is claimed again.\n"
        "Booked Too Much: interest on a settled item that was invoiced, but has not accrued as we know now. The notice "
        "had left by then, and does not tell of it.",
    )
    name = fields.Char(string="Description", help="In the language of the letter.")
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="To")
    days = fields.Integer(aggregator=None)
    year = fields.Integer(string="Days of a Year", aggregator=None)
    base = fields.Monetary(string="Charged On", aggregator=None)
    percent = fields.Float(digits=(7, 3), aggregator=None)
    bound = fields.Selection(
        [("minimum", "Minimum"), ("maximum", "Maximum")], help="The bound of the fee that decides, not the percentage."
    )
    bands = fields.Char(help="What the bands of the fee give, in the language of the letter.")
    amount = fields.Monetary()
    law_part = fields.Selection(
        [("interest", "Interest"), ("compensation", "Compensation"), ("costs", "Costs of Collection"), ("fee", "Fee")],
        string="Claimed by Law",
        help="Which part of the claim it is, where the law says what may be claimed.",
    )
    law_rule = fields.Char(
        string="Rule", help="The rule and the rate that the amount rests on, in the language of the letter."
    )
    origin_id = fields.Many2one(
        "account.dunning.charge", string="Earlier Fee", index="btree_not_null", ondelete="cascade"
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        index="btree_not_null",
        ondelete="set null",
        help="The invoice of charges by which it was booked, or which is claimed again.",
    )
    amount_booked = fields.Monetary(string="Booked")
    waived = fields.Boolean(help="The customer need not pay it: it is in no total, and later notices do not claim it.")
    waive_reason = fields.Char(string="Why Waived")
    can_waive = fields.Boolean(compute="_compute_can_waive")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_left(self):
        if any(notice._has_left() for notice in self.notice_id):
            raise UserError(self.env._("The charges of notices that were issued cannot be deleted."))

    @api.depends("kind", "waived", "origin_id.waived", "notice_id.state", "move_id")
    def _compute_can_waive(self):
        # not of what is left to pay: core would ask for that at each step of posting and paying any invoice
        for charge in self:
            charge.can_waive = charge._is_waivable()

    def _is_waivable(self):
        """True of a fee that nobody has waived, and that is or will be claimed, or is booked by an open invoice."""
        self.ensure_one()
        if self.notice_id.state not in (*PENDING_STATES, "sent"):
            return False
        return any(not fee.waived and (fee.kind == "fee" or fee.move_id) for fee in self._get_charged())

    def _get_charged(self):
        """The charges that are claimed here: itself, the earlier fee, or what an open invoice of charges has booked."""
        self.ensure_one()
        if self.origin_id or self.kind != "earlier":
            charges = self.origin_id or self
        else:
            charges = self.search([("move_id", "=", self.move_id.id), ("kind", "!=", "earlier")])
        return charges.filtered(lambda charge: charge._is_open())

    def _is_open(self):
        """True of what is not booked, and of what an open invoice has booked."""
        self.ensure_one()
        booked = self.move_id.move_type == "out_invoice" and self._get_booked()
        return not self.move_id or bool(booked and self.move_id.amount_residual)

    def _get_booked(self):
        """What is booked of the charge; nothing once its invoice was cancelled."""
        self.ensure_one()
        return self.amount_booked if self.move_id.state in ("draft", "posted") else 0.0

    def _get_unbooked(self):
        """What is not booked of the charge."""
        self.ensure_one()
        return self.currency_id.round(self.amount - self._get_booked())

    def _get_period_text(self, last):
        """What an invoice says about interest from this slice to the ``last`` one, in the language of the notice."""
        env = self.with_context(lang=self.notice_id._get_lang()).env
        since, until = format_date(env, self.date_from), format_date(env, last.date_to)
        return env._("%(interest)s, %(since)s to %(until)s", interest=self.name, since=since, until=until)

    def action_waive(self):
        """Open the dialog that waives fees."""
        return self.env["account.dunning.waive"]._open(self)

    def _waive(self, reason):
        """Waive charges for a ``reason`` in words; what is booked of them gets a credit note.

        Notices that have not left do not claim them any more.
        """
        self.notice_id._as_manager()
        # charges follow the work; the rights are checked above
        if not all(charge._is_waivable() for charge in self.sudo()):
            raise UserError(self.env._("Only charges that are claimed can be waived."))
        # charges follow the work; the rights are checked above
        fees = self.sudo().mapped(lambda charge: charge._get_charged()).filtered(lambda charge: not charge.waived)
        for move, charges in fees.filtered("move_id").grouped("move_id").items():
            charges._credit(move, reason)
        fees.write({"waived": True, "waive_reason": reason})
        for notice, charges in fees.grouped("notice_id").items():
            notice._note_on_plans(
                self.env._(
                    "Waived: %(charges)s. %(reason)s",
                    charges=", ".join(f"{charge.name} {charge._format_amount()}" for charge in charges),
                    reason=reason,
                )
            )
        claims = Domain("origin_id", "in", fees.ids) | (
            Domain("kind", "=", "earlier") & Domain("move_id", "in", fees.move_id.ids)
        )
        # earlier notices of the same customer, of his company
        claiming = fees.notice_id | self.sudo().search(claims).notice_id
        claiming = claiming.filtered(lambda notice: notice.state in PENDING_STATES)
        claiming._requeue()
        claiming.filtered(lambda notice: notice.state in ("proposed", "failed"))._charge()

    def _credit(self, move, reason):
        """Make a credit note for these charges, as far as their invoice ``move`` is open, and settle it with that."""
        note = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "company_id": move.company_id.id,
                "journal_id": move.journal_id.id,
                "partner_id": move.partner_id.id,
                "currency_id": move.currency_id.id,
                "invoice_date": move._get_dunning_open_day(),
                "invoice_payment_term_id": False,
                "reversed_entry_id": move.id,
                "dunning_notice_id": move.dunning_notice_id.id,
                "ref": reason,
                "invoice_line_ids": [Command.create(vals) for vals in self._prepare_credit_lines(move)],
            }
        )
        note._post(soft=False)
        items = (move + note).line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        items.filtered(lambda line: not line.reconciled).reconcile()

    def _prepare_credit_lines(self, move):
        """Values of the lines that take these charges off their invoice ``move``, each as it is taxed there. Hook.

        There is one line for fees and one for interest. What is paid of the invoice is not given back: then both
        are reduced in proportion.
        """
        fee, interest = self.notice_id._get_charge_products()
        lines = move.invoice_line_ids.filtered(lambda line: line.display_type == "product" and line.price_unit)
        chosen = []
        for is_fee, charges in self.grouped(lambda charge: charge.kind == "fee").items():
            product = fee if is_fee else interest
            line = (lines.filtered(lambda line, product=product: line.product_id == product) or lines)[:1]
            chosen.append((line, charges, total(charges.mapped("amount_booked"))))
        gross = total(amount * line.price_total / line.price_unit for line, _charges, amount in chosen)
        share = min(1.0, move.amount_residual / gross) if gross > 0 else 1.0
        return [
            {
                "name": ", ".join(charges.mapped("name")),
                "product_id": line.product_id.id,
                "account_id": line.account_id.id,
                "tax_ids": [Command.set(line.tax_ids.ids)],
                "price_unit": move.currency_id.round(amount * share),
            }
            for line, charges, amount in chosen
        ]

    def _format_amount(self):
        self.ensure_one()
        return self.currency_id.format(self.amount)

    def _format_percent(self):
        """The percentage as the letter shows it, without idle zeros."""
        self.ensure_one()
        return format_percent(self.env, self.percent)

    def _format_rate(self):
        """The percentage or the bands of a fee as the letter shows it, with the bound where that is the amount."""
        self.ensure_one()
        terms = {"percent": self.bands or self._format_percent(), "amount": self._format_amount()}
        if self.bound == "minimum":
            return self.env._("%(percent)s, at least %(amount)s", **terms)
        if self.bound == "maximum":
            return self.env._("%(percent)s, at most %(amount)s", **terms)
        return terms["percent"]
