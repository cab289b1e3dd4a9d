from odoo import api, fields, models
from odoo.tools import SQL

from ...models.plan.settlement import SETTLEMENT_KIND
from ...models.receivables.document import DUE
from .sums import AnalysisSums

AGES = [
    ("0", "Not overdue"),
    ("1", "1–30 days"),
    ("2", "31–60 days"),
    ("3", "61–90 days"),
    ("4", "More than 90 days"),
]

# Amounts are in company currency at the rate of the invoice, so that what is dunned and what is paid can be compared.
# Where the item is gone, the rate of the day counts.
DUNNED = """
SELECT line.id::bigint * 8 AS id, 'dunned' AS kind, notice.sent_on AS date, notice.company_id, notice.partner_id,
       line.move_id, line.plan_id, line.level_id, notice.id AS notice_id, NULL::int AS counter_move_id, line.due_date,
       line.claim * %(rate)s AS amount
  FROM account_dunning_notice_line line
  JOIN account_dunning_notice notice ON notice.id = line.notice_id AND (notice.state = 'sent' OR notice.bounced)
  JOIN res_company company ON company.id = notice.company_id
 WHERE line.dunned AND %(which)s
"""
DUNNED_RATE = """COALESCE(
           (SELECT item.balance / NULLIF(item.amount_currency, 0) FROM account_move_line item
             WHERE item.id = line.move_line_id),
           COALESCE(%(company_rate)s, 1) / %(notice_rate)s
       )"""
RATE = """(SELECT rate.rate FROM res_currency_rate rate
            WHERE rate.currency_id = %(currency)s AND rate.name <= %(day)s
              AND (rate.company_id = company.id OR rate.company_id IS NULL)
            ORDER BY rate.company_id, rate.name DESC LIMIT 1)"""

# The plan that a charge or an invoice of charges of the notice ``charging`` is about: that of the item where one is
# charged, else that of the highest level.
BEHIND = """
SELECT notice_line.plan_id, notice_line.move_id, notice_line.due_date
  FROM account_dunning_notice_line notice_line
 WHERE notice_line.notice_id = charging.id AND notice_line.dunned
 ORDER BY notice_line.move_line_id = %(item)s DESC NULLS LAST, notice_line.level_id = charging.level_id DESC,
          notice_line.id
 LIMIT 1
"""

# What settled an item after a notice was sent about it, or about what it was before a transfer; not what was booked on
# the same day before the notice. The level is that of the last notice until then, or the one that was imported.
SETTLED = f"""
SELECT partial.id::bigint * 8 + 1, %(kind)s, partial.max_date, item.company_id, line.partner_id, line.move_id,
       item.plan_id, reached.level_id, reached.notice_id, counter.move_id,
       {DUE},
       COALESCE(partial.debit_amount_currency * line.balance / NULLIF(line.amount_currency, 0), partial.amount)
  FROM account_partial_reconcile partial
  JOIN account_move_line line ON line.id = partial.debit_move_id
  JOIN account_dunning_item item ON item.move_line_id = line.id
  JOIN account_move_line counter ON counter.id = partial.credit_move_id
  JOIN account_move counter_move ON counter_move.id = counter.move_id
  LEFT JOIN account_payment payment ON payment.id = counter_move.origin_payment_id
 CROSS JOIN LATERAL (
       SELECT sent.level_id, sent.notice_id FROM (
           SELECT notice_line.level_id, notice.id AS notice_id, notice.sent_on
             FROM account_dunning_notice_line notice_line
             JOIN account_dunning_notice notice ON notice.id = notice_line.notice_id
               AND (notice.state = 'sent' OR notice.bounced)
            WHERE notice_line.move_line_id = ANY(ARRAY[line.id] || ARRAY(
                      SELECT former.move_line_id FROM account_dunning_item former
                       WHERE former.heir_line_id = line.id OR former.id = item.part_of_id))
              AND notice_line.dunned AND notice.sent_on <= partial.max_date
              AND (notice.sent_on < partial.max_date OR counter.id > COALESCE(notice.newest_line_id, 0))
            UNION ALL
           SELECT item.level_id, NULL, item.last_notice_date
            WHERE item.last_notice_id IS NULL AND item.last_notice_date <= partial.max_date
       ) AS sent ORDER BY sent.sent_on DESC, sent.notice_id DESC LIMIT 1
       ) AS reached
 WHERE COALESCE(payment.state, '') NOT IN ('draft', 'rejected', 'canceled')
   AND NOT EXISTS (SELECT 1 FROM account_partial_reconcile exchange WHERE exchange.exchange_move_id = counter.move_id)
"""

