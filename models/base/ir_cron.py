from odoo import api, models

from ...tools.shipped import get_record

WORKER = "account_dunning.ir_cron_dunning_continue"


class IrCron(models.Model):
    """The workers of dunning: scheduled actions that do what waits, since Odoo never runs one twice at once."""

    _inherit = "ir.cron"

    @api.model
    def _get_dunning_workers(self):
        """The scheduled actions that do the work: the one of this module, and its copies."""
        first = get_record(self.env, WORKER).with_context(active_test=False)
        return first.search(
            [("model_id", "=", first.model_id.id), ("state", "=", "code"), ("code", "=", first.code)], order="id"
        )

    @api.model
    def _trigger_dunning(self, moment=None):
        """Have the workers begin as soon as this transaction is committed, or at ``moment`` (UTC)."""
        for worker in self._get_dunning_workers():
            worker._trigger(moment)
