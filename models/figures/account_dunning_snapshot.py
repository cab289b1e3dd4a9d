import logging
from dataclasses import asdict
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ...engine import Receivables, expect_cash
from ...tools.attempt import attempt

_logger = logging.getLogger(__name__)

MONTHS_BACK = 12  # of which snapshots are taken where there are none yet
WEEKS = 8  # for which cash is expected

# What happened from the first of a month to a day.
EVENTS = """
SELECT (SELECT COUNT(*) FROM account_dunning_contact contact
         WHERE contact.company_id = %(company)s AND contact.day BETWEEN %(first)s AND %(day)s AND %(of_contact)s)::int,
       (SELECT COUNT(*) FROM account_dunning_contact contact WHERE contact.right_party
           AND contact.company_id = %(company)s AND contact.day BETWEEN %(first)s AND %(day)s AND %(of_contact)s)::int,
       COUNT(*) FILTER (WHERE promise.state = 'kept')::int, COUNT(*)::int
  FROM account_dunning_promise promise
 WHERE promise.company_id = %(company)s AND promise.judged_on BETWEEN %(first)s AND %(day)s
   AND promise.state IN ('kept', 'partly', 'broken') AND %(of_promise)s
"""


class AccountDunningSnapshot(models.Model):
    """The key figures of a company at the end of a month, with the open items behind them, as they were then.

    Taken once and never changed: so last year's figures stay, whatever becomes of its invoices.
    """

    _name = "account.dunning.snapshot"
    _description = "Figures of a Month"
    _order = "day desc"
    _rec_name = "day"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    day = fields.Date(required=True, readonly=True)
    figures = fields.Json(readonly=True)

    _day_unique = models.Constraint("UNIQUE (company_id, day)", "A company has one snapshot of a day.")

    @api.depends("day")
    def _compute_display_name(self):
        for snapshot in self:
            snapshot.display_name = format_date(self.env, snapshot.day, date_format="MMMM yyyy")

    @api.model
    def _cron_take(self):
        """Scheduled action: take what is missing of the last months, one at a time; and expect the coming weeks' cash.

        What fails is logged, and tried again the next day.
        """
        for company in self.env["res.company"]._get_companies_in_time():
            today = company._dunning_today()
            for day in self._find_missing(company, today):
                self._try(company, lambda company=company, day=day: self._take(company, day))
            self._try(company, lambda company=company, today=today: self._expect(company, today))

    @api.model
    def _try(self, company, work):
        with attempt(self.env, alone=True) as outcome:
            work()
        if outcome.error:
            _logger.error("Figures of %s could not be taken", company.name, exc_info=outcome.error)
        self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _find_missing(self, company, today):
        """The last days of the months up to ``today`` without snapshot, from the first in which anything was booked."""
        self.env.flush_all()
        [[first]] = self.env.execute_query(
            SQL(
                "SELECT MIN(line.date) FROM account_move_line line WHERE %s",
                # as the figures themselves: of all items of the company
                self.env["account.dunning.reader"].sudo()._open_item_condition(company),
            )
        )
        month = today.replace(day=1)
        days = [month - relativedelta(months=back) - timedelta(1) for back in range(MONTHS_BACK)]
        taken = set(self.search([("company_id", "=", company.id), ("day", "in", days)]).mapped("day"))
        return sorted(day for day in days if first and day >= first and day not in taken)

    @api.model
    def _take(self, company, day):
        """Keep the figures of ``company`` (a root company) at the end of ``day``, and the items behind them."""
        snapshot = self.create(
            {"company_id": company.id, "day": day, "figures": self._read_figures(company, day, cash=True)}
        )
        self.env["account.dunning.snapshot.item"]._keep(snapshot)
        return snapshot

    @api.model
    def _expect(self, company, today):
        """Keep the cash expected of ``company`` in the coming weeks, as of today."""
        company._get_dunning_settings().cash_expected = self._read_cash(company, today)

    @api.model
    def _read_figures(self, company, day, customers=None, cash=False, largest=0):
        """All figures of ``company`` at the end of ``day``, of the month up to it, as a dict of plain values.

        :param customers: SQL of a query for the ids of some customers; None for all
        :param cash: whether with the cash expected in the coming weeks
        :param largest: with what is overdue of so many customers and collectors, the largest first
        """
        opening = self._get_opening(company, day) if customers is None else None
        ledger = self.env["account.dunning.ledger"]
        owed, debtors = ledger._read_standing(company, day, customers, largest)
        owed, key = ledger._get_figures(company, day, customers, opening, owed)
        contacts, right_party, kept, judged = self._read_events(company, day, customers)
        return {
            **asdict(owed),
            **asdict(key),
            "overdue": owed.overdue,
            "current": owed.current,
            "contacts": contacts,
            "right_party": right_party,
            "promises_kept": kept,
            "promises_judged": judged,
            "cash": self._read_cash(company, day) if cash else {},
            **({"largest": debtors} if largest else {}),
        }

    @api.model
    def _get_opening(self, company, day):
        """What was open at the end of the month before ``day``, as it was kept; None where it was not."""
        before = self.search([("company_id", "=", company.id), ("day", "=", day.replace(day=1) - timedelta(1))])
        return before and Receivables(ages=tuple(before.figures["ages"]), credits=before.figures["credits"])

    @api.model
    def _read_events(self, company, day, customers):
        def of(column):
            return SQL("TRUE") if customers is None else SQL("%s IN (%s)", SQL(column), customers)

        self.env.flush_all()
        [row] = self.env.execute_query(
            SQL(
                EVENTS,
                company=company.id,
                first=day.replace(day=1),
                day=day,
                of_contact=of("contact.partner_id"),
                of_promise=of("promise.partner_id"),
            )
        )
        return row

    @api.model
    def _read_cash(self, company, day):
        """The cash expected by week from what is open at the end of ``day``: amounts by the week's Monday."""
        columns = SQL("item.partner_id, item.due, item.amount::float")
        ledger = self.env["account.dunning.ledger"]
        items = self.env.execute_query(ledger._get_item_query(company, day, columns))
        history = self.env["account.dunning.payment.forecast"]._read_history(company, day)
        monday = day - timedelta(day.weekday())
        mondays = [monday + timedelta(7 * week) for week in range(WEEKS + 1)]
        owed = ((partner_id, due, amount) for partner_id, due, amount in items if amount > 0)
        expected = expect_cash(owed, history, day, [each + timedelta(6) for each in mondays])
        return {
            each.isoformat(): company.currency_id.round(amount) for each, amount in zip(mondays, expected, strict=True)
        }
