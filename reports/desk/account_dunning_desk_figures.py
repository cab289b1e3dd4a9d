from odoo import fields, models
from odoo.tools import SQL

# One row for each thing that counts for a collector: contacts, promises by what became of them, money collected on the
# cases that are the collector's now, and targets. Amounts are in company currency.
FIGURES = """
SELECT contact.company_id, contact.user_id, contact.partner_id, contact.day,
       1 AS contacts, CASE WHEN contact.right_party THEN 1 ELSE 0 END AS right_party,
       0 AS promises, 0 AS promises_kept, 0 AS promises_broken, 0::numeric AS promised, 0::numeric AS kept,
       0::numeric AS collected, 0::numeric AS target
  FROM account_dunning_contact contact
 UNION ALL
SELECT promise.company_id, promise.user_id, promise.partner_id, promise.made_on, 0, 0, 1,
       CASE WHEN promise.state = 'kept' THEN 1 ELSE 0 END, CASE WHEN promise.state = 'broken' THEN 1 ELSE 0 END,
       promise.company_amount,
       CASE WHEN promise.state = 'kept' THEN promise.company_amount * LEAST(promise.amount_received / promise.amount, 1)
            ELSE 0 END, 0, 0
  FROM account_dunning_promise promise
 UNION ALL
SELECT own.company_id, own.user_id, own.partner_id, counter.date, 0, 0, 0, 0, 0, 0, 0, partial.amount, 0
  FROM account_collection_case own
  JOIN account_move_line line ON line.partner_id = own.partner_id AND line.parent_state = 'posted'
  JOIN account_account account ON account.id = line.account_id AND account.account_type = 'asset_receivable'
  JOIN res_company branch ON branch.id = line.company_id
   AND split_part(branch.parent_path, '/', 1)::int = own.company_id
  JOIN account_partial_reconcile partial ON partial.debit_move_id = line.id
  JOIN account_move_line counter ON counter.id = partial.credit_move_id
  JOIN account_move counter_move ON counter_move.id = counter.move_id
   AND (counter_move.origin_payment_id IS NOT NULL OR counter_move.statement_line_id IS NOT NULL)
  LEFT JOIN account_payment payment ON payment.id = counter_move.origin_payment_id
 WHERE counter.date > COALESCE(line.date_maturity, line.date)
   AND (payment.state IN ('draft', 'rejected', 'canceled')) IS NOT TRUE
 UNION ALL
SELECT company_id, user_id, NULL, month, 0, 0, 0, 0, 0, 0, 0, 0, amount FROM account_dunning_target
"""


class AccountDunningDeskFigures(models.Model):
    """What collectors did in a month, and what came of it."""

    _name = "account.dunning.desk.figures"
    _description = "Collectors' Figures"
    _auto = False
    _order = "day desc"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one("res.users", string="Collector", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    day = fields.Date(readonly=True)
    contacts = fields.Integer(readonly=True)
    right_party = fields.Integer(string="Right Person Reached", readonly=True)
    promises = fields.Integer(string="Promises Made", readonly=True)
    promises_kept = fields.Integer(readonly=True)
    promises_broken = fields.Integer(readonly=True)
    promised = fields.Monetary(string="Amount Promised", readonly=True)
    kept = fields.Monetary(string="Amount Kept", readonly=True)
    collected = fields.Monetary(
        readonly=True, help="Payments after the due date on the collector's own cases, by their date."
    )
    target = fields.Monetary(readonly=True)

    @property
    def _table_query(self):
        self.env.flush_all()
        return SQL("SELECT ROW_NUMBER() OVER () AS id, figures.* FROM (%s) figures", SQL(FIGURES))
