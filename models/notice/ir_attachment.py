import contextlib
import os

from odoo import api, models
from odoo.exceptions import UserError


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.model
    def _file_write(self, bin_value, checksum):
        """Leave no part of a file behind where the disk is full: the next try would be refused because of it."""
        try:
            return super()._file_write(bin_value, checksum)
        except OSError:
            path = self._full_path(f"{checksum[:2]}/{checksum}")
            with contextlib.suppress(OSError):
                if os.path.getsize(path) < len(bin_value):
                    os.unlink(path)
            raise

    @api.ondelete(at_uninstall=False)
    def _unlink_except_dunning_letters(self):
        """Letters of notices that were sent are the record of it, whatever became of the notice since."""
        notice_ids = {letter.res_id for letter in self if letter.res_model == "account.dunning.notice"}
        notices = self.env["account.dunning.notice"].sudo().browse(notice_ids).exists()  # whoever may see them
        if any(notice._has_left() for notice in notices):
            raise UserError(self.env._("The letters of notices that were sent cannot be deleted."))
