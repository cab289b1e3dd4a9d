import logging

from odoo import api, fields, models

from ...tools.attempt import attempt

_logger = logging.getLogger(__name__)


class AccountDunningRun(models.Model):
    """Before a night proposes, promises are judged: what was not kept is due."""

    _inherit = "account.dunning.run"

    case_id = fields.Many2one(
        "account.collection.case",
        readonly=True,
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
        help="The case from which the customer was to be reminded at once.",
    )

    def _drop_left(self):
        """Delete those of the runs made for a dialog that were left in it: nothing of them was issued."""
        self.filtered(lambda run: set(run.notice_ids.mapped("state")) <= {"proposed"}).unlink()

    @api.model
    def _prepare_night(self):
        super()._prepare_night()
        self.search([("case_id", "!=", False), ("state", "=", "proposed")])._drop_left()
        promises = self.env["account.dunning.promise"]
        for company in self._get_nightly_companies():
            with attempt(self.env, alone=True) as outcome:
                promises._judge_due(company)
                promises._remind_late(company)
            if outcome.error:
                _logger.error("The promises of %s could not be judged", company.name, exc_info=outcome.error)
