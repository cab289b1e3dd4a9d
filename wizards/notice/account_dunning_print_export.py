import io

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.pdf import PdfFileReader, PdfReadError

from ...tools.zipped import make_zip, write_csv

BATCH = 50  # letters whose PDFs are in memory at once
UNSAFE = str.maketrans(dict.fromkeys('/\\:*?"<>|', "-"))


class AccountDunningPrintExport(models.TransientModel):
    """The letters for a print service: a ZIP with a PDF for each, and a table of where they go."""

    _name = "account.dunning.print.export"
    _description = "Export for the Print Service"
    _inherit = ["account.dunning.print"]

    colour = fields.Boolean(string="In Colour", help="Stands in the table, for the print service.")
    duplex = fields.Boolean(string="On Both Sides", default=True, help="Stands in the table, for the print service.")
    file_id = fields.Many2one("ir.attachment", readonly=True, ondelete="set null")
    waiting = fields.Boolean(compute="_compute_waiting", help="Some of the letters do not count as sent yet.")

    @api.depends("notice_ids.state")
    def _compute_waiting(self):
        for wizard in self:
            wizard.waiting = "to_print" in wizard.notice_ids.mapped("state")

    @api.model
    def _open(self, notices):
        """Ask how the letters of ``notices`` are printed: those that wait, and those that left when they were made.

        The items of those that wait are read again (rules §7): what was settled or held since is left out, with a word.
        """
        letters = notices.filtered(lambda notice: notice._is_for_print_service())
        if not letters:
            raise UserError(self.env._("There is no letter to export. Issue notices first; letters then wait here."))
        # who prints may not write notices
        skipped = letters.filtered(lambda notice: notice.state == "to_print").sudo()._recheck_letters()
        letters = letters.filtered(lambda notice: notice not in skipped).sorted(lambda notice: notice.name)
        self.check_access("write")
        wizard = self.sudo().create(  # nobody makes one but this method
            {
                "notice_ids": [fields.Command.set(letters.ids)],
                # the letters of notices that the user may print
                "attachment_ids": [fields.Command.set(letters.sudo().attachment_id.ids)],
                "skipped": "\n".join(
                    f"{notice.display_name}, {notice.partner_id.name}: {why}" for notice, why in skipped.items()
                ),
            }
        )
        return wizard._show(self.env._("Export for the Print Service"))

    def action_make(self):
        """Make the ZIP, and offer it."""
        self.ensure_one()
        self.notice_ids._as_collector()
        if not self.notice_ids:
            raise UserError(self.env._("Nothing is left to export."))
        own = self.sudo()  # nobody else writes what was made
        rows = []
        content = make_zip(self._read_letters(rows), lambda: ("letters.csv", write_csv([self._get_headings(), *rows])))
        own.file_id.unlink()
        own.file_id = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": self.env._("dunning-letters-%(date)s.zip", date=self.env.company._dunning_today()),
                    "raw": content,
                    "mimetype": "application/zip",
                    "res_model": self._name,
                    "res_id": self.id,
                }
            )
        )
        self.notice_ids.sudo().exported_on = fields.Datetime.now()  # follows the work; who prints may not write it
        return self._show(self.env._("Export for the Print Service"))

    def _read_letters(self, rows):
        """Yield name and PDF of each letter, and add its row to ``rows``; few PDFs are in memory at once."""
        taken = set()
        notices = self.sudo().notice_ids.sorted(lambda notice: notice.name)  # what the user may print
        for start in range(0, len(notices), BATCH):
            batch = notices[start : start + BATCH]
            for notice in batch:
                name = self._get_file_name(notice, taken)
                content = notice.attachment_id.raw
                rows.append(self._get_row(notice, name, content))
                yield name, content
            batch.attachment_id.invalidate_recordset(["raw", "datas"])

    @api.model
    def _get_file_name(self, notice, taken):
        """A name for the letter of ``notice`` that is not among those ``taken``, of characters that any system has."""
        stem = (notice.name or f"letter-{notice.id}").translate(UNSAFE)
        name = f"{stem}.pdf" if stem not in taken else f"{stem}-{notice.id}.pdf"
        taken.add(stem)
        return name

    @api.model
    def _get_headings(self):
        """The columns of the table: technical names, since programs read it. Hook."""
        return [
            "notice",
            "recipient",
            "company",
            "street",
            "street2",
            "zip",
            "city",
            "state",
            "country",
            "language",
            "pages",
            "file",
            "colour",
            "duplex",
        ]

    def _get_row(self, notice, name, content):
        """What the table says of a letter: texts, in the order of the headings. Hook."""
        recipient = notice.recipient_id
        values = [
            notice.name,
            recipient.name or recipient.parent_id.name,
            recipient.commercial_company_name,
            recipient.street,
            recipient.street2,
            recipient.zip,
            recipient.city,
            recipient.state_id.code,
            (recipient.country_id or notice.company_id.country_id).code,
            notice._get_lang(),
            self._count_pages(content),
            name,
            "1" if self.colour else "0",
            "1" if self.duplex else "0",
        ]
        return [str(value or "").replace("\n", " ") for value in values]

    @api.model
    def _count_pages(self, content):
        """How many pages a PDF has; nothing where that cannot be read."""
        try:
            return len(PdfFileReader(io.BytesIO(content), strict=False).pages)
        except (PdfReadError, ValueError):
            return None

    def action_download(self):
        """Download the ZIP."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": f"/web/content/{self.file_id.id}?download=true", "target": "self"}
