"""What is known of the customers of a company, for their cases: one query, which decides nothing."""

from collections import namedtuple

from odoo import api
from odoo.tools import SQL

from ..base.names import OPEN_STATES
from ..receivables.document import ABOUT, DUE
from ..receivables.obstacle import Question

BROKEN_LATELY = 14  # days for which a broken promise, or a returned payment, is news

# The holds on a day by what they are, and what they keep of each ``item``. A part of an invoice on hold sits on its
# last instalments (rules §3). ``on_hold_if`` says which items count.
ON_HOLD = """
hold AS (
    SELECT hold.id, hold.partner_id, hold.move_id, hold.move_line_id, COALESCE(hold.amount, 0) AS amount,
           CASE WHEN hold.promise_id IS NOT NULL THEN 'promised' WHEN reason.dispute THEN 'disputed' ELSE 'held' END
               AS kind
      FROM account_dunning_hold hold JOIN account_dunning_reason reason ON reason.id = hold.reason_id
     WHERE hold.company_id = %(company)s AND hold.date_from <= %(today)s
       AND (hold.ended_on IS NULL OR hold.ended_on > %(today)s)
       AND (hold.date_until IS NULL OR hold.date_until >= %(today)s) AND %(of_hold)s
),
on_hold AS (
    SELECT item.id, item.partner_id, item.amount, hold.kind,
           SUM(CASE hold.amount WHEN 0 THEN item.amount ELSE hold.share * item.amount / item.amount_currency END)
               AS kept
      FROM (SELECT item.id, hold.kind, hold.amount, hold.amount AS share
              FROM item JOIN hold ON hold.partner_id = item.partner_id
             UNION ALL
            SELECT item.id, hold.kind, hold.amount, hold.amount
              FROM item JOIN hold ON hold.move_line_id = item.id
             UNION ALL
            SELECT item.id, hold.kind, hold.amount, GREATEST(hold.amount - COALESCE(SUM(item.amount_currency) OVER (
                       PARTITION BY hold.id ORDER BY item.due DESC, item.id DESC
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0), 0)
              FROM item JOIN hold ON hold.move_id = item.move_id
             WHERE item.amount_currency > 0) hold
      JOIN item ON item.id = hold.id AND item.amount > 0 AND item.amount_currency > 0 AND %(on_hold_if)s
     GROUP BY item.id, item.partner_id, item.amount, hold.kind
)
"""

# The open items of the customers with what keeps them out for good, and the holds on them.
ITEMS = f"""
returned AS (%(returned)s), %(tables)s,
item AS MATERIALIZED (
    SELECT line.id, line.partner_id, line.move_id, {DUE} AS due, reached.id AS level_id, reached.days AS reached,
           returned.line_id IS NOT NULL AS returned,
           line.amount_residual + COALESCE(returned.amount, 0) AS amount,
           line.amount_residual_currency + COALESCE(returned.amount_currency, 0) AS amount_currency,
           %(outside)s AS outside, own.state IN ('draft', 'rejected', 'canceled') AS void
      FROM account_move_line line
      JOIN %(moves)s ON move.id = line.move_id
      LEFT JOIN returned ON returned.line_id = line.id
      LEFT JOIN account_payment own ON own.id = move.origin_payment_id
      LEFT JOIN account_dunning_item item ON item.move_line_id = line.id
      LEFT JOIN account_dunning_level reached ON reached.id = item.level_id
      LEFT JOIN account_collection_plan plan
             ON plan.company_id = %(company)s AND plan.partner_id = line.partner_id AND plan.mode = %(mode)s
            AND plan.state = ANY(%(open_states)s) AND %(about)s
      %(joins)s
     WHERE %(open_item)s AND %(of_line)s AND (line.reconciled IS NOT TRUE OR returned.line_id IS NOT NULL)
),
{ON_HOLD},
kept AS (
    SELECT partner_id, SUM(LEAST(kept, amount)) FILTER (WHERE kind = 'promised') AS promised,
           SUM(LEAST(kept, amount)) FILTER (WHERE kind = 'disputed') AS disputed,
           SUM(LEAST(kept, amount)) FILTER (WHERE kind = 'held') AS held
      FROM on_hold GROUP BY partner_id
)
"""

