from odoo.tools import format_amount, format_date, formatLang

from ...tools.qr_code import make_qr_code
from .mail_frame import MailFrame, Sum


class NoticeMail(MailFrame):
    """What the e-mail of a notice shows besides its words, and the way to the customer's page."""

    __slots__ = ()

    def _get_page_url(self):
        """The address of the page where the recipient sees and pays what is open, or False where there is none. Hook.

        It is asked of each notice of a batch, for its e-mail and for its letter, also for one that is only looked at
        before it is issued: who extends it reads and makes what it takes for all of ``self._prefetch_ids`` at once.
        """
        self.ensure_one()
        return False

    def _get_page_qr(self):
        """The QR code of the customer's page as data URI, or None where there is no page."""
        url = self._get_page_url()
        return make_qr_code(url) if url else None

    def _get_mail_subject(self):
        """The subject: the level, how many items, the amount with the code of its currency, sender and number."""
        notice = self.with_context(lang=self._get_lang())
        currency = notice.currency_id
        return notice.env._(
            "%(level)s: %(items)s, %(amount)s %(currency)s – %(company)s %(number)s",
            level=notice.level_id.name,
            items=notice._describe_count(len(notice.line_ids)),
            amount=formatLang(notice.env, notice.amount_total, digits=currency.decimal_places),
            currency=currency.name,
            company=notice.company_id.name,
            number=notice.name or "",
        )

    def _get_copy_subject(self):
        """The subject of the e-mail that carries the letter once more."""
        subject = self._get_mail_subject()
        return self.with_context(lang=self._get_lang()).env._("Copy: %(subject)s", subject=subject)

    def _render_mail(self, view):
        """A part of an e-mail, by the name of its ``view``, in the recipient's language; HTML."""
        notice = self.with_context(lang=self._get_lang())
        return notice.env["ir.qweb"]._render(f"account_dunning.{view}", {"o": notice})

    def _frame_mail(self, template, body):
        """``body`` (HTML) in the layout of the ``template``, if it has one, in the recipient's language."""
        if not template.email_layout_xmlid:
            return body
        lang = self._get_lang()
        return template.with_context(lang=lang)._render_encapsulate(
            template.email_layout_xmlid, body, context_record=self.with_context(lang=lang)
        )

    def _get_mail_contact(self):
        return self._get_contact()

    def _get_mail_title(self):
        return self.level_id.name

    def _get_mail_sums(self):
        amount = format_amount(self.env, self.amount_total, self.currency_id)
        return [Sum(self._describe_count(len(self.line_ids)), amount, self._describe_deadline())]

    def _get_mail_url(self):
        return self._get_page_url()

    def _describe_deadline(self):
        """By when to pay, in words."""
        date = format_date(self.env, self._get_deadline())
        if not self.reminder:
            return self.env._("Payable by %(date)s", date=date)
        if len(set(self.line_ids.mapped("due_date"))) > 1:
            return self.env._("First due on %(date)s", date=date)
        return self.env._("Due on %(date)s", date=date)
