from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine import Account, BalanceRule, Course, CreditCourse, Keeping, Settling, shift
from ..base.names import PENDING_STATES
from ..desk.judging import AT_ONCE
from ..receivables.obstacle import Question

# The customers who owe anything in a time, with the number of their items.
CUSTOMERS = """
SELECT line.partner_id, COUNT(*)::int
  FROM account_move_line line
 WHERE %(open_item)s AND line.partner_id > %(after)s AND line.date <= %(until)s
   AND (line.reconciled IS NOT TRUE OR line.id IN (SELECT line_id FROM (%(returned)s) returned)
        OR EXISTS (SELECT 1 FROM account_partial_reconcile partial
                    WHERE (partial.debit_move_id = line.id OR partial.credit_move_id = line.id)
                      AND partial.max_date >= %(since)s))
 GROUP BY line.partner_id
HAVING BOOL_OR(line.balance > 0)
 ORDER BY line.partner_id
"""

# What was matched from a day on, by item; not what payments had settled that were taken back since.
MATCHED = """
SELECT matched.line_id, matched.day, SUM(matched.amount_currency)::float, SUM(matched.amount)::float
  FROM (SELECT debit_move_id AS line_id, credit_move_id AS other_id, max_date AS day,
               debit_amount_currency AS amount_currency, amount
          FROM account_partial_reconcile WHERE debit_move_id = ANY(%(ids)s) AND max_date >= %(since)s
         UNION ALL
        SELECT credit_move_id, debit_move_id, max_date, credit_amount_currency, amount
          FROM account_partial_reconcile WHERE credit_move_id = ANY(%(ids)s) AND max_date >= %(since)s) matched
  JOIN account_move_line other ON other.id = matched.other_id
 WHERE NOT EXISTS (SELECT 1 FROM account_payment payment
                    WHERE payment.move_id = other.move_id AND payment.state IN ('draft', 'rejected', 'canceled'))
 GROUP BY matched.line_id, matched.day
 ORDER BY matched.line_id, matched.day
"""

# The dunning state of items as it was before a day, where a notice about them has left since: what that one found.
STATES = """
SELECT DISTINCT ON (line.move_line_id) line.move_line_id, level.days AS reached, line.previous_level_id AS level_id,
       line.previous_date AS last_notice_date, line.previous_deadline_days AS deadline_days,
       line.previous_times AS times, line.previous_resumed_on AS resumed_on, reminder.days AS reminded
  FROM account_dunning_notice_line line
  JOIN account_dunning_notice notice ON notice.id = line.notice_id
  LEFT JOIN account_dunning_level level ON level.id = line.previous_level_id
  LEFT JOIN account_dunning_level reminder ON reminder.id = line.previous_reminder_level_id
 WHERE line.move_line_id = ANY(%(ids)s) AND (notice.state = 'sent' OR notice.bounced) AND notice.sent_on >= %(since)s
 ORDER BY line.move_line_id, notice.sent_on, line.id
"""
NEVER = dict.fromkeys(("reached", "level_id", "last_notice_date", "deadline_days", "times", "resumed_on", "reminded"))

LAST_NOTICES = """
SELECT partner_id, type_id, MAX(sent_on) FROM account_dunning_notice
 WHERE company_id = %(company)s AND partner_id = ANY(%(partners)s) AND (state = 'sent' OR bounced) AND NOT reminder
   AND sent_on < %(since)s
 GROUP BY partner_id, type_id
"""

HOLDS = """
SELECT hold.partner_id, hold.move_id, hold.move_line_id, COALESCE(hold.amount, 0)::float, hold.date_from,
       LEAST(hold.date_until, hold.ended_on - 1), COALESCE(promise.state = ANY(%(at_once)s), FALSE)
  FROM account_dunning_hold hold LEFT JOIN account_dunning_promise promise ON promise.id = hold.promise_id
 WHERE hold.company_id = %(company)s AND hold.commercial_partner_id = ANY(%(partners)s) AND hold.date_from <= %(until)s
   AND COALESCE(LEAST(hold.date_until, hold.ended_on - 1), %(until)s) >= %(since)s::date - 1
 ORDER BY hold.id
"""


