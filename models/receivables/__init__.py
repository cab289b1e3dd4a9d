"""What is owed: open items with due date and document, their dunning state, holds and disputes, the statement.

Reads, and decides nothing. Calls *policy* and *base*.
"""

from . import account_dunning_hold
from . import account_dunning_balance
from . import account_dunning_settings
from . import account_dunning_item
from . import account_dunning_reader
from . import account_move_line
from . import account_dunning_level
from . import account_dunning_type
from . import account_move
from . import payment_transaction
from . import res_partner
