"""What plans that notices open will say, known before they are written: so each is written once."""

from collections import defaultdict
from dataclasses import replace

from odoo import api
from odoo.tools import float_round

from ...tools.extended import is_of_core, is_overridden

# What says of a plan how it settles. Where another module has its say in one of these, the plans settle once inserted.
SETTLING = {"_settle", "_get_debts", "_prepare_debt_vals", "_get_verdicts", "_get_collection_status"}


class PlanForeseeing:
    """The same that :meth:`_settle` would find after the notices, from what was read before them.

    Of plans about one document only: what else a customer owes joins his plan when it settles.
    """

    __slots__ = ()

    @api.model
    def _can_foresee(self):
        """True where all is ours that decides what plans say; an obstacle of others may depend on what is sent."""
        obstacles = self.env["account.dunning.reader"]._get_obstacles()
        return all(is_of_core(obstacle.where) for obstacle in obstacles) and not is_overridden(self, SETTLING)

    @api.model
    def _foresee(self, company, facts, opened, states, told):
        """What plans of ``company`` that are about to be opened will say.

        :param facts: the :class:`Facts` that were read when the notices were
        :param dict opened: values of the plans (:meth:`_prepare_plan_vals`), by the ids that they will have
        :param dict states: values of the dunning states after the notices, by journal item id
        :param dict told: the day of the notices by dunning type, by partner id; reminders do not count
        :return: all their values by id; plans about which too little was read are missing
        """
        documents = {
            (vals["move_id"], vals["move_line_id"], vals["partner_id"]): plan_id
            for plan_id, vals in opened.items()
            if vals["mode"] == "invoice"
        }
        days = self._get_level_days({level_id for vals in states.values() for level_id in self._get_levels(vals)})
        customers = []
        for partner_id in {partner_id for _move_id, _line_id, partner_id in documents}:
            customer = facts.by_customer.get(partner_id)
            if customer:
                items = []
                for item in customer.items:
                    key = item.move_id, False, partner_id
                    plan_id = documents.get(key) or documents.get((key[0], item.id, partner_id))
                    items.append(self._foresee_item(item, states.get(item.id), days, plan_id, opened))
                last_notices = {**customer.last_notices, **told.get(partner_id, {})}
                customers.append(replace(customer, items=tuple(items), last_notices=last_notices))
        verdicts = defaultdict(list)
        reader = self.env["account.dunning.reader"]
        for assessment in reader._decide(company, customers, facts.rules, facts.today).values():
            for verdict in assessment.verdicts:
                if verdict.item.plan in opened:
                    verdicts[verdict.item.plan].append(verdict)
        return {plan_id: self._prepare_foreseen_vals(opened[plan_id], v, states) for plan_id, v in verdicts.items()}

    @api.model
    def _get_levels(self, state):
        return filter(None, (state["level_id"], state["reminder_level_id"]))

    @api.model
    def _get_level_days(self, level_ids):
        """The days of levels by id; None for none."""
        return {None: None} | {level.id: level.days for level in self.env["account.dunning.level"].browse(level_ids)}

    @api.model
    def _foresee_item(self, item, state, days, plan_id, opened):
        """The engine's ``item`` after the notices: of the plan ``plan_id``, with the values ``state``, if any."""
        values = {}
        if plan_id:
            values = {"plan": plan_id, "type": opened[plan_id]["type_id"]}
        if state:
            values.update(
                reached=days[state["level_id"]],
                last_notice=state["last_notice_date"] or None,
                deadline_days=state["deadline_days"] or 0,
                times=state["times"] or 0,
                resumed=state["resumed_on"] or None,
                not_before=state["not_before"] or None,
                released=state["released_on"] or None,
                reminded=days[state["reminder_level_id"]],
                issued=None if state["last_notice_date"] else item.issued,
            )
        return replace(item, **values) if values else item

    @api.model
    def _prepare_foreseen_vals(self, vals, verdicts, states):
        """All values of a plan with ``vals`` and the ``verdicts`` on its items, the oldest due date first."""
        level_id, last = None, None
        for item in (verdict.item for verdict in verdicts):
            state = states.get(item.id)
            level_id = level_id or (state["level_id"] if state else item.level_id)
            last = max(filter(None, (last, item.last_notice)), default=None)
        amount = sum(verdict.item.residual for verdict in verdicts)
        amount = float_round(amount, precision_rounding=verdicts[0].item.rounding)
        level = self.env["account.dunning.level"].browse(level_id)
        return {
            **vals,
            "amount_due": amount,
            "amount_opened": amount,
            "leading_due_date": verdicts[0].item.due,
            "level_id": level.id,
            "collection_status": self._get_level_status(level),
            "last_notice_date": last,
            **self._prepare_next_vals(verdicts),
        }
