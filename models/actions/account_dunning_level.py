from odoo import api, fields, models
from odoo.exceptions import ValidationError


class AccountDunningLevel(models.Model):
    """The actions of a level, started when its notice is sent."""

    _inherit = "account.dunning.level"

    action_ids = fields.Many2many(
        "account.dunning.action", string="Actions", check_company=True, help="Started when the notice is sent."
    )

    def _does_more(self):
        return super()._does_more() or bool(self.action_ids)

    @api.model
    def _get_reminder_blanks(self):
        return {**super()._get_reminder_blanks(), "action_ids": False}

    @api.constrains("reminder", "action_ids", "active")
    def _check_actions(self):
        """A reminder has no collection plan that actions could start on."""
        for level in self.filtered(lambda level: level.active and level.reminder and level.action_ids):
            raise ValidationError(
                self.env._(
                    "The reminder “%(level)s” cannot start actions: there is no collection plan before the due "
                    "date. Take the actions off, or put them on a level.",
                    level=level.name,
                )
            )
        self._check_content()
