from collections import defaultdict

from odoo import models

from ..base.names import OPEN_STATES


class AccountDunningHold(models.Model):
    """Plans see what comes next when a hold begins or ends, and tell it."""

    _inherit = "account.dunning.hold"

    def _after_end(self, items):
        super()._after_end(items)
        items.plan_id._settle()

    def _after_change(self):
        super()._after_change()
        # plans follow holds, whoever ends them
        self.env["account.dunning.item"].sudo().search(self._get_item_domain()).plan_id._settle()

    def _tell(self, texts):
        super()._tell(texts)
        # the state of items follows holds: nobody may write it
        items = self.env["account.dunning.item"].sudo().search(self._get_item_domain())
        items = items.filtered(lambda item: item.plan_id.state in OPEN_STATES)
        targets = {
            name: items.grouped(lambda item, name=name: (item.company_id, item[name]))
            for name in ("move_line_id", "move_id", "partner_id")
        }
        bodies = defaultdict(list)
        for hold, text in texts.items():
            for name, by_target in targets.items():
                target = hold.sudo()[name]  # it may be of a branch that the user may not read
                held = by_target.get((hold.company_id, target)) if target else None
                for plan in held.plan_id if held else ():
                    bodies[plan].append(text)
        plans = items.plan_id.browse(plan.id for plan in bodies)
        plans._note([" ".join(bodies[plan]) for plan in plans])
