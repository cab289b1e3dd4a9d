from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.html_by_language import HtmlByLanguage

PLAN_MODEL = "account.collection.plan"


class AccountDunningAction(models.Model):
    """What a level does besides sending: by itself, or as an activity for a person on the plan."""

    _name = "account.dunning.action"
    _description = "Dunning Action"
    _inherit = ["account.dunning.guard"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, help="Stands as the summary of the activity.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("activity", "Activity"), ("server_action", "Server Action"), ("payment_retry", "Payment Retry")],
        required=True,
        default="activity",
        help="Activity: work for a person, such as a call.\n"
        "Server Action: any server action for collection plans, such as an SMS, a webhook, or a stop of deliveries.\n"
        "Payment Retry: charge what is overdue on the payment method that the customer has saved.",
    )
    mode = fields.Selection(
        [("automatic", "Automatic"), ("manual", "Manual")],
        required=True,
        default="automatic",
        help="Automatic: it runs when the notice was sent.\n"
        "Manual: the responsible gets an activity, and starts the action from the collection plan.",
    )
    blocking = fields.Boolean(
        string="Must Be Done Before the Next Level",
        help="As long as the activity is open, nothing more is sent for the collection plan.",
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        domain=[("res_model", "in", (False, PLAN_MODEL))],
        default=lambda self: self.env.ref("mail.mail_activity_data_call", raise_if_not_found=False),
    )
    activity_days = fields.Integer(string="Due in (days)", help="Days from the notice to the deadline of the activity.")
    activity_note = HtmlByLanguage(translate=True)
    responsible = fields.Selection(
        [
            ("collector", "Collector of the Plan"),
            ("salesperson", "Salesperson of the Invoice"),
            ("user", "Fixed User"),
        ],
        required=True,
        default="collector",
        help="Who gets the activity. Where the one chosen is missing, it is the next best of collector and "
        "salesperson, and a dunning manager where there is neither.\n"
        "A plan for all invoices of a customer takes the salesperson of the oldest one.",
    )
    user_id = fields.Many2one("res.users", string="Fixed User", domain=[("share", "=", False)])
    server_action_id = fields.Many2one(
        "ir.actions.server",
        domain=[("model_id.model", "=", PLAN_MODEL)],
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
            if model and model != PLAN_MODEL:
                raise ValidationError(
                    self.env._("The server action of “%(name)s” must be one for collection plans.", name=action.name)
                )

    @api.constrains("responsible", "user_id")
    def _check_responsible(self):
        for action in self:
            if action.responsible == "user" and not action.user_id:
                raise ValidationError(
                    self.env._("Choose the user who is responsible for the action “%(name)s”.", name=action.name)
                )

    @api.constrains("activity_days")
    def _check_activity_days(self):
        for action in self:
            if action.activity_days < 0:
                raise ValidationError(
                    self.env._("The activity of “%(name)s” cannot be due before the notice.", name=action.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        """An action that names a user is his, unless the values say otherwise."""
        vals_list = [
            {**vals, "responsible": "user"} if vals.get("user_id") and "responsible" not in vals else vals
            for vals in vals_list
        ]
        return super().create(vals_list)

    def write(self, vals):
        """The user goes where another rule names the responsible."""
        if vals.get("responsible", "user") != "user":
            vals = {**vals, "user_id": False}
        return super().write(vals)

    # starting

    def _start(self, plans):
        """A notice of the level was sent: start the actions on collection ``plans``, or ask a person to. Hook."""
        for action in self:
            if action.kind == "activity" or action.mode == "manual":
                action._schedule(plans)
            else:
                action._run(plans)

    def _run(self, plans):
        """Do what the action does on ``plans``, now. Each kind ``x`` is a method ``_run_x``. Hook."""
        self.ensure_one()
        getattr(self, f"_run_{self.kind}")(plans)

    def _run_server_action(self, plans):
        self.sudo().server_action_id.with_context(
            active_model=plans._name, active_id=plans[:1].id, active_ids=plans.ids
        ).run()

    def _run_payment_retry(self, plans):
        """Queue the plans: a charge cannot be rolled back, so each runs in a transaction of its own."""
        plans._queue_charge(self)

    # activities

    def _schedule(self, plans):
        """Give the responsible of each plan the activity, unless the plan has one of this action open."""
        self.ensure_one()
        activities = self.env["mail.activity"].sudo()
        open_ids = activities.search(
            [("dunning_action_id", "=", self.id), ("res_model", "=", PLAN_MODEL), ("res_id", "in", plans.ids)]
        ).mapped("res_id")
        vals_list = [self._prepare_activity_vals(plan) for plan in plans.filtered(lambda plan: plan.id not in open_ids)]
        activities.with_context(mail_activity_quick_update=True).create(vals_list)

    def _prepare_activity_vals(self, plan):
        """Values of the activity for ``plan``, in the language of the responsible. Hook."""
        user = self._get_responsible(plan)
        action = self.with_context(lang=user.lang or self.env.lang)
        activity_type = self.activity_type_id
        if self.kind != "activity" or not activity_type:
            activity_type = self.env.ref("mail.mail_activity_data_todo")
        return {
            "res_model_id": self.env["ir.model"]._get_id(PLAN_MODEL),
            "res_id": plan.id,
            "activity_type_id": activity_type.id,
            "summary": action.name,
            "note": action.activity_note,
            "date_deadline": fields.Date.add(plan.company_id._dunning_today(), days=self.activity_days),
            "user_id": user.id,
            "automated": True,
            "dunning_action_id": self.id,
        }

    def _report_failure(self, plan, message):
        """Something that the action does on ``plan`` failed: note it, and ask the responsible to look after it."""
        plan._message_log(body=message)
        if plan.state not in ("ongoing", "paused"):
            return
        user = self._get_responsible(plan)
        plan.with_context(mail_activity_quick_update=True).activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=plan.company_id._dunning_today(),
            summary=self.with_context(lang=user.lang or self.env.lang).name or self.env._("Payment Retry"),
            note=message,
            user_id=user.id,
            automated=True,
        )

    def _get_responsible(self, plan):
        """The user (one record of ``res.users``, or none) who gets the activity on ``plan``. Hook."""
        plan = plan.sudo()
        collector, salesperson = plan.user_id, plan._get_oldest_move().invoice_user_id
        salesperson = salesperson or plan.partner_id.user_id
        chosen = {"user": self.user_id, "salesperson": salesperson}.get(self.responsible, collector)
        for user in (chosen, collector, salesperson):
            if user.active and not user.share and plan.company_id & user.company_ids:
                return user.with_env(self.env)
        return self._get_managers(plan.company_id)[:1]

    def _get_managers(self, company):
        """The dunning managers of ``company``. Hook."""
        run = self.env["account.dunning.run"].sudo().new({"company_id": company.id})
        return run._get_reviewers().sorted("id").with_env(self.env)
