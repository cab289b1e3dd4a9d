from ...tools.plain_text import to_plain_text
from .mail_frame import MailFrame

HEADERS = ("subject", "email_from", "reply_to")


class PlainText:
    """What the e-mails of dunning look like when they leave."""

    __slots__ = ()

    def _prepare_outgoing_list(self, *args, **kwargs):
        """Give e-mails with our frame a plain text that can be read, and headers of one line each."""
        emails = super()._prepare_outgoing_list(*args, **kwargs)
        if not isinstance(self.env.get(self.model), MailFrame):
            return emails
        for email in emails:
            email["body_alternative"] = to_plain_text(email.get("body"))
            email.update({name: _in_one_line(email[name]) for name in HEADERS if email.get(name)})
            for name in ("email_to", "email_cc"):
                email[name] = [_in_one_line(address) for address in email.get(name) or []]
        return emails


def _in_one_line(text):
    """A header with a line break is refused, and a name may have one."""
    return " ".join(text.split())
