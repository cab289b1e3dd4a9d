from odoo import api, fields, models
from odoo.exceptions import ValidationError


class AccountDunningAction(models.Model):
    _name = "account.dunning.action"
    _description = "Dunning Action"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("activity", "Activity"), ("server_action", "Server Action")], required=True, default="activity"
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        domain=[("res_model", "in", (False, "account.collection.plan"))],
        default=lambda self: self.env.ref("mail.mail_activity_data_call", raise_if_not_found=False),
    )
    activity_days = fields.Integer(string="Due in (days)", help="Days from the notice to the deadline of the activity.")
    activity_note = fields.Html(translate=True)
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        domain=[("share", "=", False)],
        help="Who gets the activity. Empty: the plan's collector, else the salesperson of the invoice.",
    )
    server_action_id = fields.Many2one(
        "ir.actions.server",
        domain=[("model_id.model", "=", "account.collection.plan")],
        groups="account_dunning.group_dunning_manager",
        help="Runs on the collection plans of the notice, with the rights of the server action.",
    )

    @api.constrains("kind", "activity_type_id", "server_action_id")
    def _check_kind(self):
        for action in self.sudo():
            if action.kind == "activity" and not action.activity_type_id:
                raise ValidationError(self.env._("The action “%(name)s” needs an activity type.", name=action.name))
            if action.kind == "server_action" and not action.server_action_id:
                raise ValidationError(self.env._("The action “%(name)s” needs a server action.", name=action.name))

    @api.constrains("server_action_id")
    def _check_server_action(self):
        for action in self.sudo():
            model = action.server_action_id.model_id.model
            if model and model != "account.collection.plan":
                raise ValidationError(
                    self.env._("The server action of “%(name)s” must be one for collection plans.", name=action.name)
                )

    def _start(self, plans):
        """Start the actions on collection ``plans``. Each kind ``x`` is a method ``_start_x``. Hook."""
        for action in self:
            getattr(action, f"_start_{action.kind}")(plans)

    def _start_activity(self, plans):
        """Schedule the activity on each plan, for the responsible."""
        today = fields.Date.context_today(self)
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "res_model_id": self.env["ir.model"]._get_id(plans._name),
                    "res_id": plan.id,
                    "activity_type_id": self.activity_type_id.id,
                    "summary": self.name,
                    "note": self.activity_note,
                    "date_deadline": fields.Date.add(today, days=self.activity_days),
                    "user_id": self._get_responsible(plan).id,
                    "automated": True,
                }
                for plan in plans
            ]
        )

    def _get_responsible(self, plan):
        """The user (one record of ``res.users``) who gets the activity on ``plan``. Hook."""
        return self.user_id or plan.user_id or plan.move_id.invoice_user_id or self.env.user

    def _start_server_action(self, plans):
        self.sudo().server_action_id.with_context(
            active_model=plans._name, active_id=plans[:1].id, active_ids=plans.ids
        ).run()
