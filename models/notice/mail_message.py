from odoo import models

# Of these the chatter is a record of what was done; people's own comments, and what customers write, stay theirs.
TRACED = (
    "account.collection.case",
    "account.collection.plan",
    "account.dunning.handover",
    "account.dunning.hold",
    "account.dunning.notice",
    "account.dunning.promise",
    "account.dunning.run",
    "account.dunning.type",
)
OF_PEOPLE = ("comment", "email")


class MailMessage(models.Model):
    _inherit = "mail.message"

    def _check_access(self, operation):
        """Nobody changes or deletes what the module noted, not even the person whose work it tells."""
        result = super()._check_access(operation)
        if operation not in ("write", "unlink") or not self or self.env.su or self.env.is_system():
            return result
        # what kind of message it is, to refuse its change
        noted = self.sudo().filtered(lambda message: message.model in TRACED and message.message_type not in OF_PEOPLE)
        if not noted:
            return result
        forbidden = noted.with_env(self.env) | (result[0] if result else self.browse())
        return forbidden, lambda: forbidden._make_access_error(operation)
