from odoo import api


class CaseJoining:
    """Customers that become one have one case."""

    __slots__ = ()

    def _has_story(self):
        """Whether anybody has contacted the customer, agreed on anything with him, or written in the case."""
        self.ensure_one()
        written = self.message_ids.filtered(lambda message: message.message_type in ("comment", "email"))
        return bool(self.contact_ids or self.promise_ids or written)

    @api.model
    def _join(self, src_partners, dst_partner):
        """Join the cases of ``src_partners`` with that of ``dst_partner``, in each company; as superuser.

        Timeline, activities, contacts and promises move to the case that stays.
        """
        partners = src_partners + dst_partner
        for cases in self.search([("partner_id", "in", partners.ids)]).grouped("company_id").values():
            kept = cases.sorted(lambda case: (case.partner_id != dst_partner, case.id))[0]
            others = cases - kept
            kept._take_story_of(others)
            names = ", ".join(others.mapped("partner_id.display_name"))
            others.unlink()
            kept.partner_id = dst_partner
            if names:
                kept._message_log(body=self.env._("Joined by the case of %(names)s.", names=names))
            kept._touch()

    def _take_story_of(self, others):
        """What was said to and agreed with the customers of the ``others`` belongs to this case now. Hook."""
        self.ensure_one()
        others.contact_ids.case_id = self
        others.promise_ids.case_id = self
        others.with_context(active_test=False).activity_ids.res_id = self.id
        for model in ("mail.message", "ir.attachment"):
            told = [("model" if model == "mail.message" else "res_model", "=", self._name)]
            self.env[model].search([*told, ("res_id", "in", others.ids)]).res_id = self.id
