from odoo import api, fields, models
from odoo.tools import SQL

# One row for each plan on the day on which it was opened, and one on that on which it was closed, at the level reached.
PLANS = """
SELECT plan.id::bigint * 8 + %(number)s, %(kind)s, plan.%(day)s, plan.company_id, plan.partner_id, plan.move_id,
       plan.id, plan.level_id, NULL, NULL, plan.leading_due_date, 1
  FROM account_collection_plan plan
 WHERE plan.%(day)s IS NOT NULL
"""


class AccountDunningAnalysis(models.Model):
    """Collection plans: how many were opened and closed, and how they ended."""

    _inherit = "account.dunning.analysis"
    _depends = {"account.collection.plan": ["opened_on", "closed_on", "close_reason", "level_id", "leading_due_date"]}

    kind = fields.Selection(selection_add=[("plans_opened", "Plans Opened"), ("plans_closed", "Plans Closed")])
    plans_opened = fields.Integer(readonly=True, help="The number of collection plans, on the day they were opened.")
    plans_closed = fields.Integer(
        readonly=True,
        help="The number of collection plans that are closed, on the day they were closed. How: see the status of the "
        "plan, and “Closed As”.",
    )
    close_reason = fields.Selection(
        selection=lambda self: self.env["account.collection.plan"]._fields["close_reason"].selection,
        string="Closed As",
        readonly=True,
        help="Why the collection plan is closed.",
    )

    @api.model
    def _get_facts(self):
        plans = [
            SQL(PLANS, number=number, kind=kind, day=SQL.identifier(day))
            for number, kind, day in ((6, "plans_opened", "opened_on"), (7, "plans_closed", "closed_on"))
        ]
        return [*super()._get_facts(), *plans]

    def _get_records(self):
        return {**super()._get_records(), "plans_opened": self.plan_id, "plans_closed": self.plan_id}
