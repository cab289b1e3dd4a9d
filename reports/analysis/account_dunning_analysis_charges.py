from odoo import api, fields, models
from odoo.tools import SQL

from ...models.plan.settlement import SETTLEMENT_KIND
from ...models.receivables.document import DUE
from .account_dunning_analysis import BEHIND, RATE

# What a sent notice claims for the first time: its fees; of the interest on an item, which counts from the due date in
# each notice, what exceeds the notice before. At the rate of the day of the notice.
CLAIMED = """
SELECT charge.id::bigint * 8 + 3, 'charges_claimed', charging.sent_on, charging.company_id, charging.partner_id,
       CASE WHEN charge.move_line_id IS NOT NULL THEN behind.move_id END, behind.plan_id, charging.level_id,
       charging.id, NULL, behind.due_date,
       charge.amount * CASE WHEN charging.currency_id = company.currency_id THEN 1
                            ELSE COALESCE(%(company_rate)s, 1) / %(notice_rate)s END
  FROM (
        SELECT fee.id, fee.notice_id, fee.move_line_id, fee.amount, fee.waived
          FROM account_dunning_charge fee
         WHERE fee.kind = 'fee'
         UNION ALL
        SELECT MIN(interest.id), interest.notice_id, interest.move_line_id,
               SUM(interest.amount) - COALESCE(LAG(SUM(interest.amount)) OVER (
                   PARTITION BY COALESCE(interest.move_line_id, -interest.notice_id)
                   ORDER BY on_notice.sent_on, on_notice.id), 0),
               BOOL_OR(interest.waived)
          FROM account_dunning_charge interest
          JOIN account_dunning_notice on_notice ON on_notice.id = interest.notice_id
            AND (on_notice.state = 'sent' OR on_notice.bounced)
         WHERE interest.kind = 'interest'
         GROUP BY interest.notice_id, interest.move_line_id, on_notice.id
       ) AS charge
  JOIN account_dunning_notice charging ON charging.id = charge.notice_id
    AND (charging.state = 'sent' OR charging.bounced)
  JOIN res_company company ON company.id = charging.company_id
  LEFT JOIN LATERAL (%(behind)s) AS behind ON TRUE
 WHERE charge.waived IS NOT TRUE
"""

# Invoices of charges, and what takes them back: credit notes, and the reversals of these.
BOOKED = f"""
SELECT line.id::bigint * 8 + 4, 'charges_booked', line.date, charging.company_id, line.partner_id, line.move_id,
       behind.plan_id, charging.level_id, charging.id, NULL, {DUE}, line.balance
  FROM account_move move
  JOIN account_dunning_notice charging ON charging.id = move.dunning_notice_id
  JOIN account_move_line line ON line.move_id = move.id AND line.parent_state = 'posted'
  JOIN account_account account ON account.id = line.account_id AND account.account_type = 'asset_receivable'
  LEFT JOIN LATERAL (%(behind)s) AS behind ON TRUE
 WHERE move.dunning_notice_id IS NOT NULL
"""

PAID = f"""
SELECT partial.id::bigint * 8 + 5, 'charges_paid', partial.max_date, charging.company_id, line.partner_id, line.move_id,
       behind.plan_id, charging.level_id, charging.id, counter.move_id, {DUE},
       COALESCE(partial.debit_amount_currency * line.balance / NULLIF(line.amount_currency, 0), partial.amount)
  FROM account_partial_reconcile partial
  JOIN account_move_line line ON line.id = partial.debit_move_id
  JOIN account_move move ON move.id = line.move_id
  JOIN account_dunning_notice charging ON charging.id = move.dunning_notice_id
  JOIN account_move_line counter ON counter.id = partial.credit_move_id
  JOIN account_move counter_move ON counter_move.id = counter.move_id AND counter_move.dunning_notice_id IS NULL
  LEFT JOIN account_payment payment ON payment.id = counter_move.origin_payment_id
  LEFT JOIN LATERAL (%(behind)s) AS behind ON TRUE
 WHERE move.dunning_notice_id IS NOT NULL
   AND COALESCE(payment.state, '') NOT IN ('draft', 'rejected', 'canceled') AND %(kind)s IN ('paid', 'set_off')
   AND NOT EXISTS (SELECT 1 FROM account_partial_reconcile exchange WHERE exchange.exchange_move_id = counter.move_id)
"""


class AccountDunningAnalysis(models.Model):
    """Charges, at the level of the notice that charges them: claimed, booked, and paid."""

    _inherit = "account.dunning.analysis"
    _depends = {
        "account.dunning.charge": ["kind", "amount", "waived", "move_line_id"],
        "account.dunning.notice": ["level_id"],
        "account.move.line": ["balance"],
    }

    kind = fields.Selection(
        selection_add=[
            ("charges_claimed", "Charges Claimed"),
            ("charges_booked", "Charges Booked"),
            ("charges_paid", "Charges Paid"),
            ("charges_open",),
        ]
    )
    amount_charges_claimed = fields.Monetary(
        string="Charges Claimed",
        readonly=True,
        help="Fees and interest that the notices claimed for the first time, without those that were waived, and "
        "without tax.",
    )
    amount_charges_booked = fields.Monetary(
        string="Charges Booked",
        readonly=True,
        help="Invoices of charges, less their credit notes; with tax.",
    )
    amount_charges_paid = fields.Monetary(
        string="Charges Paid",
        readonly=True,
        help="What was settled of invoices of charges by payments, or against credits of the customer.",
    )

    @api.model
    def _get_facts(self):
        return [*super()._get_facts(), *self._get_charge_queries()]

    @api.model
    def _get_charge_queries(self):
        by_item, by_notice = SQL(BEHIND, item=SQL("charge.move_line_id")), SQL(BEHIND, item=SQL("NULL"))
        rates = {
            "company_rate": SQL(RATE, currency=SQL("company.currency_id"), day=SQL("charging.sent_on")),
            "notice_rate": SQL(RATE, currency=SQL("charging.currency_id"), day=SQL("charging.sent_on")),
        }
        return [
            SQL(CLAIMED, behind=by_item, **rates),
            SQL(BOOKED, behind=by_notice),
            SQL(PAID, behind=by_notice, kind=SQL(SETTLEMENT_KIND)),
        ]

    def _get_records(self):
        return {**super()._get_records(), "charges_claimed": self.notice_id, "charges_booked": self.move_id}
