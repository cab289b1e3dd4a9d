"""Collection plans: their life cycle, what comes next, and how they follow the debt.

Calls *receivables*, *policy* and *base*.
"""

from . import account_collection_plan
from . import customer
from . import debt
from . import document
from . import settlement
from . import steps
from . import account_dunning_backlog
from . import transfer
from . import account_move
from . import move_plan
from . import account_partial_reconcile
from . import res_partner
