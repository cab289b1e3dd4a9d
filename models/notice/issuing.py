import logging

from odoo import SUPERUSER_ID, api, fields
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize

from ...tools.attachments import create_attachments
from ...tools.attempt import attempt, get_error_text
from ...tools.bulk import bulk_update
from ...tools.shipped import get_record
from .account_dunning_level import MAIL_TEMPLATE

_logger = logging.getLogger(__name__)

# How many customers a chunk has: those who get letters or e-mails, and those who get none.
ISSUE_CHUNK = 40
QUIET_CHUNK = 500

# The first notice of each customer that waits to be issued, and for no day, as many as are free: those to be issued
# alone, or others; `quiet`: only of customers none of whose waiting notices makes a document.
FIRST_OF_CUSTOMERS = """
SELECT first.id FROM account_dunning_notice first
 WHERE first.state = 'queued' AND first.mail_id IS NULL AND (first.alone IS TRUE) = %(alone)s
   AND first.id = ANY(ARRAY(SELECT MIN(id) FROM account_dunning_notice
                             WHERE state = 'queued' AND mail_id IS NULL
                               AND (wait_until IS NULL OR wait_until <= %(now)s) GROUP BY partner_id
                            HAVING NOT %(quiet)s OR BOOL_AND(document = 'none')))
 ORDER BY first.partner_id, first.id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
"""


