from collections import namedtuple
from dataclasses import replace

from odoo import api, fields, models


class AccountCollectionCase(models.Model):
    """When the customer is expected to pay; how likely he pays late counts for his rank."""

    _inherit = "account.collection.case"

    payment_outlook = fields.Char(
        string="Payment Forecast",
        compute="_compute_payment_outlook",
        help="When the oldest overdue item is expected to be paid, and why: the median delay of the customer's "
        "invoices of the last two years, shrunk towards that of all customers where he has few.",
    )

    @api.depends("partner_id", "company_id", "oldest_due_date")
    def _compute_payment_outlook(self):
        for company, cases in self.grouped("company_id").items():
            dues = {case: (case.partner_id.id, case.oldest_due_date) for case in cases}
            sentences = company and self.env["account.dunning.payment.forecast"]._get_sentences(company, dues)
            for case in cases:
                case.payment_outlook = sentences[case] if company else False

    @api.model
    def _learn(self, company):
        """When customers pay in general, too."""
        super()._learn(company)
        self.env["account.dunning.payment.forecast"]._learn(company)

    @api.model
    def _read_facts(self, company, partner_ids=None, asked=False):
        """What is known of customers, and how likely each pays an invoice late: unknown where he has paid none."""
        forecast = self.env["account.dunning.payment.forecast"]
        rows = super()._read_facts(company, partner_ids, asked)
        if not rows:
            return rows
        habits = forecast._get_habits(company, [row.partner_id for row in rows])
        row_class = namedtuple("Facts", (*rows[0]._fields, "late_probability"))
        known = {partner_id: habit.late for partner_id, habit in habits.items() if habit.invoices}
        return [row_class(*row, known.get(row.partner_id)) for row in rows]

    @api.model
    def _to_engine(self, row, settings, today):
        return replace(super()._to_engine(row, settings, today), late_probability=row.late_probability)

    def _get_words(self, fact, value, broken):
        if fact == "late_probability":
            return self.env._("pays %(percent)s %% of his invoices late", percent=round(value * 100))
        return super()._get_words(fact, value, broken)
