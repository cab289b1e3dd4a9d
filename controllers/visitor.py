"""Who asks for a customer's page, and what he sends: from HTTP to records and plain values."""

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.fields import Date, Datetime
from odoo.http import request
from odoo.tools import float_round

from ..models.portal.account_dunning_visit import ACTS_AN_HOUR


@dataclass
class Visitor:
    """A person at the page of a case: by a link, or logged in.

    ``case`` is as the system, in the company of the case and the language of the person; ``base`` the address of the
    page without host; ``link`` that he came with, if any. ``sees_all``: all of the customer, not his own notices only.
    """

    case: Any
    person: Any
    base: str
    link: Any
    sees_all: bool

    @classmethod
    def by_token(cls, token):
        """Whoever has the link; None where it opens nothing."""
        link = request.env["account.dunning.link"]._find(token)
        return cls._enter(link.case_id, link.partner_id, f"/my/receivables/{token}", link) if link else None

    @classmethod
    def by_login(cls, company_id):
        """The portal user as a person of his customer; None where that has no case in the company."""
        person = request.env.user.partner_id
        case = cls.find_cases(person).filtered(lambda case: case.company_id.id == company_id)
        return cls._enter(case, person, f"/my/receivables/own/{company_id}") if case else None

    @staticmethod
    def find_cases(person):
        """The cases of the customer to whom ``person`` belongs, one for each company that has a page."""
        cases = request.env["account.collection.case"].sudo()
        own = cases.search([("partner_id", "=", person.commercial_partner_id.id)])
        return own.filtered(lambda case: case.company_id._get_dunning_settings().page_active)

    @classmethod
    def _enter(cls, case, person, base, link=None):
        if not case.company_id._get_dunning_settings().page_active:
            return None
        lang = case.env["account.dunning.statement"]._get_lang(person, case.company_id)
        request.update_context(lang=lang)
        branches = case.company_id._get_dunning_branches()
        case = case.with_user(SUPERUSER_ID).with_context(lang=lang, allowed_company_ids=branches)
        case = case.with_company(case.company_id)  # whose dunning contact counts
        person = person.with_env(case.env)
        # core shows a portal user all invoices of his customer
        return cls(case, person, base, link, sees_all=link is None or case._sees_all(person))

    @property
    def visits(self):
        return self.case.env["account.dunning.visit"]

    def log(self, act, *parts):
        """Note that he did ``act``, with ``parts`` by which the same done twice is known."""
        self.visits.create(
            {
                "case_id": self.case.id,
                "partner_id": self.person.id,
                "link_id": self.link.id if self.link else False,
                "act": act,
                "address": get_address(),
                "digest": self._digest(act, parts),
            }
        )

    def take_turn(self):
        """Wait for what is being done on the page of this case at this moment.

        Each act first writes on the case. Of two at once, PostgreSQL refuses the second, and Odoo begins it anew.
        """
        self.case.page_used_at = Datetime.now()
        self.case.flush_recordset(["page_used_at"])

    def is_busy(self):
        """Whether he has done as much within an hour as anybody may."""
        return self.visits._count_acts(self.case, self.person) >= ACTS_AN_HOUR

    def has_done(self, act, *parts):
        """Whether the very same is what he did last, within an hour: a second click, or a page that was sent again."""
        own = [("case_id", "=", self.case.id), ("partner_id", "=", self.person.id), ("act", "=", act)]
        last = self.visits.search(own, limit=1)
        since = Datetime.subtract(Datetime.now(), hours=1)
        return bool(last) and last.digest == self._digest(act, parts) and last.at > since

    def _digest(self, act, parts):
        return self.visits._digest(act, self.case.id, self.person.id, parts)

    def find_items(self, ids):
        """The items that the page shows him, of those that a client names; refused where one is not among them."""
        lines, wanted = self.case._get_page_lines(self.person, self.sees_all), set(ids)
        items = lines.filtered(lambda line: line.id in wanted and line.amount_residual_currency > 0)
        if len(items) != len(wanted):
            raise UserError(
                self.case.env._("Something has changed meanwhile. Please look at what is open, and try again.")
            )
        return items


