"""From the database to the engine: reads facts with a few queries per batch, decides nothing."""

from collections import defaultdict, namedtuple
from functools import cache

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine import Credit, Customer, Item, assess, shift, spread_contested
from .document import ABOUT, DUE, NUMBER
from .money import UncountedMoney

ONLINE_PAYMENT_DAYS = 10
# Obstacles that dunning itself sets up, the least weighty of all.
OWN_OBSTACLES = ("action", "pending")

# One row per open item, debit or credit, with all that the engine needs to know about it. ``obstacles`` names what
# keeps the item out of dunning, the weightiest first (rules §3).
ITEMS_QUERY = f"""
WITH returned AS (%(returned)s), held AS (
    SELECT hold.partner_id, hold.move_id, hold.move_line_id, COALESCE(hold.amount, 0) AS amount
      FROM account_dunning_hold hold
      JOIN account_dunning_reason reason ON reason.id = hold.reason_id
     WHERE hold.company_id = %(company)s AND hold.ended_on IS NULL AND hold.date_from <= %(today)s
       AND (hold.date_until IS NULL OR hold.date_until >= %(today)s)
       AND NOT (%(include_disputed)s AND reason.dispute IS TRUE)
), held_line AS (
    SELECT move_line_id, SUM(amount) AS amount FROM held WHERE amount > 0 GROUP BY move_line_id
), held_move AS (
    SELECT move_id, SUM(amount) AS amount FROM held WHERE amount > 0 GROUP BY move_id
), waiting AS (
    SELECT plan.id, plan.move_id, plan.move_line_id, plan.partner_id
      FROM mail_activity activity
      JOIN account_dunning_action action ON action.id = activity.dunning_action_id AND action.blocking
      JOIN account_collection_plan plan ON plan.id = activity.res_id AND plan.state IN ('ongoing', 'paused')
     WHERE activity.res_model = 'account.collection.plan' AND activity.active
       AND plan.company_id = %(company)s AND plan.partner_id = ANY(%(partners)s)
), issued AS (
    SELECT line.move_line_id FROM account_dunning_notice_line line
      JOIN account_dunning_notice notice ON notice.id = line.notice_id AND notice.state <> 'proposed'
     WHERE line.notice_id = ANY(%(own)s::int[]) AND line.pending
)
SELECT line.id, line.partner_id, line.currency_id, line.move_id, contact.id AS contact,
       {DUE} AS due,
       (line.amount_residual_currency + COALESCE(returned.amount_currency, 0))::float AS residual,
       (line.amount_residual + COALESCE(returned.amount, 0))::float AS company_residual,
       move.dunning_type_id AS move_type_id, plan.type_id AS plan_type_id,
       level.days AS reached, item.last_notice_date, item.deadline_days, item.times,
       item.resumed_on, item.not_before, reminder.days AS reminded, plan.id AS plan,
       held_line.amount::float AS line_contested, held_move.amount::float AS move_contested,
       {NUMBER} AS name, COALESCE(move.invoice_date, line.date) AS invoice_date, line.amount_currency::float,
       GREATEST(COALESCE(move.invoice_date, line.date), move.dunning_posted_on) AS issued,
       item.level_id, item.reminder_level_id, currency.rounding::float,
       own.state IN ('draft', 'rejected', 'canceled') AS void,
       concat_ws(' ',
           CASE WHEN move.dunning_notice_id IS NOT NULL THEN 'charge' END,
           CASE WHEN (%(document)s) IS NOT TRUE THEN 'document' END,
           CASE WHEN {DUE} < %(start)s THEN 'start' END,
           CASE WHEN line.no_followup THEN 'no_followup' END,
           CASE WHEN EXISTS (SELECT 1 FROM account_collection_plan closed
                              WHERE closed.keeps_out AND closed.partner_id = line.partner_id
                                AND (closed.move_id = line.move_id AND COALESCE(closed.move_line_id, line.id) = line.id
                                     OR closed.id = item.plan_id)) THEN 'stopped' END,
           CASE WHEN move.payment_state = 'blocked' THEN 'blocked' END,
           CASE WHEN line.partner_id IN (SELECT partner_id FROM held WHERE amount = 0)
                  OR line.move_id IN (SELECT move_id FROM held WHERE amount = 0)
                  OR line.id IN (SELECT move_line_id FROM held WHERE amount = 0) THEN 'hold' END,
           CASE WHEN plan.state = 'paused' THEN 'paused' END,
           CASE WHEN EXISTS (SELECT 1 FROM account_move__account_payment rel
                               JOIN account_payment payment ON payment.id = rel.payment_id
                              WHERE rel.invoice_id = move.id AND payment.state = 'in_process'
                                AND payment.move_id IS NULL) THEN 'payment' END,
           CASE WHEN EXISTS (SELECT 1 FROM account_invoice_transaction_rel rel
                               JOIN payment_transaction tx ON tx.id = rel.transaction_id
                              WHERE rel.invoice_id = move.id AND tx.state IN ('pending', 'authorized')
                                AND tx.last_state_change > %(today)s::date - %(online_days)s) THEN 'online' END,
           CASE WHEN %(heed_actions)s AND (plan.id IN (SELECT id FROM waiting)
                  OR line.move_id IN (SELECT move_id FROM waiting WHERE move_line_id IS NULL)
                  OR line.id IN (SELECT move_line_id FROM waiting)
                  OR line.partner_id IN (SELECT partner_id FROM waiting WHERE move_id IS NULL))
                 AND line.id NOT IN (SELECT move_line_id FROM issued WHERE move_line_id IS NOT NULL)
                THEN 'action' END,
           CASE WHEN pending.id IS NOT NULL THEN 'pending' END) AS obstacles
  FROM (SELECT line.* FROM account_move_line line
         WHERE %(open_item)s AND line.reconciled IS NOT TRUE AND line.partner_id = ANY(%(partners)s)
         UNION ALL
        SELECT line.* FROM returned JOIN account_move_line line ON line.id = returned.line_id
         WHERE %(open_item)s AND line.reconciled IS TRUE AND line.partner_id = ANY(%(partners)s)) line
  JOIN %(moves)s ON move.id = line.move_id
  JOIN res_currency currency ON currency.id = line.currency_id
  LEFT JOIN res_partner contact ON contact.id = move.partner_id AND contact.active
  LEFT JOIN account_payment own ON own.id = move.origin_payment_id
  LEFT JOIN returned ON returned.line_id = line.id
  LEFT JOIN account_dunning_item item ON item.move_line_id = line.id
  LEFT JOIN account_dunning_level level ON level.id = item.level_id
  LEFT JOIN account_dunning_level reminder ON reminder.id = item.reminder_level_id
  LEFT JOIN account_collection_plan plan
         ON plan.company_id = %(company)s AND plan.partner_id = line.partner_id AND plan.mode = %(mode)s
        AND plan.state IN ('ongoing', 'paused') AND (plan.mode = 'customer' OR {ABOUT})
  LEFT JOIN held_line ON held_line.move_line_id = line.id
  LEFT JOIN held_move ON held_move.move_id = line.move_id
  LEFT JOIN account_dunning_notice_line pending
         ON pending.move_line_id = line.id AND pending.pending
        AND NOT pending.notice_id = ANY(%(own)s::int[])
 ORDER BY line.partner_id, due, line.id
"""


