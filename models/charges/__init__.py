"""Fees and interest: computing, booking, waiving.

Hooks on to *notice*, *plan* and *policy*, none of which calls it; asks *law* what may be claimed.
"""

from . import account_dunning_interest_rate
from . import account_dunning_interest_rate_line
from . import account_dunning_fee_band
from . import account_dunning_level
from . import account_collection_plan
from . import account_dunning_charge
from . import account_dunning_charger
from . import account_dunning_allocation
from . import account_dunning_statement
from . import account_dunning_notice
from . import account_dunning_notice_line
from . import account_dunning_settings
from . import account_move
from . import account_dunning_type
from . import account_dunning_hold
from . import account_dunning_reader
from . import account_dunning_run
from . import res_company
from . import product_template
