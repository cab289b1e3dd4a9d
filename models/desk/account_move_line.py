from odoo import models

from ...engine.items import spread_contested
from ...tools import unsorted
from ...tools.together import find_together
from ..base.names import COLLECTORS, OPEN_STATES


class AccountMoveLine(models.Model):
    """What a case shows of an open item; and a payment that came back is news for the desk."""

    _inherit = "account.move.line"

    dunning_disputed = unsorted.Monetary(
        string="Disputed Amount",
        currency_field="currency_id",
        compute="_compute_dunning_desk",
        groups=COLLECTORS,
    )
    dunning_promise_id = unsorted.Many2one(
        "account.dunning.promise", string="Open Promise", compute="_compute_dunning_desk", groups=COLLECTORS
    )
    dunning_plan_id = unsorted.Many2one(
        "account.collection.plan", string="Open Plan", compute="_compute_dunning_desk", groups=COLLECTORS
    )

    def _compute_dunning_desk(self):
        """The disputed part, the open promise, and the plan under way, of all items at once."""
        covers, holds = self.env["account.dunning.promise.item"], self.env["account.dunning.hold"]
        found = find_together(
            self.env,
            {
                "cover": covers._search([("move_line_id", "in", self.ids), ("is_open", "=", True)]),
                "hold": holds._search([("commercial_partner_id", "in", self.partner_id.ids), ("dispute", "=", True)]),
            },
        )
        promises = {cover.move_line_id.id: cover.promise_id for cover in covers.browse(found["cover"])}
        disputes = holds.browse(found["hold"]).filtered("active_now")
        self.dunning_item_state_ids.plan_id.mapped("state")  # of all at once: a slice reads its own only
        for line in self:
            line.dunning_promise_id = promises.get(line.id, False)
            line.dunning_disputed = line._get_disputed(disputes)
            plan = line.dunning_item_state_ids[:1].plan_id
            line.dunning_plan_id = plan if plan.state in OPEN_STATES else False

    def _get_disputed(self, disputes):
        """How much of the item ``disputes`` (holds in force) contest, in its currency."""
        self.ensure_one()
        residual = max(self.amount_residual_currency, 0.0)
        own = disputes.filtered(lambda hold: hold.company_id == self.company_id.root_id)
        whole = own.filtered(
            lambda hold: (
                not hold.amount
                and (hold.move_line_id == self or hold.move_id == self.move_id or hold.partner_id == self.partner_id)
            )
        )
        if whole:
            return residual
        parts = sum(own.filtered(lambda hold: hold.move_line_id == self).mapped("amount"))
        for hold in own.filtered(lambda hold: hold.move_id == self.move_id):
            items = hold._get_items().sorted(lambda line: (line.dunning_due_date, line.id))
            shares = spread_contested(hold.amount, [(line.id, line.amount_residual_currency) for line in items])
            parts += shares.get(self.id, 0.0)
        return min(parts, residual)

    def _take_dunning_along(self, former):
        """A promise that covers nothing of its customer any more goes with its items."""
        super()._take_dunning_along(former)
        covers = self.env["account.dunning.promise.item"].search([("move_line_id", "in", self.ids)])
        for promise in covers.promise_id:
            partner = promise.item_ids.move_line_id.partner_id
            if len(partner) == 1 and partner != promise.partner_id:
                promise.case_id._touch()
                promise.case_id = self.env["account.collection.case"]._get_for(promise.company_id, partner)
                promise.contact_id = False  # the talk stays where it was

    def _reopen_returned(self, day, why, code=None):
        super()._reopen_returned(day, why, code)
        for company, lines in self.grouped(lambda line: line.company_id.root_id).items():
            cases = self.env["account.collection.case"]._get_for(company, lines.partner_id.commercial_partner_id)
            cases.sudo().returned_on = day  # cases follow the work
            cases._touch()
