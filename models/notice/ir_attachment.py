from odoo import api, models
from odoo.exceptions import UserError


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_dunning_letters(self):
        """Letters of notices that were sent are the record of it, whatever became of the notice since."""
        notice_ids = {letter.res_id for letter in self if letter.res_model == "account.dunning.notice"}
        notices = self.env["account.dunning.notice"].sudo().browse(notice_ids).exists()  # whoever may see them
        if any(notice._has_left() for notice in notices):
            raise UserError(self.env._("The letters of notices that were sent cannot be deleted."))