class NoticeIssuing:
    """How queued notices are taken, in chunks of customers, and issued."""

    __slots__ = ()

    @api.model
    def _get_queue_domain(self):
        """Domain of the notices that wait to be issued, as in ``FIRST_OF_CUSTOMERS``."""
        return Domain("state", "=", "queued") & Domain("mail_id", "=", False) & self._get_ready_domain()

    @api.model
    def _issue_next(self):
        """Issue the next chunk of the queue. Returns how many notices were taken up."""
        self.env.flush_all()
        notices = self._take_chunk() or self._take_first(alone=True, limit=1)
        if notices:
            notices._issue_chunk()
        return len(notices)

    @api.model
    def _take_chunk(self):
        """All notices of some customers, but those to be issued alone."""
        first = self._take_first(quiet=True, limit=QUIET_CHUNK) or self._take_first(limit=ISSUE_CHUNK)
        queued = self._get_queue_domain() & Domain("alone", "=", False)
        return self.search(queued & Domain("partner_id", "in", first.partner_id.ids), order="id")

    @api.model
    def _take_first(self, limit, alone=False, quiet=False):
        """Lock and return the first waiting notices of ``limit`` customers at most; see ``FIRST_OF_CUSTOMERS``.

        The first one stands for all of a customer's: who has it locked issues them, so that no two workers are at the
        same customer.
        """
        now = fields.Datetime.now()
        rows = self.env.execute_query(SQL(FIRST_OF_CUSTOMERS, limit=limit, alone=alone, quiet=quiet, now=now))
        return self.browse(row[0] for row in rows)

    def _issue_chunk(self):
        """Issue the notices together; where that fails, leave them to be issued alone, so that only the bad one fails.

        That takes a transaction for each: a server allows a scheduled action some time only, and wkhtmltopdf may take
        long to fail. What is done then stays done.
        """
        with attempt(self.env, alone=True) as outcome:
            self._issue()
        if outcome.error and len(self) > 1:
            _logger.info("Dunning notices could not be issued together", exc_info=outcome.error)
            self.alone = True
        elif outcome.error:
            _logger.info("Dunning notice %s failed", self.id, exc_info=outcome.error)
            self._set_failed(get_error_text(outcome.error))

    def _issue(self):
        """Read the items again, make the documents, and hand them over. Locks nothing but the notices.

        Who may not be reached today gets his on the first day on which he may.
        """
        facts = {}
        ready, hours = self._wait()
        notices = ready._refresh(facts)
        documents = notices.filtered(lambda notice: notice.document != "none")
        documents._number()
        documents._make_letters()
        emails = documents.filtered(lambda notice: notice.document == "email")
        emails._make_mails()
        emails._delay_mails(hours)
        letters = documents - emails
        letters.write({"state": "to_print"})
        made = letters.filtered(lambda notice: notice.company_id._get_dunning_settings().letter_sent == "made")
        # what else waits of the same customers keeps items out for the time being
        (made + (notices - documents))._set_sent(facts=None if documents else facts)
        self._after_state()

    def _number(self):
        """Give numbers to the notices that have none."""
        names = self._draw_numbers()
        bulk_update(self, {notice.id: {"name": names[notice.id]} for notice in self if not notice.name})

    def _draw_numbers(self):
        """The numbers of the notices by id; those that have none get one, with one query a company."""
        names = {notice.id: notice.name for notice in self}
        for company, notices in self.filtered(lambda notice: not notice.name).grouped("company_id").items():
            sequence = self.env["ir.sequence"]._dunning_get("account.dunning.notice", company.id)
            names.update(zip(notices.ids, sequence._dunning_next(len(notices), company._dunning_today()), strict=True))
        return names

    def _make_letters(self):
        """Render the letters, each as an attachment of its notice."""
        for report, notices in self._group_by_report().items():
            streams = report._render_dunning_letters(notices)
            attachments = create_attachments(
                self.env,
                [
                    {
                        "name": f"{notice.name.replace('/', '-')}.pdf",
                        "raw": streams[notice.id],
                        "mimetype": "application/pdf",
                        "res_model": self._name,
                        "res_id": notice.id,
                    }
                    for notice in notices
                ],
            )
            for notice, attachment in zip(notices, attachments, strict=True):
                notice.write({"attachment_id": attachment.id, "message_main_attachment_id": attachment.id})
        self._note_bad_images()

    def _group_by_report(self):
        """The notices by the report that prints them. Hook."""
        return self.grouped(lambda notice: notice._get_report())

    def _get_report(self):
        """The report that prints the letter: that of the level, else the dunning letter."""
        self.ensure_one()
        report = self.level_id.report_id.sudo()  # who prints letters need not read reports
        if report.model != self._name:  # another model's would print what has the same number there
            report = get_record(self.env, "account_dunning.action_report_dunning_letter")
        return report

    def _make_mails(self):
        """Queue one e-mail a notice, with the letter attached."""
        for template, notices in self.grouped(lambda notice: notice.level_id._get_mail_template()).items():
            template = template or template.browse(get_record(self.env, MAIL_TEMPLATE).id)  # a deleted one
            mails = template.with_context(mail_notify_force_send=False).send_mail_batch(
                notices.ids, email_values={"auto_delete": False}, raise_exception=True
            )
            electronic = notices._make_electronic()
            for notice, mail in zip(notices, mails, strict=True):
                attachments = notice.attachment_id + notice._get_invoice_attachments()
                mail.attachment_ids += attachments + electronic.get(notice, attachments.browse())
                notice.mail_id = mail
            notices._complete_mails(dict(zip(notices, mails, strict=True)))
        if self:
            self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    def _complete_mails(self, mails):
        """Give the e-mails, by notice, where replies go, the direction in which they are read, and a sender."""
        reply_to = self._notify_get_reply_to_batch(
            defaults={notice.id: notice.company_id.email_formatted for notice in self},
            author_ids={notice.id: notice.company_id.partner_id.id for notice in self},
        )
        for notice, mail in mails.items():
            mail.reply_to = mail.reply_to or reply_to[notice.id]
            notice._direct_mail(mail)
            notice._name_sender(mail)

    def _make_electronic(self):
        """Documents for machines that go with the e-mails of the notices: attachments by notice. Hook."""
        return {}

    def _get_invoice_attachments(self):
        """The existing PDFs of the dunned invoices, where the level attaches them."""
        if not self.level_id.attach_invoices:
            return self.env["ir.attachment"]
        return self.line_ids.move_id.invoice_pdf_report_id

    def _name_sender(self, mail):
        """No e-mail comes from OdooBot: where the company has no address, a person stands for it."""
        root = self.env["res.users"].browse(SUPERUSER_ID).partner_id
        if not self.company_id.email and email_normalize(mail.email_from) == email_normalize(root.email):
            person = (self._get_contact() | self.issued_by_id.partner_id).filtered("email")[:1] - root
            mail.email_from = person.email_formatted or mail.email_from
