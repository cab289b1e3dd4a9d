from collections import defaultdict

from odoo import api, fields
from odoo.tools import SQL

from ...tools.bulk import bulk_update


class PlanOutlook:
    """What comes next for a plan, and when its ladder ends."""

    __slots__ = ()

    def _get_next_vals(self, reading):
        """Values that say what comes next for each plan, as the engine says today; ``reading`` is asked for it."""
        result = {}
        for company, plans in self.grouped("company_id").items():
            verdicts = plans._get_verdicts(reading.ask(company, plans.partner_id.ids, company._dunning_today()))
            result.update({plan: plan._prepare_next_vals(verdicts[plan.id]) for plan in plans})
        return result

    def _look_ahead(self, assessments):
        """Write what comes next, from ``assessments`` (by partner id) that were read already; close what has ended."""
        verdicts = self._get_verdicts(assessments)
        # few of many change: what the others say is not read
        bulk_update(self, {key: self._prepare_next_vals(verdicts[key]) for key in self.ids}, compare=True)
        self._end_ladders(verdicts)

    def _get_verdicts(self, assessments):
        """The verdicts of ``assessments`` by plan id, in each plan the oldest due date first.

        Of a customer's items those that are not overdue do not count: they follow the leading one once they are.
        """
        modes = {plan.id: plan.mode for plan in self}
        result = defaultdict(list)
        for assessment in assessments.values():
            verdicts = [verdict for verdict in assessment.verdicts if verdict.item.plan in modes]
            owed = {item.id for item in assessment.owed} if verdicts else ()
            for verdict in verdicts:
                if modes[verdict.item.plan] == "invoice" or verdict.item.id in owed:
                    result[verdict.item.plan].append(verdict)
        return result

    @api.model
    def _prepare_next_vals(self, verdicts):
        """Next level and date of a plan with ``verdicts``; none below the type's minimum. Hook."""
        below = any(verdict.below for verdict in verdicts)
        leading = None if below else self._get_leading(verdicts)
        return {
            "next_level_id": leading.decision.next_level.id if leading else False,
            "next_date": leading.decision.next_date if leading else False,
            "below_minimum": below,
        }

    @api.model
    def _get_leading(self, verdicts):
        """The verdict on the item that decides what comes next: the oldest that nothing keeps out, or None."""
        for verdict in verdicts:
            free = verdict.item.obstacle in (None, "pending") and verdict.reason not in ("credits", "later")
            level = verdict.decision and verdict.decision.next_level
            if free and level and not level.reminder:
                return verdict
        return None

    def _end_ladders(self, verdicts):
        """Close as unrecovered the plans after whose last notice the type's days have passed (rules §6).

        :param verdicts: as of :meth:`_get_verdicts`
        """

        def is_last(verdict):
            return verdict.decision and verdict.decision.reason == "end" and not verdict.item.obstacle

        ended = self.browse(key for key in self.ids if verdicts[key] and all(map(is_last, verdicts[key])))
        ended = ended.filtered(lambda plan: plan.type_id.unrecovered_days and plan.last_notice_date)
        held = ended._get_held_days() if ended else {}
        for company, plans in ended.grouped("company_id").items():
            today = company._dunning_today()
            plans.filtered(lambda plan: plan._get_end_date(held[plan.id]) <= today)._close(  # noqa: B023
                "unrecovered", "exhausted", keeps_out=True
            )

    def _get_end_date(self, held_days=0):
        """The day on which a plan counts as unrecovered, once its last level's notice was sent."""
        self.ensure_one()
        days = self.type_id.unrecovered_days + self.idle_days + held_days
        return fields.Date.add(self.last_notice_date, days=days)

    def _get_held_days(self):
        """Number of days since the last notice on which a hold kept anything of the plan out, by plan id."""
        rows = self.env.execute_query(
            SQL(
                """SELECT plan.id, COUNT(DISTINCT day)
                     FROM account_collection_plan plan
                     JOIN account_dunning_item item ON item.plan_id = plan.id
                     JOIN account_dunning_hold hold
                       ON hold.company_id = plan.company_id
                      AND (hold.move_line_id = item.move_line_id OR hold.move_id = item.move_id
                           OR hold.partner_id = plan.partner_id)
                    CROSS JOIN LATERAL generate_series(
                          GREATEST(hold.date_from, plan.last_notice_date + 1),
                          LEAST(hold.ended_on - 1, hold.date_until, %s), '1 day') AS day
                    WHERE plan.id = ANY(%s) AND COALESCE(hold.amount, 0) = 0
                    GROUP BY plan.id""",
                fields.Date.context_today(self),
                self.ids,
            )
        )
        return defaultdict(int, rows)
