from odoo import api

from ..base.names import COLLECTORS


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
        """Write the phone or e-mail (``name``) that a collector corrected on the plan to its customer.

        Collectors need not be allowed to edit contacts for that, unless the customer is a user: who has the e-mail of
        a user can set his password.
        """
        self.ensure_one()
        self._check_role(COLLECTORS, self.env._("Only collectors may correct how a customer is reached."))
        self.check_access("write")
        self.partner_id.check_access("read")
        partner = self.partner_id.sudo()  # two plain fields, checked above
        if partner.with_context(active_test=False).user_ids:
            partner = partner.with_env(self.env)
        old = partner[name]
        if (old or "") == (value or ""):
            return
        partner[name] = value
        label = partner._fields[name]._description_string(self.env)
        self._note(
            self.env._("%(field)s of the customer: %(old)s → %(new)s", field=label, old=old or "–", new=value or "–")
        )
