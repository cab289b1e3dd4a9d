from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine import next_look, shift
from ..receivables.document import DUE
from ..receivables.obstacles import ONLINE_PAYMENT_DAYS

# Puts down when customers were read, and when they have to be read again.
STORE = """
INSERT INTO account_dunning_look (company_id, partner_id, looked_on, next_date, taken_by)
SELECT %(company)s, partner.id, %(today)s, dated.next_date, %(taken_by)s
  FROM (%(dates)s) AS dated JOIN res_partner partner ON partner.id = dated.partner_id AND %(few)s
    ON CONFLICT (partner_id, company_id) DO UPDATE
   SET looked_on = EXCLUDED.looked_on, next_date = EXCLUDED.next_date, taken_by = EXCLUDED.taken_by
"""

# The customers whose time has come by %(today)s, or of whom something was set that no trigger sees.
READY = """
WITH hold AS (
    SELECT * FROM account_dunning_hold
     WHERE company_id = %(company)s AND ended_on IS NULL AND (date_from <= %(today)s OR date_until < %(today)s)
), held AS (
    SELECT date_from, date_until, partner_id FROM hold
     UNION ALL
    SELECT hold.date_from, hold.date_until, line.partner_id
      FROM hold JOIN account_move_line line ON line.move_id = hold.move_id
     UNION ALL
    SELECT hold.date_from, hold.date_until, line.partner_id
      FROM hold JOIN account_move_line line ON line.id = hold.move_line_id
)
SELECT partner_id FROM account_dunning_look look
 WHERE look.company_id = %(company)s AND look.next_date <= %(today)s
 UNION
SELECT customer_ref FROM account_dunning_change WHERE company_ref = ANY(%(branches)s)
 UNION
SELECT line.partner_id
  FROM account_dunning_notice_line waiting JOIN account_move_line line ON line.id = waiting.move_line_id
 WHERE waiting.pending AND line.company_id = ANY(%(branches)s)
 UNION
SELECT look.partner_id FROM account_dunning_look look JOIN res_partner partner ON partner.id = look.partner_id
 WHERE look.company_id = %(company)s AND look.taken_by IS DISTINCT FROM %(taken_by)s
 UNION
SELECT look.partner_id
  FROM held JOIN account_dunning_look look
    ON look.company_id = %(company)s AND look.partner_id = held.partner_id
 WHERE held.date_from > look.looked_on AND held.date_from <= %(today)s
    OR held.date_until >= look.looked_on AND held.date_until < %(today)s
 UNION
SELECT look.partner_id
  FROM payment_transaction tx
  JOIN LATERAL (SELECT partner_id FROM account_invoice_transaction_rel rel
                  JOIN account_move_line ON move_id = rel.invoice_id
                 WHERE rel.transaction_id = tx.id
                 UNION ALL
                SELECT partner_id FROM account_dunning_item_transaction_rel rel
                  JOIN account_move_line ON id = rel.line_id
                 WHERE rel.transaction_id = tx.id) line ON TRUE
  JOIN account_dunning_look look ON look.company_id = %(company)s AND look.partner_id = line.partner_id
 WHERE tx.state IN ('pending', 'authorized')
   AND tx.last_state_change > look.looked_on - %(online_days)s
   AND tx.last_state_change <= %(today)s::date - %(online_days)s
"""

# Customers with nothing due, by the day on which the first of their items is looked at.
LATER = f"""
SELECT line.partner_id, MIN({DUE}) - %(horizon)s AS next_date FROM account_move_line line
 WHERE %(open_item)s AND line.reconciled IS NOT TRUE AND line.amount_residual_currency > 0 AND %(which)s
 GROUP BY line.partner_id
"""


