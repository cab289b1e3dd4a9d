"""What a customer does on his page besides paying. Each act checks all that it gets; refusals are one plain sentence.

Items come as records that the page shows to the person, amounts as numbers, days as dates, files as pairs of name and
content. All run as the system, since the customer is no user, or one without rights here.
"""

from odoo import api, fields
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date, plaintext2html, single_email_re
from odoo.tools.mimetypes import guess_mimetype

INSTALMENTS = range(3, 25)  # so many payments an instalment agreement may have
DISPUTE_DAYS = 14  # for which a dispute without a reason's own review days holds
FILE_TYPES = {"application/pdf", "image/png", "image/jpeg"}
FILES, FILE_SIZE = 5, 5 * 1024 * 1024  # at most so many, of so many bytes each
LONGEST = 4000  # characters of a text


class CaseCustomerActs:
    __slots__ = ()

    # promises

    def _page_promise(self, person, items, parts, text=""):
        """The customer promises ``parts`` (pairs of day and amount) for ``items``; beyond the limits he asks for it."""
        self.ensure_one()
        promises = self.env["account.dunning.promise"]
        self._check_one_currency(items)
        promises._check_parts(self.company_id, items, parts)
        beyond = self._get_beyond_limits(items, parts)
        if beyond:
            return self._request("promise", person, items, parts, text=f"{beyond} {text}".strip())
        return promises._make(self, items, parts, source="portal")

    def _check_one_currency(self, items):
        if len(items.currency_id) > 1:
            raise UserError(self.env._("Please choose items of one currency at a time."))

    def _get_beyond_limits(self, items, parts):
        """Why a collector has to decide on a promise, in a sentence; empty where it is within the limits."""
        settings, today = self.company_id._get_dunning_settings(), self.company_id._dunning_today()
        if max(day for day, _amount in parts) > fields.Date.add(today, days=settings.page_promise_days):
            return self.env._("Later than %(count)s days ahead.", count=settings.page_promise_days)
        if len(parts) >= INSTALMENTS.start:
            return self.env._("So many payments are an instalment agreement.")
        covers = self.env["account.dunning.promise.item"].search([("move_line_id", "in", items.ids)])
        counted = covers.filtered(lambda cover: cover.promise_id.state != "void").grouped("move_line_id")
        if any(len(own) >= settings.page_promise_count for own in counted.values()):
            return self.env._("%(count)s promises on the same item already.", count=settings.page_promise_count)
        plans = items.dunning_item_state_ids.plan_id
        if "agency" in plans.mapped("collection_status"):
            return self.env._("The claim is with a collection agency.")
        last = settings.page_promise_level_id
        if last and any(level.days >= last.days for level in items.dunning_level_id):
            return self.env._("Level “%(level)s” is reached.", level=last.name)
        overdue = items.filtered(lambda line: line.dunning_due_date < today)
        least = sum(overdue.mapped("amount_residual_currency")) * settings.page_promise_share / 100
        if items.currency_id.compare_amounts(sum(amount for _day, amount in parts), least) < 0:
            return self.env._("Less than %(share)g percent of what is overdue.", share=settings.page_promise_share)
        return ""

    def _page_instalments(self, person, items, count, day, text=""):
        """The customer asks to pay ``items`` in ``count`` equal monthly payments from ``day`` on."""
        self.ensure_one()
        self._check_one_currency(items)
        if not items:
            raise UserError(self.env._("Please tick what you would like to pay."))
        if count not in INSTALMENTS:
            raise UserError(self.env._("Please choose between 3 and 24 payments."))
        today = self.company_id._dunning_today()
        if not day or not today <= day <= fields.Date.add(today, years=1):
            raise UserError(self.env._("Please choose a day within a year for the first payment."))
        currency, left = items.currency_id, sum(items.mapped("amount_residual_currency"))
        parts = []
        for index in range(count):
            part = currency.round(left / (count - index))
            parts.append((fields.Date.add(day, months=index), part))
            left = currency.round(left - part)
        return self._request("instalments", person, items, parts, text=text)

    def _page_agree(self, person, promise, name):
        """``person`` accepts an agreement that was offered to the customer, under his ``name``."""
        promise = promise & self._get_page_promises(person).filtered("agreement")
        name = self._check_text(name, self.env._("Please enter your name."))
        if not promise or promise.signed_at:
            raise UserError(self.env._("This agreement cannot be accepted any more. Please look at the page again."))
        promise.write({"signed_by": name, "signed_at": fields.Datetime.now()})
        promise._message_log(body=self.env._("Accepted on the customer's page by %(name)s.", name=name))
        self._note_act(person, self.env._("Instalment agreement accepted by %(name)s.", name=name))
        return promise

    # disputes, and what else he says

    def _page_dispute(self, person, item, reason, amount, text, files=()):
        """The customer contests ``item``, or ``amount`` of it: it is held for the days of the reason's review.

        Once an item; a further one, or one after a rejection, is a request.
        """
        self.ensure_one()
        text = self._check_text(text, self.env._("Please say in a sentence what is wrong."))
        if not item:
            raise UserError(self.env._("Please choose the item that you contest."))
        if not reason or not reason.dispute or reason.company_id != self.company_id:
            raise UserError(self.env._("Please choose why you contest it."))
        currency = item.currency_id
        if (
            currency.compare_amounts(amount, 0) < 0
            or currency.compare_amounts(amount, item.amount_residual_currency) > 0
        ):
            raise UserError(
                self.env._(
                    "Please enter an amount of at most %(amount)s, or 0 for all of it.",
                    amount=format_amount(self.env, item.amount_residual_currency, currency),
                )
            )
        attachments = self._keep_files(files)
        if self._has_disputed(item):
            return self._request(
                "dispute", person, item, text=text, reason_id=reason.id, amount=amount, attachments=attachments
            )
        hold = self._hold_disputed(item, reason, amount, text)
        self._note_act(person, self.env._("Dispute: %(item)s", item=item.dunning_number), text, attachments)
        return hold

    def _has_disputed(self, item):
        """Whether the customer has contested ``item`` on his page before, or somebody has rejected a dispute on it."""
        holds = self.env["account.dunning.hold"].search(
            [("dispute", "=", True), "|", ("move_line_id", "=", item.id), ("move_id", "=", item.move_id.id)]
        )
        return any(hold.from_page or hold.outcome == "rejected" or not hold.ended_on for hold in holds)

    def _hold_disputed(self, item, reason, amount, text):
        """The hold of a dispute, with its owner, until the day of its review."""
        today, owner = self.company_id._dunning_today(), reason._get_owner_for(self.company_id) or self.user_id
        until = fields.Date.add(today, days=reason.review_days or DISPUTE_DAYS)
        whole = item.currency_id.compare_amounts(amount, item.amount_residual_currency) >= 0
        return self.env["account.dunning.hold"].create(
            {
                "company_id": self.company_id.id,
                "move_line_id": item.id,
                "amount": 0.0 if whole else amount,
                "reason_id": reason.id,
                "note": text,
                "user_id": owner.id,
                "date_from": today,
                "review_date": until,
                "date_until": until,
                "from_page": True,
            }
        )

    def _page_paid(self, person, day, reference, text, files=()):
        """The customer says that he has paid: a to-do for his collector."""
        self.ensure_one()
        if not day or day > self.company_id._dunning_today():
            raise UserError(self.env._("Please enter the day on which you paid: today or an earlier one."))
        reference = self._check_text(reference)
        told = self.env._(
            "Paid on %(date)s, reference: %(reference)s", date=format_date(self.env, day), reference=reference or "–"
        )
        text = self._check_text(text)
        self._ask_collector(
            self.env._("The customer says that it is paid: look up the payment"), f"{told}\n{text}".strip()
        )
        return self._note_act(person, told, text, self._keep_files(files))

    def _page_copy(self, person, items):
        """The customer asks for copies of the invoices of ``items``: a to-do for his collector."""
        self.ensure_one()
        if not items:
            raise UserError(self.env._("Please tick the invoices of which you need a copy."))
        numbers = ", ".join(dict.fromkeys(items.mapped("dunning_number")))
        self._ask_collector(self.env._("Send copies of %(invoices)s", invoices=numbers))
        return self._note_act(person, self.env._("Asks for copies of %(invoices)s.", invoices=numbers))

    def _page_contact(self, person, name, phone, email, text=""):
        """The customer says how he is reached: a request, since nobody knows who holds the link."""
        self.ensure_one()
        values = {
            "contact_name": self._check_text(name),
            "contact_phone": self._check_text(phone),
            "contact_email": self._check_email(email),
        }
        if not any(values.values()):
            raise UserError(self.env._("Please enter a name, a phone number or an e-mail address."))
        return self._request("contact", person, self.env["account.move.line"], text=text, **values)

    # what all of them need

    def _request(self, kind, person, items, parts=(), text="", attachments=None, **values):
        """Ask a collector to decide. Hook."""
        return self.env["account.dunning.request"]._make(
            self, kind, person, items, parts, attachments, text=self._check_text(text), **values
        )

    def _ask_collector(self, summary, note=""):
        """A to-do on the case for its collector, else for who looks up payments."""
        user = self.user_id or self.env["res.users"]._get_dunning_accountant(self.company_id)
        self.activity_schedule(
            "mail.mail_activity_data_todo", summary=summary, note=plaintext2html(note), user_id=user.id or self.env.uid
        )

    def _note_act(self, person, title, text="", attachments=None):
        """Note in the chatter of the case what ``person`` did; the collector is told."""
        return self.with_context(mail_notify_force_send=False).message_post(
            body="\n".join(filter(None, (title, text))),
            author_id=person.id,
            email_from=person.email_formatted or self.company_id.email_formatted,
            message_type="comment",
            subtype_xmlid="mail.mt_note",
            partner_ids=self.user_id.filtered("active").partner_id.ids,
            attachment_ids=attachments.ids if attachments else [],
        )

    @api.model
    def _check_text(self, text, refusal=None):
        """``text`` without spaces around it; where it is empty, the ``refusal`` is raised, if there is one."""
        text = (text or "").strip()
        if refusal and not text:
            raise UserError(refusal)
        if len(text) > LONGEST:
            raise UserError(self.env._("Please write at most %(count)s characters.", count=LONGEST))
        return text

    @api.model
    def _check_email(self, email):
        email = self._check_text(email)
        if email and not single_email_re.match(email):
            raise UserError(self.env._("“%(email)s” is no e-mail address.", email=email))
        return email

    def _keep_files(self, files):
        """The files (pairs of name and bytes) as attachments of the case, once their number, size and type fit."""
        if len(files) > FILES:
            raise UserError(self.env._("Please send at most %(count)s files.", count=FILES))
        for name, content in files:
            if len(content) > FILE_SIZE:
                raise UserError(self.env._("“%(name)s” is larger than 5 MB.", name=name))
            if guess_mimetype(content) not in FILE_TYPES:
                raise UserError(self.env._("“%(name)s” is no PDF, PNG or JPEG file.", name=name))
        return self.env["ir.attachment"].create(
            [
                {"name": name[:200] or "file", "raw": content, "res_model": self._name, "res_id": self.id}
                for name, content in files
            ]
        )
