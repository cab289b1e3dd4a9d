from odoo import api, fields, models

from .handover_dossier import Dossier


class AccountDunningHandoverLine(Dossier, models.Model):
    """A collection plan in a hand-over: what was open then, what was settled since, and its recall."""

    _name = "account.dunning.handover.line"
    _description = "Plan in a Hand-over to an Agency"
    _order = "handover_id desc, id"

    handover_id = fields.Many2one(
        "account.dunning.handover", string="Hand-over", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="handover_id.company_id", store=True, index=True)
    agency_id = fields.Many2one(related="handover_id.partner_id", string="Agency")
    plan_id = fields.Many2one(
        "account.collection.plan", string="Collection Plan", required=True, index=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(related="plan_id.partner_id", string="Customer")
    user_id = fields.Many2one(related="plan_id.user_id", string="Collector")
    currency_id = fields.Many2one(related="plan_id.currency_id")
    charge_move_ids = fields.Many2many(
        "account.move",
        "account_dunning_handover_line_charge_rel",
        "line_id",
        "move_id",
        string="Invoices of Charges",
        readonly=True,
        help="The invoices of dunning charges that the agency claims with the plan.",
    )
    amount = fields.Monetary(
        string="Handed Over",
        readonly=True,
        help="What was open on the day of the hand-over, written off or not, and the charges that were booked.",
    )
    amount_recalled = fields.Monetary(string="Open When Recalled", readonly=True)
    amount_open = fields.Monetary(
        string="Open",
        compute="_compute_amounts",
        help="What is open now; of a recalled plan: on that day. A write-off does not matter.",
    )
    amount_settled = fields.Monetary(
        string="Paid Since",
        compute="_compute_amounts",
        help="What payments, credit notes and others have settled since the hand-over, until a recall.",
    )
    recalled_on = fields.Date(readonly=True)
    recall_reason = fields.Char(string="Why Recalled", readonly=True)
    state = fields.Selection(
        [("handed_over", "With the Agency"), ("paid", "Paid"), ("recalled", "Recalled")],
        string="Status",
        compute="_compute_state",
    )
    dossier_id = fields.Many2one("ir.attachment", ondelete="set null", readonly=True)
    failure = fields.Char(string="What Went Wrong", readonly=True, help="Why the dossier could not be made.")

    _plan_unique = models.UniqueIndex(
        "(plan_id) WHERE recalled_on IS NULL", "A collection plan is with one agency at a time."
    )

    @api.depends("plan_id", "handover_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.handover_id.name}, {line.plan_id.name}"

    @api.depends(
        "amount",
        "amount_recalled",
        "recalled_on",
        "plan_id.amount_due",
        "plan_id.amount_written_off",
        "plan_id.amount_paid_late",
        "plan_id.amount_charges",
    )
    def _compute_amounts(self):
        for line in self:
            claim = line.plan_id._get_claim() if line.plan_id else 0.0
            line.amount_open = line.amount_recalled if line.recalled_on else claim
            line.amount_settled = line.amount - line.amount_open

    @api.depends("recalled_on", "plan_id.state", "plan_id.amount_paid_late", "plan_id.amount_charges", "amount_open")
    def _compute_state(self):
        for line in self:
            plan = line.plan_id
            settled = plan.amount_paid_late and line.amount_open <= 0
            paid = settled or (plan.state == "recovered" and not plan.amount_charges)
            if line.recalled_on:
                line.state = "recalled"
            else:
                line.state = "paid" if paid else "handed_over"

    def action_recall(self):
        """Open the dialog that recalls the plan."""
        return self.plan_id.action_recall()

    def action_open_dossier(self):
        """Download the dossier of the customer."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/web/content/{self.dossier_id.id}?download=true"}

    def _recall(self, reason):
        """Note on the hand-overs that plans were recalled, for a ``reason`` in words."""
        lines = self.filtered(lambda line: not line.recalled_on)
        for line in lines:
            line.write(
                {
                    "recalled_on": line.company_id._dunning_today(),
                    "recall_reason": reason,
                    "amount_recalled": line.plan_id._get_claim(),
                }
            )
        for handover, group in lines.grouped("handover_id").items():
            names = ", ".join(group.plan_id.mapped("display_name"))
            handover._message_log(body=self.env._("Recalled: %(plans)s. %(why)s", plans=names, why=reason))

    def _waits_for_dossier(self):
        """True while the scheduled action has to make the dossier."""
        self.ensure_one()
        return not (self.dossier_id or self.failure or self.recalled_on)
