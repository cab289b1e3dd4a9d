"""Posted overdue invoices in any number: one is made and posted by Odoo, the others are copies of its rows by SQL."""

import os
from contextlib import contextmanager
from datetime import timedelta

from odoo.fields import Command, Date
from odoo.tools import SQL

ITEMS_PER_CUSTOMER = 5
TYPES = 3
LEVEL_DAYS = (10, 20, 30)
# Due dates go round through these days before today; some items have not reached the first level yet. Each night 8 % of
# the customers have something due, with OLDEST=244 in the environment 2 %.
OLDEST, YOUNGEST = int(os.environ.get("OLDEST", "64")), 5


def seed(env, count):
    """Make ``count`` overdue invoices for a fifth as many customers, of three types by turns.

    Two of three customers have an e-mail address. The types are found by the default flag, a tag, or on the customer.

    :return: the three dunning types, and the three tags that the customers bear by turns
    """
    types, tags = make_types(env)
    template = make_invoice(env)
    customers = -(-count // ITEMS_PER_CUSTOMER)
    env.flush_all()
    with no_checks(env):
        first = copy_customers(env, template.partner_id, customers, types, tags)
        copy_invoices(env, template, count, customers, first)
    template.button_draft()
    template.button_cancel()
    env.flush_all()
    env.cr.execute("ANALYZE")
    env.invalidate_all()
    return types, tags


@contextmanager
def no_checks(env):
    """Do not check foreign keys, which takes most of the time: what is copied refers to what exists.

    Only a superuser of the database may do so; for others they are checked.
    """
    [(allowed,)] = env.execute_query(SQL("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"))
    if allowed:
        env.cr.execute("SET LOCAL session_replication_role = replica")
    yield
    if allowed:
        env.cr.execute("SET LOCAL session_replication_role = origin")


def make_types(env):
    """Three dunning types with the same levels: the default, one for a tag, one that customers have themselves."""
    env["account.dunning.type"].search([]).active = False
    tags = env["res.partner.category"].create([{"name": f"Bench {number}"} for number in range(TYPES)])
    levels = [
        {
            "name": f"Level {number}",
            "days": days,
            "document": "email_letter",
            "manual_release": False,
            "text": "<p>Please pay {total} by {deadline}.</p>",
        }
        for number, days in enumerate(LEVEL_DAYS, 1)
    ]
    types = env["account.dunning.type"].create(
        [
            {
                "name": f"Bench {number}",
                "default": number == 0,
                "category_ids": [Command.set(tags[1].ids if number == 1 else [])],
                "level_ids": [Command.create(vals) for vals in levels],
            }
            for number in range(TYPES)
        ]
    )
    return types, tags


def make_invoice(env):
    """A posted invoice of a customer with an address."""
    partner = env["res.partner"].create(
        {"name": "Bench", "is_company": True, "street": "1 Main Street", "zip": "10001", "city": "New York"}
    )
    day = Date.today() - timedelta(OLDEST)
    move = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": day,
            "invoice_payment_term_id": False,
            "invoice_date_due": day,
            "invoice_line_ids": [
                Command.create({"name": "Sale", "price_unit": 100.0, "tax_ids": [Command.clear()]}),
            ],
        }
    )
    move.action_post()
    return move


def copy_rows(env, table, where, series, **values):
    """Copy the rows of ``table`` that fulfil ``where`` once for each ``series``, with other ``values`` (SQL by column).

    The number of the copy is ``n``, the row that is copied ``row``. Returns the lowest new id.
    """
    columns = [
        name
        for (name,) in env.execute_query(
            SQL(
                """SELECT attname FROM pg_attribute
                    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attname != 'id'
                    ORDER BY attnum""",
                table,
            )
        )
    ]
    names = SQL(", ").join(map(SQL.identifier, columns))
    selected = SQL(", ").join(values.get(name) or SQL.identifier("row", name) for name in columns)
    [(first,)] = env.execute_query(SQL("SELECT COALESCE(MAX(id), 0) + 1 FROM %s", SQL.identifier(table)))
    env.cr.execute(
        SQL(
            "INSERT INTO %(table)s (%(names)s) SELECT %(selected)s FROM generate_series(1, %(series)s) AS n,"
            " LATERAL (SELECT * FROM %(table)s WHERE %(where)s) AS row ORDER BY n, row.id",
            table=SQL.identifier(table),
            names=names,
            selected=selected,
            series=series,
            where=where,
        )
    )
    # or the foreign keys that point here go on being checked by reading the whole table, as if it had one row
    env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
    return first


def copy_customers(env, template, count, types, tags):
    """Customers in turns of the three types; returns the id of the first."""
    first = copy_rows(
        env,
        "res_partner",
        SQL("id = %s", template.id),
        count,
        name=SQL("'Customer ' || LPAD(n::text, 7, '0')"),
        complete_name=SQL("'Customer ' || LPAD(n::text, 7, '0')"),
        email=SQL("CASE WHEN n %% 3 != 0 THEN 'customer' || n || '@example.com' END"),
        email_normalized=SQL("CASE WHEN n %% 3 != 0 THEN 'customer' || n || '@example.com' END"),
        dunning_type_id=SQL(
            "CASE WHEN n %% 3 = 2 THEN jsonb_build_object(%s, %s) END", str(env.company.id), types[2].id
        ),
    )
    env.cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE id >= %s", [first])
    env.cr.execute(
        SQL(
            """INSERT INTO res_partner_res_partner_category_rel (category_id, partner_id)
               SELECT (%s::int[])[(id - %s + 1) %% 3 + 1], id FROM res_partner WHERE id >= %s""",
            tags.ids,
            first,
            first,
        )
    )
    return first


def copy_invoices(env, template, count, customers, first_customer):
    """Invoices of the customers by turns, each with the items of the ``template``."""
    partner = SQL("%s + (n - 1) %% %s", first_customer, customers)
    due = SQL("CURRENT_DATE - (%s + ((n - 1) / %s * 7 + n) %% %s)::int", YOUNGEST, customers, OLDEST - YOUNGEST + 1)
    number = SQL("'BENCH/' || LPAD(n::text, 7, '0')")
    common = {"partner_id": partner, "commercial_partner_id": partner}
    first = copy_rows(
        env,
        "account_move",
        SQL("id = %s", template.id),
        count,
        name=number,
        payment_reference=number,
        sequence_prefix=SQL("'BENCH/'"),
        sequence_number=SQL("n"),
        partner_shipping_id=partner,
        invoice_partner_display_name=SQL("'Customer'"),
        invoice_date=SQL("%s - 30", due),
        date=SQL("%s - 30", due),
        invoice_date_due=due,
        access_token=SQL("NULL"),
        **common,
    )
    copy_rows(
        env,
        "account_move_line",
        SQL("move_id = %s", template.id),
        count,
        move_id=SQL("%s + n - 1", first),
        move_name=number,
        partner_id=partner,
        invoice_date=SQL("%s - 30", due),
        date=SQL("%s - 30", due),
        date_maturity=SQL("CASE WHEN row.date_maturity IS NOT NULL THEN %s END", due),
    )
