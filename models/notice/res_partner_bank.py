import logging

from odoo import models

from ...tools.qr_reference import format_qr_reference, make_qr_reference

_logger = logging.getLogger(__name__)


class ResPartnerBank(models.Model):
    """The bank account that letters ask to pay to.

    With Odoo's Swiss module it may have a QR-IBAN, to which nothing can be paid without a QR reference.
    """

    _inherit = "res.partner.bank"

    def _get_dunning_rows(self, currency=None, debtor=None):
        """What stands on a letter about the account, if there is one: pairs of label and text, which may be empty.

        :param currency: of the payment
        :param debtor: the partner who pays; without both, the account is no QR-IBAN beside its number
        """
        qr_iban = self._get_dunning_qr_iban(currency, debtor)
        label = self.env._("IBAN") if self.acc_type == "iban" else self.env._("Account")
        return [
            (self.env._("Account holder"), self and (self.acc_holder_name or self.partner_id.name)),
            (self.env._("QR-IBAN") if qr_iban else label, qr_iban or self.acc_number),
            (self.env._("Bank"), self.bank_id.name),
            (self.env._("BIC"), self.bank_id.bic),
        ]

    def _get_dunning_qr_iban(self, currency, debtor):
        """The QR-IBAN to pay to; empty where the number of the account is to be used.

        The account may have both: then only who can pay by Swiss QR bill is asked to pay to the QR-IBAN.
        """
        qr_iban = "l10n_ch_qr_iban" in self._fields and self.l10n_ch_qr_iban
        if not qr_iban:
            return ""
        if qr_iban.replace(" ", "") == self.sanitized_acc_number:  # it has no other
            return qr_iban
        payable = currency and debtor and not self._get_error_messages_for_qr("ch_qr", debtor, currency)
        return qr_iban if payable else ""

    def _get_dunning_reference(self, reference, prefix, number, currency, debtor):
        """``reference``; where the account wants a QR reference and that is none, one of ``prefix`` and ``number``."""
        if not self._get_dunning_qr_iban(currency, debtor) or self._is_qr_reference(reference):
            return reference
        return make_qr_reference(prefix, number)

    def _format_dunning_reference(self, reference):
        """The reference as it is printed."""
        is_qr = "l10n_ch_qr_iban" in self._fields and self._is_qr_reference(reference)
        return format_qr_reference(reference) if is_qr else reference

    def _get_dunning_qr(self, amount, currency, reference, debtor):
        """The payment QR code as data URI, or None where there is nothing to pay or the account allows none."""
        if not self or currency.compare_amounts(amount, 0) <= 0:
            return None
        try:
            return self.build_qr_code_base64(amount, reference, reference, currency, debtor, silent_errors=True)
        except Exception:  # a letter can do without
            _logger.warning("No QR code for the bank account %s", self.id, exc_info=True)
            return None
