from odoo.tools import SQL

from .catalogue import MOVE, PARTNER
from .inventory import ItemThere, Sent
from .source import Source

ACTION, REMINDER = "overdue_reminder_action", "account_invoice_overdue_reminder"


class OverdueReminderSource(Source):
    """OCA's ``account_invoice_overdue_reminder``: no levels, but a counter for each invoice, and a log of contacts."""

    code = "aior"
    title = "account_invoice_overdue_reminder (OCA)"
    tables = (ACTION, REMINDER)
    needed = (REMINDER,)

    def read_customers(self):
        for row in self.catalogue.read_partners({"no_overdue_reminder": "bool"}):
            if not self.refuse_contact(PARTNER, row):
                self.say("hold", PARTNER, row, self.env._("No overdue reminder there"))
        if self.catalogue.has(ACTION, "date", "reminder_type", "commercial_partner_id"):
            self.read_calls()

    def read_calls(self):
        """Phone entries, which go to the log of contacts."""
        rows = self.catalogue.fetch(
            SQL(
                """SELECT t.id, partner.name, partner.id AS partner_id, t.date, %s AS user_id, %s AS notes
                     FROM overdue_reminder_action t
                     JOIN res_partner partner ON partner.id = t.commercial_partner_id
                    WHERE t.reminder_type = 'phone' AND %s = ANY(%s) ORDER BY t.id""",
                self.catalogue.column(ACTION, "user_id"),
                self.catalogue.column(ACTION, "result_notes"),
                self.catalogue.column(ACTION, "company_id"),
                self.catalogue.company_ids,
            )
        )
        for row in rows:
            self.say("contact", ACTION, row, (row["date"], row["user_id"], row["notes"]))

    def read_invoices(self):
        for row in self.catalogue.read_moves({"no_overdue_reminder": "bool"}):
            self.say("hold", MOVE, row, self.env._("No overdue reminder there"), move=True)

    def read_items(self):
        """The n-th reminder of an invoice is level n of each of its items that was due by then."""
        action = self.catalogue.has(REMINDER, "action_id") and self.catalogue.has(ACTION, "date")
        day = SQL("action.date") if action else SQL("(%s)::date", self.catalogue.column(REMINDER, "action_date"))
        rows = self.catalogue.fetch(
            SQL(
                """SELECT t.id, %(counter)s AS counter, %(day)s AS day, line.id AS move_line_id, line.move_id,
                          line.partner_id, line.currency_id, line.move_name AS number,
                          COALESCE(line.date_maturity, line.date) AS due, line.amount_currency::float AS amount,
                          line.amount_residual_currency::float AS open,
                          line.parent_state = 'posted' AND line.reconciled IS NOT TRUE AND line.balance > 0 AS is_open
                     FROM account_invoice_overdue_reminder t %(join)s
                     JOIN account_move_line line ON line.move_id = t.invoice_id
                     JOIN account_account account ON account.id = line.account_id
                                                 AND account.account_type = 'asset_receivable'
                    WHERE line.company_id = ANY(%(companies)s) AND line.balance > 0
                      AND (%(day)s IS NULL OR COALESCE(line.date_maturity, line.date) < %(day)s)
                    ORDER BY t.id, line.id""",
                counter=SQL("(%s)::int", self.catalogue.column(REMINDER, "counter")),
                day=day,
                join=SQL("LEFT JOIN overdue_reminder_action action ON action.id = t.action_id") if action else SQL(),
                companies=self.catalogue.company_ids,
            )
        )
        last = {}
        for row in rows:
            key = f"{row['id']}/{row['move_line_id']}"
            if row["is_open"]:
                known = last.get(row["move_line_id"])
                if not known or (row["counter"] or 0) >= known.nth:
                    last[row["move_line_id"]] = ItemThere(
                        REMINDER, key, row["move_line_id"], None, row["day"], nth=row["counter"] or 1
                    )
            self.found.sent.append(self.make_sent(key, row))
        self.found.items = list(last.values())

    def make_sent(self, key, row):
        return Sent(
            REMINDER,
            key,
            (row["partner_id"], row["day"], row["counter"], row["currency_id"]),
            None,
            row["counter"] or 1,
            row["day"],
            row["move_line_id"],
            row["move_id"],
            row["partner_id"],
            row["currency_id"],
            row["number"] or "",
            row["due"],
            row["amount"],
            row["open"],
        )
