from odoo import fields, models
from odoo.exceptions import UserError

from .judging import AT_ONCE


class AccountDunningHold(models.Model):
    """Holds that a promise has made, and disputes of which a contact tells; cases follow holds."""

    _inherit = "account.dunning.hold"

    promise_id = fields.Many2one(
        "account.dunning.promise",
        string="Promise",
        readonly=True,
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
    )
    contact_id = fields.Many2one(
        "account.dunning.contact", readonly=True, check_company=True, index="btree_not_null", ondelete="set null"
    )

    def action_end(self):
        self._refuse_promised()
        return super().action_end()

    def action_open_end(self):
        self._refuse_promised()
        return super().action_open_end()

    def _refuse_promised(self):
        """What a promise keeps out ends with the promise."""
        if promised := self.filtered(lambda hold: hold.promise_id and not hold.ended_on)[:1]:
            raise UserError(
                self.env._(
                    "“%(hold)s” is on hold as long as the promise stands. Withdraw the promise instead.",
                    hold=promised.display_name,
                )
            )

    def _let_go(self, items, day):
        """What a promise had covered that came to nothing does not wait the minimum days (rules §11)."""
        came_to_nothing = self.filtered(lambda hold: hold.promise_id.state in AT_ONCE)
        for company, holds in came_to_nothing.grouped("company_id").items():
            released = items.filtered_domain(holds._get_item_domain())
            wait = company._get_dunning_settings().promise_wait
            released._release(fields.Date.add(day, days=wait))
            items -= released
        replaced = self.filtered(lambda hold: hold.promise_id.state == "replaced")
        others = self - came_to_nothing - replaced
        super(AccountDunningHold, others)._let_go(items.filtered_domain(others._get_item_domain()), day)

    def _tell(self, texts):
        """What a promise holds is told by the promise."""
        own = {hold: text for hold, text in texts.items() if not hold.promise_id}
        return super()._tell(own) if own else None

    def _after_change(self):
        super()._after_change()
        self._touch_cases()

    def _after_end(self, items):
        super()._after_end(items)
        self._touch_cases()

    def _touch_cases(self):
        self.env["account.collection.case"]._touch_customers(
            {(hold.company_id.id, hold.commercial_partner_id.id) for hold in self}
        )
