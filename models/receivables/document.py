"""What the document behind a journal item is: its number, its date, its due date, and the plan about it (rules §3).

An invoice is one document with all its instalments. A journal entry is none: each of its items is a document of its
own, with the number of its label, else the entry's reference.
"""

from odoo import api, fields
from odoo.fields import Domain
from odoo.tools import SQL

# The due date of the item ``line``: its own, else its date. ``invoice_date_due`` of a journal entry is none.
DUE = "COALESCE(line.date_maturity, line.date)"

# The number of the item ``line`` of ``move``; ``item`` is its dunning state, which keeps the number of a debt that was
# transferred. The entries of payments and bank transactions are known by their own number.
NUMBER = """COALESCE(item.number, CASE WHEN move.move_type = 'entry'
                 AND move.origin_payment_id IS NULL AND move.statement_line_id IS NULL
                THEN COALESCE(NULLIF(line.name, ''), NULLIF(move.ref, ''), move.name) ELSE move.name END)"""

# True where the invoice-based ``plan`` is about the item ``line``: of its invoice, or the item of an entry.
ABOUT = "plan.move_id = line.move_id AND COALESCE(plan.move_line_id, line.id) = line.id"


class DueDate(fields.Date):
    """The due date of an item; lists are grouped and sorted by it."""

    def _description_sortable(self, env):
        return True  # core would find it out by trying, at each posting

    _description_groupable = _description_sortable

    def to_sql(self, model, alias):
        return SQL("COALESCE(%s, %s)", *(model._field_to_sql(alias, name) for name in ("date_maturity", "date")))


class ItemDocument:
    """The document behind an item, as the screens show it."""

    __slots__ = ()

    @api.depends("date_maturity", "date")
    def _compute_dunning_due_date(self):
        for line in self:
            line.dunning_due_date = line.date_maturity or line.date

    @api.depends("dunning_due_date")
    def _compute_dunning_days_overdue(self):
        # the date of a head office for its branches, too
        today = {company: company.root_id._dunning_today() for company in self.company_id.sudo()}
        for line in self:
            line.dunning_days_overdue = (today[line.company_id] - line.dunning_due_date).days if line.date else 0

    def _search_dunning_due_date(self, operator, value):
        if operator not in ("in", "<", "<=", ">", ">="):
            return NotImplemented
        without = Domain("date_maturity", "=", False) & Domain("date", operator, value)
        if operator == "in":
            value = [day for day in value if day]
        return Domain("date_maturity", operator, value) | without

    def _compute_dunning_number(self):
        for line in self:
            line.dunning_number = line.dunning_item_state_ids[:1].number or line._get_own_number()

    def _get_own_number(self):
        """The number by which the item's document is known, but for that of a transferred debt."""
        self.ensure_one()
        move = self.move_id
        labelled = move.move_type == "entry" and not (move.origin_payment_id or move.statement_line_id)
        return (labelled and (self.name or move.ref)) or move.name or ""

    def _is_own_document(self):
        """True where the item is a document of its own: where it belongs to a journal entry."""
        self.ensure_one()
        return self.move_id.move_type == "entry"
