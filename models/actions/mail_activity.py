from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...tools.refusals import lock
from ..base.names import COLLECTORS, OPEN_STATES
from .account_dunning_action import PLAN_MODEL

TARGET_FIELDS = {"dunning_action_id", "res_id", "res_model", "res_model_id"}


class MailActivity(models.Model):
    """An activity on a collection plan may be an action of a level that a person has to do."""

    _inherit = "mail.activity"

    dunning_action_id = fields.Many2one(
        "account.dunning.action",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
        groups=COLLECTORS,
    )
    dunning_kind = fields.Selection(related="dunning_action_id.kind", string="Kind", groups=COLLECTORS)
    dunning_blocking = fields.Boolean(
        related="dunning_action_id.blocking", string="Blocks the Next Level", groups=COLLECTORS
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Only levels make activities of their actions; a blocking one holds up its plan."""
        activities = super().create(vals_list)
        activities._check_dunning_target()
        activities._get_blocked_plans()._settle()
        return activities

    def write(self, vals):
        """An activity of an action stays on its plan; done, it lets the plan go on."""
        if TARGET_FIELDS & set(vals):
            self._check_dunning_target()
        result = super().write(vals)
        if "dunning_action_id" in vals:
            self._check_dunning_target()
        if "active" in vals:
            self._get_blocked_plans()._settle()
        return result

    def unlink(self):
        plans = self._get_blocked_plans()
        result = super().unlink()
        plans._settle()
        return result

    def _check_dunning_target(self):
        """Users may start the action of an activity, so they may not choose it, nor its plan."""
        # the field is closed to who has the activity
        if not self.env.su and self.sudo().dunning_action_id:
            raise AccessError(self.env._("Only the levels of dunning give activities an action, on their own plans."))

    def _get_blocked_plans(self):
        """The collection plans that wait, or waited, for these activities."""
        # the field is closed to who has the activity
        blocking = self.sudo().filtered(
            lambda activity: activity.dunning_action_id.blocking and activity.res_model == PLAN_MODEL
        )
        # plans follow activities, whoever has them
        plans = self.env[PLAN_MODEL].sudo().browse(set(blocking.mapped("res_id")))
        return plans.exists().filtered(lambda plan: plan.state in OPEN_STATES) if plans else plans

    def action_start_dunning(self):
        """Start the actions of manual activities on their plans, and mark the activities done."""
        guard = self.env["account.dunning.guard"]
        guard._check_role(COLLECTORS, self.env._("Only collectors may start the actions of a collection plan."))
        activities = self.filtered(
            lambda activity: activity.active and activity.dunning_kind not in (False, "activity")
        )
        lock(activities)
        plans = self.env[PLAN_MODEL].browse(activities.mapped("res_id"))
        plans.check_access("write")
        if any(plan.state != "ongoing" for plan in plans):
            raise UserError(self.env._("Actions can be started on ongoing collection plans only."))
        for action, group in activities.grouped("dunning_action_id").items():
            action._run(plans.browse(group.mapped("res_id")), self.env.user)
        activities.action_feedback()
