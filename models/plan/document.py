from odoo.fields import Domain

from ..base.names import OPEN_STATES


class PlanDocument:
    """How a plan keeps to the document that it is about, when that is cut into items (rules §2, §3)."""

    __slots__ = ()

    def _split_entries(self):
        """Let plans that rest on a whole journal entry be about one item of it each; for others new plans are made.

        The oldest item keeps the plan with its chatter; the others get plans with the same level and state, and the
        notices about them. What is closed and had several items stays one.
        """
        plans = self.filtered(
            lambda plan: plan.mode == "invoice" and plan.move_id.move_type == "entry" and not plan.move_line_id
        )
        for plan in plans:
            items = plan.item_state_ids.filtered("move_line_id") or plan._get_silent_items()
            items = items.sorted(lambda item: (item.move_line_id.dunning_due_date, item.id))
            if len(items) > 1 and plan.state not in OPEN_STATES:
                continue
            for item in items[1:]:
                plan._split_off(item)
            if items:
                plan._rest_on(items[0])
        return plans

    def _get_silent_items(self):
        """Make dunning states for the items of an entry about which nothing was sent yet, and return them."""
        self.ensure_one()
        lines = self.move_id.line_ids.filtered(
            lambda line: (
                line.account_type == "asset_receivable" and line.partner_id == self.partner_id and line.balance > 0
            )
        )
        return self.env["account.dunning.item"].create(
            [
                {
                    "company_id": self.company_id.id,
                    "move_line_id": line.id,
                    "move_id": line.move_id.id,
                    "partner_id": line.partner_id.id,
                    "plan_id": self.id,
                }
                for line in lines
                if not line.dunning_item_state_ids
            ]
        )

    def _split_off(self, item):
        """Give ``item`` (its dunning state) a plan of its own that is like this one."""
        self.ensure_one()
        silent = self.with_context(tracking_disable=True, mail_create_nolog=True, mail_create_nosubscribe=True)
        plan = silent.copy({"move_line_id": item.move_line_id.id}).with_env(self.env)
        plan._take_over_item(item, self)
        plan._rest_on(item)
        plan._note(self.env._("Was part of the collection plan “%(plan)s” until now.", plan=self.name))

    def _take_over_item(self, item, former):
        """Let ``item`` (its dunning state) be this plan's, with what was sent about it by the ``former`` plan. Hook."""
        item.plan_id = self

    def _get_first_amount(self, item):
        """What was owed of ``item`` (its dunning state) when its plan opened, in the plan's currency. Hook."""
        return item.move_line_id.amount_currency

    def _rest_on(self, item):
        """Let the plan be about the journal item of ``item`` (its dunning state) alone."""
        self.ensure_one()
        line = item.move_line_id
        self.write(
            {
                "name": line.dunning_number,
                "move_line_id": line.id,
                "move_id": line.move_id.id,
                "amount_opened": self._get_first_amount(item),
            }
        )

    def _get_open_lines(self):
        """The open debit items behind the plans: those of their invoices, or those that joined them."""
        # items of branches that the user may not read are written off too
        lines = self.env["account.move.line"].sudo()
        by_move = lines.search(
            Domain("id", "in", self._get_document_lines().ids)
            & Domain("account_type", "=", "asset_receivable")
            & Domain("parent_state", "=", "posted")
        )
        # items of branches that the user may not read are written off too
        joined = self.filtered(lambda plan: plan.mode == "customer").item_state_ids.sudo().move_line_id
        lines = (by_move + joined).filtered(
            lambda line: (
                line.parent_state == "posted" and line.currency_id.compare_amounts(line.amount_residual_currency, 0) > 0
            )
        )
        return {
            plan: lines.filtered(
                lambda line, plan=plan: (
                    line.partner_id == plan.partner_id
                    and line
                    in (plan._get_document_lines() if plan.mode == "invoice" else plan.item_state_ids.move_line_id)
                )
            )
            for plan in self
        }
