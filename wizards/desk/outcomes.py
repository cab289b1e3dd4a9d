from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_datetime

MODES = {"call": "call", "email": "mail", "visit": "call", "sms": "mail", "other": "call"}


class LogOutcomes:
    """What follows of a logged contact (``contact``, as superuser), by the kind of its outcome."""

    __slots__ = ()

    def _follow_call_back(self, contact):
        """An activity on the case, on the day for which the customer asked to be called."""
        if not self.call_back_at or self.call_back_at <= fields.Datetime.now():
            raise UserError(self.env._("Say when to call back: a day and time to come."))
        when = format_datetime(self.env, self.call_back_at)
        contact.case_id.with_context(mail_activity_quick_update=True).activity_schedule(
            "mail.mail_activity_data_call",
            date_deadline=self.company_id._dunning_today(self.call_back_at),
            summary=self.env._("Call back at %(when)s", when=when),
            note=self.note,
            user_id=self.env.uid,
            dunning_call_back=True,
        )

    def _follow_promise(self, contact):
        """A promise about the items chosen, as it was agreed on the phone."""
        items = self._get_items_of_currency()
        parts = [(part.date, part.amount) for part in self.part_ids]
        promises = contact.env["account.dunning.promise"]
        promises._check_parts(self.company_id, items, parts)
        promise = promises._make(
            contact.case_id,
            items.sudo(),  # the case's own, checked before; the promise follows them
            parts,
            user_id=self.env.uid,
            contact_id=contact.id,
            source=MODES[self.channel],
            agreement=self.agreement,
            default_days=self.company_id._get_dunning_settings().agreement_days if self.agreement else 0,
        )
        contact.promise_id = promise
        if self.confirm:
            promise._confirm()
        return promise._open_agreement() if self.agreement else None

    def _follow_dispute(self, contact):
        """A hold with the reason of the dispute on each item chosen that is in none; the customer is not told."""
        disputes = self.env["account.dunning.dispute"]
        items = self.item_ids - disputes._get_disputed(self.item_ids)
        if self.disputed_amount and len(items) > 1:
            raise UserError(self.env._("A part of an amount can be disputed on one item at a time: choose that item."))
        dialog = disputes.create(
            {
                "company_id": self.company_id.id,
                "item_ids": [Command.set(items.ids)],
                "reason_id": self.reason_id.id,
                "part": self.disputed_amount,
                "note": self.note,
                **({"review_date": self.review_date} if self.review_date else {}),
            }
        )
        dialog._dispute().sudo().contact_id = contact  # which the work writes

    def _follow_paid(self, contact):
        """A to-do for who looks up payments."""
        invoices = self.item_ids.move_id.filtered(lambda move: move.is_sale_document())
        contact.case_id._ask_accountant(
            invoices[:1] or self.partner_id,
            self.env._("The customer says that it is paid: look up the payment"),
            self.note,
        )

    def _follow_copy(self, contact):
        """The composer, with copies of what was asked for."""
        return contact.case_id.with_env(self.env)._open_send(self.item_ids, copies=True)

    def _follow_insolvent(self, contact):
        self._stop_all(contact, "reason_insolvency", "insolvent")

    def _follow_deceased(self, contact):
        self._stop_all(contact, "reason_deceased", "deceased")

    def _stop_all(self, contact, reason_name, close_reason):
        """Stop all dunning of the customer, as the contact tells."""
        contact.case_id._stop_dunning(reason_name, close_reason, self.note).contact_id = contact
