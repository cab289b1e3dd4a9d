from math import ceil

from odoo import fields, models
from odoo.tools.misc import limited_field_access_token

from ..base.names import COLLECTORS

LINE = 42  # letters that a line in the window of an envelope holds
# The window holds five lines of the usual size: from how many lines on which size, in em, and height of a line.
SIZES = ((11, 0.62, 1.1), (8, 0.72, 1.1), (6, 0.85, 1.15))


class ResPartner(models.Model):
    """The notices of a customer, and the address on his letters."""

    _inherit = "res.partner"

    dunning_oioubl = fields.Boolean(
        string="Attach an Electronic Reminder (OIOUBL)",
        company_dependent=True,
        help="E-mails of notices carry an XML file too (UBL 2.1 Reminder, Danish OIOUBL 2.02), which the customer's "
        "accounting can read.",
    )
    dunning_notice_count = fields.Integer(compute="_compute_dunning_notice_count", groups=COLLECTORS)

    def _get_dunning_statement_name(self):
        """What the file of the customer's statement of account is called, without its ending."""
        self.ensure_one()
        return self.env._(
            "Statement of Account %(customer)s %(date)s",
            customer=(self.display_name or "").replace("/", "-"),
            date=self.env.company._dunning_today(),
        )

    def _get_dunning_address_style(self):
        """CSS that makes a long address so small that it fits in the window of an envelope."""
        self.ensure_one()
        text = f"{self.display_name or ''}\n{self._display_address(without_company=True)}"
        lines = sum(ceil(len(line) / LINE) for line in text.splitlines() if line.strip())
        size = next(
            (f"font-size: {size}em; line-height: {height};" for least, size, height in SIZES if lines >= least), ""
        )
        return size or None

    def _get_dunning_picture_url(self, base_url):
        """Where the mail program of a customer finds the person's picture for some weeks; empty where there is none."""
        if not self.with_context(bin_size=True).image_128:
            return ""
        token = limited_field_access_token(self, "image_128", scope="binary")
        return f"{base_url}/web/image/res.partner/{self.id}/image_128?access_token={token}"

    def _compute_dunning_notice_count(self):
        counts = dict(
            self.env["account.dunning.notice"]._read_group(
                [("partner_id", "in", self.commercial_partner_id.ids), ("state", "=", "sent")],
                ["partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.dunning_notice_count = counts.get(partner.commercial_partner_id, 0)

    def action_open_dunning_notices(self):
        self.ensure_one()
        self.env["account.dunning.notice"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_dunning_notice_action")
        return {**action, "domain": [("partner_id", "=", self.commercial_partner_id.id)], "context": {}}
