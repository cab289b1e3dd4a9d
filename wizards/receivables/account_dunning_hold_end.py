from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from ...models.receivables.account_dunning_hold import OUTCOMES


class AccountDunningHoldEnd(models.TransientModel):
    """Ends holds, and asks how the disputes among them ended; also for disputes that ended without an answer."""

    _name = "account.dunning.hold.end"
    _description = "End Dunning Hold"
    _inherit = ["account.dunning.dialog"]

    hold_ids = fields.Many2many("account.dunning.hold", required=True, readonly=True)
    dispute = fields.Boolean(compute="_compute_dispute")
    outcome = fields.Selection(OUTCOMES)
    note = fields.Text()
    warning = fields.Char(compute="_compute_warning")

    @api.model
    def _open(self, holds):
        """Open the dialog for those of ``holds`` that have not ended, or whose outcome is missing."""
        holds = holds.filtered(lambda hold: not hold.ended_on or (hold.dispute and not hold.outcome))
        if not holds:
            raise UserError(self.env._("These holds have ended."))
        return self._show_new(self.env._("End Hold"), hold_ids=holds)

    @api.depends("hold_ids")
    def _compute_dispute(self):
        for wizard in self:
            wizard.dispute = any(wizard.hold_ids.mapped("dispute"))

    @api.depends("hold_ids", "outcome")
    def _compute_warning(self):
        """Warn that the debt is dunned again, though the customer is right, until there is a credit note."""
        for wizard in self:
            wizard.warning = False
            held = wizard.hold_ids.filtered(lambda hold: hold.dispute and hold.amount_open > 0)
            if wizard.outcome != "rejected" and wizard.outcome and held:
                amounts = (
                    format_amount(self.env, min(hold.amount or hold.amount_open, hold.amount_open), hold.currency_id)
                    for hold in held
                )
                wizard.warning = self.env._(
                    "%(amounts)s is still open and will be dunned again. Make the credit note first.",
                    amounts=", ".join(amounts),
                )

    def action_end(self):
        """End the holds today with the outcome."""
        self.ensure_one()
        if self.dispute and not self.outcome:
            raise UserError(self.env._("Say how the dispute ended."))
        ended = self.hold_ids.filtered("ended_on")
        ended._set_outcome(self.outcome, self.note)
        (self.hold_ids - ended)._end_today(self.outcome, self.note)
