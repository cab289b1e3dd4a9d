import itertools
import re

from markupsafe import Markup

from odoo import SUPERUSER_ID, api
from odoo.tools import format_amount, format_date

from ...tools.pdf.heads import get_direction
from ...tools.pdf.images import has_bad_image
from ...tools.qr_reference import NOTICE

# A notice in one of these has its letter; one in another state shows on paper that it is a draft.
ISSUED_STATES = ("queued", "to_print", "sent")
RTL = Markup('<div dir="rtl" style="direction: rtl; text-align: right;">%s</div>')
HEADING = re.compile(r"<h[1-6]\b")
HEADING_END = re.compile(r"</h[1-6]>")


class NoticeLetter:
    """What a notice says: the texts of its letter and its e-mail."""

    __slots__ = ()

    @api.depends("document", "recipient_id")
    def _compute_sent_to(self):
        for notice in self:
            recipient = notice.recipient_id
            addresses = {"email": recipient.email, "letter": recipient._display_address(without_company=True)}
            notice.sent_to = addresses.get(notice.document)

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
        return self._render_mail("dunning_mail_tables")

    def _get_letter_text(self, field):
        """The text without headings: the PDF of many letters is taken apart at its headings, one for each letter."""
        text = HEADING.sub('<div class="o_dunning_heading"><div', self._get_text(field))
        return Markup(HEADING_END.sub("</div></div>", text))

    def _note_bad_images(self):
        """Tell on the notices that pictures of their level's text cannot be printed: their letters are without them."""
        bad = self.browse()
        for (level, lang), notices in self.grouped(lambda notice: (notice.level_id, notice._get_lang())).items():
            level = level.with_context(lang=lang)
            if has_bad_image(level.text) or has_bad_image(level.text_below):
                bad += notices
        note = self.env._("A picture in the text of the level cannot be read: the letter was printed without it.")
        bad._message_log_batch(bodies=dict.fromkeys(bad.ids, note))

    def _get_draft_mark(self):
        """The word across the letter of a notice that was not issued, in the recipient's language; else empty."""
        if self.state in ISSUED_STATES:
            return ""
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
            "deadline": format_date(self.env, self._get_deadline()),
            "oldest_due_date": format_date(self.env, self.oldest_due_date),
            "days_overdue": str(abs(self.days_overdue)),
            "collector": self._get_contact().name or self.company_id.name,
        }

    def _get_deadline(self):
        """The day by which the notice asks to pay: for a reminder, the first day on which something falls due."""
        return self.oldest_due_date if self.reminder else self.deadline_date

    def _get_contact(self):
        """The person whom the customer may ask: the collector of a plan, or the one that a plan would get. Hook.

        OdooBot is nobody to ask.
        """
        lines = self.line_ids
        user = lines.plan_id.user_id[:1]
        if not user and lines:
            user = self.env["account.collection.plan"]._get_collector(
                self.company_id, lines[0].partner_id, lines[0].move_id
            )
        return user.filtered(lambda user: user.id != SUPERUSER_ID).partner_id

    def _get_letter_lines(self):
        """The lines in the order in which they are printed. Hook."""
        return self.line_ids.sorted(lambda line: (line.due_date, line.name or "", line.id))

    def _get_carried_sums(self, lines):
        """The sum of ``lines`` up to each of them, as text by its id. Where a page ends, it is carried forward."""
        sums = itertools.accumulate(lines.mapped("claim"))
        return {
            line.id: format_amount(self.env, total, self.currency_id) for line, total in zip(lines, sums, strict=True)
        }

    def _get_direction(self):
        """``rtl`` where the recipient reads from right to left, else ``ltr``."""
        return get_direction(self.env, self._get_lang())

    def _direct_mail(self, mail):
        """Have the e-mail of the notice read in the recipient's direction; the layout of ours says it itself."""
        if self._get_direction() == "rtl" and "<html" not in mail.body_html:
            mail.body_html = RTL % Markup(mail.body_html)

    def _get_sender_line(self):
        """The sender in one line, to be read in the window of the envelope."""
        return self.company_id._get_dunning_sender_line()

    def _get_sender_contact(self):
        """How to reach the sender, in one line."""
        return self.company_id._get_dunning_sender_contact()

    def _get_window(self):
        """Where and how the letter shows its recipient: see the report's ``_get_dunning_window``."""
        return self._get_report()._get_dunning_window(self.company_id)

    def _get_payment_rows(self):
        """What the customer needs for the transfer: pairs of label and text. Hook."""
        bank = self._get_bank_account()
        several = self.reminder and len(set(self.line_ids.mapped("due_date"))) > 1
        rows = [
            (self.env._("Amount"), format_amount(self.env, self.amount_total, self.currency_id)),
            (self.env._("Payable by"), "" if several else format_date(self.env, self._get_deadline())),
            *bank._get_dunning_rows(self.currency_id, self.recipient_id),
            (self.env._("Reference"), bank._format_dunning_reference(self._get_payment_reference())),
        ]
        return [(label, text) for label, text in rows if text]

    def _get_payment_reference(self):
        """What the customer states when he pays: the reference of the invoice, or of the notice if there are several.

        A QR-IBAN wants a QR reference; where that reference is none, the notice makes one.
        """
        moves = self.line_ids.move_id
        reference = (len(moves) == 1 and moves.payment_reference) or self.name or ""
        return self._get_bank_account()._get_dunning_reference(
            reference, NOTICE, self.name, self.currency_id, self.recipient_id
        )

    def _get_payment_qr(self):
        """The bank account's payment QR code as data URI, or None where the account allows none."""
        self.ensure_one()
        return self._get_bank_account()._get_dunning_qr(
            self.amount_total, self.currency_id, self._get_payment_reference(), self.recipient_id
        )

    def _get_bank_account(self):
        """The bank account to pay to. Hook."""
        return self.company_id._get_dunning_bank_account(self.line_ids.move_id, self.currency_id)
