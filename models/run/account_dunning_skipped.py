from odoo import api, fields, models

REASONS = [
    ("charge", "Invoice of dunning charges"),
    ("document", "Document type is not dunned"),
    ("start", "Due before the start date of dunning"),
    ("no_followup", "Excluded from follow-up"),
    ("blocked", "Payment is blocked"),
    ("hold", "On hold"),
    ("paused", "The collection plan is paused"),
    ("stopped", "The collection plan was stopped or ended unrecovered"),
    ("payment", "Payment in process"),
    ("payment_order", "In an open payment order"),
    ("online", "Online payment pending"),
    ("action", "An action must be done first"),
    ("pending", "Already in an unissued notice"),
    ("no_type", "No dunning type matches"),
    ("later", "A later notice was sent already"),
    ("credits", "Credits cover the claim: allocate them"),
    ("minimum", "Below the minimum amount"),
    ("level_minimum", "Below the minimum balance of the level"),
    ("other_level", "At another level than this run is for"),
    ("address", "Neither e-mail nor postal address"),
    ("error", "Error"),
]


class AccountDunningSkipped(models.Model):
    """What a run left out: one row per customer, reason and currency."""

    _name = "account.dunning.skipped"
    _description = "Left Out of a Dunning Run"
    _order = "reason, partner_id, id"

    run_id = fields.Many2one("account.dunning.run", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="run_id.company_id")
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="cascade")
    reason = fields.Selection(REASONS, required=True)
    item_count = fields.Integer(string="Items", aggregator="sum")
    currency_id = fields.Many2one("res.currency", required=True)
    amount = fields.Monetary(string="Overdue", aggregator=None)
    note = fields.Char()

    @api.depends("partner_id", "reason")
    def _compute_display_name(self):
        labels = self.env["account.dunning.reader"]._get_reason_labels()
        for row in self:
            row.display_name = f"{row.partner_id.display_name}: {labels.get(row.reason, '')}"

    def action_open_items(self):
        """Show the open items of the customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_move_line_open_items_action")
        return {
            **action,
            "domain": [
                *self.env["account.move.line"]._get_open_item_domain(),
                ("partner_id", "=", self.partner_id.id),
            ],
        }
