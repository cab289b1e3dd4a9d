"""The open items of a company at the end of a day, as SQL: the one query that all figures read."""

from ...engine.ledger import AGE_ENDS
from ..desk.facts import ON_HOLD
from ..receivables.document import ABOUT, DUE

# What has happened to items since the day, as it is in the residuals of today: what was matched later, and what
# payments settled that were taken back since. A matching counts from the later date of its two items; one that was
# removed is unknown, also for former days.
UNDONE = """
undone AS MATERIALIZED (
    SELECT line_id, SUM(amount) AS amount, SUM(amount_currency) AS amount_currency
      FROM (SELECT partial.debit_move_id AS line_id, partial.amount, partial.debit_amount_currency AS amount_currency
              FROM account_partial_reconcile partial WHERE partial.max_date > %(day)s
             UNION ALL
            SELECT partial.credit_move_id, -partial.amount, -partial.credit_amount_currency
              FROM account_partial_reconcile partial WHERE partial.max_date > %(day)s
             UNION ALL
            %(returned)s) undone
     GROUP BY line_id
)
"""

# The credits of payments that were taken back are none.
ITEM = f"""
item AS MATERIALIZED (
    SELECT line.id, line.partner_id, line.move_id, line.company_id, line.currency_id, {DUE} AS due,
           line.amount_residual + COALESCE(undone.amount, 0) AS amount,
           line.amount_residual_currency + COALESCE(undone.amount_currency, 0) AS amount_currency
      FROM (SELECT line.* FROM account_move_line line
             WHERE %(open_item)s AND line.reconciled IS NOT TRUE AND line.date <= %(day)s AND %(of_line)s
             UNION ALL
            SELECT line.* FROM undone JOIN account_move_line line ON line.id = undone.line_id
             WHERE %(open_item)s AND line.reconciled IS TRUE AND line.date <= %(day)s AND %(of_line)s) line
      LEFT JOIN undone ON undone.line_id = line.id
     WHERE (line.amount_residual + COALESCE(undone.amount, 0) <> 0
            OR line.amount_residual_currency + COALESCE(undone.amount_currency, 0) <> 0)
       AND (line.amount_residual_currency + COALESCE(undone.amount_currency, 0) > 0 OR line.move_id NOT IN (
                SELECT payment.move_id FROM account_payment payment
                 WHERE payment.state IN ('draft', 'rejected', 'canceled') AND payment.move_id IS NOT NULL))
)
"""

# The parts of items that are disputed, promised, on hold for other reasons, and with an agency.
PART = f"""
{ON_HOLD},
away AS (
    SELECT DISTINCT line.id
      FROM account_dunning_handover_line away
      JOIN account_dunning_handover handover ON handover.id = away.handover_id
      JOIN account_collection_plan plan ON plan.id = away.plan_id
      JOIN item line ON line.partner_id = plan.partner_id AND line.amount > 0
      LEFT JOIN account_dunning_item state ON state.move_line_id = line.id
     WHERE handover.company_id = %(company)s AND handover.date <= %(day)s
       AND (away.recalled_on IS NULL OR away.recalled_on > %(day)s) AND ({ABOUT} OR state.plan_id = plan.id)
),
part AS (
    SELECT id, SUM(LEAST(kept, amount)) FILTER (WHERE kind = 'disputed') AS disputed,
           SUM(LEAST(kept, amount)) FILTER (WHERE kind = 'promised') AS promised,
           SUM(LEAST(kept, amount)) FILTER (WHERE kind = 'held') AS held,
           SUM(amount) FILTER (WHERE kind = 'agency') AS agency
      FROM (SELECT id, kind, kept, amount FROM on_hold
             UNION ALL
            SELECT item.id, 'agency', 0, item.amount FROM away JOIN item ON item.id = away.id) part
     GROUP BY id
)
"""

# The bucket of an item by its age, as ``engine.get_bucket`` has it.
BUCKET = " + ".join(f"(%(day)s::date - item.due > {end})::int" for end in AGE_ENDS)

# With the parts for each item; others select from ``item`` and ``part``.
LEDGER = f"WITH {UNDONE}, {ITEM}, {PART}"

