"""What a dashboard is about: company, day or month, and perhaps one collector."""

from datetime import timedelta
from functools import cached_property

from dateutil.relativedelta import relativedelta

from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.ledger import AGE_ENDS
from .dashboard_charts import DEBTORS, MONTHS
from .ledger_sql import LARGEST_KEPT

KEPT = """
SELECT bucket, amount < 0, SUM(amount)::float, SUM(disputed)::float, SUM(promised)::float, SUM(held)::float,
       SUM(agency)::float
  FROM account_dunning_snapshot_item WHERE snapshot_id = %s AND user_id = %s GROUP BY 1, 2
"""


class View:
    """The question that all tiles and charts of one screen answer.

    :param company: a root company, as superuser
    :param snapshot: of the month that is looked at; empty for today
    :param user: the collector whose customers are looked at; empty for all
    """

    def __init__(self, company, snapshot, user):
        self.env = company.env
        self.company = company
        self.snapshot = snapshot
        self.user = user
        self.day = snapshot.day or company._dunning_today()
        self.first = (self.day + timedelta(1)) - relativedelta(months=MONTHS)

    @property
    def customers(self):
        """SQL of a query for the ids of the collector's customers; None for all."""
        if not self.user:
            return None
        return SQL(
            "SELECT partner_id FROM account_collection_case WHERE company_id = %s AND user_id = %s",
            self.company.id,
            self.user.id,
        )

    def of(self, column):
        """SQL condition: the ``column`` holds a customer who is looked at."""
        return SQL("TRUE") if self.customers is None else SQL("%s IN (%s)", SQL(column), self.customers)

    @property
    def open_item(self):
        return self.env["account.dunning.reader"]._open_item_condition(self.company)

    @property
    def domain(self):
        """Domain of the open items that are looked at."""
        domain = Domain("company_id", "=", self.company.id) & Domain("snapshot_id", "=", self.snapshot.id)
        return domain & Domain("user_id", "=", self.user.id) if self.user else domain

    @cached_property
    def figures(self):
        """The figures of the day: as they were kept, else read now."""
        return self._get_figures(self.snapshot)

    @cached_property
    def before(self):
        """Those of the end of the month before, or None."""
        months = self.get_months(2)
        earlier = months.filtered(lambda month: month.day < self.day.replace(day=1))[-1:]
        return self._get_figures(earlier) if earlier else None

    def _get_figures(self, snapshot):
        if snapshot and not self.user:
            return snapshot.figures
        day = snapshot.day or self.day
        snapshots = self.env["account.dunning.snapshot"]
        figures = snapshots._read_figures(self.company, day, self.customers, largest=0 if snapshot else DEBTORS)
        return figures | self._sum_kept(snapshot) if snapshot else figures

    def _sum_kept(self, snapshot):
        """The amounts of one collector as they were kept."""
        ages = [0.0] * (len(AGE_ENDS) + 1)
        credits, disputed, promised, held, agency = 0.0, 0.0, 0.0, 0.0, 0.0
        for bucket, negative, amount, *parts in self.env.execute_query(SQL(KEPT, snapshot.id, self.user.id)):
            if negative:
                credits -= amount
            else:
                ages[bucket] = amount
                disputed, promised, held, agency = map(sum, zip((disputed, promised, held, agency), parts, strict=True))
        return {
            "ages": ages,
            "current": ages[0],
            "overdue": sum(ages[1:]),
            "credits": credits,
            "disputed": disputed,
            "promised": promised,
            "held": held,
            "agency": agency,
        }

    @cached_property
    def largest(self):
        """What is overdue by customer and collector, the largest first: (partner_id or user_id, id, amount)."""
        if not self.snapshot:
            return self.figures["largest"]
        of_user = SQL("item.user_id = %s", self.user.id) if self.user else SQL("TRUE")
        query = SQL(LARGEST_KEPT, snapshot=self.snapshot.id, of_user=of_user, largest=DEBTORS)
        return [(field, key, amount) for field, key, _due, amount, *_parts in self.env.execute_query(query)]

    def get_months(self, count):
        """The last snapshots up to the day, the oldest first."""
        domain = Domain("company_id", "=", self.company.id) & Domain("day", "<=", self.day)
        return self.env["account.dunning.snapshot"].search(domain, order="day desc", limit=count).sorted("day")

    def get_ages(self, snapshot):
        """What was open by age at the end of a month, of those who are looked at."""
        return self._sum_kept(snapshot)["ages"] if self.user else snapshot.figures["ages"]

    def get_expected(self, weeks):
        """The cash expected in each of ``weeks``, as it was expected before; None where nothing was."""
        if self.user:
            return [None] * len(weeks)
        months = self.get_months(12)
        kept = self.snapshot.figures["cash"] if self.snapshot else self.company._get_dunning_settings().cash_expected
        now = kept or {}
        return [now.get(week.isoformat()) if week >= self.day else self._get_earlier(months, week) for week in weeks]

    def _get_earlier(self, months, week):
        earlier = months.filtered(lambda month: month.day < week)[-1:]
        return earlier.figures["cash"].get(week.isoformat()) if earlier else None
