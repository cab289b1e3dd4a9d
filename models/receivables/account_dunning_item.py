from odoo import api, fields, models

from ...engine import Item
from ...tools.bulk import bulk_update


class AccountDunningItem(models.Model):
    """The dunning state of one open item: one row per journal item that was ever dunned.

    Written by notices when they are sent, and by the plan when the debt changes; nothing is
    stored on the journal item itself.
    """

    _name = "account.dunning.item"
    _description = "Dunning Item"
    _log_access = False  # the notice tells who and when
    _order = "id"

    company_id = fields.Many2one("res.company", required=True)
    move_line_id = fields.Many2one("account.move.line", string="Journal Item", ondelete="set null")
    move_id = fields.Many2one("account.move", string="Invoice", index="btree_not_null", ondelete="cascade")
    number = fields.Char(help="The number under which the debt was known before it was transferred to this item.")
    heir_line_id = fields.Many2one(
        "account.move.line",
        string="Transferred To",
        index="btree_not_null",
        ondelete="set null",
        help="The journal item to which the debt was transferred.",
    )
    part_of_id = fields.Many2one(
        "account.dunning.item",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        help="The debt of which a part was transferred to this item.",
    )
    interest_from = fields.Date(
        help="Interest until this day is that of the debt from which a part was transferred to this item.",
    )
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="restrict")
    level_id = fields.Many2one("account.dunning.level", string="Level Reached", ondelete="restrict")
    last_notice_date = fields.Date(string="Last Notice On")
    deadline_days = fields.Integer(help="Days to pay that the last notice gave; 0 without a document.")
    times = fields.Integer(help="Number of notices sent at the level reached.")
    resumed_on = fields.Date(
        help="Since when the item may be dunned again: the day after a hold, a pause or a returned payment."
    )
    not_before = fields.Date(help="A person wants no notice about the item before this day.")
    released_on = fields.Date(
        help="Since when the item may be dunned whatever the minimum days of its level: its promise came to nothing."
    )
    due_date = fields.Date(compute="_compute_due_date")
    currency_id = fields.Many2one(related="move_line_id.currency_id")
    amount_open = fields.Monetary(related="move_line_id.amount_residual_currency", string="Open Amount")
    reminder_level_id = fields.Many2one("account.dunning.level", string="Last Reminder", ondelete="set null")

    _move_line_unique = models.Constraint("UNIQUE (move_line_id)", "An item has one dunning state only.")

    @api.depends("move_line_id.dunning_due_date")
    def _compute_due_date(self):
        for item in self:
            # whoever may see the state may see what it is about
            item.due_date = item.sudo().move_line_id.dunning_due_date

    def _to_item(self):
        """The item as a value of the engine, with what decides which level comes when; of ``issued`` see the reader."""
        self.ensure_one()
        return Item(
            id=self.id,
            due=self.due_date,
            residual=self.amount_open,
            company_residual=self.amount_open,
            currency=self.currency_id.id,
            reached=self.level_id.days if self.level_id else None,
            last_notice=self.last_notice_date or None,
            deadline_days=self.deadline_days,
            times=self.times,
            resumed=self.resumed_on or None,
            not_before=self.not_before or None,
            released=self.released_on or None,
            reminded=self.reminder_level_id.days if self.reminder_level_id else None,
        )

    # How keeping out ends. What kept items out for a while (a hold, which an exclusion is too; a pause; a payment that
    # was returned) has one end: ``_resume``. What is not to come before a day has another: ``_postpone``.

    def _resume(self, day):
        """Nothing keeps the items out any more: those dunned before wait their level's minimum days from ``day`` on."""
        self.filtered("level_id").write({"resumed_on": day, "released_on": False})

    def _release(self, day):
        """Nothing keeps the items out any more from ``day`` on, and they wait for nothing."""
        self.filtered("level_id").write({"resumed_on": False, "released_on": day})

    def _postpone(self, days):
        """No notice about the items before their day: ``days`` by id of the item. After it nothing waits any more."""
        bulk_update(self, {item.id: {"not_before": days[item.id]} for item in self})

    def _reset(self):
        """The items were never dunned. Hook."""
        self.write(
            {
                "level_id": False,
                "last_notice_date": False,
                "times": 0,
                "resumed_on": False,
                "not_before": False,
                "released_on": False,
            }
        )
