"""A business and a consumer of each country whose law is shipped: what proves the business, language and bank."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """``vat`` is a valid number of a business of the country ``ref`` (``base.…``); ``lang`` is its language."""

    ref: str
    currency: str
    lang: str
    vat: str
    iban: str
    city: str

    def to_company(self, env):
        """The values of a company there."""
        return {"country_id": env.ref(self.ref).id, "city": self.city, "company_registry": self.vat}

    def to_customer(self, env, business, lang=None):
        """The values of a customer there: a business, or a consumer."""
        return {
            "name": "Nordwind" if business else "Kim Lindberg",
            "is_company": business,
            "vat": business and self.vat,
            "country_id": env.ref(self.ref).id,
            "street": "7 River Road",
            "zip": "10001",
            "city": self.city,
            "email": "customer@example.com",
            "lang": lang,
        }


PLACES = {
    "DE": Place("base.de", "EUR", "de_DE", "DE136695976", "DE89370400440532013000", "Berlin"),
    "AT": Place("base.at", "EUR", "de_DE", "ATU13585627", "AT611904300234573201", "Wien"),
    "CH": Place("base.ch", "CHF", "de_CH", "CHE107787577IVA", "CH9300762011623852957", "Zürich"),
    "FR": Place("base.fr", "EUR", "fr_FR", "FR40303265045", "FR1420041010050500013M02606", "Paris"),
    "NL": Place("base.nl", "EUR", "nl_NL", "NL004495445B01", "NL91ABNA0417164300", "Utrecht"),
    "BE": Place("base.be", "EUR", "nl_BE", "BE0428759497", "BE68539007547034", "Gent"),
    "ES": Place("base.es", "EUR", "es_ES", "ESA13585625", "ES9121000418450200051332", "Madrid"),
    "IT": Place("base.it", "EUR", "it_IT", "IT00743110157", "IT60X0542811101000000123456", "Milano"),
    "PL": Place("base.pl", "PLN", "pl_PL", "PL8567346215", "PL61109010140000071219812874", "Kraków"),
    "SE": Place("base.se", "SEK", "sv_SE", "SE556188840401", "SE4550000000058398257466", "Malmö"),
    "DK": Place("base.dk", "DKK", "da_DK", "DK13585628", "DK5000400440116243", "Aarhus"),
    "NO": Place("base.no", "NOK", "nb_NO", "NO995525828MVA", "NO9386011117947", "Bergen"),
    "FI": Place("base.fi", "EUR", "fi_FI", "FI20774740", "FI2112345600000785", "Turku"),
    "GB": Place("base.uk", "GBP", "en_GB", "GB980780684", "GB29NWBK60161331926819", "Leeds"),
    "IE": Place("base.ie", "EUR", "en_GB", "IE6433435F", "IE29AIBK93115212345678", "Cork"),
}
