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
from .experiment import Contrast, Estimate, choose_arm, contrast, estimate_ratio, estimate_share
from .fees import Claim, Fee, FeeBand, FeeLine, FeePart, charge_fee, claim_total
from .forecast import Forecast, forecast
from .imputation import Money, Open, Share, impute, names_any
from .interest import DAY_COUNTS, InterestRule, Payment, Rate, Slice, accrue, rates_over, to_charge
from .items import Item, spread_contested
from .law import (
    GROUNDS,
    PARTS,
    Amount,
    Band,
    Debt,
    Law,
    LegalClaim,
    LegalSlice,
    Letter,
    Refusal,
    Series,
    Wish,
    choose_law,
    parse_bands,
    refuse_all,
)
from .law_claim import band_amount, claim_by_law
from .law_days import conversion_day
from .law_interest import confirmed_until
from .ledger import Owed, Receivables, get_bucket, sum_up
from .levels import Decision, Level, TypeRule, decide, outlook
from .looks import first_after, next_look
from .payment_forecast import Delays, Habit, History, expect_cash, get_habit
from .simulation import (
    Account,
    BalanceRule,
    Course,
    CreditCourse,
    Keeping,
    Received,
    Settling,
    Simulated,
    simulate,
)
from .simulation_result import Difference, Step, Tariff, charge, compare
from .promises import Judgement, Movement, Part, PartJudgement, Promise, allocate, judge, next_level

__all__ = [
    "DAY_COUNTS",
    "GROUNDS",
    "PARTS",
    "Account",
    "Amount",
    "Assessment",
    "BalanceRule",
    "Band",
    "Case",
    "Claim",
    "Contact",
    "ContactRules",
    "Contrast",
    "Countback",
    "Course",
    "Credit",
    "CreditCourse",
    "Customer",
    "Debt",
    "Decision",
    "Delays",
    "Difference",
    "Estimate",
    "Fee",
    "FeeBand",
    "FeeLine",
    "FeePart",
    "Forecast",
    "Habit",
    "History",
    "InterestRule",
    "Item",
    "Judgement",
    "Keeping",
    "KeyFigures",
    "Law",
    "LegalClaim",
    "LegalSlice",
    "Letter",
    "Level",
    "Money",
    "Movement",
    "Open",
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
    "Received",
    "Refusal",
    "Series",
    "Settled",
    "Settling",
    "Share",
    "Simulated",
    "Slice",
    "Standing",
    "Step",
    "Tariff",
    "TypeRule",
    "Verdict",
    "Wish",
    "accrue",
    "allocate",
    "assess",
    "band_amount",
    "charge",
    "charge_fee",
    "choose_arm",
    "choose_law",
    "claim_by_law",
    "claim_total",
    "compare",
    "confirmed_until",
    "contrast",
    "conversion_day",
    "decide",
    "estimate_ratio",
    "estimate_share",
    "expect_cash",
    "first_after",
    "forecast",
    "get_bucket",
    "get_habit",
    "get_key_figures",
    "impute",
    "judge",
    "names_any",
    "next_contact",
    "next_level",
    "next_look",
    "outlook",
    "parse_bands",
    "rank",
    "rates_over",
    "refuse_all",
    "shift",
    "simulate",
    "spread_contested",
    "sum_up",
    "to_charge",
]
