from odoo import api, models

from ...tools.given import given
from ...tools.pdf.heads import get_direction
from ...tools.pdf.images import OWN_IMAGE
from ...tools.pdf.printer import QuickReport

# Where the window of an envelope shows the recipient: DIN 5008 form B, millimetres from the edges of the paper.
WINDOW_LEFT, WINDOW_TOP, WINDOW_WIDTH = 25.0, 57.0, 80.0
DOCUMENT_MODELS = ("account.dunning.notice", "account.dunning.handover.line")
DOCUMENTS = ("account_dunning.report_statement", "account_dunning.report_dunning_run")


class IrActionsReport(QuickReport, models.Model):
    """The documents of dunning are printed quickly; a picture in one of them is the company's own."""

    _inherit = "ir.actions.report"

    def _render_dunning_letters(self, notices):
        """Render one PDF a notice, with one call of wkhtmltopdf a company where its Qt is patched.

        :param notices: records of one of DOCUMENT_MODELS, or invoices, whose template prints one heading for each
        :return: dict from notice id to the bytes of its PDF
        """
        self = self.with_context(force_report_rendering=True)
        documents = {}
        for company, group in notices.grouped("company_id").items():
            # The paper format is that of the company in the environment.
            documents.update(self.with_company(company)._render_each(group.with_company(company)))
        return documents

    def _get_dunning_window(self, company):
        """How a letter of ``company`` shows its sender and recipient, as a dict: see the template of the layout.

        ``own`` is true where the company's layout itself puts the address into the window (DIN 5008). ``style`` is
        CSS for other layouts, in percent of the width of the printed page: how long a millimetre is, depends on
        wkhtmltopdf's version.
        """
        paper = self.with_company(company).get_paperformat()
        width = (paper.print_page_width or 210.0) - paper.margin_left - paper.margin_right
        # Where letters are written from right to left, so are envelopes; it is the sender's that counts.
        mirrored = get_direction(self.env, company.partner_id.lang) == "rtl"
        side, margin = ("right", paper.margin_right) if mirrored else ("left", paper.margin_left)
        start = max(WINDOW_LEFT - margin, 0.0)
        top = max(WINDOW_TOP - paper.margin_top, 0.0)
        return {
            # views are closed to who prints; a name is compared
            "own": company.external_report_layout_id.sudo().key == "l10n_din5008.external_layout_din5008",
            "mirrored": mirrored,
            "sender": company._get_dunning_sender_line(),
            "style": f"position: absolute; top: 0; {side}: {100 * start / width:.2f}%; "
            f"width: {100 * WINDOW_WIDTH / width:.2f}%; padding-top: {100 * top / width:.2f}%;",
            # The same in half of the page's width; a little narrower, so that it does not get less lines.
            "room": f"visibility: hidden; width: {195 * WINDOW_WIDTH / width:.2f}%; "
            f"padding-top: {200 * top / width:.2f}%;",
        }

    @api.model
    def _is_quick(self, report_ref):
        """This module's documents are, and the invoices that it prints for the dossiers of agencies."""
        if given(self.env, "dunning_dossier"):  # invoices of which there is no PDF
            return True
        report = self._get_report(report_ref) if report_ref else self.browse()
        return report.model in DOCUMENT_MODELS or report.report_name in DOCUMENTS or super()._is_quick(report_ref)

    @api.model
    def _find_own_image(self, url):
        """The picture that the web server would give for ``url``: bytes, or None where it is none of the company's.

        A letter is printed by the superuser, so that the picture is one which the public may see, or one of the texts
        of dunning levels. Hook.
        """
        # parameters are closed to people
        base_url = self.env["ir.config_parameter"].sudo().get_param("web.base.url") or ""
        match = OWN_IMAGE.match(url.removeprefix(base_url))
        # compared with the company's own images below
        image = self.env["ir.attachment"].sudo().browse(int(match["id"]) if match else ()).exists()
        if not image or image.company_id not in (image.company_id.browse(), self.env.company):
            return None
        known = image.public or image.res_model == "account.dunning.level"
        known = known or (bool(image.access_token) and f"access_token={image.access_token}" in url)
        return image.raw if known and (image.mimetype or "").startswith("image/") else None
