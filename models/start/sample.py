import re
from contextlib import contextmanager

from odoo.exceptions import UserError
from odoo.fields import Command, Date
from odoo.tools import email_normalize

from ..policy.ladders import get_ladders

# Two items of the letters that are only looked at: how much, and how many days after the level's own.
ITEMS = ((1250.0, 0), (340.5, 4))

SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL)
# On paper the letterhead stands above the page; on the screen it is part of it, so that the address follows it.
PAGE = (
    "<style>body { max-width: none !important; margin: 0 !important; padding: 24px !important; }"
    " .o_dunning_window { position: static !important; width: 100% !important; padding-top: 1em !important; }"
    " .o_dunning_room { display: none !important; }</style>"
)


class StartSample:
    """Letters and e-mails as they will be, of a customer who is not there.

    They are made as all are: of a notice, by its report and template. Then everything is taken back: no number is
    drawn, no link is given to anybody, nothing is left.
    """

    __slots__ = ()

    @contextmanager
    def _taking_back(self):
        """Take back what is written in the block. Records of before are read anew after it."""
        with self.env.cr.savepoint() as savepoint:
            try:
                yield
            finally:
                savepoint.rollback()

    def _make_samples(self, levels, lang, email):
        """A proposed notice of each of the ``levels`` for a customer with the language ``lang`` and the ``email``."""
        company, today = self.company_id, self.company_id._dunning_today()
        # made to be looked at, and taken back; callers have checked the role
        env = self.with_company(company).sudo().env
        env = env(
            context={**env.context, "tracking_disable": True, "mail_create_nolog": True, "no_reset_password": True}
        )
        words = env(context={**env.context, "lang": lang})
        customer = env["res.partner"].create(
            {
                "name": words._("Sample Customer"),
                "street": words._("1 Sample Street"),
                "zip": company.zip or "12345",
                "city": company.city or words._("Sample Town"),
                "country_id": company.country_id.id,
                "email": email,
                "lang": lang,
            }
        )
        run = env["account.dunning.run"].create({"name": "–", "company_id": company.id, "date": today})
        levels = levels.with_env(env)
        return env["account.dunning.notice"].create(
            [
                {
                    **run._prepare_level_vals(level),
                    **env["account.dunning.notice"]._prepare_recipient_vals(company, customer),
                    **self._prepare_sample_vals(level, today),
                    "partner_id": customer.id,
                }
                for level in levels
            ]
        )

    def _prepare_sample_vals(self, level, today):
        """What a sample of the ``level`` dunned on the day ``today`` asks for: values of a notice."""
        lines = [
            {
                "level_id": level.id,
                "name": f"INV/{today.year}/{number:05}",
                "invoice_date": Date.subtract(today, days=level.days + later + 14),
                "due_date": Date.subtract(today, days=level.days + later),
                "days_overdue": level.days + later,
                "amount_original": amount,
                "claim": amount,
                "dunned": True,
                "reason": "due",
            }
            for number, (amount, later) in zip((42, 38), ITEMS, strict=True)
        ]
        whole = sum(amount for amount, _later in ITEMS)
        return {
            "currency_id": self.company_id.currency_id.id,
            "document": "email",
            "oldest_due_date": min(line["due_date"] for line in lines),
            "days_overdue": max(line["days_overdue"] for line in lines),
            "amount_dunned": whole,
            "amount_credit": 0.0,
            "amount_total": whole,
            "line_count": len(lines),
            "line_ids": [Command.create(line) for line in lines],
        }

    # side by side

    def get_letters(self, lang="", number=0):
        """What the form shows of the three ladders: plain values.

        :param lang: the code of the language of the letters; that of the user where it is not installed
        :param number: the place of the level, from 0
        """
        start, languages = self._as_manager(), self.env["res.lang"].get_installed()
        codes = [code for code, _name in languages]
        lang = lang if lang in codes else self.env.lang if self.env.lang in codes else codes[0]
        number = number if number in (0, 1, 2) else 0
        dunning_type = start._get_type()
        keeping, current = start._get_keeping(), dunning_type._get_ladder_name() if dunning_type else None
        return {
            "lang": lang,
            "number": number,
            "languages": languages,
            "keeping": keeping,
            "current": current,
            "type": dunning_type.name or "",
            "letters": start._render_ladders(lang, number),
        }

    def _render_ladders(self, lang, number):
        """Each ladder with its letter of the level ``number`` in the language ``lang``: plain values."""
        titles = dict(self._fields["ladder"]._description_selection(self.env))
        tones = self._get_tones()
        ladders = get_ladders(self.env)
        with self._taking_back():
            types = self.env["account.dunning.type"].sudo()  # taken back, see above
            types = types.concat(
                *(
                    types._make_of_ladder(each, self.company_id, default=False, active=False)
                    for each in ladders.values()
                )
            )
            levels = types.browse().level_ids.concat(*(each.level_ids[number] for each in types))
            notices = self._make_samples(levels, lang, "customer@example.com")
            letters = [self._render_letter(notice) for notice in notices]
            rungs = [self._describe_rungs(each) for each in types]
        return [
            {"name": name, "title": titles[name], "tone": tones[name], "rungs": steps, "html": letter}
            for name, steps, letter in zip(ladders, rungs, letters, strict=True)
        ]

    def _render_letter(self, notice):
        """The letter as a page of HTML, as it is printed."""
        report = notice._get_report().with_company(notice.company_id)
        html, _kind = report._render_qweb_html(report, notice.ids)
        # Odoo's page makes room on the screen by a script; here none runs
        return SCRIPT.sub("", html.decode()).replace("</head>", f"{PAGE}</head>", 1)

    def _describe_rungs(self, dunning_type):
        """The levels of a type in the user's language: name, days and channel, as words."""
        levels = dunning_type.level_ids.with_context(lang=self.env.lang)
        channels = dict(levels._fields["document"]._description_selection(self.env))
        return [
            {
                "name": level.name,
                "days": self.env._("%(days)s days after the due date", days=level.days),
                "channel": channels[level.document],
            }
            for level in levels
        ]

    def _get_tones(self):
        """What each ladder is for, in a sentence."""
        return {
            "gentle": self.env._("For customers you want to keep: late, friendly, without a threat."),
            "standard": self.env._("For most: polite at first, clear at the end."),
            "firm": self.env._("For customers who pay first who insists: early, short, with consequences."),
        }

    # to the user

    def action_send_test(self):
        """Send the e-mail of the chosen level, with its letter, to the user: to him only, whoever is a customer."""
        start = self._as_manager()
        user = self.env.user
        if not email_normalize(user.email or ""):
            raise UserError(self.env._("Your own user has no e-mail address: enter one in your preferences."))
        level = start.level_id or start._get_type().level_ids.filtered(lambda level: not level.reminder)[:1]
        if not level:
            raise UserError(self.env._("The company has no dunning type yet: choose a ladder first."))
        vals = start._prepare_test_mail(level)
        mail = self.env["mail.mail"].sudo().create(vals)  # the role is checked, the address is the user's own
        mail.send()
        failed = mail.exists().filtered(lambda mail: mail.state == "exception")
        if not failed:
            start.write({"mailed_on": start.company_id._dunning_today(), "level_id": level.id})
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger" if failed else "success",
                "message": (
                    self.env._("The e-mail could not be sent: %(reason)s", reason=failed.failure_reason or "")
                    if failed
                    else self.env._("The e-mail is on its way to %(address)s.", address=user.email)
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _prepare_test_mail(self, level):
        """Values of the e-mail that a notice of the ``level`` would send, to the user instead of a customer."""
        user = self.env.user
        with self._taking_back():
            notice = self._make_samples(level, user.lang or self.env.lang, user.email)
            letter = notice._get_report()._render_dunning_letters(notice)[notice.id]
            notice._make_mails()
            mail = notice.mail_id
            vals = {name: mail[name] for name in ("subject", "email_from", "reply_to")}
            body = mail.body_html
        return {
            **vals,
            "subject": self.env._("Test: %(subject)s", subject=vals["subject"]),
            "body_html": body,
            "email_to": user.email_formatted,
            "recipient_ids": [Command.clear()],
            "auto_delete": True,
            "attachment_ids": [
                Command.create(
                    # of the message, so that it goes with it
                    {
                        "name": self.env._("Draft.pdf"),
                        "raw": letter,
                        "mimetype": "application/pdf",
                        "res_model": "mail.message",
                    }
                )
            ],
        }
