from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_repr

from .account_dunning_notice import PENDING_STATES


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
        [("fee", "Fee"), ("interest", "Interest"), ("earlier", "Charged Before")],
        required=True,
        help="Charged Before: a fee of an earlier notice that is claimed again.",
    )
    name = fields.Char(string="Description", help="In the language of the letter.")
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="To")
    days = fields.Integer(aggregator=None)
    year = fields.Integer(string="Days of a Year", aggregator=None)
    base = fields.Monetary(string="Charged On", aggregator=None)
    percent = fields.Float(digits=(7, 3), aggregator=None)
    amount = fields.Monetary()
    origin_id = fields.Many2one(
        "account.dunning.charge", string="Earlier Fee", index="btree_not_null", ondelete="cascade"
    )
    waived = fields.Boolean(help="The customer need not pay it: it is in no total, and later notices do not claim it.")
    waive_reason = fields.Char(string="Why Waived")
    can_waive = fields.Boolean(compute="_compute_can_waive")

    @api.depends("kind", "waived", "origin_id.waived", "notice_id.state")
    def _compute_can_waive(self):
        for charge in self:
            charge.can_waive = charge._is_waivable()

    def _is_waivable(self):
        """True of a fee that is claimed, or will be, and that nobody has waived."""
        self.ensure_one()
        fee = self.origin_id or self
        return fee.kind == "fee" and not fee.waived and self.notice_id.state in (*PENDING_STATES, "sent")

    def action_waive(self):
        """Open the dialog that waives fees."""
        return self.env["account.dunning.waive"]._open(self)

    def _waive(self, reason):
        """Waive fees for a ``reason`` in words; notices that have not left do not claim them any more."""
        self.notice_id._as_manager()
        if not all(charge._is_waivable() for charge in self):
            raise UserError(self.env._("Only fees that are claimed can be waived."))
        fees = self.sudo().mapped(lambda charge: charge.origin_id or charge)
        fees.write({"waived": True, "waive_reason": reason})
        for notice, charges in fees.grouped("notice_id").items():
            notice._note_on_plans(
                self.env._(
                    "Waived: %(charges)s. %(reason)s",
                    charges=", ".join(f"{charge.name} {charge._format_amount()}" for charge in charges),
                    reason=reason,
                )
            )
        claiming = fees.notice_id + self.sudo().search([("origin_id", "in", fees.ids)]).notice_id
        claiming = claiming.filtered(lambda notice: notice.state in PENDING_STATES)
        claiming._requeue()
        claiming.filtered(lambda notice: notice.state in ("proposed", "failed"))._charge()

    def _format_amount(self):
        self.ensure_one()
        return self.currency_id.format(self.amount)

    def _format_percent(self):
        """The percentage as the letter shows it, without idle zeros."""
        self.ensure_one()
        text = float_repr(self.percent, 3).rstrip("0").rstrip(".")
        lang = self.env["res.lang"]._get_data(code=self.env.lang or "en_US")
        return text.replace(".", lang.decimal_point or ".") + "\N{NO-BREAK SPACE}%"
