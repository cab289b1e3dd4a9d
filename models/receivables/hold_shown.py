from odoo import api
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_amount, format_date


class HoldShown:
    """What lists and forms show of holds: what is held, how much of it, since when, and in words."""

    __slots__ = ()

    @api.depends("partner_id", "move_id", "move_line_id", "reason_id")
    def _compute_display_name(self):
        for hold in self:
            named = hold.sudo()  # what is held may be of a branch that the user may not read
            target = named.partner_id.name or named.move_id.name or named.move_line_id.display_name
            hold.display_name = f"{target}: {hold.reason_id.name or ''}" if target else self.env._("New Hold")

    @api.depends("move_id", "move_line_id")
    def _compute_document(self):
        for hold in self:
            named = hold.sudo()  # what is held may be of a branch that the user may not read
            hold.document = named.move_id.name or named.move_line_id.dunning_number

    @api.depends("move_id", "move_line_id")
    def _compute_amount_open(self):
        for hold in self:
            hold.amount_open = sum(hold._get_items().mapped("amount_residual_currency"))

    def _get_items(self):
        """The receivable items of the held invoice, or the held item; none of a held customer."""
        self.ensure_one()
        # only the due amount of what is held
        items = self.sudo().move_line_id or self.sudo().move_id.line_ids
        return items.filtered(lambda line: line.account_type == "asset_receivable")

    @api.depends("amount", "amount_open", "partner_id", "ended_on")
    def _compute_amount_held(self):
        customers = self._get_customer_debts()
        for hold in self:
            if hold.ended_on:
                hold.amount_held = 0.0
            elif hold.partner_id:
                hold.amount_held = customers.get((hold.company_id, hold.partner_id), 0.0)
            else:
                hold.amount_held = min(hold.amount or hold.amount_open, hold.amount_open)

    def _get_customer_debts(self):
        """What is open of held customers, in company currency, by company and customer. A query for each company."""
        debts = {}
        for company, holds in self.filtered("partner_id").grouped("company_id").items():
            lines = self.env["account.move.line"].sudo()  # only sums, also of branches that the user may not read
            domain = (
                lines._get_open_item_domain()
                & Domain("partner_id", "in", holds.partner_id.ids)
                & Domain("company_id", "in", company._get_dunning_branches())
            )
            for partner, amount in lines._read_group(domain, ["partner_id"], ["amount_residual:sum"]):
                debts[company, partner.with_env(self.env)] = amount
        return debts

    @api.depends("date_from", "ended_on")
    def _compute_days(self):
        for hold in self:
            last = hold.ended_on or (hold.company_id or self.env.company)._dunning_today()
            hold.days = max((last - hold.date_from).days, 0) if hold.date_from else 0

    @api.depends("active_now", "review_date", "ended_on")
    def _compute_status(self):
        for hold in self:
            today = (hold.company_id or self.env.company)._dunning_today()
            if hold.active_now:
                hold.status = "review" if hold.review_date and hold.review_date <= today else "waiting"
            else:
                hold.status = "later" if not hold.ended_on and (hold.date_from or today) > today else "ended"

    @api.constrains("amount", "partner_id", "move_id", "move_line_id")
    def _check_amount(self):
        for hold in self.filtered("amount"):
            if hold.partner_id:
                raise ValidationError(
                    self.env._("A part of an amount can be held on an invoice or an item, not on a whole customer.")
                )
            total = sum(hold._get_items().mapped("amount_currency"))
            if hold.currency_id.compare_amounts(hold.amount, total) > 0:
                raise ValidationError(
                    self.env._(
                        "%(amount)s cannot be held: the whole amount is %(total)s. Leave it at zero to hold all of it.",
                        amount=format_amount(self.env, hold.amount, hold.currency_id),
                        total=format_amount(self.env, total, hold.currency_id),
                    )
                )

    def _get_banner(self):
        """What forms say about the hold (one record, or none): a text, or False."""
        if not self:
            return False
        reason = self.reason_id.name or ""
        if self.amount:
            amount = format_amount(self.env, self.amount, self.currency_id)
            reason = self.env._("%(reason)s (%(amount)s)", reason=reason, amount=amount)
        if not self.date_until:
            return self.env._("On hold in dunning: %(reason)s.", reason=reason)
        return self.env._(
            "On hold in dunning until %(date)s: %(reason)s.",
            reason=reason,
            date=format_date(self.env, self.date_until),
        )
