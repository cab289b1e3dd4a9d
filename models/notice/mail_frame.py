from typing import NamedTuple

from ...tools.pdf.heads import get_direction

LAYOUT = "account_dunning.mail_frame"


class Sum(NamedTuple):
    """What an e-mail shows in large letters: texts in the language of its recipient."""

    caption: str  # what it is about
    amount: str
    deadline: str  # when to pay, or since when it is due; may be empty


class MailFrame:
    """What stands around the words of an e-mail to a customer: the layout ``account_dunning.mail_frame`` shows it.

    For models with a company whose e-mails are written in the language of the context.
    """

    __slots__ = ()

    def _get_mail_frame(self):
        """What the layout shows of the one record, as a dict of plain values and of two records."""
        self.ensure_one()
        contact, base_url = self._get_mail_contact(), self.get_base_url()
        return {
            "company": self.company_id,
            "contact": contact,
            "picture": contact._get_dunning_picture_url(base_url),
            "logo": "" if self.company_id.uses_default_logo else f"{base_url}/logo.png?company={self.company_id.id}",
            "direction": get_direction(self.env, self.env.lang),
            "title": self._get_mail_title(),
            "sums": self._get_mail_sums(),
            "url": self._get_mail_url(),
        }

    def _get_mail_contact(self):
        """The person whom the customer may ask (a partner); none where it is the company. Hook."""
        return self.env["res.partner"]

    def _get_mail_title(self):
        """The heading of the e-mail; may be empty. Hook."""
        return ""

    def _get_mail_sums(self):
        """What is to be paid: a list of :class:`Sum`, which may be empty. Hook."""
        return []

    def _get_mail_url(self):
        """The address to which the button *View and pay* leads, or False: then there is none. Hook."""
        return False

    def _describe_count(self, count):
        """How many items something is about, in words."""
        if count == 1:
            return self.env._("1 open item")
        return self.env._("%(count)s open items", count=count)
