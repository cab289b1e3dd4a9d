import io
import logging

from odoo import models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools.pdf import PdfFileReader, merge_pdf

_logger = logging.getLogger(__name__)


class AccountDunningHandoverLine(models.Model):
    """The dossier of a customer: a cover, the letters that were sent, the invoices.

    Whatever makes it is called on the first line of each customer, and counts for all his lines.
    """

    _inherit = "account.dunning.handover.line"

    def _make_dossiers(self):
        """Make the dossiers together; where that fails, one by one, so that only the bad one is left."""
        try:
            with self.env.cr.savepoint():
                self._render_dossiers()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            if len(self) > 1:
                for line in self:
                    line._make_dossiers()
            elif self:
                _logger.info("The dossier of %s could not be made", self.id, exc_info=True)
                self.env.invalidate_all()
                self._get_customer_lines().write({"failure": str(error) or type(error).__name__})

    def _render_dossiers(self):
        report = self.env.ref("account_dunning.action_report_agency_dossier").sudo()
        covers = report._render_dunning_letters(self) if self else {}
        for line in self:
            documents = [document.raw for _title, document in line._get_documents() if _is_readable(document)]
            attachment = self.env["ir.attachment"].create(
                {
                    "name": f"{line.handover_id.name} {line.partner_id.name}.pdf".replace("/", "-"),
                    "raw": merge_pdf([covers[line.id], *documents]),
                    "mimetype": "application/pdf",
                    "res_model": line.handover_id._name,
                    "res_id": line.handover_id.id,
                }
            )
            line._get_customer_lines().write({"dossier_id": attachment.id})

    def _get_customer_lines(self):
        """The lines of the customer that are still with the agency; all of them after a recall."""
        self.ensure_one()
        lines = self.handover_id.line_ids.filtered(lambda line: line.partner_id == self.partner_id)
        return lines.filtered(lambda line: not line.recalled_on) or lines

    # what the cover says

    def _get_customer_items(self):
        """What is claimed of the customer, the oldest first: pairs of journal item and amount in its currency."""
        items = self._get_customer_lines().plan_id._get_claimed_items()
        return sorted(
            (pair for pairs in items.values() for pair in pairs),
            key=lambda pair: (pair[0].date_maturity or pair[0].date, pair[0].id),
        )

    def _get_totals(self):
        """What is claimed of the customer: pairs of currency and amount."""
        totals = {}
        for item, amount in self._get_customer_items():
            totals[item.currency_id] = totals.get(item.currency_id, 0.0) + amount
        return list(totals.items())

    def _get_sent_notices(self):
        """The notices that were sent about the customer's plans, in their order."""
        notices = self._get_customer_lines().plan_id.notice_line_ids.notice_id
        return notices.filtered(lambda notice: notice.state == "sent").sorted(
            lambda notice: (notice.sent_on, notice.id)
        )

    def _get_customer_facts(self):
        """What the agency should know about the customer: pairs of label and text. Hook."""
        partner = self.partner_id
        facts = [
            (self.env._("Customer No."), partner.ref),
            (self.env._("Tax ID"), partner.vat),
            (self.env._("Phone"), partner.phone),
            (self.env._("E-mail"), partner.email),
        ]
        return [(label, text) for label, text in facts if text]

    def _get_contacts(self):
        """Whom to ask at the customer's: pairs of role and text. Hook."""
        contacts = self.partner_id.child_ids
        roles = dict(contacts._fields["type"]._description_selection(self.env))
        return [(contact.function or roles[contact.type], self._get_contact_text(contact)) for contact in contacts]

    def _get_contact_text(self, contact):
        """How to reach ``contact``, in one line; his address where he has one of his own."""
        parts = [contact.name, contact.phone, contact.email]
        if contact.type != "contact":
            parts[1:1] = [contact.street, " ".join(filter(None, (contact.zip, contact.city)))]
        return " · ".join(filter(None, parts))

    def _get_documents(self):
        """What follows the cover: pairs of title and attachment (none where there is no PDF). Hook."""
        moves = self.env["account.move"].concat(*(item.move_id for item, _amount in self._get_customer_items()))
        letters = [(notice.name, notice.attachment_id) for notice in self._get_sent_notices()]
        return [*letters, *((move.name, move.invoice_pdf_report_id) for move in moves | moves)]

    def _get_contents(self):
        """What the cover says about the documents: pairs of title and whether it is attached."""
        return [(title, _is_readable(document)) for title, document in self._get_documents()]


def _is_readable(attachment):
    """True where ``attachment`` is a PDF that can be made part of another one."""
    try:
        return bool(attachment and PdfFileReader(io.BytesIO(attachment.raw), strict=False).getNumPages())
    except Exception:  # whatever a PDF reader stumbles over
        _logger.info("The file %s cannot be read as PDF", attachment.name, exc_info=True)
        return False
