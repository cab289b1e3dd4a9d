import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.pdf import merge_pdf


class AccountDunningPrint(models.TransientModel):
    """One PDF with all letters to print; then asks whether they were printed."""

    _name = "account.dunning.print"
    _description = "Print Dunning Letters"
    _inherit = ["account.dunning.guard"]

    notice_ids = fields.Many2many("account.dunning.notice", required=True, readonly=True)
    attachment_ids = fields.Many2many("ir.attachment", readonly=True)
    count = fields.Integer(compute="_compute_count")
    document = fields.Binary(string="Letters", readonly=True, attachment=False)
    filename = fields.Char(readonly=True)

    @api.depends("notice_ids")
    def _compute_count(self):
        for wizard in self:
            wizard.count = len(wizard.notice_ids)

    @api.model
    def _open(self, notices):
        """Merge the letters of ``notices`` that wait to be printed, and offer them."""
        notices = notices.filtered(lambda notice: notice.state == "to_print" and notice.attachment_id)
        if not notices:
            raise UserError(self.env._("There is no letter to print. Issue notices first; letters then wait here."))
        notices = notices.sorted(lambda notice: notice.name)
        letters = [attachment.raw for attachment in notices.sudo().attachment_id]
        wizard = self.sudo().create(  # nobody makes one but this method
            {
                "notice_ids": [fields.Command.set(notices.ids)],
                "attachment_ids": [fields.Command.set(notices.sudo().attachment_id.ids)],
                "document": base64.b64encode(merge_pdf(letters)),
                "filename": self.env._("dunning-letters-%(date)s.pdf", date=self.env.company._dunning_today()),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Print Letters"),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_confirm(self):
        """The letters were printed: they count as sent. Those made anew meanwhile are still to print."""
        self.ensure_one()
        printed = self.notice_ids.filtered(lambda notice: notice.sudo().attachment_id in self.attachment_ids)
        printed._confirm_printed(self.create_date)
