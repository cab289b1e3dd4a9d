from odoo import api, models
from odoo.tools import format_amount, format_date


class AccountDunningNotice(models.Model):
    """What a notice says: the texts of its letter and its e-mail."""

    _inherit = "account.dunning.notice"

    @api.model
    def _has_postal_address(self, partner):
        """True where a letter can be addressed to ``partner``."""
        return bool(partner.city and (partner.street or partner.zip))

    def _get_text(self, field="text"):
        """The level's text (``text`` or ``text_below``) in the recipient's language, filled in. HTML."""
        self.ensure_one()
        notice = self.with_context(lang=self.lang or self.env.lang)
        level = notice.level_id
        return level._fill_placeholders(level[field], notice._get_placeholder_values())

    def _get_placeholder_values(self):
        """The values of the placeholders in level texts (strings, in the context's language). Hook."""
        return {
            "customer": self.partner_id.name or "",
            "company": self.company_id.name,
            "number": self.name or self.env._("draft"),
            "date": format_date(self.env, self.date),
            "level": self.level_id.name,
            "total": format_amount(self.env, self.amount_total, self.currency_id),
            "deadline": format_date(self.env, self._get_deadline()),
            "oldest_due_date": format_date(self.env, self.oldest_due_date),
            "days_overdue": str(abs(self.days_overdue)),
            "collector": self._get_contact().name or self.company_id.name,
        }

    def _get_deadline(self):
        """The day by which the notice asks to pay: for a reminder, the first day on which something falls due."""
        return self.oldest_due_date if self.reminder else self.deadline_date

    def _get_contact(self):
        """The person whom the customer may ask: the collector of a plan, or who will be the collector. Hook."""
        lines = self.line_ids
        user = lines.plan_id.user_id[:1]
        if not user and lines:
            user = self.env["account.collection.plan"]._get_collector(lines[0])
        return user.partner_id

    def _get_letter_lines(self):
        """The lines in the order in which they are printed. Hook."""
        return self.line_ids.sorted(lambda line: (line.due_date, line.name or "", line.id))

    def _get_sender_line(self):
        """The sender in one line, to be read in the window of the envelope."""
        partner = self.company_id.partner_id
        place = " ".join(filter(None, (partner.zip, partner.city)))
        return " · ".join(filter(None, (partner.name, partner.street, place)))

    def _get_payment_reference(self):
        """What the customer states when he pays: the invoice's own reference where there is but one."""
        moves = self.line_ids.move_id
        return (len(moves) == 1 and moves.payment_reference) or self.name or ""

    def _get_payment_qr(self):
        """The bank account's payment QR code as data URI, or None where the account allows none."""
        self.ensure_one()
        bank = self._get_bank_account()
        if not bank or self.currency_id.compare_amounts(self.amount_total, 0) <= 0:
            return None
        reference = self._get_payment_reference()
        return bank.build_qr_code_base64(
            self.amount_total,
            reference,
            reference,
            self.currency_id,
            self.recipient_id,
            silent_errors=True,
        )

    def _get_bank_account(self):
        """The bank account to pay to: the one that the invoices name, else one of the company in the notice's
        currency, else the company's first. Hook."""
        named = self.line_ids.move_id.partner_bank_id
        if len(named) == 1 and named.partner_id == self.company_id.partner_id:
            return named
        banks = self.company_id.partner_id.bank_ids.filtered(
            lambda bank: bank.company_id in (self.env["res.company"], self.company_id)
        )
        return banks.filtered(lambda bank: bank.currency_id == self.currency_id)[:1] or banks[:1]
