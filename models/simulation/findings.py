from collections import namedtuple

from odoo import api
from odoo.tools import SQL, formatLang

from ...engine import choose_arm, contrast, estimate_ratio, estimate_share
from ..receivables.document import DUE

# The invoices of an experiment by customer: those that fell due in its time, and that could be paid for long enough
# since. What was settled within the days counts; not what a payment settled that was taken back.
OUTCOMES = f"""
WITH invoice AS (
    SELECT line.id, line.move_id, line.partner_id, line.balance, {DUE} AS due, {DUE} + %(days)s AS last,
           COALESCE(move.invoice_date, line.date) AS dated
      FROM account_move_line line JOIN account_move move ON move.id = line.move_id AND move.move_type = 'out_invoice'
     WHERE %(open_item)s AND line.balance > 0 AND line.partner_id = ANY(%(partners)s)
       AND {DUE} BETWEEN %(first)s AND LEAST(%(until)s, %(today)s::date - %(days)s)
), paid AS (
    SELECT invoice.id, SUM(partial.amount) AS amount, MAX(partial.max_date) AS day
      FROM invoice
      JOIN account_partial_reconcile partial ON partial.debit_move_id = invoice.id AND partial.max_date <= invoice.last
      JOIN account_move_line counter ON counter.id = partial.credit_move_id
     WHERE NOT EXISTS (SELECT 1 FROM account_payment payment
                        WHERE payment.move_id = counter.move_id AND payment.state IN ('draft', 'rejected', 'canceled'))
     GROUP BY invoice.id
), disputed AS (
    SELECT DISTINCT invoice.id
      FROM invoice
      JOIN account_dunning_hold hold ON hold.company_id = %(company)s
       AND (hold.move_id = invoice.move_id OR hold.move_line_id = invoice.id OR hold.partner_id = invoice.partner_id)
       AND hold.date_from BETWEEN invoice.dated AND invoice.last
      JOIN account_dunning_reason reason ON reason.id = hold.reason_id AND reason.dispute
)
SELECT invoice.partner_id, COUNT(*)::float AS invoices,
       COUNT(*) FILTER (WHERE paid.amount >= invoice.balance)::float AS settled,
       SUM(CASE WHEN paid.amount >= invoice.balance THEN GREATEST(paid.day - invoice.dated, 0)
                ELSE invoice.last - invoice.dated END)::float AS days,
       SUM(invoice.balance)::float AS owed, SUM(LEAST(COALESCE(paid.amount, 0), invoice.balance))::float AS received,
       COUNT(disputed.id)::float AS disputes
  FROM invoice LEFT JOIN paid ON paid.id = invoice.id LEFT JOIN disputed ON disputed.id = invoice.id
 GROUP BY invoice.partner_id
 ORDER BY invoice.partner_id
"""

Outcome = namedtuple("Outcome", "partner_id invoices settled days owed received disputes")


class ExperimentFindings:
    """What an experiment has brought so far."""

    __slots__ = ()

    @api.depends("days", "date_from", "date_to", "state")
    @api.depends_context("lang")
    def _compute_result(self):
        for experiment in self:
            shown = experiment.state != "draft" and experiment.id
            # the sums of the whole company; who may read the experiment is asked by its rights
            found = shown and experiment.sudo()._find()
            experiment.result = found and self.env["ir.qweb"]._render("account_dunning.experiment_result", found)

    def _find(self):
        """The figures of both arms: the size of each, and ``rows`` with texts."""
        rows = self._read_outcomes()
        sides = [[row for row in rows if choose_arm(self.id, row.partner_id) == arm] for arm in (0, 1)]
        sizes = [
            {"type": each.name, "customers": len(side), "invoices": int(sum(row.invoices for row in side))}
            for each, side in zip((self.type_a_id, self.type_b_id), sides, strict=True)
        ]
        return {
            "sizes": sizes,
            "days": self.days,
            "rows": [self._get_row(sides, *figure) for figure in self._get_figures()],
        }

    def _get_figures(self):
        """Label, function of the engine, what of a customer is summed up above and below, and how it is shown."""
        return [
            (self.env._("Invoices paid by then"), estimate_share, "settled", "invoices", "percent"),
            (self.env._("Amount paid by then"), estimate_ratio, "received", "owed", "percent"),
            (self.env._("Days from invoice to payment, until then"), estimate_ratio, "days", "invoices", "days"),
            (self.env._("Invoices disputed"), estimate_share, "disputes", "invoices", "percent"),
        ]

    def _read_outcomes(self):
        """A row for each customer of the group with invoices that are over, see ``OUTCOMES``."""
        self.ensure_one()
        reader = self.env["account.dunning.reader"].sudo()
        partner_ids = self._get_customer_ids()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                OUTCOMES,
                open_item=reader._open_item_condition(self.company_id),
                partners=partner_ids,
                company=self.company_id.id,
                first=self.date_from,
                until=self.date_to,
                today=self.company_id._dunning_today(),
                days=self.days,
            )
        )
        return list(map(Outcome._make, self.env.cr.fetchall()))

    def _get_row(self, sides, label, estimate, above, below, unit):
        estimates = [estimate([(getattr(row, above), getattr(row, below)) for row in side]) for side in sides]
        found = contrast(*estimates)
        verdicts = {
            "few": self.env._("too few to tell"),
            "open": self.env._("no difference to be told"),
            "more": self.env._("more with B"),
            "less": self.env._("less with B"),
        }
        return {
            "label": label,
            "arms": [self._show(each, unit) for each in estimates],
            "difference": self._show(found, unit) if found.value is not None else "",
            "verdict": verdicts[found.verdict],
        }

    def _show(self, figure, unit):
        """The value with its interval, as text."""
        if figure.value is None:
            return "–"
        values = (figure.value, figure.low, figure.high)
        texts = [formatLang(self.env, 100 * each if unit == "percent" else each, digits=1) for each in values]
        text = self.env._("%(value)s (%(low)s to %(high)s)", value=texts[0], low=texts[1], high=texts[2])
        return f"{text} %" if unit == "percent" else text
