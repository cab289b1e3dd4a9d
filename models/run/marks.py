"""The triggers that mark customers of whom anything has changed that the reader reads.

For each table: the columns (or expressions) that count, and whose customers a changed row is about. A change of
anything else marks nobody. What is not here is compared each night (``account_dunning_look.py``), or has the night read
in full.
"""

from typing import NamedTuple

from odoo.tools import SQL

PREFIX = "account_dunning_mark_"
EVENTS = ("INSERT", "UPDATE", "DELETE")

# The customers of the posted receivables that `found` (ids of journal items, or of moves) names.
OF_LINES = """
SELECT line.company_id, line.partner_id
  FROM account_move_line line JOIN account_account account ON account.id = line.account_id
 WHERE account.account_type = 'asset_receivable' AND line.parent_state = 'posted' AND line.partner_id IS NOT NULL
   AND line.{key} IN ({found})
"""


def of_found(key, found):
    return OF_LINES.format(key=key, found=found)


def of_line(column, where="TRUE"):
    return of_found("id", f"SELECT {column} FROM changed WHERE {where}")


def of_move(column):
    return of_found("move_id", f"SELECT {column} FROM changed")


class Watch(NamedTuple):
    """What of a table counts, and the query (of `changed`, its rows) of the companies and customers concerned."""

    columns: tuple[str, ...]
    query: str
    events: tuple[str, ...] = EVENTS
    where: str = "TRUE"  # the rows that count at all
    has_id: bool = True  # a table of pairs has none


RETURNED = "{row}.state IN ('draft', 'rejected', 'canceled')"

WATCHED = {
    "account_move_line": Watch(
        (
            *("partner_id", "account_id", "parent_state", "company_id", "reconciled", "amount_residual", "move_id"),
            *("amount_residual_currency", "currency_id", "date_maturity", "date", "no_followup"),
        ),
        """SELECT changed.company_id, changed.partner_id
             FROM changed JOIN account_account account ON account.id = changed.account_id
            WHERE account.account_type = 'asset_receivable'""",
        where="{row}.parent_state = 'posted' AND {row}.partner_id IS NOT NULL",
    ),
    "account_move": Watch(
        (
            *("move_type", "journal_id", "debit_origin_id", "origin_payment_id", "statement_line_id", "invoice_date"),
            *("dunning_type_id", "dunning_posted_on", "dunning_notice_id", "dunning_write_off_plan_id"),
            "{row}.payment_state = 'blocked'",
        ),
        of_move("id"),
        events=("UPDATE",),
    ),
    "account_partial_reconcile": Watch(
        ("debit_move_id", "credit_move_id", "debit_amount_currency", "amount"), of_line("debit_move_id")
    ),
    "account_payment": Watch(
        ("move_id", RETURNED, "{row}.state = 'in_process'"),
        " UNION ".join(
            (
                of_move("move_id"),
                of_found(
                    "id",
                    """SELECT partial.debit_move_id FROM changed
                         JOIN account_move_line counter ON counter.move_id = changed.move_id
                         JOIN account_partial_reconcile partial ON partial.credit_move_id = counter.id""",
                ),
                of_found(
                    "move_id",
                    """SELECT rel.invoice_id FROM changed
                         JOIN account_move__account_payment rel ON rel.payment_id = changed.id""",
                ),
                of_found(
                    "move_id",
                    "SELECT move.id FROM changed JOIN account_move move ON move.origin_payment_id = changed.id",
                ),
            )
        ),
        events=("UPDATE",),
    ),
    "account_move__account_payment": Watch(("invoice_id", "payment_id"), of_move("invoice_id"), has_id=False),
    "account_invoice_transaction_rel": Watch(("invoice_id", "transaction_id"), of_move("invoice_id"), has_id=False),
    "account_dunning_item_transaction_rel": Watch(("line_id", "transaction_id"), of_line("line_id"), has_id=False),
    "payment_transaction": Watch(
        ("{row}.state IN ('pending', 'authorized')", "last_state_change"),
        " UNION ".join(
            (
                of_found(
                    "move_id",
                    """SELECT rel.invoice_id FROM changed
                         JOIN account_invoice_transaction_rel rel ON rel.transaction_id = changed.id""",
                ),
                of_found(
                    "id",
                    """SELECT rel.line_id FROM changed
                         JOIN account_dunning_item_transaction_rel rel ON rel.transaction_id = changed.id""",
                ),
            )
        ),
        events=("UPDATE",),
    ),
    "account_dunning_item": Watch(
        (
            *("company_id", "partner_id", "move_line_id", "move_id", "level_id", "reminder_level_id", "plan_id"),
            *("last_notice_date", "deadline_days", "times", "resumed_on", "not_before", "released_on"),
            *("heir_line_id", "part_of_id"),
        ),
        f"SELECT company_id, partner_id FROM changed UNION {of_line('move_line_id')}"
        f" UNION {of_line('heir_line_id', 'heir_line_id IS NOT NULL')}",
    ),
    "account_collection_plan": Watch(
        (
            *("company_id", "partner_id", "move_id", "move_line_id", "mode", "state", "type_id", "keeps_out"),
            *("last_notice_date", "idle_days"),
        ),
        "SELECT company_id, partner_id FROM changed",
    ),
    "account_dunning_hold": Watch(
        (
            *("company_id", "partner_id", "move_id", "move_line_id", "amount", "reason_id"),
            *("date_from", "date_until", "ended_on"),
        ),
        f"""SELECT company_id, partner_id FROM changed WHERE partner_id IS NOT NULL
             UNION {of_move("move_id")} UNION {of_line("move_line_id")}""",
    ),
    "mail_activity": Watch(
        ("active", "res_model", "res_id", "dunning_action_id"),
        """SELECT plan.company_id, plan.partner_id
             FROM changed JOIN account_collection_plan plan ON plan.id = changed.res_id""",
        where="{row}.dunning_action_id IS NOT NULL AND {row}.res_model = 'account.collection.plan'",
    ),
    # Who has a notice that did not leave yet is read each night.
    "account_dunning_notice": Watch(
        ("company_id", "partner_id", "type_id", "sent_on", "reminder", "bounced", "{row}.state = 'sent'"),
        "SELECT company_id, partner_id FROM changed",
        where="({row}.state = 'sent' OR {row}.bounced)",
    ),
    "account_dunning_notice_line": Watch(
        ("notice_id", "move_line_id", "pending"),
        of_line("move_line_id"),
        events=("UPDATE", "DELETE"),  # so are its lines from the start
        where="{row}.pending",
    ),
}


