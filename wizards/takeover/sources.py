"""The modules from which is taken over."""

from .source_aior import OverdueReminderSource
from .source_enterprise import EnterpriseSource
from .source_oca import OcaSource
from .source_om import OdooMatesSource

SOURCES = {source.code: source for source in (OcaSource, OdooMatesSource, OverdueReminderSource, EnterpriseSource)}


def find_sources(company):
    """The sources that are in the database, by code, read for a root ``company``."""
    sources = (source(company) for source in SOURCES.values())
    return {source.code: source for source in sources if source.is_there()}
