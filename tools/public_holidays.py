"""The public holidays of countries, by the optional Python package *holidays*."""

from functools import lru_cache

try:
    import holidays
except ImportError:  # an option of the settings needs it, nothing else
    holidays = None


def is_installed():
    """True where the package is there."""
    return holidays is not None


@lru_cache(maxsize=1024)
def get_public_holidays(country, region, year):
    """The holidays of a year: a frozen set of dates, empty where the package is missing or does not know the country.

    :param str country: its code of two letters
    :param region: the code of a region, or None; one that the package does not know counts as none
    """
    if not holidays or not country:
        return frozenset()
    for subdiv in dict.fromkeys((region or None, None)):
        try:
            return frozenset(holidays.country_holidays(country, subdiv=subdiv, years=year))
        except NotImplementedError:
            continue
    return frozenset()
