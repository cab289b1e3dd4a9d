from odoo import api
from odoo.exceptions import ValidationError

from ..policy.account_dunning_level import PLACEHOLDER

SMS_PLACEHOLDERS = ("company", "customer", "link")
MOST = 160  # characters of a single text message, without what is filled in


class LevelSms:
    """The words of text messages: who writes, and the link; whoever sees the phone learns of no debt."""

    __slots__ = ()

    @api.model
    def _get_default_sms_text(self):
        """The usual words, in the language of the context."""
        return self.env._("{company}: there is a message for you. Please open {link}")

    @api.depends_context("lang")
    def _compute_sms_usual(self):
        self.sms_usual = self._get_default_sms_text()

    @api.model
    def _get_sms_text(self, text, values):
        """``text``, or the usual words, with the ``values`` of the placeholders; plain text."""
        return PLACEHOLDER.sub(lambda match: values.get(match[1]) or "", text or self._get_default_sms_text())

    @api.constrains("sms_text")
    def _check_sms_text(self):
        """Only who writes, to whom, and the link: what is owed is on the page, behind it."""
        for level in self.filtered("sms_text"):
            names = PLACEHOLDER.findall(level.sms_text)
            if unknown := [name for name in names if name not in SMS_PLACEHOLDERS]:
                raise ValidationError(
                    self.env._(
                        "The text message of the level “%(level)s” has the placeholder %(unknown)s. Possible are: "
                        "%(known)s. What is owed does not stand in text messages: it is on the customer's page.",
                        level=level.name,
                        unknown=", ".join(f"{{{name}}}" for name in unknown),
                        known=", ".join(f"{{{name}}}" for name in SMS_PLACEHOLDERS),
                    )
                )
            if "link" not in names:
                raise ValidationError(
                    self.env._("The text message of the level “%(level)s” needs {link}.", level=level.name)
                )
            if len(PLACEHOLDER.sub("", level.sms_text)) > MOST:
                raise ValidationError(
                    self.env._(
                        "The text message of the level “%(level)s” is too long: write at most %(most)s characters.",
                        level=level.name,
                        most=MOST,
                    )
                )
