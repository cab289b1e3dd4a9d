"""The customer's page: see what is open, pay it, promise, object (rules §13).

Calls all rooms; none calls it. A page belongs to a case and shows it to one person. What he does there is checked here,
whatever the browser sends: controllers only translate between HTTP and these methods.
"""

from . import account_dunning_settings
from . import account_dunning_link
from . import account_dunning_visit
from . import account_dunning_request
from . import account_dunning_request_part
from . import account_dunning_hold
from . import account_dunning_promise
from . import account_dunning_notice
from . import account_collection_case
from . import account_move_line
from . import payment_transaction