def get_address():
    return request.httprequest.remote_addr


def to_id(text):
    """The id that ``text`` is, or None."""
    return int(text) if text and text.isdecimal() and len(text) < 10 else None


def clean(text):
    """``text`` without spaces around it, and without the character that no database stores."""
    return text.replace("\x00", "").strip()


def read_number(text, point, separator):
    """The number that ``text`` is, with this decimal point and these separators of thousands; None for none.

    What could be read in two ways is none.

    >>> read_number("1,234.50", ".", ","), read_number("1.234,50", ",", "."), read_number("12.5", ",", ".")
    (1234.5, 1234.5, 12.5)
    >>> read_number("2,50", ".", ","), read_number("abc", ".", ","), read_number("1" * 20, ".", ",")
    (None, None, None)
    """
    plain = re.sub(r"[\s\u00a0\u202f']", "", text)
    grouped = rf"\d{{1,3}}({re.escape(separator)}\d{{3}})+" if separator.strip() else r"\d+"
    if re.fullmatch(rf"({grouped}|\d{{1,12}})({re.escape(point)}\d*)?", plain, re.ASCII):
        plain = plain.replace(separator, "").replace(point, ".") if separator.strip() else plain.replace(point, ".")
    elif not re.fullmatch(r"\d{1,12}\.\d*", plain, re.ASCII):
        return None
    return float(plain) if len(plain) < 16 else None


class Form:
    """What was typed into a form: read as what it should be; what cannot be read is refused in a sentence."""

    def __init__(self, env):
        self.env = env
        self.values = request.httprequest.form
        self.files = request.httprequest.files

    def ids(self, name="item_ids"):
        ids = [to_id(text) for text in self.values.getlist(name)]
        if None in ids:
            raise UserError(self.env._("Please tick what it is about."))
        return ids

    def id(self, name):
        return to_id(self.values.get(name, ""))

    def text(self, name):
        return clean(self.values.get(name, ""))

    def date(self, name):
        return self._to_date(self.text(name))

    def _to_date(self, text):
        try:
            return Date.to_date(text) if len(text) == 10 else None
        except ValueError:
            return None

    def amount(self, name, currency):
        return self._to_amount(self.text(name), currency)

    def _to_amount(self, text, currency):
        """A number as a browser sends it, or as the person writes it; None where nothing was written."""
        if not text:
            return None
        lang = self.env["res.lang"]._get_data(code=self.env.lang or "en_US")
        value = read_number(clean(text), lang.decimal_point or ".", lang.thousands_sep or "")
        if value is None:
            raise UserError(self.env._("“%(text)s” is no amount.", text=text[:40]))
        return float_round(value, precision_rounding=currency.rounding) if currency else value

    def parts(self, currency):
        """Pairs of day and amount; rows that are empty are left out."""
        days, amounts = self.values.getlist("date"), self.values.getlist("amount")
        parts = []
        for day, amount in zip(days, amounts, strict=False):
            if not day and not amount:
                continue
            date = self._to_date(day)
            if not date:
                raise UserError(self.env._("Please enter the day on which you will pay."))
            parts.append((date, self._to_amount(amount, currency) or 0.0))
        return parts

    @cached_property
    def uploads(self):
        """Pairs of file name and content."""
        return [(clean(file.filename), file.read()) for file in self.files.getlist("files") if file.filename]

    @property
    def typed(self):
        """All that was sent, by which the same sent twice is known: sorted pairs."""
        texts = [(name, text) for name, text in self.values.items(multi=True) if name != "csrf_token"]
        files = [(name, hashlib.sha256(content).hexdigest()) for name, content in self.uploads]
        return (*sorted(texts), *sorted(files))
