"""Posted items go to another customer, in the ways that core knows: dunning follows them (rules §3)."""

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.names import OPEN_STATES, PENDING_STATES


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def write(self, vals):
        """Items that get another customer take their dunning with them; nothing happens where they have none."""
        if "partner_id" not in vals:
            return super().write(vals)
        before = {
            line: line.partner_id
            for line in self
            if line.partner_id and line.parent_state == "posted" and line.account_type == "asset_receivable"
        }
        result = super().write(vals)
        moved = self.browse(line.id for line, partner in before.items() if line.partner_id != partner)
        if moved:
            # dunning follows whoever moves items
            moved.sudo()._take_dunning_along({line: before[line] for line in moved})
        return result

    def _take_dunning_along(self, former):
        """Let dunning states, plans and holds be those of the items' present customers.

        :param dict former: the customer that each item had
        """
        states = self.env["account.dunning.item"].search([("move_line_id", "in", self.ids)])
        for partner, lines in self.grouped("partner_id").items():
            states.filtered(lambda state: state.move_line_id in lines).partner_id = partner  # noqa: B023
        plans = self._find_own_plans(former)
        for plan, partner in plans.items():
            plan.partner_id = partner
        joined = states.plan_id.filtered(lambda plan: plan.mode == "customer")
        heirs = joined._leave(states)
        waiting = self.env["account.dunning.notice.line"].search(
            [("pending", "=", True), ("move_line_id", "in", self.ids)]
        )
        waiting._withdraw(self.env._("The invoice has another customer"))
        holds = self.env["account.dunning.hold"].search(
            Domain("move_line_id", "in", self.ids) | Domain("move_id", "in", self.move_id.ids)
        )
        self.env.add_to_compute(holds._fields["commercial_partner_id"], holds)
        changed = heirs.union(joined, *plans)
        if changed:
            customers = self.partner_id.union(*former.values())
            changed._after_customer_change(changed.company_id, customers)
            changed._settle()
        self.env["account.collection.plan"]._touch(self.ids)

    def _find_own_plans(self, former):
        """The invoice-based plans about the items, with the customers that they belong to now. See above."""
        found = self.env["account.collection.plan"].search(
            Domain("mode", "=", "invoice")
            & Domain("move_id", "in", self.move_id.ids)
            & Domain("partner_id", "in", [partner.id for partner in former.values()])
        )
        result = {}
        for plan in found:
            lines = plan._get_document_lines() & self
            lines = lines.filtered(lambda line: former[line] == plan.partner_id)  # noqa: B023
            if lines:
                result[plan] = lines[0].partner_id
        return result


class AccountCollectionPlan(models.Model):
    _inherit = "account.collection.plan"

    def _leave(self, states):
        """Items (``states``: their dunning states) have left the customers of these customer-based plans.

        A plan that holds nothing open any more goes with them, else they join the open plan of their present customer,
        or none.

        :return: the plans that they have joined
        """
        heirs = self.browse()
        for plan in self:
            left = plan.item_state_ids - states
            gone = (plan.item_state_ids & states).filtered(lambda state: state.partner_id != plan.partner_id)  # noqa: B023
            partner = gone.partner_id[:1]
            heir = self._find_open(plan.company_id, partner.ids).get((False, False, partner.id), self.browse())
            stays = any(state.move_line_id.amount_residual for state in left)
            if gone and (stays or (heir and plan.state in OPEN_STATES)):
                gone.plan_id = heir
                heirs += heir
            elif gone:
                plan.write({"partner_id": partner.id, "name": partner.name})
        return heirs

    @api.model
    def _get_customer_models(self):
        """The models that have something about a customer, in a field ``partner_id``. Hook."""
        return ("account.collection.plan", "account.dunning.hold", "account.dunning.notice", "account.dunning.item")

    @api.model
    def _after_customer_change(self, companies, customers):
        """Plans of ``companies`` went from some of ``customers`` to others. Hook."""

    @api.model
    def _hand_on_settings(self, source, target):
        """Set for the customer ``target`` what was set for ``source``. Hook."""

    @api.model
    def _find_known(self, partners):
        """Those of ``partners`` about whom dunning has anything; one query."""
        if not partners:
            return partners
        queries = [
            SQL(
                "SELECT partner_id FROM %s WHERE partner_id = ANY(%s)",
                SQL.identifier(self.env[name]._table),
                partners.ids,
                to_flush=self.env[name]._fields["partner_id"],
            )
            for name in self._get_customer_models()
        ]
        rows = self.env.execute_query(SQL(" UNION ").join(queries))
        return partners.browse(row[0] for row in rows)

    @api.model
    def _follow_customers(self, source, target):
        """Set for the customer ``target`` what was set for ``source``, who is filed under him now.

        His customer-based plans, holds, notices and credit stop, so that nobody gets a letter who must not.
        """
        self._merge_customers(source, target)
        rows = [("partner_id", "=", source.id)]
        plans = self.search(rows)
        plans.partner_id = target
        self.env["account.dunning.item"].search(rows).partner_id = target
        notices = self.env["account.dunning.notice"].search(rows)
        notices.partner_id = target
        holds = self.env["account.dunning.hold"].search(rows)
        for hold in holds:
            hold.partner_id = target
            hold._message_log(
                body=self.env._(
                    "%(customer)s is filed under %(company)s now: the hold is on all of it.",
                    customer=source.name,
                    company=target.name,
                )
            )
        self._hand_on_settings(source, target)
        notices.filtered(lambda notice: notice.state in PENDING_STATES)._requeue()
        plans = self.search([("partner_id", "=", target.id), ("state", "in", (*OPEN_STATES, "unrecovered"))])
        plans._settle()


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        """A customer who is filed under another one takes along what was set for him in dunning."""
        if "parent_id" not in vals:
            return super().write(vals)
        # who files a customer under another need not read this one, nor plans
        customers = self.sudo().filtered(lambda partner: partner.commercial_partner_id == partner)
        result = super().write(vals)
        plans = self.env["account.collection.plan"].sudo()
        filed = customers.filtered(lambda partner: partner.commercial_partner_id != partner)
        for partner in plans._find_known(filed):
            plans._follow_customers(partner, partner.commercial_partner_id)
        return result
