"""From the database to the engine: reads facts with a few queries per batch, decides nothing."""

from collections import defaultdict, namedtuple
from dataclasses import replace
from functools import cache

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine import Credit, Customer, assess, shift, spread_contested
from .customer_types import CustomerTypes
from .document import ABOUT, DUE, NUMBER
from .money import UncountedMoney
from .obstacle import Question
from .obstacles import Obstacles
from .open_item import OpenItem

# One row per open item, debit or credit, with all that the engine needs to know about it. ``obstacles`` names what
# keeps the item out of dunning, the weightiest first (rules §3).
ITEMS_QUERY = f"""
WITH returned AS (%(returned)s), %(tables)s, held_line AS (
    SELECT move_line_id, SUM(amount) AS amount FROM held WHERE amount > 0 GROUP BY move_line_id
), held_move AS (
    SELECT move_id, SUM(amount) AS amount FROM held WHERE amount > 0 GROUP BY move_id
)
SELECT line.id, line.partner_id, line.currency_id, line.move_id, contact.id AS contact,
       {DUE} AS due,
       (line.amount_residual_currency + COALESCE(returned.amount_currency, 0))::float AS residual,
       (line.amount_residual + COALESCE(returned.amount, 0))::float AS company_residual,
       move.dunning_type_id AS move_type_id, plan.type_id AS plan_type_id,
       level.days AS reached, item.last_notice_date, item.deadline_days, item.times,
       item.resumed_on, item.not_before, item.released_on, reminder.days AS reminded, plan.id AS plan,
       held_line.amount::float AS line_contested, held_move.amount::float AS move_contested,
       {NUMBER} AS name, COALESCE(move.invoice_date, line.date) AS invoice_date, line.amount_currency::float,
       GREATEST(COALESCE(move.invoice_date, line.date), move.dunning_posted_on) AS issued,
       item.level_id, item.reminder_level_id, currency.rounding::float,
       own.state IN ('draft', 'rejected', 'canceled') AS void,
       concat_ws(' ', %(obstacles)s) AS obstacles
  FROM (%(lines)s) line
  JOIN %(moves)s ON move.id = line.move_id
  JOIN res_currency currency ON currency.id = line.currency_id
  LEFT JOIN res_partner contact ON contact.id = move.partner_id AND contact.active
  LEFT JOIN account_payment own ON own.id = move.origin_payment_id
  LEFT JOIN returned ON returned.line_id = line.id
  LEFT JOIN account_dunning_item item ON item.move_line_id = line.id AND item.partner_id = ANY(%(partners)s)
  LEFT JOIN account_dunning_level level ON level.id = item.level_id
  LEFT JOIN account_dunning_level reminder ON reminder.id = item.reminder_level_id
  LEFT JOIN account_collection_plan plan
         ON plan.company_id = %(company)s AND plan.partner_id = line.partner_id AND plan.mode = %(mode)s
        AND plan.state IN ('ongoing', 'paused') AND plan.partner_id = ANY(%(partners)s) AND %(about)s
  LEFT JOIN held_line ON held_line.move_line_id = line.id
  LEFT JOIN held_move ON held_move.move_id = line.move_id
  %(joins)s
 ORDER BY line.partner_id, due, line.id
"""


# What is open, and what a payment that was taken back had settled.
OPEN_LINES = """
SELECT line.* FROM account_move_line line
 WHERE %(open_item)s AND line.account_id = ANY(%(accounts)s)
   AND line.reconciled IS NOT TRUE AND line.partner_id = ANY(%(partners)s)
 UNION ALL
SELECT line.* FROM returned JOIN account_move_line line ON line.id = returned.line_id
 WHERE %(open_item)s AND line.reconciled IS TRUE AND line.partner_id = ANY(%(partners)s)
"""
# What was open on any day from one to another, by the dates of entries and matchings.
LINES_OF_A_TIME = """
SELECT line.* FROM account_move_line line
 WHERE %(open_item)s AND line.account_id = ANY(%(accounts)s) AND line.partner_id = ANY(%(partners)s)
   AND line.date <= %(until)s
   AND (line.reconciled IS NOT TRUE OR line.id IN (SELECT line_id FROM returned)
        OR EXISTS (SELECT 1 FROM account_partial_reconcile partial
                    WHERE (partial.debit_move_id = line.id OR partial.credit_move_id = line.id)
                      AND partial.max_date >= %(since)s))
"""


@cache
def _get_row_class(names):
    return namedtuple("Row", names)


