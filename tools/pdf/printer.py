import contextlib
import os
import tempfile
from pathlib import Path

from odoo import api
from odoo.exceptions import UserError
from odoo.tools import config

from odoo.addons.base.models.ir_actions_report import _wkhtml

from ..given import Given, given
from . import heads, images, links, styles
from .pages import READY, divide_pages
from .watchdog import time_limit

GAP = 5.0  # millimetres between the letterhead and the text
# How long wkhtmltopdf may take: so many seconds, and one more for so many characters of HTML. It needs a tenth of that.
PRINT_SECONDS, PRINT_SPEED = 15, 10_000
# Where nothing answers: wkhtmltopdf is to ask nobody on the network, not even this machine.
NO_NETWORK = "http://127.0.0.1:1"


def is_whole(document):
    """Whether the bytes ``document`` are a PDF from its first line to its last."""
    return document.startswith(b"%PDF-") and document.rstrip().endswith(b"%%EOF")


class QuickReport:
    """For ``ir.actions.report``: prints quickly what :meth:`_is_quick` names, and leaves the other reports alone."""

    __slots__ = ()

    @api.model
    def _is_quick(self, report_ref):
        """Whether the report (see ``_get_report``; or False) is to be printed quickly. Hook."""
        return False

    @api.model
    def _find_own_image(self, url):
        """The picture (bytes) that the web server has at ``url``; None where documents may not show it. Hook."""
        return None

    def _render_each(self, records):
        """Print one PDF for each of ``records``, with one call of wkhtmltopdf where its Qt is patched.

        :param records: those of a model whose template prints one heading for each
        :return: dict from the id of the record to the bytes of its PDF
        """
        streams = {}
        if len(records) == 1 or _wkhtml().is_patched_qt:
            streams, _kind = self._pre_render_qweb_pdf(self, res_ids=records.ids)
        documents = {}
        for record in records:
            stream = streams.get(record.id, {}).get("stream")
            if not stream and len(records) > 1:  # they came as one document that cannot be split
                stream = self._pre_render_qweb_pdf(self, res_ids=record.ids)[0][record.id]["stream"]
            documents[record.id] = stream.getvalue()
        return documents

    def _run_wkhtmltopdf(self, bodies, report_ref=False, header=None, footer=None, **options):
        """Print a quick report without the web server: its style sheets, pictures and fonts are read from files."""
        if not self._is_quick(report_ref):
            return super()._run_wkhtmltopdf(bodies, report_ref=report_ref, header=header, footer=footer, **options)
        bodies, header, footer = self._arrange(self._get_report(report_ref).get_paperformat(), bodies, header, footer)
        with tempfile.TemporaryDirectory(prefix="odoo_pdf.") as folder:
            linked, folders = self._link_files([str(page or "") for page in (*bodies, header, footer)], folder)
            *bodies, header, footer = linked
            report = self.with_context(pdf_folders=Given((folder, *folders)))
            with report._bounded(folder, self._get_print_seconds(linked)):
                document = super(QuickReport, report)._run_wkhtmltopdf(
                    bodies, report_ref=report_ref, header=header, footer=footer, **options
                )
        if not is_whole(document):
            raise UserError(self.env._("wkhtmltopdf failed: what it made is no complete PDF."))
        return document

    @api.model
    def _arrange(self, paper, bodies, header, footer):
        """The HTML ``bodies``, ``header`` and ``footer`` as they are to be on the ``paper``."""
        pixels = (paper.dpi or 90) / 25.4  # a millimetre
        width = pixels * (paper.print_page_width - paper.margin_left - paper.margin_right)
        height = pixels * (paper.print_page_height - paper.margin_top - paper.margin_bottom)
        bodies = [divide_pages(body, width, height) for body in bodies]
        if _wkhtml().is_patched_qt:  # else there are no letterheads
            bodies, header = heads.repeat_marks(bodies, header)
        if header and width:
            header = heads.fit_height(header, "header", width, pixels * (paper.margin_top - GAP))
        if footer and width:
            footer = heads.fit_height(footer, "footer", width, pixels * (paper.margin_bottom - GAP))
        return heads.set_directions(bodies, header, footer)

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
        words = styles.words_of(*pages)
        names, folders = {}, set()

        def link(match):
            url = match[1]
            if url not in names:
                names[url] = os.path.join(folder, f"{len(names)}.css")
                sheet = styles.prune_css(self._get_style_sheet(url), words)
                with open(names[url], "w", encoding="utf-8") as file:
                    file.write(links.link_static_files(sheet, folders))
            return f'href="file://{names[url]}"'

        pages = [images.link_images(styles.STYLE_LINK.sub(link, page), folder) for page in pages]
        pages = [links.link_static_files(page, folders) for page in pages]
        pictures = {}

        def keep(url):
            if url not in pictures:
                pictures[url] = images.write_image(self._find_own_image(url), folder)
            return pictures[url]

        inside = tuple(f"{Path(name).as_uri()}/" for name in (folder, *folders))
        return [links.keep_inside(page, inside, keep) for page in pages], sorted(folders)

    def _get_style_sheet(self, url):
        """The text of the bundle of style sheets that the web server would give for ``url``."""
        name, rtl, _kind, autoprefix = self.env["ir.asset"]._parse_bundle_name(url.rpartition("/")[2], False)
        bundle = self.env["ir.qweb"]._get_asset_bundle(name, js=False, rtl=rtl, autoprefix=autoprefix)
        return bundle.css().raw.decode()

    def _build_wkhtmltopdf_args(self, paperformat_id, landscape, **options):
        """Allow a quick report its files; wait until it is divided into pages, for nothing else: no network is used."""
        args = super()._build_wkhtmltopdf_args(paperformat_id, landscape, **options)
        folders = given(self.env, "pdf_folders")
        if folders:
            args += ["--javascript-delay", "1", "--window-status", READY, "--proxy", NO_NETWORK]
            for folder in folders:
                args += ["--allow", folder]
        return args
