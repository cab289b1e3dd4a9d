from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...models.base.names import MANAGERS

MANAGER_KINDS = ("undo", "hand_over", "recall")


class AccountCollectionPlanChange(models.TransientModel):
    """Changes one or many collection plans, and shows before which of them can be changed, and why others cannot."""

    _name = "account.collection.plan.change"
    _description = "Change Collection Plans"
    _inherit = ["account.dunning.plans.dialog"]
    _check_company_auto = True

    kind = fields.Selection(
        [
            ("pause", "Pause"),
            ("stop", "Stop"),
            ("switch", "Switch Dunning Type"),
            ("level", "Set or Skip a Level"),
            ("postpone", "Postpone"),
            ("undo", "Undo the Latest Notice"),
            ("hand_over", "Hand Over to an Agency"),
            ("recall", "Recall from the Agency"),
        ],
        required=True,
        readonly=True,
    )
    line_ids = fields.One2many("account.collection.plan.change.line", "change_id", compute="_compute_line_ids")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    reason_id = fields.Many2one("account.dunning.reason", check_company=True)
    note = fields.Char(help="Stands in the chatter of the plans.")
    date = fields.Date()
    type_id = fields.Many2one(
        "account.dunning.type", string="Dunning Type", domain="[('company_id', '=', company_id)]", check_company=True
    )
    level_id = fields.Many2one(
        "account.dunning.level",
        string="Level Reached",
        check_company=True,
        domain="[('type_id', '=', type_id), ('reminder', '=', False)]",
        help="The plans go on as if this level had been reached. Empty: before the first level.",
    )
    agency_id = fields.Many2one("res.partner")
    at_once = fields.Boolean(
        string="Dun Again at Once", help="Otherwise the next notice waits the minimum days of its level."
    )

    @api.model
    def _open(self, plans, kind):
        """Open the dialog for ``kind`` of change on ``plans``."""
        self._check_kind(kind)
        plans.check_access("read")
        company = self._get_plans_company(plans)
        labels = dict(self._fields["kind"]._description_selection(self.env))
        values = {"kind": kind, "plan_ids": plans, "company_id": company, **self._get_defaults(plans, kind)}
        return self._show_new(labels[kind], **values)

    @api.model
    def _get_defaults(self, plans, kind):
        """What is proposed: the present type, and for one plan the next level (that is, to skip it)."""
        today = plans.company_id._dunning_today()
        defaults = {"pause": {"date": fields.Date.add(today, days=14)}}
        if len(plans.type_id) == 1:
            defaults["level"] = {
                "type_id": plans.type_id,
                "level_id": plans.next_level_id if len(plans.next_level_id) == 1 else False,
            }
        next_date = max(filter(None, plans.mapped("next_date")), default=today)
        defaults["postpone"] = {"date": fields.Date.add(max(next_date, today), days=7)}
        latest = self.env["account.dunning.handover"].search([("company_id", "=", plans.company_id.id)], limit=1)
        defaults["hand_over"] = {"agency_id": latest.partner_id}
        return defaults.get(kind, {})

    @api.onchange("type_id")
    def _onchange_type_id(self):
        """Propose the highest level of the new type that is no later than the present one of any of the plans."""
        if self.kind == "switch":
            days = min((plan.level_id.days if plan.level_id else -1 for plan in self.plan_ids), default=-1)
            reached = self.type_id.level_ids.filtered(lambda level: not level.reminder and level.days <= days)
            self.level_id = reached.sorted("days")[-1:]

    @api.depends("kind", "plan_ids", "type_id", "date")
    def _compute_line_ids(self):
        super()._compute_line_ids()

    def _get_charges(self, plans):
        """What goes to the agency with the plans."""
        if self.kind != "hand_over":
            return {}
        sum_up = self.env["account.dunning.write.off"]._sum_up
        # sums only
        return {plan: sum_up(lines) for plan, lines in plans.sudo()._get_unclaimed_charges().items()}

    def _get_refusals(self):
        """Why the change is not possible."""
        self.ensure_one()
        plans = self.plan_ids
        refusals = plans._get_refusals(self.kind)
        for plan in plans:
            if plan in refusals:
                continue
            if self.kind == "switch" and self.type_id and plan.type_id == self.type_id:
                refusals[plan] = self.env._("The plan has this dunning type already.")
            elif self.kind == "level" and self.type_id and plan.type_id != self.type_id:
                refusals[plan] = self.env._("The plan has another dunning type.")
        return refusals

    def action_apply(self):
        """Change the plans on which it is possible; show what was made thereby."""
        self.ensure_one()
        self.plan_ids._as_collector()
        self._check_kind(self.kind)
        plans, why = self._get_possible()
        if not plans:
            raise UserError(self.env._("None of the plans can be changed: %(why)s", why=why))
        self._check_complete()
        for name in ("reason_id", "type_id", "level_id", "agency_id"):
            self[name].check_access("read")  # what is chosen is written as superuser
        # plans follow steps, whose rights are checked above
        return getattr(self, f"_apply_{self.kind}")(plans.sudo())

    @api.model
    def _check_kind(self, kind):
        """Refuse who may not make changes of this kind, before the dialog opens and when it is applied."""
        if kind in MANAGER_KINDS:
            self._check_role(MANAGERS)

    def _check_complete(self):
        """Refuse to apply the change while something is missing, or does not go together."""
        needed = {"pause": ("reason_id", "date"), "stop": ("reason_id",), "switch": ("type_id", "note")}
        needed |= {"level": ("type_id", "note"), "postpone": ("date", "note"), "undo": ("note",)}
        needed |= {"hand_over": ("agency_id",), "recall": ("note",)}
        for name in needed[self.kind]:
            if not self[name]:
                label = self._fields[name]._description_string(self.env)
                raise UserError(self.env._("Please fill in “%(field)s”.", field=label))
        if self.kind in ("switch", "level") and self.level_id and self.level_id.type_id != self.type_id:
            raise UserError(
                self.env._(
                    "The level “%(level)s” is none of the dunning type “%(type)s”.",
                    level=self.level_id.name,
                    type=self.type_id.name,
                )
            )

    def _apply_pause(self, plans):
        self._note_change(plans, self.env._("Paused until %(date)s.", date=format_date(self.env, self.date)))
        plans._pause(self.reason_id, self.date)

    def _apply_stop(self, plans):
        self._note_change(plans, self.env._("Stopped by a person."))
        plans._stop(self.reason_id)

    def _apply_switch(self, plans):
        for dunning_type, group in plans.grouped("type_id").items():
            text = self.env._(
                "Dunning type switched from “%(old)s” to “%(new)s”, at level “%(level)s”.",
                old=dunning_type.name,
                new=self.type_id.name,
                level=self._get_level_name(self.level_id),
            )
            self._note_change(group, text)
        plans._switch_type(self.type_id, self.level_id)

    def _apply_level(self, plans):
        for level, group in plans.grouped("level_id").items():
            text = self.env._(
                "Level set from “%(old)s” to “%(new)s”.",
                old=self._get_level_name(level),
                new=self._get_level_name(self.level_id),
            )
            self._note_change(group, text)
        plans._set_level(self.level_id)

    def _apply_postpone(self, plans):
        if self.date <= self.company_id._dunning_today():
            raise UserError(self.env._("Choose a day in the future."))
        for plan in plans:
            text = self.env._(
                "Next notice postponed from %(old)s to %(new)s at the earliest.",
                old=format_date(self.env, plan.next_date) if plan.next_date else self.env._("no date"),
                new=format_date(self.env, self.date),
            )
            self._note_change(plan, text)
        plans._postpone(self.date)

    def _apply_undo(self, plans):
        notices = plans.env["account.dunning.notice"].concat(*{plan._get_latest_notice() for plan in plans})
        for notice in notices:
            self._note_change(
                notice.line_ids.plan_id, self.env._("Notice %(notice)s undone.", notice=notice.display_name)
            )
        notices._undo(self.note, self.at_once)

    def _apply_hand_over(self, plans):
        return plans._hand_over(self.agency_id, self.note)._get_records_action()

    def _apply_recall(self, plans):
        for agency, group in plans.grouped("agency_id").items():
            self._note_change(group, self.env._("Recalled from %(agency)s.", agency=agency.name))
        plans._recall(self.note)

    def _get_level_name(self, level):
        return level.name or self.env._("none")

    def _note_change(self, plans, text):
        """Log ``text`` with the reason and the note of the dialog on the plans."""
        why = " ".join(filter(None, (self.reason_id.name and f"{self.reason_id.name}.", self.note)))
        plans._note(f"{text} {why}".strip())


class AccountCollectionPlanChangeLine(models.TransientModel):
    _name = "account.collection.plan.change.line"
    _description = "Preview of a Change of a Collection Plan"
    _inherit = ["account.dunning.plan.preview"]

    change_id = fields.Many2one("account.collection.plan.change", ondelete="cascade")
    level_id = fields.Many2one(related="plan_id.level_id")
    charges = fields.Char(help="Open invoices of the plan's dunning charges, which the agency claims too.")