# What is overdue by customer and by collector, the largest first: of today, and of a month that was kept.
LARGEST = """
(SELECT 'partner_id' AS field, owed.partner_id AS key, NULL::date, owed.amount::float, 0, 0.0, 0.0, 0.0, 0.0 FROM owed
  ORDER BY owed.amount DESC, owed.partner_id LIMIT %(largest)s)
 UNION ALL
(SELECT 'user_id', owed.user_id, NULL::date, SUM(owed.amount)::float, 0, 0.0, 0.0, 0.0, 0.0 FROM owed
  GROUP BY owed.user_id ORDER BY SUM(owed.amount) DESC, owed.user_id LIMIT %(largest)s)
"""

# The sums by due date, which are enough for all that goes by age, and the largest: the items are read once for both.
STANDING = f"""
{LEDGER}, owed AS (
    SELECT item.partner_id, own.user_id, SUM(item.amount) AS amount
      FROM item
      LEFT JOIN account_collection_case own ON own.company_id = %(company)s AND own.partner_id = item.partner_id
     WHERE item.amount > 0 AND item.due < %(day)s AND %(largest)s > 0
     GROUP BY item.partner_id, own.user_id)
SELECT 'due' AS field, NULL::int AS key, item.due, SUM(item.amount)::float, COUNT(*)::int,
       COALESCE(SUM(part.disputed), 0)::float, COALESCE(SUM(part.promised), 0)::float,
       COALESCE(SUM(part.held), 0)::float, COALESCE(SUM(part.agency), 0)::float
  FROM item LEFT JOIN part ON part.id = item.id
 GROUP BY item.due, item.amount < 0
 UNION ALL
{LARGEST}
"""
LARGEST_KEPT = f"""
WITH owed AS (
    SELECT item.partner_id, item.user_id, SUM(item.amount) AS amount
      FROM account_dunning_snapshot_item item
     WHERE item.snapshot_id = %(snapshot)s AND item.amount > 0 AND item.bucket > 0 AND %(of_user)s
     GROUP BY item.partner_id, item.user_id)
{LARGEST}
"""

# Invoices less credit notes by day, in company currency at the rate of the document, tax included.
SALES = """
SELECT move.date, SUM(move.amount_total_signed)::float
  FROM account_move move
 WHERE move.company_id = ANY(%(branches)s) AND move.state = 'posted'
   AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund') AND move.date BETWEEN %(first)s AND %(day)s
   AND %(of_move)s
 GROUP BY move.date
"""

# The invoices settled in a period: nothing was open any more at its end, and the last matching lies in it.
SETTLED = f"""
WITH {UNDONE}
SELECT %(columns)s
  FROM (SELECT debit_move_id, MAX(max_date) AS day FROM account_partial_reconcile
         WHERE max_date BETWEEN %(first)s AND %(day)s GROUP BY debit_move_id) partial
  JOIN account_move_line line ON line.id = partial.debit_move_id
  JOIN account_move move ON move.id = line.move_id AND move.move_type IN ('out_invoice', 'out_receipt')
  LEFT JOIN undone ON undone.line_id = line.id
 WHERE %(open_item)s AND %(of_line)s AND line.amount_residual + COALESCE(undone.amount, 0) = 0
   AND line.amount_residual_currency + COALESCE(undone.amount_currency, 0) = 0
 %(grouped)s
"""
# As sums by their dates: enough for all that is weighted by amounts.
SETTLED_SUMS = f"SUM(line.balance)::float, COALESCE(move.invoice_date, line.date), {DUE}, partial.day"

# An open item as rows show it, with the collector of today.
ROW = f"""
SELECT %(number)s, item.id AS move_line_id, item.partner_id, own.user_id, move.name AS number, item.due,
       {BUCKET} AS bucket, item.amount, COALESCE(part.disputed, 0) AS disputed,
       COALESCE(part.promised, 0) AS promised, COALESCE(part.held, 0) AS held, COALESCE(part.agency, 0) AS agency
  FROM item
  JOIN account_move move ON move.id = item.move_id
  LEFT JOIN part ON part.id = item.id
  LEFT JOIN account_collection_case own ON own.company_id = %(company)s AND own.partner_id = item.partner_id
"""