class AccountDunningLook(models.Model):
    """When a customer was read, and when he has to be read again if nothing about him changes meanwhile.

    Each customer with an open item has such a row once a night of the company was read in full, or a mark
    (:class:`AccountDunningChange`): so the next nights find whom they have to read.
    """

    _name = "account.dunning.look"
    _description = "When the Night Reads a Customer Again"
    _log_access = False
    _order = "id"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, ondelete="cascade")
    looked_on = fields.Date(required=True)
    next_date = fields.Date()
    taken_by = fields.Char(help="What says which dunning type takes the customer.")

    _customer_unique = models.Constraint("UNIQUE (partner_id, company_id)", "A customer is looked at once a night.")
    _next = models.Index("(company_id, next_date)")

    @api.model
    def _find_ready(self, company, today):
        """The ids of the customers whom a night of ``today`` has to read.

        A superset of those of whom the assessment of that day says anything else than at the last look.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                READY,
                company=company.id,
                branches=list(company._get_dunning_branches()),
                today=today,
                online_days=ONLINE_PAYMENT_DAYS,
                taken_by=self._get_taken_by(company),
            )
        )
        return [partner_id for (partner_id,) in rows]

    @api.model
    def _store_assessed(self, company, assessments):
        """Put down when to look again at the customers of ``assessments``, and drop what marked them so far.

        All that concerns them must have been read in this transaction, and nothing of it been written since, but what
        the run proposes: that is read again until it has left.
        """
        if not assessments:
            return
        days, known = {}, {}
        ends = self._get_ladder_ends(company, assessments)
        for partner_id, assessment in assessments.items():
            today = assessment.today
            day = shift(today, 1) if assessment.proposals else None
            day = day or next_look(assessment.facts, assessment.rules, today, known)
            days[partner_id] = min(filter(None, (day, ends.get(partner_id))), default=None)
        self._store_days(company, today, days)
        self.env["account.dunning.change"]._clear(company, list(assessments))

    @api.model
    def _get_ladder_ends(self, company, assessments):
        """When the open plans of customers may end without a new level, by partner id: tomorrow at the earliest."""
        ids = {
            verdict.item.plan
            for assessment in assessments.values()
            for verdict in assessment.verdicts
            if verdict.item.plan and verdict.decision and verdict.decision.reason == "end"
        }
        plans = self.env["account.collection.plan"].sudo().browse(ids)  # whoever sends the notices
        verdicts, result = plans._get_verdicts(assessments) if plans else {}, {}
        for plan in plans:
            ended = all(verdict.decision and verdict.decision.reason == "end" for verdict in verdicts[plan.id])
            if ended and plan.type_id.unrecovered_days and plan.last_notice_date:
                tomorrow = shift(assessments[plan.partner_id.id].today, 1)
                day = max(plan._get_end_date(), tomorrow)
                result[plan.partner_id.id] = min(day, result.get(plan.partner_id.id, day))
        return result

    @api.model
    def _store_days(self, company, today, days):
        """Put down ``days`` (dates, or None where nothing is to come) by partner id."""
        dates = SQL(
            "SELECT unnest(%s::int[]) AS partner_id, unnest(%s::date[]) AS next_date", list(days), list(days.values())
        )
        self._store(company, today, dates, list(days))

    @api.model
    def _store(self, company, today, dates, partner_ids=None):
        """Put down what the query ``dates`` says (partner_id, next_date); ``partner_ids`` are its customers, if few."""
        self.env.flush_all()
        taken_by = self._get_taken_by(company, partner_ids)
        few = SQL("TRUE") if partner_ids is None else SQL("partner.id = ANY(%s)", partner_ids)
        self.env.cr.execute(SQL(STORE, company=company.id, today=today, dates=dates, taken_by=taken_by, few=few))
        self.invalidate_model(flush=False)

    @api.model
    def _pass_over(self, company, today, which):
        """Put down when to look at customers of whom nothing is due by ``today``, and drop what marked them.

        :param which: SQL condition for their ids, with ``%s`` in the place of the id
        """
        reader = self.env["account.dunning.reader"]
        self.env.flush_all()
        self.env.cr.execute(
            SQL("DELETE FROM account_dunning_look WHERE company_id = %s AND %s", company.id, which("partner_id"))
        )
        dates = SQL(
            LATER,
            horizon=reader._get_horizon_days(company),
            open_item=reader._open_item_condition(company),
            which=which("line.partner_id"),
        )
        self._store(company, today, dates)
        self.env.cr.execute(
            SQL(
                "DELETE FROM account_dunning_change WHERE company_ref = ANY(%s) AND %s",
                list(company._get_dunning_branches()),
                which("customer_ref"),
            )
        )

    @api.model
    def _get_taken_by(self, company, partner_ids=None):
        """SQL for what says which type takes the customer ``partner``: his own by company, his parent's, rules.

        It is compared each night: a rule may ask for anything, which triggers could not watch.
        """
        partners = self.env["res.partner"].sudo().with_company(company).with_context(active_test=False)  # as the reader
        # as the reader, who decides on all customers
        types = self.env["account.dunning.type"].sudo().search([("company_id", "=", company.id)])
        parts = [SQL("partner.dunning_type_id::text")]
        if company._get_dunning_settings().parent_type:
            inherited = self.env["account.dunning.reader"].sudo()._get_parent_type_sql(company, types)
            parts.append(SQL("'<' || (%s)::text", inherited))
        few = Domain.TRUE if partner_ids is None else Domain("id", "in", partner_ids)
        for type_id, domain in self.env["account.dunning.reader"].sudo()._get_type_rules(company, types):
            taken = partners._search(domain & few).subselect()
            parts.append(SQL("CASE WHEN partner.id IN %s THEN %s END", taken, str(type_id)))
        return SQL("concat_ws(',', %s)", SQL(", ").join(parts))
