from odoo import models

from odoo.addons.base.models.ir_actions_report import _wkhtml


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _render_dunning_letters(self, notices):
        """Render one PDF a notice, with one call of wkhtmltopdf where its Qt is patched.

        :return: dict from notice id to the bytes of its PDF
        """
        self = self.with_context(force_report_rendering=True)
        if len(notices) > 1 and not _wkhtml().is_patched_qt:
            return {notice.id: self._render_dunning_letters(notice)[notice.id] for notice in notices}
        streams, kind = self._pre_render_qweb_pdf(self.report_name, res_ids=notices.ids)
        if kind != "pdf" or any(not streams.get(notice.id, {}).get("stream") for notice in notices):
            return {notice.id: self._render_dunning_letters(notice)[notice.id] for notice in notices}
        return {notice.id: streams[notice.id]["stream"].getvalue() for notice in notices}
