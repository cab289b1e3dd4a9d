from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..policy.account_dunning_settings import Hindrance

MAX_WORKERS = 32


class AccountDunningSettings(models.Model):
    """Runs under way keep the mode; workers share the runs of all companies."""

    _inherit = "account.dunning.settings"

    workers = fields.Integer(
        compute="_compute_workers",
        inverse="_inverse_workers",
        groups="base.group_system",
        help="How many scheduled actions share a run, of whatever company.",
    )

    def _get_hindrances(self):
        own = Domain("company_id", "=", self.company_id.id) & Domain("state", "not in", ("done", "cancelled"))
        # a refusal sees all
        runs = self.env["account.dunning.run"].sudo().search(own)
        action = "account_dunning.account_dunning_run_action"
        found = [Hindrance(self.env._("Dunning runs under way"), runs, action, self.env._("Show the Runs"))]
        return super()._get_hindrances() + (found if runs else [])

    @api.model
    def _count_workers(self):
        """The workers are the scheduled actions themselves: nothing else stores how many there are."""
        return len(self.env["ir.cron"]._get_dunning_workers())

    @api.depends_context("uid")
    def _compute_workers(self):
        self.workers = self._count_workers()

    def _inverse_workers(self):
        count = self[-1:].workers
        if count == self._count_workers():
            return
        if not 1 <= count <= MAX_WORKERS:
            raise ValidationError(
                self.env._("The number of dunning workers must be between 1 and %(most)s.", most=MAX_WORKERS)
            )
        self.env["account.dunning.run"]._set_workers(count)
