from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..base.names import OPEN_STATES

# The open plans that have another type than their customers have now, by the type that these have.
TO_SWITCH = """
WITH customer AS MATERIALIZED (%(types)s)
SELECT customer.type_id, ARRAY_AGG(plan.id ORDER BY plan.leading_due_date, plan.id)
  FROM account_collection_plan plan
  JOIN customer ON customer.id = plan.partner_id AND customer.type_id <> plan.type_id
 WHERE plan.company_id = %(company)s AND plan.state IN %(states)s AND plan.mode = %(mode)s
   AND (plan.move_id IS NULL
        OR plan.move_id NOT IN (SELECT id FROM account_move WHERE dunning_type_id IS NOT NULL))
 GROUP BY customer.type_id
"""


class AccountDunningType(models.Model):
    """The collection plans of a dunning type."""

    _inherit = "account.dunning.type"

    plan_count = fields.Integer(compute="_compute_plan_count")
    switch_plan_ids = fields.Many2many(
        "account.collection.plan",
        string="Plans to Switch",
        compute="_compute_switch_plan_ids",
        help="Open collection plans of other dunning types that would be of this type if they were opened now.",
    )
    switch_count = fields.Integer(compute="_compute_switch_plan_ids")

    def _compute_plan_count(self):
        counts = dict(
            self.env["account.collection.plan"]._read_group(
                [("type_id", "in", self.ids), ("state", "in", OPEN_STATES)], ["type_id"], ["__count"]
            )
        )
        for dunning_type in self:
            dunning_type.plan_count = counts.get(dunning_type, 0)

    @api.depends("partner_domain", "category_ids", "default", "sequence", "active")
    def _compute_switch_plan_ids(self):
        """The plans as of the saved rule: what an edited one would take is known when it is saved."""
        plans = {}
        for company in self._origin.filtered("active").company_id:
            # a count and a warning; the list shows what the user may read
            plans.update(self.sudo()._get_plans_to_switch(company))
        for dunning_type in self:
            dunning_type.switch_plan_ids = plans.get(dunning_type._origin.id, False)
            dunning_type.switch_count = len(dunning_type.switch_plan_ids)

    @api.model
    def _get_plans_to_switch(self, company):
        """The open plans of ``company`` that have another type than they would get now, by the id of that type.

        An invoice that names its own type keeps it. One query.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                TO_SWITCH,
                types=self.env["account.dunning.reader"]._get_type_query(company),
                company=company.id,
                states=OPEN_STATES,
                mode=company._get_dunning_settings().mode,
            )
        )
        plans = self.env["account.collection.plan"]
        return {type_id: plans.browse(plan_ids) for type_id, plan_ids in rows}

    @api.constrains("active")
    def _check_archive(self):
        for dunning_type in self.filtered(lambda dunning_type: not dunning_type.active):
            if dunning_type.plan_count:
                raise UserError(
                    self.env._(
                        "The dunning type “%(type)s” has %(count)s open collection plans. "
                        "Wait until they are closed before you archive it.",
                        type=dunning_type.name,
                        count=dunning_type.plan_count,
                    )
                )

    def action_open_plans(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_collection_plan_action")
        return {
            **action,
            "domain": [("type_id", "=", self.id)],
            "context": {"search_default_ongoing": 1, "search_default_paused": 1},
        }

    def action_switch_plans(self):
        """Open the dialog that switches the plans which would be of this type now."""
        self.ensure_one()
        action = self.env["account.collection.plan.change"]._open(self.switch_plan_ids, "switch")
        return {**action, "context": {**action.get("context", {}), "default_type_id": self.id}}

    @api.ondelete(at_uninstall=False)
    def _unlink_except_plans(self):
        self._refuse_used("account.collection.plan")
