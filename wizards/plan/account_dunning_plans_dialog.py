from odoo import fields, models


class AccountDunningPlansDialog(models.AbstractModel):
    """A dialog that changes one or many collection plans, and shows before on which of them it cannot, and why.

    What it shows of each plan is a line of :class:`AccountDunningPlanPreview`, in a field ``line_ids``.
    """

    _name = "account.dunning.plans.dialog"
    _description = "Dialog about Collection Plans"
    _inherit = ["account.dunning.dialog"]

    plan_ids = fields.Many2many(
        "account.collection.plan", string="Collection Plans", required=True, readonly=True, check_company=True
    )
    possible_count = fields.Integer(string="Can Be Changed", compute="_compute_line_ids")
    refused_count = fields.Integer(string="Cannot Be Changed", compute="_compute_line_ids")

    def _compute_line_ids(self):
        for dialog in self:
            refusals = dialog._get_refusals()
            possible = dialog.plan_ids.filtered(lambda plan, refusals=refusals: plan not in refusals)
            charges = dialog._get_charges(possible)
            dialog.line_ids = [
                fields.Command.clear(),
                *(
                    fields.Command.create(
                        {"plan_id": plan.id, "charges": charges.get(plan, False), "refusal": refusals.get(plan, False)}
                    )
                    for plan in dialog.plan_ids
                ),
            ]
            dialog.refused_count = len(refusals)
            dialog.possible_count = len(possible)
            dialog._sum_up_plans(possible)

    def _get_refusals(self):
        """Why a plan cannot be changed, in words, by plan. Hook."""
        return {}

    def _get_charges(self, plans):
        """What is open of the charges that the change takes along, in words, by plan; of the possible ``plans``."""
        return {}

    def _sum_up_plans(self, plans):
        """Fill what the dialog shows of all possible ``plans`` together. Hook."""

    def _get_possible(self):
        """The plans that can be changed.

        :return: the plans, and the reason of the first other one, which is told where there are none
        """
        refusals = self._get_refusals()
        return self.plan_ids.filtered(lambda plan: plan not in refusals), next(iter(refusals.values()), "")


class AccountDunningPlanPreview(models.AbstractModel):
    """What a dialog shows of one of its plans, before it is applied."""

    _name = "account.dunning.plan.preview"
    _description = "Preview of a Change of a Collection Plan"
    _inherit = ["account.dunning.guard"]

    plan_id = fields.Many2one("account.collection.plan")
    partner_id = fields.Many2one(related="plan_id.partner_id")
    state = fields.Selection(related="plan_id.state")
    amount_due = fields.Monetary(related="plan_id.amount_due")
    currency_id = fields.Many2one(related="plan_id.currency_id")
    charges = fields.Char()
    refusal = fields.Char(string="Why Not")
