from odoo import api, fields, models


class ResCompany(models.Model):
    """The clock of the server: the nightly job keeps its day, so that one that went back does no harm (rules §2)."""

    _inherit = "res.company"

    dunning_day = fields.Date(
        copy=False, readonly=True, groups=fields.NO_ACCESS, help="The latest day on which the nightly job ran."
    )

    def _get_dunning_day(self):
        """The latest day that dunning knows: today, or that of the nightly job where the clock went back since."""
        self.ensure_one()
        return max(filter(None, (self._dunning_today(), self.sudo().dunning_day)))  # a field that nobody reads

    def _has_clock_gone_back(self):
        """Whether the nightly job was on a later day than today: nothing that goes by days is done by itself then."""
        return self._get_dunning_day() > self._dunning_today()

    @api.model
    def _get_companies_in_time(self):
        """The main companies whose clock did not go back."""
        return self.search([("parent_id", "=", False)]).filtered(lambda company: not company._has_clock_gone_back())
