from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date


class AccountDunningHold(models.Model):
    _name = "account.dunning.hold"
    _description = "Dunning Hold"
    _inherit = ["mail.thread"]
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
        domain=[("state", "=", "posted"), ("line_ids.account_type", "=", "asset_receivable")],
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
    reason_id = fields.Many2one("account.dunning.reason", required=True, tracking=True)
    note = fields.Text()
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        tracking=True,
    )
    date_from = fields.Date(string="From", required=True, default=lambda self: self.env.company._dunning_today())
    date_until = fields.Date(
        string="Until", tracking=True, help="The last day of the hold. Empty: until somebody ends it."
    )
    ended_on = fields.Date(readonly=True, copy=False, tracking=True)
    active_now = fields.Boolean(string="Active", compute="_compute_active_now", search="_search_active_now")

    _one_target = models.Constraint(
        "CHECK (num_nonnulls(partner_id, move_id, move_line_id) = 1)",
        "A hold is either on a customer, on an invoice, or on one item of it. Choose exactly one.",
    )
    _amount_positive = models.Constraint("CHECK (amount >= 0)", "The held amount cannot be negative.")
    _dates = models.Constraint(
        "CHECK (date_until IS NULL OR date_until >= date_from)", "A hold cannot end before it begins."
    )

    @api.depends("partner_id", "move_id", "move_line_id")
    def _compute_target(self):
        for hold in self:
            hold.commercial_partner_id = (
                hold.partner_id or hold.move_id.commercial_partner_id or hold.move_line_id.partner_id
            ).commercial_partner_id
            document = hold.move_line_id or hold.move_id
            hold.currency_id = document.currency_id or hold.company_id.currency_id

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

    @api.depends("partner_id", "move_id", "move_line_id", "reason_id")
    def _compute_display_name(self):
        for hold in self:
            target = hold.partner_id.name or hold.move_id.name or hold.move_line_id.display_name
            hold.display_name = f"{target}: {hold.reason_id.name or ''}" if target else self.env._("New Hold")

    @api.constrains("amount", "partner_id")
    def _check_amount(self):
        for hold in self:
            if hold.amount and hold.partner_id:
                raise ValidationError(
                    self.env._("A part of an amount can be held on an invoice or an item, not on a whole customer.")
                )

    def _get_banner(self):
        """What forms say about the hold (one record, or none): a text, or False."""
        if not self:
            return False
        if not self.date_until:
            return self.env._("On hold in dunning: %(reason)s.", reason=self.reason_id.name or "")
        return self.env._(
            "On hold in dunning until %(date)s: %(reason)s.",
            reason=self.reason_id.name or "",
            date=format_date(self.env, self.date_until),
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
        holds._withdraw_notices()
        return holds

    def write(self, vals):
        result = super().write(self._normalize(vals))
        if {"amount", "date_from", "date_until", "partner_id", "move_id", "move_line_id"} & set(vals):
            self._withdraw_notices()
        return result

    @api.model
    def _normalize(self, vals):
        """Holds are on commercial partners, in root companies."""
        vals = dict(vals)
        if vals.get("partner_id"):
            vals["partner_id"] = self.env["res.partner"].browse(vals["partner_id"]).commercial_partner_id.id
        if vals.get("company_id"):
            vals["company_id"] = self.env["res.company"].browse(vals["company_id"]).root_id.id
        return vals

    def unlink(self):
        """A hold that is deleted ends today."""
        self.filtered(lambda hold: not hold.ended_on).action_end()
        return super().unlink()

    @api.model
    def _open_new(self, context, company):
        """Open the form of a new hold with the defaults in ``context``."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Put on Hold"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {**context, "default_company_id": company.root_id.id},
        }

    def action_end(self):
        """End the holds today: their items may be dunned again after the minimum days of the level."""
        for company, holds in self.filtered(lambda hold: not hold.ended_on).grouped("company_id").items():
            holds._end(company._dunning_today())

    def _end(self, day):
        """End the holds; an item that was dunned before waits its level's minimum days from ``day`` on."""
        self.write({"ended_on": day})
        items = self.env["account.dunning.item"].sudo().search(self._get_item_domain())
        items._resume(day)
        items.plan_id._plan_next()

    def _get_item_domain(self):
        """Domain on ``account.dunning.item`` of the items that the holds keep out."""
        return (
            Domain("move_line_id", "in", self.move_line_id.ids)
            | Domain("move_id", "in", self.move_id.ids)
            | Domain("partner_id", "in", self.partner_id.ids)
        )

    def _withdraw_notices(self):
        """Have the notices that wait to leave read their items again, and the plans see what comes next."""
        lines = (
            self.env["account.dunning.notice.line"]
            .sudo()
            .search(Domain("pending", "=", True) & self._get_item_domain())
        )
        lines.notice_id._requeue()
        self.env["account.dunning.item"].sudo().search(self._get_item_domain()).plan_id._plan_next()

    @api.model
    def _cron_end_holds(self):
        """Scheduled action: end the holds whose last day has passed."""
        for company in self.env["res.company"].search([("parent_id", "=", False)]):
            today = company._dunning_today()
            due = self.search([("company_id", "=", company.id), ("ended_on", "=", False), ("date_until", "<", today)])
            for date_until, holds in due.grouped("date_until").items():
                holds._end(fields.Date.add(date_until, days=1))
