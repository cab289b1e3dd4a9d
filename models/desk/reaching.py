from odoo import api
from odoo.exceptions import UserError

from ..plan.customer import correct_address, reach


class CaseReaching:
    """Whom to call, and by which number: read from the customer, and corrected from the case."""

    __slots__ = ()

    @api.depends("partner_id", "company_id")
    def _compute_reach(self):
        for company, cases in self.grouped("company_id").items():
            customers = cases.partner_id.sudo().with_company(company)  # whoever may see the case may reach him
            customers.mapped("dunning_contact_id.phone")  # of all at once
            for case in cases:
                customer = case.partner_id.sudo().with_company(company)
                contact = customer.dunning_contact_id
                case.dunning_contact_id = contact.with_env(self.env)
                case.phone = contact.phone or customer.phone
                case.email = contact.email or customer.email

    def _inverse_dunning_contact_id(self):
        for case in self:
            customer = reach(case, case.partner_id).with_company(case.company_id)
            if case.dunning_contact_id and case.dunning_contact_id.commercial_partner_id != case.partner_id:
                raise UserError(self.env._("Choose a contact of %(customer)s.", customer=case.partner_id.display_name))
            if customer.dunning_contact_id != case.dunning_contact_id:
                customer.dunning_contact_id = case.dunning_contact_id
                case._message_log(
                    body=self.env._("Dunning contact: %(name)s", name=case.dunning_contact_id.display_name or "–")
                )

    def _inverse_phone(self):
        for case in self:
            case._correct("phone", case.phone)

    def _inverse_email(self):
        for case in self:
            case._correct("email", case.email)

    def _correct(self, name, value):
        """Write the phone or e-mail (``name``) to whoever is called: the dunning contact, else the customer."""
        self.ensure_one()
        contact = self.partner_id.sudo().with_company(self.company_id).dunning_contact_id  # read as in _compute_reach
        if told := correct_address(self, (contact or self.partner_id).with_env(self.env), name, value):
            self._message_log(body=told)
