from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL, format_date

from ...engine import Delays, Habit, History, get_habit
from ..receivables.document import DUE

HISTORY_MONTHS = 24  # older payments say little of how one pays today

# How many days after their due date invoices were settled, by customer.
DELAYS = f"""
SELECT line.partner_id, ARRAY_AGG(partial.day - {DUE})
  FROM account_move_line line
  JOIN account_move move ON move.id = line.move_id AND move.move_type = 'out_invoice'
 CROSS JOIN LATERAL (SELECT MAX(max_date) AS day FROM account_partial_reconcile
                      WHERE debit_move_id = line.id) partial
 WHERE %(open_item)s AND line.reconciled AND line.balance > 0
   AND partial.day BETWEEN %(first)s AND %(day)s AND %(of_line)s
 GROUP BY line.partner_id
"""


class AccountDunningPaymentForecast(models.AbstractModel):
    """When customers will pay, from how they have paid: what the engine needs to know of it, and the sentence."""

    _name = "account.dunning.payment.forecast"
    _description = "Forecast of Payments"

    @api.model
    def _read_delays(self, company, partner_ids=None, day=None):
        """The :class:`engine.Delays` of customers of ``company`` (a root company), by id; of all without ids.

        :param day: what was settled later is not known; today without it
        """
        # as the desk: how a customer pays follows from all his invoices, whoever asks
        reader = self.env["account.dunning.reader"].sudo()
        day = day or company._dunning_today()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                DELAYS,
                open_item=reader._open_item_condition(company),
                first=day - relativedelta(months=HISTORY_MONTHS),
                day=day,
                of_line=SQL("TRUE") if partner_ids is None else SQL("line.partner_id = ANY(%s)", list(partner_ids)),
            )
        )
        return {partner_id: Delays(days) for partner_id, days in rows}

    @api.model
    def _read_history(self, company, day=None):
        """The :class:`engine.History` of all customers of ``company``, as it was known at the end of ``day``."""
        customers = self._read_delays(company, day=day)
        return History(Delays(day for delays in customers.values() for day in delays.days), customers)

    @api.model
    def _learn(self, company):
        """Keep how all customers of ``company`` pay, as of today; once a day."""
        everybody = self._read_history(company).everybody
        company._get_dunning_settings().write({"general_delay": everybody.median, "general_late": everybody.late})

    @api.model
    def _get_habits(self, company, partner_ids):
        """How customers pay: :class:`engine.Habit` by id, with one query however many they are."""
        settings, known = company._get_dunning_settings(), self._read_delays(company, partner_ids)
        return {
            partner_id: get_habit(known.get(partner_id, Delays()), settings.general_delay, settings.general_late)
            for partner_id in partner_ids
        }

    @api.model
    def _get_sentences(self, company, dues):
        """What is expected of invoices, in words, by what they are about.

        :param dues: pairs of customer id and due date (or None: nothing is open) by any key
        """
        habits = self._get_habits(company, {partner_id for partner_id, _due in dues.values()})
        today = company._dunning_today()
        return {key: self._get_sentence(habits[partner_id], due, today) for key, (partner_id, due) in dues.items()}

    @api.model
    def _get_sentence(self, habit: Habit, due, today):
        evidence = self._get_evidence(habit)
        if not due:
            return evidence
        day = habit.find_day(due)
        if day > today:
            return self.env._("Expected on %(date)s: %(why)s", date=format_date(self.env, day), why=evidence)
        return self.env._("Later than usual: %(why)s", why=evidence)

    @api.model
    def _get_evidence(self, habit):
        """Why it is expected: how the customer has paid, and of how many invoices that is known."""
        if not habit.invoices:
            return self.env._("no invoice paid yet, as customers usually pay")
        days, count, late = round(habit.delay), habit.invoices, round(habit.late * 100)
        values = {"days": abs(days), "count": count, "late": late}
        if days > 0:
            return self.env._("usually pays %(days)s days after due (%(count)s invoices, %(late)s %% late)", **values)
        if days < 0:
            return self.env._("usually pays %(days)s days before due (%(count)s invoices, %(late)s %% late)", **values)
        return self.env._("usually pays on the due date (%(count)s invoices, %(late)s %% late)", **values)