class AccountDunningSimulationReader(models.AbstractModel):
    """From the database to the engine: customers over a time, as values. A fixed number of queries for many of them.

    A time that begins in the past begins with what was known then: the ledger by the dates of its entries and
    matchings, levels by the notices that had left, holds by their days. Of what says nothing about former days
    (types, settings, addresses, what keeps documents out for good) it is the present state. Later times begin today,
    with all that a night reads today.
    """

    _name = "account.dunning.simulation.reader"
    _description = "Reader of Simulations"

    @api.model
    def _find_customers(self, company, since, until, after=0):
        """The customers with ids above ``after`` who owe anything in the time: pairs of id and number of items."""
        reader = self.env["account.dunning.reader"].sudo()
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                CUSTOMERS,
                open_item=reader._open_item_condition(company),
                returned=reader._returned_query(SQL("TRUE")),
                after=after,
                since=since,
                until=until,
            )
        )

    @api.model
    def _read_accounts(self, company, partner_ids, since, until, payments, history=None):
        """The customers as :class:`engine.Account`, from the day ``since`` on, which is today at the latest.

        :param payments: ``none``, ``happened`` or ``forecast``: what comes in from ``since`` on
        :param history: :class:`engine.History`, of a forecast
        """
        rows, matched, booked = self._read_rows(company, partner_ids, since, until)
        debits, credits_by_partner = self._build_items(company, partner_ids, rows)
        credit_amounts = {row.id: -row.company_residual for row in rows}
        holds = self._read_holds(company, partner_ids, since, until)
        by_customer = company._get_dunning_settings().mode == "customer"
        balance, counting = self._read_balance(company, list(booked)) if by_customer else (None, booked)
        # as the reader: addresses of customers, whoever asks
        contacts = (
            self.env["account.dunning.reader"].sudo()._get_partner_values(company, partner_ids, "dunning_contact_id")
        )
        today = company._dunning_today()
        last_notices = self._read_last_notices(company, partner_ids, since if since < today else shift(today, 1))

        def follow(customer, item):
            paid = matched[item.id] if payments == "happened" else ()
            if payments == "forecast":
                day = history.find_payment_day(customer, item.due, max(shift(since, -1), booked[item.id]))
                paid = (Settling(day, item.residual, item.company_residual),) if day else ()
            kept = (*holds["partner", customer], *holds["move", item.move_id], *holds["line", item.id])
            counts = item.id in counting and "charge" not in item.obstacles
            return Course(item, booked[item.id], paid, kept, customer if by_customer else item.move_id, counts)

        def follow_credit(credit):
            paid = matched[credit.id] if payments == "happened" else ()
            return CreditCourse(credit, credit_amounts[credit.id], booked[credit.id], paid, credit.id in counting)

        return [
            Account(
                id=partner_id,
                items=tuple(follow(partner_id, item) for item in debits.get(partner_id, ())),
                credits=tuple(
                    follow_credit(credit)
                    for credit in credits_by_partner.get(partner_id, ())
                    if payments == "happened" or booked[credit.id] < since
                ),
                contact=contacts.get(partner_id),
                last_notices=last_notices.get(partner_id, {}),
                balance=balance,
            )
            for partner_id in partner_ids
        ]

    @api.model
    def _read_rows(self, company, partner_ids, since, until):
        """The reader's rows of all items that were open from ``since`` on, as they were the day before, or came later;
        what was matched from then on, and the days of their entries, by id."""
        # decides on all items of the company, whoever asks
        reader, today = self.env["account.dunning.reader"].sudo(), company._dunning_today()
        past = since < today
        obstacles = [  # the engine plays holds, and in the past the ends of plans; what passes there is unknown
            obstacle
            for obstacle in sorted(reader._get_obstacles(), key=lambda obstacle: -obstacle.weight)
            if obstacle.code != "hold" and not (past and (obstacle.passes or obstacle.code == "stopped"))
        ]
        own = self.env["account.dunning.notice"].search(
            Domain("company_id", "=", company.id)
            & Domain("partner_id", "in", partner_ids)
            & Domain("state", "in", PENDING_STATES)
        )
        question = Question(company, tuple(partner_ids), until if past else today, tuple(own.ids), since=since)
        rows = reader._read_items(question, obstacles)
        ids = [row.id for row in rows]
        booked = dict(self.env.execute_query(SQL("SELECT id, date FROM account_move_line WHERE id = ANY(%s)", ids)))
        matched = defaultdict(tuple)
        if past:
            for item_id, *settling in self.env.execute_query(SQL(MATCHED, ids=ids, since=since)):
                matched[item_id] += (Settling(*settling),)
        states = self._read_states(ids, since) if past else {}
        return [self._go_back(row, matched[row.id], since, past, states) for row in rows], matched, booked

    @api.model
    def _go_back(self, row, matched, since, past, states):
        """The row without what was ``matched``, and with the dunning state of the day before ``since``."""
        row = row._replace(line_contested=None, move_contested=None)
        if not past:
            return row
        sign = 1 if row.amount_currency >= 0 else -1
        state = states.get(row.id, {})
        if not state and row.last_notice_date and row.last_notice_date >= since:
            state = NEVER  # a level that was imported later
        later = {
            name: None
            for name in ("resumed_on", "not_before", "released_on")
            if getattr(row, name) and getattr(row, name) >= since
        }
        return row._replace(
            residual=row.residual + sign * sum(settling.amount for settling in matched),
            company_residual=row.company_residual + sign * sum(settling.company_amount for settling in matched),
            plan_type_id=None,
            **{**later, **state},
        )

    @api.model
    def _read_states(self, ids, since):
        """The states of items before ``since`` about which a notice has left from then on, by id."""
        self.env.cr.execute(SQL(STATES, ids=ids, since=since))
        return {row.pop("move_line_id"): row for row in self.env.cr.dictfetchall()}

    @api.model
    def _build_items(self, company, partner_ids, rows):
        """Items and credits by customer, as the reader makes them, with the types of today."""
        reader = self.env["account.dunning.reader"].sudo()
        types = self.env["account.dunning.type"].sudo().search([("company_id", "=", company.id)])
        partner_types = reader._get_partner_types(company, partner_ids, types)
        lasting = {obstacle.code for obstacle in reader._get_obstacles() if not obstacle.passes}
        return reader._build_items(rows, company, partner_types, types, lasting)

    @api.model
    def _read_holds(self, company, partner_ids, since, until):
        """The holds on customers, invoices and items: tuples of :class:`engine.Keeping` by kind and id."""
        terms = {"company": company.id, "partners": partner_ids, "since": since, "until": until}
        found = defaultdict(tuple)
        for partner_id, move_id, line_id, amount, first, last, release in self.env.execute_query(
            SQL(HOLDS, at_once=list(AT_ONCE), **terms)
        ):
            kinds = {"partner": partner_id, "move": move_id, "line": line_id}
            for kind, record_id in kinds.items():
                if record_id:
                    found[kind, record_id] += (Keeping(first, last, amount, release),)
        return found

    @api.model
    def _read_balance(self, company, ids):
        """How the customer balance is made up, and which of the items ``ids`` can be part of it."""
        balance = company._get_dunning_settings()._get_balance()
        domain = balance._get_item_or_heir_domain(company) & Domain("id", "in", ids)
        counting = self.env["account.move.line"].sudo()._search(domain, bypass_access=True)
        return BalanceRule(balance.overdue_only, balance.with_credits), set(counting)

    @api.model
    def _read_last_notices(self, company, partner_ids, since):
        """The days of the last notices before ``since``, by customer and type."""
        found = defaultdict(dict)
        rows = self.env.execute_query(SQL(LAST_NOTICES, company=company.id, partners=partner_ids, since=since))
        for partner_id, type_id, day in rows:
            found[partner_id][type_id] = day
        return found
