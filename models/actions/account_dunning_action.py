import logging

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools.attempt import attempt_parts, get_error_text
from ...tools.html_by_language import HtmlByLanguage

_logger = logging.getLogger(__name__)

PLAN_MODEL = "account.collection.plan"


class AccountDunningAction(models.Model):
    """What a level does besides sending: by itself, or as an activity for a person on the plan."""

    _name = "account.dunning.action"
    _description = "Dunning Action"
    _inherit = ["account.dunning.shipped.mixin"]
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
            ("manager", "Dunning Manager"),
            ("user", "Fixed User"),
        ],
        required=True,
        default="collector",
        help="Who gets the activity. A dunning manager is, if there is one, the collector of the plan or somebody else "
        "who may also write off. Where the one chosen is missing, it is the next best of collector and "
        "salesperson, and a dunning manager where there is neither.\n"
        "A plan for all invoices of a customer takes the salesperson of the oldest one.",
    )
    user_id = fields.Many2one("res.users", string="Fixed User", domain=[("share", "=", False)])
    server_action_id = fields.Many2one("ir.actions.server", string="Action to Run", groups="base.group_system")
    server_action_choice = fields.Selection(
        selection="_get_server_action_choices",
        string="Server Action",
        compute="_compute_server_action_choice",
        inverse="_inverse_server_action_choice",
        groups="account_dunning.group_dunning_manager",
        help="A server action made for collection plans. It runs on the plans of the notice, with the rights of who "
        "issued the notice or started the action. System administrators make server actions.",
    )

    _activity_days_bounds = models.Constraint(
        "CHECK (COALESCE(activity_days, 0) <= 3650)", "An activity is due in at most 3650 days (ten years)."
    )

    @api.model
    def _get_server_action_choices(self):
        """The server actions that a dunning manager may choose from: ids as text, and names."""
        if not (self.env.su or self.env.user.has_group("account_dunning.group_dunning_manager")):
            return []
        # Server actions are closed to dunning managers: they see the names of those for plans, and nothing else.
        actions = self.env["ir.actions.server"].sudo().search(self._get_server_action_domain())
        return [(str(action.id), action.name) for action in actions]

    @api.model
    def _get_server_action_domain(self):
        """Domain of the server actions that were made for collection plans: none of the module's own. Hook."""
        own = self.env["ir.model.data"].sudo()  # what the module ships are its buttons
        own = own.search([("module", "=", "account_dunning"), ("model", "=", "ir.actions.server")]).mapped("res_id")
        return [
            ("model_id.model", "=", PLAN_MODEL),
            ("usage", "=", "ir_actions_server"),
            ("parent_id", "=", False),
            ("id", "not in", own),
        ]

    @api.depends("server_action_id")
    def _compute_server_action_choice(self):
        """The server action in use, if it could be chosen now, else empty."""
        choices = dict(self._get_server_action_choices())
        for server_action, actions in self.sudo().grouped("server_action_id").items():  # its name is all that is shown
            choice = str(server_action.id)
            actions.with_env(self.env).server_action_choice = choice if choice in choices else False

    def _inverse_server_action_choice(self):
        choices = dict(self._get_server_action_choices())
        for action in self:
            if action.server_action_choice and action.server_action_choice not in choices:
                raise ValidationError(action._get_wrong_server_action_text())
            action.sudo().server_action_id = int(action.server_action_choice or 0) or False  # checked

    def _get_wrong_server_action_text(self):
        return self.env._("The server action of “%(name)s” must be one for collection plans.", name=self.name)

    def _check_server_action_given(self):
        """Refuse actions that lack their server action. A constraint of Odoo would ask before the choice is known."""
        # server actions are closed to managers; only whether there is one
        for action in self.sudo():
            if action.kind == "server_action" and not action.server_action_id:
                raise ValidationError(self.env._("The action “%(name)s” needs a server action.", name=action.name))

    @api.constrains("kind", "activity_type_id")
    def _check_kind(self):
        # a constraint sees all
        for action in self.sudo():
            if action.kind == "activity" and not action.activity_type_id:
                raise ValidationError(self.env._("The action “%(name)s” needs an activity type.", name=action.name))

    @api.constrains("server_action_id")
    def _check_server_action(self):
        # a constraint sees all
        for action in self.sudo():
            model = action.server_action_id.model_id.model
            if model and model != PLAN_MODEL:
                raise ValidationError(action._get_wrong_server_action_text())

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
        actions = super().create(vals_list)
        actions._check_server_action_given()
        return actions

    def copy_data(self, default=None):
        """A copy for another company names no user of this one."""
        vals_list = super().copy_data(default)
        company = self.env["res.company"].browse((default or {}).get("company_id"))
        for action, vals in zip(self, vals_list, strict=True):
            # the companies of another user, to compare
            if company and action.user_id and company not in action.user_id.sudo().company_ids:
                vals.update(responsible="collector", user_id=False)
        return vals_list

    def write(self, vals):
        """The user goes where another rule names the responsible."""
        if vals.get("responsible", "user") != "user":
            vals = {**vals, "user_id": False}
        result = super().write(vals)
        if {"kind", "server_action_id", "server_action_choice"} & set(vals):
            self._check_server_action_given()
        return result

    # starting

    def _try_start(self, plans, user):
        """Start the action on ``plans``; where it fails on one, its chatter says so, and it is somebody's work."""
        self.ensure_one()
        attempt_parts(self.env, plans, lambda part: self._start(part, user), self._note_failure)

    def _note_failure(self, plan, error):
        _logger.info("Dunning action %s failed", self.id, exc_info=error)
        text = get_error_text(error)
        message = self.env._("The action “%(action)s” failed: %(error)s", action=self.name, error=text)
        self._report_failure(plan, message)

    def _start(self, plans, user):
        """A notice of the level that ``user`` issued was sent: start the actions on ``plans``, or ask for it. Hook."""
        for action in self:
            if action.kind == "activity" or action.mode == "manual":
                action._schedule(plans)
            else:
                action._run(plans, user)

    def _run(self, plans, user):
        """Do what the action does on ``plans``, now, for ``user``. Each kind ``x`` is a method ``_run_x``. Hook."""
        self.ensure_one()
        getattr(self, f"_run_{self.kind}")(plans, user)

    def _run_server_action(self, plans, user):
        """Run with the rights of ``user`` (one record, or none), in the companies of the plans, whoever works now."""
        if not self.sudo().server_action_id:  # closed to who sends notices
            raise UserError(self.env._("The server action was deleted."))
        for company, group in plans.grouped("company_id").items():
            companies = company._get_dunning_user_companies(user)
            if not companies or user._is_superuser() or not user.active:
                raise UserError(
                    self.env._(
                        "%(user)s may not run server actions in %(company)s.",
                        user=user.name or self.env._("Nobody"),
                        company=company.name,
                    )
                )
            # Only the name of the action is secret: it runs with the rights of the user, not with ours.
            self.sudo().server_action_id.with_user(user).with_context(
                allowed_company_ids=companies.ids,
                active_model=group._name,
                active_id=group[:1].id,
                active_ids=group.ids,
            ).run()

    def _run_payment_retry(self, plans, user):
        """Queue the plans: a charge cannot be rolled back, so each runs in a transaction of its own."""
        plans._queue_retry(self)

    @api.model
    def _ask_for_review(self):
        """A to-do for each administrator that names the server actions in use: they ran with all rights before."""
        actions = self.with_context(active_test=False).search([("server_action_id", "!=", False)])
        users = self.env.ref("base.group_system").all_user_ids.filtered(
            lambda user: user.active and not user.share and not user._is_superuser()
        )
        self.env["mail.activity"].create([actions._prepare_review_vals(user) for user in users if actions])

    def _prepare_review_vals(self, user):
        """Values of the to-do for ``user``, in his language."""
        actions = self.with_context(lang=user.lang)
        note = actions.env._(
            "They run with the rights of who issues the notice from now on, no longer with all rights. Check that "
            "their code still does what it should."
        )
        names = [Markup("<li>%s: %s</li>") % (action.name, action.server_action_id.name) for action in actions]
        return {
            "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
            "user_id": user.id,
            "summary": actions.env._("Review the server actions of dunning levels"),
            "note": Markup("<p>%s</p><ul>%s</ul>") % (note, Markup().join(names)),
        }

    # activities

    def _schedule(self, plans):
        """Give the responsible of each plan the activity, unless the plan has one of this action open."""
        self.ensure_one()
        # for others, whoever sends the notice
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
            summary=self.with_context(lang=user.lang or self.env.lang).name or self.env._("Dunning Action"),
            note=message,
            user_id=user.id,
            automated=True,
        )

    def _get_responsible(self, plan):
        """The user (one record of ``res.users``, or none) who gets the activity on ``plan``. Hook."""
        if self.responsible == "manager":
            return self._get_responsible_manager(plan)
        plan = plan.sudo()  # salespeople of invoices that the user may not read
        collector, salesperson = plan.user_id, plan._get_oldest_move().invoice_user_id
        salesperson = salesperson or plan.partner_id.user_id
        chosen = {"user": self.user_id, "salesperson": salesperson}.get(self.responsible, collector)
        for user in (chosen, collector, salesperson):
            if user.active and not user.share and plan.company_id & user.company_ids:
                return user.with_env(self.env)
        return self._get_managers(plan.company_id)[:1]

    def _get_responsible_manager(self, plan):
        """A dunning manager for ``plan``, one who may write off if possible; its collector where he is one of them."""
        managers = self._get_managers(plan.company_id)
        able = managers.filtered(lambda user: user.has_group("account.group_account_invoice")) or managers
        return (able & plan.user_id.with_env(able.env)) or able[:1]

    def _get_managers(self, company):
        """The dunning managers of ``company``. Hook."""
        # never saved; it finds the managers
        run = self.env["account.dunning.run"].sudo().new({"company_id": company.id})
        return run._get_reviewers().sorted("id").with_env(self.env)
