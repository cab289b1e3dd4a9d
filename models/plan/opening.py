from typing import NamedTuple

from odoo import api
from odoo.exceptions import UserError

from ...tools.bulk import bulk_insert
from ..base.names import OPEN_STATES


class Facts(NamedTuple):
    """What was read of the customers of a company ``today``: values of the engine by partner id, and its rules."""

    by_customer: dict
    rules: dict
    today: object


class Opening(NamedTuple):
    """What a plan is opened for: the oldest item of its document, or of its customer.

    ``company``, ``partner`` and ``move`` (of the item) are records; ``key`` is what the plan is about, see
    :meth:`PlanOpening._get_key`; ``number`` is that of the document.
    """

    company: object
    mode: str
    type_id: int
    day: object
    key: tuple
    partner: object
    move: object
    number: str
    currency_id: int


class PlanOpening:
    """How a plan opens (rules §3)."""

    __slots__ = ()

    @api.model
    def _get_key(self, company, move, item, partner):
        """What a plan of ``company`` about ``item`` (a journal item) of ``move`` is about, by the dunning mode.

        :return: (invoice id or False, id of the item of a journal entry or False, customer id)
        """
        if company._get_dunning_settings().mode == "customer":
            return (False, False, partner.id)
        return (move.id, move.move_type == "entry" and item.id, partner.id)

    def _get_own_key(self):
        """What the plan is about, as :meth:`_get_key` says it."""
        self.ensure_one()
        return (self.move_id.id, self.move_line_id.id, self.partner_id.id)

    @api.model
    def _find_open(self, company, partner_ids):
        """The open plans of customers by their keys (see :meth:`_get_key`)."""
        plans = self.search(
            [("company_id", "=", company.id), ("partner_id", "in", partner_ids), ("state", "in", OPEN_STATES)]
        )
        return {plan._get_own_key(): plan for plan in plans}

    @api.model
    def _open_plans(self, vals_list, bodies):
        """Insert plans from values of :meth:`_prepare_plan_vals`, with a note in the chatter of each."""
        plans = bulk_insert(self, vals_list)
        plans._note(bodies)
        return plans

    @api.model
    def _get_opening(self, company, dunning_type, item):
        """What a plan of ``company`` is opened for today: the receivable ``item`` (a journal item)."""
        mode, partner = company._get_dunning_settings().mode, item.partner_id
        return Opening(
            company=company,
            mode=mode,
            type_id=dunning_type.id,
            day=company._dunning_today(),
            key=self._get_key(company, item.move_id, item, partner),
            partner=partner,
            move=item.move_id,
            number=item.dunning_number,
            currency_id=(company if mode == "customer" else item).currency_id.id,
        )

    @api.model
    def _prepare_plan_vals(self, opening):
        """Values of a plan for what it is opened for, an :class:`Opening`. Hook."""
        move_id, move_line_id, partner_id = opening.key
        return {
            "name": opening.partner.name if opening.mode == "customer" else opening.number,
            "mode": opening.mode,
            "company_id": opening.company.id,
            "partner_id": partner_id,
            "move_id": move_id,
            "move_line_id": move_line_id,
            "type_id": opening.type_id,
            "state": "ongoing",
            "opened_on": opening.day,
            "currency_id": opening.currency_id,
            "amount_due": 0.0,
            "amount_opened": 0.0,
            "collection_status": "dunning",
            "user_id": self._get_collector(opening.company, opening.partner, opening.move).id,
        }

    @api.model
    def _get_collector(self, company, partner, move):
        """The collector of a new plan (one record of ``res.users``, or none). Hook."""
        user = partner.with_company(company).dunning_user_id or move.invoice_user_id
        own = user.sudo()  # who opens a plan need not see the other users
        colleague = own.active and not own.share and set(own.company_ids.ids) & set(company._get_dunning_branches())
        return user if colleague else user.browse()

    @api.model
    def _open_by_hand(self, company, items):
        """Open plans at level none for the receivable ``items`` (journal items), of ``company`` (a root company).

        :raises UserError: where nothing is overdue, or something keeps the items out
        """
        company.ensure_one()
        assessments = self.env["account.dunning.reader"]._assess(
            company, items.partner_id.ids, company._dunning_today()
        )
        verdicts = [v for a in assessments.values() for v in a.verdicts if v.item.id in items._ids]
        owed = {item.id for assessment in assessments.values() for item in assessment.owed}
        usable = [verdict for verdict in verdicts if verdict.item.id in owed and not verdict.item.plan]
        customer_based = company._get_dunning_settings().mode == "customer"
        if not usable or (customer_based and not any(a.in_debt for a in assessments.values())):
            raise UserError(self._get_opening_refusal(verdicts))
        groups = {}
        for verdict in usable:
            line = items.browse(verdict.item.id)
            groups.setdefault(self._get_key(company, line.move_id, line, line.partner_id), []).append(verdict)
        vals_list = [
            self._prepare_plan_vals(
                self._get_opening(
                    company, self.env["account.dunning.type"].browse(group[0].rule.id), items.browse(group[0].item.id)
                )
            )
            for group in groups.values()
        ]
        plans = self._open_plans(vals_list, self.env._("Collection plan opened by hand."))
        plans._join(
            {plan.id: [verdict.item for verdict in group] for plan, group in zip(plans, groups.values(), strict=True)}
        )
        plans._settle()
        return plans

    @api.model
    def _get_opening_refusal(self, verdicts):
        """Why no plan can be opened for items with ``verdicts``, in words."""
        if any(verdict.item.plan for verdict in verdicts):
            return self.env._("There is already an open collection plan.")
        labels = self.env["account.dunning.reader"]._get_reason_labels()
        why = [labels[v.item.obstacle or v.reason] for v in verdicts if (v.item.obstacle or v.reason) in labels]
        if why:
            return self.env._("No collection plan can be opened: %(why)s.", why=why[0])
        return self.env._("No collection plan can be opened: nothing is overdue.")
