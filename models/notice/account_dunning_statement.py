from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, format_amount

from ...engine.money import total
from ...tools.qr_reference import STATEMENT
from ...tools.shipped import get_record
from ..receivables.document import DUE, NUMBER

READERS = ("account_dunning.group_dunning_collector", "account.group_account_invoice")
AGE_ENDS = (0, 30, 60, 90)  # the last day overdue of each column of the ageing but the last

# One row per open item of the customers, debit or credit, read as the reader reads them: what payments settled that
# were taken back is open, and credits of such payments are none.
OPEN_ITEMS = f"""
WITH returned AS (%(returned)s), candidate AS (
    SELECT line.id FROM account_move_line line
     WHERE %(open_item)s AND line.reconciled IS NOT TRUE AND line.partner_id = ANY(%(partners)s)
     UNION
    SELECT line_id FROM returned
)
SELECT line.id, line.partner_id, line.currency_id, {NUMBER} AS name, COALESCE(move.invoice_date, line.date) AS date,
       {DUE} AS due,
       line.amount_currency::float AS original,
       (line.amount_residual_currency + COALESCE(returned.amount_currency, 0))::float AS residual,
       move.dunning_notice_id IS NOT NULL AS charge,
       COALESCE(line.no_followup, FALSE) OR EXISTS (
           SELECT 1 FROM account_dunning_hold hold
            WHERE hold.company_id = %(company)s AND hold.ended_on IS NULL AND hold.date_from <= %(day)s
              AND (hold.date_until IS NULL OR hold.date_until >= %(day)s) AND COALESCE(hold.amount, 0) = 0
              AND (hold.partner_id = line.partner_id OR hold.move_id = move.id OR hold.move_line_id = line.id)
       ) AS held
  FROM candidate
  JOIN account_move_line line ON line.id = candidate.id
  JOIN account_move move ON move.id = line.move_id
  LEFT JOIN account_payment own ON own.id = move.origin_payment_id
  LEFT JOIN account_dunning_item item ON item.move_line_id = line.id
  LEFT JOIN returned ON returned.line_id = line.id
 WHERE %(open_item)s AND line.partner_id = ANY(%(partners)s)
   AND line.amount_residual_currency + COALESCE(returned.amount_currency, 0) <> 0
   AND (line.amount_residual_currency + COALESCE(returned.amount_currency, 0) > 0
        OR (own.state IN ('draft', 'rejected', 'canceled')) IS NOT TRUE)
 ORDER BY due, line.id
"""


