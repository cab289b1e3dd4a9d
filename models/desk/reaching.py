from odoo import api
from odoo.exceptions import UserError

from ..base.names import COLLECTORS


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
            customer = case._get_reached(case.partner_id).with_company(case.company_id)
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
        """Write the phone or e-mail (``name``) to whoever is called: the dunning contact, else the customer.

        Collectors need not be allowed to edit contacts for that, except the e-mail of a user: who has it can set his
        password.
        """
        self.ensure_one()
        contact = self.partner_id.sudo().with_company(self.company_id).dunning_contact_id
        partner = self._get_reached(contact or self.partner_id)
        if name == "email" and partner.with_context(active_test=False).user_ids:
            partner = partner.with_env(self.env)
        old = partner[name]
        if (old or "") == (value or ""):
            return
        partner[name] = value
        label = partner._fields[name]._description_string(self.env)
        self._message_log(
            body=self.env._("%(field)s: %(old)s → %(new)s", field=label, old=old or "–", new=value or "–")
        )

    def _get_reached(self, partner):
        """``partner`` with the right to write how he is reached, for a collector who may write the case."""
        self._check_role(COLLECTORS, self.env._("Only collectors may correct how a customer is reached."))
        self.check_access("write")
        partner.with_env(self.env).check_access("read")
        return partner.sudo()  # phone, e-mail and dunning contact; checked above
