"""What ends a plan or opens it again: settlements, write-offs, returned payments, hand-over to agencies.

Hooks on to *plan*, which does not call it.
"""

from . import write_off
from . import plan_handover
from . import account_dunning_handover
from . import handover_documents
from . import account_dunning_handover_line
from . import handover_dossier
from . import move_printed
from . import account_move_line
from . import account_payment
from . import account_move
