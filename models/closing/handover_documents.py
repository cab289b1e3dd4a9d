import logging

from odoo import api
from odoo.fields import Domain

from ...tools.attachments import create_attachments
from ...tools.attempt import attempt_parts
from ...tools.given import Given
from ...tools.sheet import write_sheets
from ...tools.shipped import get_record

DOSSIER_CHUNK = 20

_logger = logging.getLogger(__name__)


class HandoverDocuments:
    """What the agency gets: one table for the hand-over, and a dossier for each customer."""

    __slots__ = ()

    # the table

    def _make_table(self):
        """Make the table of all open items, as an attachment of the hand-over."""
        self.ensure_one()
        handover = self.with_context(lang=self._get_lang())
        content = write_sheets({None: handover._get_table_rows()})
        vals = {
            "name": f"{self.name.replace('/', '-')}.xlsx",
            "raw": content,
            "mimetype": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "res_model": self._name,
            "res_id": self.id,
        }
        self.table_id = create_attachments(self.env, [vals])

    def _get_lang(self):
        """The language of the agency, where it is still in use."""
        known = self.env["res.lang"]._get_data(code=self.partner_id.lang or "")
        return self.partner_id.lang if known else self.env.lang

    def _get_table_rows(self):
        """One row for each item that the agency claims, charges too."""
        items = self.line_ids.plan_id._get_claimed_items()
        return [self._get_table_row(plan, item, amount) for plan in items for item, amount in items[plan]]

    def _get_table_row(self, plan, item, amount):
        """The values of one row by the titles of their columns; ``amount`` is claimed of the ``item``. Hook."""
        return {**self._get_customer_cells(plan.partner_id), **self._get_item_cells(plan, item, amount)}

    def _get_customer_cells(self, partner):
        return {
            self.env._("Customer No."): partner.ref,
            self.env._("Customer"): partner.name,
            self.env._("Street"): ", ".join(filter(None, (partner.street, partner.street2))),
            self.env._("ZIP"): partner.zip,
            self.env._("City"): partner.city,
            self.env._("Country"): partner.country_id.name,
            self.env._("Tax ID"): partner.vat,
            self.env._("E-mail"): partner.email,
            self.env._("Phone"): partner.phone,
        }

    def _get_item_cells(self, plan, item, amount):
        due = item.dunning_due_date
        return {
            self.env._("Invoice"): item.dunning_number,
            self.env._("Kind"): self.env._("Dunning charges") if item.move_id.dunning_notice_id else self.env._("Debt"),
            self.env._("Invoice Date"): item.move_id.invoice_date or item.date,
            self.env._("Due Date"): due,
            self.env._("Days Overdue"): (self.date - due).days,
            self.env._("Amount"): item.amount_currency,
            self.env._("Open Amount"): amount,
            self.env._("Currency"): item.currency_id.name,
            self.env._("Level"): item.dunning_level_id.name,
            self.env._("Last Notice"): item.dunning_last_notice_date,
            self.env._("Collection Plan"): plan.name,
        }

    # the dossiers

    def action_make_dossiers(self):
        """Make all dossiers anew, with what is open and attached today."""
        handovers = self._as_manager()
        handovers.line_ids.dossier_id.unlink()
        handovers.line_ids.write({"failure": False})
        handovers._start_dossiers()

    def action_download(self):
        """Download the table and all dossiers that are made, in one file."""
        self.ensure_one()
        name = f"{self.name.replace('/', '-')}.zip"
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/documents/{name}?download=true",
        }

    def _start_dossiers(self):
        get_record(self.env, "account_dunning.ir_cron_dunning_dossiers")._trigger()

    @api.model
    def _cron_make_dossiers(self):
        """Scheduled action: make the dossiers that wait, a chunk in a transaction."""
        while count := self._make_next_dossiers():
            remaining = self.env["account.dunning.handover.line"].search_count(self._get_dossier_queue_domain())
            if not self.env["ir.cron"]._commit_progress(count, remaining=remaining):
                return

    @api.model
    def _get_dossier_queue_domain(self):
        """Domain of the lines whose dossier is to be made."""
        return Domain("dossier_id", "=", False) & Domain("failure", "=", False) & Domain("recalled_on", "=", False)

    @api.model
    def _make_next_dossiers(self):
        """Make the next chunk of dossiers. Returns how many customers were taken up."""
        lines = self.env["account.dunning.handover.line"].search(
            self._get_dossier_queue_domain(), limit=DOSSIER_CHUNK, order="handover_id, id"
        )
        customers = lines.grouped(lambda line: (line.handover_id, line.partner_id)).values()
        lines.browse().concat(*(group[0] for group in customers))._make_dossiers()
        return len(customers)

    def _print_invoices(self, report, moves):
        """Print invoices with the ``report``; where that fails, in parts, and note why one could not be."""
        # who hands over need not read reports
        report, printed = report.sudo().with_context(dunning_dossier=Given()), {}
        attempt_parts(
            self.env, moves, lambda part: printed.update(report._render_dunning_letters(part)), self._note_not_printed
        )
        return printed

    def _note_not_printed(self, move, error):
        _logger.info("The invoice %s could not be printed", move.id, exc_info=error)
        why = str(error) or type(error).__name__
        self._message_log(
            body=self.env._("%(invoice)s could not be printed for the dossier: %(why)s", invoice=move.name, why=why)
        )
