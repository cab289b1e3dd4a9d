from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

# A confirmation, or a question, holds for so long.
MONTHS = 6


class AccountDunningLawConfirmation(models.Model):
    """What a manager has confirmed of a law for his company, or was asked; kept as evidence."""

    _name = "account.dunning.law.confirmation"
    _description = "Confirmation of a Law"
    _inherit = ["account.dunning.guard"]
    _order = "id desc"
    _log_access = True

    law_id = fields.Many2one("account.dunning.law", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="cascade")
    kind = fields.Selection(
        [
            ("review", "The law was reviewed and is right"),
            ("rates", "Days that have a rate are claimed, though the latest have none"),
            ("asked", "A manager was asked"),
            ("compared", "A manager was told that an own rate is not the shipped one"),
        ],
        required=True,
    )
    day = fields.Date(required=True, default=fields.Date.context_today)

    @api.model
    def _find(self, laws, company, kind, day):
        """The ``laws`` of which there is one of this ``kind`` of the ``company``, not older than half a year."""
        return self.search(
            [
                ("law_id", "in", laws.ids),
                ("company_id", "=", company.id),
                ("kind", "=", kind),
                ("day", ">", day - relativedelta(months=MONTHS)),
            ]
        ).law_id
