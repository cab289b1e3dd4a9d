from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..base.names import COLLECTION_STATUSES


class AccountDunningLevel(models.Model):
    """What a level means for new business with the customer."""

    _inherit = "account.dunning.level"

    credit_stop = fields.Boolean(
        help="From this level on, new invoices of the customer cannot be confirmed, until his collection plan is "
        "closed. Dunning managers can allow single invoices, and lift the credit stop.",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Payment Term to Set",
        check_company=True,
        ondelete="restrict",
        help="From this level on, new invoices of the customer have this payment term, until his collection plan is "
        "closed. Empty: his term stays as it is.",
    )
    collection_status = fields.Selection(
        [status for status in COLLECTION_STATUSES if status[0] != "dunning"],
        help="The collection status of the invoices and of the customer at this level. Empty: dunning.",
    )

    def _has_consequences(self):
        """True where the level sets something besides what it sends and starts."""
        self.ensure_one()
        return bool(self.credit_stop or self.payment_term_id or self.collection_status)

    def _does_more(self):
        return super()._does_more() or self._has_consequences()

    @api.model
    def _get_reminder_blanks(self):
        blanks = dict.fromkeys(("credit_stop", "payment_term_id", "collection_status"), False)
        return {**super()._get_reminder_blanks(), **blanks}

    @api.constrains("reminder", "active", "credit_stop", "payment_term_id", "collection_status")
    def _check_consequences(self):
        """A reminder has no collection plan whose end would end a consequence."""
        for level in self.filtered(lambda level: level.active and level.reminder and level._has_consequences()):
            raise ValidationError(
                self.env._(
                    "The reminder “%(level)s” can set neither a credit stop nor a payment term nor a collection "
                    "status: there is no collection plan before the due date. Set them on a level.",
                    level=level.name,
                )
            )
        self._check_content()
