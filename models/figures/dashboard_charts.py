"""The charts of the dashboard: labels, series, and what a click on a bar opens, as plain values."""

from datetime import date, timedelta

from odoo import api
from odoo.tools import SQL, format_date

from .account_dunning_figure_item import AGES

MONTHS = 6
PAID_WITHIN = 14  # days after a notice
DEBTORS = 10

# Of the items dunned on a level: how many were settled soon after, before a higher level, and how many went on to one.
LEVELS = """
SELECT level.id, COUNT(*)::int,
       COUNT(*) FILTER (WHERE settled.day <= notice.sent_on + %(within)s AND next.day IS NULL)::int,
       COUNT(*) FILTER (WHERE next.day IS NOT NULL)::int
  FROM account_dunning_notice_line line
  JOIN account_dunning_notice notice ON notice.id = line.notice_id AND notice.state = 'sent'
  JOIN account_dunning_level level ON level.id = line.level_id
  LEFT JOIN LATERAL (SELECT MAX(partial.max_date) AS day FROM account_partial_reconcile partial
                       JOIN account_move_line item ON item.id = partial.debit_move_id AND item.reconciled
                      WHERE partial.debit_move_id = line.move_line_id) settled ON TRUE
  LEFT JOIN LATERAL (SELECT MIN(later.sent_on) AS day FROM account_dunning_notice_line further
                       JOIN account_dunning_notice later ON later.id = further.notice_id AND later.state = 'sent'
                       JOIN account_dunning_level higher ON higher.id = further.level_id AND higher.days > level.days
                      WHERE further.move_line_id = line.move_line_id AND further.dunned
                        AND later.sent_on >= notice.sent_on AND later.sent_on <= %(day)s) next ON TRUE
 WHERE notice.company_id = %(company)s AND line.dunned AND notice.sent_on BETWEEN %(first)s AND %(day)s
   AND level.reminder IS NOT TRUE AND %(of_notice)s
 GROUP BY level.id, level.days
 ORDER BY level.days, level.id
"""

# Of the items of each ``group`` in each bucket of a month: the amount, and that of it which was in an older one at the
# end of the next.
ROLLED = """
SELECT %(group)s, before.bucket, SUM(before.amount)::float,
       COALESCE(SUM(LEAST(before.amount, after.amount)) FILTER (WHERE after.bucket > before.bucket), 0)::float
  FROM account_dunning_snapshot_item before
  JOIN account_dunning_snapshot first ON first.id = before.snapshot_id AND first.company_id = %(company)s
  JOIN account_dunning_snapshot second ON second.company_id = first.company_id
       AND second.day = (date_trunc('month', first.day + 1) + INTERVAL '1 month - 1 day')::date
  LEFT JOIN account_dunning_snapshot_item after
         ON after.snapshot_id = second.id AND after.move_line_id = before.move_line_id AND after.amount > 0
 WHERE before.amount > 0 AND second.day BETWEEN %(first)s AND %(day)s AND %(of_before)s
 GROUP BY 1, before.bucket
"""

# What payments brought by week, on what was open then: on items posted before that week.
CAME = """
SELECT date_trunc('week', counter.date)::date, SUM(partial.amount)::float
  FROM account_partial_reconcile partial
  JOIN account_move_line line ON line.id = partial.debit_move_id
  JOIN account_move_line counter ON counter.id = partial.credit_move_id
  JOIN account_move counter_move ON counter_move.id = counter.move_id
   AND (counter_move.origin_payment_id IS NOT NULL OR counter_move.statement_line_id IS NOT NULL)
 WHERE %(open_item)s AND counter.date BETWEEN %(first)s AND %(day)s
   AND line.date < date_trunc('week', counter.date) AND %(of_line)s
 GROUP BY 1
"""


