from odoo import api


class NoticeTexting:
    """The text message of a level, besides its document: the link to the customer's page, no word of the debt."""

    __slots__ = ()

    @api.depends("sms_ids.state", "sms_ids.why")
    def _compute_sms_text(self):
        for notice in self:
            notice.sms_text = ", ".join(notice.sms_ids.mapped("display_name"))

    def _text(self):
        """Send the text messages of the levels; what stands in the way is said on the notices."""
        texting = self.filtered(lambda notice: notice.level_id.sms == "link" and notice.recipient_id)
        if not texting:
            return
        self.env["account.dunning.sms"]._make(
            [
                {"company_id": notice.company_id.id, "recipient_id": notice.recipient_id.id, "notice_id": notice.id}
                for notice in texting
            ]
        )

    def _get_sms_body(self):
        """The words of the level, or the usual ones, with the link; an empty string where there is no page."""
        self.ensure_one()
        notice = self.with_context(lang=self._get_lang())
        url = notice._get_page_url()
        values = {"company": notice.company_id.name, "customer": notice.recipient_id.name or notice.partner_id.name}
        return notice.level_id._get_sms_text(notice.level_id.sms_text, {**values, "link": url}) if url else ""