# The open receivables ``line``; of the few that are settled, those whose payment was returned.
LINES = """
SELECT line.id, line.move_id, line.company_id, line.partner_id, line.date_maturity, line.date,
       line.amount_residual AS amount, line.amount_residual_currency AS amount_currency
  FROM account_move_line line
 WHERE %(receivable)s AND line.reconciled IS NOT TRUE
   AND NOT EXISTS (SELECT 1 FROM (%(returned)s) AS returned WHERE returned.line_id = line.id)
 UNION ALL
SELECT line.id, line.move_id, line.company_id, line.partner_id, line.date_maturity, line.date,
       line.amount_residual + returned.amount, line.amount_residual_currency + returned.amount_currency
  FROM (%(returned)s) AS returned JOIN account_move_line line ON line.id = returned.line_id
 WHERE %(receivable)s
"""
RECEIVABLE = """line.account_id = ANY(ARRAY(SELECT id FROM account_account WHERE account_type = 'asset_receivable'))
   AND line.parent_state = 'posted' AND line.partner_id IS NOT NULL"""

# To JOIN the company would say the same, but PostgreSQL would count on a two hundredth of the items.
OPEN = f"""
SELECT line.id::bigint * 8 + 2, 'open', %(today)s::date, split_part(company.parent_path, '/', 1)::int,
       line.partner_id, line.move_id, item.plan_id, item.level_id, item.last_notice_id, NULL, {DUE}, line.amount
  FROM (%(lines)s) AS line
  LEFT JOIN res_company company ON company.id = line.company_id
  LEFT JOIN account_dunning_item item ON item.move_line_id = line.id
  LEFT JOIN account_move charge ON charge.id = line.move_id AND charge.dunning_notice_id IS NOT NULL
 WHERE line.amount_currency > 0 AND charge.id IS NULL
"""

CHARGES_OPEN = f"""
SELECT line.id::bigint * 8 + 2, 'charges_open', %(today)s::date, split_part(company.parent_path, '/', 1)::int,
       line.partner_id, line.move_id, COALESCE(item.plan_id, behind.plan_id),
       COALESCE(item.level_id, charging.level_id), COALESCE(item.last_notice_id, charging.id), NULL, {DUE}, line.amount
  FROM (%(lines)s) AS line
  JOIN account_move charge ON charge.id = line.move_id AND charge.dunning_notice_id IS NOT NULL
  JOIN account_dunning_notice charging ON charging.id = charge.dunning_notice_id
  JOIN res_company company ON company.id = line.company_id
  LEFT JOIN account_dunning_item item ON item.move_line_id = line.id
  LEFT JOIN LATERAL (%(behind)s) AS behind ON TRUE
 WHERE line.amount_currency > 0
"""


