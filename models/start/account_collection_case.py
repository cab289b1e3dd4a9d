from odoo import api, models

from ...tools.shipped import get_record


class AccountCollectionCase(models.Model):
    """The desk shows the first hour above its cases."""

    _inherit = "account.collection.case"

    @api.model
    def action_open_desk(self):
        action = super().action_open_desk()
        names = {mode: f"account_dunning.account_collection_case_view_{mode}_start" for mode in ("list", "kanban")}
        own = {mode: get_record(self.env, name).id for mode, name in names.items()}
        return {**action, "views": [(own.get(mode, view), mode) for view, mode in action["views"]]}