class AccountDunningStatement(models.AbstractModel):
    """All that is open of customers: for letters that list it, and for the statement of account.

    A statement is a dict of plain values, as the template of its report uses them.
    """

    _name = "account.dunning.statement"
    _description = "Statement of Account"

    @api.model
    def _read_open_items(self, company, partner_ids, day):
        """The open items of customers as dicts, the oldest due date first, by (customer id, currency id).

        :param company: a root company; items of its branches are among the result
        :param day: the date on which ``held`` says whether an item is kept out of dunning
        """
        reader = self.env["account.dunning.reader"]
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                OPEN_ITEMS,
                company=company.id,
                day=day,
                open_item=reader._open_item_condition(company),
                returned=reader._returned_query(SQL("debit.partner_id = ANY(%s)", list(partner_ids))),
                partners=list(partner_ids),
            )
        )
        result = {}
        for row in self.env.cr.dictfetchall():
            result.setdefault((row["partner_id"], row["currency_id"]), []).append(row)
        return result

    @api.model
    def _get_statements(self, partners):
        """The statements of account of customers in the current company as of today, one for each customer.

        Where several are asked for, those without open items are left out, unless none of them has any.
        """
        if not (self.env.su or any(map(self.env.user.has_group, READERS))):
            raise AccessError(self.env._("Only collectors and users with invoicing rights may print statements."))
        partners.check_access("read")
        # the head office of a branch's user; the rights are checked above
        company = self.env.company.root_id.sudo()
        customers, day = partners.commercial_partner_id, company._dunning_today()
        items = {}
        for (partner_id, currency_id), rows in self._read_open_items(company, customers.ids, day).items():
            items.setdefault(partner_id, {})[currency_id] = rows
        customers = customers.filtered(lambda partner: partner.id in items) or customers
        recipients = customers.browse(customer.address_get(["invoice"])["invoice"] for customer in customers)
        moves = self._get_moves(items)
        common = {
            "company": company,
            "date": day,
            "window": get_record(self.env, "account_dunning.action_report_statement")._get_dunning_window(company),
        }
        return [
            {**common, **self._get_statement(company, customer, recipient, day, items.get(customer.id, {}), moves)}
            for customer, recipient in zip(customers, recipients, strict=True)
        ]

    @api.model
    def _get_moves(self, items):
        """The invoice or payment of each open item, by the item's id."""
        ids = [row["id"] for by_currency in items.values() for rows in by_currency.values() for row in rows]
        # all that the customer owes the company, for who may print statements
        lines = self.env["account.move.line"].sudo().browse(ids)
        lines.fetch(["move_id"])
        lines.move_id.fetch(["payment_reference", "partner_bank_id"])
        return {line.id: line.move_id for line in lines}

    def _get_statement(self, company, customer, recipient, day, items, moves):
        """What the statement of one ``customer`` has of its own. Hook.

        :param items: rows of :meth:`_read_open_items` by currency id
        :param moves: what their items belong to, by item id
        """
        lang = self._get_lang(recipient, company)
        own = self.with_context(lang=lang)
        return {
            "customer": customer.with_context(lang=lang),
            "recipient": recipient.with_context(lang=lang),
            "lang": lang,
            "parts": [
                own._get_part(company, recipient, self.env["res.currency"].browse(currency_id), day, rows, moves)
                for currency_id, rows in items.items()
            ],
        }

    def _get_lang(self, recipient, company):
        """The language of the ``recipient``, where it is in use; else that of the company, or of the user."""
        langs = (recipient.lang, company.partner_id.lang)
        return next((lang for lang in langs if self.env["res.lang"]._get_data(code=lang or "")), self.env.lang)

    def _get_part(self, company, recipient, currency, day, rows, moves):
        """What the statement says in one ``currency``, with the texts in the language of the context. Hook."""
        rows = [{**row, "days_overdue": (day - row["due"]).days} for row in rows]
        overdue = [row for row in rows if row["residual"] > 0 and row["days_overdue"] > 0]
        credit = [row for row in rows if row["residual"] < 0]
        later = [row for row in rows if row["residual"] > 0 and row["days_overdue"] <= 0]
        self._add_balances(currency, [*overdue, *credit, *later])
        due = self._sum(currency, [*overdue, *credit])
        invoices = self.env["account.move"].union(*(moves[row["id"]] for row in overdue))
        return {
            "currency": currency,
            "sections": [
                (title, section)
                for title, section in (
                    (self.env._("Overdue"), overdue),
                    (self.env._("Credits and payments"), credit),
                    (self.env._("Not yet due"), later),
                )
                if section
            ],
            "due": due,
            "total": self._sum(currency, rows),
            "ageing": self._get_ageing(currency, overdue, credit, later),
            **self._get_payment(company, recipient, currency, due, invoices),
        }

    @api.model
    def _sum(self, currency, rows):
        return currency.round(total(row["residual"] for row in rows))

    @api.model
    def _add_balances(self, currency, rows):
        """Give the rows the balance up to each of them."""
        for index, row in enumerate(rows):
            row["balance"] = currency.round((rows[index - 1]["balance"] if index else 0.0) + row["residual"])

    def _get_ageing(self, currency, overdue, credit, later):
        """What is open by its age: pairs of title and amount, whose sum is the total. Credits have no age."""
        groups = [[] for _end in AGE_ENDS]
        for row in overdue:
            groups[sum(row["days_overdue"] > end for end in AGE_ENDS) - 1].append(row)
        titles = (
            self.env._("Not yet due"),
            self.env._("1–30 days"),
            self.env._("31–60 days"),
            self.env._("61–90 days"),
            self.env._("Over 90 days"),
            self.env._("Credits"),
        )
        return [
            (title, self._sum(currency, rows)) for title, rows in zip(titles, (later, *groups, credit), strict=True)
        ]

    def _get_payment(self, company, recipient, currency, due, moves):
        """How to pay what is ``due`` of the invoices ``moves``, as the template of the letters prints it."""
        bank = company._get_dunning_bank_account(moves, currency).with_context(lang=self.env.lang)
        customer = recipient.commercial_partner_id
        reference = (len(moves) == 1 and moves.payment_reference) or customer.ref or customer.name
        reference = bank._get_dunning_reference(reference, STATEMENT, str(customer.id), currency, recipient)
        owing = currency.compare_amounts(due, 0) > 0
        rows = [
            (self.env._("Amount"), format_amount(self.env, due, currency) if owing else ""),
            *bank._get_dunning_rows(currency, recipient),
            (self.env._("Reference"), bank._format_dunning_reference(reference) if owing else ""),
        ]
        return {
            "payment_rows": [(label, text) for label, text in rows if text],
            "qr_code": bank._get_dunning_qr(due, currency, reference, recipient),
        }
