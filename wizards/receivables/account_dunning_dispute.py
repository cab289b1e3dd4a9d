from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...models.base.account_dunning_guard import colleagues
from ...models.base.names import COLLECTORS


class AccountDunningDispute(models.TransientModel):
    """Disputes open items at once: a hold for each. Nothing is written to the customer."""

    _name = "account.dunning.dispute"
    _description = "Dispute Items"
    _inherit = ["account.dunning.dialog"]
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True)
    item_ids = fields.Many2many(
        "account.move.line",
        string="Items",
        domain="[('account_type', '=', 'asset_receivable'), ('parent_state', '=', 'posted'),"
        " ('reconciled', '=', False), ('amount_residual', '>', 0), ('company_id', 'child_of', company_id)]",
    )
    single = fields.Boolean(compute="_compute_amounts")
    currency_id = fields.Many2one("res.currency", compute="_compute_amounts")
    summary = fields.Char(string="In Dispute", compute="_compute_amounts")
    reason_id = fields.Many2one(
        "account.dunning.reason",
        check_company=True,
        domain="[('dispute', '=', True), ('company_id', '=', company_id)]",
    )
    part = fields.Monetary(
        string="Disputed Part",
        help="The part of the item that the customer contests; the rest is dunned. 0: all of it.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        compute="_compute_care",
        store=True,
        readonly=False,
        precompute=True,
        domain=lambda self: f"[('all_group_ids', 'in', {self.env.ref(COLLECTORS).ids})] + {colleagues('company_id')}",
    )
    review_date = fields.Date(string="Review On", compute="_compute_care", store=True, readonly=False, precompute=True)
    note = fields.Text()

    @api.model
    def _open(self, items):
        """Open the dialog for those of ``items``, of one company, that are open and not wholly in dispute yet."""
        self.check_access("create")
        items.check_access("read")
        if not items:
            raise UserError(self.env._("Select open items first."))
        if len(items.company_id.root_id) != 1:
            raise UserError(self.env._("Select open items of one company."))
        items = items.filtered_domain(items._get_open_item_domain()).filtered(lambda item: item.amount_residual > 0)
        if not items:
            raise UserError(self.env._("Nothing that a customer could contest is open here."))
        free = items - self._get_disputed(items)
        if not free:
            raise UserError(self.env._("These items are in dispute already."))
        return self._show_new(self.env._("Dispute"), item_ids=free, company_id=items.company_id.root_id)

    @api.model
    def _get_disputed(self, items):
        """Those of ``items`` that are wholly in dispute today, by a hold on the item or on its invoice."""
        if not items:
            return items
        holds = self.env["account.dunning.hold"]
        disputes = holds.search(
            holds._get_active_domain(items.company_id.root_id[:1]._dunning_today())
            & Domain("reason_id.dispute", "=", True)
            & (Domain("move_line_id", "in", items.ids) | Domain("move_id", "in", items.move_id.ids))
        ).filtered(lambda hold: not hold.amount)
        return items.filtered(lambda item: item in disputes.move_line_id or item.move_id in disputes.move_id)

    @api.depends("item_ids")
    def _compute_amounts(self):
        for dialog in self:
            items = dialog.item_ids
            dialog.single = len(items) == 1
            dialog.currency_id = items.currency_id[:1] or dialog.company_id.currency_id
            amounts = (
                currency.format(sum(part.mapped("amount_residual_currency")))
                for currency, part in items.grouped("currency_id").items()
            )
            dialog.summary = ", ".join(amounts)

    @api.depends("reason_id")
    def _compute_care(self):
        """What a hold with that reason would have: its owner, and the day of its review."""
        for dialog in self:
            values = {"company_id": dialog.company_id.id, "reason_id": dialog.reason_id.id}
            hold = self.env["account.dunning.hold"].new(values)
            dialog.user_id = hold.user_id
            dialog.review_date = hold.review_date

    def action_dispute(self):
        """Put each of the items on hold for the reason, or the part of the one item."""
        self.ensure_one()
        self._dispute()
        return {"type": "ir.actions.act_window_close"}

    def _dispute(self):
        """The holds, one for each of the items."""
        items = self._get_checked_items()
        return self.env["account.dunning.hold"].create(
            [
                {
                    "company_id": self.company_id.id,
                    "move_line_id": item.id,
                    "amount": self.part if len(items) == 1 else 0.0,
                    "reason_id": self.reason_id.id,
                    "user_id": self.user_id.id,
                    "review_date": self.review_date,
                    "note": self.note,
                }
                for item in items
            ]
        )

    def _get_checked_items(self):
        """The items, once there is nothing against disputing them; the dialog may have stood open for a while."""
        items = self.item_ids
        if not self.reason_id.dispute:
            raise UserError(self.env._("Choose why the customer contests the claim."))
        if not items:
            raise UserError(self.env._("Choose at least one item."))
        if items.company_id.root_id != self.company_id:
            raise UserError(self.env._("Select open items of one company."))
        if items.filtered_domain(items._get_open_item_domain()) != items or self._get_disputed(items):
            raise UserError(self.env._("Some of the items are settled or in dispute meanwhile. Open the dialog again."))
        if len(items) == 1 and self.currency_id.compare_amounts(self.part, items.amount_residual_currency) > 0:
            raise ValidationError(
                self.env._(
                    "Only %(amount)s of the item is open.",
                    amount=self.currency_id.format(items.amount_residual_currency),
                )
            )
        return items
