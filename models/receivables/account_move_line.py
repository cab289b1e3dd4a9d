from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools import unsorted, whole
from ..base.names import COLLECTORS, MANAGERS
from .document import DueDate, ItemDocument


class AccountMoveLine(ItemDocument, models.Model):
    _inherit = "account.move.line"

    dunning_item_state_ids = whole.UnsortedOne2many("account.dunning.item", "move_line_id", groups=COLLECTORS)
    dunning_hold_ids = unsorted.One2many("account.dunning.hold", "move_line_id", groups=COLLECTORS)
    dunning_level_id = unsorted.Many2one(
        "account.dunning.level",
        compute="_compute_dunning",
        search="_search_dunning_level_id",
        groups=COLLECTORS,
    )
    dunning_last_notice_date = unsorted.Date(
        string="Last Dunning Notice",
        compute="_compute_dunning",
        search="_search_dunning_last_notice_date",
        groups=COLLECTORS,
    )
    dunning_on_hold = unsorted.Boolean(
        string="On Hold",
        compute="_compute_dunning_on_hold",
        search="_search_dunning_on_hold",
        groups=COLLECTORS,
    )
    dunning_due_date = DueDate(
        string="Due On",
        compute="_compute_dunning_due_date",
        search="_search_dunning_due_date",
        help="The due date of the item, else its date.",
    )
    dunning_days_overdue = unsorted.Integer(
        string="Days Overdue",
        compute="_compute_dunning_days_overdue",
        groups="account_dunning.group_dunning_collector",
    )
    dunning_number = unsorted.Char(
        string="Document",
        compute="_compute_dunning_number",
        compute_sudo=True,
        groups="account_dunning.group_dunning_collector",
        help="The number of the invoice; of an item of a journal entry its label, else the entry's reference.",
    )

    @api.depends("dunning_item_state_ids.level_id", "dunning_item_state_ids.last_notice_date")
    def _compute_dunning(self):
        for line in self:
            item = line.dunning_item_state_ids[:1]
            line.dunning_level_id = item.level_id
            line.dunning_last_notice_date = item.last_notice_date

    def _search_dunning_level_id(self, operator, value):
        return self._search_dunning_item("level_id", operator, value)

    def _search_dunning_last_notice_date(self, operator, value):
        return self._search_dunning_item("last_notice_date", operator, value)

    @api.model
    def _search_dunning_item(self, field_name, operator, value):
        """A line without a dunning state counts as one whose ``field_name`` is empty."""
        if operator == "in" and False in value:
            other = Domain("dunning_item_state_ids", "any", [(field_name, "!=", False)])
            rest = [element for element in value if element is not False]
            return ~other | Domain("dunning_item_state_ids", "any", [(field_name, "in", rest)])
        if operator in ("not in", "!="):
            return NotImplemented
        return Domain("dunning_item_state_ids", "any", [(field_name, operator, value)])

    @api.depends(
        "dunning_hold_ids.active_now", "move_id.dunning_hold_ids.active_now", "partner_id.dunning_hold_ids.active_now"
    )
    def _compute_dunning_on_hold(self):
        held = set(self.search(Domain("id", "in", self.ids) & self._get_held_domain(self.company_id.root_id))._ids)
        for line in self:
            line.dunning_on_hold = line.id in held

    def _search_dunning_on_hold(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_held_domain(self.env.companies.root_id)

    @api.model
    def _get_held_domain(self, companies):
        """Domain of the receivable items that holds of the root ``companies`` keep out today, each in its own books."""
        return Domain("account_type", "=", "asset_receivable") & Domain.OR(
            self._get_held_domain_in(company) for company in companies
        )

    @api.model
    def _get_held_domain_in(self, company):
        holds = self.env["account.dunning.hold"]
        domain = holds._get_active_domain(company._dunning_today()) & Domain("company_id", "=", company.id)
        active = holds._search(domain)
        return Domain("company_id", "in", company._get_dunning_branches()) & (
            Domain("id", "in", active.subselect("move_line_id"))
            | Domain("move_id", "in", active.subselect("move_id"))
            | Domain("partner_id", "in", active.subselect("partner_id"))
        )

    @api.model
    def _get_open_item_domain(self):
        """Domain of the open items: posted receivables with a residual (rules §1). Hook."""
        return (
            Domain("account_type", "=", "asset_receivable")
            & Domain("parent_state", "=", "posted")
            & Domain("reconciled", "=", False)
            & Domain("amount_residual", "!=", 0)
        )

    def action_dunning_why(self):
        """Explain what dunning does with the item today, and what comes next."""
        self.ensure_one()
        return self.env["account.dunning.why"]._open(self.company_id.root_id, self.partner_id, self.ids, self)

    def action_dunning_hold(self):
        """Open a new hold for the item."""
        self.ensure_one()
        return self.env["account.dunning.hold"]._open_new({"default_move_line_id": self.id}, self.company_id)

    def action_dunning_dispute(self):
        """Open the dialog that disputes the items."""
        return self.env["account.dunning.hold"]._open_dispute(self)

    def action_open_dunning_holds(self):
        """Show what keeps the item out of dunning."""
        self.ensure_one()
        holds = self.dunning_hold_ids + self.move_id.dunning_hold_ids + self.partner_id.dunning_hold_ids
        return holds._open_list()

    def action_dunning_include(self):
        """Dun these items of journal entries, if the settings name their type: clear *No Follow-Up*."""
        self._set_no_followup(False)

    def action_dunning_leave_out(self):
        """Do not dun these items of journal entries: set *No Follow-Up*."""
        self._set_no_followup(True)

    def _set_no_followup(self, value):
        """Set or clear *No Follow-Up* of open items of journal entries, for dunning managers who only read entries."""
        guard = self.env["account.dunning.guard"]
        guard._check_role(MANAGERS, self.env._("Only dunning managers may choose which journal items are dunned."))
        self.check_access("read")
        entries = self._get_open_item_domain() & Domain("move_id.move_type", "=", "entry")
        if self.search_count(entries & Domain("id", "in", self.ids)) < len(self):
            raise UserError(self.env._("Choose open items of journal entries only."))
        # managers only read entries; one flag is set, the rights are checked above
        self.sudo().filtered(lambda line: line.no_followup != value).no_followup = value

    def _debt_changed(self):
        """What is owed of the items, or since when, has changed: who follows it is told. Hook."""

    def write(self, vals):
        result = super().write(vals)
        if "date_maturity" in vals:
            self._debt_changed()
        return result
