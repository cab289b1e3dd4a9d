from odoo.exceptions import UserError

from ..base.names import OPEN_STATES


class CaseActs:
    """What a collector does from the case, with what he has ticked of its items, else with all that is overdue."""

    __slots__ = ()

    def _get_ticked(self, ticked_ids):
        """Those of the customer's open items that a client has ticked, by their ids; others are left aside."""
        self.ensure_one()
        return self.item_ids & self.item_ids.browse(ticked_ids)

    def _get_chosen(self, ticked_ids):
        """What a button works on: what was ticked, else all that is overdue."""
        return self._get_ticked(ticked_ids) or self._get_overdue_items()

    def action_log_call(self, ticked_ids=()):
        """Open the dialog that logs a contact."""
        return self._open_log(self.env._("Log a Call"), ticked_ids)

    def action_promise(self, ticked_ids=()):
        """Open the same dialog for a promise to pay."""
        return self._open_log(self.env._("Promise to Pay"), ticked_ids, "promise")

    def action_dispute(self, ticked_ids=()):
        """Open the same dialog for a dispute."""
        return self._open_log(self.env._("Dispute"), ticked_ids, "dispute")

    def _open_log(self, name, ticked_ids, kind=None):
        self.ensure_one()
        self.check_access("read")
        outcome = self.env["account.dunning.outcome"]._get_first(self.company_id, kind) if kind else None
        values = {
            "case_id": self,
            "item_ids": self._get_chosen(ticked_ids),
            **({"outcome_id": outcome} if outcome else {}),
        }
        return self.env["account.dunning.log"]._show_new(f"{name}: {self.partner_id.display_name}", **values)

    def action_skip(self):
        """Open the dialog that takes the case off the desk until a day."""
        self.check_access("write")
        return self.env["account.dunning.skip"]._show_new(self.env._("Skip until"), case_ids=self)

    def action_end_skip(self):
        """Put the case back on the desk."""
        self._as_collector().write({"skip_until": False, "skip_reason": False})
        self._touch()

    def _check_items(self, items):
        """Refuse ``items`` that are not open receivables of the customer."""
        self.ensure_one()
        own = items.partner_id <= self.partner_id and items.company_id.root_id <= self.company_id
        if not own or items.filtered_domain(items._get_open_item_domain()) != items:
            raise UserError(
                self.env._("Choose items of %(customer)s that are open.", customer=self.partner_id.display_name)
            )

    def _finish_calls(self, right_party):
        """Somebody was reached: the calls back that were due are done; with the ``right_party`` those of plans, too."""
        self.ensure_one()
        plans = self._get_plans() if right_party else self.env["account.collection.plan"]
        today = self.company_id._dunning_today()
        (self.activity_ids + plans.activity_ids).filtered(
            lambda todo: todo.activity_type_id.category == "phonecall" and todo.date_deadline <= today
        ).action_feedback()

    def _get_plans(self):
        """The plans of the customers that are under way."""
        return self.env["account.collection.plan"].search(
            [
                ("company_id", "in", self.company_id.ids),
                ("partner_id", "in", self.partner_id.ids),
                ("state", "in", OPEN_STATES),
            ],
            order="leading_due_date, id",
        )

    def _stop_plans(self, reason):
        """Close all plans of the customer for ``reason``, and withdraw what is on its way."""
        plans = self._get_plans()
        plans._settle()
        plans.filtered(lambda plan: plan.state in OPEN_STATES)._close("stopped", reason, keeps_out=True)
        plans._settle(withdraw=True)

    def action_more(self, ticked_ids=()):
        """Open what else can be done, each with a line that says when."""
        self.ensure_one()
        ticked = self._get_ticked(ticked_ids)
        return self.env["account.dunning.more"]._show_new(self.partner_id.display_name, case_id=self, item_ids=ticked)

    def action_postpone(self, ticked_ids=()):
        """Open the dialog that postpones the next notice about what is ticked."""
        self.ensure_one()
        ticked = self._get_ticked(ticked_ids)
        return self._get_open_plans(ticked).action_postpone()

    def action_open_plans(self):
        """Show the collection plans of the customer."""
        self.ensure_one()
        return self.partner_id.action_open_collection_plans()

    def action_open_contacts(self):
        """Show the contacts with the customer."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_dunning_contact_action")
        return {**action, "domain": [("case_id", "=", self.id)]}

    def action_open_notices(self):
        """Show the notices of the customer."""
        self.ensure_one()
        return self.partner_id.action_open_dunning_notices()

    def _get_open_plans(self, items):
        """The plans under way about ``items``; about none: all of the customer."""
        self.ensure_one()
        plans = self._get_plans()
        if items:
            plans = plans.filtered(lambda p: p.move_id in items.move_id or p.item_state_ids.move_line_id & items)
        if not plans:
            raise UserError(self.env._("No collection plan is under way here yet: it opens with the first notice."))
        return plans

    def _open_hold(self, items):
        """Open a new hold for one of ``items``, for the customer if there are none."""
        self.ensure_one()
        if len(items) > 1:
            raise UserError(self.env._("Tick one item to put it on hold, or none to put the customer on hold."))
        return (items or self.partner_id).action_dunning_hold()
