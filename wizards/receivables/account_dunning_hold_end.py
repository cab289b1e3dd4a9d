from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, plaintext2html

from ...models.base.names import INVOICING
from ...models.receivables.account_dunning_hold import OUTCOMES, STANDING


class AccountDunningHoldEnd(models.TransientModel):
    """Ends holds, and asks how the disputes among them ended; also for disputes that ended without an answer.

    Where the customer is right, the credit note comes next: whoever may make it gets core's dialog, for others an
    accountant is asked.
    """

    _name = "account.dunning.hold.end"
    _description = "End Dunning Hold"
    _inherit = ["account.dunning.dialog"]

    hold_ids = fields.Many2many("account.dunning.hold", required=True, readonly=True)
    dispute = fields.Boolean(compute="_compute_dispute")
    outcome = fields.Selection(OUTCOMES)
    note = fields.Text()
    warning = fields.Char(compute="_compute_warning")
    may_credit = fields.Boolean(compute="_compute_warning")

    @api.model
    def _open(self, holds):
        """Open the dialog for those of ``holds`` that have not ended, or whose outcome is missing."""
        holds = holds.filtered(lambda hold: not hold.ended_on or (hold.dispute and not hold.outcome))
        if not holds:
            raise UserError(self.env._("These holds have ended."))
        disputes = holds.filtered("dispute")
        return self._show_new(self.env._("End Dispute") if disputes else self.env._("End Hold"), hold_ids=holds)

    @api.depends("hold_ids")
    def _compute_dispute(self):
        for wizard in self:
            wizard.dispute = any(wizard.hold_ids.mapped("dispute"))

    @api.depends("hold_ids", "outcome")
    def _compute_warning(self):
        """Warn that the debt is dunned again, though the customer is right, until there is a credit note."""
        may = self.env.user.has_group(INVOICING)
        for wizard in self:
            held = wizard.hold_ids.filtered(lambda hold: hold.dispute and hold.amount_open > 0)
            again = bool(held and wizard.outcome and wizard.outcome not in STANDING)
            wizard.may_credit = again and may and bool(wizard._get_credited())
            wizard.warning = again and wizard._get_warning(", ".join(self._get_amounts(held)))

    def _get_warning(self, amounts):
        """What is to be known before the dispute ends, though ``amounts`` (in words) are still open."""
        if self.may_credit:
            return self.env._(
                "%(amounts)s is still open and will be dunned again. Make the credit note now.", amounts=amounts
            )
        if self.outcome == "accepted" and self._get_credited():
            return self.env._(
                "%(amounts)s is still open and will be dunned again until there is a credit note. An accountant is "
                "asked to make it.",
                amounts=amounts,
            )
        return self.env._(
            "%(amounts)s is still open and will be dunned again. Make the credit note first.", amounts=amounts
        )

    @api.model
    def _get_amounts(self, holds):
        """What is contested and still open of each of the ``holds``, in words."""
        return [
            format_amount(self.env, min(hold.amount or hold.amount_open, hold.amount_open), hold.currency_id)
            for hold in holds
        ]

    def action_end(self):
        """End the holds today with the outcome. Where a credit note is due and the user may not make it, ask for it."""
        self._end()
        if self.outcome == "accepted" and not self.env.user.has_group(INVOICING):
            self._ask_for_credit_notes()
        return {"type": "ir.actions.act_window_close"}

    def action_end_and_credit(self):
        """End the holds today with the outcome, and open core's dialog for credit notes on their invoices."""
        self._check_role(INVOICING, self.env._("Only users of invoicing may make credit notes."))
        moves = self._get_credit_moves()
        if len(moves.company_id) > 1:
            raise UserError(self.env._("Make the credit notes of one company at a time."))
        reason = self.hold_ids[:1].reason_id.name
        self._end()
        if not moves:
            return {"type": "ir.actions.act_window_close"}
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_view_account_move_reversal")
        context = {"active_model": "account.move", "active_ids": moves.ids, "default_reason": reason}
        return {**action, "context": context}

    def _end(self):
        self.ensure_one()
        if self.dispute and not self.outcome:
            raise UserError(self.env._("Say how the dispute ended."))
        ended = self.hold_ids.filtered("ended_on")
        ended._set_outcome(self.outcome, self.note)
        (self.hold_ids - ended)._end_today(self.outcome, self.note)

    def _get_credited(self):
        """The disputes among the holds for which a credit note can be made, by invoice on which something is open."""
        disputes = self.hold_ids.filtered(lambda hold: hold.dispute and hold.amount_open > 0)
        by_move = disputes.grouped(lambda hold: hold.sudo()._get_items().move_id)  # the kind of the document only
        return {
            move: holds for move, holds in by_move.items() if move.state == "posted" and move.move_type == "out_invoice"
        }

    def _get_credit_moves(self):
        """The invoices for which a credit note can be made."""
        return self.env["account.move"].union(*self._get_credited()).with_env(self.env)

    def _ask_for_credit_notes(self):
        """An activity for an accountant on each invoice, since the user may not make the credit note."""
        users = self.env["res.users"]
        for move, holds in self._get_credited().items():
            company = move.company_id
            accountant = users._get_dunning_accountant(company) or users._get_dunning_managers(company)[:1]
            # collectors only read invoices; they ended the dispute
            move.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._(
                    "Make a credit note of %(amount)s: the customer is right",
                    amount=", ".join(self._get_amounts(holds)),
                ),
                note=self.note and plaintext2html(self.note),
                user_id=accountant.id or self.env.uid,
            )
