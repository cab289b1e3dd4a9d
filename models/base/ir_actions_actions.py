from odoo import api, models

from ...tools.shipped import MODULE, get_record


class IrActionsActions(models.Model):
    _inherit = "ir.actions.actions"

    @api.model
    def _for_xml_id(self, full_xml_id):
        """An action of ours that somebody has deleted is made anew before a button opens it."""
        if full_xml_id.startswith(f"{MODULE}."):
            get_record(self.env, full_xml_id)
        return super()._for_xml_id(full_xml_id)