# The amounts of each customer, in company currency; what is overdue also by its age.
OWED = """
owed AS (
    SELECT partner_id,
           -SUM(amount) FILTER (WHERE amount < 0 AND void IS NOT TRUE) AS credits,
           SUM(amount) FILTER (WHERE amount > 0 AND outside) AS outside,
           SUM(amount) FILTER (WHERE amount > 0 AND NOT outside AND due >= %(today)s) AS not_due,
           SUM(amount) FILTER (WHERE overdue AND age <= 30) AS aged_1,
           SUM(amount) FILTER (WHERE overdue AND age BETWEEN 31 AND 60) AS aged_31,
           SUM(amount) FILTER (WHERE overdue AND age BETWEEN 61 AND 90) AS aged_61,
           SUM(amount) FILTER (WHERE overdue AND age > 90) AS aged_91,
           SUM(amount) FILTER (WHERE overdue) AS overdue,
           MIN(due) FILTER (WHERE overdue) AS oldest_due, BOOL_OR(overdue AND returned) AS returned,
           (ARRAY_AGG(level_id ORDER BY reached DESC NULLS LAST, id) FILTER (WHERE overdue))[1] AS level_id
      FROM (SELECT item.*, %(today)s - due AS age, amount > 0 AND NOT outside AND due < %(today)s AS overdue
              FROM item) item
     GROUP BY partner_id
)
"""

# What is open about each customer besides: plans, notices that failed, activities, reviews, contacts, promises.
AROUND = """
plan AS (
    SELECT plan.partner_id,
           (ARRAY_AGG(plan.user_id ORDER BY plan.id DESC) FILTER (WHERE plan.user_id > 0))[1] AS user_id,
           MIN(plan.next_date) FILTER (WHERE plan.state = 'ongoing' AND plan.next_level_id > 0) AS next_notice,
           BOOL_AND(reached.id IS NOT NULL AND plan.next_level_id IS NULL AND NOT EXISTS (
               SELECT 1 FROM account_dunning_level further
                WHERE further.type_id = reached.type_id AND further.active AND further.days > reached.days
           )) AS ladder_ended
      FROM account_collection_plan plan
      LEFT JOIN account_dunning_level reached ON reached.id = plan.level_id
     WHERE plan.company_id = %(company)s AND plan.state = ANY(%(open_states)s) AND %(of_plan)s
     GROUP BY plan.partner_id
),
failed AS (
    SELECT DISTINCT notice.partner_id FROM account_dunning_notice notice
     WHERE notice.company_id = %(company)s AND notice.state = 'failed' AND %(of_notice)s
),
review AS (
    SELECT hold.commercial_partner_id AS partner_id, MIN(hold.review_date) AS day
      FROM account_dunning_hold hold JOIN account_dunning_reason reason ON reason.id = hold.reason_id AND reason.dispute
     WHERE hold.company_id = %(company)s AND hold.ended_on IS NULL AND hold.review_date IS NOT NULL
       AND (hold.date_until IS NULL OR hold.date_until >= %(today)s) AND %(of_hold)s
     GROUP BY hold.commercial_partner_id
),
activity AS (
    SELECT todo.partner_id, MIN(todo.day) FILTER (WHERE NOT todo.call_back) AS day,
           MIN(todo.day) FILTER (WHERE todo.call_back) AS call_back
      FROM (SELECT own.partner_id, activity.date_deadline AS day, activity.dunning_call_back IS TRUE AS call_back
              FROM account_collection_case own
              JOIN mail_activity activity ON activity.res_model = 'account.collection.case'
                   AND activity.res_id = own.id AND activity.active
             WHERE own.company_id = %(company)s AND %(of_case)s
             UNION ALL
            SELECT plan.partner_id, activity.date_deadline, FALSE
              FROM account_collection_plan plan
              JOIN mail_activity activity ON activity.res_model = 'account.collection.plan'
                   AND activity.res_id = plan.id AND activity.active
             WHERE plan.company_id = %(company)s AND %(of_plan)s) todo
     GROUP BY todo.partner_id
),
contact AS (
    SELECT DISTINCT ON (own.partner_id) own.partner_id, contact.id, contact.day,
           BOOL_OR(outcome.kind = 'copy' AND contact.answered IS NOT TRUE) OVER (PARTITION BY own.id) AS wants_copy
      FROM account_dunning_contact contact
      JOIN account_collection_case own ON own.id = contact.case_id
      JOIN account_dunning_outcome outcome ON outcome.id = contact.outcome_id
     WHERE own.company_id = %(company)s AND %(of_case)s
     ORDER BY own.partner_id, contact.at DESC, contact.id DESC
),
promise AS (
    SELECT own.partner_id,
           MIN(promise.next_on) FILTER (WHERE promise.state = 'open' AND promise.next_on >= %(today)s) AS next_on,
           COUNT(*) FILTER (WHERE promise.state = 'broken' AND promise.judged_on > %(lately)s) AS broken,
           MAX(promise.judged_on) FILTER (WHERE promise.state = 'broken' AND promise.judged_on > %(lately)s)
               AS broken_on
      FROM account_dunning_promise promise JOIN account_collection_case own ON own.id = promise.case_id
     WHERE own.company_id = %(company)s AND %(of_case)s
     GROUP BY own.partner_id
)
"""

