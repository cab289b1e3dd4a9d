import re

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize_all


class AccountDunningResend(models.TransientModel):
    """Sends notices again: the same letters, to the same or another address. Level, deadline and dates stay."""

    _name = "account.dunning.resend"
    _description = "Send Notices Again"
    _inherit = ["account.dunning.dialog"]

    notice_ids = fields.Many2many("account.dunning.notice", required=True, readonly=True)
    single = fields.Boolean(compute="_compute_single")
    attachment_id = fields.Many2one("ir.attachment", string="Letter", compute="_compute_single")
    email_to = fields.Char(
        string="To",
        compute="_compute_texts",
        store=True,
        readonly=False,
        precompute=True,
        help="Several addresses are parted by commas.",
    )
    email_cc = fields.Char(string="Cc")
    subject = fields.Char(compute="_compute_texts", store=True, readonly=False, precompute=True)
    body = fields.Html(compute="_compute_texts", store=True, readonly=False, precompute=True)

    @api.model
    def _open(self, notices):
        """Open the dialog for those of ``notices`` that can be sent again."""
        self.check_access("create")
        notices = notices._get_resendable().with_env(self.env)
        if not notices:
            raise UserError(self.env._("None of the selected notices was sent with a letter that could be sent again."))
        return self._show_new(self.env._("Send Again"), notice_ids=notices)

    @api.depends("notice_ids")
    def _compute_single(self):
        for dialog in self:
            dialog.single = len(dialog.notice_ids) == 1
            dialog.attachment_id = dialog.single and dialog.notice_ids.attachment_id

    @api.depends("notice_ids")
    def _compute_texts(self):
        """Of a single notice: the recipient's address, and the text in his language. Of several each has its own."""
        for dialog in self:
            notice = dialog.notice_ids._origin._get_resendable()
            texts = notice._get_resend_texts()[notice.id] if len(notice) == 1 else {}
            dialog.email_to = texts and notice.recipient_id.email
            dialog.subject = texts.get("subject")
            dialog.body = texts.get("body_html")

    def action_send(self):
        """Queue an e-mail with the letter of each notice."""
        self.ensure_one()
        notices = self.notice_ids
        notices._refuse_unsendable()
        notices = notices._get_resendable()
        copies = self._get_addresses(self.email_cc)
        vals_by_id = notices._get_resend_texts()
        for notice in notices:
            text = self.email_to if self.single else notice.recipient_id.email
            vals = {"email_to": self._get_addresses(text), "email_cc": copies}
            if not vals["email_to"]:
                who = notice.recipient_id.display_name
                raise UserError(self.env._("%(recipient)s has no e-mail address. Enter one, or print.", recipient=who))
            if self.single:
                vals |= {"subject": self.subject, "body_html": self.body}
            vals_by_id[notice.id] |= vals
        notices._resend(vals_by_id)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The e-mail is on its way."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_print(self):
        """Print the letter of the one notice again."""
        self.ensure_one()
        self.notice_ids._refuse_unsendable()
        if not self.single:
            raise UserError(self.env._("Print one letter at a time."))
        return self.notice_ids._get_resendable()._print_again()

    @api.model
    def _get_addresses(self, text):
        """The addresses in ``text``, parted by commas, as a text; refused where one of them is none."""
        parts = [part for part in re.split("[,;]", text or "") if part.strip()]
        addresses = [address for part in parts for address in email_normalize_all(part)]
        if len(addresses) != len(parts):
            raise UserError(self.env._("“%(text)s” is no e-mail address.", text=text))
        return ", ".join(addresses)
