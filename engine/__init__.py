"""The arithmetic of dunning: plain values in, plain values out.

Nothing here imports Odoo, reads a clock or a database. The date is always an argument, so a
preview for another date is the same call with another date.

All are values, which nobody changes once they are made; several may share one. Those of which a run makes one for each
item or customer are not declared ``frozen``, and so cannot be hashed: to make a frozen one takes three to five times
as long.
"""

from .days import shift
from .desk import Case, PointRule, Reason, Standing, rank
from .contact_days import Contact, ContactRules, next_contact
from .customers import Assessment, Credit, Customer, Proposal, Verdict, assess
from .figures import Countback, KeyFigures, Settled, get_key_figures
from .fees import Claim, Fee, FeeLine, charge_fee, claim_total
from .forecast import Forecast, forecast
from .interest import DAY_COUNTS, InterestRule, Payment, Rate, Slice, accrue, rates_over, to_charge
from .items import Item, spread_contested
from .ledger import Owed, Receivables, get_bucket, sum_up
from .levels import Decision, Level, TypeRule, decide, outlook
from .looks import first_after, next_look
from .payment_forecast import Delays, Habit, History, expect_cash, get_habit
from .promises import Judgement, Movement, Part, PartJudgement, Promise, allocate, judge, next_level

__all__ = [
    "DAY_COUNTS",
    "Assessment",
    "Case",
    "Claim",
    "Contact",
    "ContactRules",
    "Countback",
    "Credit",
    "Customer",
    "Decision",
    "Delays",
    "Fee",
    "FeeLine",
    "Forecast",
    "Habit",
    "History",
    "InterestRule",
    "Item",
    "Judgement",
    "KeyFigures",
    "Level",
    "Movement",
    "Owed",
    "Part",
    "PartJudgement",
    "Payment",
    "PointRule",
    "Promise",
    "Proposal",
    "Rate",
    "Reason",
    "Receivables",
    "Settled",
    "Slice",
    "Standing",
    "TypeRule",
    "Verdict",
    "accrue",
    "allocate",
    "assess",
    "charge_fee",
    "claim_total",
    "decide",
    "expect_cash",
    "first_after",
    "forecast",
    "get_bucket",
    "get_habit",
    "get_key_figures",
    "judge",
    "next_contact",
    "next_level",
    "next_look",
    "outlook",
    "rank",
    "rates_over",
    "shift",
    "spread_contested",
    "sum_up",
    "to_charge",
]
