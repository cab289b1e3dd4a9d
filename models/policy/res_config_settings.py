from odoo import api, fields, models

from ...tools.shipped import ensure_scheduled_actions


class ResConfigSettings(models.TransientModel):
    """Shows how the company duns, and what is open; the settings have a form of their own."""

    _inherit = "res.config.settings"

    # no columns: a default of one is asked for rows that are there before the module is installed
    dunning_mode = fields.Selection(selection=lambda self: self._get_dunning_modes(), compute="_compute_dunning")
    dunning_in_the_way = fields.Text(compute="_compute_dunning")

    @api.model
    def _get_dunning_modes(self):
        settings = self.env["account.dunning.settings"]
        return settings._fields["mode"]._description_selection(settings.env)

    @api.depends("company_id")
    def _compute_dunning(self):
        for page in self:
            settings = page.company_id._get_dunning_settings()
            page.dunning_mode, page.dunning_in_the_way = settings.mode, settings.in_the_way

    def set_values(self):
        """Whoever saves the settings finds deleted scheduled actions again: without them nothing is dunned by night."""
        ensure_scheduled_actions(self.env)
        return super().set_values()