def make_triggers(cr):
    """Make the triggers anew."""
    drop_triggers(cr)
    for table, watch in WATCHED.items():
        function = SQL.identifier(f"{PREFIX}{table}")
        cr.execute(SQL("CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql AS %s", function, _get_body(watch)))
        for event in watch.events:
            names = {"INSERT": "NEW TABLE AS new_rows", "DELETE": "OLD TABLE AS old_rows"}
            tables = names.get(event, "OLD TABLE AS old_rows NEW TABLE AS new_rows")
            cr.execute(
                SQL(
                    "CREATE TRIGGER %s AFTER %s ON %s REFERENCING %s FOR EACH STATEMENT EXECUTE FUNCTION %s()",
                    SQL.identifier(f"{PREFIX}{table}_{event.lower()}"),
                    SQL(event),
                    SQL.identifier(table),
                    SQL(tables),
                    function,
                )
            )


def drop_triggers(cr):
    for table in WATCHED:
        cr.execute(SQL("DROP FUNCTION IF EXISTS %s() CASCADE", SQL.identifier(f"{PREFIX}{table}")))


def are_complete(cr):
    """Whether all triggers are there, as they are here, and enabled."""
    cr.execute(
        """SELECT function.proname, function.prosrc, COUNT(*)
             FROM pg_trigger JOIN pg_proc function ON function.oid = tgfoid
            WHERE tgrelid IN (SELECT to_regclass(name) FROM unnest(%s) AS name)
              AND starts_with(function.proname, %s) AND tgenabled IN ('O', 'A') AND NOT tgisinternal
              AND function.pronamespace = current_schema::regnamespace
            GROUP BY 1, 2""",
        [list(WATCHED), PREFIX],
    )
    found = {(name, body.strip(), count) for name, body, count in cr.fetchall()}
    return found == {
        (f"{PREFIX}{table}", _get_body(watch).strip(), len(watch.events)) for table, watch in WATCHED.items()
    }


def _get_body(watch):
    """The function: one statement for each event, which reads the rows that the statement has changed."""
    branches = "\n".join(f"IF TG_OP = '{event}' THEN {_get_statement(watch, event)}; END IF;" for event in watch.events)
    return f"BEGIN\n{branches}\nRETURN NULL;\nEND"


def _get_statement(watch, event):
    changed = {
        "INSERT": f"SELECT * FROM new_rows WHERE {watch.where.format(row='new_rows')}",
        "UPDATE": _get_changed(watch),
        "DELETE": f"SELECT * FROM old_rows WHERE {watch.where.format(row='old_rows')}",
    }[event]
    return (
        f"WITH changed AS ({changed}) INSERT INTO account_dunning_change (company_ref, customer_ref) "
        f"SELECT DISTINCT company_id, partner_id FROM ({watch.query}) AS concerned"
    )


def _get_changed(watch):
    """The rows as they were before and after an update, where any of what counts differs."""
    old, new = (", ".join(_at(row, column) for column in watch.columns) for row in ("old_rows", "new_rows"))
    join = "JOIN new_rows ON new_rows.id = old_rows.id" if watch.has_id else "CROSS JOIN new_rows"
    differ = f"ROW({old}) IS DISTINCT FROM ROW({new})"
    return " UNION ALL ".join(
        f"SELECT {row}.* FROM old_rows {join} WHERE {differ} AND {watch.where.format(row=row)}"
        for row in ("old_rows", "new_rows")
    )


def _at(row, column):
    return column.format(row=row) if "{" in column else f"{row}.{column}"
