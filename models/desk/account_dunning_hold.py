from odoo import fields, models
from odoo.exceptions import UserError

from .judging import AT_ONCE


class AccountDunningHold(models.Model):
    """Holds that a promise has made, and disputes of which a contact tells; cases follow holds."""

    _inherit = "account.dunning.hold"

    promise_id = fields.Many2one(
        "account.dunning.promise",
        readonly=True,
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
    )
    contact_id = fields.Many2one(
        "account.dunning.contact", readonly=True, check_company=True, index="btree_not_null", ondelete="set null"
    )

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
        """What a promise had covered that came to nothing does not wait the minimum days; else it waits for nothing.

        See rules §11.
        """
        promised = self.filtered("promise_id")
        for company, holds in promised.filtered(lambda hold: hold._came_to_nothing()).grouped("company_id").items():
            wait = company._get_dunning_settings().promise_wait
            items.filtered_domain(holds._get_item_domain())._release(fields.Date.add(day, days=wait))
        others = self - promised
        if others:
            super(AccountDunningHold, others)._let_go(items.filtered_domain(others._get_item_domain()), day)

    def _came_to_nothing(self):
        """Whether what the hold's promise covered is due at once; of a replaced one what the next does not cover."""
        self.ensure_one()
        promise = self.promise_id
        if promise.state == "replaced":
            return self.move_line_id not in promise.replaced_by_id.item_ids.move_line_id
        return promise.state in AT_ONCE

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

    def _end(self, day, outcome=False, note=False):
        if not self.env.su:
            self._refuse_promised()
        return super()._end(day, outcome, note)

    def write(self, vals):
        """What a promise holds, it holds: people change the promise."""
        if not self.env.su and {"amount", "extent", "date_from", "date_until"} & set(vals):
            self._refuse_promised()
        return super().write(vals)

    def _touch_cases(self):
        self.env["account.collection.case"]._touch_customers(
            {(hold.company_id.id, hold.commercial_partner_id.id) for hold in self}
        )
