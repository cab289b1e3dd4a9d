"""Numbers are clipped to the bounds that the database checks from now on."""

from odoo.tools import SQL
from odoo.tools.sql import column_exists

DAYS = (0, 3650)
BOUNDS = {
    "account_dunning_type": {
        "grace_days": DAYS,
        "min_days_between": DAYS,
        "unrecovered_days": DAYS,
        "interest_free_days": DAYS,
    },
    "account_dunning_level": {
        "min_days": DAYS,
        "deadline_days": DAYS,
        "repeat_every": DAYS,
        "repeat_max": (0, 1000),
        "fee_percent": (0, 100),
    },
    "account_dunning_interest_rate": {"margin": (-1000, 1000)},
    "account_dunning_interest_rate_line": {"percent": (-1000, 1000)},
    "account_dunning_action": {"activity_days": DAYS},
    "res_company": {"dunning_max_levels": (1, 1000)},
}

# The levels of a type stay in their order, each on a day of its own.
CLIP_LEVELS = """
UPDATE account_dunning_level level SET days = ranked.days
  FROM (SELECT id, GREATEST(LEAST(days, 3651 - ROW_NUMBER() OVER (PARTITION BY type_id, active ORDER BY days DESC, id)),
                            -3651 + ROW_NUMBER() OVER (PARTITION BY type_id, active ORDER BY days, id)) AS days
          FROM account_dunning_level
         WHERE type_id IN (SELECT type_id FROM account_dunning_level WHERE days NOT BETWEEN -3650 AND 3650)) AS ranked
 WHERE ranked.id = level.id AND ranked.days <> level.days
"""


def migrate(cr, version):
    for table, columns in BOUNDS.items():
        for column, (low, high) in columns.items():
            if not column_exists(cr, table, column):  # older releases lack some
                continue
            cr.execute(
                SQL(
                    "UPDATE %(table)s SET %(column)s = LEAST(GREATEST(%(column)s, %(low)s), %(high)s)"
                    " WHERE %(column)s NOT BETWEEN %(low)s AND %(high)s",
                    table=SQL.identifier(table),
                    column=SQL.identifier(column),
                    low=low,
                    high=high,
                )
            )
    cr.execute(CLIP_LEVELS)
