import logging

from odoo import api
from odoo.exceptions import UserError
from odoo.tools import SQL, format_amount

from ...tools.attempt import attempt
from ...tools.shipped import get_record
from ..receivables.document import DUE

_logger = logging.getLogger(__name__)

ACTIVITY_TYPE = "account_dunning.mail_activity_type_agency"
# Nobody else duns what an agency has.
WITH_AGENCY = {"keeps_out": True, "collection_status": "agency"}

# The items of the charges that agencies claim with plans, and of those that are written off with them, as of a plan.
CHARGE_LINES = f"""
    SELECT charge.plan_id, line.id, line.parent_state, {DUE},
           line.amount_residual_currency, line.amount_residual, plan.mode
      FROM (SELECT away.plan_id, item.id AS line_id
              FROM account_dunning_handover_line away
              JOIN account_dunning_handover_line_charge_rel rel ON rel.line_id = away.id
              JOIN account_move_line item ON item.move_id = rel.move_id
              JOIN account_account account ON account.id = item.account_id
                                          AND account.account_type = 'asset_receivable'
             WHERE away.recalled_on IS NULL AND away.plan_id = ANY(%s)
             UNION
            SELECT plan_id, line_id FROM written_off WHERE charge) AS charge
      JOIN account_collection_plan plan ON plan.id = charge.plan_id
      JOIN account_move_line line ON line.id = charge.line_id
"""