FACTS = f"""
WITH {ITEMS}, {OWED}, {AROUND}
SELECT partner.id AS partner_id, own.id AS case_id,
       COALESCE(owed.overdue, 0)::float AS overdue, COALESCE(owed.not_due, 0)::float AS not_due,
       COALESCE(owed.credits, 0)::float AS credits, COALESCE(owed.outside, 0)::float AS outside,
       COALESCE(owed.aged_1, 0)::float AS aged_1, COALESCE(owed.aged_31, 0)::float AS aged_31,
       COALESCE(owed.aged_61, 0)::float AS aged_61, COALESCE(owed.aged_91, 0)::float AS aged_91,
       owed.oldest_due, owed.level_id, owed.returned, COALESCE(kept.promised, 0)::float AS promised,
       COALESCE(kept.disputed, 0)::float AS disputed, COALESCE(kept.held, 0)::float AS held,
       plan.user_id AS plan_user_id, plan.next_notice, plan.ladder_ended,
       failed.partner_id IS NOT NULL AS failed, review.day AS review_on,
       activity.day AS activity_on, activity.call_back AS call_back_on,
       contact.id AS contact_id, contact.day AS contact_on, contact.wants_copy,
       promise.next_on AS promise_on, COALESCE(promise.broken, 0) AS broken, promise.broken_on,
       own.returned_on, own.page_opened_on, own.skip_until, own.skip_reason,
       (%(collector)s)::int AS collector_id, type.minimum_amount::float AS minimum
  FROM res_partner partner
  LEFT JOIN owed ON owed.partner_id = partner.id
  LEFT JOIN kept ON kept.partner_id = partner.id
  LEFT JOIN plan ON plan.partner_id = partner.id
  LEFT JOIN failed ON failed.partner_id = partner.id
  LEFT JOIN review ON review.partner_id = partner.id
  LEFT JOIN activity ON activity.partner_id = partner.id
  LEFT JOIN contact ON contact.partner_id = partner.id
  LEFT JOIN promise ON promise.partner_id = partner.id
  LEFT JOIN account_collection_case own ON own.partner_id = partner.id AND own.company_id = %(company)s
  LEFT JOIN (%(types)s) typed ON typed.id = partner.id
  LEFT JOIN account_dunning_type type ON type.id = typed.type_id
 WHERE %(of_partner)s AND (own.id IS NOT NULL OR owed.overdue > 0 OR plan.partner_id IS NOT NULL
       OR review.day IS NOT NULL OR kept.partner_id IS NOT NULL OR %(asked)s)
 ORDER BY partner.id
"""

# What the customers owe who owe more than they have in credits: the middle of it.
MEDIAN = f"""
WITH {ITEMS}, {OWED}
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY (overdue - COALESCE(credits, 0))::float)
  FROM owed WHERE overdue > COALESCE(credits, 0)
"""

# Who has a case, or may need one: with something overdue, a plan or a hold.
CUSTOMERS = f"""
SELECT partner_id FROM account_collection_case WHERE company_id = %(company)s
 UNION
SELECT line.partner_id FROM account_move_line line
 WHERE %(open_item)s AND line.reconciled IS NOT TRUE AND line.amount_residual > 0 AND {DUE} < %(today)s
 UNION
SELECT line.partner_id FROM (%(returned)s) returned JOIN account_move_line line ON line.id = returned.line_id
 WHERE %(open_item)s
 UNION
SELECT partner_id FROM account_collection_plan WHERE company_id = %(company)s AND state = ANY(%(open_states)s)
 UNION
SELECT commercial_partner_id FROM account_dunning_hold WHERE company_id = %(company)s AND ended_on IS NULL
 ORDER BY partner_id
"""


