from odoo import fields, models


class AccountDunningItem(models.Model):
    """The dunning state of one open item: one row per journal item that was ever dunned.

    Written by notices when they are sent, and by the plan when the debt changes; nothing is
    stored on the journal item itself.
    """

    _name = "account.dunning.item"
    _description = "Dunning Item"
    _order = "id"

    company_id = fields.Many2one("res.company", required=True, index=True)
    move_line_id = fields.Many2one("account.move.line", string="Journal Item", ondelete="set null")
    move_id = fields.Many2one("account.move", string="Invoice", index="btree_not_null", ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="restrict")
    plan_id = fields.Many2one(
        "account.collection.plan", string="Collection Plan", index="btree_not_null", ondelete="set null"
    )
    level_id = fields.Many2one(
        "account.dunning.level", string="Level Reached", index="btree_not_null", ondelete="restrict"
    )
    last_notice_id = fields.Many2one("account.dunning.notice", ondelete="set null")
    last_notice_date = fields.Date(string="Last Notice On")
    deadline_days = fields.Integer(help="Days to pay that the last notice gave.")
    times = fields.Integer(help="Number of notices sent at the level reached.")
    resumed_on = fields.Date(
        help="Since when the item may be dunned again: the day after a hold, a pause or a returned payment."
    )
    reminder_level_id = fields.Many2one("account.dunning.level", string="Last Reminder", ondelete="set null")

    _move_line_unique = models.Constraint("UNIQUE (move_line_id)", "An item has one dunning state only.")

    def _resume(self, day):
        """Let the dunned items wait their level's minimum days from ``day`` on (spec §4)."""
        self.filtered("level_id").write({"resumed_on": day})