class DashboardCharts:
    __slots__ = ()

    @api.model
    def _get_charts(self, view):
        """The charts of a :class:`View`, by name: labels, series with their values, and what they open."""
        return {
            "ageing": self._chart_ageing(view),
            "cash": self._chart_cash(view),
            "levels": self._chart_levels(view),
            "rolls": self._chart_rolls(view),
            "collectors": self._chart_groups(view, "user_id", self.env._("Overdue by Collector")),
            "debtors": self._chart_groups(view, "partner_id", self.env._("Largest Debtors, Overdue")),
        }

    @api.model
    def _chart_ageing(self, view):
        """What is open by age, at the end of each of the last months and on the day itself."""
        columns = [
            (snapshot.id, snapshot.display_name, view.get_ages(snapshot)) for snapshot in view.get_months(MONTHS)
        ]
        if not view.snapshot:
            columns.append((0, self.env._("Today"), view.figures["ages"]))
        series = [
            {"label": label, "key": age, "values": [ages[int(age)] for _id, _name, ages in columns]}
            for age, label in self.env["account.dunning.figure.item"]._fields["age"]._description_selection(self.env)
        ]
        return {
            "title": self.env._("Open Items by Age"),
            "help": self.env._("What was open at the end of each month, by days after the due date."),
            "unit": "money",
            "stacked": True,
            "labels": [name for _id, name, _ages in columns],
            "keys": [key for key, _name, _ages in columns],
            "series": series,
        }

    @api.model
    def _chart_cash(self, view):
        """Cash expected by week against what came: what was expected then, by the last snapshot before the week."""
        monday = view.day - timedelta(view.day.weekday())
        weeks = [monday + timedelta(7 * number) for number in range(-8, 8)]
        came = dict(
            self._ask_for(view, CAME, first=weeks[0], open_item=view.open_item, of_line=view.of("line.partner_id"))
        )
        expected = view.get_expected(weeks)
        return {
            "title": self.env._("Cash by Week"),
            "help": self.env._(
                "Expected: Σ open amount × probability that it is paid in that week, of how long each customer's "
                "invoices stayed open so far; for past weeks as it was expected at the end of the month before. "
                "Received: payments on what was open when the week began."
            ),
            "unit": "money",
            "labels": [format_date(self.env, week, date_format="d MMM") for week in weeks],
            "keys": [week.isoformat() for week in weeks],
            "series": [
                {"label": self.env._("Expected"), "key": "expected", "values": expected},
                {
                    "label": self.env._("Received"),
                    "key": "came",
                    "values": [came.get(week, 0.0) if week <= view.day else None for week in weeks],
                },
            ],
        }

    @api.model
    def _chart_levels(self, view):
        rows = self._ask_for(view, LEVELS, within=PAID_WITHIN, of_notice=view.of("notice.partner_id"))
        levels = self.env["account.dunning.level"].browse(row[0] for row in rows)
        labels = (
            self.env._("Paid within %(days)s days", days=PAID_WITHIN),
            self.env._("Next level"),
            self.env._("Neither yet"),
        )
        values = [[paid, further, count - paid - further] for _level, count, paid, further in rows]
        return {
            "title": self.env._("Recovered after Which Level"),
            "help": self.env._("Items dunned in the last six months by level: what became of them."),
            "unit": "count",
            "stacked": True,
            "labels": levels.mapped("display_name"),
            "keys": levels.ids,
            "series": [
                {"label": label, "key": str(index), "values": [row[index] for row in values]}
                for index, label in enumerate(labels)
            ],
        }

    @api.model
    def _chart_rolls(self, view):
        opening, rolled = self._read_rolled(view)

        ages = [
            label
            for _age, label in self.env["account.dunning.figure.item"]._fields["age"]._description_selection(self.env)
        ]
        rates = [later / before * 100 if before else 0.0 for before, later in zip(opening, rolled, strict=True)]
        return {
            "title": self.env._("Roll Rates"),
            "help": self.env._(
                "Of what was in a bucket at the end of a month, the part that was in an older one a month later; "
                "of the last six months."
            ),
            "unit": "percent",
            "labels": ages[:-1],
            "keys": ["0", "1", "2", "3"],
            "series": [{"label": self.env._("Grew older"), "key": "rolled", "values": rates[:-1]}],
        }

    @api.model
    def _read_rolled(self, view):
        """What was in each bucket in the last months, and what of it was in an older one a month later."""
        rows = self._ask_for(view, ROLLED, group=SQL("NULL::int"), of_before=view.of("before.partner_id"))
        amounts = {bucket: (before, later) for _group, bucket, before, later in rows}
        return zip(*(amounts.get(bucket, (0.0, 0.0)) for bucket in range(len(AGES))), strict=True)

    @api.model
    def _chart_groups(self, view, field, title):
        """What is overdue by ``field``, the largest first."""
        groups = [(key, amount) for name, key, amount in view.largest if name == field]
        records = self.env[self.env["account.dunning.figure.item"]._fields[field].comodel_name]
        names = {record.id: record.display_name for record in records.browse(key for key, _amount in groups if key)}
        return {
            "title": title,
            "help": self.env._("What is overdue; the ten largest."),
            "unit": "money",
            "horizontal": True,
            "labels": [names.get(key) or self.env._("Nobody") for key, _amount in groups],
            "keys": [key or False for key, _amount in groups],
            "series": [{"label": self.env._("Overdue"), "key": field, "values": [amount for _key, amount in groups]}],
        }

    @api.model
    def _ask_for(self, view, query, **terms):
        """Rows of ``query`` about the company of the ``view``, of the last months up to its day."""
        terms = {"company": view.company.id, "day": view.day, "first": view.first, **terms}
        self.env.flush_all()
        return self.env.execute_query(SQL(query, **terms))

    @api.model
    def _to_week(self, key):
        """First and last day of the week that begins on ``key``."""
        try:
            monday = date.fromisoformat(key)
            return monday, monday + timedelta(6)
        except (ValueError, OverflowError):
            raise self._unknown() from None
