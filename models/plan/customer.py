from odoo import api
from odoo.fields import Domain

from ..base.names import COLLECTORS, OPEN_STATES

MESSAGES_SHOWN = 50


class PlanCustomer:
    """The customer behind a plan: how to reach him, and what was said and is to be done in all of his plans."""

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

    @api.depends("partner_id", "company_id")
    def _compute_customer_records(self):
        """All plans of the customer in the company, the open ones first, with their activities and latest messages."""
        domain = Domain("partner_id", "in", self.partner_id.ids) & Domain("company_id", "in", self.company_id.ids)
        plans = self.search(domain).sorted(lambda plan: plan.state not in OPEN_STATES)
        by_customer = plans.grouped(lambda plan: (plan.company_id, plan.partner_id))
        for plan in self:
            plan.customer_plan_ids = by_customer.get((plan.company_id, plan.partner_id), plan._origin)
            plan.customer_activity_ids = plan.customer_plan_ids.activity_ids
            plan.customer_message_ids = plan._find_customer_messages()

    def _get_conversations(self):
        """In whose chatter the plans are talked about: ids, or a query for them, by model. Hook."""
        return {self._name: self.ids}

    def _find_customer_messages(self):
        """The latest messages and notes in the plans and notices of the customer, the newest first."""
        self.ensure_one()
        domain = Domain.OR(
            Domain("model", "=", model) & Domain("res_id", "in", ids)
            for model, ids in self.customer_plan_ids._get_conversations().items()
        )
        return self.env["mail.message"].search(domain, order="id desc", limit=MESSAGES_SHOWN)
