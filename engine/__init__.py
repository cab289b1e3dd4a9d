"""The arithmetic of dunning: plain values in, plain values out.

Nothing here imports Odoo, reads a clock or a database. The date is always an argument, so a
preview for another date is the same call with another date.
"""

from .customers import Assessment, Credit, Customer, Proposal, Verdict, assess
from .forecast import Forecast, forecast
from .items import Item, spread_contested
from .levels import Decision, Level, TypeRule, decide, outlook

__all__ = [
    "Assessment",
    "Credit",
    "Customer",
    "Decision",
    "Forecast",
    "Item",
    "Level",
    "Proposal",
    "TypeRule",
    "Verdict",
    "assess",
    "decide",
    "forecast",
    "outlook",
    "spread_contested",
]
