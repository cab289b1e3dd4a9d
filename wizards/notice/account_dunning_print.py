import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.pdf import merge_pdf


class AccountDunningPrint(models.TransientModel):
    """One PDF with all letters to print; then asks whether they were printed."""

    _name = "account.dunning.print"
    _description = "Print Dunning Letters"
    _inherit = ["account.dunning.dialog"]

    notice_ids = fields.Many2many("account.dunning.notice", required=True, readonly=True)
    attachment_ids = fields.Many2many("ir.attachment", readonly=True)
    count = fields.Integer(compute="_compute_count")
    document = fields.Binary(string="Letters", readonly=True, attachment=False)
    filename = fields.Char(readonly=True)
    opened_on = fields.Datetime(default=fields.Datetime.now, readonly=True, help="When the letters were fetched.")
    skipped = fields.Text(readonly=True, help="What is not printed, and why.")

    @api.depends("notice_ids")
    def _compute_count(self):
        for wizard in self:
            wizard.count = len(wizard.notice_ids)

    @api.model
    def _open(self, notices):
        """Merge the letters of ``notices`` that wait to be printed, and offer them.

        Their items are read again (rules §7): what was settled or held since is left out, with a word.
        """
        notices = notices.filtered(lambda notice: notice.state == "to_print" and notice.attachment_id)
        if not notices:
            raise UserError(self.env._("There is no letter to print. Issue notices first; letters then wait here."))
        skipped = notices.sudo()._recheck_letters()  # who prints may not write notices
        notices = notices.filtered(lambda notice: notice not in skipped).sorted(lambda notice: notice.name)
        # the letters of notices that the user may print
        letters = [attachment.raw for attachment in notices.sudo().attachment_id]
        self.check_access("write")
        wizard = self.sudo().create(  # nobody makes one but this method
            {
                "notice_ids": [fields.Command.set(notices.ids)],
                # the letters of notices that the user may print
                "attachment_ids": [fields.Command.set(notices.sudo().attachment_id.ids)],
                "document": base64.b64encode(merge_pdf(letters)) if letters else False,
                "skipped": "\n".join(
                    f"{notice.display_name}, {notice.partner_id.name}: {why}" for notice, why in skipped.items()
                ),
                "filename": self.env._("dunning-letters-%(date)s.pdf", date=self.env.company._dunning_today()),
            }
        )
        return wizard._show(self.env._("Print Letters"))

    def action_confirm(self):
        """The letters were printed: they count as sent. What became of the others meanwhile is said."""
        self.ensure_one()
        # the letters that he has seen, for who prints them
        printed = self.notice_ids.filtered(
            lambda notice: notice.state == "to_print" and notice.sudo().attachment_id in self.attachment_ids
        )
        gone = self.notice_ids - printed
        if gone and not printed:
            raise UserError(self._get_gone_text(gone))
        printed._confirm_printed(self.opened_on)
        if not gone:
            return None
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "message": self._get_gone_text(gone),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    @api.model
    def _get_gone_text(self, notices):
        """What to do with printed letters of ``notices`` that do not wait to be printed any more."""
        states = dict(notices._fields["state"]._description_selection(self.env))
        names = (
            f"{notice.display_name}, {notice.partner_id.name}: {notice.cancel_reason or states[notice.state]}"
            for notice in notices
        )
        return self.env._(
            "These letters do not count any more; take them off the pile:\n%(letters)s", letters="\n".join(names)
        )
