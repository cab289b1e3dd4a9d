from odoo import fields, models
from odoo.fields import Domain


class ResUsers(models.Model):
    """Who works on the cases of a collector who is away."""

    _inherit = "res.users"

    dunning_substitute_id = fields.Many2one(
        "res.users",
        string="Substitute for Collections",
        domain=[("share", "=", False)],
        help="Sees this collector's cases as own ones while the collector is away. The cases stay the collector's.",
    )
    dunning_absent_from = fields.Date(string="Away From")
    dunning_absent_until = fields.Date(string="Away Until")

    _dunning_absence = models.Constraint(
        "CHECK (dunning_absent_until IS NULL OR dunning_absent_from IS NULL"
        " OR dunning_absent_until >= dunning_absent_from)",
        "An absence cannot end before it begins.",
    )

    def _get_substituted(self):
        """The user, and those for whom he stands in today."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        away = (
            Domain("dunning_substitute_id", "=", self.id)
            & (Domain("dunning_absent_from", "=", False) | Domain("dunning_absent_from", "<=", today))
            & (Domain("dunning_absent_until", "=", False) | Domain("dunning_absent_until", ">=", today))
            & (Domain("dunning_absent_from", "!=", False) | Domain("dunning_absent_until", "!=", False))
        )
        return self + self.sudo().search(away)  # whose cases they are, no more

    def _get_dunning_accountant(self, company):
        """Whom the settings name, where they name anybody."""
        return company._get_dunning_settings().accountant_id.with_env(self.env) or super()._get_dunning_accountant(
            company
        )

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "dunning_substitute_id", "dunning_absent_from", "dunning_absent_until"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return [*super().SELF_WRITEABLE_FIELDS, "dunning_substitute_id", "dunning_absent_from", "dunning_absent_until"]