class AccountDunningReader(CustomerTypes, Obstacles, UncountedMoney, models.AbstractModel):
    """The bridge between the open items of Odoo and the pure engine.

    Proposing, issuing, plans and *Why?* all ask here, so that they can never disagree.
    """

    _name = "account.dunning.reader"
    _description = "Dunning Reader"

    @api.model
    def _assess(
        self, company, partner_ids, today, own_notice_ids=(), include_disputed=False, level_ids=(), heed_actions=True
    ):
        """Assess customers of ``company`` (a root company) on the date ``today``.

        :param list[int] partner_ids: ids of commercial partners
        :param own_notice_ids: unissued notices that do not count as an obstacle for their items
        :param include_disputed: whether to overlook the holds whose reason is a dispute
        :param level_ids: the levels to propose; empty for all
        :param heed_actions: whether actions that must be done before the next level keep items out
        :return: dict from partner id to :class:`engine.Assessment`
        """
        customers, rules = self._read_customers(
            Question(company, tuple(partner_ids), today, tuple(own_notice_ids), include_disputed, heed_actions)
        )
        return self._decide(company, customers, rules, today, level_ids)

    @api.model
    def _decide(self, company, customers, rules, today, level_ids=()):
        """The assessments of ``customers``, by id; they and the ``rules`` are as of :meth:`_read_customers`."""
        rounding = company.sudo().currency_id.rounding  # a head office that the user may not read
        decided = {}
        levels = frozenset(level_ids)
        return {customer.id: assess(customer, rules, today, rounding, decided, levels) for customer in customers}

    @api.model
    def _read_customers(self, question):
        """The facts about customers as values of the engine.

        :param Question question: which customers, of which company, on which day
        :return: a list of :class:`engine.Customer` in the order of ``partner_ids``, and the rules by type id
        """
        # decides on all items of the company, whoever asks
        self = self.sudo()
        company, partner_ids = question.company, list(question.partner_ids)
        obstacles = {obstacle.code: obstacle for obstacle in self._get_obstacles()}
        rows = self._read_items(question, sorted(obstacles.values(), key=lambda obstacle: -obstacle.weight))
        types = self.env["account.dunning.type"].search([("company_id", "=", company.id)])
        types.level_ids.mapped("days")  # of all types at once
        partner_types = self._get_partner_types(company, partner_ids, types)
        lasting = {code for code, obstacle in obstacles.items() if not obstacle.passes}
        items, credits_by_partner = self._build_items(rows, company, partner_types, types, lasting)
        contacts = self._get_partner_values(company, partner_ids, "dunning_contact_id")
        last_notices = self._get_last_notices(company, partner_ids)
        balances = {}
        if company._get_dunning_settings().mode == "customer":
            balances = company._get_dunning_settings()._get_balance()._get_amounts(company, partner_ids, question.today)
        customers = [
            Customer(
                id=partner_id,
                items=tuple(items.get(partner_id, ())),
                credits=tuple(credits_by_partner.get(partner_id, ())),
                contact=contacts.get(partner_id),
                last_notices=last_notices.get(partner_id, {}),
                balance=balances.get(partner_id),
            )
            for partner_id in partner_ids
        ]
        return customers, {dunning_type.id: dunning_type._to_rule() for dunning_type in types}

    @api.model
    def _returned_query(self, condition):
        """Query for what payments settled that were rejected, cancelled or set back to draft since.

        Odoo leaves them reconciled, so that the residual alone would call the debt settled. Rows:
        the id of the debit item, the amount in its currency and in company currency. ``condition``
        restricts the items, by the alias ``debit``.
        """
        return SQL(
            """SELECT partial.debit_move_id AS line_id, SUM(partial.debit_amount_currency) AS amount_currency,
                      SUM(partial.amount) AS amount
                 FROM account_payment payment
                 JOIN account_move_line counter ON counter.move_id = payment.move_id
                 JOIN account_partial_reconcile partial ON partial.credit_move_id = counter.id
                 JOIN account_move_line debit ON debit.id = partial.debit_move_id
                WHERE payment.state IN ('draft', 'rejected', 'canceled') AND %s
                GROUP BY partial.debit_move_id""",
            condition,
        )

    @api.model
    def _open_item_condition(self, company):
        """SQL condition for posted receivables of ``company`` and its branches on the alias ``line``."""
        return SQL(
            "line.account_id = ANY(ARRAY(SELECT id FROM account_account WHERE account_type = 'asset_receivable'))"
            " AND line.parent_state = 'posted' AND line.company_id = ANY(%s) AND line.partner_id IS NOT NULL",
            list(company._get_dunning_branches()),
        )

    def _read_items(self, question, obstacles):
        """One row (a named tuple) per open item, debit or credit, with all the facts about it.

        :param obstacles: what keeps items out, the weightiest first
        """
        company, partners = question.company, list(question.partner_ids)
        settings = company._get_dunning_settings()
        moves = settings.invoice_type_ids._get_move_query()
        question = replace(question, moves=moves)
        tables = {"held": self._get_held_query(question)}
        for obstacle in obstacles:
            tables |= obstacle.tables(question)
        self.env.flush_all()
        rows = self.env.execute_query(SQL("SELECT id FROM account_account WHERE account_type = 'asset_receivable'"))
        terms = {
            "open_item": self._open_item_condition(company),
            "accounts": [row[0] for row in rows],  # as such, or PostgreSQL expects twice the items
            "partners": partners,
            "since": question.since,
            "until": question.today,
        }
        self.env.cr.execute(
            SQL(
                ITEMS_QUERY,
                company=company.id,
                mode=settings.mode,
                about=SQL(ABOUT) if settings.mode == "invoice" else SQL("TRUE"),
                moves=moves.from_clause,
                lines=SQL(LINES_OF_A_TIME if question.since else OPEN_LINES, **terms),
                returned=self._returned_query(SQL("debit.partner_id = ANY(%s)", partners)),
                partners=partners,
                tables=SQL(", ").join(SQL("%s AS (%s)", SQL.identifier(name), sql) for name, sql in tables.items()),
                joins=SQL(" ").join(obstacle.joins(question) for obstacle in obstacles),
                obstacles=SQL(", ").join(
                    SQL("CASE WHEN %s THEN %s END", obstacle.where(question), obstacle.code) for obstacle in obstacles
                ),
            )
        )
        row_class = _get_row_class(tuple(column.name for column in self.env.cr.description))
        return list(map(row_class._make, self.env.cr.fetchall()))

    def _build_items(self, rows, company, partner_types, types, lasting):
        """Turn rows into open items and credits by partner id; ``lasting``: codes of obstacles that do not pass."""
        contested = self._get_contested(rows)
        default = types.filtered("default")[:1].id
        own_types = set(types.ids) if company._get_dunning_settings().mode == "invoice" else ()
        waits = {dunning_type.id: dunning_type.posting_days for dunning_type in types}
        items, credits_by_partner = defaultdict(list), defaultdict(list)
        for row in rows:
            if row.residual < 0 and not row.void:
                credits_by_partner[row.partner_id].append(Credit(row.id, -row.residual, row.currency_id))
            elif row.residual > 0:
                own = row.move_type_id in own_types and row.move_type_id
                type_id = row.plan_type_id or own or partner_types.get(row.partner_id) or default
                items[row.partner_id].append(self._to_item(row, type_id, contested, lasting, waits.get(type_id)))
        return items, credits_by_partner

    def _to_item(self, row, type_id, contested, lasting, posting_days=0):
        obstacles = tuple(row.obstacles.split())
        # Only where it counts: items of which the same is known are decided once.
        recent = posting_days and not row.last_notice_date and shift(row.issued, posting_days) > row.due
        return OpenItem(
            id=row.id,
            due=row.due,
            residual=row.residual,
            company_residual=row.company_residual,
            currency=row.currency_id,
            type=type_id or None,
            contact=row.contact,
            contested=contested.get(row.id, 0.0),
            obstacles=obstacles,
            owed=lasting.isdisjoint(obstacles),
            reached=row.reached,
            last_notice=row.last_notice_date,
            deadline_days=row.deadline_days or 0,
            times=row.times or 0,
            resumed=row.resumed_on,
            not_before=row.not_before,
            released=row.released_on,
            reminded=row.reminded,
            issued=row.issued if recent else None,
            plan=row.plan,
            rounding=row.rounding,
            move_id=row.move_id,
            number=row.name,
            invoice_date=row.invoice_date,
            original=row.amount_currency,
            level_id=row.level_id,
            reminder_level_id=row.reminder_level_id,
        )

    def _get_contested(self, rows):
        """The contested part of each item: its own, and its share of the invoice's."""
        contested = defaultdict(float)
        instalments = defaultdict(list)
        for row in rows:
            if row.line_contested:
                contested[row.id] += row.line_contested
            if row.move_contested and row.residual > 0:
                instalments[row.move_id, row.move_contested].append((row.id, row.residual))
        for (_move, amount), residuals in instalments.items():
            for item_id, share in spread_contested(amount, residuals).items():
                contested[item_id] += share
        return contested

    def _get_partner_values(self, company, partner_ids, field_name):
        """The ids of active records in a company-dependent field by partner id: the root company's, else a branch's."""
        result = {}
        domain = Domain("id", "in", partner_ids) & Domain(field_name, "!=", False)
        for branch in company.browse(company._get_dunning_branches()):
            partners = self.env["res.partner"].with_company(branch).with_context(active_test=False)
            partners = partners.search_fetch(domain, [field_name], order="id")
            active = set(partners.mapped(field_name).filtered("active")._ids)
            for partner in partners:
                if partner[field_name].id in active:
                    result.setdefault(partner.id, partner[field_name].id)
        return result

    def _get_last_notices(self, company, partner_ids):
        """The day of the last notice of each type, by partner id; reminders do not count. Hook."""
        return {}

    @api.model
    def _get_horizon_days(self, company):
        """How many days before the due date the earliest reminder of the company goes out."""
        level = (
            self.env["account.dunning.level"]
            # a number only, for who asks why and may not read levels
            .sudo()
            .search([("company_id", "=", company.id), ("reminder", "=", True)], order="days", limit=1)
        )
        return -level.days if level else 0
