import io
import logging

from odoo.tools.pdf import PdfFileReader, merge_pdf

from ...tools.attachments import create_attachments
from ...tools.attempt import attempt_parts
from ...tools.given import Given, given
from ...tools.shipped import get_record

_logger = logging.getLogger(__name__)


class Dossier:
    """The dossier of a customer: a cover, the letters that were sent, the invoices.

    Whatever makes it is called on the first line of each customer, and counts for all his lines.
    """

    __slots__ = ()

    def _make_dossiers(self):
        """Make the dossiers together; where that fails, in parts, so that only the bad one is left."""
        attempt_parts(self.env, self, lambda lines: lines._render_dossiers(), lambda line, e: line._note_failure(e))

    def _note_failure(self, error):
        _logger.info("The dossier of %s could not be made", self.id, exc_info=error)
        self._get_customer_lines().write({"failure": str(error) or type(error).__name__})

    def _render_dossiers(self):
        self = self.with_context(dunning_printed_invoices=Given(self._print_invoices()))
        report = get_record(self.env, "account_dunning.action_report_agency_dossier")
        covers = report._render_dunning_letters(self) if self else {}
        for line in self:
            documents = [document for _title, document in line._get_documents() if document]
            vals = {
                "name": f"{line.handover_id.name} {line.partner_id.name}.pdf".replace("/", "-"),
                "raw": merge_pdf([covers[line.id], *documents]),
                "mimetype": "application/pdf",
                "res_model": line.handover_id._name,
                "res_id": line.handover_id.id,
            }
            attachment = create_attachments(self.env, [vals])
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
            key=lambda pair: (pair[0].dunning_due_date, pair[0].id),
        )

    def _get_totals(self):
        """What is claimed of the customer: pairs of currency and amount."""
        totals = {}
        for item, amount in self._get_customer_items():
            totals[item.currency_id] = totals.get(item.currency_id, 0.0) + amount
        return list(totals.items())

    def _get_sent_notices(self):
        """The notices that were sent about the customer's plans, in their order; levels without document sent none."""
        notices = self._get_customer_lines().plan_id.notice_line_ids.notice_id
        sent = notices.filtered(lambda notice: notice.state == "sent" and notice.document != "none")
        return sent.sorted(lambda notice: (notice.sent_on, notice.id))

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
        """The documents behind the cover: pairs of title and PDF, or None where no PDF can be read. Hook."""
        printed = given(self.env, "dunning_printed_invoices") or {}
        letters = [(notice.name, _read_pdf(notice.attachment_id)) for notice in self._get_sent_notices()]
        invoices = [
            (move.name, _read_pdf(move.invoice_pdf_report_id) or printed.get(move.id))
            for move in self._get_customer_moves()
        ]
        return [*letters, *invoices]

    def _get_customer_moves(self):
        """The invoices and entries of which something is claimed of the customer."""
        moves = self.env["account.move"].concat(*(item.move_id for item, _amount in self._get_customer_items()))
        return moves | moves

    def _get_contents(self):
        """The titles of the documents that are attached, as the cover lists them."""
        return [title for title, document in self._get_documents() if document]

    # invoices without PDF

    def _print_invoices(self):
        """Print the invoices that have no PDF, all at once; return what was printed by the id of its invoice.

        They are for the dossiers alone: nothing is kept on the invoices.
        """
        send, printed = self.env["account.move.send"], {}
        for handover, lines in self.grouped("handover_id").items():
            moves = self.env["account.move"].concat(*(line._get_customer_moves() for line in lines))
            missing = moves.filtered(
                lambda move: move.is_sale_document(include_receipts=True) and not _read_pdf(move.invoice_pdf_report_id)
            )
            for report, group in missing.grouped(send._get_default_pdf_report_id).items():
                printed.update(handover._print_invoices(report, group))
        return printed


def _read_pdf(attachment):
    """The content of ``attachment`` where it is a PDF that can be made part of another one, else None."""
    try:
        content = attachment.raw or None
        return content if content and PdfFileReader(io.BytesIO(content), strict=False).getNumPages() else None
    except Exception:  # whatever a PDF reader stumbles over
        _logger.info("The file %s cannot be read as PDF", attachment.name, exc_info=True)
        return None