@cache
def _get_row_class(names):
    return namedtuple("Row", names)


class AccountDunningReader(UncountedMoney, models.AbstractModel):
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
            company, partner_ids, today, own_notice_ids, include_disputed, heed_actions
        )
        rounding = company.sudo().currency_id.rounding  # a head office that the user may not read
        decided = {}
        levels = frozenset(level_ids)
        return {customer.id: assess(customer, rules, today, rounding, decided, levels) for customer in customers}

    @api.model
    def _read_customers(
        self, company, partner_ids, today, own_notice_ids=(), include_disputed=False, heed_actions=True
    ):
        """The facts about customers as values of the engine; arguments as for :meth:`_assess`.

        :return: a list of :class:`engine.Customer` in the order of ``partner_ids``, and the rules by type id
        """
        # decides on all items of the company, whoever asks
        self = self.sudo()
        rows = self._read_items(company, partner_ids, today, tuple(own_notice_ids), include_disputed, heed_actions)
        types = self.env["account.dunning.type"].search([("company_id", "=", company.id)])
        types.level_ids.mapped("days")  # of all types at once
        partner_types = self._get_partner_types(company, partner_ids, types)
        found = self._find_obstacles(company, [row.id for row in rows if row.residual > 0])
        items, credits_by_partner = self._build_items(rows, company, partner_types, types, found)
        contacts = self._get_partner_values(company, partner_ids, "dunning_contact_id")
        last_notices = self._get_last_notices(company, partner_ids)
        balances = {}
        if company._get_dunning_settings().mode == "customer":
            balances = company._get_dunning_settings()._get_balance()._get_amounts(company, partner_ids, today)
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

    def _read_items(self, company, partner_ids, today, own_notice_ids, include_disputed, heed_actions):
        """One row (a named tuple) per open item, debit or credit, with all the facts about it."""
        moves = company._get_dunning_settings().invoice_type_ids._get_move_query()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                ITEMS_QUERY,
                company=company.id,
                mode=company._get_dunning_settings().mode,
                today=today,
                online_days=ONLINE_PAYMENT_DAYS,
                own=list(own_notice_ids),
                include_disputed=include_disputed,
                heed_actions=heed_actions,
                start=company._get_dunning_settings().start_date or None,
                moves=moves.from_clause,
                document=moves.where_clause,
                open_item=self._open_item_condition(company),
                returned=self._returned_query(SQL("debit.partner_id = ANY(%s)", list(partner_ids))),
                partners=list(partner_ids),
            )
        )
        row_class = _get_row_class(tuple(column.name for column in self.env.cr.description))
        return list(map(row_class._make, self.env.cr.fetchall()))

    def _build_items(self, rows, company, partner_types, types, found):
        """Turn rows into engine items and credits, both by partner id; ``found`` as of :meth:`_find_obstacles`."""
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
                items[row.partner_id].append(self._to_item(row, type_id, contested, found, waits.get(type_id)))
        return items, credits_by_partner

    def _to_item(self, row, type_id, contested, found, posting_days=0):
        # Only where it counts: items of which the same is known are decided once.
        recent = posting_days and not row.last_notice_date and shift(row.issued, posting_days) > row.due
        return Item(
            id=row.id,
            due=row.due,
            residual=row.residual,
            company_residual=row.company_residual,
            currency=row.currency_id,
            type=type_id or None,
            contact=row.contact,
            contested=contested.get(row.id, 0.0),
            obstacles=self._add_obstacles(row.id, self._get_obstacles(row), found),
            reached=row.reached,
            last_notice=row.last_notice_date,
            deadline_days=row.deadline_days or 0,
            times=row.times or 0,
            resumed=row.resumed_on,
            not_before=row.not_before,
            reminded=row.reminded,
            issued=row.issued if recent else None,
            plan=row.plan,
            rounding=row.rounding,
            source=row,
        )

    @api.model
    def _get_obstacles(self, row):
        """The names of what keeps the item of ``row`` out of dunning, the weightiest first. Hook."""
        return tuple(row.obstacles.split())

    @api.model
    def _find_obstacles(self, company, line_ids):
        """What else keeps items of ``company`` out of dunning, for many at once. Hook.

        Who extends it asks the database once, however many ``line_ids`` there are, and adds the code to the selection
        ``reason`` of what a run left out (``selection_add``), with the words by which people know it.

        :param list[int] line_ids: ids of open journal items
        :return: dict from code to the set of ids that it keeps out, the weightiest first
        """
        return {}

    def _add_obstacles(self, line_id, obstacles, found):
        """The ``obstacles`` of an item with those ``found`` set-wise, before those that dunning itself sets up."""
        more = tuple(code for code, line_ids in found.items() if line_id in line_ids)
        if not more:
            return obstacles
        own = tuple(code for code in obstacles if code in OWN_OBSTACLES)
        return (*(code for code in obstacles if code not in OWN_OBSTACLES), *more, *own)

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

    def _get_partner_types(self, company, partner_ids, types):
        """The dunning type of each customer: his own, else that of the first rule that matches."""
        partners = self.env["res.partner"].with_company(company).with_context(active_test=False)
        result = {}
        for dunning_type in types:
            domain = dunning_type._get_rule_domain()
            if not domain.is_false():
                for partner in partners.search(domain & Domain("id", "in", partner_ids)):
                    result.setdefault(partner.id, dunning_type.id)
        own = self._get_partner_values(company, partner_ids, "dunning_type_id")
        result.update((key, type_id) for key, type_id in own.items() if type_id in types._ids)
        return result

    @api.model
    def _get_types(self, company, partner_ids):
        """The id of the dunning type that each customer has by rules §4, False for none, by partner id.

        What an invoice or an open plan has of its own comes before that.
        """
        # decides on all items of the company, whoever asks
        self = self.sudo()
        types = self.env["account.dunning.type"].search([("company_id", "=", company.id)])
        default = types.filtered("default")[:1].id
        return dict.fromkeys(partner_ids, default) | self._get_partner_types(company, partner_ids, types)

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

    @api.model
    def _get_reason_labels(self):
        """Why items get no notice, in words, by the codes of obstacles and verdicts. Hook."""
        return {}

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
