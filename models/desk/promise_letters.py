from odoo import api
from odoo.fields import Command
from odoo.tools import format_amount, format_date

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

    def _render_mail(self, view):
        """The text of an e-mail, by the name of its ``view``, in the recipient's language."""
        promise = self.with_context(lang=self._get_lang())
        return promise.env["ir.qweb"]._render(f"account_dunning.{view}", {"o": promise})

    def _get_salutation(self):
        return self.env._("Dear %(name)s,", name=self._get_recipient().name or self.partner_id.name)

    def _describe_part(self, part):
        """An instalment in words: the amount and its day."""
        amount = format_amount(self.env, part.amount, self.currency_id)
        return self.env._("%(amount)s by %(date)s", amount=amount, date=format_date(self.env, part.date))

    def _get_parties(self):
        """Who agrees on what, in a sentence."""
        return self.env._(
            "%(company)s and %(customer)s agree that the items below are paid in these instalments:",
            company=self.company_id.name,
            customer=self.partner_id.name,
        )

    def _get_default_terms(self):
        """When the agreement ends, in a sentence."""
        return self.env._(
            "If an instalment is not paid in full %(days)s days after its date, the agreement ends, and what is still "
            "open is due at once.",
            days=self.default_days,
        )

    def _get_signature(self, name):
        return self.env._("Place, date, signature: %(name)s", name=name)

    def _open_agreement(self):
        """The document to be signed, as a PDF; a dialog that asked for it closes."""
        # without core's question for a layout, which is put to administrators
        action = get_record(self.env, "account_dunning.action_report_agreement").report_action(self, config=False)
        return {**action, "close_on_report_download": True}

    def action_print_agreement(self):
        """Print the instalment agreement."""
        self.ensure_one()
        self._as_collector()
        return self._open_agreement()

    def _book_fee(self):
        """Invoice the fee of an agreement, where the company charges one and books its charges."""
        settings = self.company_id._get_dunning_settings()
        if self.agreement and settings.agreement_fee and settings.charges == "booked":
            move = self.env["account.move"].with_company(self.company_id).create(self._prepare_fee_vals(settings))
            move._post()
            self.fee_move_id = move

    def _prepare_fee_vals(self, settings):
        """Values of the invoice of the fee, due with the first instalment. Hook."""
        product = get_record(self.env, "account_dunning.product_fee")
        return {
            "move_type": "out_invoice",
            "journal_id": settings._get_charge_journal().id,
            "partner_id": self.partner_id.id,
            "currency_id": settings.currency_id.id,
            "invoice_date": self.made_on,
            "invoice_payment_term_id": False,
            "invoice_date_due": min(self.part_ids.mapped("date")),
            "ref": self.name,
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": self.env._("Fee for the instalment agreement"),
                        "product_id": product.id,
                        "account_id": settings._get_charge_account().id,
                        "price_unit": settings.agreement_fee,
                    }
                )
            ],
        }

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
