"""Collection plans: their life cycle, what comes next, and how they follow the debt.

Calls *receivables*, *policy* and *base*.
"""

from . import account_dunning_status_mixin
from . import account_collection_plan
from . import debt
from . import account_dunning_settings
from . import account_dunning_backlog
from . import transfer
from . import account_move
from . import account_partial_reconcile
from . import res_partner
from . import account_dunning_type
from . import account_dunning_hold
from . import account_dunning_reader
