"""The ledger as of a day, a month that is kept, and the dashboard, of a ledger of which most is settled."""

from datetime import timedelta

from seed import copy_rows, no_checks

from odoo.fields import Command
from odoo.tools import SQL

SETTLED = 0.7  # the share of the items, settled on the days of a year
AGO = 20  # days before today of the day that is asked for

# The items to settle, in turns over all customers, with a number each.
PAIRS = """
CREATE TEMP TABLE bench_pair AS
SELECT line.id, line.partner_id, line.amount_residual AS amount, line.currency_id, line.company_id,
       CURRENT_DATE - (line.id %% 365)::int AS day, ROW_NUMBER() OVER (ORDER BY line.id) AS n
  FROM account_move_line line JOIN account_account account ON account.id = line.account_id
 WHERE account.account_type = 'asset_receivable' AND line.parent_state = 'posted' AND line.reconciled IS NOT TRUE
   AND line.amount_residual > 0 AND line.id %% 10 < %s
"""
PARTIALS = """
INSERT INTO account_partial_reconcile (debit_move_id, credit_move_id, amount, debit_amount_currency,
       credit_amount_currency, debit_currency_id, credit_currency_id, company_id, max_date)
SELECT id, %(first)s + n - 1, amount, amount, amount, currency_id, currency_id, company_id, day FROM bench_pair
"""
CLOSE = """
UPDATE account_move_line SET reconciled = TRUE, amount_residual = 0, amount_residual_currency = 0
 WHERE id IN (SELECT id FROM bench_pair) OR id BETWEEN %(first)s AND %(first)s + (SELECT COUNT(*) FROM bench_pair) - 1
"""


def settle(env):
    """Settle most of the open items, each by a credit of its own, on days after due."""
    env.flush_all()
    env.cr.execute(SQL(PAIRS, int(SETTLED * 10)))
    [(count,)] = env.execute_query(SQL("SELECT COUNT(*) FROM bench_pair"))
    line = make_credit(env)
    with no_checks(env):
        env.cr.execute("CREATE INDEX ON bench_pair (n)")
        first = copy_rows(
            env,
            "account_move_line",
            SQL("id = %s", line.id),
            count,
            partner_id=SQL("(SELECT partner_id FROM bench_pair WHERE bench_pair.n = n.n)"),
            date=SQL("(SELECT day FROM bench_pair WHERE bench_pair.n = n.n)"),
        )
        env.cr.execute(SQL(PARTIALS, first=first))
        env.cr.execute(SQL(CLOSE, first=first))
    env.cr.execute("ANALYZE")
    env.invalidate_all()
    return count


def make_credit(env):
    """A posted item that stands for a payment."""
    partner = env["res.partner"].create({"name": "Payments"})
    journal = env["account.journal"].search([("type", "=", "general"), ("company_id", "=", env.company.id)], limit=1)
    receivable = env["account.account"].search([("account_type", "=", "asset_receivable")], limit=1)
    income = env["account.account"].search([("account_type", "=", "income")], limit=1)
    lines = [
        {"account_id": receivable.id, "credit": 100.0, "partner_id": partner.id},
        {"account_id": income.id, "debit": 100.0},
    ]
    move = env["account.move"].create(
        {"move_type": "entry", "journal_id": journal.id, "line_ids": [Command.create(vals) for vals in lines]}
    )
    move.action_post()
    env.flush_all()
    return move.line_ids.filtered("credit")


def measure(env, measure_block):
    """Seconds of reading all open items as of a day, of keeping a month, and of opening the dashboard."""
    settled = settle(env)
    env.cr.commit()
    company, ledger = env.company, env["account.dunning.ledger"]
    day = company._dunning_today() - timedelta(AGO)
    columns = SQL("item.id, item.partner_id, item.due, item.amount::float, part.disputed::float")
    with measure_block() as as_of:
        rows = env.execute_query(ledger._get_item_query(company, day, columns))
    with measure_block() as sums:
        ledger._get_receivables(company, day)
    month = company._dunning_today().replace(day=1) - timedelta(1)
    env["account.collection.case"]._refresh(company)
    with measure_block() as kept:
        env["account.dunning.snapshot"]._take(company, month)
        env.cr.commit()
    with measure_block() as expected:
        env["account.dunning.snapshot"]._expect(company, company._dunning_today())
        env.cr.commit()
    env.invalidate_all()
    with measure_block() as board:
        env["account.dunning.dashboard"].get_data()
    return {
        "ledger_settled": settled,
        "ledger_open": len(rows),
        "ledger_items_s": as_of.seconds,
        "ledger_sums_s": sums.seconds,
        "month_s": kept.seconds,
        "cash_s": expected.seconds,
        "dashboard_s": board.seconds,
        "dashboard_queries": board.queries,
    }
