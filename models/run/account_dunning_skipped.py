from odoo import api, fields, models


class AccountDunningSkipped(models.Model):
    """What a run left out: one row per customer, reason and currency."""

    _name = "account.dunning.skipped"
    _description = "Left Out of a Dunning Run"
    _order = "reason, partner_id, id"

    run_id = fields.Many2one("account.dunning.run", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="run_id.company_id")
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="cascade")
    reason = fields.Selection("_get_reasons", required=True)
    item_count = fields.Integer(string="Items", aggregator="sum")
    currency_id = fields.Many2one("res.currency", required=True)
    amount = fields.Monetary(string="Overdue", aggregator=None)
    note = fields.Char()

    @api.model
    def _get_reasons(self):
        """The obstacles of the registry, and what else keeps a customer or an item out of a run."""
        return list(self.env["account.dunning.reader"]._get_reason_labels().items())

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