class AccountDunningAnalysis(AnalysisSums, models.Model):
    """What was dunned, what became of it, and what is open, as one table of facts.

    Each row is a line of a sent notice, something that settled an item after a notice, or an open item. Its ``kind``
    says which, and its amount stands in the measure of that name: a module that adds a kind adds a field
    ``amount_<kind>``, or ``<kind>`` for a number, and a query in :meth:`_get_facts`.
    """

    _name = "account.dunning.analysis"
    _description = "Dunning Analysis"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "move_id"
    _depends = {
        "account.collection.plan": ["user_id", "state", "type_id"],
        "account.dunning.item": [
            "level_id",
            "plan_id",
            "last_notice_id",
            "last_notice_date",
            "move_line_id",
            "heir_line_id",
            "part_of_id",
        ],
        "account.dunning.notice": ["state", "sent_on", "company_id", "currency_id", "partner_id", "newest_line_id"],
        "account.dunning.notice.line": ["claim", "dunned", "level_id", "move_id", "plan_id"],
        "account.move": ["dunning_notice_id", "dunning_write_off_plan_id"],
        "account.move.line": ["amount_residual", "amount_residual_currency", "date_maturity", "parent_state"],
        "account.partial.reconcile": ["amount", "debit_amount_currency", "max_date"],
        "account.payment": ["state"],
    }

    kind = fields.Selection(
        [
            ("dunned", "Dunned"),
            ("paid", "Paid"),
            ("set_off", "Set Off"),
            ("credited", "Credited"),
            ("written_off", "Written Off"),
            ("transferred", "Transferred"),
            ("open", "Open"),
            ("charges_open", "Charges Open"),
        ],
        string="What",
        readonly=True,
    )
    date = fields.Date(readonly=True, help="When the notice was sent, or the item was settled; of what is open: today.")
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    move_id = fields.Many2one("account.move", string="Invoice", readonly=True)
    plan_id = fields.Many2one("account.collection.plan", string="Collection Plan", readonly=True)
    plan_state = fields.Selection(
        [
            ("ongoing", "Ongoing"),
            ("paused", "Paused"),
            ("recovered", "Recovered"),
            ("unrecovered", "Unrecovered"),
            ("stopped", "Stopped"),
        ],
        string="Status of the Plan",
        readonly=True,
    )
    user_id = fields.Many2one("res.users", string="Collector", readonly=True)
    type_id = fields.Many2one("account.dunning.type", string="Dunning Type", readonly=True)
    level_id = fields.Many2one(
        "account.dunning.level",
        readonly=True,
        help="Of a notice: the level of the line. Of what was settled or is open: the level reached until then.",
    )
    notice_id = fields.Many2one(
        "account.dunning.notice", string="Last Notice", readonly=True, help="The notice that was the last one then."
    )
    counter_move_id = fields.Many2one("account.move", string="Settled By", readonly=True)
    due_date = fields.Date(readonly=True)
    days_overdue = fields.Integer(aggregator="avg", readonly=True, help="On the date of the row.")
    age = fields.Selection(AGES, string="Overdue Since", readonly=True, help="On the date of the row.")
    amount_dunned = fields.Monetary(
        string="Dunned",
        readonly=True,
        help="What the notices claimed as overdue, credits not subtracted. An item that was dunned at three levels "
        "counts at each of them.",
    )
    amount_paid = fields.Monetary(
        string="Paid",
        readonly=True,
        help="What was settled after a notice by payments, or against credits of the customer.",
    )
    amount_set_off = fields.Monetary(
        string="Set Off",
        readonly=True,
        help="What was settled after a notice against what the customer is owed as a supplier.",
    )
    amount_credited = fields.Monetary(
        string="Credited", readonly=True, help="What was settled after a notice by credit notes for the invoice."
    )
    amount_written_off = fields.Monetary(
        string="Written Off",
        readonly=True,
        help="What was settled after a notice by a write-off, or by an entry against income or expense.",
    )
    amount_transferred = fields.Monetary(
        string="Transferred",
        readonly=True,
        help="What was transferred to another account after a notice. Nothing was paid by that.",
    )
    amount_charges_open = fields.Monetary(
        string="Charges Open", readonly=True, help="What is open today of invoices of charges."
    )
    amount_open = fields.Monetary(
        string="Open",
        readonly=True,
        help="What is open today of all receivables, overdue or not, dunned or not; without invoices of charges.",
    )

    @api.depends("move_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = row.sudo().move_id.display_name  # of a branch that the user may not read

    @api.model
    def _get_facts(self):
        """Queries for the facts, with the columns of ``DUNNED``. Ids are unique over all of them. Hook."""
        return [*self._get_dunned_queries(), self._get_settled_query(), *self._get_open_queries()]

    @api.model
    def _get_dunned_queries(self):
        """In the company's currency, which several processes of PostgreSQL can read at once, and in others."""
        rate = SQL(
            DUNNED_RATE,
            company_rate=SQL(RATE, currency=SQL("company.currency_id"), day=SQL("notice.sent_on")),
            notice_rate=SQL(RATE, currency=SQL("notice.currency_id"), day=SQL("notice.sent_on")),
        )
        return [
            SQL(DUNNED, rate=SQL("1"), which=SQL("notice.currency_id = company.currency_id")),
            SQL(DUNNED, rate=rate, which=SQL("notice.currency_id <> company.currency_id")),
        ]

    @api.model
    def _get_settled_query(self):
        return SQL(SETTLED, kind=SQL(SETTLEMENT_KIND))

    @api.model
    def _get_open_queries(self):
        returned = self.env["account.dunning.reader"]._returned_query(SQL("TRUE"))
        lines = SQL(LINES, receivable=SQL(RECEIVABLE), returned=returned)
        today = fields.Date.context_today(self)
        behind = SQL(BEHIND, item=SQL("NULL"))
        return [SQL(OPEN, today=today, lines=lines), SQL(CHARGES_OPEN, today=today, lines=lines, behind=behind)]

    def action_open_record(self):
        """Open what the row is about: the notice, the payment or credit note, or the open invoice."""
        self.ensure_one()
        payment = self.counter_move_id.origin_payment_id
        return self._get_records().get(self.kind, payment or self.counter_move_id)._get_records_action()

    def _get_records(self):
        """The record behind the row by kind, where it is not what settled something. Hook."""
        return {"dunned": self.notice_id, "open": self.move_id, "charges_open": self.move_id}
