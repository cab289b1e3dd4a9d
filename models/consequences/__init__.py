"""What dunning means for new business: credit stop, payment term, collection status.

Hooks on to *plan* and to the rooms that sell, which do not call it.
"""

from . import account_dunning_consequence
from . import account_move
from . import res_partner
from . import account_dunning_level
from . import account_collection_plan
