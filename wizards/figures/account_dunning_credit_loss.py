import base64
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ...engine.credit_loss import expect_loss, find_loss_rates, find_roll_rates
from ...engine.ledger import AGE_ENDS
from ...models.figures.dashboard_charts import ROLLED
from ...tools.sheet import write_sheets

MONTHS = 12  # from which the roll rates are taken
BUCKETS = len(AGE_ENDS) + 1

# What customers of each group (their dunning type) owe by bucket, at the end of a month.
OWED = """
SELECT typed.type_id, item.bucket, SUM(item.amount)::float
  FROM account_dunning_snapshot_item item LEFT JOIN (%(types)s) typed ON typed.id = item.partner_id
 WHERE item.snapshot_id = %(snapshot)s AND item.amount > 0
 GROUP BY 1, 2
"""


class AccountDunningCreditLoss(models.TransientModel):
    """The expected credit loss of a month, by the simplified approach of IFRS 9: nothing is booked.

    The matrix has a row for each group of customers, those of one dunning type, and a column for each age. Loss rates
    are products of the roll rates of the last twelve months; of a group that owed nothing of an age, those of all.
    """

    _name = "account.dunning.credit.loss"
    _description = "Expected Credit Loss"
    _inherit = ["account.dunning.dialog"]
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    snapshot_id = fields.Many2one(
        "account.dunning.snapshot",
        string="Month",
        required=True,
        ondelete="cascade",
        check_company=True,
        domain="[('company_id', '=', company_id)]",
    )
    factor = fields.Float(
        string="Forward-looking Factor",
        default=1.0,
        help="By how much losses are expected to exceed those of the past: 1.1 for a tenth more.",
    )
    matrix = fields.Html(compute="_compute_matrix", sanitize=False)
    table = fields.Binary(compute="_compute_table")

    _factor_positive = models.Constraint("CHECK (factor > 0)", "The forward-looking factor is more than zero.")

    @api.model
    def action_open(self):
        """Open the report of the last month."""
        self.check_access("create")
        company = self.env.company.root_id
        last = self.env["account.dunning.snapshot"].search([("company_id", "=", company.id)], limit=1)
        if not last:
            raise UserError(
                self.env._(
                    "There are no figures of a month yet. They are taken in the night after the first month that has "
                    "receivables; the scheduled action “Dunning: figures of the month” takes them at once."
                )
            )
        action = self._show_new(self.env._("Expected Credit Loss"), company_id=company, snapshot_id=last)
        return {**action, "target": "current"}

    @api.depends("snapshot_id", "factor")
    def _compute_matrix(self):
        for loss in self:
            values = loss._get_report() if loss.snapshot_id else False
            loss.matrix = values and self.env["ir.qweb"]._render("account_dunning.credit_loss_matrix", values)

    def _compute_table(self):
        for loss in self:
            loss.table = loss.snapshot_id and base64.b64encode(write_sheets(loss._get_sheets()))

    def action_download(self):
        """Download the matrix as a spreadsheet."""
        self.ensure_one()
        name = f"{self.env._('Expected Credit Loss')} {self.snapshot_id.day}.xlsx"
        url = f"/web/content/{self._name}/{self.id}/table/{name}?download=true"
        return {"type": "ir.actions.act_url", "url": url}

    def action_print(self):
        """Print the matrix."""
        self.check_access("read")
        return self.env.ref("account_dunning.action_report_credit_loss").report_action(self)

    # the matrix

    def _get_report(self):
        """The matrix as plain values: ``ages``, ``groups`` with a cell of each age, the ``total`` group."""
        self.ensure_one()
        # the sums of the whole company; who may open the report is asked by the guard
        company = self.snapshot_id.sudo().company_id
        owed, rates = self._read_owed(company), self._read_rates(company)
        types = self.env["account.dunning.type"].sudo().browse(filter(None, owed))
        names = {None: self.env._("Without dunning type"), **{each.id: each.name for each in types}}
        groups = [self._get_group(names[key], amounts, rates.get(key) or rates["all"]) for key, amounts in owed.items()]
        groups.sort(key=lambda group: -group["gross"])
        return {
            "company": company,
            "day": format_date(self.env, self.snapshot_id.day),
            "factor": self.factor,
            "currency": company.currency_id,
            "ages": [
                label
                for _age, label in self.env["account.dunning.figure.item"]
                ._fields["age"]
                ._description_selection(self.env)
            ],
            "groups": groups,
            "gross": sum(group["gross"] for group in groups),
            "loss": sum(group["loss"] for group in groups),
        }

    def _get_group(self, name, amounts, rates):
        round_amount = self.company_id.sudo().currency_id.round
        losses = [round_amount(loss) for loss in expect_loss(amounts, rates, self.factor)]
        cells = [
            {"gross": gross, "rate": rate * 100, "loss": loss}
            for gross, rate, loss in zip(amounts, rates, losses, strict=True)
        ]
        return {"name": name, "cells": cells, "gross": sum(amounts), "loss": sum(losses)}

    def _read_owed(self, company):
        """What is owed by bucket, by the id of the customers' dunning type."""
        types = self.env["account.dunning.reader"]._get_type_query(company)
        owed = {}
        for type_id, bucket, amount in self.env.execute_query(SQL(OWED, types=types, snapshot=self.snapshot_id.id)):
            owed.setdefault(type_id, [0.0] * BUCKETS)[bucket] = amount
        return owed

    def _read_rates(self, company):
        """The loss rates by the id of a dunning type, and of ``all``."""
        types = self.env["account.dunning.reader"]._get_type_query(company)
        query = SQL(
            ROLLED,
            company=company.id,
            group=SQL("(SELECT typed.type_id FROM (%s) typed WHERE typed.id = before.partner_id)", types),
            first=self.snapshot_id.day + timedelta(1) - relativedelta(months=MONTHS),
            day=self.snapshot_id.day,
            of_before=SQL("TRUE"),
        )
        opening, rolled = {"all": [0.0] * BUCKETS}, {"all": [0.0] * BUCKETS}
        for type_id, bucket, before, later in self.env.execute_query(query):
            for key in (type_id, "all"):
                opening.setdefault(key, [0.0] * BUCKETS)[bucket] += before
                rolled.setdefault(key, [0.0] * BUCKETS)[bucket] += later
        general = find_roll_rates(opening["all"][:-1], rolled["all"][:-1])
        return {key: find_loss_rates(self._get_rolls(opening[key], rolled[key], general)) for key in opening}

    @api.model
    def _get_rolls(self, opening, rolled, general):
        """The roll rates of a group: those of all where it owed nothing of an age."""
        own = find_roll_rates(opening[:-1], rolled[:-1])
        return [rate if before else other for before, rate, other in zip(opening, own, general, strict=False)]

    def _get_sheets(self):
        report = self._get_report()
        rows = [
            {
                self.env._("Customers"): group["name"],
                self.env._("Age"): age,
                self.env._("Open"): float(cell["gross"]),
                self.env._("Loss Rate %"): round(float(cell["rate"]), 4),
                self.env._("Factor"): float(report["factor"]),
                self.env._("Expected Loss"): float(cell["loss"]),
            }
            for group in report["groups"]
            for age, cell in zip(report["ages"], group["cells"], strict=True)
        ]
        return {self.env._("Expected Credit Loss"): rows}
