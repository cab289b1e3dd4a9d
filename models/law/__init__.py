"""What the law lets a creditor claim: laws, reference rates, kinds of debtors, grounds of default.

Calls *notice* and below; *charges* asks it what may be claimed. The arithmetic is ``engine/law*.py``. Hooks: see the
docstrings that end with *Hook*.
"""

from . import account_dunning_reference_series
from . import account_dunning_reference_rate
from . import account_dunning_law
from . import account_dunning_law_confirmation
from . import account_dunning_settings
from . import account_move
from . import res_partner
from . import account_dunning_law_reader
