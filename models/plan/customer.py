from odoo import api

from ..base.names import COLLECTORS


def correct_address(record, partner, name, value):
    """Write the phone or e-mail (``name``) that a collector corrected on ``record``, a plan or a case, to ``partner``.

    Collectors need not be allowed to edit contacts for that, unless it is a user: who has the e-mail of a user can set
    his password.

    :return: what has changed, in words; None where nothing has
    """
    partner = reach(record, partner)
    if partner.with_context(active_test=False).user_ids:
        partner = partner.with_env(record.env)
    old = partner[name]
    if (old or "") == (value or ""):
        return None
    partner[name] = value
    label = partner._fields[name]._description_string(record.env)
    return record.env._("%(field)s of the customer: %(old)s → %(new)s", field=label, old=old or "–", new=value or "–")


def reach(record, partner):
    """``partner`` with the right to write how he is reached, for a collector who may write ``record``."""
    record._check_role(COLLECTORS, record.env._("Only collectors may correct how a customer is reached."))
    record.check_access("write")
    partner.check_access("read")
    return partner.sudo()  # phone, e-mail and dunning contact; checked above


class PlanCustomer:
    """The customer behind a plan, and how to reach him."""

    __slots__ = ()

    @api.depends("partner_id.phone", "partner_id.email")
    def _compute_customer_address(self):
        for plan in self:
            plan.customer_phone = plan.partner_id.phone
            plan.customer_email = plan.partner_id.email

    def _inverse_customer_phone(self):
        for plan in self:
            plan._correct_customer("phone", plan.customer_phone)

    def _inverse_customer_email(self):
        for plan in self:
            plan._correct_customer("email", plan.customer_email)

    def _correct_customer(self, name, value):
        """Write the phone or e-mail (``name``) that a collector corrected on the plan to its customer."""
        self.ensure_one()
        if told := correct_address(self, self.partner_id, name, value):
            self._note(told)
