import contextlib
import os
import tempfile
from pathlib import Path

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import config

from odoo.addons.base.models.ir_actions_report import _wkhtml

from ...tools import directions, letters
from ...tools.given import Given, given
from ...tools.watchdog import time_limit

GAP = 5.0  # millimetres between the letterhead and the text
# Where the window of an envelope shows the recipient: DIN 5008 form B, millimetres from the edges of the paper.
WINDOW_LEFT, WINDOW_TOP, WINDOW_WIDTH = 25.0, 57.0, 80.0
# How long wkhtmltopdf may take: so many seconds, and one more for so many characters of HTML. It needs a tenth of that.
PRINT_SECONDS, PRINT_SPEED = 15, 10_000

# Where nothing answers: wkhtmltopdf is to ask nobody on the network, not even this machine.
NO_NETWORK = "http://127.0.0.1:1"

ISSUED_STATES = ("queued", "to_print", "sent")
DOCUMENT_MODELS = ("account.dunning.notice", "account.dunning.handover.line")
DOCUMENTS = ("account_dunning.report_statement", "account_dunning.report_dunning_run")


class IrActionsReport(models.Model):
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
            documents.update(self.with_company(company)._render_company_letters(group.with_company(company)))
        return documents

    def _render_company_letters(self, notices):
        streams = {}
        if len(notices) == 1 or _wkhtml().is_patched_qt:
            streams, _kind = self._pre_render_qweb_pdf(self, res_ids=notices.ids)
        documents = {}
        for notice in notices:
            stream = streams.get(notice.id, {}).get("stream")
            if not stream and len(notices) > 1:  # they came as one document that cannot be split
                stream = self._pre_render_qweb_pdf(self, res_ids=notice.ids)[0][notice.id]["stream"]
            documents[notice.id] = stream.getvalue()
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
        mirrored = directions.get_direction(self.env, company.partner_id.lang) == "rtl"
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

    def _is_dunning_letter(self, report_ref):
        return bool(report_ref) and self._get_report(report_ref).model == "account.dunning.notice"

    def _is_dunning_document(self, report_ref):
        report = self._get_report(report_ref) if report_ref else self.browse()
        if given(self.env, "dunning_dossier"):  # invoices of which there is no PDF
            return True
        return report.model in DOCUMENT_MODELS or report.report_name in DOCUMENTS

    def _pre_render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        """Mark the letters of notices that were not issued."""
        streams, kind = super()._pre_render_qweb_pdf(report_ref, res_ids=res_ids, data=data)
        if kind == "pdf" and self._is_dunning_letter(report_ref):
            notices = self.env["account.dunning.notice"].browse(res_ids)
            drafts = {notice.id: notice for notice in notices if notice.state not in ISSUED_STATES}
            for notice_id, document in streams.items():
                notice = drafts.get(notice_id) if notice_id else next(iter(drafts.values()), None)
                if notice and document["stream"]:
                    document["stream"] = letters.stamp(document["stream"], notice._get_draft_mark(), "DRAFT")
        return streams, kind

    def _run_wkhtmltopdf(self, bodies, report_ref=False, header=None, footer=None, **options):
        """Print this module's documents without the web server: their style sheets and fonts are read from files."""
        if not self._is_dunning_document(report_ref):
            return super()._run_wkhtmltopdf(bodies, report_ref=report_ref, header=header, footer=footer, **options)
        paper = self._get_report(report_ref).get_paperformat()
        pixels = (paper.dpi or 90) / 25.4  # a millimetre
        width = pixels * (paper.print_page_width - paper.margin_left - paper.margin_right)
        if header and width:
            header = letters.fit_height(header, "header", width, pixels * (paper.margin_top - GAP))
        if footer and width:
            footer = letters.fit_height(footer, "footer", width, pixels * (paper.margin_bottom - GAP))
        height = pixels * (paper.print_page_height - paper.margin_top - paper.margin_bottom)
        bodies = [letters.divide_pages(body, width, height) for body in bodies]
        bodies, header, footer = directions.set_directions(bodies, header, footer)
        with tempfile.TemporaryDirectory(prefix="dunning_letters.") as folder:
            linked, folders = self._link_files([str(page or "") for page in (*bodies, header, footer)], folder)
            *bodies, header, footer = linked
            report = self.with_context(dunning_letter_folders=Given((folder, *folders)))
            with report._bounded(folder, self._get_print_seconds(linked)):
                document = super(IrActionsReport, report)._run_wkhtmltopdf(
                    bodies, report_ref=report_ref, header=header, footer=footer, **options
                )
        if not letters.is_whole(document):
            raise UserError(self.env._("wkhtmltopdf failed: what it made is no complete PDF."))
        return document

    @api.model
    def _get_print_seconds(self, pages):
        """How long wkhtmltopdf may take for the HTML ``pages``.

        It is half of what the server allows a scheduled action at most: when that is over, the server kills the worker,
        and nobody would know why.
        """
        seconds = PRINT_SECONDS + sum(map(len, pages)) // PRINT_SPEED
        allowed = config["limit_time_real_cron"]
        if allowed < 0:
            allowed = config["limit_time_real"]
        return min(seconds, max(allowed // 2, 1)) if allowed else seconds

    @contextlib.contextmanager
    def _bounded(self, folder, seconds):
        """Have the wkhtmltopdf that reads ``folder`` fail after ``seconds``: Odoo would wait for ever."""
        with time_limit(folder, seconds) as expired:
            try:
                yield
            except UserError:
                if not expired.is_set():
                    raise
                message = self.env._(
                    "wkhtmltopdf was stopped: it took longer than %(seconds)s seconds.", seconds=seconds
                )
                raise UserError(message) from None

    def _link_files(self, pages, folder):
        """Let the HTML ``pages`` refer to files instead of URLs: of the web server, of pictures; to nothing else.

        Style sheets are written into ``folder``, without the rules that the pages do not need.

        :return: the pages, and the other folders that they refer to
        """
        words = letters.words_of(*pages)
        names, folders = {}, set()

        def link(match):
            url = match[1]
            if url not in names:
                names[url] = os.path.join(folder, f"{len(names)}.css")
                sheet = letters.prune_css(self._get_style_sheet(url), words)
                with open(names[url], "w", encoding="utf-8") as file:
                    file.write(letters.link_static_files(sheet, folders))
            return f'href="file://{names[url]}"'

        pages = [letters.link_images(letters.STYLE_LINK.sub(link, page), folder) for page in pages]
        pages = [letters.link_static_files(page, folders) for page in pages]
        pictures = {}

        def keep(url):
            if url not in pictures:
                pictures[url] = letters.write_image(self._find_own_image(url), folder)
            return pictures[url]

        inside = tuple(f"{Path(name).as_uri()}/" for name in (folder, *folders))
        return [letters.keep_inside(page, inside, keep) for page in pages], sorted(folders)

    def _find_own_image(self, url):
        """The picture that the web server would give for ``url``: bytes, or None where it is none of the company's.

        A letter is printed by the superuser, so that the picture is one which the public may see, or one of the texts
        of dunning levels. Hook.
        """
        # parameters are closed to people
        base_url = self.env["ir.config_parameter"].sudo().get_param("web.base.url") or ""
        match = letters.OWN_IMAGE.match(url.removeprefix(base_url))
        # compared with the company's own images below
        image = self.env["ir.attachment"].sudo().browse(int(match["id"]) if match else ()).exists()
        if not image or image.company_id not in (image.company_id.browse(), self.env.company):
            return None
        known = image.public or image.res_model == "account.dunning.level"
        known = known or (bool(image.access_token) and f"access_token={image.access_token}" in url)
        return image.raw if known and (image.mimetype or "").startswith("image/") else None

    def _get_style_sheet(self, url):
        """The text of the bundle of style sheets that the web server would give for ``url``."""
        name, rtl, _kind, autoprefix = self.env["ir.asset"]._parse_bundle_name(url.rpartition("/")[2], False)
        bundle = self.env["ir.qweb"]._get_asset_bundle(name, js=False, rtl=rtl, autoprefix=autoprefix)
        return bundle.css().raw.decode()

    def _build_wkhtmltopdf_args(self, paperformat_id, landscape, **options):
        """Allow letters their files; wait until they are divided into pages, for nothing else: no network is used."""
        args = super()._build_wkhtmltopdf_args(paperformat_id, landscape, **options)
        folders = given(self.env, "dunning_letter_folders")
        if folders:
            args += ["--javascript-delay", "1", "--window-status", letters.READY, "--proxy", NO_NETWORK]
            for folder in folders:
                args += ["--allow", folder]
        return args
