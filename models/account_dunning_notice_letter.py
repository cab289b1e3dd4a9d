import logging
import re

from markupsafe import Markup

from odoo import api, models
from odoo.tools import format_amount, format_date

_logger = logging.getLogger(__name__)

# Where the window of an envelope shows the recipient: DIN 5008 form B, millimetres from the edges of the paper.
WINDOW_LEFT, WINDOW_TOP, WINDOW_WIDTH = 25.0, 57.0, 80.0
HEADING = re.compile(r"<h[1-6]\b")
HEADING_END = re.compile(r"</h[1-6]>")


class AccountDunningNotice(models.Model):
    """What a notice says: the texts of its letter and its e-mail."""

    _inherit = "account.dunning.notice"

    @api.model
    def _has_postal_address(self, partner):
        """True where a letter can be addressed to ``partner``."""
        return bool(partner.city and (partner.street or partner.zip))

    def _get_lang(self):
        """The recipient's language; where it was switched off meanwhile, that of whoever looks at it."""
        known = self.env["res.lang"]._get_data(code=self.lang or "")
        return self.lang if known else self.env.lang

    def _get_text(self, field="text"):
        """The level's text (``text`` or ``text_below``) in the recipient's language, filled in. HTML."""
        self.ensure_one()
        notice = self.with_context(lang=self._get_lang())
        level = notice.level_id
        return level._fill_placeholders(level[field], notice._get_placeholder_values())

    def _get_mail_tables(self):
        """The items and how to pay them, for the e-mail; HTML in the recipient's language."""
        notice = self.with_context(lang=self._get_lang())
        return notice.env["ir.qweb"]._render("account_dunning.dunning_mail_tables", {"o": notice})

    def _get_letter_text(self, field):
        """The text without headings: by them the PDF of many letters is taken apart, and each letter has one."""
        text = HEADING.sub('<div class="o_dunning_heading"><div', self._get_text(field))
        return Markup(HEADING_END.sub("</div></div>", text))

    def _get_draft_mark(self):
        """What stands across the letter of a notice that was not issued, in the recipient's language."""
        return self.with_context(lang=self._get_lang()).env._("DRAFT")

    def _get_placeholder_values(self):
        """The values of the placeholders in level texts (strings, in the context's language). Hook."""
        return {
            "customer": self.partner_id.name or "",
            "company": self.company_id.name,
            "number": self.name or self.env._("draft"),
            "date": format_date(self.env, self.date),
            "level": self.level_id.name,
            "total": format_amount(self.env, self.amount_total, self.currency_id),
            "charges": format_amount(self.env, self.amount_charges, self.currency_id),
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
            user = self.env["account.collection.plan"]._get_collector(
                self.company_id, lines[0].partner_id, lines[0].move_id
            )
        return user.partner_id

    def _get_letter_lines(self):
        """The lines in the order in which they are printed. Hook."""
        return self.line_ids.sorted(lambda line: (line.due_date, line.name or "", line.id))

    def _get_sender_line(self):
        """The sender in one line, to be read in the window of the envelope."""
        partner = self.company_id.partner_id
        place = " ".join(filter(None, (partner.zip, partner.city)))
        return " · ".join(filter(None, (partner.name, partner.street, place)))

    def _get_sender_contact(self):
        """How to reach the sender, in one line."""
        company = self.company_id
        return " · ".join(filter(None, (company.phone, company.email, company.website)))

    def _get_window_style(self):
        """CSS that puts the recipient into the window of the envelope.

        In percent of the width of the printed page: how long a millimetre is, depends on wkhtmltopdf's version.
        """
        paper = self._get_report().with_company(self.company_id).get_paperformat()
        width = (paper.print_page_width or 210.0) - paper.margin_left - paper.margin_right
        left = max(WINDOW_LEFT - paper.margin_left, 0.0)
        top = max(WINDOW_TOP - paper.margin_top, 0.0)
        return (
            f"position: absolute; top: 0; left: {100 * left / width:.2f}%; "
            f"width: {100 * WINDOW_WIDTH / width:.2f}%; padding-top: {100 * top / width:.2f}%;"
        )

    def _has_own_window(self):
        """True where the company's layout itself puts the address into the window (DIN 5008)."""
        return self.company_id.external_report_layout_id.sudo().key == "l10n_din5008.external_layout_din5008"

    def _get_payment_rows(self):
        """What the customer needs for the transfer: pairs of label and text. Hook."""
        bank = self._get_bank_account()
        several = self.reminder and len(set(self.line_ids.mapped("due_date"))) > 1
        rows = [
            (self.env._("Amount"), format_amount(self.env, self.amount_total, self.currency_id)),
            (self.env._("Payable by"), "" if several else format_date(self.env, self._get_deadline())),
            (self.env._("Account holder"), bank and (bank.acc_holder_name or bank.partner_id.name)),
            (self.env._("IBAN") if bank.acc_type == "iban" else self.env._("Account"), bank.acc_number),
            (self.env._("Bank"), bank.bank_id.name),
            (self.env._("BIC"), bank.bank_id.bic),
            (self.env._("Reference"), self._get_payment_reference()),
        ]
        return [(label, text) for label, text in rows if text]

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
        try:
            return bank.build_qr_code_base64(
                self.amount_total,
                reference,
                reference,
                self.currency_id,
                self.recipient_id,
                silent_errors=True,
            )
        except Exception:  # a letter can do without
            _logger.warning("No QR code for the bank account %s", bank.id, exc_info=True)
            return None

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
