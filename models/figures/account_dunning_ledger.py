from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL

from ...engine import Owed, Settled, get_key_figures, sum_up
from ...engine.figures import COUNTBACK_MONTHS
from .ledger_sql import LEDGER, ROW, SALES, SETTLED, SETTLED_SUMS, STANDING


class AccountDunningLedger(models.AbstractModel):
    """The receivables of a company, with its branches, at the end of any day up to today.

    Ageing, key figures, snapshots and the forecast read here. Of all that is asked, ``customers`` restricts it to some:
    SQL of a query for the ids of commercial partners, or None for all.
    """

    _name = "account.dunning.ledger"
    _description = "Ledger as of a Day"

    @api.model
    def _get_receivables(self, company, day, customers=None):
        """What is open of ``company`` (a root company) at the end of ``day``, as :class:`engine.Receivables`."""
        return self._read_standing(company, day, customers)[0]

    @api.model
    def _read_standing(self, company, day, customers=None, largest=0):
        """What is open at the end of ``day``, and what is overdue by customer and by collector, the largest first.

        :param largest: of how many customers and collectors
        :return: :class:`engine.Receivables`, and tuples of ``partner_id`` or ``user_id``, id or None, and amount
        """
        rows = self._ask(STANDING, {**self._get_terms(company, day, customers), "largest": largest})
        owed = (Owed(*row[2:]) for row in rows if row[0] == "due")
        found = [(field, key, amount) for field, key, _due, amount, *_parts in rows if field != "due"]
        return sum_up(owed, day, company.currency_id.rounding), found

    @api.model
    def _get_figures(self, company, day, customers=None, opening=None, standing=None):
        """What is open at the end of ``day``, and its :class:`engine.KeyFigures`.

        :param opening: what was open at the end of the month before, where that is known already
        :param standing: what is open at the end of ``day``, where that is known already
        """
        standing = standing or self._get_receivables(company, day, customers)
        opening = opening or self._get_receivables(company, day.replace(day=1) - timedelta(1), customers)
        sales = self._read_sales(company, day, customers)
        settled = self._read_settled(company, day.replace(day=1), day, customers)
        return standing, get_key_figures(day, standing, opening, sales, settled)

    @api.model
    def _read_sales(self, company, day, customers=None):
        """Invoices less credit notes by day, of the months that a countback can reach."""
        first = day.replace(day=1) - relativedelta(months=COUNTBACK_MONTHS)
        return dict(self._ask(SALES, {**self._get_terms(company, day, customers), "first": first}))

    @api.model
    def _read_settled(self, company, first, day, customers=None):
        """The invoices settled from ``first`` to ``day``, as :class:`engine.Settled`: one for the same dates."""
        terms = {"first": first, "columns": SQL(SETTLED_SUMS), "grouped": SQL("GROUP BY 2, 3, 4")}
        rows = self._ask(SETTLED, {**self._get_terms(company, day, customers), **terms})
        return [Settled(*row) for row in rows]

    @api.model
    def _find_settled_ids(self, company, first, day, customers=None):
        """The ids of the journal items of :meth:`_read_settled`."""
        terms = {"first": first, "columns": SQL("line.id"), "grouped": SQL()}
        return [row[0] for row in self._ask(SETTLED, {**self._get_terms(company, day, customers), **terms})]

    @api.model
    def _get_item_query(self, company, day, columns, customers=None):
        """SQL of the open items at the end of ``day``: ``columns`` of ``item`` (id, partner_id, move_id, company_id,
        currency_id, due, amount, amount_currency) and ``part`` (disputed, promised, held, agency)."""
        ledger = SQL(LEDGER, **self._get_terms(company, day, customers))
        return SQL("%s SELECT %s FROM item LEFT JOIN part ON part.id = item.id", ledger, columns)

    @api.model
    def _get_row_query(self, company, day, number):
        """SQL of the open items at the end of ``day`` as people see them, with the SQL ``number`` as first columns."""
        terms = self._get_terms(company, day, None)
        return SQL("%s %s", SQL(LEDGER, **terms), SQL(ROW, company=company.id, day=day, number=number))

    @api.model
    def _ask(self, query, terms):
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL jit = off")  # to compile the queries takes longer than they do
        return self.env.execute_query(SQL(query, **terms))

    @api.model
    def _get_terms(self, company, day, customers):
        """The parts of the queries that depend on what is asked."""
        # decides on all items of the company, whoever asks
        reader = self.env["account.dunning.reader"].sudo()

        def of(column):
            return SQL("TRUE") if customers is None else SQL("%s IN (%s)", SQL(column), customers)

        return {
            "company": company.id,
            "branches": list(company._get_dunning_branches()),
            "day": day,
            "today": day,
            "open_item": reader._open_item_condition(company),
            "returned": reader._returned_query(SQL("partial.max_date <= %s", day)),
            "on_hold_if": SQL("TRUE"),
            "of_line": of("line.partner_id"),
            "of_hold": of("hold.commercial_partner_id"),
            "of_move": of("move.commercial_partner_id"),
        }
