# The access rights with which a step can be done, where it takes more than a dunning manager's.
WHO_MAY = {
    "company": "base.group_erp_manager",
    "bank": "base.group_partner_manager",
    "sender": "base.group_erp_manager",
    "reach": "base.group_partner_manager",
    "old": "account.group_account_manager,base.group_system",
}


class StartWords:
    """What the first hour says: why a step matters, and who can do it."""

    __slots__ = ()

    def _get_whys(self):
        """Why each step matters, by its name."""
        return {
            "company": self.env._(
                "Whoever gets a demand for payment asks first whether it is genuine. A letter with your logo and full "
                "address is taken seriously, and comes back to you if it cannot be delivered."
            ),
            "bank": self.env._(
                "Customers pay sooner when they need not look for the account. It stands on each letter; with an IBAN "
                "the letter also has a QR code that banking apps read."
            ),
            "sender": self.env._(
                "Reminders leave by e-mail first. They come from the address of the company, and answers go there: "
                "somebody has to read it. Without an outgoing mail server, spam filters hold back much of it."
            ),
            "reach": self.env._(
                "A customer without e-mail and postal address gets nothing, and no fee or interest runs. Mend these "
                "first: each is listed as left out in every run until then."
            ),
            "ladder": self.env._(
                "How soon you write, how often and in which tone decides both what comes in and whether customers "
                "stay. Begin with one of three ladders; every day and every word can be changed later."
            ),
            "mail": self.env._(
                "See what your customers will see, in your own mailbox: the words, the sender, the letter attached. "
                "The e-mail goes to you and to nobody else."
            ),
            "old": self.env._(
                "Old items are often paid but not reconciled, or long settled otherwise. A reminder of these annoys "
                "customers and costs trust. Say from which due date on you dun."
            ),
            "run": self.env._(
                "A run proposes who gets which letter. Nothing leaves before you have looked through the proposals and "
                "issued them."
            ),
        }

    def _get_hint(self, name):
        """Who can do what the step asks for, where the user may not; else an empty text."""
        hints = {
            "company": self.env._("Only an administrator can change the company: ask one to fill in what is missing."),
            "bank": self.env._("Ask somebody who may edit contacts to add the bank account."),
            "sender": self.env._("Only an administrator can change the e-mail of the company and the mail servers."),
            "reach": self.env._("You see the list; ask somebody who may edit contacts to fill in the addresses."),
            "old": self.env._("Only accounting administrators can change this date."),
        }
        may = name not in WHO_MAY or self.env.user.has_groups(WHO_MAY[name])
        return "" if may else hints[name]
