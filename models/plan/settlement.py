"""What settled a debt, and how a plan without debt ends (rules §6)."""

from odoo.tools import SQL

from ..base.names import OPEN_STATES

# True where `counter_move` corrects the invoice of `line`: a credit note made for it or for none. One that was made for
# another invoice, or for charges, is a credit of the customer, which is as good as money.
CORRECTS = """
counter_move.move_type = 'out_refund' AND counter_move.dunning_notice_id IS NULL
AND COALESCE(counter_move.reversed_entry_id, line.move_id) = line.move_id
"""

# What the entry `counter_move` gave for the debt `line`, by what it booked on the other side: money, what the customer
# is owed, income or expense, or anything else. Where it settles several debts, what it booked for the same customer in
# the same amount comes first, then what is more. The money of a shop's till goes by way of a receivable account. A
# receivable of the customer that a payment had settled is money too, unless the debt has moved there.
ENTRY_KIND = """(
SELECT side.kind FROM (
    SELECT CASE
           WHEN account.account_type IN ('asset_cash', 'liability_credit_card')
                OR journal.type IN ('bank', 'cash', 'credit')
                OR EXISTS (SELECT 1 FROM account_payment_method_line method
                            WHERE method.payment_account_id = account.id)
                OR EXISTS (SELECT 1 FROM res_company till
                            WHERE till.account_default_pos_receivable_account_id = account.id) THEN 'paid'
           WHEN account.account_type = 'liability_payable' AND other.partner_id = line.partner_id THEN 'set_off'
           WHEN LEFT(account.account_type, 6) = 'income' OR LEFT(account.account_type, 7) = 'expense' THEN 'written_off'
           WHEN account.account_type = 'asset_receivable' AND other.partner_id = line.partner_id AND other.reconciled
                AND NOT EXISTS (SELECT 1 FROM account_dunning_item heir WHERE heir.move_line_id = other.id)
                AND EXISTS (SELECT 1 FROM account_partial_reconcile earlier
                              JOIN account_move_line credit ON credit.id = earlier.credit_move_id
                              JOIN account_move paying ON paying.id = credit.move_id
                             WHERE earlier.debit_move_id = other.id
                               AND (paying.move_type <> 'entry' OR paying.origin_payment_id IS NOT NULL
                                    OR paying.statement_line_id IS NOT NULL)) THEN 'paid'
           ELSE 'transferred' END AS kind,
           other.partner_id = line.partner_id AND other.balance = -counter.balance
           AND account.account_type IN ('asset_receivable', 'liability_payable') AS own,
           ABS(other.balance) AS amount
      FROM account_move_line other
      JOIN account_account account ON account.id = other.account_id
      JOIN account_journal journal ON journal.id = other.journal_id
     WHERE other.move_id = counter.move_id AND other.balance * counter.balance < 0
    ) AS side
 GROUP BY side.kind
 ORDER BY BOOL_OR(side.own) DESC NULLS LAST, SUM(side.amount) DESC, side.kind = 'paid' DESC
 LIMIT 1)"""

# What `counter_move` is for the invoice of `line`, by its item `counter`: a write-off, a credit note that corrects it,
# money (a payment, a bank statement, a credit of the customer), or what an entry gave.
SETTLEMENT_KIND = f"""
CASE WHEN counter_move.dunning_write_off_plan_id IS NOT NULL THEN 'written_off'
     WHEN {CORRECTS} THEN 'credited'
     WHEN counter_move.move_type <> 'entry' OR counter_move.origin_payment_id IS NOT NULL
          OR counter_move.statement_line_id IS NOT NULL THEN 'paid'
     ELSE COALESCE({ENTRY_KIND}, 'transferred') END
"""

# By plan the kinds that settled anything of it, the largest since it was opened first, of equal ones the last. Payments
# that were taken back settled nothing, and differences of exchange follow what they belong to.
SETTLEMENTS = """
WITH plan_line AS MATERIALIZED (%s), settled AS (
    SELECT plan_line.plan_id, %s AS kind, partial.id, partial.amount,
           COALESCE(partial.max_date >= plan.opened_on, TRUE) AS since
      FROM plan_line
      JOIN account_collection_plan plan ON plan.id = plan_line.plan_id
      JOIN account_move_line line ON line.id = plan_line.id
      JOIN account_partial_reconcile partial ON partial.debit_move_id = line.id
      JOIN account_move_line counter ON counter.id = partial.credit_move_id
      JOIN account_move counter_move ON counter_move.id = counter.move_id
      LEFT JOIN account_payment payment ON payment.id = counter_move.origin_payment_id
     WHERE NOT EXISTS (SELECT 1 FROM account_partial_reconcile exchange
                        WHERE exchange.exchange_move_id = counter_move.id)
       AND (payment.state IN ('draft', 'rejected', 'canceled')) IS NOT TRUE
       AND NOT EXISTS (SELECT 1 FROM account_dunning_item heir
                        WHERE heir.move_id = counter_move.id AND heir.plan_id = plan.id
                          AND heir.number IS NOT NULL AND counter_move.move_type = 'entry')
)
SELECT plan_id, kind FROM settled
 GROUP BY plan_id, kind
 ORDER BY plan_id, COALESCE(SUM(amount) FILTER (WHERE since), 0) DESC, SUM(amount) DESC, MAX(id) DESC
"""


# State and reason of plans by the kind that settled them, where they end by it whatever their state.
SETTLED_AS = {
    "paid": ("recovered", "paid"),
    "set_off": ("recovered", "set_off"),
    "written_off": ("unrecovered", "written_off"),
}


class PlanSettlement:
    __slots__ = ()

    def _get_endings(self, debts):
        """How those without debt end, of ``debts`` by id: pairs of state and reason, by plan.

        A plan ends by the largest kind that settled it. An unrecovered plan that was paid after all is recovered; one
        that was settled otherwise has no state here: it stays, but nothing is collected any more.
        """
        living = self.filtered(lambda plan: not debts[plan.id].exists and plan.state in (*OPEN_STATES, "unrecovered"))
        kinds = living._get_settlements() if living else {}
        endings = {}
        for plan in living:
            if plan.close_reason == "written_off" and "written_off" in kinds[plan]:
                continue
            kind = next(iter(kinds[plan]), None) if debts[plan.id].posted else "cancelled"
            endings[plan] = SETTLED_AS.get(kind) or plan._get_other_ending(kind)
        return endings

    def _get_other_ending(self, kind):
        """State and reason of a plan that ``kind`` settled, which is no payment; None: nothing booked did."""
        if self.state not in OPEN_STATES:
            return (None, kind)
        if kind:
            return ("stopped", kind)
        with_credits = self.company_id._get_dunning_settings()._get_balance().with_credits
        return ("recovered", "paid") if with_credits else ("stopped", "below")

    def _get_settlements(self):
        """The kinds that settled anything, by plan: lists of keys, the largest since the plan was opened first."""
        result = {plan: [] for plan in self}
        for plan_id, kind in self.env.execute_query(SQL(SETTLEMENTS, self._lines_query(), SQL(SETTLEMENT_KIND))):
            result[self.browse(plan_id)].append(kind)
        return result
