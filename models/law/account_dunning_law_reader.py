"""Which law holds for whom, and what is on record about an invoice that it asks for."""

from dataclasses import dataclass

from odoo import api, models
from odoo.tools import format_date

from ...engine import Law, Series, choose_law
from .reasons import REASONS


@dataclass(slots=True)
class Ruling:
    """What holds for a customer: the engine's ``law`` and its ``series``, or the code of why none (``refusal``).

    ``ground`` is what puts the customer into default, where the invoice does not say it.
    ``record`` is the law as a record; ``confirmed`` lets days with a rate be claimed though later ones have none.
    """

    refusal: str = ""
    record: models.BaseModel | None = None
    law: Law | None = None
    series: Series | None = None
    confirmed: bool = False
    ground: str = "none"


class AccountDunningLawReader(models.AbstractModel):
    """Finds the law of each customer (:class:`Ruling`), in sets."""

    _name = "account.dunning.law.reader"
    _description = "Reader of the Law"

    @api.model
    def _get_rulings(self, company, partners, day):
        """The :class:`Ruling` for each of the commercial ``partners`` of the root ``company``, by id.

        Whose law: that of the company's country, for debtors in the same country. A constant number of queries.
        """
        laws = self.env["account.dunning.law"].sudo().search([])  # facts that everybody may know
        unreviewed = laws._get_unreviewed(company, day)
        confirmed = laws._get_confirmed(company, "rates", day)
        engine_laws = {law._to_law(): law for law in laws}
        series = {each: each._to_series(company) for each in laws.series_id}
        countries, rulings = {law.country for law in engine_laws}, {}
        default = company._get_dunning_settings().default_ground
        for partner in partners.with_company(company):
            country, kind, refusal = self._find_terms(company, partner, countries)
            chosen = None if refusal else choose_law(engine_laws, country, kind, day)
            law = engine_laws[chosen] if chosen else laws.browse()
            if not chosen or law in unreviewed:
                rulings[partner.id] = Ruling(refusal or ("review" if chosen else "no_law"))
                continue
            ground = partner.dunning_ground or default
            rulings[partner.id] = Ruling("", law, chosen, series.get(law.series_id), law in confirmed, ground)
        return rulings

    @api.model
    def _find_terms(self, company, partner, countries):
        """(country code, kind of debtor, code of the refusal or empty) of a customer. Hook."""
        home, country, kind = company.country_id, partner.country_id, partner.dunning_kind
        if not country or home.code not in countries:
            return "", kind, "no_country"
        if country == home:
            return home.code, kind, ""
        if kind == "consumer":
            return "", kind, "foreign_consumer"
        agreed = partner.dunning_law_country_id
        return agreed.code, kind, "" if agreed else "foreign"

    @api.model
    def _tell(self, code, day=None):
        """The words of a refusal, in the user's language."""
        return REASONS[code]._translate(self.env.lang or "en_US") % {"day": format_date(self.env, day) if day else ""}

    @api.model
    def _tell_all(self, refusals):
        """Why parts are not claimed, a line for each reason; False where there is none.

        What the law does not know at all is not told beside the others.
        """
        labels = {
            "interest": self.env._("interest"),
            "compensation": self.env._("compensation"),
            "costs": self.env._("costs"),
            "fee": self.env._("fee"),
        }
        reasons = {}
        for refusal in refusals:
            reasons.setdefault(self._tell(refusal.code, refusal.day), []).append(labels[refusal.part])
        lines = [
            self.env._("No %(parts)s: %(reason)s", parts=", ".join(parts), reason=reason)
            for reason, parts in reasons.items()
        ]
        return "\n".join(lines) or False

    @api.model
    def _get_factor(self, source, target, company, day):
        """What one unit of the currency ``source`` is in ``target`` on ``day``; 0 where no rate tells it."""
        if source == target:
            return 1.0
        for currency in (source | target) - company.currency_id:
            rates = currency.rate_ids.filtered(lambda rate: not rate.company_id or rate.company_id == company.root_id)
            if not any(rate.name <= day for rate in rates):
                return 0.0
        return source._get_conversion_rate(source, target, company, day)
