from odoo import api
from odoo.fields import Command, Domain
from odoo.tools import format_amount, format_date

from ...engine.money import total
from ...tools.attempt import attempt, get_error_text
from ...tools.pdf.heads import get_direction
from ...tools.shipped import get_record
from ..notice.mail_frame import Sum


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
        direction = get_direction(self.env, promise.env.lang)
        return promise.env["ir.qweb"]._render(f"account_dunning.{view}", {"o": promise, "direction": direction})

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
        """Invoice the fee of an agreement, where the company charges one and books its charges.

        It is not dunned by itself, and no credit stop keeps it back. Where it cannot be booked, the agreement stands,
        and the accountant is asked.
        """
        settings = self.company_id._get_dunning_settings()
        if not (self.agreement and settings.agreement_fee and settings.charges == "booked"):
            return
        with attempt(self.env) as outcome:
            move = self.env["account.move"].with_company(self.company_id).create(self._prepare_fee_vals(settings))
            self.fee_move_id = move
            move._post()
            move.line_ids.filtered(lambda line: line.account_type == "asset_receivable").no_followup = True
        if outcome.error:
            self._ask_for_fee(get_error_text(outcome.error))

    def _ask_for_fee(self, error):
        accountant = self.env["res.users"]._get_dunning_accountant(self.company_id) or self.env.user
        self.partner_id.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("Invoice the fee of the instalment agreement: %(error)s", error=error),
            user_id=accountant.id,
        )

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
            "dunning_agreement_fee": True,
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
        """Confirm the promises by e-mail, queued."""
        return self._queue_mails("account_dunning.mail_template_promise")

    def _queue_mails(self, name):
        """Queue the e-mail of the template ``name`` for each of the promises; answers come back to their cases.

        :return: those of which the recipient has an address
        """
        template = get_record(self.env, name)
        reached = self.filtered(lambda promise: promise._get_recipient().sudo().email)  # an address
        subjects = template._render_field("subject", reached.ids, compute_lang=True)
        bodies = template._render_field("body_html", reached.ids, compute_lang=True)
        for promise in reached:
            lang = promise._get_lang()
            sums = [promise.with_context(lang=lang)._get_sum()]
            promise.case_id._send(subjects[promise.id], bodies[promise.id], promise._get_recipient(), lang, sums)
        return reached

    def _get_sum(self):
        """What an e-mail shows in large letters (``Sum``): what is late, else the next part."""
        late = self.part_ids.filtered(lambda part: part.state == "late")
        if late:
            so_far = self.part_ids.filtered(lambda part: part.date <= max(late.mapped("date")))
            owed = min(total(so_far.mapped("amount")), self.amount_owed)
            missing = max(self.currency_id.round(owed - self.amount_received), 0.0)
            amount = format_amount(self.env, missing, self.currency_id)
            return Sum(self.env._("Still missing"), amount, self.env._("Please pay it now"))
        part = (self.part_ids.filtered(lambda part: part.state == "open") or self.part_ids)[:1]
        return Sum(
            self.env._("Your next payment"),
            format_amount(self.env, part.amount, self.currency_id),
            self.env._("Payable by %(date)s", date=format_date(self.env, part.date)),
        )

    def _get_mail_rows(self):
        """The covered items as ``mail_items`` shows them: texts."""
        return [
            (
                item.move_line_id.dunning_number,
                format_date(self.env, item.due_date),
                format_amount(self.env, item.amount, self.currency_id),
            )
            for item in self.item_ids
        ]

    @api.model
    def _remind_late(self, company):
        """Remind the customers of ``company``, once each, of the instalments that are late.

        Of whom there is no e-mail address, the collector is asked to call. Who is on hold gets nothing.
        """
        late = self.env["account.dunning.promise.part"].search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "late"),
                ("reminded_on", "=", False),
                ("promise_id.state", "=", "open"),
            ]
        )
        promises = late.promise_id - late.promise_id._get_held(company)
        reached = promises._queue_mails("account_dunning.mail_template_instalment_late")
        (promises - reached)._ask_to_call()
        late.filtered(lambda part: part.promise_id in promises).reminded_on = company._dunning_today()

    def _get_held(self, company):
        """Those of the promises, all of ``company``, whose whole customer is on hold."""
        holds = self.env["account.dunning.hold"]
        active = holds._get_active_domain(company._dunning_today()) & Domain("company_id", "=", company.id)
        held = holds.search(active & Domain("partner_id", "in", self.partner_id.ids)).partner_id
        return self.filtered(lambda promise: promise.partner_id in held)

    def _ask_to_call(self):
        for user, promises in self.grouped(lambda promise: promise.case_id.user_id or promise.user_id).items():
            promises.case_id.activity_schedule(
                "mail.mail_activity_data_call",
                summary=self.env._("An instalment is late, and there is no e-mail address: call"),
                user_id=user.id or self.env.uid,
            )