class PlanHandover:
    """Plans that an agency collects: handed over, paid meanwhile, recalled.

    ``handover_id`` is the hand-over in force. It stays when the plan is recovered, so that the agency
    can be told, and a payment that is returned gives the plan back to the agency. A write-off, before or after
    the hand-over, is a matter of our books: the plan is closed as written off, and the agency claims as much as before.
    """

    __slots__ = ()

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

    def _get_claim(self):
        """What an agency claims of the plan and its charges, written off or not, in the plan's currency."""
        self.ensure_one()
        return self.currency_id.round(
            self.amount_due + self.amount_charges + self.amount_written_off - self.amount_paid_late
        )

    def _get_unclaimed_charges(self):
        """The open items of the plans' charges that no agency claims yet, by plan."""
        charges = self._get_charge_lines()
        moves = self.env["account.move"].concat(*(lines.move_id for lines in charges.values()))
        in_force = self.env["account.dunning.handover.line"].search(
            [("recalled_on", "=", False), ("charge_move_ids", "in", moves.ids)]
        )
        claimed = in_force.charge_move_ids
        return {plan: lines.filtered(lambda line: line.move_id not in claimed) for plan, lines in charges.items()}

    def _update_charges(self):
        """Bring what is open of the charges with the agencies up to date."""
        # amounts follow the work: nobody may write them
        for plan in self.sudo():
            lines = plan.handover_line_ids.filtered(lambda line: not line.recalled_on)
            items = lines.charge_move_ids.line_ids.filtered(
                lambda item: (
                    item.account_type == "asset_receivable" and item.parent_state == "posted" and not item.reconciled
                )
            )
            plan.amount_charges = plan._sum_in_currency(items, plan.company_id._dunning_today()) if items else 0.0

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
        if self._get_claim() <= 0:
            return self.env._("Nothing is open.")
        # items of branches that the user may not read; a yes or no
        if self._is_on_hold() or any(self.sudo().item_state_ids.move_line_id.mapped("dunning_on_hold")):
            return self.env._("Something is on hold; end the hold first.")
        return None

    # the steps

    def _hand_over(self, agency, note):
        """Hand the plans, of one company, over to the partner ``agency``; returns the hand-over.

        They are closed as unrecovered, and nobody else duns what they are about until they are recalled. What is
        written off stays closed as that.

        :raises UserError: where none can be handed over any more
        """
        self._settle()
        refusals = self._get_refusals("hand_over")
        plans = self.filtered(lambda plan: plan not in refusals)
        if not plans:
            raise UserError(next(iter(refusals.values())))
        plans.filtered(lambda plan: plan.close_reason != "written_off")._close("unrecovered", "handed_over")
        plans._settle(withdraw=True)
        handover = self.env["account.dunning.handover"]._make(plans, agency, note)
        plans.write({"handover_id": handover.id})
        plans._update_charges()
        plans._keep_with_agency()
        return handover

    def _keep_with_agency(self):
        """Nobody else duns what the plans are about, and their collection status is that of an agency."""
        self.write(WITH_AGENCY)

    def _prepare_closed_vals(self, state, reason, keeps_out=False):
        """Keep with the agency the plans that close as unrecovered while it has them, as by a write-off."""
        kept = {**WITH_AGENCY} if state == "unrecovered" and self.handover_id else {}
        return {**super()._prepare_closed_vals(state, reason, keeps_out), **kept}

    def _get_planned_activities(self):
        """The agency has to be told, whatever becomes of the plan."""
        activities = super()._get_planned_activities()
        return activities.filtered(lambda activity: activity.activity_type_id != get_record(self.env, ACTIVITY_TYPE))

    def _get_collection_status(self, level):
        """An agency keeps the plan when what was credited is owed again."""
        at_agency = self.handover_id and self.state == "unrecovered"
        return "agency" if at_agency else super()._get_collection_status(level)

    def _recall(self, reason):
        """Recall the plans from their agencies, for a ``reason`` in words.

        They go on at their level; the time with the agency counts as a pause. Where another plan pursues the
        debt by now, or the dunning mode is another one, they are stopped, and their items are free. What is
        written off stays so.
        """
        since = {plan: plan.handover_id.date for plan in self}
        self.handover_id.line_ids.filtered(lambda line: line.plan_id in self)._recall(reason)
        self.write({"handover_id": False, "keeps_out": False, "amount_charges": 0.0})
        self.activity_unlink([ACTIVITY_TYPE])
        written_off = self.filtered(lambda plan: plan.close_reason == "written_off")
        written_off.filtered("collection_status").collection_status = "uncollectable"
        (self - written_off)._go_on_after_recall(since)
        self._settle_heirs()
        self.env["account.dunning.consequence"]._follow(self)

    def _go_on_after_recall(self, since):
        """Let the plans go on, or stop those that cannot; ``since`` is the day by plan on which the agency got it."""
        going_on = self._get_reopenable().filtered(
            lambda plan: plan.mode == plan.company_id._get_dunning_settings().mode
        )
        (self - going_on)._close("stopped", "recalled")
        for day, plans in going_on.grouped(since.get).items():
            plans.write({"state": "ongoing", "close_reason": False, "closed_on": False, "paused_on": day})
        going_on._reset_collection_status()
        for company, plans in going_on.grouped("company_id").items():
            plans._resume(company._dunning_today())

    def _settle_heirs(self):
        """Let what the plans were about join the open plans of their customers."""
        for company, plans in self.grouped("company_id").items():
            heirs = self.browse().concat(*self._find_open(company, plans.partner_id.ids).values())
            heirs._settle()

    def _get_reopened_here(self):
        """What an agency collects goes back to the agency."""
        at_agency = self.filtered("handover_id")
        at_agency._close("unrecovered", "handed_over")
        at_agency._note(self.env._("A payment was returned: the agency goes on."))
        return super(PlanHandover, self - at_agency)._get_reopened_here()

    # what happens meanwhile

    def _settle(self, withdraw=False, look_ahead=True):
        """Where the claim of an agency changes, the agency has to be told."""
        plans = self.with_prefetch()
        before = {plan: plan._get_claim() for plan in plans.filtered("handover_id")}
        result = super()._settle(withdraw, look_ahead)
        self.browse(plan.id for plan in before)._update_charges()
        for plan, claim in before.items():
            if plan.currency_id.compare_amounts(plan._get_claim(), claim):
                plan._ask_to_tell_agency()
        return result

    @api.model
    def _get_touched_queries(self, line_ids):
        claimed = SQL(
            """SELECT 'plan', away.plan_id FROM account_dunning_handover_line away
                 JOIN account_dunning_handover_line_charge_rel rel ON rel.line_id = away.id
                 JOIN account_move_line line ON line.move_id = rel.move_id
                WHERE line.id = ANY(%s) AND away.recalled_on IS NULL""",
            line_ids,
        )
        return [*super()._get_touched_queries(line_ids), claimed]

    def _book_late_payment(self, terms):
        """What was paid after the write-off reduces the claim of the agency."""
        move = super()._book_late_payment(terms)
        if self.handover_id:
            # whoever books the payment, the collector is told
            self.sudo()._ask_to_tell_agency()
        return move

    def _go_on_after_write_off(self):
        """A write-off that is reversed is nothing to an agency."""
        if not self.handover_id:
            return super()._go_on_after_write_off()
        self._close("unrecovered", "handed_over")
        return self._settle()

    @api.model
    def _watch_late_payments(self, moves):
        """Before the commit, ask about those of ``moves`` that pay a written-off debt which an agency collects.

        Only then is it clear which payments settle something else.
        """
        # whoever posts; plans are closed to accountants
        moves = moves.sudo().filtered(
            lambda move: move.move_type in ("entry", "out_refund") and not move.dunning_write_off_plan_id
        )
        if not moves:
            return
        self.flush_model(["handover_id", "close_reason", "partner_id"])
        rows = self.env.execute_query(  # for each payment: SQL takes a fraction of a search
            SQL(
                """SELECT id FROM account_collection_plan
                    WHERE handover_id IS NOT NULL AND close_reason = 'written_off' AND partner_id = ANY(%s)""",
                moves.commercial_partner_id.ids,
            )
        )
        if rows:
            self.env.cr.precommit.add(self.browse(row[0] for row in rows)._ask_about_late_payments)

    def _ask_about_late_payments(self):
        """An activity for each plan whose customer has paid since the write-off. A failure never blocks a payment."""
        with attempt(self.env) as outcome:
            for plan in self.filtered("paid_late"):
                plan._ask_to_tell_agency()
        if outcome.error:
            _logger.error("Nobody could be asked to tell the agency of a payment", exc_info=outcome.error)

    def _ask_to_tell_agency(self):
        """An activity for the collector: what the agency claims has changed. The former one is out of date."""
        self.ensure_one()
        self.activity_unlink([ACTIVITY_TYPE])
        values = {
            "agency": self.agency_id.name,
            "amount": format_amount(self.env, self._get_claim(), self.currency_id),
        }
        summary = self.env._("Tell %(agency)s: %(amount)s is open now", **values)
        if self.paid_late:
            summary = self.env._("Tell %(agency)s: the customer has paid; book it with “End the Write-off”", **values)
        user = self.user_id or self.handover_id.create_uid
        activity_type = get_record(self.env, ACTIVITY_TYPE)
        self.activity_schedule(activity_type_id=activity_type.id, summary=summary, user_id=user.id)

    def _get_claimed_items(self):
        """What an agency claims, the oldest first: lists of (journal item, amount in its currency) by plan.

        What was paid after the write-off settles the oldest items.
        """
        rows = self._get_item_amounts()
        items = self.env["account.move.line"].browse(row[1] for row in rows)
        result = {plan: [] for plan in self}
        paid = {plan: plan.amount_paid_late for plan in self}
        for plan_id, item_id, amount, lost, lost_in_company in rows:
            plan, item = self.browse(plan_id), items.browse(item_id)
            value = lost if item.currency_id == plan.currency_id else lost_in_company
            settled = min(paid[plan], value)
            paid[plan] -= settled
            claim = item.currency_id.round(amount + (lost * (1 - settled / value) if value else 0.0))
            if claim > 0:
                result[plan].append((item, claim))
        return result

    def _get_item_amounts(self):
        """What is open and what is written off of the plans' items and charges, the oldest first.

        Tuples of plan id, item id, what is open and what is written off in the item's currency, and the latter in
        that of the company.
        """
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """WITH written_off AS MATERIALIZED (%s), plan_line AS MATERIALIZED (%s UNION ALL %s), returned AS (%s)
                   SELECT plan_line.plan_id, plan_line.id, GREATEST(residual.amount, 0)::float,
                          COALESCE(written_off.amount_currency, 0)::float, COALESCE(written_off.amount, 0)::float
                     FROM plan_line
                     LEFT JOIN returned ON returned.line_id = plan_line.id
                     LEFT JOIN written_off ON written_off.line_id = plan_line.id
                                          AND written_off.plan_id = plan_line.plan_id
                    CROSS JOIN LATERAL (SELECT plan_line.amount_residual_currency
                                               + COALESCE(returned.amount_currency, 0) AS amount) AS residual
                    WHERE plan_line.parent_state = 'posted'
                      AND (residual.amount > 0 OR written_off.amount_currency > 0)
                    ORDER BY plan_line.due, plan_line.id""",
                self._written_off_query(),
                self._lines_query(),
                SQL(CHARGE_LINES, self.ids),
                self._returned_query(),
            )
        )
