"""What ends a plan or opens it again: settlements, write-offs, returned payments, hand-over to agencies.

Hooks on to *plan*, which does not call it.
"""

from . import account_collection_plan
from . import account_dunning_handover
from . import account_dunning_handover_line
from . import account_dunning_return_code
from . import account_dunning_returned
from . import account_dunning_settings
from . import account_move_line
from . import account_payment
from . import account_move
