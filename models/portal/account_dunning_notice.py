from odoo import fields, models


class AccountDunningNotice(models.Model):
    """Each notice brings its recipient a link to his page."""

    _inherit = "account.dunning.notice"

    page_link_ids = fields.One2many("account.dunning.link", "notice_id", groups=fields.NO_ACCESS)

    def _number(self):
        """Numbered notices leave: they get their links, with one statement for all of them."""
        super()._number()
        for company, notices in self.grouped("company_id").items():
            settings = company._get_dunning_settings()
            new = notices.sudo().filtered(lambda notice: notice.recipient_id and not notice.page_link_ids)
            if new and settings.page_active:
                new._link(company, fields.Date.add(company._dunning_today(), days=settings.page_days))

    def _link(self, company, until):
        """Give the notices, of one company, links that are valid ``until`` a day."""
        cases = self.env["account.collection.case"]._get_for(company, self.partner_id)
        by_customer = {case.partner_id: case.id for case in cases}
        self.env["account.dunning.link"]._issue(
            [
                {
                    "case_id": by_customer[notice.partner_id],
                    "partner_id": notice.recipient_id.id,
                    "notice_id": notice.id,
                    "expires_on": until,
                }
                for notice in self
            ]
        )
        self.invalidate_recordset(["page_link_ids"])

    def _get_page_url(self):
        """The address that the recipient's link opens; False before the notice leaves, or without a page."""
        links = self.sudo().page_link_ids.filtered(lambda link: not link.revoked_on)  # it goes to the recipient
        return links[:1]._get_url() if links else super()._get_page_url()
