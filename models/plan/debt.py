import logging
from collections import defaultdict
from typing import NamedTuple

from odoo import api
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...tools.attempt import attempt
from ...tools.bulk import bulk_insert, bulk_update
from ..base.names import OPEN_STATES
from ..receivables.document import ABOUT, DUE

_logger = logging.getLogger(__name__)

# What each plan is about, settled or not: the receivables of its invoice, its item of an entry, or what joined it.
PLAN_LINES = f"""
    SELECT plan.id AS plan_id, line.id, line.parent_state, {DUE} AS due,
           line.amount_residual_currency, line.amount_residual, plan.mode
      FROM account_collection_plan plan
      JOIN account_move_line line ON {ABOUT} AND line.partner_id = plan.partner_id
      JOIN account_account account ON account.id = line.account_id AND account.account_type = 'asset_receivable'
     WHERE plan.mode = 'invoice' AND plan.id = ANY(%(plans)s)
     UNION ALL
    SELECT plan.id, line.id, line.parent_state, {DUE},
           line.amount_residual_currency, line.amount_residual, plan.mode
      FROM account_collection_plan plan
      JOIN account_dunning_item item ON item.plan_id = plan.id
      JOIN account_move_line line ON line.id = item.move_line_id
     WHERE plan.mode = 'customer' AND plan.id = ANY(%(plans)s)
"""

# What entries of the write-offs of plans settle, by plan and item; `charge`: the item of an invoice of charges.
WRITTEN_OFF = """
    SELECT move.dunning_write_off_plan_id AS plan_id, partial.debit_move_id AS line_id,
           debit_move.dunning_notice_id IS NOT NULL AS charge,
           SUM(partial.debit_amount_currency) AS amount_currency, SUM(partial.amount) AS amount
      FROM account_move move
      JOIN account_move_line line ON line.move_id = move.id
      JOIN account_partial_reconcile partial ON partial.credit_move_id = line.id
      JOIN account_move_line debit ON debit.id = partial.debit_move_id
      JOIN account_move debit_move ON debit_move.id = debit.move_id
     WHERE move.dunning_write_off_plan_id = ANY(%s)
     GROUP BY 1, 2, 3
"""

# What is owed of each plan: the fields of the class Debt.
DEBTS = """
WITH plan_line AS MATERIALIZED (%(lines)s), returned AS (%(returned)s),
     written_off AS MATERIALIZED (%(written_off)s), lost_charge AS (
    SELECT plan_id, SUM(amount_currency) AS amount_currency, SUM(amount) AS amount
      FROM written_off WHERE charge GROUP BY 1
), open_line AS (
    SELECT plan_line.*, residual.amount,
           plan_line.parent_state = 'posted' AND residual.amount > 0 AS is_open,
           CASE plan_line.mode WHEN 'invoice' THEN written_off.amount_currency
                ELSE written_off.amount END AS written_off
      FROM plan_line
      LEFT JOIN returned ON returned.line_id = plan_line.id
      LEFT JOIN written_off ON written_off.line_id = plan_line.id
                           AND written_off.plan_id = plan_line.plan_id
     CROSS JOIN LATERAL (SELECT CASE plan_line.mode
          WHEN 'invoice' THEN plan_line.amount_residual_currency + COALESCE(returned.amount_currency, 0)
          ELSE plan_line.amount_residual + COALESCE(returned.amount, 0) END AS amount) AS residual
)
SELECT plan.id, COALESCE(BOOL_OR(line.is_open), FALSE),
       COALESCE(BOOL_OR(line.parent_state = 'posted'), FALSE),
       COALESCE(SUM(line.amount) FILTER (WHERE line.is_open), 0)::float,
       MIN(line.due) FILTER (WHERE line.is_open),
       (ARRAY_AGG(item.level_id ORDER BY line.due, line.id)
            FILTER (WHERE line.is_open AND item.level_id IS NOT NULL))[1],
       MAX(item.last_notice_date) FILTER (WHERE line.is_open),
       (COALESCE(SUM(line.written_off), 0) + COALESCE(MAX(
            CASE plan.mode WHEN 'invoice' THEN lost_charge.amount_currency ELSE lost_charge.amount END
       ), 0))::float
  FROM account_collection_plan plan
  LEFT JOIN open_line line ON line.plan_id = plan.id
  LEFT JOIN account_dunning_item item ON item.move_line_id = line.id
  LEFT JOIN lost_charge ON lost_charge.plan_id = plan.id
 WHERE plan.id = ANY(%(plans)s)
 GROUP BY plan.id
"""


