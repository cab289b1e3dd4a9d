from odoo import api, fields, models
from odoo.exceptions import ValidationError

NO_LOSS = ("asset_receivable", "liability_payable", "off_balance")


class AccountDunningSettings(models.Model):
    """What the dialogs of write-offs and returned payments propose."""

    _inherit = "account.dunning.settings"

    write_off_account_id = fields.Many2one(
        "account.account",
        domain=[("account_type", "not in", NO_LOSS)],
        check_company=True,
        ondelete="set null",
        help="Proposed where collection plans are written off.",
    )
    write_off_tax = fields.Boolean(
        string="Correct the Tax of Write-offs", help="Proposed where collection plans are written off."
    )
    return_fee_account_id = fields.Many2one(
        "account.account",
        check_company=True,
        ondelete="set null",
        groups=fields.NO_ACCESS,
        help="Where the bank's fee for a returned payment was booked last; proposed for the next.",
    )

    @api.constrains("write_off_account_id")
    def _check_write_off_account(self):
        for settings in self.sudo():  # a constraint sees all
            if settings.write_off_account_id.account_type in NO_LOSS:
                raise ValidationError(
                    self.env._(
                        "%(account)s takes no losses: choose an account for write-offs that is neither receivable "
                        "nor payable.",
                        account=settings.write_off_account_id.display_name,
                    )
                )
