import json

from odoo import api
from odoo.tools import format_amount


class CaseWords:
    """Why a case is where it is, in words: made of what the engine said, in the language of who reads."""

    __slots__ = ()

    @api.depends("reasons")
    @api.depends_context("lang")
    def _compute_why(self):
        broken = self._get_last_broken()
        for case in self:
            reasons = json.loads(case.reasons or "[]")
            words = (case._get_words(fact, value, broken.get(case)) for _rule, fact, _points, value in reasons)
            text = " · ".join(word for word in words if word)
            case.why = text[:1].upper() + text[1:]

    def _get_last_broken(self):
        """The promise that was broken last, by case."""
        broken = self.filtered(lambda case: "broken_promises" in (case.reasons or ""))
        promises = broken and self.env["account.dunning.promise"].search(
            [("case_id", "in", broken.ids), ("state", "=", "broken")], order="judged_on, id"
        )
        return {promise.case_id: promise for promise in promises}

    def _get_words(self, fact, value, broken):
        """One reason in words; ``value`` is that of the ``fact``, ``broken`` the promise broken last. Hook."""
        self.ensure_one()
        if fact == "broken_promises" and broken:
            return self._get_broken_words(value, broken)
        days = int(value)
        words = {
            "broken_promises": lambda: self.env._("%(count)s promises broken", count=days),
            "promise_soon": lambda: self.env._("payment promised for today or tomorrow"),
            "call_back": lambda: self.env._("to be called back"),
            "returned_payment": lambda: self.env._("a payment came back"),
            "amount": lambda: self.env._("owes more than most"),
            "days_overdue": lambda: self.env._("%(count)s days overdue", count=days),
            "ladder_ended": lambda: self.env._("no further level"),
            "page_opened": lambda: self.env._("opened his page, not paid"),
            "days_never_contacted": lambda: self.env._("never contacted"),
            "days_since_contact": lambda: self._get_contact_words(days),
        }
        return words[fact]() if fact in words else ""

    def _get_broken_words(self, count, promise):
        amount = format_amount(self.env, promise.amount, promise.currency_id)
        days = (self.company_id._dunning_today() - promise.judged_on).days
        when = {0: self.env._("today"), 1: self.env._("yesterday")}.get(
            days, self.env._("%(count)s days ago", count=days)
        )
        text = self.env._("promise of %(amount)s broken %(when)s", amount=amount, when=when)
        return text if count < 2 else self.env._("%(text)s, %(count)s in all", text=text, count=int(count))

    def _get_contact_words(self, days):
        if days == 0:
            return self.env._("contacted today")
        if days == 1:
            return self.env._("contacted yesterday")
        return self.env._("contacted %(count)s days ago", count=days)