class Debt(NamedTuple):
    """What is left of the debt behind a plan. ``amount`` and ``written_off`` are in the plan's currency.

    ``written_off`` counts the charges too.
    """

    exists: bool
    posted: bool
    amount: float
    due: object
    level_id: int | None
    last_notice_date: object
    written_off: float


class PlanDebt:
    """How a plan follows its debt: opened items join, payments close it, returned ones reopen it."""

    __slots__ = ()

    def _prepare_debt_vals(self, debt):
        """What the plan says of its ``debt``. Hook."""
        self.ensure_one()
        level = self.level_id.browse(debt.level_id) if debt.exists else self.level_id
        return {
            "amount_due": debt.amount,
            "amount_opened": self.amount_opened or debt.amount,
            "leading_due_date": debt.due or self.leading_due_date,
            "level_id": level.id,
            "collection_status": self._get_collection_status(level) if debt.exists else self.collection_status,
            "last_notice_date": debt.last_notice_date if debt.exists else self.last_notice_date,
        }

    def _release_moved(self):
        """Items whose due date moved into the future leave their plans, and their level returns to none."""
        days = {company.id: company._get_dunning_day() for company in self.company_id}
        rows = self.env.execute_query(
            SQL(
                f"""SELECT item.id FROM account_dunning_item item
                     JOIN account_move_line line ON line.id = item.move_line_id
                     JOIN unnest(%s, %s::date[]) AS today (company_id, day) ON today.company_id = item.company_id
                    WHERE item.plan_id = ANY(%s) AND {DUE} > today.day""",
                list(days),
                list(days.values()),
                self.ids,
            )
        )
        moved = self.item_state_ids.browse(row[0] for row in rows)
        if moved:
            plans = moved.plan_id
            moved._reset()
            plans.filtered(lambda plan: plan.state in OPEN_STATES and not plan.item_state_ids)._close(
                "stopped", "moved"
            )
            self.env.flush_all()

    def _get_debts(self, reading):
        """The :class:`Debt` of each plan, by plan id; ``reading`` is asked about those who are dunned as a whole."""
        debts = {row[0]: Debt(*row[1:]) for row in self.env.execute_query(self._debt_query())}
        for company, plans in self.filtered(lambda plan: plan.mode == "customer").grouped("company_id").items():
            living = plans.filtered(lambda plan: plan.state in (*OPEN_STATES, "recovered"))
            if living and company._get_dunning_settings().mode == "customer":
                debts.update(living._get_customer_debts(company, debts, reading))
        other_mode = self.filtered(
            lambda plan: plan.state == "recovered" and plan.mode != plan.company_id._get_dunning_settings().mode
        )
        debts.update({plan.id: debts[plan.id]._replace(exists=False) for plan in other_mode})
        return debts

    def _debt_query(self):
        """One row per plan: its id, then the fields of :class:`Debt`, from the lines of the plan alone."""
        return SQL(
            DEBTS,
            lines=self._lines_query(),
            returned=self._returned_query(),
            written_off=self._written_off_query(),
            plans=self.ids,
        )

    def _lines_query(self):
        return SQL(PLAN_LINES, plans=self.ids)

    def _written_off_query(self):
        return SQL(WRITTEN_OFF, self.ids)

    def _returned_query(self):
        return self.env["account.dunning.reader"]._returned_query(
            SQL("debit.partner_id = ANY(%s)", self.partner_id.ids)
        )

    def _get_customer_debts(self, company, debts, reading):
        """The :class:`Debt` of customer-based plans, as the engine sees the customer; what is owed joins the plan.

        ``debts`` holds what is open of each plan's own items. A recovered plan is in debt again only
        where one of those is open.
        """
        assessments = reading.ask(company, self.partner_id.ids, company._get_dunning_day())
        open_plans = self.filtered(lambda plan: plan.state in OPEN_STATES)
        open_plans._join({plan.id: assessments[plan.partner_id.id].owed for plan in open_plans})
        states = {item.move_line_id.id: item for item in self.item_state_ids}
        result = {}
        for plan in self:
            assessment = assessments[plan.partner_id.id]
            owed = assessment.owed
            mine = [states[item.id] for item in owed if item.id in states]
            elsewhere = plan._get_transferred() - self.item_state_ids.browse().concat(*mine)
            mine += elsewhere
            dunned = [item for item in mine if item.level_id]
            residuals = [item.company_residual for item in owed] + elsewhere.move_line_id.mapped("amount_residual")
            due = [item.due for item in owed[:1]] + elsewhere.mapped("due_date")
            result[plan.id] = Debt(
                exists=(assessment.in_debt or bool(elsewhere)) and (plan.state in OPEN_STATES or debts[plan.id].exists),
                posted=debts[plan.id].posted,
                amount=company.currency_id.round(sum(residuals)),
                due=min(due, default=None),
                level_id=dunned[0].level_id.id if dunned else None,
                last_notice_date=max((item.last_notice_date for item in mine if item.last_notice_date), default=None),
                written_off=debts[plan.id].written_off,
            )
        return result

    def _get_transferred(self):
        """The states of the open items to which debts of the plan were transferred.

        They are a debt of it also where Odoo excludes the new items from follow-up, as it does with entries.
        """
        return self.item_state_ids.filtered(lambda item: item.number and item.move_line_id.amount_residual > 0)

    def _join(self, owed):
        """Let items join the plans: ``owed`` maps plan ids to lists of engine items (rules §6)."""
        plans = {item.id: self.browse(plan_id) for plan_id, items in owed.items() for item in items}
        rows = self.env["account.dunning.item"].search([("move_line_id", "in", list(plans))])
        bulk_update(
            rows,
            {
                row.id: {"plan_id": plans[row.move_line_id.id].id}
                for row in rows
                if row.plan_id != plans[row.move_line_id.id]
            },
        )
        missing = self.env["account.move.line"].browse(set(plans) - set(rows.move_line_id.ids))
        bulk_insert(
            rows,
            [
                {
                    "company_id": plans[line.id].company_id.id,
                    "move_line_id": line.id,
                    "move_id": line.move_id.id,
                    "partner_id": line.partner_id.id,
                    "plan_id": plans[line.id].id,
                }
                for line in missing.sorted("id")
            ],
        )

    # closing and reopening

    def _close_undone(self):
        """After notices were undone: a plan that is back at no level is stopped."""
        self._settle()
        self.filtered(lambda plan: plan.state in OPEN_STATES and not plan.level_id)._close("stopped", "undone")

    def _get_reopenable(self):
        """The closed plans that may open again: the latest about each debt, unless another plan is open."""
        taken = {
            (plan.company_id, *plan._get_own_key())
            for plan in self.search(
                Domain("partner_id", "in", self.partner_id.ids) & Domain("state", "in", OPEN_STATES)
            )
        }
        latest = {(plan.company_id, *plan._get_own_key()): plan for plan in self.sorted("id")}
        return self.browse().concat(*(plan for key, plan in latest.items() if key not in taken))

    def _reopen(self):
        """Reopen recovered plans whose payment was returned, at their level; one for each debt."""
        plans = self._get_reopenable()._get_reopened_here()
        if not plans:
            return
        notes = [plan._get_reopening_note() for plan in plans]
        plans.write({"state": "ongoing", "close_reason": False, "closed_on": False})
        plans._split_entries()
        plans._reset_collection_status()
        for company, group in plans.grouped("company_id").items():
            group.item_state_ids._resume(company._dunning_today())
        plans._note(notes)

    def _get_reopened_here(self):
        """The plans that go on here, of those whose payment was returned. Hook."""
        return self

    def _get_reopening_note(self):
        """The note that the plan is reopened, with how it had closed, which its timeline does not tell any more."""
        return self.env._(
            "Reopened: a payment was returned. Since %(day)s: %(state)s, %(reason)s.",
            day=format_date(self.env, self.closed_on),
            **self._get_ending(),
        )

    # customers that become one

    @api.model
    def _merge_customers(self, src_partners, dst_partner):
        """Join the customer-based plans of customers that are about to be merged into ``dst_partner``.

        In each company the plan of ``dst_partner`` goes on, else the one at the highest level; the others are
        closed, and their items join it. Hook.
        """
        partners = src_partners + dst_partner
        plans = self.search(
            [("partner_id", "in", partners.ids), ("mode", "=", "customer"), ("state", "in", OPEN_STATES)]
        )
        for group in plans.grouped("company_id").values():
            kept = group.sorted(lambda plan: (plan.partner_id == dst_partner, plan.level_id.days, -plan.id))[-1:]
            others = group - kept
            if others:
                others.item_state_ids.write({"plan_id": kept.id})
                others._close("stopped", "merged")
                kept._note(
                    self.env._("Joined by the collection plans of %(names)s.", names=", ".join(others.mapped("name")))
                )
            kept.name = dst_partner.name

    # collecting what changed

    @api.model
    def _touch(self, line_ids):
        """Note journal items whose debt may have changed; they are looked at once, before the commit."""
        if not line_ids:
            return
        precommit = self.env.cr.precommit
        touched = precommit.data.get("account_dunning.touched")
        if touched is None:
            touched = precommit.data["account_dunning.touched"] = set()
            # accountants need not see plans, which follow all the same
            precommit.add(self.sudo()._settle_touched)
        touched.update(line_ids)

    def _settle_touched(self):
        """Evaluate what was touched.

        A failure never blocks a payment: it is logged, and the items are kept for the next scheduled minute. A conflict
        with another transaction is raised, so that Odoo begins this one anew: nothing else would see what that one did.
        """
        line_ids = list(self.env.cr.precommit.data.pop("account_dunning.touched", set()))
        with attempt(self.env) as outcome:
            self._settle_lines(line_ids)
        if outcome.error:
            _logger.error("Collection plans could not be brought up to date", exc_info=outcome.error)
            self.env["account.dunning.backlog"]._keep(line_ids, outcome.error)

    @api.model
    def _settle_lines(self, line_ids):
        """Let all that depends on journal items follow them; one query finds it."""
        self.env.flush_all()
        found = defaultdict(list)
        queries = SQL(" UNION ").join(self._get_touched_queries(line_ids))
        for kind, record_id in self.env.execute_query(queries):
            found[kind].append(record_id)
        self._follow_touched(found)

    @api.model
    def _get_touched_queries(self, line_ids):
        """What depends on journal items: SQL queries of a kind (text) and an id each. Hook."""
        return [
            SQL(query, ids=line_ids)
            for query in (
                f"""SELECT 'plan', plan.id FROM account_collection_plan plan
                     JOIN account_move_line line ON {ABOUT} WHERE line.id = ANY(%(ids)s)""",
                "SELECT 'plan', plan_id FROM account_dunning_item"
                " WHERE move_line_id = ANY(%(ids)s) AND plan_id IS NOT NULL",
                """SELECT 'plan', plan.id FROM account_collection_plan plan
                     JOIN account_move_line line ON line.partner_id = plan.partner_id
                    WHERE line.id = ANY(%(ids)s) AND plan.mode = 'customer' AND plan.state IN ('ongoing', 'paused')""",
                """SELECT 'settled', partial.debit_move_id FROM account_partial_reconcile partial
                     JOIN account_move_line counter ON counter.id = partial.credit_move_id
                     JOIN account_move entry ON entry.id = counter.move_id AND entry.move_type = 'entry'
                      AND entry.origin_payment_id IS NULL AND entry.statement_line_id IS NULL
                    WHERE partial.debit_move_id = ANY(%(ids)s)""",
            )
        ]

    @api.model
    def _follow_touched(self, found):
        """Bring up to date what was ``found``: ids by the kinds of :meth:`_get_touched_queries`. Hook."""
        if found["settled"]:
            self.env["account.dunning.item"]._follow_transfers(found["settled"])
        self.browse(found["plan"])._settle()
