import logging

from odoo import models

_logger = logging.getLogger(__name__)


class ResPartnerBank(models.Model):
    """The bank account that letters ask to pay to."""

    _inherit = "res.partner.bank"

    def _get_dunning_rows(self):
        """What stands on a letter about the account, if there is one: pairs of label and text, which may be empty."""
        return [
            (self.env._("Account holder"), self and (self.acc_holder_name or self.partner_id.name)),
            (self.env._("IBAN") if self.acc_type == "iban" else self.env._("Account"), self.acc_number),
            (self.env._("Bank"), self.bank_id.name),
            (self.env._("BIC"), self.bank_id.bic),
        ]

    def _get_dunning_qr(self, amount, currency, reference, debtor):
        """The payment QR code as data URI, or None where there is nothing to pay or the account allows none."""
        if not self or currency.compare_amounts(amount, 0) <= 0:
            return None
        try:
            return self.build_qr_code_base64(amount, reference, reference, currency, debtor, silent_errors=True)
        except Exception:  # a letter can do without
            _logger.warning("No QR code for the bank account %s", self.id, exc_info=True)
            return None
