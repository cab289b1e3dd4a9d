from odoo import api

from ...tools.attempt import attempt
from ...tools.shipped import get_record


class PromiseLetters:
    """What a promise or agreement sends to the customer: always in his language."""

    __slots__ = ()

    def _get_recipient(self):
        """Whom it is written to: the person it was agreed with, else the dunning contact, else the customer."""
        self.ensure_one()
        # whoever may see the promise may see whom it was made with
        customer = self.partner_id.sudo().with_company(self.company_id)
        return (self.contact_id.person_id or customer.dunning_contact_id or customer).with_env(self.env)

    def _get_lang(self):
        """The language of the recipient, where it is in use; else that of the company, or of the user."""
        self.ensure_one()
        statements = self.env["account.dunning.statement"]
        return statements._get_lang(self._get_recipient().sudo(), self.company_id.sudo())  # two languages

    def _get_window(self):
        """Where and how the letter shows its recipient: see the report's ``_get_dunning_window``."""
        return get_record(self.env, "account_dunning.action_report_agreement")._get_dunning_window(self.company_id)

    def _open_agreement(self):
        """The document to be signed, as a PDF."""
        return get_record(self.env, "account_dunning.action_report_agreement").report_action(self)

    def action_print_agreement(self):
        """Print the instalment agreement."""
        self.ensure_one()
        self._as_collector()
        return self._open_agreement()

    def _confirm(self):
        """Confirm the promise by e-mail, queued."""
        self._queue_mail("account_dunning.mail_template_promise")

    def _queue_mail(self, name):
        """Queue the e-mail of the template ``name`` for each of the promises."""
        template = get_record(self.env, name)
        for promise in self.filtered(lambda each: each._get_recipient().sudo().email):  # an address
            promise.message_post_with_source(template, message_type="comment", subtype_xmlid="mail.mt_comment")

    @api.model
    def _remind_late(self, company):
        """Remind the customers of ``company``, once each, of the instalments that are late."""
        today = company._dunning_today()
        parts = self.env["account.dunning.promise.part"].search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "late"),
                ("reminded_on", "=", False),
                ("promise_id.state", "=", "open"),
            ]
        )
        for promise in parts.promise_id:
            with attempt(self.env):
                promise._queue_mail("account_dunning.mail_template_instalment_late")
        parts.reminded_on = today
