from odoo import fields, models
from odoo.tools import SQL

AGES = [
    ("0", "Not due"),
    ("1", "1–30 days"),
    ("2", "31–60 days"),
    ("3", "61–90 days"),
    ("4", "Over 90 days"),
]

# Those of former months are stored, those of today are read from the ledger.
STORED = """
SELECT item.id * 2 AS id, item.snapshot_id, snapshot.company_id, snapshot.day, snapshot.day - item.due AS days_overdue,
       item.bucket::text AS age, item.move_line_id, item.partner_id, item.user_id, item.number, item.due,
       item.amount::float, item.disputed::float, item.promised::float, item.held::float, item.agency::float
  FROM account_dunning_snapshot_item item JOIN account_dunning_snapshot snapshot ON snapshot.id = item.snapshot_id
"""
LIVE = """
SELECT row.move_line_id * 2 + 1 AS id, NULL::int AS snapshot_id, %(company)s::int AS company_id, %(day)s::date AS day,
       %(day)s::date - row.due AS days_overdue, row.bucket::text AS age, row.move_line_id, row.partner_id, row.user_id,
       row.number, row.due, row.amount::float, row.disputed::float, row.promised::float, row.held::float,
       row.agency::float
  FROM (%(query)s) row
"""


class AccountDunningFigureItem(models.Model):
    """The rows behind the figures: the open items at the end of a month, or of today where there is no snapshot."""

    _name = "account.dunning.figure.item"
    _description = "Open Item of a Day"
    _auto = False
    _order = "amount desc, id"
    _rec_name = "number"

    snapshot_id = fields.Many2one("account.dunning.snapshot", string="Month", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    day = fields.Date(string="As of", readonly=True)
    move_line_id = fields.Many2one("account.move.line", string="Journal Item", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Collector", readonly=True)
    number = fields.Char(readonly=True)
    due = fields.Date(string="Due Date", readonly=True)
    days_overdue = fields.Integer(readonly=True, aggregator=None)
    age = fields.Selection(AGES, readonly=True)
    amount = fields.Monetary(string="Open", readonly=True)
    disputed = fields.Monetary(readonly=True)
    promised = fields.Monetary(readonly=True)
    held = fields.Monetary(string="On Hold", readonly=True)
    agency = fields.Monetary(string="With Agency", readonly=True)

    @property
    def _table_query(self):
        self.env.flush_all()
        ledger = self.env["account.dunning.ledger"]
        parts = [SQL(STORED)]
        # the rule decides whose rows a user sees: PostgreSQL does not read those of the others
        for company in self.env["res.company"].sudo().search([("parent_id", "=", False)]):
            day = company._dunning_today()
            query = ledger._get_row_query(company, day, SQL("NULL AS none"))
            parts.append(SQL(LIVE, company=company.id, day=day, query=query))
        return SQL(" UNION ALL ").join(parts)

    def action_open_item(self):
        """Open the invoice or entry of the item."""
        self.ensure_one()
        return self.move_line_id.move_id._get_records_action()
