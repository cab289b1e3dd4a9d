"""Plays a file of invoices into a database, and prints key figures of days: python dev/figures.py DATABASE FILE DAYS

Invoices and payments are posted with the dates of the file and reconciled, by Odoo itself; then the module's own
reader is asked for each day. docs/figures.md says what the figures are, docs/replay.md what the file looks like.
"""

import argparse
import json
import logging
import os
from datetime import date

from replay_check import read

import odoo.api
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tools import config, split_every

BATCH = 500
QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}


def main():
    options = parse_arguments()
    config.parse_config(["-c", os.environ["ODOO_RC"], "-d", options.database, "--no-http", "--log-level=warn"])
    with Registry(options.database).cursor() as cr:
        env = odoo.api.Environment(cr, odoo.SUPERUSER_ID, QUIET)
        play(env, read(options.file))
        for day in options.days:
            print(json.dumps(describe(env, day)))


def parse_arguments():
    parser = argparse.ArgumentParser(description="Play a file of invoices, and print the key figures of days.")
    parser.add_argument("database", help="has account_dunning installed; what it holds is used up")
    parser.add_argument("file", help="invoices, format as in docs/replay.md")
    parser.add_argument("days", type=parse_days, help="2013-03-31,2013-06-30")
    return parser.parse_args()


def parse_days(text):
    try:
        return [date.fromisoformat(part) for part in text.split(",")]
    except ValueError as error:
        raise argparse.ArgumentTypeError("days as 2013-03-31, separated by commas") from error


def play(env, invoices):
    """Post the ``invoices`` of a file, and a payment of each on the day it was settled."""
    names = sorted({invoice.customer for invoice in invoices})
    partners = env["res.partner"].create([{"name": name, "is_company": True} for name in names])
    customers = dict(zip(names, partners.ids, strict=True))
    for batch in split_every(BATCH, invoices, list):
        moves = env["account.move"].create([prepare_invoice(invoice, customers) for invoice in batch])
        moves.action_post()
        payments = env["account.payment"].create([prepare_payment(invoice, customers) for invoice in batch])
        payments.action_post()
        pairs = zip(moves, payments.move_id, strict=True)
        env["account.move.line"]._reconcile_plan([find_receivables(move + payment) for move, payment in pairs])
        env.cr.commit()
        env.invalidate_all()


def find_receivables(moves):
    return moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable")


def prepare_invoice(invoice, customers):
    line = {"name": "Sale", "price_unit": invoice.amount, "tax_ids": [Command.clear()]}
    return {
        "move_type": "out_invoice",
        "partner_id": customers[invoice.customer],
        "invoice_date": invoice.date,
        "invoice_payment_term_id": False,
        "invoice_date_due": invoice.due,
        "ref": invoice.number,
        "invoice_line_ids": [Command.create(line)],
    }


def prepare_payment(invoice, customers):
    return {
        "payment_type": "inbound",
        "partner_type": "customer",
        "partner_id": customers[invoice.customer],
        "amount": invoice.amount,
        "date": invoice.settled,
        "memo": invoice.number,
    }


def describe(env, day):
    """The key figures of ``day`` as a dict of plain values."""
    owed, figures = env["account.dunning.ledger"]._get_figures(env.company, day)
    values = {
        "open": owed.open,
        "current": owed.current,
        "overdue": owed.overdue,
        "sales_90": figures.sales,
        "dso": figures.dso,
        "bpdso": figures.best_dso,
        "add": figures.delinquent,
        "dso_countback": figures.countback.days,
        "bpdso_countback": figures.best_countback.days,
        "cei": figures.effectiveness,
        "weighted_days_late": figures.days_late,
        "days_to_pay": figures.days_to_pay,
    }
    rounded = {name: None if value is None else round(value, 2) for name, value in values.items()}
    return {"day": day.isoformat(), "open": rounded.pop("open"), "open_items": owed.items, **rounded}


if __name__ == "__main__":
    logging.captureWarnings(True)
    main()
