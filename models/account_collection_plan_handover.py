from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_amount

ACTIVITY_TYPE = "account_dunning.mail_activity_type_agency"


class AccountCollectionPlan(models.Model):
    """Plans that an agency collects: handed over, paid meanwhile, recalled.

    ``handover_id`` is the hand-over in force. It stays when the plan is recovered, so that the agency
    can be told, and a payment that is taken back gives the plan back to the agency.
    """

    _inherit = "account.collection.plan"

    handover_id = fields.Many2one(
        "account.dunning.handover",
        string="Hand-over",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
        help="The hand-over to an agency that is in force. Empty: none was made, or the plan was recalled.",
    )
    agency_id = fields.Many2one(related="handover_id.partner_id", string="Agency")
    handover_line_ids = fields.One2many("account.dunning.handover.line", "plan_id", string="Hand-overs", readonly=True)

    # buttons

    def action_hand_over(self):
        """Open the dialog that hands the plans over to an agency."""
        return self.env["account.collection.plan.change"]._open(self, "hand_over")

    def action_recall(self):
        """Open the dialog that recalls the plans from their agency."""
        return self.env["account.collection.plan.change"]._open(self, "recall")

    def action_open_handover(self):
        """Show the hand-over that is in force."""
        self.ensure_one()
        return self.handover_id._get_records_action()

    # what is possible

    def _get_refusals(self, step):
        refusals = super()._get_refusals(step)
        for plan in self:
            why = plan not in refusals and plan._get_agency_refusal(step)
            if why:
                refusals[plan] = why
        return refusals

    def _get_agency_refusal(self, step):
        """Why ``step`` is not possible because of an agency (a text), or None where it is."""
        self.ensure_one()
        if step == "recall" and not self.handover_id:
            return self.env._("The plan is not with an agency.")
        if step == "allow" and self.handover_id:
            return self.env._("The plan is with an agency; recall it first.")
        return self._get_handover_refusal() if step == "hand_over" else None

    def _get_handover_refusal(self):
        """Why the plan cannot be handed over (a text), or None where it can. Hook."""
        self.ensure_one()
        if self.handover_id:
            return self.env._("The plan is with %(agency)s already.", agency=self.agency_id.name)
        if self.currency_id.compare_amounts(self.amount_due, 0) <= 0:
            return self.env._("Nothing is open.")
        if self.hold_banner or any(self.item_ids.move_line_id.mapped("dunning_on_hold")):
            return self.env._("Something is on hold; end the hold first.")
        return None

    # the steps

    def _hand_over(self, agency, note):
        """Hand the plans, of one company, over to the partner ``agency``; returns the hand-over.

        They are closed as unrecovered, and nobody else duns what they are about until they are recalled.

        :raises UserError: where none can be handed over any more
        """
        self._evaluate()
        refusals = self._get_refusals("hand_over")
        plans = self.filtered(lambda plan: plan not in refusals)
        if not plans:
            raise UserError(next(iter(refusals.values())))
        plans._close("unrecovered", "handed_over", keeps_out=True)
        plans._withdraw_notices()
        plans._evaluate()
        handover = self.env["account.dunning.handover"]._make(plans, agency, note)
        plans.write({"handover_id": handover.id})
        return handover

    def _recall(self, reason):
        """Recall the plans from their agencies, for a ``reason`` in words.

        They go on at their level; the time with the agency counts as a pause. Where another plan pursues the
        debt by now, or the dunning mode is another one, they are stopped, and their items are free.
        """
        self.handover_id.line_ids.filtered(lambda line: line.plan_id in self)._recall(reason)
        self.write({"handover_id": False, "keeps_out": False})
        self.activity_unlink([ACTIVITY_TYPE])
        going_on = self._get_reopenable().filtered(lambda plan: plan.mode == plan.company_id.dunning_mode)
        (self - going_on)._close("stopped", "recalled")
        for day, plans in going_on.grouped("closed_on").items():
            plans.write({"state": "ongoing", "close_reason": False, "closed_on": False, "paused_on": day})
        going_on._reset_collection_status()
        for company, plans in going_on.grouped("company_id").items():
            plans._resume(company._dunning_today())
        self._evaluate_heirs()
        self.env["account.dunning.consequence"]._follow(self)

    def _evaluate_heirs(self):
        """Let what the plans were about join the open plans of their customers."""
        for company, plans in self.grouped("company_id").items():
            heirs = self.browse().concat(*self._find_open(company, plans.partner_id.ids).values())
            heirs._evaluate()
            heirs._plan_next()

    def _return_to_agency(self):
        """A payment of recovered plans was taken back: they are with their agency again."""
        self._close("unrecovered", "handed_over", keeps_out=True)
        self._note(self.env._("A payment was taken back: the agency goes on."))

    # what happens meanwhile

    def _evaluate(self):
        """Where the open amount of a plan with an agency changes, the agency has to be told."""
        before = {plan: plan.amount_due for plan in self.filtered("handover_id")}
        result = super()._evaluate()
        for plan, amount in before.items():
            if plan.currency_id.compare_amounts(plan.amount_due, amount):
                plan._ask_to_tell_agency()
        return result

    def _ask_to_tell_agency(self):
        """An activity for the collector: what is open of the plan has changed. The former one is out of date."""
        self.ensure_one()
        self.activity_unlink([ACTIVITY_TYPE])
        summary = self.env._(
            "Tell %(agency)s: %(amount)s is open now",
            agency=self.agency_id.name,
            amount=format_amount(self.env, self.amount_due, self.currency_id),
        )
        user = self.user_id or self.handover_id.create_uid
        self.activity_schedule(ACTIVITY_TYPE, summary=summary, user_id=user.id)

    def _get_open_items(self):
        """What is open of the plans, the oldest first: lists of (journal item, amount in its currency) by plan."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """WITH plan_line AS MATERIALIZED (%s), returned AS (%s)
                   SELECT plan_line.plan_id, plan_line.id, residual.amount::float
                     FROM plan_line
                     LEFT JOIN returned ON returned.line_id = plan_line.id
                    CROSS JOIN LATERAL (SELECT plan_line.amount_residual_currency
                                               + COALESCE(returned.amount_currency, 0) AS amount) AS residual
                    WHERE plan_line.parent_state = 'posted' AND residual.amount > 0
                    ORDER BY COALESCE(plan_line.date_maturity, plan_line.date), plan_line.id""",
                self._lines_query(),
                self._returned_query(),
            )
        )
        items = self.env["account.move.line"].browse(item_id for _plan, item_id, _amount in rows)
        result = {plan: [] for plan in self}
        for plan_id, item_id, amount in rows:
            result[self.browse(plan_id)].append((items.browse(item_id), amount))
        return result