class CaseFacts:
    """Reads; the engine ranks."""

    __slots__ = ()

    @api.model
    def _find_customers(self, company):
        """The ids of all customers of ``company`` (a root company) who have a case, or may need one, in order."""
        self.env.flush_all()
        rows = self.env.execute_query(SQL(CUSTOMERS, **self._get_fact_terms(company, None, False)))
        return [partner_id for (partner_id,) in rows if partner_id]

    @api.model
    def _read_median(self, company):
        """What a customer owes in the middle of those who owe anything that is overdue, in company currency."""
        self.env.flush_all()
        [(median,)] = self.env.execute_query(SQL(MEDIAN, **self._get_fact_terms(company, None, False)))
        return median or 0.0

    @api.model
    def _read_facts(self, company, partner_ids, asked=False):
        """What is known of customers of ``company`` (a root company) today, a named tuple each, with one query.

        :param partner_ids: ids of commercial partners; told is of those who have a case, or need one
        :param asked: whether also those are told of who need none
        """
        self.env.flush_all()
        self.env.cr.execute(SQL(FACTS, **self._get_fact_terms(company, partner_ids, asked)))
        row_class = namedtuple("Facts", (column.name for column in self.env.cr.description))
        return list(map(row_class._make, self.env.cr.fetchall()))

    @api.model
    def _get_fact_terms(self, company, partner_ids, asked):
        """The parts of the query that depend on the company, its rooms, and whom it is asked of."""
        reader, today = self.env["account.dunning.reader"], company._dunning_today()
        settings = company._get_dunning_settings()
        moves = settings.invoice_type_ids._get_move_query()
        question = Question(company, tuple(partner_ids or ()), today, moves=moves)

        def of(column):
            return SQL("TRUE") if partner_ids is None else SQL("%s = ANY(%s)", SQL(column), list(partner_ids))

        return {
            **self._get_outside_terms(question),
            "returned": reader._returned_query(of("debit.partner_id")),
            "moves": moves.from_clause,
            "open_item": reader._open_item_condition(company),
            "mode": settings.mode,
            "about": SQL(ABOUT) if settings.mode == "invoice" else SQL("TRUE"),
            "company": company.id,
            "today": today,
            "on_hold_if": SQL("item.due < %s AND NOT item.outside", today),
            "lately": SQL("%s::date - %s", today, BROKEN_LATELY),
            "open_states": list(OPEN_STATES),
            "types": reader._get_type_query(company),
            "collector": self._get_collector_sql(company),
            "asked": asked,
            "of_line": of("line.partner_id"),
            "of_plan": of("plan.partner_id"),
            "of_notice": of("notice.partner_id"),
            "of_hold": of("hold.commercial_partner_id"),
            "of_case": of("own.partner_id"),
            "of_partner": of("partner.id"),
        }

    @api.model
    def _get_outside_obstacles(self):
        """What keeps items out for good, of all rooms: they are not what a collector calls about. Charges are."""
        obstacles = self.env["account.dunning.reader"]._get_obstacles()
        return [obstacle for obstacle in obstacles if not obstacle.passes and obstacle.code != "charge"]

    @api.model
    def _get_outside_terms(self, question):
        """The parts of the query that tell which items are kept out for good."""
        obstacles = self._get_outside_obstacles()
        tables = {name: sql for obstacle in obstacles for name, sql in obstacle.tables(question).items()}
        return {
            "tables": SQL(", ").join(
                SQL("%s AS (%s)", SQL.identifier(name), sql)
                for name, sql in (tables or {"nothing": SQL("SELECT 1")}).items()
            ),
            "joins": SQL(" ").join(obstacle.joins(question) for obstacle in obstacles),
            "outside": SQL(
                "(%s)", SQL(" OR ").join(SQL("(%s) IS TRUE", obstacle.where(question)) for obstacle in obstacles)
            ),
        }

    @api.model
    def _get_collector_sql(self, company):
        """SQL of the collector whom the row ``partner`` names in ``company``, or NULL."""
        partners = self.env["res.partner"].with_company(company)
        fallback = partners._fields["dunning_user_id"].get_company_dependent_fallback(partners)
        return SQL("COALESCE((partner.dunning_user_id->>%s)::int, %s::int)", str(company.id), fallback.id or None)
