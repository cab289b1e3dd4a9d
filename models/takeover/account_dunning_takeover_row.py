from odoo import api, fields, models

SOURCES = [
    ("oca", "account_credit_control (OCA)"),
    ("om", "om_account_followup (Odoo Mates)"),
    ("aior", "account_invoice_overdue_reminder (OCA)"),
    ("enterprise", "Follow-up (Odoo Enterprise)"),
]
KINDS = [
    ("type", "Dunning Type"),
    ("level", "Level"),
    ("default", "Default Type"),
    ("customer_type", "Customer's Type"),
    ("invoice_type", "Invoice's Type"),
    ("collector", "Collector"),
    ("item", "Level Reached"),
    ("hold", "Hold"),
    ("dispute", "Dispute"),
    ("promise", "Promise"),
    ("note", "Note"),
    ("activity", "Activity"),
    ("contact", "Contact"),
    ("notice", "Notice Sent"),
    ("review", "To Review"),
]
OUTCOMES = [
    ("taken", "As It Was"),
    ("differs", "Differs"),
    ("left", "Not Taken Over"),
]


class AccountDunningTakeoverRow(models.Model):
    """What became of one row of another dunning module. It is kept, so that nothing is taken over twice."""

    _name = "account.dunning.takeover.row"
    _description = "Row Taken Over"
    _inherit = ["account.dunning.guard"]
    _order = "id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    source = fields.Selection(SOURCES, string="From", required=True, readonly=True)
    kind = fields.Selection(KINDS, string="What", required=True, readonly=True)
    source_table = fields.Char(required=True, readonly=True, help="The table of the other module.")
    source_key = fields.Char(required=True, readonly=True, help="The row of that table.")
    name = fields.Char(string="There", readonly=True)
    became = fields.Char(string="Here", readonly=True)
    level_there = fields.Char(readonly=True)
    level_here = fields.Char(readonly=True)
    outcome = fields.Selection(OUTCOMES, required=True, readonly=True, index=True)
    word = fields.Char(string="Why It Differs", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, index="btree_not_null", ondelete="set null"
    )
    move_line_id = fields.Many2one(
        "account.move.line", string="Item", readonly=True, index="btree_not_null", ondelete="set null"
    )
    became_model = fields.Char(readonly=True)
    became_id = fields.Many2oneReference(model_field="became_model", readonly=True, help="The record that it became.")

    _source_unique = models.UniqueIndex(
        "(company_id, source, kind, source_table, source_key)", "A row is taken over once."
    )

    @api.depends("name", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for row in self:
            row.display_name = f"{kinds.get(row.kind, '')}: {row.name or row.source_key}"

    def action_open(self):
        """Show what the row became, where it is still there: an item shows its invoice."""
        self.ensure_one()
        self.check_access("read")
        record = self.env[self.became_model].browse(self.became_id).exists() if self.became_model in self.env else None
        if record and record._name == "account.dunning.item":
            record = record.move_id
        return (record or self.partner_id or self.move_line_id.move_id or self.company_id)._get_records_action()
