from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.refusals import name_some, refusal
from ..base.names import OPEN_STATES
from ..policy.account_dunning_settings import Hindrance

ACTION = "account_dunning.account_collection_plan_action"
SHOWN = 1000  # of perhaps a million open plans


class AccountDunningSettings(models.Model):
    """Open plans keep the mode, and the invoice types on which they rest."""

    _inherit = "account.dunning.settings"

    def _get_hindrances(self):
        plans = self._get_open_plans(limit=SHOWN)
        # a refusal sees all
        count = len(plans) if len(plans) < SHOWN else plans.sudo().search_count(self._get_open_domain())
        found = [Hindrance(self.env._("Open collection plans"), plans, ACTION, self.env._("Show the Plans"), count)]
        return super()._get_hindrances() + (found if plans else [])

    def _get_open_domain(self):
        return Domain("company_id", "=", self.company_id.id) & Domain("state", "in", OPEN_STATES)

    def _get_open_plans(self, domain=Domain.TRUE, limit=None):
        # a refusal sees all
        return self.env["account.collection.plan"].sudo().search(self._get_open_domain() & domain, limit=limit)

    def _check_none_rests_on(self, move_domain):
        super()._check_none_rests_on(move_domain)
        plans = self._get_plans_resting_on(move_domain)
        if plans:
            message = self.env._(
                "Open collection plans (%(count)s) rest on an invoice type that would not be dunned any more: "
                "%(names)s. Wait until they are closed, or stop them.",
                count=len(plans),
                names=name_some(plans),
            )
            raise refusal(message, plans, ACTION, self.env._("Show the Plans"))

    def _get_plans_resting_on(self, move_domain):
        """The open plans whose invoice, or one of whose customer's overdue items, is in ``move_domain``."""
        moves = Domain("move_id", "any", move_domain)
        if self.mode == "invoice":
            return self._get_open_plans(moves)
        # a constraint sees all
        lines = self.env["account.move.line"].sudo()
        items = lines._search(
            lines._get_open_item_domain()
            & Domain("company_id", "child_of", self.company_id.id)
            & Domain("amount_residual", ">", 0)
            & Domain("dunning_due_date", "<", self.company_id._dunning_today())
            & moves
        )
        customers = items.subselect(SQL.identifier("account_move_line", "partner_id"))
        return self._get_open_plans(Domain("partner_id", "in", customers))
